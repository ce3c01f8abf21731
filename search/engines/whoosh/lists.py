"""Lists of numbers, one of each article: its tags, or whom it mentions."""

from functools import cached_property

import numpy as np

from search.engines.whoosh.ragged import Array, ragged

# So many numbers of each article are looked at together.
ROW = 8


class Lists:
    """Of each article some numbers below `size`, of which 0 stands for none and is not counted.

    `values` are those of all articles, one after the other; those of an article begin in it at `at`: [n + 1].
    """

    def __init__(self, values: Array, at: Array, size: int) -> None:
        self.values = values
        self.at = at
        self.size = size

    @cached_property
    def totals(self) -> Array:
        """How many of all articles have each number: i8 [size]."""
        totals = np.bincount(self.values, minlength=self.size)
        totals[0] = 0
        return totals

    def of(self, articles: Array) -> Array:
        """The numbers of a set of articles, one after the other."""
        begins, ends = (self.at.take(numbers).astype(np.intp) for numbers in (articles, articles + 1))
        return self.values.take(ragged(begins, ends - begins, len(self.values)))

    # A row for each article with its first numbers is read in one piece by NumPy: three times as fast as a list of any
    # length. It is laid out in memory when it is first needed.

    @cached_property
    def lengths(self) -> Array:
        """How many numbers each article has: i8 [n]."""
        return np.diff(self.at).astype(np.intp)

    @cached_property
    def longer(self) -> Array:
        """Whose numbers are more than a row: bool [n]."""
        return self.lengths > ROW

    @cached_property
    def rows(self) -> Array:
        """The first ROW numbers of each article, 0 where it has fewer; each row a value of its own: [n]."""
        rows = np.zeros((len(self.lengths), ROW), self.values.dtype)
        inside = np.arange(ROW) < self.lengths[:, None]
        rows[inside] = self.values.compress(ragged(np.zeros_like(self.lengths), self.lengths) < ROW)
        return rows.view(np.dtype((np.void, rows.itemsize * ROW))).ravel()
