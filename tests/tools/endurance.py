"""`python -m tests.tools.endurance --minutes 30 ARTICLES.jsonl`: what an operator's bad day does to the service.

Readers ask at half the rate that two workers bear, with an article published every twenty seconds, a worker killed
every minute and 500 clients that send half a request. Each answer is compared with what it has to be.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

ROOT = Path(__file__).parent.parent.parent
WORKERS, CLIENTS, HALF_SENT = 2, 8, 500
PUBLISH_EVERY, KILL_EVERY, READY_EVERY = 20.0, 60.0, 1.0
WORDS = ["президент", "выборы 2008", '"уголовное дело"', "москва | питер", "футбол -хоккей", "суд* приговор", ""]
# A word that only what is published meanwhile has.
MARK = "зюзьгамба"


class Day:
    """What happened: requests and what became of them, how long they took, and whether the service was ready."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.ready: list[float] = []
        self.killed: list[float] = []
        self.wrong: list[str] = []
        self.published = [0]  # the numbers that may be found: that of the last publication, and of one under way
        self.over = threading.Event()

    def note(self, outcome: str, seconds: float | None = None) -> None:
        with self.lock:
            self.outcomes[outcome] += 1
            if seconds is not None:
                self.seconds.append(seconds)


class Service:
    """The service as it ships, over one index."""

    def __init__(self, folder: Path) -> None:
        self.index = f"whoosh:{folder / 'index'}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.environ = {
            **os.environ,
            "ARKHIV_INDEX": self.index,
            "PYTHONPATH": str(ROOT),
            "WEB_CONCURRENCY": str(WORKERS),
        }
        command = ["-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [sys.executable, *command, "--log-level", "critical", "web.wsgi:app"], env=self.environ, cwd=folder,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def ask(self, target: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return list(map(int, told.split()))

    def holds(self) -> tuple[float, int]:
        """Megabytes that the largest worker holds of its own, and how many files it has open."""
        held = [(0.0, 0)]
        for worker in self.workers():
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
                own = sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1000
                held.append((own, len(list(Path(f"/proc/{worker}/fd").iterdir()))))
        return max(each[0] for each in held), max(each[1] for each in held)


def search(text: str) -> str:
    return f"/api/search?q={quote(text)}&per_page=3"


def read(service: Service, day: Day, chance: random.Random, expected: dict[str, int]) -> None:
    """One reader's question."""
    text = MARK if chance.random() < 0.2 else chance.choice(WORDS)
    before, began = day.published[0], time.monotonic()
    try:
        status, body = service.ask(search(text) if chance.random() < 0.8 else f"/?q={quote(text)}")
    except (OSError, http.client.HTTPException):
        at = time.monotonic()
        near = any(began - 0.5 <= killed <= at + 0.5 for killed in day.killed)
        day.note("cut off by a killed worker" if near else "LOST")
        return
    day.note("answered" if status == 200 else f"STATUS {status}", time.monotonic() - began)
    if status == 200 and body.startswith(b"{"):
        total = json.loads(body)["total"]
        after = day.published[-1]
        least, most = (before, after) if text in {"", MARK} else (0, 0)
        right = range(expected[text] + least, expected[text] + most + 1)
        if total not in right:
            day.wrong.append(f"{text!r}: {total} not in {right}")


@contextmanager
def going_on(day: Day, *tasks: Callable[[], None]) -> Iterator[None]:
    """While it lasts, the tasks are done, each in a thread of its own, until the day is over."""
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        day.over.set()
        for thread in threads:
            thread.join(60)


def publishing(service: Service, day: Day, folder: Path) -> None:
    for number in count(1):
        if day.over.wait(PUBLISH_EVERY):
            return
        file = folder / "more.jsonl"
        file.write_text(json.dumps({"id": f"new-{number}", "title": MARK, "text": "Новость дня."}) + "\n", "utf-8")
        day.published.append(number)
        command = [sys.executable, "-m", "indexer", "add", str(file)]
        done = subprocess.run(command, env=service.environ, capture_output=True, check=False)
        if done.returncode:
            day.wrong.append(f"indexer: {done.stderr.decode()}")
        time.sleep(2.5)  # each worker looks once a second
        day.published[:] = [number]


def killing(service: Service, day: Day, chance: random.Random) -> None:
    while not day.over.wait(KILL_EVERY):
        workers = service.workers()
        if workers:
            day.killed.append(time.monotonic())
            os.kill(chance.choice(workers), signal.SIGKILL)


def being_slow(service: Service, day: Day) -> None:
    slow: list[socket.socket] = []
    while not day.over.wait(0.5):
        while len(slow) < HALF_SENT:
            with suppress(OSError):
                slow.append(socket.create_connection(("127.0.0.1", service.port)))
                slow[-1].sendall(b"GET /?q=x HTTP/1.1\r\nHost: half")
        for each in list(slow):
            try:
                each.setblocking(False)
                if each.recv(1) == b"":
                    raise ConnectionResetError
            except BlockingIOError:
                continue
            except OSError:
                each.close()
                slow.remove(each)
    for each in slow:
        each.close()


def looking(service: Service, day: Day) -> None:
    while not day.over.wait(READY_EVERY):
        began = time.monotonic()
        try:
            status, _ = service.ask("/readyz")
        except (OSError, http.client.HTTPException):
            near = any(began - 0.5 <= killed <= time.monotonic() + 0.5 for killed in day.killed)
            day.note("readyz cut off by a killed worker" if near else "READYZ LOST")
            continue
        day.ready.append(time.monotonic() - began)
        if status != 200:
            day.note(f"READYZ {status}")


def bears(service: Service, expected: dict[str, int]) -> float:
    """How many requests a second it answers when all clients ask as fast as they can."""
    day, until = Day(), time.monotonic() + 10

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < until:
            read(service, day, chance, expected)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return day.outcomes["answered"] / 10


def asking(service: Service, day: Day, expected: dict[str, int], seed: int, rate: float) -> None:
    """A client that asks so often a second, whatever became of its last question."""
    chance, due = random.Random(seed), time.monotonic()
    while not day.over.is_set():
        due = max(due + chance.expovariate(rate), time.monotonic() - 5)
        time.sleep(max(0.0, due - time.monotonic()))
        read(service, day, chance, expected)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("articles", type=Path)
    options.add_argument("--minutes", type=float, default=30)
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        service = Service(folder)
        build = [sys.executable, "-m", "indexer", "rebuild", str(told.articles)]
        subprocess.run(build, env=service.environ, check=True, capture_output=True)
        while True:
            with suppress(OSError, http.client.HTTPException):
                if service.ask("/readyz")[0] == 200:
                    break
            time.sleep(0.2)
        expected = {text: json.loads(service.ask(search(text))[1])["total"] for text in (*WORDS, MARK)}
        highest = bears(service, expected)
        print(
            f"it bears {highest:.0f} requests a second; {highest / 2:.0f} a second for {told.minutes:g} minutes",
            flush=True,
        )
        day, held = Day(), [service.holds()]
        clients = [
            lambda seed=seed: asking(service, day, expected, seed, highest / 2 / CLIENTS) for seed in range(CLIENTS)
        ]
        tasks = [
            lambda: publishing(service, day, folder), lambda: killing(service, day, random.Random(1)),
            lambda: being_slow(service, day), lambda: looking(service, day),
        ]  # fmt: skip
        with going_on(day, *clients, *tasks):
            until = time.monotonic() + told.minutes * 60
            while time.monotonic() < until:
                time.sleep(min(60.0, max(0.0, until - time.monotonic())))
                held.append(service.holds())
        service.process.terminate()
        service.process.wait(30)
    cuts = quantiles(day.seconds, n=1000)
    print(f"outcomes: {dict(day.outcomes)}; {len(day.killed)} workers killed, {day.published[-1]} publications")
    print(f"answers: p50 {median(day.seconds) * 1000:.0f} ms, p95 {cuts[949] * 1000:.0f}, p99.9 {cuts[998] * 1000:.0f}")
    print(f"/readyz: {len(day.ready)} times, {max(day.ready) * 1000:.0f} ms at most")
    print(f"wrong: {len(day.wrong)} {day.wrong[:5]}")
    print(f"largest worker, MB of its own and open files, minute by minute: {[(round(m), f) for m, f in held]}")


if __name__ == "__main__":
    main()
