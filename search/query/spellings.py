"""Other spellings of words and codes: Ту154 and Ту-154, 80-е and 80-х; and what a word means by how it is written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from search.analysis import Analyzer
from search.analysis.folding import exact_form
from search.analysis.morphology import Letters, is_doubtful
from search.query.tree import Or, Phrase, Query, Word

# What stands behind a number that is declined. Joined to it, «м» are metres.
ENDINGS = (
    "й", "я", "е", "х", "го", "му", "м", "ми", "ю", "ти", "ой", "ая", "ое", "ую", "ого", "ому", "ом", "ый",
    "ые", "ых", "ым", "ыми", "ий", "ья", "ье", "их",
)  # fmt: skip
JOINED = tuple(ending for ending in ENDINGS if ending != "м")
DECLINED = re.compile(rf"([0-9]+)(?:({'|'.join(JOINED)})|-({'|'.join(ENDINGS)}))")
# The letters of a code that are a word in prose: «К-19» is not «к 19 часам».
_PROSE = frozenset({
    "а", "в", "во", "да", "до", "за", "и", "из", "к", "ко", "на", "не", "ни", "но", "о", "об", "от", "по", "с",
    "со", "то", "у", "я",
})  # fmt: skip
# Small letters whose capitals look alike: who types a code or a Roman number may be on either layout.
_ALIKE = ("abcehikmoptxy", "авсенікмортху")
TO_CYRILLIC, TO_LATIN = str.maketrans(*_ALIKE), str.maketrans(*reversed(_ALIKE))
_ROMAN = re.compile("m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_PARTS = re.compile(r"[0-9]+|[^\W\d_]+")
_SEAM = re.compile(r"(?<=[0-9])-(?=[^\W\d_])|(?<=[^\W\d_])-(?=[0-9])")
_AROUND = ".,;:!?… ()"
MOST_PARTS = 8
# What one occurrence counts of what a word may mean as well, in hundredths of its weight.
ELSE = 12


def word_of(form: str, analyzer: Analyzer, letters: Letters = Letters.SMALL, *, in_code: bool = False) -> Word:
    """An exact form, typed with such letters, as a word that is found by its other spellings too. `in_code`: hyphens
    join it to a number."""
    leading, others = analyzer.meant(form, letters)
    word = of_forms((form, *_others(form, in_code=in_code)), analyzer)
    return replace(word, terms=tuple(dict.fromkeys((*leading, *others, *word.terms))))


def as_written(word: Word, typed: str, analyzer: Analyzer, *, alone: bool) -> Query:
    """A word with what it means as it is typed before what else it may mean: «Орлов» asks for people first. `alone`:
    nothing else is typed; beside others a doubtful lemma makes no difference."""
    written = unicodedata.normalize("NFC", typed.strip(_AROUND))
    yo = written.lower() if "ё" in written.lower() else ""
    letters = Letters.of(written)
    others = analyzer.meant(word.text, letters, yo, alone=alone).others
    leading = tuple(term for term in word.terms if term not in others)
    is_small = letters is Letters.SMALL and not yo
    if not leading or not (others if alone else not is_small and any(not is_doubtful(term) for term in others)):
        return word
    if letters is not Letters.CAPITAL and analyzer.is_function(word.text):
        return word
    return Or((replace(word, terms=leading), replace(word, terms=others, weight=word.weight * ELSE // 100)))


def code_of(form: str, analyzer: Analyzer) -> Word | None:
    """A code as a word that is found joined or hyphenated, where its letters apart from the number are prose; None for
    other codes, which stand apart as well."""
    if number := DECLINED.fullmatch(form):
        return of_forms((form, *_declined(number[1])), analyzer)
    parts = _PARTS.findall(form)
    written = ("".join(parts), "-".join(parts))
    is_code = 1 < len(parts) <= MOST_PARTS and form in written and any(part.isdigit() for part in parts)
    if not is_code or all(part.translate(TO_CYRILLIC) not in _PROSE for part in parts):
        return None
    others = (other for code in written for other in (code, *_others(code)))
    return of_forms((form, *others), analyzer)


def of_forms(forms: Iterable[str], analyzer: Analyzer) -> Word:
    """The first form, found by the terms of all."""
    first, *others = forms
    terms = dict.fromkeys(term for form in (first, *others) for term in analyzer.terms(form))
    return Word(first, tuple(terms), weight=analyzer.percent(first))


def _declined(number: str) -> Iterator[str]:
    yield from (number + ending for ending in JOINED)
    yield from (f"{number}-{ending}" for ending in ENDINGS)


def _others(form: str, *, in_code: bool = False) -> Iterator[str]:
    letters = {letter for letter in form if letter.isalpha()}
    if letters and (in_code or len(letters) < len(set(form))):
        if letters <= set(_ALIKE[0]):
            yield form.translate(TO_CYRILLIC)
        elif letters <= set(_ALIKE[1]):
            yield form.translate(TO_LATIN)
    latin = form.translate(TO_LATIN)
    if len(form) > 1 and _ROMAN.fullmatch(latin):
        yield from roman(latin)


def roman(latin: str) -> tuple[str, str]:
    """A Roman number on the Latin layout, and on the Russian one as far as it goes: V, L and D are on the other one."""
    return latin, exact_form(latin.upper().translate(str.maketrans("XCM", "ХСМ")))


def phrase_of(words: Sequence[Word]) -> Word | Phrase:
    return Phrase(tuple(words), tuple(range(len(words)))) if len(words) > 1 else words[0]


def otherwise(clause: Query, typed: str, analyzer: Analyzer) -> Query:
    """A word, or a phrase of joined ones, typed so, together with how it is written otherwise; itself where that is
    nothing."""
    if isinstance(clause, Phrase):
        whole, *_, last = analyzer.tokens(typed)
        joined = _SEAM.sub("", whole.form)
        is_code = whole.whole and whole.end == last.end and joined.isalnum() and joined != whole.form
        return Or((clause, word_of(joined, analyzer))) if is_code else clause
    assert isinstance(clause, Word)
    parts = _PARTS.findall(clause.text)
    if 1 < len(parts) <= MOST_PARTS and "".join(parts) == clause.text and not code_of(clause.text, analyzer):
        ways = dict.fromkeys((tuple(parts), (parts[0], "".join(parts[1:]))))  # Ту 154 М and Ту-154М
        return Or((clause, *(phrase_of([word_of(part, analyzer, in_code=True) for part in way]) for way in ways)))
    return clause
