"""Who waits for whom: expensive queries, downloads, the first archive; and how much of an answer stays in memory."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import Client

from search import Archive, IndexUnavailable, Settings, open_archive
from tests.door import Door
from web import create_app
from web.serving.throttle import DOWNLOADS, EXPENSIVE_WAITING, SLOTS, Throttle

SECONDS = 20  # more than anything here takes


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    door = Door(tmp_path)
    lines = [
        json.dumps({"id": f"a{n}", "title": "Визит", "text": "Текст.", "published": f"2024-05-{n:02}"})
        for n in range(1, 31)
    ]
    door.take_in(door.write("export.jsonl", "\n".join(lines)))
    return open_archive(door.index)


class Expensive:
    """A throttled app, whose expensive requests are answered when they may go on."""

    def __init__(self) -> None:
        self.begun = Barrier(2)
        self.goes_on = Event()
        self.throttle = Throttle()
        self.client = Client(self.throttle.middleware(self.answer, lambda: None, self.answer))

    def answer(self, environ: Any, start: Any) -> Iterable[bytes]:
        status = "200 OK"
        if environ["PATH_INFO"] == "/expensive":
            try:
                with self.throttle.expensive():
                    self.begun.wait(SECONDS)
                    self.goes_on.wait(SECONDS)
            except ServiceUnavailable:
                status = "503 Service Unavailable"
        start(status, [])
        return [b""]

    def ask(self) -> int:
        return self.client.get("/expensive").status_code


def test_an_ordinary_request_passes_expensive_ones_that_wait() -> None:
    app, several = Expensive(), 2 * SLOTS
    with ThreadPoolExecutor(several) as threads:
        expensive = [threads.submit(app.ask) for _ in range(several)]
        app.begun.wait(SECONDS)  # one is answered, the others wait
        assert app.client.get("/ordinary").status_code == 200
        assert not any(request.done() for request in expensive)
        app.goes_on.set()
        for _ in expensive[1:]:
            app.begun.wait(SECONDS)
        assert {request.result(SECONDS) for request in expensive} == {200}


def test_only_so_many_expensive_queries_wait() -> None:
    app, more = Expensive(), 3
    with ThreadPoolExecutor(1 + EXPENSIVE_WAITING + more) as threads:
        expensive = [threads.submit(app.ask) for _ in range(1 + EXPENSIVE_WAITING + more)]
        app.begun.wait(SECONDS)
        refused, _ = wait(expensive, SECONDS, FIRST_COMPLETED)
        while len(refused) < more:
            refused, _ = wait(expensive, 0.01)
        assert [request.result() for request in refused] == [503] * more
        app.goes_on.set()
        for _ in range(EXPENSIVE_WAITING):
            app.begun.wait(SECONDS)
        assert sorted(request.result(SECONDS) for request in expensive)[:-more] == [200] * (1 + EXPENSIVE_WAITING)


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-news.xml", "/sitemap-2024-05-1.xml"])
def test_a_sitemap_is_one_of_the_downloads(archive: Archive, path: str) -> None:
    client = create_app(Settings(), lambda: archive).test_client()
    with ExitStack() as on_their_way:
        for _ in range(DOWNLOADS):
            answer = client.get(path, buffered=False)
            assert answer.status_code == 200
            on_their_way.callback(answer.close)
        refused = client.get(path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.count("/article/a") == (30 if "2024" in path else 0)


def test_requests_wait_for_the_first_archive(archive: Archive) -> None:
    opening, opened, attempts = Event(), Event(), []

    def opener() -> Archive:
        attempts.append(None)
        if len(attempts) == 1:
            raise IndexUnavailable("there is none yet")
        opening.set()
        opened.wait(SECONDS)
        return archive

    app = create_app(Settings(), opener, look_every=0)
    with ThreadPoolExecutor(8) as threads:
        requests = [threads.submit(app.test_client().get, "/api/search?q=визит") for _ in range(8)]
        opening.wait(SECONDS)
        opened.set()
        assert [request.result(SECONDS).status_code for request in requests] == [200] * 8


def test_a_bug_ends_the_service_instead_of_being_called_a_missing_index() -> None:
    def opener() -> Archive:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        create_app(Settings(), opener)


def days() -> Iterator[date]:
    return (date(2024, 1, 1) + timedelta(n) for n in range(200))


def test_a_crawl_leaves_no_articles_in_memory(tmp_path: Path) -> None:
    door, text = Door(tmp_path), "Ясная погода стояла над степью весь день. " * 2_000
    lines = (
        json.dumps({"id": f"a{day:%m%d}", "title": "Погода", "text": text, "published": str(day)}) for day in days()
    )
    door.take_in(door.write("export.jsonl", "\n".join(lines)))
    client = create_app(Settings(), lambda: open_archive(door.index)).test_client()
    client.get("/today/1/1")
    gc.collect()
    tracemalloc.start()
    try:
        for day in days():
            assert client.get(f"/today/{day.month}/{day.day}").status_code == 200
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # All of the articles together have 33 MB.
    assert grown < 12e6
