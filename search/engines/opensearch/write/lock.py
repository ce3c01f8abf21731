"""One writer at a time, wherever it runs: a document with a lease that runs out unless its holder renews it."""

import secrets
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from search.engines.opensearch.cluster import Absent, Cluster, Conflict
from search.errors import IndexBusy, IndexUnavailable


class Lease(Struct, frozen=True):
    """Seconds: how long a holder that has crashed keeps others out, and how often one that lives says so."""

    lasts: float = 60
    renewed: float = 20


DEFAULT_LEASE = Lease()


class WriteLock:
    """The lock of an archive. It is held from its making until `release`; IndexBusy where another holds it."""

    def __init__(self, cluster: Cluster, lease: Lease = DEFAULT_LEASE) -> None:
        self._cluster = cluster
        self._lease = lease
        self._place = f"/{cluster.address.name}-lock"
        self._holder = secrets.token_hex(8)
        self._mutex = threading.Lock()
        self._seen = self._acquire()
        self._released = threading.Event()
        self._renewal = threading.Thread(target=self._renew_on, name="arkhiv-lock", daemon=True)
        self._renewal.start()

    def renew(self) -> None:
        """Have the lease begin anew; IndexUnavailable where it ran out and another writer took over."""
        with self._mutex:
            try:
                self._seen = self._renewed()
            except (Absent, Conflict) as error:
                raise IndexUnavailable(
                    f"{self._cluster.address.url}: another writer took over, as this one did not answer for "
                    f"{self._lease.lasts:g} seconds; nothing was published"
                ) from error

    def release(self) -> None:
        """Let others write."""
        self._released.set()
        self._renewal.join()
        try:
            self._cluster.ask("DELETE", self._document(), if_seq_no=self._seen[0], if_primary_term=self._seen[1])
        except IndexUnavailable:
            return  # it runs out

    def _renewed(self) -> tuple[int, int]:
        try:
            return self._write(if_seq_no=self._seen[0], if_primary_term=self._seen[1])
        except Conflict:
            held = self._cluster.ask("GET", self._document())
            if held["_source"]["holder"] != self._holder:
                raise
            # Written, though the answer was lost; or a copy does not know yet who took over.
            return self._write(if_seq_no=held["_seq_no"], if_primary_term=held["_primary_term"])

    def _document(self) -> str:
        return f"{self._place}/_doc/writer"

    def _acquire(self) -> tuple[int, int]:
        with suppress(Conflict):  # it is there
            self._cluster.ask("PUT", self._place, {"settings": {"index": _SETTINGS}, "mappings": {"dynamic": False}})
        for _ in range(3):  # it may come or go while it is looked at
            try:
                return self._write(op_type="create")
            except Conflict:
                pass
            try:
                held = self._cluster.ask("GET", self._document())
            except Absent:
                continue
            if held["_source"]["holder"] == self._holder:  # written, though the answer was lost
                return held["_seq_no"], held["_primary_term"]
            if held["_source"]["until"] > time.time():
                break
            try:
                return self._write(if_seq_no=held["_seq_no"], if_primary_term=held["_primary_term"])
            except Conflict:
                continue
        raise IndexBusy(
            f"another process is writing to {self._cluster.address.url}; try again when it has finished, "
            f"or, where it has crashed, in {self._lease.lasts:g} seconds"
        )

    def _write(self, **conditions: Any) -> tuple[int, int]:
        until = time.time() + self._lease.lasts
        told = {"holder": self._holder, "until": until, "as_time": datetime.fromtimestamp(until, UTC).isoformat()}
        written = self._cluster.ask("PUT", self._document(), told, **conditions)
        return written["_seq_no"], written["_primary_term"]

    def _renew_on(self) -> None:
        while not self._released.wait(self._lease.renewed):
            try:
                self.renew()
            except IndexUnavailable:
                continue  # publishing asks again, and fails where the lock is lost


_SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-2"}
