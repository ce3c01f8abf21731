"""A text file that people edit while the service runs: read again when it changes."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from search.errors import UserError, describe, read_text

log = logging.getLogger("arkhiv")

Value = TypeVar("Value")
# When a file was written, when anything of it was changed (its rights too), and its size.
_Stamp = tuple[int, int, int]


class ReloadingFile(Generic[Value]):
    """What `read` makes of the lines of a file, which it names in its UserErrors. Safe for many threads."""

    def __init__(
        self, setting: str, path: Path, read: Callable[[list[str]], Value], without: Value | None = None
    ) -> None:
        """UserError where the file cannot be read, unless it is said what holds `without` it."""
        self._setting, self._path, self._read = setting, path, read
        self._lock = Lock()
        self._complaint = ""
        self._wrong: _Stamp | None = None  # what is no text is read once
        if without is None:
            stamp = self._stamp()
            self._last = stamp, self._lines(stamp)
        else:
            self._last = (0, 0, 0), without
            self._now()

    @property
    def value(self) -> Value:
        """Of the file as it is now; as it was before, where it cannot be read any more, which is logged once."""
        return self._now()[1]

    def _now(self) -> tuple[_Stamp, Value]:
        with self._lock:
            try:
                stamp = self._stamp()
                if stamp not in {self._last[0], self._wrong}:
                    self._last = stamp, self._lines(stamp)
            except UserError as error:
                if str(error) != self._complaint:
                    log.warning("%s; what it said before holds", error)
                self._complaint = str(error)
            else:
                self._complaint = ""
            return self._last

    @property
    def state(self) -> str:
        """Tells one content of the file from another."""
        return str(self._now()[0])

    def _stamp(self) -> _Stamp:
        try:
            status = self._path.stat()
        except OSError as error:
            raise UserError(self._setting, f"cannot be read: {describe(error)}") from error
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size

    def _lines(self, stamp: _Stamp) -> Value:
        try:
            return self._read(read_text(self._setting, self._path).splitlines())
        except UserError as error:
            if isinstance(error.__cause__, UnicodeDecodeError):
                self._wrong = stamp
            raise
