"""Errors as answers: RFC 9457 problem documents for programs, a page in Russian for readers."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from flask import Blueprint, Response, current_app, g, redirect, request
from markupsafe import escape
from msgspec import UNSET, UnsetType
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from search import ArkhivError, ArticleNotFound, IndexUnavailable, UserError
from web.live import live
from web.markup import printable, render
from web.parameters import ADVICE, PageParameters, read_valid

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("arkhiv")

_STATUS = {UserError: 422, ArticleNotFound: 404, IndexUnavailable: 503}
_FOR_PROGRAMS = (
    "/api", "/healthz", "/readyz", "/metrics",
    "/feed.atom", "/feed.json", "/export.csv", "/export.jsonl", "/compare.csv",
    "/opensearch.xml", "/opensearch.json", "/embed.js",
)  # fmt: skip
RETRY_AFTER = "10"

blueprint = Blueprint("problem", __name__)
# Where the service may be unable to render a page by its templates, or has no time to: heading and text.
_PLAIN = {
    400: ("Запрос не понят", "Сервер не понял адрес страницы."),
    500: ("Что-то сломалось", "Ошибка записана, мы разберёмся. Попробуйте ещё раз чуть позже."),
    503: ("Слишком много запросов", "Сейчас к архиву слишком много обращений. Попробуйте ещё раз."),
}
_PAGE = """<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{heading} — {site}</title>
<link rel="stylesheet" href="{root}/static/arkhiv.css">
</head>
<body>
<header class="masthead"><p class="name"><a href="{root}/">{site}</a></p></header>
<main class="message"><h1>{heading}</h1><p>{text}</p></main>
</body>
</html>
"""


def plain_page(status: int, site: str, root: str) -> str:
    """The page of an error that needs nothing that can fail; `root` is the path of the service."""
    heading, text = _PLAIN[status]
    return _PAGE.format(heading=heading, text=text, site=escape(printable(site)), root=escape(root))


class NotReady(IndexUnavailable):
    """Raised by `/readyz` for a failure that is known already: it is not reported again."""


class Problem(msgspec.Struct, kw_only=True):
    """A problem document (RFC 9457); `parameter` names the wrong one."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    parameter: str | UnsetType = UNSET


def for_programs(path: str = "") -> bool:
    """Whether a request is from a program, by its path: this one, or that of the request that is answered."""
    path = path or request.path
    return path.startswith(("/api/", "/cite/", "/sitemap")) or path in _FOR_PROGRAMS


def busy(site: str) -> "WSGIApplication":
    """What answers a request for which the app has no time."""
    problem = msgspec.json.encode(Problem(title="Service Unavailable", status=503, detail="too many requests at once"))

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        of_program = for_programs(environ.get("PATH_INFO", ""))
        kind = "application/problem+json" if of_program else "text/html; charset=utf-8"
        headers = [("Content-Type", kind), ("Retry-After", "1"), ("Cache-Control", "no-store")]
        start("503 Service Unavailable", [*headers, ("X-Content-Type-Options", "nosniff")])
        return [problem if of_program else plain_page(503, site, environ.get("SCRIPT_NAME", "")).encode()]

    return answer


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
    response = _answer(status, detail, parameter, plain=status == HTTPStatus.INTERNAL_SERVER_ERROR)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


@blueprint.app_errorhandler(HTTPException)
def _http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:  # a redirect
        return error.get_response()
    if request.routing_exception is error and (address := _without_slash()):
        return redirect(address, HTTPStatus.PERMANENT_REDIRECT)
    response = _answer(error.code, error.description or "", plain=error.code in _PLAIN)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _without_slash() -> str:
    """The address without a slash at its end, where only that one is of a route."""
    path, adapter = f"/{request.path.strip('/')}", current_app.create_url_adapter(request)
    if not request.path.endswith("/") or adapter is None or not adapter.test(path):
        return ""
    query = request.query_string.decode("latin-1")
    return quote(request.root_path + path) + (query and f"?{query}")


def _answer(status: int, detail: str, parameter: str | None = None, *, plain: bool) -> Response:
    if for_programs():
        title = HTTPStatus(status).phrase
        named = UNSET if parameter is None else parameter  # a parameter's name may be empty
        problem = Problem(title=title, status=status, detail=detail, parameter=named)
        response = Response(msgspec.json.encode(problem), status, mimetype="application/problem+json")
    elif plain:
        response = Response(plain_page(status, current_app.config["SETTINGS"].site_name, request.script_root), status)
    else:
        parameters = read_valid(PageParameters, request.args, but=parameter or "")
        advice = ADVICE.get(parameter or "", "")
        text = render("error.html", status=status, parameter=parameter, advice=advice, parameters=parameters)
        response = Response(text, status)
    response.headers["Cache-Control"] = "no-store"
    return response
