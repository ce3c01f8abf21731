"""The runs: what happens to the index when it is rebuilt from its sources, added to, or articles are taken out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from indexer.sources import Row, Source, Unreadable
from indexer.sources.intake import Intake
from search.config import Settings
from search.engine import Engine, IndexWriter
from search.errors import ArkhivError, ArticleNotFound
from search.model import Article, IndexInfo

__all__ = ["Listener", "NothingPublished", "Options", "Rejection", "Removal", "Report", "add", "rebuild", "remove"]


class NothingPublished(ArkhivError):
    """A run came to its end and was not published, for the reason that the message gives."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about: `strict` publishes nothing where anything is wrong with any record."""

    settings: Settings
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that became no article: where it stands, why, and what stands there."""

    file: str
    line: int
    reason: str
    raw: Mapping[str, Any] | str


@dataclass(frozen=True, slots=True)
class Report:
    """What a published run did: `indexed` articles out of `read` rows, `replaced` by a later one of the same id."""

    read: int
    indexed: int
    replaced: int
    rejected: int
    warnings: int
    seconds: float
    index: IndexInfo


@dataclass(frozen=True, slots=True)
class Removal:
    """What taking out did: the ids that are gone, and those that were not there."""

    removed: tuple[str, ...]
    unknown: tuple[str, ...]
    seconds: float
    index: IndexInfo


class Listener(Protocol):
    """What hears how a run goes."""

    def reached(self, read: int) -> None:
        """`read` rows have been read, of all sources together."""

    def rejected(self, rejection: Rejection) -> None:
        """A row became no article."""

    def warned(self, message: str) -> None:
        """Something is wrong, and the run goes on."""

    def publishing(self, read: int) -> None:
        """All is read; the last that is done before the articles are published."""


def rebuild(engine: Engine, sources: Sequence[Source], options: Options, listener: Listener) -> Report:
    """Make the archive equal the union of its sources.

    SourceError, NothingPublished, IndexUnavailable: what was published stays. An archive is never emptied this way.
    """
    return _take_in(engine.writer(fresh=True), sources, options, listener)


def add(engine: Engine, sources: Sequence[Source], options: Options, listener: Listener) -> Report:
    """Add the articles of the sources, or replace those with the same ids; errors as of `rebuild`."""
    return _take_in(engine.writer(), sources, options, listener)


def remove(engine: Engine, ids: Iterable[str]) -> Removal:
    """Take articles out. ArticleNotFound where none of them is there; an id that is not there stops no other.

    IndexUnavailable where there is no index yet.
    """
    began = time.perf_counter()
    if engine.generation() is None:
        engine.open()  # says that there is none; the writer would begin one
    with engine.writer() as writer:
        found = {article_id: writer.remove(article_id) for article_id in dict.fromkeys(ids)}
        removed = tuple(article_id for article_id, there in found.items() if there)
        if not removed:
            raise ArticleNotFound(next(iter(found)))
        info = writer.publish()
    unknown = tuple(article_id for article_id, there in found.items() if not there)
    return Removal(removed, unknown, time.perf_counter() - began, info)


def _take_in(writer: IndexWriter, sources: Sequence[Source], options: Options, listener: Listener) -> Report:
    began = time.perf_counter()
    with writer:
        run = _Run(writer, options, listener)
        for source in sources:
            run.read_from(source)
        run.refuse_what_is_nothing()
        run.say_repeated()
        listener.publishing(run.read)
        info = writer.publish()
    return Report(
        read=run.read,
        indexed=len(run.seen),
        replaced=run.accepted - len(run.seen),
        rejected=run.rejected,
        warnings=run.warnings,
        seconds=time.perf_counter() - began,
        index=info,
    )


class _Run:
    """A run at work: articles on their way from the sources to the writer, and their counts."""

    def __init__(self, writer: IndexWriter, options: Options, listener: Listener) -> None:
        self._writer = writer
        self._intake = Intake(options.settings, strict=options.strict)
        self._strict = options.strict
        self._listener = listener
        self.read = self.accepted = self.rejected = self.warnings = 0
        self.seen: set[str] = set()
        self._repeated: dict[str, str] = {}

    def read_from(self, source: Source) -> None:
        """Take in what a source holds."""
        for row in source.rows():
            self.read += 1
            self._listener.reached(self.read)
            match row.record:
                case Unreadable(reason, raw):
                    self._reject(row, reason, raw)
                case Mapping() as record:
                    article, flaws = self._intake.article(record)
                    if article:
                        self._accept(article, row.place, flaws)
                    else:
                        self._reject(row, "; ".join(flaws), record)

    def _reject(self, row: Row, reason: str, raw: Mapping[str, Any] | str) -> None:
        self.rejected += 1
        self._listener.rejected(Rejection(row.file, row.line, reason, raw))

    def _accept(self, article: Article, place: str, flaws: tuple[str, ...]) -> None:
        """Hand an article on; once a strict run has rejected one, the others are only checked."""
        for flaw in flaws:
            self.warnings += 1
            self._listener.warned(f"{place}: {flaw}, left out")
        self.accepted += 1
        if article.id in self.seen:
            self._repeated.setdefault(article.id, place)
        self.seen.add(article.id)
        if not (self._strict and self.rejected):
            self._writer.add(article)

    def refuse_what_is_nothing(self) -> None:
        """NothingPublished where strictness, or the want of any article, forbids to publish."""
        if self._strict and self.rejected:
            raise NothingPublished(
                f"{self.rejected:,} of {self.read:,} articles rejected; with --strict nothing is published then"
            )
        if not self.seen:
            raise NothingPublished(
                f"no valid article among {self.read:,}; an archive is not emptied this way, nothing is published"
            )

    def say_repeated(self) -> None:
        """Say once which ids came again."""
        if self._repeated:
            article_id, place = next(iter(self._repeated.items()))
            many = "1 id" if len(self._repeated) == 1 else f"{len(self._repeated):,} ids"
            self._listener.warned(
                f"{many} came more than once, the last of each was kept; the first is {article_id!r}, again in {place}"
            )
