"""The first k of a set of articles by time, without sorting all of them."""

import numpy as np

from search.engines.whoosh.ragged import Array


def newest(articles: Array, k: int) -> Array:
    """The k newest, newest first, those without a date last: the end of the numbering, backwards. Places in
    the set."""
    return np.arange(len(articles) - 1, max(-1, len(articles) - 1 - k), -1)


def oldest(articles: Array, time: Array, undated: int, k: int) -> Array:
    """The k oldest, oldest first, those without a date last; among equals by id, which is backwards. Places in
    the set.

    `time` is the column of the segment, `undated` the number of its articles without a date.
    """
    first = int(articles.searchsorted(undated))
    last = min(len(articles), first + k)
    if first < last:
        # All that are as old as the last one have to be looked at, to bring the first of them by id.
        last = int(articles.searchsorted(time.searchsorted(time[articles[last - 1]], side="right")))
    dated = np.arange(first, last)
    ordered = dated[np.lexsort((-dated, time[articles[first:last]]))][:k]
    return np.concatenate([ordered, np.arange(first - 1, -1, -1)[: k - len(ordered)]])
