"""What is told when a damaged column goes wrong in the middle of reading or merging."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Self

import msgspec

from search.engine import Found, Kept, Request
from search.engines.whoosh.searcher import WhooshSearcher
from search.engines.whoosh.writer import WhooshWriter
from search.errors import IndexUnavailable
from search.model import Article, Count, IndexInfo
from search.query.tree import Field

__all__ = ["GuardedSearcher", "GuardedWriter"]

# What Python, NumPy and msgspec raise over numbers and texts that make no sense.
SENSELESS = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError, msgspec.MsgspecError)


class _Guard:
    """Looks for damage when something fails.

    Opening checks the size of every file, not the bytes, which are too many. Over a damaged index an error becomes
    IndexUnavailable; over a sound one it is a bug of ours and stays what it is.
    """

    def __init__(self, damage: Callable[[], Sequence[str]]) -> None:
        """`damage` reads every byte and says what is wrong; it is asked once at most."""
        self._damage = cache(damage)

    @contextmanager
    def _looking(self) -> Iterator[None]:
        try:
            yield
        except SENSELESS as error:
            if damage := self._damage():
                raise IndexUnavailable(f"the index is damaged: {'; '.join(damage)}; rebuild the index") from error
            raise


class GuardedSearcher(_Guard):
    """See `search.engine.Searcher`."""

    def __init__(self, searcher: WhooshSearcher, damage: Callable[[], Sequence[str]]) -> None:
        super().__init__(damage)
        self._searcher = searcher

    @property
    def info(self) -> IndexInfo:
        return self._searcher.info

    def search(self, request: Request) -> Found:
        with self._looking():
            return self._searcher.search(request)

    def article(self, article_id: str, now: datetime) -> Article | None:
        with self._looking():
            return self._searcher.article(article_id, now)

    def matching(self, request: Request) -> Iterator[Article]:
        with self._looking():
            yield from self._searcher.matching(request)

    def words(self, prefix: str, limit: int, now: datetime, *, typos: bool = False) -> tuple[Count[str], ...]:
        with self._looking():
            return self._searcher.words(prefix, limit, now, typos=typos)

    def alike(self, word: str, edits: int, limit: int, field: Field = Field.TEXT) -> tuple[Count[str], ...]:
        with self._looking():
            return self._searcher.alike(word, edits, limit, field)

    def frequencies(self, forms: Sequence[str], field: Field = Field.TEXT) -> tuple[int, ...]:
        with self._looking():
            return self._searcher.frequencies(forms, field)

    def articles(self) -> Iterator[Article]:
        with self._looking():
            yield from self._searcher.articles()


class GuardedWriter(_Guard):
    """See `search.engine.IndexWriter`."""

    def __init__(self, writer: WhooshWriter, damage: Callable[[], Sequence[str]]) -> None:
        super().__init__(damage)
        self._writer = writer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def published(self) -> Iterator[Kept]:
        with self._looking():
            yield from self._writer.published()

    def add(self, article: Article, origin: str = "", *, counted: bool = True) -> bool:
        with self._looking():
            return self._writer.add(article, origin, counted=counted)

    def keep(self, article_id: str) -> None:
        with self._looking():
            self._writer.keep(article_id)

    def withdraw(self, article_id: str) -> bool:
        with self._looking():
            return self._writer.withdraw(article_id)

    def set_views(self, article_id: str, views: int) -> bool:
        with self._looking():
            return self._writer.set_views(article_id, views)

    @property
    def changed(self) -> bool:
        return self._writer.changed

    def remove(self, article_id: str) -> bool:
        with self._looking():
            return self._writer.remove(article_id)

    def publish(self) -> IndexInfo:
        with self._looking():
            return self._writer.publish()
