"""The addresses of the service: articles, searches, archive days; and which host it answers as."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter, IntegerConverter, Map

from search.links import article_path, ascii_host, id_path, outside, without_port
from search.model import SearchResult, Words
from web.parameters import SearchParameters, query_string


class ArticleIdConverter(BaseConverter):
    """Any id, whatever its characters; Werkzeug's own `path` stops at leading slashes and line breaks."""

    part_isolating = False
    regex = r"(?s:.+)"
    weight = 200

    def to_url(self, value: str) -> str:
        return id_path(value)


class YearConverter(IntegerConverter):
    """A year in exactly four digits, so that a period has one address."""

    regex = "[0-9]{4}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, fixed_digits=4)


def request_host() -> str:
    """The host of the request, as browsers write it; BadRequest where it is invalid or not trusted.

    Werkzeug's own check refuses underscores, which names of containers have.
    """
    environ, trusted = request.environ, current_app.config["SETTINGS"].trusted_hosts
    host: str | None = environ.get("HTTP_HOST")
    if host is None:  # HTTP 1.0: the address that the service listens at, empty for a Unix socket
        return f"{environ['SERVER_NAME'] or 'localhost'}:{environ['SERVER_PORT']}"
    # Bytes of the header are letters here: none beyond ASCII are those of a name.
    written = ascii_host(host if host.isascii() else "", request.scheme)
    name = without_port(written)
    known = not trusted or any(f".{name}".endswith(one) if one[0] == "." else name == one for one in trusted)
    if not written or not known:
        raise BadRequest(f"{host[:100]!r} is no host that this service answers as")
    return written


def absolute(path: str) -> str:
    """The path after the public address of the service: the setting `site_url`, else the host of the request."""
    site: str = current_app.config["SETTINGS"].site_url
    return (site or f"{request.scheme}://{request_host()}") + path


def route(endpoint: str) -> str:
    """The path of a route without variables."""
    return _route(request.root_path, endpoint)


@lru_cache(maxsize=256)
def _route(root: str, endpoint: str) -> str:
    """Cached: building one takes as long as thirty links that only append to it."""
    return url_for(endpoint)


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def search_url(parameters: SearchParameters, endpoint: str = "pages.search", /, **changes: Any) -> str:
    """The search with some of its parameters changed."""
    return _with_query(route(endpoint), query_string(parameters, **changes))


def file_url(parameters: SearchParameters, result: SearchResult, endpoint: str, /, **changes: Any) -> str:
    """All hits of an answer, as a feed or a file."""
    if result.correction:
        changes["q"] = result.correction.text
    return search_url(parameters, endpoint, words="most" if result.words is Words.MOST else "auto", **changes)


def article_url(article_id: str, parameters: SearchParameters | None = None) -> str:
    """The article's page; with the parameters of a search it leads back to that search."""
    path = route("pages.search") + article_path(article_id)
    return _with_query(path, query_string(parameters) if parameters else "")


def cite_url(article_id: str, kind: str) -> str:
    """The reference of an article as a file."""
    return f"{route('pages.search')}cite/{kind}/{id_path(article_id)}"


def name_url(kind: str, name: str, page: int = 1) -> str:
    """The page of an author, a section or a tag; a search for one that browsers take for a step in the path."""
    if name in {".", ".."}:
        return _with_query(route("pages.search"), urlencode({kind: name} | ({"page": page} if page > 1 else {})))
    return _with_query(f"{route('pages.search')}{kind}/{id_path(name)}", f"page={page}" if page > 1 else "")


def period_url(year: int | None = None, month: int | None = None, day: int | None = None, page: int = 1) -> str:
    """The archive's page of a year, a month or a day."""
    parts = (part for part in (f"{year:04}" if year else "", month, day) if part)
    path = "/".join([f"{route('pages.search')}archive", *map(str, parts)])
    return _with_query(path, f"page={page}" if page > 1 else "")


def picture(url: str, hosts: Collection[str]) -> str:
    """The address of a picture where its host is among the `hosts`, else nothing."""
    parts = urlsplit(outside(url))
    return url if parts.netloc and ascii_host(parts.netloc, parts.scheme) in hosts else ""
