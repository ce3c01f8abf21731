"""Which chunks of a text, from space to space, have a term, by those that were met before: texts repeat their words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

# Longer ones are not kept.
LONGEST = 64


class ChunkIndex:
    """A small inverted index of chunks. Safe for many threads; knows about `most` of them at most, then begins anew.

    Splitting at spaces is several times faster than looking for words, and what stands in a chunk is found out once.
    """

    def __init__(self, terms: Callable[[str], Iterable[str]], most: int) -> None:
        """`terms` tells those of a chunk."""
        self._terms = terms
        self._most = most
        self._index: tuple[set[str], defaultdict[str, set[str]]] = (set(), defaultdict(set))

    def having(self, chunks: Sequence[str], terms: frozenset[str]) -> set[str]:
        """Those of some chunks that have one of the terms."""
        if len(self._index[0]) > self._most:
            self._index = (set(), defaultdict(set))
        indexed, by_term = self._index
        long: set[str] = set()
        if not indexed.issuperset(chunks):
            unknown = set(chunks) - indexed
            short = {chunk for chunk in unknown if len(chunk) <= LONGEST}
            for chunk in short:
                for term in self._terms(chunk):
                    by_term[term].add(chunk)
            indexed |= short  # last, so that who finds a chunk known finds it under its terms
            long = {chunk for chunk in unknown - short if not terms.isdisjoint(self._terms(chunk))}
        return long.union(*(by_term[term].intersection(chunks) for term in terms if term in by_term))
