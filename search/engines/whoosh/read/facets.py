"""Facets of a set of articles: the archive block is read off the boundaries of the days, the rest is counted."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from search.engine import LEAST_MENTIONED, Request
from search.engines.whoosh import loops
from search.engines.whoosh.people import People
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.segment import Segment
from search.model import FACETS, Count, Facets, Period


class Values:
    """The values of a facet in all segments together, ascending and numbered; the empty one is number 0."""

    def __init__(self, segments: Sequence[Sequence[str]]) -> None:
        self.names = names = sorted({""}.union(*segments))
        place = {name: number for number, name in enumerate(names)}
        # Of each segment's numbers those of all; None where they are the same.
        self.numbers = [None if len(own) == len(names) else np.array([place[name] for name in own]) for own in segments]


class ValueCounts:
    """Counts of the values of one facet."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._counts = np.zeros(len(values.names), np.int64)

    def add(self, segment: int, counts: Array) -> None:
        """Add how often each of the segment's own values occurs."""
        numbers = self._values.numbers[segment]
        if numbers is None:
            self._counts += counts
        else:
            self._counts[numbers] += counts

    def most_frequent(self, most: int) -> tuple[Count[str], ...]:
        """The `most` frequent values, the count descending, then the value."""
        counts, names = self._counts, self._values.names
        counts[0] = 0  # articles without a value
        top = loops.most(counts, most, 1)
        return tuple(map(Count, (names[number] for number in top.tolist()), counts.take(top).tolist()))


class PersonCounts:
    """Counts of the people."""

    def __init__(self, people: People | None) -> None:
        self._people = people
        self._counts = np.zeros(len(people.names) if people else 0, np.int64)

    def add(self, segment: Segment, articles: Array) -> None:
        """Count whom the articles mention."""
        if segment.mentioned is not None:
            self._counts += segment.list_counts(segment.mentioned.persons, articles)

    def most_frequent(self, most: int) -> tuple[Count[str], ...]:
        """The `most` that articles mention, the count descending, then the name."""
        if self._people is None:
            return ()
        top, names = loops.most(self._counts, most, LEAST_MENTIONED), self._people.names
        return tuple(map(Count, (names[number].decode() for number in top.tolist()), self._counts.take(top).tolist()))


class Tally:
    """Counts that grow segment by segment. The sets of articles are those of `sets`."""

    def __init__(self, period: Period | None, values: Mapping[str, Values], people: People | None) -> None:
        """`values` are those of each of FACETS, by its filter."""
        self.values = {name: ValueCounts(values[name]) for name in values}
        self.persons = PersonCounts(people)
        self._period = period
        self._years: Counter[int] = Counter()
        self._months: Counter[int] = Counter()
        self._days: Counter[int] = Counter()
        self._undated = 0

    def add_dates(self, segment: Segment, articles: Array) -> None:
        """Count articles that are under every filter but the period."""
        self._undated += int(articles.searchsorted(segment.undated))
        _count(self._years, articles.searchsorted(segment.year_edges), segment.first_year)
        period = self._period
        if period is not None:
            self._count_within(self._months, segment, articles, Period(period.year))
            if period.month is not None:
                self._count_within(self._days, segment, articles, Period(period.year, period.month))

    @staticmethod
    def _count_within(counts: Counter[int], segment: Segment, articles: Array, period: Period) -> None:
        _count(counts, articles.searchsorted(segment.part_edges(period)), 1)

    def facets(self, request: Request) -> Facets:
        """What was counted, as far as a request wants it."""
        period = self._period
        return Facets(
            years=_ascending(self._years),
            months=None if period is None else _ascending(self._months),
            days=None if period is None or period.month is None else _ascending(self._days),
            undated=self._undated,
            **{facet.counts: self.values[facet.filter].most_frequent(request.most_frequent) for facet in FACETS},
            persons=self.persons.most_frequent(request.most_mentioned),
        )


def _count(counts: Counter[int], edges: Array, number: int) -> None:
    """Add the distances from each edge to the next, under ascending numbers."""
    for at, count in enumerate((edges[1:] - edges[:-1]).tolist(), number):
        if count:
            counts[at] += count


def _ascending(counts: Counter[int]) -> tuple[Count[int], ...]:
    return tuple(Count(value, counts[value]) for value in sorted(counts))
