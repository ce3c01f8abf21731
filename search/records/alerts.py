"""What the file beside an index holds of alerts: those that editors made, and how the deliveries of all stand."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from search.config import AlertSettings, Settings
from search.records.runs import ALERTS, Run, beside

# How many alerts editors may have, all together.
MOST = 1000
# Seconds that whoever opens the file waits for another.
_WAIT = 2.0

# Files of earlier versions have these names: an errand is a delivery, told what it reported, promised what it claimed.
# These two have rows of a place (`Delivery.place`) as well: an article goes to each once, whatever the alerts.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (id BLOB PRIMARY KEY, came INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entered (until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS told (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promised (errand BLOB, article BLOB, PRIMARY KEY (errand, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS errand (
    id BLOB PRIMARY KEY, made INTEGER NOT NULL, since INTEGER NOT NULL,
    succeeded TEXT, failing TEXT, failure TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS digest (errand BLOB PRIMARY KEY, sent INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, content BLOB NOT NULL);
"""


class EditorAlert(AlertSettings, frozen=True, kw_only=True):
    """An alert that an editor made. Who knows its `id` may end it."""

    id: str
    paused: bool = False


class Delivery(NamedTuple):
    """One way of an alert: the mail to one `address`, or, where that is empty, the call of its webhook at `url`."""

    alert: AlertSettings
    address: str
    url: str = ""

    @property
    def way(self) -> str:
        """What messages call it."""
        return f"mail to {self.address}" if self.address else "webhook"

    @property
    def id(self) -> bytes:
        """The key of its state: the same alert of the settings with another query is another delivery."""
        if isinstance(self.alert, EditorAlert):
            return digest_of(msgspec.json.encode([self.way, self.alert.id]))
        query = [self.way, self.alert.name, self.alert.query, self.alert.filters()]
        # Alerts from before there was a choice of `words` keep their state.
        return digest_of(msgspec.json.encode(query if self.alert.words == "all" else [*query, self.alert.words]))

    @property
    def place(self) -> bytes:
        """The key of where it goes, the same for all alerts."""
        return digest_of(f"to {self.address.lower() or self.url}".encode())


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How many articles a delivery reported, when it last did, and since when and why it fails."""

    alert: str
    way: str
    told: int
    succeeded: datetime | None = None
    failing: datetime | None = None
    failure: str = ""


class AlertFile:
    """The file of the index at `url`, which need not be there yet. OSError where it cannot be read or written."""

    def __init__(self, url: str) -> None:
        self.path = beside(url, "alerts.sqlite")

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection to the file, which is made where it is not there."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT, isolation_level="IMMEDIATE")) as connection:
                connection.executescript(_SCHEMA)
                yield connection
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise OSError(f"{self.path}: {error}") from error

    def alerts(self) -> list[EditorAlert]:
        """The alerts of editors, the first one made first."""
        if not self.path.exists():
            return []
        with self.open() as connection:
            rows = connection.execute("SELECT content FROM alert ORDER BY rowid").fetchall()
            return [msgspec.json.decode(content, type=EditorAlert) for (content,) in rows]

    def add(self, alert: EditorAlert) -> bool:
        """Keep a new alert; False where there are too many."""
        new = "INSERT INTO alert SELECT ?, ? WHERE (SELECT count(*) FROM alert) < ?"
        with self.open() as connection, connection:
            return connection.execute(new, [alert.id, msgspec.json.encode(alert), MOST]).rowcount == 1

    def change(self, alert_id: str, change: Callable[[EditorAlert], EditorAlert | None]) -> None:
        """Put what the function makes of an alert in its place, None for nothing. An id that is not there is none."""
        if not any(alert.id == alert_id for alert in self.alerts()):  # which locks nothing: anybody may try
            return
        with self.open() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for (content,) in connection.execute("SELECT content FROM alert WHERE id = ?", [alert_id]).fetchall():
                if alert := change(msgspec.json.decode(content, type=EditorAlert)):
                    new = [msgspec.json.encode(alert), alert_id]
                    connection.execute("UPDATE alert SET content = ? WHERE id = ?", new)
                else:
                    connection.execute("DELETE FROM alert WHERE id = ?", [alert_id])

    def statuses(self, deliveries: Iterable[Delivery]) -> list[DeliveryStatus]:
        """The status of each delivery, also of those that no run has looked at yet."""
        if not self.path.exists():
            return [DeliveryStatus(delivery.alert.name, delivery.way, 0) for delivery in deliveries]
        with self.open() as connection:
            return [_status(connection, delivery) for delivery in deliveries]


def _status(connection: sqlite3.Connection, delivery: Delivery) -> DeliveryStatus:
    """The status of a delivery; one with another query has reported nothing yet."""
    own = """SELECT succeeded, failing, failure, (SELECT count(*) FROM told WHERE told.errand = errand.id)
        FROM errand WHERE id = ?"""
    succeeded, failing, failure, count = connection.execute(own, [delivery.id]).fetchone() or ("", "", "", 0)
    last = datetime.fromisoformat(succeeded) if succeeded else None
    failing_since = datetime.fromisoformat(failing) if failing else None
    return DeliveryStatus(delivery.alert.name, delivery.way, count, last, failing_since, failure)


def every_delivery(settings: Settings, alerts: Iterable[AlertSettings]) -> list[Delivery]:
    """The ways of these alerts, but for those that are paused."""
    return [
        delivery
        for alert in alerts
        if not (isinstance(alert, EditorAlert) and alert.paused)
        for delivery in (
            *(Delivery(alert, address) for address in {address.lower(): address for address in alert.mail}.values()),
            *([Delivery(alert, "", settings.webhook(alert))] if alert.webhook else []),
        )
    ]


def matters(run: Run, settings: Settings) -> bool:
    """Whether it still does how a run went: alerts that are there no more cannot do better."""
    try:
        return run.command != ALERTS or bool(settings.alerts) or bool(AlertFile(settings.index).alerts())
    except OSError:  # nobody can say whether there are any
        return True


def digest_of(text: bytes) -> bytes:
    """The key of a text in the file."""
    return blake2b(text, digest_size=8).digest()
