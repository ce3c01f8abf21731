"""«В этот день»: one day of the calendar over all years, on the page, in the API and in the library."""

# ruff: noqa: E501  # articles as they are

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from search import Archive, Settings, UserError, open_archive
from tests.door import Door
from tests.test_web import Page
from web import create_app

TODAY = datetime.now(ZoneInfo("Asia/Almaty")).date()
ARTICLES: list[dict[str, Any]] = [
    *({"id": f"a{n}", "title": f"Визит номер {n}", "text": f"Текст {n}.", "published": "2024-05-17", "views": n} for n in range(5)),
    {"id": "old", "title": "Урожай", "text": "Хлеб.", "published": "1999-05-17 23:30"},
    {"id": "next", "title": "Завтрашнее", "text": "Хлеб.", "published": "1999-05-18 00:30"},
    {"id": "leap", "title": "Високосный", "text": "День.", "published": "2024-02-29"},
    {"id": "year0", "title": "Год назад", "text": "Новость.", "published": f"{TODAY.year - 4}-{TODAY:%m-%d}"},
    {"id": "later", "title": "Секрет", "text": "Скоро.", "published": (datetime.now(UTC) + timedelta(hours=30)).isoformat(timespec="seconds")},
]  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    door = Door(tmp_path_factory.mktemp("today"))
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, ARTICLES))))
    return open_archive(door.index)


@pytest.fixture(scope="module")
def client(archive: Archive) -> FlaskClient:
    return create_app(Settings(), lambda: archive).test_client()


def test_every_year_of_a_day_is_given_latest_first(archive: Archive) -> None:
    years = archive.on_day(5, 17)
    assert [(year.year, year.total) for year in years] == [(2024, 5), (1999, 1)]
    assert [hit.article.id for hit in years[0].hits] == ["a4", "a3", "a2"]
    assert [hit.article.id for hit in years[1].hits] == ["old"], "days are those of the newspaper's zone"
    assert [year.year for year in archive.on_day(2, 29)] == [2024]
    assert archive.on_day(12, 31, limit=1) == () or TODAY.month == 12
    for month, day in ((2, 30), (13, 1), (0, 1), (1, 0)):
        with pytest.raises(UserError):
            archive.on_day(month, day)


def test_the_page_shows_today_or_any_day(client: FlaskClient) -> None:
    page = Page(client.get("/today").text)
    assert page.links()["Год назад"] == "/article/year0"
    assert "Секрет" not in page.links()
    page = Page(client.get("/today/5/17").text)
    assert page.text("h1") == "17 мая в разные годы"
    assert [heading["text"] for heading in page.all("h2")] == ["2024", "1999"]
    assert page.links()["Все 5 статей этого дня"] == "/archive/2024/5/17"
    assert page.links()["18 мая"] == "/today/5/18"
    assert page.all("link", rel="canonical")[0]["href"] == "http://localhost/today/5/17"
    assert Page(client.get("/today/3/1").text).links()["29 февраля"] == "/today/2/29"
    empty = Page(client.get("/today/7/7" if TODAY.month != 7 else "/today/8/8").text)
    assert empty.all("meta", name="robots")[0]["content"] == "noindex"


@pytest.mark.parametrize("path", ["/today/2/30", "/today/13/1", "/today/0/5", "/today/5", "/today/x/y"])
def test_a_day_that_no_year_has_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_api_gives_the_same(client: FlaskClient) -> None:
    told = client.get("/api/today?month=5&day=17").json
    assert told is not None
    assert (told["month"], told["day"]) == (5, 17)
    assert [(year["year"], year["total"], len(year["hits"])) for year in told["years"]] == [(2024, 5, 3), (1999, 1, 1)]
    assert client.get("/api/today").json["day"] == TODAY.day  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "parameter"), [("month=5", "day"), ("day=5", "month"), ("month=13&day=1", "month"), ("month=2&day=30", "day"), ("x=1", "x")]
)  # fmt: skip
def test_a_wrong_day_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    response = client.get(f"/api/today?{query}")
    assert (response.status_code, response.json["parameter"]) == (422, parameter)  # type: ignore[index]


# At midnight


def test_what_is_of_today_is_another_answer_tomorrow(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("export.jsonl", json.dumps({"id": "1", "title": "Визит", "text": ""})))
    zone = ZoneInfo(Settings().timezone)
    now = datetime(2026, 5, 17, 23, 59, 59, tzinfo=zone)
    client = create_app(Settings(index=door.index), clock=lambda asked: now.astimezone(asked)).test_client()
    paths = ("/api/today", "/sitemap-news.xml", "/sitemap.xml")
    before = {path: client.get(path, buffered=True) for path in paths}
    conditional = [(path, {"If-None-Match": before[path].headers["ETag"]}) for path in paths]
    same = [client.get(path, headers=headers, buffered=True) for path, headers in conditional]
    assert [response.status_code for response in same] == [304, 304, 304]
    now = datetime(2026, 5, 18, tzinfo=zone)
    after = [client.get(path, headers=headers, buffered=True) for path, headers in conditional]
    assert [response.status_code for response in after] == [200, 200, 200]
    assert [response.json and response.json["day"] for response in (before["/api/today"], after[0])] == [17, 18]
