"""SQLite FTS5. The words are one table, when and what an article is another, the articles themselves a second file.

All matches are gathered once, with their scores; the total, the facets and the first ten are selected from them.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from search.model import Article
from search.query.tree import And, Or, Phrase, Query, Word
from tests.tools.bench.corpus import articles
from tests.tools.bench.peer import (
    HITS,
    Answer,
    Facts,
    Question,
    Terms,
    encoded,
    ids_of,
    most_frequent,
    years_and_months,
)

SCHEMA = """
CREATE VIRTUAL TABLE words USING fts5(title, lead, text, content='', detail=full,
                                      tokenize='unicode61 remove_diacritics 0');
CREATE TABLE facts(number INTEGER PRIMARY KEY, time INTEGER, year INTEGER, month INTEGER, author TEXT, section TEXT);
CREATE TABLE articles.articles(number INTEGER PRIMARY KEY, id TEXT UNIQUE, article BLOB);
"""
SEARCH = """
WITH found AS MATERIALIZED (
    SELECT facts.*, {order} AS place FROM words CROSS JOIN facts ON facts.number = words.rowid WHERE words MATCH :words
), chosen AS (SELECT * FROM found WHERE (:year = 0 OR year = :year) AND (:month = 0 OR month = :month))
SELECT 'month', month, count(*) FROM found GROUP BY month
UNION ALL SELECT 'author', author, count(*) FROM chosen GROUP BY author
UNION ALL SELECT 'section', section, count(*) FROM chosen GROUP BY section
UNION ALL SELECT 'total', 0, count(*) FROM chosen
UNION ALL SELECT * FROM (SELECT 'hit', number, place FROM chosen ORDER BY place LIMIT :hits)
"""


class Sqlite:
    """See `Peer`."""

    stored = ("articles.db",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terms = Terms()

    def build(self, corpus: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        database = self._connected()
        database.executescript(SCHEMA)
        with database:
            for number, article in enumerate(articles(corpus), 1):
                self._insert(database, number, article)
            database.execute("INSERT INTO words(words) VALUES ('optimize')")
        database.close()

    def add(self, article: Article) -> None:
        database = self._connected()
        with database:
            (last,) = database.execute("SELECT max(number) FROM facts").fetchone()
            self._insert(database, last + 1, article)
        database.close()

    def _insert(self, database: sqlite3.Connection, number: int, article: Article) -> None:
        facts = Facts.of(article)
        row = (number, facts.time, facts.year, facts.month, article.author, article.section)
        fields = self._terms.fields(article)
        database.execute("INSERT INTO words(rowid, title, lead, text) VALUES (?, ?, ?, ?)", (number, *fields))
        database.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)", row)
        database.execute("INSERT INTO articles.articles VALUES (?, ?, ?)", (number, article.id, encoded(article)))

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._folder / "index.db")
        database.execute("ATTACH ? AS articles", (str(self._folder / "articles.db"),))
        database.execute("PRAGMA mmap_size = 4294967296")
        database.execute("PRAGMA cache_size = -262144")
        return database

    def open(self) -> None:
        self._database = self._connected()
        self._database.execute("SELECT count(*) FROM words WHERE words MATCH 'а'").fetchone()

    def search(self, question: Question) -> Answer:
        values = {
            "words": _compiled(self._terms.query(question)),
            "year": question.year,
            "month": question.month,
            "hits": HITS,
        }
        order = "-time" if question.newest else "bm25(words)"
        rows: dict[str, dict[Any, int]] = {"month": {}, "author": {}, "section": {}, "total": {}, "hit": {}}
        for name, value, count in self._database.execute(SEARCH.format(order=order), values):
            rows[name][value] = count
        years, months = years_and_months(rows["month"], question)
        kept = "SELECT article FROM articles.articles WHERE number = ?"
        return Answer(
            total=rows["total"][0],
            ids=ids_of(self._database.execute(kept, (number,)).fetchone()[0] for number in rows["hit"]),
            years=years,
            months=months,
            authors=most_frequent(rows["author"]),
            sections={value: count for value, count in rows["section"].items() if value},
        )


def _compiled(query: Query) -> str:
    """The tree in FTS5's language; terms hold no quotation marks."""
    match query:
        case Word(terms=(term,)):
            return f'"{term}"'
        case Phrase():
            return f'"{" ".join(word.terms[0] for word in query.words)}"'
        case And():
            return f"({' AND '.join(map(_compiled, query.clauses))})"
        case Or():
            return f"({' OR '.join(map(_compiled, query.clauses))})"
    raise ValueError(f"{query} is not asked here")
