"""A batch of articles to the columns of one segment: expanded, sorted and cut into postings, all at once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.config import Ranking
from search.engines.whoosh.articles import ArticleColumns, write_articles
from search.engines.whoosh.columns import ColumnFile, ColumnWriter
from search.engines.whoosh.lexicon import Tables
from search.engines.whoosh.postings import NO_FORM, Lengths, PostingsWriter, Scale, Words, ragged, starts
from search.query.parser import MAX_SLOP, MAX_WORDS

__all__ = ["GAP", "Batch", "Row"]

Array = NDArray[Any]

# Positions left free between title, lead and text: wider than any window of a query, so that none spans two fields.
GAP = MAX_SLOP + MAX_WORDS
TITLE, LEAD, TEXT = range(3)


class Row(NamedTuple):
    """What is kept of an article beside its words; `keys` are the numbers of its id and tags in the vocabulary."""

    id: str
    time: int
    day: int
    author: str
    section: str
    views: int
    keys: tuple[int, ...]
    json: bytes


class _Occurrences(NamedTuple):
    """Where keys stand, one row an occurrence, each i4 [occurrences]: in an article by position ascending."""

    key: Array
    form: Array
    article: Array
    position: Array


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Collected articles: their rows, which of these are `kept`, the runs of their words, and how many of these stand
    in the title, lead, text, author and section of each. Shares nothing that changes, so that any thread may write it.
    """

    rows: list[Row]
    kept: list[int]
    runs: array[int]
    counts: array[int]
    tables: Tables
    ranking: Ranking

    def write(self, folder: Path, segment: str, pivot: float | None) -> dict[str, ColumnFile]:
        """Write the segment; without a `pivot`, impacts are measured by the mean length of these articles."""
        order, place = self._order()
        rows = [self.rows[number] for number in order]
        occurrences, lengths = self._expand()
        lengths = Lengths(lengths.lead_at[order], lengths.text_at[order], lengths.length[order])
        scale = Scale(self.ranking, pivot or lengths.mean)
        with ColumnWriter(folder, segment) as files:
            write_articles(files, _columns(rows, lengths), (row.json for row in rows))
            self._write_postings(files, self._with_values(occurrences, place, rows), lengths, scale)
            return files.finish()

    def _order(self) -> tuple[Array, Array]:
        """The articles that are kept, in the order of the archive; and of each added article its place or -1."""
        order = sorted(self.kept, key=lambda number: self.rows[number].id, reverse=True)
        order.sort(key=lambda number: self.rows[number].time)
        place = np.full(len(self.rows), -1, np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        return np.array(order, np.int64), place

    def _expand(self) -> tuple[_Occurrences, Lengths]:
        """The runs as occurrences of keys, `article` counting as added; and the lengths of the added articles."""
        tables = self.tables
        runs = np.frombuffer(self.runs, np.int32) if self.runs else np.empty(0, np.int32)
        counts = np.array(self.counts, np.int64).reshape(-1, 5)
        width = starts(tables.width[runs])
        field_at = starts(counts.ravel())
        lengths, base = self._layout(np.diff(width[field_at]).reshape(-1, 5))
        position = width[:-1] + np.repeat(base.ravel() - width[field_at[:-1]], counts.ravel())
        entries = np.diff(tables.entry_at)[runs]
        entry = ragged(tables.entry_at[runs], entries)
        article = np.repeat(np.arange(len(counts), dtype=np.int32), counts.sum(axis=1))
        return _Occurrences(
            key=tables.key[entry],
            form=tables.form[entry],
            article=np.repeat(article, entries),
            position=np.repeat(position.astype(np.int32), entries) + tables.position[entry],
        ), lengths

    def _layout(self, widths: Array) -> tuple[Lengths, Array]:
        """From the positions that each field takes [n, 5]: the lengths [n], and where each field begins [n, 5]."""
        base = np.zeros_like(widths)
        base[:, LEAD] = widths[:, TITLE] + GAP
        base[:, TEXT] = base[:, LEAD] + widths[:, LEAD] + GAP
        weights = (self.ranking.title_weight, self.ranking.lead_weight, 1)
        return Lengths(base[:, LEAD], base[:, TEXT], widths[:, : TEXT + 1] @ np.array(weights, np.int64)), base

    def _with_values(self, words: _Occurrences, place: Array, rows: list[Row]) -> _Occurrences:
        """The words of the kept articles at their places, and beside them the articles' ids and tags as keys."""
        values = [(key, number) for number, row in enumerate(rows) for key in row.keys]
        value_key, value_article = np.array(values, np.int32).reshape(-1, 2).T
        nowhere = np.zeros(len(values), np.int32)
        article = place[words.article]
        kept = article >= 0
        return _Occurrences(
            key=np.concatenate([words.key[kept], value_key]),
            form=np.concatenate([words.form[kept], nowhere + NO_FORM]),
            article=np.concatenate([article[kept], value_article]),
            position=np.concatenate([words.position[kept], nowhere]),
        )

    def _write_postings(self, files: ColumnWriter, words: _Occurrences, lengths: Lengths, scale: Scale) -> None:
        key_order, key_rank = _ranked(words.key, self.tables.keys)
        form_order, form_rank = _ranked(words.form[words.form != NO_FORM], self.tables.forms)
        order = _sorted(key_rank[words.key], words.article)
        key, article = key_rank[words.key[order]], words.article[order]
        begins = np.flatnonzero(_changes(key) | _changes(article))
        count, position = np.diff(begins, append=len(order)), words.position[order]
        vocabulary = Words(
            keys=[self.tables.keys[number].encode() for number in key_order],
            forms=[self.tables.forms[number].encode() for number in form_order],
            form_term=key_rank[self.tables.form_term[form_order]],
        )
        highest = (int(count.max(initial=0)), int(position.max(initial=0)))
        writer = PostingsWriter(files, vocabulary, lengths, scale, highest=highest)
        writer.append(key[begins], article[begins], count, position, form_rank[words.form[order]])
        writer.close()


def _columns(rows: list[Row], lengths: Lengths) -> ArticleColumns:
    return ArticleColumns(
        time=np.array([row.time for row in rows], np.int64),
        day=np.array([row.day for row in rows], np.int64),
        lengths=lengths,
        views=np.array([row.views for row in rows], np.int64),
        ids=[row.id.encode() for row in rows],
        authors=[row.author.encode() for row in rows],
        sections=[row.section.encode() for row in rows],
        sizes=[len(row.json) for row in rows],
    )


def _ranked(numbers: Array, strings: Sequence[str]) -> tuple[list[int], Array]:
    """Those of `strings` that `numbers` name, ascending; and each one's place among them, NO_FORM at the last."""
    used: list[int] = np.flatnonzero(np.bincount(numbers, minlength=1)[: len(strings)]).tolist()
    used.sort(key=strings.__getitem__)
    rank = np.full(len(strings) + 1, NO_FORM, np.int64)
    rank[used] = np.arange(len(used))
    return used, rank


def _changes(values: Array) -> Array:
    """Where a value differs from the one before it; the first does: bool [m]."""
    changes: Array = np.diff(values, prepend=-1) != 0
    return changes


def _sorted(key: Array, article: Array) -> Array:
    """The order by key, then article, then as they came: one sort of numbers that hold all three."""
    count = len(key)
    number_bits = max(1, count.bit_length())
    article_bits = max(1, int(article.max(initial=0)).bit_length())
    packed = key.astype(np.uint64) << np.uint64(article_bits + number_bits)
    packed |= article.astype(np.uint64) << np.uint64(number_bits)
    packed |= np.arange(count, dtype=np.uint64)
    packed.sort()
    return (packed & np.uint64((1 << number_bits) - 1)).astype(np.int64)
