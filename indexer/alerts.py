"""Alerts: who is told of what came in, and what is remembered of it, so that each article is reported once."""

import fcntl
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from indexer.delivery import Message, Sender, Undelivered
from search import Archive
from search.config import Settings
from search.errors import UserError
from search.model import Article
from search.publication import instant
from search.records.alerts import AlertFile, Delivery, DeliveryStatus, digest_of, every_delivery

# A message lists so many articles, and says how many the others are.
LISTED = 50
# The search for what came in begins so much earlier: clocks are set, and what was reported is known anyway.
OVERLAP = timedelta(seconds=2)
# Seconds that a run waits for all that another one sends.
SENDING_WAIT = 120.0


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
    """The tables: when each article's id first came in, and for each delivery what it reported and how it went.

    `made` and `since` of a delivery are in microseconds: it reports what came in from `made` on, and has looked at all
    that came in until `since`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

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
            ids = {delivery.id: delivery.place for delivery in deliveries}
            self._forget_others(ids)
            # A clock that was ahead is no reason to report nothing until then.
            latest = instant(min(began, complete))
            self._connection.execute("UPDATE errand SET made = min(made, ?), since = min(since, ?)", [came + 1, latest])
            self._connection.execute("UPDATE digest SET sent = min(sent, ?)", [instant(datetime.now(UTC))])
            new = "INSERT OR IGNORE INTO errand (id, made, since) VALUES (?, ?, ?)"
            self._connection.executemany(new, [(new_id, came + 1, instant(complete)) for new_id in ids])

    def _forget_others(self, places: Mapping[bytes, bytes]) -> None:
        """Keep the state of these deliveries alone, and note what each has claimed for its place."""
        execute = self._connection.execute
        execute("CREATE TEMP TABLE IF NOT EXISTS current (id BLOB PRIMARY KEY, place BLOB)")
        execute("DELETE FROM current")
        self._connection.executemany("INSERT INTO current VALUES (?, ?)", places.items())
        execute("DELETE FROM errand WHERE id NOT IN (SELECT id FROM current)")
        execute("DELETE FROM digest WHERE errand NOT IN (SELECT id FROM current)")
        execute("DELETE FROM promised WHERE errand NOT IN (SELECT id FROM current)")
        execute("INSERT OR IGNORE INTO promised SELECT place, article FROM promised JOIN current ON errand = id")
        if execute("PRAGMA user_version").fetchone() == (0,):  # a file of an earlier version, or a new one
            execute("INSERT OR IGNORE INTO told SELECT place, article FROM told JOIN current ON errand = id")
            execute("PRAGMA user_version = 1")

    def due(self, deliveries: Iterable[Delivery], now: datetime) -> list[list[Delivery]]:
        """The deliveries whose time has come, those of an alert together; at the end those that failed the last time:
        they may take long. `now` is the time at the newspaper."""
        query = "SELECT id, failure != '', coalesce(sent, made) FROM errand LEFT JOIN digest ON errand = id"
        states = {own: (failing, latest) for own, failing, latest in self._connection.execute(query)}
        waiting = [(*states[delivery.id], delivery) for delivery in deliveries]
        due = [
            (failing, delivery.alert, delivery)
            for failing, latest, delivery in waiting
            if delivery.alert.rate == "at_once" or latest < instant(delivery.alert.last_due(now))
        ]
        due.sort(key=itemgetter(0))
        return [[delivery for *_, delivery in group] for _, group in groupby(due, itemgetter(0, 1))]

    def news(self, archive: Archive, deliveries: Sequence[Delivery]) -> dict[Delivery, list[_News]]:
        """What each of one alert's deliveries has to report, by one search: first what it had claimed for a message
        that may not have arrived, then the rest."""
        alert, states = deliveries[0].alert, list[tuple[int, _News, _News]]()
        starts = list[int]()
        for delivery in deliveries:
            query = "SELECT made, since FROM errand WHERE id = ?"
            made, since = self._connection.execute(query, [delivery.id]).fetchone()
            rows = self._connection.execute("SELECT article FROM promised WHERE errand = ?", [delivery.id])
            states.append((made, _News(frozenset(article for (article,) in rows)), _News()))
            starts.append(since)
        options = alert.options(_moment(min(starts)) - OVERLAP, ZoneInfo(archive.info().timezone))
        for article in archive.every(alert.query, **options) if options else ():
            digest = _digest_of(article)
            for delivery, (made, retried, fresh) in zip(deliveries, states, strict=True):
                if self._is_unreported(delivery, digest, made):
                    (retried if digest in retried.claimed else fresh).add(article, digest)
        return {
            delivery: [message for message in (retried, fresh) if message.claimed or message.digests]
            for delivery, (_, retried, fresh) in zip(deliveries, states, strict=True)
            if retried.digests or fresh.digests
        }

    def _is_unreported(self, delivery: Delivery, article: bytes, made: int) -> bool:
        """Whether an article came in since the delivery began, and neither it nor another to the same place reported it
        or has claimed it for a message that may have arrived."""
        query = """SELECT 1 FROM article WHERE id = :article AND came >= :made
            AND NOT EXISTS (SELECT 1 FROM told WHERE errand IN (:own, :place) AND article = id)
            AND (NOT EXISTS (SELECT 1 FROM promised WHERE errand = :place AND article = id)
                OR EXISTS (SELECT 1 FROM promised WHERE errand = :own AND article = id))"""
        values = {"article": article, "made": made, "own": delivery.id, "place": delivery.place}
        return self._connection.execute(query, values).fetchone() is not None

    def claim(self, delivery: Delivery, articles: Collection[bytes]) -> None:
        """Note which articles the next message reports, before it is sent."""
        with self._connection:
            rows = ((delivery.id, article) for article in sorted(articles))
            self._connection.executemany("INSERT INTO promised VALUES (?, ?)", rows)

    def reported(self, delivery: Delivery, articles: Collection[bytes]) -> None:
        """Note that these articles were reported, and drop what was claimed with them."""
        with self._connection:
            for key in (delivery.id, delivery.place):
                rows = ((key, article) for article in sorted(articles))
                self._connection.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", rows)
            gone = """DELETE FROM promised WHERE errand IN (:place, :own)
                AND article IN (SELECT article FROM promised WHERE errand = :own)"""
            self._connection.execute(gone, {"place": delivery.place, "own": delivery.id})
            if articles:
                self._connection.execute("UPDATE errand SET succeeded = ? WHERE id = ?", [_now(), delivery.id])

    def succeeded(self, deliveries: Sequence[Delivery], since: datetime) -> None:
        """Note that these deliveries reported all that came in up to `since`, and when digests did."""
        change = "UPDATE errand SET since = ?, failing = NULL, failure = '' WHERE id = ?"
        now = instant(datetime.now(UTC))
        sent = [(delivery.id, now) for delivery in deliveries if delivery.alert.rate != "at_once"]
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO digest VALUES (?, ?)", sent)
            self._connection.executemany(change, [(instant(since), delivery.id) for delivery in deliveries])

    def failed(self, delivery: Delivery, reason: str) -> None:
        """Note why a message was not sent; its articles stay to be reported, by this delivery alone to its place."""
        change = "UPDATE errand SET failing = coalesce(failing, ?), failure = ? WHERE id = ?"
        claim = "INSERT OR IGNORE INTO promised SELECT ?, article FROM promised WHERE errand = ?"
        with self._connection:
            self._connection.execute(change, [_now(), reason, delivery.id])
            self._connection.execute(claim, [delivery.place, delivery.id])


class Alerts:
    """The alerts of the settings and of editors around one run; `file` holds the latter, and what all reported.

    OSError where that file cannot be read or written: then nothing more is sent.
    """

    def __init__(self, settings: Settings, file: AlertFile) -> None:
        self._settings = settings
        self._file = file
        self._began = datetime.now(UTC)

    def are_set(self) -> bool:
        """Whether there are any, paused ones included."""
        return bool(self._settings.alerts or self._file.alerts())

    def _deliveries(self) -> list[Delivery]:
        """Those of now: editors make and end alerts at any time."""
        return every_delivery(self._settings, [*self._settings.alerts, *self._file.alerts()])

    def begin(self, archive: Archive) -> None:
        """Before the run publishes: what is there came in before; alerts that are not known yet begin now."""
        with self._file.open() as connection:
            outbox = _Outbox(connection)
            complete = _complete_until(archive, self._began)
            outbox.enter(archive, self._began, complete, instant(self._began) - 1, self._deliveries())

    def send(self, archive: Archive) -> list[str]:
        """After it: report what came in and was not reported; returns what went wrong, a line each.

        Alerts that did not begin before, as those of a first archive, begin now: nothing of it is reported.
        """
        warnings, delivered = list[str](), list[Delivery]()
        with self._alone(), self._file.open() as connection, Sender(self._settings) as sender:
            outbox = _Outbox(connection)
            complete, deliveries = _complete_until(archive, datetime.now(UTC)), self._deliveries()
            outbox.enter(archive, self._began, complete, instant(self._began), deliveries)
            for group in outbox.due(deliveries, datetime.now(self._settings.zone)):
                news: dict[Delivery, list[_News]] | None = None
                for delivery in group:
                    try:
                        sender.check(delivery)  # what the settings lack is said before there is news
                        # Not before: another alert may just have reported some of it to the same place.
                        news = outbox.news(archive, group) if news is None else news
                        for message in news.get(delivery, ()):
                            _deliver(delivery, message, outbox, sender)
                        delivered.append(delivery)
                    except (Undelivered, UserError) as error:  # the latter where its filters exclude each other
                        outbox.failed(delivery, str(error))
                        again = "is not sent, the next run tries again"
                        warnings.append(f"the alert {delivery.alert.name!r} by {delivery.way} {again}: {error}")
            outbox.succeeded(delivered, complete)
        return warnings

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While it lasts, no other run sends; TimeoutError where another one does for too long. Not by the lock of the
        database: before they publish, other runs want to write into it."""
        with self._file.path.with_suffix(".lock").open("ab") as lock:
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

    def status(self) -> list[DeliveryStatus]:
        """The status of every delivery, also of those that no run has looked at yet."""
        return self._file.statuses(self._deliveries())


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
        sender.deliver(Message(message_id, delivery, len(news.digests), articles))
    outbox.reported(delivery, news.digests)


def _complete_until(archive: Archive, latest: datetime) -> datetime:
    """Up to when an archive has all that came in: what another run is about to publish came in after this was built, as
    one writes at a time. No later than `latest`, since a clock may have been ahead."""
    return min(latest, archive.info().built_at)


def _digest_of(article: Article) -> bytes:
    return digest_of(article.id.encode("utf-8", "surrogatepass"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
