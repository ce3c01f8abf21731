"""Which chunks of a text, from space to space, have a term, by those that were met before: texts repeat their words."""

from collections.abc import Callable, Iterable, Sequence

# Longer ones are not kept.
LONGEST = 64


class ChunkIndex:
    """A small inverted index of chunks. Safe for many threads; knows about `most` of them at most, then begins anew.

    Splitting at spaces is several times faster than looking for words, and what a chunk holds is found out once.
    """

    def __init__(self, terms: Callable[[str], Iterable[str]], most: int) -> None:
        """`terms` gives those of a chunk."""
        self._terms = terms
        self._most = most
        self._index: tuple[set[str], dict[str, tuple[str, ...]]] = (set(), {})

    def having(self, chunks: Sequence[str], terms: frozenset[str]) -> set[str]:
        """Those of some chunks that have one of the terms."""
        if len(self._index[0]) > self._most:
            self._index = (set(), {})
        indexed, by_term = self._index
        distinct = set(chunks)
        long: set[str] = set()
        if not distinct <= indexed:
            unknown = distinct - indexed
            short = {chunk for chunk in unknown if len(chunk) <= LONGEST}
            for chunk in short:
                for term in self._terms(chunk):
                    # Most terms have few chunks: a tuple takes a fifth of the memory of a set.
                    by_term[term] = (*by_term.get(term, ()), chunk)
            indexed |= short  # last, so that who finds a chunk here finds it under its terms
            long = {chunk for chunk in unknown - short if not terms.isdisjoint(self._terms(chunk))}
        return long.union(chunk for term in terms for chunk in by_term.get(term, ()) if chunk in distinct)
