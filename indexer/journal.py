"""What runs write beside the index: the rejected articles of the last one, and a line for each of the last runs, which
`search.records.runs` reads."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec

from indexer.rebuild import Rejection
from search.records.runs import Run, beside, kept_runs, killed_runs, mark_of, runs_file

_RUNS_KEPT = 100


class Journal:
    """The files beside the index at `url`, as `search.records.runs` places them; these are written here."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.runs = runs_file(url)
        self.rejected = beside(url, "rejected.jsonl")

    @contextmanager
    def going_on(self, command: str) -> Iterator[None]:
        """Mark that a run goes on: should its process be killed, the mark stays. It is a name without content, for
        which a full disk has room; where it cannot be made, a killed run goes unnoticed."""
        path = mark_of(self._url, command, os.getpid())
        try:
            mark = (begun := path.with_suffix(".begun")).open("ab")
        except OSError:
            yield
            return
        with mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            _make_readable(begun)
            begun.rename(path)  # not before: a mark that nobody holds is that of a killed run
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def record(self, run: Run) -> None:
        """Keep a run as the last one. Two that end in the same moment may keep only one: nothing relies on it."""
        for mark, killed in killed_runs(self._url):
            if killed.command == run.command:
                mark.unlink(missing_ok=True)
        stored = self.runs.read_bytes().splitlines() if self.runs.exists() else []
        lines = [*stored[1 - _RUNS_KEPT :], msgspec.json.encode(run)]
        # However often it failed since: when a command last did what it is for.
        for success in {past.command: past for past in kept_runs(self._url) if not past.error}.values():
            if (line := msgspec.json.encode(success)) not in lines:
                lines.insert(0, line)
        with _replacing(self.runs) as file:
            file.write(b"\n".join(lines) + b"\n")


class Rejections:
    """The file of what a run rejects: written when the run has read all there is, removed where nothing was rejected.

    Until then they are kept in a file without a name, so that a run that is interrupted leaves that of the last one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def add(self, rejection: Rejection) -> None:
        """Keep a rejection."""
        self._file = self._file or TemporaryFile(dir=self._path.parent)  # noqa: SIM115  # closed by `close`
        row = {name: getattr(rejection, name) for name in ("file", "line", "reason", "raw")}
        try:
            text = json.dumps(row, ensure_ascii=False, default=str)
        except RecursionError:
            text = json.dumps({**row, "raw": "(nested too deeply to be kept)"}, ensure_ascii=False)
        # Half of a surrogate pair becomes the escape that JSON has for it.
        try:
            self._file.write(text.encode(errors="backslashreplace") + b"\n")
            self._file.flush()
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error

    def save(self) -> None:
        """All was read: let the file hold what this run rejected."""
        if self._file is None:
            self._path.unlink(missing_ok=True)
            return
        self._file.seek(0)
        with _replacing(self._path) as file:
            shutil.copyfileobj(self._file, file)

    def close(self) -> None:
        """Forget what was not saved."""
        if self._file:
            self._file.close()


def _make_readable(path: Path) -> None:
    """Let who may look into the folder read a file of it, whatever the umask of the run."""
    path.chmod(path.stat().st_mode | path.parent.stat().st_mode & 0o044)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that replaces another one when it is written; where that fails, nothing is left of it."""
    written = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with written.open("wb") as file:
            yield file
        _make_readable(written)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
