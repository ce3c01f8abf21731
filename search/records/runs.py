"""What runs of the indexer have left beside an index: a line for each, which `indexer status` and `/metrics` read."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

# Sending alerts after a run is kept as a run of its own: no command, but it can fail as they do.
ALERTS = "alerts"
# Why a run is not known to have ended.
KILLED = "it was killed, or the machine went down"
# For so long what rebuilds take out is added up.
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Window:
    """How many `articles` the last run left, 0 where that is not known, and how many rebuilds took out before on each
    of the `days`, in ISO 8601 and UTC, of the last 30."""

    articles: int = 0
    days: Mapping[str, int] = field(default_factory=dict)

    @property
    def removed(self) -> int:
        """How many were taken out on all days together."""
        return sum(self.days.values())

    @property
    def largest(self) -> int:
        """How many there were before."""
        return self.articles + self.removed

    def following(self, when: datetime, articles: int, removed: int) -> "Window":
        """That after a run; it begins anew where an archive is as large again."""
        if self.articles and articles >= self.largest:
            return Window(articles)
        day = when.date().isoformat()
        return Window(articles, {**self.days, day: self.days.get(day, 0) + removed} if removed else self.days)

    def exceeds(self, percent: float, removed: int = 0) -> bool:
        """Whether it is more than so many percent that were taken out, with so many more."""
        return (self.removed + removed) * 100 > self.largest * percent


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as kept. `error` is why nothing was published, or why not all alerts were sent; else it is empty.
    `window` sums up the rebuilds before, and this one where it published."""

    when: datetime
    command: str
    added: int
    removed: int
    rejected: int
    seconds: float
    error: str = ""
    window: Window | None = None


def beside(url: str, name: str) -> Path:
    """The file of this name beside the index at `url`: `index.runs.jsonl` for `whoosh:index`.

    Those of an archive on a cluster are in the working directory, and have its name.
    """
    scheme, _, path = url.partition(":")
    place = Path(path if scheme == "whoosh" else path.rpartition("/")[2])
    folder = place if place.name not in {"", ".."} else place.resolve()
    return folder.parent / f"{folder.name}.{name}"


def runs_file(url: str) -> Path:
    """Where the runs are kept."""
    return beside(url, "runs.jsonl")


def kept_runs(url: str) -> list[Run]:
    """The last runs, the latest last; lines that were not written by this program, or cannot be read, are none. Then
    those that were killed since their command last ended by itself."""
    return [*_ended(url), *(run for _, run in killed_runs(url))]


def last_window(url: str, now: datetime) -> Window:
    """What the runs up to now have taken out, but for what is too long ago."""
    windows = (run.window for run in reversed(kept_runs(url)) if run.window)
    window = next(windows, Window())
    first = (now - WINDOW).date().isoformat()
    return Window(window.articles, {day: removed for day, removed in window.days.items() if day >= first})


def _ended(url: str) -> Iterator[Run]:
    try:
        lines = runs_file(url).read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            yield msgspec.json.decode(line, type=Run)


def mark_of(url: str, command: str, process: int | str) -> Path:
    """The file of a run that goes on: who runs holds its lock, and removes it at the end."""
    return beside(url, f"{command}.{process}.running")


def killed_runs(url: str) -> Iterator[tuple[Path, Run]]:
    """The marks of runs whose process is there no more, and these runs."""
    for path in sorted(runs_file(url).parent.glob("*.*.*.running")):
        *_, command, process, _ = path.name.split(".")
        if path != mark_of(url, command, process):
            continue
        with suppress(OSError), path.open("rb") as file:  # it ended meanwhile; or goes on
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            began = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            yield path, Run(began, command, 0, 0, 0, 0.0, KILLED)
