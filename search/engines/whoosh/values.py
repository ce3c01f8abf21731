"""The values of a facet in one segment."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable

import numpy as np

from search.engines.whoosh.ragged import Array, starts
from search.engines.whoosh.vocabulary import Strings


class FacetValues:
    """The values of a facet, ascending, the empty one first: `names`. They are parts of stored strings. Articles are
    counted by the number of their string, which is fast; what a value has is the sum of its strings."""

    def __init__(self, stored: Strings, parts: Callable[[str], tuple[str, ...]]) -> None:
        pairs = sorted((part, number) for number, text in enumerate(stored.texts()) for part in parts(text))
        counts = Counter(part for part, _ in pairs)
        self.names, self.size, self._parts = list(counts), len(stored), parts
        # The numbers of each value's strings, one after the other, and where those begin.
        self._numbers = np.array([number for _, number in pairs], np.intp)
        self._at = starts(np.array([*counts.values()], np.intp))

    def summed(self, counts: Array) -> Array:
        """How often each value occurs, where each string does so often."""
        return np.add.reduceat(counts.take(self._numbers), self._at[:-1])

    def having(self, value: str) -> Array:
        """Which of the strings have all parts of another: bool [size]."""
        parts, count = self._parts(value), np.zeros(self.size, np.uint8)
        for part in parts:
            begin, end = self._at[[bisect_left(self.names, part), bisect_right(self.names, part)]]
            count[self._numbers[begin:end]] += 1
        return np.equal(count, len(parts))
