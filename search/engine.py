"""What an engine promises. These docstrings are the specification; `tests/contract/` is the same list, executable.

An engine keeps generations of one index. A reader opens the published generation as an immutable snapshot; one
writer at a time prepares the next one beside it and publishes it in one step.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol, Self

from msgspec import Struct

from search.model import NO_FILTERS, Article, Count, Facets, Filters, IndexInfo, Sort
from search.query.tree import Everything, Field, Query, leaves

# How many authors, sections and tags are among the facets, and how many persons: the most frequent ones, of persons
# those with so many articles at least.
MOST_FREQUENT = 20
MOST_MENTIONED, LEAST_MENTIONED = 10, 2
EVERYTHING = Everything()


class Request(Struct, frozen=True):
    """One search.

    `now` is an aware date-time: articles dated after it do not exist for this request. Each facet leaves out its own
    filter, each level of the dates that of its own level and of deeper ones (see `Facets`); `between` always applies.
    With `fold`, of near-copies (see `search.analysis.copies`) only the first in order is among the matches; totals and
    facets count all. `since`: only articles that came in with their content, or were published, after this aware
    date-time. `values`: of each facet so many, where it is not 0, instead of the numbers above.
    """

    now: datetime
    query: Query = EVERYTHING
    filters: Filters = NO_FILTERS
    since: datetime | None = None
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10
    facets: bool = True
    fold: bool = False
    values: int = 0

    @property
    def filtered(self) -> bool:
        """Whether anything but the query, the moment aside, keeps articles out."""
        return self.filters != NO_FILTERS or self.since is not None

    @property
    def most_frequent(self) -> int:
        """How many authors, sections and tags are among the facets."""
        return self.values or MOST_FREQUENT

    @property
    def most_mentioned(self) -> int:
        """How many persons are."""
        return self.values or MOST_MENTIONED

    @property
    def ranked(self) -> bool:
        """Whether the hits are put in order by their scores."""
        return self.sort is Sort.RELEVANCE and bool(leaves(self.query))


class Match(Struct, frozen=True):
    """One article of an answer; `score` is None where the order is not by relevance, `similar` how many near-copies
    of it, matching like it, are folded under it. `missing` are those of the query's `counted` clauses that it does not
    match, in their order."""

    article: Article
    score: float | None
    similar: int = 0
    missing: tuple[Query, ...] = ()


class Visibility(Struct, frozen=True):
    """What is published at some moment: how many articles, the newest archive day among them, None where none has a
    date; and `until` when that holds: the next time of publication, in microseconds since 1970 UTC, None where there is
    none."""

    articles: int
    newest: date | None
    until: int | None


class Origin(NamedTuple):
    """Where a published article came from: its id, and what its writer said of that."""

    id: str
    origin: str


class Answer(Struct, frozen=True):
    """The answer: the exact number of matching articles, the requested page of them in order, the facets.

    `bounded` names the prefixes whose expansion was cut (see `Prefix`), each once, as typed and in that order, the
    excluded ones too. `folded` is how many articles of the total are folded under others. `cut` is whether the query
    would have taken too long: phrases were then looked for in the newest articles alone.
    """

    total: int
    matches: tuple[Match, ...]
    facets: Facets | None
    bounded: tuple[str, ...] = ()
    folded: int = 0
    cut: bool = False


class Searcher(Protocol):
    """One generation, read-only. Safe to use from many threads at once, and after newer ones were published."""

    @property
    def info(self) -> IndexInfo:
        """What this generation is."""

    def search(self, request: Request) -> Answer:
        """Answer a request.

        Total order: `relevance` by whether the day is one that leads (`Dates.leads`), then by score; `views` by views,
        `indexed` by the later of the times of publication and of the first generation with this content, all
        descending, then newer first, then by id;
        `newest` and `oldest` by time, then by id. Articles without a date come last in each among equals, and after
        all dated ones in `newest` and `oldest`. A request whose query has no leaf ranks nothing: `relevance` then
        orders as `newest`. Never raises for any request; IndexUnavailable where the index is damaged.
        """

    def counts(self, queries: Sequence[Query], now: datetime) -> tuple[int, ...]:
        """How many articles `search` finds for each of the queries at `now`, without filters."""

    def visibility(self, now: datetime) -> Visibility:
        """What of this generation is published at `now`."""

    def article(self, article_id: str, now: datetime) -> Article | None:
        """The article with this id, or None where there is none or it is dated after `now`."""

    def matching(self, request: Request) -> Iterator[Article]:
        """Every article that `search` finds, in its order, one by one. Offset, limit and facets do not count.

        What is kept in memory meanwhile is some bytes a match, never the articles.
        """

    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        """The forms of titles, leads and texts that begin so, those that occur most often first, then by folded form
        and form, with their occurrences.

        Only forms that stand in an article dated up to `now`; all occurrences count. `prefix` is as in `Prefix`, of
        one letter or more. With `typos`: the forms with its first letter of which some prefix is at most one edit
        away from it; an edit adds, leaves out or replaces a letter, or exchanges two neighbours.
        """

    def alike(self, word: str, edits: int, limit: int, field: Field = Field.TEXT) -> tuple[Count[str], ...]:
        """The forms in a field at most so many edits away from a folded word, Kazakh letters folded, in the order of
        `words`; whatever the date of the articles they stand in."""

    def frequencies(self, forms: Sequence[str], field: Field = Field.TEXT) -> tuple[int, ...]:
        """How often each exact form occurs in a field, whatever the date of the articles."""

    def articles(self) -> Iterator[Article]:
        """Every article, whatever its date, oldest first, those without a date before all."""

    def origins(self) -> Iterator[Origin]:
        """Of every article, whatever its date, the id and the origin; in any order."""


class IndexWriter(Protocol):
    """Prepares the next generation. A context manager: leaving it without `publish` leaves no trace."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def add(self, article: Article, origin: str = "", *, counted: bool = True) -> bool:
        """Add an article, or replace the one with the same id: the last one wins. False where it is there already:

        where the published one has the same content, which is all but the views, it stays, with the new views and the
        new `origin` alone, where there is one; it is kept for who writes (see `Searcher.origins`). Without `counted`
        the article's views say nothing: those of the published one hold, in a fresh generation of the one with the same
        content.
        """

    def keep(self, article_id: str) -> None:
        """Let the published article stand, whatever was done before with its id; nothing where there is none."""

    def remove(self, article_id: str) -> bool:
        """Take an article out; False where there was none."""

    def withdraw(self, article_id: str) -> bool:
        """Take an article out of every kept generation when this one is published: none of the earlier ones is kept,
        and nothing of it is left on the disk. False where none of them has it."""

    def set_views(self, article_id: str, views: int) -> bool:
        """Set how often an article was viewed; False where there is no such article."""

    @property
    def changed(self) -> bool:
        """Whether publishing would change anything; a fresh generation, and the first one, always does."""

    def publish(self) -> IndexInfo:
        """Verify what was prepared and make it the published generation in one atomic step; call once."""


class Engine(Protocol):
    """One index at one place, whether it exists yet or not."""

    @property
    def url(self) -> str:
        """How the setting `index` names it."""

    def generation(self) -> str | None:
        """The published generation, None before the first; cheap enough to ask at every request."""

    def open(self) -> Searcher:
        """The published generation. IndexUnavailable: there is none, it is damaged, or of another version."""

    def writer(self, *, fresh: bool = False) -> IndexWriter:
        """Begin the next generation, from the published one or, `fresh`, from nothing.

        IndexBusy while another writer is at work; IndexUnavailable where the index cannot be written, or where the
        published one was built with other settings (zone, analysis), which only a fresh one can follow.
        """

    def rollback(self) -> IndexInfo:
        """Publish the generation before the published one again, as a generation of its own.

        IndexUnavailable where none is kept, it is damaged, or built with other settings; or as of `writer`.
        """

    def verify(self) -> list[str]:
        """Read every byte of the published generation against its checksums: what is damaged, a line each."""
