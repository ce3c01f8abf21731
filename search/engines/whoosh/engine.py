"""The embedded engine: one folder, one writer, any number of readers."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import FileStorage

from search.analysis import Analyzer
from search.config import Settings
from search.engines.whoosh.folder import LOCK, generations, sweep, translated
from search.engines.whoosh.manifest import Manifest, damage, manifest_path, read_manifest
from search.engines.whoosh.opening import check_settings, open_searcher
from search.engines.whoosh.searcher import WhooshSearcher
from search.engines.whoosh.writer import WhooshWriter
from search.errors import IndexUnavailable

__all__ = ["WhooshEngine"]


class WhooshEngine:
    """The index in a folder; see `search.engine.Engine`."""

    def __init__(self, path: str, settings: Settings, analyzer: Analyzer) -> None:
        self.url = f"whoosh:{path}"
        self._folder = Path(path)
        self._settings = settings
        self._analyzer = analyzer
        # The published generation and the state of the manifest file it was read from.
        self._known: tuple[tuple[int, int, int], str] | None = None

    def generation(self) -> str | None:
        numbers = generations(self._folder)
        if not numbers:
            return None
        try:
            status = manifest_path(self._folder, numbers[-1]).stat()
        except OSError as error:
            raise self._missing(numbers[-1]) from error
        state = (numbers[-1], status.st_mtime_ns, status.st_ino)
        known = self._known
        if known is None or known[0] != state:
            known = self._known = (state, read_manifest(self._folder, numbers[-1]).generation)
        return known[1]

    def open(self) -> WhooshSearcher:
        while True:
            manifest = self._published()
            try:
                check_settings(manifest, self._settings, self._analyzer)
                return open_searcher(self._folder, manifest, self._settings)
            except IndexUnavailable:
                # Two publications in the meantime sweep the files of the generation that is being opened.
                if generations(self._folder)[-1:] == [manifest.number]:
                    raise

    def writer(self, *, fresh: bool = False) -> WhooshWriter:
        with translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            # Whoosh's own lock, so that its writers are kept out as well.
            lock = FileStorage(str(self._folder)).lock(LOCK)
            if not lock.acquire(blocking=False):
                raise IndexUnavailable(f"another process is writing to {self.url}; try again when it has finished")
        try:
            with translated(self._folder):
                sweep(self._folder)
            base = None
            if not fresh and generations(self._folder):
                base = self._published()
                check_settings(base, self._settings, self._analyzer)
            return WhooshWriter(self._folder, self._settings, self._analyzer, base, lock.release)
        except BaseException:
            lock.release()
            raise

    def verify(self) -> list[str]:
        manifest = self._published()
        problems = damage(self._folder, manifest)
        if not problems:
            searcher = open_searcher(self._folder, manifest, self._settings)
            living = sum(1 for _ in searcher.articles())
            if living != manifest.articles:
                problems.append(f"{self.url}: {living} articles where the manifest counts {manifest.articles}")
        return problems

    def _published(self) -> Manifest:
        numbers = generations(self._folder)
        if not numbers:
            raise IndexUnavailable(f"there is no index in {self._folder} yet; build one: indexer rebuild SOURCE")
        return read_manifest(self._folder, numbers[-1])

    def _missing(self, number: int) -> IndexUnavailable:
        return IndexUnavailable(f"{manifest_path(self._folder, number)} is missing; rebuild the index")
