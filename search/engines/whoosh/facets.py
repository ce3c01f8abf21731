"""Facets of a set of articles: the archive block is read off the boundaries of the days, the rest is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engines.whoosh.segment import Segment
from search.engines.whoosh.vocabulary import Strings
from search.model import Count, Days, Facets, Period

__all__ = ["Tally", "Values", "bounds", "days_between"]

Array = NDArray[Any]

TOP_VALUES = 20


def bounds(segment: Segment, period: Period) -> tuple[int, int]:
    """The articles of a period, from the first number up to, not with, the second."""
    return days_between(segment, period.days())


def days_between(segment: Segment, days: Days) -> tuple[int, int]:
    """The articles of these days, likewise."""
    day = segment.columns.day
    first = day.searchsorted(np.int32(days.first.toordinal()))
    return int(first), int(day.searchsorted(np.int32(days.last.toordinal()), side="right"))


class Values:
    """The values of a facet in all segments together, ascending and numbered; the empty one is number 0."""

    def __init__(self, segments: Sequence[Strings]) -> None:
        names = sorted({b""}.union(*segments))
        self.names = [name.decode() for name in names]
        place = {name: number for number, name in enumerate(names)}
        # Of each segment's numbers those of all; None where they are the same.
        self.numbers = [None if len(own) == len(names) else np.array([place[name] for name in own]) for own in segments]


class ValueCounts:
    """Counts of the values of one facet."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._counts = np.zeros(len(values.names), np.int64)

    def add(self, segment: int, column: Array) -> None:
        """Count articles by their numbers in a column of the segment, [m]."""
        numbers = self._values.numbers[segment]
        if numbers is None:
            self._counts += np.bincount(column, minlength=len(self._counts))
        else:
            self._counts[numbers] += np.bincount(column, minlength=len(numbers))

    def most_frequent(self) -> tuple[Count[str], ...]:
        """The most frequent values, the count descending, then the value."""
        counts, names = self._counts, self._values.names
        counts[0] = 0  # articles without a value
        top = np.argsort(-counts, kind="stable")[:TOP_VALUES]
        found = zip(top.tolist(), counts[top].tolist(), strict=True)
        return tuple(Count(names[number], count) for number, count in found if count)


class Tally:
    """Counts that grow segment by segment. The sets of articles are those of `sets`."""

    def __init__(self, period: Period | None, authors: Values, sections: Values) -> None:
        self.authors = ValueCounts(authors)
        self.sections = ValueCounts(sections)
        self._period = period
        self._years: Counter[int] = Counter()
        self._months: Counter[int] = Counter()
        self._days: Counter[int] = Counter()
        self._undated = 0

    def add_dates(self, segment: Segment, articles: Array) -> None:
        """Count articles that are under every filter but the period."""
        undated = int(articles.searchsorted(segment.undated))
        self._undated += undated
        dated = articles[undated:]
        if not len(dated):
            return
        self._years.update(_between(dated, segment.year_edges, segment.first_year))
        period = self._period
        if period is not None:
            months = [date(period.year, month, 1) for month in range(1, 13)]
            self._months.update(_counts(segment, _inside(segment, dated, Period(period.year)), months, 1))
        if period is not None and period.month is not None:
            month = Period(period.year, period.month)
            days = [date(period.year, period.month, day) for day in range(1, month.days().last.day + 1)]
            self._days.update(_counts(segment, _inside(segment, dated, month), days, 1))

    def facets(self) -> Facets:
        """What was counted."""
        period = self._period
        return Facets(
            years=_ascending(self._years),
            months=None if period is None else _ascending(self._months),
            days=None if period is None or period.month is None else _ascending(self._days),
            undated=self._undated,
            authors=self.authors.most_frequent(),
            sections=self.sections.most_frequent(),
        )


def _inside(segment: Segment, articles: Array, period: Period) -> Array:
    first, last = articles.searchsorted(bounds(segment, period))
    return articles[first:last]


def _counts(segment: Segment, articles: Array, begins: Sequence[date], number: int) -> dict[int, int]:
    """How many articles there are from each of the days in `begins` to the next, under ascending numbers."""
    ordinals = np.array([day.toordinal() for day in begins], np.int32)
    return _between(articles, segment.columns.day.searchsorted(ordinals), number)


def _between(articles: Array, edges: Array, number: int) -> dict[int, int]:
    """How many articles there are from each edge to the next and from the last on, under ascending numbers."""
    counts = np.diff(articles.searchsorted(edges), append=len(articles)).tolist()
    return {at: count for at, count in enumerate(counts, number) if count}


def _ascending(counts: Counter[int]) -> tuple[Count[int], ...]:
    return tuple(Count(value, counts[value]) for value in sorted(counts))
