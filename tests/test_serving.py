"""The service while the index changes under it, and while readers ask strange things of it: through the served app."""

from __future__ import annotations

import gc
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from search import Archive, Article, ArticleNotFound, Settings
from search.analysis import Analyzer
from search.engine import Request
from search.engines.memory import Memory
from search.engines.whoosh import WhooshEngine
from search.model import Facets, Sort
from web import create_app

PUBLICATIONS = int(os.environ.get("ARKHIV_TEST_PUBLICATIONS", "10"))
LETTERS = "абвгдежзийклмнопрстуфхцчшщэюя"


class Newsroom:
    """An index in a folder, and the app that serves it."""

    def __init__(self, folder: Path, analyzer: Analyzer, **settings: Any) -> None:
        self.folder = folder
        self.engine = WhooshEngine(str(folder), Settings(), analyzer)
        self.settings = Settings(index=f"whoosh:{folder}", **settings)

    def publish(self, *articles: Article, remove: tuple[str, ...] = ()) -> str:
        with self.engine.writer() as writer:
            for article in articles:
                writer.add(article)
            for article_id in remove:
                writer.remove(article_id)
            return writer.publish().generation

    def client(self, **settings: Any) -> FlaskClient:
        served = Settings(index=self.settings.index, **settings)
        return create_app(served, look_every=0).test_client()


@pytest.fixture
def newsroom(tmp_path: Path, analyzer: Analyzer) -> Newsroom:
    return Newsroom(tmp_path / "index", analyzer)


def edition(number: int) -> list[Article]:
    """Articles that tell which edition they are of, with the ids that those of every edition have."""
    return [
        Article(
            f"{n}", f"Номер {number}", f"Выпуск {number}, хлеб и соль, статья {n}. {'Подробности дня. ' * 30}",
            published=date(2024, 1, 1) + timedelta(n), author=f"Автор {number}", views=n,
        )
        for n in range(12)
    ]  # fmt: skip


# -- one request, one generation


def test_a_held_archive_answers_from_one_generation(newsroom: Newsroom) -> None:
    newsroom.publish(*edition(1))
    archive = Archive(newsroom.engine, Analyzer())
    assert archive.newest() is archive
    assert archive.article("3").title == "Номер 1"
    newsroom.publish(*edition(2)[:3], remove=tuple(article.id for article in edition(2)[3:]))
    assert archive.related("3")
    assert archive.popular("all")[0].article.id == "11"
    assert archive.search("хлеб").total == archive.visibility().articles == 12
    newest = archive.newest()
    assert newest.info().generation != archive.info().generation
    assert newest.search("хлеб").hits[0].article.title == "Номер 2"
    with pytest.raises(ArticleNotFound):
        newest.related("3")


# What the readers ask, and what must be one in each answer.
ASKED = ("/?q=хлеб", "/", "/article/3?q=хлеб", "/api/search?q=хлеб", "/api/related/3", "/api/popular?period=all",
         "/archive/2024/1", "/export.csv", "/feed.atom")  # fmt: skip


def test_no_answer_is_lost_or_mixed_while_editions_are_published(newsroom: Newsroom) -> None:
    """Each publication replaces all articles by those of the next edition: an answer out of two shows at once."""
    newsroom.publish(*edition(0))
    app, done = create_app(newsroom.settings, look_every=0), threading.Event()

    def ask(reader: int) -> int:
        client = app.test_client()
        for asked in count(reader):
            if done.is_set():
                return asked - reader
            answer = client.get(ASKED[asked % len(ASKED)])
            assert answer.status_code == 200, f"{ASKED[asked % len(ASKED)]}: {answer.text}"
            assert len(set(re.findall(r"(?:Номер|Автор|Выпуск)(?:</mark>)? (\d+)", answer.text))) == 1, answer.text
        raise AssertionError

    with ThreadPoolExecutor(8) as threads:
        readers = [threads.submit(ask, reader) for reader in range(8)]
        try:
            for number in range(1, PUBLICATIONS + 1):
                newsroom.publish(*edition(number))
        finally:
            done.set()
        assert sum(reader.result() for reader in readers) > PUBLICATIONS
    assert f"Номер {PUBLICATIONS}<" in app.test_client().get("/").text


def test_what_is_remembered_does_not_outlive_an_embargo(newsroom: Newsroom) -> None:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    newsroom.publish(Article("old", "Старая", "Хлеб.", published=date(2024, 5, 17), views=1))
    newsroom.publish(Article("new", "Новая", "Хлеб.", published=due, views=5))
    client = newsroom.client()
    early = {path: client.get(path) for path in ("/", "/api/popular?period=all", "/api/search")}
    assert "В архиве 1 статья" in early["/"].text
    assert [hit["id"] for hit in early["/api/popular?period=all"].json["hits"]] == ["old"]
    time.sleep(max(0, (due - datetime.now(UTC)).total_seconds()))
    assert "В архиве 2 статьи" in client.get("/").text
    for path in ("/api/popular?period=all", "/api/search"):
        later = client.get(path, headers={"If-None-Match": early[path].headers["ETag"]})
        assert [hit["id"] for hit in later.json["hits"]] == ["new", "old"]


def test_the_files_of_a_generation_are_let_go(newsroom: Newsroom) -> None:
    newsroom.publish(*edition(0))
    archive = Archive(newsroom.engine, Analyzer())

    def descriptors(archive: Archive) -> int:
        assert archive.search("хле* | соль").total == archive.popular("all", 100)[0].article.views + 1 == 12
        assert archive.suggest("хле")
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors(archive)
    gc.disable()  # no cycle of references may hold them until it is looked for
    try:
        for number in range(1, 6):
            newsroom.publish(*edition(number))
            archive = archive.newest()
            after = descriptors(archive)
    finally:
        gc.enable()
    assert after <= 3 * before


def test_what_becomes_due_meanwhile_is_not_hidden_by_a_tag(newsroom: Newsroom) -> None:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    newsroom.publish(Article("old", "", "", published=date(2024, 5, 17)), Article("new", "", "", published=due))

    class Slow(Archive):
        def calendar(self, year: int | None = None, month: int | None = None) -> Facets:
            facets = super().calendar(year, month)
            time.sleep(max(0, (due - datetime.now(UTC)).total_seconds()))
            return facets

    client = create_app(Settings(), lambda: Slow(newsroom.engine, Analyzer())).test_client()
    early = client.get("/api/archive")
    assert sum(year["count"] for year in early.json["years"]) == 1
    later = client.get("/api/archive", headers={"If-None-Match": early.headers["ETag"]})
    assert sum(year["count"] for year in later.json["years"]) == 2


def test_an_answer_is_never_kept_beyond_a_due_moment(newsroom: Newsroom) -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    newsroom.publish(Article("new", "", "", published=due))
    memory = Memory(newsroom.engine.open(), 8)
    before, after = due - timedelta(seconds=1), due + timedelta(seconds=1)

    def slowly() -> str:
        assert memory.visibility(after).articles == 1, "somebody asks of a later moment meanwhile"
        return "before"

    assert memory.once("question", before, slowly) == "before"
    assert memory.once("question", after, lambda: "after") == "after"


# -- what has changed since


def test_a_slip_in_a_date_does_not_make_everything_be_sent_again(newsroom: Newsroom) -> None:
    newsroom.publish(
        Article("1", "Хлеб", "", published=date(2024, 5, 17)), Article("slip", "Соль", "", published=date(2204, 5, 17))
    )
    client = newsroom.client()
    for path in ("/api/search?q=хлеб", "/feed.atom"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("changed", ["settings", "synonyms"])
def test_other_settings_or_synonyms_make_another_answer(newsroom: Newsroom, tmp_path: Path, changed: str) -> None:
    newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("батон = хлеб", "utf-8")
    before = newsroom.client(synonyms=str(synonyms)).get("/api/search?q=каравай&correct=0")
    assert before.json["total"] == 0
    if changed == "synonyms":
        synonyms.write_text("каравай = хлеб", "utf-8")
    after = newsroom.client(synonyms=str(synonyms), site_name="Вестник" if changed == "settings" else "Архив газеты")
    answer = after.get("/api/search?q=каравай&correct=0", headers={"If-None-Match": before.headers["ETag"]})
    assert answer.status_code == 200
    assert answer.json["total"] == (changed == "synonyms")


def test_a_synonym_of_half_of_the_archive_is_warned_about(
    newsroom: Newsroom, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    newsroom.publish(*(Article(str(n), "Хлеб", "И снова хлеб." if n % 3 else "И соль.") for n in range(300)))
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("батон = хлеб\nсоль = NaCl\nслово ~ и снова хлеб", "utf-8")
    newsroom.client(synonyms=str(synonyms))
    warned = [line for line in caplog.messages if "synonym" in line]
    assert len(warned) == 2
    assert any("the synonym хлеб stands in half" in line for line in warned)
    assert any("«и снова хлеб»" in line for line in warned)


def test_capitals_are_suggested_as_they_are_typed(newsroom: Newsroom) -> None:
    own = [Article(f"own{n}", "Свой дом", "У каждого свой дом и своя семья.") for n in range(9)]
    newsroom.publish(*own, Article("svo", "Участники СВО", "Участник СВО Мирзоев вернулся."))
    client = newsroom.client()

    def suggested(typed: str) -> list[str]:
        listed = client.get("/api/suggest", query_string={"q": typed}).json["suggestions"]
        return [each["text"] for each in listed if each["kind"] == "word"]

    assert suggested("СВО")[0] == "СВО"
    assert suggested("участник СВО")[0] == "участник СВО"
    assert suggested("  участник   СВО")[0] == "участник СВО"
    assert suggested("сво")[0] == "свой"
    assert suggested("мирз") == ["Мирзоев"]


def test_a_hint_is_a_link_on_the_page_and_a_field_of_the_answer(newsroom: Newsroom) -> None:
    usual = [Article(str(n), "Правительство", f"Приняло закон {n}.") for n in range(60)]
    newsroom.publish(*usual, Article("slip", "Правителство", "Приняло закон."))
    client = newsroom.client()
    assert client.get("/api/search?q=правителство").json["query"]["hint"] == {
        "kind": "spelling",
        "text": "правительство",
    }
    assert "hint" not in client.get("/api/search?q=правительство").json["query"]
    page = client.get("/?q=правителство").text
    assert "Возможно, вы искали" in page
    assert "<bdi>правительство</bdi>" in page
    assert 'maxlength="1000"' in page


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
def test_a_feed_tells_of_its_own_query_and_never_of_another(newsroom: Newsroom, path: str) -> None:
    newsroom.publish(Article("1", "Хлеб и соль", "", published=date(2024, 5, 17)))
    client = newsroom.client()
    assert client.get("/api/search?q=хлеп").json["total"] == 1, "a search is corrected"
    assert "Хлеб" not in client.get(f"{path}?q=хлеп").text


def test_csv_is_corrected_as_the_search_is_or_is_not(newsroom: Newsroom) -> None:
    newsroom.publish(Article("1", "Хлеб и соль", "", published=date(2024, 5, 17)))
    client = newsroom.client()
    assert "Хлеб" in client.get("/export.csv?q=хлеп").text
    assert "Хлеб" not in client.get("/export.csv?q=хлеп&correct=0").text


# -- ready or not


def test_the_service_becomes_ready_again(newsroom: Newsroom) -> None:
    newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    app = create_app(newsroom.settings)
    client, live = app.test_client(), app.extensions["arkhiv"]
    live.trouble_lasts = 0.6
    column = next(newsroom.folder.glob("MAIN_*.store"))
    sound = column.read_bytes()
    column.write_bytes(b"\xff" * len(sound))
    until = time.monotonic() + 5
    while client.get("/api/search?q=хлеб").status_code != 503:
        assert time.monotonic() < until
    column.write_bytes(sound)
    assert client.get("/readyz").status_code == 503
    until = time.monotonic() + 5
    while (answer := client.get("/readyz")).status_code == 503:
        assert "damaged" in answer.json["detail"]
        assert time.monotonic() < until, "asking makes it last"
        time.sleep(0.02)
    assert answer.status_code == 200


def test_a_service_that_cannot_open_what_is_published_says_so(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    old = newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    client = newsroom.client()
    assert "arkhiv_index_stuck 0.0" in client.get("/metrics").text
    newsroom.publish(Article("2", "Соль", "", published=date(2024, 5, 17)))
    manifest = newsroom.folder / "_MAIN_2.json"
    sound = manifest.read_bytes()
    manifest.write_bytes(sound[:-1] + b"!")
    with caplog.at_level(logging.ERROR, "arkhiv"):
        assert client.get("/api/search").json["total"] == 1, "the old one answers"
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert f"generation {old} answers" in answer.json["detail"]
    assert "_MAIN_2.json is damaged" in answer.json["detail"]
    assert "arkhiv_index_stuck 1.0" in client.get("/metrics").text
    assert sum("_MAIN_2.json is damaged" in record.getMessage() for record in caplog.records) == 1
    manifest.write_bytes(sound)
    client.get("/api/search")
    assert client.get("/readyz").status_code == 200
    assert "arkhiv_index_stuck 0.0" in client.get("/metrics").text


@pytest.mark.parametrize("column", ["store", "store_at", "author", "section", "author_values", "keys", "ids_at"])
def test_a_service_over_a_damaged_index_says_what_is_wrong(newsroom: Newsroom, column: str) -> None:
    newsroom.publish(*edition(1))
    path = next(newsroom.folder.glob(f"MAIN_*.{column}"))
    path.write_bytes(b"\xff" * path.stat().st_size)
    client = newsroom.client()
    assert client.get("/healthz").status_code == 200
    until = time.monotonic() + 5
    while (answer := client.get("/api/search?q=хлеб")).status_code == 500:
        assert time.monotonic() < until
    if answer.status_code == 503:
        assert "indexer" in answer.json["detail"] or path.name in answer.json["detail"]
        assert client.get("/readyz").status_code == 503


def test_columns_of_nonsense_leave_the_old_one_answering(newsroom: Newsroom) -> None:
    newsroom.publish(*edition(1))
    client = newsroom.client()
    before = set(newsroom.folder.glob("MAIN_*.author_values"))
    newsroom.publish(*edition(2))
    (path,) = set(newsroom.folder.glob("MAIN_*.author_values")) - before
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert client.get("/api/search?q=хлеб").json["hits"][0]["title"] == "Номер 1"
    assert "cannot be opened" in client.get("/readyz").json["detail"]
    assert "arkhiv_index_stuck 1.0" in client.get("/metrics").text


def test_the_files_of_a_swept_generation_are_not_damaged(newsroom: Newsroom) -> None:
    newsroom.publish(*edition(1))
    searcher = newsroom.engine.open()
    for number in (2, 3):
        newsroom.publish(*edition(number))
    for _ in range(3):
        with pytest.raises(ValueError):
            searcher.search(Request(now=datetime.now(UTC), sort=Sort.VIEWS, offset=-2, limit=1))
        while any(thread.name == "arkhiv-verify" for thread in threading.enumerate()):
            time.sleep(0.001)


# -- strange requests


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("gazeta.example", 200), ("arkhiv_web:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200),
        ("a" * 300, 400), ("a.b" * 100, 400), ("gazeta.example/x", 400), ("gaz eta", 400), ("ə.kz", 400), ("a@b", 400),
        ("xn--", 200), ("xn--a.example", 200), ("[1:2]", 400), ("[....]", 400), ("-", 400), ("", 400),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/search", "/feed.atom", "/nowhere", "/export.csv"])
def test_links_lead_to_the_host_that_was_asked(newsroom: Newsroom, host: str, status: int, path: str) -> None:
    newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    environ = EnvironBuilder(path).get_environ() | {"HTTP_HOST": host}  # some are too odd for a client
    answer = Response(*run_wsgi_app(create_app(newsroom.settings), environ))
    assert answer.status_code == (404 if path == "/nowhere" and status == 200 else status), answer.text
    if path == "/api/search" and status == 200:
        assert answer.json
        assert answer.json["links"]["self"] == f"http://{host}/api/search"
        assert answer.json["hits"][0]["url"] == f"http://{host}/article/1"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("gazeta.example", 200), ("GAZETA.example", 200), ("gazeta.example.", 200), ("gazeta.example:8000", 200),
        ("a.archive.example:80", 200), ("archive.example", 200), ("evil.example", 400), ("notarchive.example", 400),
        ("a.gazeta.example", 400), ("arkhiv_web", 200),
    ],
)  # fmt: skip
def test_hosts_that_are_not_trusted_are_refused(newsroom: Newsroom, host: str, status: int) -> None:
    newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    client = newsroom.client(trusted_hosts=("Gazeta.Example", ".archive.example", "arkhiv_web"))
    assert client.get("/api/search", headers={"Host": host}).status_code == status


def test_answers_to_several_hosts_have_tags_of_their_own(newsroom: Newsroom) -> None:
    newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    client = newsroom.client()
    tags = {client.get("/api/search", headers={"Host": host}).headers["ETag"] for host in ("a_b", "a_c", "a.b")}
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("within", "text", "leads"),
    [
        ("визит", "министр", "визит министр"),
        ("визит", "министр | степь", "визит (министр | степь)"),
        ("визит", "ИЛИ степь", "визит (ИЛИ степь)"),
        ("визит НЕ", "степь", "(визит НЕ) степь"),
        ("визит | степь", "«первый снег»", "(визит | степь) («первый снег»)"),
    ],
)
def test_hits_are_searched_within_whatever_the_operators(
    newsroom: Newsroom, within: str, text: str, leads: str
) -> None:
    newsroom.publish(Article("1", "Хлеб", "", published=date(2024, 5, 17)))
    answer = newsroom.client().get("/", query_string={"within": within, "q": text})
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["q"] == [leads]


def seconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def test_many_broad_beginnings_cost_as_much_as_they_are_many(newsroom: Newsroom) -> None:
    words = [first + second + third + "ыкинский" for first in LETTERS for second in LETTERS for third in LETTERS[::3]]
    texts = iter([" ".join(words[n::80]) for n in range(80)] * 4)
    newsroom.publish(*(Article(f"{n}", "", text, published=date(2024, 5, 17)) for n, text in enumerate(texts)))
    client = newsroom.client()

    def ask(query: str) -> Any:
        answer = client.get("/api/search", query_string={"q": query})
        assert answer.status_code == 200
        return answer.json["total"]

    everything, one = " | ".join(f"{letter}*" for letter in LETTERS), "а*"
    assert ask(everything) == 320
    ask(one)
    least = min(seconds(lambda: ask(one)) for _ in range(5))
    assert min(seconds(lambda: ask(everything)) for _ in range(3)) < 2 * len(LETTERS) * least
