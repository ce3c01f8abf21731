"""The next generation in the making: articles in, segments out, published in one step."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from msgspec import structs

from search.analysis import Analyzer
from search.config import Settings
from search.editorial.persons import NO_CORRECTIONS, VERSION, read_corrections
from search.engines.generation import try_out
from search.engines.whoosh.columns import ColumnFile, column_path
from search.engines.whoosh.compat.codec import toc_bytes
from search.engines.whoosh.damage import DamageCheck, checked
from search.engines.whoosh.manifest import (
    Manifest,
    SegmentEntry,
    damage,
    generation_name,
    read_manifest,
    segment_damage,
)
from search.engines.whoosh.people import People, PeopleColumns
from search.engines.whoosh.publish.draft import Draft, WritePolicy
from search.engines.whoosh.publish.folder import (
    described,
    generations,
    publish,
    require_space,
    sweep,
    sweep_published,
    translated,
    write_file,
)
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.opening import open_segment, opened
from search.engines.whoosh.vocabulary import ID
from search.engines.whoosh.write.builder import Builder, Content
from search.engines.whoosh.write.history import History
from search.engines.whoosh.write.inversion import Inversion
from search.engines.whoosh.write.merge import Part, merge
from search.engines.whoosh.write.people import write_people
from search.engines.whoosh.write.postings import ImpactScale
from search.engines.whoosh.write.subprocess import Inline, Subprocess, started
from search.engines.whoosh.write.vocabulary import GrowingVocabulary
from search.errors import IndexUnavailable
from search.model import Article, IndexInfo

# After so many articles were looked up one by one, all are at once.
MANY_LOOK_UPS = 5000
# How many bytes of a segment come of one byte of the articles, about.
GROWTH = 2
# Articles of each new segment that have to be found by their titles.
TRIED = 3


class _Place(NamedTuple):
    """Where an article stands: its number in a segment."""

    draft: Draft
    number: int


class _Pending(NamedTuple):
    """A segment that is being written: its name, the ids of its articles, and the files to come."""

    name: str
    ids: Mapping[str, None]
    files: Subprocess[dict[str, ColumnFile]] | Inline[dict[str, ColumnFile]]


class WhooshWriter:
    """See `search.engine.IndexWriter`. `base` is the published generation to go on from, None to begin afresh; what
    `history` knows of the articles of before is then not forgotten."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        analyzer: Analyzer,
        base: Manifest | None,
        history: History,
        release: Callable[[], None],
        policy: WritePolicy,
    ) -> None:
        """The writer holds the lock of the folder; `release` gives it back."""
        self._policy = policy
        self._folder = folder
        self._damage_check = DamageCheck(partial(damage, folder, base) if base else list, wait=True)
        self._settings = settings
        self._base = base
        self._release = release
        self._analyzer = analyzer
        self._history = history
        self._builder = Builder(settings.zone, history, persons=settings.persons)
        self._corrections = read_corrections(settings.names) if settings.persons else NO_CORRECTIONS
        self._inversion: Inversion | None = Inversion(GrowingVocabulary(analyzer), settings.ranking)
        self._drafts = [Draft(folder, entry, new=False) for entry in base.segments] if base else []
        self._pending: _Pending | None = None
        self._written: dict[str, Draft] = {}  # where the articles are that this writer has written out
        self._places: dict[str, _Place] | None = None  # where all published ones are, once many were asked for
        self._looked_up = 0
        self._purges_history = False
        self._has_published = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pending is not None:
            self._pending.files.close()
        self._drafts.clear()
        self._places = None
        try:
            if self._has_published and not self._purges_history:
                sweep_published(self._folder)
            else:
                with translated(self._folder):
                    sweep(self._folder)
        finally:
            self._release()

    def _every_place(self) -> dict[str, _Place]:
        """Where all published articles stand: found out once, which is as much as looking up some thousand of them."""
        if self._places is None:
            self._places = {}
            for draft in self._drafts:
                dead = range(draft.segment.size) if draft.new else set(draft.segment.dead.tolist())
                places = ((id_.decode(), _Place(draft, number)) for number, id_ in enumerate(draft.segment.ids))
                self._places.update((name, place) for name, place in places if place.number not in dead)
        return self._places

    @checked
    def add(self, article: Article, origin: str = "", *, counted: bool = True) -> bool:
        content = Content.of(article)
        place = self._published_place(article.id)
        views = article.views
        if not counted:
            prior = int(place.draft.segment.columns.views[place.number]) if place else None
            views = self._history.views(content.digest) if prior is None else prior
        if place and content.digest == int(place.draft.segment.columns.content[place.number]):
            self._restore(article.id, place)
            place.draft.set_views(place.number, views)
            place.draft.set_origin(place.number, origin)
            return False
        self._take_out(article.id, place)
        self._builder.add(structs.replace(article, views=views), content, origin)
        if self._builder.characters >= self._policy.flush:
            with translated(self._folder):
                self._flush()
        return True

    @checked
    def keep(self, article_id: str) -> None:
        if place := self._published_place(article_id):
            self._restore(article_id, place)
            place.draft.views.pop(place.number, None)
            place.draft.origins.pop(place.number, None)

    @checked
    def remove(self, article_id: str) -> bool:
        return self._take_out(article_id, self._published_place(article_id))

    def _take_out(self, article_id: str, published: _Place | None) -> bool:
        """Take the article out wherever it stands now, which may be where it was `published`."""
        if self._builder.remove(article_id):
            return True
        place = self._living_place(article_id, published)
        if place is None:
            return False
        self._written.pop(article_id, None)
        place.draft.dead.add(place.number)
        return True

    @checked
    def set_views(self, article_id: str, views: int) -> bool:
        if self._builder.set_views(article_id, views):
            return True
        place = self._living_place(article_id, self._published_place(article_id))
        if place is not None:
            place.draft.set_views(place.number, views)
        return place is not None

    @checked
    def withdraw(self, article_id: str) -> bool:
        self.remove(article_id)
        holding = [draft for draft in self._drafts if draft.segment.key(ID, article_id) is not None]
        for draft in holding:
            draft.needs_rewrite = True
        earlier = [read_manifest(self._folder, number) for number in generations(self._folder)[:-1]]
        segments = (open_segment(self._folder, entry) for manifest in earlier for entry in manifest.segments)
        held = bool(holding) or any(segment.key(ID, article_id) is not None for segment in segments)
        self._purges_history |= held
        return held

    @property
    def changed(self) -> bool:
        unwritten = len(self._builder) or self._pending or self._purges_history
        renamed = self._base is not None and self._base.names != self._corrections.digest
        return self._base is None or bool(unwritten) or renamed or any(draft.changed for draft in self._drafts)

    def _published_place(self, article_id: str) -> _Place | None:
        """Where the published article stands, whatever this writer did with it."""
        self._looked_up += 1
        if self._places is not None or self._looked_up > MANY_LOOK_UPS:
            return self._every_place().get(article_id)
        for draft in self._drafts:
            number = None if draft.new else draft.segment.article_number(article_id)
            if number is not None:
                return _Place(draft, number)
        return None

    def _living_place(self, article_id: str, published: _Place | None) -> _Place | None:
        """Where the article stands that is not among the collected ones."""
        if self._pending is not None and article_id in self._pending.ids:
            with translated(self._folder):
                self._settle()
        if draft := self._written.get(article_id):
            number = draft.segment.article_number(article_id)
            return None if number is None else _Place(draft, number)
        return None if published is None or published.number in published.draft.dead else published

    def _restore(self, article_id: str, place: _Place) -> None:
        """Have the published article stand again, where this writer took it out or replaced it."""
        if place.number in place.draft.dead:
            self._take_out(article_id, place)
            place.draft.dead.remove(place.number)

    @checked
    def publish(self) -> IndexInfo:
        with translated(self._folder):
            self._flush()
            self._settle()
            self._inversion = None  # what it knows of words is large, and merging needs none of it
            pivot = self._base.pivot if self._base else self._mean_length()
            self._merge(ImpactScale(self._settings.ranking, pivot))
            manifest, toc = self._next_generation(pivot)
            self._check(self._written_entries(manifest), "what was written cannot be read back")
            searcher = opened(self._folder, manifest, self._settings, self._damage_check)
            try_out(searcher, self._added(), self._analyzer, self._settings.zone)
            publish(self._folder, manifest, toc)
            self._has_published = True
        return manifest.info()

    def _written_entries(self, manifest: Manifest) -> list[SegmentEntry]:
        """What this writer has written of a generation: of older segments the files that are new."""
        before = {entry.name: dict(entry.every_file()) for entry in self._base.entries} if self._base else {}
        written = []
        for entry in manifest.entries:
            files = {name: file for name, file in entry.every_file() if name not in before.get(entry.name, {})}
            written.append(SegmentEntry(entry.name, entry.articles, files))
        return written

    def _check(self, entries: Sequence[SegmentEntry], what: str) -> None:
        """Read every byte of the files; IndexUnavailable names what differs from its checksum."""
        if problems := segment_damage(self._folder, entries):
            raise IndexUnavailable(f"{what}: {'; '.join(problems)}; rebuild the index")

    def _added(self) -> Iterator[Article]:
        """Some articles of each new segment."""
        for draft in (draft for draft in self._drafts if draft.new):
            living = np.flatnonzero(draft.alive())
            for number in living[:: max(1, len(living) // TRIED)][:TRIED].tolist():
                yield draft.segment.article(number)

    def _flush(self) -> None:
        """Have the collected articles written out as a segment, while further ones are collected."""
        if not len(self._builder):
            self._settle()
            return
        assert self._inversion is not None
        rows = self._builder.take()
        size = sum(len(row.json) + len(row.text) for row in rows)
        require_space(self._folder, GROWTH * size)
        batch = self._inversion.batch(rows)
        self._settle()
        name, pivot = secrets.token_hex(8), self._base.pivot if self._base else None
        written = started(size, batch.write, self._folder, name, pivot)
        self._pending = _Pending(name, dict.fromkeys(row.id for row in rows), written)

    def _settle(self) -> None:
        """Wait for the segment that is being written."""
        pending = self._pending
        if pending is not None:
            # Where writing failed, it stays pending, so that nothing is published without it.
            draft = self._take(SegmentEntry(pending.name, len(pending.ids), pending.files.result()))
            self._written.update(dict.fromkeys(pending.ids, draft))
            self._pending = None

    def _take(self, entry: SegmentEntry) -> Draft:
        draft = Draft(self._folder, entry, new=True)
        self._drafts.append(draft)
        return draft

    def _mean_length(self) -> float:
        """The mean weighted length of the articles, at least 1."""
        articles = sum(draft.living for draft in self._drafts)
        total = sum(int(draft.segment.columns.length[draft.alive()].sum(dtype=np.int64)) for draft in self._drafts)
        return max(1.0, total / articles) if articles else 1.0

    def _merge(self, scale: ImpactScale) -> None:
        """Bring segments together: all of a fresh build into one, else those of about one size."""
        while chosen := self._to_merge():
            # The merged segment gets checksums of its own, under which damage would stay for ever.
            self._check([draft.entry for draft in chosen], "what is to be merged is damaged")
            sizes = (file.size for draft in chosen for file in draft.entry.files.values())
            require_space(self._folder, sum(sizes))
            name = secrets.token_hex(8)
            parts = [Part(draft.columns(), ~draft.alive()) for draft in chosen]
            files = merge(parts, self._folder, name, scale)
            self._drafts = [draft for draft in self._drafts if draft not in chosen]
            self._take(SegmentEntry(name, sum(draft.living for draft in chosen), files))

    def _to_merge(self) -> Sequence[Draft]:
        self._drafts = [draft for draft in self._drafts if draft.living]
        if self._base is None:
            return self._drafts if len(self._drafts) > 1 or any(draft.dead for draft in self._drafts) else []
        return self._policy.chosen(self._drafts)

    def _next_generation(self, pivot: float) -> tuple[Manifest, bytes]:
        """The manifest and the table of contents of what was prepared."""
        number = max(generations(self._folder), default=0) + 1
        segments = tuple(self._entry(draft, number) for draft in self._drafts)
        toc = toc_bytes([entry.name for entry in segments], number)
        days = list(self._dated_days())
        articles = sum(draft.living for draft in self._drafts)
        manifest = Manifest(
            number=number,
            generation=generation_name(number),
            built_at=datetime.now(UTC).replace(microsecond=0),
            timezone=self._settings.timezone,
            analysis=self._analyzer.version,
            ranking=self._settings.ranking,
            pivot=pivot,
            articles=articles,
            undated=articles - sum(len(dated) for dated in days),
            first=min((date.fromordinal(int(dated[0])) for dated in days), default=None),
            last=max((date.fromordinal(int(dated[-1])) for dated in days), default=None),
            toc=described(toc),
            segments=segments,
            people=self._people(segments) if self._settings.persons else None,
            purges_history=self._purges_history,
            persons=VERSION if self._settings.persons else 0,
            names=self._corrections.digest,
        )
        return manifest, toc

    def _people(self, segments: Sequence[SegmentEntry]) -> SegmentEntry:
        """Who is meant by the names in the segments: as before, where neither articles nor corrections are others."""
        base, terms = self._base, {}
        # What is damaged is made anew, and nothing is taken over from it.
        if base and base.people and not segment_damage(self._folder, [base.people]):
            before, now = ([(entry.name, entry.dead) for entry in entries] for entries in (base.segments, segments))
            if before == now and base.names == self._corrections.digest:
                return base.people
            terms = People(PeopleColumns.open(self._folder, base.people)).known_terms()
        name = secrets.token_hex(8)
        living = [(draft.segment.columns, draft.alive()) for draft in self._drafts]
        files = write_people(self._folder, name, living, self._corrections, self._analyzer, terms)
        return SegmentEntry(name, 0, files)

    def _dated_days(self) -> Iterator[Array]:
        """The archive days of the dated articles of each segment that has such."""
        for draft in self._drafts:
            days = draft.segment.columns.day[draft.alive()]
            if len(dated := days[days > 0]):
                yield dated

    def _entry(self, draft: Draft, number: int) -> SegmentEntry:
        """The segment as the generation `number` lists it."""
        entry = structs.replace(draft.entry, articles=draft.living)
        if len(draft.dead) != len(draft.segment.dead):
            file = self._write(entry, f"dead{number}", np.array(sorted(draft.dead), "<u4"))
            entry = structs.replace(entry, dead=f"dead{number}", dead_file=file)
        columns = draft.columns()
        if draft.views:
            file = self._write(entry, f"views{number}", columns.views)
            entry = structs.replace(entry, views=f"views{number}", views_file=file)
        if draft.origins:
            names = {"origins": f"origins{number}", "origins_at": f"origins_at{number}"}
            files = {
                column: (name, self._write(entry, name, getattr(columns, column))) for column, name in names.items()
            }
            entry = structs.replace(entry, replaced=files)
        return entry

    def _write(self, entry: SegmentEntry, column: str, values: Array) -> ColumnFile:
        file = write_file(column_path(self._folder, entry.name, column), values.tobytes())
        return structs.replace(file, dtype=values.dtype.str)
