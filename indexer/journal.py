"""What runs leave beside the index: the rejected articles of the last one, and a line for each of the last runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import msgspec

from indexer.rebuild import Rejection

__all__ = ["Journal", "Rejections", "Run"]

_RUNS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as kept. `error` is why nothing was published, empty where it was."""

    when: datetime
    command: str
    added: int
    removed: int
    rejected: int
    seconds: float
    error: str = ""


class Journal:
    """The files beside the index at `url`: `index.runs.jsonl`, `index.rejected.jsonl` for `whoosh:index`.

    Those of an archive on a cluster are in the working directory, and have its name.
    """

    def __init__(self, url: str) -> None:
        scheme, _, path = url.partition(":")
        place = Path(path if scheme == "whoosh" else path.rpartition("/")[2])
        folder = place if place.name not in {"", ".."} else place.resolve()
        self.runs = folder.parent / f"{folder.name}.runs.jsonl"
        self.rejected = folder.parent / f"{folder.name}.rejected.jsonl"

    def record(self, run: Run) -> None:
        """Keep a run as the last one. Two that end in the same moment may keep only one: nothing relies on it."""
        lines = [*self._lines()[1 - _RUNS_KEPT :], msgspec.json.encode(run)]
        beside = self.runs.with_name(f"{self.runs.name}.{os.getpid()}")
        beside.write_bytes(b"\n".join(lines) + b"\n")
        beside.replace(self.runs)

    def last_run(self) -> Run | None:
        """The last run; None where there was none, or its line was not written by this program."""
        lines = self._lines()
        try:
            return msgspec.json.decode(lines[-1], type=Run) if lines else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _lines(self) -> list[bytes]:
        return self.runs.read_bytes().splitlines() if self.runs.exists() else []


class Rejections:
    """The file of what a run rejects: begun anew at its first rejection, removed where it comes to the end without."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def add(self, rejection: Rejection) -> None:
        """Keep a rejection."""
        if self._file is None:
            # Half of a surrogate pair becomes the escape that JSON has for it.
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
        self.count += 1
        kept = {name: getattr(rejection, name) for name in ("file", "line", "reason", "raw")}
        try:
            text = json.dumps(kept, ensure_ascii=False)
        except RecursionError:
            text = json.dumps({**kept, "raw": "(nested too deeply to be kept)"}, ensure_ascii=False)
        self._file.write(text + "\n")

    def settle(self) -> None:
        """All was read: the file is what this run says it is."""
        if self._file is None:
            self.path.unlink(missing_ok=True)
        else:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
