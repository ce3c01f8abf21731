"""Articles to rows: what one segment will be made of, collected until there is enough of it."""

from hashlib import blake2b
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from search.copies import copy_key
from search.editorial.persons import mentions_of
from search.engines.whoosh.write.history import History
from search.model import Article
from search.publication import UNDATED, archive_day, microseconds
from search.query.address import page_key


class Prepared(NamedTuple):
    """What is kept of an article: `json` is all of it but text and views, `text` is UTF-16, little-endian."""

    id: str
    time: int
    day: int
    title: str
    lead: str
    text: bytes
    author: str
    section: str
    tags: tuple[str, ...]
    mentions: tuple[str, ...]
    page: str
    views: int
    copy: int
    json: bytes
    content: int
    indexed: int
    origin: str


class Builder:
    """Collects articles. An id added again takes the place of the earlier one."""

    def __init__(self, zone: ZoneInfo, history: History, *, persons: bool) -> None:
        self._persons = persons
        self._zone = zone
        self._history = history
        self._rows: dict[str, Prepared] = {}
        self.characters = 0

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, article: Article, origin: str) -> Prepared:
        """The row of an article."""
        published = article.published
        record = article.as_dict() | {"text": ""}
        record.pop("views", None)
        json, text = msgspec.json.encode(record), article.text.encode("utf-16-le", "surrogatepass")
        content = int.from_bytes(blake2b(json + text, digest_size=8).digest())
        return Prepared(
            id=article.id,
            time=UNDATED if published is None else microseconds(published, self._zone),
            day=0 if published is None else archive_day(published, self._zone).toordinal(),
            title=article.title,
            lead=article.lead,
            text=text,
            author=article.author,
            section=article.section,
            tags=tuple(dict.fromkeys(article.tags)),
            mentions=mentions_of(article) if self._persons else (),
            page=page_key(article.url),
            views=article.views,
            copy=copy_key(article.text),
            json=json,
            content=content,
            indexed=self._history.indexed(content),
            origin=origin,
        )

    def add(self, row: Prepared) -> None:
        """Take a row in."""
        self._rows[row.id] = row
        self.characters += len(row.title) + len(row.lead) + len(row.text) // 2

    def set_views(self, article_id: str, views: int) -> bool:
        """Give a collected article another number of views; False where it was not collected."""
        if article_id not in self._rows:
            return False
        self._rows[article_id] = self._rows[article_id]._replace(views=views)
        return True

    def remove(self, article_id: str) -> bool:
        """Take an article out again; False where it was not collected."""
        return self._rows.pop(article_id, None) is not None

    def take(self) -> list[Prepared]:
        """What was collected, in the order of the archive; the builder begins anew."""
        rows = sorted(self._rows.values(), key=lambda row: row.id, reverse=True)
        rows.sort(key=lambda row: row.time)
        self._rows = {}
        self.characters = 0
        return rows
