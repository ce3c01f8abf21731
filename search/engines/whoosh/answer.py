"""What one segment answers to a request: the articles under the filters, the first of them in order, the counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import Request
from search.engines.whoosh import top
from search.engines.whoosh.columns import UNDATED
from search.engines.whoosh.evaluation import Evaluation, Plan
from search.engines.whoosh.facets import Tally, bounds, days_between
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.sets import is_in
from search.engines.whoosh.vocabulary import TAG, Strings
from search.model import Sort

__all__ = ["Answer", "Place"]

Array = NDArray[Any]
STRETCH = 1000


class Place(NamedTuple):
    """An article of an answer; `key` sorts it among those of other segments, its first number is minus the points."""

    key: tuple[int | str, ...]
    segment: Segment
    number: int


class Answer:
    """One segment's part of an answer. `due` is the time, in microseconds, up to which articles are published."""

    def __init__(self, segment: Segment, plan: Plan, request: Request, due: int) -> None:
        self._segment = segment
        self._request = request
        low, high = self._range(due)
        if request.period is not None:
            # Facets count the neighbours of the period too, so that only without them the range may narrow to it.
            first, last = bounds(segment, request.period)
            if not request.facets:
                low, high = max(low, first), max(low, min(high, last))
        self._evaluation = Evaluation(segment, plan, low, high)
        matched = self._living(self._evaluation.match(), low, high)
        self._everywhere = matched
        self._author = self._of_value(segment.columns.author, segment.authors, request.author, matched)
        self._section = self._of_value(segment.columns.section, segment.sections, request.section, matched)
        self.articles = self._in_period(_both(matched, self._author, self._section))

    @property
    def total(self) -> int:
        """How many articles are under all filters."""
        return len(self.articles)

    def _range(self, due: int) -> tuple[int, int]:
        segment, between = self._segment, self._request.between
        low, high = (0, segment.size) if between is None else days_between(segment, between)
        visible = int(segment.columns.time.searchsorted(np.int64(due), side="right"))
        return min(low, visible), min(high, visible)

    def _living(self, articles: Array, low: int, high: int) -> Array:
        """Those that are not dead and have the tag that is asked for."""
        segment, tag = self._segment, self._request.tag
        if len(segment.dead):
            articles = articles.compress(~is_in(articles, segment.dead, segment.size))
        if tag is not None:
            key = segment.key(TAG, tag)
            tagged = articles[:0] if key is None else segment.term(key, low, high).article
            articles = articles.compress(is_in(articles, tagged, segment.size))
        return articles

    @staticmethod
    def _of_value(column: Array, names: Strings, value: str | None, articles: Array) -> Array | None:
        """Which of the articles have a value: bool [m]; None where none is asked for."""
        if value is None:
            return None
        number = names.find(value)
        if number is None or not value:
            return np.zeros(len(articles), bool)
        mask: Array = column.take(articles) == number
        return mask

    def _in_period(self, articles: Array) -> Array:
        period = self._request.period
        if period is None:
            return articles
        first, last = articles.searchsorted(bounds(self._segment, period))
        return articles[first:last]

    def count(self, tally: Tally, number: int) -> None:
        """Add the facets, each under every filter but its own; `number` is the segment's among all."""
        everywhere, author, section = self._everywhere, self._author, self._section
        tally.add_dates(self._segment, _both(everywhere, author, section))
        columns = self._segment.columns
        counted = self.articles if author is None else self._in_period(_both(everywhere, section))
        tally.authors.add(number, columns.author.take(counted))
        counted = self.articles if section is None else self._in_period(_both(everywhere, author))
        tally.sections.add(number, columns.section.take(counted))

    def page(self, *, ranked: bool) -> Iterator[Place]:
        """The first of the articles, as many as the request reaches, in its order."""
        articles, columns = self.articles, self._segment.columns
        reach = self._request.offset + self._request.limit
        if not reach or not len(articles):
            return iter(())
        match self._request.sort:
            case Sort.RELEVANCE if ranked:
                points = self._evaluation.score(articles)
                chosen = top.highest(articles, points, reach)
                leading = -points[chosen]
            case Sort.VIEWS:
                chosen = top.highest(articles, columns.views.take(articles), reach)
                leading = -columns.views[articles[chosen]]
            case Sort.OLDEST:
                chosen = top.oldest(articles, columns.time, self._segment.undated, reach)
                return self._places(articles[chosen], np.zeros(len(chosen), np.int64), sign=1)
            case _:
                chosen = top.newest(articles, reach)
                leading = np.zeros(len(chosen), np.int64)
        return self._places(articles[chosen], leading, sign=-1)

    def _places(self, articles: Array, leading: Array, *, sign: int) -> Iterator[Place]:
        """The keys: the leading number, then the time (from the newest with `sign` -1), then the id; by stretches."""
        segment = self._segment
        for at in range(0, len(articles), STRETCH):
            numbers = articles[at : at + STRETCH]
            times, leads = segment.columns.time[numbers].tolist(), leading[at : at + STRETCH].tolist()
            for lead, time, number in zip(leads, times, numbers.tolist(), strict=True):
                yield Place((lead, time == UNDATED, sign * time, segment.ids[number].decode()), segment, number)


def _both(articles: Array, *masks: Array | None) -> Array:
    """The articles that all of the masks leave."""
    asked = [mask for mask in masks if mask is not None]
    return articles.compress(np.logical_and.reduce(asked)) if asked else articles
