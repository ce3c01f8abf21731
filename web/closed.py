"""Which articles search engines are not to read: those that say so, and those that an operator lists in a file."""

import logging
from pathlib import Path

from search import Article, UserError
from search.errors import told

log = logging.getLogger("arkhiv")


class Closed:
    """The articles with `noindex`, and those whose ids stand in a file, one in a line, which is read again when it
    changes; `state` tells one content of it from another. Safe for many threads."""

    def __init__(self, path: str) -> None:
        """UserError where the file cannot be read: then nobody knows what a court has closed."""
        self._path = Path(path) if path else None
        self._known: tuple[tuple[int, int], frozenset[str]] = ((0, 0), frozenset())
        try:
            self._read()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError("noindex", f"cannot be read: {told(error)}") from error

    def __contains__(self, article: Article) -> bool:
        return article.noindex or (self._path is not None and article.id in self._ids())

    @property
    def state(self) -> str:
        """Of the file as it is now."""
        self._ids()
        return str(self._known[0])

    def _ids(self) -> frozenset[str]:
        try:
            self._read()
        except (OSError, UnicodeDecodeError) as error:
            log.warning("the ids of the setting noindex stay as they were: %s", told(error))
        return self._known[1]

    def _read(self) -> None:
        if self._path is None:
            return
        status = self._path.stat()
        if (state := (status.st_mtime_ns, status.st_size)) != self._known[0]:
            lines = self._path.read_text("utf-8-sig").splitlines()
            self._known = (state, frozenset(line.strip() for line in lines if line.strip()))
