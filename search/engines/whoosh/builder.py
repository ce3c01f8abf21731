"""Articles to one segment: collected as numbers, then inverted into columns at once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from search.config import Ranking
from search.engines.whoosh.articles import ArticleColumns, write_articles
from search.engines.whoosh.columns import UNDATED, ColumnFile, ColumnWriter
from search.engines.whoosh.lexicon import Lexicon
from search.engines.whoosh.postings import NO_FORM, Lengths, PostingsWriter, Scale, Words, ragged, starts
from search.engines.whoosh.vocabulary import ID, LETTERS, TAG, term_key
from search.model import Article
from search.publication import archive_day, microseconds
from search.query.parser import MAX_SLOP, MAX_WORDS
from search.query.tree import Field

__all__ = ["GAP", "Builder"]

Array = NDArray[Any]

# Positions left free between title, lead and text: wider than any window of a query, so that none spans two fields.
GAP = MAX_SLOP + MAX_WORDS
TITLE, LEAD, TEXT, AUTHOR, SECTION = range(5)


class _Row(NamedTuple):
    """What is kept of an article beside its words."""

    id: str
    time: int
    day: int
    author: str
    section: str
    views: int
    tags: tuple[str, ...]
    json: bytes


class _Occurrences(NamedTuple):
    """Where keys stand, one row an occurrence, each i4 [occurrences]: in an article by position ascending."""

    key: Array
    form: Array
    article: Array
    position: Array


class Builder:
    """Collects articles and writes them as one segment. An id added again takes the place of the earlier one."""

    def __init__(self, lexicon: Lexicon, zone: ZoneInfo, ranking: Ranking) -> None:
        self._lexicon = lexicon
        self._zone = zone
        self._ranking = ranking
        text, author, section = (lexicon.runs(LETTERS[f]) for f in (Field.TEXT, Field.AUTHOR, Field.SECTION))
        self._tables = (text, text, text, author, section)
        self.clear()

    def clear(self) -> None:
        """Begin the next segment."""
        self._rows: list[_Row] = []
        self._newest: dict[str, int] = {}
        self._runs = array("i")
        self._counts = array("i")  # how many runs the title, lead, text, author and section of each article have

    def __len__(self) -> int:
        return len(self._newest)

    @property
    def ids(self) -> Iterable[str]:
        """The ids of the articles that wait to be written."""
        return self._newest

    @property
    def size(self) -> int:
        """How many words wait to be written."""
        return len(self._runs)

    def add(self, article: Article) -> None:
        """Take an article in."""
        fields = (article.title, article.lead, article.text, article.author, article.section)
        find = self._lexicon.analyzer.runs
        for text, runs in zip(fields, self._tables, strict=True):
            before = len(self._runs)
            if text:
                self._runs.extend(map(runs.__getitem__, find(text)))
            self._counts.append(len(self._runs) - before)
        self._newest[article.id] = len(self._rows)
        self._rows.append(self._row(article))

    def remove(self, article_id: str) -> bool:
        """Take an article out again; False where it is not waiting here."""
        return self._newest.pop(article_id, None) is not None

    def _row(self, article: Article) -> _Row:
        published = article.published
        return _Row(
            id=article.id,
            time=UNDATED if published is None else microseconds(published, self._zone),
            day=0 if published is None else archive_day(published, self._zone).toordinal(),
            author=article.author,
            section=article.section,
            views=article.views,
            tags=article.tags,
            json=msgspec.json.encode(article.as_dict()),
        )

    def write(self, folder: Path, segment: str, pivot: float | None) -> dict[str, ColumnFile]:
        """Write the segment; without a `pivot`, impacts are measured by the mean length of these articles."""
        order, place = self._order()
        rows = [self._rows[number] for number in order]
        occurrences, lengths = self._expand()
        lengths = Lengths(lengths.lead_at[order], lengths.text_at[order], lengths.length[order])
        scale = Scale(self._ranking, pivot or lengths.mean)
        with ColumnWriter(folder, segment) as files:
            write_articles(files, _columns(rows, lengths), (row.json for row in rows))
            self._write_postings(files, self._with_values(occurrences, place, rows), lengths, scale)
            return files.finish()

    def _order(self) -> tuple[Array, Array]:
        """The articles that are kept, in the order of the archive; and of each added article its place or -1."""
        order = sorted(self._newest.values(), key=lambda number: self._rows[number].id, reverse=True)
        order.sort(key=lambda number: self._rows[number].time)
        place = np.full(len(self._rows), -1, np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        return np.array(order, np.int64), place

    def _expand(self) -> tuple[_Occurrences, Lengths]:
        """The runs as occurrences of keys, `article` counting as added; and the lengths of the added articles."""
        entry_at, entry_key, entry_form, entry_position = self._lexicon.tables()
        runs = np.frombuffer(self._runs, np.int32) if self._runs else np.empty(0, np.int32)
        counts = np.array(self._counts, np.int64).reshape(-1, 5)
        width = starts(self._lexicon.widths()[runs])
        field_at = starts(counts.ravel())
        lengths, base = self._layout(np.diff(width[field_at]).reshape(-1, 5))
        position = width[:-1] + np.repeat(base.ravel() - width[field_at[:-1]], counts.ravel())
        entries = np.diff(entry_at)[runs]
        entry = ragged(entry_at[runs], entries)
        article = np.repeat(np.arange(len(counts), dtype=np.int32), counts.sum(axis=1))
        return _Occurrences(
            key=entry_key[entry],
            form=entry_form[entry],
            article=np.repeat(article, entries),
            position=np.repeat(position.astype(np.int32), entries) + entry_position[entry],
        ), lengths

    def _layout(self, widths: Array) -> tuple[Lengths, Array]:
        """From the positions that each field takes [n, 5]: the lengths [n], and where each field begins [n, 5]."""
        base = np.zeros_like(widths)
        base[:, LEAD] = widths[:, TITLE] + GAP
        base[:, TEXT] = base[:, LEAD] + widths[:, LEAD] + GAP
        weights = (self._ranking.title_weight, self._ranking.lead_weight, 1)
        return Lengths(base[:, LEAD], base[:, TEXT], widths[:, : TEXT + 1] @ np.array(weights, np.int64)), base

    def _with_values(self, words: _Occurrences, place: Array, rows: list[_Row]) -> _Occurrences:
        """The words of the kept articles at their places, and beside them the articles' ids and tags as keys."""
        key = self._lexicon.key
        values = [(key(term_key(ID, row.id)), number) for number, row in enumerate(rows)]
        for number, row in enumerate(rows):
            values += [(key(term_key(TAG, tag)), number) for tag in dict.fromkeys(row.tags)]
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
        key_order, key_rank = _ranked(words.key, self._lexicon.keys)
        form_order, form_rank = _ranked(words.form[words.form != NO_FORM], self._lexicon.forms)
        order = _sorted(key_rank[words.key], words.article)
        key, article = key_rank[words.key[order]], words.article[order]
        begins = np.flatnonzero(_changes(key) | _changes(article))
        count, position = np.diff(begins, append=len(order)), words.position[order]
        vocabulary = Words(
            keys=[self._lexicon.keys[number].encode() for number in key_order],
            forms=[self._lexicon.forms[number].encode() for number in form_order],
            form_term=key_rank[self._lexicon.form_term[form_order]],
        )
        highest = (int(count.max(initial=0)), int(position.max(initial=0)))
        writer = PostingsWriter(files, vocabulary, lengths, scale, highest=highest)
        writer.append(key[begins], article[begins], count, position, form_rank[words.form[order]])
        writer.close()


def _columns(rows: list[_Row], lengths: Lengths) -> ArticleColumns:
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


def _ranked(numbers: Array, strings: list[str]) -> tuple[list[int], Array]:
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
