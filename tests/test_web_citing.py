"""«Как сослаться»: a reference in words and as files, whatever stands in the article."""

# ruff: noqa: E501  # references as they are

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from search import Settings
from tests.door import Door
from tests.test_web import Page
from web import create_app

TODAY = datetime.now(ZoneInfo("Asia/Almaty")).strftime("%d.%m.%Y")
BASE = {"title": "Степь зацвела", "text": "Тюльпаны раскрылись.", "published": "2024-05-17T23:30:00+00:00"}
ARTICLES: dict[str, dict[str, Any]] = {
    "one": {
        **BASE,
        "author": "Дана Аменова",
        "lead": "Весна.",
        "tags": ["весна", "степь"],
        "url": "https://gazeta.example/1",
    },
    "two": {**BASE, "author": "Б.Нурланов, Иван Петрович Сидоров", "title": "Как быть?"},
    "none": {"title": "Без всего.", "text": "Текст."},
    "early": {**BASE, "published": "0987-05-01"},
    "редакция/1": {**BASE, "author": "Редакция"},
    "hostile": {
        **BASE,
        "title": "}, title={x} \\input{/etc/passwd} 100% & $x_1^2 #~\nER  - \r\nTY  - BOOK <script>",
        "author": "</script> {а}\r\nAU  - б",
    },
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    door = Door(tmp_path_factory.mktemp("citing"))
    lines = (json.dumps({"id": key, **article}) for key, article in ARTICLES.items())
    door.take_in(door.write("export.jsonl", "\n".join(lines)))
    return create_app(Settings(index=door.index, site_name="Степной вестник")).test_client()


@pytest.mark.parametrize(
    ("article", "reference"),
    [
        ("one", "Аменова Д. Степь зацвела // Степной вестник. 2024. 18 мая. URL: https://gazeta.example/1"),
        (
            "two",
            "Нурланов Б., Сидоров И. П. Как быть? // Степной вестник. 2024. 18 мая. URL: http://localhost/article/two",
        ),
        ("none", "Без всего // Степной вестник. URL: http://localhost/article/none"),
    ],
)
def test_the_reference_in_words_is_by_the_standard(client: FlaskClient, article: str, reference: str) -> None:
    page = Page(client.get(f"/article/{article}").text)
    (details,) = page.all("details", class_="citing") or page.all("details")
    assert f"Как сослаться {reference} (дата обращения: {TODAY})." in details["text"]
    assert page.links()["RIS"] == f"/cite/ris/{article}"


def test_reference_managers_get_every_part(client: FlaskClient) -> None:
    ris = client.get("/cite/ris/one")
    assert ris.headers["Content-Disposition"] == 'attachment; filename="article.ris"'
    assert ris.text.split("\r\n") == [
        "TY  - NEWS", "TI  - Степь зацвела", "AU  - Аменова, Дана", "T2  - Степной вестник", "PY  - 2024", "DA  - 2024/05/18",
        "UR  - https://gazeta.example/1", "AB  - Весна.", "KW  - весна", "KW  - степь", "LA  - ru", "ER  - ", "",
    ]  # fmt: skip
    bib = client.get("/cite/bib/two").text
    assert bib.startswith("@article{two,\n  author = {Нурланов, Б. and Сидоров, Иван Петрович},\n")
    assert "  year = {2024},\n  month = {5},\n  day = {18},\n" in bib
    assert "\n  author = {{Редакция}}," in client.get("/cite/bib/редакция/1").text


NAMES = {
    "Аменова Д.": ("Аменова Д.", "Аменова, Д."),
    "Аменова Д.С.": ("Аменова Д. С.", "Аменова, Д. С."),
    "Аменова Дана": ("Аменова Д.", "Аменова, Дана"),
    "Аменова, Дана": ("Аменова Д.", "Аменова, Дана"),
    "Аменова Дана Сериковна": ("Аменова Д. С.", "Аменова, Дана Сериковна"),
    "Дана Аменова, Астана": ("Аменова Д.", "Аменова, Дана"),
    "Дана Аменова; Пётр Ли": ("Аменова Д., Ли П.", "Аменова, Дана and Ли, Пётр"),
    "Ким Чен Ын": ("Ким Чен Ын", "Ким, Чен Ын"),
    "Ким Анна Сергеевна": ("Ким А. С.", "Ким, Анна Сергеевна"),
    "Жансая Ахмет": ("Ахмет Ж.", "Ахмет, Жансая"),
    "Серік Нұрлан Асқар ұлы": ("Серік Н. А.", "Серік, Нұрлан Асқар ұлы"),
    "Касым-Жомарт Токаев": ("Токаев К.-Ж.", "Токаев, Касым-Жомарт"),
    "Людвиг ван Бетховен": ("ван Бетховен Л.", "ван Бетховен, Людвиг"),
    "ТОО «Иванов и партнёры»": ("ТОО «Иванов и партнёры»", "{ТОО «Иванов и партнёры»}"),
    "Редакция Степного вестника": ("Редакция Степного вестника", "{Редакция Степного вестника}"),
    "Толстой": ("Толстой", "Толстой"),
    "-": ("-", "{-}"),
}


def test_an_author_is_a_person_with_a_surname_or_an_organisation(tmp_path: Path) -> None:
    door = Door(tmp_path)
    lines = [{**BASE, "id": f"{number}", "author": name, "author_role": ""} for number, name in enumerate(NAMES)]
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, lines))))
    client = create_app(Settings(index=door.index, site_name="Степной вестник")).test_client()
    for number, (name, (shortened, bibtex)) in enumerate(NAMES.items()):
        page = client.get(f"/article/{number}").text
        assert f"{shortened} Степь зацвела // " in page, name
        assert f"  author = {{{bibtex}}},\n" in client.get(f"/cite/bib/{number}").text, name
        ris = client.get(f"/cite/ris/{number}").text
        assert re.findall("AU  - (.+)\r", ris) == bibtex.strip("{}").split(" and "), name
        data = json.loads(re.findall(r"ld\+json\">(.*?)</script>", page)[0])
        expected = "Organization" if bibtex.startswith("{") else "Person"
        assert {author["@type"] for author in data["author"]} == {expected}, name


def test_an_address_stays_one_and_a_key_names_one_article(tmp_path: Path) -> None:
    door = Door(tmp_path)
    urls = {
        "яя": ("https://gazeta.example/a_b%20c?x=1&y=2#z", "https://gazeta.example/a_b%20c?x=1&y=2#z"),
        "юю": ("https://gazeta.example/{a}", "https://gazeta.example/%7Ba%7D"),
        "a/b": ("https://gazeta.example/новости~", "https://gazeta.example/новости~"),
        "a-b": ("", "http://localhost/article/a-b"),
    }
    lines = [{**BASE, "id": key, "url": url} for key, (url, _) in urls.items()]
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, lines))))
    client = create_app(Settings(index=door.index)).test_client()
    keys = set()
    for article, (_, address) in urls.items():
        bib = client.get(f"/cite/bib/{article}").text
        assert f"  url = {{{address}}},\n" in bib
        keys.add(re.findall(r"^@article\{([A-Za-z0-9-]+),$", bib, re.MULTILINE)[0])
    assert len(keys) == len(urls)
    assert "a-b" in keys


def test_no_text_breaks_out_of_a_reference(client: FlaskClient) -> None:
    ris = client.get("/cite/ris/hostile").text
    assert [line[:6] for line in ris.split("\r\n")] == [
        "TY  - ",
        "TI  - ",
        "AU  - ",
        "T2  - ",
        "PY  - ",
        "DA  - ",
        "UR  - ",
        "LA  - ",
        "ER  - ",
        "",
    ]
    bib = client.get("/cite/bib/hostile").text
    bare = re.sub(r"\\[\\{}%&$#_]|\\text\w+\{\}", "", bib)
    assert bare.count("{") == bare.count("}") == 10, "the author is no person"
    assert bib.count("{") == bib.count("}"), "BibTeX counts those behind a backslash as well"
    assert not re.search(r"[%&$#_^~\\]", bare)
    assert "<script>" not in client.get("/article/hostile").text.split("<h1")[1]


@pytest.mark.parametrize("path", ["/cite/ris/nowhere", "/cite/doc/one", "/cite/ris/", "/cite/"])
def test_what_is_not_there_has_no_reference(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_year_has_four_digits(client: FlaskClient) -> None:
    ris = client.get("/cite/ris/early").text
    assert "PY  - 0987\r\nDA  - 0987/05/01\r\n" in ris
