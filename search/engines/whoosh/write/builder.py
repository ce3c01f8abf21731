"""Articles to rows: what one segment will be made of, collected until there is enough of it."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from search.analysis.copies import copy_key
from search.editorial.persons import mentions_of
from search.engines.whoosh.write.history import History
from search.model import FACETS, Article
from search.publication import UNDATED, archive_day, microseconds
from search.query.address import page_key


class PreparedArticle(NamedTuple):
    """An article as a segment is made of it; `json` and `text` are as of `Content`."""

    id: str
    time: int
    day: int
    title: str
    lead: str
    text: bytes
    singles: Mapping[str, str]  # by the names of SINGLES
    lists: Mapping[str, Sequence[str]]  # by the names of LISTS
    page: str
    views: int
    copy: int
    json: bytes
    content: int
    indexed: int
    origin: str


class Content(NamedTuple):
    """What is stored of an article: `json` is all of it but text and views, `text` is UTF-16, little-endian; `digest`
    tells one content from another, in 64 bits."""

    json: bytes
    text: bytes
    digest: int

    @classmethod
    def of(cls, article: Article) -> Self:
        """The content of an article."""
        # Not as msgspec writes moments, to the minute: offsets of the nineteenth century have seconds.
        published = article.published and article.published.isoformat()
        json = msgspec.json.encode(structs.replace(article, text="", views=0, published=published))
        text = article.text.encode("utf-16-le", "surrogatepass")
        return cls(json, text, int.from_bytes(blake2b(json + text, digest_size=8).digest()))


class Builder:
    """Collects articles. An id added again takes the place of the earlier one."""

    def __init__(self, zone: ZoneInfo, history: History, *, persons: bool) -> None:
        self._persons = persons
        self._zone = zone
        self._history = history
        self._rows: dict[str, PreparedArticle] = {}
        self.characters = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, article: Article, content: Content, origin: str) -> None:
        """Take an article in, whose content this is."""
        published = article.published
        day = None if published is None else archive_day(published, self._zone)
        row = PreparedArticle(
            id=article.id,
            time=UNDATED if published is None else microseconds(published, self._zone),
            day=day.toordinal() if day else 0,
            title=article.title,
            lead=article.lead,
            text=content.text,
            singles={facet.filter: getattr(article, facet.field) for facet in FACETS if not facet.several},
            lists={facet.filter: [*dict.fromkeys(getattr(article, facet.field))] for facet in FACETS if facet.several}
            | {"mention": mentions_of(article) if self._persons else ()},
            page=page_key(article.url),
            views=article.views,
            copy=copy_key(article.text, article.title, day),
            json=content.json,
            content=content.digest,
            indexed=self._history.indexed(content.digest),
            origin=origin,
        )
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

    def take(self) -> list[PreparedArticle]:
        """What was collected, in the order of the archive; the builder begins anew."""
        rows = sorted(self._rows.values(), key=lambda row: row.id, reverse=True)
        rows.sort(key=lambda row: row.time)
        self._rows = {}
        self.characters = 0
        return rows
