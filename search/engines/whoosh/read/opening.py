"""Opening a generation: the manifest, then the table of contents and the sizes of all files against it, then maps."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from search.config import Settings
from search.engines.whoosh.columns import Columns, column_path, map_column
from search.engines.whoosh.damage import DamageCheck
from search.engines.whoosh.manifest import Manifest, SegmentEntry, checksum, damage, toc_path
from search.engines.whoosh.people import People, PeopleColumns
from search.engines.whoosh.read.searcher import WhooshSearcher
from search.engines.whoosh.read.segment import Segment
from search.errors import CORRUPTION_ERRORS, IndexUnavailable


def open_searcher(folder: Path, manifest: Manifest, settings: Settings) -> WhooshSearcher:
    """The searcher over a generation; IndexUnavailable names what is damaged or missing."""
    path = toc_path(folder, manifest.number)
    try:
        sound = checksum(path) == manifest.toc.checksum
    except OSError as error:
        raise IndexUnavailable(f"{path} cannot be read: {error.strerror}; rebuild the index") from error
    if not sound:
        raise IndexUnavailable(f"{path} is damaged: its checksum differs; rebuild the index")
    damage_check = DamageCheck(partial(_damage, folder, manifest), wait=False)
    try:
        return opened(folder, manifest, settings, damage_check)
    except CORRUPTION_ERRORS as error:
        raise IndexUnavailable(
            f"{path}: its columns make no sense ({error}); indexer verify names those that are damaged"
        ) from error


def opened(folder: Path, manifest: Manifest, settings: Settings, damage_check: DamageCheck) -> WhooshSearcher:
    """The searcher over what a manifest lists, whether it is published or not."""
    people = People(PeopleColumns.open(folder, manifest.people)) if manifest.people else None
    segments = [open_segment(folder, entry, people, number) for number, entry in enumerate(manifest.segments)]
    return WhooshSearcher(segments, people, manifest.info(), settings, damage_check)


def _damage(folder: Path, manifest: Manifest) -> list[str]:
    """What is damaged of a generation that is still kept: the files of one that was swept are missing by right."""
    return damage(folder, manifest) if toc_path(folder, manifest.number).exists() else []


def open_segment(folder: Path, entry: SegmentEntry, people: People | None = None, number: int = 0) -> Segment:
    """One segment of a generation, the one of this number among those of its people."""
    columns = Columns.open(folder, entry.name, entry.files)
    if entry.views_file is not None:
        columns = replace(columns, views=map_column(column_path(folder, entry.name, entry.views), entry.views_file))
    for column, (name, file) in entry.replaced.items():
        columns = replace(columns, **{column: map_column(column_path(folder, entry.name, name), file)})
    dead = np.empty(0, np.uint32)
    if entry.dead_file is not None:
        dead = map_column(column_path(folder, entry.name, entry.dead), entry.dead_file)
    return Segment(columns, dead, people, number)
