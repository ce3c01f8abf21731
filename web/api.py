"""The HTTP API: every route, what it takes and what it answers."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template, request

from search import IndexUnavailable
from web import metrics
from web.address import absolute
from web.editors import note
from web.headers import etag, unchanged
from web.live import archive, live
from web.openapi import Operation, document
from web.parameters import (
    ArchiveParameters,
    NoParameters,
    PopularParameters,
    SearchParameters,
    SuggestParameters,
    read,
)
from web.view import (
    ArticleAnswer,
    CalendarAnswer,
    PopularAnswer,
    RelatedAnswer,
    SearchAnswer,
    Status,
    SuggestAnswer,
    article_answer,
    calendar_answer,
    popular_answer,
    related_answer,
    search_answer,
    suggest_answer,
)

__all__ = ["OPERATIONS", "register"]


def register(app: Flask) -> None:
    """Add the routes of the API to the app."""
    blueprint = Blueprint("api", __name__)
    for operation in OPERATIONS:
        blueprint.add_url_rule(operation.route, operation.name, operation.view, methods=["GET"])
    app.register_blueprint(blueprint)


def search() -> Response:
    """Search the archive"""
    parameters = read(SearchParameters, request.args)
    tag = etag(archive().info())
    if known := unchanged(tag):
        return known
    result = archive().search(**parameters.asked())
    note(result)
    answer = search_answer(result, parameters)
    response = _json(answer, tag)
    for relation in ("next", "prev"):
        if address := getattr(answer.links, relation):
            response.headers.add("Link", f'<{address}>; rel="{relation}"')
    return response


def suggest() -> Response:
    """Complete what is being typed"""
    parameters = read(SuggestParameters, request.args)
    tag = etag(archive().info())
    return unchanged(tag) or _json(suggest_answer(parameters.q, archive().suggest(parameters.q, parameters.limit)), tag)


def calendar() -> Response:
    """Count the archive's articles by year, month and day"""
    parameters = read(ArchiveParameters, request.args)
    info = archive().info()
    tag = etag(info)
    return unchanged(tag) or _json(calendar_answer(archive().calendar(parameters.year, parameters.month), info), tag)


def article(article_id: str) -> Response:
    """One article"""
    read(NoParameters, request.args)
    tag = etag(archive().info())
    found = archive().article(article_id)
    return unchanged(tag) or _json(article_answer(found), tag)


def popular() -> Response:
    """The most viewed articles of a period"""
    period = read(PopularParameters, request.args).period
    info = archive().info()
    tag = etag(info)
    return unchanged(tag) or _json(popular_answer(period, archive().popular(period), info), tag)


def related(article_id: str) -> Response:
    """What else is on the same subject, the closest first"""
    read(NoParameters, request.args)
    info = archive().info()
    found = archive().related(article_id)
    tag = etag(info)
    return unchanged(tag) or _json(related_answer(article_id, found, info), tag)


def openapi() -> Response:
    """This description"""
    read(NoParameters, request.args)
    return _json(_document())


def docs() -> str:
    """This description, to be read"""
    return render_template("docs.html", document=_document())


def healthz() -> Response:
    """Whether the process lives"""
    return _json(Status("ok"))


def readyz() -> Response:
    """Whether the index is open and answers"""
    if trouble := live().trouble():
        raise IndexUnavailable(trouble)
    return _json(Status("ready", archive().search(per_page=1).index.generation))


def _json(value: Any, tag: str = "") -> Response:
    response = Response(msgspec.json.encode(value), mimetype="application/json")
    if tag:
        response.set_etag(tag, weak=True)
    return response


def _document() -> dict[str, Any]:
    return document(OPERATIONS, current_app.config["SETTINGS"].site_name, absolute(""))


OPERATIONS = (
    Operation("/api/search", search, SearchParameters, SearchAnswer),
    Operation("/api/suggest", suggest, SuggestParameters, SuggestAnswer),
    Operation("/api/archive", calendar, ArchiveParameters, CalendarAnswer),
    Operation("/api/articles/<article_id:article_id>", article, NoParameters, ArticleAnswer),
    Operation("/api/related/<article_id:article_id>", related, NoParameters, RelatedAnswer),
    Operation("/api/popular", popular, PopularParameters, PopularAnswer),
    Operation("/api/openapi.json", openapi, NoParameters, dict[str, Any]),
    Operation("/api/docs", docs, NoParameters, "text/html"),
    Operation("/healthz", healthz, NoParameters, Status),
    Operation("/readyz", readyz, NoParameters, Status),
    Operation("/metrics", metrics.exposition, NoParameters, "text/plain"),
)
