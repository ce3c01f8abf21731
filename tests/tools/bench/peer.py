"""What is asked of every peer, what it answers, and the terms that it is fed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from search.analysis import Analyzer
from search.config import Settings
from search.model import Article
from search.publication import archive_day, microseconds
from search.query.parser import parse
from search.query.tree import And, Dates, Or, Query

ZONE = Settings().zone
HITS = 10
TOP_VALUES = 20
UNDATED = -(1 << 53)  # sorts before every date, and every peer's numbers hold it exactly


@dataclass(frozen=True)
class Question:
    """One query; `month` is the number 202405 that every peer files an article under, 0 for none."""

    kind: str
    text: str
    year: int = 0
    month: int = 0
    newest: bool = False


@dataclass(frozen=True)
class Answer:
    """`authors` and `tags` are counts without their names, descending: who comes last of equals is nobody's promise.
    Not every peer counts tags."""

    total: int
    ids: list[str]
    years: dict[int, int]
    months: dict[int, int]
    authors: list[int]
    sections: dict[str, int]
    tags: list[int] | None = None


class Peer(Protocol):
    """A search engine with one index in one folder. A new object has nothing open."""

    stored: tuple[str, ...]  # the ends of the names of the files that keep the articles themselves

    def __init__(self, folder: Path) -> None: ...

    def build(self, corpus: Path) -> None:
        """Make the index of a file of articles from nothing; the folder is empty."""

    def add(self, article: Article) -> None:
        """Add or replace one article, lasting."""

    def open(self) -> None:
        """Open what is there for searching; again, if it was open."""

    def search(self, question: Question) -> Answer: ...


class Terms(dict[str, str]):
    """Runs of letters to their Snowball terms, joined by spaces; each distinct run is analysed once."""

    def __init__(self) -> None:
        self.analyzer = Analyzer(lemmas=False)

    def __missing__(self, run: str) -> str:
        words = (token for token in self.analyzer.words(run) if not token.whole)
        terms = self[run] = " ".join(self.analyzer.terms(word.form)[0] for word in words)
        return terms

    def fields(self, article: Article) -> list[str]:
        """The terms of title, lead and text, each joined by spaces."""
        runs = self.analyzer.runs
        return [" ".join(map(self.__getitem__, runs(field))) for field in (article.title, article.lead, article.text)]

    def query(self, question: Question) -> Query:
        """The tree of a question. It holds words, phrases, And and Or."""
        return tree_of(question, self.analyzer)


def tree_of(question: Question, analyzer: Analyzer) -> Query:
    """What is asked of everybody: the tree without the days that «сегодня» leads to, which is ours alone."""
    return _without_days(parse(question.text, analyzer).query)


def _without_days(query: Query) -> Query:
    if not isinstance(query, And | Or):
        return query
    clauses = tuple(_without_days(clause) for clause in query.clauses if not isinstance(clause, Dates))
    return type(query)(clauses) if len(clauses) > 1 else clauses[0]


@dataclass(frozen=True)
class Facts:
    """When an article was published, as peers file it: `year` and `month` (202405) are 0 where it is unknown."""

    time: int
    year: int
    month: int

    @classmethod
    def of(cls, article: Article) -> Facts:
        if article.published is None:
            return cls(UNDATED, 0, 0)
        day = archive_day(article.published, ZONE)
        return cls(microseconds(article.published, ZONE), day.year, day.year * 100 + day.month)


def encoded(article: Article) -> bytes:
    """The article as every peer keeps it."""
    return msgspec.json.encode(article.as_dict())


_decode = msgspec.json.Decoder().decode


def ids_of(kept: Iterable[bytes]) -> list[str]:
    """The ids of articles that were read from where they are kept."""
    return [_decode(article)["id"] for article in kept]


def years_and_months(months: Mapping[int, int], question: Question) -> tuple[dict[int, int], dict[int, int]]:
    """The facets by year, and by month of the chosen year, from counts by month as 202405."""
    years: Counter[int] = Counter()
    for month, count in months.items():
        if month:
            years[month // 100] += count
    chosen = {month: count for month, count in months.items() if question.year and month // 100 == question.year}
    return dict(years), chosen


def most_frequent(counts: Mapping[Any, int]) -> list[int]:
    """The counts of the most frequent values, the empty value left out."""
    return sorted((count for value, count in counts.items() if value), reverse=True)[:TOP_VALUES]
