"""Files of JSON lines, plain or gzip, and standard input: one record a line, in bounded memory."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import stat
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import msgspec

from indexer.sources.source import NOTHING, Row, Unreadable
from search.errors import SourceError
from search.model import Article

# Bytes. The longest text that `max_text` lets in by default has 4 MB as UTF-8, 12 MB as \u escapes.
MAX_LINE = 64 << 20

# The same of an array, which is read in one piece.
MAX_ARRAY = 1 << 30

# Of its parts, which need more memory than its bytes where they are short; prose has a comma in 60 bytes.
_MOST_PARTS = 30_000_000

# Lines one after another with nothing of an article; more of them are no export, whatever follows.
_MOST_EMPTY = 100_000

_WANTED = "an article has to be one JSON object in one line"
_AGAIN = "the file is not whole, export or copy it again"
_ARRAY = re.compile(rb"\[\s*(?:[{\]]|$)")
# How files of other formats begin, and what to say of them.
_OTHER_FORMATS = {
    re.compile(rb"(?s)PK\x03\x04.*\[Content_Types\]"): "is a document of Word or a table of Excel; save it as CSV",
    re.compile(
        rb"PK\x03\x04|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|\x1f\x8b"
    ): "is an archive of zip, bzip2, xz or zstd, or packed "
    "twice; what gzip packed once is read: unpack it by unzip, bunzip2, unxz, unzstd or gunzip",
    re.compile(rb"SQLite format 3"): "is a database of SQLite, whose table is named beside it: sqlite:///FILE#TABLE",
    re.compile(rb"%PDF-"): "is PDF, which is not read",
    re.compile(
        rb"\x00?(?:[\x20-\x7e]\x00){4}"
    ): "is UTF-16, and UTF-8 is read; convert it by iconv -f UTF-16LE -t UTF-8, or -f UTF-16BE",
    re.compile(rb"\{(?:[^\n]*[{\[,])?[ \t]*\r?\n"): "is JSON in several lines, which jq -c . puts into one",
    re.compile(rb"<"): "is XML or HTML; a folder of pages is named as a folder, an export of WordPress ends in .xml",
    re.compile(rb"[^\n{\[<]*?([,;\t])[^\n{]*?\1[^\n{]*\r?\n"): "looks like CSV; sqlite3 makes a table of it, by: "
    "sqlite3 news.db '.import --csv FILE articles', for the source sqlite:///news.db#articles",
}
_BOM = codecs.BOM_UTF8
_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 18
_RAW_LENGTH = 1_000
_SNIFFED = 4_096
_ROWS_BETWEEN_POSITIONS = 256

_FIELDS = frozenset(Article.__struct_fields__)
_decode = msgspec.json.Decoder().decode


class JsonLinesFile:
    """The records of a file, or of standard input where the name is `-`. Gzip is recognised by its first bytes.

    A line that is not UTF-8, not JSON, not an object or too long is one unreadable row; blank lines are none. A file
    may also be one JSON array of records, whose numbers then serve as lines. 100,000 lines one after another without
    a field of an article are the end of it.
    """

    def __init__(self, name: str, html: Sequence[str] = ()) -> None:
        self.html = html
        self.name = self.identity = "stdin" if name == "-" else name
        self.position = 0
        self.passed_over: dict[str, int] = {}
        self._path = None if name == "-" else Path(name)
        self.size = None
        if self._path:
            try:
                status = self._path.stat()
            except FileNotFoundError as error:
                raise SourceError(str(self._path), 0, "no such file") from error
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                raise SourceError(str(self._path), 0, f"cannot be read: {reason}") from error
            if stat.S_ISREG(status.st_mode):  # the size of a pipe says nothing
                self.size = status.st_size

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row]:
        """Every record. SourceError: the file cannot be read, is damaged, of another format, or holds no line."""
        count = last_with_fields = 0
        try:
            with self._opened() as file:
                for number, line in enumerate(_records(file, self.name), 1):
                    if number % _ROWS_BETWEEN_POSITIONS == 0 and self.size:
                        self.position = file.tell()
                    if number - last_with_fields > _MOST_EMPTY:
                        reason = f"holds no article in {_MOST_EMPTY:,} lines before this one"
                        raise SourceError(self.name, number, f"{reason}; {_WANTED}")
                    if isinstance(line, Unreadable) or not line.isspace():
                        count += 1
                        record = line if isinstance(line, Unreadable) else _record(line)
                        if isinstance(record, Unreadable) and _is_cut(line):
                            raise SourceError(self.name, number, f"breaks off here ({record.reason}); {_AGAIN}")
                        if isinstance(record, dict) and not _FIELDS.isdisjoint(record):
                            last_with_fields = number
                        yield Row(self.name, number, record)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(self.name, 0, f"is no whole gzip file: {error}") from error
        except OSError as error:
            raise SourceError(self.name, 0, f"cannot be read: {error.strerror or error}") from error
        if not count:
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
        # A second buffer over a pipe would wait until it is full. What only replaces it may have no buffer.
        reader = stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stdin))
        yield reader
        if reader is not stdin:
            reader.detach()


def _records(file: io.BufferedReader[Any], name: str) -> Iterator[bytes | Unreadable]:
    """The records of a stream, unpacked where it is gzip: its lines, or the elements where it is one array.

    SourceError where it plainly is something else: one word is of more use than one for each line.
    """
    start = file.peek(2)
    packed = start[:2] == _GZIP or (start and name.endswith(".gz"))
    stream = io.BufferedReader(gzip.GzipFile(fileobj=file), _BLOCK) if packed else file
    start = stream.peek(_SNIFFED)[:_SNIFFED]
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise SourceError(name, 0, "is UTF-16, and UTF-8 is read; convert it: iconv -f UTF-16 -t UTF-8")
    start = start.removeprefix(_BOM).lstrip()
    if _ARRAY.match(start):
        yield from _elements(stream, name)
        return
    for pattern, reason in _OTHER_FORMATS.items():
        if pattern.match(start):
            raise SourceError(name, 0, f"{reason}; {_WANTED}")
    yield from _lines(stream)


def _elements(stream: io.BufferedReader[Any], name: str) -> Iterator[bytes]:
    content = stream.read(MAX_ARRAY + 1)
    if len(content) > MAX_ARRAY or content.count(b",") > _MOST_PARTS:
        most = f"more than {MAX_ARRAY:,} bytes, or {_MOST_PARTS:,} commas"
        raise SourceError(name, 0, f"is a JSON array of {most}; {_WANTED}: jq -c '.[]'")
    try:
        elements = msgspec.json.decode(content.removeprefix(_BOM), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        raise SourceError(name, 0, f"is no whole JSON array: {_without_preamble(error)}") from error
    yield from (bytes(element) + b"\n" for element in elements)


def _lines(stream: io.BufferedReader[Any]) -> Iterator[bytes | Unreadable]:
    """The lines of a stream; one over MAX_LINE is read over, not read in."""
    line = stream.readline(MAX_LINE + 1).removeprefix(_BOM)
    while line:
        if len(line) > MAX_LINE:
            yield Unreadable(f"the line is longer than {MAX_LINE:,} bytes", line[:_RAW_LENGTH].decode(errors="replace"))
            while line and not line.endswith(b"\n"):
                line = stream.readline(_BLOCK)
        else:
            yield line
        line = stream.readline(MAX_LINE + 1)


def _is_cut(line: bytes | Unreadable) -> bool:
    """Whether a line that is no record is the beginning of one: who writes lines writes their ends."""
    return isinstance(line, bytes) and line.lstrip().startswith(b"{") and not line.endswith(b"\n")


def _record(line: bytes) -> dict[str, Any] | Unreadable:
    """The object in a line."""
    try:
        record = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        record = _decode_again(line, error)
    if isinstance(record, dict | Unreadable):
        return record
    return Unreadable("not a JSON object", line.decode(errors="backslashreplace").rstrip())


def _decode_again(line: bytes, error: Exception) -> Any:
    """What the fast decoder refused: halves of surrogate pairs, left by a cut through an emoji, pass; else why not."""
    try:
        text = line.decode().rstrip()
    except UnicodeDecodeError as wrong:
        return Unreadable(f"not UTF-8 at byte {wrong.start + 1}", line.decode(errors="backslashreplace").rstrip())
    if isinstance(error, RecursionError):
        return Unreadable("not an article: nested too deeply", text)
    if "\\u" in text:
        with suppress(ValueError, RecursionError):
            return json.loads(text, parse_constant=int)  # NaN and Infinity, which are not JSON, are no int either
    return Unreadable(f"not JSON: {_without_preamble(error)}", text)


def _without_preamble(error: Exception) -> str:
    return str(error).removeprefix("JSON is malformed: ")
