"""Whatever is asked is answered, and soon: of the served app, over an index that was built.

How much it costs beside an ordinary request, `make bench` measures.
"""

from __future__ import annotations

import html
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.cli import main
from indexer.sources.intake import Intake
from search import Settings
from search.analysis import Analyzer
from search.analysis.copies import copy_key
from search.analysis.names import authors_of
from search.analysis.persons import mentioned
from search.query.parser import parse
from search.snippet import Highlighter
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


# What the expressions that look at foreign text begin with, end with, and look for between.
WORST = (
    " ", "\u00a0", "\n", "\n ", "\t", "а", "А", "Аб ", "а.", "А.", "а-", "а-\n", "- ", "\u00ad\n", "¬\n", "1", "1.",
    "1-", "<", "<p>", "<b", "&", "&nbsp;", "[", "[a]", "[a ", "a=\"", "'", "«", "(", "|", " | ", "— ", ": ", "//",
    "http://", "www.", "@", "?", "Ð", "РЎ", "\ufffd", "{{", "#", "*", "Фото: ", "Иван Иванов, ", "и ", "ұлы ", "Мария-",
    "И. ", "X ", "а\u0301", "\u200b", "😀", "2024-", "17 мая ", "Ту-",
)  # fmt: skip


def test_no_letters_of_a_text_cost_much_more_than_others() -> None:
    analyzer, intake = Analyzer(), Intake(Settings())
    query = parse('слово "а б" Иван', analyzer).query
    slow = []
    for letters in WORST:
        text = (letters * 40_000)[:40_000]
        began = time.process_time()
        for field in ("title", "text", "author", "section", "url", "published", "views"):
            intake.article({"id": "1", "title": "а", "text": "б", field: text})
            intake.article({"id": "1", "title": "а", "text": "б", field: f"<p>а{text}б</p>"}, html=("title", "text"))
        mentioned([text])
        authors_of(text)
        copy_key(text, "а")
        Highlighter(query, analyzer).mark(text)
        parse(text, analyzer)
        if (seconds := time.process_time() - began) > 2:
            slow.append((letters, seconds))
    assert slow == []


def test_no_page_or_author_can_be_read_in_so_many_ways_that_it_takes_forever(tmp_path: Path) -> None:
    lines = "A: b\r\n c\r\n" * 60
    (tmp_path / "page.html").write_text(f"{lines}<h1>Степь</h1><p>{'Степь зацвела. ' * 20}</p>", encoding="utf-8")
    article = {"id": "1", "title": "Степь", "text": "Зацвела", "author": f"Пак {'ʼ' * 60}!"}
    (tmp_path / "a.jsonl").write_text(json.dumps(article), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text("<!---->" * 140, encoding="utf-8")
    began = time.monotonic()
    index = f"whoosh:{tmp_path / 'index'}"
    ran = CliRunner().invoke(
        main, ["rebuild", str(tmp_path / "page.html"), str(tmp_path / "a.jsonl"), "--index", index]
    )
    assert ran.exit_code == 0, ran.output
    client = create_app(Settings(index=index)).test_client()
    assert client.get("/article/1").status_code == client.get("/cite/bib/1").status_code == 200
    ran = CliRunner().invoke(main, ["try", str(tmp_path / "b.jsonl")])
    assert "b.jsonl" in ran.output
    assert time.monotonic() - began < SECONDS
