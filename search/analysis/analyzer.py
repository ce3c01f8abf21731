"""From text to words with their places, from words to terms: one analyzer for indexing, querying and highlighting."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise

from msgspec import Struct

from search.analysis.chunks import BEGINNING, ChunkIndex
from search.analysis.folding import HYPHENS, IN_WORDS, exact_form, fold_kazakh
from search.analysis.morphology import Letters, Morphology

# A run holds words joined by hyphens, also those that never break a line; combining marks and invisible characters
# belong to the word they stand in.
_HYPHENS = frozenset(HYPHENS)
RUN = re.compile(rf"[\w{IN_WORDS}{HYPHENS}]+")
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{IN_WORDS}])*")


class Token(Struct, frozen=True, gc=False):
    """One word of a text: `text[start:end]` is how it stands there, `form` its exact form.

    `position` counts words; a hyphenated word comes first as the `whole`, at the position of its first part.
    """

    form: str
    position: int
    start: int
    end: int
    letters: Letters = Letters.SMALL
    whole: bool = False


class Analyzer:
    """Words and terms. `lemmas=False` gives Snowball's terms alone, for comparisons."""

    def __init__(self, *, lemmas: bool = True) -> None:
        self._morphology = Morphology(lemmas=lemmas)
        self.version = "5-lemmas" if lemmas else "2-stems"
        self.terms = lru_cache(maxsize=1 << 15)(self._morphology.terms)
        self.meant = lru_cache(maxsize=1 << 12)(self._morphology.meant)
        self.lemmas = lru_cache(maxsize=1 << 12)(self._morphology.lemmas_of)
        self.is_word = lru_cache(maxsize=1 << 12)(self._morphology.is_word)
        self.is_function = lru_cache(maxsize=1 << 12)(self._morphology.is_function)
        self.percent = lru_cache(maxsize=1 << 15)(self._morphology.percent)
        self.words = lru_cache(maxsize=1 << 15)(words_of_run)
        self._chunks = ChunkIndex(self._terms_of_chunk, most=1 << 16)
        self._beginnings = lru_cache(maxsize=1 << 12)(partial(self._morphology.beginnings, length=BEGINNING))

    # `words(run)` and `standing(word)` are the two steps of analysis, each cached: texts repeat their words.
    # `terms(form)` is what a word of a query is searched for by, `meant(form, letters, yo)` what of that leads.
    # `lemmas(form)` are the dictionary forms that it may be one of, in letters as `exact_form` leaves them.
    # `is_word(form)` tells words of the dictionary from its abbreviations and from what it does not know.
    # `is_function(form)` tells prepositions, conjunctions, particles, pronouns and auxiliaries from other words.
    # `percent(form)` is what a word of a query weighs by its kind.

    def home(self, form: str) -> str:
        """The one term that all words of this exact form have in texts, under which the form is ranked."""
        return self._morphology.standing(form)[Letters.SMALL][0]

    def terms_of_name(self, form: str) -> tuple[str, ...]:
        """The terms that a word of a name may have, its capital aside."""
        return tuple(dict.fromkeys(term for terms in self._morphology.standing(form) for term in terms))

    def standing(self, word: Token) -> tuple[str, ...]:
        """The terms of a word of a text, its home term first."""
        return self._morphology.standing(word.form)[word.letters]

    def runs(self, text: str) -> list[str]:
        """The runs of letters, digits and hyphens of a text, as they stand: what `words_of_run` takes apart."""
        return RUN.findall(text)

    def tokens(self, text: str, among: Container[str] | None = None) -> Iterator[Token]:
        """The words of a text in order, with positions and offsets into this very text; of some of its runs alone."""
        position = 0
        for match in RUN.finditer(text):
            run = match[0]
            if among is not None and run not in among and run.isalnum():
                position += 1
                continue
            words, begin = self.words(run), match.start()
            if among is None or run in among:
                for token in words:
                    at = position + token.position
                    yield Token(token.form, at, begin + token.start, begin + token.end, token.letters, token.whole)
            if words:
                position += words[-1].position + 1

    def chunks_having(self, chunks: Sequence[str], terms: frozenset[str]) -> set[str]:
        """Those of some chunks without spaces that have one of the terms: both steps at once."""
        return self._chunks.having(chunks, terms, self.beginnings(terms))

    def beginnings(self, terms: Iterable[str]) -> frozenset[str] | None:
        """How the exact forms begin that have one of the terms, in `BEGINNING` letters; None where any may."""
        several = [self._beginnings(term) for term in terms]
        return None if None in several else frozenset[str]().union(*filter(None, several))

    def _terms_of_chunk(self, chunk: str) -> Iterator[str]:
        return (term for run in RUN.findall(chunk) for word in self.words(run) for term in self.standing(word))

    def prefix(self, text: str) -> str:
        """A prefix as it is looked up: the exact form with Kazakh letters folded."""
        return fold_kazakh(exact_form(text))


def words_of_run(run: str) -> tuple[Token, ...]:
    """The words of one run, at positions and offsets that count from the run's start."""
    if run.isalnum():
        return (Token(exact_form(run), 0, 0, len(run), Letters.of(run)),)
    parts = list(_WORD.finditer(run))
    forms = [exact_form(part[0]) for part in parts]
    joined = [run[here.end() : there.start()] in _HYPHENS for here, there in pairwise(parts)]
    tokens: list[Token] = []
    for position, (part, form) in enumerate(zip(parts, forms, strict=True)):
        begins = position == 0 or not joined[position - 1]
        if begins and position < len(joined) and joined[position]:
            last = joined.index(False, position) if False in joined[position:] else len(joined)
            whole = "-".join(forms[position : last + 1])
            letters = Letters.of(run[part.start() : parts[last].end()])
            tokens.append(Token(whole, position, part.start(), parts[last].end(), letters, whole=True))
        tokens.append(Token(form, position, part.start(), part.end(), Letters.of(part[0])))
    return tuple(tokens)
