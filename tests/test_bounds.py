"""Whatever is asked is answered, and soon: of the served app, over an index that was built.

How much it costs beside an ordinary request, `make bench` measures.
"""

from __future__ import annotations

import html
import time

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.cli import main
from search import Settings
from tests.hostile import ENDLESS, HOSTILE, LONG, write_articles
from web import create_app

ARTICLES = 600
SECONDS = 10  # far more than any answer takes, so that a busy machine fails nothing


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("bounds")
    write_articles(folder / "articles.jsonl", ARTICLES)
    index = f"whoosh:{folder / 'index'}"
    ran = CliRunner().invoke(main, ["rebuild", str(folder / "articles.jsonl"), "--index", index])
    assert ran.exit_code == 0, ran.output
    return create_app(Settings(index=index)).test_client()


def answer(client: FlaskClient, path: str, query: str | None = None) -> TestResponse:
    """The answer, which has to come soon."""
    began = time.monotonic()
    answered = client.get(path, query_string=None if query is None else {"q": query})
    assert time.monotonic() - began < SECONDS
    assert answered.status_code == 200
    return answered


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_answered(client: FlaskClient, query: str) -> None:
    answered = answer(client, "/api/search", query).json
    assert answered["query"]["text"] == query
    assert 0 <= answered["total"] <= ARTICLES + 1
    assert len(answered["hits"]) == min(answered["total"], answered["per_page"])
    assert answered["index"]["articles"] == ARTICLES + 1


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_shown_with_its_matches(client: FlaskClient, query: str) -> None:
    page = answer(client, "/", query).text
    assert f'value="{html.escape(query)}"' in page.replace("&#34;", "&quot;")
    hits = answer(client, "/api/search", query).json["hits"]
    assert all(f'href="/article/{hit["id"]}' in page for hit in hits)


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_completed(client: FlaskClient, query: str) -> None:
    answered = answer(client, "/api/suggest", query).json
    assert answered["q"] == query
    assert len(answered["suggestions"]) <= 10


@pytest.mark.parametrize("path", ENDLESS)
def test_an_endless_headline_is_answered(client: FlaskClient, path: str) -> None:
    assert ("long" if path.startswith("/api/") else LONG.split()[-1]) in answer(client, path).text


def test_what_was_too_much_to_look_at_is_told(client: FlaskClient) -> None:
    cut = answer(client, "/api/search", HOSTILE["any of many beginnings"]).json
    assert any("самых частых" in note for note in cut["query"]["notes"])
    assert not cut["exact"]
