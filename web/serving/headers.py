"""Which headers every answer has, and how a client asks whether anything has changed."""

import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec

from flask import Flask, Response, current_app, g, request

from search.release import release
from web.address import request_host
from web.live import archive, current_day
from web.serving.problem import for_programs

P = ParamSpec("P")


def register(app: Flask) -> None:
    """Add the headers to every answer of the app."""
    settings = hashlib.sha256(repr(app.config["SETTINGS"]).encode()).hexdigest()
    app.extensions["arkhiv_service"] = f"{release()} {settings}"
    app.after_request(_complete)


def unchanged() -> Response | None:
    """The answer 304 where the client already has the answer to this request.

    To be called before the archive is searched: else an answer with articles whose embargo ends in between would get
    the tag of the earlier ones.
    """
    return with_tag(Response(status=304)) if _client_has(_tag()) else None


def conditional(view: Callable[P, Response]) -> Callable[P, Response]:
    """The view, not called where the client has its answer already; else its answer has a tag."""

    @wraps(view)
    def tagged(*args: P.args, **kwargs: P.kwargs) -> Response:
        return unchanged() or with_tag(view(*args, **kwargs))

    return tagged


def with_tag(response: Response) -> Response:
    """The answer with its tag: answers with the same tag are the same."""
    response.set_etag(_tag(), weak=True)
    return response


def _tag() -> str:
    """What an answer depends on: the request, the day, the generation and what of it is visible, the service."""
    if "tag" not in g:
        info, visibility = archive().info(), archive().visibility()
        synonyms, pins = archive().synonyms, archive().pins
        published = (info.generation, info.built_at.isoformat(), str(visibility.until), str(current_day()))
        closed = current_app.extensions["arkhiv_closed"].state
        edited = (synonyms.digest if synonyms else "", pins.state if pins else "", closed)
        service = (*edited, current_app.extensions["arkhiv_service"])
        requested = (request.scheme, request_host(), request.root_path, request.full_path)
        parts = (*requested, *published, *service)
        g.tag = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    tag: str = g.tag
    return tag


def _client_has(tag: str) -> bool:
    """Whether the client has the answer with this tag; a star says nothing of what it has."""
    client_tags = request.if_none_match
    return not client_tags.star_tag and client_tags.contains_weak(tag)


def _tag_content(response: Response) -> None:
    """Give a page the tag of its content, and leave the content out where the client has it. The page has been made
    nevertheless: whatever it depends on, the tag is right, and its query is logged."""
    tag = hashlib.sha256(response.get_data()).hexdigest()[:32]
    response.set_etag(tag, weak=True)
    if _client_has(tag):
        response.status_code = 304


def _complete(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _policy(current_app.config["SETTINGS"].image_hosts)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store" if g.get("private") else "no-cache")
    response.vary.add("Accept-Encoding")
    if response.status_code == HTTPStatus.OK and response.mimetype == "text/html" and not g.get("private"):
        _tag_content(response)
    # An article is one page, whatever the search that led to it.
    if for_programs() or (request.endpoint == "pages.article" and request.query_string):
        headers["X-Robots-Tag"] = "noindex"
    return response


def _policy(image_hosts: tuple[str, ...]) -> str:
    """Only the service's own style, scripts and pictures, and pictures of the hosts in the settings."""
    images = " ".join(["'self'", *image_hosts])
    return (
        f"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src {images}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
