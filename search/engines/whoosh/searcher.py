"""One generation that answers: the segments are asked one by one, and their answers merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.analysis import fold_kazakh
from search.config import Settings
from search.engine import Found, Match, Request
from search.engines.whoosh.answer import Answer, Place
from search.engines.whoosh.evaluation import Plan, scored
from search.engines.whoosh.facets import Tally, Values
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.vocabulary import LETTERS
from search.engines.whoosh.words import alike, alike_beginning, beginning, most_frequent
from search.model import Article, Count, IndexInfo, Sort
from search.publication import microseconds
from search.query.tree import MAX_EXPANSION, And, Dates, Everything, Field, Leaf, Not, Or, Prefix, Query, leaves
from search.ranking import recency_steps, score_of, term_weight

__all__ = ["WhooshSearcher"]

Array = NDArray[Any]

NOTHING = np.empty(0, np.int64)


class WhooshSearcher:
    """The segments of one generation; see `search.engine.Searcher`."""

    def __init__(self, segments: Sequence[Segment], info: IndexInfo, settings: Settings) -> None:
        self._segments = segments
        self._info = info
        self._zone = settings.zone
        self._ranking = settings.ranking  # that of the index: opening compares them
        self._recent = recency_steps(info.last, settings.recency)
        self._size = sum(segment.size for segment in segments)
        self._authors = Values([segment.authors for segment in segments])
        self._sections = Values([segment.sections for segment in segments])

    @property
    def info(self) -> IndexInfo:
        return self._info

    def search(self, request: Request) -> Found:
        plans, bounded = self._plans(request.query)
        ranked = _is_ranked(request)
        answers = self._answers(request, plans, ranked=ranked)
        copies = np.concatenate([answer.copies() for answer in answers]) if request.fold and answers else NOTHING
        told = np.sort(copies[copies != 0])
        folded = int(np.count_nonzero(told[1:] == told[:-1]))
        places = _unfolded(answers, request) if folded else _places(answers, request.offset + request.limit)
        wanted = islice(places, request.offset, request.offset + request.limit)
        tally = Tally(request.period, self._authors, self._sections)
        if request.facets:
            for number, answer in enumerate(answers):
                answer.count(tally, number)
        return Found(
            total=sum(answer.total for answer in answers),
            matches=tuple(self._match(place, copies, ranked=ranked) for place in wanted),
            facets=tally.facets() if request.facets else None,
            bounded=bounded,
            folded=folded,
        )

    def matching(self, request: Request) -> Iterator[Article]:
        plans, _ = self._plans(request.query)
        answers = self._answers(replace(request, facets=False), plans, ranked=_is_ranked(request))
        places = _places(answers, self._size)
        return (place.segment.article(place.number) for place in places)

    def _answers(self, request: Request, plans: Sequence[Plan], *, ranked: bool) -> list[Answer]:
        due = microseconds(request.now, self._zone)
        parts = zip(self._segments, plans, strict=True)
        return [Answer(segment, plan, request, due, self._recent, ranked=ranked) for segment, plan in parts]

    def _match(self, place: Place, copies: Array, *, ranked: bool) -> Match:
        score = score_of(place.points, self._ranking) if ranked else None
        copy = int(place.segment.columns.copy[place.number])
        similar = int(np.count_nonzero(copies == copy)) - 1 if copy and len(copies) else 0
        return Match(place.segment.article(place.number), score, similar)

    def article(self, article_id: str, now: datetime) -> Article | None:
        for segment in self._segments:
            number = segment.article_number(article_id)
            if number is not None:
                due = int(segment.columns.time[number]) <= microseconds(now, self._zone)
                return segment.article(number) if due else None
        return None

    def articles(self) -> Iterator[Article]:
        return (segment.article(number) for _, _, number, segment in merge(*map(_living, self._segments)))

    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        letter, choose = LETTERS[Field.TEXT], alike_beginning if typos else beginning
        due = microseconds(now, self._zone)
        return most_frequent(self._segments, lambda segment: choose(segment, letter, prefix), letter, limit, due)

    def alike(self, word: str, edits: int, limit: int, field: Field = Field.TEXT) -> tuple[Count[str], ...]:
        letter = LETTERS[field]
        return most_frequent(self._segments, lambda segment: alike(segment, letter, word, edits), letter, limit)

    def frequencies(self, forms: Sequence[str], field: Field = Field.TEXT) -> tuple[int, ...]:
        letter = LETTERS[field]
        found = [[segment.form(letter, form) for segment in self._segments] for form in forms]
        return tuple(sum(form.count for form in each if form) for each in found)

    def _plans(self, query: Query) -> tuple[list[Plan], tuple[str, ...]]:
        """What the query means in each segment, and which of its prefixes were bounded."""
        every = list(_every_leaf(query))
        expanded = {leaf: self._expand(leaf) for leaf in every if isinstance(leaf, Prefix)}
        forms = {prefix: found[:MAX_EXPANSION] for prefix, found in expanded.items()}
        bounded = tuple(dict.fromkeys(prefix.text for prefix, found in expanded.items() if len(found) > MAX_EXPANSION))
        asked = {(LETTERS[leaf.field], term) for leaf in every for terms, _ in scored(leaf, forms) for term in terms}
        keys = [{known: segment.key(*known) for known in asked} for segment in self._segments]
        weights = {known: self._weight([found[known] for found in keys]) for known in asked}
        return [Plan(query, weights, found, forms) for found in keys], bounded

    def _weight(self, keys: Sequence[int | None]) -> int:
        """The weight of the term that has these keys, one a segment."""
        found = zip(self._segments, keys, strict=True)
        frequency = sum(segment.frequency(key) for segment, key in found if key is not None)
        return term_weight(self._size, frequency, self._ranking)

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


def _places(answers: Sequence[Answer], reach: int) -> Iterator[Place]:
    """The first `reach` articles of all segments, in order."""
    alone = len(answers) == 1
    return islice(merge(*(answer.page(reach, alone=alone) for answer in answers)), reach)


def _unfolded(answers: Sequence[Answer], request: Request) -> list[Place]:
    """The same without those of which a near-copy comes before."""
    wanted = reach = request.offset + request.limit
    while True:
        places = list(_places(answers, reach))
        seen: set[int] = set()
        kept = []
        for place in places:
            copy = int(place.segment.columns.copy[place.number])
            if not copy or copy not in seen:
                seen.add(copy)
                kept.append(place)
        if len(kept) >= wanted or len(places) < reach:
            return kept
        reach *= 2


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
