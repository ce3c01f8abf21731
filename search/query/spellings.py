"""Other spellings of numbers and codes: 5000 and 5 000, Ту154 and Ту-154, 80-е and 80-х, ХХ in either alphabet."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from search.analysis import Analyzer
from search.analysis.folding import exact_form
from search.analysis.morphology import Letters
from search.query.tree import Or, Phrase, Query, Word

# What stands behind a number that is declined.
ENDINGS = frozenset({
    "й", "я", "е", "х", "го", "му", "м", "ми", "ю", "ти", "ой", "ая", "ое", "ую", "ого", "ому", "ом", "ый",
    "ые", "ых", "ым", "ыми", "ий", "ья", "ье", "их",
})  # fmt: skip
_DECLINED = re.compile(rf"([0-9]+)({'|'.join(sorted(ENDINGS - {'м'}, key=len, reverse=True))})")  # 5м are metres
# Small letters whose capitals look alike: who types a code or a Roman number may be on either layout.
_ALIKE = ("abcehikmoptxy", "авсенікмортху")
_TO_CYRILLIC, _TO_LATIN = str.maketrans(*_ALIKE), str.maketrans(*reversed(_ALIKE))
_ROMAN = re.compile("m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_GROUPED = re.compile("[1-9][0-9]{3,14}")
_LEADING, _FOLLOWING = re.compile("[1-9][0-9]{0,2}"), re.compile("[0-9]{3}")
_PARTS = re.compile(r"[0-9]+|[^\W\d_]+")
_SEAM = re.compile(r"(?<=[0-9])-(?=[^\W\d_])|(?<=[^\W\d_])-(?=[0-9])")
_SIGNS = ".,;:!?…"
_AROUND = _SIGNS + " ()"
MOST_PARTS = 8
# What one occurrence counts of what a word may mean as well, in hundredths of its weight.
ELSE = 12


def word_of(
    form: str,
    analyzer: Analyzer,
    letters: Letters = Letters.SMALL,
    *,
    in_code: bool = False,
    after_number: bool = False,
) -> Word:
    """An exact form, typed with such letters, as a word that is found by its other spellings too.

    `in_code`: hyphens join it to a number. `after_number`: it stands behind one, as an ending may.
    """
    leading, others = analyzer.meant(form, letters)
    terms = dict.fromkeys((*leading, *others))
    for other in _others(form, in_code=in_code, after_number=after_number):
        terms.update(dict.fromkeys(analyzer.terms(other)))
    return Word(form, tuple(terms), weight=analyzer.percent(form))


def as_written(word: Word, typed: str, analyzer: Analyzer, *, alone: bool) -> Query:
    """A word with what it means as it is typed before what else it may mean: «Орлов» asks for people first. `alone`:
    nothing else is typed."""
    written = unicodedata.normalize("NFC", typed.strip(_AROUND))
    yo = written.lower() if "ё" in written.lower() else ""
    letters = Letters.of(written)
    others = frozenset(analyzer.meant(word.text, letters, yo, alone=alone).others)
    leading = tuple(term for term in word.terms if term not in others)
    if not others or not leading or (letters is not Letters.CAPITAL and analyzer.is_function(word.text)):
        return word
    less = replace(word, terms=tuple(sorted(others)), weight=word.weight * ELSE // 100)
    return Or((replace(word, terms=leading), less))


def _others(form: str, *, in_code: bool, after_number: bool) -> Iterator[str]:
    if after_number and form in ENDINGS:
        yield from sorted(ENDINGS)
        return
    if declined := _DECLINED.fullmatch(form):
        yield from (declined[1] + ending for ending in sorted(ENDINGS))
    letters = {letter for letter in form if letter.isalpha()}
    if letters and (in_code or len(letters) < len(set(form))):
        if letters <= set(_ALIKE[0]):
            yield form.translate(_TO_CYRILLIC)
        elif letters <= set(_ALIKE[1]):
            yield form.translate(_TO_LATIN)
    latin = form.translate(_TO_LATIN)
    if len(form) > 1 and _ROMAN.fullmatch(latin):
        yield latin
        # Typed on the Russian layout as far as it goes: V, L and D are on the other one.
        yield exact_form(latin.upper().translate(str.maketrans("XCM", "ХСМ")))


def otherwise(clauses: Sequence[Query], typed: Sequence[str], analyzer: Analyzer) -> tuple[Query, int] | None:
    """What the clauses begin with, together with how it is written otherwise; how many clauses that is.

    Clauses are words, typed as told, or phrases of joined ones.
    """
    first, groups = typed[0].rstrip(_SIGNS), _groups(typed)
    if len(groups) > 1:
        words = tuple(word_of(group, analyzer) for group in groups)
        return Or((_phrase(words), word_of("".join(groups), analyzer))), len(groups)
    if _GROUPED.fullmatch(first):
        return Or((clauses[0], _phrase([word_of(group, analyzer) for group in f"{int(first):,}".split(",")]))), 1
    if isinstance(clauses[0], Phrase):
        whole, *_, last = analyzer.tokens(typed[0])
        joined = _SEAM.sub("", whole.form)
        is_code = whole.whole and whole.end == last.end and joined.isalnum() and joined != whole.form
        return (Or((clauses[0], word_of(joined, analyzer))), 1) if is_code else None
    assert isinstance(clauses[0], Word)
    parts = _PARTS.findall(clauses[0].text)
    if 1 < len(parts) <= MOST_PARTS and "".join(parts) == clauses[0].text:
        return Or((clauses[0], _phrase(_in_code(parts, analyzer)))), 1
    return None


def _groups(typed: Sequence[str]) -> list[str]:
    """The groups of digits that are one number: 5 000."""
    if not _LEADING.fullmatch(typed[0]):
        return []
    groups = [typed[0]]
    for before, one in pairwise(typed):
        digits = one.rstrip(_SIGNS)
        if before[-1] in _SIGNS or not _FOLLOWING.fullmatch(digits):
            break
        groups.append(digits)
    return groups


def _in_code(parts: Sequence[str], analyzer: Analyzer) -> Iterator[Word]:
    for at, part in enumerate(parts):
        yield word_of(part, analyzer, in_code=True, after_number=at > 0 and parts[at - 1].isdigit())


def _phrase(words: Sequence[Word] | Iterator[Word]) -> Phrase:
    together = tuple(words)
    return Phrase(together, tuple(range(len(together))))
