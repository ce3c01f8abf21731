"""What readers ask and do not find: a file of JSON lines for each day, without a word of who asked."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import msgspec

# A day's file grows no further: whoever asks so much is no reader.
MAX_BYTES = 1 << 23
# So much of the newest files is read for one answer; it takes a second.
MAX_READ = 1 << 26


class _Line(msgspec.Struct):
    q: str
    total: int
    correction: str = ""


@dataclass(frozen=True, slots=True)
class LoggedQuery:
    """A query, letter case aside: how often it was asked, and what became of it the last time."""

    query: str
    times: int
    total: int
    correction: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The most frequent queries, the most frequent first; and those of all that found nothing the last time."""

    frequent: list[LoggedQuery]
    unanswered: list[LoggedQuery]


class QueryLog:
    """The files of a folder, each kept for `days` days. Many processes may write and read them at once."""

    def __init__(self, folder: str, days: int) -> None:
        self._folder = Path(folder)
        self._days = days

    def record(self, query: str, total: int, correction: str = "") -> None:
        """Keep that a query was asked; OSError where it cannot be written."""
        today = datetime.now(UTC).date()
        line = msgspec.json.encode(_Line(" ".join(query.split()), total, correction)) + b"\n"
        self._folder.mkdir(parents=True, exist_ok=True)
        # Appending one short piece is one step for the system: lines of several processes never mix.
        file = os.open(self._folder / f"{today}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            size = os.fstat(file).st_size
            if size < MAX_BYTES:
                os.write(file, line)
        finally:
            os.close(file)
        if not size:
            self._sweep(today)

    def summary(self, limit: int = 100) -> Summary:
        """What was asked most; no more than the newest `MAX_READ` bytes are looked at."""
        times: Counter[str] = Counter()
        last: dict[str, _Line] = {}
        for line in self._lines():
            key = line.q.casefold()
            times[key] += 1
            last[key] = line
        ordered = sorted(times, key=lambda key: (-times[key], key))
        queries = [LoggedQuery(last[key].q, times[key], last[key].total, last[key].correction) for key in ordered]
        return Summary(queries[:limit], [query for query in queries if not query.total][:limit])

    def _lines(self) -> Iterator[_Line]:
        decode = msgspec.json.Decoder(_Line).decode
        for path in self._newest(MAX_READ):
            with suppress(FileNotFoundError), path.open("rb") as file:  # its days may just have ended
                for line in file:
                    try:
                        yield decode(line)
                    except (msgspec.DecodeError, UnicodeDecodeError):  # the disk was full
                        continue

    def _newest(self, most_bytes: int) -> list[Path]:
        """The newest of the kept files that fit in so many bytes, one at least, the oldest first."""
        files = self._files(datetime.now(UTC).date() - timedelta(days=self._days))
        sizes = accumulate(path.stat().st_size if path.exists() else 0 for path in reversed(files))
        count = max(1, sum(size <= most_bytes for size in sizes))
        return files[-count:]

    def _files(self, first: date) -> list[Path]:
        """The files from a day on, the oldest first."""
        return [path for path in sorted(self._folder.glob("????-??-??.jsonl")) if path.stem > str(first)]

    def _sweep(self, today: date) -> None:
        recent = self._files(today - timedelta(days=self._days))
        for path in self._files(date.min):
            if path not in recent:
                path.unlink(missing_ok=True)
