"""Which articles of a generation have a near-copy in it: few, so that folding looks at those alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.segment import Segment
from search.engines.whoosh.read.sets import distinct, locate


class Twins(NamedTuple):
    """The articles of one segment, a set (see `sets`), i8 [t], and the `keys` that each shares with others, i8 [t]."""

    articles: Array
    keys: Array

    def among(self, articles: Array) -> Array:
        """The keys of those that are in a set of articles, in no order: i8 [at most t]."""
        if len(articles) < len(self.articles):
            place, found = locate(articles, self.articles)
            return self.keys.take(place.compress(found))
        return self.keys.compress(locate(self.articles, articles)[1])


def twins(segments: Sequence[Segment]) -> list[Twins]:
    """Of each segment the articles with a key that another article of the generation has, be it a dead one."""
    columns = [segment.columns.copy for segment in segments]
    keys = np.sort(np.concatenate([*columns, np.zeros(1, np.int64)]))
    shared = distinct(keys[1:].compress((keys[1:] == keys[:-1]) & (keys[1:] != 0)))
    found = [np.flatnonzero(locate(column, shared)[1]) for column in columns]
    return [Twins(at, column.take(at)) for at, column in zip(found, columns, strict=True)]
