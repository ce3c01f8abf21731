"""Articles to numbers: what one segment will be made of, collected until there is enough of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec

from search.config import Ranking
from search.engines.whoosh.columns import UNDATED
from search.engines.whoosh.inversion import Batch, Row
from search.engines.whoosh.lexicon import Lexicon
from search.engines.whoosh.vocabulary import ID, LETTERS, TAG, term_key
from search.model import Article
from search.publication import archive_day, microseconds
from search.query.tree import Field

__all__ = ["Builder"]


class Builder:
    """Collects articles. An id added again takes the place of the earlier one."""

    def __init__(self, lexicon: Lexicon, zone: ZoneInfo, ranking: Ranking) -> None:
        self._lexicon = lexicon
        self._zone = zone
        self._ranking = ranking
        text, author, section = (lexicon.runs(LETTERS[f]) for f in (Field.TEXT, Field.AUTHOR, Field.SECTION))
        self._tables = (text, text, text, author, section)
        self._begin()

    def _begin(self) -> None:
        self._rows: list[Row] = []
        self._newest: dict[str, int] = {}
        self._runs = array("i")
        self._counts = array("i")  # how many runs the title, lead, text, author and section of each article have

    def __len__(self) -> int:
        return len(self._newest)

    @property
    def ids(self) -> Iterable[str]:
        """The ids of the articles that were collected."""
        return self._newest.keys()

    @property
    def words(self) -> int:
        """How many words were collected, about."""
        return len(self._runs)

    def add(self, article: Article) -> None:
        """Take an article in."""
        fields = (article.title, article.lead, article.text, article.author, article.section)
        find = self._lexicon.analyzer.runs
        for text, runs in zip(fields, self._tables, strict=True):
            before = len(self._runs)
            if text:
                self._runs.extend(map(runs.__getitem__, find(text)))
            self._counts.append(len(self._runs) - before)
        self._newest[article.id] = len(self._rows)
        self._rows.append(self._row(article))

    def remove(self, article_id: str) -> bool:
        """Take an article out again; False where it was not collected."""
        return self._newest.pop(article_id, None) is not None

    def _row(self, article: Article) -> Row:
        published = article.published
        values = [term_key(ID, article.id), *(term_key(TAG, tag) for tag in dict.fromkeys(article.tags))]
        return Row(
            id=article.id,
            time=UNDATED if published is None else microseconds(published, self._zone),
            day=0 if published is None else archive_day(published, self._zone).toordinal(),
            author=article.author,
            section=article.section,
            views=article.views,
            keys=tuple(self._lexicon.key(value) for value in values),
            json=msgspec.json.encode(article.as_dict()),
        )

    def take(self) -> Batch:
        """What was collected, for writing; the builder begins anew."""
        batch = Batch(
            self._rows, list(self._newest.values()), self._runs, self._counts, self._lexicon.tables(), self._ranking
        )
        self._begin()
        return batch
