"""The columns of articles, one value each or several, written alike by flushing and by merging."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.columns import ARTICLE_VALUES, ColumnWriter, narrowest
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.write.postings import Lengths, write_offsets, write_strings
from search.model import FACETS

STORE_PIECE = 1 << 22
# The columns of values that articles have one of, and several.
SINGLES = [facet.filter for facet in FACETS if not facet.several]
LISTS = [*(facet.filter for facet in FACETS if facet.several), "mention"]


@dataclass(frozen=True, slots=True, eq=False)
class ArticleColumns:
    """Of each article of a segment [n], in the order of the archive; see `Columns` for the meaning of each."""

    values: Mapping[str, Array]  # by the names of ARTICLE_VALUES
    lengths: Lengths
    origins: Sequence[bytes]
    ids: Sequence[bytes]
    singles: Mapping[str, Sequence[bytes]]  # by the names of SINGLES
    lists: Mapping[str, Sequence[Sequence[bytes]]]  # by the names of LISTS, of each article distinct
    sizes: Array  # [2n]: bytes of each article's two parts in the store


def write_articles(files: ColumnWriter, articles: ArticleColumns, store: Iterable[bytes]) -> None:
    """Write the columns; `store` gives the parts of the articles themselves, in the same order."""
    lengths = articles.lengths
    widest = narrowest(int(lengths.text_at.max(initial=0)))
    for name, dtype in ARTICLE_VALUES.items():
        files.append(name, articles.values[name].astype(dtype))
    files.append("lead_at", lengths.lead_at.astype(widest))
    files.append("text_at", lengths.text_at.astype(widest))
    files.append("length", lengths.length.astype(np.uint32))
    write_strings(files, "origins", articles.origins)
    write_strings(files, "ids", articles.ids)
    for name, values in articles.singles.items():
        _write_values(files, name, values)
    for name, lists in articles.lists.items():
        _write_values(files, name, [value for values in lists for value in values])
        write_offsets(files, f"{name}_at", np.array([len(values) for values in lists], np.int64))
    write_offsets(files, "store_at", articles.sizes)
    for piece in _pieces(store):
        files.append("store", piece)


def _write_values(files: ColumnWriter, name: str, values: Sequence[bytes]) -> None:
    """A column of numbers into the ascending distinct values, of which the empty one is number 0."""
    distinct = sorted({b"", *values})
    numbers = {value: number for number, value in enumerate(distinct)}
    files.append(name, np.array([numbers[value] for value in values], narrowest(len(distinct))))
    write_strings(files, f"{name}_values", distinct)


def _pieces(store: Iterable[bytes]) -> Iterator[bytes]:
    """The store in pieces of some megabytes, at least one."""
    piece, size = [], 0
    for part in store:
        piece.append(part)
        size += len(part)
        if size >= STORE_PIECE:
            yield b"".join(piece)
            piece, size = [], 0
    yield b"".join(piece)
