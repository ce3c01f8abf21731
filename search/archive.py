"""The entry point: the archive of a newspaper, as the web service, the command line and library users ask it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple, Unpack
from zoneinfo import ZoneInfo

from msgspec import structs

from search.analysis import Analyzer
from search.browse import Browsing
from search.config import Settings
from search.editorial.pins import Pins
from search.engine import Answer, Engine, Request
from search.engines import open_engine
from search.engines.generation import BuiltOtherwise
from search.errors import UserError
from search.guidance.correction import Advice, Corrector
from search.guidance.persons import may_be_name, person_meant
from search.guidance.pinning import every_pinned_first, pinned_first
from search.model import (
    MAX_HITS,
    NO_FILTERS,
    Article,
    FilterKeywords,
    FilterParameters,
    Filters,
    Hit,
    IndexInfo,
    SearchResult,
    Sort,
    Words,
)
from search.query.dates import DateContext
from search.query.parsed import ENOUGH, CountArticles, Parsed
from search.query.parser import parse
from search.query.synonyms import BUNDLED, Synonyms
from search.query.tree import (
    And,
    PersonCalled,
    Prefix,
    Query,
    Word,
    as_text,
    counted,
    every_called,
    every_leaf,
    leaves,
    most_forms,
)

# A synonym is too broad that so much of the archive has, and so many articles at least.
BROAD, BROAD_FROM = 0.5, 100
MAX_PER_PAGE = 100
CUT = "В запросе слишком много фраз из частых слов: поиск шёл только по новым статьям."
# A query with more leaves, or prefixes, than this may take long.
MANY_LEAVES, MANY_PREFIXES = 12, 1


Guard = Callable[[], AbstractContextManager[object]]


def open_archive(url: str | None = None, settings: Settings | None = None) -> Archive:
    """Open the archive that `url` names (`whoosh:index`), or the settings' own where it is left out.

    Without settings, those that are kept with the index hold: its zone, above all. IndexUnavailable where there is no
    published index yet, it cannot be read, or was built with other settings than these.
    """
    analyzer = Analyzer()

    def opened(settings: Settings) -> Archive:
        return archives(open_engine(url or settings.index, settings, analyzer), settings, analyzer)()

    try:
        return opened(settings or Settings())
    except BuiltOtherwise as error:
        if settings:
            raise
        return opened(error.settings)


def archives(
    engine: Engine, settings: Settings, analyzer: Analyzer, expensive: Guard = nullcontext
) -> Callable[[], Archive]:
    """Opens what the engine has published, with the synonyms and the pins of the settings; UserError names a line of
    their files that is wrong. `expensive` is entered while a query is answered that may take long."""
    synonyms = Synonyms(Path(settings.synonyms) if settings.synonyms else BUNDLED, analyzer)
    pins = Pins(Path(settings.pins), analyzer) if settings.pins else None
    return lambda: Archive(engine, analyzer, synonyms, pins, expensive)


class _Reply(NamedTuple):
    """What a query is answered with: what was read, the query that was answered, the answer, what of it may be pinned,
    how many have all words, what else may have been meant, what to tell the reader of that, and who is called so."""

    parsed: Parsed
    query: Query
    answer: Answer
    pinned: tuple[str, ...]
    with_all: int
    advice: Advice
    notes: tuple[str, ...]
    person: str | None

    @property
    def typed(self) -> dict[Query, str]:
        """How each clause was typed that a match may lack."""
        return dict(zip(counted(self.query), (text for text, _ in self.parsed.counted), strict=False))

    def result(
        self, text: str, sort: Sort, page: int, per_page: int, hits: tuple[Hit, ...], took_ms: float, index: IndexInfo
    ) -> SearchResult:
        """The answer as a page of hits."""
        parsed, answer = self.parsed, self.answer
        return SearchResult(
            text=text,
            equivalent=parsed.text_of(self.query),
            interpreted=parsed.interpreted,
            notes=_notes(parsed, answer) + self.notes,
            correction=self.advice.correction,
            hint=self.advice.hint,
            person=self.person,
            total=answer.total,
            folded=answer.folded,
            page=page,
            per_page=per_page,
            sort=sort,
            hits=hits,
            facets=answer.facets,
            took_ms=took_ms,
            index=index,
            words=Words.ALL if self.query == parsed.query else Words.MOST,
            with_all_words=self.with_all,
            dated=parsed.dated,
            exact=not (answer.cut or answer.bounded),
        )


class Archive(Browsing):
    """One archive as it was published at some time: answers from one generation for as long as it is held.

    Safe to use from many threads at once.
    """

    def __init__(
        self,
        engine: Engine,
        analyzer: Analyzer,
        synonyms: Synonyms | None = None,
        pins: Pins | None = None,
        expensive: Guard = nullcontext,
    ) -> None:
        super().__init__(engine, analyzer)
        self.synonyms = synonyms
        self.pins = pins
        self._expensive = expensive

    def newest(self) -> Archive:
        """The archive as it is published now, itself where that is what it answers from; IndexUnavailable where what is
        published cannot be opened."""
        if self.engine.generation() == self.info().generation:
            return self
        return Archive(self.engine, self.analyzer, self.synonyms, self.pins, self._expensive)

    def broad_synonyms(self) -> tuple[str, ...]:
        """Those that half of what is published has: who searches for a word with such a one finds anything."""
        now = datetime.now(UTC)
        least = BROAD * self._memory.visibility(now).articles
        entries = self.synonyms.entries() if self.synonyms else ()
        requests = ((shown, Request(now=now, query=query, limit=0, facets=False)) for shown, query in entries)
        return tuple(
            shown for shown, request in requests if self._searcher.search(request).total > max(least, BROAD_FROM)
        )

    def unknown(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the ids that are in no article that is published by now."""
        now = datetime.now(UTC)
        return tuple(article_id for article_id in ids if self._searcher.article(article_id, now) is None)

    def search(
        self,
        text: str = "",
        filters: Filters = NO_FILTERS,
        *,
        sort: str | None = None,
        page: int = 1,
        per_page: int = 10,
        facets: bool = True,
        snippets: bool = True,
        correct: bool = True,
        words: str = "auto",
        similar: str = "show",
        pins: bool = True,
        values: int = 0,
        **keywords: Unpack[FilterKeywords],
    ) -> SearchResult:
        """One page of the articles that match `text` and all of the filters: one value, or keywords instead of it.

        Every text is a query; UserError names the first other parameter with a wrong value. `sort`: by relevance where
        words are searched for, else newest first. `words`: whether `all` or `most` of them have to be there; `auto` is
        most where fewer than ten articles have all, filters aside. `correct`: what finds nothing is searched for as it
        was probably meant, what finds little comes with a hint; without it `auto` is `all`. `similar="fold"`:
        near-copies are folded under the first. Without `pins`, what editors pinned to the query is no answer to it.
        `values`: so many of each facet, instead of the 20 most frequent and ten persons.
        """
        began = time.perf_counter()
        parsed, wanted = self.parsed(text), _words(words, correct=correct)
        query = parsed.or_address(parsed.query)
        chosen, order, offset = _filters(filters, keywords), _sort(sort, query), _offset(page, per_page)
        fold, now = _chosen("similar", similar, ("show", "fold")) == "fold", datetime.now(UTC)
        request = Request(now, query, chosen, None, order, offset, per_page, facets, fold, values)
        with self._expensive() if _is_expensive(request.query) else nullcontext():
            reply = self._reply(parsed, request, wanted, correct=correct, pins=pins)
        hits = self._hits(
            reply.answer,
            self.to_mark(reply.parsed.query, request.filters.person),
            snippets,
            reply.pinned,
            reply.typed,
        )
        took_ms = (time.perf_counter() - began) * 1000
        return reply.result(text, request.sort, page, per_page, hits, took_ms, self.info())

    def finding(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the texts that find something with all of their words; remembered like what needs no query."""
        now = datetime.now(UTC)

        def worked_out() -> tuple[str, ...]:
            totals = self._searcher.counts([self.parsed(text).query for text in texts], now)
            return tuple(text for text, total in zip(texts, totals, strict=True) if total)

        return self._memory.once(("finding", texts, self._calendar()), now, worked_out)

    def _reply(self, parsed: Parsed, request: Request, wanted: Words, *, correct: bool, pins: bool) -> _Reply:
        """What is found with all words of the query, or of what it was meant for, and with most of them."""
        corrector, advice = None, Advice()
        answer, pinned = self._answer(parsed, request, pins)
        if correct and (leaves(parsed.query) or request.filtered):
            corrector = Corrector(self._searcher, self.analyzer, request, self._calendar())
            # What is pinned to words is no reason to take them for right.
            (total,) = self._searcher.counts([request.query], request.now) if pinned else (answer.total,)
            advice = corrector.advice(parsed, total)
        if advice.correction:
            parsed = self.parsed(advice.correction.text)
            request = structs.replace(request, query=parsed.query)
            answer, pinned = self._answer(parsed, request, pins)
        with_all = answer.total
        sure = with_all >= ENOUGH + len(pinned) or not (pinned or request.filtered)
        query = parsed.as_wanted(wanted, self._counted(request.now), with_all if sure else None)
        if query != parsed.query:
            request = structs.replace(request, query=parsed.or_address(query))
            answer, pinned = self._answer(parsed, request, pins)
        notes = corrector.notes(advice.correction, query, answer.total) if corrector else ()
        person = self._person(parsed, request)
        return _Reply(parsed, query, answer, pinned, with_all, advice, notes, person)

    def _person(self, parsed: Parsed, request: Request) -> str | None:
        """Whom the words of a query mean that asks for nobody yet; looked for where facets are wanted."""
        if not parsed.is_words or request.filters.person or not request.facets:
            return None
        if not may_be_name(parsed.text, self.analyzer):
            return None
        called = self.parsed(f'кто:"{parsed.text}"').query
        if not isinstance(called, PersonCalled):
            return None
        return person_meant(parsed.query, called, request.now, self._searcher, self.analyzer)

    def parsed(self, text: str) -> Parsed:
        """The query that a text means today."""
        return parse(text, self.analyzer, self.synonyms, self._calendar())

    def _calendar(self) -> DateContext:
        """The newspaper's day, and the days of the archive."""
        info = self.info()
        # An archive without dates has no day that words could name.
        first, last = info.first or date.max, info.last or date.min
        return DateContext(datetime.now(ZoneInfo(info.timezone)).date(), first, last)

    def _counted(self, now: datetime) -> CountArticles:
        """How many articles match each of some queries at a moment, filters aside."""
        return lambda queries: self._searcher.counts(queries, now)

    def every(
        self,
        text: str = "",
        filters: Filters = NO_FILTERS,
        *,
        sort: str | None = None,
        since: datetime | None = None,
        words: str = "all",
        pins: bool = True,
        **keywords: Unpack[FilterKeywords],
    ) -> Iterator[Article]:
        """All articles that `search` finds, however many, in its order; takes its filters. `since`: only those that
        came in with their content, or were published, after this aware date-time."""
        parsed = self.parsed(text)
        query = parsed.as_wanted(_words(words), self._counted(datetime.now(UTC)))
        query = parsed.or_address(query)
        chosen = _filters(filters, keywords)
        request = Request(now=datetime.now(UTC), query=query, filters=chosen, since=since, sort=_sort(sort, query))
        return every_pinned_first(self._searcher.matching, request, self._pinned(parsed) if pins else ())

    def _pinned(self, parsed: Parsed) -> tuple[str, ...]:
        """The articles that editors want to be seen first."""
        return self.pins.ids(parsed.text) if self.pins and parsed.is_words else ()

    def _answer(self, parsed: Parsed, request: Request, pins: bool) -> tuple[Answer, tuple[str, ...]]:
        """What is found, and which of it may be pinned."""
        pinned = self._pinned(parsed) if pins else ()
        return pinned_first(self._searcher.search, request, pinned) if pinned else self._found(request), pinned

    def to_mark(self, query: Query, person: str | None) -> Query:
        """What is marked in the hits: what was searched for, and the name of who was asked for."""
        words = [token.form for token in self.analyzer.tokens(person or "") if not token.whole]
        named = PersonCalled(tuple(Word(form, self.analyzer.terms(form)) for form in words))
        return as_text(And((query, named)) if words else query)


def _is_expensive(query: Query) -> bool:
    """Whether answering may take long: a query of many parts."""
    typed, called = every_leaf(query), every_called(query)
    prefixes = [word for word in (*typed, *(called.words[0] for called in called)) if isinstance(word, Prefix)]
    return len(typed) + len(called) > MANY_LEAVES or len(prefixes) > MANY_PREFIXES


def _filters(filters: Filters, keywords: FilterKeywords) -> Filters:
    return FilterParameters(**keywords).value if keywords else filters  # type: ignore[arg-type]  # as a date


def _words(words: str, *, correct: bool = True) -> Words:
    wanted = Words(_chosen("words", words, Words))
    return Words.ALL if wanted is Words.AUTO and not correct else wanted


def _sort(sort: str | None, query: Query) -> Sort:
    if sort is None:
        return Sort.RELEVANCE if leaves(query) else Sort.NEWEST
    return Sort(_chosen("sort", sort, Sort))


def _chosen(parameter: str, value: str, among: Iterable[str]) -> str:
    choices = list(among)
    if value not in choices:
        raise UserError(parameter, f"{value!r} is not one of {', '.join(choices)}")
    return value


def _offset(page: int, per_page: int) -> int:
    if page < 1:
        raise UserError("page", f"{page} is not a page from 1 on")
    if not 1 <= per_page <= MAX_PER_PAGE:
        raise UserError("per_page", f"{per_page} is not from 1 to {MAX_PER_PAGE}")
    if page * per_page > MAX_HITS:
        raise UserError("page", f"only the first {MAX_HITS} hits are paged through; ask more narrowly")
    return (page - 1) * per_page


def _notes(parsed: Parsed, answer: Answer) -> tuple[str, ...]:
    """What the reader should know of how the query was read."""
    bounded = tuple(
        f"На «{prefix}…» начинается слишком много слов, учтены {most_forms(parsed.query)} самых частых."
        for prefix in answer.bounded
    )
    return parsed.notes + bounded + ((CUT,) if answer.cut else ())
