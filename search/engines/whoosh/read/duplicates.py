"""Which articles of a generation have a near-copy in it: few, so that folding looks at those alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.segment import Segment
from search.engines.whoosh.sets import distinct, locate


class Duplicates(NamedTuple):
    """The articles of one segment, a set (see `sets`), i8 [t], and the `keys` that each shares with others, i8 [t]."""

    articles: Array
    keys: Array

    def among(self, articles: Array) -> Array:
        """The keys of those that are in a set of articles, in no order: i8 [at most t]."""
        if len(articles) < len(self.articles):
            place, is_there = locate(articles, self.articles)
            return self.keys.take(place.compress(is_there))
        return self.keys.compress(locate(self.articles, articles)[1])


def duplicates(segments: Sequence[Segment]) -> list[Duplicates]:
    """Of each segment the articles with a key that another article of the generation has, be it a dead one."""
    columns = [segment.columns.copy for segment in segments]
    keys = np.sort(np.concatenate([*columns, np.zeros(1, np.int64)]))
    shared = distinct(keys[1:].compress((keys[1:] == keys[:-1]) & (keys[1:] != 0)))
    articles = [np.flatnonzero(locate(column, shared)[1]) for column in columns]
    return [Duplicates(at, column.take(at)) for at, column in zip(articles, columns, strict=True)]
