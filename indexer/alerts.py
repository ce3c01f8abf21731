"""Alerts: who is told of what came in, and what is remembered of it, so that each article is reported once."""

import fcntl
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from indexer.delivery import Message, Sender, Undelivered
from search import Archive
from search.config import AlertSettings, Settings
from search.model import Article
from search.publication import instant

# A message lists so many articles, and says how many the others are.
LISTED = 50
# The search for what came in begins so much earlier: clocks are set, and what was reported is known anyway.
OVERLAP = timedelta(seconds=2)
# Seconds that a run waits for another one: for the database before it publishes, and for all that the other sends.
DATABASE_WAIT, SENDING_WAIT = 2.0, 120.0

# Files of earlier versions have these names: an errand is a delivery, told what it reported, promised what it claimed.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (id BLOB PRIMARY KEY, came INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entered (until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS told (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promised (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS errand (
    id BLOB PRIMARY KEY, made INTEGER NOT NULL, since INTEGER NOT NULL,
    succeeded TEXT, failing TEXT, failure TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How many articles a delivery reported, when it last did, and since when and why it fails."""

    alert: str
    way: str
    told: int
    succeeded: datetime | None = None
    failing: datetime | None = None
    failure: str = ""


class Delivery(NamedTuple):
    """One way of an alert: the mail to one `address`, or, where that is empty, its webhook."""

    alert: AlertSettings
    address: str

    @property
    def way(self) -> str:
        """What messages call it."""
        return f"mail to {self.address}" if self.address else "webhook"

    @property
    def id(self) -> bytes:
        """The key of its state: the same alert with another query is another delivery."""
        query = [self.way, self.alert.name, self.alert.query, self.alert.filters()]
        # Alerts from before there was a choice of `words` keep their state.
        return _digest(msgspec.json.encode(query if self.alert.words == "all" else [*query, self.alert.words]))


@dataclass(slots=True)
class _News:
    """What one message of a delivery reports: the first articles, the newest first, and the digests of all. `claimed`
    are the digests that an earlier message may have reported already; this one has the same id then."""

    claimed: frozenset[bytes] = frozenset()
    articles: list[Article] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)

    def add(self, article: Article, digest: bytes) -> None:
        """Add an article, older than those before."""
        self.digests.append(digest)
        if len(self.articles) < LISTED:
            self.articles.append(article)


class _Outbox:
    """The database: when each article's id first came in, and for each delivery what it reported and how it went.

    `made` and `since` of a delivery are in microseconds: it reports what came in from `made` on, and has looked at all
    that came in until `since`.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=DATABASE_WAIT, isolation_level="IMMEDIATE")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def enter(
        self, archive: Archive, began: datetime, complete: datetime, came: int, deliveries: Collection[Delivery]
    ) -> None:
        """Note the new ids that came in since the last call as come at `came`, and that all are noted up to `complete`.

        `deliveries` that are not there yet begin now; others than these are forgotten. `began` is when this run did.
        """
        (until,) = self._connection.execute("SELECT max(until) FROM entered").fetchone()
        since = None if until is None else min(_moment(until), began, complete) - OVERLAP
        rows = [(_digest_of(article), came) for article in archive.every(since=since, pins=False)]
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO article VALUES (?, ?)", rows)
            self._connection.execute("DELETE FROM entered")
            self._connection.execute("INSERT INTO entered VALUES (?)", [instant(complete)])
            ids = {delivery.id for delivery in deliveries}
            gone = [row for row in self._connection.execute("SELECT id FROM errand") if row[0] not in ids]
            self._connection.executemany("DELETE FROM errand WHERE id = ?", gone)
            # A clock that was ahead is no reason to report nothing until then.
            latest = instant(min(began, complete))
            self._connection.execute("UPDATE errand SET made = min(made, ?), since = min(since, ?)", [came + 1, latest])
            new = "INSERT OR IGNORE INTO errand (id, made, since) VALUES (?, ?, ?)"
            self._connection.executemany(new, [(new_id, came + 1, instant(complete)) for new_id in ids])

    def failing_last(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """The deliveries, at the end those that failed the last time: they may take long."""
        failures = dict(self._connection.execute("SELECT id, failure FROM errand"))
        return sorted(deliveries, key=lambda delivery: failures[delivery.id])

    def news(self, archive: Archive, deliveries: Sequence[Delivery]) -> dict[Delivery, list[_News]]:
        """What each of one alert's deliveries has to report, by one search: first what it had claimed for a message
        that may not have arrived, then the rest."""
        alert, states = deliveries[0].alert, list[tuple[bytes, int, _News, _News]]()
        starts = list[int]()
        for delivery in deliveries:
            query = "SELECT made, since FROM errand WHERE id = ?"
            made, since = self._connection.execute(query, [delivery.id]).fetchone()
            rows = self._connection.execute("SELECT article FROM promised WHERE errand = ?", [delivery.id])
            states.append((delivery.id, made, _News(frozenset(article for (article,) in rows)), _News()))
            starts.append(since)
        options: dict[str, Any] = {**alert.filters(), "words": alert.words, "pins": False, "sort": "newest"}
        for article in archive.every(alert.query, since=_moment(min(starts)) - OVERLAP, **options):
            digest = _digest_of(article)
            for delivery_id, made, retried, fresh in states:
                if self._is_unreported(delivery_id, digest, made):
                    (retried if digest in retried.claimed else fresh).add(article, digest)
        return {
            delivery: [message for message in (retried, fresh) if message.claimed or message.digests]
            for delivery, (_, _, retried, fresh) in zip(deliveries, states, strict=True)
            if retried.digests or fresh.digests
        }

    def _is_unreported(self, delivery_id: bytes, article: bytes, made: int) -> bool:
        query = """SELECT 1 FROM article WHERE id = ? AND came >= ?
            AND NOT EXISTS (SELECT 1 FROM told WHERE errand = ? AND article = id)"""
        return self._connection.execute(query, (article, made, delivery_id)).fetchone() is not None

    def claim(self, delivery: Delivery, articles: Collection[bytes]) -> None:
        """Note which articles the next message reports, before it is sent."""
        with self._connection:
            rows = [(delivery.id, article) for article in articles]
            self._connection.executemany("INSERT INTO promised VALUES (?, ?)", rows)

    def reported(self, delivery: Delivery, articles: Collection[bytes]) -> None:
        """Note that these articles were reported, and drop what was claimed with them."""
        with self._connection:
            rows = [(delivery.id, article) for article in articles]
            self._connection.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", rows)
            self._connection.execute("DELETE FROM promised WHERE errand = ?", [delivery.id])
            if rows:
                self._connection.execute("UPDATE errand SET succeeded = ? WHERE id = ?", [_now(), delivery.id])

    def succeeded(self, deliveries: Iterable[Delivery], since: datetime) -> None:
        """Note that these deliveries reported all that came in up to `since`."""
        change = "UPDATE errand SET since = ?, failing = NULL, failure = '' WHERE id = ?"
        with self._connection:
            self._connection.executemany(change, [(instant(since), delivery.id) for delivery in deliveries])

    def failed(self, delivery: Delivery, reason: str) -> None:
        """Note why a message was not sent; its articles stay to be reported."""
        change = "UPDATE errand SET failing = coalesce(failing, ?), failure = ? WHERE id = ?"
        with self._connection:
            self._connection.execute(change, [_now(), reason, delivery.id])

    def status(self, delivery: Delivery) -> DeliveryStatus:
        """The status of a delivery; one with another query has reported nothing yet."""
        own = """SELECT succeeded, failing, failure, (SELECT count(*) FROM told WHERE told.errand = errand.id)
            FROM errand WHERE id = ?"""
        succeeded, failing, failure, count = self._connection.execute(own, [delivery.id]).fetchone() or ("", "", "", 0)
        last = datetime.fromisoformat(succeeded) if succeeded else None
        failing_since = datetime.fromisoformat(failing) if failing else None
        return DeliveryStatus(delivery.alert.name, delivery.way, count, last, failing_since, failure)


class Alerts:
    """The alerts of the settings around one run; `path` is the file of what they reported.

    OSError where that file cannot be written: then nothing more is sent.
    """

    def __init__(self, settings: Settings, path: Path) -> None:
        self._settings = settings
        self._path = path
        self._deliveries = [
            Delivery(alert, address)
            for alert in settings.alerts
            for address in (*dict.fromkeys(alert.mail), *([""] if alert.webhook else []))
        ]
        self._began = datetime.now(UTC)

    def begin(self, archive: Archive) -> None:
        """Before the run publishes: what is there came in before; alerts that are not known yet begin now."""
        with self._outbox() as outbox:
            complete = _complete_until(archive, self._began)
            outbox.enter(archive, self._began, complete, instant(self._began) - 1, self._deliveries)

    def send(self, archive: Archive) -> list[str]:
        """After it: report what came in and was not reported; returns what went wrong, a line each.

        Alerts that did not begin before, as those of a first archive, begin now: nothing of it is reported.
        """
        warnings, delivered = list[str](), list[Delivery]()
        searched, news = set[str](), dict[Delivery, list[_News]]()
        with self._alone(), self._outbox() as outbox, Sender(self._settings) as sender:
            complete = _complete_until(archive, datetime.now(UTC))
            outbox.enter(archive, self._began, complete, instant(self._began), self._deliveries)
            for delivery in outbox.failing_last(self._deliveries):
                alert = delivery.alert
                try:
                    sender.check(delivery.address)  # what the settings lack is said before there is news
                    if alert.name not in searched:
                        searched.add(alert.name)
                        news |= outbox.news(archive, [other for other in self._deliveries if other.alert == alert])
                    for message in news.pop(delivery, ()):
                        _deliver(delivery, message, outbox, sender)
                    delivered.append(delivery)
                except Undelivered as error:
                    outbox.failed(delivery, str(error))
                    again = "is not sent, the next run tries again"
                    warnings.append(f"the alert {alert.name!r} by {delivery.way} {again}: {error}")
            outbox.succeeded(delivered, complete)
        return warnings

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While it lasts, no other run sends; TimeoutError where another one does for too long. Not by the lock of the
        database: before they publish, other runs want to write into it."""
        with self._path.with_suffix(".lock").open("ab") as lock:
            until = time.monotonic() + SENDING_WAIT
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise TimeoutError("another run has been sending for too long") from None
                    time.sleep(0.1)
            yield

    @contextmanager
    def _outbox(self) -> Iterator[_Outbox]:
        try:
            with closing(_Outbox(self._path)) as outbox:
                yield outbox
        except sqlite3.Error as error:
            raise OSError(f"{self._path}: {error}") from error

    def status(self) -> list[DeliveryStatus]:
        """The status of every delivery, also of those that no run has looked at yet."""
        if not self._deliveries or not self._path.exists():
            return [DeliveryStatus(delivery.alert.name, delivery.way, 0) for delivery in self._deliveries]
        with self._outbox() as outbox:
            return [outbox.status(delivery) for delivery in self._deliveries]


def _deliver(delivery: Delivery, news: _News, outbox: _Outbox, sender: Sender) -> None:
    """Send one message and note that; Undelivered. Should the run end in between, the next one sends the same message
    under the same id."""
    claimed = news.claimed or frozenset(news.digests)
    if not news.claimed:
        outbox.claim(delivery, claimed)
    if news.digests:
        # The same articles give the same id.
        message_id = blake2b(b"".join([delivery.id, *sorted(claimed)]), digest_size=12).hexdigest()
        articles = tuple(news.articles)
        sender.deliver(Message(message_id, delivery.alert, delivery.address, len(news.digests), articles))
    outbox.reported(delivery, news.digests)


def _complete_until(archive: Archive, latest: datetime) -> datetime:
    """Up to when an archive has all that came in: what another run is about to publish came in after this was built, as
    one writes at a time. No later than `latest`, since a clock may have been ahead."""
    return min(latest, archive.info().built_at)


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=8).digest()


def _digest_of(article: Article) -> bytes:
    return _digest(article.id.encode("utf-8", "surrogatepass"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
