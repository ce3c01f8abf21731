"""Sources: every line of a file, plain, gzip or standard input, is a record or says why it is none."""

from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.sources import Row, Unreadable, open_source
from indexer.sources.jsonl import MAX_LINE
from search.errors import SourceError


def rows_of(path: Path) -> list[tuple[int, Any]]:
    return [(row.line, row.record) for row in open_source(str(path)).rows()]


def only_row(tmp_path: Path, line: bytes) -> Any:
    path = tmp_path / "export.jsonl"
    path.write_bytes(line + b"\n")
    ((number, row),) = rows_of(path)
    assert number == 1
    return row


def test_records_come_with_the_number_of_their_line(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text('{"id": "1"}\n\n  \r\n{"id": "2"}\r\n{"id": "3"}')
    assert rows_of(path) == [(1, {"id": "1"}), (4, {"id": "2"}), (5, {"id": "3"})]


@pytest.mark.parametrize("name", ["export.jsonl.gz", "export.jsonl", "export"])
def test_gzip_is_told_by_its_first_bytes_whatever_the_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b'{"id": "1"}\n') + gzip.compress('{"id": "ё"}\n'.encode()))
    assert rows_of(path) == [(1, {"id": "1"}), (2, {"id": "ё"})]


def test_a_byte_order_mark_is_no_part_of_the_first_record(tmp_path: Path) -> None:
    assert only_row(tmp_path, b'\xef\xbb\xbf{"id": "1"}') == {"id": "1"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "1"', "not JSON: input data was truncated"),
        (b"{'id': 1}", "not JSON"),
        (b'{"id": "1"} {"id": "2"}', "not JSON: trailing characters"),
        (b'{"views": NaN}', "not JSON"),
        (b'["id", "1"]', "not a JSON object"),
        (b"null", "not a JSON object"),
        ('{"id": "статья"}'.encode("cp1251"), "not UTF-8 at byte 9"),
        (b'{"id": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"id": "\\ud83d", "views": NaN}', "not JSON"),
    ],
)
def test_a_line_that_holds_no_record_says_why(tmp_path: Path, line: bytes, reason: str) -> None:
    row = only_row(tmp_path, line)
    assert isinstance(row, Unreadable)
    assert reason.lower() in row.reason.lower()
    assert row.raw[:5] == line.decode(errors="backslashreplace")[:5]


def test_half_of_a_surrogate_pair_does_not_cost_the_record(tmp_path: Path) -> None:
    assert only_row(tmp_path, b'{"id": "1", "title": "\\ud83d"}') == {"id": "1", "title": "\ud83d"}


def test_a_line_that_is_too_long_is_read_over_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'{"id": "1", "text": "')
        for _ in range(3 * MAX_LINE // (1 << 20)):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n{"id": "2"}\n')
    tracemalloc.start()
    (_, long), second = rows_of(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(long, Unreadable)
    assert "longer than 67,108,864 bytes" in long.reason
    assert second == (2, {"id": "2"})
    assert most < 2.5 * MAX_LINE


@pytest.mark.parametrize("content", [b"", b"\n \n\r\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_a_source_without_any_line_is_an_error_of_the_source(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"export\.jsonl: is empty"):
        rows_of(path)


def test_a_missing_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere: no such file"):
        open_source(str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="cannot be read"):
        open_source("a\0b")


def test_a_file_that_may_not_be_read_is_an_error_of_the_source(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.symlink_to(path)
    with pytest.raises(SourceError, match="cannot be read"):
        open_source(str(path))


def test_a_gzip_file_that_ends_too_early_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl.gz"
    lines = "".join(json.dumps({"id": f"{number * 7919 % 10_007}"}) + "\n" for number in range(10_000))
    path.write_bytes(gzip.compress(lines.encode())[:-2_000])
    with pytest.raises(SourceError, match=r"export\.jsonl\.gz: is no whole gzip file"):
        rows_of(path)


@pytest.mark.parametrize("content", [b'{"id": "1"}\n', gzip.compress(b'{"id": "1"}\n', mtime=0)[:-6] + b"wrong."])
def test_a_damaged_gzip_file_is_an_error_of_the_source(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="is no whole gzip file"):
        rows_of(path)


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read_as_a_file_and_left_open(packed: bool) -> None:
    content = b'{"id": "1"}\n'
    with CliRunner().isolation(gzip.compress(content) if packed else content):
        source = open_source("-")
        assert (source.name, source.size) == ("stdin", None)
        assert list(source.rows()) == [Row("stdin", 1, {"id": "1"})]
        assert not sys.stdin.buffer.closed


def test_the_position_grows_to_the_size_while_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text('{"id": "1"}\n' * 100_000)
    source = open_source(str(path))
    positions = [source.position for _ in source.rows()]
    assert positions == sorted(positions)
    assert len(set(positions)) > 3
    assert source.position == source.size == path.stat().st_size


def test_what_unpacks_to_nothing_is_refused_early_and_in_little_memory(tmp_path: Path) -> None:
    for name, head, unit in (("blank", b"", b"\n"), ("empty", b"", b"{}\n"), ("array", b"[", b"{},")):
        path = tmp_path / f"{name}.jsonl.gz"
        path.write_bytes(b"".join(gzip.compress(part) for part in (head, unit * 1_000_000, b"{}]")))
        with pytest.raises(SourceError, match=r"100001: holds no article in 100,000 lines before"):
            for _ in open_source(str(path)).rows():
                pass
