"""Columns in files: what is mapped can be let go of again."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np

from search.engines.whoosh.columns import Columns, ColumnWriter

MEGABYTE = 1 << 20


def resident_file_bytes() -> int:
    """The mapped pages of files that are in memory, of a disk or of a file system in memory."""
    status = Path("/proc/self/status").read_text()
    return sum(int(status.split(f"{kind}:")[1].split()[0]) for kind in ("RssFile", "RssShmem")) * 1024


def test_released_columns_leave_the_memory(tmp_path: Path) -> None:
    with ColumnWriter(tmp_path, "a") as files:
        for entry in fields(Columns):
            size = 32 * MEGABYTE if entry.name == "store" else 0
            files.append(entry.name, np.full(size, 7, np.uint8))
        columns = Columns.open(tmp_path, "a", files.finish())
    assert int(columns.store.sum(dtype=np.int64)) == 7 * 32 * MEGABYTE
    before = resident_file_bytes()
    columns.release()
    assert resident_file_bytes() < before - 30 * MEGABYTE
    assert int(columns.store[-1]) == 7
