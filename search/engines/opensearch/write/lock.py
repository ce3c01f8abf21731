"""One writer at a time, wherever it runs: a document with a lease that runs out unless its holder renews it."""

import secrets
import threading
from contextlib import suppress

from msgspec import Struct

from search.engines.opensearch.cluster import Absent, Cluster, Conflict, Json
from search.errors import IndexBusy, IndexUnavailable


class Lease(Struct, frozen=True):
    """Seconds: how long a holder that has crashed keeps others out, and how often one that lives says so."""

    lasts: float = 60
    renewed: float = 20


DEFAULT_LEASE = Lease()
# How often the cluster tries again where two write at once.
RETRIES = 3


class ClusterLock:
    """The lock of an archive. It is held from its making until `release`; IndexBusy where another holds it."""

    def __init__(self, cluster: Cluster, lease: Lease = DEFAULT_LEASE) -> None:
        self._cluster = cluster
        self._lease = lease
        self._path = f"/{cluster.address.name}-lock"
        self._holder = secrets.token_hex(8)
        self._acquire()
        self._released = threading.Event()
        self._renewal = threading.Thread(target=self._renew_on, name="arkhiv-lock", daemon=True)
        self._renewal.start()

    def renew(self) -> None:
        """Have the lease begin anew; IndexUnavailable where it ran out and another writer took over."""
        with suppress(Absent):
            if self._asked(_HOLD):
                return
        raise IndexUnavailable(
            f"{self._cluster.address.url}: another writer took over, as this one did not answer for "
            f"{self._lease.lasts:g} seconds; nothing was published"
        )

    def release(self) -> None:
        """Let others write."""
        self._released.set()
        self._renewal.join()
        with suppress(IndexUnavailable):  # it runs out
            self._asked(_RELEASE)

    def _acquire(self) -> None:
        with suppress(Conflict):  # it is there
            self._cluster.ask("PUT", self._path, {"settings": {"index": _SETTINGS}, "mappings": {"dynamic": False}})
        if not self._asked(_TAKE, {"scripted_upsert": True, "upsert": {}}):
            raise IndexBusy(
                f"another process is writing to {self._cluster.address.url}; try again when it has finished, "
                f"or, where it has crashed, in {self._lease.lasts:g} seconds"
            )

    def _asked(self, script: str, also: Json | None = None) -> bool:
        """Whether a script changed the document. To ask again where an answer was lost does no harm."""
        params = {"holder": self._holder, "lasts": int(1000 * self._lease.lasts)}
        body = {"script": {"source": script, "params": params}, **(also or {})}
        answer = self._cluster.ask("POST", f"{self._path}/_update/writer", body, retry_on_conflict=RETRIES)
        return bool(answer["result"] != "noop")

    def _renew_on(self) -> None:
        while not self._released.wait(self._lease.renewed):
            try:
                self.renew()
            except IndexUnavailable:
                continue  # publishing asks again, and fails where the lock is lost


_WRITE = "ctx._source.holder = params.holder; ctx._source.until = ctx._now + params.lasts"
_IS_MINE = "ctx._source.holder == params.holder"
# `_now` is the clock of the node that holds the document: those of writers are never compared.
_TAKE = (
    f"if (ctx.op == 'create' || {_IS_MINE} || ctx._source.until < ctx._now) {{ {_WRITE} }} else {{ ctx.op = 'none' }}"
)
_HOLD = f"if ({_IS_MINE}) {{ {_WRITE} }} else {{ ctx.op = 'none' }}"
_RELEASE = f"ctx.op = {_IS_MINE} ? 'delete' : 'none'"
_SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-2"}
