"""What stands before the service: proxies that say where readers are, and clients that take their time."""

import re
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Condition, Lock
from typing import TYPE_CHECKING

from flask import Flask, Response
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# So many requests are worked at together; more only take turns with each other. Of those that wait for their turn, so
# many may: the other threads are for who has not asked yet, and for what is to be answered in any case.
AT_WORK, WAITING = 4, 60
# So many downloads may be on their way, and others may try again after so many seconds.
DOWNLOADS, RETRY_DOWNLOAD = 20, 10
# Seconds that a piece of a download waits at most until nobody else is at work, and before until no other is made:
# that of a cluster may take long.
LONGEST_WAIT, LONGEST_TURN = 0.1, 5.0
# When a request came, in seconds of `time.perf_counter`: it may wait before it is looked at.
CAME = "arkhiv.came"
# What has to be answered also while all of them are taken.
PROMPT = ("/healthz", "/readyz", "/metrics")

_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*", re.ASCII)


def register(app: Flask, turned_away: Callable[[], None]) -> None:
    """Put what the settings say before the app. `turned_away` is called for each request that it never hears of."""
    turns = app.extensions["arkhiv_turns"] = Turns(app.wsgi_app, turned_away)
    inner: WSGIApplication = turns
    if trusted := app.config["SETTINGS"].proxies:
        inner = ProxyFix(Mounted(inner), x_for=trusted, x_proto=1, x_host=1, x_prefix=1)
    app.wsgi_app = inner  # type: ignore[assignment, method-assign]  # as Flask's documentation has it


class Turns:
    """Lets few requests be worked at together. There may be many more threads than that: one that waits for a client to
    send its request, or to take the answer, is no hindrance."""

    def __init__(self, app: "WSGIApplication", turned_away: Callable[[], None]) -> None:
        self._app = app
        self._turned_away = turned_away
        self._free = BoundedSemaphore(AT_WORK)
        self._at_work = 0
        self._idle = Condition()
        self._making = Lock()
        self._slots = SimpleQueue[int]()  # to be given back by a finalizer, which may run anywhere
        for slot in range(DOWNLOADS):
            self._slots.put(slot)
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
            with self._free, self._working():
                return self._app(environ, start)
        finally:
            self._room.release()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._idle:
            self._at_work += 1
        try:
            yield
        finally:
            with self._idle:
                self._at_work -= 1
                if not self._at_work:
                    self._idle.notify_all()

    def download(self, response: Response) -> Response:
        """An answer that is made while it is sent, piece by piece. Of all such answers one piece is made at a time,
        when nobody else is at work; neither is waited for long, and to send a piece waits for nobody. Raises
        ServiceUnavailable where too many are on their way, as each holds a thread."""
        try:
            slot = self._slots.get_nowait()
        except Empty:
            raise ServiceUnavailable("too many downloads at once", retry_after=RETRY_DOWNLOAD) from None
        weakref.finalize(response, self._slots.put, slot)  # it may never be begun, or not be sent to its end
        response.response = self._each(response.iter_encoded())
        return response

    def _each(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        while (piece := self._piece(pieces)) is not None:
            yield piece

    def _piece(self, pieces: Iterator[bytes]) -> bytes | None:
        mine = self._making.acquire(timeout=LONGEST_TURN)
        try:
            with self._idle:
                self._idle.wait_for(lambda: not self._at_work, LONGEST_WAIT)
            return next(pieces, None)
        finally:
            if mine:
                self._making.release()


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
