"""One generation that answers: the segments are asked one by one, and their answers merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from search.analysis import fold_kazakh
from search.config import Ranking
from search.engine import Found, Match, Request
from search.engines.whoosh.answer import Answer, Place
from search.engines.whoosh.evaluation import Plan, scored
from search.engines.whoosh.facets import Tally, Values
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.vocabulary import LETTERS
from search.engines.whoosh.words import alike_beginning, beginning, most_frequent
from search.model import Article, Count, IndexInfo, Sort
from search.publication import microseconds
from search.query.tree import MAX_EXPANSION, And, Dates, Everything, Field, Leaf, Not, Or, Prefix, Query, leaves
from search.ranking import score_of, term_weight

__all__ = ["WhooshSearcher"]

_read_json = msgspec.json.Decoder().decode


class WhooshSearcher:
    """The segments of one generation; see `search.engine.Searcher`."""

    def __init__(self, segments: Sequence[Segment], info: IndexInfo, zone: ZoneInfo, ranking: Ranking) -> None:
        self._segments = segments
        self._info = info
        self._zone = zone
        self._ranking = ranking
        self._size = sum(segment.size for segment in segments)
        self._authors = Values([segment.authors for segment in segments])
        self._sections = Values([segment.sections for segment in segments])

    @property
    def info(self) -> IndexInfo:
        return self._info

    def search(self, request: Request) -> Found:
        plans, bounded = self._plans(request.query)
        answers = self._answers(request, plans)
        ranked = _is_ranked(request)
        pages = merge(*(answer.page(ranked=ranked) for answer in answers))
        wanted = islice(pages, request.offset, request.offset + request.limit)
        tally = Tally(request.period, self._authors, self._sections)
        if request.facets:
            for number, answer in enumerate(answers):
                answer.count(tally, number)
        return Found(
            total=sum(answer.total for answer in answers),
            matches=tuple(self._match(place, ranked=ranked) for place in wanted),
            facets=tally.facets() if request.facets else None,
            bounded=bounded,
        )

    def matching(self, request: Request) -> Iterator[Article]:
        endless = replace(request, offset=0, limit=self._size, facets=False)
        plans, _ = self._plans(request.query)
        pages = [answer.page(ranked=_is_ranked(request)) for answer in self._answers(endless, plans)]
        return (_article(place.segment, place.number) for place in merge(*pages))

    def _answers(self, request: Request, plans: Sequence[Plan]) -> list[Answer]:
        due = microseconds(request.now, self._zone)
        return [Answer(segment, plan, request, due) for segment, plan in zip(self._segments, plans, strict=True)]

    def _match(self, place: Place, *, ranked: bool) -> Match:
        points = -int(place.key[0])
        return Match(_article(place.segment, place.number), score_of(points, self._ranking) if ranked else None)

    def article(self, article_id: str, now: datetime) -> Article | None:
        for segment in self._segments:
            number = segment.article_number(article_id)
            if number is not None:
                due = int(segment.columns.time[number]) <= microseconds(now, self._zone)
                return _article(segment, number) if due else None
        return None

    def articles(self) -> Iterator[Article]:
        return (_article(segment, number) for _, _, number, segment in merge(*map(_living, self._segments)))

    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        letter, choose = LETTERS[Field.TEXT], alike_beginning if typos else beginning
        due = microseconds(now, self._zone)
        return most_frequent(self._segments, lambda segment: choose(segment, letter, prefix), letter, limit, due)

    def _plans(self, query: Query) -> tuple[list[Plan], tuple[str, ...]]:
        """What the query means in each segment, and which of its prefixes were bounded."""
        every = list(_every_leaf(query))
        expanded = {leaf: self._expand(leaf) for leaf in every if isinstance(leaf, Prefix)}
        forms = {prefix: found[:MAX_EXPANSION] for prefix, found in expanded.items()}
        bounded = tuple(dict.fromkeys(prefix.text for prefix, found in expanded.items() if len(found) > MAX_EXPANSION))
        asked = {(LETTERS[leaf.field], term) for leaf in every for word in scored(leaf, forms) for term in word}
        keys = [{known: segment.key(*known) for known in asked} for segment in self._segments]
        weights = {known: self._weight([found[known] for found in keys]) for known in asked}
        return [Plan(query, weights, found, forms) for found in keys], bounded

    def _weight(self, keys: Sequence[int | None]) -> int:
        """The weight of the term that has these keys, one a segment."""
        found = zip(self._segments, keys, strict=True)
        frequency = sum(segment.frequency(key) for segment, key in found if key is not None)
        return term_weight(self._size, frequency)

    def _expand(self, prefix: Prefix) -> list[tuple[str, str]]:
        """The forms that begin with the prefix and their home terms, the most frequent forms first."""
        counts: Counter[str] = Counter()
        homes: dict[str, str] = {}
        for segment in self._segments:
            for form in segment.forms_with(LETTERS[prefix.field], prefix.prefix):
                counts[form.form] += form.count
                homes.setdefault(form.form, segment.keys[form.key].decode()[1:])
        ordered = sorted(counts, key=lambda form: (-counts[form], fold_kazakh(form), form))
        return [(form, homes[form]) for form in ordered]


def _is_ranked(request: Request) -> bool:
    return request.sort is Sort.RELEVANCE and bool(leaves(request.query))


def _every_leaf(query: Query) -> Iterator[Leaf]:
    """All leaves of a query, the excluded ones too."""
    match query:
        case And() | Or():
            for clause in query.clauses:
                yield from _every_leaf(clause)
        case Not():
            yield from _every_leaf(query.clause)
        case Dates() | Everything():
            pass
        case _:
            yield query


def _living(segment: Segment) -> Iterator[tuple[int, str, int, Segment]]:
    """Time, id, number and segment of the articles that are not dead, by time and id ascending."""
    dead = set(segment.dead.tolist())
    times = segment.columns.time
    numbers = np.lexsort((-np.arange(segment.size), times)).tolist()
    return ((int(times[n]), segment.ids[n].decode(), n, segment) for n in numbers if n not in dead)


def _article(segment: Segment, number: int) -> Article:
    return Article.from_dict(_read_json(segment.store[number]))
