"""The answers of the API as types, from which its documentation is made as well."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

from search.guidance.russian import MONTHS
from search.model import Article, Correction, Count, Facets, Hit, IndexInfo, SearchResult, Suggestion, Words
from web.address import absolute, article_url, file_url, search_url
from web.markup import highlighted
from web.parameters import PageParameters, SearchParameters
from web.sites.sharing import canonical

# What an answer has of the query and of its page, and a hit of its article, as it is.
_OF_QUERY = ("interpreted", "notes", "correction", "with_all_words", "hint", "person")
_OF_PAGE = ("total", "exact", "page", "per_page", "pages", "sort")
_AS_STORED = ("id", "title", "author", "author_role", "section", "views")
Html = Annotated[str, Meta(description="HTML: escaped, with the words of the query in <mark>.")]


class QueryView(msgspec.Struct, omit_defaults=True):
    """What was typed and how it was read; `hint` is there where something else may have been meant, `person` where most
    articles are about somebody who is called so. `words` is `most` where articles with most of the words were asked
    for, of which `with_all_words` have all."""

    text: str
    interpreted: str
    notes: tuple[str, ...]
    correction: Correction | None
    words: Literal["all", "most"]
    with_all_words: int
    hint: Correction | None = None
    person: str | None = None


class HitView(msgspec.Struct, omit_defaults=True):
    """One found article; `missing` are the words of the query that it does not have, `pinned` is there where editors
    put it first."""

    id: str
    url: str
    title: str
    title_html: Html
    snippet_html: Html
    published: str | None
    author: str
    author_role: str
    section: str
    views: int
    score: float | None
    similar: int
    missing: tuple[str, ...]
    pinned: bool = False


class YearCount(msgspec.Struct):
    """Articles of a year."""

    year: int
    count: int


class MonthCount(msgspec.Struct):
    """Articles of a month."""

    month: int
    label: str
    count: int


class DayCount(msgspec.Struct):
    """Articles of a day."""

    day: int
    count: int


class IndexView(msgspec.Struct):
    """The generation that answered."""

    generation: str
    articles: int
    built_at: datetime


class Calendar(msgspec.Struct):
    """The archive block. `months` is null until a year is chosen, `days` until a month is."""

    years: list[YearCount]
    months: list[MonthCount] | None
    days: list[DayCount] | None
    undated: int


class CalendarAnswer(Calendar):
    """The archive block of the whole archive, level by level."""

    index: IndexView


class FacetsView(Calendar):
    """Counts under the query: the archive block, the most frequent authors, sections and tags, and
    the people whom most articles mention, two of them at least."""

    authors: tuple[Count[str], ...]
    sections: tuple[Count[str], ...]
    tags: tuple[Count[str], ...]
    persons: tuple[Count[str], ...]


class Links(msgspec.Struct, rename={"this": "self"}):
    """This page of the hits and its neighbours, and all of the hits as a feed and as a file."""

    this: str
    next: str | None
    prev: str | None
    feed: str
    csv: str


class SearchAnswer(msgspec.Struct):
    """One page of the hits. Total and facets are `exact` unless a bound left something out, which a note says. `pages`
    counts the pages that can be requested."""

    query: QueryView
    total: int
    exact: bool
    page: int
    per_page: int
    pages: int
    sort: str
    took_ms: float
    hits: list[HitView]
    facets: FacetsView
    links: Links
    index: IndexView


class PopularAnswer(msgspec.Struct):
    """The most viewed articles of a period, most views first."""

    period: str
    hits: list[HitView]
    index: IndexView


class AnniversaryView(msgspec.Struct):
    """The day in one year: its most read articles."""

    year: int
    total: int
    hits: list[HitView]


class DayAnswer(msgspec.Struct):
    """What was published on a day of the calendar, the latest year first."""

    month: int
    day: int
    years: list[AnniversaryView]
    index: IndexView


class RelatedAnswer(msgspec.Struct):
    """Articles on the subject of one, the closest first."""

    id: str
    hits: list[HitView]
    index: IndexView


class SuggestionView(Suggestion, omit_defaults=True, frozen=True):
    """A `word` goes on with the text, a `person` is mentioned in articles, a `tag` is one of theirs; these have a
    count. A `headline` has the id of its article. `url` is the page of the article, or of the articles with the tag."""

    url: str | None = None


class SuggestAnswer(msgspec.Struct):
    """How the text may go on, who and what is called so, then fresh headlines."""

    q: str
    suggestions: list[SuggestionView]


class ArticleAnswer(Article, omit_defaults=True, frozen=True):
    """An article in the article format; empty fields are left out."""

    published: str | None = None  # type: ignore[assignment]  # as `Article.as_dict` writes it


class Status(msgspec.Struct, omit_defaults=True):
    """How the service is."""

    status: str
    generation: str = ""


def next_page(result: SearchResult) -> int | None:
    """The number of the next page of hits; None on the last page."""
    following = result.page + 1
    return following if following <= result.pages else None


def search_answer(result: SearchResult, parameters: SearchParameters) -> SearchAnswer:
    """The answer of `/api/search`."""
    assert result.facets is not None
    return SearchAnswer(
        query=QueryView(
            text=parameters.typed,
            words="most" if result.words is Words.MOST else "all",
            **{name: getattr(result, name) for name in _OF_QUERY},
        ),
        **{name: getattr(result, name) for name in _OF_PAGE},
        took_ms=round(result.took_ms, 2),
        hits=hit_views(result.hits),
        facets=_facets(result.facets),
        links=_links(result, parameters),
        index=index_view(result.index),
    )


def calendar_answer(facets: Facets, index: IndexInfo) -> CalendarAnswer:
    """The answer of `/api/archive`."""
    shown = _facets(facets)
    return CalendarAnswer(shown.years, shown.months, shown.days, shown.undated, index_view(index))


def suggest_answer(typed: str, suggestions: Iterable[Suggestion]) -> SuggestAnswer:
    """The answer of `/api/suggest`."""
    views = [SuggestionView(**structs.asdict(suggestion), url=_page_of(suggestion)) for suggestion in suggestions]
    return SuggestAnswer(typed, views)


def _page_of(suggestion: Suggestion) -> str | None:
    if suggestion.kind == "tag":
        return search_url(PageParameters(tag=suggestion.name))
    return None if suggestion.id is None else article_url(suggestion.id)


def hit_views(hits: Iterable[Hit]) -> list[HitView]:
    """Hits as the API shows them."""
    return [
        HitView(
            **{name: getattr(hit.article, name) for name in _AS_STORED},
            url=canonical(hit.article),
            title_html=str(highlighted(hit.title)),
            snippet_html=str(highlighted(hit.snippet)),
            published=hit.article.published.isoformat() if hit.article.published else None,
            score=hit.score,
            similar=hit.similar,
            missing=hit.missing,
            pinned=hit.pinned,
        )
        for hit in hits
    ]


def index_view(info: IndexInfo) -> IndexView:
    """The generation as the API shows it."""
    return IndexView(info.generation, info.articles, info.built_at)


def _facets(facets: Facets) -> FacetsView:
    return FacetsView(
        years=[YearCount(year.value, year.count) for year in facets.years],
        months=None
        if facets.months is None
        else [MonthCount(month.value, MONTHS[month.value - 1], month.count) for month in facets.months],
        days=None if facets.days is None else [DayCount(day.value, day.count) for day in facets.days],
        undated=facets.undated,
        **{name: getattr(facets, name) for name in ("authors", "sections", "tags", "persons")},
    )


def _links(result: SearchResult, parameters: SearchParameters) -> Links:
    base = absolute("")

    def page(number: int) -> str:
        return base + search_url(parameters, "api.search", page=number)

    following = next_page(result)
    return Links(
        this=page(result.page),
        next=page(following) if following else None,
        prev=page(min(result.page - 1, max(result.pages, 1))) if result.page > 1 else None,
        feed=base + file_url(parameters, result, "feeds.atom", sort=None),
        csv=base + file_url(parameters, result, "export.table"),
    )
