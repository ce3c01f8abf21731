"""The embedded engine: one folder, one writer, any number of readers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from search.analysis import Analyzer
from search.config import Settings
from search.engines.generation import check_settings
from search.engines.whoosh.compat.codec import toc_bytes
from search.engines.whoosh.manifest import (
    Manifest,
    SegmentEntry,
    damage,
    generation_name,
    manifest_path,
    read_manifest,
    segment_damage,
)
from search.engines.whoosh.publish.draft import WritePolicy
from search.engines.whoosh.publish.folder import (
    KEPT,
    described,
    generations,
    publish,
    require_space,
    sweep,
    sweep_published,
    translated,
)
from search.engines.whoosh.publish.lock import FolderLock
from search.engines.whoosh.publish.writer import WhooshWriter
from search.engines.whoosh.read.opening import open_searcher, open_segment
from search.engines.whoosh.read.searcher import WhooshSearcher
from search.engines.whoosh.write.history import History
from search.errors import IndexBusy, IndexUnavailable
from search.model import IndexInfo

Value = TypeVar("Value")

DEFAULT_POLICY = WritePolicy()


class WhooshEngine:
    """The index in a folder; see `search.engine.Engine`."""

    def __init__(self, path: str, settings: Settings, analyzer: Analyzer, policy: WritePolicy = DEFAULT_POLICY) -> None:
        self.url = f"whoosh:{path}"
        # In full, as messages name it: who reads them may stand somewhere else.
        self._folder = Path(path).absolute()
        self._settings = settings
        self._analyzer = analyzer
        self._policy = policy
        # The published generation and the state of the manifest file it was read from.
        self._named: tuple[tuple[int, int, int], str] | None = None

    def generation(self) -> str | None:
        return self._newest(self._name)

    def open(self) -> WhooshSearcher:
        return self._published(lambda number: open_searcher(self._folder, self._fitting(number), self._settings))

    def writer(self, *, fresh: bool = False) -> WhooshWriter:
        lock = self._lock()
        try:
            with translated(self._folder):
                sweep(self._folder)
                before = self._newest(self._segments) if fresh else None
                require_space(self._folder, sum(file.size for entry in before or () for file in entry.files.values()))
            base = None if fresh else self._newest(self._fitting)
            history = History([open_segment(self._folder, entry).columns for entry in before or ()])
            return WhooshWriter(self._folder, self._settings, self._analyzer, base, history, lock.release, self._policy)
        except BaseException:
            lock.release()
            raise

    def rollback(self) -> IndexInfo:
        lock = self._lock()
        try:
            with translated(self._folder):
                sweep(self._folder)
                manifest, toc = self._earlier()
                try:
                    publish(self._folder, manifest, toc)
                except BaseException:
                    sweep(self._folder)
                    raise
                sweep_published(self._folder)
            return manifest.info()
        finally:
            lock.release()

    def _earlier(self) -> tuple[Manifest, bytes]:
        """The generation before the published one, as the next one."""
        *others, published = generations(self._folder) or [0]
        if not others:
            raise IndexUnavailable(f"there is no generation before the published one in {self._folder}")
        earlier = self._fitting(others[-1])
        if problems := damage(self._folder, earlier):
            raise IndexUnavailable(f"the generation before the published one is damaged: {'; '.join(problems)}")
        number = published + 1
        toc = toc_bytes([entry.name for entry in earlier.segments], number)
        return replace(earlier, number=number, generation=generation_name(number), toc=described(toc)), toc

    def _lock(self) -> FolderLock:
        with translated(self._folder):
            lock = FolderLock(self._folder)
            if not lock.acquire():
                raise IndexBusy(f"another process is writing to {self._folder}; try again when it has finished")
        return lock

    def verify(self) -> list[str]:
        return self._published(self._problems)

    # The published generation

    def _newest(self, read: Callable[[int], Value]) -> Value | None:
        """What `read` makes of the number of the published generation; None before the first."""
        while True:
            number = self._number()
            if number is None:
                return None
            try:
                return read(number)
            except IndexUnavailable:
                # Two publications in the meantime sweep the files of the generation that is being read.
                if self._number() == number:
                    raise

    def _published(self, read: Callable[[int], Value]) -> Value:
        """The same; IndexUnavailable before the first."""
        value = self._newest(read)
        if value is None:
            raise IndexUnavailable(f"there is no index in {self._folder} yet; build one: indexer rebuild SOURCE")
        return value

    def _number(self) -> int | None:
        numbers = generations(self._folder)
        return numbers[-1] if numbers else None

    def _name(self, number: int) -> str:
        path = manifest_path(self._folder, number)
        try:
            status = path.stat()
        except OSError as error:
            raise IndexUnavailable(f"{path} cannot be read: {error.strerror}; rebuild the index") from error
        state = (number, status.st_mtime_ns, status.st_ino)
        cached = self._named
        if cached is None or cached[0] != state:
            cached = self._named = (state, self._manifest(number).generation)
        return cached[1]

    def _manifest(self, number: int) -> Manifest:
        return read_manifest(self._folder, number)

    def _fitting(self, number: int) -> Manifest:
        """The manifest, where the generation was built with the settings of now."""
        manifest = self._manifest(number)
        check_settings(manifest, self._settings, self._analyzer)
        return manifest

    def _segments(self, number: int) -> Sequence[SegmentEntry]:
        """The segments of the generation that can be read: a fresh one is to mend the others."""
        try:
            entries = self._manifest(number).segments
        except IndexUnavailable:
            return ()
        return [entry for entry in entries if not segment_damage(self._folder, [entry])]

    def _problems(self, number: int) -> list[str]:
        manifest = self._manifest(number)
        problems = damage(self._folder, manifest)
        if not problems:
            living = sum(1 for _ in open_searcher(self._folder, manifest, self._settings).articles())
            if living != manifest.articles:
                problems = [f"{self._folder}: {living} articles where the manifest counts {manifest.articles}"]
        elif number not in generations(self._folder)[-KEPT:]:
            raise IndexUnavailable(f"{self._folder}: generation {number} was swept while it was read")
        return problems
