"""Who wrote an article: the names of a byline, on every way from the file to whoever reads of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from search import Article, Settings, open_archive
from search.analysis.names import person_name
from tests.door import Door
from tests.test_web import Page
from web import create_app

SEVERAL = {
    "Дана Аменова, Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова и Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова; Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова / Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова/Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова & Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова, Пётр Ли и Асель Ким": ("Дана Аменова", "Пётр Ли", "Асель Ким"),
    "A. Smith and B. Jones": ("A. Smith", "B. Jones"),
    "Жансая Қалиева, John Smith": ("Жансая Қалиева", "John Smith"),
    "Ерлан Сәдуақас және Мұхтар Әуезов": ("Ерлан Сәдуақас", "Мұхтар Әуезов"),
    "Д. Аменова и П. Ли": ("Д. Аменова", "П. Ли"),
    "Б.Нурланов, С.-А. Ли": ("Б.Нурланов", "С.-А. Ли"),
    "Иван Петрович Сидоров, Анна О’Нил-Ким": ("Иван Петрович Сидоров", "Анна О’Нил-Ким"),
    "Марина ЛЬВОВА, Кайрат АБЕНОВ.": ("Марина Львова", "Кайрат Абенов"),
    "А.О’НИЛ-КИМ, ЛИ Пётр": ("А.О’НИЛ-КИМ", "Ли Пётр"),
    "Асан Серік ұлы, Людвиг ван Бетховен": ("Асан Серік ұлы", "Людвиг ван Бетховен"),
    "Дана Аменова, Дана Аменова": ("Дана Аменова",),
    "  Дана  Аменова ,, Пётр\u00a0Ли, ": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова,": ("Дана Аменова",),
    "Ким В. А., Пак А. С. и Ан К.": ("Ким В. А.", "Пак А. С.", "Ан К."),
    "ДАНА АМЕНОВА И ПЁТР ЛИ": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова | Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Дана Аменова мен Пётр Ли": ("Дана Аменова", "Пётр Ли"),
    "Бен Уилсон, Александр Владимирович Мен": ("Бен Уилсон", "Александр Владимирович Мен"),
    "Иоанн Павел II, Рональд McDONALD": ("Иоанн Павел II", "Рональд McDONALD"),
    "АО КАЗАХТЕЛЕКОМ, Дана Аменова": ("АО КАЗАХТЕЛЕКОМ", "Дана Аменова"),
}
ONE = (
    "Дана Аменова",
    "Ким Чен Ын",
    "ТОО «Иванов и партнёры»",
    "Дана Аменова, ТОО «Иванов и партнёры»",
    "Министерство труда и занятости",
    "Министерство Обороны, Министерство Внутренних Дел",
    "Редакция и корреспонденты",
    "Рога и копыта",
    "Аменова, Дана",
    "Дана Аменова, Астана",
    "Дана Аменова, Нижний Новгород",
    "Дана Аменова, специальный корреспондент",
    "Дана Аменова, Специальный Корреспондент",
    "Дана Аменова, Пётр Ли, Алматы",
    "Иван и Пётр Самойловы",
    "Д. А., П. Л.",
    "А/Б",
    "BBC News, Вечерний Алматы",
    "и",
    ", ,",
)
BYLINES = {**SEVERAL, **{byline: (byline,) for byline in ONE}, "": ()}
ENDLESS = [part * (1_000_000 // len(part)) for part in (", ", "А", "Аб ", "Аб,", " ", "Аб Вг, ", "-", "и ", "А.", "А-")]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    door = Door(tmp_path_factory.mktemp("authors"))
    records = [
        {"id": f"{number}", "title": "Новость", "text": "Текст.", "author": byline, "section": f"р{number}"}
        for number, byline in enumerate(BYLINES)
    ]
    door.take_in(door.write("articles.jsonl", "\n".join(map(json.dumps, records))))
    return door


@pytest.fixture(scope="module")
def client(door: Door) -> FlaskClient:
    return create_app(Settings(index=door.index, site_url="https://poisk.example")).test_client()


@pytest.mark.parametrize(("number", "names"), [*enumerate(BYLINES.values())], ids=list(BYLINES))
def test_a_byline_is_divided_into_whole_names_or_not_at_all(door: Door, number: int, names: tuple[str, ...]) -> None:
    result = open_archive(door.index).search("", section=f"р{number}")
    assert result.facets is not None
    assert sorted(entry.value for entry in result.facets.authors) == sorted(names)
    byline = result.hits[0].article.author
    assert byline == " ".join(list(BYLINES)[number].split())
    assert result.hits[0].article.authors == names
    for name in filter(None, (byline, *names)):
        assert f"{number}" in door.found(author=name)


def test_an_author_is_asked_for_by_name_everywhere(door: Door, client: FlaskClient) -> None:
    both = [f"{number}" for number, names in enumerate(BYLINES.values()) if {"Дана Аменова", "Пётр Ли"} <= set(names)]
    assert sorted(door.found(author="Пётр Ли, Дана Аменова")) == sorted(both)
    ran = json.loads(door.run("search", "--author", "Асель Ким", "--json").output)
    assert [hit["author"] for hit in ran["hits"]] == ["Дана Аменова, Пётр Ли и Асель Ким"]
    answer = client.get("/api/search", query_string={"author": "Асель Ким"}).get_json()
    assert [hit["author"] for hit in answer["hits"]] == ["Дана Аменова, Пётр Ли и Асель Ким"]
    assert client.get("/author/Асель Ким").status_code == client.get("/author/Пётр Ли, Дана Аменова").status_code == 200
    assert client.get("/author/Асель Ким, Мұхтар Әуезов").status_code == 404
    for other in ("петр ли", "Пётр  Ли", normalize("NFD", "Пётр Ли")):
        assert client.get(f"/author/{other}").headers.get("Location") in {quote("/author/Пётр Ли"), None}, other
        assert client.get(f"/author/{other}", follow_redirects=True).status_code == 200


def test_each_author_has_a_link_an_entry_and_a_reference(door: Door, client: FlaskClient) -> None:
    names = ["Дана Аменова", "Пётр Ли", "Асель Ким"]
    (number,) = door.found(author="Асель Ким")
    for path in (f"/article/{number}", "/?author=Асель Ким"):
        links = Page(client.get(path).text).links()
        assert {name: links[name] for name in names} == {name: quote(f"/author/{name}") for name in names}
    article = client.get(f"/article/{number}").text
    structured = json.loads(Page(article).all("script", type="application/ld+json")[0]["text"])
    assert [person["name"] for person in structured["author"]] == names
    assert "Аменова Д., Ли П., Ким А. Новость" in article
    assert client.get(f"/cite/ris/{number}").text.count("AU  - ") == 3
    feed = client.get("/feed.atom", query_string={"author": "Асель Ким"}).text
    assert [feed.count(f"<author><name>{name}</name></author>") for name in names] == [1, 1, 1]
    (item,) = client.get("/feed.json", query_string={"author": "Асель Ким"}).get_json()["items"]
    assert [author["name"] for author in item["authors"]] == names


def test_a_surname_that_is_a_word_is_a_persons_beside_initials_and_a_house_is_none() -> None:
    for name, surname in {
        "Пак А. С.": "Пак",
        "А.С. Волк": "Волк",
        "Иван О'Коннор": "О'Коннор",
        "Дана Аменова (Алматы)": "Аменова",
    }.items():
        assert getattr(person_name(name), "surname", None) == surname, name
    for name in (
        "Казинформ",
        "Вечерний Алматы",
        "BBC News",
        "Дана Аменова и Пётр Ли, Астана",
        "Соб. инф.",
        "Пресс-служба акимата",
    ):
        assert person_name(name) is None, name


@pytest.mark.parametrize("byline", ENDLESS, ids=lambda byline: byline[:7])
def test_a_byline_of_any_length_is_read_at_once(byline: str) -> None:
    begun = time.process_time()
    assert Article("1", "", "", author=byline).authors
    assert time.process_time() - begun < 3


def test_status_names_the_values_that_differ_in_capitals_alone(tmp_path: Path) -> None:
    door = Door(tmp_path)
    articles = [
        {"id": f"{n}", "title": "а", "text": "б", "author": author, "section": section, "tags": ["степь", "Елка"]}
        for n, (author, section) in enumerate(
            (("Дана Аменова", "Общество"), ("Дана АМЕНОВА.", "ОБЩЕСТВО"), ("ТОО «Пресс»", "Спорт"))
        )
    ]
    articles.append(articles[0] | {"id": "3", "tags": ["ёлка"]})
    door.take_in(door.write("a.jsonl", "\n".join(map(json.dumps, articles))))
    alike = {"sections": [["Общество", "ОБЩЕСТВО"]], "tags": [["Елка", "ёлка"]]}
    assert json.loads(door.run("status", "--json").stdout)["alike"] == alike
    assert "alike       sections: Общество = ОБЩЕСТВО\n" in door.run("status").stdout
    (tmp_path / "synonyms.txt").write_text("ни то ни сё\n", encoding="utf-8")
    door.write("arkhiv.toml", f'synonyms = "{tmp_path}/synonyms.txt"')
    ran = door.run("status", code=1)
    assert "articles    4" in ran.stdout, "what can be said is said"
    assert "synonyms" in ran.stderr
