"""The pages for readers, read as a reader's browser reads them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from werkzeug.serving import make_server
from werkzeug.test import Client

from search import Archive, Article, Settings
from search.analysis import Analyzer
from search.guidance.russian import plural
from search.links import outside
from search.model import Count, Facets, Snippet
from search.query.parser import MAX_CHARACTERS
from tests.oracle import OracleEngine
from web import create_app
from web.address import picture
from web.live import LiveArchive
from web.markup import highlighted
from web.pages.choices import paging
from web.pages.timeline import timeline
from web.serving.problem import busy

IDS = ("a/b", "/a", "a/", "a//b", "//", "../x", "a/../b", "..", ".", "с пробелом", 'кавычки"\'<>', "100%", "a%2Fb",
       "?q=1#x", "a\nb", "\\", "Жаңа-мақала", "+ &=;", "a/.")  # fmt: skip
HOSTILE = "<script>alert(1)</script> \u202eнаоборот\x00\x1b\x02\x03"


def at(day: str, time: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}:00+05:00")


ARTICLES = (
    Article(
        "1", "Визит президента в Алматы", "Президент прибыл утром.\n\nВстреча министров прошла вечером.",
        lead="Главное за день", url="https://gazeta.example/1", published=at("2024-05-17"), author="Дана Аменова",
        author_role="специальный корреспондент", section="Политика", tags=("визиты",), source="МКИ", views=142444,
        image="https://img.example.org/1.jpg", image_credit="А. Фотограф",
    ),
    Article(
        "2", "Поездка министра", "Президент не поехал.", published=at("2024-05-19", "18:30"), section="Политика",
        views=2, image="https://img.example.org/2.jpg", image_credit="Фото: В. Ким",
    ),
    Article(
        "3", "Урожай", "Хлеб убран.", published=date(2023, 9, 1), author="Ерлан Жумабеков", section="Экономика",
        views=1,
    ),
    Article("4", "Без даты", "Старая заметка про хлеб."),
    Article(
        "5", HOSTILE, HOSTILE, url="javascript:alert(1)", published=at("2022-01-02"), author=HOSTILE,
        author_role=HOSTILE, section=HOSTILE, tags=(HOSTILE,), source=HOSTILE, image="https://other.example/x.jpg",
    ),
    Article("завтра", "Завтрашняя новость", "Секрет.", published=datetime.now(UTC) + timedelta(days=2)),
    *(
        Article(name, f"Особый номер {number}", "Странный ключ.", published=at("2021-03-04"))
        for number, name in enumerate(IDS)
    ),
)  # fmt: skip


class Page(HTMLParser):
    """One page as it was understood: its elements with their texts."""

    VOID = frozenset({"meta", "link", "input", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, _, texts in self.open:
            texts.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes | {"text": " ".join("".join(texts).split())}
            for name, attributes, texts in self.elements
            if name == tag and all(attributes.get(key.rstrip("_")) == value for key, value in wanted.items())
        ]

    def text(self, tag: str) -> str:
        return self.all(tag)[0]["text"]

    def links(self) -> dict[str, str]:
        return {link["text"]: link["href"] for link in self.all("a")}


@pytest.fixture(scope="module")
def archive(analyzer: Analyzer) -> Archive:
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        for article in ARTICLES:
            writer.add(article)
        writer.publish()
    return Archive(engine, analyzer)


@pytest.fixture(scope="module")
def client(archive: Archive) -> FlaskClient:
    settings = Settings(site_name="Газета", image_hosts=("img.example.org",))
    return create_app(settings, lambda: archive).test_client()


def read(client: FlaskClient, path: str, status: int = 200, **query: str) -> Page:
    response = client.get(path, query_string=query or None)
    assert response.status_code == status
    return Page(response.text)


def test_the_first_page_shows_the_newest_articles(client: FlaskClient) -> None:
    page = read(client, "/")
    assert page.all("h2")[0]["text"] == "Поездка министра"
    assert page.links()["2024 2"] == "/archive/2024"
    assert page.all("meta", name="robots") == []


def test_the_footer_counts_the_articles_whose_time_has_come(client: FlaskClient) -> None:
    for path in ("/", "/?q=визит", "/archive/2024"):
        assert f"В архиве {len(ARTICLES) - 1} статьи" in read(client, path).text("footer")


def test_a_hit_shows_all_that_it_has(client: FlaskClient) -> None:
    page = read(client, "/", q="визит")
    assert page.text("h1").startswith("1 статья")
    assert "Визит президента в Алматы" in page.links()
    assert {mark["text"] for mark in page.all("mark")} == {"Визит"}
    assert page.all("time")[0]["text"] == "17 мая 2024, 09:00"
    facts = page.all("p", class_="facts")[0]["text"]
    assert facts == "17 мая 2024, 09:00 Дана Аменова, специальный корреспондент 142 444 просмотра"
    assert "Главное за день Президент прибыл" in page.all("p", class_="snippet")[0]["text"]
    assert page.all("meta", name="robots")[0]["content"] == "noindex"


@pytest.mark.parametrize(
    ("count", "words"), [(1, "статья"), (2, "статьи"), (5, "статей"), (11, "статей"), (14, "статей"), (21, "статья"),
                         (22, "статьи"), (112, "статей"), (0, "статей")]
)  # fmt: skip
def test_counts_are_said_in_the_right_form(count: int, words: str) -> None:
    assert plural(count, "статья", "статьи", "статей") == words


def test_the_archive_block_narrows_and_takes_back(client: FlaskClient) -> None:
    by_year = read(client, "/", q="президент").links()["2024 2"]
    by_month = read(client, by_year).links()["май 2"]
    page = read(client, by_month)
    assert page.text("h1").startswith("2 статьи")
    by_day = page.links()["17 1"]
    page = read(client, by_day)
    assert page.text("h1").startswith("1 статья")
    taken_back = [link["href"] for link in page.all("a", **{"aria-current": "true"})]
    assert [parse_qs(urlsplit(link).query) for link in taken_back] == [
        {"q": ["президент"]},
        {"q": ["президент"]},
        {"q": ["президент"], "year": ["2024"]},
        {"q": ["президент"], "year": ["2024"], "month": ["5"]},
    ]
    assert "19 1" in page.links(), "the neighbours of the chosen day stay visible"


def test_articles_without_a_date_can_be_reached_and_left_again(client: FlaskClient) -> None:
    page = read(client, read(client, "/archive").links()["Без даты 1"])
    assert (page.text("h1"), page.links()["Без даты"]) == ("1 статья", "/article/4?year=none")
    page = read(client, read(client, "/", q="хлеб").links()["Без даты 1"])
    assert page.text("h1").startswith("1 статья")
    assert page.text("title").startswith("хлеб, без даты, 1 статья")
    query = {"q": ["хлеб"]}
    for label in ("без даты — убрать×", "Без даты 1 — убрать×"):
        assert parse_qs(urlsplit(page.links()[label]).query) == query
    assert parse_qs(urlsplit(page.links()["2023 1"]).query) == query | {"year": ["2023"]}
    assert page.all("input", name="year")[0]["value"] == "none", "words typed here are looked for among them"
    # Who picks days there wants no undated articles any more.
    picked = client.get("/?q=хлеб&year=none&from=2023-01-01&to=")
    assert parse_qs(urlsplit(picked.location).query) == query | {"from": ["2023-01-01"]}
    assert "Месяц" in client.get("/?year=none&month=5").text


def test_tags_stand_beside_the_hits_and_narrow_them(client: FlaskClient) -> None:
    page = read(client, "/", q="президент")
    assert "Темы" in [heading["text"] for heading in page.all("h2")]
    narrowed = read(client, page.links()["визиты 1"])
    assert narrowed.text("h1").startswith("1 статья")
    assert narrowed.links()["визиты 1 — убрать×"] == "/?q=" + quote("президент")
    assert "alert(1)" in "".join(read(client, "/", year="2022").links()), "a hostile tag is a text like others"


def test_a_chosen_year_without_articles_can_still_be_taken_back(client: FlaskClient) -> None:
    page = read(client, "/", q="президент", year="1999")
    assert page.text("h1") == "По запросу «президент» ничего не нашлось"
    assert [link["text"] for link in page.all("a", **{"aria-current": "true"})] == [
        "в 1999 году — убрать×",
        "1999 0 — убрать×",
    ]
    assert (
        page.links()["искать то же во всём архиве"] == "/?q=" + "%D0%BF%D1%80%D0%B5%D0%B7%D0%B8%D0%B4%D0%B5%D0%BD%D1%82"
    )


def bars(page: Page) -> dict[str, str]:
    """The bars of a timeline: the name and number that each shows, and where it leads."""
    labels = [title["text"] for title in page.all("title")[1:]]
    return {label: link["href"] for label in labels for link in page.all("a") if link["text"] == f"{label} {label}"}


def test_a_timeline_shows_the_finest_open_level(client: FlaskClient) -> None:
    page = read(client, "/", q="президент | хлеб")
    rows = [row["text"] for row in page.all("tr")]
    assert rows == ["ГодСтатей", "2023 год1", "2024 год2"]
    assert list(bars(page)) == ["2023 год: 1 статья", "2024 год: 2 статьи"]
    page = read(client, bars(page)["2024 год: 2 статьи"])
    assert [row["text"] for row in page.all("tr")] == ["МесяцСтатей", "май 20242"], "what has none is in the picture"
    page = read(client, bars(page)["май 2024: 2 статьи"])
    assert list(bars(page)) == ["17 мая 2024: 1 статья", "19 мая 2024: 1 статья"]
    page = read(client, bars(page)["17 мая 2024: 1 статья"])
    assert page.text("h1").startswith("1 статья")
    chosen = [link["text"] for link in page.all("a", class_="chosen") if "17 мая 2024: 1 статья" in link["text"]]
    assert len(chosen) == 1
    assert read(client, "/", q="урожай").all("svg") == [], "one bar alone tells nothing"


def test_years_far_apart_make_no_endless_timeline() -> None:
    facets = Facets((Count(1, 1), Count(9999, 1)), None, None, 0, (), ())
    bars = timeline(facets, None, lambda *path: "", date(2024, 5, 17))
    assert len(bars) == 150
    assert (bars[-1].name, bars[-1].tick, bars[0].count) == ("9999 год", "", 0)


@pytest.mark.parametrize("within", ["хлеб", "хлеб | министр"])
def test_hits_can_be_searched_again(client: FlaskClient, within: str) -> None:
    assert read(client, "/", q=within).all("input", name="within")[0]["value"] == within
    answer = client.get("/", query_string={"q": "урожай", "within": within, "section": "Экономика", "page": "3"})
    assert answer.status_code == 302
    page = read(client, answer.headers["Location"])
    assert page.all("h2")[0]["text"] == "Урожай"
    assert page.text("h1").startswith("1 статья")
    assert {chip["text"] for chip in page.all("a", class_="chosen ")} >= {"рубрика: Экономика — убрать×"}


def test_authors_and_sections_are_filters_with_counts(client: FlaskClient) -> None:
    page = read(client, read(client, "/", q="президент").links()["Политика 2"])
    assert page.text("h1").startswith("2 статьи")
    page = read(client, page.links()["Дана Аменова 1"])
    assert page.text("h1").startswith("1 статья")
    assert {"автор: Дана Аменова — убрать×", "рубрика: Политика — убрать×"} <= set(page.links())


def test_the_form_keeps_query_and_filters_but_not_the_page(client: FlaskClient) -> None:
    page = read(client, "/", q='"лишняя', section="Политика", page="3", date_to="x", to="2024-05")
    fields = {field["name"]: field["value"] for field in page.all("input")}
    assert fields == {"q": '"лишняя', "section": "Политика", "from": "", "to": "2024-05-31"}


def test_results_are_ordered_as_the_reader_chose(client: FlaskClient) -> None:
    links = read(client, "/", q="президент").links()
    assert "по релевантности" not in links, "the current order is no link"
    assert read(client, links["по просмотрам"]).all("h2")[0]["text"] == "Визит президента в Алматы"
    assert read(client, links["сначала новые"]).all("h2")[0]["text"] == "Поездка министра"


def test_results_are_paged(client: FlaskClient) -> None:
    page = read(client, "/", q="странный", per_page="5")
    assert page.text("h1") == f"{len(IDS)} статей по запросу «странный»"
    second = read(client, page.links()["Следующая →"])
    assert len(second.all("article")) == 5
    assert second.text("title").startswith(f"странный, {len(IDS)} статей, страница 2 —")
    assert "Страница 2 из" in second.text("main")
    beyond = read(client, "/", q="странный", page="50")
    assert beyond.links()["Перейти к первой"].startswith("/?q=")


def test_no_page_beyond_the_last_that_may_be_asked_for_is_linked(archive: Archive) -> None:
    many = replace(archive.search("", page=999), total=1_000_000)
    labels = [page.label if page else "…" for page in paging(many, str).links]
    assert labels == ["1", "…", "997", "998", "999", "1000"]


def test_what_was_said_of_the_query_is_shown(client: FlaskClient) -> None:
    page = read(client, "/", q="слово " * 300)
    assert len(page.all("p", class_="note")) == 2


@pytest.mark.parametrize("path", ["/archive", "/archive/2024", "/archive/2024/5", "/archive/2024/5/17"])
def test_the_archive_can_be_walked_by_year_month_and_day(client: FlaskClient, path: str) -> None:
    page = read(client, path)
    assert "Визит президента в Алматы" in {heading["text"] for heading in page.all("h2") + page.all("h3")}
    assert page.all("link", rel="canonical")[0]["href"] == f"http://localhost{path}"


def test_archive_pages_lead_to_the_neighbours_that_have_articles(client: FlaskClient) -> None:
    links = read(client, "/archive/2024/5/17").links()
    assert links["← 1 сентября 2023"] == "/archive/2023/9/1"
    assert links["19 мая 2024 →"] == "/archive/2024/5/19"
    assert read(client, "/archive/0800").all("link", rel="canonical")[0]["href"].endswith("/archive/0800")
    assert read(client, "/archive/2024").links()["← 2023 год"] == "/archive/2023"
    for end in ("/archive/0001", "/archive/9999/12/31", "/archive/0001/1/1"):
        read(client, end)


def test_a_day_without_articles_says_so(client: FlaskClient) -> None:
    page = read(client, "/archive/2024/5/18")
    assert page.all("p", class_="advice")[0]["text"] == "За этот день в архиве нет статей."


@pytest.mark.parametrize(
    "path", ["/archive/2024/13", "/archive/2023/2/29", "/archive/0000", "/archive/02024", "/archive/10000",
             "/archive/24", "/archive/٢٠٢٤", "/nothing", "/article/nothing",
             "/article/завтра", "/nothing/", "/article/1/", "/static/nothing"]
)  # fmt: skip
def test_what_does_not_exist_is_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    page = read(client, path, 404)
    assert page.text("h1") == "Страница не найдена"
    assert page.all("input", name="q")


def test_an_address_with_a_slash_too_many_leads_to_the_right_one(client: FlaskClient) -> None:
    addresses = {
        "/help/": "/help",
        "/archive/2024/5/17/": "/archive/2024/5/17",
        "/api/search/?q=%D1%8F": "/api/search?q=%D1%8F",
        "/today///?": "/today",
    }
    for address, right in addresses.items():
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (308, right), address


def test_an_article_is_shown_whole_with_marked_words(client: FlaskClient) -> None:
    page = read(client, "/article/1", q="президент", year="2024", page="2", unknown="x", sort="wrong")
    assert [mark["text"] for mark in page.all("mark")] == ["президента", "Президент"]
    text = page.text("article")
    for shown in ("Главное за день", "Дана Аменова", "специальный корреспондент", "Источник: МКИ", "Фото: А. Фотограф",
                  "Встреча министров", "142 444 просмотра", "визиты"):  # fmt: skip
        assert shown in text
    links = page.links()
    assert links["Читать на сайте газеты"] == "https://gazeta.example/1"
    assert links["17 мая 2024, 09:00"] == "/archive/2024/5/17"
    back = urlsplit(links["К результатам «президент»"])
    assert parse_qs(back.query) == {"q": ["президент"], "year": ["2024"], "page": ["2"]}
    assert page.all("link", rel="canonical")[0]["href"] == "https://gazeta.example/1"
    assert page.all("img")[0]["src"] == "https://img.example.org/1.jpg"


def test_an_article_is_there_whatever_is_wrong_with_the_search(client: FlaskClient) -> None:
    for query in ("month=5", "day=3", "page=1001", "per_page=100&page=101", "year=none&from=2024", "to=2020&from=2021"):
        assert read(client, f"/article/1?q=визит&{query}").text("h1") == "Визит президента в Алматы", query
    corrected = read(client, "/article/1?q=dbpbn")
    assert "Визит" in {mark["text"] for mark in corrected.all("mark")}
    assert "К результатам «визит»" in corrected.links()


def test_who_is_turned_away_gets_an_answer_of_the_kind_that_was_asked_for() -> None:
    client = Client(busy("Газета"))
    page = client.get("/", environ_overrides={"SCRIPT_NAME": "/poisk"})
    assert (page.status_code, page.headers["Retry-After"], page.headers["Cache-Control"]) == (503, "1", "no-store")
    assert "/poisk/static/arkhiv.css" in page.text
    problem = client.get("/api/search")
    assert (problem.status_code, problem.mimetype, problem.json["status"]) == (503, "application/problem+json", 503)


def test_a_text_full_of_matches_is_marked_at_once() -> None:
    began = time.process_time()
    html = highlighted(Snippet("слово " * 50_000, tuple((at, at + 5) for at in range(0, 300_000, 6))), 1)
    assert time.process_time() - began < 1
    assert html.count("<mark id=") == 50_000
    assert html.endswith('<mark id="match-50000">слово</mark> ')


def test_a_recent_period_is_chosen_and_taken_back(client: FlaskClient) -> None:
    page = read(client, "/?q=визит")
    chosen = read(client, page.links()["неделя"])
    assert chosen.links()["неделя — убрать×"] == "/?q=%D0%B2%D0%B8%D0%B7%D0%B8%D1%82"


@pytest.mark.parametrize(("article_id", "credit"), [("1", "Фото: А. Фотограф"), ("2", "Фото: В. Ким")])
def test_a_picture_says_once_whose_it_is(client: FlaskClient, article_id: str, credit: str) -> None:
    assert read(client, f"/article/{article_id}").text("figcaption") == credit


def test_an_article_and_a_search_in_vain_lead_to_what_is_popular(client: FlaskClient) -> None:
    page = read(client, "/article/4")
    assert [label["text"] for label in page.all("label")] == ["Что искать", "день", "неделя", "месяц", "всё время"]
    lists = [ol["text"] for ol in page.all("ol", class_="popular")][-4:]
    assert lists[0] == "Поездка министра 19 мая 2024 2 просмотра"
    assert lists[1].startswith("Визит президента в Алматы 17 мая 2024 142 444 просмотра Поездка")
    assert "Урожай" not in lists[2]
    assert "Урожай" in lists[3]
    assert "Старая заметка" not in lists[3], "what nobody has viewed is not popular"
    assert "Визит президента в Алматы" in read(client, "/", q="никогда").links()


@pytest.mark.parametrize("path", ["/", "/?section=%3Cscript%3E", "/article/5?q=alert", "/archive/2022"])
def test_nothing_from_an_article_or_a_parameter_is_markup(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    page = Page(response.text)
    run = [script for script in page.all("script") if script.get("type") != "application/ld+json"]
    assert all(script["src"].startswith("/static/") and not script["text"] for script in run)
    assert len(page.all("script")) - len(run) == path.startswith("/article/")
    assert all(image["src"].startswith("https://img.example.org/") for image in page.all("img"))
    assert not [link for link in page.all("a") if urlsplit(link["href"]).scheme not in {"", "http", "https"}]
    assert not [
        attribute for _, attributes, _ in page.elements for attribute in attributes if attribute.startswith("on")
    ]
    assert not set(response.text) & {chr(code) for code in range(32) if chr(code) not in "\n\t\r"}


def test_only_web_addresses_and_known_hosts_are_linked() -> None:
    assert outside("https://gazeta.example/a?b#c")
    for url in (
        "javascript:alert(1)",
        "java\nscript:x",
        "//host/x",
        "http://",
        "https://a@b/",
        "https://a\\@b",
        "http://[",
        "",
    ):
        assert outside(url) == ""
    assert picture("https://img.example/1.jpg", ("img.example",))
    assert picture("https://other.example/img.example", ("img.example",)) == ""
    assert picture("https://IMG.example:443/1.jpg", ("img.example",)), "browsers read it as the same host"
    assert picture("https://газета.рф/1.jpg", ("xn--80aahjj1e.xn--p1ai",))
    assert picture("https://" + "ж" * 1_000_000 + ".kz/1.jpg", ()) == "", "which would take seconds to write"
    assert picture("https://img.example:8443/1.jpg", ("img.example",)) == ""


@pytest.mark.parametrize("article_id", IDS)
def test_an_article_with_any_id_is_found_under_its_link(client: FlaskClient, article_id: str) -> None:
    name = f"Особый номер {IDS.index(article_id)}"
    page = read(client, "/", q=f'"{name}"', per_page="100")
    link = page.links()[name]
    assert unquote(urlsplit(link).path) == f"/article/{article_id}"
    assert read(client, link).text("h1") == name


@given(text=st.text())
@example(text="\U00017000")  # a letter without a name
def test_every_text_is_a_query(client: FlaskClient, text: str) -> None:
    quoted = text.encode("utf-8", "surrogatepass")
    assert client.get("/", query_string={"q": quoted, "per_page": "1"}).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x1b\x7f",
        '"',
        "«",
        "(((",
        "-",
        "~5",
        "|",
        "=",
        "дата:",
        "\ud800",
        "'" * 9,
        "x" * 100_000,
        "слово " * 20_000,
    ],
)
def test_a_strange_query_is_still_a_query(client: FlaskClient, text: str) -> None:
    quoted = text.encode("utf-8", "surrogatepass")
    response = client.get("/", query_string={"q": quoted})
    assert response.status_code == 200
    assert len(response.data) < 250_000, "a long query is not repeated in full by every link"
    assert len(Page(response.text).all("input", name="q")[0]["value"]) <= MAX_CHARACTERS


@pytest.mark.parametrize(
    ("query", "word"), [("month=13", "Месяц"), ("month=5", "Месяц"), ("page=0", "страницы"), ("page=x", "страницы"),
                        ("year=2023&month=2&day=29", "дня"), ("from=2024-13", "Дату"), ("from=2025&to=2024", "Дату"),
                        ("sort=x", "упорядочить"), ("per_page=101", "100"), ("page=1001", "10 000"),
                        ("similar=x", "похожие"), ("correct=2", "исправлять")]
)  # fmt: skip
def test_a_wrong_value_is_answered_in_words(client: FlaskClient, query: str, word: str) -> None:
    response = client.get(f"/?q=хлеб&section=Экономика&{query}")
    assert response.status_code == 422
    page = Page(response.text)
    assert word in page.text("main")
    assert page.all("input", name="q")[0]["value"] == "хлеб"
    assert page.all("input", name="section")[0]["value"] == "Экономика"
    read(client, page.links()["Открыть без этого условия"])


def test_pages_ignore_unknown_empty_and_repeated_parameters(client: FlaskClient) -> None:
    page = client.get("/?q=хлеб&utm_source=x&q=никогда&sort=newest")
    assert Page(page.text).text("h1").startswith("2 статьи")
    # What a form left empty does not stay in the address that readers share.
    emptied = client.get("/?q=хлеб&from=&to=&page=2")
    assert (emptied.status_code, emptied.location) == (302, "/?q=%D1%85%D0%BB%D0%B5%D0%B1&page=2")


def test_every_example_on_the_help_page_works(client: FlaskClient) -> None:
    page = read(client, "/help")
    examples = [link for link in page.all("a") if link["href"].startswith("/?")]
    assert len(examples) > 8
    for link in examples:
        read(client, link["href"])
        assert parse_qs(urlsplit(link["href"]).query)["q"] == [link["text"]]


def test_no_link_of_any_page_is_dead(client: FlaskClient) -> None:
    seen: set[str] = set()
    ahead = ["/"]
    while ahead and len(seen) < 150:
        path = ahead.pop(0)
        seen.add(path)
        with client.get(path) as response:
            assert response.status_code == 200, path
            html = response.text if response.mimetype == "text/html" else ""
        page = Page(html)
        found = [link["href"] for link in page.all("a") + page.all("link")]
        ahead += {link for link in found if link[0] == "/"} - seen - set(ahead)
    without_version = {path.partition("?v=")[0] for path in seen}
    assert {"/help", "/archive", "/api/docs", "/static/arkhiv.css", "/static/favicon.svg"} <= without_version


def test_pages_run_no_inline_script_and_ask_no_other_host(client: FlaskClient) -> None:
    response = client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Vary"] == "Accept-Encoding"
    page = Page(response.text)
    assert page.all("style") == []
    assert all(urlsplit(script["src"]).netloc == script["text"] == "" for script in page.all("script"))
    assert not [attributes for _, attributes, _ in page.elements if "style" in attributes]
    with client.get("/static/arkhiv.css") as answer:
        style = answer.text
    assert "@import" not in style
    assert "url(" not in style


def test_every_page_can_be_used_with_a_keyboard(client: FlaskClient) -> None:
    for path in ("/", "/?q=хлеб", "/archive/2024/5", "/article/1", "/help", "/api/docs", "/nothing"):
        page = Page(client.get(path).text)
        assert page.all("html")[0]["lang"] == "ru"
        assert len(page.all("h1")) == len(page.all("main")) == 1, path
        assert page.text("title")
        assert page.all("a")[0]["href"] == "#content"
        labelled = {label["for"] for label in page.all("label")}
        assert {field["id"] for field in page.all("input") if field.get("type") != "hidden"} <= labelled
        identities = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
        assert len(identities) == len(set(identities)), path


def test_robots_may_read_the_archive_but_not_the_results(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /?\n" in text
    assert "Disallow: /api/\n" in text
    assert "Disallow: /article/\n" not in text


def test_a_robot_that_follows_the_rules_reads_each_article_once_and_nothing_without_end(client: FlaskClient) -> None:
    closed = re.findall(r"Disallow: (.+)", client.get("/robots.txt").text)
    patterns = [re.compile(re.escape(path).replace(r"\*", ".*")) for path in closed]
    seen, queue = {"/"}, ["/"]
    while queue:
        page = Page(client.get(queue.pop()).text)
        if any("nofollow" in str(meta.get("content")) for meta in page.all("meta", name="robots")):
            continue
        for link in page.all("a"):
            path = str(link.get("href")).partition("#")[0]
            is_open = path.startswith("/") and not any(map(re.Pattern.match, patterns, [path] * len(patterns)))
            if is_open and "nofollow" not in str(link.get("rel")) and path not in seen:
                seen.add(path)
                queue.append(path)
    assert {path for path in seen if path.startswith("/today")} == {"/today"}
    assert all("?" not in path or re.search(r"\?page=\d+$", path) for path in seen)


def test_search_engines_learn_the_public_address(archive: Archive) -> None:
    client = create_app(Settings(site_url="https://gazeta.example/"), lambda: archive).test_client()
    page = Page(client.get("/archive/2024", environ_overrides={"SCRIPT_NAME": "/poisk"}).text)
    assert page.all("link", rel="canonical")[0]["href"] == "https://gazeta.example/poisk/archive/2024"
    assert page.links()["Как искать"] == "/poisk/help"


def test_without_an_index_every_page_says_so(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    client = create_app(Settings(), lambda: Archive(engine, analyzer), look_every=0).test_client()
    for path in ("/", "/archive/2024", "/article/1"):
        page = read(client, path, 503)
        assert "indexer rebuild" in page.text("main")
        assert page.all("input", name="q")
    read(client, "/help")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    with engine.writer() as writer:
        writer.add(ARTICLES[0])
        writer.publish()
    assert read(client, "/").all("article")
    assert client.get("/readyz").status_code == 200


@pytest.fixture
def served(archive: Archive) -> Iterator[HTTPConnection]:
    server = make_server("127.0.0.1", 0, create_app(Settings(), lambda: archive), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    yield connection
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_real_server_answers_readers_and_programs(served: HTTPConnection) -> None:
    answers = {
        "/?q=%D1%85%D0%BB%D0%B5%D0%B1": "text/html",
        "/api/search": "application/json",
        "/article/a%2F%2Fb": "text/html",
        "/article/..": "text/html",
        "/api/articles/%2Fa": "application/json",
    }
    for path, kind in answers.items():
        served.request("GET", path)
        response = served.getresponse()
        body = response.read()
        assert response.status == 200, path
        assert response.getheader("Content-Type", "").startswith(kind)
        assert body


def test_many_threads_are_answered_while_one_looks(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        writer.add(ARTICLES[0])
        writer.publish()
    opening, go_on = threading.Event(), threading.Event()

    class SlowArchive(Archive):
        def newest(self) -> Archive:
            opening.set()
            go_on.wait(10)
            return super().newest()

    live = LiveArchive(lambda: SlowArchive(engine, analyzer), look_every=0)
    old = live.current().info().generation
    with engine.writer() as writer:
        writer.publish()
    looking = threading.Thread(target=live.current)
    looking.start()
    assert opening.wait(5)
    assert live.current().info().generation == old, "nobody waits for the thread that looks"
    go_on.set()
    looking.join()
    assert live.current().info().generation != old


def test_a_correction_is_said_with_a_link_to_the_query_as_typed(client: FlaskClient) -> None:
    page = client.get("/?q=dbpbn&year=2024").text
    assert "По запросу «<bdi>dbpbn</bdi>» ничего не нашлось" in page
    assert "<bdi>визит</bdi>" in page
    assert 'href="/?q=dbpbn&amp;year=2024&amp;correct=0"' in page
    refused = client.get("/?q=dbpbn&year=2024&correct=0").text
    assert "По запросу «<bdi>dbpbn</bdi>» ничего не нашлось" in refused
    assert "визит</bdi>" not in refused
