"""Several queries on one timeline: how many articles of each period match each, or what share of those published."""

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request, url_for
from msgspec import Meta, Struct, structs

from search import UserError
from search.guidance.russian import number, percent, period_name
from search.model import Period
from search.query.parser import MAX_CHARACTERS
from web.address import search_url
from web.downloads import DELIMITERS, Separator, as_csv, as_file, harmless
from web.live import archive, current_day
from web.markup import render
from web.pages.choices import Choice
from web.pages.timeline import Scale, level_name
from web.parameters import ArchiveParameters, PageParameters, read_leniently

# At most so many queries, which one picture can show apart.
MOST = 5

blueprint = Blueprint("compare", __name__)


class CompareParameters(ArchiveParameters, frozen=True, kw_only=True, omit_defaults=True):
    """The parameters of `/compare`, beside its queries."""

    measure: Annotated[
        Literal["count", "share"], Meta(description="Numbers of articles, or percent of those published.")
    ] = "count"
    separator: Separator = "comma"


class Cell(Struct, frozen=True):
    """One query in one period: how many articles match, the value as text, its share of the highest level, the link to
    the articles."""

    count: int
    text: str
    height: float
    url: str


class ComparedRow(Struct, frozen=True):
    """One period: its name, the link to the comparison of its parts, how many articles were published, a cell for each
    query. It is `unfinished` while its time lasts."""

    name: str
    tick: str
    url: str
    published: int
    unfinished: bool
    cells: list[Cell]


class Comparison(Struct, frozen=True):
    """The queries with their totals, a row for each part of the period, and the `scale`: levels as text, and their
    shares of the highest. `outside` is whether articles are in no row: those without a date, or of long ago. `notes`
    say how the queries were read."""

    queries: list[Choice]
    rows: list[ComparedRow]
    scale: list[tuple[str, float]]
    outside: bool
    notes: list[str]


@blueprint.get("/compare")
def compare() -> str:
    """Up to five queries beside each other."""
    parameters = read_leniently(CompareParameters, request.args)
    typed, queries = _queries()
    period = Period.chosen(parameters.year, parameters.month, None)
    trail = [Choice("Все годы", _address(queries, parameters, year=None, month=None))] if period else []
    if period and period.month:
        trail.append(Choice(period_name(period.year), _address(queries, parameters, month=None)))
    return render(
        "compare.html",
        parameters=PageParameters(),
        chosen=parameters,
        typed=[*queries, *[""] * MOST][:MOST],
        too_many=len(typed) > MOST,
        trail=trail,
        name=period_name(period.year, period.month) if period else "",
        compared=_compared(queries, parameters),
        measures=[
            Choice(label, _address(queries, parameters, measure=measure), chosen=parameters.measure == measure)
            for measure, label in (("count", "число статей"), ("share", "доля всех статей"))
        ],
        csv=_address(queries, parameters, "compare.table"),
        level=level_name(period),
    )


@blueprint.get("/compare.csv")
def table() -> Response:
    """The same as a table: the period, the articles published, those of each query, as numbers or percent."""
    parameters = read_leniently(CompareParameters, request.args)
    typed, queries = _queries()
    if len(typed) > MOST:
        raise UserError("q", f"no more than {MOST} queries are compared, these are {len(typed)}")
    share, decimal = parameters.measure == "share", "," if parameters.separator == "semicolon" else "."
    heads = ("Период", "Всего") if parameters.separator == "semicolon" else ("period", "published")
    rows: list[list[object]] = [[*heads, *(harmless(query) + ", %" * share for query in queries)]]
    scale = _published(parameters)
    for at, row in zip(scale.numbers, _compared(queries, parameters).rows, strict=True):
        period = "-".join(f"{part:02}" for part in scale.path(at) if part)
        values = [f"{_share(cell.count, row.published):.4f}" if share else str(cell.count) for cell in row.cells]
        rows.append([period, row.published, *(value.replace(".", decimal) for value in values)])
    content = "\ufeff" + as_csv(rows, DELIMITERS[parameters.separator])
    return as_file(content, "text/csv", "compare.csv", queries)


def _queries() -> tuple[list[str], list[str]]:
    """The different queries that were typed, and the first few of them, which are compared."""
    typed = (" ".join(text[: 4 * MAX_CHARACTERS].split())[:MAX_CHARACTERS] for text in request.args.getlist("q"))
    queries = list(filter(None, dict.fromkeys(typed)))
    return queries, queries[:MOST]


def _compared(queries: list[str], parameters: CompareParameters) -> Comparison:
    opened = archive()
    year, month = parameters.year, parameters.month
    published = _published(parameters)
    scales, links, notes = [], [], list[str]()
    searches = [PageParameters(q=query, words="all") for query in queries]
    for query, own in zip(queries, searches, strict=True):
        answer = opened.search(query, year=year, month=month, per_page=1, snippets=False, correct=False, pins=False)
        assert answer.facets is not None
        scales.append(Scale.of(answer.facets, published.period))
        links.append(Choice(query, search_url(own, year=year, month=month), answer.total))
        notes += [note for note in answer.notes if note not in notes]
    measure: Callable[[int, int], float] = _share if parameters.measure == "share" else lambda count, _: count
    as_text: Callable[[Any], str] = percent if parameters.measure == "share" else lambda value: number(int(value))
    totals = {at: published.counts.get(at, 0) for at in published.numbers}
    highest = max((measure(scale.counts.get(at, 0), totals[at]) for scale in scales for at in totals), default=0)
    top, today, rows = _round_above(highest), current_day(), list[ComparedRow]()
    for at, total in totals.items():
        of_year, of_month, day = published.path(at)
        cells = []
        for own, scale in zip(searches, scales, strict=True):
            value = measure(count := scale.counts.get(at, 0), total)
            url = search_url(own, year=of_year, month=of_month, day=day)
            cells.append(Cell(count, as_text(value), value / top, url))
        url = "" if month else _address(queries, parameters, year=of_year, month=of_month)
        name, lasts = period_name(of_year, of_month, day), published.lasts(at, today)
        rows.append(ComparedRow(name, published.tick(at), url, total, lasts, cells))
    shown = [sum(scale.counts.get(at, 0) for at in totals) for scale in scales]
    outside = shown != [link.count for link in links]
    levels = [(as_text(top), 1.0), (as_text(top / 2), 0.5)] if highest else []
    return Comparison(links, rows, levels, outside, notes)


def _round_above(value: float) -> float:
    """The lowest of 2, 4, 6, 8, 10, 20, 40 … that a value does not exceed, or of these over a power of ten: its half is
    round as well."""
    tens = 10.0 ** math.floor(math.log10(value)) if value else 1.0
    return next(
        level for level in (tens * digit for digit in (1, 2, 4, 6, 8, 10)) if level >= max(value, 2 * (value >= 1))
    )


def _published(parameters: CompareParameters) -> Scale:
    """The periods of the comparison, and how many articles each has."""
    year, month = parameters.year, parameters.month
    return Scale.of(archive().calendar(year, month), Period.chosen(year, month, None))


def _share(count: int, published: int) -> float:
    """Percent."""
    return 100 * count / published if published else 0.0


def _address(queries: list[str], parameters: CompareParameters, to: str = "compare.compare", **changes: object) -> str:
    """The comparison of these queries, with some of the other parameters changed."""
    values = msgspec.to_builtins(structs.replace(parameters, **changes))
    pairs = [("q", query) for query in queries] + [(name, value) for name, value in values.items() if value is not None]
    return f"{url_for(to)}?{urlencode(pairs)}"
