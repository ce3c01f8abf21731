"""Most of the words, days in plain words, small words: from a file through `indexer` to what readers are answered."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import fromstring

import pytest
from flask.testing import FlaskClient

from search import Settings, UserError, open_archive
from search.archive import Archive
from tests.door import Door
from web import create_app

TODAY = date.today()


def row(article_id: str, title: str, text: str = "", **values: object) -> dict[str, object]:
    return {"id": article_id, "title": title, "text": text, **values}


def rows() -> Iterator[dict[str, object]]:
    """Snow and jams of several years: three with all of «снег пробки Москва», dozens with some of these words."""
    for n in range(3):
        yield row(
            f"all{n}", "Снег и пробки", "Снегопад в Москве.", published=f"20{10 + n}-01-05", author="Дана Аменова"
        )
    for n in range(4):
        yield row(f"two{n}", "Пробки из-за снега", "Дороги стоят.", published=f"20{10 + n}-02-05", section="Город")
    for n in range(30):
        section = "Город" if n % 2 else "Регионы"
        yield row(f"snow{n}", "Снег", f"Выпал снег, день {n}.", published=f"20{10 + n % 5}-03-05", section=section)
    for n in range(12):
        yield row(f"visit{n}", "Визит министра", "Министр прибыл в Астану.", published=f"2015-04-{n + 1:02}")
    yield row("rare", "Зубр", "Зубры вернулись.", published="2016-01-01", tags=["звери"])
    yield row("then", "Газпром", "Добыча газа.", published="2014-06-01")
    yield row("named", "Газпром: планы на 2014 год", "Газпром, 2014.", published="2013-06-01")
    yield row("never", "Газпром", "Трубы.", published="2012-06-01")
    yield row("yesterday", "Открыт мост", "Мост.", published=str(TODAY - timedelta(days=1)))
    yield row("pair", "Москва и метро", "Метро.", published="2017-01-01")
    yield row("undated", "Снег в Москве", "Без даты.")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    door = Door(tmp_path_factory.mktemp("most"))
    door.take_in(door.write("articles.jsonl", "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows())))
    return door


@pytest.fixture(scope="module")
def archive(door: Door) -> Archive:
    return open_archive(door.index)


@pytest.fixture(scope="module")
def client(door: Door) -> FlaskClient:
    return create_app(Settings(index=door.index)).test_client()


def answer(client: FlaskClient, **asked: object) -> dict[str, Any]:
    reply = client.get("/api/search", query_string=asked)
    assert reply.status_code == 200, reply.text
    result: dict[str, Any] = reply.json
    return result


def ids(result: dict[str, Any]) -> set[str]:
    return {hit["id"] for hit in result["hits"]}


# -- small words


def test_an_article_need_not_have_the_small_words(client: FlaskClient) -> None:
    for text in ("визит министра в Астану", "визит министра и в Астану", "визит, министра из-за Астаны"):
        assert answer(client, q=text)["total"] == 12, text
    with_and, without = (answer(client, q=text, words="all")["total"] for text in ("снег и пробки", "снег пробки"))
    assert with_and == without == 7


def test_small_words_alone_are_all_required_and_marked(client: FlaskClient) -> None:
    result = answer(client, q="из за")
    assert ids(result) == {f"two{n}" for n in range(4)}
    assert "<mark>из</mark>" in result["hits"][0]["title_html"]


def test_small_words_are_marked_in_phrases_alone(client: FlaskClient) -> None:
    result = answer(client, q="пробки из-за снега")
    assert result["hits"][0]["title_html"] == "<mark>Пробки</mark> из-за <mark>снега</mark>"
    result = answer(client, q="«пробки из-за снега»")
    assert result["hits"][0]["title_html"] == "<mark>Пробки из-за снега</mark>"


# -- most of the words


def test_those_with_most_words_follow_and_say_what_they_lack(
    client: FlaskClient,
) -> None:
    result = answer(client, q="пробки в Москве из-за снега", per_page=100)
    assert (result["query"]["words"], result["query"]["with_all_words"]) == ("most", 3)
    assert result["query"]["correction"] is None
    assert result["total"] == len(result["hits"]) > 10
    lacking = {hit["id"]: hit["missing"] for hit in result["hits"]}
    assert [lacking[f"all{n}"] for n in range(3)] == [[], [], []]
    assert lacking["two0"] == ["Москве"]
    assert lacking["undated"] == ["пробки"]
    assert [hit["id"] for hit in result["hits"][:3]] == ["all2", "all1", "all0"]
    scores = [hit["score"] for hit in result["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_where_ten_have_all_words_nothing_else_is_an_answer(client: FlaskClient) -> None:
    result = answer(client, q="визит министра")
    assert (result["total"], result["query"]["words"], result["query"]["with_all_words"]) == (12, "all", 12)
    assert all(hit["missing"] == [] for hit in result["hits"])


def test_all_words_or_most_can_be_asked_for(client: FlaskClient) -> None:
    text = "пробки Москва снег"
    assert ids(answer(client, q=text, words="all")) == {"all0", "all1", "all2"}
    assert answer(client, q=text, correct=0)["query"]["words"] == "all", "as typed"
    assert answer(client, q=text, words="most", correct=0)["total"] == answer(client, q=text)["total"]
    most = answer(client, q="визит министра", words="most", per_page=100)
    assert most["total"] == 12, "who has one of the words has both"
    assert answer(client, q="министр Астана", words="most")["query"]["words"] == "all", "the same articles"
    assert answer(client, q="снег выпал")["total"] == 30
    assert answer(client, q="снег выпал", words="most")["total"] == 38
    for text in ("визит", "визит | мост", "«визит министра»", "", "в и на", "дата:2015"):
        result = answer(client, q=text, words="most")
        assert result["query"]["words"] == "all", text
        assert result["total"] == answer(client, q=text, words="all")["total"]


def test_what_is_no_plain_word_stays_required(client: FlaskClient) -> None:
    for text, bad in {
        "снег пробки зубр -Москва": {"all0", "all1", "all2", "undated"},
        "снег пробки зубр рубрика:Город": {"all0", "snow0", "rare"},
        "заголовок:(снег пробки) зубр дороги": {"snow0", "undated", "rare", "pair"},
        "снег пробки зубр =снег": {"two0", "rare"},
        "снег пробки зубр дата:2011": {"all0", "all2", "rare", "undated"},
        "снег пробки зубр 2011": {"all0", "all2", "rare", "undated"},
    }.items():
        found = ids(answer(client, q=text, per_page=100))
        assert found, text
        assert not found & bad, text


def test_a_filter_finds_what_the_count_beside_it_said(client: FlaskClient) -> None:
    """The counts of years, months, days, authors, sections and tags, each asked for."""
    text = "пробки в Москве из-за снега"
    result = answer(client, q=text)
    assert result["query"]["words"] == "most"
    facets = result["facets"]
    assert sum(year["count"] for year in facets["years"]) + facets["undated"] == result["total"]
    for year in facets["years"]:
        of_year = answer(client, q=text, year=year["year"])
        assert of_year["total"] == year["count"]
        for month in of_year["facets"]["months"]:
            of_month = answer(client, q=text, year=year["year"], month=month["month"])
            assert of_month["total"] == month["count"]
            for day in of_month["facets"]["days"]:
                of_day = answer(client, q=text, year=year["year"], month=month["month"], day=day["day"])
                assert of_day["total"] == day["count"]
    for name in ("author", "section", "tag"):
        for value in facets[f"{name}s"]:
            assert answer(client, q=text, **{name: value["value"]})["total"] == value["count"], (name, value)
    walked, page = set[str](), result
    while page["links"]["next"]:
        walked |= ids(page)
        page = client.get(page["links"]["next"]).json
        assert page["query"] == result["query"]
        assert page["total"] == result["total"]
    assert len(walked | ids(page)) == result["total"]


def test_feeds_and_files_have_what_the_page_shows(client: FlaskClient, archive: Archive) -> None:
    text = "пробки в Москве из-за снега"
    result = answer(client, q=text, per_page=100)
    lines = list(csv.DictReader(io.StringIO(client.get(result["links"]["csv"]).text.removeprefix("\ufeff"))))
    assert [line["id"] for line in lines] == [hit["id"] for hit in result["hits"]]
    entries = fromstring(client.get(result["links"]["feed"]).data).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == min(50, result["total"])
    assert [each.id for each in archive.every(text, words="most")] == [hit["id"] for hit in result["hits"]]
    files = {"q": text, "words": "auto", "correct": 0}
    assert len(client.get("/export.csv", query_string=files).text.splitlines()) == 1 + 3, "as the page has it"
    # Without being result so, they are of all words.
    assert len(client.get("/export.csv", query_string={"q": text}).text.splitlines()) == 1 + 3
    assert len(client.get("/feed.json", query_string={"q": text}).json["items"]) == 3
    assert {each.id for each in archive.every(text)} == {"all0", "all1", "all2"}
    page = client.get("/", query_string={"q": text}).text
    assert "words=most" in page
    assert "words=most" not in client.get("/", query_string={"q": "визит министра"}).text


def test_the_page_links_to_those_with_all_words(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": "пробки в Москве из-за снега"}).text
    assert re.search(r'Все слова есть в 3 статьях, [^<]*<a href="/[^"]*words=all">Только со всеми</a>', page)
    assert "нет в тексте: <bdi>Москве</bdi>" in page
    just = client.get("/", query_string={"q": "пробки в Москве из-за снега", "words": "all"}).text
    assert "<h1>3 статьи по запросу" in just
    assert "нет в тексте" not in just
    assert 'name="words"' not in just, "another query is another question"
    assert "Статей со всеми этими словами нет." in client.get("/", query_string={"q": "снег зубр"}).text


def test_a_rarest_word_is_enough_beside_most_of_the_others(client: FlaskClient) -> None:
    result = answer(client, q="снег пробки дороги зубр", per_page=100)
    assert "rare" in ids(result)
    assert {f"two{n}" for n in range(4)} <= ids(result)


def test_what_a_hit_lacks_is_said_without_punctuation(client: FlaskClient) -> None:
    lacking = {word for hit in answer(client, q="снег, зубр! (мост?)", per_page=100)["hits"] for word in hit["missing"]}
    assert lacking == {"снег", "зубр", "мост"}


def test_the_terminal_says_it_too(door: Door) -> None:
    result = door.run("search", "пробки в Москве из-за снега").output
    assert "with all words 3" in result
    assert "without: Москве" in result
    assert "with all words" not in door.run("search", "--words", "all", "пробки в Москве из-за снега").output
    answered = json.loads(door.run("search", "--json", "пробки в Москве из-за снега").output)
    assert (answered["query"]["words"], answered["query"]["with_all_words"]) == ("most", 3)
    assert {"missing"} <= answered["hits"][0].keys()


def test_the_links_of_a_corrected_page_lead_to_what_it_shows(client: FlaskClient) -> None:
    for text in ("зубр министтра", "Москва,метро"):
        result = answer(client, q=text, per_page=100)
        assert result["query"]["correction"]
        assert len(client.get(result["links"]["csv"]).text.splitlines()) == 1 + result["total"], text
        assert client.get(result["links"]["feed"]).text.count("<entry>") == result["total"], text


def test_hits_are_narrowed_as_the_page_shows_them(client: FlaskClient, archive: Archive) -> None:
    for text in (
        "пробки в Москве из-за снега", "снег зубр", "зубр -метро снегопад министр", "Газпром 2014 зубр",
        "визит министра", "«выпал снег» зубр", "автор:Дана снег зубр", "рубрика:город пробки зубр метро", "снек зубрр",
    ):  # fmt: skip
        shown = archive.search(text, per_page=100)
        page = client.get("/", query_string={"q": text}).text
        within = unescape(re.search(r'name="within" value="([^"]*)"', page)[1])  # type: ignore[index]  # it is there
        same = archive.search(within, words="all", correct=False, per_page=100)
        assert {hit.article.id for hit in same.hits} == {hit.article.id for hit in shown.hits}, text
        for word in ("снег", "москва", "никогда"):
            narrowed = client.get("/", query_string={"q": word, "within": within}, follow_redirects=True)
            listed = set(re.findall(r'data-id="([^"]*)"', narrowed.text))
            assert listed <= {hit.article.id for hit in shown.hits}, (text, word)


def test_comparing_counts_what_has_all_words(client: FlaskClient) -> None:
    page = client.get("/compare.csv", query_string={"q": "пробки Москва снег"}).text
    lines = list(csv.reader(page.removeprefix("\ufeff").splitlines()))
    assert sum(int(line[2]) for line in lines[1:]) == 3


def test_other_words_for_it_are_refused(client: FlaskClient) -> None:
    for path, reason in {
        "/api/search": "'few' is not one of all, auto, most",
        "/": "указано неверно",
    }.items():
        refused = client.get(path, query_string={"q": "снег", "words": "few"})
        assert refused.status_code == 422
        assert reason in refused.text


def test_the_library_refuses_them_by_name(archive: Archive) -> None:
    with pytest.raises(UserError, match="few"):
        archive.search("снег", words="few")


def test_what_nothing_has_is_not_found_however_many_words_it_is(client: FlaskClient) -> None:
    nonsense = " ".join(f"ыщщь{chr(1072 + n % 32)}{chr(1072 + n // 2)}" for n in range(64))
    result = answer(client, q=nonsense)
    assert (result["total"], result["query"]["words"], result["query"]["with_all_words"]) == (0, "all", 0)
    beyond = answer(client, q="пробки в Москве из-за снега", page=99)
    assert (beyond["hits"], beyond["query"]["words"]) == ([], "most")


# -- corrections come first


def test_a_word_is_corrected_before_words_are_loosened(client: FlaskClient) -> None:
    result = answer(client, q="зубр министтра")
    assert result["query"]["correction"] == {"kind": "spelling", "text": "зубр министра"}
    assert result["query"]["words"] == "most"
    assert "rare" in ids(result)


def test_words_that_the_archive_has_are_never_corrected(client: FlaskClient) -> None:
    result = answer(client, q="зубр мост Газпром")
    assert result["query"]["correction"] is None
    assert {"rare", "yesterday", "then"} <= ids(result)


@pytest.mark.parametrize(
    "text", ["https://gazeta.example/n/17 снег", "снег -зубр,мост", "снег НЕ", "И снег", "снег ИЛИ"]
)
def test_what_is_neither_joined_nor_operator_is_not_corrected(client: FlaskClient, text: str) -> None:
    result = answer(client, q=text)
    assert result["query"]["correction"] is None
    assert result["total"] == 38


def test_what_is_pinned_is_no_reason_to_take_words_for_right(door: Door) -> None:
    pins = door.write("pins.txt", "министтр зубр = pair\n")
    pinned = create_app(Settings(index=door.index, pins=str(pins))).test_client()
    result = answer(pinned, q="министтр зубр")
    assert result["query"]["correction"]["text"] == "министр зубр"
    for year in result["facets"]["years"]:
        assert answer(pinned, q="министтр зубр", year=year["year"])["total"] == year["count"]


@pytest.mark.parametrize("text", ["Москва,метро", "Москва/метро", "Метро;Москва"])
def test_words_joined_by_a_sign_are_tried_as_words(client: FlaskClient, text: str) -> None:
    result = answer(client, q=text, words="all")
    assert result["query"]["correction"]["kind"] == "words"
    assert ids(result) == {"pair"}
    assert answer(client, q=text, correct=0)["total"] == 0


def test_a_field_that_finds_nothing_is_tried_as_words(client: FlaskClient) -> None:
    result = answer(client, q="Автор: зубр")
    assert result["query"]["correction"] == {"kind": "words", "text": "Автор зубр"}
    assert "rare" in ids(result)
    assert ids(answer(client, q="автор: Аменова")) == {"all0", "all1", "all2"}
    pasted = answer(client, q="Дата: визит министра", per_page=100)
    assert (pasted["query"]["notes"], pasted["query"]["correction"]) == ([], None)
    assert {f"visit{n}" for n in range(12)} <= ids(pasted)


# -- days in plain words


def test_a_year_typed_is_a_year_meant(client: FlaskClient) -> None:
    result = answer(client, q="Газпром 2014")
    assert [hit["id"] for hit in result["hits"]] == ["then", "named"]
    assert result["query"]["interpreted"] == "Газпром (2014 | дата:2014)"
    assert [hit["id"] for hit in answer(client, q="1 июня 2014")["hits"]] == ["then"]
    assert [hit["id"] for hit in answer(client, q="вчера мост")["hits"]] == ["yesterday"]
    assert answer(client, q="Газпром 20145", words="all")["total"] == 0


def test_a_day_that_the_archive_does_not_reach_is_words_alone(client: FlaskClient) -> None:
    assert answer(client, q="Газпром 1950")["query"]["interpreted"] == "Газпром 1950"


def test_days_on_which_nothing_has_the_words_only_come_first(client: FlaskClient) -> None:
    for text in ("вчера снег", "Вчера в Москве выпал снег", "снег в 2016 году"):
        result = answer(client, q=text)
        assert result["total"] >= 30, text
        assert (result["query"]["words"], result["query"]["with_all_words"]) == ("most", 0)
    assert answer(client, q="снег 2010 и пробки в 2011 году", words="all")["total"] == 4


def test_the_page_offers_the_days_as_a_filter(client: FlaskClient) -> None:
    def offered(text: str) -> tuple[str, dict[str, str]]:
        page = client.get("/", query_string={"q": text}).text
        link = page.partition('<p class="also only"><a href="')[2]
        url, _, rest = link.partition('">')
        return rest.partition("</a>")[0], dict(parse_qsl(urlsplit(url.replace("&amp;", "&")).query))

    assert offered("Газпром 2014") == ("Только за 2014 год", {"q": "Газпром", "year": "2014"})
    assert offered("мост май 2014 года") == (
        "Только за май 2014 года",
        {"q": "мост", "year": "2014", "month": "5"},
    )
    assert offered("в 2010-е снег") == (
        "Только с 1 января 2010 по 31 декабря 2019 года",
        {"q": "снег", "from": "2010-01-01", "to": "2019-12-31"},
    )
    for text in ("Газпром", "Газпром -(2014)", "Газпром | 2014", "снег 2013 и 2014"):
        assert offered(text) == ("", {}), text
    assert ids(answer(client, **offered("Газпром 2014")[1])) == {"then"}


def test_what_is_no_date_is_said(client: FlaskClient) -> None:
    for text in ("Газпром дата:0 мая", "Газпром дата:нескоро", "Газпром дата:31.02.2014"):
        result = answer(client, q=text)
        assert result["total"] == 3, text
        assert "не понята и не учтена" in result["query"]["notes"][0]


# -- any dash


@pytest.mark.parametrize("dash", [*"-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\ufe63", "--", "\u2013\u2013"])
def test_any_dash_before_a_word_excludes_it(client: FlaskClient, dash: str) -> None:
    assert not ids(answer(client, q=f"Газпром {dash}планы", per_page=100)) & {"named"}
    assert "named" in ids(answer(client, q=f"Газпром {dash} планы"))
    assert answer(client, q=f"{dash} в {dash}")["total"]


def test_signs_of_other_keyboards_and_a_blank_too_much_mean_the_same(client: FlaskClient) -> None:
    for typed, meant in {
        "снег｜зубр": "снег | зубр", "зубр ¦ газ": "зубр | газ", "＂выпал снег＂": "«выпал снег»",
        "‹выпал снег›": "«выпал снег»",
        "дата：2014": "дата:2014", "Автор :Аменова": "автор:Аменова", "зуб＊": "зуб*", "＝зубр": "=зубр",
        "（зубр | газ） －газпром": "(зубр | газ) -газпром",
    }.items():  # fmt: skip
        other, usual = (answer(client, q=text, per_page=100, correct=0) for text in (typed, meant))
        assert ids(other) == ids(usual) != set(), typed
