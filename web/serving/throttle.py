"""How many requests work at a time, and which may wait for how long."""

import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Condition, Lock
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.exceptions import ServiceUnavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Requests that work at a time: more would only take the processor from each other. Seconds that others wait for a slot:
# a crowd is answered in less, so who has waited that long waits for something that hangs.
SLOTS, LONGEST_WAIT = 4, 5.0
# Expensive queries that may wait for the one that is being answered.
EXPENSIVE_WAITING = 16
# Downloads on their way at once, and seconds after which a download or an expensive query may be tried again.
DOWNLOADS, RETRY_AFTER = 20, 10
# Seconds at most that a chunk of a download waits for all slots to be free, and for the chunk of another download: on a
# cluster that takes long.
IDLE_WAIT, CHUNK_WAIT = 0.1, 5.0
# The key of the time when a request came, in seconds of `time.perf_counter`: it may wait before it is answered.
CAME = "arkhiv.came"
# Answered without a slot.
PROMPT = ("/healthz", "/readyz", "/metrics")


class Throttle:
    """Lets few requests work at a time, in slots. There may be many more threads: one that waits for a client to take
    the rest of a download holds no slot."""

    def __init__(self) -> None:
        self._slots = BoundedSemaphore(SLOTS)
        self._working = 0
        self._idle = Condition()
        self._chunk = Lock()
        self._downloads = SimpleQueue[int]()  # to be given back by a finalizer, which may run anywhere
        for number in range(DOWNLOADS):
            self._downloads.put(number)
        self._expensive = Lock()
        self._expensive_waiting = BoundedSemaphore(1 + EXPENSIVE_WAITING)

    def middleware(
        self, app: "WSGIApplication", turned_away: Callable[[], None], busy: "WSGIApplication"
    ) -> "WSGIApplication":
        """The app, whose requests take slots; `turned_away` is called for each that is refused before the app, and
        `busy` answers it."""

        def throttled(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            environ[CAME] = time.perf_counter()
            if environ.get("PATH_INFO") in PROMPT:
                return app(environ, start)
            if not self._take_slot(LONGEST_WAIT):
                turned_away()
                return busy(environ, start)
            try:
                return app(environ, start)
            finally:
                self._free_slot()

        return throttled

    def _take_slot(self, timeout: float | None = None) -> bool:
        if not self._slots.acquire(timeout=timeout):
            return False
        with self._idle:
            self._working += 1
        return True

    def _free_slot(self) -> None:
        self._slots.release()
        with self._idle:
            self._working -= 1
            if not self._working:
                self._idle.notify_all()

    @contextmanager
    def expensive(self) -> Iterator[None]:
        """The context of an expensive query: one at a time. A query that has to wait gives its slot back meanwhile.

        To be entered by a request. ServiceUnavailable where too many are waiting.
        """
        if not self._expensive_waiting.acquire(blocking=False):
            raise ServiceUnavailable("too many expensive queries at once", retry_after=RETRY_AFTER)
        try:
            if not self._expensive.acquire(blocking=False):
                self._free_slot()
                self._expensive.acquire()
                self._take_slot()
            try:
                yield
            finally:
                self._expensive.release()
        finally:
            self._expensive_waiting.release()

    def download(self, response: Response) -> Response:
        """An answer that is made while it is sent, chunk by chunk. Of all downloads one chunk is made at a time, while
        no slot is taken, with IDLE_WAIT and CHUNK_WAIT as timeouts. Sending waits for nobody. ServiceUnavailable where
        too many are on their way, as each holds a thread."""
        try:
            number = self._downloads.get_nowait()
        except Empty:
            raise ServiceUnavailable("too many downloads at once", retry_after=RETRY_AFTER) from None
        weakref.finalize(response, self._downloads.put, number)  # it may never be begun, or not be sent to its end
        response.response = self._chunks(response.iter_encoded())
        return response

    def _chunks(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        # A generator: the server closes it where the client goes away, and what it reads from with it.
        while (chunk := self._next_chunk(chunks)) is not None:
            yield chunk

    def _next_chunk(self, chunks: Iterator[bytes]) -> bytes | None:
        mine = self._chunk.acquire(timeout=CHUNK_WAIT)
        try:
            with self._idle:
                self._idle.wait_for(lambda: not self._working, IDLE_WAIT)
            return next(chunks, None)
        finally:
            if mine:
                self._chunk.release()
