"""The command as operators run it: a process of its own, stopped by signals, beside others, on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "indexer"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


def lines(*numbers: int) -> bytes:
    records = [{"id": f"a{number}", "title": f"Визит {number}", "text": "Абзац."} for number in numbers]
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, env=ENVIRONMENT, input=stdin, capture_output=True)


def published(folder: Path) -> dict[str, object]:
    answer: dict[str, object] = json.loads(run(folder, "status", "--json").stdout)["index"]
    return answer


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an index of two articles is published."""
    folder = tmp_path_factory.mktemp("built")
    assert run(folder, "rebuild", "-", stdin=lines(1, 2)).returncode == 0
    return folder


@pytest.fixture
def archive(built: Path, tmp_path: Path) -> Path:
    """A copy of it, of the test's own."""
    return shutil.copytree(built, tmp_path / "archive")


@contextmanager
def at_work(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A rebuild that has begun to write, and waits for the rest of its standard input."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, "rebuild", "-"], cwd=folder, env=ENVIRONMENT, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(b"nonsense\n")
        process.stdin.flush()
        assert process.stderr.readline().startswith(b"stdin:1: not JSON")
        yield process


def test_the_exit_code_and_the_streams_are_those_of_the_contract(tmp_path: Path) -> None:
    missing = run(tmp_path, "rebuild", "missing.jsonl")
    assert (missing.returncode, missing.stdout) == (1, b"")
    assert missing.stderr.startswith(b"indexer: missing.jsonl: no such file\n")
    assert run(tmp_path, "rebuild").returncode == 2
    partly = run(tmp_path, "rebuild", "-", "--json", stdin=lines(1) + b"{}\n")
    assert partly.returncode == 3
    assert json.loads(partly.stdout)["index"]["articles"] == 1
    assert run(tmp_path, "verify").returncode == 0


def test_a_second_writer_is_turned_away_and_the_first_publishes(archive: Path) -> None:
    with at_work(archive) as first:
        second = run(archive, "add", "-", stdin=lines(9))
        assert second.returncode == 1
        assert second.stderr.startswith(b"indexer: ")
        assert b"Traceback" not in second.stderr
        assert published(archive)["articles"] == 2
        first.communicate(lines(1, 2, 3))
    assert first.returncode == 3
    assert published(archive)["articles"] == 3


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_publishes_nothing(archive: Path, stop: signal.Signals) -> None:
    before = published(archive)
    with at_work(archive) as process:
        process.send_signal(stop)
        _, said = process.communicate()
    assert process.returncode == 1
    assert said == b"indexer: interrupted, the published index is as before\n"
    assert published(archive) == before
    assert run(archive, "add", "-", stdin=lines(3)).returncode == 0


def test_a_killed_run_publishes_nothing_and_blocks_no_other(archive: Path) -> None:
    before = published(archive)
    with at_work(archive) as process:
        process.kill()
    assert published(archive) == before
    assert run(archive, "verify").returncode == 0
    assert run(archive, "add", "-", stdin=lines(3)).returncode == 0


def test_a_pipe_is_a_source(archive: Path) -> None:
    os.mkfifo(archive / "pipe")
    with subprocess.Popen(
        [*COMMAND, "rebuild", "pipe"], cwd=archive, env=ENVIRONMENT, stdout=subprocess.DEVNULL
    ) as run_:
        (archive / "pipe").write_bytes(lines(1, 2, 3))
    assert run_.returncode == 0
    assert published(archive)["articles"] == 3


@contextmanager
def dead_end(kind: str) -> Iterator[int]:
    """What takes nothing that is written to it: a full disk, or a pipe whose reader went away."""
    if kind == "full":
        written = os.open("/dev/full", os.O_WRONLY)
    else:
        read, written = os.pipe()
        os.close(read)
    yield written
    os.close(written)


def without(stream: int, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A command that is called with this stream closed."""
    call = ["sh", "-c", f'exec "$@" {stream}>&-', "sh", *COMMAND, *arguments]
    return subprocess.run(call, cwd=folder, env=ENVIRONMENT, input=lines(1, 2, 3), capture_output=True)


def test_a_reader_that_goes_away_is_no_error_to_show(archive: Path) -> None:
    with dead_end("pipe") as written:
        done = subprocess.run(
            [*COMMAND, "search"], cwd=archive, env=ENVIRONMENT, stdout=written, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_answer_that_cannot_be_written_is_a_failure(archive: Path) -> None:
    with dead_end("full") as written:
        done = subprocess.run(
            [*COMMAND, "search"], cwd=archive, env=ENVIRONMENT, stdout=written, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (1, b"indexer: No space left on device\n")


@pytest.mark.parametrize("kind", ["full", "pipe"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_report_that_cannot_be_written_undoes_nothing(archive: Path, kind: str, form: list[str]) -> None:
    def code(*arguments: str) -> int:
        with dead_end(kind) as written:
            done = subprocess.run(
                [*COMMAND, *arguments, *form],
                cwd=archive,
                env=ENVIRONMENT,
                input=lines(1, 2, 3),
                stdout=written,
                stderr=subprocess.PIPE,
            )
        assert (b"warning: the report cannot be written" in done.stderr) == (kind == "full")
        return done.returncode

    assert code("rebuild", "-") == 0
    assert published(archive)["articles"] == 3
    assert code("remove", "a1", "nowhere") == 3
    assert published(archive)["articles"] == 2


@pytest.mark.parametrize("kind", ["full", "pipe"])
def test_messages_that_cannot_be_written_fail_no_run(archive: Path, kind: str) -> None:
    with dead_end(kind) as written:
        done = subprocess.run(
            [*COMMAND, "rebuild", "-"],
            cwd=archive,
            env=ENVIRONMENT,
            input=b"nonsense\n" + lines(1, 2, 3),
            stdout=subprocess.PIPE,
            stderr=written,
        )
    assert done.returncode == 3
    assert b"published: 3 articles" in done.stdout


def test_a_closed_stream_is_no_traceback(archive: Path) -> None:
    answered = without(1, archive, "search", "визит")
    assert (answered.returncode, answered.stderr) == (0, b"")
    rebuilt = without(2, archive, "rebuild", "-")
    assert rebuilt.returncode == 0
    assert b"published: 3 articles" in rebuilt.stdout


def test_a_stream_that_is_closed_or_takes_nothing_is_no_traceback(archive: Path) -> None:
    pytest.importorskip("mcp")
    for stream, arguments, code in (
        (0, ["views", "-"], 1),
        (0, ["mcp"], 0),
        (1, ["mcp"], 0),
        (1, ["--help"], 0),
        (2, ["nope"], 2),
    ):
        done = without(stream, archive, *arguments)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), (stream, arguments, done.stderr)
    for arguments in (["--help"], ["--version"], ["search", "--help"]):
        with dead_end("full") as written:
            done = subprocess.run(
                [*COMMAND, *arguments], cwd=archive, env=ENVIRONMENT, stdout=written, stderr=subprocess.PIPE
            )
        assert (done.returncode, done.stderr) == (1, b"indexer: No space left on device\n"), arguments


def test_a_wait_of_no_number_of_seconds_is_none(archive: Path) -> None:
    (archive / "more.jsonl").write_bytes(lines(4))
    with (archive / "index" / "MAIN_WRITELOCK").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [*COMMAND, "add", "more.jsonl", "--wait", "nan"],
            cwd=archive,
            env=ENVIRONMENT,
            timeout=30,
            capture_output=True,
        )
    assert done.returncode == 1, done.stderr


def test_arguments_in_another_encoding_are_no_traceback(archive: Path) -> None:
    for encoding in ("ascii", "cp1251"):
        environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding}
        for arguments in (
            ["search", "визит"],
            ["search", b"\xff\xfe", "--json"],
            ["remove", b"\xff"],
            ["add", b"\xff"],
        ):
            done = subprocess.run([*COMMAND, *arguments], cwd=archive, env=environment, capture_output=True)
            assert b"Traceback" not in done.stderr
            assert done.returncode in {0, 1}


def test_a_terminal_has_a_bar_and_bold_elsewhere_plain_lines(archive: Path) -> None:
    (archive / "export.jsonl").write_bytes(lines(*range(600)) + b"nonsense\n")
    shown = on_terminal(archive, "rebuild", "export.jsonl")
    assert "100%" in shown
    assert "articles  [####" in shown
    assert "\x1b[Kexport.jsonl:601: not JSON" in shown
    assert "\x1b[1mВизит\x1b[0m" in on_terminal(archive, "search", "визиты")
    plain = run(archive, "rebuild", "export.jsonl")
    assert b"\x1b" not in plain.stdout + plain.stderr
    assert "[###" not in on_terminal(archive, "rebuild", "export.jsonl", "--json")


def test_a_terminal_that_goes_away_fails_no_run(archive: Path) -> None:
    ours, theirs = pty.openpty()
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, "rebuild", "-"], cwd=archive, env=ENVIRONMENT, stdin=pipe, stdout=pipe, stderr=theirs
    ) as run_:
        os.close(theirs)
        assert run_.stdin
        run_.stdin.write(b"nonsense\n")
        run_.stdin.flush()
        shown = b""
        while b"not JSON" not in shown:
            shown += os.read(ours, 1 << 16)
        os.close(ours)
        told, _ = run_.communicate(lines(*range(600)))
    assert run_.returncode == 3
    assert b"published: 600 articles" in told


def on_terminal(folder: Path, *arguments: str) -> str:
    """What a terminal gets to see of a command."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, env=ENVIRONMENT, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 1 << 16):
            shown += part
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(ours)
    process.wait()
    return shown.decode()
