"""Tantivy behind a minimal Flask view, as its users would write it; it answers what `/api/search` does.

Its own parser and its own Russian stemmer; the texts are stored, for it to cut snippets from. `app` is what is served.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import tantivy
from flask import Flask, request
from tantivy import Occur, Query, SnippetGenerator

from search.model import Article
from tests.tools.bench.corpus import articles
from tests.tools.bench.peer import HITS, Facts
from tests.tools.bench.served import Served
from tests.tools.bench.tantivy import MONTHS, VALUES, YEARS, Tantivy

FOLDER = "ARKHIV_BENCH_FOLDER"
FIELDS = ("title", "lead", "text")
SHOWN = ("id", "url", "published", "author", "author_role", "section")
LETTERS = 260  # of a snippet


class TantivyView(Served):
    """The peer (see `Served`)."""

    app = "tests.tools.bench.view:app()"

    def environment(self) -> dict[str, str]:
        return {FOLDER: str(self._folder)}

    def build(self, corpus: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        writer = tantivy.Index(_schema(), str(self._folder), sort_by_field="time").writer(Tantivy.heap, Tantivy.threads)
        for article in articles(corpus):
            writer.add_document(_document(article))
        writer.commit()
        writer.wait_merging_threads()

    def add(self, article: Article) -> None:
        writer = tantivy.Index.open(str(self._folder)).writer(num_threads=1)
        writer.add_document(_document(article))
        writer.commit()
        writer.wait_merging_threads()


def _document(article: Article) -> tantivy.Document:
    facts = Facts.of(article)
    document = tantivy.Document()
    for name in (*FIELDS, "id", "url", "author", "author_role", "section"):
        if value := getattr(article, name):
            document.add_text(name, value)
    document.add_text("published", article.published.isoformat() if article.published else "")
    for tag in article.tags:
        document.add_text("tag", tag)
    document.add_integer("time", facts.time)
    document.add_unsigned("views", article.views)
    if facts.year:
        document.add_unsigned("year", facts.year)
        document.add_unsigned("month", facts.month)
    return document


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in FIELDS:
        builder.add_text_field(name, stored=True, tokenizer_name="ru_stem")
    for name in ("id", "url", "published", "author_role"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("author", "section", "tag"):
        builder.add_text_field(name, stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("time", fast=True)
    builder.add_unsigned_field("views", stored=True, fast=True)
    for name in ("year", "month"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    return builder.build()


class Site:
    """One index that answers."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._searcher = self._index.searcher()

    def search(self, text: str, year: int, month: int, *, newest: bool) -> dict[str, Any]:
        """The total, ten hits with snippets, and the facets."""
        boosts = {"title": 3.0, "lead": 2.0}
        asked = text.replace("|", "OR").replace("«", '"').replace("»", '"')
        query, _ = self._index.parse_query_lenient(
            asked, list(FIELDS), field_boosts=boosts, conjunction_by_default=True
        )
        chosen = query
        if year:
            name, value = ("month", 100 * year + month) if month else ("year", year)
            period = Query.const_score_query(Query.term_query(self._index.schema, name, value), 0.0)
            chosen = Query.boolean_query([(Occur.Must, query), (Occur.Must, period)])
        found = self._searcher.search(chosen, HITS, count=True, order_by_field="time" if newest else None)
        cutters = {name: self._cutter(query, name) for name in ("title", "text")}
        return {
            "query": {"text": text},
            "total": found.count,
            "hits": [self._hit(score, address, cutters) for score, address in found.hits],
            "facets": self._facets(query, chosen, year, month),
        }

    def _cutter(self, query: Query, name: str) -> SnippetGenerator:
        cutter = SnippetGenerator.create(self._searcher, query, self._index.schema, name)
        cutter.set_max_num_chars(LETTERS)
        return cutter

    def _hit(self, score: float, address: tantivy.DocAddress, cutters: dict[str, SnippetGenerator]) -> dict[str, Any]:
        document = self._searcher.doc(address)
        title = document.get_first("title") or ""
        return {
            **{name: document.get_first(name) or "" for name in SHOWN},
            "title": title,
            "title_html": cutters["title"].snippet_from_doc(document).to_html() or title,
            "snippet_html": cutters["text"].snippet_from_doc(document).to_html(),
            "views": document.get_first("views"),
            "score": score,
        }

    def _facets(self, query: Query, chosen: Query, year: int, month: int) -> dict[str, Any]:
        if year:
            period = f"month:{100 * year + month}" if month else f"year:{year}"
            of_year = {"filter": f"year:{year}", "aggs": {"months": MONTHS}}
            wanted = {"years": YEARS, "of_year": of_year, "of_period": {"filter": period, "aggs": VALUES}}
            found = self._searcher.aggregate(query, wanted)
            found = {"years": found["years"], **found["of_year"], **found["of_period"]}
        else:
            found = self._searcher.aggregate(chosen, {"years": YEARS, **VALUES})
        return {
            "years": [{"year": int(key), "count": count} for key, count in _buckets(found["years"])],
            "months": [{"month": int(key) % 100, "count": count} for key, count in _buckets(found["months"])]
            if year
            else None,
            "authors": [{"value": key, "count": count} for key, count in _buckets(found["authors"])],
            "sections": [{"value": key, "count": count} for key, count in _buckets(found["sections"])],
            "tags": [{"value": key, "count": count} for key, count in _buckets(found["tags"])],
        }


def _buckets(facet: dict[str, Any]) -> list[tuple[Any, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in facet["buckets"]]


def app() -> Flask:
    """What gunicorn serves."""
    flask = Flask(__name__)
    site = Site(Path(os.environ[FOLDER]))

    @flask.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @flask.get("/api/search")
    def search() -> dict[str, Any]:
        asked = request.args
        newest = asked.get("sort") == "newest"
        return site.search(asked["q"], asked.get("year", 0, int), asked.get("month", 0, int), newest=newest)

    return flask
