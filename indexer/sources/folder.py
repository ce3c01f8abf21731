"""A folder of saved article pages, with the folders in it: one page, one record."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from indexer.sources.markup import read_markup
from indexer.sources.plain import read_plain
from indexer.sources.source import NOTHING, Row, Unchanged, Unreadable
from indexer.sources.spelling import decode
from search.errors import SourceError

# Bytes. The longest article that `max_text` lets in by default has 4 MB; the rest is for markup.
MAX_PAGE = 16 << 20

_READERS = {".html": read_markup, ".htm": read_markup, ".txt": read_plain}
# What browsers save beside `Page.html`: the frames of the page, which are pages as well, but no articles.
_BESIDE = re.compile(r"(.+)(?:_files|_файлы|\.files)")
_KEPT = 1_000


class Folder:
    """The pages of a folder in the order of their names; no symbolic link in it is followed.

    A page's key is its path within the folder, and its id too where the page names no address of its own; its stamp is
    its size and the time of its last change.
    """

    def __init__(self, name: str) -> None:
        self.name = self.identity = name
        self.position = 0
        self._root = Path(name)
        self._pages = list(self._walk(self._root))
        self.size = sum(found.st_size for _, found, _ in self._pages)
        if not self._pages:
            raise SourceError(name, 0, f"holds no page ({', '.join(_READERS)})")

    def _walk(self, folder: Path) -> Iterator[tuple[Path, os.stat_result, str]]:
        """Every page with what is known of its file, and why it is not to be read, where that shows at once."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise SourceError(str(folder), 0, f"cannot be read: {error.strerror or error}") from error
        names = {entry.name for entry in entries}
        for entry in entries:
            path = folder / entry.name
            beside = _BESIDE.fullmatch(entry.name)
            if entry.is_dir(follow_symlinks=False):
                if not beside or not names & {f"{beside[1]}.html", f"{beside[1]}.htm"}:
                    yield from self._walk(path)
            elif path.suffix.lower() in _READERS or (entry.is_symlink() and entry.is_dir()):
                yield path, entry.stat(follow_symlinks=False), _obstacle(entry)

    def rows(self, known: Mapping[str, str] = NOTHING) -> Iterator[Row | Unchanged]:
        """Every page; a page without an article in it, and one that cannot be read, is an unreadable row."""
        for path, found, obstacle in self._pages:
            key = path.relative_to(self._root).as_posix()
            stamp = f"{found.st_size} {found.st_mtime_ns}"
            self.position += found.st_size
            if not obstacle and known.get(key) == stamp:
                yield Unchanged((key,))
            else:
                record = Unreadable(obstacle, "") if obstacle else _read(path, key)
                yield Row(str(path), 0, record, key, stamp)


def _obstacle(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "is a symbolic link, and these are not followed"
    if not entry.is_file():
        return "is no regular file"
    if (size := entry.stat().st_size) > MAX_PAGE:
        return f"has {size:,} bytes, more than the {MAX_PAGE:,} of a page"
    return ""


def _read(path: Path, key: str) -> Mapping[str, Any] | Unreadable:
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        return Unreadable(f"cannot be read: {error.strerror or error}", "")
    record = _READERS[path.suffix.lower()](text)
    if not record.get("title") or not (record.get("text") or record.get("lead")):
        return Unreadable("there is no article in it", text[:_KEPT])
    return {"id": record.get("url") or key, **record}
