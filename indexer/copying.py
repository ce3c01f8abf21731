"""How an archive is copied from one engine to another without its sources."""

import time
from dataclasses import dataclass
from pathlib import Path

from indexer.rebuild import Listener, NothingPublished
from search.engine import Engine
from search.errors import UserError
from search.model import IndexInfo


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy did: articles `copied`; `index` is what is published at its place now."""

    copied: int
    seconds: float
    index: IndexInfo


def copy_archive(source: Engine, target: Engine, listener: Listener) -> Copy:
    """Publish all articles of one engine's published generation as a generation of the other, built from nothing.

    With each article goes its origin: a rebuild of the copy reads again what a rebuild of the original would.
    UserError where the two are one; NothingPublished where there is no article, or not all could be read;
    IndexUnavailable as of the engines.
    """
    began = time.perf_counter()
    if _location(source.url) == _location(target.url):
        raise UserError("TO", "is the same index as FROM; name another one")
    searcher = source.open()
    origins = dict(searcher.origins())
    with target.writer(fresh=True) as writer:
        copied = 0
        for copied, article in enumerate(searcher.articles(), 1):
            writer.add(article, origins[article.id])
            listener.reached(copied)
        if not copied:
            raise NothingPublished("there is no article in FROM; nothing is published")
        if copied != searcher.info.articles:
            raise NothingPublished(
                f"{copied:,} of {searcher.info.articles:,} articles could be read; nothing is published"
            )
        listener.finished(copied)
        listener.publishing(copied)
        index = writer.publish()
    return Copy(copied, time.perf_counter() - began, index)


def _location(url: str) -> str:
    """Where an index is, however a folder is written."""
    scheme, _, place = url.partition(":")
    return f"{scheme}:{Path(place).resolve()}" if scheme == "whoosh" else url.rstrip("/")
