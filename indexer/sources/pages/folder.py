"""A folder of saved article pages, with the folders in it: one page, one record."""

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from indexer.sources.pages.template import Template
from indexer.sources.pages.workers import Job, PageReading, readings
from indexer.sources.source import NOTHING, PAGES, Row, Unchanged, Unreadable, is_page
from search.config import Settings
from search.errors import SourceError

# Bytes. The longest article that `max_text` lets in by default has 4 MB; the rest is for markup.
MAX_PAGE = 16 << 20

# What browsers save beside `Page.html`: the frames of the page, which are pages as well, but no articles.
_BESIDE = re.compile(r"(.+)(?:_files|_файлы|\.files)", re.IGNORECASE)
# So many pages show what the pages of a site have in common.
_SAMPLE = 40


class Folder:
    """The pages of a folder in the order of their names, or a single page; no symbolic link in it is followed.

    A page's key is its path within the folder, and its id too where the page names no address of its own; its stamp is
    its size and the time of its last change.
    """

    html = ()

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.position = 0
        self._template = Template(settings.pages)
        self.identity = f"{name}{self._template.identity}"
        self._root = Path(name)
        # Files that are no pages, by what their names end in.
        self.passed_over: Counter[str] = Counter()
        if self._root.is_dir():
            self._pages = list(self._walk(self._root))
        else:
            try:
                status = self._root.lstat()
            except FileNotFoundError as error:
                raise SourceError(name, 0, "no such file") from error
            self._pages = [(self._root, status, _obstacle(status))]
        self.size = sum(status.st_size for _, status, _ in self._pages)
        if not self._pages:
            raise SourceError(name, 0, f"holds no page ({', '.join(PAGES)})")
        every = max(1, len(self._pages) // _SAMPLE)
        sample = [os.fsencode(path) for path, _, obstacle in self._pages[::every] if not obstacle]
        self._job = Job(settings.pages, settings.timezone, sample)

    def _walk(self, folder: Path) -> Iterator[tuple[Path, os.stat_result, str]]:
        """Every page with what is known of its file, and why it is not to be read, where that shows at once."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise SourceError(str(folder), 0, f"cannot be read: {error.strerror or error}") from error
        names = {entry.name.lower() for entry in entries}
        for entry in entries:
            path = folder / entry.name
            beside = _BESIDE.fullmatch(entry.name)
            if entry.is_dir(follow_symlinks=False):
                if beside and names & {f"{beside[1]}.html".lower(), f"{beside[1]}.htm".lower()}:
                    self.passed_over["folder of what a page shows"] += 1
                else:
                    yield from self._walk(path)
            elif (entry.is_symlink() and entry.is_dir()) or is_page(path):
                status = entry.stat(follow_symlinks=False)
                yield path, status, _obstacle(status)
            else:
                self.passed_over[_shown(Path(path.suffix.lower() or path.name))] += 1

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row | Unchanged]:
        """Every page; a page without an article in it, and one that cannot be read, is an unreadable row."""
        pages = [(path, self._key(path), f"{status.st_size} {status.st_mtime_ns}") for path, status, _ in self._pages]
        obstacles = {path: obstacle for path, _, obstacle in self._pages if obstacle}
        changed = [path for path, key, stamp in pages if path not in obstacles and stamps.get(key) != stamp]
        results = readings(self._job, [*map(os.fsencode, changed)])
        unmatched = self._template.selectors
        texts: dict[str, tuple[str, int]] = {}
        for (path, key, stamp), (_, status, _) in zip(pages, self._pages, strict=True):
            self.position += status.st_size
            if path in obstacles:
                yield Row(_shown(path), 0, Unreadable(obstacles[path], ""), key, stamp)
            elif stamps.get(key) == stamp:
                yield Unchanged((key,))
            else:
                reading = next(results)
                unmatched -= {*reading.matched}
                doubts = [*map(_useless, sorted(unmatched))] if path == changed[-1] else []
                address, text = reading.record.get("url", key), hash(reading.record.get("text"))
                other, others_text = texts.setdefault(address, (key, text))
                if text != others_text:
                    doubts.append(f"url: that of {other} as well, whose text is another; only the last page is kept")
                yield _row(path, key, stamp, reading, doubts)

    def _key(self, path: Path) -> str:
        return _shown(path.relative_to(self._root) if path != self._root else Path(path.name))


def _shown(path: Path) -> str:
    """A path as text, also where its name is not UTF-8."""
    return os.fsencode(path.as_posix()).decode(errors="backslashreplace")


def _row(path: Path, key: str, stamp: str, reading: PageReading, doubts: Sequence[str]) -> Row:
    if reading.unreadable:
        return Row(_shown(path), 0, Unreadable(reading.unreadable, reading.raw), key, stamp, doubts)
    record = {"id": reading.record.get("url") or key, **reading.record}
    return Row(_shown(path), 0, record, key, stamp, (*reading.doubts, *doubts), reading.places)


def _useless(selector: tuple[str, str]) -> str:
    name, written = selector
    return f"{name}: the selector {written!r} of [pages] found nothing in this page, nor in any other that was read"


def _obstacle(status: os.stat_result) -> str:
    """Why a file is not read; empty where it is."""
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link, and these are not followed"
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    if status.st_size > MAX_PAGE:
        return f"has {status.st_size:,} bytes, more than the {MAX_PAGE:,} of a page"
    return ""
