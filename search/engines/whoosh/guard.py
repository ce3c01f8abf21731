"""What is told when a damaged column goes wrong in the middle of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

import msgspec

from search.engine import Found, Request
from search.engines.whoosh.searcher import WhooshSearcher
from search.errors import IndexUnavailable
from search.model import Article, IndexInfo

__all__ = ["GuardedSearcher"]

# What Python, NumPy and msgspec raise over numbers and texts that make no sense.
SENSELESS = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError, msgspec.MsgspecError)


class GuardedSearcher:
    """A searcher that looks for damage when it fails; see `search.engine.Searcher`.

    Opening checks the size of every file, not the bytes, which are too many. Over a damaged index an error becomes
    IndexUnavailable; over a sound one it is a bug of ours and stays what it is.
    """

    def __init__(self, searcher: WhooshSearcher, damage: Callable[[], Sequence[str]]) -> None:
        """`damage` reads every byte and says what is wrong; it is asked once at most."""
        self._searcher = searcher
        self._damage = cache(damage)

    @property
    def info(self) -> IndexInfo:
        return self._searcher.info

    def search(self, request: Request) -> Found:
        with self._looking():
            return self._searcher.search(request)

    def article(self, article_id: str, now: datetime) -> Article | None:
        with self._looking():
            return self._searcher.article(article_id, now)

    def articles(self) -> Iterator[Article]:
        with self._looking():
            yield from self._searcher.articles()

    @contextmanager
    def _looking(self) -> Iterator[None]:
        try:
            yield
        except SENSELESS as error:
            if damage := self._damage():
                raise IndexUnavailable(f"the index is damaged: {'; '.join(damage)}; rebuild the index") from error
            raise
