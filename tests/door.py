"""The front door: what an operator does, from the command to the answer of the published archive."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from indexer.cli import main
from search import open_archive
from search.model import Article


class Door:
    """A working directory with its settings, and the archive `index` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = f"whoosh:{folder / 'index'}"

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of the working directory; its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, command: str, *arguments: str | Path, code: int | None = 0) -> Result:
        """Run `indexer` with the settings of the working directory; it has to end with this code, None for any."""
        environ = {"ARKHIV_INDEX": self.index, "ARKHIV_CONFIG": None}
        if (self.folder / "arkhiv.toml").exists():
            environ["ARKHIV_CONFIG"] = str(self.folder / "arkhiv.toml")
        ran = CliRunner().invoke(main, [command, *map(str, arguments)], env=environ, catch_exceptions=False)
        assert code is None or ran.exit_code == code, ran.output
        return ran

    def take_in(self, *sources: str | Path, code: int = 0) -> Result:
        """Rebuild from the sources, or those of the settings."""
        return self.run("rebuild", *sources, code=code)

    def found(self, query: str = "", **filters: object) -> list[str]:
        """The ids that the archive finds, in its order."""
        result = open_archive(self.index).search(query, per_page=100, correct=False, **filters)  # type: ignore[arg-type]  # any of them
        return [hit.article.id for hit in result.hits]

    def article(self, article_id: str) -> Article:
        """The article, as readers are given it."""
        return open_archive(self.index).article(article_id)
