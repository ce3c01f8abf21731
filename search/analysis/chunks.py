"""Which chunks of a text, from space to space, have a term, by those that were met before: texts repeat their words."""

import re
from collections.abc import Callable, Iterable, Sequence

from search.analysis.folding import HYPHENS, IN_WORDS, exact_form

# Longer ones are not kept.
LONGEST = 64
PATIENCE = 16
# Of one text so many are met at once, and so many more looked at: of words that no dictionary has, 1,000 take 0.1 s.
AT_ONCE = 1_000
# How many letters of a word tell that it is none of those that are looked for.
BEGINNING = 3
# One Russian word without anything that folding would change but case and ё; its beginning is the group.
_BETWEEN = rf"[^\w{IN_WORDS}{HYPHENS}]*"
_PLAIN = re.compile(rf"{_BETWEEN}([А-Яа-яЁё]{{1,{BEGINNING}}})[А-Яа-яЁё]*{_BETWEEN}")


class ChunkIndex:
    """A small inverted index of chunks. Safe for many threads.

    Splitting at spaces is several times faster than looking for words, and what a chunk holds is found out once of the
    first `most` that are met. Of the others, most are told by their beginnings; after PATIENCE times as many of those
    the index begins anew, since texts of another kind may have come first.
    """

    def __init__(self, terms: Callable[[str], Iterable[str]], most: int) -> None:
        """`terms` gives those of a chunk."""
        self._terms = terms
        self._most = most
        self._index: tuple[set[str], dict[str, tuple[str, ...]]] = (set(), {})
        self._passed_over = 0

    def having(self, chunks: Sequence[str], terms: frozenset[str], beginnings: frozenset[str] | None) -> set[str]:
        """Those of some chunks that have one of the terms; `beginnings` are those of all words that have one, as exact
        forms, where that is known."""
        if self._passed_over > PATIENCE * self._most:
            self._index, self._passed_over = (set(), {}), 0
        indexed, by_term = self._index
        distinct = set(chunks)
        unknown = distinct - indexed
        if unknown and len(indexed) < self._most:
            short = {*sorted(chunk for chunk in unknown if len(chunk) <= LONGEST)[:AT_ONCE]}
            for chunk in short:
                for term in self._terms(chunk):
                    # Most terms have few chunks: a tuple takes a fifth of the memory of a set.
                    by_term[term] = (*by_term.get(term, ()), chunk)
            indexed |= short  # last, so that who finds a chunk here finds it under its terms
            unknown -= short
        self._passed_over += len(unknown)
        if unknown and beginnings is not None:
            unknown = {chunk for chunk in unknown if _may_begin(chunk, beginnings)}
        having = {chunk for chunk in sorted(unknown)[:AT_ONCE] if not terms.isdisjoint(self._terms(chunk))}
        return having.union(chunk for term in terms for chunk in by_term.get(term, ()) if chunk in distinct)


def _may_begin(chunk: str, beginnings: frozenset[str]) -> bool:
    """Whether a chunk may hold a word that begins so."""
    plain = _PLAIN.fullmatch(chunk)
    return plain is None or exact_form(plain[1]) in beginnings
