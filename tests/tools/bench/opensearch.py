"""OpenSearch over HTTP, on the cluster that ARKHIV_TEST_OPENSEARCH names, as well as that lets it.

One shard sorted by time, no replica, no cache of results. A search is one request: with a period, the hits are filtered
after the facets, which are counted for the neighbours too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch as Client
from opensearchpy.helpers import bulk

from search.model import Article
from search.query.tree import And, Or, Phrase, Query, Word
from tests.tools.bench.corpus import articles
from tests.tools.bench.http import Connection
from tests.tools.bench.peer import HITS, TOP_VALUES, Answer, Facts, Question, Terms, encoded, ids_of, most_frequent

SECONDS = 600  # what a bulk or a refresh may take
EVERY = 1000  # more values than a facet has

SETTINGS = {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "refresh_interval": -1,
    "sort.field": "time",
    "sort.order": "desc",
    "queries.cache.enabled": False,
    "requests.cache.enable": False,
}
MAPPINGS = {
    "dynamic": "strict",
    "_source": {"includes": ["article"]},
    "properties": {
        "text": {"type": "text", "analyzer": "whitespace"},
        "time": {"type": "long"},
        "year": {"type": "integer"},
        "month": {"type": "integer"},
        "author": {"type": "keyword"},
        "section": {"type": "keyword"},
        "tag": {"type": "keyword"},
        "article": {"type": "keyword", "index": False, "doc_values": False},
    },
}


class OpenSearch:
    """See `Peer`. The folder only gives the index its name: what it takes on the disk is not measured."""

    stored = ()

    def __init__(self, folder: Path) -> None:
        addresses = os.environ.get("ARKHIV_TEST_OPENSEARCH")
        if not addresses:
            raise ImportError("ARKHIV_TEST_OPENSEARCH names no cluster")
        self.address = addresses.split(",")[0]
        self._client = Client([self.address], timeout=SECONDS)
        self._connection = Connection(self.address)
        self._name = f"bench-{blake2b(str(folder).encode(), digest_size=8).hexdigest()}"
        self._terms = Terms()

    def build(self, corpus: Path) -> None:
        self._client.indices.delete(index=self._name, ignore_unavailable=True)
        self._client.indices.create(index=self._name, body={"settings": {"index": SETTINGS}, "mappings": MAPPINGS})
        bulk(self._client, self._actions(corpus), chunk_size=500)
        self._client.indices.flush(index=self._name)
        self._client.indices.refresh(index=self._name)

    def add(self, article: Article) -> None:
        bulk(self._client, self._actions([article]), refresh=True)

    def _actions(self, corpus: Path) -> Iterator[dict[str, Any]]:
        for article in articles(corpus):
            facts = Facts.of(article)
            period = {"year": facts.year, "month": facts.month} if facts.year else {}
            about = {name: value for name in ("author", "section") if (value := getattr(article, name))}
            about["tag"] = article.tags
            fields = {"text": self._terms.fields(article), "time": facts.time, "article": encoded(article).decode()}
            yield {"_index": self._name, "_id": article.id, "_source": {**fields, **period, **about}}

    def open(self) -> None:
        self._client.cluster.health(index=self._name, wait_for_status="green")

    def asked(self, question: Question) -> tuple[str, Any]:
        """The path and the body of the request for a question."""
        body: dict[str, Any] = {"query": _compiled(self._terms.query(question)), "size": HITS, "track_total_hits": True}
        if question.newest:
            body["sort"] = [{"time": "desc"}]
        return f"/{self._name}/_search", body | _facets(question)

    def search(self, question: Question) -> Answer:
        found = self._connection.post(*self.asked(question))
        facets = found["aggregations"]
        if question.year:
            facets = {"years": facets["years"], **facets["of_year"], **facets["of_period"]}
        return Answer(
            total=found["hits"]["total"]["value"],
            ids=ids_of(hit["_source"]["article"].encode() for hit in found["hits"]["hits"]),
            years=_counts(facets["years"]),
            months=_counts(facets["months"]) if question.year else {},
            authors=most_frequent(_counts(facets["authors"])),
            sections=_counts(facets["sections"]),
            tags=most_frequent(_counts(facets["tags"])),
        )


def _facets(question: Question) -> dict[str, Any]:
    """What a request has beside the query: the facets, and the filter of the hits."""
    if not question.year:
        return {"aggs": {"years": YEARS, **VALUES}}
    of_year = {"term": {"year": question.year}}
    period = {"term": {"month": question.month}} if question.month else of_year
    wanted = {
        "years": YEARS,
        "of_year": {"filter": of_year, "aggs": {"months": MONTHS}},
        "of_period": {"filter": period, "aggs": VALUES},
    }
    return {"aggs": wanted, "post_filter": period}


def _compiled(query: Query) -> dict[str, Any]:
    match query:
        case Word(terms=(term,)):
            return {"term": {"text": term}}
        case Phrase(words=words, offsets=offsets) if tuple(offsets) == tuple(range(len(words))):
            return {"match_phrase": {"text": " ".join(word.terms[0] for word in words)}}
        case And():
            return {"bool": {"must": [_compiled(clause) for clause in query.clauses]}}
        case Or():
            return {"bool": {"should": [_compiled(clause) for clause in query.clauses]}}
    raise ValueError(f"{query} is not asked here")


def _facet(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size}}


YEARS, MONTHS = _facet("year", EVERY), _facet("month", EVERY)
VALUES = {
    "authors": _facet("author", TOP_VALUES),
    "sections": _facet("section", TOP_VALUES),
    "tags": _facet("tag", TOP_VALUES),
}


def _counts(facet: dict[str, Any]) -> dict[Any, int]:
    return {one["key"]: one["doc_count"] for one in facet["buckets"]}
