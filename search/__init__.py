"""Full-text search over the archive of a Russian-language newspaper. `open_archive` is the way in."""

from search.archive import Archive, open_archive
from search.config import Settings, load_settings
from search.errors import ArkhivError, ArticleNotFound, IndexUnavailable, SourceError, UserError
from search.model import Article

__all__ = [
    "Archive",
    "ArkhivError",
    "Article",
    "ArticleNotFound",
    "IndexUnavailable",
    "Settings",
    "SourceError",
    "UserError",
    "load_settings",
    "open_archive",
]
