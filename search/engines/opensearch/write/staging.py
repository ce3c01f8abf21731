"""What a writer has prepared, kept on this machine's disk until it is published, however much it is."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from search.engines.opensearch.document import PreparedDocument

_TABLES = """
    CREATE TABLE rows (id BLOB PRIMARY KEY, copy INTEGER, length INTEGER, row BLOB) WITHOUT ROWID;
    CREATE TABLE known (id BLOB PRIMARY KEY, content INTEGER, indexed INTEGER, views INTEGER, origin TEXT)
        WITHOUT ROWID;
"""


class PublishedArticle(NamedTuple):
    """What the published generation has of an article: its content, when that came in first, its views and origin."""

    content: int
    indexed: int
    views: int
    origin: str


class Staging:
    """Rows by the id of their article, and what is known of published ones; a file that goes away with it."""

    def __init__(self) -> None:
        # An empty name is a file in the folder for temporary files, which nobody else sees.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()

    def put(self, row: PreparedDocument) -> None:
        """Keep a row, instead of one with its id."""
        columns = (_key(row.id), row.copy, row.length, msgspec.msgpack.encode(row))
        self._database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", columns)

    def remove(self, article_id: str) -> bool:
        """Forget a row; False where there is none."""
        return bool(self._database.execute("DELETE FROM rows WHERE id = ?", (_key(article_id),)).rowcount)

    def get(self, article_id: str) -> PreparedDocument | None:
        """The row with this id."""
        row = self._database.execute("SELECT row FROM rows WHERE id = ?", (_key(article_id),)).fetchone()
        return row and _row(row[0])

    def __contains__(self, article_id: str) -> bool:
        rows = self._database.execute("SELECT 1 FROM rows WHERE id = ?", (_key(article_id),))
        return rows.fetchone() is not None

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM rows").fetchone()[0])

    def rows(self) -> Iterator[PreparedDocument]:
        """All rows."""
        return (_row(encoded) for (encoded,) in self._database.execute("SELECT row FROM rows"))

    def mean_length(self) -> float:
        """The mean weighted length of the articles, at least 1."""
        return float(self._database.execute("SELECT max(1, ifnull(avg(length), 1)) FROM rows").fetchone()[0])

    def copies(self, *, least: int) -> set[int]:
        """What near-copies share, of which there are so many rows."""
        query = "SELECT copy FROM rows WHERE copy GROUP BY copy HAVING count(*) >= ?"
        return {copy for (copy,) in self._database.execute(query, (least,))}

    def learn(self, published: Iterable[tuple[str, PublishedArticle]]) -> None:
        """Keep what is known of published articles, by id or by what else they are looked up."""
        rows = ((_key(key), *values) for key, values in published)
        self._database.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?)", rows)

    def known(self, key: str) -> PublishedArticle | None:
        """What is known of it."""
        query = "SELECT content, indexed, views, origin FROM known WHERE id = ?"
        row = self._database.execute(query, (_key(key),)).fetchone()
        return row and PublishedArticle(*row)


def _key(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _row(encoded: bytes) -> PreparedDocument:
    return msgspec.msgpack.decode(encoded, type=PreparedDocument)
