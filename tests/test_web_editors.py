"""What editors take away and are told: CSV, feeds, the desk, the log of queries; and what other pages may embed."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from indexer.cli import main
from search import Archive, Article, Settings, open_archive
from search.analysis import Analyzer
from search.records.querylog import LoggedQuery, QueryLog
from tests.door import Door
from tests.oracle import OracleEngine
from tests.test_web import ARTICLES, Page
from web import create_app
from web.downloads import harmless

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MakeClient = Callable[..., FlaskClient]


@pytest.fixture(scope="module")
def archive(analyzer: Analyzer) -> Archive:
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        for article in (*ARTICLES, Article("формула", '=HYPERLINK("http://x")', "Ключ", author="+7 777", views=3)):
            writer.add(article)
        writer.publish()
    return Archive(engine, analyzer)


@pytest.fixture
def serving(archive: Archive) -> MakeClient:
    return lambda **settings: create_app(Settings(**settings), lambda: archive).test_client()


@pytest.fixture
def client(serving: MakeClient) -> FlaskClient:
    return serving()


def basic(token: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'кто угодно:{token}'.encode()).decode()}"}


def rows(client: FlaskClient, address: str, delimiter: str = ",") -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200
    text = response.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def test_csv_has_every_hit_in_order(client: FlaskClient) -> None:
    found = rows(client, "/export.csv?q=президент&sort=views&page=7&per_page=1")
    assert [row["id"] for row in found] == ["1", "2"]
    assert found[0]["title"] == "Визит президента в Алматы"
    assert found[0]["published"] == "2024-05-17T09:00:00+05:00"
    assert found[0]["tags"] == "визиты"
    assert found[0]["page"] == "http://localhost/article/1"
    assert len(rows(client, "/export.csv")) == len(ARTICLES)
    (row,) = rows(client, "/export.csv?q=урожай&separator=semicolon", ";")
    assert (row["Номер"], row["Заголовок"], row["Дата"]) == ("3", "Урожай", "2023-09-01")
    (row, _) = rows(client, "/export.csv?q=президент&sort=oldest&separator=semicolon", ";")
    assert row["Дата"] == "2024-05-17 09:00:00", "spreadsheets take this form for a date"
    assert row["Адрес"] == "http://localhost/article/1"


def test_csv_is_a_download_and_its_problems_are_documents(client: FlaskClient) -> None:
    assert "attachment" in client.get("/export.csv").headers["Content-Disposition"]
    problem = client.get("/export.csv?month=13")
    assert (problem.status_code, problem.mimetype) == (422, "application/problem+json")


def test_no_cell_of_csv_is_a_formula(client: FlaskClient) -> None:
    (row,) = rows(client, "/export.csv?q=ключ&author=%2B7+777")
    assert (row["title"], row["author"]) == ('\'=HYPERLINK("http://x")', "'+7 777")
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\x00=1", "＝1"):
        assert harmless(text).startswith("'")
    assert harmless("а = б\nв") == "а = б в"
    (hostile,) = rows(client, "/export.csv?year=2022")
    assert hostile["url"] == "", "a javascript: address is none"


def test_no_cell_is_a_formula_whatever_a_spreadsheet_takes_for_the_separator(analyzer: Analyzer) -> None:
    between = (";", ",", "|", '";', '",', ';"', ';""', "\t", '"=1";')
    titles = [f"Итоги{each}{sign}1+1{each}рост" for each in between for sign in "=+-@＝"]
    titles += [f"{sign}1+1;a" for sign in "=+-@＝"] + ["Итоги; =1+1", 'Итоги; "=1+1";', "Итоги; = 1+1", "Итоги =1+1"]
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        for number, title in enumerate(titles):
            writer.add(Article(str(number), title, "б", lead=title, author=title, published=date(2024, 5, 17)))
        writer.publish()
    client = create_app(Settings(), lambda: Archive(engine, analyzer)).test_client()
    for kind in ("comma", "semicolon"):
        paths = ["/export.csv", *(f"/compare.csv?{urlencode({'q': title})}&" for title in titles[:10])]
        for path, separator in product(paths, ",;\t|"):
            text = client.get(f"{path}{'' if '?' in path else '?'}separator={kind}").text
            lines = text.removeprefix("\ufeff").splitlines()
            # With the quotes at the beginning of a cell, as spreadsheets read it, and without any.
            cells = [cell for row in csv.reader(lines, delimiter=separator) for cell in row]
            cells += [cell.strip('"') for line in lines for cell in line.split(separator)]
            assert [cell for cell in cells if cell.startswith(("+", "-", "@"))] == [], (kind, separator)
            assert [cell for cell in cells if cell.strip(' "').startswith(("=", "＝"))] == [], (kind, separator)
    assert (
        harmless("Он сказал, - и ушёл: 2 + 2 = 4; a@b.kz, кто-то") == "Он сказал, - и ушёл: 2 + 2 = 4; a@b.kz, кто-то"
    )


def test_a_file_is_called_after_its_query(client: FlaskClient) -> None:
    def names(query: str, path: str = "/export.csv") -> str:
        named = client.get(f"{path}?{query}").headers["Content-Disposition"]
        assert named.isascii()
        return unquote(named)

    assert names("") == 'attachment; filename="arkhiv.csv"'
    asked = "q=Паводок+%22в%0D%0AКазахстане%22/../&year=2024&section=Политика"
    assert names(asked) == (
        "attachment; filename=\"arkhiv.csv\"; filename*=UTF-8''arkhiv-Паводок-в-Казахстане-2024-Политика.csv"
    )
    assert names("q=хлеб", "/export.jsonl").endswith("arkhiv-хлеб.jsonl")
    assert len(names("q=" + "ж" * 900)) < 150


def test_csv_of_many_rows_wants_the_token_where_one_is_set(serving: MakeClient) -> None:
    client = serving(csv_rows=1, editors_token="ключ")
    assert client.get("/export.csv?q=урожай").status_code == 200
    refused = client.get("/export.csv?q=президент")
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
    assert refused.headers["WWW-Authenticate"].startswith("Basic")
    assert client.get("/export.csv?q=президент", headers=basic("ключ")).status_code == 200
    assert serving(csv_rows=1).get("/export.csv?q=президент").status_code == 200


def test_all_hits_can_be_exported_and_taken_in_again(serving: MakeClient, tmp_path: Path) -> None:
    response = serving().get("/export.jsonl?q=президент&sort=views&page=3")
    assert response.mimetype == "application/jsonl"
    assert "arkhiv.jsonl" in response.headers["Content-Disposition"]
    articles = [json.loads(line) for line in response.data.splitlines()]
    assert [article["id"] for article in articles] == ["1", "2"]
    assert articles[0]["text"].startswith("Президент прибыл утром.\n\nВстреча")
    door = Door(tmp_path)
    door.take_in(door.write("export.jsonl", serving().get("/export.jsonl").data), code=3)
    assert len(door.found()) == len(ARTICLES) - 1, "an id with a line break is none that comes in"
    assert door.article("1").as_dict() == articles[0]


def test_taking_texts_along_wants_the_token_where_one_is_set(serving: MakeClient) -> None:
    client = serving(editors_token="ключ")
    assert client.get("/export.jsonl?q=урожай").status_code == 401
    taken = client.get("/export.jsonl?q=урожай", headers=basic("ключ"))
    assert (taken.status_code, taken.headers["Cache-Control"]) == (200, "no-store")
    assert client.get("/export.jsonl?month=13", headers=basic("ключ")).status_code == 422


def test_the_desk_wants_the_token_where_one_is_set(serving: MakeClient) -> None:
    assert serving().get("/desk").status_code == 200
    client = serving(editors_token="secret")
    assert client.get("/desk").status_code == 401
    assert "Только для редакции" in client.get("/desk").text
    for wrong in ("", "secre", "secret2", "другой"):
        assert client.get("/desk", headers=basic(wrong)).status_code == 401
    assert client.get("/desk", headers={"Authorization": "Bearer secret"}).status_code == 200
    sent = {"HTTP_AUTHORIZATION": "Bearer тайна".encode().decode("latin-1")}
    assert serving(editors_token="тайна").get("/desk", environ_overrides=sent).status_code == 200
    opened = client.get("/desk", headers=basic("secret"))
    assert (opened.status_code, opened.headers["Cache-Control"]) == (200, "no-store")
    assert "noscript" in opened.text


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
def test_a_feed_that_has_not_changed_is_not_sent_again(analyzer: Analyzer, path: str) -> None:
    engine = OracleEngine(Settings(), analyzer)
    with engine.writer() as writer:
        writer.add(ARTICLES[0])
        writer.publish()
    client = create_app(Settings(), lambda: Archive(engine, analyzer)).test_client()
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{path}?q=хлеб", headers={"If-None-Match": tag}).status_code == 200


def test_any_query_can_be_followed_as_atom(client: FlaskClient) -> None:
    response = client.get("/feed.atom?q=президент&sort=oldest&utm=1")
    assert response.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(response.text)
    assert feed.findtext("a:title", "", ATOM) == "Архив газеты: президент"
    assert [entry.findtext("a:title", "", ATOM) for entry in feed.findall("a:entry", ATOM)] == [
        "Поездка министра",
        "Визит президента в Алматы",
    ]
    entry = feed.findall("a:entry", ATOM)[1]
    assert entry.findtext("a:id", "", ATOM).startswith("urn:uuid:")
    assert [term.get("term") for term in entry.findall("a:category", ATOM)] == ["Политика", "визиты"]
    assert entry.findtext("a:updated", "", ATOM) == "2024-05-17T09:00:00+05:00"
    assert entry.findtext("a:author/a:name", "", ATOM) == "Дана Аменова"
    assert {link.get("rel"): link.get("href", "")[:22] for link in feed.findall("a:link", ATOM)} == {
        "self": "http://localhost/feed.",
        "alternate": "http://localhost/?q=%D",
    }


def test_any_query_can_be_followed_as_json(client: FlaskClient) -> None:
    response = client.get("/feed.json?section=Экономика")
    assert response.mimetype == "application/feed+json"
    feed = json.loads(response.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    assert (item["url"], item["title"]) == ("http://localhost/article/3", "Урожай")
    assert item["date_published"] == "2023-09-01T00:00:00+06:00"
    assert (item["authors"], item["tags"]) == ([{"name": "Ерлан Жумабеков"}], ["Экономика"])


CORRECTED: tuple[dict[str, Any], ...] = (
    {"id": "1", "title": "Поправка", "text": "а", "published": "2024-05-17", "updated": "2024-05-18T09:00:00+05:00"},
    {"id": "2", "title": "Раньше", "text": "а", "published": "2024-05-17T09:00:00+05:00", "updated": "2024-05-16"},
    {"id": "3", "title": "Когда-то", "text": "а"},
    {"id": "4", "title": "Без даты", "text": "а", "updated": "2024-05-18"},
    {"id": "5", "title": "Адрес", "text": "а", "published": "1957-05-17", "url": "https://газета.рф/вести/a|b?x=й%20"},
)


def test_feeds_say_when_articles_changed_and_keep_their_names(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("all.jsonl", "\n".join(map(json.dumps, CORRECTED))))

    def atom(path: str = "/feed.atom", host: str = "gazeta.example", site: str = "") -> dict[str, list[str]]:
        """When the feed and its entries changed, and their names, by their titles."""
        client = create_app(Settings(index=door.index, site_url=site)).test_client()
        feed = ElementTree.fromstring(client.get(path, headers={"Host": host}).data)
        return {
            element.findtext("a:title", "", ATOM): [
                element.findtext(f"a:{name}", "", ATOM) for name in ("updated", "id")
            ]
            for element in (feed, *feed.findall("a:entry", ATOM))
        }

    first = atom()
    own = "Архив газеты"
    assert {title: changed for title, (changed, _) in first.items() if title != own} == {
        "Поправка": "2024-05-18T09:00:00+05:00",
        "Раньше": "2024-05-17T09:00:00+05:00",
        "Когда-то": "1970-01-01T00:00:00+00:00",
        "Без даты": "2024-05-18T00:00:00+05:00",
        "Адрес": "1957-05-17T00:00:00+06:00",
    }
    assert len({name for _, name in first.values()}) == 6
    items = create_app(Settings(index=door.index)).test_client().get("/feed.json").json["items"]  # type: ignore[index]
    assert {item["title"]: item.get("date_modified") for item in items}["Поправка"] == "2024-05-18T09:00:00+05:00"
    (address,) = (item["url"] for item in items if item["title"] == "Адрес")
    assert address == "https://xn--80aahjj1e.xn--p1ai/%D0%B2%D0%B5%D1%81%D1%82%D0%B8/a%7Cb?x=%D0%B9%20"

    door.run("add", door.write("more.jsonl", json.dumps({"id": "6", "title": "Новое", "text": "а"})))
    later = atom(host="10.0.0.5:8000")
    assert {title: later[title] for title in first if title != own} == {
        title: first[title] for title in first if title != own
    }
    assert later[own] == [open_archive(door.index).info().built_at.isoformat(), first[own][1]]
    named = atom("/feed.atom?q=адрес", site="https://газета.рф:8443")
    assert {title: name for title, (_, name) in named.items()} == {
        "Адрес": "tag:xn--80aahjj1e.xn--p1ai,2026:article/5",
        f"{own}: адрес": "tag:xn--80aahjj1e.xn--p1ai,2026:feed?q=%D0%B0%D0%B4%D1%80%D0%B5%D1%81",
    }


def test_hostile_articles_are_text_in_feeds(client: FlaskClient) -> None:
    feed = ElementTree.fromstring(client.get("/feed.atom?year=2022").text)
    assert feed.findtext("a:entry/a:title", "", ATOM).startswith("<script>alert(1)</script>")
    link = feed.find("a:entry/a:link", ATOM)
    assert link is not None
    assert link.get("href") == "http://localhost/article/5"


def test_the_page_of_results_leads_to_its_feeds_and_its_csv(client: FlaskClient) -> None:
    page = Page(client.get("/?q=президент&sort=views").text)
    links = page.links()
    assert len(rows(client, links["таблица (CSV)"], ";")) == 2
    for name in ("Atom", "JSON Feed"):
        assert client.get(links[name]).status_code == 200
    assert len(page.all("link", rel="alternate")) == 2


def test_browsers_can_search_from_their_address_bar(client: FlaskClient) -> None:
    description = ElementTree.fromstring(client.get("/opensearch.xml").text)
    names = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    assert len(description.findtext("o:ShortName", "", names)) <= 16
    url = description.find("o:Url", names)
    assert url is not None
    assert url.get("template") == "http://localhost/?q={searchTerms}"
    suggestions = client.get("/opensearch.json?q=урож")
    assert (suggestions.mimetype, json.loads(suggestions.data)) == (
        "application/x-suggestions+json",
        ["урож", ["Урожай"]],
    )


def test_only_configured_origins_may_embed_the_box(serving: MakeClient) -> None:
    client = serving(embed_origins=("https://gazeta.example",))

    def headers(path: str, origin: str) -> Headers:
        with client.get(path, headers={"Origin": origin}) as response:
            assert response.status_code == 200
            return response.headers

    for path in ("/embed.js", "/static/combobox.js", "/api/search"):
        allowed = headers(path, "https://gazeta.example")
        assert allowed["Access-Control-Allow-Origin"] == "https://gazeta.example", path
        assert "Origin" in allowed["Vary"]
        for other in ("https://evil.example", "null", "https://gazeta.example.evil"):
            assert "Access-Control-Allow-Origin" not in headers(path, other)
        assert allowed["Access-Control-Expose-Headers"] == "ETag, Link, Retry-After, X-Request-ID"
        for origin, answer in (("https://gazeta.example", "If-None-Match"), ("https://evil.example", None)):
            asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
            preflight = client.options(path, headers=asked | {"Access-Control-Request-Headers": "if-none-match"})
            assert preflight.status_code == 200
            assert preflight.headers.get("Access-Control-Allow-Headers") == answer
    assert "Access-Control-Allow-Origin" not in headers("/", "https://gazeta.example")
    assert headers("/embed.js", "")["Content-Type"].startswith("text/javascript")


# -- the log of queries


def test_what_readers_ask_is_kept_without_who_asked(serving: MakeClient, tmp_path: Path) -> None:
    client = serving(query_log=str(tmp_path / "log"), editors_token="secret")
    for query in ("Хлеб", "хлеб", " никогда  нигде ", ""):
        client.get("/", query_string={"q": query}, headers={"User-Agent": "особый"})
    client.get("/?q=хлеб&page=2")
    client.get("/api/search?q=визит")
    (file,) = (tmp_path / "log").iterdir()
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["q"] for line in lines] == ["Хлеб", "хлеб", "никогда нигде", "визит"]
    assert {name for line in lines for name in line} == {"q", "total", "correction"}
    page = Page(client.get("/desk/queries", headers=basic("secret")).text)
    assert [row["text"] for row in page.all("tr")] == [
        "ЗапросСколько разНайдено", "никогда нигде 1 0",
        "ЗапросСколько разНайдено", "хлеб 2 2", "визит 1 1", "никогда нигде 1 0",
    ]  # fmt: skip


def test_the_page_of_queries_is_there_for_editors_alone(serving: MakeClient, tmp_path: Path) -> None:
    assert serving(query_log=str(tmp_path)).get("/desk/queries").status_code == 404
    assert serving(editors_token="x").get("/desk/queries").status_code == 401
    assert "ARKHIV_QUERY_LOG" in serving(editors_token="x").get("/desk/queries", headers=basic("x")).text


def test_a_log_that_cannot_be_read_is_no_error_of_the_service(serving: MakeClient, tmp_path: Path) -> None:
    (tmp_path / f"{datetime.now(UTC).date()}.jsonl").mkdir()
    client = serving(editors_token="x", query_log=str(tmp_path))
    assert client.get("/desk/queries", headers=basic("x")).status_code == 503


def test_a_log_that_cannot_be_written_stops_no_search(serving: MakeClient, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert serving(query_log=str(tmp_path / "file" / "log")).get("/?q=хлеб").status_code == 200


def test_many_writers_lose_no_query_and_mix_no_lines(tmp_path: Path) -> None:
    queries = [f"слово {number % 10} {'длинное ' * 50}" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda query: QueryLog(str(tmp_path), 1).record(query, 1), queries))
    assert [asked.times for asked in QueryLog(str(tmp_path), 1).summary().frequent] == [40] * 10


def test_a_line_that_was_cut_by_a_full_disk_hides_no_other(tmp_path: Path) -> None:
    log = QueryLog(str(tmp_path), 1)
    log.record("хлеб", 5)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + '{"q": "сол'.encode()[:-1])
    log.record("пропала", 1)
    log.record("соль", 1)
    assert {asked.query for asked in log.summary().frequent} == {"хлеб", "соль"}


def test_queries_are_forgotten_after_their_days(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    for age in (1, 2, 3, 40):
        (tmp_path / f"{today - timedelta(days=age)}.jsonl").write_text(
            '{"q": "старый", "total": 0}\nобрывок\n', "utf-8"
        )
    log = QueryLog(str(tmp_path), 3)
    assert log.summary().frequent == [LoggedQuery("старый", 2, 0, "")]
    log.record("новый", 5, "другой")
    assert len(list(tmp_path.iterdir())) == 3
    assert log.summary(1).unanswered == [LoggedQuery("старый", 2, 0, "")]
    assert log.summary().frequent[1] == LoggedQuery("новый", 1, 5, "другой")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARKHIV_QUERY_LOG", str(tmp_path / "log"))
    QueryLog(str(tmp_path / "log"), 9).record("хлеб", 1200)
    QueryLog(str(tmp_path / "log"), 9).record("ghbdtn", 0)
    return tmp_path


def test_the_command_shows_what_readers_ask(asked: Path) -> None:
    def run(*options: str) -> str:
        result = CliRunner().invoke(main, ["queries", "--index", f"whoosh:{asked / 'none'}", *options])
        assert result.exit_code == 0, result.output
        return result.output

    assert run() == "      1         0  ghbdtn\n      1     1,200  хлеб\n"
    assert run("--in-vain") == "      1         0  ghbdtn\n"
    assert json.loads(run("--json", "--limit", "1"))["queries"][0]["query"] == "ghbdtn"


def test_the_command_says_where_no_queries_are_kept() -> None:
    result = CliRunner().invoke(main, ["queries"])
    assert result.exit_code == 2
    assert "ARKHIV_QUERY_LOG" in result.stderr
