"""Where articles come from: what a source is, the sources there are, and how a raw record becomes an article."""

from pathlib import Path

from indexer.sources.jsonl import JsonLinesFile
from indexer.sources.source import PAGES, Row, Source, Unchanged, Unreadable, is_page
from search.config import Settings, SourceSettings
from search.errors import SourceError, UserError

__all__ = ["Row", "Source", "Unchanged", "Unreadable", "open_source"]

DEFAULTS = Settings()
# What a message names for a package that is not installed.
_EXTRAS = {"sqlalchemy": "sql", "trafilatura": "html", "lxml": "html", "cssselect": "html", "pebble": "html"}


def open_source(named: str | SourceSettings, settings: Settings = DEFAULTS) -> Source:
    """The source of a name: a file of JSON lines or `-`, an export of WordPress, a page or a
    folder of pages, or the address of a database.

    SourceError at once where there is no such source, so that a run fails before it begins; UserError for no name.
    """
    if named == "":
        raise UserError("SOURCE", "is empty, as a variable of the shell that is not set; name what to read")
    source = named if isinstance(named, SourceSettings) else None
    name = named if isinstance(named, str) else named.path
    shown = name if name and "://" not in name else "a database"
    try:
        if not name or "://" in name:
            from indexer.sources.database import Database, parse_database

            return Database(source or parse_database(name))
        if source and source.html:
            import indexer.sources.markup  # noqa: F401  # to say at once that its package is missing
        if name.lower().endswith(PAGES) or Path(name).is_dir() or is_page(Path(name)):
            import trafilatura  # noqa: F401  # the processes that read pages need it

            from indexer.sources.pages import Folder

            return Folder(name, settings)
        if name.lower().endswith(".xml"):
            from indexer.sources.wordpress import WordPressExport

            return WordPressExport(name)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        command = f"pip install 'arkhiv[{_EXTRAS[package]}]'"
        raise SourceError(shown, 0, f"needs the package {package} to be read: {command}") from error
    return JsonLinesFile(name, source.html if source else ())
