"""Which words and phrases are searched for along with those that were typed: abbreviations, former names, kin."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from search.analysis import Analyzer
from search.analysis.cases import name_forms
from search.analysis.folding import HYPHENS, fold_kazakh
from search.analysis.morphology import DOUBTFUL, LEMMA, UNKNOWN_PERCENT, pymorphy
from search.errors import UserError, read_text
from search.query.tree import And, Exact, Or, Phrase, Query, Word

BUNDLED = Path(__file__).with_name("synonyms.txt")
# What one occurrence counts, in hundredths of its weight.
SAME, KIN = 50, 25
# So many sides an entry has, each of which is searched for with every other.
MOST_SAME = 50
# «г.» is the word before a name; anywhere else the letter is something else.
_LETTER = re.compile(r"\w\.")
_RUSSIAN = re.compile("[а-я]+")
_HYPHENS = frozenset(HYPHENS)


class Part(NamedTuple):
    """A word of an entry: its form in the file, its nominative where it may be declined, and whether it agrees with
    others, so that it is."""

    form: str
    parse: Any = None
    agrees: bool = False


Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Synonym:
    """What is searched for as well, and how to show it; a letter is searched for only `before` what follows the typed
    words."""

    text: str
    query: Word | Phrase
    before: bool = False


class Synonyms:
    """The synonyms of one file; see the head of `synonyms.txt` for its format."""

    def __init__(self, path: Path, analyzer: Analyzer) -> None:
        """UserError names the file and its line that cannot be read."""
        self._analyzer = analyzer
        self.digest = ""  # tells the content of the file from any other
        # By the first form. Several words have to be typed in one case; a single one stands in its dictionary form.
        self._entries: dict[str, list[tuple[Parts, Synonym]]] = {}
        self._abbreviations: set[str] = set()
        self._capitals: set[str] = set()  # those that are never typed in small letters
        self._letters: set[str] = set()
        self._dotted: set[str] = set()
        text = read_text("synonyms", path)
        self.digest = blake2b(text.encode(), digest_size=8).hexdigest()
        for number, line in enumerate(text.splitlines(), 1):
            if line := line.partition("#")[0].strip():
                for meant, synonym, weight in _pairs(line, f"{path}:{number}"):
                    self._add(meant, synonym, weight, f"{path}:{number}")

    def _add(self, meant: str, synonym: str, weight: int, place: str) -> None:
        parts, also = _parts(meant, self._analyzer), _words(synonym, self._analyzer)
        if not parts or not also:
            raise UserError("synonyms", f"{place}: a side without words")
        first, shown = parts[0].form, synonym
        query: Word | Phrase = _itself(also[0], weight)
        if len(also) > 1:
            shown, query = f"«{synonym}»", Phrase(also, tuple(range(len(also))), weight=weight)
        elif synonym.isupper() and self._analyzer.is_word(also[0].text):  # «возы» are no forms of «ВОЗ»
            query = Phrase((Exact(also[0].text, also[0].text, self._analyzer.home(also[0].text)),), (0,), weight=weight)
        if meant.endswith("."):
            self._dotted.add(first)
            self._letters |= {first} if _LETTER.fullmatch(meant) else set()
        entry = (parts, Synonym(shown, query, before=bool(_LETTER.fullmatch(synonym))))
        for form in self._spoken_of(first) if len(parts) > 1 else {first}:
            self._entries.setdefault(form, []).append(entry)
        if len(parts) == 1 and meant.isupper() and len(meant) > 1:
            self._abbreviations.add(first)
            if len(meant) == 2 and (meant.isascii() or synonym.isascii()):  # «it» is a word, but not of the dictionary
                self._capitals.add(first)

    def entries(self) -> Iterator[tuple[str, Query]]:
        """What is searched for as well wherever it stands, of all entries: how to show it, and the query."""
        synonyms = (synonym for entries in self._entries.values() for _, synonym in entries)
        yield from {one.text: one.query for one in synonyms if not one.before}.items()

    def widened(
        self, clauses: Sequence[Query], typed_as: Sequence[str], before: str = ""
    ) -> tuple[Query, int, tuple[str, ...]] | None:
        """What the clauses begin with, together with its synonyms; how many clauses that is; the synonyms as text.

        Clauses are words, typed as told, or hyphenated ones; of several entries those with the most words count. An
        abbreviation is meant by what is typed in capitals, or is no other word: «воз» asks for no «ВОЗ». `before` is
        the text that stands before them.
        """
        typed: list[tuple[str, int]] = []
        for number, clause in enumerate(clauses, 1):
            words = clause.words if isinstance(clause, Phrase) else (clause,)
            typed += [(part, number) for word in words if isinstance(word, Word) for part in word.text.split("-")]
        entries = [
            entry
            for first in self._spoken_of(typed[0][0])
            if not self._is_other(first, typed[0][0], typed_as, before)
            for entry in self._entries.get(first, ())
        ]
        longest = max((len(parts) for parts, _ in entries if _begins(typed, parts)), default=0)
        if not longest:
            joined = "." if typed[0][0] in self._dotted and typed_as[0].startswith(f"{typed[0][0]}.") else "-"
            single = [synonym for parts, synonym in entries if len(parts) == 1]
            compounds = _compounds(clauses[0], typed_as[0].partition(joined), single)
            return (Or((clauses[0], *compounds.values())), 1, tuple(compounds)) if compounds else None
        count = typed[longest - 1][1]
        name = clauses[count] if self._is_name(typed_as[count : count + 1]) else None
        itself = And(tuple(clauses[:count])) if count > 1 else clauses[0]
        if name and typed[0][0] in self._letters:
            itself = _before(itself, name)
        alternatives: dict[str, Query] = {}
        for parts, synonym in entries:
            if len(parts) == longest and _begins(typed, parts):
                shown, query = synonym.text, synonym.query
                if synonym.before and name:
                    shown, query = f"«{shown} {typed_as[count].rstrip('.,;:!?…')}»", _before(query, name)
                if name or not synonym.before:
                    alternatives[shown] = query
        return (Or((itself, *alternatives.values())), count, tuple(alternatives)) if alternatives else None

    def _is_other(self, form: str, typed: str, typed_as: Sequence[str], before: str) -> bool:
        """Whether what was typed is another word than the letter or the abbreviation that has this form in the file."""
        if form in self._letters:
            typed_short, _, joined = typed_as[0].partition(".")
            name = [joined] if joined else typed_as[1:2]
            is_short = typed_short == form and self._is_name(name) and ("." in typed_as[0] or name[0][0].isupper())
            return not is_short or before.rstrip()[-1:].isdigit()
        if typed_as[0].partition("-")[0].isupper():
            return False
        return form in self._capitals or (form in self._abbreviations and self._analyzer.is_word(typed))

    def _is_name(self, typed: Sequence[str]) -> bool:
        """Whether the first of some words is a name: with a capital, or known as one."""
        word = next((token.form for text in typed[:1] for token in self._analyzer.tokens(text)), "")
        return word[:1].isalpha() and (typed[0][0].isupper() or self._analyzer.percent(word) >= UNKNOWN_PERCENT)

    def _spoken_of(self, form: str) -> frozenset[str]:
        """The forms under which a typed word stands in a file. A stem is none: «и» and «ИИ» share theirs."""
        return self._analyzer.lemmas(form) | {fold_kazakh(form)}


def _pairs(line: str, place: str) -> Iterator[tuple[str, str, int]]:
    if "~" in line:
        word, *kin = (part.strip() for part in line.split("~"))
        if len(kin) != 1 or "=" in line:
            raise UserError("synonyms", f"{place}: not as «word ~ word»")
        yield word, kin[0], KIN
        return
    same = [part.strip() for part in line.split("=")]
    if len(same) < 2:
        raise UserError("synonyms", f"{place}: neither = nor ~ stands in {line[:100]!r}")
    if len(same) > MOST_SAME:
        raise UserError("synonyms", f"{place}: {len(same)} sides, and no more than {MOST_SAME} mean the same")
    yield from ((one, other, SAME) for one in same for other in same if one != other)


def _itself(word: Word, weight: int) -> Word:
    """A word that stands in its dictionary form, and not another one that has the same form."""
    lemma = LEMMA + word.text
    itself = tuple(term for term in word.terms if term in {lemma, lemma + DOUBTFUL})
    return replace(word, terms=itself or word.terms, weight=word.weight * weight // 100)


def _begins(typed: Sequence[tuple[str, int]], parts: Parts) -> bool:
    """Whether typed words, with the numbers of their clauses, begin with an entry that ends where a clause does."""
    size = len(parts)
    if size > len(typed) or (size < len(typed) and typed[size][1] == typed[size - 1][1]):
        return False
    return size == 1 or _agree(parts, (word for word, _ in typed))


def _before(word: Any, name: Any) -> Phrase:
    """The word directly before a name, which is asked for beside it."""
    words = [inner for leaf in (word, name) for inner in (leaf.words if isinstance(leaf, Phrase) else (leaf,))]
    return Phrase(tuple(words), tuple(range(len(words))), weight=SAME)


def _compounds(clause: Query, typed: tuple[str, str, str], synonyms: Iterable[Synonym]) -> dict[str, Query]:
    """What is joined to an abbreviation, with another in front: ИТ-отдел for «IT-отдел», улица Абая for «ул.Абая»."""
    head, sign, rest = typed
    words = clause.words[1:] if isinstance(clause, Phrase) and rest and (sign == "." or head.isupper()) else ()
    others = [one for one in synonyms if words and isinstance(one.query, Word) and (sign == "." or one.text.isupper())]
    joint = " " if sign == "." else "-"
    return {f"{other.text}{joint}{rest}": replace(clause, words=(other.query, *words)) for other in others}


def _parts(text: str, analyzer: Analyzer) -> Parts:
    """The words of an entry, and how each is declined: those that agree are the nouns and adjectives that it begins
    with, up to its first noun; a name behind it, and what a hyphen joins to the next word, may stay as they are."""
    tokens = [token for token in analyzer.tokens(text) if not token.whole]
    parts: list[Part] = []
    headed = False
    for token in tokens:
        form, joined = fold_kazakh(token.form), text[token.end : token.end + 1] in _HYPHENS
        noun, adjective = _nominative(form, "NOUN"), _nominative(form, "ADJF") or _nominative(form, "PRTF")
        if not headed and not joined and adjective:
            parts.append(Part(form, adjective, agrees=True))
        elif noun and (not headed or joined or noun.normal_form.replace("ё", "е") == form):
            parts.append(Part(form, noun, agrees=not headed and not joined))
            headed = headed or not joined
        else:
            parts.append(Part(form))
    return tuple(parts) if len(parts) > 1 else tuple(Part(part.form) for part in parts)


def _nominative(form: str, kind: str) -> Any:
    parses = _parses(form) if form != "и" else ()
    return next((parse for parse in parses if parse.tag.case == "nomn" and kind == parse.tag.POS), None)


def _agree(parts: Parts, forms: Iterable[str]) -> bool:
    """Whether forms are the words of an entry in one case and number."""
    common: set[tuple[str, str]] | None = None
    for part, form in zip(parts, map(fold_kazakh, forms), strict=False):
        unknown = part.parse and not part.parse.is_known  # and so in which cases its forms are
        if (part.form == form and not part.agrees) or (unknown and form in name_forms(part.form)):
            continue
        own = {
            (parse.tag.case, parse.tag.number)
            for parse in (_parses(form) if part.parse else ())
            if (parse.normal_form, parse.tag.POS) == (part.parse.normal_form, part.parse.tag.POS)
        }
        common = own if common is None else common & own
    return common is None or bool(common)


@lru_cache(maxsize=1 << 12)
def _parses(form: str) -> Sequence[Any]:
    return tuple(pymorphy().parse(form)) if _RUSSIAN.fullmatch(form) else ()


def _words(text: str, analyzer: Analyzer) -> tuple[Word, ...]:
    """The words of a text in any case."""
    tokens = (token for token in analyzer.tokens(text) if not token.whole)
    meant = ((token.form, analyzer.meant(token.form, token.letters)) for token in tokens)
    return tuple(Word(form, (*leading, *others)) for form, (leading, others) in meant)
