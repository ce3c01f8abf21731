"""The pages that people read."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from msgspec import structs
from werkzeug.wrappers import Response as AnyResponse

from search import Archive, IndexUnavailable, UserError
from search.analysis.folding import spelling
from search.analysis.names import authors_of
from search.browse import LEAP_YEAR
from search.guidance.correction import LIFTED
from search.guidance.russian import OF_MONTH, count_of, day_name, day_of, in_period, number, period_name, plural
from search.links import outside
from search.model import UNDATED, Count, Days, FilterKeywords, Hit, Period, SearchResult
from search.query.parser import MAX_CHARACTERS
from search.snippet import Highlighter
from web.address import absolute, article_url, cite_url, file_url, name_url, period_url, picture, route, search_url
from web.desk.queries import record
from web.live import archive, current_day, published_total, shown_person, zone
from web.markup import highlighted, printable, render
from web.pages import fragments
from web.pages.choices import (
    COUNTS,
    LABELS,
    Choice,
    archive_block,
    chips,
    companions,
    date_filter,
    facet_lists,
    facet_values,
    orders,
    paging,
    period_address,
    period_choice,
    recent,
)
from web.pages.timeline import level_name, timeline
from web.parameters import PageParameters, hidden_fields, query_string, read_leniently, read_valid
from web.sites.citing import reference
from web.sites.sharing import canonical, description, moment, structured

blueprint = Blueprint("pages", __name__)

# Filters whose values have pages of their own.
KINDS = ("author", "section", "tag", "person")
# What changes its meaning beside other words, so that parentheses go around it.
_OPERATORS = re.compile(r"[|()\"«»„“]|(?<!\S)(?:И|ИЛИ|НЕ|AND|OR|NOT)(?!\S)")
_POPULAR = {"day": "день", "week": "неделя", "month": "месяц", "all": "всё время"}
# Articles on a page of the archive, and values on that of a facet.
LISTED, MOST_VALUES = 50, 1000
# Characters of a query in the title of its page.
LONGEST_IN_TITLE = 100


# What the templates call, by its own name.
_FUNCTIONS: tuple[Any, ...] = (
    absolute, article_url, canonical, cite_url, count_of, day_name, description, file_url, hidden_fields, highlighted,
    in_period, level_name, moment, name_url, number, outside, period_url, plural, published_total, query_string,
    reference, search_url, shown_person, structured, zone,
)  # fmt: skip


@blueprint.record_once
def _set_up_templates(setup: BlueprintSetupState) -> None:
    app = setup.app
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        {function.__name__: function for function in _FUNCTIONS},
        fragments=fragments,
        most_characters=MAX_CHARACTERS,
        no_parameters=PageParameters(),
        settings=app.config["SETTINGS"],
        suggests=lambda: "api.suggest" in app.view_functions,
    )


@blueprint.get("/")
def search() -> str | AnyResponse:
    """The search box and the hits; `within` is an earlier query, whose hits are searched. Fields of the form that were
    left empty do not stay in the address; days that are chosen in it take the place of the undated articles."""
    parameters = read_leniently(PageParameters, request.args)
    if within := request.args.get("within"):
        texts = [text for text in (within, parameters.q) if text.strip()]
        both = " ".join(f"({text})" if _OPERATORS.search(text) else text for text in texts)
        return redirect(search_url(parameters, q=both, words="all"))
    if parameters.year == UNDATED and (parameters.date_from or parameters.date_to):
        return redirect(search_url(parameters, year=None))
    if not all(value for name, value in request.args.items() if name != "q"):
        return redirect(search_url(parameters, page=parameters.page))
    result = archive().search(**parameters.arguments())
    record(result)
    return _results(parameters, result, lambda number: search_url(parameters, page=number))


def named(kind: str, name: str) -> str | AnyResponse:
    """The page of an author, a section or a tag, which search engines may index, or of a person, which they may not: a
    program has read the names."""
    number = read_leniently(PageParameters, request.args).page
    parameters = structs.replace(PageParameters(page=number), **{kind: name})
    result = archive().search(**parameters.arguments())
    if kind == "author" and len(called := authors_of(name)) == 1 and called[0] != name:
        return redirect(name_url(kind, called[0]), 301)
    if not result.total:
        facets = archive().search(per_page=1, snippets=False, values=MOST_VALUES).facets
        names = (count.value for count in getattr(facets, COUNTS[kind]))
        alike = next((other for other in names if spelling(other) == spelling(name)), None)
        return redirect(name_url(kind, alike or abort(404)), 301)
    return _results(parameters, result, partial(name_url, kind, name), name, indexable=kind != "person")


def values(kind: str) -> str:
    """All values of a facet under a search."""
    parameters = structs.replace(read_valid(PageParameters, request.args), page=1)
    result = archive().search(**parameters.arguments() | {"per_page": 1}, snippets=False, values=MOST_VALUES)
    assert result.facets is not None
    listed = facet_values(result.facets, parameters, kind)
    is_cut = len(listed) == MOST_VALUES
    return render("values.html", parameters=parameters, heading=LABELS[kind].heading, values=listed, is_cut=is_cut)


for _kind in KINDS:
    blueprint.add_url_rule(f"/{_kind}/<article_id:name>", _kind, partial(named, _kind))
    blueprint.add_url_rule(f"/values/{_kind}", f"values_{_kind}", partial(values, _kind))


def _results(
    parameters: PageParameters,
    result: SearchResult,
    page_url: Callable[[int], str],
    name: str = "",
    *,
    indexable: bool = False,
) -> str:
    """The page of hits; `page_url` gives the addresses of its pages. With a `name` it is the page of an author, a
    section, a tag or a person. Search engines may index it where it is `indexable` and has hits."""
    opened, period, today = archive(), parameters.value.period, current_day()
    assert result.facets is not None
    person = parameters.person if name else None
    facets = facet_lists(result.facets, parameters)
    if person:
        facets[0] = companions(opened.mentioned_with(person), parameters)
    address = period_address(parameters)
    lifted = result.correction is not None and result.correction.kind == "lifted"
    searched = result.correction.text if result.correction else parameters.typed
    return render(
        "search.html",
        parameters=parameters,
        result=result,
        name=name,
        own=absolute(page_url(parameters.page)),
        today=today,
        period=period,
        searched=searched,
        title=_title(parameters, result, searched),
        lifted=LIFTED if lifted else "",
        notes=[note for note in result.notes if not lifted or note != LIFTED],
        block=archive_block(result.facets, period, address, parameters),
        bars=[] if parameters.year == UNDATED else timeline(result.facets, period, address, today),
        facets=facets,
        recent=recent(parameters, today),
        indexable=indexable and bool(result.hits),
        chips=chips(parameters),
        orders=orders(parameters, result.sort, viewed=any(hit.article.views for hit in opened.popular("all", 1))),
        date_filter=date_filter(parameters, result.dated),
        paging=paging(result, page_url),
        popular=[] if result.total else opened.popular("month", 5),
        first=Days.parse(parameters.date_from).first if parameters.date_from else "",
        last=Days.parse(parameters.date_to).last if parameters.date_to else "",
    )


def _title(parameters: PageParameters, result: SearchResult, text: str) -> str:
    """The title of a page of hits: what is searched for, the filters, how many there are, order and number."""
    site: str = current_app.config["SETTINGS"].site_name
    if not query_string(parameters):
        return site
    named = [choice.label for choice in chips(parameters)]
    order = [choice.label for choice in orders(parameters, result.sort, viewed=True) if choice.chosen]
    page = [f"страница {parameters.page}"] if parameters.page > 1 else []
    shown = text.strip() if len(text) <= LONGEST_IN_TITLE else f"{text[:LONGEST_IN_TITLE]}…"
    parts = [shown, *named, count_of(result.total), *(order if parameters.sort else []), *page]
    return f"{', '.join(filter(None, parts))} — {site}"


@blueprint.get("/archive")
@blueprint.get("/archive/<year:year>")
@blueprint.get("/archive/<year:year>/<int:month>")
@blueprint.get("/archive/<year:year>/<int:month>/<int:day>")
def archive_page(year: int | None = None, month: int | None = None, day: int | None = None) -> str:
    """The archive, or a year, a month or a day of it."""
    try:
        period = Period.chosen(year, month, day)
    except UserError:
        abort(404)
    chosen_page = read_leniently(PageParameters, request.args).page
    parameters = PageParameters(year=year, month=month, day=day, page=chosen_page, per_page=LISTED)
    opened = archive()
    result = opened.search(**parameters.arguments())
    assert result.facets is not None
    return render(
        "archive.html",
        parameters=parameters,
        within_period=structs.replace(parameters, per_page=10),
        result=result,
        period=period,
        name=period_name(year, month, day) if year else "Архив",
        trail=_trail(period),
        block=archive_block(result.facets, period, period_url, PageParameters()),
        bars=timeline(result.facets, period, period_url, current_day()),
        days=_by_day(result.hits),
        earlier=_neighbour(opened, period, later=False) if period else None,
        later=_neighbour(opened, period, later=True) if period else None,
        paging=paging(result, lambda number: period_url(year, month, day, number)),
    )


@blueprint.get("/article/<article_id:article_id>")
def article(article_id: str) -> str:
    """One article; the words of the search that led to it are marked."""
    parameters = read_valid(PageParameters, request.args)
    opened = archive()
    shown = opened.article(article_id)
    searched, before, following = parameters.q, "", ""
    with suppress(UserError):  # the article is there, whatever is wrong with the search
        searched, before, following = _led_from(opened, parameters, article_id)
    query = opened.parsed(searched).query
    highlighter = Highlighter(opened.to_mark(query, parameters.person), opened.analyzer)
    paragraphs = [part for part in re.split(r"\n\s*\n", shown.text) if part.strip()]
    marked = [highlighter.mark(text.strip()) for text in (shown.lead, *paragraphs)]
    popular = {
        label: [hit for hit in opened.popular(period, 5) if hit.article.views] for period, label in _POPULAR.items()
    }
    return render(
        "article.html",
        parameters=parameters,
        search_again=PageParameters(q=parameters.q),
        searched=searched,
        article=shown,
        before=before,
        following=following,
        marks=sum(len(text.spans) for text in marked),
        closed=current_app.extensions["arkhiv_closed"].closes()(shown),
        title=highlighter.title(shown),
        lead=marked[0],
        paragraphs=marked[1:],
        picture=picture(shown.image, current_app.config["SETTINGS"].image_hosts),
        related=opened.related(article_id),
        popular={label: hits for label, hits in popular.items() if hits},
        today=current_day(),
    )


def _led_from(opened: Archive, parameters: PageParameters, article_id: str) -> tuple[str, str, str]:
    """Of the search that led to an article: the text that was searched for, and the links to the hits before and after
    the article, empty where there are none."""

    def addresses(result: SearchResult) -> dict[str, str]:
        there = structs.replace(parameters, page=result.page)
        return {hit.article.id: article_url(hit.article.id, there) for hit in result.hits}

    def page(number: int) -> SearchResult:
        there = structs.replace(parameters, page=number)
        return opened.search(**there.arguments(), facets=False, snippets=False)

    if not query_string(parameters):
        return "", "", ""
    result = page(parameters.page)
    text, row = result.correction.text if result.correction else parameters.q, addresses(result)
    ids = list(row)
    if article_id not in row:
        return text, "", ""
    if article_id == ids[0] and result.page > 1:
        row = addresses(page(result.page - 1)) | row
    if article_id == ids[-1] and result.page < result.pages:
        row |= addresses(page(result.page + 1))
    links = ["", *row.values(), ""]
    place = list(row).index(article_id)
    return text, links[place], links[place + 2]


@blueprint.get("/today")
@blueprint.get("/today/<int:month>/<int:day>")
def today(month: int | None = None, day: int | None = None) -> str:
    """«В этот день»: what was published on a day of the calendar, in every year."""
    this = current_day()
    if month is None or day is None:
        month, day = this.month, this.day
    try:
        years = archive().on_day(month, day)
    except UserError:
        abort(404)
    near = [date(LEAP_YEAR, month, day) + timedelta(days=days) for days in (-1, 0, 1)]
    before, this_day, after = [
        Choice(f"{day.day} {OF_MONTH[day.month - 1]}", f"{route('pages.search')}today/{day.month}/{day.day}")
        for day in near
    ]
    return render(
        "today.html",
        parameters=PageParameters(),
        years=years,
        # The other 365 pages are closed to robots: all that is in them is in the archive.
        own=route("pages.today") if (month, day) == (this.month, this.day) else this_day.url,
        month=month,
        day=day,
        this_day=this_day,
        neighbours=[before, after],
    )


@blueprint.get("/help")
def help_page() -> str:
    """How to search, and how the hits are ordered; its examples are such as find something in this archive."""
    try:
        opened = archive()
        own, finding = _own_examples(opened), opened.finding
    except IndexUnavailable:  # how to search can be read all the same
        own, finding = {"url": [], "fields": [], "persons": []}, lambda texts: texts
    return render("help.html", parameters=PageParameters(), own=own, finding=finding)


def _own_examples(opened: Archive) -> dict[str, list[str]]:
    """Examples of what the archive itself has: the address of an article, and names in fields."""
    facets, newest = opened.calendar(), opened.search(per_page=1, facets=False, snippets=False).hits

    def named(field: str, counts: Sequence[Count[str]]) -> list[str]:
        return [f'{field}:"{printable(count.value.replace(chr(34), " "))}"' for count in counts[:1]]

    return {
        "url": [hit.article.url for hit in newest if outside(hit.article.url)],
        "fields": [*named("автор", facets.authors), *named("рубрика", facets.sections)],
        "persons": named("кто", facets.persons),
    }


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What search engines may read: the archive and the articles, not the endless results."""
    paths = (
        "/?", "/alerts/", "/api/", "/article/*?", "/cite/", "/compare", "/desk", "/export.", "/feed.atom?",
        "/feed.json?", "/healthz", "/metrics", "/person/", "/readyz", "/today/", "/values/",
    )  # fmt: skip
    closed = "".join(f"Disallow: {path}\n" for path in paths)
    map_ = absolute(url_for("sitemap.index"))
    return Response(f"User-agent: *\n{closed}\nSitemap: {map_}\n", mimetype="text/plain")


def _by_day(hits: Iterable[Hit]) -> list[tuple[Choice, list[Hit]]]:
    """Hits in order of time, with the link to the day of each group of them."""
    newspaper = zone()
    days = groupby(hits, lambda hit: day_of(hit.article.published, newspaper) if hit.article.published else None)
    return [
        (period_choice(Period(day.year, day.month, day.day)) if day else Choice("без даты"), list(group))
        for day, group in days
    ]


def _trail(period: Period | None) -> list[Choice]:
    """The links to the periods around this one."""
    if period is None:
        return []
    trail = [Choice("Архив", period_url())]
    if period.month:
        trail.append(period_choice(Period(period.year)))
    if period.day:
        trail.append(period_choice(structs.replace(period, day=None)))
    return trail


def _neighbour(opened: Archive, period: Period, *, later: bool) -> Choice | None:
    """The nearest period of the same kind that has articles."""
    days = period.days()
    day = timedelta(days=1)
    try:
        bound: FilterKeywords = {"date_from": days.last + day} if later else {"date_to": days.first - day}
    except OverflowError:  # at the ends of the calendar
        return None
    order = "oldest" if later else "newest"
    hits = opened.search(**bound, sort=order, per_page=1, facets=False, snippets=False).hits
    if not hits:
        return None
    published = hits[0].article.published
    assert published is not None  # a date filter leaves out the undated
    its = day_of(published, zone())
    return period_choice(Period(its.year, its.month if period.month else None, its.day if period.day else None))
