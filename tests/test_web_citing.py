"""«Как сослаться»: a reference in words and as files, whatever stands in the article."""

# ruff: noqa: E501  # references as they are

from __future__ import annotations

import json
import re
from datetime import datetime
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
    assert client.get("/cite/bib/редакция/1").text.startswith("@article{1,\n  author = {Редакция},")


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
    assert bare.count("{") == bare.count("}") == 9
    assert bib.count("{") == bib.count("}"), "BibTeX counts those behind a backslash as well"
    assert not re.search(r"[%&$#_^~\\]", bare)
    assert "<script>" not in client.get("/article/hostile").text.split("<h1")[1]


@pytest.mark.parametrize("path", ["/cite/ris/nowhere", "/cite/doc/one", "/cite/ris/", "/cite/"])
def test_what_is_not_there_has_no_reference(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
