"""What of the archive can be looked at without a query: the calendar, what is popular, a day in every year, what is
related to an article, suggestions."""

import re
from calendar import isleap
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from search.analysis import Analyzer
from search.analysis.copies import copy_key
from search.analysis.morphology import with_diaeresis
from search.engine import EVERYTHING, Answer, Engine, Request, Visibility
from search.engines.memory import Memory
from search.errors import ArticleNotFound, UserError
from search.guidance.related import LEAST_SHARE, telling_words
from search.guidance.suggestion import Suggester
from search.model import (
    Anniversary,
    Article,
    Count,
    Days,
    Facets,
    Filters,
    Hit,
    IndexInfo,
    Period,
    Sort,
    Suggestion,
)
from search.publication import archive_day
from search.query.tree import Person, Query
from search.snippet import Highlighter

# The periods of what is popular, in days; 0 has no bound.
POPULAR = {"day": 1, "week": 7, "month": 30, "year": 365, "all": 0}
MAX_SUGGESTIONS = 20
# Suggestions are remembered for texts of no more letters.
SHORT = 40
# Bytes of answers that are kept as long as they hold: about words, and pages of articles.
KEPT_BYTES = 8 << 20
LEAP_YEAR = 2000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The article itself, or the near-copy that stands for it, is among those related to it.
SPARE = 2
# In so many of the newest articles that mention a person it is looked up how the name is spelled.
NEWEST_MENTIONS = 10


class Browsing:
    """One generation, to look around in. What is expensive to find out is remembered until another article becomes
    visible."""

    def __init__(self, engine: Engine, analyzer: Analyzer) -> None:
        self.engine = engine
        self.analyzer = analyzer
        self._searcher = engine.open()
        self._memory = Memory(self._searcher, KEPT_BYTES)
        self._suggester = Suggester(self._searcher, analyzer, self._memory)

    def info(self) -> IndexInfo:
        """What the generation is that answers."""
        return self._searcher.info

    def visibility(self) -> Visibility:
        """What of it is published by now."""
        return self._memory.visibility(datetime.now(UTC))

    def article(self, article_id: str) -> Article:
        """The article with this id; ArticleNotFound where there is none, or its time has not come."""
        article = self._searcher.article(article_id, datetime.now(UTC))
        if article is None:
            raise ArticleNotFound(article_id)
        return article

    def calendar(self, year: int | None = None, month: int | None = None) -> Facets:
        """The archive block without a query: years, the months of `year`, the days of `month`."""
        period = Period.chosen(year, month, None)
        facets = self._found(Request(now=datetime.now(UTC), filters=Filters(period), limit=0)).facets
        assert facets is not None
        return facets

    def popular(self, period: str = "week", limit: int = 10) -> tuple[Hit, ...]:
        """The most viewed of those published in the period that ends with the newest article, most views first.

        `period` is day, week, month (30 days), year (365 days) or all; UserError otherwise.
        """
        if period not in POPULAR:
            raise UserError("period", f"{period!r} is not one of {', '.join(POPULAR)}")
        now = datetime.now(UTC)
        return self._memory.once(("popular", period, limit), now, lambda: self._popular(POPULAR[period], limit, now))

    def _popular(self, days: int, limit: int, now: datetime) -> tuple[Hit, ...]:
        between = None
        if days:
            if (last := self._memory.visibility(now).newest) is None:
                return ()
            between = Days(date.fromordinal(max(1, last.toordinal() - days + 1)), last)
        request = Request(now, filters=Filters(between=between), sort=Sort.VIEWS, limit=limit, facets=False)
        return self._hits(self._found(request), request.query, snippets=True)

    def on_day(self, month: int, day: int, limit: int = 3) -> tuple[Anniversary, ...]:
        """What was published on this day in every year that has something, the latest year first; near-copies count,
        and are shown once. UserError where no year has such a day."""
        try:
            date(LEAP_YEAR, month, day)
        except (ValueError, OverflowError) as error:
            raise UserError("day", f"no year has a day {day} of a month {month}") from error
        now = datetime.now(UTC)
        return self._memory.once(("day", month, day, limit), now, lambda: (*self._on_day(month, day, limit, now),))

    def _on_day(self, month: int, day: int, limit: int, now: datetime) -> Iterator[Anniversary]:
        for year in reversed(self.calendar().years):
            if (month, day) == (2, 29) and not isleap(year.value):
                continue
            period = Period(year.value, month, day)
            request = Request(now, filters=Filters(period), sort=Sort.VIEWS, limit=limit, facets=False, fold=True)
            answer = self._searcher.search(request)
            if answer.total:
                yield Anniversary(year.value, answer.total, self._hits(answer, EVERYTHING, snippets=True))

    def mentioned_with(self, name: str) -> tuple[Count[str], ...]:
        """Who is mentioned in articles that mention this person, in two or more: the most often mentioned first."""
        now = datetime.now(UTC)
        return self._memory.once(("with", name), now, lambda: self._mentioned_with(name, now))

    def _mentioned_with(self, name: str, now: datetime) -> tuple[Count[str], ...]:
        facets = self._searcher.search(Request(now=now, query=Person(name), limit=0)).facets
        return tuple(count for count in facets.persons if count.value != name) if facets else ()

    def spelled(self, name: str) -> str:
        """The name of a person as it is to be shown: with ё where the newest articles that mention them have it."""
        if (spelled := with_diaeresis(name)) == name:
            return name
        now = datetime.now(UTC)
        return self._memory.once(("spelled", name), now, lambda: self._spelled(name, spelled, now))

    def _spelled(self, name: str, spelled: str, now: datetime) -> str:
        request = Request(now=now, query=Person(name), sort=Sort.NEWEST, limit=NEWEST_MENTIONS, facets=False)
        articles = (match.article for match in self._searcher.search(request).matches)
        text = " ".join(part for article in articles for part in (article.title, article.lead, article.text))
        # In other cases than the nominative a name may have lost its ё, as in «Петра», or kept it, as in «Фёдора».
        words = zip(name.split(), spelled.split(), strict=True)
        return " ".join(other if re.search(rf"\b{re.escape(other)}", text) else word for word, other in words)

    def related(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """At most `limit` articles on what this one is about, the closest first, without near-copies of it or of each
        other; ArticleNotFound where there is none with this id."""
        now = datetime.now(UTC)
        return self._memory.once(("related", article_id, limit), now, lambda: self._related(article_id, limit, now))

    def _related(self, article_id: str, limit: int, now: datetime) -> tuple[Hit, ...]:
        searcher = self._searcher
        article = searcher.article(article_id, now)
        if article is None:
            raise ArticleNotFound(article_id)
        query = telling_words(article, self.analyzer, searcher)
        if query is None:
            return ()
        answer = searcher.search(Request(now=now, query=query, limit=limit + SPARE, facets=False, fold=True))
        zone = ZoneInfo(self.info().timezone)
        own = _copy_key(article, zone)
        others = [match for match in answer.matches if match.article.id != article_id]
        least = LEAST_SHARE * max((match.score or 0 for match in answer.matches), default=0)
        # The article has its own words: where it is not shown itself, it is folded under the copy that is.
        close = (match for match in others if not match.similar or _copy_key(match.article, zone) != own)
        related = [match for match in close if (match.score or 0) >= least][:limit]
        return self._hits(structs.replace(answer, matches=tuple(related)), EVERYTHING, snippets=True)

    def suggest(self, text: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """What a reader who has typed so far may want: how the text goes on, who and what is called so, then fresh
        headlines."""
        if not 1 <= limit <= MAX_SUGGESTIONS:
            raise UserError("limit", f"{limit} is not from 1 to {MAX_SUGGESTIONS}")
        now = datetime.now(UTC)
        if len(text) > SHORT:
            return self._suggester.suggest(text, limit, now)
        # Readers begin with the same few letters.
        return self._memory.once(("suggest", text, limit), now, lambda: self._suggester.suggest(text, limit, now))

    def _found(self, request: Request) -> Answer:
        """What the engine finds. Without a query that is the same for all readers, and asked once."""
        if request.query != EVERYTHING:
            return self._searcher.search(request)
        question = structs.replace(request, now=EPOCH)
        return self._memory.once(question, request.now, lambda: self._searcher.search(request))

    def _hits(
        self,
        answer: Answer,
        query: Query,
        snippets: bool,
        pinned: Collection[str] = (),
        typed: Mapping[Query, str] | None = None,
    ) -> tuple[Hit, ...]:
        """The matches as hits; `typed` is how each clause was typed that one of them may lack."""
        highlighter = Highlighter(query, self.analyzer)
        return tuple(
            Hit(
                article=match.article,
                score=match.score,
                similar=match.similar,
                pinned=match.article.id in pinned,
                missing=tuple(typed[clause] for clause in match.missing) if typed else (),
                title=highlighter.title(match.article),
                snippet=highlighter.excerpt(match.article, highlighter.SNIPPET if snippets else 0),
            )
            for match in answer.matches
        )


def _copy_key(article: Article, zone: ZoneInfo) -> int:
    day = None if article.published is None else archive_day(article.published, zone)
    return copy_key(article.text, article.title, day)
