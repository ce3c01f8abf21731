"""Which chunks of a text, from space to space, have a term, by those that were met before: texts repeat their words."""

import re
from collections.abc import Callable, Iterable, Sequence

from search.analysis.folding import HYPHENS, IN_WORDS, exact_form

# Longer ones are not kept.
LONGEST = 64
# How many letters of a word tell that it is none of those that are looked for.
BEGINNING = 3
# One Russian word without anything that folding would change but case and ё; its beginning is the group.
_BETWEEN = rf"[^\w{IN_WORDS}{HYPHENS}]*"
_PLAIN = re.compile(rf"{_BETWEEN}([А-Яа-яЁё]{{1,{BEGINNING}}})[А-Яа-яЁё]*{_BETWEEN}")


class ChunkIndex:
    """A small inverted index of chunks. Safe for many threads.

    Splitting at spaces is several times faster than looking for words, and what a chunk holds is found out once of the
    first `most` that are met, which the most frequent ones are among. Of the others, most are told by their beginnings.
    """

    def __init__(self, terms: Callable[[str], Iterable[str]], most: int) -> None:
        """`terms` gives those of a chunk."""
        self._terms = terms
        self._most = most
        self._indexed: set[str] = set()
        self._by_term: dict[str, tuple[str, ...]] = {}

    def having(self, chunks: Sequence[str], terms: frozenset[str], beginnings: frozenset[str] | None) -> set[str]:
        """Those of some chunks that have one of the terms; `beginnings` are those of all words that have one, as exact
        forms, where that is known."""
        distinct = set(chunks)
        unknown = distinct - self._indexed
        if unknown and len(self._indexed) < self._most:
            short = {chunk for chunk in unknown if len(chunk) <= LONGEST}
            for chunk in short:
                for term in self._terms(chunk):
                    # Most terms have few chunks: a tuple takes a fifth of the memory of a set.
                    self._by_term[term] = (*self._by_term.get(term, ()), chunk)
            self._indexed |= short  # last, so that who finds a chunk here finds it under its terms
            unknown -= short
        if unknown and beginnings is not None:
            unknown = {chunk for chunk in unknown if _may_begin(chunk, beginnings)}
        having = {chunk for chunk in unknown if not terms.isdisjoint(self._terms(chunk))}
        return having.union(chunk for term in terms for chunk in self._by_term.get(term, ()) if chunk in distinct)


def _may_begin(chunk: str, beginnings: frozenset[str]) -> bool:
    """Whether a chunk may hold a word that begins so."""
    plain = _PLAIN.fullmatch(chunk)
    return plain is None or exact_form(plain[1]) in beginnings
