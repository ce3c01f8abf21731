"""What is compared: each takes articles, and answers a question with the ids of its first hundred."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from whoosh.lang.stopwords import stoplists

from search.analysis import Analyzer
from search.analysis.morphology import pymorphy
from search.archive import Archive
from search.config import Settings
from search.engines import open_engine
from search.model import Article
from search.query.synonyms import BUNDLED, Synonyms

__all__ = ["SYSTEMS", "AnyWord", "Served", "Snowball", "System"]

FIRST = 100
STOP_WORDS = stoplists["ru"]


class System(Protocol):
    """Made of a folder of its own and the articles."""

    def answer(self, question: str) -> list[str]: ...


class Unstemmed:
    """BM25 as Lucene counts it (Robertson and Zaragoza 2009) over words as they stand."""

    K1, B = 1.2, 0.75

    def __init__(self, folder: Path, articles: Sequence[Article]) -> None:
        self._analyzer = Analyzer(lemmas=False)
        self._term = cache(self.term)
        self._ids = [article.id for article in articles]
        postings: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        lengths = np.zeros(len(articles))
        for number, article in enumerate(articles):
            counts = Counter(self._terms(f"{article.title}\n\n{article.text}"))
            lengths[number] = counts.total()
            for term, count in counts.items():
                postings[term][0].append(number)
                postings[term][1].append(count)
        norm = self.K1 * (1 - self.B + self.B * lengths / max(1.0, lengths.mean()))
        self._points = {
            term: self._weighed(np.array(found), np.array(counts), norm) for term, (found, counts) in postings.items()
        }

    @staticmethod
    def _weighed(found: Any, counts: Any, norm: Any) -> tuple[Any, Any]:
        idf = np.log1p((len(norm) - len(found) + 0.5) / (len(found) + 0.5))
        return found, idf * counts / (counts + norm[found])

    def term(self, form: str) -> str | None:
        """What a word is found by, None where it is left out."""
        return form

    def _terms(self, text: str) -> Iterable[str]:
        terms = (self._term(token.form) for token in self._analyzer.tokens(text) if not token.whole)
        return (term for term in terms if term is not None)

    def answer(self, question: str) -> list[str]:
        points = np.zeros(len(self._ids))
        for term in self._terms(question):
            if term in self._points:
                found, values = self._points[term]
                points[found] += values
        order = np.argsort(-points, kind="stable")[:FIRST] if len(points) < 1000 else _highest(points)
        return [self._ids[number] for number in order if points[number] > 0]


def _highest(points: Any) -> Any:
    among = np.argpartition(-points, FIRST)[:FIRST]
    return among[np.lexsort((among, -points[among]))]


class Snowball(Unstemmed):
    """The same over Snowball stems, without Snowball's stop words."""

    def term(self, form: str) -> str | None:
        return None if form in STOP_WORDS else self._analyzer.terms(form)[0]


class Lemmas(Unstemmed):
    """The same over the likeliest lemma that pymorphy3 gives, without Snowball's stop words."""

    def term(self, form: str) -> str | None:
        return None if form in STOP_WORDS else pymorphy().parse(form)[0].normal_form


class Tantivy:
    """Tantivy with its own cutting, lower case and Russian stemmer."""

    def __init__(self, folder: Path, articles: Sequence[Article]) -> None:
        import tantivy

        self._tantivy = tantivy
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        self._analyzer = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.stemmer("russian")).build()
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_text_field("text", tokenizer_name="russian")
        index = tantivy.Index(schema.build())
        index.register_tokenizer("russian", self._analyzer)
        writer = index.writer(num_threads=1)
        for article in articles:
            writer.add_document(tantivy.Document(id=article.id, text=f"{article.title}\n\n{article.text}"))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._schema, self._searcher = index.schema, index.searcher()

    def answer(self, question: str) -> list[str]:
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        terms = self._analyzer.analyze(question)
        asked = query.boolean_query([(should, query.term_query(self._schema, "text", term)) for term in terms])
        return [self._searcher.doc(address)["id"][0] for _, address in self._searcher.search(asked, FIRST).hits]


class Served:
    """The product, as a reader is served: written by its writer, asked by `Archive.search` as typed."""

    def __init__(self, folder: Path, articles: Sequence[Article]) -> None:
        analyzer = Analyzer()
        engine = open_engine(f"whoosh:{folder}", Settings(), analyzer)
        with engine.writer(fresh=True) as writer:
            for article in articles:
                writer.add(article)
            writer.publish()
        self._archive = Archive(engine, analyzer, Synonyms(BUNDLED, analyzer))

    def answer(self, question: str) -> list[str]:
        found = self._archive.search(question, per_page=FIRST, facets=False, snippets=False)
        return [hit.article.id for hit in found.hits]


class AnyWord(Served):
    """The same, asked for any of the words."""

    def answer(self, question: str) -> list[str]:
        # Words of the analyzer's: in lower case and without marks, so that none is read as an operator.
        words = [token.form for token in self._archive.analyzer.tokens(question) if not token.whole]
        return super().answer(" | ".join(words)) if words else []


SYSTEMS: dict[str, Callable[[Path, Sequence[Article]], System]] = {
    "none": Unstemmed,
    "snowball": Snowball,
    "lemmas": Lemmas,
    "tantivy": Tantivy,
    "any": AnyWord,
    "served": Served,
}
