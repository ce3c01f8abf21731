"""Files of JSON lines, plain or gzip, and standard input: one record a line, in bounded memory."""

from __future__ import annotations

import gzip
import io
import json
import stat
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import msgspec

from indexer.sources.source import NOTHING, Row, Unreadable
from search.errors import SourceError

# Bytes. The longest text that `max_text` lets in by default has 4 MB as UTF-8, 12 MB as \u escapes.
MAX_LINE = 64 << 20

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 18
_KEPT = 1_000
_ROWS_BETWEEN_LOOKS = 256

_decode = msgspec.json.Decoder().decode


class JsonLines:
    """The records of a file, or of standard input where the name is `-`. What is gzip is told by its first bytes.

    A line that is not UTF-8, not JSON, not an object or too long is one unreadable row; blank lines are none.
    """

    def __init__(self, name: str) -> None:
        self.name = self.identity = "stdin" if name == "-" else name
        self.position = 0
        self._path = None if name == "-" else Path(name)
        self.size = _size(self._path) if self._path else None

    def rows(self, known: Mapping[str, str] = NOTHING) -> Iterator[Row]:
        """Every line that is not blank. SourceError: the file cannot be read, is damaged, or holds no line."""
        found = 0
        try:
            with self._opened() as file:
                for number, line in enumerate(_lines(file, self.name), 1):
                    if number % _ROWS_BETWEEN_LOOKS == 0 and self.size:
                        self.position = file.tell()
                    if isinstance(line, Unreadable) or not line.isspace():
                        found += 1
                        yield Row(self.name, number, line if isinstance(line, Unreadable) else _record(line))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(self.name, 0, f"is no whole gzip file: {error}") from error
        except OSError as error:
            raise SourceError(self.name, 0, f"cannot be read: {error.strerror or error}") from error
        if not found:
            raise SourceError(self.name, 0, "is empty: there is no article in it")
        self.position = self.size or 0

    @contextmanager
    def _opened(self) -> Iterator[io.BufferedReader[Any]]:
        if self._path:
            with self._path.open("rb", buffering=0) as raw, io.BufferedReader(raw, _BLOCK) as file:
                yield file
            return
        if sys.stdin is None:
            raise SourceError(self.name, 0, "is closed")
        stdin = sys.stdin.buffer
        # A second buffer over a pipe would wait until it is full. What is no pipe but stands in for one has no buffer.
        reader = stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stdin))
        yield reader
        if reader is not stdin:
            reader.detach()


def _size(path: Path) -> int | None:
    """The bytes of a file, None for a pipe."""
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise SourceError(str(path), 0, "no such file") from error
    except (OSError, ValueError) as error:
        raise SourceError(str(path), 0, f"cannot be read: {error}") from error
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _lines(file: io.BufferedReader[Any], name: str) -> Iterator[bytes | Unreadable]:
    """The lines of a stream, unpacked where it is gzip; one over MAX_LINE is read over, not read in."""
    beginning = file.peek(2)
    packed = beginning[:2] == _GZIP or (beginning and name.endswith(".gz"))
    stream = io.BufferedReader(gzip.GzipFile(fileobj=file), _BLOCK) if packed else file
    line = stream.readline(MAX_LINE + 1).removeprefix(_BOM)
    while line:
        if len(line) > MAX_LINE:
            yield Unreadable(f"the line is longer than {MAX_LINE:,} bytes", line[:_KEPT].decode(errors="replace"))
            while line and not line.endswith(b"\n"):
                line = stream.readline(_BLOCK)
        else:
            yield line
        line = stream.readline(MAX_LINE + 1)


def _record(line: bytes) -> dict[str, Any] | Unreadable:
    """The object that stands in a line."""
    try:
        record = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        record = _second_reading(line, error)
    if isinstance(record, dict | Unreadable):
        return record
    return Unreadable("not a JSON object", line.decode(errors="backslashreplace").rstrip())


def _second_reading(line: bytes, error: Exception) -> Any:
    """What the fast decoder refused: halves of surrogate pairs, left by a cut through an emoji, pass; else why not."""
    try:
        text = line.decode().rstrip()
    except UnicodeDecodeError as wrong:
        return Unreadable(f"not UTF-8 at byte {wrong.start + 1}", line.decode(errors="backslashreplace").rstrip())
    if isinstance(error, RecursionError):
        return Unreadable("not an article: nested too deeply", text)
    if "\\u" in text:
        try:
            return json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            pass
    return Unreadable(f"not JSON: {str(error).removeprefix('JSON is malformed: ')}", text)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
