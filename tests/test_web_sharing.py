"""What search engines and other sites see: one address for an article, structured data, sitemaps."""

# ruff: noqa: E501  # articles and addresses as they are

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from search import Article, Settings, UserError
from search.analysis import Analyzer
from search.engines import open_engine
from tests.contract import publish
from tests.door import Door
from tests.test_web import HOSTILE, Page
from web import create_app
from web.sites import sitemap as sitemaps

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
NOW = datetime.now(UTC)

ARTICLES: list[dict[str, Any]] = [
    {
        "id": "1", "title": "Визит", "text": "Президент прибыл. " * 40, "lead": "Главное", "url": "https://gazeta.example/1",
        "published": "2024-05-17T09:30:00+05:00", "updated": "2024-05-18", "author": "Дана Аменова",
        "author_role": "редактор", "section": "Политика", "tags": ["визиты"], "image": "https://img.example.org/1.jpg",
    },
    {"id": "2/а б", "title": "Паводок & <b>вода</b>", "text": "Вода ушла. " * 40, "published": "2024-05-19"},
    {"id": "3", "title": "Урожай", "text": "Хлеб.", "published": "2023-09-01", "author": "Ерлан Жумабеков и Ли Пак"},
    {"id": "4", "title": "Без даты", "text": "Старая заметка."},
    {"id": "5", "title": f"</script>{HOSTILE}", "text": HOSTILE, "author": HOSTILE, "section": HOSTILE, "published": "2022-01-02"},
    {"id": "6", "title": "Сегодня", "text": "Новость.", "published": (NOW - timedelta(hours=2)).isoformat(timespec="seconds")},
    {"id": "7", "title": "Завтра", "text": "Секрет.", "published": (NOW + timedelta(days=1)).isoformat(timespec="seconds")},
    {"id": "9", "title": "Позавчера", "text": "Старое.", "published": (NOW - timedelta(days=2)).date().isoformat()},
    {"id": "8", "title": "Чужое", "text": "Новость.", "url": "https://gazeta.example/8", "published": (NOW - timedelta(hours=1)).isoformat(timespec="seconds")},
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    door = Door(tmp_path_factory.mktemp("sharing"))
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, ARTICLES))))
    settings = Settings(
        index=door.index, site_name="Газета", site_url="https://poisk.example", image_hosts=("img.example.org",)
    )
    return create_app(settings).test_client()


def read(client: FlaskClient, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return Page(response.text)


def structured(page: Page) -> dict[str, Any]:
    (script,) = page.all("script", type="application/ld+json")
    told: dict[str, Any] = json.loads(script["text"])
    return told


def urls(client: FlaskClient, path: str) -> list[ElementTree.Element]:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "application/xml")
    return list(ElementTree.fromstring(response.data))


def test_the_address_of_an_article_is_the_papers_own(client: FlaskClient) -> None:
    assert read(client, "/article/1").all("link", rel="canonical")[0]["href"] == "https://gazeta.example/1"
    page = read(client, "/article/3")
    assert page.all("link", rel="canonical")[0]["href"] == "https://poisk.example/article/3"
    assert page.all("meta", property="og:url")[0]["content"] == "https://poisk.example/article/3"


def test_the_structured_data_have_what_search_engines_ask_for(client: FlaskClient) -> None:
    assert structured(read(client, "/article/1")) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Визит",
        "description": "Главное",
        "mainEntityOfPage": "https://gazeta.example/1",
        "datePublished": "2024-05-17T09:30:00+05:00",
        "dateModified": "2024-05-18",
        "author": [{"@type": "Person", "name": "Дана Аменова", "jobTitle": "редактор"}],
        "image": "https://img.example.org/1.jpg",
        "articleSection": "Политика",
        "keywords": ["визиты"],
        "inLanguage": "ru",
        "publisher": {"@type": "NewsMediaOrganization", "name": "Газета"},
    }
    third = structured(read(client, "/article/3"))
    assert [person["name"] for person in third["author"]] == ["Ерлан Жумабеков", "Ли Пак"]
    assert "datePublished" not in structured(read(client, "/article/4"))


def test_no_text_gets_out_of_the_structured_data(client: FlaskClient) -> None:
    page = read(client, "/article/5")
    assert structured(page)["headline"].startswith("</script><script>alert(1)</script>")
    assert not [script for script in page.all("script") if "alert" in script["text"] and "type" not in script]
    assert "<b>" not in client.get("/article/2%2F%D0%B0%20%D0%B1").text
    described = read(client, "/article/2%2F%D0%B0%20%D0%B1").all("meta", name="description")[0]["content"]
    assert described.startswith("Вода ушла. Вода")
    assert described.endswith("…")
    assert len(described) <= 201


def test_an_archive_page_announces_the_feeds_of_its_period(client: FlaskClient) -> None:
    links = read(client, "/archive/2024/5").all("link", rel="alternate")
    assert [link["href"] for link in links] == ["/feed.atom?year=2024&month=5", "/feed.json?year=2024&month=5"]
    assert "Паводок" in client.get(links[0]["href"]).text


def test_authors_sections_and_tags_have_pages_for_robots(client: FlaskClient) -> None:
    article = read(client, "/article/1")
    links = {link["text"]: link["href"] for link in article.all("a")}
    for name, path in (("Дана Аменова", "author"), ("Политика", "section"), ("визиты", "tag")):
        assert links[name].startswith(f"/{path}/")
        page = read(client, links[name])
        assert page.text("h1") == name
        assert page.links()["Визит"].startswith("/article/1?")
        assert page.all("meta", name="robots") == []
        assert page.all("link", rel="canonical")[0]["href"] == f"https://poisk.example{links[name]}"
    assert "Disallow: /author" not in client.get("/robots.txt").text
    assert read(client, "/?author=%D0%94%D0%B0%D0%BD%D0%B0").all("meta", name="robots")[0]["content"] == "noindex"


@pytest.mark.parametrize(
    "path", ["/author/%D0%9D%D0%B8%D0%BA%D1%82%D0%BE", "/tag/x/y", "/section/%3Cscript%3E", "/author/", "/tag/.."]
)
def test_a_name_that_no_article_has_is_not_there(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "<script>" not in response.text.replace('<script type="module"', "")


def test_the_pages_of_a_name_are_numbered(tmp_path: Path) -> None:
    door = Door(tmp_path)
    lines = (
        json.dumps(
            {
                "id": str(n),
                "title": f"Статья {n} о разном {n * 7}",
                "text": f"Текст {n}.",
                "author": "А/Б",
                "section": f"Рубрика {n}",
            }
        )
        for n in range(25)
    )
    door.take_in(door.write("export.jsonl", "\n".join(lines)))
    client = create_app(Settings(index=door.index)).test_client()
    page = read(client, "/author/А/Б?page=2")
    assert page.all("link", rel="canonical")[0]["href"] == "http://localhost/author/%D0%90/%D0%91?page=2"
    assert page.links()["3"] == "/author/%D0%90/%D0%91?page=3"
    assert len([link for link in page.links() if link.startswith("Статья")]) == 10
    assert not page.all("meta", name="robots")
    # More values of a facet than are beside the results are on a page of their own, and in the sitemap.
    assert len(page.all("ul", class_="facet")) == 3, "of the sections six are seen, fourteen folded"
    every = read(client, page.links()["Все значения"])
    assert [link for link in every.links() if link.startswith("Рубрика")] == sorted(f"Рубрика {n} 1" for n in range(25))
    assert client.get("/sitemap-pages.xml").text.count("/section/") == 25
    beyond = read(client, "/author/А/Б?page=4")
    assert beyond.all("meta", name="robots")[0]["content"] == "noindex", "pages without end are not to be read"


def test_the_sitemaps_list_every_canonical_page(client: FlaskClient) -> None:
    assert "Sitemap: https://poisk.example/sitemap.xml\n" in client.get("/robots.txt").text
    files = [each.findtext(f"{SITEMAP}loc") or "" for each in urls(client, "/sitemap.xml")]
    assert files[:2] == ["https://poisk.example/sitemap-news.xml", "https://poisk.example/sitemap-pages.xml"]
    assert files[-4:-1] == [  # before them one or two of the last days
        "https://poisk.example/sitemap-2024-05-1.xml",
        "https://poisk.example/sitemap-2023-09-1.xml",
        "https://poisk.example/sitemap-2022-01-1.xml",
    ]
    assert files[-1] == "https://poisk.example/sitemap-undated-1.xml"
    listed = [
        url.findtext(f"{SITEMAP}loc") or ""
        for file in files[2:]
        for url in urls(client, file.removeprefix("https://poisk.example"))
    ]
    articles = {url.rsplit("/article/")[1] for url in listed if "/article/" in url}
    assert articles == {"2/%D0%B0%20%D0%B1", "3", "4", "5", "6", "9"}, "neither another site's, nor what is to come"
    assert sum("/archive/" in url for url in listed) == len(files) - 3
    (page, article) = urls(client, "/sitemap-2024-05-1.xml")
    assert page.findtext(f"{SITEMAP}loc") == "https://poisk.example/archive/2024/5"
    assert article.findtext(f"{SITEMAP}lastmod") == "2024-05-19"


def test_pages_of_no_month_have_a_sitemap_of_their_own(client: FlaskClient) -> None:
    listed = [url.findtext(f"{SITEMAP}loc") or "" for url in urls(client, "/sitemap-pages.xml")]
    paths = [url.removeprefix("https://poisk.example") for url in listed]
    assert paths[:3] == ["/", "/archive", "/archive/2022"]
    assert {path.split("/")[1] for path in paths[2:]} == {"archive", "section", "author", "tag"}
    assert [path for path in paths if read(client, path).all("meta", name="robots")] == []


def test_an_old_address_of_a_sitemap_leads_to_the_new_one(client: FlaskClient) -> None:
    moved = client.get("/sitemap/2024-05-1.xml")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/sitemap-2024-05-1.xml")
    assert client.get("/sitemap/%0D%0AX: y.xml").status_code == 404


def test_a_name_of_dots_keeps_its_address(tmp_path: Path) -> None:
    door = Door(tmp_path)
    article = {"id": "1", "title": "Точки", "text": "Две.", "tags": ["..", ".", "...", "а/../б"], "section": ".."}
    door.take_in(door.write("export.jsonl", json.dumps(article)))
    client = create_app(Settings(index=door.index)).test_client()
    links = read(client, "/article/1").links()
    assert (links["."], links["..."]) == ("/?tag=.", "/tag/...")
    for name in (".", "..", "...", "а/../б"):
        assert "Точки" in client.get(urljoin("/article/1", links[name])).text, "as a browser follows it"


def test_an_article_is_one_page_to_robots_whatever_led_to_it(client: FlaskClient) -> None:
    assert client.get("/article/3?q=хлеб").headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/article/3").headers
    closed = client.get("/robots.txt").text
    for path in ("/article/*?", "/person/", "/feed.atom?", "/feed.json?"):
        assert f"Disallow: {path}\n" in closed


def test_the_news_of_two_days_are_a_file_of_their_own(client: FlaskClient) -> None:
    (one,) = urls(client, "/sitemap-news.xml")
    news = one.find(f"{NEWS}news")
    assert news is not None
    assert news.findtext(f"{NEWS}title") == "Сегодня"
    assert news.findtext(f"{NEWS}publication/{NEWS}name") == "Газета"
    assert datetime.fromisoformat(news.findtext(f"{NEWS}publication_date") or "") < NOW


@pytest.mark.parametrize(
    "path",
    [
        "2024-13-1",
        "2024-05-0",
        "2024-05-2",
        "2024-04-1",
        "1999-01-1",
        "2024-5-1",
        "0000-01-1",
        "undated-2",
        "undated-0",
    ],
)
def test_a_sitemap_of_nothing_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(f"/sitemap-{path}.xml").status_code == 404


def test_what_is_closed_to_robots_is_found_and_told_to_no_robot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(tmp_path)
    articles = [
        {"id": str(n), "title": f"Суд {n}", "text": "Решение.", "published": f"2024-05-{n:02}"} for n in range(1, 5)
    ]
    articles[0]["noindex"] = True
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, articles))))
    closed = door.write("closed.txt", "\ufeff3\n\nnowhere\n")
    client = create_app(Settings(index=door.index, noindex=str(closed))).test_client()
    assert "noindex: 'nowhere' is the id of no published article, and closes nothing by now" in caplog.text

    def open_to_robots() -> set[str]:
        listed = {(url.findtext(f"{SITEMAP}loc") or "")[-1] for url in urls(client, "/sitemap-2024-05-1.xml")[1:]}
        entries = {entry["url"][-1] for entry in client.get("/feed.json").json["items"]}  # type: ignore[index]
        assert entries == listed == {address[-1] for address in _atom_addresses(client)}
        pages = {str(n) for n in range(1, 5) if not read(client, f"/article/{n}").all("meta", name="robots")}
        assert pages == listed
        return listed

    assert open_to_robots() == {"2", "4"}
    assert client.get("/api/search?q=суд").json["total"] == 4  # type: ignore[index]
    tag = client.get("/feed.atom").headers["ETag"]
    closed.write_text("2\n4\n")
    assert open_to_robots() == {"3"}
    assert client.get("/feed.atom", headers={"If-None-Match": tag}).status_code == 200
    closed.unlink()
    assert open_to_robots() == {"3"}, "what was closed stays closed where the file is gone"
    assert "noindex" not in client.get("/api/articles/2").json  # type: ignore[operator]
    assert client.get("/api/articles/1").json["noindex"] is True  # type: ignore[index]


def _atom_addresses(client: FlaskClient) -> list[str]:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(client.get("/feed.atom").data)
    return [link.get("href", "") for entry in feed.iter(f"{atom}entry") for link in entry.iter(f"{atom}link")]


def test_an_unreadable_list_of_noindex_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"noindex: cannot be read: .*nowhere"):
        create_app(Settings(noindex=str(tmp_path / "nowhere")))


def test_what_is_neither_true_nor_false_keeps_an_article_from_search_engines(tmp_path: Path) -> None:
    door = Door(tmp_path)
    articles = [
        {"id": str(number), "title": "а", "text": "", "noindex": value}
        for number, value in enumerate(("наверное", ["да"], "да", "нет"))
    ]
    ran = door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, articles))))
    assert "noindex: 'наверное' is not true or false, taken as true" in ran.stderr
    assert [door.article(str(number)).noindex for number in range(4)] == [True, True, True, False]
    with sqlite3.connect(tmp_path / "news.db") as database:
        database.execute("create table news (id, title, text, noindex)")
        database.executemany("insert into news values (?, 'а', '', ?)", [(2, 1), (3, 0), (4, None)])
    database.close()
    door.take_in("--allow-shrink", f"sqlite:///{tmp_path}/news.db#news")
    assert [door.article(str(number)).noindex for number in (2, 3, 4)] == [True, False, False]


def test_a_sitemap_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/sitemap.xml").headers["ETag"]
    assert client.get("/sitemap.xml", headers={"If-None-Match": tag}).status_code == 304


def test_a_month_of_very_many_articles_has_several_files(tmp_path: Path, analyzer: Analyzer) -> None:
    count, url = sitemaps.MOST + 100, f"whoosh:{tmp_path / 'index'}"
    long = range(0, count, 1000)
    ids = [f"{n:05}" + "ж" * (n in long) * 700 for n in range(count)]
    publish(
        open_engine(url, Settings(), analyzer), *(Article(each, "а", "б", published=date(2024, 5, 17)) for each in ids)
    )
    client = create_app(Settings(index=url)).test_client()
    files = [each.findtext(f"{SITEMAP}loc") or "" for each in urls(client, "/sitemap.xml")]
    assert [file.rsplit("/")[-1] for file in files] == [
        "sitemap-pages.xml",
        "sitemap-2024-05-1.xml",
        "sitemap-2024-05-2.xml",
    ]
    listed = [
        [url.findtext(f"{SITEMAP}loc") or "" for url in urls(client, f"/{file.rsplit('/')[-1]}")] for file in files[1:]
    ]
    assert all(len(each) <= sitemaps.MOST for each in listed)
    addresses = [url for each in listed for url in each if "/article/" in url]
    assert len(addresses) == len(set(addresses)) == count - len(long), "an address of 2,048 characters is not listed"
