"""What goes wrong with a cluster is told as what it is, and nothing is lost by it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from search.analysis import Analyzer
from search.config import ClusterSettings, Settings
from search.engine import IndexWriter, Request
from search.engines import open_engine
from search.engines.opensearch import OpenSearchEngine
from search.engines.opensearch.address import ClusterAddress
from search.engines.opensearch.cluster import Cluster as Connection
from search.engines.opensearch.write.lock import Lease
from search.errors import IndexBusy, IndexUnavailable, UserError
from search.model import Article
from tests.contract import publish
from tests.place import Place, new_place
from tests.tools.opensearch import Cluster

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = Request(now=NOW)
SETTINGS = Settings()


@pytest.fixture
def place() -> Iterator[Place]:
    with new_place() as place:
        yield place


@pytest.fixture
def engine(place: Place, analyzer: Analyzer) -> OpenSearchEngine:
    return OpenSearchEngine(place.url(), SETTINGS, analyzer)


def some(count: int, text: str = "визит") -> list[Article]:
    return [Article(f"{number}", "", text) for number in range(count)]


def index_of(engine: OpenSearchEngine) -> str:
    return f"{ClusterAddress.parse(engine.url).name}-{engine.generation()}"


# -- the address


def test_an_address_names_nodes_archive_and_user() -> None:
    address = ClusterAddress.parse("opensearch+https://editor:p%40ss@one:9201,two/arkhiv")
    assert address.nodes == ("https://one:9201", "https://two:9200")
    assert (address.name, address.user, address.password) == ("arkhiv", "editor", "p@ss")
    assert address.url == "opensearch+https://one:9201,two:9200/arkhiv"
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "opensearch+http://",
        "opensearch+http://host",
        "opensearch+http://host/",
        "opensearch+ftp://host/arkhiv",
        "opensearch+http://host:port/arkhiv",
        "opensearch+http://host/Архив",
        "opensearch+http://host/Arkhiv",
        "opensearch+http://host/_all",
        "opensearch+http://host/arkhiv-lock",
        "opensearch+http://host/arkhiv-earlier",
        "opensearch+http://host/arkhiv-7-0123abcd",
        "opensearch+http://user:secret@host:9200/a/b",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str, analyzer: Analyzer) -> None:
    with pytest.raises(UserError) as told:
        open_engine(url, SETTINGS, analyzer)
    assert told.value.parameter == "index"
    assert "secret" not in str(told.value)


# -- who does not answer as a cluster does


class Answering(BaseHTTPRequestHandler):
    """Answers every request with `status` and `page`, or not at all while `page` is None."""

    status = 200
    page: bytes | None = b"<html>"
    kind = "text/html"
    waiting = Event()

    def answer(self) -> None:
        if self.page is None:
            self.waiting.wait(20)
            return
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)

    def asked(self) -> None:
        self.answer()

    do_GET = do_POST = do_PUT = do_DELETE = asked  # noqa: N815  # as the server calls them

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # as the server calls it
        """Not to be seen."""


class Passing(Answering):
    """Passes on what is asked to a node, and has its answer."""

    node = ""

    def passed_on(self) -> None:
        told = self.rfile.read(int(self.headers["Content-Length"] or 0))
        with closing(HTTPConnection(self.node)) as asked:
            asked.request(self.command, self.path, told or None, {"Content-Type": self.headers["Content-Type"]})
            with asked.getresponse() as response:
                self.status, self.page, self.kind = response.status, response.read(), "application/json"


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def complaint(url: str, analyzer: Analyzer) -> str:
    with pytest.raises(IndexUnavailable) as told:
        OpenSearchEngine(url, SETTINGS, analyzer).open()
    return str(told.value)


def test_nobody_at_the_address(analyzer: Analyzer) -> None:
    told = complaint("opensearch+http://127.0.0.1:1/arkhiv", analyzer)
    assert told.startswith("opensearch+http://127.0.0.1:1/arkhiv cannot be reached")
    assert "check the address" in told


def test_something_else_at_the_address(analyzer: Analyzer) -> None:
    with serving(Answering) as host:
        assert "is no OpenSearch" in complaint(f"opensearch+http://{host}/arkhiv", analyzer)


@pytest.mark.parametrize(
    ("status", "page", "words"),
    [
        (200, b"{}", "is no generation of an archive"),
        (200, b'{"name": {"mappings": {}}, "version": {"number": "7.10.2"}}', "is no generation of an archive"),
        (200, b'{"news-2024": {"aliases": {"arkhiv": {}}}}', "is no generation of an archive"),
        (200, b"[" * 100_000, "is no OpenSearch"),
        (200, b"null", "is no OpenSearch"),
        (200, b'{"version": "\xff"}', "check the address"),
        (302, b"", "refuses the request: HTTP 302"),
        (413, b"", "refuses the request: HTTP 413"),
        (502, b"<html>Bad gateway</html>", "HTTP 502"),
        (500, b'{"error": {"type": 17, "reason": null}, "status": "x"}', "17"),
    ],
)
def test_what_no_cluster_would_answer_is_said_in_words(
    analyzer: Analyzer, status: int, page: bytes, words: str
) -> None:
    answering = {"status": status, "page": page, "kind": "text/html" if page[:1] == b"<" else "application/json"}
    with serving(type("Other", (Answering,), answering)) as host:
        assert words in complaint(f"opensearch+http://{host}/arkhiv", analyzer)


def test_a_wrong_password(analyzer: Analyzer) -> None:
    with serving(type("Refusing", (Answering,), {"status": 401, "page": b"Unauthorized"})) as host:
        told = complaint(f"opensearch+http://editor:secret@{host}/arkhiv", analyzer)
    assert "refuses the user name or the password" in told
    assert "secret" not in told


def test_a_silent_cluster_is_waited_for_within_the_budget(analyzer: Analyzer) -> None:
    silent = type("Silent", (Answering,), {"page": None, "waiting": Event()})
    with serving(silent) as host:
        began = time.monotonic()
        told = complaint(f"opensearch+http://{host}/arkhiv", analyzer)
        took = time.monotonic() - began
        silent.waiting.set()  # type: ignore[attr-defined]  # made at run time
    assert "did not answer in time" in told
    assert took < 2 * SETTINGS.cluster.seconds + 1


def test_a_node_that_says_it_is_closing_is_passed_by(place: Place, analyzer: Analyzer) -> None:
    """Which it says with the status of a fault of its own, as long as it still answers."""
    publish(OpenSearchEngine(place.url(), SETTINGS, analyzer), *some(3))
    told = {"error": {"type": "node_closed_exception", "reason": "node closed {node-2}"}, "status": 500}
    closing = {"status": 500, "page": json.dumps(told).encode(), "kind": "application/json"}
    with serving(type("Closing", (Answering,), closing)) as host:
        asked = Place((f"http://{host}", place.nodes[0]), place.beginning)
        for _ in range(4):  # each begins with one of the two, whichever it is
            engine = OpenSearchEngine(asked.url(), SETTINGS, analyzer)
            searcher = engine.open()
            assert searcher.search(EVERYTHING).total == 3
            assert searcher.article("1", NOW) == some(3)[1]
            assert searcher.frequencies(["визит"]) == (3,)
        publish(engine, Article("new", "", "визит"))
        assert engine.open().search(EVERYTHING).total == 4


def test_a_node_that_is_back_is_asked(place: Place, analyzer: Analyzer) -> None:
    publish(OpenSearchEngine(place.url(), SETTINGS, analyzer), *some(3))
    told = {"error": {"type": "node_closed_exception", "reason": "node closed {node-2}"}, "status": 500}
    closing = {"status": 500, "page": json.dumps(told).encode(), "kind": "application/json"}
    with serving(type("Closing", (Answering,), closing)) as host:
        asked = Place((f"http://{host}", place.nodes[0]), place.beginning)
        engine = OpenSearchEngine(asked.url(), SETTINGS, analyzer)
        pool = engine._clusters.interactive._client.transport.connection_pool
        for each in pool.connections[:]:
            if each.host == place.nodes[0]:
                pool.mark_dead(each)  # it restarted before the other one did
        for _ in range(4):
            assert engine.open().search(EVERYTHING).total == 3


@pytest.mark.parametrize(
    "lost",
    [
        "PUT .*-lock$", "PUT /[^/]*-archive-[^/]*$", "_clone", "_bulk", "_refresh",
        "PUT .*_mapping", "_settings", "POST /_aliases",
        *(f"_update/writer#{number}" for number in range(3)),  # the lock is taken, renewed, released
    ],
)  # fmt: skip
def test_a_run_goes_on_where_an_answer_was_lost(place: Place, analyzer: Analyzer, lost: str) -> None:
    """What is asked for is done, and the node goes before it says so: each kind of request once in a run."""
    publish(OpenSearchEngine(place.url(), SETTINGS, analyzer), *some(3))
    lost, _, number = lost.partition("#")
    left = [*range(int(number or 0) + 1)]

    class Losing(Passing):
        node = urlsplit(place.nodes[0]).netloc

        def answer(self) -> None:
            self.passed_on()
            if left and re.search(lost, f"{self.command} {self.path}") and left.pop() == 0:
                self.status, self.page = 500, b'{"error": "node closed"}'
            super().answer()

    with serving(Losing) as host:
        engine = OpenSearchEngine(Place((f"http://{host}",), place.beginning).url(), SETTINGS, analyzer)
        publish(engine, Article("new", "", "визит"))
        assert engine.open().search(EVERYTHING).total == 4
        publish(engine, *some(2), fresh=True)
        assert engine.open().search(EVERYTHING).total == 2
    assert not left


def test_what_is_published_stays_though_nobody_said_so(place: Place, analyzer: Analyzer) -> None:
    publish(OpenSearchEngine(place.url(), SETTINGS, analyzer), *some(3))
    unanswered: list[str] = []

    class Losing(Passing):
        """Switching the alias is done and not answered, nor is what is asked next."""

        node = urlsplit(place.nodes[0]).netloc

        def answer(self) -> None:
            self.passed_on()
            path = urlsplit(self.path).path
            if path == "/_aliases" or (unanswered and path.startswith("/_alias") and len(unanswered) < 8):
                unanswered.append(path)
                self.status, self.page = 503, b'{"error": "master not discovered"}'
            super().answer()

    with serving(Losing) as host:
        engine = OpenSearchEngine(Place((f"http://{host}",), place.beginning).url(), SETTINGS, analyzer)
        with pytest.raises(IndexUnavailable, match="master not discovered"):
            publish(engine, Article("new", "", "визит"))
    assert len(unanswered) == 8, "the run could not know"
    engine = OpenSearchEngine(place.url(), SETTINGS, analyzer)
    assert engine.open().search(EVERYTHING).total == 4
    assert engine.verify() == []


def test_only_what_was_rejected_is_sent_again() -> None:
    asked: list[list[str]] = []

    class Busy(Answering):
        def answer(self) -> None:
            lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
            ids = [json.loads(line)["index"]["_id"] for line in lines[::2]]
            asked.append(ids)
            busy = {"status": 429, "error": {"type": "rejected_execution_exception", "reason": "queue full"}}
            statuses = [busy if each == "b" and len(asked) < 3 else {"status": 201} for each in ids]
            items = [{"index": {"_id": each, **status}} for each, status in zip(ids, statuses, strict=True)]
            self.page, self.kind = json.dumps({"errors": True, "items": items}).encode(), "application/json"
            super().answer()

    with serving(Busy) as host:
        connection = Connection(ClusterAddress.parse(f"opensearch+http://{host}/arkhiv"), seconds=5, retries=0)
        connection.load("arkhiv-1", ({"_id": each, "_source": {}} for each in "abc"))
    assert asked == [["a", "b", "c"], ["b"], ["b"]]


def test_a_request_that_is_refused_for_want_of_memory_is_sent_again(caplog: pytest.LogCaptureFixture) -> None:
    bodies: list[bytes] = []

    class Short(Answering):
        kind = "application/json"

        def answer(self) -> None:
            bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            reason = {"type": "circuit_breaking_exception", "reason": "[parent] Data too large"}
            self.status = 429 if len(bodies) < 3 else 200
            done = {"errors": False, "items": [{"index": {"_id": "a", "status": 201}}]}
            self.page = json.dumps({"error": reason, "status": 429} if len(bodies) < 3 else done).encode()
            super().answer()

    with serving(Short) as host:
        address = ClusterAddress.parse(f"opensearch+http://{host}/arkhiv")
        Connection(address, seconds=5, retries=0, is_patient=True).load("arkhiv-1", [{"_id": "a", "_source": {}}])
        assert len(bodies) == 3
        assert len(set(bodies)) == 1
        assert "asked again in 2 s" in caplog.text
        bodies.clear()
        began = time.monotonic()
        with pytest.raises(IndexUnavailable, match=r"has too much to do: .*Data too large"):  # no reader waits
            Connection(address, seconds=5, retries=0).ask("GET", "/arkhiv-1/_doc/a")
        assert time.monotonic() - began < 1


# -- what was changed or blocked by hand


def test_an_index_of_another_version_asks_for_a_rebuild(engine: OpenSearchEngine, place: Place) -> None:
    publish(engine, *some(1))
    place.client.indices.put_mapping(index=index_of(engine), body={"_meta": {"format": 0}})
    with pytest.raises(IndexUnavailable, match=r"version 0.*rebuild --full"):
        engine.open()
    publish(engine, *some(2), fresh=True)
    assert engine.open().info.articles == 2


def test_a_mapping_changed_by_hand_is_noticed(engine: OpenSearchEngine, place: Place) -> None:
    publish(engine, *some(1))
    place.client.indices.put_mapping(index=index_of(engine), body={"properties": {"new": {"type": "keyword"}}})
    with pytest.raises(IndexUnavailable, match="mapping was changed"):
        engine.open()
    with pytest.raises(IndexUnavailable, match="mapping was changed"), engine.writer():
        pass


def test_an_article_changed_by_hand_is_found_by_verify(engine: OpenSearchEngine, place: Place) -> None:
    publish(engine, *some(2))
    index, client = index_of(engine), place.client
    client.indices.put_settings(index=index, body={"index.blocks.write": False})
    change = {"script": {"source": "ctx._source.views = 7"}, "query": {"term": {"id": "1"}}}
    client.update_by_query(index=index, body=change, params={"refresh": "true"})
    assert len(engine.verify()) == 1
    assert "'1'" in engine.verify()[0]
    client.delete_by_query(index=index, body={"query": {"term": {"id": "1"}}}, params={"refresh": "true"})
    assert "1 articles where 2 were published" in engine.verify()[0]


def test_a_published_generation_cannot_be_written_to(engine: OpenSearchEngine, place: Place) -> None:
    publish(engine, *some(1))
    connection = Connection(ClusterAddress.parse(place.url()), seconds=5, retries=0)
    with pytest.raises(IndexUnavailable, match="refused to write"):
        connection.load(index_of(engine), [{"_id": "x", "_source": {"id": "x"}}])
    assert engine.verify() == []


def test_an_archive_that_is_read_only_says_so(engine: OpenSearchEngine, place: Place) -> None:
    publish(engine, *some(1))
    before = engine.generation()
    place.client.indices.put_settings(index=f"{ClusterAddress.parse(place.url()).name}-lock", body=READ_ONLY)
    with pytest.raises(IndexUnavailable, match=r"is read-only: .*free space on the disks"), engine.writer():
        pass
    assert engine.generation() == before
    assert engine.open().search(EVERYTHING).total == 1


# What a cluster sets by itself where a disk is full.
READ_ONLY = {"index.blocks.read_only_allow_delete": True}


def test_a_refused_article_is_named_and_nothing_is_published(
    engine: OpenSearchEngine, place: Place, analyzer: Analyzer
) -> None:
    publish(engine, *some(1))
    with pytest.raises(IndexUnavailable, match="refused to write"):
        publish(engine, Article("x", "", "визит", views=1 << 63))
    assert engine.open().search(EVERYTHING).total == 1


# -- writers that end early


def crash(engine: OpenSearchEngine) -> Any:
    """A writer that has loaded an index, and neither renews its lock nor says good-bye."""
    writer = engine.writer(fresh=True)
    writer.add(Article("new", "", "поездка"))
    writer._lock._released.set()
    writer._generations.begin()
    return writer


def writer_in_time(engine: OpenSearchEngine, *, fresh: bool = False) -> IndexWriter:
    """A writer as soon as the lock of another one has run out."""
    until = time.monotonic() + 30
    while True:
        try:
            return engine.writer(fresh=fresh)
        except IndexBusy:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_the_lock_of_a_writer_that_crashed_runs_out(place: Place, analyzer: Analyzer) -> None:
    engine = OpenSearchEngine(place.url(), SETTINGS, analyzer, lease=Lease(lasts=1))
    publish(engine, *some(1))
    crashed = crash(engine)
    with pytest.raises(IndexUnavailable, match="another process is writing"), engine.writer():
        pass
    with writer_in_time(engine) as writer:
        writer.add(Article("other", "", "визит"))
        writer.publish()
    with pytest.raises(IndexUnavailable, match="another writer took over"):
        crashed.publish()
    assert engine.open().search(EVERYTHING).total == 2


def test_a_writer_that_lost_its_lock_clears_nothing_away(place: Place, analyzer: Analyzer) -> None:
    asleep = crash(OpenSearchEngine(place.url(), SETTINGS, analyzer, lease=Lease(lasts=1)))
    with writer_in_time(OpenSearchEngine(place.url(), SETTINGS, analyzer), fresh=True) as writer:
        writer.add(Article("a", "", "визит"))
        begun = writer._generations.begin()
        asleep.__exit__(None, None, None)
        assert begun in indices(place)
        writer.publish()
    assert OpenSearchEngine(place.url(), SETTINGS, analyzer).open().search(EVERYTHING).total == 1
    assert len(indices(place)) == 1


def test_a_living_writer_keeps_its_lock_however_long_it_takes(place: Place, analyzer: Analyzer) -> None:
    engine = OpenSearchEngine(place.url(), SETTINGS, analyzer, lease=Lease(lasts=1, renewed=0.2))
    with engine.writer() as writer:
        writer.add(Article("a", "", "визит"))
        time.sleep(2)
        with pytest.raises(IndexUnavailable), engine.writer():
            pass
        writer.publish()


def indices(place: Place) -> set[str]:
    found = place.client.indices.get_mapping(index=f"{place.beginning}-*", expand_wildcards="all")
    return {name for name in found if not name.endswith("-lock")}


def test_what_a_crashed_writer_left_is_swept_by_the_next(
    engine: OpenSearchEngine, place: Place, analyzer: Analyzer
) -> None:
    publish(engine, *some(1))
    crash(OpenSearchEngine(place.url(), SETTINGS, analyzer, lease=Lease(lasts=0)))
    assert len(indices(place)) == 2
    with writer_in_time(engine):
        assert indices(place) == {index_of(engine)}


def test_generations_that_ended_are_swept_after_a_while(
    engine: OpenSearchEngine, place: Place, analyzer: Analyzer
) -> None:
    for number in range(4):
        publish(engine, Article(f"{number}", "", "визит"))
    assert len(indices(place)) == 4
    publish(OpenSearchEngine(place.url(), SETTINGS, analyzer, grace=timedelta(seconds=-1)))
    assert len(indices(place)) == 2
    engine.rollback()
    assert engine.open().search(EVERYTHING).total == 4


def test_nothing_of_a_withdrawn_article_is_left_on_the_disk(engine: OpenSearchEngine, place: Place) -> None:
    publish(engine, *some(5))
    publish(engine, Article("other", "", "визит"))
    with engine.writer() as writer:
        assert writer.withdraw("3")
        writer.publish()
    assert indices(place) == {index_of(engine)}
    deleted = place.client.indices.stats(index=index_of(engine), metric="docs")["_all"]["primaries"]["docs"]["deleted"]
    assert deleted == 0
    assert engine.open().search(EVERYTHING).total == 5


# -- nodes that go


def test_a_node_that_goes_takes_nothing_with_it(analyzer: Analyzer, place: Place) -> None:
    """`place` is asked for only so that this test runs where there is a cluster to test with."""
    with Cluster(nodes=3) as cluster:
        hosts = ",".join(address.partition("://")[2] for address in cluster.addresses)
        engine = OpenSearchEngine(f"opensearch+http://{hosts}/arkhiv", SETTINGS, analyzer)
        publish(engine, *some(300))
        with searching(engine) as failures:
            cluster.stop(2)
            searched(engine, 50)
            published = rebuilt_meanwhile(engine, lambda: None)
            cluster.start(2)
        assert failures == []
        assert published == engine.generation()
        with searching(engine) as failures:
            before = engine.generation()
            published = rebuilt_meanwhile(engine, lambda: cluster.stop(3))
        assert failures == []
        assert engine.generation() == (published or before)
        assert engine.open().search(EVERYTHING).total == 300
        assert engine.verify() == []
        cluster.start(3)
        await_replicas(engine, index_of(engine))  # before the next node goes
        unreplicated = replace(SETTINGS, cluster=ClusterSettings(replicas=0, shards=3))
        alone = OpenSearchEngine(f"opensearch+http://{hosts}/alone", unreplicated, analyzer)
        publish(alone, *some(30))
        searcher = alone.open()
        await_replicas(alone, "alone-lock")  # which is new: what has no copy yet goes with its node
        cluster.stop(1)
        with pytest.raises(IndexUnavailable, match="cannot read parts of the index"):
            searcher.search(EVERYTHING)
        with pytest.raises(IndexUnavailable, match="cannot read parts of the index"):
            searcher.frequencies(["визит", *map(str, range(30))])  # of which some lie there, wherever the others do
        publish(alone, *some(1), fresh=True)
        assert alone.open().search(EVERYTHING).total == 1
        assert engine.open().search(EVERYTHING).total == 300
    began = time.monotonic()
    with pytest.raises(IndexUnavailable, match="cannot be reached"):
        engine.open()
    assert time.monotonic() - began < 3


def searched(engine: OpenSearchEngine, times: int) -> None:
    """So many searches, each by a searcher of its own, beside those of readers."""
    for _ in range(times):
        assert engine.open().search(EVERYTHING).total == 300


@contextmanager
def searching(engine: OpenSearchEngine) -> Iterator[list[str]]:
    """Searches in a row for as long as the block lasts, each as a reader's; the failures."""
    failures: list[str] = []
    done = Event()

    def search() -> None:
        while not done.is_set():
            try:
                total = engine.open().search(EVERYTHING).total
                if total != 300:
                    failures.append(f"{total} found")
            except IndexUnavailable as error:
                failures.append(str(error))
            time.sleep(0.01)

    thread = Thread(target=search)
    thread.start()
    try:
        yield failures
    finally:
        done.set()
        thread.join()


def await_replicas(engine: OpenSearchEngine, index: str) -> None:
    """Wait until every shard of the index has its replicas."""
    connection = Connection(ClusterAddress.parse(engine.url), seconds=60, retries=3)
    for _ in range(4):  # each waits half a minute
        if connection.ask("GET", f"/_cluster/health/{index}", wait_for_status="green")["status"] == "green":
            return
    raise AssertionError(f"the replicas of {index} do not come")


def rebuilt_meanwhile(engine: OpenSearchEngine, happening: Any) -> str | None:
    """Rebuild while something happens; the generation, or None where nothing was published."""
    with suppress(IndexUnavailable), engine.writer(fresh=True) as writer:
        for article in some(300, "поездка"):
            writer.add(article)
        thread = Thread(target=happening)
        thread.start()
        try:
            return writer.publish().generation
        finally:
            thread.join()
    return None
