"""What search engines are not to find: articles that say so themselves, and those that an operator lists in a file."""

from pathlib import Path

from search import Article
from search.editorial.watched import Watched


class Closed:
    """The articles with `noindex`, and those whose ids stand in a file, one in a line."""

    def __init__(self, path: str) -> None:
        """UserError where the file cannot be read: then nobody knows what a court has closed."""
        self._ids = Watched("noindex", Path(path), _ids) if path else None

    def __contains__(self, article: Article) -> bool:
        return article.noindex or (self._ids is not None and article.id in self._ids.value)

    @property
    def state(self) -> str:
        """Tells one content of the file from another."""
        return self._ids.state if self._ids else ""


def _ids(lines: list[str]) -> frozenset[str]:
    return frozenset(line.strip() for line in lines if line.strip())
