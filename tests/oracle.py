"""The engine protocol kept by brute force: every article is looked at for every request.

Slow and obviously right: plain dictionaries and sets, written from the docstrings of `search.engine`,
`search.query.tree` and `search.ranking` alone. The other engines are compared with it, and it stands in for them
where a test needs some engine and not a fast one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy as shallow_copy
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from search.analysis import Analyzer, Token, fold_kazakh
from search.analysis.copies import copy_key
from search.analysis.names import authors_of
from search.config import Settings
from search.editorial.persons import Corrections, mentions_of, read_corrections
from search.engine import Answer, Match, Origin, Request, Visibility
from search.errors import IndexUnavailable
from search.model import Article, Count, Days, Facets, IndexInfo, Sort
from search.query.address import page_key
from search.query.tree import (
    MAX_EXPANSION,
    MAX_EXPANSIONS,
    Address,
    And,
    Dates,
    Everything,
    Exact,
    Field,
    Leaf,
    Most,
    Not,
    Or,
    Person,
    PersonCalled,
    Phrase,
    Prefix,
    Query,
    Word,
    counted,
    leading,
    leaves,
    with_all,
)
from search.ranking import (
    COMPLETE,
    IMPACT_STEPS,
    recency_steps,
    score_of,
    term_weight,
    word_weight,
)

__all__ = ["OracleEngine", "Store", "archive_day", "moment"]

MOST_FREQUENT = 20
MOST_MENTIONED, LEAST_MENTIONED = 10, 2

TEXTS = ("title", "lead", "text")
# Where a leaf must stand to match, and what it is ranked by.
MATCHED_IN = {
    Field.TEXT: TEXTS,
    Field.TITLE: ("title",),
    Field.AUTHOR: ("author",),
    Field.SECTION: ("section",),
}
RANKED_BY = {**MATCHED_IN, Field.TITLE: MATCHED_IN[Field.TEXT]}


def distance(one: str, other: str) -> int:
    """How many letters to add, leave out, replace or exchange with their neighbour, none of them twice."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, facing in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != facing)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def archive_day(published: date | datetime | None, zone: ZoneInfo) -> date | None:
    """The local calendar day; an hour outside the calendar belongs to its first or last day."""
    if not isinstance(published, datetime):
        return published
    try:
        return published.astimezone(zone).date()
    except OverflowError:
        return date.min if published.year == 1 else date.max


def moment(published: date | datetime, zone: ZoneInfo) -> timedelta:
    """The time in UTC, counted from the beginning of the calendar; a date counts from its local midnight."""
    if not isinstance(published, datetime):
        published = datetime.combine(published, time.min, tzinfo=zone)
    offset = published.utcoffset()
    assert offset is not None
    return published.replace(tzinfo=None) - datetime.min - offset


class Entry:
    """One article with what it is searched by."""

    def __init__(self, article: Article, analyzer: Analyzer, zone: ZoneInfo, origin: str) -> None:
        self.article = article
        self.origin = origin
        self.indexed = timedelta()
        self.day = archive_day(article.published, zone)
        self.moment = None if article.published is None else moment(article.published, zone)
        self.tokens: dict[str, list[Token]] = {
            name: list(analyzer.tokens(getattr(article, name)))
            for name in ("title", "lead", "text", "author", "section")
        }
        self.frequencies: dict[str, Counter[str]] = {
            name: Counter(term for token in tokens for term in analyzer.standing(token))
            for name, tokens in self.tokens.items()
        }
        self.mentions = mentions_of(article)
        self.lengths = {name: tokens[-1].position + 1 if tokens else 0 for name, tokens in self.tokens.items()}

    def terms(self, field: Field) -> set[str]:
        """The terms by which a leaf in this field may rank the article."""
        return {term for name in RANKED_BY[field] for term in self.frequencies[name]}


@dataclass(frozen=True)
class Generation:
    """A frozen snapshot: nobody changes `entries` once it is published."""

    entries: dict[str, Entry]
    pivot: float
    info: IndexInfo
    persons: dict[str, set[str]] | None  # by article; None where it is not known who is mentioned
    names: str = ""


@dataclass
class Store:
    """Where the generations are kept: two engines with one store are at one place."""

    published: Generation | None = None
    earlier: Generation | None = None
    count: int = 0
    busy: bool = False


@dataclass
class OracleEngine:
    """See `search.engine.Engine`."""

    settings: Settings
    analyzer: Analyzer
    store: Store = field(default_factory=Store)

    @property
    def url(self) -> str:
        return "oracle:memory"

    def generation(self) -> str | None:
        return self.store.published.info.generation if self.store.published else None

    def open(self) -> OracleSearcher:
        if self.store.published is None:
            raise IndexUnavailable("nothing was published yet")
        if (self.store.published.persons is None) == self.settings.persons:
            raise IndexUnavailable("built with another setting of persons; run: indexer rebuild --full")
        return OracleSearcher(self.store.published, self.settings, self.analyzer)

    def writer(self, *, fresh: bool = False) -> OracleWriter:
        published = self.store.published
        if self.store.busy:
            raise IndexUnavailable("another writer is at work")
        if published and not fresh and published.info.timezone != self.settings.timezone:
            raise IndexUnavailable(f"the index was built for {published.info.timezone}; build it afresh")
        return OracleWriter(self, None if fresh else published)

    def rollback(self) -> IndexInfo:
        if self.store.busy or self.store.earlier is None:
            raise IndexUnavailable("another writer is at work, or there is no earlier generation")
        self.store.count += 1
        info = replace(self.store.earlier.info, generation=f"{self.store.count:06}")
        again = dataclass_replace(self.store.earlier, info=info)
        self.store.published, self.store.earlier = again, self.store.published
        return info

    def verify(self) -> list[str]:
        return []


class OracleWriter:
    """See `search.engine.IndexWriter`."""

    def __init__(self, engine: OracleEngine, previous: Generation | None) -> None:
        self.engine = engine
        self.previous = previous
        self.entries = dict(previous.entries) if previous else {}
        published = engine.store.published
        self.withdrawn = False
        self.corrections = read_corrections(engine.settings.names)
        self.now = moment(datetime.now(UTC), engine.settings.zone)
        before = published.entries.values() if published else ()
        self.known = {_content(each.article): each.indexed for each in before}
        self.forgotten = [] if previous else list(before)

    def __enter__(self) -> Self:
        if self.engine.store.busy:
            raise IndexUnavailable("another writer is at work")
        self.engine.store.busy = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.store.busy = False

    def before(self) -> dict[str, Entry]:
        return self.previous.entries if self.previous else {}

    def add(self, article: Article, origin: str = "", *, counted: bool = True) -> bool:
        old = self.before().get(article.id)
        if not counted:
            known = [entry for entry in self.forgotten if _content(entry.article) == _content(article)]
            told = old or (known[0] if known else None)
            article = replace(article, views=told.article.views if told else 0)
        same = old is not None and _content(old.article) == _content(article)
        if old and same:
            origin = origin or old.origin
        self._take(article, origin)
        return not same

    def _take(self, article: Article, origin: str) -> None:
        entry = Entry(article, self.engine.analyzer, self.engine.settings.zone, origin)
        entry.indexed = self.known.get(_content(article), self.now)
        self.entries[article.id] = entry

    def keep(self, article_id: str) -> None:
        if article_id in self.before():
            self.entries[article_id] = self.before()[article_id]

    def withdraw(self, article_id: str) -> bool:
        earlier = self.engine.store.earlier
        known = article_id in self.before() or bool(earlier and article_id in earlier.entries)
        self.withdrawn |= known
        return self.remove(article_id) or known

    def set_views(self, article_id: str, views: int) -> bool:
        entry = self.entries.get(article_id)
        if entry:
            self._take(replace(entry.article, views=views), entry.origin)
        return entry is not None

    @property
    def changed(self) -> bool:
        articles = {(entry.article, entry.origin) for entry in self.entries.values()}
        return (
            self.withdrawn
            or self.previous is None
            or self.previous.names != self.corrections.digest
            or articles != {(entry.article, entry.origin) for entry in self.before().values()}
        )

    def remove(self, article_id: str) -> bool:
        return self.entries.pop(article_id, None) is not None

    def publish(self) -> IndexInfo:
        store, entries, settings = self.engine.store, dict(self.entries), self.engine.settings
        store.count += 1
        days = [entry.day for entry in entries.values() if entry.day is not None]
        info = IndexInfo(
            generation=f"{store.count:06}",
            articles=len(entries),
            undated=len(entries) - len(days),
            first=min(days, default=None),
            last=max(days, default=None),
            built_at=datetime.now(UTC),
            size=0,
            timezone=settings.timezone,
        )
        pivot = self.previous.pivot if self.previous else _mean_length(entries.values(), settings)
        store.earlier = None if self.withdrawn else store.published
        persons = _persons(entries.values(), self.corrections) if settings.persons else None
        store.published = Generation(entries, pivot, info, persons, self.corrections.digest)
        return info


class OracleSearcher:
    """See `search.engine.Searcher`."""

    def __init__(self, generation: Generation, settings: Settings, analyzer: Analyzer) -> None:
        self.generation = generation
        self.persons = generation.persons or {}
        self.info = generation.info
        self.settings = settings
        self.analyzer = analyzer
        self.expansions: dict[tuple[str, Field, int], tuple[set[str], bool]] = {}
        self.most = MAX_EXPANSION
        self.having = {
            field: Counter(term for entry in generation.entries.values() for term in entry.terms(field))
            for field in Field
        }

    # -- the protocol

    def search(self, request: Request) -> Answer:
        asked = shallow_copy(self)  # prefixes mean something among those that they are asked for with
        prefixes = {(prefix.prefix, prefix.field, prefix.text) for prefix in _prefixes(request.query)}
        asked.most = min(MAX_EXPANSION, MAX_EXPANSIONS // max(1, len(prefixes)))
        return asked._found(request)

    def _found(self, request: Request) -> Answer:
        matching = [entry for entry in self._visible(request.now) if self.matches(entry, request.query)]
        if request.since is not None:
            since = moment(request.since, self.settings.zone)
            matching = [entry for entry in matching if max(entry.indexed, entry.moment or timedelta()) > since]
        selected = [entry for entry in matching if _selected(entry, request, self.persons)]
        ranked = request.sort is Sort.RELEVANCE and bool(leaves(request.query))
        newest = self.visibility(request.now).newest
        points = {entry.article.id: self._points(entry, request.query, newest) for entry in selected} if ranked else {}
        ordered = _ordered(selected, request.sort, points if ranked else None)
        if ranked:  # a stable order: what leads, as it is among itself, before the rest
            days = leading(request.query)
            ordered.sort(key=lambda entry: not any(_within(entry.day, dates) for dates in days))
        copies = [
            copy_key(entry.article.text, entry.article.title, entry.day) if request.fold else 0 for entry in ordered
        ]
        shown = [n for n, copy in enumerate(copies) if not copy or copy not in copies[:n]]
        return Answer(
            total=len(ordered),
            folded=len(ordered) - len(shown),
            matches=tuple(
                Match(
                    ordered[n].article,
                    score_of(points[ordered[n].article.id], self.settings.ranking) if ranked else None,
                    copies.count(copies[n]) - 1 if copies[n] else 0,
                    tuple(each for each in counted(request.query) if not self.matches(ordered[n], each)),
                )
                for n in shown[request.offset : request.offset + request.limit]
            ),
            facets=_facets(matching, request, self.persons) if request.facets else None,
            bounded=self._bounded(request.query),
        )

    def counts(self, queries: Sequence[Query], now: datetime) -> tuple[int, ...]:
        return tuple(self.search(Request(now, query)).total for query in queries)

    def visibility(self, now: datetime) -> Visibility:
        visible = self._visible(now)
        moments = [entry.moment for entry in self.generation.entries.values() if entry.moment is not None]
        until = min((each for each in moments if each > moment(now, self.settings.zone)), default=None)
        days = [entry.day for entry in visible if entry.day]
        since_1970 = None if until is None else (until - (datetime(1970, 1, 1) - datetime.min)) // timedelta.resolution
        return Visibility(len(visible), max(days, default=None), since_1970)

    def article(self, article_id: str, now: datetime) -> Article | None:
        found = [entry.article for entry in self._visible(now) if entry.article.id == article_id]
        return found[0] if found else None

    def matching(self, request: Request) -> Iterator[Article]:
        everything = replace(request, offset=0, limit=len(self.generation.entries), facets=False)
        yield from (match.article for match in self.search(everything).matches)

    def origins(self) -> Iterator[Origin]:
        return (Origin(entry.article.id, entry.origin) for entry in self.generation.entries.values())

    def articles(self) -> Iterator[Article]:
        entries = self.generation.entries.values()
        yield from (
            entry.article for entry in sorted(entries, key=lambda entry: entry.article.id) if entry.moment is None
        )
        dated = sorted((entry.moment, entry.article.id) for entry in entries if entry.moment is not None)
        yield from (self.generation.entries[article_id].article for _, article_id in dated)

    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        def begins(form: str) -> bool:
            sizes = range(len(prefix) - 1, len(prefix) + 2) if typos and form[0] == prefix[0] else ()
            return form.startswith(prefix) or any(distance(prefix, form[:size]) <= 1 for size in sizes)

        due = {token.form for entry in self._visible(now) for name in TEXTS for token in entry.tokens[name]}
        counts = self._occurrences(Field.TEXT)
        return _by_frequency({form: counts[form] for form in due if begins(fold_kazakh(form))}, limit)

    def alike(self, word: str, edits: int, limit: int, field: Field = Field.TEXT) -> tuple[Count[str], ...]:
        counts = self._occurrences(field)
        near = {form: counts[form] for form in counts if distance(word, fold_kazakh(form)) <= edits}
        return _by_frequency(near, limit)

    def frequencies(self, forms: Sequence[str], field: Field = Field.TEXT) -> tuple[int, ...]:
        counts = self._occurrences(field)
        return tuple(counts[form] for form in forms)

    def _occurrences(self, field: Field) -> Counter[str]:
        """How often each form occurs in the fields by which a leaf in this field is ranked."""
        entries = self.generation.entries.values()
        return Counter(token.form for entry in entries for name in RANKED_BY[field] for token in entry.tokens[name])

    # -- what matches

    def _visible(self, now: datetime) -> list[Entry]:
        until = moment(now, self.settings.zone)
        return [entry for entry in self.generation.entries.values() if entry.moment is None or entry.moment <= until]

    def matches(self, entry: Entry, query: Query) -> bool:
        match query:
            case And() | Or() | Most():
                matched = [number for number, clause in enumerate(query.clauses) if self.matches(entry, clause)]
                return _are_enough(query, matched)
            case Not():
                return not self.matches(entry, query.clause)
            case Everything():
                return True
            case Dates():
                return _within(entry.day, query)
            case Address():
                return entry.article.id in query.ids or bool(query.page and query.page == page_key(entry.article.url))
            case Person():
                return query.name in self.persons.get(entry.article.id, ())
            case PersonCalled():
                names = self.persons.get(entry.article.id, ())
                return any(self._is_called(name, query.words) for name in names)
            case Phrase():
                return any(self._phrase_stands(query, entry.tokens[name]) for name in MATCHED_IN[query.field])
            case Word():
                return any(term in entry.frequencies[name] for name in MATCHED_IN[query.field] for term in query.terms)
            case _:
                return any(self._places(query, entry.tokens[name]) for name in MATCHED_IN[query.field])

    def _is_called(self, name: str, words: Sequence[Word | Exact | Prefix]) -> bool:
        """Whether all of the words stand in the name; a beginning stands for any number of forms."""
        forms = [token.form for token in self.analyzer.tokens(name)]
        return all(any(self._is_of_name(word, form) for form in forms) for word in words)

    def _is_of_name(self, word: Word | Exact | Prefix, form: str) -> bool:
        match word:
            case Word():
                return not set(word.terms).isdisjoint(self.analyzer.terms_of_name(form))
            case Exact():
                return form == word.form
            case Prefix():
                return fold_kazakh(form).startswith(word.prefix)

    def _places(self, leaf: Word | Exact | Prefix, tokens: list[Token]) -> set[int]:
        """The positions at which the leaf stands in one field."""
        match leaf:
            case Word():
                return {token.position for token in tokens if set(leaf.terms) & set(self.analyzer.standing(token))}
            case Exact():
                return {token.position for token in tokens if token.form == leaf.form}
            case Prefix():
                forms, _ = self._expansion(leaf)
                return {token.position for token in tokens if token.form in forms}

    def _phrase_stands(self, phrase: Phrase, tokens: list[Token]) -> bool:
        places = [self._places(word, tokens) for word in phrase.words]
        if phrase.slop is None:
            pairs = list(zip(places, phrase.offsets, strict=True))
            return any(
                all(start + offset in standing for standing, offset in pairs)
                for start in {position - phrase.offsets[0] for position in places[0]}
            )
        window = len(phrase.words) + phrase.slop
        return any(
            all(any(start <= position < start + window for position in standing) for standing in places)
            for start in set().union(*places)
        )

    def _expansion(self, prefix: Prefix) -> tuple[set[str], bool]:
        """The forms that a prefix stands for, and whether there were more of them."""
        key = (prefix.prefix, prefix.field, self.most)
        if key not in self.expansions:
            counts = self._occurrences(prefix.field)
            begun = {form: counts[form] for form in counts if fold_kazakh(form).startswith(prefix.prefix)}
            forms = {count.value for count in _by_frequency(begun, self.most)}
            self.expansions[key] = forms, len(begun) > self.most
        return self.expansions[key]

    def _bounded(self, query: Query) -> tuple[str, ...]:
        """The texts of the prefixes that were cut, excluded ones too, each once, in the order typed."""
        return tuple(dict.fromkeys(prefix.text for prefix in _prefixes(query) if self._expansion(prefix)[1]))

    # -- what it is worth

    def _points(self, entry: Entry, query: Query, newest: date | None) -> int:
        points = sum(
            self._word_points(entry, word, leaf)
            for leaf in leaves(query)
            if self.matches(entry, leaf)
            for word in _words(leaf)
        )
        steps = recency_steps(newest, self.settings.recency)
        day = entry.day.toordinal() if entry.day else -math.inf
        # The newest step that the article has reached; the steps ascend.
        recency = points * next((percent for first, percent in reversed(steps) if day >= first), 0) // 100
        whole = with_all(query)
        complete = points * COMPLETE // 100 if whole != query and self.matches(entry, whole) else 0
        return points + recency + complete

    def _word_points(self, entry: Entry, word: Word | Exact | Prefix, leaf: Leaf) -> int:
        terms = self._terms(word)
        impact = max((self._impact(entry, term, leaf.field) for term in terms), default=0)
        if not impact:
            return 0
        articles, ranking = len(self.generation.entries), self.settings.ranking
        weights = [term_weight(articles, self.having[leaf.field][term], ranking) for term in terms]
        percent = word.weight if isinstance(word, Word) else 100
        if isinstance(leaf, Phrase):
            percent = percent * leaf.weight // 100
        return impact * word_weight(weights, percent)

    def _terms(self, word: Word | Exact | Prefix) -> set[str]:
        match word:
            case Word():
                return set(word.terms)
            case Exact():
                return {word.term}
            case Prefix():
                return {self.analyzer.home(form) for form in self._expansion(word)[0]}

    def _impact(self, entry: Entry, term: str, field: Field) -> int:
        if not any(term in entry.frequencies[name] for name in RANKED_BY[field]):
            return 0
        ranking = self.settings.ranking
        frequency: float
        if RANKED_BY[field] == MATCHED_IN[Field.TEXT]:
            frequency = _weighted({name: entry.frequencies[name][term] for name in RANKED_BY[field]}, self.settings)
            opening = [token for token in entry.tokens["text"] if token.position < ranking.opening]
            early = sum(term in self.analyzer.standing(token) for token in opening)
            frequency += (ranking.opening_weight - 1) * early
            b, length = ranking.b, _weighted(entry.lengths, self.settings)
        else:
            frequency = entry.frequencies[RANKED_BY[field][0]][term]
            b, length = 0.0, 0
        length = max(length, ranking.shortest * self.generation.pivot)
        share = frequency / (frequency + ranking.k1 * (1 - b + b * length / self.generation.pivot))
        return max(1, math.floor(IMPACT_STEPS * ((ranking.presence + share) / (ranking.presence + 1)) + 0.5))


def _are_enough(query: And | Or | Most, matched: Sequence[int]) -> bool:
    """Whether an article matches that matches the clauses of these numbers."""
    match query:
        case And():
            return len(matched) == len(query.clauses)
        case Or():
            return len(matched) > 0
        case Most():
            return len(matched) >= query.least or bool(set(matched) & set(query.alone))


def _content(article: Article) -> Article:
    return replace(article, views=0)


def _selected(entry: Entry, request: Request, persons: Mapping[str, set[str]], *, but: str = "") -> bool:
    """Whether every filter lets the article through; the one named by `but` is left out."""
    article, filters = entry.article, request.filters
    return (
        (filters.author is None or but == "author" or _is_by(article, filters.author))
        and (filters.section is None or but == "section" or article.section == filters.section)
        and (filters.tag is None or but == "tag" or filters.tag in article.tags)
        and (filters.person is None or but == "person" or filters.person in persons.get(article.id, ()))
        and (filters.between is None or _within(entry.day, filters.between))
        and (filters.period is None or but == "period" or _within(entry.day, filters.period.days()))
        and (not filters.undated or but == "period" or entry.day is None)
    )


def _is_by(article: Article, names: str) -> bool:
    """Whether all whom the names name are among its authors."""
    return bool(names) and set(authors_of(names)) <= set(article.authors)


def _facets(matching: list[Entry], request: Request, persons: Mapping[str, set[str]]) -> Facets:
    whenever = [entry for entry in matching if _selected(entry, request, persons, but="period")]
    days = [entry.day for entry in whenever if entry.day is not None]
    months = in_month = None
    most = request.values or MOST_FREQUENT
    if (period := request.filters.period) is not None:
        in_year = [day for day in days if day.year == period.year]
        months = _ascending(day.month for day in in_year)
        if period.month is not None:
            in_month = _ascending(day.day for day in in_year if day.month == period.month)
    return Facets(
        years=_ascending(day.year for day in days),
        months=months,
        days=in_month,
        undated=sum(entry.day is None for entry in whenever),
        authors=_most_frequent(
            (
                name
                for entry in matching
                if _selected(entry, request, persons, but="author")
                for name in entry.article.authors
            ),
            most,
        ),
        sections=_most_frequent(
            (entry.article.section for entry in matching if _selected(entry, request, persons, but="section")), most
        ),
        tags=_most_frequent(
            (
                tag
                for entry in matching
                if _selected(entry, request, persons, but="tag")
                for tag in dict.fromkeys(entry.article.tags)
            ),
            most,
        ),
        persons=_most_mentioned(
            (
                name
                for entry in matching
                if _selected(entry, request, persons, but="person")
                for name in persons.get(entry.article.id, ())
            ),
            request.values or MOST_MENTIONED,
        ),
    )


def _persons(entries: Iterable[Entry], corrections: Corrections) -> dict[str, set[str]]:
    """The people that each article mentions: of the readings of a mention the one that most articles allow, the first
    of several; then as the corrections have it."""
    entries = list(entries)
    readings = {entry.article.id: [mention.split("|") for mention in entry.mentions] for entry in entries}
    allowed = Counter(name for each in readings.values() for names in each for name in names)
    mentioned = Counter("|".join(names) for each in readings.values() for names in each)
    full = corrections.full_names(mentioned.items(), allowed)
    persons: dict[str, set[str]] = {}
    for article_id, each in readings.items():
        for names in each:
            possible = [name for name in names if name not in corrections.nobody]
            if possible:
                name = sorted(possible, key=lambda name: (-allowed[name], possible.index(name)))[0]
                name = name if name in corrections.called else full.get(name, name)
                persons.setdefault(article_id, set()).add(corrections.called.get(name, name))
    return persons


def _weighted(values: dict[str, int], settings: Settings) -> int:
    ranking = settings.ranking
    return ranking.title_weight * values["title"] + ranking.lead_weight * values["lead"] + values["text"]


def _mean_length(entries: Iterable[Entry], settings: Settings) -> float:
    lengths = [_weighted(entry.lengths, settings) for entry in entries]
    return max(1.0, sum(lengths) / len(lengths)) if lengths else 1.0


def _within(day: date | None, days: Days | Dates) -> bool:
    return day is not None and days.first <= day <= days.last


def _ordered(entries: list[Entry], sort: Sort, points: dict[str, int] | None) -> list[Entry]:
    def newer_first(entry: Entry) -> tuple[bool, timedelta, str]:
        return entry.moment is None, -(entry.moment or timedelta()), entry.article.id

    def older_first(entry: Entry) -> tuple[bool, timedelta, str]:
        return entry.moment is None, entry.moment or timedelta(), entry.article.id

    if sort is Sort.OLDEST:
        return sorted(entries, key=older_first)
    if sort is Sort.INDEXED:
        known = {id(entry): max(entry.indexed, entry.moment or timedelta()) for entry in entries}
        return sorted(entries, key=lambda entry: (-known[id(entry)], newer_first(entry)))
    if sort is Sort.VIEWS:
        return sorted(entries, key=lambda entry: (-entry.article.views, newer_first(entry)))
    if points is not None:
        return sorted(entries, key=lambda entry: (-points[entry.article.id], newer_first(entry)))
    return sorted(entries, key=newer_first)


def _words(leaf: Leaf) -> tuple[Word | Exact | Prefix, ...]:
    return leaf.words if isinstance(leaf, Phrase) else (leaf,)


def _prefixes(query: Query) -> list[Prefix]:
    match query:
        case Prefix():
            return [query]
        case And() | Or() | Most():
            return [prefix for clause in query.clauses for prefix in _prefixes(clause)]
        case Not():
            return _prefixes(query.clause)
        case _:
            return []


def _by_frequency(counts: Mapping[str, int], limit: int) -> tuple[Count[str], ...]:
    """The forms that occur most often, then by folded form and form."""
    ordered = sorted(counts, key=lambda form: (-counts[form], fold_kazakh(form), form))
    return tuple(Count(form, counts[form]) for form in ordered[:limit])


def _ascending(values: Iterable[int]) -> tuple[Count[int], ...]:
    return tuple(Count(value, count) for value, count in sorted(Counter(values).items()))


def _most_frequent(values: Iterable[str], most: int) -> tuple[Count[str], ...]:
    counts = Counter(value for value in values if value)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(value, count) for value, count in ordered[:most])


def _most_mentioned(names: Iterable[str], most: int) -> tuple[Count[str], ...]:
    ordered = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(name, count) for name, count in ordered[:most] if count >= LEAST_MENTIONED)
