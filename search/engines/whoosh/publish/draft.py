"""A segment of the generation in the making, and which segments are to become one."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from msgspec import Struct

from search.engines.whoosh.columns import Columns, narrowest
from search.engines.whoosh.manifest import SegmentEntry
from search.engines.whoosh.ragged import Array, starts
from search.engines.whoosh.read.opening import open_segment


class Draft:
    """A segment of the generation in the making: `dead` are the articles that were taken out of it, `views` and
    `origins` what is no longer as in their columns."""

    def __init__(self, folder: Path, entry: SegmentEntry, *, new: bool) -> None:
        self.entry = entry
        self.new = new
        self.segment = open_segment(folder, entry)
        self.dead: set[int] = set(self.segment.dead.tolist())
        self.views: dict[int, int] = {}
        self.origins: dict[int, bytes] = {}
        self.needs_rewrite = False  # holds what was withdrawn, living or dead

    @property
    def living(self) -> int:
        """How many articles are left."""
        return self.segment.size - len(self.dead)

    @property
    def changed(self) -> bool:
        """Whether it is not as it is published."""
        return self.new or len(self.dead) != len(self.segment.dead) or bool(self.views or self.origins)

    def columns(self) -> Columns:
        """The columns, with the views and origins of now."""
        columns = self.segment.columns
        if self.views:
            views = columns.views.copy()
            views[list(self.views)] = list(self.views.values())
            columns = replace(columns, views=views)
        if self.origins:
            every = list(self.segment.origins)
            for number, origin in self.origins.items():
                every[number] = origin
            at = starts(np.fromiter(map(len, every), np.int64, len(every)))
            origins = np.frombuffer(b"".join(every), np.uint8)
            columns = replace(columns, origins=origins, origins_at=at.astype(narrowest(int(at[-1]))))
        return columns

    def set_views(self, number: int, views: int) -> None:
        """Give an article another number of views."""
        self.views.pop(number, None)
        if views != self.segment.columns.views[number]:
            self.views[number] = views

    def set_origin(self, number: int, origin: str) -> None:
        """Give an article another origin; one that nothing is said of stays."""
        self.origins.pop(number, None)
        if origin and (encoded := origin.encode()) != self.segment.origins[number]:
            self.origins[number] = encoded

    def alive(self) -> Array:
        """Which articles are left: bool [n]."""
        alive = np.ones(self.segment.size, bool)
        alive[list(self.dead)] = False
        return alive


class WritePolicy(Struct, frozen=True):
    """When a segment is written, and which are merged.

    Articles are collected until they have `flush` characters, which bounds the memory of a build. Segments of about one
    size are merged when there are `crowd` of them: each further one costs every query as much as thousands of articles
    do. Sizes are of one tier up to `tier` times the one below; the lowest is that of `small` articles.
    """

    flush: int = 1 << 24
    crowd: int = 3
    tier: int = 8
    small: int = 1000

    def chosen(self, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """Those that are to become one next; one alone is to be rewritten without what is dead or withdrawn in it."""
        for draft in drafts:
            if draft.needs_rewrite or len(draft.dead) > draft.living:
                return [draft]
        tiers = [int(math.log(max(1.0, draft.living / self.small), self.tier)) for draft in drafts]
        crowded = [tier for tier, count in Counter(tiers).items() if count >= self.crowd]
        return [draft for draft, tier in zip(drafts, tiers, strict=True) if crowded and tier == min(crowded)]
