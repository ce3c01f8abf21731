"""The next generation in the making: what changes is kept on this machine, and loaded when it is to be published."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain, islice
from typing import Self

from msgspec import convert, structs, to_builtins

from search.analysis import Analyzer, fold_kazakh
from search.config import Settings
from search.editorial.persons import BETWEEN, NO_CORRECTIONS, VERSION, read_corrections, surname
from search.engines.generation import try_out
from search.engines.opensearch.cluster import AT_ONCE, Absent, Clusters, Json, batched
from search.engines.opensearch.document import (
    MENTION,
    READING,
    Documents,
    PreparedDocument,
    Stored,
    article_of,
    document_id,
    form_id,
    kept_of,
)
from search.engines.opensearch.generations import Generations
from search.engines.opensearch.mapping import Meta
from search.engines.opensearch.read.queries import day_of
from search.engines.opensearch.read.searcher import WHATEVER_DATE, OpenSearchSearcher
from search.engines.opensearch.write.lock import ClusterLock
from search.engines.opensearch.write.name_votes import NameVotes
from search.engines.opensearch.write.staging import PublishedArticle, Staging
from search.errors import IndexUnavailable
from search.model import Article, IndexInfo

Forms = defaultdict[str, Counter[str]]  # occurrences by letter of the field and form

# After so many articles were looked up one by one, all are at once.
MANY_LOOK_UPS = 1000
# What a document tells of an article that may come again.
PUBLISHED_FIELDS = ("id", "views", "kept.content", "kept.indexed", "kept.origin")
# How many of the new articles have to be found by their titles.
TRIED = 3


@dataclass(frozen=True, slots=True)
class Base:
    """The published generation that the next one goes on from."""

    index: str
    meta: Meta
    searcher: OpenSearchSearcher


class OpenSearchWriter:
    """See `search.engine.IndexWriter`. `published` is the index of the published generation, `base` the same where
    the next one goes on from it; what the published one knows of its contents is not forgotten by a fresh one."""

    def __init__(
        self,
        clusters: Clusters,
        generations: Generations,
        settings: Settings,
        analyzer: Analyzer,
        published: OpenSearchSearcher | None,
        base: Base | None,
        lock: ClusterLock,
    ) -> None:
        """The writer holds the lock, and gives it back at its end."""
        self._cluster = clusters.batch
        self._batch_clusters = Clusters(clusters.batch, clusters.batch)
        self._generations = generations
        self._settings = settings
        self._analyzer = analyzer
        self._published = published
        self._base = base
        self._replaced = generations.published()
        self._lock = lock
        self._corrections = read_corrections(settings.names) if settings.persons else NO_CORRECTIONS
        self._documents = Documents(analyzer, settings)
        self._staging = Staging()
        self._now = time.time_ns() // 1000
        self._removed: set[str] = set()  # of the base
        self._touched: dict[str, tuple[int, str]] = {}  # new views and origins, of articles of the base that stay
        self._purges_history = False
        self._publishing = False  # whether this was asked for, and nobody answered
        self._looked_up = 0
        self._history = False  # whether what the published one knows of contents was learned

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What cannot be cleared up because the cluster does not answer, the next writer will find; so it does what may
        # yet be published, where nobody answered that it was.
        try:
            with suppress(IndexUnavailable):
                if not self._publishing:
                    self._lock.renew()  # who lost it would sweep away what another one is writing
                    self._generations.sweep()
        finally:
            self._staging.close()
            self._lock.release()

    # What is to change

    def add(self, article: Article, origin: str = "", *, counted: bool = True) -> bool:
        stored, views = kept_of(article, origin, self._now), article.views
        before = self._before(article.id)
        prior = before or (None if self._base else self._remembered(stored.content))
        if not counted:
            views = prior.views if prior else 0
        if before and before.content == stored.content:
            self.keep(article.id)
            self._touch(article.id, before, views, origin or before.origin)
            return False
        if prior and prior.content == stored.content:
            stored = structs.replace(stored, indexed=prior.indexed)
        self._touched.pop(article.id, None)
        # Whether there is another with this text is not looked for; that there may be costs the search little.
        self._staging.put(self._documents.row(article, stored, views, copied=self._base is not None))
        return True

    def keep(self, article_id: str) -> None:
        if self._before(article_id):
            self._staging.remove(article_id)
            self._removed.discard(article_id)
            self._touched.pop(article_id, None)

    def remove(self, article_id: str) -> bool:
        was_staged, before = self._staging.remove(article_id), self._before(article_id)
        living = was_staged or (before is not None and article_id not in self._removed)
        if before:
            self._removed.add(article_id)
            self._touched.pop(article_id, None)
        return living

    def withdraw(self, article_id: str) -> bool:
        removed = self.remove(article_id)
        indexes = (self._generations.published(), self._generations.earlier())
        published = any(index and self._read(index, article_id, ["id"]) for index in indexes)
        self._purges_history |= published
        return removed or published

    def set_views(self, article_id: str, views: int) -> bool:
        if row := self._staging.get(article_id):
            row.views = views
            self._staging.put(row)
            return True
        before = self._before(article_id)
        if before is None or article_id in self._removed:
            return False
        _, origin = self._touched.get(article_id, (0, before.origin))
        self._touch(article_id, before, views, origin)
        return True

    def _touch(self, article_id: str, before: PublishedArticle, views: int, origin: str) -> None:
        self._touched.pop(article_id, None)
        if (views, origin) != (before.views, before.origin):
            self._touched[article_id] = views, origin

    @property
    def changed(self) -> bool:
        renamed = self._base is not None and self._base.meta.names != self._corrections.digest
        return (
            self._base is None
            or renamed
            or bool(len(self._staging) or self._removed or self._touched or self._purges_history)
        )

    def _before(self, article_id: str) -> PublishedArticle | None:
        """What the base has of an article, whatever this writer did with it."""
        if self._base is None:
            return None
        self._looked_up += 1
        if self._looked_up == MANY_LOOK_UPS:
            documents = self._base.searcher.documents(fields=PUBLISHED_FIELDS)
            self._staging.learn((f"id {source['id']}", _published_article(source)) for source in documents)
        if self._looked_up >= MANY_LOOK_UPS:
            return self._staging.known(f"id {article_id}")
        source = self._read(self._base.index, article_id, PUBLISHED_FIELDS)
        return _published_article(source) if source else None

    def _remembered(self, content: int) -> PublishedArticle | None:
        """What the published generation has of a content, for a fresh one."""
        if self._published and not self._history:
            self._history = True
            documents = self._published.documents(fields=PUBLISHED_FIELDS)
            with suppress(IndexUnavailable):  # a fresh generation is to mend one that cannot be read
                self._staging.learn(
                    (f"content {source['kept']['content']}", _published_article(source)) for source in documents
                )
        return self._staging.known(f"content {content}")

    def _read(self, index: str, article_id: str, fields: Sequence[str]) -> Json | None:
        path = f"/{index}/_doc/{document_id(article_id)}"
        try:
            document = self._cluster.ask("GET", path, _source_includes=",".join(fields))
        except Absent:
            return None
        source: Json = document["_source"]
        return source

    # Publishing

    def publish(self) -> IndexInfo:
        self._lock.renew()
        if self._base is None or self._purges_history:
            pivot = self._base.meta.pivot if self._base else self._staging.mean_length()
            if self._base:
                self._stage_rest(self._base)
            expected = len(self._staging)
            index = self._generations.begin()
            self._cluster.load(index, self._everything(pivot))
        else:
            pivot = self._base.meta.pivot
            self._stage_touched(self._base)
            index = self._generations.clone(self._base.index)
            expected = self._base.meta.articles + self._load_changes(self._base, index)
        self._cluster.refresh(index)
        meta = self._generations.finish(index, self._described(index, pivot))
        if meta.articles != expected:
            raise IndexUnavailable(
                f"{meta.articles:,} articles are in the index where {expected:,} were written; try again"
            )
        added = (article_of(to_builtins(row.kept), row.views) for row in islice(self._staging.rows(), TRIED))
        searcher = OpenSearchSearcher(self._batch_clusters, index, meta, self._settings, self._analyzer)
        try_out(searcher, list(added), self._analyzer, self._settings.zone)
        self._lock.renew()
        self._publishing = True
        self._generations.publish(index, self._replaced)
        self._publishing = False
        return meta.info()

    def _stage_rest(self, base: Base) -> None:
        """Make all that stays of the base ready too: nothing of what else is in its files is to be left."""
        for source in base.searcher.documents():
            if self._stays(source["id"]):
                self._staging.put(self._row(source))

    def _stage_touched(self, base: Base) -> None:
        """Make the articles of the base ready that stay and are written anew: for their views or origins, or since they
        may be near-copies now."""
        for source in self._sources(base.index, self._touched):
            self._staging.put(self._row(source))
        for copies in batched(self._staging.copies(least=1), AT_ONCE):
            purges_history = {"filter": {"terms": {"fold": copies}}, "must_not": {"exists": {"field": "copied"}}}
            for source in list(base.searcher.documents({"bool": purges_history})):
                if self._stays(source["id"]):
                    self._staging.put(self._row(source, copied=True))

    def _stays(self, article_id: str) -> bool:
        return article_id not in self._removed and article_id not in self._staging

    def _row(self, source: Json, *, copied: bool = False) -> PreparedDocument:
        """The row of an article that stands in the base, with the views and the origin of now."""
        article, stored = article_of(source["kept"], source["views"]), convert(source["kept"], Stored)
        views, origin = self._touched.get(article.id, (article.views, stored.origin))
        stored = structs.replace(stored, origin=origin)
        return self._documents.row(article, stored, views, copied=copied or "copied" in source)

    def _everything(self, pivot: float) -> Iterator[Json]:
        """All documents of a fresh index."""
        forms: Forms = defaultdict(Counter)
        copies = self._staging.copies(least=2)
        for row in self._staging.rows():
            for letter, counts in row.forms.items():
                forms[letter].update(counts)
        full = self._corrections.full_names(forms[MENTION].items(), forms[READING])
        for row in self._staging.rows():
            row.copied = row.copy in copies
            yield self._written(row, pivot, forms[READING], full)
        for letter, counts in forms.items():
            yield from (_form(letter, form, count) for form, count in counts.items())

    def _load_changes(self, base: Base, index: str) -> int:
        """Bring a copy of the base in line; by how many articles it grows."""
        forms: Forms = defaultdict(Counter)
        grown = len(self._staging)
        removed = [article_id for article_id in self._removed if article_id not in self._staging]
        for source in self._sources(base.index, chain(removed, (row.id for row in self._staging.rows()))):
            grown -= 1
            for letter, counts in self._row(source).forms.items():
                forms[letter].subtract(counts)
        for row in self._staging.rows():
            for letter, counts in row.forms.items():
                forms[letter].update(counts)
        name_votes = NameVotes(partial(self._cluster.documents, base.index), base.searcher.mentions, forms)
        for mention in name_votes.turned(base.meta.corrections, self._corrections):
            for source in base.searcher.documents({"term": {"mentions": mention}}):
                if self._stays(source["id"]):
                    self._staging.put(self._row(source))
        name_votes.count(mention for row in self._staging.rows() for mention in row.mentions)
        full = name_votes.full_names(self._corrections)
        deleted = ({"_op_type": "delete", "_id": document_id(article_id)} for article_id in removed)
        written = (self._written(row, base.meta.pivot, name_votes.votes, full) for row in self._staging.rows())
        self._cluster.load(index, chain(deleted, written, self._counted(base, forms)))
        return grown

    def _written(self, row: PreparedDocument, pivot: float, voted: Mapping[str, int], full: Mapping[str, str]) -> Json:
        persons = self._corrections.people(row.mentions, voted, full)
        return {"_id": document_id(row.id), "_source": self._documents.document(row, pivot, persons)}

    def _counted(self, base: Base, changes: Forms) -> Iterator[Json]:
        """The forms of which the number of occurrences changes by so much."""
        changed = ((letter, form) for letter, counts in changes.items() for form in counts if counts[form])
        for some in batched(changed, AT_ONCE):
            ids = [form_id(*key) for key in some]
            documents = self._cluster.documents(base.index, ids)
            for (letter, form), key in zip(some, ids, strict=True):
                count = changes[letter][form] + (documents[key]["count"] if key in documents else 0)
                yield _form(letter, form, count) if count > 0 else {"_op_type": "delete", "_id": key}

    def _sources(self, index: str, article_ids: Iterable[str]) -> Iterator[Json]:
        """What is kept of those of the articles that are in an index."""
        for some in batched(article_ids, AT_ONCE):
            yield from self._cluster.documents(index, list(map(document_id, some))).values()

    def _described(self, index: str, pivot: float) -> Meta:
        """The generation in an index that is about to be finished."""
        days = {"first": {"min": {"field": "day"}}, "last": {"max": {"field": "day"}}}
        body = {"query": WHATEVER_DATE, "size": 0, "track_total_hits": True}
        answer = self._cluster.search(index, body | {"aggs": days | {"undated": {"missing": {"field": "day"}}}})
        aggregations = answer["aggregations"]
        return Meta(
            built_at=datetime.now(UTC).replace(microsecond=0),
            timezone=self._settings.timezone,
            analysis=self._analyzer.version,
            ranking=self._settings.ranking,
            pivot=pivot,
            articles=answer["hits"]["total"]["value"],
            undated=aggregations["undated"]["doc_count"],
            first=_day(aggregations["first"]["value"]),
            last=_day(aggregations["last"]["value"]),
            purges_history=self._purges_history,
            persons=VERSION if self._settings.persons else 0,
            names=self._corrections.digest,
            corrections=self._corrections,
        )


def _published_article(source: Json) -> PublishedArticle:
    return PublishedArticle(
        source["kept"]["content"], source["kept"]["indexed"], source["views"], source["kept"]["origin"]
    )


def _form(letter: str, form: str, count: int) -> Json:
    """The document of a form in the fields of a letter."""
    document: Json = {"form": form, "folded": letter + fold_kazakh(form), "count": count}
    if letter == MENTION:
        document["readings"] = sorted({surname(name) for name in form.split(BETWEEN)})
    return {"_id": form_id(letter, form), "_source": document}


def _day(number: float | None) -> date | None:
    return None if number is None else day_of(int(number))
