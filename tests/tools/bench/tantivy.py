"""Tantivy (Rust) through its Python binding, as well as that lets it.

Segments are sorted by time, which makes its filters by date faster; the writer has two threads and a gigabyte, so that
it writes few segments. A search takes two calls: one for the total and the hits, one for all facets together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur

from search.model import Article
from search.query.tree import And, Or, Phrase, Query, Word
from tests.tools.bench.corpus import articles
from tests.tools.bench.peer import HITS, TOP_VALUES, Answer, Facts, Question, Terms, encoded, ids_of, most_frequent

EVERY = 1000  # more values than a facet has, so that its counts are exact over several segments


class Tantivy:
    """See `Peer`."""

    stored = (".store",)
    heap, threads = 1 << 30, 2

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terms = Terms()

    def build(self, corpus: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(_schema(), str(self._folder), sort_by_field="time")
        writer = _with_tokenizer(index).writer(self.heap, self.threads)
        for article in articles(corpus):
            writer.add_document(self._document(article))
        writer.commit()
        writer.wait_merging_threads()

    def add(self, article: Article) -> None:
        writer = _with_tokenizer(tantivy.Index.open(str(self._folder))).writer(num_threads=1)
        writer.delete_documents_by_term("id", article.id)
        writer.add_document(self._document(article))
        writer.commit()
        writer.wait_merging_threads()

    def _document(self, article: Article) -> tantivy.Document:
        facts = Facts.of(article)
        document = tantivy.Document()
        document.add_text("id", article.id)
        for field in self._terms.fields(article):
            document.add_text("text", field)
        document.add_integer("time", facts.time)
        if facts.year:
            document.add_unsigned("year", facts.year)
            document.add_unsigned("month", facts.month)
        for name, value in (("author", article.author), ("section", article.section)):
            if value:
                document.add_text(name, value)
        for tag in article.tags:
            document.add_text("tag", tag)
        document.add_bytes("article", encoded(article))
        return document

    def open(self) -> None:
        index = _with_tokenizer(tantivy.Index.open(str(self._folder)))
        self._schema = index.schema
        self._searcher = index.searcher()

    def search(self, question: Question) -> Answer:
        query = self._compiled(self._terms.query(question))
        chosen = self._in_period(query, question)
        order = "time" if question.newest else None
        found = self._searcher.search(chosen, HITS, count=True, order_by_field=order)
        facets = self._facets(query, chosen, question)
        return Answer(
            total=found.count,
            ids=ids_of(self._searcher.doc(address)["article"][0] for _, address in found.hits),
            years=_counts(facets["years"]),
            months=_counts(facets["months"]) if question.year else {},
            authors=most_frequent(_counts(facets["authors"])),
            sections=_counts(facets["sections"]),
            tags=most_frequent(_counts(facets["tags"])),
        )

    def _facets(self, query: tantivy.Query, chosen: tantivy.Query, question: Question) -> dict[str, Any]:
        if not question.year:
            return self._searcher.aggregate(chosen, {"years": YEARS, **VALUES})
        period = f"month:{question.month}" if question.month else f"year:{question.year}"
        wanted = {
            "years": YEARS,
            "of_year": {"filter": f"year:{question.year}", "aggs": {"months": MONTHS}},
            "of_period": {"filter": period, "aggs": VALUES},
        }
        counted = self._searcher.aggregate(query, wanted)
        return {"years": counted["years"], **counted["of_year"], **counted["of_period"]}

    def _in_period(self, query: tantivy.Query, question: Question) -> tantivy.Query:
        if not question.year:
            return query
        field, value = ("month", question.month) if question.month else ("year", question.year)
        period = tantivy.Query.const_score_query(tantivy.Query.term_query(self._schema, field, value), 0.0)
        return tantivy.Query.boolean_query([(Occur.Must, query), (Occur.Must, period)])

    def _compiled(self, query: Query) -> tantivy.Query:
        match query:
            case Word(terms=(term,)):
                return tantivy.Query.term_query(self._schema, "text", term)
            case Phrase():
                words = [(at, word.terms[0]) for at, word in zip(query.offsets, query.words, strict=True)]
                return tantivy.Query.phrase_query(self._schema, "text", words)
            case And():
                return tantivy.Query.boolean_query([(Occur.Must, self._compiled(clause)) for clause in query.clauses])
            case Or():
                return tantivy.Query.boolean_query([(Occur.Should, self._compiled(clause)) for clause in query.clauses])
        raise ValueError(f"{query} is not asked here")


class TantivyMerged(Tantivy):
    """The same in one segment, where four gigabytes hold it: the binding cannot merge."""

    heap, threads = (1 << 32) - (1 << 20), 1


class TantivyNarrow(Tantivy):
    """The same, spared the neighbours of the period: it counts the facets over the matches in the period alone."""

    def _facets(self, query: tantivy.Query, chosen: tantivy.Query, question: Question) -> dict[str, Any]:
        months = {"months": MONTHS} if question.year else {}
        return self._searcher.aggregate(chosen, {"years": YEARS, **months, **VALUES})


def _facet(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size, "segment_size": EVERY}}


YEARS, MONTHS = _facet("year", EVERY), _facet("month", EVERY)
VALUES = {
    "authors": _facet("author", TOP_VALUES),
    "sections": _facet("section", TOP_VALUES),
    "tags": _facet("tag", TOP_VALUES),
}


def _counts(facet: dict[str, Any]) -> dict[Any, int]:
    return {_whole(bucket["key"]): bucket["doc_count"] for bucket in facet["buckets"]}


def _whole(key: float | str) -> int | str:
    return int(key) if isinstance(key, float) else key


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="spaces", index_option="position")
    builder.add_integer_field("time", fast=True)
    builder.add_unsigned_field("year", indexed=True, fast=True)
    builder.add_unsigned_field("month", indexed=True, fast=True)
    for name in ("author", "section", "tag"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("article", stored=True)
    return builder.build()


def _with_tokenizer(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
