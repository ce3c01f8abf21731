"""Several queries on one timeline: how many articles of each time each finds, or what share of those published then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Flask, Response, request, url_for
from msgspec import Meta, structs

from search import UserError
from search.model import Month, Period, Year
from search.query.parser import MAX_CHARACTERS
from web.address import search_url
from web.desk.export import DELIMITERS, Separator, as_csv, as_file, harmless
from web.live import archive
from web.marks import page
from web.pages.choices import Choice
from web.pages.timeline import Scale
from web.parameters import PageParameters, read_leniently
from web.russian import number, percent, period_name

# How many queries are told apart in one picture, and up to how many points each is marked by itself.
MOST, MARKED = 5, 60

blueprint = Blueprint("compare", __name__)


class CompareParameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may be asked of `/compare`, beside its queries."""

    year: Annotated[Year | None, Meta(description="The year whose months are compared.")] = None
    month: Annotated[Month | None, Meta(description="The month whose days are compared; needs a year.")] = None
    measure: Annotated[
        Literal["count", "share"], Meta(description="Numbers of articles, or percent of those published.")
    ] = "count"
    separator: Separator = "comma"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one query finds in one time: as it is said, its share of the highest, where the articles are."""

    count: int
    said: str
    height: float
    url: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One time: its name, where its parts are compared, how many articles were published, what each query finds."""

    name: str
    tick: str
    url: str
    published: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The queries with all that they find within the period, a row for each of its parts, and the highest as said;
    `outside` is whether there are articles that stand in no row: without a date, or long ago. `notes` say how the
    queries were read."""

    queries: list[Choice]
    rows: list[ComparedRow]
    highest: str
    outside: bool
    notes: list[str]


def register(app: Flask) -> None:
    """Add the page and its file to the app."""
    app.register_blueprint(blueprint)


@blueprint.get("/compare")
def compare() -> str:
    """Up to five queries beside each other."""
    parameters = read_leniently(CompareParameters, request.args)
    typed, queries = _queries()
    period = Period.chosen(parameters.year, parameters.month, None)
    trail = [Choice("Все годы", _address(queries, parameters, year=None, month=None))] if period else []
    if period and period.month:
        trail.append(Choice(period_name(period.year), _address(queries, parameters, month=None)))
    return page(
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
            for measure, label in (("count", "числом статей"), ("share", "долей от вышедших"))
        ],
        csv=_address(queries, parameters, "compare.table"),
        marked_points=MARKED,
        whole=archive().visibility().articles,
    )


@blueprint.get("/compare.csv")
def table() -> Response:
    """The same as a table: the time, what was published, what each query finds, in numbers of articles or percent."""
    parameters = read_leniently(CompareParameters, request.args)
    typed, queries = _queries()
    if len(typed) > MOST:
        raise UserError("q", f"no more than {MOST} queries are compared, these are {len(typed)}")
    share, decimal = parameters.measure == "share", "," if parameters.separator == "semicolon" else "."
    rows: list[list[object]] = [["period", "published", *(harmless(query) + ", %" * share for query in queries)]]
    for row in _compared(queries, parameters).rows:
        values = [f"{_share(cell.count, row.published):.4f}" if share else str(cell.count) for cell in row.cells]
        rows.append([row.name, row.published, *(value.replace(".", decimal) for value in values)])
    return as_file("\ufeff" + as_csv(rows, DELIMITERS[parameters.separator]), "text/csv", "compare.csv")


def _queries() -> tuple[list[str], list[str]]:
    """What was typed, and of that what is compared: the first few, each once."""
    typed = (" ".join(text[: 4 * MAX_CHARACTERS].split())[:MAX_CHARACTERS] for text in request.args.getlist("q"))
    queries = list(filter(None, dict.fromkeys(typed)))
    return queries, queries[:MOST]


def _compared(queries: list[str], parameters: CompareParameters) -> Comparison:
    opened = archive()
    year, month = parameters.year, parameters.month
    published = Scale.of(opened.calendar(year, month), Period.chosen(year, month, None))
    scales, totals, notes = [], [], list[str]()
    for query in queries:
        answer = opened.search(query, year=year, month=month, per_page=1, snippets=False, correct=False, pins=False)
        assert answer.facets is not None
        scales.append(Scale.of(answer.facets, published.period))
        totals.append(answer.total)
        notes += [note for note in answer.notes if note not in notes]
    measure: Callable[[int, int], float] = _share if parameters.measure == "share" else lambda count, _: count
    rendered: Callable[[Any], str] = percent if parameters.measure == "share" else number
    of_all = {at: published.counts.get(at, 0) for at in published.numbers}
    most = max((measure(scale.counts.get(at, 0), of_all[at]) for scale in scales for at in of_all), default=0)

    def cell(query: str, count: int, at: int) -> Cell:
        value = measure(count, of_all[at])
        of_year, of_month, day = published.path(at)
        url = search_url(PageParameters(q=query), year=of_year, month=of_month, day=day)
        return Cell(count, rendered(value), value / most if most else 0, url)

    def row(at: int) -> ComparedRow:
        cells = [cell(query, scale.counts.get(at, 0), at) for query, scale in zip(queries, scales, strict=True)]
        path = published.path(at)
        url = "" if month else _address(queries, parameters, year=path[0], month=path[1])
        return ComparedRow(period_name(*path), published.tick(at), url, of_all[at], cells)

    links = [
        Choice(query, search_url(PageParameters(q=query), year=year, month=month), total)
        for query, total in zip(queries, totals, strict=True)
    ]
    shown = [sum(scale.counts.get(at, 0) for at in of_all) for scale in scales]
    return Comparison(links, [row(at) for at in of_all], rendered(most), outside=shown != totals, notes=notes)


def _share(count: int, published: int) -> float:
    """Percent."""
    return 100 * count / published if published else 0.0


def _address(queries: list[str], parameters: CompareParameters, to: str = "compare.compare", **changes: object) -> str:
    """The comparison of these queries, with some of the other parameters changed."""
    values = msgspec.to_builtins(structs.replace(parameters, **changes))
    pairs = [("q", query) for query in queries] + [(name, value) for name, value in values.items() if value is not None]
    return f"{url_for(to)}?{urlencode(pairs)}"
