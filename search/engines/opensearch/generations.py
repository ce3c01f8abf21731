"""The generations of an archive on a cluster: an index each, `NAME-<number>-<hex>`, and two aliases that say which of
them is published and which was before it."""

import logging
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from search.config import ClusterSettings
from search.engines.opensearch.cluster import Absent, Cluster, Conflict, Json
from search.engines.opensearch.mapping import Meta, fingerprint, index_body, published_meta
from search.errors import IndexUnavailable

log = logging.getLogger("arkhiv")


# How long after its end a generation still answers those who had it open.
GRACE = timedelta(minutes=10)
# How often replicas are waited for, half a minute each time: that is what the cluster takes to say that it is not done.
PATIENCE = 120


@dataclass(frozen=True, slots=True)
class _Listed:
    """An index as the cluster lists it."""

    number: int
    name: str
    meta: Json


class Generations:
    """Finds, makes, publishes and sweeps them."""

    def __init__(self, cluster: Cluster, settings: ClusterSettings, grace: timedelta = GRACE) -> None:
        self._cluster = cluster
        self._grace = grace
        self._settings = settings
        self._name = cluster.address.name
        self._pattern = re.compile(re.escape(self._name) + r"-(\d+)-[0-9a-f]{8}")

    def published(self) -> str | None:
        """The index of the published generation."""
        return self._at(self._name)

    def earlier(self) -> str | None:
        """That of the generation before it, where it is kept."""
        return self._at(f"{self._name}-earlier")

    def name_of(self, index: str) -> str:
        """What the generation in an index is called."""
        return index.removeprefix(f"{self._name}-")

    def meta(self, index: str) -> Meta:
        """What is known of the generation in an index."""
        return published_meta(f"{self._cluster.address.url}: {index}", self._mappings(index))

    def begin(self) -> str:
        """A new index with nothing in it."""
        name = self._next()
        with suppress(Conflict):  # nobody else has a name like that: only the answer was lost
            self._cluster.ask("PUT", f"/{name}", index_body(self._settings))
        return name

    def clone(self, index: str) -> str:
        """A new index with all that is in another one, which shares its files."""
        name = self._next()
        settings = {
            "index.blocks.write": None,
            "index.number_of_replicas": self._settings.loading_replicas,
            "index.auto_expand_replicas": False,
            "index.refresh_interval": self._settings.loading_refresh,
        }
        with suppress(Conflict):  # as above
            self._cluster.ask("PUT", f"/{index}/_clone/{name}", {"settings": settings}, wait_for_active_shards="all")
        return name

    def finish(self, index: str, meta: Meta) -> Meta:
        """Have a generation as it is to be published: with its replicas, its description, closed to changes."""
        size = self._cluster.ask("GET", f"/{index}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"]
        finished = meta.finished(self.name_of(index), size, fingerprint(self._mappings(index)))
        self._cluster.ask("PUT", f"/{index}/_mapping", {"_meta": finished})
        settings = {
            "index.blocks.write": True,
            "index.auto_expand_replicas": f"0-{self._settings.replicas}",
            "index.refresh_interval": None,
        }
        self._cluster.ask("PUT", f"/{index}/_settings", settings)
        self._await(index)
        return self.meta(index)

    def _await(self, index: str) -> None:
        """Wait for the replicas; IndexUnavailable where not even the index itself is there any more."""
        for attempt in range(PATIENCE):
            health = self._cluster.ask("GET", f"/_cluster/health/{index}", wait_for_status="green")
            if health["status"] == "green":
                return
            if health["status"] == "red" and attempt:
                raise IndexUnavailable(f"{self._cluster.address.url}: what was written was lost with a node; try again")
        log.warning("%s: some replicas of %s are not there yet", self._cluster.address.url, index)

    def publish(self, index: str, before: str | None) -> None:
        """Make it the published one, in one step, where `before` still is; that one stays unless this one purges it."""
        earlier, purges_history = self.earlier(), self.meta(index).purges_history
        actions: list[Json] = [{"add": {"index": index, "alias": self._name}}]
        if before:
            actions.append({"remove": {"index": before, "alias": self._name, "must_exist": True}})
            if not purges_history:
                actions.append({"add": {"index": before, "alias": f"{self._name}-earlier"}})
        if earlier:
            actions.append({"remove": {"index": earlier, "alias": f"{self._name}-earlier", "must_exist": True}})
        try:
            self._cluster.ask("POST", "/_aliases", {"actions": actions})
        except IndexUnavailable:
            if self.published() != index:  # else only the answer was lost
                raise

    def sweep(self) -> None:
        """Remove the indices that no writer finished, the generations that ended a while ago, and all before one that
        is to stand alone. Only who holds the lock may."""
        published, earlier = self.published(), self.earlier()
        reached = gone = False  # whether it was published at all, and what is older ended long ago
        for listed in sorted(self._listed(), key=lambda listed: -listed.number):
            reached |= listed.name == published
            finished = listed.meta.get("generation") == self.name_of(listed.name)
            if listed.name not in (published, earlier) and (gone or not finished or not reached):
                self.remove(listed.name)
            elif finished:
                since = datetime.fromisoformat(listed.meta["finished_at"])
                gone |= listed.meta["alone"] or since < datetime.now(UTC) - self._grace

    def remove(self, index: str) -> None:
        """Remove an index; nothing where there is none."""
        try:
            self._cluster.ask("DELETE", f"/{index}")
        except Absent:
            return

    def _at(self, alias: str) -> str | None:
        try:
            indexes = self._cluster.ask("GET", f"/_alias/{alias}")
        except Absent:
            return None
        generations = [name for name in indexes if self._pattern.fullmatch(name)]
        if len(generations) != 1 or len(indexes) != 1:
            raise IndexUnavailable(
                f"{self._cluster.address.url}: what is called {alias} is no generation of an archive; check the address"
            )
        return generations[0]

    def _mappings(self, index: str) -> Json:
        mappings: Json = self._cluster.ask("GET", f"/{index}/_mapping")[index]["mappings"]
        return mappings

    def _listed(self) -> list[_Listed]:
        mappings: Mapping[str, Json] = self._cluster.ask("GET", f"/{self._name}-*/_mapping", expand_wildcards="all")
        indices = [name for name in mappings if self._pattern.fullmatch(name)]
        return [_Listed(self._number(name), name, mappings[name]["mappings"].get("_meta") or {}) for name in indices]

    def _number(self, index: str) -> int:
        number = self._pattern.fullmatch(index)
        assert number
        return int(number[1])

    def _next(self) -> str:
        """A name that no other generation has, not even one of this number in an archive made anew."""
        number = max((listed.number for listed in self._listed()), default=0) + 1
        return f"{self._name}-{number}-{secrets.token_hex(4)}"
