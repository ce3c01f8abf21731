"""The next generation in the making: articles in, segments out, published in one step."""

from __future__ import annotations

import math
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from search.analysis import Analyzer
from search.config import Settings
from search.engines.whoosh.builder import Builder
from search.engines.whoosh.codec import toc_bytes
from search.engines.whoosh.columns import ColumnFile, column_path
from search.engines.whoosh.folder import described, generations, publish, sweep, translated, write_file
from search.engines.whoosh.inversion import Inversion
from search.engines.whoosh.lexicon import Lexicon
from search.engines.whoosh.manifest import Manifest, SegmentEntry, segment_damage
from search.engines.whoosh.merge import Part, merge
from search.engines.whoosh.opening import info_of, open_segment
from search.engines.whoosh.postings import Scale
from search.errors import IndexUnavailable
from search.model import Article, IndexInfo

__all__ = ["WhooshWriter"]

Array = NDArray[Any]

# How many characters are collected before they are written out as a segment: bounds the memory of a build.
FLUSH_CHARACTERS = 1 << 23
# Segments of about one size are merged when there are so many of them.
MERGE_FACTOR = 8
SMALL = 1000


class _Draft:
    """A segment of the generation in the making; `dead` are the articles that were taken out of it."""

    def __init__(self, folder: Path, entry: SegmentEntry, *, new: bool) -> None:
        self.entry = entry
        self.new = new
        self.segment = open_segment(folder, entry)
        self.dead: set[int] = set(self.segment.dead.tolist())

    @property
    def living(self) -> int:
        """How many articles are left."""
        return self.segment.size - len(self.dead)

    @property
    def tier(self) -> int:
        """Segments of one tier are of about one size."""
        return int(math.log(max(1.0, self.living / SMALL), MERGE_FACTOR))

    def alive(self) -> Array:
        """Which articles are left: bool [n]."""
        alive = np.ones(self.segment.size, bool)
        alive[list(self.dead)] = False
        return alive


class _Pending(NamedTuple):
    """A segment that is being written: its name, the ids of its articles, and the files to come."""

    name: str
    ids: Mapping[str, None]
    files: Future[dict[str, ColumnFile]]


class WhooshWriter:
    """See `search.engine.IndexWriter`. `base` is the published generation to go on from, None to begin afresh."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        analyzer: Analyzer,
        base: Manifest | None,
        release: Callable[[], None],
    ) -> None:
        """The writer holds the lock of the folder; `release` gives it back."""
        self._folder = folder
        self._settings = settings
        self._base = base
        self._release = release
        self._analyzer = analyzer
        self._builder = Builder(settings.zone)
        self._inversion: Inversion | None = Inversion(Lexicon(analyzer), settings.ranking)
        self._drafts = [_Draft(folder, entry, new=False) for entry in base.segments] if base else []
        self._thread = ThreadPoolExecutor(1)
        self._pending: _Pending | None = None
        self._written: dict[str, _Draft] = {}  # where the articles are that this writer has written out

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        self._drafts.clear()
        try:
            with translated(self._folder):
                sweep(self._folder)
        finally:
            self._release()

    def add(self, article: Article) -> None:
        self.remove(article.id)
        self._builder.add(article)
        if self._builder.characters >= FLUSH_CHARACTERS:
            with translated(self._folder):
                self._flush()

    def remove(self, article_id: str) -> bool:
        if self._builder.remove(article_id):
            return True
        if self._pending is not None and article_id in self._pending.ids:
            with translated(self._folder):
                self._settle()
        written = self._written.pop(article_id, None)
        for draft in [written] if written else [draft for draft in self._drafts if not draft.new]:
            number = draft.segment.article_number(article_id)
            if number is not None and number not in draft.dead:
                draft.dead.add(number)
                return True
        return False

    def publish(self) -> IndexInfo:
        with translated(self._folder):
            self._flush()
            self._settle()
            self._inversion = None  # what it knows of words is large, and merging needs none of it
            pivot = self._base.pivot if self._base else self._mean_length()
            self._merge(Scale(self._settings.ranking, pivot))
            manifest, toc = self._next_generation(pivot)
            self._check([draft for draft in self._drafts if draft.new], "what was written cannot be read back")
            publish(self._folder, manifest, toc)
        return info_of(manifest)

    def _check(self, drafts: Sequence[_Draft], what: str) -> None:
        """Read every byte of the segments; IndexUnavailable names what differs from its checksum."""
        if problems := segment_damage(self._folder, [draft.entry for draft in drafts]):
            raise IndexUnavailable(f"{what}: {'; '.join(problems)}; rebuild the index")

    def _flush(self) -> None:
        """Have the collected articles written out as a segment, while further ones are collected."""
        if not len(self._builder):
            self._settle()
            return
        assert self._inversion is not None
        rows = self._builder.take()
        batch = self._inversion.batch(rows)
        self._settle()
        name, pivot = secrets.token_hex(8), self._base.pivot if self._base else None
        written = self._thread.submit(batch.write, self._folder, name, pivot)
        self._pending = _Pending(name, dict.fromkeys(row.id for row in rows), written)

    def _settle(self) -> None:
        """Wait for the segment that is being written."""
        pending = self._pending
        if pending is not None:
            # Where writing failed, it stays pending, so that nothing is published without it.
            draft = self._take(SegmentEntry(pending.name, len(pending.ids), pending.files.result()))
            self._written.update(dict.fromkeys(pending.ids, draft))
            self._pending = None

    def _take(self, entry: SegmentEntry) -> _Draft:
        draft = _Draft(self._folder, entry, new=True)
        self._drafts.append(draft)
        return draft

    def _mean_length(self) -> float:
        """The mean weighted length of the articles, at least 1."""
        articles = sum(draft.living for draft in self._drafts)
        total = sum(int(draft.segment.columns.length[draft.alive()].sum(dtype=np.int64)) for draft in self._drafts)
        return max(1.0, total / articles) if articles else 1.0

    def _merge(self, scale: Scale) -> None:
        """Bring segments together: all of a fresh build into one, else those of about one size."""
        while chosen := self._to_merge():
            # The merged segment gets checksums of its own, under which damage would stay for ever.
            self._check([draft for draft in chosen if not draft.new], "what is to be merged is damaged")
            name = secrets.token_hex(8)
            parts = [Part(draft.segment.columns, ~draft.alive()) for draft in chosen]
            files = merge(parts, self._folder, name, scale)
            self._drafts = [draft for draft in self._drafts if draft not in chosen]
            self._take(SegmentEntry(name, sum(draft.living for draft in chosen), files))

    def _to_merge(self) -> Sequence[_Draft]:
        self._drafts = [draft for draft in self._drafts if draft.living]
        if self._base is None:
            return self._drafts if len(self._drafts) > 1 or any(draft.dead for draft in self._drafts) else []
        for draft in self._drafts:
            if len(draft.dead) > draft.living:
                return [draft]
        sizes = Counter(draft.tier for draft in self._drafts)
        crowded = {tier for tier, count in sizes.items() if count >= MERGE_FACTOR}
        return [draft for draft in self._drafts if draft.tier == min(crowded)] if crowded else []

    def _next_generation(self, pivot: float) -> tuple[Manifest, bytes]:
        """The manifest and the table of contents of what was prepared."""
        number = max(generations(self._folder), default=0) + 1
        segments = tuple(self._entry(draft, number) for draft in self._drafts)
        toc = toc_bytes([entry.name for entry in segments], number)
        days = list(self._dated_days())
        articles = sum(draft.living for draft in self._drafts)
        manifest = Manifest(
            number=number,
            generation=f"{number}-{secrets.token_hex(4)}",
            built_at=datetime.now(UTC).replace(microsecond=0),
            timezone=self._settings.timezone,
            analysis=self._analyzer.version,
            ranking=self._settings.ranking,
            pivot=pivot,
            articles=articles,
            undated=articles - sum(len(each) for each in days),
            first=min((date.fromordinal(int(each[0])) for each in days), default=None),
            last=max((date.fromordinal(int(each[-1])) for each in days), default=None),
            toc=described(toc),
            segments=segments,
        )
        return manifest, toc

    def _dated_days(self) -> Iterator[Array]:
        """The archive days of the dated articles of each segment that has such."""
        for draft in self._drafts:
            days = draft.segment.columns.day[draft.alive()]
            if len(dated := days[days > 0]):
                yield dated

    def _entry(self, draft: _Draft, number: int) -> SegmentEntry:
        """The segment as the generation `number` lists it."""
        entry = draft.entry
        if len(draft.dead) == len(draft.segment.dead):
            return SegmentEntry(entry.name, draft.living, entry.files, entry.dead, entry.dead_file)
        column = f"dead{number}"
        file = write_file(column_path(self._folder, entry.name, column), np.array(sorted(draft.dead), "<u4").tobytes())
        return SegmentEntry(entry.name, draft.living, entry.files, column, replace(file, dtype="<u4"))
