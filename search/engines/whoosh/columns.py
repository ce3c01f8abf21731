"""What one segment is made of: its columns, their shapes and types, and how they lie in files.

A segment holds `n` articles numbered by publication time: those without a date first, then the oldest; of those
published at the same time, the one whose id sorts last comes first, so that reading backwards is "newest first, then
by id". Each column is one file of little-endian numbers, `MAIN_<segment>.<column>`, mapped into memory to be read.

The articles are numbered in blocks of BLOCK, so that a posting's article is the two bytes that tell it within its
block. The postings of one key in one block are a piece.
"""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from msgspec import Struct

from search.engines.whoosh.ragged import Array
from search.errors import IndexUnavailable

BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS


# What is known of each article as a number, under the name of its column, and the types in which it is kept.
ARTICLE_VALUES: Mapping[str, np.dtype[Any]] = {
    "time": np.dtype("i8"),
    "day": np.dtype("i4"),
    "views": np.dtype("i8"),
    "copy": np.dtype("i8"),
    "content": np.dtype("u8"),
    "indexed": np.dtype("i8"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of one segment. `width` below is the narrowest of u1, u2, u4 and u8 that holds the values.

    Of the articles, [n] each unless said otherwise:
    """

    time: Array  # i8: microseconds since 1970 UTC, ascending; UNDATED where there is none
    day: Array  # i4: archive day as a proleptic ordinal (1 is 0001-01-01), ascending; 0 where undated
    lead_at: Array  # width: the position at which the lead begins, a gap after the title
    text_at: Array  # width: the position at which the text begins, a gap after the lead
    length: Array  # u4: weighted length (see search.ranking)
    author: Array  # width: number into author_values, 0 is none
    section: Array  # width: number into section_values, 0 is none
    views: Array  # i8; a later generation may have a file of its own for it
    copy: Array  # i8: what near-copies share (see search.analysis.copies), 0 where there is nothing to share
    content: Array  # u8: hash of the article without its views
    indexed: Array  # i8: microseconds since 1970 UTC, when this content first came in
    origins: Array  # u1: what the indexer wants to know of where each article came from, as UTF-8
    origins_at: Array  # width [n + 1]
    ids: Array  # u1: the ids as UTF-8, one after the other
    ids_at: Array  # width [n + 1]: where each begins in ids
    store: Array  # u1: each article as JSON without text and views, then the text as UTF-16, which is decoded fast
    store_at: Array  # width [2n + 1]: where each of the two begins in store
    author_values: Array  # u1: the authors as UTF-8, ascending, the empty one first
    author_values_at: Array  # width [authors + 1]
    section_values: Array  # u1
    section_values_at: Array  # width [sections + 1]
    tag: Array  # width [tags of all articles]: numbers into tag_values, those of an article one after the other
    tag_at: Array  # width [n + 1]: where each article's begin in tag
    tag_values: Array  # u1: likewise, the empty one first
    tag_values_at: Array  # width [distinct tags + 1]
    mention: Array  # width [mentions of all articles]: numbers into mention_values, likewise
    mention_at: Array  # width [n + 1]
    mention_values: Array  # u1: the readings of each name (see `search.editorial.persons`)
    mention_values_at: Array  # width [distinct mentions + 1]

    # The vocabulary: v keys, ascending as bytes. A key is a letter for the field and the term (see `vocabulary`).
    keys: Array  # u1: the keys as UTF-8
    keys_at: Array  # width [v + 1]
    piece_at: Array  # width [v + 1]: where a key's pieces begin
    occurrence_at: Array  # width [v + 1]: where a key's occurrences begin
    coded_at: Array  # width [v + 1]: where a key's form codes begin; nowhere where all its occurrences have the same

    # The pieces of each key, by block ascending.
    block: Array  # width [pieces]: the article with which the block begins, divided by BLOCK
    posting_at: Array  # width [pieces + 1]: where a piece's postings begin

    # The postings of each piece, by article ascending, and each posting's occurrences, by position ascending.
    article: Array  # u2 [postings]: counted from the beginning of the block
    impact: Array  # u1 [postings]: 1 to 255 (see search.ranking)
    position: Array  # width [occurrences]: twice the position, and one more in the first occurrence of a posting
    form: Array  # width [coded occurrences]: form_code of the form there; 0 where the key is not its home term

    # The exact forms: f keys, ascending as bytes. A key is the field's letter and the folded form; where the form
    # itself differs from that, a zero byte and the form follow.
    forms: Array  # u1
    forms_at: Array  # width [f + 1]
    form_term: Array  # u4 [f]: the key of the home term
    form_code: Array  # width [f]: from 1: tells the forms of one home term apart
    form_count: Array  # u4 [f]: occurrences
    form_letters: Array  # u4 [f]: which letters stand in it (see `letters_of`), to find what is spelled alike

    @classmethod
    def open(cls, folder: Path, segment: str, files: Mapping[str, ColumnFile]) -> Columns:
        """Map the columns; IndexUnavailable names a file that is missing or not of the size it should be."""
        return cls(**map_columns([entry.name for entry in fields(cls)], folder, segment, files))

    def release(self) -> None:
        """Let the system take back the memory of the pages that were read; they are read again when needed."""
        for entry in fields(self):
            view = getattr(self, entry.name).base  # NumPy's view of the mapping; an empty column has none
            if isinstance(view, memoryview) and isinstance(view.obj, mmap.mmap):
                view.obj.madvise(mmap.MADV_DONTNEED)


class ColumnFile(Struct, frozen=True):
    """What a column's file must be: NumPy dtype, bytes, CRC-32."""

    dtype: str
    size: int
    checksum: int


def column_path(folder: Path, segment: str, column: str) -> Path:
    """Where a column lies; named as Whoosh names the files of a segment."""
    return folder / f"MAIN_{segment}.{column}"


def map_column(path: Path, file: ColumnFile) -> Array:
    """A column as it lies in its file, mapped; IndexUnavailable where the file is not what it should be."""
    try:
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            if size != file.size:
                raise IndexUnavailable(f"{path} is damaged: {size} bytes where {file.size} were written; rebuild")
            if not size:
                return np.empty(0, file.dtype)
            mapped = mmap.mmap(handle.fileno(), size, access=mmap.ACCESS_READ)
    except OSError as error:
        raise IndexUnavailable(f"{path} cannot be read: {error.strerror}; rebuild") from error
    return np.frombuffer(mapped, file.dtype)


def map_columns(names: Iterable[str], folder: Path, segment: str, files: Mapping[str, ColumnFile]) -> dict[str, Array]:
    """Some columns by their names, mapped; IndexUnavailable names a file that is missing or not as it should be."""
    arrays = {}
    for name in names:
        if name not in files:
            raise IndexUnavailable(f"the index lists no column {name!r} for segment {segment}")
        arrays[name] = map_column(column_path(folder, segment, name), files[name])
    return arrays


def narrowest(highest: int) -> np.dtype[Any]:
    """The narrowest unsigned type that holds numbers up to `highest`."""
    return np.min_scalar_type(highest)


class ColumnWriter:
    """Writes the columns of one segment, piece by piece, counting their checksums. A context manager."""

    def __init__(self, folder: Path, segment: str) -> None:
        self._folder = folder
        self._segment = segment
        self._open: dict[str, tuple[BinaryIO, str]] = {}
        self._sums: dict[str, tuple[int, int]] = {}

    def append(self, column: str, values: Array | bytes) -> None:
        """Write further values of a column; a column keeps the dtype of its first piece."""
        array = np.frombuffer(values, np.uint8) if isinstance(values, bytes) else values
        if column not in self._open:
            path = column_path(self._folder, self._segment, column)
            self._open[column] = (path.open("wb"), array.dtype.newbyteorder("<").str)
            self._sums[column] = (0, 0)
        handle, dtype = self._open[column]
        data = np.ascontiguousarray(array, dtype).data.cast("B") if array.size else memoryview(b"")
        handle.write(data)
        size, checksum = self._sums[column]
        self._sums[column] = (size + len(data), zlib.crc32(data, checksum))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with ExitStack() as handles:  # each is closed, even when closing another fails
            for handle, _ in self._open.values():
                handles.push(handle)

    def finish(self) -> dict[str, ColumnFile]:
        """Bring everything to the disk and say what was written."""
        for handle, _ in self._open.values():
            handle.flush()
            os.fsync(handle.fileno())
        return {name: ColumnFile(dtype, *self._sums[name]) for name, (_, dtype) in self._open.items()}
