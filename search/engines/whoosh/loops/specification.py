"""What each loop does, with NumPy: the definition, and what runs where nothing was compiled.

A set of articles is as in `sets`; numbers that point beyond what they point into are an error of CORRUPTION_ERRORS.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from search.engines.whoosh.columns import BLOCK, Columns
from search.engines.whoosh.lists import ROW, Lists
from search.engines.whoosh.ragged import Array, ragged
from search.engines.whoosh.sets import BISECTION, is_in, locate
from search.engines.whoosh.term import HALF, ROOM, Term

# With fewer postings than this, to bisect block by block costs more than to lay them out as one set.
MANY = 1 << 16
GROUP = 32
# So many locations are looked at together: what is made of them stays in the processor's cache.
BATCH = 1 << 14


# Facets


def count(column: Array, articles: Array, size: int) -> Array:
    """How many of some articles have each number below `size` in a column: [size]."""
    return np.bincount(column.take(articles), minlength=size)


def count_lists(lists: Lists, articles: Array) -> Array:
    """How many of a set of articles have each number in their lists, but for 0: [size]."""
    if 4 * len(lists.values) < ROW * len(lists.lengths):
        counts = np.bincount(lists.of(articles), minlength=lists.size)
    else:
        counts = np.bincount(lists.rows.take(articles).view(lists.values.dtype), minlength=lists.size)
        many = articles.compress(lists.longer.take(articles))
        rest = ragged(lists.at.take(many).astype(np.intp) + ROW, lists.lengths.take(many) - ROW, len(lists.values))
        counts += np.bincount(lists.values.take(rest), minlength=lists.size)
    counts[0] = 0
    return counts


def most(counts: Array, k: int, least: int) -> Array:
    """The numbers of the k highest counts [m] of at least `least`, highest first; among equals the lower first."""
    numbers = np.flatnonzero(counts >= least)
    chosen = counts.take(numbers)
    if len(numbers) > k:
        often = chosen >= np.partition(chosen, len(chosen) - k)[len(chosen) - k]
        numbers, chosen = numbers.compress(often), chosen.compress(often)
    return numbers.take(np.argsort(-chosen, kind="stable")[:k])


# The first in order


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


def gain(points: Array, begins: Array, percents: Array) -> None:
    """Add to the points [m], none of them negative, so many per cent of them, in whole points: each from where it
    begins to where the next one does, i8 [k] both."""
    for percent, (begin, end) in zip(percents.tolist(), pairwise([*begins.tolist(), len(points)]), strict=True):
        some = points[begin:end]
        some += (some.astype(np.int64) * percent // 100).astype(points.dtype)


# Postings


def add_points(points: Array, terms: Sequence[Term], weight: np.int32, among: Array | None) -> None:
    """Add to the points of all articles, i4 [n], or to those of the set `among`, what a word is worth there: its weight
    times the highest impact of its terms."""
    if len(terms) == 1 and among is None:
        points[terms[0].article] += np.multiply(terms[0].impact, weight, dtype=np.int32)
        return
    best = np.zeros(len(points), np.uint8)
    for term in terms:
        at = term.article
        best[at] = np.maximum(best.take(at), term.impact)
    if among is None:
        points += np.multiply(best, weight, dtype=np.int32)
    else:
        points[among] += np.multiply(best.take(among), weight, dtype=np.int32)


def positive(points: Array) -> Array:
    """The set of articles that have points, of all: i8 [m]."""
    return np.flatnonzero(points != 0)


def narrow(articles: Array, term: Term) -> tuple[Array, Array]:
    """Which of a set of articles have a term: their places in the set, i8 [k], and in its postings, i8 [k]."""
    place, occurs = _located(articles, term)
    index = np.flatnonzero(occurs)
    return index, place.take(index)


def having(articles: Array, term: Term) -> tuple[Array, Array | None]:
    """The same where the places in the postings are welcome, but not needed: None where they would cost more than to
    look at all postings again."""
    if len(articles) * BISECTION < len(term):
        return narrow(articles, term)
    return np.flatnonzero(is_in(articles, term.article, len(term.columns.time))), None


def _located(articles: Array, term: Term) -> tuple[Array, Array]:
    """Where each of some ascending articles stands among the postings, i8 [m], and whether it does, bool [m]."""
    columns = term.columns
    if len(term) < MANY or len(articles) * BISECTION > len(term):
        return locate(articles, term.article, len(columns.time))
    place, occurs = np.zeros(len(articles), np.intp), np.zeros(len(articles), bool)
    edges = articles.searchsorted([edge for piece in term.pieces for edge in (piece.block, piece.block + BLOCK)])
    for number, (block, begin, end) in enumerate(term.pieces):
        inside = slice(*edges[2 * number : 2 * number + 2])
        at, occurs[inside] = locate(articles[inside] - block, columns.article[begin:end])
        place[inside] = at + (begin - term.pieces[0].begin)
    return place, occurs


# Positions


def outline(columns: Columns, key: int) -> Array:
    """How many occurrences of a key lie before those of each of its postings, and how many there are: [m + 1]."""
    begin, end = columns.occurrence_at[key : key + 2].tolist()
    is_first = np.ones(end - begin + 1, bool)
    is_first[:-1] = columns.position[begin:end] & 1
    return np.flatnonzero(is_first)


def locations(term: Term, outline: Array, articles: Array, postings: Array) -> Array:
    """The locations (see `term`) of the occurrences of some postings, which are those in `articles`; [k] each, both
    ascending: i8, ascending."""
    begins = outline.take(postings + term.first)
    counts = outline.take(postings + (term.first + 1)) - begins
    position = _positions(term)
    is_whole = len(begins) > 0 and postings[-1] - postings[0] + 1 == len(postings)
    occurrence = slice(begins[0], begins[-1] + counts[-1]) if is_whole else ragged(begins, counts, len(position))
    located: Array = np.repeat((articles << HALF) + ROOM, counts)
    located += position[occurrence] >> 1
    return located


def _positions(term: Term) -> Array:
    """Of all occurrences of the key of a term, as they are kept."""
    columns = term.columns
    return columns.position[slice(*columns.occurrence_at[term.key : term.key + 2].tolist())]


def occurs_at(locations: Array, term: Term, outline: Array) -> Array:
    """At which of some ascending locations (see `term`) a term occurs: bool [m], each by bisection."""
    posting, occurs = _located(locations >> HALF, term)
    position = _positions(term)
    number = np.flatnonzero(occurs)
    for some in (number[at : at + BATCH] for at in range(0, len(number), BATCH)):
        # As a first occurrence has it.
        wanted = 2 * ((locations.take(some) & (1 << HALF) - 1) - ROOM) + 1
        postings = posting.take(some) + term.first
        at, last = outline.take(postings), outline.take(postings + 1) - 1
        steps = int((last - at).max()).bit_length()
        for step in (1 << power for power in reversed(range(steps))):
            further = at + step
            np.minimum(further, last, out=further)
            at = np.where(position.take(further) <= wanted, further, at)
        occurs[some] = (position.take(at) | 1) == wanted
    return occurs
