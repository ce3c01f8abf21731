"""Where articles come from: what a source is, the sources there are, and how a raw record becomes an article."""

from pathlib import Path

from indexer.sources.jsonl import JsonLines
from indexer.sources.source import Row, Source, Unchanged, Unreadable
from search.config import DatabaseSettings
from search.errors import SourceError

__all__ = ["Row", "Source", "Unchanged", "Unreadable", "open_source"]

# What a message names for a package that is not installed.
_EXTRAS = {"sqlalchemy": "sql", "trafilatura": "html", "lxml": "html"}


def open_source(name: str | DatabaseSettings) -> Source:
    """The source that `name` is: a file of JSON lines or `-`, a folder of pages, or the address of a database.

    SourceError at once where there is no such source, so that a run fails before it begins.
    """
    shown = name if isinstance(name, str) and "://" not in name else "a database"
    try:
        if isinstance(name, DatabaseSettings) or "://" in name:
            from indexer.sources.database import Database, parse_database

            return Database(parse_database(name) if isinstance(name, str) else name)
        if Path(name).is_dir():
            from indexer.sources.folder import Folder

            return Folder(name)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        command = f"pip install 'arkhiv[{_EXTRAS[package]}]'"
        raise SourceError(shown, 0, f"needs the package {package} to be read: {command}") from error
    return JsonLines(name)
