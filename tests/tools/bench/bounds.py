"""No request costs a hundred times what another one does: `python -m tests.tools.bench.bounds` asks the served app.

Each hostile query is held against a search for two words, in CPU time of the thread that answers; over a built index.
The program fails, and says where, when one of them costs more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.cli import main as indexer
from search import Settings
from tests.hostile import ENDLESS, HOSTILE, write_articles
from tests.tools.bench.report import table
from web import create_app

MOST = 100  # times an ordinary search
ARTICLES, ROUNDS = 3000, 3
PATHS = ("/api/search", "/", "/api/suggest")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench.bounds", description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES, help=f"how many to ask over ({ARTICLES})")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        client = _client(Path(folder), options.articles)
        ordinary = seconds(lambda: _ask(client, PATHS[0], "не для"))
        costs = {name: cost / ordinary for name, cost in _costs(client)}
    rows = [(name, f"{cost:.1f}", "" if cost < MOST else "missed") for name, cost in costs.items()]
    title = f"Hostile requests over {options.articles} articles, as times an ordinary search ({1000 * ordinary:.1f} ms)"
    print(table(title, ("request", f"times, < {MOST}", ""), rows))
    if missed := [name for name, cost in costs.items() if cost >= MOST]:
        sys.exit(f"{len(missed)} cost {MOST} times an ordinary search or more: {', '.join(missed)}")


def _client(folder: Path, articles: int) -> FlaskClient:
    """The app over an index of so many articles."""
    write_articles(folder / "articles.jsonl", articles)
    index = f"whoosh:{folder / 'index'}"
    built = CliRunner().invoke(indexer, ["rebuild", str(folder / "articles.jsonl"), "--index", index])
    if built.exit_code:
        sys.exit(built.output)
    return create_app(Settings(index=index)).test_client()


def _costs(client: FlaskClient) -> Iterator[tuple[str, float]]:
    """What each request costs, in seconds."""
    for name, query in HOSTILE.items():
        for path in PATHS:
            yield f"{path} {name}", seconds(lambda path=path, query=query: _ask(client, path, query))
    for path in ENDLESS:
        yield path, seconds(lambda path=path: _ask(client, path))


def _ask(client: FlaskClient, path: str, query: str | None = None) -> None:
    status = client.get(path, query_string=None if query is None else {"q": query}).status_code
    if status != 200:
        sys.exit(f"{path} answers {status} to {query!r:.100}")


def seconds(ask: Callable[[], object]) -> float:
    """The least of a few times, of this thread's own."""
    taken = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        ask()
        taken.append(time.thread_time() - began)
    return min(taken)


if __name__ == "__main__":
    main()
