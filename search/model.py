"""The values that the archive is made of and answers with. All of them are frozen."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from search.analysis.folding import without_diaeresis
from search.analysis.names import authors_of
from search.errors import UserError

Value = TypeVar("Value", int, str)


class Article(Struct, frozen=True, omit_defaults=True):
    """One article of the newspaper; the fields are those of the article format (see docs/article.md).

    `published` is a date, or a date-time that knows its offset: what the newspaper was precise about.
    """

    id: str
    title: str
    text: str
    lead: str = ""
    url: str = ""
    published: date | datetime | None = None
    updated: str = ""
    author: str = ""
    author_role: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    views: int = 0
    image: str = ""
    image_credit: str = ""
    noindex: bool = False

    @property
    def authors(self) -> tuple[str, ...]:
        """The authors that `author` names, one by one, as the facet has them."""
        return authors_of(self.author) if self.author else ()

    def as_dict(self) -> dict[str, Any]:
        """The article in the article format, the empty optional fields left out."""
        record: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(date, datetime))
        if self.published is not None:
            # Not as msgspec writes it, to the minute: offsets of the nineteenth century have seconds.
            record["published"] = self.published.isoformat()
        if self.tags:
            record["tags"] = list(self.tags)
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Article:
        """The inverse of `as_dict`. Trusts its input: what comes from outside is checked by the indexer."""
        values = dict(record)
        if published := values.get("published"):
            whole_day = len(published) == len("2024-05-17")
            values["published"] = date.fromisoformat(published) if whole_day else datetime.fromisoformat(published)
        if "tags" in values:
            values["tags"] = tuple(values["tags"])
        return cls(**values)


class Days(Struct, frozen=True):
    """Whole calendar days, both ends included."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Days:
        """The days of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; ValueError where there are none such."""
        parts = text.split("-")
        if not 1 <= len(parts) <= 3 or [len(part) for part in parts] != [4, 2, 2][: len(parts)]:
            raise ValueError(f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError(f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
        return Period(*map(int, parts)).days()


class Period(Struct, frozen=True):
    """A year, a month of a year, or a day of a month: a path in the archive block."""

    year: int
    month: int | None = None
    day: int | None = None

    def days(self) -> Days:
        """Its first and last day; ValueError where the calendar has no such period."""
        if self.month is None:
            return Days(date(self.year, 1, 1), date(self.year, 12, 31))
        if self.day is None:
            first = date(self.year, self.month, 1)
            return Days(first, first.replace(day=calendar.monthrange(self.year, self.month)[1]))
        day = date(self.year, self.month, self.day)
        return Days(day, day)

    @classmethod
    def chosen(cls, year: int | None, month: int | None, day: int | None) -> Period | None:
        """The period that the three parameters choose together; UserError names the one that is wrong."""
        if month is not None and year is None:
            raise UserError("month", "a month needs its year")
        if day is not None and month is None:
            raise UserError("day", "a day needs its month")
        if year is None:
            return None
        if not 1 <= year <= 9999:
            raise UserError("year", f"{year} is not a year from 1 to 9999")
        if month is not None and not 1 <= month <= 12:
            raise UserError("month", f"{month} is not a month from 1 to 12")
        if month is not None and day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]:
            raise UserError("day", f"{year:04}-{month:02} has no day {day}")
        return cls(year, month, day)


Year = Annotated[int, Meta(ge=1, le=9999)]
# In the place of a year: the articles without a date.
UNDATED: Literal["none"] = "none"
Month = Annotated[int, Meta(ge=1, le=12)]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")]
Name = Annotated[str, Meta(min_length=1)]


class Facet(NamedTuple):
    """A column that articles are filtered and counted by. `filter` names its field of `Filters` and its parameter,
    `counts` its field of `Facets`, `field` that of `Article`, which holds `several` values or one string, of which
    `parts` makes the values."""

    filter: str
    counts: str
    field: str
    several: bool
    parts: Callable[[str], tuple[str, ...]] = lambda value: (value,)


# Persons are a facet too: they are no field of an article, but are recognized in its text.
FACETS = (
    Facet("author", "authors", "author", several=False, parts=authors_of),
    Facet("section", "sections", "section", several=False),
    Facet("tag", "tags", "tags", several=True),
)


class Filters(Struct, frozen=True):
    """Which articles may be found, whatever is searched for; all of them apply together. `between` and `period` are
    archive days, which the `undated` articles have none of; of the others each is a value exactly as among the facets,
    `author` also several who all wrote it."""

    period: Period | None = None
    between: Days | None = None
    author: str | None = None
    section: str | None = None
    tag: str | None = None
    person: str | None = None
    undated: bool = False


NO_FILTERS = Filters()


class FilterKeywords(TypedDict, total=False):
    """The same as keywords of a call, as `FilterParameters` documents them."""

    year: int | Literal["none"] | None
    month: int | None
    day: int | None
    date_from: str | date | None
    date_to: str | date | None
    author: str | None
    section: str | None
    tag: str | None
    person: str | None


class FilterParameters(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"date_from": "from", "date_to": "to"}
):
    """The filters as the parameters of an address, an alert or a call, not checked against each other yet."""

    year: Annotated[
        Year | Literal["none"] | None, Meta(description="Published in this year; none: the articles without a date.")
    ] = None
    month: Annotated[Month | None, Meta(description="In this month, 1 to 12; needs a year.")] = None
    day: Annotated[Annotated[int, Meta(ge=1, le=31)] | None, Meta(description="On this day; needs a month.")] = None
    date_from: Annotated[
        Day | None, Meta(description="Published on this day or later: YYYY, YYYY-MM or YYYY-MM-DD.")
    ] = None
    date_to: Annotated[Day | None, Meta(description="Published until the end of this day, month or year.")] = None
    author: Annotated[Name | None, Meta(description="By this author, or all of these, as among the facets.")] = None
    section: Annotated[Name | None, Meta(description="In this section, exactly as among the facets.")] = None
    tag: Annotated[Name | None, Meta(description="With this tag, exactly as in the article.")] = None
    person: Annotated[Name | None, Meta(description="Mentioning this person, the name as among the facets.")] = None

    def __post_init__(self) -> None:
        """Whoever writes ё means the same person."""
        if self.person:
            structs.force_setattr(self, "person", without_diaeresis(self.person))

    def parameters(self) -> dict[str, Any]:
        """The filters by the names that they have in addresses."""
        names = zip(FilterParameters.__struct_encode_fields__, FilterParameters.__struct_fields__, strict=True)
        return {written: getattr(self, name) for written, name in names}

    @property
    def value(self) -> Filters:
        """The filters that these are; UserError names the parameter that is wrong."""
        others = (self._between(), self.author, self.section, self.tag, self.person)
        if self.year != UNDATED:
            return Filters(Period.chosen(self.year, self.month, self.day), *others)
        for name, field in (("month", "month"), ("day", "day"), ("from", "date_from"), ("to", "date_to")):
            if getattr(self, field) not in (None, ""):
                raise UserError(name, f"year={UNDATED} means the articles without a date; leave one of the two out")
        return Filters(None, *others, undated=True)

    def _between(self) -> Days | None:
        if self.date_from in (None, "") and self.date_to in (None, ""):
            return None
        first = _days("from", self.date_from).first if self.date_from else date.min
        last = _days("to", self.date_to).last if self.date_to else date.max
        if first > last:
            raise UserError("from", f"{first} is after {last}, the end of the range")
        return Days(first, last)


def _days(parameter: str, value: str | date) -> Days:
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return Days(day, day)
    try:
        return Days.parse(value)
    except ValueError as error:
        raise UserError(parameter, f"{value!r} is not a date as YYYY, YYYY-MM or YYYY-MM-DD") from error


class Sort(StrEnum):
    """The order of the hits. Every order is total: what is equal is newer first, then by id.

    INDEXED is the order of feeds: by when the content first came in or, where that is later, by when it was published.
    """

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    VIEWS = "views"
    INDEXED = "indexed"


class Words(StrEnum):
    """How many words of a query an article needs: all, most of them, or most where fewer than ten articles have all."""

    AUTO = "auto"
    ALL = "all"
    MOST = "most"


class Dated(Struct, frozen=True):
    """The days that plain words of a query name, and the query without these words."""

    days: Days
    rest: str


class Snippet(Struct, frozen=True):
    """A text and the spans of it to be marked, as pairs of character offsets, ascending and disjoint."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


class Hit(Struct, frozen=True):
    """One found article. `score` is None where nothing was ranked, and of one that is `pinned`: editors want it to be
    seen first. `similar` counts what is folded under it; `missing` are the words and phrases of the query, as typed,
    that it does not have."""

    article: Article
    score: float | None
    title: Snippet
    snippet: Snippet
    similar: int = 0
    pinned: bool = False
    missing: tuple[str, ...] = ()


class Count(Struct, Generic[Value], frozen=True):
    """One value of a facet, and how many articles have it."""

    value: Value
    count: int


class Facets(Struct, frozen=True):
    """Counts of the archive block, of the authors, sections and tags, and of the persons that two articles or more
    mention; values without articles are left out.

    `months` is None until a year is chosen, `days` until a month is. Each level is counted under the query and
    every filter but its own and deeper date levels; `undated` stands at the level of the years.
    """

    years: tuple[Count[int], ...]
    months: tuple[Count[int], ...] | None
    days: tuple[Count[int], ...] | None
    undated: int
    authors: tuple[Count[str], ...]
    sections: tuple[Count[str], ...]
    tags: tuple[Count[str], ...] = ()
    persons: tuple[Count[str], ...] = ()


class Anniversary(Struct, frozen=True):
    """A day of the calendar in one year: how many articles it has, and the most read of them."""

    year: int
    total: int
    hits: tuple[Hit, ...]


class Suggestion(Struct, frozen=True):
    """What may be asked instead of an unfinished query: a word that goes on with it, a person, a tag, or the headline
    of an article.

    `text` is the whole query that it leads to; of a tag and of a headline itself. `count` is how often a single word
    occurs, else how many articles have what is suggested. `name` is that of the person or the tag.
    """

    text: str
    kind: Literal["word", "person", "tag", "headline"]
    count: int | None = None
    id: str | None = None
    name: str | None = None


class Correction(Struct, frozen=True):
    """What was searched instead of what was typed: `kind` is words (of a field, of words joined by a sign, of a
    phrase), layout, transliteration, spelling or lifted (exclusions)."""

    kind: str
    text: str


class IndexInfo(Struct, frozen=True):
    """One generation of an index. `size` is in bytes, `first` and `last` are archive days."""

    generation: str
    articles: int
    undated: int
    first: date | None
    last: date | None
    built_at: datetime
    size: int
    timezone: str


# Pages reach as far as this hit.
MAX_HITS = 10_000


class SearchResult(Struct, frozen=True):
    """One page of an answer. `total` and the facets count every article; `folded` of them stand under others.

    `text` is what was typed, `interpreted` what was searched, `equivalent` a text that finds these hits with all of its
    words, or some of them where none can say more; `notes` are sentences for the reader; `hint` is what may
    have been meant where little was found, `person` who is called so where most of it is about such. `words` is whether
    all words or most of them were asked for, all where the query has not several; `with_all_words` of the total have
    all. `dated` is what its words say of days. Total and facets are not `exact` where a bound left something out, which
    a note says.
    """

    text: str
    interpreted: str
    notes: tuple[str, ...]
    correction: Correction | None
    total: int
    page: int
    per_page: int
    sort: Sort
    hits: tuple[Hit, ...]
    facets: Facets | None
    took_ms: float
    index: IndexInfo
    folded: int = 0
    hint: Correction | None = None
    person: str | None = None
    words: Words = Words.ALL
    with_all_words: int = 0
    dated: Dated | None = None
    exact: bool = True
    equivalent: str = ""

    @property
    def pages(self) -> int:
        """How many pages the hits fill, of those that can be requested."""
        return min(-(-(self.total - self.folded) // self.per_page), MAX_HITS // self.per_page)
