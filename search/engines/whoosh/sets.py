"""Sets of articles as ascending arrays of distinct numbers, i8 [m]: the algebra that queries are made of.

Each operation has two ways, chosen by the sizes: bisection for a small set in a large one, else a mask over `span`
articles, above every number. The other set may be a slice of a posting column, u2. Indexing by i8 and `take` are
twice as fast as by u4 and by brackets.
"""

from collections.abc import Sequence

import numpy as np

from search.engines.whoosh.ragged import Array

# Bisecting for one article costs about as much as passing over this many of a mask.
BISECTION = 20
# Or as clearing this many places of a table, which tells where it stands as well.
TABLE = 64


def articles_between(low: int, high: int) -> Array:
    """All articles from `low` up to, not with, `high`."""
    return np.arange(low, high)


def numbers(column: Array) -> Array:
    """A slice of a posting column as a set."""
    return column.astype(np.intp, copy=False)


def is_in(articles: Array, others: Array, span: int) -> Array:
    """Which of `articles` [m] are among `others`: bool [m]."""
    if len(articles) * BISECTION < len(others):
        return locate(articles, others)[1]
    mask = np.zeros(span, bool)
    mask[numbers(others)] = True
    return mask.take(articles)


def others(articles: Array, size: int) -> Array:
    """The articles below `size` that are not in a set of them."""
    mask = np.ones(size, bool)
    mask[articles] = False
    return np.flatnonzero(mask)


def is_one_of(codes: Array, allowed: Sequence[int]) -> Array:
    """Which of some small numbers [m] are among others: bool [m]. A table is faster than `np.isin`."""
    table = np.zeros(max(int(codes.max(initial=0)), *allowed, 0) + 1, bool)
    table[list(allowed)] = True
    return table.take(codes)


def locate(articles: Array, others: Array, span: int = 0) -> tuple[Array, Array]:
    """Where each of `articles` [m] stands in `others`, i8 [m], and whether it does, bool [m]; 0 where it does not.

    With a `span`, many are looked up in a table.
    """
    if not len(others):
        return np.zeros(len(articles), np.int64), np.zeros(len(articles), bool)
    if len(articles) * TABLE > span > 0:
        places = np.zeros(span, np.int32)
        places[numbers(others)] = np.arange(1, len(others) + 1, dtype=np.int32)
        place = places.take(articles).astype(np.intp)
        is_there = place > 0
        place -= is_there
        return place, is_there
    wanted = articles.astype(others.dtype, copy=False)  # of another type, all of the others would be converted
    place = others.searchsorted(wanted)
    place[place == len(others)] = 0
    is_there = others.take(place) == wanted
    return place, is_there


def is_dense(size: int, span: int) -> bool:
    """Whether so many numbers below `span` are sooner gathered in a mask than sorted."""
    return size * BISECTION >= span


def union(sets: Sequence[Array], span: int) -> Array:
    """The articles that are in any of the sets."""
    full = [numbers(articles) for articles in sets if len(articles)]
    if len(full) < 2:
        return full[0] if full else np.empty(0, np.intp)
    if not is_dense(sum(map(len, full)), span):
        return distinct(np.sort(np.concatenate(full)))
    mask = np.zeros(span, bool)
    for articles in full:
        mask[articles] = True
    return np.flatnonzero(mask)


def common(one: Array, other: Array) -> Array:
    """What is in both of two ascending arrays of distinct numbers, however large the numbers are."""
    few, many = sorted((one, other), key=len)
    if len(few) * BISECTION < len(many):
        return few.compress(locate(few, many)[1])
    both = np.concatenate([few, many])
    both.sort(kind="stable")  # finds the two runs and merges them
    return both[:-1].compress(both[1:] == both[:-1])


def distinct(ascending: Array) -> Array:
    """Ascending numbers, each once."""
    if len(ascending) < 2:
        return ascending
    first = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return ascending.compress(first)
