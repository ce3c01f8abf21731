"""New view counters for published articles: a file of `id<TAB>views` lines, and the run that takes them over."""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from indexer.rebuild import Listener, NothingPublished, Rejection
from search.engine import Engine
from search.errors import SourceError
from search.model import IndexInfo

_LINE = re.compile(r"([^\t]+)\t([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Counting:
    """What the run did: `counted` of the lines `read`; it `published` nothing where no number was another one."""

    read: int
    counted: int
    rejected: int
    seconds: float
    published: bool
    index: IndexInfo


def count_views(engine: Engine, name: str, listener: Listener) -> Counting:
    """Take over the counters of a file, `-` for standard input; the last line of an id holds.

    SourceError where it cannot be read, NothingPublished where no line is of use, IndexUnavailable without an index.
    """
    began = time.perf_counter()
    index = engine.open().info
    file, read, counted = "stdin" if name == "-" else name, 0, 0
    with engine.writer() as writer:
        for read, line in enumerate(_lines(name), 1):
            listener.reached(read)
            counter = _LINE.fullmatch(line)
            if counter and writer.set_views(counter[1], int(counter[2])):
                counted += 1
            else:
                reason = f"no article with the id {counter[1]!r}" if counter else "not an id, a tab and a whole number"
                listener.rejected(Rejection(file, read, reason, line))
        listener.finished(read)
        if not counted:
            raise NothingPublished(f"{file}: no valid line among {read:,}; nothing is published")
        changed = writer.changed
        listener.publishing(read)
        if changed:
            index = writer.publish()
    return Counting(read, counted, read - counted, time.perf_counter() - began, changed, index)


def _lines(name: str) -> Iterator[str]:
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            for line in file:
                yield line.decode("utf-8-sig", "backslashreplace").rstrip("\r\n")
    except OSError as error:
        raise SourceError(name, 0, f"cannot be read: {error.strerror or error}") from error
