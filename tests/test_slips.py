"""What operators get wrong at the first try: each slip is told in one clear word, or does no harm."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from search.analysis import Analyzer
from search.config import Settings
from search.engines import open_engine
from tests.door import Door

ONE = {"id": "1", "title": "Визит", "text": "Министры встретились."}
TWO = {"id": "2", "title": "Паводок", "text": "Вода ушла."}


def array(*articles: object) -> bytes:
    return json.dumps(articles, ensure_ascii=False, indent=1).encode()


@pytest.mark.parametrize(
    "content",
    [
        array(ONE, TWO),
        json.dumps([ONE, TWO]).encode(),
        b"\xef\xbb\xbf \n" + array(ONE, TWO),
        gzip.compress(array(ONE, TWO)),
    ],
    ids=["pretty", "in one line", "with a mark", "packed"],
)
def test_a_json_array_is_read_as_its_elements(tmp_path: Path, content: bytes) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("export.json", content))
    assert door.found("министры") == ["1"]
    assert door.found("паводок") == ["2"]


def test_an_element_that_is_no_article_is_named_by_number(tmp_path: Path) -> None:
    door = Door(tmp_path)
    ran = door.take_in(door.write("export.json", array(ONE, 5, {"id": "3"})), code=3)
    assert "export.json:2: not a JSON object" in ran.stderr
    assert "export.json:3: title: missing" in ran.stderr
    assert door.found() == ["1"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps(ONE, indent=1).encode(), "is JSON in several lines, which jq -c . puts into one"),
        (b'{"id": "1",\n "title": "a", "text": ""}\n', "is JSON in several lines"),
        (b'{"articles": [\n' + json.dumps(ONE).encode() + b"]}", "is JSON in several lines"),
        (array(ONE, TWO)[:-30], "is no whole JSON array: "),
        (b"id;title;text\r\n1;a;b\r\n", "looks like CSV"),
        (b"id\ttitle\ttext\n1\ta\tb\n", "looks like CSV"),
        ('"id","title","text"\n'.encode("utf-8-sig"), "looks like CSV"),
        (json.dumps(ONE).encode("utf-16"), "is UTF-16, and UTF-8 is read; convert it: iconv -f UTF-16 -t UTF-8"),
        (b"<?xml version='1.0'?><rss/>", "is XML or HTML"),
    ],
)
def test_what_is_plainly_no_json_lines_is_told_once(tmp_path: Path, content: bytes, told: str) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("good.jsonl", json.dumps(ONE)))
    ran = door.take_in(door.write("export.json", content), code=1)
    assert f"export.json: {told}" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert door.found() == ["1"]


def test_adding_where_there_is_no_index_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    door = Door(tmp_path)
    source = door.write("one.jsonl", json.dumps(ONE))
    first = door.run("add", "--index", "whoosh:indx", source)
    assert f"there is no index at whoosh:{tmp_path}/indx yet: this run begins one" in first.stderr
    assert "begins" not in door.run("add", "--index", "whoosh:indx", source).stderr
    assert (
        f"there is no index in {tmp_path}/nowhere yet" in door.run("status", "--index", "whoosh:nowhere", code=1).stderr
    )
    assert f"whoosh:{tmp_path}/indx" in door.run("status", "--index", "whoosh:indx").stdout


def test_a_run_waits_for_another_as_long_as_it_is_told_to(tmp_path: Path) -> None:
    door = Door(tmp_path)
    source = door.write("one.jsonl", json.dumps(ONE))
    door.take_in(source)
    two = door.write("two.jsonl", json.dumps(TWO))
    writer = open_engine(door.index, Settings(), Analyzer()).writer()
    with writer:
        assert "another process is writing" in door.run("add", two, code=1).stderr
        began = time.monotonic()
        assert "another process is writing" in door.run("add", "--wait", "0.5", two, code=1).stderr
        assert 0.5 <= time.monotonic() - began < 5
    held = open_engine(door.index, Settings(), Analyzer()).writer()
    held.__enter__()
    threading.Timer(0.5, held.__exit__, (None, None, None)).start()
    assert "waiting up to 20 seconds" in door.run("add", "--wait", "20", two).stderr
    assert sorted(door.found()) == ["1", "2"]
    assert "added" in door.run("status").stdout.splitlines()[-1]


@pytest.mark.parametrize("command", ["rebuild", "add", "remove", "views", "copy", "rollback"])
def test_every_command_that_writes_can_wait(tmp_path: Path, command: str) -> None:
    assert "--wait SECONDS" in Door(tmp_path).run(command, "--help").stdout


def test_a_strict_umask_keeps_no_reader_of_the_folder_out(tmp_path: Path) -> None:
    door = Door(tmp_path)
    source = door.write("one.jsonl", json.dumps(ONE) + "\nno\n")
    tmp_path.chmod(0o755)
    command = [sys.executable, "-m", "indexer", "rebuild", "--index", door.index, str(source)]
    where = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    for _ in range(2):
        subprocess.run(command, umask=0o077, env=where, cwd=tmp_path, capture_output=True, check=False)
        source.write_text(json.dumps(TWO) + "\nno\n")
    written = [path for path in tmp_path.rglob("*") if path != source and path.name != "MAIN_WRITELOCK"]
    assert len(written) > 20
    for path in written:
        wanted = 0o055 if path.is_dir() else 0o044
        assert stat.S_IMODE(path.stat().st_mode) & wanted == wanted, path
    (tmp_path / "index").chmod(0o750)
    source.write_text("".join(json.dumps(article) + "\n" for article in (ONE, TWO, {**ONE, "id": "3"})))
    subprocess.run(command, umask=0o077, env=where, cwd=tmp_path, capture_output=True, check=True)
    newest = max((tmp_path / "index").glob("*.json"), key=lambda path: path.stat().st_mtime)
    assert stat.S_IMODE(newest.stat().st_mode) & 0o077 == 0o040


def test_no_message_is_but_the_number_of_an_error(tmp_path: Path) -> None:
    door = Door(tmp_path)
    source = door.write("one.jsonl", json.dumps(ONE))
    (tmp_path / "file").write_text("")
    for arguments in (
        ("rebuild", "--index", f"whoosh:{tmp_path}/file/index", source),
        ("views", tmp_path / "nowhere.tsv"),
        ("rebuild", "--index", f"whoosh:{tmp_path}/one.jsonl", source),
        ("rebuild", tmp_path / ("x" * 300)),
    ):
        ran = door.run(str(arguments[0]), *arguments[1:], code=1)
        assert "[Errno" not in ran.output
        assert ran.stderr.strip()
