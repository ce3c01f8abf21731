"""What is served, asked over HTTP: the product behind gunicorn as it ships, and whatever else gunicorn can serve.

One process of four threads answers, so that what it takes is what a core bears. A request's cost is a multiple of that
of `/healthz`, which does nothing, in the same run.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

from tests.tools.bench.http import Connection
from tests.tools.bench.peer import Answer, Question

ROOT = Path(__file__).parent.parent.parent.parent
SECONDS_TO_START = 60
NOTHING, SEARCH = "/healthz", "/api/search"
OFTEN, TIMES = 500, 10  # how often what has no question in it is asked for, at most and for each question
CLIENTS = 4  # that ask at once
DRAWN = 150  # questions whose first article is asked for


class Served:
    """A peer over HTTP (see `Peer`): it answers as `/api/search` does. `app` and `environment` are what is served."""

    stored = ()
    app = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        raise NotImplementedError

    def paths(self, questions: Sequence[Question]) -> dict[str, list[str]]:
        """What is asked for, by route."""
        return {NOTHING: [NOTHING] * often(questions), SEARCH: [_asked(SEARCH, each) for each in questions]}

    def open(self) -> None:
        self.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "http://{}:{}".format(*free.getsockname())
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--log-level", "error"]
        bound = ["--bind", self.address.removeprefix("http://"), self.app]
        environment = {**os.environ, **self.environment(), "WEB_CONCURRENCY": "1"}
        self._server = subprocess.Popen([*command, *bound], cwd=ROOT, env=environment)
        until = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                self._connection = Connection(self.address)
                self._connection.get(NOTHING)
            except OSError:
                assert time.monotonic() < until, "gunicorn does not answer"
                time.sleep(0.1)
            else:
                return

    def close(self) -> None:
        """Stop the server."""
        if self._server:
            self._server.terminate()
            self._server.wait()
            self._server = None

    def search(self, question: Question) -> Answer:
        found = self._connection.get(_asked(SEARCH, question))
        facets = found["facets"]
        return Answer(
            total=found["total"],
            ids=[hit["id"] for hit in found["hits"]],
            years={each["year"]: each["count"] for each in facets["years"]},
            months={100 * question.year + each["month"]: each["count"] for each in facets["months"] or ()},
            authors=[each["count"] for each in facets["authors"]],
            sections={each["value"]: each["count"] for each in facets["sections"]},
        )

    def measured(self, questions: Sequence[Question], rounds: int) -> dict[str, dict[str, float]]:
        """By route: the server's CPU milliseconds a request, the least of the rounds; the median of a request's own
        milliseconds of one client, and its 95th percentile; and requests a second of several clients."""
        return {route: self._measured(paths, rounds) for route, paths in self.paths(questions).items()}

    def _measured(self, paths: Sequence[str], rounds: int) -> dict[str, float]:
        def ask(path: str) -> float:
            began = time.perf_counter()
            self._connection.get_bytes(path)
            return 1000 * (time.perf_counter() - began)

        for path in paths:
            ask(path)
        costs, taken = [], list[list[float]]()
        for _ in range(rounds):
            began = self._cpu()
            taken.append(list(map(ask, paths)))
            costs.append(1000 * (self._cpu() - began) / len(paths))
        walls = sorted(map(median, zip(*taken, strict=True)))
        p95 = walls[max(0, -(-len(walls) * 95 // 100) - 1)]
        rate = median(self._rate(paths) for _ in range(min(3, rounds)))
        return {"requests": len(paths), "cpu_ms": min(costs), "p50": median(walls), "p95": p95, "rate": rate}

    def _rate(self, paths: Sequence[str]) -> float:
        began = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(self._ask_all, [paths[number::CLIENTS] for number in range(CLIENTS)]))
        return len(paths) / (time.perf_counter() - began)

    def _ask_all(self, paths: Sequence[str]) -> None:
        connection = Connection(self.address)
        for path in paths:
            connection.get_bytes(path)

    def _cpu(self) -> float:
        """Seconds that the threads of the one worker have run."""
        assert self._server is not None
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        stats = (stat for child in children for stat in Path(f"/proc/{child}/task").glob("*/schedstat"))
        return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


class Arkhiv(Served):
    """The product: every page and every answer of the API that readers ask for again and again."""

    app = "web.wsgi:app"

    def environment(self) -> dict[str, str]:
        return {"ARKHIV_INDEX": f"whoosh:{self._folder}"}

    def paths(self, questions: Sequence[Question]) -> dict[str, list[str]]:
        ids = [quote(answer.ids[0], safe="") for answer in map(self.search, questions[:DRAWN]) if answer.ids]
        years = [each["year"] for each in self._connection.get("/api/archive")["years"]]
        return super().paths(questions) | {
            "/?q=": [_asked("/", each) for each in questions],
            "/": ["/"] * often(questions),
            "/article/": [f"/article/{each}" for each in ids],
            "/api/related/": [f"/api/related/{each}" for each in ids],
            "/api/suggest": [f"/api/suggest?{urlencode({'q': _begun(each.text)})}" for each in questions],
            "/archive/Y/M": [f"/archive/{year:04}/{month}" for year in years for month in (1, 5, 9)],
        }


def often(questions: Sequence[Question]) -> int:
    """How often to ask for what has no question in it."""
    return min(OFTEN, TIMES * len(questions))


def _asked(route: str, question: Question) -> str:
    values = {"q": question.text, "year": question.year, "month": question.month % 100}
    order = {"sort": "newest"} if question.newest else {}
    return f"{route}?{urlencode({name: value for name, value in values.items() if value} | order)}"


def _begun(text: str) -> str:
    """What a reader has typed who is about to ask this."""
    return text[: max(3, len(text) - 3)]
