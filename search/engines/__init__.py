"""Which engine a URL names. An engine's package is imported only when its URL is used."""

import re
from importlib.util import find_spec

from search.analysis import Analyzer
from search.config import Settings
from search.engine import Engine
from search.errors import UserError

__all__ = ["loops", "open_engine"]


def loops() -> tuple[str, str]:
    """Which loops the engine of folders runs, `compiled` or `numpy`, and why not the compiled ones."""
    from search.engines.whoosh.loops import CHOICE

    return CHOICE


def open_engine(url: str, settings: Settings, analyzer: Analyzer) -> Engine:
    """The engine at `url`: `whoosh:PATH` is a folder on this machine, `opensearch+http://…` an archive on a cluster.

    UserError for any other scheme, or where the packages are missing that talk to a cluster.
    """
    scheme, _, place = url.partition(":")
    if scheme == "whoosh" and place:
        from search.engines.whoosh import WhooshEngine

        return WhooshEngine(place, settings, analyzer)
    if scheme.startswith("opensearch+"):
        if find_spec("opensearchpy") is None:
            raise UserError("index", "a cluster needs one more package: pip install 'arkhiv[opensearch]'")
        from search.engines.opensearch import OpenSearchEngine

        return OpenSearchEngine(url, settings, analyzer)
    shown = re.sub(r"//.*@", "//…@", url)
    raise UserError("index", f"{shown!r} does not name an index; write whoosh:FOLDER or opensearch+http://…")
