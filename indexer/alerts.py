"""Alerts: who is told of what came in, and what is remembered of it, so that an article is told once."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from indexer.delivery import Letter, Post, Undelivered
from search import Archive
from search.config import AlertSettings, Settings
from search.model import Article
from search.publication import instant

# So many articles stand in one letter; of the others it says how many they are.
LISTED = 50
# So much further back is looked for what came in: clocks are set, and what was told is known anyway.
OVERLAP = timedelta(seconds=10)
# Seconds that a run waits for another one that is sending.
WAIT = 60.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (id BLOB PRIMARY KEY, came INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promised (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS errand (
    key TEXT PRIMARY KEY, asked BLOB NOT NULL, made INTEGER NOT NULL, since INTEGER NOT NULL,
    succeeded TEXT, failing TEXT, failure TEXT NOT NULL DEFAULT '');
"""


class Errand(NamedTuple):
    """An alert by one of its ways, `mail` or `webhook`."""

    alert: AlertSettings
    way: str

    @property
    def key(self) -> str:
        """What its state is kept under."""
        return f"{self.way} {self.alert.name}"

    @property
    def told_as(self) -> bytes:
        """What is told under it: of another question nothing was yet."""
        return digest(self.key.encode() + self.asked)

    @property
    def asked(self) -> bytes:
        """What it asks for."""
        return digest(msgspec.json.encode([self.alert.query, self.alert.filters()]))


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
    """Every alert, once for each of its ways."""
    ways = ((alert, way) for alert in settings.alerts for way in ("mail", "webhook"))
    return [Errand(alert, way) for alert, way in ways if getattr(alert, way)]


class _News(NamedTuple):
    """What an errand has to tell: the first articles, the newest first, and the digests of all."""

    first: tuple[Article, ...]
    articles: tuple[bytes, ...]
    errand: Errand

    @property
    def total(self) -> int:
        return len(self.articles)

    @property
    def id(self) -> str:
        """The same for the same articles."""
        return blake2b(b"".join([self.errand.key.encode(), *sorted(self.articles)]), digest_size=12).hexdigest()


class _Book:
    """What is remembered: of every article when its id first came in, by errand what was told, and how it went."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While it lasts, no other run tells anything; what is remembered meanwhile stays as a whole or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def enter(self, archive: Archive, began: datetime, came: int) -> None:
        """Remember the ids that came in since the last run that ended, unless they are known, as of `came`."""
        (last,) = self._connection.execute("SELECT max(since) FROM errand").fetchone()
        since = None if last is None else min(_moment(last), began) - OVERLAP
        rows = ((_digest_of(article), came) for article in archive.every(since=since))
        self._connection.executemany("INSERT OR IGNORE INTO article VALUES (?, ?)", rows)

    def begin(self, errand: Errand, made: int, since: int) -> None:
        """Let an errand begin that is not known yet, or asks another question than it did."""
        self._connection.execute(
            """INSERT INTO errand (key, asked, made, since) VALUES (:key, :asked, :made, :since)
            ON CONFLICT (key) DO UPDATE SET asked = :asked, made = :made, since = :since,
            succeeded = NULL, failing = NULL, failure = '' WHERE asked != :asked""",
            {"key": errand.key, "asked": errand.asked, "made": made, "since": since},
        )

    def state(self, errand: Errand) -> _State:
        """How an errand that has begun was left."""
        row = self._connection.execute("SELECT made, since, failure FROM errand WHERE key = ?", [errand.key])
        return _State(*row.fetchone())

    def promise(self, errand: Errand, articles: Iterable[bytes]) -> None:
        """Remember what the next letter tells, unless the one before it may not have arrived: then it is that again."""
        if not self._promised(errand):
            rows = [(errand.told_as, article) for article in articles]
            self._connection.executemany("INSERT INTO promised VALUES (?, ?)", rows)

    def _promised(self, errand: Errand) -> set[bytes]:
        found = self._connection.execute("SELECT article FROM promised WHERE errand = ?", [errand.told_as])
        return {article for (article,) in found}

    def promised(self, errand: Errand, archive: Archive) -> _News:
        """What of the news is promised."""
        return self.news(errand, archive, self._promised(errand))

    def news(self, errand: Errand, archive: Archive, among: Set[bytes] | None = None) -> _News:
        """What the errand finds that came in after it was made, and was not told; `among` some alone."""
        state, alert = self.state(errand), errand.alert
        since = min(_moment(state.since), datetime.now(UTC)) - OVERLAP
        first, articles = list[Article](), list[bytes]()
        for article in archive.every(alert.query, sort="newest", since=since, **alert.filters()):
            own = _digest_of(article)
            if (among is None or own in among) and self._is_news(errand, own, state.made):
                articles.append(own)
                first += [article] if len(first) < LISTED else []
        return _News(tuple(first), tuple(articles), errand)

    def _is_news(self, errand: Errand, article: bytes, made: int) -> bool:
        asked = """SELECT came >= ? AND NOT EXISTS (SELECT 1 FROM told WHERE errand = ? AND article = id)
            FROM article WHERE id = ?"""
        (found,) = self._connection.execute(asked, (made, errand.told_as, article)).fetchone() or (False,)
        return bool(found)

    def told(self, errand: Errand, articles: Sequence[bytes]) -> None:
        """Remember that these were told."""
        rows = [(errand.told_as, article) for article in articles]
        self._connection.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", rows)
        self._connection.execute("DELETE FROM promised WHERE errand = ?", [errand.told_as])
        if rows:
            self._connection.execute("UPDATE errand SET succeeded = ? WHERE key = ?", [_now(), errand.key])

    def succeeded(self, errand: Errand, since: datetime) -> None:
        """Remember that all that came in up to `since` was told."""
        change = "UPDATE errand SET since = ?, failing = NULL, failure = '' WHERE key = ?"
        self._connection.execute(change, [instant(since), errand.key])

    def failed(self, errand: Errand, reason: str) -> None:
        """Remember why nothing was told; it stays to be told."""
        change = "UPDATE errand SET failing = coalesce(failing, ?), failure = ? WHERE key = ?"
        self._connection.execute(change, [_now(), reason, errand.key])

    def standing(self, errand: Errand) -> Standing:
        """How it stands; one with another question has told nothing yet."""
        row = self._connection.execute(
            "SELECT succeeded, failing, failure FROM errand WHERE key = ? AND asked = ?", (errand.key, errand.asked)
        ).fetchone()
        succeeded, failing, failure = row or (None, None, "")
        (count,) = self._connection.execute("SELECT count(*) FROM told WHERE errand = ?", [errand.told_as]).fetchone()
        return Standing(errand.alert.name, errand.way, count, _read(succeeded), _read(failing), failure)


class Alerts:
    """The alerts of the settings around one run; `path` is where is remembered what they told.

    sqlite3.Error, OSError where nothing can be remembered: then nothing more is told.
    """

    def __init__(self, settings: Settings, path: Path) -> None:
        self._settings = settings
        self._path = path
        self._began = datetime.now(UTC)

    def begin(self, archive: Archive) -> None:
        """Before the run publishes: what is there came in before; alerts that are not known yet begin now."""
        with closing(_Book(self._path)) as book, book.alone():
            began = instant(self._began)
            book.enter(archive, self._began, began - 1)
            for errand in errands(self._settings):
                book.begin(errand, began, began)

    def send(self, archive: Archive) -> Iterator[str]:
        """After it: tell what came in and was not told; what goes wrong, a line each.

        Alerts that did not begin before, as those of a first archive, begin now: nothing of it is told.
        """
        with closing(_Book(self._path)) as book, Post(self._settings) as post:
            done = []
            with book.alone():
                book.enter(archive, self._began, instant(self._began))
                for errand in errands(self._settings):
                    book.begin(errand, instant(self._began) + 1, instant(self._began))
            for errand in sorted(errands(self._settings), key=lambda errand: book.state(errand).failure):
                arrived = True  # those that failed come last: they may take long
                while arrived and (news := book.news(errand, archive)).total:
                    with book.alone():
                        book.promise(errand, news.articles)
                    with book.alone():
                        arrived = yield from self._deliver(errand, book, archive, post)
                if arrived:
                    done.append(errand)
            with book.alone():
                for errand in done:
                    book.succeeded(errand, self._began)

    def _deliver(self, errand: Errand, book: _Book, archive: Archive, post: Post) -> Generator[str, None, bool]:
        """Deliver an errand's letter and remember that; whether it arrived. Should the run end in between, the next one
        sends the same letter, under the same id. What another run told meanwhile is none of it."""
        news = book.promised(errand, archive)
        name = f"the alert {errand.alert.name!r} by {errand.way}"
        try:
            flaw = post.deliver(errand.way, Letter(news.id, errand.alert, news.total, news.first)) if news.total else ""
        except Undelivered as error:
            book.failed(errand, str(error))
            yield f"{name} is not sent, the next run tries again: {error}"
            return False
        book.told(errand, news.articles)
        if flaw:
            yield f"{name} is sent, but {flaw}"
        return True

    def standings(self) -> list[Standing]:
        """How they stand, those that no run has looked at yet as well."""
        if not self._path.exists():
            return [Standing(errand.alert.name, errand.way, 0, None, None, "") for errand in errands(self._settings)]
        with closing(_Book(self._path)) as book:
            return [book.standing(errand) for errand in errands(self._settings)]


def _digest_of(article: Article) -> bytes:
    return digest(article.id.encode("utf-8", "surrogatepass"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
