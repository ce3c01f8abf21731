"""One segment as it is read: its terms as stretches of postings, its occurrences, its articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engines.whoosh.columns import Columns
from search.engines.whoosh.postings import ragged, starts
from search.engines.whoosh.vocabulary import ID, Strings, form_key, form_of_key, term_key

__all__ = ["Form", "Segment", "Term"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """The postings of one key, or a stretch of them: `first` is the number of the first one among the key's own."""

    key: int
    first: int
    article: Array  # u4 [m]
    impact: Array  # u1 [m]


@dataclass(frozen=True, slots=True)
class Form:
    """One exact form: its home term's key and the code by which that term's occurrences tell it."""

    form: str
    key: int
    code: int
    count: int


class Segment:
    """One segment, read-only. `dead` are the articles that were replaced or removed since it was written, ascending.

    `size` is the number of its articles, `undated` of those without a date, which come first; `year_edges` are the
    numbers with which `first_year` and each year after it begin.
    """

    def __init__(self, columns: Columns, dead: Array) -> None:
        self.columns = columns
        self.dead = dead
        self.size = len(columns.time)
        self.undated = int(columns.day.searchsorted(np.int32(0), side="right"))
        self.first_year, self.year_edges = self._years()
        self.keys = Strings(columns.keys, columns.keys_at)
        self.forms = Strings(columns.forms, columns.forms_at)
        self.ids = Strings(columns.ids, columns.ids_at)
        self.store = Strings(columns.store, columns.store_at)
        self.authors = Strings(columns.author_values, columns.author_values_at)
        self.sections = Strings(columns.section_values, columns.section_values_at)

    def _years(self) -> tuple[int, Array]:
        """The first year of the dated articles, and where that year and each after it begins, up to the last."""
        if self.undated == self.size:
            return 0, np.empty(0, np.int64)
        day = self.columns.day
        first, last = (date.fromordinal(int(day[number])).year for number in (self.undated, -1))
        begins = [date(year, 1, 1).toordinal() for year in range(first, last + 1)]
        return first, day.searchsorted(np.array(begins, np.int32))

    def key(self, letter: str, term: str) -> int | None:
        """The number of a term's key, None where it never occurs."""
        return self.keys.find(term_key(letter, term))

    def frequency(self, key: int) -> int:
        """How many articles, dead ones too, have a key."""
        return int(self.columns.posting_at[key + 1]) - int(self.columns.posting_at[key])

    def term(self, key: int, low: int, high: int) -> Term:
        """The postings of a key among the articles from `low` up to, not with, `high`."""
        begin, end = int(self.columns.posting_at[key]), int(self.columns.posting_at[key + 1])
        article = self.columns.article[begin:end]
        first, last = 0, end - begin
        if low:
            first = int(article.searchsorted(np.uint32(low)))
        if high < self.size:
            last = int(article.searchsorted(np.uint32(high)))
        return Term(key, first, article[first:last], self.columns.impact[begin + first : begin + last])

    def form(self, letter: str, form: str) -> Form | None:
        """An exact form, None where it never occurs."""
        number = self.forms.find(form_key(letter, form))
        return None if number is None else self.forms_at(np.array([number]))[0]

    def forms_with(self, letter: str, prefix: str) -> list[Form]:
        """The forms that begin with a folded prefix."""
        found = self.forms.prefixed(letter + prefix)
        return self.forms_at(np.arange(found.start, found.stop))

    def forms_at(self, numbers: Array) -> list[Form]:
        """The forms of these numbers."""
        texts = (form_of_key(self.forms[number].decode()) for number in numbers.tolist())
        columns = self.columns
        of_each = (
            column.take(numbers).tolist() for column in (columns.form_term, columns.form_code, columns.form_count)
        )
        return list(map(Form, texts, *of_each))

    def counts(self, term: Term) -> Array:
        """How many occurrences each of the term's postings has."""
        begin = int(self.columns.posting_at[term.key]) + term.first
        counts: Array = self.columns.count[begin : begin + len(term.article)]
        return counts

    def occurrences(self, term: Term, chosen: Array | None = None) -> tuple[Array, Array | slice]:
        """The occurrences of the `chosen` postings (numbers into `term`, ascending), or of all of them.

        How many each posting has, [m]; and of all of them, one after the other, their numbers in the columns: a
        slice where all are asked for.
        """
        counts = self.counts(term)
        before = self.columns.count[int(self.columns.posting_at[term.key]) :][: term.first]
        first = int(self.columns.occurrence_at[term.key]) + int(before.sum(dtype=np.int64))
        if chosen is None:
            return counts, slice(first, first + int(counts.sum(dtype=np.int64)))
        last = int(chosen[-1]) + 1 if len(chosen) else 0
        at = starts(counts[:last])
        counts = counts.take(chosen).astype(np.int64)
        return counts, first + ragged(at.take(chosen), counts)

    def article_number(self, article_id: str) -> int | None:
        """The number of the living article with this id."""
        key = self.key(ID, article_id)
        if key is None:
            return None
        number = int(self.columns.article[self.columns.posting_at[key]])
        place = int(np.searchsorted(self.dead, number))
        return None if place < len(self.dead) and self.dead[place] == number else number
