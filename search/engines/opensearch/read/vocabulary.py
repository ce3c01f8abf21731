"""The forms of words of one generation: which begin so, which are spelled alike, how often they occur."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from search.analysis import Analyzer
from search.engines.opensearch.cluster import AT_ONCE, Cluster, Json, batched
from search.engines.opensearch.document import exact, folded_form, form_id
from search.engines.opensearch.mapping import LONGEST_PATTERN
from search.model import Count
from search.query.tree import LETTERS, MAX_EXPANSION, Field, Prefix

BY_COUNT = [{"count": "desc"}, {"folded": "asc"}, {"form": "asc"}]
# Forms read beyond those asked for: some may occur in no visible article.
SPARE = 8
# So many prefixes and frequencies are remembered; a generation does not change.
REMEMBERED = 1 << 16


class ClusterVocabulary:
    """Asks the cluster for forms. Safe to use from many threads at once."""

    def __init__(self, cluster: Cluster, index: str, analyzer: Analyzer) -> None:
        self._cluster = cluster
        self._index = index
        self._analyzer = analyzer
        self._expansions: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def expand(self, prefix: Prefix, limit: int) -> list[tuple[str, str]]:
        """The forms that begin with the prefix and their home terms, the most frequent forms first: `limit` of them at
        least, where there are."""
        key = (LETTERS[prefix.field], prefix.prefix)
        expansion = self._expansions.get(key)
        if expansion is None:
            query = {"prefix": {"folded": "".join(key)}}
            forms = [form.value for form in islice(self.matching(query, MAX_EXPANSION + 1), MAX_EXPANSION + 1)]
            expansion = [(form, self._analyzer.home(form)) for form in forms]
            if len(self._expansions) >= REMEMBERED:
                self._expansions.clear()
            self._expansions[key] = expansion
        assert limit <= MAX_EXPANSION + 1
        return expansion

    def completions(self, prefix: str, limit: int, visible: Json, *, typos: bool) -> tuple[Count[str], ...]:
        """See `words` of `search.engine.Searcher`; `visible` is the filter of the visible articles."""
        prefixed: Json = {"prefix": {"folded": folded_form(prefix)}}
        pattern = _almost(prefix) if typos else ""
        if pattern and len(pattern) < LONGEST_PATTERN:
            almost = {"regexp": {"folded": {"value": LETTERS[Field.TEXT] + pattern, "flags": "NONE"}}}
            prefixed = {"bool": {"should": [prefixed, almost]}}
        return tuple(islice(self._occurring(self.matching(prefixed, limit + SPARE), limit, visible), limit))

    def alike(self, word: str, edits: int, limit: int, field: Field) -> tuple[Count[str], ...]:
        """See `search.engine.Searcher`."""
        folded = LETTERS[field] + word
        if edits:
            near = {"value": folded, "fuzziness": edits, "prefix_length": 1, "rewrite": "constant_score"}
            query: Json = {"fuzzy": {"folded": near}}
        else:
            query = {"term": {"folded": folded}}
        return tuple(islice(self.matching(query, limit), limit))

    def frequencies(self, forms: Sequence[str], field: Field) -> tuple[int, ...]:
        """See `search.engine.Searcher`."""
        if not forms:
            return ()
        ids = [form_id(LETTERS[field], form) for form in forms]
        counts: dict[str, int] = {}
        for some in batched(ids, AT_ONCE):
            documents = self._cluster.documents(self._index, some, ["count"])
            counts |= {key: source["count"] for key, source in documents.items()}
        return tuple(counts.get(key, 0) for key in ids)

    def matching(self, query: Json, size: int) -> Iterator[Count[str]]:
        """The forms that match, those that occur most often first; `size` are asked for at a time."""
        after: list[Any] = []
        while True:
            body: Json = {"query": {"bool": {"filter": query}}, "sort": BY_COUNT, "size": size, "_source": ["form"]}
            body |= {"track_total_hits": False} | ({"search_after": after} if after else {})
            hits = self._cluster.search(self._index, body)["hits"]["hits"]
            for hit in hits:
                yield Count(hit["_source"]["form"], hit["sort"][0])
            if len(hits) < size:
                return
            after = hits[-1]["sort"]

    def _occurring(self, forms: Iterator[Count[str]], limit: int, visible: Json) -> Iterator[Count[str]]:
        """Those that occur in a visible article."""
        while some := list(islice(forms, limit + SPARE)):
            filters = [{"term": {"text": exact(form.value)}} for form in some]
            body = {"size": 0, "query": visible, "aggs": {"forms": {"filters": {"filters": filters}}}}
            buckets = self._cluster.search(self._index, body)["aggregations"]["forms"]["buckets"]
            yield from (form for form, bucket in zip(some, buckets, strict=True) if bucket["doc_count"])


def _almost(prefix: str) -> str:
    """A regular expression for forms with the first letter of the prefix, of which some prefix is one edit away."""
    edited = {f"{_literal(prefix[:at])}.{_literal(prefix[at:])}" for at in range(1, len(prefix))}
    for at in range(1, len(prefix)):
        before, letter, after = prefix[:at], prefix[at], prefix[at + 1 :]
        edited.add(f"{_literal(before)}.{_literal(after)}")
        edited.add(_literal(before + after))
        edited.add(_literal(before + after[:1] + letter + after[1:]))
    return f"({'|'.join(sorted(edited))}).*" if edited else ""


def _literal(text: str) -> str:
    """The text, with a backslash before all that may mean something in a regular expression."""
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in text)
