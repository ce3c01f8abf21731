"""Which generation answers: the newest published one. Requests look for it, once a second."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from flask import current_app, g

from search import Archive, IndexUnavailable

log = logging.getLogger("arkhiv")

# Seconds between two checks for a newer generation, and seconds that a failed answer keeps the service unready.
LOOK_EVERY = 1.0
TROUBLE_LASTS = 60.0


class LiveArchive:
    """Holds the current archive. One thread at a time checks for a newer generation; the others do not wait."""

    def __init__(
        self,
        open_archive: Callable[[], Archive],
        look_every: float = LOOK_EVERY,
        clock: Callable[[tzinfo], datetime] = datetime.now,
    ) -> None:
        self.trouble_lasts = TROUBLE_LASTS
        self.clock = clock
        self._look_every = look_every
        self._open = open_archive
        self._archive: Archive | None = None
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self.stuck = ""  # why the published generation cannot be opened, so that an older one answers, or none
        self._failed: tuple[float, Archive | None, str] = (float("-inf"), None, "")

    def current(self) -> Archive:
        """The archive as it was published at most a second ago; IndexUnavailable where none was ever opened.

        While the first one is being opened, all requests wait for it.
        """
        if self._is_look_due() and self._looking.acquire(blocking=self._archive is None):
            try:
                if self._is_look_due():
                    self._look()
            finally:
                self._looking.release()
        archive = self._archive
        if archive is None:
            raise IndexUnavailable(self.stuck or "the index cannot be opened")
        return archive

    def _is_look_due(self) -> bool:
        return time.monotonic() - self._looked_at >= self._look_every

    def _look(self) -> None:
        try:
            self._archive = self._archive.newest() if self._archive else self._open()
        except IndexUnavailable as error:
            if self.stuck != str(error):
                log.error("no newer generation can be opened: %s", error)  # noqa: TRY400  # what happened is in the message
            self.stuck = str(error)
        else:
            self.stuck = ""
        finally:
            self._looked_at = time.monotonic()

    def report(self, archive: Archive | None, error: IndexUnavailable) -> None:
        """Remember that an open archive failed to answer, for `trouble`, while it is the current one."""
        if archive is not None:
            if str(error) != self.trouble():
                log.error("the index cannot answer: %s", error)
            self._failed = (time.monotonic(), archive, str(error))

    def trouble(self) -> str:
        """Why the generation that answers failed to during the last minute, if it did."""
        when, archive, reason = self._failed
        return reason if archive is self._archive and time.monotonic() - when < self.trouble_lasts else ""


def live() -> LiveArchive:
    """The one of the running app."""
    current: LiveArchive = current_app.extensions["arkhiv"]
    return current


def archive() -> Archive:
    """The archive of this request: the same for all of it. IndexUnavailable where there is none."""
    if "archive" not in g:
        g.archive = live().current()
    opened: Archive = g.archive
    return opened


def shown_person(name: str) -> str:
    """The name of a person as pages show it."""
    return archive().spelled(name)


def published_total() -> int:
    """How many articles are visible."""
    return archive().visibility().articles


def zone() -> ZoneInfo:
    """The newspaper's time zone."""
    return ZoneInfo(archive().info().timezone)


def current_day() -> date:
    """The day at the newspaper."""
    return live().clock(zone()).date()
