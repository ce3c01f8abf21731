"""One generation that answers: a request becomes one search of the cluster, and its answer ours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from search.analysis import Analyzer
from search.config import Settings
from search.engine import Answer, Match, Origin, Request, Visibility
from search.engines.opensearch.cluster import Absent, Clusters, Json
from search.engines.opensearch.document import article_of, document_id, token
from search.engines.opensearch.mapping import MATCHED, WINDOW, Meta
from search.engines.opensearch.read.facets import facet_aggregations, facets_of, own_filters
from search.engines.opensearch.read.queries import Compiled, day_of, days_filter, order
from search.engines.opensearch.read.vocabulary import REMEMBERED, ClusterVocabulary
from search.model import Article, Count, IndexInfo
from search.publication import instant
from search.query.tree import Expansions, Field, Query, counted, expanded, leading, leaves
from search.ranking import recency_steps, score_of, scored, term_weight

# Articles that are read in one request where all are wanted, and near-copies that are counted in one.
BATCH = 500
COPIES = 10_000
OLDEST_OF_ALL = [{"due": "asc"}, {"id": "asc"}]
# Forms in one answer.
AT_ONCE = 1000
WHATEVER_DATE: Json = {"exists": {"field": "due"}}


class OpenSearchSearcher:
    """The index of one generation; see `search.engine.Searcher`."""

    def __init__(self, clusters: Clusters, index: str, meta: Meta, settings: Settings, analyzer: Analyzer) -> None:
        self._clusters = clusters
        self._index = index
        self._meta = meta
        self._ranking = settings.ranking
        self._recency = settings.recency
        self._visibility: tuple[int, Visibility] | None = None  # and since when it holds
        self._vocabulary = ClusterVocabulary(clusters.interactive, index, analyzer)
        self._frequencies: dict[tuple[str, str], int] = {}

    @property
    def info(self) -> IndexInfo:
        return self._meta.info()

    def search(self, request: Request) -> Answer:
        compiled, bounded = self._compiled(request)
        ranked = request.ranked
        body = self._body(request, compiled, ranked=ranked)
        reach = request.offset + request.limit
        # What lies beyond the window is walked to.
        body |= {"from": request.offset, "size": request.limit} if reach <= WINDOW else {"size": 0}
        body |= {"track_total_hits": True, "aggs": facet_aggregations(request) if request.facets else {}}
        if request.fold:
            body["collapse"] = {"field": "fold"}
            body["aggs"]["copies"] = _copies(request)
        answer = self._search(body)
        copies = dict(self._copy_counts(body, answer)) if request.fold else {}
        hits: Iterable[Json] = answer["hits"]["hits"]
        if reach > WINDOW:
            hits = islice(self._walk(request, compiled, ranked=ranked), request.offset, reach)
        return Answer(
            total=answer["hits"]["total"]["value"],
            matches=tuple(self._match(hit, copies, request.query, ranked=ranked) for hit in hits),
            facets=facets_of(answer["aggregations"], request.filters.period) if request.facets else None,
            bounded=bounded,
            folded=sum(copies.values()) - len(copies),
        )

    def counts(self, queries: Sequence[Query], now: datetime) -> tuple[int, ...]:
        if not queries:
            return ()
        matching = [Compiled(self._expanded(query).forms, {}, ()).matching(query) for query in queries]
        body = {"query": self._visible(now), "aggs": {"counts": {"filters": {"filters": matching}}}}
        buckets = self._search(body | {"size": 0})["aggregations"]["counts"]["buckets"]
        return tuple(bucket["doc_count"] for bucket in buckets)

    def visibility(self, now: datetime) -> Visibility:
        moment, cached = instant(now), self._visibility
        if cached and cached[0] <= moment and (cached[1].until is None or moment < cached[1].until):
            return cached[1]
        aggregations = {"due": {"filter": self._visible(now), "aggs": {"newest": {"max": {"field": "day"}}}}}
        body = {"query": WHATEVER_DATE, "post_filter": {"range": {"due": {"gt": moment}}}, "sort": OLDEST_OF_ALL}
        answer = self._search(body | {"size": 1, "track_total_hits": False, "aggs": aggregations})
        visible, later = answer["aggregations"]["due"], answer["hits"]["hits"]
        newest = visible["newest"]["value"]
        visibility = Visibility(
            articles=visible["doc_count"],
            newest=None if newest is None else day_of(int(newest)),
            until=later[0]["sort"][0] if later else None,
        )
        self._visibility = moment, visibility
        return visibility

    def article(self, article_id: str, now: datetime) -> Article | None:
        try:
            document = self._clusters.interactive.ask("GET", f"/{self._index}/_doc/{document_id(article_id)}")
        except Absent:
            return None
        source = document["_source"]
        is_visible = source["due"] <= instant(now)
        return article_of(source["kept"], source["views"]) if is_visible else None

    def matching(self, request: Request) -> Iterator[Article]:
        compiled, _ = self._compiled(request)
        hits = self._walk(replace(request, facets=False, fold=False), compiled, ranked=request.ranked)
        return (_article(hit) for hit in hits)

    def articles(self) -> Iterator[Article]:
        return map(_article, self._pages({"query": WHATEVER_DATE, "sort": OLDEST_OF_ALL}))

    def origins(self) -> Iterator[Origin]:
        documents = self.documents(fields=("id", "kept.origin"))
        return (Origin(source["id"], source["kept"]["origin"]) for source in documents)

    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        return self._vocabulary.completions(prefix, limit, self._visible(now), typos=typos)

    def alike(self, word: str, edits: int, limit: int, field: Field = Field.TEXT) -> tuple[Count[str], ...]:
        return self._vocabulary.alike(word, edits, limit, field)

    def frequencies(self, forms: Iterable[str], field: Field = Field.TEXT) -> tuple[int, ...]:
        return self._vocabulary.frequencies(list(forms), field)

    def documents(self, query: Json = WHATEVER_DATE, fields: Sequence[str] = ("*",)) -> Iterator[Json]:
        """What is kept of the articles that a query of the cluster finds, as it stands in the index."""
        body = {"query": query, "sort": OLDEST_OF_ALL, "_source": list(fields)}
        return (hit["_source"] for hit in self._pages(body))

    def mentions(self, query: Json) -> Iterator[str]:
        """Those that a query of the cluster finds."""
        return (count.value for count in self._vocabulary.matching(query, AT_ONCE))

    def _body(self, request: Request, compiled: Compiled, *, ranked: bool) -> Json:
        """The query with all filters, and the order."""
        filters = [self._visible(request.now)]
        if request.filters.between is not None:
            filters.append(days_filter(request.filters.between))
        if request.since is not None:
            filters.append({"range": {"known": {"gt": instant(request.since)}}})
        own = list(own_filters(request).values())
        if not request.facets:
            filters += own
        body: Json = {"query": compiled.query(request, filters, ranked=ranked)}
        if own and request.facets:
            body["post_filter"] = {"bool": {"filter": own}}
        return body | {"sort": order(request, ranked=ranked), "_source": ["kept", "views", "fold"]}

    def _compiled(self, request: Request) -> tuple[Compiled, tuple[str, ...]]:
        """The query, and which of its prefixes were bounded."""
        query = request.query
        forms, bounded = self._expanded(query)
        recent = recency_steps(self.visibility(request.now).newest, self._recency) if request.ranked else []
        terms_of_leaves = [
            (leaf.field, term) for leaf in leaves(query) for terms, _ in scored(leaf, forms) for term in terms
        ]
        return Compiled(forms, self._weights(terms_of_leaves), recent), bounded

    def _expanded(self, query: Query) -> Expansions:
        return expanded(query, self._vocabulary.expand)

    def _weights(self, terms: Iterable[tuple[Field, str]]) -> dict[tuple[Field, str], int]:
        """What the terms weigh, by how many articles have them, whatever their date."""
        # Titles are ranked as texts.
        wanted = dict.fromkeys(terms)
        places = {
            (field, term): (MATCHED[Field.TEXT if field is Field.TITLE else field], token(term))
            for field, term in wanted
        }
        frequencies = self._frequencies  # this one, should another thread begin anew meanwhile
        missing = [place for place in dict.fromkeys(places.values()) if place not in frequencies]
        counts = dict(zip(missing, self._count(missing), strict=True))
        frequency = {place: counts[place] if place in counts else frequencies[place] for place in places.values()}
        self._frequencies = counts if len(frequencies) > REMEMBERED else frequencies
        self._frequencies.update(counts)
        return {key: term_weight(self._meta.articles, frequency[place], self._ranking) for key, place in places.items()}

    def _count(self, places: list[tuple[str, str]]) -> list[int]:
        """How many articles have each of these tokens in a field."""
        if not places:
            return []
        filters = [{"term": {field: value}} for field, value in places]
        answer = self._search({"size": 0, "aggs": {"terms": {"filters": {"filters": filters}}}})
        return [bucket["doc_count"] for bucket in answer["aggregations"]["terms"]["buckets"]]

    def _visible(self, now: datetime) -> Json:
        return {"range": {"due": {"lte": instant(now)}}}

    def _search(self, body: Json) -> Json:
        return self._clusters.interactive.search(self._index, body)

    def _walk(self, request: Request, compiled: Compiled, *, ranked: bool) -> Iterator[Json]:
        """All that is found, in its order; of near-copies the first one, where they are folded."""
        shown: set[int] = set()
        for hit in self._pages(self._body(request, compiled, ranked=ranked)):
            fold = hit["_source"]["fold"]
            if fold not in shown:
                yield hit
            if request.fold:
                shown.add(fold)

    def _pages(self, body: Json) -> Iterator[Json]:
        """All hits, in their order, which no two share: some hundred at a time."""
        after: Json = {}
        while True:
            page = body | {"size": BATCH, "track_total_hits": False} | after
            hits = self._clusters.batch.search(self._index, page)["hits"]["hits"]
            yield from hits
            if len(hits) < BATCH:
                return
            after = {"search_after": hits[-1]["sort"]}

    def _match(self, hit: Json, copies: Mapping[int, int], query: Query, *, ranked: bool) -> Match:
        points = hit["sort"][1 if leading(query) else 0] if ranked else 0
        score = score_of(round(points), self._ranking) if ranked else None
        matched = hit.get("matched_queries", ())
        missing = tuple(clause for at, clause in enumerate(counted(query)) if str(at) not in matched)
        return Match(_article(hit), score, copies.get(hit["_source"]["fold"], 1) - 1, missing)

    def _copy_counts(self, body: Json, answer: Json) -> Iterator[tuple[int, int]]:
        """How many of the matches share each text."""
        while True:
            page = answer["aggregations"]["copies"]["copies"]
            yield from ((bucket["key"]["copy"], bucket["doc_count"]) for bucket in page["buckets"])
            if len(page["buckets"]) < COPIES:
                return
            again = body["aggs"]["copies"]
            again["aggs"]["copies"]["composite"]["after"] = page["after_key"]
            answer = self._search({"query": body["query"], "size": 0, "aggs": {"copies": again}})


def _copies(request: Request) -> Json:
    """The aggregation that counts near-copies among all that is found."""
    own = [*own_filters(request).values(), {"exists": {"field": "copied"}}]
    by_copy = {"composite": {"size": COPIES, "sources": [{"copy": {"terms": {"field": "copied"}}}]}}
    return {"filter": {"bool": {"filter": own}}, "aggs": {"copies": by_copy}}


def _article(hit: Json) -> Article:
    return article_of(hit["_source"]["kept"], hit["_source"]["views"])
