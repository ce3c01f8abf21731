"""The loops of `specification`, compiled: the arrays that the functions of `loops.c` write into are made here."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import arkhiv_loops
import numpy as np

from search.engines.whoosh.columns import Columns
from search.engines.whoosh.lists import Lists
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.term import Term

FORWARDS, BACKWARDS = 0, 1
NO_BEST = np.empty(0, np.uint8)


def is_stale() -> bool:
    """Whether what was compiled is not the source that lies here."""
    source: str = arkhiv_loops.SOURCE
    return source != f"{zlib.crc32(Path(__file__).with_name('loops.c').read_bytes()):08x}"


def count(column: Array, articles: Array, size: int) -> Array:
    counts = np.zeros(size, np.int32)
    arkhiv_loops.count(column, articles, counts)
    return counts


def count_lists(lists: Lists, articles: Array) -> Array:
    counts = np.zeros(lists.size, np.int32)
    arkhiv_loops.count_lists(lists.values, lists.at, articles, counts)
    counts[0] = 0
    return counts


def most(counts: Array, k: int, least: int) -> Array:
    places = np.empty(min(k, len(counts)), np.int64)
    return places[: arkhiv_loops.highest(counts, places, least, FORWARDS)]


def highest(values: Array, k: int) -> Array:
    places = np.empty(min(k, len(values)), np.int64)
    arkhiv_loops.highest(values, places, np.iinfo(np.int64).min, BACKWARDS)
    return places


def add_points(points: Array, terms: Sequence[Term], weight: np.int32, among: Array | None) -> None:
    adding = points if among is None else np.zeros_like(points)
    best = NO_BEST if len(terms) == 1 else np.zeros(len(points), np.uint8)
    for term in terms:
        columns = term.columns
        arkhiv_loops.add_points(adding, best, columns.article, columns.impact, term.piece_numbers, int(weight))
    if among is not None:
        points[among] += adding.take(among)


def positive(points: Array) -> Array:
    articles = np.empty(len(points), np.int64)
    return articles[: arkhiv_loops.positive(points, articles)]


def narrow(articles: Array, term: Term) -> tuple[Array, Array]:
    index, posting = np.empty(len(articles), np.int64), np.empty(len(articles), np.int64)
    size = arkhiv_loops.narrow(articles, term.columns.article, term.piece_numbers, index, posting)
    return index[:size], posting[:size]


having = narrow


def gain(points: Array, begins: Array, percents: Array) -> None:
    arkhiv_loops.gain(points, begins, percents)  # looked up when called: a stale module may not have it


def outline(columns: Columns, key: int) -> Array:
    first, last = columns.posting_at[columns.piece_at[key : key + 2]].tolist()
    if not 0 <= last - first <= len(columns.article):
        raise IndexError(f"{last - first} postings of a key: the index is damaged")
    begins = np.empty(last - first + 1, np.uint32)
    arkhiv_loops.outline(columns.position, begins, *columns.occurrence_at[key : key + 2].tolist())
    return begins


def locations(term: Term, outline: Array, articles: Array, postings: Array) -> Array:
    columns, own = term.columns, outline[term.first :]
    located = np.empty(int((own.take(postings + 1) - own.take(postings)).sum()), np.int64)
    first = int(columns.occurrence_at[term.key])
    arkhiv_loops.locations(articles, postings, own, columns.position, located, first)
    return located


def occurs_at(locations: Array, term: Term, outline: Array) -> Array:
    occurs = np.zeros(len(locations), bool)
    columns = term.columns
    first = int(columns.occurrence_at[term.key])
    arkhiv_loops.occurs_at(
        locations, columns.article, term.piece_numbers, outline[term.first :], columns.position, occurs, first
    )
    return occurs
