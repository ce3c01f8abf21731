"""The folder of an index: which generations lie in it, what belongs to them, and how a new one becomes visible."""

import logging
import os
import re
import shutil
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search.engines.whoosh.columns import ColumnFile, column_path
from search.engines.whoosh.manifest import Manifest, checksum, manifest_path, read_manifest, toc_path
from search.errors import IndexUnavailable, describe

log = logging.getLogger("arkhiv")

# The published generation and the one before it.
KEPT = 2

_TOC = re.compile(r"_MAIN_(\d+)\.toc")
# What this engine writes, and what Whoosh leaves after a crash; anything else in the folder is not ours to delete.
_OURS = re.compile(r"MAIN_\w+\..+|_MAIN_\d+\.(toc|json)(\..+)?")
LOCK = "MAIN_WRITELOCK"


def generations(folder: Path) -> list[int]:
    """The numbers of the generations in the folder, ascending; the last is the published one.

    IndexUnavailable where there is a folder, or something else of its name, that cannot be read.
    """
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise IndexUnavailable(f"the index in {folder} cannot be read: {error.strerror}") from error
    return sorted(int(match[1]) for name in names if (match := _TOC.fullmatch(name)))


def publish(folder: Path, manifest: Manifest, toc: bytes) -> None:
    """Make a generation visible: its table of contents appears in one step, when all else is on the disk."""
    write_file(manifest_path(folder, manifest.number), manifest.encode())
    waiting = toc_path(folder, manifest.number).with_suffix(".toc.new")
    write_file(waiting, toc)
    if read_manifest(folder, manifest.number) != manifest or checksum(waiting) != manifest.toc.checksum:
        raise IndexUnavailable(f"what was written to {folder} cannot be read back; try again")
    columns = [
        column_path(folder, entry.name, column) for entry in manifest.entries for column, _ in entry.every_file()
    ]
    for path in (*columns, manifest_path(folder, manifest.number), waiting):
        let_read(path, 0o044)
    _sync(folder)
    waiting.replace(toc_path(folder, manifest.number))
    try:
        _sync(folder)
    except OSError as error:
        log.warning("published, but a power cut may still undo it: %s: %s", folder, error.strerror)


def let_read(path: Path, rights: int) -> None:
    """Who may read the folder may read what lies in it, whatever the umask of the run: the service is another user."""
    wanted = path.parent.stat().st_mode & rights
    if wanted & ~(mode := path.stat().st_mode):
        path.chmod(stat.S_IMODE(mode) | wanted)


def sweep_published(folder: Path) -> None:
    """`sweep` after a publication, which a file that cannot be deleted does not undo: it is warned of."""
    try:
        sweep(folder)
    except OSError as error:
        log.warning("published, but files of older generations stay: %s", describe(error))


def sweep(folder: Path) -> None:
    """Delete what belongs to none of the kept generations: older ones, and what a crash has left.

    Nothing is deleted while a kept generation cannot say what belongs to it.
    """
    needed = {LOCK}
    numbers = generations(folder)[-KEPT:]
    try:
        if numbers and read_manifest(folder, numbers[-1]).purges_history:
            numbers = numbers[-1:]
    except IndexUnavailable:
        return
    for number in numbers:
        needed |= {toc_path(folder, number).name, manifest_path(folder, number).name}
        try:
            entries = read_manifest(folder, number).entries
        except IndexUnavailable:
            return
        for entry in entries:
            needed |= {column_path(folder, entry.name, column).name for column, _ in entry.every_file()}
    for path in folder.iterdir():
        if path.name not in needed and _OURS.fullmatch(path.name):
            path.unlink()


def require_space(folder: Path, needed: int) -> None:
    """IndexUnavailable where the disk of the folder has not so many bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise IndexUnavailable(
            f"the index in {folder} cannot be written: about {needed / 1e6:,.1f} MB more are needed on its "
            f"disk, {free / 1e6:,.1f} MB are free"
        )


def write_file(path: Path, content: bytes) -> ColumnFile:
    """Write a file to the disk; answers what `described` does."""
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    return described(content)


def described(content: bytes) -> ColumnFile:
    """What a file of this content is to be checked by."""
    return ColumnFile("|u1", len(content), zlib.crc32(content))


def _sync(folder: Path) -> None:
    """Bring the folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """The system's errors about the folder as IndexUnavailable: the one place where they are turned."""
    try:
        yield
    except OSError as error:
        raise IndexUnavailable(f"the index in {folder} cannot be written: {error.strerror or error}") from error
