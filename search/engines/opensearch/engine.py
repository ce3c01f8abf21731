"""The engine on a cluster: one archive among those that it holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import msgspec

from search.analysis import Analyzer
from search.config import Settings
from search.engines.generation import check_settings
from search.engines.opensearch.address import ClusterAddress
from search.engines.opensearch.cluster import Absent, Cluster, Clusters
from search.engines.opensearch.document import Stored
from search.engines.opensearch.generations import GRACE, Generations
from search.engines.opensearch.mapping import Meta
from search.engines.opensearch.read.searcher import OpenSearchSearcher
from search.engines.opensearch.write.lock import DEFAULT_LEASE, ClusterLock, Lease
from search.engines.opensearch.write.writer import Base, OpenSearchWriter
from search.errors import IndexUnavailable
from search.model import IndexInfo

Value = TypeVar("Value")

# Who writes or reads everything waits longer for an answer, and asks more often.
PATIENCE = 120.0
RETRIES = 3
# No longer than the lock can bear, even where it has to be asked three times.
LOCKING, LOCKING_RETRIES = 5.0, 2


class OpenSearchEngine:
    """The archive that a URL names; see `search.engine.Engine`."""

    def __init__(
        self,
        url: str,
        settings: Settings,
        analyzer: Analyzer,
        *,
        lease: Lease = DEFAULT_LEASE,
        grace: timedelta = GRACE,
    ) -> None:
        address = ClusterAddress.parse(url)
        self.url = address.url
        self._settings = settings
        self._analyzer = analyzer
        self._lease = lease
        self._clusters = Clusters(
            interactive=Cluster(address, seconds=settings.cluster.seconds, retries=1),
            batch=Cluster(address, seconds=PATIENCE, retries=RETRIES, is_patient=True),
        )
        self._locking = Cluster(address, seconds=LOCKING, retries=LOCKING_RETRIES)
        self._read = Generations(self._clusters.interactive, settings.cluster, grace)
        self._written = Generations(self._clusters.batch, settings.cluster, grace)

    def generation(self) -> str | None:
        index = self._read.published()
        return self._read.name_of(index) if index else None

    def open(self) -> OpenSearchSearcher:
        return self._published(lambda index: self._searcher(index, self._fitting(self._read, index)))

    def writer(self, *, fresh: bool = False) -> OpenSearchWriter:
        lock = ClusterLock(self._locking, self._lease)
        try:
            self._written.sweep()
            published = self._written.published()
            base = self._base(published) if published and not fresh else None
            before = self._remembering(published) if published and fresh else None
            return OpenSearchWriter(self._clusters, self._written, self._settings, self._analyzer, before, base, lock)
        except BaseException:
            lock.release()
            raise

    def rollback(self) -> IndexInfo:
        lock = ClusterLock(self._locking, self._lease)
        try:
            published, earlier = self._written.published(), self._written.earlier()
            if earlier is None:
                raise IndexUnavailable(f"there is no generation before the published one of {self.url}")
            meta = self._fitting(self._written, earlier)
            index = self._written.clone(earlier)
            meta = self._written.finish(index, meta)
            lock.renew()
            self._written.publish(index, published)
            self._written.sweep()
            return meta.info()
        finally:
            lock.release()

    def verify(self) -> list[str]:
        return self._published(self._problems)

    def _published(self, read: Callable[[str], Value]) -> Value:
        """What `read` makes of the index of the published generation."""
        while True:
            index = self._read.published()
            if index is None:
                raise IndexUnavailable(f"there is no index at {self.url} yet; build one: indexer rebuild SOURCE")
            try:
                return read(index)
            except Absent:
                # It ended long ago, in the eyes of who asked for it.
                if self._read.published() == index:
                    raise

    def _fitting(self, generations: Generations, index: str) -> Meta:
        """What is known of a generation that was built with the settings of now."""
        meta = generations.meta(index)
        check_settings(meta, self._settings, self._analyzer)
        return meta

    def _searcher(self, index: str, meta: Meta) -> OpenSearchSearcher:
        return OpenSearchSearcher(self._clusters, index, meta, self._settings, self._analyzer)

    def _base(self, index: str) -> Base:
        meta = self._fitting(self._written, index)
        batch = Clusters(self._clusters.batch, self._clusters.batch)  # no reader waits for what a writer asks
        return Base(index, meta, OpenSearchSearcher(batch, index, meta, self._settings, self._analyzer))

    def _remembering(self, index: str) -> OpenSearchSearcher | None:
        """The published generation, where it can be read: a fresh one is to mend the others."""
        try:
            return self._searcher(index, self._written.meta(index))
        except IndexUnavailable:
            return None

    def _problems(self, index: str) -> list[str]:
        meta = self._written.meta(index)
        problems, articles = [], 0
        for source in self._searcher(index, meta).documents():
            articles += 1
            stored = msgspec.convert(source["kept"], Stored)
            if stored != stored.sealed(source["views"]):
                problems.append(f"{self.url}: the article {source['id']!r}: its checksum differs")
        if articles != meta.articles:
            problems.append(f"{self.url}: {articles:,} articles where {meta.articles:,} were published")
        return problems
