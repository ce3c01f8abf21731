"""Collected articles to the columns of one segment: cut into runs, expanded, sorted and cut into postings, at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from search.config import Ranking
from search.engines.whoosh.columns import ARTICLE_VALUES, ColumnFile, ColumnWriter
from search.engines.whoosh.ragged import Array, changes, ragged, starts
from search.engines.whoosh.vocabulary import FACET_LETTERS, ID, PAGE, term_key
from search.engines.whoosh.write.articles import LISTS, SINGLES, ArticleColumns, write_articles
from search.engines.whoosh.write.builder import PreparedArticle
from search.engines.whoosh.write.postings import (
    NO_FORM,
    ImpactScale,
    Lengths,
    PostingsWriter,
    SegmentVocabulary,
    by_key_and_article,
)
from search.engines.whoosh.write.tokenhash import RunNumbers
from search.engines.whoosh.write.vocabulary import GrowingVocabulary, RunTables
from search.query.tree import FIELD_GAP, LETTERS, Field

FIELDS = 5
TITLE, LEAD, TEXT, AUTHOR, SECTION = range(FIELDS)
LETTERS_OF_FIELDS = [LETTERS[field] for field in (Field.TITLE, Field.TEXT, Field.TEXT, Field.AUTHOR, Field.SECTION)]
# How many characters are cut into runs at a time: the columns of letters stay in the cache of a processor.
CUT = 1 << 18


class _Occurrences(NamedTuple):
    """Where keys stand, one row an occurrence, each i4 [occurrences]: in an article by position ascending."""

    key: Array
    form: Array
    article: Array
    position: Array


class Inversion:
    """Prepares rows for being written; what it learns of words it keeps."""

    def __init__(self, vocabulary: GrowingVocabulary, ranking: Ranking) -> None:
        self._vocabulary = vocabulary
        self._ranking = ranking
        self._letters = sorted(set(LETTERS_OF_FIELDS))
        self._runs = RunNumbers(vocabulary, self._letters)

    def batch(self, rows: Sequence[PreparedArticle]) -> Batch:
        """The rows, at least one, in the order of the archive, cut into runs of which all is known."""
        letters = np.array([self._letters.index(letter) for letter in LETTERS_OF_FIELDS])
        cut = [self._runs.numbers(texts, np.tile(letters, len(texts) // FIELDS)) for texts in _texts(rows)]
        runs, counts = (np.concatenate(pieces) for pieces in zip(*cut, strict=True))
        key = self._vocabulary.key
        values = [(key(term_key(ID, row.id)), number) for number, row in enumerate(rows)]
        for name, letter in FACET_LETTERS.items():
            lists = enumerate(row.lists[name] for row in rows)
            values += [(key(term_key(letter, value)), number) for number, some in lists for value in some]
        values += [(key(term_key(PAGE, row.page)), number) for number, row in enumerate(rows) if row.page]
        return Batch(
            rows, runs, counts.reshape(-1, FIELDS), np.array(values, np.int32), self._vocabulary.tables(), self._ranking
        )


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Articles in the order of the archive: their rows [n], the runs of their fields, i4, one after the other, and how
    many each field has, [n, FIELDS]; their ids, tags and pages as keys and numbers of articles, i4 [values, 2].

    Shares nothing that changes with who made it, so that any thread may write it.
    """

    rows: Sequence[PreparedArticle]
    runs: Array
    counts: Array
    values: Array
    tables: RunTables
    ranking: Ranking

    def write(self, folder: Path, segment: str, pivot: float | None) -> dict[str, ColumnFile]:
        """Write the segment; without a `pivot`, impacts are measured by the mean length of these articles."""
        occurrences, lengths = self._expand()
        scale = ImpactScale(self.ranking, pivot or lengths.mean)
        with ColumnWriter(folder, segment) as files:
            parts = (part for row in self.rows for part in (row.json, row.text))
            write_articles(files, _columns(self.rows, lengths), parts)
            self._write_postings(files, self._with_values(occurrences), lengths, scale)
            return files.finish()

    def _expand(self) -> tuple[_Occurrences, Lengths]:
        """The words of the articles as occurrences of keys, and the lengths of the articles."""
        tables, runs, counts = self.tables, self.runs, self.counts
        width = starts(tables.width[runs])
        field_at = starts(counts.ravel())
        lengths, base = self._layout(np.diff(width[field_at]).reshape(-1, FIELDS))
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
        """From the positions that each field takes [n, FIELDS]: the lengths [n], and where each field begins."""
        base = np.zeros_like(widths)
        base[:, LEAD] = widths[:, TITLE] + FIELD_GAP
        base[:, TEXT] = base[:, LEAD] + widths[:, LEAD] + FIELD_GAP
        weights = (self.ranking.title_weight, self.ranking.lead_weight, 1)
        return Lengths(base[:, LEAD], base[:, TEXT], widths[:, : TEXT + 1] @ np.array(weights, np.int64)), base

    def _with_values(self, words: _Occurrences) -> _Occurrences:
        """The words, and beside them the articles' ids, tags and pages."""
        value_key, value_article = self.values.T
        nowhere = np.zeros(len(self.values), np.int32)
        return _Occurrences(
            key=np.concatenate([words.key, value_key]),
            form=np.concatenate([words.form, nowhere + NO_FORM]),
            article=np.concatenate([words.article, value_article]),
            position=np.concatenate([words.position, nowhere]),
        )

    def _write_postings(self, files: ColumnWriter, words: _Occurrences, lengths: Lengths, scale: ImpactScale) -> None:
        tables = self.tables
        key_order, key_rank = _ranked(words.key, tables.keys)
        form_order, form_rank = _ranked(words.form[words.form != NO_FORM], tables.forms)
        key = key_rank[words.key]
        order = by_key_and_article(key, words.article)
        key, article, position = key[order], words.article[order], words.position[order]
        begins = np.flatnonzero(changes(key) | changes(article))
        vocabulary = SegmentVocabulary(
            keys=[tables.keys[number].encode() for number in key_order],
            forms=[tables.forms[number].encode() for number in form_order],
            form_term=key_rank[tables.form_term[form_order]],
        )
        writer = PostingsWriter(files, vocabulary, lengths, scale, highest=int(position.max(initial=0)))
        count = np.diff(begins, append=len(order))
        writer.append(key[begins], article[begins], count, position, form_rank[words.form[order]])
        writer.close()


def _texts(rows: Sequence[PreparedArticle]) -> Iterator[list[bytes]]:
    """The fields of the rows, one after the other, in batches of whole rows."""
    texts: list[bytes] = []
    size = 0
    for row in rows:
        fields = (row.title, row.lead, row.singles["author"], row.singles["section"])
        title, lead, author, section = (field.encode("utf-16-le", "surrogatepass") for field in fields)
        texts += (title, lead, row.text, author, section)
        size += len(row.text)
        if size > 2 * CUT:
            yield texts
            texts, size = [], 0
    if texts:
        yield texts


def _columns(rows: Sequence[PreparedArticle], lengths: Lengths) -> ArticleColumns:
    return ArticleColumns(
        values={name: np.array([getattr(row, name) for row in rows], dtype) for name, dtype in ARTICLE_VALUES.items()},
        lengths=lengths,
        origins=[row.origin.encode() for row in rows],
        ids=[row.id.encode() for row in rows],
        singles={name: [row.singles[name].encode() for row in rows] for name in SINGLES},
        lists={name: [[value.encode() for value in row.lists[name]] for row in rows] for name in LISTS},
        sizes=np.array([(len(row.json), len(row.text)) for row in rows], np.int64).ravel(),
    )


def _ranked(numbers: Array, strings: Sequence[str]) -> tuple[list[int], Array]:
    """Those of `strings` that `numbers` name, ascending; and each one's place among them, NO_FORM at the last."""
    used: list[int] = np.flatnonzero(np.bincount(numbers, minlength=1)[: len(strings)]).tolist()
    used.sort(key=strings.__getitem__)
    rank = np.full(len(strings) + 1, NO_FORM, np.int64)
    rank[used] = np.arange(len(used))
    return used, rank
