"""The connection to a cluster: requests within a budget, and what its errors mean to who operates it."""

import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from queue import Full, Queue
from typing import Any, TypeVar

import msgspec
from opensearchpy import JSONSerializer, OpenSearch, Transport
from opensearchpy.exceptions import (
    AuthenticationException,
    ConnectionTimeout,
    OpenSearchException,
    RequestError,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.helpers import streaming_bulk

from search.engines.opensearch.address import ClusterAddress
from search.errors import IndexUnavailable

# What the client would log of a request that fails, with a traceback, is what our errors say.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)

log = logging.getLogger("arkhiv")

Json = dict[str, Any]
Value = TypeVar("Value")

CONNECTIONS = 16
# A node that shuts down answers, as long as it can, with the status of a fault of its own: who asks goes elsewhere.
ELSEWHERE = (
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
EXPECTED = (HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT)
# How many documents are asked for by id in one request, or words in one query.
AT_ONCE = 500
# What is sent in one request of a load: small enough for a node that has little memory.
BULK_ARTICLES = 500
BULK_BYTES = 8 << 20
# A node that has too much to do rejects some of the items, or the whole request: what it rejected is sent again, after
# 1, 2, 4 … seconds, four minutes in all.
BULK_RETRIES = 8
BULK_LONGEST_PAUSE = 60
# Seconds between two looks whether sending goes on at all.
WATCH = 1.0


class Absent(IndexUnavailable):
    """What was asked for is not there."""


class Conflict(IndexUnavailable):
    """Somebody else changed it first, or made it already."""


class Cluster:
    """A cluster that is asked. Safe to use from many threads at once."""

    def __init__(self, address: ClusterAddress, *, seconds: float, retries: int, is_patient: bool = False) -> None:
        """A request may take so long, and is sent as often again, each time to another node as long as there is one.
        A patient one is sent again as well where the cluster has too much to do."""
        self.address = address
        self._budget = f"{seconds * 1000:.0f}ms"
        self._client = OpenSearch(
            list(address.nodes),
            http_auth=(address.user, address.password) if address.user else None,
            timeout=seconds,
            transport_class=_Transport,
            retries=retries,
            backoffs=BULK_RETRIES if is_patient else 0,
            pool_maxsize=CONNECTIONS,
            serializer=_Serializer(),
        )

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Json:
        """The answer to a request. Absent and Conflict say what they are; IndexUnavailable all else that is wrong."""
        with self._told():
            # What is looked for and not there is no fault that has to be logged.
            options = params | {"ignore": EXPECTED}
            answer: Any = self._client.transport.perform_request(method, path, params=options, body=body)
        if not isinstance(answer, dict):
            raise IndexUnavailable(
                f"{self.address.url} is no OpenSearch: it does not answer with JSON; check the address"
            )
        if answer.get("status") == HTTPStatus.NOT_FOUND or answer.get("found") is False:
            raise Absent(f"{self.address.url}: {_reason(answer)}")
        if answer.get("status") == HTTPStatus.CONFLICT:
            raise Conflict(f"{self.address.url}: {_reason(answer)}")
        return answer

    def search(self, index: str, body: Json) -> Json:
        """The answer of every shard to a search; IndexUnavailable where one of them has none. The cluster gives up
        when nobody waits for it any more."""
        whole = {"allow_partial_search_results": "false", "cancel_after_time_interval": self._budget}
        return self.ask("POST", f"/{index}/_search", body, **whole)

    def documents(self, index: str, ids: Sequence[str], fields: Sequence[str] = ("*",)) -> dict[str, Json]:
        """What stands under each of the ids, no more than AT_ONCE, as of the last refresh; what does not is left out.
        A search, since a multi-get passes off as absent what it cannot read."""
        body: Json = {"query": {"ids": {"values": ids}}, "size": len(ids), "sort": "_doc", "_source": list(fields)}
        hits = self.search(index, body | {"track_total_hits": False})["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def refresh(self, index: str) -> None:
        """Have searches find what was written; IndexUnavailable where a part of the index says that it cannot."""
        failed = self.ask("POST", f"/{index}/_refresh")["_shards"].get("failures")
        if failed:
            raise IndexUnavailable(f"{self.address.url} {_refusal(500, _reason(failed[0].get('reason')))}")

    def load(self, index: str, actions: Iterable[Mapping[str, Any]]) -> None:
        """Write and delete documents: `_op_type`, `_id`, `_source` each. What is rejected for lack of room in a queue
        is sent again, nothing else is; IndexUnavailable names the first that is refused.

        One thread sends while this one makes the actions, no more than a few hundred ahead.
        """
        queue: Queue[Mapping[str, Any] | None] = Queue(BULK_ARTICLES)
        with ThreadPoolExecutor(1) as thread:
            sent = thread.submit(self._send, index, queue)
            try:
                for action in actions:
                    _put(queue, action, sent)
            finally:
                _put(queue, None, sent)
            sent.result()

    def _send(self, index: str, queue: Queue[Mapping[str, Any] | None]) -> None:
        with self._told():
            written = streaming_bulk(
                self._client,
                ({"_index": index, **action} for action in iter(queue.get, None) if action),
                chunk_size=BULK_ARTICLES,
                max_chunk_bytes=BULK_BYTES,
                raise_on_error=False,
                max_retries=BULK_RETRIES,
                initial_backoff=1,
                max_backoff=BULK_LONGEST_PAUSE,
            )
            for done, item in written:
                (result,) = item.values()
                if not done and result.get("status") != HTTPStatus.NOT_FOUND:  # what is to be deleted may be gone
                    raise IndexUnavailable(f"{self.address.url} refused to write: {_reason(result.get('error'))}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the client's errors into ours."""
        try:
            yield
        except RequestError as error:
            there = error.error == "resource_already_exists_exception"
            raise (Conflict if there else IndexUnavailable)(self._meaning(error)) from error
        except OpenSearchException as error:
            raise IndexUnavailable(self._meaning(error)) from error

    def _meaning(self, error: OpenSearchException) -> str:
        """What is wrong, and what to do."""
        place = self.address.url
        match error:
            case AuthenticationException():
                return f"{place} refuses the user name or the password; write them into the address, USER:PASSWORD@"
            case SSLError():
                return f"{place}: no secure connection: {error.error}; check the certificate, or SSL_CERT_FILE for it"
            case ConnectionTimeout():
                return f"{place} did not answer in time; see whether the cluster is well: GET _cluster/health"
            case NoConnection():
                return f"{place} cannot be reached: {error.error}; check the address, and that the cluster runs"
            case SerializationError():
                return f"{place} is no OpenSearch: it does not answer with JSON; check the address"
            case TransportError():
                return f"{place} {_refusal(error.status_code, _reason(error.info or f'HTTP {error.status_code}'))}"
        return f"{place}: {error}"


class _Transport(Transport):
    """Asks another node where one does not answer or cannot. The client's own may ask the same one again, takes one
    that answers with an error for dead, and tells of the last it asked, though an earlier one may have said more."""

    def __init__(self, hosts: Any, *, retries: int, backoffs: int, **settings: Any) -> None:
        super().__init__(hosts, max_retries=0, retry_on_status=(), retry_on_timeout=True, **settings)
        self._retries = retries
        self._pauses = [min(2**number, BULK_LONGEST_PAUSE) for number in range(backoffs)]
        self._asking = threading.local()

    def get_connection(self) -> Any:
        """To a node that this request has not tried, if there is one: best to one that answered the last time."""
        tried: list[Any] = self._asking.tried
        chosen, live = super().get_connection(), self.connection_pool.connections[:]
        if chosen in tried:
            others = [node for node, _ in self.connection_pool.connection_opts if node not in tried]
            chosen = min(others, key=lambda node: node not in live, default=chosen)
        tried.append(chosen)
        return chosen

    def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        for pause in self._pauses:
            try:
                return self._ask_around(method, url, params, body, timeout, ignore, headers)
            except TransportError as error:
                if error.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                log.warning("the cluster has too much to do; it is asked again in %d s", pause)
                time.sleep(pause)
        return self._ask_around(method, url, params, body, timeout, ignore, headers)

    def _ask_around(self, method: str, url: str, params: Mapping[str, Any] | None, body: Any, *options: Any) -> Any:
        """The answer of the first node that can give one."""
        failures: list[TransportError] = []
        self._asking.tried = []
        for _ in range(self._retries + 1):
            try:
                own = dict(params or {})  # the client takes out what it has read
                return super().perform_request(method, url, own, body, *options)
            except TransportError as error:
                if not isinstance(error, NoConnection) and error.status_code not in ELSEWHERE:
                    raise
                failures.append(error.with_traceback(None))  # which would keep all that is on the stack
        try:
            raise next((failure for failure in failures if failure.status_code in ELSEWHERE), failures[-1])
        finally:
            failures.clear()  # else the error would hold the frame that holds it


class _Serializer(JSONSerializer):
    """The client's own takes several times as long."""

    def dumps(self, data: Any) -> str:
        return data if isinstance(data, str) else msgspec.json.encode(data).decode()

    def loads(self, s: str) -> Any:
        try:
            return msgspec.json.decode(s)
        except (msgspec.DecodeError, RecursionError) as error:
            raise SerializationError(s, error) from error


def _put(queue: Queue[Any], value: Any, sent: Future[None]) -> None:
    """Have the value sent; raises what went wrong with those before."""
    while True:
        try:
            return queue.put(value, timeout=WATCH)
        except Full:
            if sent.done():
                sent.result()


def _refusal(status: int | str, reason: str) -> str:
    """What an answer means that says no."""
    if "read-only" in reason or "FORBIDDEN" in reason:
        return f"is read-only: {reason}; free space on the disks, then lift the block"
    match status:
        case HTTPStatus.FORBIDDEN:
            return f"forbids it to this user: {reason}"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return f"has too much to do: {reason}; try again later, or give it more memory"
        case int() if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"cannot read parts of the index: {reason}; see which nodes are missing: GET _cluster/health"
    return f"refuses the request: {reason}"


def _reason(info: Any) -> str:
    """The innermost reason of an error as the cluster tells it."""
    while isinstance(info, dict):
        causes = info.get("root_cause") or info.get("error") or info.get("caused_by")
        inner = causes[0] if isinstance(causes, list) and causes else causes
        if not inner:
            return str(info.get("reason") or info.get("type") or info)
        info = inner
    return str(info)


@dataclass(frozen=True, slots=True)
class Clusters:
    """One cluster, asked in two ways: `interactive` for a reader who waits, `batch` to read or write all of it."""

    interactive: Cluster
    batch: Cluster


def batched(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """The values in lists of so many."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
