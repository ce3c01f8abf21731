"""Which generation answers: the newest published one, looked for while requests come in."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from flask import current_app

from search import Archive, IndexUnavailable

__all__ = ["LiveArchive", "archive", "live"]

log = logging.getLogger("arkhiv")

# Seconds between two looks for a newer generation, and for how long a failed answer keeps the service unready.
LOOK_EVERY = 1.0
TROUBLE_LASTS = 60.0


class LiveArchive:
    """Holds the archive that answers. One thread at a time looks for a newer generation; the others do not wait."""

    def __init__(self, open_archive: Callable[[], Archive]) -> None:
        self._open = open_archive
        self._archive: Archive | None = None
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._complaint = ""
        self._trouble: tuple[float, str] = (float("-inf"), "")

    def current(self) -> Archive:
        """The archive, at its newest generation or one less than a second older; IndexUnavailable before the first."""
        if time.monotonic() - self._looked_at >= LOOK_EVERY and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looked_at = time.monotonic()
                self._looking.release()
        if self._archive is None:
            raise IndexUnavailable(self._complaint or "the index is being opened")
        return self._archive

    def _look(self) -> None:
        try:
            if self._archive is None:
                self._archive = self._open()
            elif self._archive.refresh():
                self._trouble = (float("-inf"), "")
        except IndexUnavailable as error:
            if self._complaint != str(error):
                log.error("no newer generation can be opened: %s", error)  # noqa: TRY400
            self._complaint = str(error)
        else:
            self._complaint = ""

    def report(self, error: IndexUnavailable) -> None:
        """Remember that the open index failed to answer, so that `trouble` tells."""
        if self._archive is not None:
            if str(error) != self.trouble():
                log.error("the index cannot answer: %s", error)
            self._trouble = (time.monotonic(), str(error))

    def trouble(self) -> str:
        """Why answers failed during the last minute, if any did."""
        when, reason = self._trouble
        return reason if time.monotonic() - when < TROUBLE_LASTS else ""


def live() -> LiveArchive:
    """The one of the running app."""
    found = current_app.extensions["arkhiv"]
    assert isinstance(found, LiveArchive)
    return found


def archive() -> Archive:
    """The archive that answers this request."""
    return live().current()
