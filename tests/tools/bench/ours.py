"""The embedded engine as a peer, with the peers' Snowball terms or with the full analysis."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from search import open_archive
from search.analysis import Analyzer
from search.config import ClusterSettings, Settings
from search.engine import Request
from search.engines import open_engine
from search.engines.whoosh.manifest import read_manifest
from search.engines.whoosh.publish.folder import generations
from search.engines.whoosh.read.opening import open_segment
from search.engines.whoosh.read.segment import Segment
from search.model import Article, Count, Facets, Filters, Period, Sort
from search.query.tree import LETTERS, Phrase, leaves
from tests.tools.bench.corpus import articles
from tests.tools.bench.peer import HITS, Answer, Question, tree_of

NOW = datetime(9000, 1, 1, tzinfo=UTC)  # after every article, so that none is held back

SETTINGS = Settings(cluster=ClusterSettings(replicas=0, seconds=60))
WITHOUT_PEOPLE = replace(SETTINGS, persons=False)


class Ours:
    """See `Peer`; the terms are Snowball's alone, and nobody is looked for who is mentioned."""

    stored = (".store", ".store_at")
    lemmas = False
    settings = WITHOUT_PEOPLE

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._analyzer = Analyzer(lemmas=self.lemmas)
        self._engine = open_engine(self._url(folder), self.settings, self._analyzer)

    def _url(self, folder: Path) -> str:
        return f"whoosh:{folder}"

    def build(self, corpus: Path) -> None:
        with self._engine.writer(fresh=True) as writer:
            for article in articles(corpus):
                writer.add(article)
            writer.publish()

    def add(self, article: Article) -> None:
        with self._engine.writer() as writer:
            writer.add(article)
            writer.publish()

    def open(self) -> None:
        self._searcher = self._engine.open()

    def search(self, question: Question) -> Answer:
        found = self._searcher.search(
            Request(
                now=NOW,
                query=tree_of(question, self._analyzer),
                filters=Filters(_period(question)),
                sort=Sort.NEWEST if question.newest else Sort.RELEVANCE,
                limit=HITS,
            )
        )
        assert found.facets is not None
        return _answer(question, found.total, [match.article.id for match in found.matches], found.facets)

    # The distance to the limit

    @cached_property
    def _segments(self) -> list[Segment]:
        manifest = read_manifest(self._folder, generations(self._folder)[-1])
        return [open_segment(self._folder, entry) for entry in manifest.segments]

    def stream(self, question: Question) -> tuple[int, int]:
        """Nanoseconds and bytes of reading once the posting columns that the words of a question touch."""
        pieces = [bytes_of(piece) for segment in self._segments for piece in self._touched(segment, question)]
        began = time.perf_counter_ns()
        for words in pieces:
            words.sum()
        return time.perf_counter_ns() - began, sum(words.nbytes for words in pieces)

    def _touched(self, segment: Segment, question: Question) -> Iterator[NDArray[Any]]:
        columns = segment.columns
        for leaf in leaves(tree_of(question, self._analyzer)):
            words = leaf.words if isinstance(leaf, Phrase) else (leaf,)
            terms = {term for word in words for term in word.terms}
            for key in {segment.keys.find(LETTERS[leaf.field] + term) for term in terms} - {None}:
                postings = slice(*columns.posting_at[columns.piece_at[key : key + 2]])
                yield from (columns.article[postings], columns.impact[postings])
                if isinstance(leaf, Phrase):
                    yield columns.position[slice(*columns.occurrence_at[key : key + 2])]


class OursPeople(Ours):
    """The same with the people who are mentioned, counted as a facet."""

    settings = SETTINGS


class OursFull(OursPeople):
    """The whole product: built by its command, asked through its front door."""

    lemmas = True

    def build(self, corpus: Path) -> None:
        subprocess.run(
            [sys.executable, "-m", "indexer", "rebuild", str(corpus), "--index", self._engine.url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )

    def open(self) -> None:
        self._archive = open_archive(self._engine.url)

    def search(self, question: Question) -> Answer:
        found = self._archive.search(
            question.text,
            sort="newest" if question.newest else None,
            year=question.year or None,
            month=question.month % 100 or None,
            snippets=False,
            correct=False,
        )
        assert found.facets is not None
        return _answer(question, found.total, [hit.article.id for hit in found.hits], found.facets)


class OursCluster(Ours):
    """The engine on the cluster that ARKHIV_TEST_OPENSEARCH names, with the peers' terms; one shard, no replica."""

    stored = ()

    def _url(self, folder: Path) -> str:
        addresses = os.environ.get("ARKHIV_TEST_OPENSEARCH")
        if not addresses:
            raise ImportError("ARKHIV_TEST_OPENSEARCH names no cluster")
        hosts = ",".join(address.partition("://")[2] for address in addresses.split(","))
        return f"opensearch+http://{hosts}/bench-{blake2b(str(folder).encode(), digest_size=8).hexdigest()}"


def _answer(question: Question, total: int, ids: list[str], facets: Facets) -> Answer:
    return Answer(
        total=total,
        ids=ids,
        years=_counts(facets.years),
        months={question.year * 100 + entry.value: entry.count for entry in facets.months or ()},
        authors=[entry.count for entry in facets.authors],
        sections=_counts(facets.sections),
        tags=[entry.count for entry in facets.tags],
    )


def _period(question: Question) -> Period | None:
    if not question.year:
        return None
    return Period(question.year, question.month % 100 or None)


def _counts(facet: Iterable[Count[Any]]) -> dict[Any, int]:
    return {entry.value: entry.count for entry in facet}


def bytes_of(column: NDArray[Any]) -> NDArray[np.uint64]:
    """A column as eight-byte words, which NumPy sums at the speed of memory; the odd bytes at its ends left out."""
    octets = column.view(np.uint8)
    octets = octets[-octets.ctypes.data % 8 :]
    return octets[: len(octets) // 8 * 8].view(np.uint64)
