"""Which headers every answer carries, and how a client asks whether anything has changed."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, request

from search.model import IndexInfo
from web.problem import for_programs

__all__ = ["etag", "register", "unchanged"]

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")


def register(app: Flask) -> None:
    """Let every answer of the app carry the headers."""
    app.after_request(_complete)


def etag(info: IndexInfo) -> str:
    """The tag of what this generation answers to this request.

    Empty while the generation may hold articles whose time is still to come: the answer can change at any moment.
    """
    today = datetime.now(UTC).astimezone(ZoneInfo(info.timezone)).date()
    if info.last is not None and info.last >= today:
        return ""
    parts = [info.generation, info.built_at.isoformat(), request.url]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def unchanged(tag: str) -> Response | None:
    """The answer 304 where the client already has what the tag stands for."""
    if not tag or not request.if_none_match.contains_weak(tag):
        return None
    response = Response(status=304)
    response.set_etag(tag, weak=True)
    return response


def _complete(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _policy(current_app.config["SETTINGS"].image_hosts)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store" if g.get("private") else "no-cache")
    response.vary.add("Accept-Encoding")
    if for_programs():
        headers["X-Robots-Tag"] = "noindex"
    return response


def _policy(image_hosts: tuple[str, ...]) -> str:
    """Nothing but the service's own style, scripts and pictures, and pictures of the hosts that the settings name."""
    images = " ".join(["'self'", *(host for host in image_hosts if _HOST.fullmatch(host))])
    return (
        f"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src {images}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
