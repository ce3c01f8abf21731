"""Which engine a URL names. An engine's package is imported only when its URL is used."""

from __future__ import annotations

from search.analysis import Analyzer
from search.config import Settings
from search.engine import Engine
from search.errors import UserError

__all__ = ["open_engine"]


def open_engine(url: str, settings: Settings, analyzer: Analyzer) -> Engine:
    """The engine at `url`: `whoosh:PATH` is a folder on this machine. UserError for any other scheme."""
    scheme, _, place = url.partition(":")
    if scheme == "whoosh" and place:
        from search.engines.whoosh import WhooshEngine

        return WhooshEngine(place, settings, analyzer)
    raise UserError("index", f"{url!r} does not name an index; write whoosh:FOLDER")
