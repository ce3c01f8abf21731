"""What happens to the index when it is rebuilt from its sources, added to, copied, or articles are taken out of it."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from pathlib import Path
from typing import Any, Protocol

import msgspec

from indexer.sources import Row, Source, Unchanged, Unreadable
from indexer.sources.intake import Intake, unexpected_markup
from indexer.sources.misread import MisreadTexts
from search.config import MARKED_UP, Settings
from search.engine import Engine, IndexWriter, Origin
from search.errors import ArkhivError, ArticleNotFound, IndexUnavailable, UserError
from search.model import IndexInfo
from search.records.runs import Window

# What `make run` publishes where there is nothing else.
_SAMPLE = Path(__file__).with_name("sample.jsonl")


class NothingPublished(ArkhivError):
    """A run came to its end and was not published, for the reason that the message gives."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about: `strict` publishes nothing where anything is wrong with any record; `full` begins from
    nothing; `allow_shrink` lets any share of the articles vanish; `adds` removes none that the sources do not have;
    `window` is what rebuilds took out before."""

    settings: Settings
    strict: bool = False
    full: bool = False
    allow_shrink: bool = False
    adds: bool = False
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that became no article: where it is, why, and what it holds."""

    file: str
    line: int
    reason: str
    raw: Mapping[str, Any] | str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did: of `read` rows, articles `indexed`, `unchanged`, and `replaced` by a later one of the same id;
    `removed` are those that the sources have no more, of the bundled sample alone where that is `sample_replaced`. It
    `published` nothing where nothing had changed. `passed_over` counts, by source, what was no article."""

    read: int
    indexed: int
    unchanged: int
    replaced: int
    removed: int
    rejected: int
    warnings: int
    seconds: float
    published: bool
    sample_replaced: bool
    passed_over: dict[str, dict[str, int]]
    index: IndexInfo


@dataclass(frozen=True, slots=True)
class Removal:
    """What taking articles out did: the ids that are gone, and those that were not there."""

    removed: tuple[str, ...]
    unknown: tuple[str, ...]
    seconds: float
    index: IndexInfo


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy did: articles `copied`; `index` is what is published at its place now."""

    copied: int
    seconds: float
    index: IndexInfo


class Listener(Protocol):
    """What follows a run."""

    def reached(self, read: int) -> None:
        """`read` rows have been read, of all sources together."""

    def rejected(self, rejection: Rejection) -> None:
        """A row became no article."""

    def warned(self, message: str) -> None:
        """Something is wrong, and the run goes on."""

    def finished(self, read: int) -> None:
        """All sources were read to their ends: nothing more is rejected."""

    def publishing(self, read: int) -> None:
        """The last that is done before the articles are published."""


def rebuild_index(engine: Engine, sources: Sequence[Source], options: Options, listener: Listener) -> Report:
    """Make the archive equal the union of its sources, or only add these to it, replacing articles of the same ids.

    SourceError, NothingPublished, IndexUnavailable: what was published stays. An archive is never emptied this way,
    nor, unless it is allowed or the run is a full one, made smaller by more than the setting `max_shrink`, at once or
    by several runs. The bundled sample may always be replaced.
    """
    began = time.perf_counter()
    with engine.writer(fresh=options.full) as writer:
        intake = _SourceReading(writer, options, listener)
        is_new = options.full or engine.generation() is None
        published = PublishedOrigins(() if options.adds or is_new else engine.open().origins(), options.settings)
        for source in sources:
            intake.read_from(source, published)
        listener.finished(intake.read)
        intake.refuse_to_publish_nothing()
        vanished = published.ids - intake.seen
        sample_replaced = _is_sample(vanished, intake.seen)
        if not (options.allow_shrink or sample_replaced):
            _refuse_to_shrink(vanished, len(published.ids), options)
        intake.warn_of_repeated()
        for article_id in vanished:
            writer.remove(article_id)
        changed = writer.changed
        listener.publishing(intake.read)
        info = writer.publish() if changed else engine.open().info
    return Report(
        read=intake.read,
        indexed=len(intake.indexed),
        unchanged=len(intake.seen) - len(intake.indexed),
        replaced=intake.accepted - len(intake.seen),
        removed=len(vanished),
        published=changed,
        sample_replaced=sample_replaced,
        passed_over={source.name: dict(source.passed_over) for source in sources if source.passed_over},
        rejected=intake.rejected,
        warnings=intake.warnings,
        seconds=time.perf_counter() - began,
        index=info,
    )


def _is_sample(vanished: Collection[str], remaining: Collection[str]) -> bool:
    """Whether it is the bundled sample that vanishes, by its ids: all that is left of it, and nothing else."""
    sample = {msgspec.json.decode(line)["id"] for line in _SAMPLE.read_bytes().splitlines()}
    return bool(vanished) and sample.issuperset(vanished) and sample.isdisjoint(remaining)


def _refuse_to_shrink(vanished: Collection[str], articles: int, options: Options) -> None:
    """NothingPublished where too many articles vanish: an export that is cut every night is not to melt an archive."""
    window, percent = options.window, options.settings.max_shrink
    together = ""
    if vanished and window and window.removed and window.exceeds(percent, len(vanished)):
        every = window.removed + len(vanished)
        together = f", {every:,} of {window.largest:,} with those taken out since {min(window.days)}"
    elif len(vanished) * 100 <= articles * percent:
        return
    raise NothingPublished(
        f"{len(vanished):,} of {articles:,} articles are in the sources no more{together}, which is above {percent} %, "
        f"the setting max_shrink; the first: {', '.join(map(repr, nsmallest(3, vanished)))}; nothing is published; "
        "--allow-shrink lets them go"
    )


def remove_articles(engine: Engine, ids: Iterable[str], *, withdraw: bool) -> Removal:
    """Take articles out, `withdraw` of every kept generation; an id that is not there stops no other.

    ArticleNotFound where none of them is there, IndexUnavailable where there is no index yet.
    """
    began = time.perf_counter()
    if engine.generation() is None:
        engine.open()  # says that there is none; the writer would begin one
    with engine.writer() as writer:
        take_out = writer.withdraw if withdraw else writer.remove
        was_there = {article_id: take_out(article_id) for article_id in dict.fromkeys(ids)}
        removed = tuple(article_id for article_id, there in was_there.items() if there)
        if not removed:
            raise ArticleNotFound(next(iter(was_there)))
        info = writer.publish()
    unknown = tuple(article_id for article_id, there in was_there.items() if not there)
    return Removal(removed, unknown, time.perf_counter() - began, info)


def copy_archive(source: Engine, target: Engine, listener: Listener) -> Copy:
    """Publish all articles of one engine's published generation as a generation of the other, built from nothing.

    With each article goes its origin: a rebuild of the copy reads again what a rebuild of the original would.
    UserError where the two are one; NothingPublished where there is no article, or not all could be read;
    IndexUnavailable as of the engines.
    """
    began = time.perf_counter()
    if _location(source.url) == _location(target.url):
        raise UserError("TO", "is the same index as FROM; name another one")
    searcher = source.open()
    # In the copy, damage would get checksums of its own.
    if damage := source.verify():
        raise IndexUnavailable(f"FROM is damaged: {'; '.join(damage)}; nothing is published")
    origins = dict(searcher.origins())
    with target.writer(fresh=True) as writer:
        copied = 0
        for copied, article in enumerate(searcher.articles(), 1):
            writer.add(article, origins[article.id])
            listener.reached(copied)
        if not copied:
            raise NothingPublished("there is no article in FROM; nothing is published")
        if copied != searcher.info.articles:
            raise NothingPublished(
                f"{copied:,} of {searcher.info.articles:,} articles could be read; nothing is published"
            )
        listener.finished(copied)
        listener.publishing(copied)
        index = writer.publish()
    return Copy(copied, time.perf_counter() - began, index)


def _location(url: str) -> str:
    """Where an index is, however a folder is written."""
    scheme, _, place = url.partition(":")
    return f"{scheme}:{Path(place).resolve()}" if scheme == "whoosh" else url.rstrip("/")


class PublishedOrigins:
    """Where the published articles came from: of each source the keys of its rows, with their stamps and ids.

    Kept with an article is a digest of the source and the settings that articles are checked by, the key, the stamp.
    """

    def __init__(self, origins: Iterable[Origin], settings: Settings) -> None:
        self._settings = (settings.sections, settings.max_text, settings.timezone)
        self._stamps: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._ids: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.ids: set[str] = set()
        last, stamps = "", dict[str, str]()
        for article_id, origin in origins:
            self.ids.add(article_id)
            if origin:
                digest, key, stamp = origin.split("\0")
                if digest != last:  # mostly the next is of the same source
                    last, stamps = digest, self._stamps[digest]
                stamps[key] = stamp
                if key != article_id:
                    self._ids[digest][key] = article_id

    def rows(self, source: Source) -> Iterator[tuple[Row, str] | list[str]]:
        """The rows of a source, each with its origin; of unchanged ones the ids of their articles."""
        identity = repr((source.identity, source.html, self._settings))
        digest = blake2b(identity.encode(), digest_size=8).hexdigest()
        ids = self._ids[digest]
        for row in source.rows(self._stamps[digest]):
            if isinstance(row, Unchanged):
                yield [ids.get(key, key) for key in row.keys]
            else:
                yield row, "\0".join((digest, row.key, row.stamp)) if row.stamp else ""


class _SourceReading:
    """Articles on their way from the sources to the writer, and their counts."""

    def __init__(self, writer: IndexWriter, options: Options, listener: Listener) -> None:
        self._writer = writer
        self._intake = Intake(options.settings, strict=options.strict)
        self._strict = options.strict
        self._listener = listener
        self.read = self.accepted = self.rejected = self.warnings = 0
        self.seen: set[str] = set()
        self.indexed: set[str] = set()
        self._repeated: dict[str, str] = {}

    def read_from(self, source: Source, published: PublishedOrigins) -> None:
        """Take in what a source holds."""
        self._markup, self._misread = dict[str, str](), MisreadTexts()
        for row in published.rows(source):
            if isinstance(row, list):
                self.read += len(row)
                self._keep(row, source.name)
            else:
                self.read += 1
                self._add(*row, source.html)
            self._listener.reached(self.read)
        if self._markup:
            fields = ", ".join(f'"{name}"' for name in MARKED_UP if name in {*source.html, *self._markup})
            names = ", ".join(name for name in MARKED_UP if name in self._markup)
            place = next(iter(self._markup.values()))
            self._warn(
                f"{place}: {names}: looks like HTML; where it is, say html = [{fields}] of this source in arkhiv.toml"
            )

    def _warn(self, message: str) -> None:
        self.warnings += 1
        self._listener.warned(message)

    def _keep(self, ids: list[str], place: str) -> None:
        """Keep unchanged articles as published, also where an earlier row of this run had another version of them."""
        if self.seen.isdisjoint(ids) and len(set(ids)) == len(ids):
            self.accepted += len(ids)
            self.seen.update(ids)
            return
        for article_id in ids:
            if article_id in self.seen:
                self._writer.keep(article_id)
                self.indexed.discard(article_id)
            self._count(article_id, place)

    def _add(self, row: Row, origin: str, html: Collection[str]) -> None:
        """Add the article of one row; once a strict run has rejected one, the others are only checked."""
        record = row.record
        if isinstance(record, Unreadable):
            self._reject(row, record.reason, record.raw)
            return
        article, flaws = self._intake.article(record, html)
        doubts = self._intake.doubts(article) if article else ()
        if article is None or (self._strict and doubts):
            self._reject(row, "; ".join((*flaws, *doubts)), record)
            return
        self._markup |= dict.fromkeys(unexpected_markup(article, {*html, *self._markup}), row.place)
        misread = self._misread.warnings(record)
        for warning in (*flaws, *doubts, *row.doubts, *misread):
            self._warn(f"{row.place}: {warning}")
        self._count(article.id, row.place)
        if self._strict and self.rejected:
            return
        if self._writer.add(article, origin, counted=record.get("views") is not None):
            self.indexed.add(article.id)
        else:
            self.indexed.discard(article.id)

    def _reject(self, row: Row, reason: str, raw: Mapping[str, Any] | str) -> None:
        self.rejected += 1
        if isinstance(row.record, Unreadable):
            for doubt in row.doubts:
                self._warn(f"{row.place}: {doubt}")
        self._listener.rejected(Rejection(row.file, row.line, reason, raw))

    def _count(self, article_id: str, place: str) -> None:
        self.accepted += 1
        if article_id in self.seen:
            self._repeated.setdefault(article_id, place)
        self.seen.add(article_id)

    def refuse_to_publish_nothing(self) -> None:
        """NothingPublished where strictness, or the want of any article, forbids to publish."""
        if self._strict and self.rejected:
            raise NothingPublished(
                f"{self.rejected:,} of {self.read:,} articles rejected; with --strict nothing is published then"
            )
        if not self.seen:
            raise NothingPublished(
                f"no valid article among {self.read:,}; an archive is not emptied this way, nothing is published"
            )

    def warn_of_repeated(self) -> None:
        """Say once which ids came again."""
        if self._repeated:
            article_id, place = next(iter(self._repeated.items()))
            many = "1 id" if len(self._repeated) == 1 else f"{len(self._repeated):,} ids"
            self._listener.warned(
                f"{many} came more than once, the last of each was kept; the first is {article_id!r}, again in {place}"
            )
