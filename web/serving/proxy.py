"""What stands before the service: proxies that say where readers are, and clients that take their time."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, TypeVar

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Piece = TypeVar("Piece")

# So many requests are worked at together; more only take turns with each other. Of those that wait for their turn, so
# many may: the other threads are for who has not asked yet, and for what is to be answered in any case.
AT_WORK, WAITING = 4, 60
# When a request came, in seconds of `time.perf_counter`: it may wait before it is looked at.
CAME = "arkhiv.came"
# What has to be answered also while all of them are taken.
PROMPT = ("/healthz", "/readyz", "/metrics")

_PREFIX = re.compile(r"(?:/[\w.~-]+)*", re.ASCII)


def register(app: Flask, turned_away: Callable[[], None]) -> None:
    """Put what the settings say before the app. `turned_away` is called for each request that it never hears of."""
    turns = app.extensions["arkhiv_turns"] = Turns(app.wsgi_app, turned_away)
    inner: WSGIApplication = turns
    if trusted := app.config["SETTINGS"].proxies:
        inner = ProxyFix(Mounted(inner), x_for=trusted, x_proto=1, x_host=1, x_prefix=1)
    app.wsgi_app = inner  # type: ignore[assignment, method-assign]


class Turns:
    """Lets few requests be worked at together. There may be many more threads than that: one that waits for a client to
    send its request, or to take the answer, is no hindrance."""

    def __init__(self, app: "WSGIApplication", turned_away: Callable[[], None]) -> None:
        self._app = app
        self._turned_away = turned_away
        self._free = BoundedSemaphore(AT_WORK)
        self._room = BoundedSemaphore(AT_WORK + WAITING)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        environ[CAME] = time.perf_counter()
        if environ.get("PATH_INFO") in PROMPT:
            return self._app(environ, start)
        if not self._room.acquire(blocking=False):
            self._turned_away()
            start("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")])
            return [b"too many requests at once\n"]
        try:
            with self._free:
                return self._app(environ, start)
        finally:
            self._room.release()

    def each(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """The pieces of an answer that is made while it is sent: each is made in a turn, and sent out of it."""
        while True:
            with self._free:
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece


class Mounted:
    """Takes the prefix under which a proxy has the service off the path, which the proxy passes on as it came: one that
    changes it decodes it as well, and an id may hold any characters. Answers 400 to a prefix or scheme that is none."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        prefix = environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "").rstrip("/")
        if not _PREFIX.fullmatch(prefix) or environ["wsgi.url_scheme"] not in {"http", "https"}:
            start("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"the proxy says a prefix or a scheme that is none\n"]
        path = environ.get("PATH_INFO", "")
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return self._app(environ, start)
