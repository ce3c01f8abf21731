"""The pages that people read."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, current_app, redirect, request, url_for
from msgspec import structs
from werkzeug.wrappers import Response as AnyResponse

from search import Archive, UserError
from search.browse import LEAP_YEAR
from search.links import outside
from search.model import Days, Period, SearchResult
from search.query.parser import MAX_CHARACTERS
from search.snippet import Highlighter
from web import russian
from web.address import absolute, article_url, file_url, name_url, period_url, picture, route, search_url
from web.desk.queries import record
from web.live import archive, current_day
from web.marks import marked, page
from web.pages import pieces
from web.pages.choices import (
    Choice,
    archive_block,
    chips,
    companions,
    facet_lists,
    only,
    orders,
    pages,
    period_address,
    period_choice,
)
from web.pages.timeline import timeline
from web.parameters import PageParameters, hidden_fields, read_leniently, read_valid
from web.sites import sharing

blueprint = Blueprint("pages", __name__)

# What has pages of its own.
KINDS = ("author", "section", "tag", "person")
# What means another thing beside other words than alone.
_OPERATORS = re.compile(r"[|()\"«»„“]|(?<!\S)(?:И|ИЛИ|НЕ|AND|OR|NOT)(?!\S)")
_POPULAR = {"day": "день", "week": "неделя", "month": "месяц", "all": "Все"}


def register(app: Flask) -> None:
    """Add the pages to the app, and to its templates the words they use."""
    app.register_blueprint(blueprint)
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        absolute=absolute,
        canonical=sharing.canonical,
        moment=sharing.moment,
        description=sharing.description,
        structured=sharing.structured,
        article_url=article_url,
        day_name=russian.day_name,
        in_period=russian.in_period,
        marked=marked,
        no_parameters=PageParameters(),
        milliseconds=russian.milliseconds,
        most_characters=MAX_CHARACTERS,
        count_of=russian.count_of,
        name_url=name_url,
        number=russian.number,
        outside=outside,
        period_url=period_url,
        pieces=pieces,
        plural=russian.plural,
        search_url=search_url,
        file_url=file_url,
        suggests=lambda: "api.suggest" in app.view_functions,
        settings=app.config["SETTINGS"],
        hidden_fields=hidden_fields,
    )


@blueprint.get("/")
def search() -> str | AnyResponse:
    """The search box and what it finds; `within` is an earlier query, whose hits are searched."""
    parameters = read_leniently(PageParameters, request.args)
    if within := request.args.get("within"):
        return redirect(search_url(parameters, q=_both(within, parameters.q), words="all"))
    result = archive().search(**parameters.arguments())
    record(result)
    return _results(parameters, result, lambda number: search_url(parameters, page=number))


def named(kind: str, name: str) -> str:
    """The articles of an author, a section or a tag, as a page of its own, which search engines may read; or those that
    mention a person, which they may not: a program has read the names."""
    number = read_leniently(PageParameters, request.args).page
    parameters = structs.replace(PageParameters(page=number), **{kind: name})
    result = archive().search(**parameters.arguments())
    if not result.total:
        abort(404)
    return _results(parameters, result, partial(name_url, kind, name), name, read=kind != "person")


for _kind in KINDS:
    blueprint.add_url_rule(f"/{_kind}/<article_id:name>", _kind, partial(named, _kind))


def _results(
    parameters: PageParameters,
    result: SearchResult,
    paged: Callable[[int], str],
    name: str = "",
    *,
    read: bool = False,
) -> str:
    """The page of hits, whose pages have the addresses of `paged`; with a name it is that of who or what has it, and
    then search engines may `read` it."""
    opened, period = archive(), parameters.value.period
    assert result.facets is not None
    person = name if name == parameters.person else ""
    address = period_address(parameters)
    return page(
        "search.html",
        parameters=parameters,
        result=result,
        name=name,
        own=absolute(paged(parameters.page)),
        whole=opened.visibility().articles,
        zone=ZoneInfo(result.index.timezone),
        block=archive_block(result.facets, period, address),
        bars=timeline(result.facets, period, address),
        facets=facet_lists(result.facets, parameters),
        companions=companions(opened.mentioned_with(person), parameters) if person else None,
        read=read and bool(result.hits),
        chips=chips(parameters),
        orders=orders(parameters, result.sort),
        only=only(parameters, result.dated),
        pages=pages(result, paged),
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
    return page(
        "archive.html",
        parameters=parameters,
        result=result,
        whole=opened.visibility().articles,
        period=period,
        name=russian.period_name(year, month, day) if year else "Архив",
        trail=_trail(period),
        zone=ZoneInfo(result.index.timezone),
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
    return page(
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
        zone=ZoneInfo(opened.info().timezone),
        today=current_day(),
    )


@blueprint.get("/today")
@blueprint.get("/today/<int:month>/<int:day>")
def today(month: int | None = None, day: int | None = None) -> str:
    """«В этот день»: what was published on a day of the calendar, in every year."""
    opened = archive()
    if month is None or day is None:
        month, day = (this := current_day()).month, this.day
    try:
        years = opened.on_day(month, day)
    except UserError:
        abort(404)
    return page(
        "today.html",
        parameters=PageParameters(),
        years=years,
        month=month,
        day=day,
        name=f"{day} {russian.OF_MONTH[month - 1]}",
        address=_day_address(month, day),
        neighbours=[
            (_day_address(*near), f"{near[1]} {russian.OF_MONTH[near[0] - 1]}") for near in _beside(month, day)
        ],
        whole=opened.visibility().articles,
        zone=ZoneInfo(opened.info().timezone),
    )


def _day_address(month: int, day: int) -> str:
    return f"{route('pages.search')}today/{month}/{day}"


def _beside(month: int, day: int) -> list[tuple[int, int]]:
    """The day before and the day after, in a leap year."""
    this = date(LEAP_YEAR, month, day)
    return [((near := this + timedelta(days=days)).month, near.day) for days in (-1, 1)]


@blueprint.get("/help")
def help_page() -> str:
    """How to search, and how the hits are ordered."""
    return page("help.html", parameters=PageParameters())


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What search engines may read: the archive and the articles, not the endless results."""
    paths = ("/?", "/api/", "/export.", "/cite/", "/compare", "/desk", "/metrics", "/healthz", "/readyz")
    closed = "".join(f"Disallow: {path}\n" for path in paths)
    map_ = absolute(url_for("sitemap.index"))
    return Response(f"User-agent: *\n{closed}\nSitemap: {map_}\n", mimetype="text/plain")


def _both(within: str, text: str) -> str:
    """The query for what both of them find."""
    return " ".join(f"({part})" if _OPERATORS.search(part) else part for part in (within, text) if part.strip())


def _trail(period: Period | None) -> list[Choice]:
    """The periods that this one lies in."""
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
    if (days.last == date.max) if later else (days.first == date.min):
        return None
    bound: dict[str, Any] = (
        {"date_from": days.last + timedelta(days=1), "sort": "oldest"}
        if later
        else {"date_to": days.first - timedelta(days=1), "sort": "newest"}
    )
    hits = opened.search(**bound, per_page=1, facets=False, snippets=False).hits
    if not hits:
        return None
    published = hits[0].article.published
    assert published is not None  # a date filter leaves out the undated
    day = russian.day_of(published, ZoneInfo(opened.info().timezone))
    return period_choice(Period(day.year, day.month if period.month else None, day.day if period.day else None))
