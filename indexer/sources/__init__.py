"""Where articles come from: what a source is, the sources there are, and how a raw record becomes an article."""

from __future__ import annotations

from indexer.sources.jsonl import JsonLines
from indexer.sources.source import Row, Source, Unreadable

__all__ = ["Row", "Source", "Unreadable", "open_source"]


def open_source(name: str) -> Source:
    """The source that `name` is: a file of JSON lines, plain or gzip, or `-` for standard input.

    SourceError at once where there is no such file, so that a run fails before it begins.
    """
    return JsonLines(name)
