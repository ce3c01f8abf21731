"""The embedded engine as a peer over HTTP: gunicorn serves it with the settings of the product, a process per core.

`tests.bench.served:app` is what is served: a question as JSON in, the answer with its ten articles out.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.http import Connection
from tests.bench.ours import Ours
from tests.bench.peer import Answer, Question

ROOT = Path(__file__).parent.parent.parent
FOLDER = "ARKHIV_BENCH_FOLDER"
SECONDS_TO_START = 30


class Served:
    """See `Peer`; searches the index that `Ours` built."""

    stored = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        self.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "http://{}:{}".format(*free.getsockname())
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--log-level", "error"]
        bound = ["--bind", self.address.removeprefix("http://"), "tests.bench.served:app"]
        environment = {**os.environ, FOLDER: str(self._folder), "WEB_CONCURRENCY": str(os.cpu_count())}
        self._server = subprocess.Popen([*command, *bound], cwd=ROOT, env=environment)
        until = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                self._connection = Connection(self.address)
                self.search(Question("", "слово"))
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
        return msgspec.convert(self._connection.post("/", asdict(question))["answer"], Answer, strict=False)

    def asked(self, question: Question) -> tuple[str, Any]:
        """The path and the body of the request for a question."""
        return "/", asdict(question)


@cache
def _ours() -> Ours:
    ours = Ours(Path(os.environ[FOLDER]))
    ours.open()
    return ours


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application."""
    question = msgspec.json.decode(environ["wsgi.input"].read(), type=Question)
    answer, articles = _ours().answered(question)
    content = msgspec.json.encode({"answer": answer, "articles": [article.as_dict() for article in articles]})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]
