"""The pages that people read."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from msgspec import structs
from werkzeug.wrappers import Response as AnyResponse

from search import Archive, UserError
from search.browse import LEAP_YEAR
from search.links import outside
from search.model import Days, FilterKeywords, Period, SearchResult
from search.query.parser import MAX_CHARACTERS
from search.snippet import Highlighter
from web.address import (
    absolute,
    article_url,
    cite_url,
    file_url,
    name_url,
    period_url,
    picture,
    route,
    search_url,
)
from web.desk.queries import record
from web.live import archive, current_day, published_total, zone
from web.markup import highlighted, render
from web.pages import fragments
from web.pages.choices import (
    Choice,
    archive_block,
    chips,
    companions,
    date_filter,
    facet_lists,
    orders,
    pages,
    period_address,
    period_choice,
)
from web.pages.timeline import timeline
from web.parameters import PageParameters, hidden_fields, query_string, read_leniently, read_valid
from web.russian import (
    OF_MONTH,
    count_of,
    day_name,
    day_of,
    in_period,
    milliseconds,
    number,
    period_name,
    plural,
)
from web.sites.citing import reference
from web.sites.sharing import canonical, description, moment, structured

blueprint = Blueprint("pages", __name__)

# Filters whose values have pages of their own.
KINDS = ("author", "section", "tag", "person")
# What changes its meaning beside other words, so that parentheses go around it.
_OPERATORS = re.compile(r"[|()\"«»„“]|(?<!\S)(?:И|ИЛИ|НЕ|AND|OR|NOT)(?!\S)")
_POPULAR = {"day": "день", "week": "неделя", "month": "месяц", "all": "Все"}


# What the templates call, by its own name.
_FUNCTIONS: tuple[Any, ...] = (
    absolute, article_url, canonical, cite_url, count_of, day_name, description, file_url, hidden_fields, highlighted,
    in_period, milliseconds, moment, name_url, number, outside, period_url, plural, published_total, query_string,
    reference, search_url, structured, zone,
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
    """The search box and the hits; `within` is an earlier query, whose hits are searched."""
    parameters = read_leniently(PageParameters, request.args)
    if within := request.args.get("within"):
        texts = [text for text in (within, parameters.q) if text.strip()]
        both = " ".join(f"({text})" if _OPERATORS.search(text) else text for text in texts)
        return redirect(search_url(parameters, q=both, words="all"))
    result = archive().search(**parameters.arguments())
    record(result)
    return _results(parameters, result, lambda number: search_url(parameters, page=number))


def named(kind: str, name: str) -> str:
    """The page of an author, a section or a tag, which search engines may index, or of a person, which they may not: a
    program has read the names."""
    number = read_leniently(PageParameters, request.args).page
    parameters = structs.replace(PageParameters(page=number), **{kind: name})
    result = archive().search(**parameters.arguments())
    if not result.total:
        abort(404)
    return _results(parameters, result, partial(name_url, kind, name), name, indexable=kind != "person")


for _kind in KINDS:
    blueprint.add_url_rule(f"/{_kind}/<article_id:name>", _kind, partial(named, _kind))


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
    opened, period = archive(), parameters.value.period
    assert result.facets is not None
    person = name if name == parameters.person else ""
    address = period_address(parameters)
    return render(
        "search.html",
        parameters=parameters,
        result=result,
        name=name,
        own=absolute(page_url(parameters.page)),
        block=archive_block(result.facets, period, address),
        bars=timeline(result.facets, period, address),
        facets=facet_lists(result.facets, parameters),
        companions=companions(opened.mentioned_with(person), parameters) if person else None,
        indexable=indexable and bool(result.hits),
        chips=chips(parameters),
        orders=orders(parameters, result.sort),
        date_filter=date_filter(parameters, result.dated),
        pages=pages(result, page_url),
        popular=[] if result.total else opened.popular("month", 5),
        first=Days.parse(parameters.date_from).first if parameters.date_from else "",
        last=Days.parse(parameters.date_to).last if parameters.date_to else "",
    )


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
    parameters = PageParameters(year=year, month=month, day=day, page=chosen_page)
    opened = archive()
    result = opened.search(**parameters.arguments())
    assert result.facets is not None
    return render(
        "archive.html",
        parameters=parameters,
        result=result,
        period=period,
        name=period_name(year, month, day) if year else "Архив",
        trail=_trail(period),
        block=archive_block(result.facets, period, period_url),
        bars=timeline(result.facets, period, period_url),
        earlier=_neighbour(opened, period, later=False) if period else None,
        later=_neighbour(opened, period, later=True) if period else None,
        pages=pages(result, lambda number: period_url(year, month, day, number)),
    )


@blueprint.get("/article/<article_id:article_id>")
def article(article_id: str) -> str:
    """One article; the words of the search that led to it are marked."""
    parameters = read_valid(PageParameters, request.args)
    opened = archive()
    shown = opened.article(article_id)
    query = opened.parsed(parameters.q).query
    highlighter = Highlighter(opened.to_mark(query, parameters.person), opened.analyzer)
    paragraphs = [part for part in re.split(r"\n\s*\n", shown.text) if part.strip()]
    return render(
        "article.html",
        parameters=parameters,
        article=shown,
        closed=current_app.extensions["arkhiv_closed"].closes()(shown),
        title=highlighter.title(shown),
        lead=highlighter.mark(shown.lead),
        paragraphs=[highlighter.mark(paragraph.strip()) for paragraph in paragraphs],
        picture=picture(shown.image, current_app.config["SETTINGS"].image_hosts),
        related=opened.related(article_id),
        popular=[(label, opened.popular(period, 5)) for period, label in _POPULAR.items()],
        today=current_day(),
    )


@blueprint.get("/today")
@blueprint.get("/today/<int:month>/<int:day>")
def today(month: int | None = None, day: int | None = None) -> str:
    """«В этот день»: what was published on a day of the calendar, in every year."""
    if month is None or day is None:
        month, day = (this := current_day()).month, this.day
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
        month=month,
        day=day,
        this_day=this_day,
        neighbours=[before, after],
    )


@blueprint.get("/help")
def help_page() -> str:
    """How to search, and how the hits are ordered."""
    return render("help.html", parameters=PageParameters())


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What search engines may read: the archive and the articles, not the endless results."""
    paths = ("/?", "/api/", "/export.", "/cite/", "/compare", "/desk", "/metrics", "/healthz", "/readyz")
    closed = "".join(f"Disallow: {path}\n" for path in paths)
    map_ = absolute(url_for("sitemap.index"))
    return Response(f"User-agent: *\n{closed}\nSitemap: {map_}\n", mimetype="text/plain")


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
    bound: FilterKeywords
    if later and days.last < date.max:
        bound = {"date_from": days.last + timedelta(days=1)}
    elif not later and days.first > date.min:
        bound = {"date_to": days.first - timedelta(days=1)}
    else:
        return None
    order = "oldest" if later else "newest"
    hits = opened.search(**bound, sort=order, per_page=1, facets=False, snippets=False).hits
    if not hits:
        return None
    published = hits[0].article.published
    assert published is not None  # a date filter leaves out the undated
    day = day_of(published, zone())
    return period_choice(Period(day.year, day.month if period.month else None, day.day if period.day else None))
