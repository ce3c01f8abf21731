"""Numbers, codes and addresses from a file through `indexer` to an answer: one thing is found however it is written."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from indexer.cli import main
from search import Archive, open_archive

TEXTS = {
    "date": "Указ подписан 07.09.2024 в столице.",
    "words": "В 2024 году 7 домов и 9 школ, номер 07 из 09.",
    "comma": "Инфляция составила 2,5 процента.",
    "two-five": "Выросло в 5 раз за 2 года.",
    "score": "Матч закончился со счётом 3:0.",
    "acting": "Назначен и.о. министра.",
    "and-about": "Говорили и много, и долго о министре.",
    "irish": "Приехал Шон О’Нил.",
    "eighties": "Музыка 80-х годов.",
    "eighties-2": "Мода 80-ых.",
    "eighty": "Стоит 80 рублей, а я не верю.",
    "plane": "Самолёт Ту-154 сел.",
    "plane-2": "Самолёт Ту154 взлетел.",
    "plane-3": "Самолёт Ту 154 стоит.",
    "money": "Цена 5 000 тенге.",
    "money-2": "Цена 5\u00a0000 тенге.",
    "money-3": "Цена 5000 тенге.",
    "five": "Пять домов: 5 и 100.",
    "century": "Поэты ХХ века.",
    "century-2": "Поэты XX века.",
    "century-3": "Поэты ХVI века.",
    "tank": "Танк T-34 на площади.",
    "tank-2": "Танк Т-34 в музее.",
    "gas": "Выбросы CO₂ растут.",
    "gas-2": "Выбросы СО2 падают.",
    "eco": "Эко-активисты вышли на субботник.",
    "economy": "Экономика растёт.",
    "break": "Поезд Алма‑Ата пришёл.",
    "ligature": "Слово ﬁnale и знак ℡.",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("spellings")
    pages = {
        "date": "https://www.kazpravda.kz/n/указ-подписан/",
        "comma": "http://kazpravda.kz/n/?id=25&utm_source=mail",
    }
    records = [{"id": key, "title": "Заметка", "text": text, "url": pages.get(key, "")} for key, text in TEXTS.items()]
    records.append({"id": "2018/0101-1", "title": "Ёлка", "text": "Собрала гостей."})
    records.append({"id": "77155", "title": "Семёрка", "text": "Ничего."})
    source = folder / "articles.jsonl"
    source.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), "utf-8")
    place = f"whoosh:{folder / 'index'}"
    done = CliRunner().invoke(main, ["rebuild", str(source), "--index", place])
    assert done.exit_code == 0, done.output
    return open_archive(place)


def found(archive: Archive, text: str) -> set[str]:
    return {hit.article.id for hit in archive.search(text, correct=False, per_page=100).hits}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07.09.2024", {"date"}),
        ("2,5", {"comma"}),
        ("3:0", {"score"}),
        ("и.о. министра", {"acting"}),
        ("О'Нил", {"irish"}),
        ("80-е", {"eighties", "eighties-2"}),
        ("80-х годов", {"eighties"}),
        ("80х", {"eighties", "eighties-2"}),
        ('"80-е годы"', {"eighties"}),
        ("Ту-154", {"plane", "plane-2", "plane-3"}),
        ("ту154", {"plane", "plane-2", "plane-3"}),
        ("5000", {"money", "money-2", "money-3"}),
        ("5 000", {"money", "money-2", "money-3"}),
        ("5\u00a0000 тенге", {"money", "money-2", "money-3"}),
        ("ХХ век", {"century", "century-2"}),
        ("XX век", {"century", "century-2"}),
        ("XVI век", {"century-3"}),
        ("Т-34", {"tank", "tank-2"}),
        ("T-34", {"tank", "tank-2"}),
        ("T34", {"tank", "tank-2"}),
        ("CO2", {"gas", "gas-2"}),
        ("СО₂", {"gas", "gas-2"}),
        ("эко-*", {"eco"}),
        ("эко*", {"eco", "economy"}),
        ("Алма-Ата", {"break"}),
        ("finale", {"ligature"}),
    ],
)
def test_one_thing_is_found_however_it_is_written(archive: Archive, text: str, expected: set[str]) -> None:
    assert found(archive, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://kazpravda.kz/n/указ-подписан", {"date"}),
        ("http://www.kazpravda.kz/n/%D1%83%D0%BA%D0%B0%D0%B7-подписан/#top", {"date"}),
        ("www.kazpravda.kz/n/указ-подписан/?utm_source=tg&utm_medium=1", {"date"}),
        ("https://kazpravda.kz/n/?id=25", {"comma"}),
        ("https://kazpravda.kz/n/?id=26", set()),
        ("https://archive.kazpravda.kz/article/2018/0101-1", {"2018/0101-1"}),
        ("2018/0101-1", {"2018/0101-1"}),
        (" 77155 ", {"77155"}),
        ("money-3", {"money-3"}),
    ],
)
def test_an_address_or_an_id_finds_its_article(archive: Archive, text: str, expected: set[str]) -> None:
    assert found(archive, text) == expected
    assert {article.id for article in archive.every(text)} == expected


def test_what_is_written_otherwise_is_marked_and_only_that(archive: Archive) -> None:
    marked = {
        hit.article.id: [hit.snippet.text[start:end] for start, end in hit.snippet.spans]
        for text in ("Ту-154", "5000", "80-е", "CO2", "07.09.2024")
        for hit in archive.search(text).hits
    }
    assert marked == {
        "plane": ["Ту-154"],
        "plane-2": ["Ту154"],
        "plane-3": ["Ту 154"],
        "money": ["5 000"],
        "money-2": ["5\u00a0000"],
        "money-3": ["5000"],
        "eighties": ["80-х"],
        "eighties-2": ["80-ых"],
        "gas": ["CO₂"],
        "gas-2": ["СО2"],
        "date": ["07.09.2024"],
    }
