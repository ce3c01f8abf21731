"""Reading pages in processes of their own: nearly all of a run over pages is finding out what of them is the article,
and a page that kills or keeps its reader costs that page alone.

`python -m indexer.sources.pages` is such a process: a line of JSON tells it the job, a line each what to read.
"""

import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

# Seconds that one page may take.
PATIENCE = 60.0
# Pages that a process is told of before it has answered for the first of them. Their names fit into a pipe of 64 KB,
# however long: who writes to a full one waits, and would for ever where the other does so as well.
_AHEAD = 11
# For fewer pages another process is not worth its start.
_PAGES_A_PROCESS = 32
_BLOCK = 1 << 16


class Job(Struct, frozen=True):
    """What the pages of a folder are read by: the template, the newspaper's zone, and a sample of the pages, from which
    it is told what all have in common."""

    pages: Mapping[str, str | tuple[str, ...]]
    timezone: str
    sample: Sequence[str]


class Reading(Struct, frozen=True):
    """What was found in a page, in words where each field stood, what may be wrong, which selectors found something; or
    why there is no article, and what there is instead."""

    record: dict[str, Any] = {}
    places: dict[str, str] = {}
    doubts: tuple[str, ...] = ()
    matched: tuple[tuple[str, str], ...] = ()
    unreadable: str = ""
    raw: str = ""


def readings(job: Job, paths: Sequence[str]) -> Iterator[Reading]:
    """What is found in each of the pages, in their order."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    readers = [_Reader(job) for _ in range(min(cores, -(-len(paths) // _PAGES_A_PROCESS)))]
    try:
        ahead = _AHEAD * len(readers)
        for number, path in enumerate(paths[:ahead]):
            readers[number % len(readers)].ask(path)
        for number in range(len(paths)):
            reader = readers[number % len(readers)]
            yield reader.answer()
            if number + ahead < len(paths):
                reader.ask(paths[number + ahead])
    finally:
        for reader in readers:
            reader.end()


class _Reader:
    """One process, and the next one where it does not answer."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._asked: deque[str] = deque()
        self._begin()

    def _begin(self) -> None:
        command = [sys.executable, "-m", "indexer.sources.pages"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)  # noqa: S603  # this Python, our module
        self._read = b""
        self._ready = selectors.DefaultSelector()  # not select(), which knows no more than 1,024 open files
        assert self._process.stdout is not None
        self._ready.register(self._process.stdout, selectors.EVENT_READ)
        self._tell(msgspec.json.encode(self._job))

    def ask(self, path: str) -> None:
        """Have a page read."""
        self._asked.append(path)
        self._tell(msgspec.json.encode(os.fsencode(path)))

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it is gone, which its answer will show
            self._process.stdin.write(line + b"\n")

    def answer(self) -> Reading:
        """What was found in the page that was asked for first."""
        line = self._line()
        self._asked.popleft()
        if line:
            return msgspec.json.decode(line, type=Reading)
        self._process.kill()
        self.end()
        self._begin()
        for path in self._asked:
            self._tell(msgspec.json.encode(os.fsencode(path)))
        return Reading(unreadable=f"cannot be read: its reader died, or needed more than {PATIENCE:.0f} seconds")

    def _line(self) -> bytes:
        """The next line of the process; nothing where there comes none."""
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        while b"\n" not in self._read:
            if not self._ready.select(PATIENCE):
                return b""
            block = os.read(handle, _BLOCK)
            if not block:
                return b""
            self._read += block
        line, _, self._read = self._read.partition(b"\n")
        return line

    def end(self) -> None:
        """Have the process end: its input does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._ready.close()
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
