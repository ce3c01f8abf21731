"""Alerts: who is told of what came in, and what is remembered of it, so that an article is told once."""

import fcntl
import sqlite3
import time
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from indexer.delivery import Letter, Post, Undelivered
from search import Archive
from search.config import AlertSettings, Settings
from search.model import Article
from search.publication import instant

# So many articles stand in one letter; of the others it says how many they are.
LISTED = 50
# So much further back is looked for what came in: clocks are set, and what was told is known anyway.
OVERLAP = timedelta(seconds=2)
# Seconds that a run waits for another one: for what it remembers before it publishes, and for all that it sends.
MOMENT, WAIT = 2.0, 120.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (id BLOB PRIMARY KEY, came INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entered (until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS told (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promised (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS errand (
    id BLOB PRIMARY KEY, made INTEGER NOT NULL, since INTEGER NOT NULL,
    succeeded TEXT, failing TEXT, failure TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
"""


class Errand(NamedTuple):
    """An alert by one of its ways: the mail to one `address`, or, where that is empty, its webhook."""

    alert: AlertSettings
    address: str

    @property
    def way(self) -> str:
        """How it is said."""
        return f"mail to {self.address}" if self.address else "webhook"

    @property
    def id(self) -> bytes:
        """What is remembered under it: the same alert with another question is another errand."""
        asked = [self.way, self.alert.name, self.alert.query, self.alert.filters()]
        # What was told of alerts from before there was a choice is remembered without it.
        return digest(msgspec.json.encode(asked if self.alert.words == "all" else [*asked, self.alert.words]))


@dataclass(frozen=True, slots=True)
class Standing:
    """How an errand stands: how many articles it told, when it last did, and since when and why it fails."""

    alert: str
    way: str
    told: int
    succeeded: datetime | None
    failing: datetime | None
    failure: str


class _State(NamedTuple):
    """In microseconds: what came in from `made` on is told, and all that came in until `since` was looked at."""

    made: int
    since: int
    failure: str


def digest(text: bytes) -> bytes:
    """What stands for an id or a question where it is kept."""
    return blake2b(text, digest_size=8).digest()


def errands(settings: Settings) -> list[Errand]:
    """Every alert, once for each address and for its webhook."""
    return [
        Errand(alert, address)
        for alert in settings.alerts
        for address in (*dict.fromkeys(alert.mail), *([""] if alert.webhook else []))
    ]


class _News(NamedTuple):
    """What an errand has to tell: the first articles, the newest first, and the digests of all."""

    first: tuple[Article, ...]
    articles: tuple[bytes, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.articles)


class _Book:
    """What is remembered: of every article when its id first came in, by errand what was told, and how it went."""

    def __init__(self, path: Path, patience: float) -> None:
        self._connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is remembered while it lasts stays as a whole or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def enter(self, archive: Archive, began: datetime, seen: datetime, came: int, known: Collection[Errand]) -> None:
        """Remember the ids that came in since this was done last, unless they are known, as of `came`, and that all of
        them did up to `seen`. The errands of the settings that are not known begin then, others are forgotten. `began`
        is when this run did."""
        (until,) = self._connection.execute("SELECT max(until) FROM entered").fetchone()
        since = None if until is None else min(_moment(until), began, seen) - OVERLAP
        rows = [(_digest_of(article), came) for article in archive.every(since=since, pins=False)]
        with self.at_once():
            self._connection.executemany("INSERT OR IGNORE INTO article VALUES (?, ?)", rows)
            self._connection.execute("DELETE FROM entered")
            self._connection.execute("INSERT INTO entered VALUES (?)", [instant(seen)])
            ids = {errand.id for errand in known}
            old = [row for row in self._connection.execute("SELECT id FROM errand") if row[0] not in ids]
            self._connection.executemany("DELETE FROM errand WHERE id = ?", old)
            # A clock that was ahead is no reason to tell nothing until then.
            latest = instant(min(began, seen))
            self._connection.execute("UPDATE errand SET made = min(made, ?), since = min(since, ?)", [came + 1, latest])
            new = "INSERT OR IGNORE INTO errand (id, made, since) VALUES (?, ?, ?)"
            self._connection.executemany(new, [(each, came + 1, instant(seen)) for each in ids])

    def state(self, errand: Errand) -> _State:
        """How an errand that has begun was left."""
        row = self._connection.execute("SELECT made, since, failure FROM errand WHERE id = ?", [errand.id])
        return _State(*row.fetchone())

    def promise(self, errand: Errand, articles: Iterable[bytes]) -> frozenset[bytes]:
        """Remember what the next letter tells, and give it: that of the one before, where it may not have arrived."""
        asked = "SELECT article FROM promised WHERE errand = ?"
        before = frozenset(article for (article,) in self._connection.execute(asked, [errand.id]))
        if before:
            return before
        promised = frozenset(articles)
        rows = [(errand.id, article) for article in promised]
        self._connection.executemany("INSERT INTO promised VALUES (?, ?)", rows)
        return promised

    def news(self, errand: Errand, archive: Archive, among: Set[bytes] | None = None) -> _News:
        """What the errand finds that came in after it was made, and was not told; `among` some alone."""
        state, alert = self.state(errand), errand.alert
        first, articles = list[Article](), list[bytes]()
        since = _moment(state.since) - OVERLAP
        asked = archive.every(alert.query, sort="newest", since=since, words=alert.words, pins=False, **alert.filters())
        for article in asked:
            own = _digest_of(article)
            if (among is None or own in among) and self._is_news(errand, own, state.made):
                articles.append(own)
                first += [article] if len(first) < LISTED else []
        return _News(tuple(first), tuple(articles))

    def _is_news(self, errand: Errand, article: bytes, made: int) -> bool:
        asked = """SELECT came >= ? AND NOT EXISTS (SELECT 1 FROM told WHERE errand = ? AND article = id)
            FROM article WHERE id = ?"""
        (found,) = self._connection.execute(asked, (made, errand.id, article)).fetchone() or (False,)
        return bool(found)

    def told(self, errand: Errand, articles: Sequence[bytes]) -> None:
        """Remember that these were told, and all that was promised with them."""
        rows = [(errand.id, article) for article in articles]
        with self.at_once():
            self._connection.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", rows)
            self._connection.execute("DELETE FROM promised WHERE errand = ?", [errand.id])
            if rows:
                self._connection.execute("UPDATE errand SET succeeded = ? WHERE id = ?", [_now(), errand.id])

    def succeeded(self, errands: Iterable[Errand], since: datetime) -> None:
        """Remember that all that came in up to `since` was told."""
        change = "UPDATE errand SET since = ?, failing = NULL, failure = '' WHERE id = ?"
        with self.at_once():
            self._connection.executemany(change, [(instant(since), errand.id) for errand in errands])

    def failed(self, errand: Errand, reason: str) -> None:
        """Remember why nothing was told; it stays to be told."""
        change = "UPDATE errand SET failing = coalesce(failing, ?), failure = ? WHERE id = ?"
        self._connection.execute(change, [_now(), reason, errand.id])

    def standing(self, errand: Errand) -> Standing:
        """How it stands; one with another question has told nothing yet."""
        asked = "SELECT succeeded, failing, failure FROM errand WHERE id = ?"
        succeeded, failing, failure = self._connection.execute(asked, [errand.id]).fetchone() or (None, None, "")
        (count,) = self._connection.execute("SELECT count(*) FROM told WHERE errand = ?", [errand.id]).fetchone()
        return Standing(errand.alert.name, errand.way, count, _read(succeeded), _read(failing), failure)


class Alerts:
    """The alerts of the settings around one run; `path` is where is remembered what they told.

    OSError where nothing can be remembered: then nothing more is told.
    """

    def __init__(self, settings: Settings, path: Path) -> None:
        self._settings = settings
        self._path = path
        self._errands = errands(settings)
        self._began = datetime.now(UTC)

    def begin(self, archive: Archive) -> None:
        """Before the run publishes: what is there came in before; alerts that are not known yet begin now."""
        began = instant(self._began)
        with self._book() as book:
            book.enter(archive, self._began, _seen(archive, self._began), began - 1, self._errands)

    def send(self, archive: Archive) -> Iterator[str]:
        """After it: tell what came in and was not told; what goes wrong, a line each.

        Alerts that did not begin before, as those of a first archive, begin now: nothing of it is told.
        """
        with self._alone(), self._book() as book, Post(self._settings) as post:
            began, done = instant(self._began), list[Errand]()
            seen = _seen(archive, datetime.now(UTC))
            book.enter(archive, self._began, seen, began, self._errands)
            # Those that failed come last: they may take long.
            for errand in sorted(self._errands, key=lambda errand: book.state(errand).failure):
                arrived = True
                if missing := post.missing(errand.address):  # to be said before there is news
                    yield self._undelivered(book, errand, missing)
                    continue
                while arrived and (news := book.news(errand, archive)).total:
                    arrived = yield from self._deliver(errand, news, book, archive, post)
                if arrived:
                    done.append(errand)
            book.succeeded(done, seen)

    def _deliver(
        self, errand: Errand, news: _News, book: _Book, archive: Archive, post: Post
    ) -> Generator[str, None, bool]:
        """Deliver an errand's letter and remember that; whether it arrived. Should the run end in between, the next one
        sends the same letter, under the same id."""
        with book.at_once():
            promised = book.promise(errand, news.articles)
        told = news if promised == set(news.articles) else book.news(errand, archive, promised)
        try:
            if told.articles:
                post.deliver(Letter(_letter_id(errand, promised), errand.alert, errand.address, told.total, told.first))
        except Undelivered as error:
            yield self._undelivered(book, errand, str(error))
            return False
        book.told(errand, told.articles)
        return True

    def _undelivered(self, book: _Book, errand: Errand, reason: str) -> str:
        book.failed(errand, reason)
        return f"the alert {errand.alert.name!r} by {errand.way} is not sent, the next run tries again: {reason}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While it lasts, no other run sends; TimeoutError where another one does for too long. Not by the book's own
        lock: before they publish, other runs want to write into it."""
        with self._path.with_suffix(".lock").open("ab") as lock:
            until = time.monotonic() + WAIT
            while not _locked(lock):
                if time.monotonic() > until:
                    raise TimeoutError("another run has been sending for too long")
                time.sleep(0.1)
            yield

    @contextmanager
    def _book(self) -> Iterator[_Book]:
        try:
            with closing(_Book(self._path, MOMENT)) as book:
                yield book
        except sqlite3.Error as error:
            raise OSError(f"{self._path}: {error}") from error

    def standings(self) -> list[Standing]:
        """How they stand, those that no run has looked at yet as well."""
        if not self._errands or not self._path.exists():
            return [Standing(errand.alert.name, errand.way, 0, None, None, "") for errand in self._errands]
        with self._book() as book:
            return [book.standing(errand) for errand in self._errands]


def _seen(archive: Archive, latest: datetime) -> datetime:
    """Up to when an archive has all that came in: what another run is about to publish came in after this was built, as
    one writes at a time. No later than `latest`, since a clock may have been ahead."""
    return min(latest, archive.info().built_at)


def _letter_id(errand: Errand, promised: Iterable[bytes]) -> str:
    """The same for the same articles."""
    return blake2b(b"".join([errand.id, *sorted(promised)]), digest_size=12).hexdigest()


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _digest_of(article: Article) -> bytes:
    return digest(article.id.encode("utf-8", "surrogatepass"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
