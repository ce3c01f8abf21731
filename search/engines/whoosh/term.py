"""The postings of a term, as they lie in the columns of a segment."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from search.engines.whoosh.columns import Columns
from search.engines.whoosh.ragged import Array

# A location is one number: the article in the upper half, the position in the lower, with room for positions that are
# counted back to the first word of a phrase.
HALF = 32
ROOM = 1 << 12


class Piece(NamedTuple):
    """Postings in one block: the article with which the block begins, and from where to where they lie."""

    block: int
    begin: int
    end: int


class Term:
    """The postings of one key, or a slice of them: `first` is the number of the first one among the key's own."""

    def __init__(self, columns: Columns, key: int, first: int, pieces: Sequence[Piece]) -> None:
        self.columns = columns
        self.key = key
        self.first = first
        self.pieces = pieces
        self._postings = slice(pieces[0].begin, pieces[-1].end) if pieces else slice(0, 0)

    def __len__(self) -> int:
        return self._postings.stop - self._postings.start

    @property
    def impact(self) -> Array:
        """u1 [m]."""
        return self.columns.impact[self._postings]

    @cached_property
    def article(self) -> Array:
        """A set of articles (see `sets`), i8 [m]."""
        article = self.columns.article[self._postings].astype(np.intp)
        first = self._postings.start
        for block, begin, end in self.pieces:
            if block:
                article[begin - first : end - first] += block
        return article

    @cached_property
    def piece_numbers(self) -> Array:
        """The pieces as numbers, i8 [p, 3]."""
        return np.array(self.pieces, np.int64).reshape(-1, 3)
