"""What one segment answers to a request: the articles under the filters, the first of them in order, the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise, repeat
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
    """An article of an answer; `key` sorts it among those of other segments, `points` are what leads the key."""

    key: tuple[int | str, ...]
    segment: Segment
    number: int
    points: int


class Answer:
    """One segment's part of an answer. `due` is the time, in microseconds, up to which articles are published;
    `ranked` says whether they are put in order by relevance, `recent` are the steps of `recency_steps`.
    """

    def __init__(
        self,
        segment: Segment,
        plan: Plan,
        request: Request,
        due: int,
        recent: Sequence[tuple[int, int]],
        *,
        ranked: bool,
    ) -> None:
        self._segment = segment
        self._recent = recent
        self._request = request
        self._ranked = ranked
        low, high = self._range(due)
        if request.period is not None:
            # Facets count the neighbours of the period too, so that only without them the range may narrow to it.
            first, last = bounds(segment, request.period)
            if not request.facets:
                low, high = max(low, first), max(low, min(high, last))
        self._evaluation = Evaluation(segment, plan, low, high)
        matched = self._living(self._evaluation.match(ranked=ranked), low, high)
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

    def copies(self) -> Array:
        """What near-copies share, of the articles under all filters: i8 [m]."""
        return self._segment.columns.copy.take(self.articles)

    @cached_property
    def _points(self) -> Array:
        """The points of the articles under all filters, i4 [m]."""
        points = self._evaluation.score(self.articles)
        self._favour_recent(points)
        return points

    def page(self, reach: int, *, alone: bool) -> Iterator[Place]:
        """The first `reach` of the articles in the order that is asked for; without keys where it is `alone`."""
        articles, columns = self.articles, self._segment.columns
        if not reach or not len(articles):
            return
        leading: Array | None = None
        match self._request.sort:
            case Sort.RELEVANCE if self._ranked:
                chosen = top.highest(articles, self._points, reach)
                leading = self._points.take(chosen)
            case Sort.VIEWS:
                views = columns.views.take(articles)
                chosen = top.highest(articles, views, reach)
                leading = views.take(chosen)
            case Sort.INDEXED:
                known = np.maximum(columns.indexed.take(articles), columns.time.take(articles))
                chosen = top.highest(articles, known, reach)
                leading = known.take(chosen)
            case Sort.OLDEST:
                chosen = top.oldest(articles, columns.time, self._segment.undated, reach)
            case _:
                chosen = top.newest(articles, reach)
        articles = articles.take(chosen)
        for at in range(0, len(articles), STRETCH):
            stretch = articles[at : at + STRETCH]
            leads = [0] * len(stretch) if leading is None else leading[at : at + STRETCH].tolist()
            keys = repeat(()) if alone else self._keys(stretch, leads)
            for key, number, lead in zip(keys, stretch.tolist(), leads, strict=False):
                yield Place(key, self._segment, number, lead)

    def _keys(self, articles: Array, leads: Sequence[int]) -> Iterator[tuple[int | str, ...]]:
        """What the articles are sorted by: the leading numbers descending, then the time, then the id."""
        sign = 1 if self._request.sort is Sort.OLDEST else -1
        times = self._segment.columns.time.take(articles).tolist()
        ids = (self._segment.ids[number].decode() for number in articles.tolist())
        return ((-lead, time == UNDATED, sign * time, own) for lead, time, own in zip(leads, times, ids, strict=True))

    def _favour_recent(self, points: Array) -> None:
        """Add to the points [m] of the articles what they gain by their day; those of one step stand together."""
        days = self._segment.columns.day.searchsorted(np.array([day for day, _ in self._recent], np.int32))
        begins = [*self.articles.searchsorted(days).tolist(), len(points)]
        for (_, percent), (begin, end) in zip(self._recent, pairwise(begins), strict=True):
            points[begin:end] += (points[begin:end].astype(np.int64) * percent // 100).astype(points.dtype)


def _both(articles: Array, *masks: Array | None) -> Array:
    """The articles that all of the masks leave."""
    asked = [mask for mask in masks if mask is not None]
    return articles.compress(np.logical_and.reduce(asked)) if asked else articles
