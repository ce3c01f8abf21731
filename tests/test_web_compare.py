"""Queries beside each other on one timeline: the page, and the file that a spreadsheet reads."""

from __future__ import annotations

import csv
import io
from datetime import date
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from search import Archive, Article, Settings
from search.analysis import Analyzer
from tests.oracle import OracleEngine
from tests.test_web import Page
from web import create_app

HOSTILE = '</script><script>alert(1)</script>"><b>\u202e'


@pytest.fixture(scope="module")
def client(analyzer: Analyzer) -> FlaskClient:
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        for year, month, visits, others in ((2020, 1, 1, 3), (2022, 5, 2, 0), (2022, 6, 0, 1), (2023, 5, 3, 5)):
            for number in range(visits + others):
                title = "Визит" if number < visits else "Урожай"
                published = date(year, month, 1 + number)
                writer.add(Article(f"{year}-{month}-{number}", title, f"Текст {number}", published=published))
        writer.add(Article("undated", "Визит без даты", "Текст"))
        writer.publish()
    return create_app(Settings(), lambda: Archive(engine, analyzer)).test_client()


def read(client: FlaskClient, **query: object) -> Page:
    response = client.get("/compare", query_string=query)
    assert response.status_code == 200
    return Page(response.text)


def table(page: Page) -> list[str]:
    return [row["text"] for row in page.all("tr")]


def rows(client: FlaskClient, **query: object) -> list[list[str]]:
    response = client.get("/compare.csv", query_string=query)
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    text = response.text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text), delimiter=";" if query.get("separator") == "semicolon" else ","))


def test_each_year_says_what_each_query_finds(client: FlaskClient) -> None:
    page = read(client, q=["визит", "урожай"])
    assert table(page) == [
        "Год визит урожай Всего",
        "2023 год 3 5 8",
        "2022 год 2 1 3",
        "2020 год 1 3 4",
    ]
    assert page.links()["визит"] == "/?q=%D0%B2%D0%B8%D0%B7%D0%B8%D1%82&words=all"
    assert page.all("meta", name="robots")[0]["content"] == "noindex"
    assert [title["text"] for title in page.all("title")[1:]] == [
        "2020 год: 1 — визит", "2020 год: 3 — урожай", "2022 год: 2 — визит", "2022 год: 1 — урожай",
        "2023 год: 3 — визит", "2023 год: 5 — урожай",
    ]  # fmt: skip
    lines = [(line["class"], line["points"]) for line in page.all("polyline")]
    assert lines == [
        ("line-1", "12.50,83.33"), ("line-1", "62.50,66.67 87.50,50.00"),
        ("line-2", "12.50,50.00"), ("line-2", "62.50,83.33 87.50,16.67"),
    ], "a year without articles leaves a gap"  # fmt: skip


def test_a_year_opens_its_months_and_a_month_its_days(client: FlaskClient) -> None:
    year = read(client, q=["визит", "урожай"]).links()["2022 год"]
    page = Page(client.get(year).text)
    assert page.text("h1") == "Сравнение: 2022 год"
    assert table(page)[1:3] == ["июнь 2022 0 1 1", "май 2022 2 0 2"]
    page = Page(client.get(page.links()["май 2022"]).text)
    assert page.text("h1") == "Сравнение: май 2022"
    assert len(table(page)) == 3
    assert table(page)[-2:] == ["2 мая 2022 1 0 1", "1 мая 2022 1 0 1"]
    assert page.links()["2022 год"] == year
    assert Page(client.get(page.links()["Все годы"]).text).text("h1") == "Сравнение"
    assert page.links()["1"].startswith("/?q=")
    assert Page(client.get(page.links()["1"]).text).text("h1").startswith("1 статья")


def test_a_share_is_one_of_what_was_published_then(client: FlaskClient) -> None:
    page = read(client, q=["визит", "урожай"], measure="share")
    assert table(page)[1:] == [
        "2023 год 38 % 62 % 8",
        "2022 год 67 % 33 % 3",
        "2020 год 25 % 75 % 4",
    ]
    assert [text["text"] for text in page.all("text", class_="scale")] == ["80 %", "40 %"]
    assert table(Page(client.get(page.links()["число статей"]).text))[1] == "2023 год 3 5 8"


def test_the_file_has_the_same(client: FlaskClient) -> None:
    assert rows(client, q=["визит", "урожай"]) == [
        ["period", "published", "визит", "урожай"],
        ["2020", "4", "1", "3"],
        ["2021", "0", "0", "0"],
        ["2022", "3", "2", "1"],
        ["2023", "8", "3", "5"],
    ]
    assert rows(client, q="визит", measure="share", year=2022, separator="semicolon")[::5] == [
        ["Период", "Всего", "визит, %"],
        ["2022-05", "2", "100,0000"],
        ["2022-10", "0", "0,0000"],
    ]
    assert rows(client, q="визит", year=2022, month=5)[1] == ["2022-05-01", "1", "1"]
    named = client.get("/compare.csv", query_string={"q": ["визит", "урожай"]}).headers["Content-Disposition"]
    assert unquote(named).endswith("filename*=UTF-8''compare-визит-урожай.csv")
    assert rows(client, q="визит", measure="share")[:2] == [
        ["period", "published", "визит, %"],
        ["2020", "4", "25.0000"],
    ]
    too_many = client.get("/compare.csv", query_string={"q": list("абвгде")})
    assert (too_many.status_code, too_many.json["parameter"]) == (422, "q")  # type: ignore[index]
    assert rows(client, q='=HYPERLINK("x")')[0] == ["period", "published", '\'=HYPERLINK("x")']


def test_what_stands_in_no_row_is_said(client: FlaskClient) -> None:
    page = read(client, q=["визит", "урожай"])
    assert [count["text"] for count in page.all("span", class_="count")] == ["7", "9"], "all that is found"
    assert "статьи без даты" in page.all("p", class_="note")[0]["text"]
    assert read(client, q="урожай").all("p", class_="note") == []
    assert read(client, q="визит", year=2022).all("p", class_="note") == []


def test_how_a_query_was_read_is_said(client: FlaskClient) -> None:
    notes = [note["text"] for note in read(client, q=["визит", "дата:2024-13-45 визит"]).all("p", class_="note")]
    assert any("2024-13-45" in note for note in notes)


def test_up_to_five_queries_are_compared_each_once(client: FlaskClient) -> None:
    page = read(client, q=["визит", "", " визит ", "урожай", "текст", "хлеб", "мир", "шестой"])
    assert {line["class"] for line in page.all("polyline")} == {f"line-{number}" for number in range(1, 6)}
    assert "первые пять запросов" in page.all("p", class_="note")[0]["text"]
    assert [field["value"] for field in page.all("input", type="text")[1:]] == [
        "визит",
        "урожай",
        "текст",
        "хлеб",
        "мир",
    ]
    assert "первые пять" not in str(read(client, q=["визит"]).all("p", class_="note"))


def test_without_a_query_there_is_the_form(client: FlaskClient) -> None:
    page = read(client)
    assert page.all("table") == page.all("meta", name="robots") == []
    assert len(page.all("input", type="text")) == 6
    assert "Disallow: /compare" in client.get("/robots.txt").text


def test_results_lead_to_the_comparison(client: FlaskClient) -> None:
    page = Page(client.get("/?q=визит").text)
    assert page.links()["Сравнить"] == "/compare?q=%D0%B2%D0%B8%D0%B7%D0%B8%D1%82"


def test_hostile_and_endless_queries_are_only_text(client: FlaskClient) -> None:
    page = read(client, q=[HOSTILE, "а" * 5_000, "визит"])
    assert len(page.all("script")) == len(read(client).all("script"))
    assert any("alert(1)" in heading["text"] for heading in page.all("th"))
    assert len(client.get("/compare", query_string={"q": ["а" * 5_000, *"бвгдеж"]}).text) < 100_000
    assert "alert(1)" in rows(client, q=HOSTILE)[0][2]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("month=5", "Месяц"),
        ("year=0", "Год"),
        ("year=2020&month=13", "Месяц"),
        ("measure=all", "долю"),
        ("year=x", "Год"),
    ],
)
def test_a_wrong_parameter_is_told_of(client: FlaskClient, query: str, said: str) -> None:
    response = client.get(f"/compare?q=визит&{query}")
    assert response.status_code == 422
    assert said in response.text
    problem = client.get(f"/compare.csv?q=визит&{query}")
    assert problem.status_code == 422
    assert problem.json["parameter"] == query.split("&")[-1].partition("=")[0]  # type: ignore[index]


def test_an_archive_without_dates_compares_nothing(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        writer.add(Article("a", "Визит", "Текст"))
        writer.publish()
    client = create_app(Settings(), lambda: Archive(engine, analyzer)).test_client()
    assert table(read(client, q="визит")) == ["Год визит Всего"]
