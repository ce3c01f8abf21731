"""One peer in a process of its own: told what to do by lines of JSON, a line of JSON for an answer.

`python -m tests.tools.bench.worker PEER FOLDER` is the process; `Worker` is the other end.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, Self

from tests.tools.bench.corpus import ADDED, ADDED_WORD
from tests.tools.bench.peer import Peer, Question


@dataclass(frozen=True)
class Entry:
    """Where a peer is found; `index` names the peer whose index it searches, `most` the articles it can bear; of one
    that is `served`, what a request takes is measured; one of `threads` is asked by several at once."""

    place: str
    index: str = ""
    most: int | None = None
    own_terms: bool = False
    own_facets: bool = False
    served: bool = False
    threads: bool = False


PEERS = {
    "ours": Entry("ours:Ours", threads=True),
    "ours-full": Entry("ours:OursFull", own_terms=True, threads=True),
    "ours-people": Entry("ours:OursPeople", threads=True),
    "tantivy": Entry("tantivy:Tantivy", threads=True),
    "tantivy-merged": Entry("tantivy:TantivyMerged"),
    "tantivy-narrow": Entry("tantivy:TantivyNarrow", index="tantivy", own_facets=True),
    "served": Entry("served:Arkhiv", index="ours-full", own_terms=True, served=True),
    "tantivy-served": Entry("view:TantivyView", own_terms=True, served=True),
    "opensearch": Entry("opensearch:OpenSearch"),
    "ours-cluster": Entry("ours:OursCluster"),
    "xapian": Entry("xapian:Xapian"),
    "fts5": Entry("sqlite:Sqlite"),
    "whoosh": Entry("whoosh:Whoosh", most=20_000),
}


class Worker:
    """A peer's process. A context manager; afterwards `usage` is what the process took."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        command = [sys.executable, "-m", "tests.tools.bench.worker", name, str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def ask(self, command: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([command, *arguments]).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: the process died at {command!r}")
        return json.loads(line)

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        # What a process took is known when it is waited for; the largest of its children counts for the peak.
        _, self._process.returncode, usage = os.wait4(self._process.pid, 0)
        self.usage = {"cpu_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


def peer_of(name: str, folder: Path) -> Peer:
    """A peer by its name; ImportError where it is not installed."""
    module, _, kind = PEERS[name].place.partition(":")
    found: Peer = getattr(import_module(f"tests.tools.bench.{module}"), kind)(folder)
    return found


class Desk:
    """What the process can be told, a method a command."""

    def __init__(self, name: str, folder: str) -> None:
        self._name = name
        self._folder = Path(folder)
        self._peer: Any = None

    def close(self) -> None:
        """End what the peer has started."""
        if hasattr(self._peer, "close"):
            self._peer.close()

    def hello(self) -> str:
        """Nothing where the peer is there, else what is missing."""
        try:
            peer_of(self._name, self._folder)
        except ImportError as error:
            return str(error)
        return ""

    def build(self, corpus: str, count: int) -> dict[str, float]:
        peer = peer_of(self._name, self._folder)
        began = time.perf_counter()
        peer.build(Path(corpus))
        seconds = time.perf_counter() - began
        files = [path for path in self._folder.rglob("*") if path.is_file()]
        total = sum(path.stat().st_size for path in files)
        kept = sum(path.stat().st_size for path in files if path.name.endswith(peer.stored))
        return {"build_s": seconds, "articles": count, "total_bytes": total, "index_bytes": total - kept}

    def add(self) -> int:
        """Add an article and find it: how many are found."""
        peer_of(self._name, self._folder).add(ADDED)
        self._peer = peer_of(self._name, self._folder)
        self._peer.open()
        total: int = self._peer.search(Question("", ADDED_WORD)).total
        return total

    def open(self, times: int) -> list[float]:
        """Milliseconds of opening, each time anew."""
        self._peer = peer_of(self._name, self._folder)
        opened = [_milliseconds(self._peer.open) for _ in range(times)]
        gc.collect()
        gc.freeze()  # every peer is asked as a service asks: what stays for good is not looked through again
        return opened

    def answers(self, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [asdict(self._peer.search(Question(**question))) for question in questions]

    def times(self, questions: list[dict[str, Any]]) -> list[float]:
        """Milliseconds of each search."""
        search = self._peer.search
        return [_milliseconds(search, question) for question in [Question(**question) for question in questions]]

    def rate(self, records: list[dict[str, Any]], clients: int) -> float:
        """Questions a second that so many threads get answered, the median of three rounds."""
        questions = [Question(**record) for record in records]
        taken = []
        with ThreadPoolExecutor(clients) as pool:
            for _ in range(3):
                began = time.perf_counter()
                list(pool.map(self._peer.search, questions))
                taken.append(time.perf_counter() - began)
        return len(questions) / median(taken)

    def served(self, questions: list[dict[str, Any]], rounds: int) -> dict[str, dict[str, float]]:
        """What a request takes, by route (see `Served.measured`)."""
        measured: dict[str, dict[str, float]] = self._peer.measured([Question(**each) for each in questions], rounds)
        return measured

    def streams(self, questions: list[dict[str, Any]]) -> list[tuple[int, int]]:
        """Nanoseconds and bytes of reading what each question touches; the best of some times."""
        asked = [Question(**question) for question in questions]
        return [min(self._peer.stream(question) for _ in range(5)) for question in asked]  # ours alone


def _milliseconds(done: Any, *arguments: Any) -> float:
    began = time.perf_counter_ns()
    done(*arguments)
    return (time.perf_counter_ns() - began) / 1e6


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not get between the replies
    desk = Desk(*sys.argv[1:])
    try:
        for line in sys.stdin:
            command, *arguments = json.loads(line)
            replies.write(json.dumps(getattr(desk, command)(*arguments)) + "\n")
            replies.flush()
    finally:
        desk.close()


if __name__ == "__main__":
    main()
