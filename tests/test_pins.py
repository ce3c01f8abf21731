"""Pinned answers through the front door: a file of editors, and what readers are shown for it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search import Settings
from tests.door import Door
from web import create_app

PINS = """
# Главное к выборам.
выборы, голосование на выборах = v3, v9, nowhere   # и это пояснение
президент Казахстана = p1
бюджет = v1, v2
"""
RECORDS = [
    *(
        {"id": f"v{n}", "title": "Выборы", "text": "О выборах. " * n, "published": f"202{n % 4}-05-0{n}", "views": n}
        for n in range(1, 9)
    ),
    {"id": "v9", "title": "Избирателю", "text": "Памятка.", "published": "2023-01-01", "tags": ["памятка"]},
    {"id": "p1", "title": "Встреча", "text": "О чём говорили.", "published": "2024-01-01", "author": "Дана"},
    {"id": "later", "title": "Выборы", "text": "Ещё не вышло.", "published": "2999-01-01"},
]  # fmt: skip


@pytest.fixture
def door(tmp_path: Path) -> Door:
    door = Door(tmp_path)
    door.write("pins.txt", PINS)
    door.take_in(door.write("all.jsonl", "".join(json.dumps(record) + "\n" for record in RECORDS)))
    return door


@pytest.fixture
def client(door: Door) -> FlaskClient:
    settings = Settings(index=door.index, pins=str(door.folder / "pins.txt"))
    return create_app(settings).test_client()


def ask(client: FlaskClient, q: str, **more: Any) -> dict[str, Any]:
    response = client.get("/api/search", query_string={"q": q, **more})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def pinned(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"] if hit.get("pinned")]


def test_pinned_articles_come_first_and_count_once(client: FlaskClient) -> None:
    answer = ask(client, "выборы")
    assert ids(answer)[:2] == pinned(answer) == ["v3", "v9"]
    assert len(set(ids(answer))) == answer["total"] == 9, "eight that are found, and one that is not"
    assert [hit["score"] for hit in answer["hits"][:3]][:2] == [None, None]
    assert answer["hits"][2]["score"] > 0
    years = {year["year"]: year["count"] for year in answer["facets"]["years"]}
    assert years == {2020: 2, 2021: 2, 2022: 2, 2023: 3}
    assert answer["facets"]["tags"] == [{"value": "памятка", "count": 1}]
    csv = [line.split('"')[1] for line in client.get("/export.csv?q=выборы").text.splitlines()]
    assert csv[1:] == ids(answer), "the file has the order of the page"
    assert len(client.get("/export.jsonl?q=выборы").text.splitlines()) == 9
    by_views = [line.split('"')[1] for line in client.get("/export.csv?q=выборы&sort=views").text.splitlines()]
    assert by_views[1:] == ids(ask(client, "выборы", sort="views"))
    feed = [item["title"] for item in client.get("/feed.json?q=выборы").json["items"]]  # type: ignore[index]
    assert feed == ["Выборы"] * 8, "who follows a query is told of what it finds"


@pytest.mark.parametrize("per_page", [1, 2, 3, 4, 9])
def test_every_article_stands_on_one_page(client: FlaskClient, per_page: int) -> None:
    pages = [ask(client, "выборы", per_page=per_page, page=page) for page in range(1, 11)]
    shown = [article for page in pages for article in ids(page)]
    assert shown[:2] == ["v3", "v9"]
    assert sorted(shown) == [f"v{n}" for n in range(1, 10)]
    assert {page["total"] for page in pages} == {9}
    whole = ids(ask(client, "выборы", per_page=100))
    assert shown == whole


@pytest.mark.parametrize(
    "text", ["выборы", "Выборов", "ВЫБОРАМИ", "голосование на выборах", "выборам голосованием на", "  выборы  "]
)  # fmt: skip
def test_words_are_meant_in_any_form_and_order(client: FlaskClient, text: str) -> None:
    assert pinned(ask(client, text)) == ["v3", "v9"]


@pytest.mark.parametrize(
    "text",
    ["", "выборы 2024", "-выборы", "=выборы", '"выборы"', "выборы | голосование", "заголовок:выборы", "выбор*", "выбор",
     "выборщик", "v3", "голосование", "выборы выборы", "президент", "казахстан президент узбекистана"],
)  # fmt: skip
def test_more_or_other_than_the_words_pins_nothing(client: FlaskClient, text: str) -> None:
    assert pinned(ask(client, text, correct=0)) == []


def test_filters_hold_for_pinned_articles(client: FlaskClient) -> None:
    assert pinned(ask(client, "выборы", year=2020)) == []
    assert pinned(ask(client, "выборы", tag="памятка")) == ["v9"]
    assert ids(ask(client, "президент Казахстана", author="Дана")) == ["p1"]
    assert ids(ask(client, "президент Казахстана", author="Олег", correct=0)) == []
    by_views = ask(client, "выборы", sort="views")
    assert ids(by_views) == [f"v{n}" for n in range(8, 0, -1)] + ["v9"]
    assert pinned(by_views) == ["v3", "v9"]
    newest = [hit["published"] for hit in ask(client, "выборы", sort="newest")["hits"]]
    assert newest == sorted(newest, reverse=True)


def test_what_was_meant_is_pinned_too(client: FlaskClient) -> None:
    answer = ask(client, "ds,jhs")
    assert answer["query"]["correction"]["text"] == "выборы"
    assert pinned(answer) == ["v3", "v9"]
    answer = ask(client, "бюджет")
    assert (ids(answer), answer["total"], answer["query"]["correction"]) == (["v1", "v2"], 2, None)


def test_readers_see_that_an_article_is_pinned(client: FlaskClient) -> None:
    page = client.get("/?q=выборы").text
    assert page.count("Выбор редакции") == 2
    first, second, others = page.split("Выбор редакции")
    assert 'data-id="v3"' in first
    assert 'data-id="v9"' in second
    assert others.count("data-id=") == 7
    assert "Выбор редакции" not in client.get("/?q=выборы+2021").text


def test_the_terminal_shows_it_too(door: Door) -> None:
    door.write("arkhiv.toml", f'pins = "{door.folder / "pins.txt"}"\n')
    assert "pinned · 2023-05-03" in door.run("search", "выборы").output
    hits = json.loads(door.run("search", "выборы", "--json").stdout)["hits"]
    assert [hit["id"] for hit in hits if hit.get("pinned")] == ["v3", "v9"]


def test_the_file_is_read_again_when_it_changes(
    door: Door, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    before = client.get("/api/search?q=выборы").headers["ETag"]
    door.write("pins.txt", "выборы = v7\nи ещё раз выборы = v1")
    assert pinned(ask(client, "выборы")) == ["v7"]
    assert client.get("/api/search?q=выборы", headers={"If-None-Match": before}).status_code == 200
    door.write("pins.txt", "выборы = v6\nчто-то не то")
    with caplog.at_level(logging.WARNING, logger="arkhiv"):
        assert pinned(ask(client, "выборы")) == ["v6"], "what is wrong costs its line"
        ask(client, "выборы")
        assert caplog.text.count("pins.txt:2: not as «words = id, id»; this line is left out") == 1, "said once"
        door.write("pins.txt", b"\xe2\xfb\xe1\xee\xf0\xfb = v1")
        assert pinned(ask(client, "выборы")) == ["v6"], "and a file that is no text nothing"
        (door.folder / "pins.txt").unlink()
        assert pinned(ask(client, "выборы")) == pinned(ask(client, "выборы")) == ["v6"]
    assert caplog.text.count("cannot be read") == 2
    door.write("pins.txt", b"\xef\xbb\xbf\xd0\xb2\xd1\x8b\xd0\xb1\xd0\xbe\xd1\x80\xd1\x8b = v5\r\n")
    assert pinned(ask(client, "выборы")) == ["v5"]


def test_ids_that_are_not_there_are_named_and_pin_nothing(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(index=door.index, pins=str(door.write("other.txt", "выборы = nowhere, later, v1\n")))
    with caplog.at_level(logging.WARNING, logger="arkhiv"):
        client = create_app(settings).test_client()
    assert "the pinned article 'nowhere' is not in the archive" in caplog.text
    assert "'later'" in caplog.text, "its time has not come"
    assert "'v1'" not in caplog.text
    assert (pinned(ask(client, "выборы")), ask(client, "выборы")["total"]) == (["v1"], 8)


@pytest.mark.parametrize(
    ("line", "reason"),
    [("выборы", "not as"), ("выборы =", "not as"), ("= v1", "no words"), ("выборы, = v1", "no words"),
     ("выборы = ,", "not as"), ("выборы ИЛИ ёлка = v1", "more than words"), ('"выборы" = v1', "more than words"),
     (f"выборы = {', '.join(f'v{n}' for n in range(11))}", "11 ids, and no more than 10")],
)  # fmt: skip
def test_a_line_that_is_wrong_is_named_and_costs_itself_alone(
    door: Door, caplog: pytest.LogCaptureFixture, line: str, reason: str
) -> None:
    path = door.write("wrong.txt", f"бюджет = v1\n\n{line}\nпрезидент = p1\n")
    with caplog.at_level(logging.WARNING, logger="arkhiv"):
        client = create_app(Settings(index=door.index, pins=str(path))).test_client()
    assert "wrong.txt:3: " in caplog.text
    assert reason in caplog.text
    assert (pinned(ask(client, "бюджет")), pinned(ask(client, "президент"))) == (["v1"], ["p1"])


def test_a_file_that_is_not_there_yet_is_read_when_it_comes(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    path = door.folder / "later.txt"
    with caplog.at_level(logging.WARNING, logger="arkhiv"):
        client = create_app(Settings(index=door.index, pins=str(path))).test_client()
    assert "later.txt: No such file" in caplog.text
    assert pinned(ask(client, "выборы")) == []
    path.write_text("выборы = v2", "utf-8")
    assert pinned(ask(client, "выборы")) == ["v2"]
