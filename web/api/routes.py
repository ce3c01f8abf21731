"""The HTTP API: every route, what it takes and what it answers."""

from typing import Any

import msgspec
from flask import Blueprint, Response, current_app, request

from search import UserError
from search.model import MAX_HITS
from web.address import absolute
from web.api.answers import (
    AnniversaryView,
    ArticleAnswer,
    CalendarAnswer,
    DayAnswer,
    IndexView,
    PopularAnswer,
    RelatedAnswer,
    SearchAnswer,
    Status,
    SuggestAnswer,
    calendar_answer,
    hit_views,
    index_view,
    search_answer,
    suggest_answer,
)
from web.api.openapi import Operation, document
from web.desk.queries import record
from web.live import archive, current_day, live
from web.markup import render
from web.parameters import (
    ArchiveParameters,
    DayParameters,
    NoParameters,
    PopularParameters,
    SearchParameters,
    SuggestParameters,
    read,
)
from web.serving import metrics
from web.serving.headers import unchanged, with_tag
from web.serving.problem import NotReady


def search() -> Response:
    """Search the archive"""
    parameters = read(SearchParameters, request.args)
    if parameters.page * parameters.per_page > MAX_HITS:
        reason = f"only the first {MAX_HITS} hits are paged through; ask more narrowly, or take all from /export.csv"
        raise UserError("page", reason)
    if cached := unchanged():
        return cached
    result = archive().search(**parameters.arguments())
    record(result)
    answer = search_answer(result, parameters)
    response = _json(answer)
    for relation in ("next", "prev"):
        if address := getattr(answer.links, relation):
            response.headers.add("Link", f'<{address}>; rel="{relation}"')
    return response


def suggest() -> Response:
    """Complete what is being typed"""
    parameters = read(SuggestParameters, request.args)
    return unchanged() or _json(suggest_answer(parameters.q, archive().suggest(parameters.q, parameters.limit)))


def calendar() -> Response:
    """Count the archive's articles by year, month and day"""
    parameters = read(ArchiveParameters, request.args)
    return unchanged() or _json(
        calendar_answer(archive().calendar(parameters.year, parameters.month), archive().info())
    )


def article(article_id: str) -> Response:
    """One article"""
    read(NoParameters, request.args)
    return unchanged() or _json(msgspec.convert(archive().article(article_id).as_dict(), ArticleAnswer))


def popular() -> Response:
    """The most viewed articles of a period"""
    period = read(PopularParameters, request.args).period
    return unchanged() or _json(PopularAnswer(period, hit_views(archive().popular(period)), _index()))


def today() -> Response:
    """What was published on a day of the calendar, in every year"""
    parameters = read(DayParameters, request.args)
    if (parameters.month is None) is not (parameters.day is None):
        raise UserError("month" if parameters.month is None else "day", "a day of the calendar is a month and a day")
    this = current_day()
    month, day = parameters.month or this.month, parameters.day or this.day
    if cached := unchanged():
        return cached
    years = [AnniversaryView(year.year, year.total, hit_views(year.hits)) for year in archive().on_day(month, day)]
    return _json(DayAnswer(month, day, years, _index()))


def related(article_id: str) -> Response:
    """What else is on the same subject, the closest first"""
    read(NoParameters, request.args)
    return unchanged() or _json(RelatedAnswer(article_id, hit_views(archive().related(article_id)), _index()))


def openapi() -> Response:
    """This description"""
    read(NoParameters, request.args)
    return _json(_document(), tagged=False)


def docs() -> str:
    """This description, to be read"""
    return render("docs.html", document=_document())


def healthz() -> Response:
    """Whether the process lives"""
    return _json(Status("ok"), tagged=False)


def readyz() -> Response:
    """Whether the published index is open and answers"""
    generation = archive().info().generation
    if trouble := live().trouble():
        raise NotReady(trouble)
    if stuck := live().stuck:
        raise NotReady(f"generation {generation} answers, since the one that is published cannot be opened: {stuck}")
    archive().search(per_page=1)
    return _json(Status("ready", generation), tagged=False)


def _index() -> IndexView:
    return index_view(archive().info())


def _json(value: Any, *, tagged: bool = True) -> Response:
    response = Response(msgspec.json.encode(value), mimetype="application/json")
    return with_tag(response) if tagged else response


def _document() -> dict[str, Any]:
    return document(OPERATIONS, current_app.config["SETTINGS"].site_name, absolute(request.root_path.rstrip("/")))


OPERATIONS = (
    Operation("/api/search", search, SearchParameters, SearchAnswer),
    Operation("/api/suggest", suggest, SuggestParameters, SuggestAnswer),
    Operation("/api/archive", calendar, ArchiveParameters, CalendarAnswer),
    Operation("/api/articles/<article_id:article_id>", article, NoParameters, ArticleAnswer),
    Operation("/api/related/<article_id:article_id>", related, NoParameters, RelatedAnswer),
    Operation("/api/popular", popular, PopularParameters, PopularAnswer),
    Operation("/api/today", today, DayParameters, DayAnswer),
    Operation("/api/openapi.json", openapi, NoParameters, dict[str, Any]),
    Operation("/api/docs", docs, NoParameters, "text/html"),
    Operation("/healthz", healthz, NoParameters, Status),
    Operation("/readyz", readyz, NoParameters, Status),
    Operation("/metrics", metrics.exposition, NoParameters, "text/plain"),
)

blueprint = Blueprint("api", __name__)
for _operation in OPERATIONS:
    blueprint.add_url_rule(_operation.route, _operation.view.__name__, _operation.view, methods=["GET"])
