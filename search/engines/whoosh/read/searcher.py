"""One generation that answers: the segments are asked one by one, and their answers merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache, partial
from heapq import merge
from itertools import compress, islice

import numpy as np
from msgspec import structs

from search.config import Settings
from search.engine import Answer, Match, Origin, Request, Visibility
from search.engines.whoosh.damage import DamageCheck, checked, checked_rows
from search.engines.whoosh.people import People
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.answer import LEAD, Place, SegmentAnswer, answer_of
from search.engines.whoosh.read.duplicates import Duplicates, duplicates
from search.engines.whoosh.read.facets import Tally, Values
from search.engines.whoosh.read.forms import alike, expand, most_frequent, with_almost_prefix, with_prefix
from search.engines.whoosh.read.plan import Plan, looked_up, planned
from search.engines.whoosh.read.segment import Segment
from search.model import FACETS, Article, Count, IndexInfo, Sort
from search.publication import instant
from search.query.tree import LETTERS, Field, Query, counted
from search.ranking import recency_steps, score_of

NOTHING = np.empty(0, np.int64)
TERMS_KEPT = 1 << 15
PLANS_KEPT = 1 << 9
PREFIXES_KEPT = 1 << 8

# Of one segment, by the number of an article: which clauses of a query it does not match.
Missing = Mapping[int, tuple[Query, ...]]


class WhooshSearcher:
    """The segments of one generation; see `search.engine.Searcher`."""

    def __init__(
        self,
        segments: Sequence[Segment],
        people: People | None,
        info: IndexInfo,
        settings: Settings,
        damage_check: DamageCheck,
    ) -> None:
        self._segments = segments
        self._people = people
        self._info = info
        self._damage_check = damage_check
        self._ranking = settings.ranking  # that of the index: opening compares them
        self._recency = settings.recency
        self._size = sum(segment.size for segment in segments)
        self._values = {
            facet.filter: Values([segment.values[facet.filter].names for segment in segments]) for facet in FACETS
        }
        # A generation does not change: what is known of its terms is known for good. The searcher itself is not held by
        # what it holds, so that the files of a generation are let go with the last who asks it.
        look_up = lru_cache(maxsize=TERMS_KEPT)(partial(looked_up, segments, settings.ranking))
        self._frequency = lru_cache(maxsize=TERMS_KEPT)(partial(_frequency, segments))
        expansion = lru_cache(maxsize=PREFIXES_KEPT)(partial(expand, segments))
        self._plans = lru_cache(maxsize=PLANS_KEPT)(partial(planned, segments, look_up, expansion))

    @property
    def info(self) -> IndexInfo:
        return self._info

    @checked
    def search(self, request: Request) -> Answer:
        plans, bounded = self._plans(request.query)
        ranked = _is_ranked(request, plans)
        answers = self._answers(request, plans, ranked=ranked)
        copies = self._copies(answers) if request.fold else NOTHING
        ascending = np.sort(copies)
        folded = int(np.count_nonzero(ascending[1:] == ascending[:-1]))
        reach = request.limit and request.offset + request.limit
        places = list(islice(_unfolded(answers, reach) if folded else _places(answers, reach), request.offset, reach))
        missing = {}
        if clauses := counted(request.query):
            for answer in answers:
                numbers = [place.number for place in places if place.segment is answer.segment]
                missing[answer.segment] = answer.missing(clauses, numbers)
        tally = Tally(request.filters.period, self._values, self._people)
        if request.facets:
            for number, answer in enumerate(answers):
                answer.count(tally, number)
        return Answer(
            total=sum(answer.total for answer in answers),
            matches=tuple(self._match(place, copies, missing, ranked) for place in places),
            facets=tally.facets(request) if request.facets else None,
            bounded=bounded,
            folded=folded,
            cut=any(answer.cut for answer in answers),
        )

    def counts(self, queries: Sequence[Query], now: datetime) -> tuple[int, ...]:
        return tuple(self.search(Request(now, query, limit=0, facets=False)).total for query in queries)

    @checked_rows
    def matching(self, request: Request) -> Iterator[Article]:
        plans, _ = self._plans(request.query)
        everything = structs.replace(request, facets=False, limit=self._size)
        answers = self._answers(everything, plans, ranked=_is_ranked(request, plans))
        return (place.segment.article(place.number) for place in _places(answers, self._size))

    def _answers(self, request: Request, plans: Sequence[Plan], *, ranked: bool) -> list[SegmentAnswer]:
        moment, recent = instant(request.now), []
        if ranked and request.limit:
            recent = recency_steps(self.visibility(request.now).newest, self._recency)
        parts = zip(self._segments, plans, strict=True)
        return [answer_of(segment, plan, request, moment, recent, ranked=ranked) for segment, plan in parts]

    @cached_property
    def _duplicates(self) -> list[Duplicates]:
        return duplicates(self._segments)

    def _copies(self, answers: Sequence[SegmentAnswer]) -> Array:
        """What the articles of the answers share with others of the generation, wherever those are: i8 [k]."""
        shared = [
            duplicates.among(answer.articles) for duplicates, answer in zip(self._duplicates, answers, strict=True)
        ]
        return np.concatenate([NOTHING, *shared])

    def _match(self, place: Place, copies: Array, missing: Mapping[Segment, Missing], ranked: bool) -> Match:
        score = score_of(place.points % int(LEAD), self._ranking) if ranked else None
        copy = int(place.segment.columns.copy[place.number])
        similar = max(0, int(np.count_nonzero(copies == copy)) - 1) if len(copies) else 0
        lacking = missing[place.segment][place.number] if missing else ()
        return Match(place.segment.article(place.number), score, similar, lacking)

    @checked
    def visibility(self, now: datetime) -> Visibility:
        moment = instant(now)
        parts = [segment.visibility(moment) for segment in self._segments]
        return Visibility(
            articles=sum(part.articles for part in parts),
            newest=max((part.newest for part in parts if part.newest), default=None),
            until=min((part.until for part in parts if part.until is not None), default=None),
        )

    @checked
    def article(self, article_id: str, now: datetime) -> Article | None:
        for segment in self._segments:
            number = segment.article_number(article_id)
            if number is not None:
                moment = int(segment.columns.time[number]) <= instant(now)
                return segment.article(number) if moment else None
        return None

    @checked_rows
    def articles(self) -> Iterator[Article]:
        return (segment.article(number) for _, _, number, segment in merge(*map(_living, self._segments)))

    @checked_rows
    def origins(self) -> Iterator[Origin]:
        for segment in self._segments:
            alive = np.ones(segment.size, bool)
            alive[segment.dead] = False
            yield from compress(map(Origin, segment.ids.texts(), segment.origins.texts()), alive.tolist())

    @checked
    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        letter, choose = LETTERS[Field.TEXT], with_almost_prefix if typos else with_prefix
        moment = instant(now)
        return most_frequent(self._segments, lambda segment: choose(segment, letter, prefix), letter, limit, moment)

    @checked
    def alike(self, word: str, edits: int, limit: int, field: Field = Field.TEXT) -> tuple[Count[str], ...]:
        letter = LETTERS[field]
        return most_frequent(self._segments, lambda segment: alike(segment, letter, word, edits), letter, limit)

    @checked
    def frequencies(self, forms: Sequence[str], field: Field = Field.TEXT) -> tuple[int, ...]:
        return tuple(self._frequency(LETTERS[field], form) for form in forms)


def _is_ranked(request: Request, plans: Sequence[Plan]) -> bool:
    """As `Request.ranked`."""
    return request.sort is Sort.RELEVANCE and any(plan.leaves for plan in plans)


def _frequency(segments: Sequence[Segment], letter: str, form: str) -> int:
    """How often an exact form occurs."""
    return sum(exact.count for segment in segments if (exact := segment.form(letter, form)))


def _places(answers: Sequence[SegmentAnswer], reach: int) -> Iterator[Place]:
    """The first `reach` articles of all segments, in order."""
    if len(answers) == 1:
        return islice(answers[0].page(reach, alone=True), reach)
    return islice(merge(*(answer.page(reach, alone=False) for answer in answers)), reach)


def _unfolded(answers: Sequence[SegmentAnswer], wanted: int) -> list[Place]:
    """The same without those of which a near-copy comes before."""
    reach = wanted
    while True:
        places = list(_places(answers, reach))
        seen: set[int] = set()
        unfolded = []
        for place in places:
            copy = int(place.segment.columns.copy[place.number])
            if not copy or copy not in seen:
                seen.add(copy)
                unfolded.append(place)
        if len(unfolded) >= wanted or len(places) < reach:
            return unfolded
        reach *= 2


def _living(segment: Segment) -> Iterator[tuple[int, str, int, Segment]]:
    """Time, id, number and segment of the articles that are not dead, by time and id ascending."""
    dead = set(segment.dead.tolist())
    times = segment.columns.time
    numbers = np.lexsort((-np.arange(segment.size), times)).tolist()
    return ((int(times[n]), segment.ids[n].decode(), n, segment) for n in numbers if n not in dead)
