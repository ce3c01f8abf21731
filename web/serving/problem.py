"""Errors as answers: RFC 9457 problem documents for programs, a page in Russian for readers."""

import logging
from http import HTTPStatus

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import UNSET, UnsetType
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from search import ArkhivError, ArticleNotFound, IndexUnavailable, UserError
from web.live import live
from web.markup import render
from web.parameters import ADVICE, PageParameters, read_valid

log = logging.getLogger("arkhiv")

_STATUS = {UserError: 422, ArticleNotFound: 404, IndexUnavailable: 503}
_FOR_PROGRAMS = (
    "/api", "/healthz", "/readyz", "/metrics",
    "/feed.atom", "/feed.json", "/export.csv", "/export.jsonl", "/compare.csv",
    "/opensearch.xml", "/opensearch.json", "/embed.js",
)  # fmt: skip
RETRY_AFTER = "10"

blueprint = Blueprint("problem", __name__)
# Where the service may be unable to render a page of its own: this one needs nothing that can fail.
_PLAIN = {400: "Адрес, по которому задан вопрос, непонятен.", 500: "Что-то сломалось. Попробуйте ещё раз чуть позже."}
_PAGE = """<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Ошибка {status}</title></head>
<body><main><h1>Ошибка {status}</h1><p>{text}</p></main></body></html>"""


class NotReady(IndexUnavailable):
    """Raised by `/readyz` for a failure that is known already: it is not reported again."""


class Problem(msgspec.Struct, kw_only=True):
    """A problem document (RFC 9457); `parameter` names the wrong one."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    parameter: str | UnsetType = UNSET


def for_programs() -> bool:
    """Whether the request is from a program, by its path."""
    return request.path.startswith(("/api/", "/cite/", "/sitemap")) or request.path in _FOR_PROGRAMS


@blueprint.app_errorhandler(ArkhivError)
def _arkhiv_error(error: ArkhivError) -> AnyResponse:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("no answer is known for %r", error, exc_info=error)
    parameter = error.parameter if isinstance(error, UserError) else None
    detail = error.reason if isinstance(error, UserError) else str(error)
    if isinstance(error, IndexUnavailable):
        if not isinstance(error, NotReady):
            live().report(g.get("archive"), error)
        detail = f"{detail} (`indexer rebuild` builds the index)" if "indexer" not in detail else detail
    response = _answer(status, detail, parameter)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


@blueprint.app_errorhandler(HTTPException)
def _http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:  # a redirect
        return error.get_response()
    response = _answer(error.code, error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _answer(status: int, detail: str, parameter: str | None = None) -> Response:
    if for_programs():
        title = HTTPStatus(status).phrase
        named = UNSET if parameter is None else parameter  # a parameter's name may be empty
        problem = Problem(title=title, status=status, detail=detail, parameter=named)
        response = Response(msgspec.json.encode(problem), status, mimetype="application/problem+json")
    elif status in _PLAIN:
        response = Response(_PAGE.format(status=status, text=_PLAIN[status]), status)
    else:
        parameters = read_valid(PageParameters, request.args, but=parameter or "")
        advice = ADVICE.get(parameter or "", "")
        text = render("error.html", status=status, parameter=parameter, advice=advice, parameters=parameters)
        response = Response(text, status)
    response.headers["Cache-Control"] = "no-store"
    return response
