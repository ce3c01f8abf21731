"""Which words and phrases are searched for along with those that were typed: abbreviations, former names, kin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from msgspec.structs import replace

from search.analysis import Analyzer
from search.analysis.morphology import LEMMA
from search.errors import UserError
from search.query.tree import And, Exact, Or, Phrase, Query, Word

BUNDLED = Path(__file__).with_name("synonyms.txt")
# What one occurrence counts, in hundredths of its weight.
SAME, KIN = 50, 25


@dataclass(frozen=True, slots=True)
class Synonym:
    """What is searched for as well, and how to show it."""

    text: str
    query: Query


class Synonyms:
    """The synonyms of one file; see the head of `synonyms.txt` for its format."""

    def __init__(self, path: Path, analyzer: Analyzer) -> None:
        """UserError names the file and its line that cannot be read."""
        self._analyzer = analyzer
        self.digest = ""  # tells the content of the file from any other
        # By the first form: what was typed has to be these forms, or forms of words whose dictionary forms they are.
        self._entries: dict[str, list[tuple[tuple[str, ...], Synonym]]] = {}
        self._abbreviations: set[str] = set()
        try:
            content = path.read_bytes()
            lines = content.decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                "synonyms", f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from error
        self.digest = blake2b(content, digest_size=8).hexdigest()
        for number, line in enumerate(lines, 1):
            if line := line.partition("#")[0].strip():
                for meant, synonym, weight in _pairs(line, f"{path}:{number}"):
                    self._add(meant, synonym, weight, f"{path}:{number}")

    def _add(self, meant: str, synonym: str, weight: int, place: str) -> None:
        forms = tuple(token.form for token in self._analyzer.tokens(meant) if not token.whole)
        also = _words(synonym, self._analyzer)
        if not forms or not also:
            raise UserError("synonyms", f"{place}: a side without words")
        shown, query = synonym, _itself(also[0], weight)
        if len(also) > 1:
            shown, query = f"«{synonym}»", Phrase(also, tuple(range(len(also))), weight=weight)
        elif synonym.isupper() and self._analyzer.is_word(also[0].text):  # «возы» are no forms of «ВОЗ»
            query = Phrase((Exact(also[0].text, also[0].text, also[0].terms[0]),), (0,), weight=weight)
        self._entries.setdefault(forms[0], []).append((forms, Synonym(shown, query)))
        if len(forms) == 1 and meant.isupper() and len(meant) > 1:
            self._abbreviations.add(forms[0])

    def entries(self) -> Iterator[tuple[str, Query]]:
        """What is searched for as well, of all entries: how to show it, and the query."""
        yield from {phrase.text: phrase.query for entries in self._entries.values() for _, phrase in entries}.items()

    def widened(self, clauses: Sequence[Query], typed_as: Sequence[str]) -> tuple[Query, int, tuple[str, ...]] | None:
        """What the clauses begin with, together with its synonyms; how many clauses that is; the synonyms as text.

        Clauses are words, typed as told, or hyphenated ones; of several entries those with the most words count. An
        abbreviation is meant by what is typed in capitals, or is no other word: «воз» asks for no «ВОЗ».
        """
        typed: list[tuple[Word, int]] = []
        for number, clause in enumerate(clauses, 1):
            words = clause.words if isinstance(clause, Phrase) else (clause,)
            typed += [(word, number) for word in words if isinstance(word, Word)]
        best: dict[tuple[str, ...], list[Synonym]] = {}
        other_word = not typed_as[0].isupper() and self._analyzer.is_word(typed[0][0].text)
        for first in self._spoken_of(typed[0][0]):
            for forms, synonym in self._entries.get(first, ()):
                if other_word and first in self._abbreviations:
                    continue
                ends = len(forms) == len(typed) or (
                    len(forms) < len(typed) and typed[len(forms)][1] > typed[len(forms) - 1][1]
                )
                if ends and all(form in self._spoken_of(word) for form, (word, _) in zip(forms, typed, strict=False)):
                    best.setdefault(forms, []).append(synonym)
        if not best:
            return None
        longest = max(map(len, best))
        alternatives = {phrase.text: phrase.query for forms in best if len(forms) == longest for phrase in best[forms]}
        count = typed[longest - 1][1]
        itself = And(tuple(clauses[:count])) if count > 1 else clauses[0]
        return Or((itself, *alternatives.values())), count, tuple(alternatives)

    def _spoken_of(self, word: Word) -> frozenset[str]:
        """The forms under which a typed word stands in a file. A stem is none: «и» and «ИИ» share theirs."""
        return self._analyzer.lemmas(word.text) | {word.text}


def _pairs(line: str, place: str) -> Iterator[tuple[str, str, int]]:
    if "~" in line:
        word, *kin = (part.strip() for part in line.split("~"))
        if len(kin) != 1 or "=" in line:
            raise UserError("synonyms", f"{place}: not as «word ~ word»")
        yield word, kin[0], KIN
        return
    same = [part.strip() for part in line.split("=")]
    if len(same) < 2:
        raise UserError("synonyms", f"{place}: neither = nor ~ stands in {line!r}")
    yield from ((one, other, SAME) for one in same for other in same if one != other)


def _itself(word: Word, weight: int) -> Query:
    """A word that stands in its dictionary form, and not another one that has the same form."""
    lemma = LEMMA + word.text
    return replace(word, terms=(lemma,) if lemma in word.terms else word.terms, weight=word.weight * weight // 100)


def _words(text: str, analyzer: Analyzer) -> tuple[Word, ...]:
    return tuple(Word(token.form, analyzer.terms(token.form)) for token in analyzer.tokens(text) if not token.whole)
