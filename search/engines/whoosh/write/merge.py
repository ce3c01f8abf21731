"""Segments to one segment: their columns, concatenated and put in order; nothing is analysed again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from search.engines.whoosh.columns import ARTICLE_VALUES, BLOCK_BITS, ColumnFile, Columns, ColumnWriter
from search.engines.whoosh.ragged import Array, ragged, starts
from search.engines.whoosh.vocabulary import Strings, union
from search.engines.whoosh.write.articles import LISTS, SINGLES, ArticleColumns, write_articles
from search.engines.whoosh.write.postings import (
    NO_FORM,
    ImpactScale,
    Lengths,
    PostingsWriter,
    SegmentVocabulary,
    by_key_and_article,
)
from search.engines.whoosh.write.subprocess import started

Result = TypeVar("Result")

# About how many postings are held in memory at a time; a key is never divided.
BATCH = 1 << 20
GONE = -1
# Articles lie scattered over the stores of the parts, and each reading maps some pages around.
RELEASE_EVERY = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A segment to be merged, and which of its articles are not to be taken along: bool [n]."""

    columns: Columns
    dead: Array


def merge(parts: Sequence[Part], folder: Path, segment: str, scale: ImpactScale) -> dict[str, ColumnFile]:
    """Write one segment with the living articles of the parts."""
    order, places = _order(parts)
    lengths = Lengths(*(_ordered(parts, order, column) for column in ("lead_at", "text_at", "length")))
    size = sum(len(part.columns.store) for part in parts)
    with closing(started(size, _copy_articles, parts, order, lengths, folder, segment)) as copied:
        return _merge_postings(parts, places, lengths, folder, segment, scale) | copied.result()


def _copy_articles(
    parts: Sequence[Part], order: Array, lengths: Lengths, folder: Path, segment: str
) -> dict[str, ColumnFile]:
    """The columns of articles."""
    with ColumnWriter(folder, segment) as files:
        write_articles(files, _articles(parts, order, lengths), _store(parts, order))
        return files.finish()


def _merge_postings(
    parts: Sequence[Part], places: Sequence[Array], lengths: Lengths, folder: Path, segment: str, scale: ImpactScale
) -> dict[str, ColumnFile]:
    """The other columns: the vocabulary and the postings."""
    keys, key_numbers = union([_strings(part.columns, "keys") for part in parts])
    forms, form_numbers = union([_strings(part.columns, "forms") for part in parts])
    form_term = np.zeros(len(forms), np.int64)
    for part, keys_of, forms_of in zip(parts, key_numbers, form_numbers, strict=True):
        form_term[forms_of] = keys_of[part.columns.form_term]
    words = SegmentVocabulary(keys, forms, form_term)
    highest = max(int(part.columns.position.max(initial=0)) >> 1 for part in parts)
    inputs = [
        _Input(*columns) for columns in zip((p.columns for p in parts), places, key_numbers, form_numbers, strict=True)
    ]
    _release(parts)
    with ColumnWriter(folder, segment) as files:
        writer = PostingsWriter(files, words, lengths, scale, highest=highest)
        for columns in _one_ahead(partial(_merged_range, inputs), _key_ranges(inputs, len(keys))):
            writer.append(*columns)
            _release(parts)
        writer.close()
        return files.finish()


def _release(parts: Sequence[Part]) -> None:
    """Keep none of what was read of the parts in memory."""
    for part in parts:
        part.columns.release()


def _order(parts: Sequence[Part]) -> tuple[Array, list[Array]]:
    """The living articles in the order of the archive, as numbers into all parts one after the other; and of each
    part's articles their places in the new segment, GONE for the dead."""
    ids = [article for part in parts for article in _strings(part.columns, "ids")]
    time = np.concatenate([part.columns.time for part in parts])
    alive = np.flatnonzero(~np.concatenate([part.dead for part in parts]))
    alphabetical = np.empty(len(ids), np.int64)
    alphabetical[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    order = alive[np.lexsort((-alphabetical[alive], time[alive]))]
    place = np.full(len(ids), GONE, np.int64)
    place[order] = np.arange(len(order))
    return order, np.split(place, np.cumsum([len(part.dead) for part in parts])[:-1])


def _ordered(parts: Sequence[Part], order: Array, column: str) -> Array:
    values: Array = np.concatenate([getattr(part.columns, column) for part in parts])[order]
    return values


def _articles(parts: Sequence[Part], order: Array, lengths: Lengths) -> ArticleColumns:
    def strings(column: str) -> list[bytes]:
        every = [text for part in parts for text in _strings(part.columns, column)]
        return [every[number] for number in order.tolist()]

    def values(column: str) -> list[bytes]:
        return [value for part in parts for value in _values(part.columns, column)]

    def one(column: str) -> list[bytes]:
        every = values(column)
        return [every[number] for number in order.tolist()]

    def several(column: str) -> list[list[bytes]]:
        every = values(column)
        at = starts(np.concatenate([np.diff(getattr(part.columns, f"{column}_at")) for part in parts]))
        return [every[begin:end] for begin, end in zip(at[order].tolist(), at[order + 1].tolist(), strict=True)]

    return ArticleColumns(
        values={name: _ordered(parts, order, name) for name in ARTICLE_VALUES},
        lengths=lengths,
        origins=strings("origins"),
        ids=strings("ids"),
        singles={name: one(name) for name in SINGLES},
        lists={name: several(name) for name in LISTS},
        sizes=np.concatenate([np.diff(part.columns.store_at).reshape(-1, 2) for part in parts])[order].ravel(),
    )


def _strings(columns: Columns, name: str) -> Strings:
    return Strings(getattr(columns, name), getattr(columns, f"{name}_at"))


def _values(columns: Columns, column: str) -> Iterator[bytes]:
    """The values that a column of numbers stands for."""
    names = list(_strings(columns, f"{column}_values"))
    return (names[number] for number in getattr(columns, column).tolist())


def _store(parts: Sequence[Part], order: Array) -> Iterator[bytes]:
    """The two parts of each article, in order."""
    stores = [_strings(part.columns, "store") for part in parts]
    first = starts(np.array([len(part.dead) for part in parts]))
    owner = np.searchsorted(first, order, side="right") - 1
    for done, (part, number) in enumerate(zip(owner.tolist(), (order - first[owner]).tolist(), strict=True)):
        yield stores[part][2 * number]
        yield stores[part][2 * number + 1]
        if done % RELEASE_EVERY == 0:
            _release(parts)


class _Input:
    """A part's postings under the numbers of the new segment."""

    def __init__(self, columns: Columns, places: Array, keys: Array, forms: Array) -> None:
        self._columns = columns
        self._places = places
        self._keys = keys
        self._sizes = np.diff(columns.posting_at[columns.piece_at]).astype(np.int32)
        # `_first` [v + 1]: where a key's codes begin in `_by_code`, which leads from a code to the new form.
        highest = np.zeros(len(keys), np.int64)
        np.maximum.at(highest, columns.form_term, columns.form_code)
        self._first = starts(highest + 1).astype(np.int32)
        self._by_code = np.full(int(self._first[-1]), NO_FORM, np.int32)
        self._by_code[self._first[columns.form_term] + columns.form_code] = forms
        # The one form of the keys that need no codes, NO_FORM where none is at home there.
        self._only = np.full(len(keys), NO_FORM, np.int32)
        self._only[columns.form_term] = forms

    def keys_between(self, first: int, last: int) -> range:
        """The part's own numbers of the new keys from `first` up to, not with, `last`."""
        return range(int(np.searchsorted(self._keys, first)), int(np.searchsorted(self._keys, last)))

    def count_postings(self, counts: Array) -> None:
        """Add how many postings this part has of each of the new keys."""
        counts[self._keys] += self._sizes

    def postings(self, keys: range) -> tuple[Array, Array, Array, Array, Array]:
        """Of these keys of its own: new key, new article and count of each living posting; and the position and new
        form of their occurrences."""
        columns, own, ends = self._columns, slice(keys.start, keys.stop), slice(keys.start, keys.stop + 1)
        pieces = columns.piece_at[ends].astype(np.int64)
        of_piece = columns.posting_at[pieces[0] : pieces[-1] + 1].astype(np.int64)
        key = np.repeat(self._keys[own], self._sizes[own])
        block = np.repeat(columns.block[pieces[0] : pieces[-1]].astype(np.int32) << BLOCK_BITS, np.diff(of_piece))
        article = self._places.take(columns.article[of_piece[0] : of_piece[-1]] + block)
        inside = columns.occurrence_at[ends].astype(np.int64)
        position = columns.position[inside[0] : inside[-1]].astype(np.int32)
        count = np.diff(np.flatnonzero(position & 1), append=len(position))
        position >>= 1
        form = self._forms(own, np.diff(inside), np.diff(columns.coded_at[ends]))
        alive = article != GONE
        if not alive.all():
            lives = np.repeat(alive, count)
            key, article, count, position, form = (
                key[alive],
                article[alive],
                count[alive],
                position[lives],
                form[lives],
            )
        return key, article, count, position, form

    def _forms(self, own: slice, sizes: Array, coded: Array) -> Array:
        """The new form of each occurrence of these keys, which have so many occurrences, and of those codes."""
        form = np.repeat(self._only[own], sizes)
        begin = int(self._columns.coded_at[own.start])
        code = self._columns.form[begin : begin + int(coded.sum(dtype=np.int64))]
        form[np.repeat(coded > 0, sizes)] = self._by_code.take(np.repeat(self._first[:-1][own], coded) + code)
        return form


def _one_ahead(task: Callable[[int, int], Result], ranges: Iterable[tuple[int, int]]) -> Iterator[Result]:
    """The result of the task for each range; a second thread works on the next one while one is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = None
        for key_range in ranges:
            given, coming = coming, thread.submit(task, *key_range)
            if given is not None:
                yield given.result()
        if coming is not None:
            yield coming.result()


def _key_ranges(inputs: Sequence[_Input], keys: int) -> Iterator[tuple[int, int]]:
    """The new keys in ranges of about BATCH postings."""
    sizes = np.zeros(keys, np.int64)
    for one_input in inputs:
        one_input.count_postings(sizes)
    ends = np.cumsum(sizes)
    first = 0
    while first < keys:
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + BATCH, side="right")))
        yield first, last
        first = last


def _merged_range(inputs: Sequence[_Input], first: int, last: int) -> tuple[Array, Array, Array, Array, Array]:
    """The postings of all parts for the new keys from `first` up to `last`, in order."""
    postings = [one_input.postings(one_input.keys_between(first, last)) for one_input in inputs]
    key, article, count, position, form = (np.concatenate(columns) for columns in zip(*postings, strict=True))
    order = by_key_and_article(key - first, article)
    count_ordered = count[order]
    occurrence = ragged(starts(count)[:-1][order], count_ordered)
    return key[order], article[order], count_ordered, position[occurrence], form[occurrence]
