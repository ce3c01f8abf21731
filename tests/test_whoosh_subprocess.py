"""Segments that are written by a process of their own: what becomes of them, and of the index, when something fails."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from search import Article, IndexUnavailable, Settings
from search.analysis import Analyzer
from search.engine import Engine, Request
from search.engines.whoosh.engine import WhooshEngine
from search.engines.whoosh.publish.draft import WritePolicy
from search.engines.whoosh.publish.folder import generations
from search.engines.whoosh.write.subprocess import LEAST_BYTES
from search.query.parser import parse
from tests.oracle import OracleEngine
from tests.properties import check_same_answer

ANALYZER = Analyzer()
WORDS = [f"слово{number}" for number in range(400)]
LETTERS = 5000
SECONDS = 60

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked for in /proc")


def text(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=LETTERS // 9))


def children(process: int) -> list[int]:
    """The processes that one has made."""
    try:
        return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))
    except FileNotFoundError:
        return []


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than a run collects before it writes a segment."""
    random, path = Random(1), tmp_path_factory.mktemp("export") / "articles.jsonl"
    count = WritePolicy().flush // LETTERS + 500
    rows = ({"id": f"a{number}", "title": f"Номер {number}", "text": text(random)} for number in range(count))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def started(export: Path, index: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "indexer", "rebuild", str(export), "--index", f"whoosh:{index}", "--full"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def helper_of(run: subprocess.Popen[str]) -> int:
    """The process that writes for a run, as soon as there is one."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and run.poll() is None:
        if found := children(run.pid):
            return found[0]
    raise AssertionError("no process was made")


@pytest.fixture(scope="module")
def published(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that a run has published."""
    index = tmp_path_factory.mktemp("published") / "index"
    run = started(export, index)
    helper_of(run)
    said = run.communicate(timeout=SECONDS)[1]
    assert run.returncode == 0, said
    return index


def write(engine: Engine, *articles: Article) -> None:
    with engine.writer() as making:
        for article in articles:
            making.add(article)
        making.publish()


def test_segments_written_apart_answer_as_the_oracle_does(tmp_path: Path) -> None:
    random = Random(2)
    engines = (
        WhooshEngine(str(tmp_path / "index"), Settings(), ANALYZER, WritePolicy(flush=1 << 20)),
        OracleEngine(Settings(), ANALYZER),
    )
    articles = [Article(f"a{number}", WORDS[number], text(random)) for number in range(400)]
    assert sum(2 * len(article.text) for article in articles) > LEAST_BYTES
    for engine in engines:
        write(engine, *articles)
    searchers = engines[0].open(), engines[1].open()
    for asked in ("слово7", "слово7 слово8", '"слово7 слово8"', "слово1* -слово12", ""):
        request = Request(datetime.now(UTC), parse(asked, ANALYZER).query)
        check_same_answer(*searchers, request, same_statistics=True)


def test_a_killed_helper_fails_the_run_alone(published: Path, export: Path) -> None:
    before = generations(published)
    run = started(export, published)
    os.kill(helper_of(run), signal.SIGKILL)
    said = run.communicate(timeout=SECONDS)[1]
    assert run.returncode != 0
    assert "cannot be written: the process at work for it ended with -9" in said
    assert generations(published) == before
    assert WhooshEngine(str(published), Settings(), ANALYZER).verify() == []


def test_a_killed_run_takes_its_helper_along(published: Path, export: Path) -> None:
    run = started(export, published)
    helper = helper_of(run)
    run.kill()
    run.communicate(timeout=SECONDS)
    until = time.monotonic() + SECONDS
    while lives(helper) and time.monotonic() < until:
        time.sleep(0.01)
    assert not lives(helper)
    engine = WhooshEngine(str(published), Settings(), ANALYZER)
    write(engine, Article("z", "Заголовок", "Текст."))
    assert engine.verify() == []


def test_an_interrupted_run_ends_its_helper(published: Path, export: Path) -> None:
    before = generations(published)
    run = started(export, published)
    helper = helper_of(run)
    os.kill(helper, signal.SIGSTOP)  # or a fast one may be done, and the run too, before the signal comes
    run.send_signal(signal.SIGTERM)
    os.kill(helper, signal.SIGCONT)
    said = run.communicate(timeout=SECONDS)[1]
    assert run.returncode != 0
    assert "Traceback" not in said
    assert not lives(helper)
    assert generations(published) == before


def test_what_a_helper_cannot_write_is_said(tmp_path: Path) -> None:
    engine = WhooshEngine(str(tmp_path / "index"), Settings(), ANALYZER, WritePolicy(flush=1 << 20))
    random = Random(3)
    articles = [Article(f"a{number}", "", text(random)) for number in range(400)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(IndexUnavailable, match="cannot be written: File too large"):
            write(engine, *articles)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "index").exists()
