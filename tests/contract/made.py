"""What the contract is written with: engines, articles and an archive that is asked in the words of a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol

import pytest

from search.analysis import Analyzer
from search.config import Settings
from search.engine import Answer, Engine, Request, Searcher
from search.model import Article, Count, Facets, Filters
from search.query.parser import parse

DEFAULTS = Settings()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALMATY_BEFORE, ALMATY_SINCE = timezone(timedelta(hours=6)), timezone(timedelta(hours=5))


class MakeEngine(Protocol):
    """Makes an engine at a place."""

    def __call__(self, place: str = "archive", settings: Settings = DEFAULTS) -> Engine: ...


def article(article_id: str, text: str = "", *, title: str = "", **values: Any) -> Article:
    return Article(id=article_id, title=title, text=text, **values)


def long_text(beginning: str) -> str:
    """A text that is long enough to be told from others by its sentences."""
    return " ".join(f"{beginning} {'очень ' * n}подробно и с примерами из жизни." for n in range(1, 16))


def publish(engine: Engine, *articles: Article, fresh: bool = False) -> None:
    """Add the articles in one generation."""
    with engine.writer(fresh=fresh) as writer:
        for each in articles:
            writer.add(each)
        writer.publish()


@dataclass(frozen=True)
class Reading:
    """A searcher that is asked in the words of a reader."""

    searcher: Searcher
    analyzer: Analyzer

    def found(self, text: str = "", *, now: datetime = NOW, limit: int = 1000, **options: Any) -> Answer:
        """`options` are the fields of `Filters` and of `Request`."""
        query = parse(text, self.analyzer).query
        filters = Filters(**{name: options.pop(name) for name in Filters.__struct_fields__ if name in options})
        return self.searcher.search(Request(now=now, query=query, filters=filters, limit=limit, **options))

    def facets(self, text: str = "", **filters: Any) -> Facets:
        facets = self.found(text, **filters).facets
        assert facets is not None
        return facets

    def order(self, text: str = "", **filters: Any) -> list[str]:
        return [match.article.id for match in self.found(text, **filters).matches]

    def ids(self, text: str = "", **filters: Any) -> str:
        """The ids found, in alphabetical order, with spaces between."""
        return " ".join(sorted(self.order(text, **filters)))

    def words(self, prefix: str, limit: int = 10, *, now: datetime = NOW, typos: bool = False) -> str:
        """The words that begin so, each with its count, with commas between."""
        listed = self.searcher.words(prefix, limit, now, typos=typos)
        return ", ".join(f"{count.value} {count.count}" for count in listed)


class Archive(Protocol):
    """Publishes the articles at a new place and opens it."""

    def __call__(self, *articles: Article) -> Reading: ...


def counts(*pairs: tuple[Any, int]) -> tuple[Count[Any], ...]:
    return tuple(Count(value, count) for value, count in pairs)


class Contract:
    """A subject of the contract; an engine's test file provides the factory of its engines."""

    @pytest.fixture
    def engine(self) -> MakeEngine:
        raise NotImplementedError("an engine's test file provides the factory of its engines")

    @pytest.fixture
    def archive(self, engine: MakeEngine, analyzer: Analyzer) -> Archive:
        made = []

        def archive(*articles: Article) -> Reading:
            made.append(engine(f"archive-{len(made)}"))
            publish(made[-1], *articles, fresh=True)
            return Reading(made[-1].open(), analyzer)

        return archive
