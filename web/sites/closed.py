"""Which articles search engines must not find: those with `noindex`, and those that an operator lists in a file."""

from collections.abc import Callable
from pathlib import Path

from search import Article
from search.editorial.reloading import ReloadingFile


class Closed:
    """The articles with `noindex`, and those whose ids are in a file, one a line."""

    def __init__(self, path: str) -> None:
        """UserError where the file cannot be read: then nobody knows what a court has closed."""
        self._ids = ReloadingFile("noindex", Path(path), _ids) if path else None

    def closes(self) -> Callable[[Article], bool]:
        """The check whether an article is closed, with the file as it is now: to be made once for many articles."""
        ids = self.listed()
        return lambda article: article.noindex or article.id in ids

    def listed(self) -> frozenset[str]:
        """The ids in the file."""
        return self._ids.value if self._ids else frozenset()

    @property
    def state(self) -> str:
        """Differs for each content of the file."""
        return self._ids.state if self._ids else ""


def _ids(lines: list[str]) -> frozenset[str]:
    return frozenset(line.strip() for line in lines if line.strip())
