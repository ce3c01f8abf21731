"""The first k of a set of articles in an order, without sorting all of them."""

import numpy as np

from search.engines.whoosh.ragged import Array

GROUP = 32


def highest(values: Array, k: int) -> Array:
    """Places in a set of articles of the k with the highest values [m], highest first; among equals the newer, the
    higher number, first."""
    chosen = np.flatnonzero(values >= _threshold(values, k))
    if len(chosen) > 2 * k:
        # Many are as high as the last of the k: only the newest of them count.
        least = np.partition(values[chosen], len(chosen) - k)[len(chosen) - k] if k else 0
        above, equal = chosen[values[chosen] > least], chosen[values[chosen] == least]
        chosen = np.concatenate([above, equal[len(equal) - (k - len(above)) :]])
    return chosen[np.lexsort((-chosen, -values[chosen]))][:k]


def _threshold(values: Array, k: int) -> int:
    """A value that at least k of the values reach, and not many more: the k-th highest among the maxima of groups."""
    groups = len(values) // GROUP
    if groups <= k or not k:
        return int(values.min(initial=0))
    maxima = values[: groups * GROUP].reshape(GROUP, groups).max(axis=0)
    return int(np.partition(maxima, groups - k)[groups - k])


def newest(articles: Array, k: int) -> Array:
    """The k newest, newest first, those without a date last: the end of the numbering, backwards. Places as above."""
    return np.arange(len(articles) - 1, max(-1, len(articles) - 1 - k), -1)


def oldest(articles: Array, time: Array, undated: int, k: int) -> Array:
    """The k oldest, oldest first, those without a date last; among equals by id, which is backwards. Places as above.

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
