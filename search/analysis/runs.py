"""Which runs of letters have a term, by those that were met before: texts repeat their words."""

from collections import defaultdict
from collections.abc import Callable, Iterable


class RunIndex:
    """A small inverted index of runs. Safe for many threads; knows no more than `most` runs, then begins anew."""

    def __init__(self, terms: Callable[[str], Iterable[str]], most: int) -> None:
        """`terms` tells those of a run."""
        self._terms = terms
        self._most = most
        self._kept: tuple[set[str], defaultdict[str, set[str]]] = (set(), defaultdict(set))

    def having(self, runs: set[str], terms: Iterable[str]) -> set[str]:
        """Those of some runs that have one of the terms. What takes time is done for each run once."""
        if len(self._kept[0]) > self._most:
            self._kept = (set(), defaultdict(set))
        known, by_term = self._kept
        if unknown := runs - known:
            for run in unknown:
                for term in self._terms(run):
                    by_term[term].add(run)
            known |= unknown  # last, so that who finds a run known finds it under its terms
        return set().union(*(runs & by_term[term] for term in terms if term in by_term))
