"""Articles to rows: what one segment will be made of, collected until there is enough of it."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from search.copies import copy_key
from search.engines.whoosh.columns import UNDATED
from search.model import Article
from search.publication import archive_day, microseconds

__all__ = ["Builder", "Row"]


class Row(NamedTuple):
    """What is kept of an article: `json` is all of it but the text, `text` is UTF-16, little-endian."""

    id: str
    time: int
    day: int
    title: str
    lead: str
    text: bytes
    author: str
    section: str
    tags: tuple[str, ...]
    views: int
    copy: int
    json: bytes


class Builder:
    """Collects articles. An id added again takes the place of the earlier one."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._rows: dict[str, Row] = {}
        self.characters = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, article: Article) -> None:
        """Take an article in."""
        published = article.published
        self._rows[article.id] = Row(
            id=article.id,
            time=UNDATED if published is None else microseconds(published, self._zone),
            day=0 if published is None else archive_day(published, self._zone).toordinal(),
            title=article.title,
            lead=article.lead,
            text=article.text.encode("utf-16-le", "surrogatepass"),
            author=article.author,
            section=article.section,
            tags=tuple(dict.fromkeys(article.tags)),
            views=article.views,
            copy=copy_key(article.text),
            json=msgspec.json.encode(article.as_dict() | {"text": ""}),
        )
        self.characters += len(article.title) + len(article.lead) + len(article.text)

    def remove(self, article_id: str) -> bool:
        """Take an article out again; False where it was not collected."""
        return self._rows.pop(article_id, None) is not None

    def take(self) -> list[Row]:
        """What was collected, in the order of the archive; the builder begins anew."""
        rows = sorted(self._rows.values(), key=lambda row: row.id, reverse=True)
        rows.sort(key=lambda row: row.time)
        self._rows = {}
        self.characters = 0
        return rows
