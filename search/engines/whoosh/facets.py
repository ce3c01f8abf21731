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

__all__ = ["Tally", "bounds", "days_between"]

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


class Tally:
    """Counts that grow segment by segment. The sets of articles are those of `sets`."""

    def __init__(self, period: Period | None) -> None:
        self._period = period
        self._years: Counter[int] = Counter()
        self._months: Counter[int] = Counter()
        self._days: Counter[int] = Counter()
        self._undated = 0
        self._authors: Counter[str] = Counter()
        self._sections: Counter[str] = Counter()

    def add_dates(self, segment: Segment, articles: Array) -> None:
        """Count articles that are under every filter but the period."""
        undated = int(articles.searchsorted(np.uint32(segment.undated)))
        self._undated += undated
        dated = articles[undated:]
        if not len(dated):
            return
        first, last = (date.fromordinal(int(segment.columns.day[article])).year for article in (dated[0], dated[-1]))
        self._years.update(_counts(segment, dated, [date(year, 1, 1) for year in range(first, last + 1)], first))
        period = self._period
        if period is not None:
            months = [date(period.year, month, 1) for month in range(1, 13)]
            self._months.update(_counts(segment, _inside(segment, dated, Period(period.year)), months, 1))
        if period is not None and period.month is not None:
            month = Period(period.year, period.month)
            days = [date(period.year, period.month, day) for day in range(1, month.days().last.day + 1)]
            self._days.update(_counts(segment, _inside(segment, dated, month), days, 1))

    def add_authors(self, segment: Segment, articles: Array) -> None:
        """Count articles that are under every filter but the author."""
        self._authors.update(_values(segment.columns.author, segment.authors, articles))

    def add_sections(self, segment: Segment, articles: Array) -> None:
        """Count articles that are under every filter but the section."""
        self._sections.update(_values(segment.columns.section, segment.sections, articles))

    def facets(self) -> Facets:
        """What was counted."""
        period = self._period
        return Facets(
            years=_ascending(self._years),
            months=None if period is None else _ascending(self._months),
            days=None if period is None or period.month is None else _ascending(self._days),
            undated=self._undated,
            authors=_most_frequent(self._authors),
            sections=_most_frequent(self._sections),
        )


def _inside(segment: Segment, articles: Array, period: Period) -> Array:
    first, last = np.searchsorted(articles, np.array(bounds(segment, period), np.uint32))
    return articles[first:last]


def _counts(segment: Segment, articles: Array, begins: Sequence[date], number: int) -> dict[int, int]:
    """How many articles there are from each of the days in `begins` to the next, under ascending numbers."""
    ordinals = np.array([day.toordinal() for day in begins], np.int32)
    edges = np.searchsorted(articles, segment.columns.day.searchsorted(ordinals).astype(np.uint32))
    counts = np.diff(edges, append=len(articles)).tolist()
    return {at: count for at, count in enumerate(counts, number) if count}


def _values(column: Array, names: Strings, articles: Array) -> dict[str, int]:
    counts = np.bincount(column[articles], minlength=1)
    counts[0] = 0  # the empty value is no author and no section
    return {names[number].decode(): int(counts[number]) for number in np.flatnonzero(counts).tolist()}


def _ascending(counts: Counter[int]) -> tuple[Count[int], ...]:
    return tuple(Count(value, counts[value]) for value in sorted(counts))


def _most_frequent(counts: Counter[str]) -> tuple[Count[str], ...]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Count(value, count) for value, count in ordered[:TOP_VALUES])
