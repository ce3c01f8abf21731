"""What runs of the indexer have left beside an index: a line for each, which `indexer status` and `/metrics` read."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

# What telling alerts after a run is kept as: no command, but it can fail as they do.
ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as kept. `error` is why nothing was published, of ALERTS why not all was told; else it is empty."""

    when: datetime
    command: str
    added: int
    removed: int
    rejected: int
    seconds: float
    error: str = ""


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
    """The last runs, the latest last; lines that were not written by this program, or cannot be read, are none."""
    runs = []
    try:
        lines = runs_file(url).read_bytes().splitlines()
    except OSError:
        return []
    for line in lines:
        try:
            runs.append(msgspec.json.decode(line, type=Run))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return runs
