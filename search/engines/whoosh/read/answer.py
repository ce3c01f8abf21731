"""What one segment answers to a request: the articles under the filters, the first of them in order, the counts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import NamedTuple

import numpy as np

from search.engine import Request
from search.engines.whoosh import loops
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read import top
from search.engines.whoosh.read.evaluation import Evaluation
from search.engines.whoosh.read.facets import Tally
from search.engines.whoosh.read.plan import Plan
from search.engines.whoosh.read.segment import Segment
from search.engines.whoosh.sets import is_in
from search.engines.whoosh.vocabulary import FACET_LETTERS
from search.model import FACETS, Filters, Sort
from search.publication import UNDATED, instant
from search.query.tree import Person, Query
from search.ranking import COMPLETE

BATCH = 1000
# More points than words can have: what those are put before the others by that are published on days that lead.
LEAD = np.int64(1 << 40)


class Place(NamedTuple):
    """An article of an answer; `key` sorts it among those of other segments, `points` are what leads the key, with
    `LEAD` among them for an article of days that lead."""

    key: tuple[int | str, ...]
    segment: Segment
    number: int
    points: int


@dataclass(frozen=True, slots=True, eq=False)
class SegmentAnswer:
    """One segment's part of an answer, made by `answer_of`. The sets of articles are those of `sets`.

    `articles` are under all filters, with their `points`, i4 [m] or with `LEAD` i8, where they are put in order by
    relevance. `everywhere` leaves out the filters that facets leave out; `own` says of each of those, by its name,
    which of them it lets through: bool [m].
    """

    segment: Segment
    request: Request
    evaluation: Evaluation
    articles: Array
    points: Array | None
    everywhere: Array
    own: Mapping[str, Array]

    @property
    def cut(self) -> bool:
        """Whether more could match than was looked at."""
        return self.evaluation.cut

    @property
    def total(self) -> int:
        """How many articles are under all filters."""
        return len(self.articles)

    def count(self, tally: Tally, number: int) -> None:
        """Add the facets, each under every filter but its own; `number` is the segment's among all."""
        segment = self.segment
        tally.add_dates(segment, _under(self.everywhere, self.own.values()))
        for facet in FACETS:
            tally.values[facet.filter].add(number, segment.value_counts(facet, self._without(facet.filter)))
        tally.persons.add(segment, self._without("person"))

    def _without(self, name: str) -> Array:
        """The articles under every filter but one."""
        if name not in self.own:
            return self.articles
        others = [mask for other, mask in self.own.items() if other != name]
        return _in_time(self.segment, self.request.filters, _under(self.everywhere, others))

    def missing(self, clauses: Sequence[Query], numbers: Sequence[int]) -> dict[int, tuple[Query, ...]]:
        """By the number of each of some articles, which of the counted clauses of the query it does not match."""
        articles = np.array(sorted(numbers), np.intp)
        lacking = [~self.evaluation.matches(articles, clause) for clause in clauses]
        return {number: tuple(compress(clauses, row)) for number, *row in zip(articles.tolist(), *lacking, strict=True)}

    def page(self, reach: int, *, alone: bool) -> Iterator[Place]:
        """The first `reach` of the articles in the order that is asked for; without keys where it is `alone`."""
        articles, columns = self.articles, self.segment.columns
        if not reach or not len(articles):
            return
        leading: Array | None = None
        match self.request.sort:
            case Sort.RELEVANCE if self.points is not None:
                chosen = loops.highest(self.points, reach)
                leading = self.points.take(chosen)
            case Sort.VIEWS:
                views = columns.views.take(articles)
                chosen = loops.highest(views, reach)
                leading = views.take(chosen)
            case Sort.INDEXED:
                came_in = np.maximum(columns.indexed.take(articles), columns.time.take(articles))
                chosen = loops.highest(came_in, reach)
                leading = came_in.take(chosen)
            case Sort.OLDEST:
                chosen = top.oldest(articles, columns.time, self.segment.undated, reach)
            case _:
                chosen = top.newest(articles, reach)
        articles = articles.take(chosen)
        for at in range(0, len(articles), BATCH):
            batch = articles[at : at + BATCH]
            leads = [0] * len(batch) if leading is None else leading[at : at + BATCH].tolist()
            keys = repeat(()) if alone else self._keys(batch, leads)
            for key, number, lead in zip(keys, batch.tolist(), leads, strict=False):
                yield Place(key, self.segment, number, lead)

    def _keys(self, articles: Array, leads: Sequence[int]) -> Iterator[tuple[int | str, ...]]:
        """What the articles are sorted by: the leading numbers descending, then the time, then the id."""
        sign = 1 if self.request.sort is Sort.OLDEST else -1
        times = self.segment.columns.time.take(articles).tolist()
        ids = (self.segment.ids[number].decode() for number in articles.tolist())
        return ((-lead, time == UNDATED, sign * time, own) for lead, time, own in zip(leads, times, ids, strict=True))


def answer_of(
    segment: Segment, plan: Plan, request: Request, moment: int, recent: Sequence[tuple[int, int]], *, ranked: bool
) -> SegmentAnswer:
    """What the segment answers. `moment` is the time, in microseconds, up to which articles are published, `recent` are
    the steps of `recency_steps`."""
    columns = segment.columns
    low, high = _range(segment, request, moment)
    evaluation = Evaluation(segment, plan, low, high)
    matched = evaluation.match(ranked=ranked)
    everywhere = _living(segment, matched.articles)
    if request.since is not None:
        everywhere = everywhere.compress(is_in(everywhere, segment.known_since(instant(request.since)), segment.size))
    own = dict(_own_filters(segment, request, everywhere, low, high))
    articles = _in_time(segment, request.filters, _under(everywhere, own.values()))
    points = None
    if ranked and request.limit:
        points = evaluation.score(matched, articles)
        _gain(evaluation, plan, columns.day, articles, points, recent)
        if plan.lead is not None:
            points = points + LEAD * evaluation.matches(articles, plan.lead)
    return SegmentAnswer(segment, request, evaluation, articles, points, everywhere, own)


def _range(segment: Segment, request: Request, moment: int) -> tuple[int, int]:
    """The articles that may be of interest, from the first number up to, not with, the second."""
    low, high = (0, segment.size) if request.filters.between is None else segment.days_between(request.filters.between)
    visible = segment.visible(moment)
    low, high = min(low, visible), min(high, visible)
    if request.since is not None:
        recent = segment.known_since(instant(request.since))
        low, high = (max(low, int(recent[0])), min(high, int(recent[-1]) + 1)) if len(recent) else (low, low)
        high = max(low, high)
    # Facets count the neighbours of the period too, so that only without them the range may narrow to it.
    if request.facets:
        return low, high
    first, last = _bounds(segment, request.filters)
    return max(low, first), max(low, min(high, last))


def _living(segment: Segment, articles: Array) -> Array:
    """Those that are not dead."""
    if not len(segment.dead):
        return articles
    return articles.compress(~is_in(articles, segment.dead, segment.size))


def _own_filters(
    segment: Segment, request: Request, articles: Array, low: int, high: int
) -> Iterator[tuple[str, Array]]:
    """The filters that the facets of their own leave out: which of the articles each lets through, bool [m]."""
    for facet in FACETS:
        value = getattr(request.filters, facet.filter)
        if value is None:
            continue
        if facet.several:
            key = segment.key(FACET_LETTERS[facet.filter], value)
            having = articles[:0] if key is None else segment.term(key, low, high).article
            yield facet.filter, is_in(articles, having, segment.size)
        else:
            having = segment.values[facet.filter].having(value) & (value != "")
            yield facet.filter, having.take(getattr(segment.columns, facet.filter).take(articles))
    if request.filters.person is not None:
        yield "person", is_in(articles, segment.mentioning(Person(request.filters.person)), segment.size)


def _in_time(segment: Segment, filters: Filters, articles: Array) -> Array:
    """The articles of the chosen period, or the undated ones."""
    if filters.period is None and not filters.undated:
        return articles
    first, last = articles.searchsorted(_bounds(segment, filters))
    return articles[first:last]


def _bounds(segment: Segment, filters: Filters) -> tuple[int, int]:
    """The same among all articles, from the first number up to, not with, the second."""
    first, last = (0, segment.size) if filters.period is None else segment.bounds(filters.period)
    return first, min(last, segment.undated) if filters.undated else last


def _gain(
    evaluation: Evaluation,
    plan: Plan,
    day: Array,
    articles: Array,
    points: Array,
    recent: Sequence[tuple[int, int]],
) -> None:
    """Add to the points of articles [m] what they gain by their day and by having all words (see search.ranking). Those
    of one step of recency stand together; `day` is the column of the segment."""
    complete = None
    if plan.whole is not None:
        complete = points.astype(np.int64) * COMPLETE // 100 * evaluation.matches(articles, plan.whole)
    days = day.searchsorted(np.array([first for first, _ in recent], np.int32))
    loops.gain(points, articles.searchsorted(days), np.array([percent for _, percent in recent], np.int64))
    if complete is not None:
        points += complete.astype(points.dtype)


def _under(articles: Array, filters: Collection[Array]) -> Array:
    """The articles that all of the filters let through."""
    return articles.compress(np.logical_and.reduce(list(filters))) if filters else articles
