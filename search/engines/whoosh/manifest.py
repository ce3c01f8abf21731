"""What a generation consists of, as a small file of JSON beside Whoosh's table of contents, read before anything else.

`_MAIN_<number>.json` holds the manifest in its first line and the CRC-32 of that line in its second.
"""

import secrets
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from search.engines.generation import Generation
from search.engines.whoosh.columns import ColumnFile, column_path
from search.errors import IndexUnavailable
from search.model import IndexInfo

# Raised with every change of the columns or of what is written into them; another one asks for a rebuild.
FORMAT = 8

PIECE = 1 << 22


class SegmentEntry(msgspec.Struct, frozen=True):
    """One segment: its files by column, and where articles of it were replaced or removed, the file that lists them.

    `dead` is named for the generation that wrote it: u4, ascending. So is `views`, which stands for the column of
    that name since views were counted anew. `replaced` has, of further columns that do not stand as the segment was
    written, the name and the file of each.
    """

    name: str
    articles: int
    files: dict[str, ColumnFile]
    dead: str = ""
    dead_file: ColumnFile | None = None
    views: str = ""
    views_file: ColumnFile | None = None
    replaced: dict[str, tuple[str, ColumnFile]] = {}

    def every_file(self) -> Iterator[tuple[str, ColumnFile]]:
        """Column and file of each."""
        yield from self.files.items()
        if self.dead_file is not None:
            yield self.dead, self.dead_file
        if self.views_file is not None:
            yield self.views, self.views_file
        yield from self.replaced.values()


class Manifest(Generation, frozen=True, kw_only=True):
    """One generation. `people` are the files that say who is meant by the names in all segments, listed like those of
    a segment."""

    number: int
    toc: ColumnFile
    segments: tuple[SegmentEntry, ...]
    people: SegmentEntry | None = None
    format: int = FORMAT

    @property
    def entries(self) -> tuple[SegmentEntry, ...]:
        """All that has files."""
        return (*self.segments, self.people) if self.people else self.segments

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for entry in self.entries for _, file in entry.every_file())

    def info(self) -> IndexInfo:
        """The generation as users see it."""
        return self.as_info(self.size)

    def encode(self) -> bytes:
        """The content of its file."""
        return _checked(msgspec.json.encode(self))


def generation_name(number: int) -> str:
    """A name that no other generation has, not even one of this number in an index made anew."""
    return f"{number}-{secrets.token_hex(4)}"


def toc_path(folder: Path, number: int) -> Path:
    """Whoosh's table of contents of a generation; that it is there is what publishes it."""
    return folder / f"_MAIN_{number}.toc"


def manifest_path(folder: Path, number: int) -> Path:
    """The manifest of a generation."""
    return folder / f"_MAIN_{number}.json"


def read_manifest(folder: Path, number: int) -> Manifest:
    """The manifest of a generation; IndexUnavailable where it is missing, damaged, or of another version."""
    path = manifest_path(folder, number)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IndexUnavailable(f"{path} cannot be read: {error.strerror}; rebuild the index") from error
    line = content.partition(b"\n")[0]
    if content != _checked(line):
        raise IndexUnavailable(f"{path} is damaged: its checksum differs; rebuild the index")
    written = msgspec.json.decode(line, type=dict).get("format")
    if written != FORMAT:
        raise IndexUnavailable(
            f"{path} is of version {written}, this program reads version {FORMAT}; run: indexer rebuild --full"
        )
    return msgspec.json.decode(line, type=Manifest)


def _checked(line: bytes) -> bytes:
    """The line, and below it its checksum."""
    return b"%s\n%08x\n" % (line, zlib.crc32(line))


def damage(folder: Path, manifest: Manifest) -> list[str]:
    """Read every byte of the generation: what differs, a line each."""
    toc = _damage(toc_path(folder, manifest.number), manifest.toc)
    return [toc] * bool(toc) + segment_damage(folder, manifest.entries)


def segment_damage(folder: Path, segments: Sequence[SegmentEntry]) -> list[str]:
    """The same of segments, whatever generation lists them."""
    files = [
        (column_path(folder, segment.name, column), file)
        for segment in segments
        for column, file in segment.every_file()
    ]
    return [problem for path, file in files if (problem := _damage(path, file))]


def _damage(path: Path, file: ColumnFile) -> str:
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"{path}: {size} bytes where {file.size} were written"
        return "" if checksum(path) == file.checksum else f"{path}: its checksum differs"
    except OSError as error:
        return f"{path}: {error.strerror}"


def checksum(path: Path) -> int:
    """CRC-32 of a file, read piece by piece."""
    value = 0
    with path.open("rb") as handle:
        while piece := handle.read(PIECE):
            value = zlib.crc32(piece, value)
    return value
