"""What is searched for along with what was typed, and the file that says it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from search import Archive, Settings, UserError
from search.analysis import Analyzer
from search.archive import open_archive
from search.model import Article
from search.query.parser import parse
from search.query.synonyms import BUNDLED, Synonyms
from tests.contract import publish
from tests.oracle import OracleEngine

FILE = """
# Пояснение
РК = Республика Казахстан   # ещё одно
Астана = Нур-Султан = Целиноград
казахстанский ~ Казахстан
"""


@pytest.fixture
def synonyms(tmp_path: Path, analyzer: Analyzer) -> Synonyms:
    path = tmp_path / "synonyms.txt"
    path.write_text(FILE, "utf-8")
    return Synonyms(path, analyzer)


@pytest.fixture
def archive(synonyms: Synonyms, analyzer: Analyzer) -> Archive:
    engine = OracleEngine(Settings(), analyzer)
    texts = {
        "short": "Закон РК о нефти",
        "long": "Закон Республики Казахстан о нефти", "country": "Закон: Казахстан и нефть",
        "now": "Погода в Астане", "before": "Погода в Нур-Султане", "once": "Погода в Целинограде",
        "kin": "Казахстанская погода", "parts": "Казахстан и другая республика",
    }  # fmt: skip
    publish(engine, *(Article(key, "Новость", text, published=date(2024, 1, 1)) for key, text in texts.items()))
    return Archive(engine, analyzer, synonyms)


def order(opened: Archive, text: str) -> list[str]:
    return [hit.article.id for hit in opened.search(text, words="all").hits]


def test_an_abbreviation_finds_what_it_stands_for_and_back(archive: Archive) -> None:
    assert order(archive, "рк") == ["short", "long"]
    assert order(archive, "республики казахстан")[-1] == "short"
    assert set(order(archive, "республики казахстан")) == {"long", "parts", "short"}
    assert order(archive, "закон РК нефть") == ["short", "long"]


def test_former_names_find_each_other(archive: Archive) -> None:
    assert order(archive, "погода Нур-Султан")[0] == "before"
    assert set(order(archive, "погода Нур-Султан")) == set(order(archive, "целиноград")) == {"now", "before", "once"}


def test_kin_is_found_one_way_only(archive: Archive) -> None:
    assert order(archive, "казахстанский")[0] == "kin"
    assert set(order(archive, "казахстанский")) == {"kin", "country", "long", "parts"}
    assert "kin" not in order(archive, "казахстан")


@pytest.mark.parametrize("text", ["=РК", "«РК»", "заголовок:РК", "закон -РК", "РК*", "республика -казахстан", "нефть"])
def test_what_is_exact_quoted_or_excluded_is_not_widened(synonyms: Synonyms, analyzer: Analyzer, text: str) -> None:
    assert parse(text, analyzer, synonyms) == parse(text, analyzer)
    assert parse(text, analyzer, synonyms).interpreted == text


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("закон РК о нефти", "закон (РК | «Республика Казахстан») о нефти"),
        ("Республика Казахстан", "(Республика Казахстан | РК)"),
        ("погода (астана | киев)", "погода ((астана | «Нур-Султан» | Целиноград) | киев)"),
        ("-РК казахстанская", "-РК (казахстанская | Казахстан)"),
    ],
)
def test_what_was_searched_for_is_shown(synonyms: Synonyms, analyzer: Analyzer, text: str, interpreted: str) -> None:
    assert parse(text, analyzer, synonyms).interpreted == interpreted


@pytest.mark.parametrize("text", ["и", "кот и пёс", "семья", "семье", "возим", "возил", "орала"])
def test_a_word_that_only_shares_a_stem_is_not_widened(analyzer: Analyzer, text: str) -> None:
    assert parse(text, analyzer, Synonyms(BUNDLED, analyzer)).interpreted == text
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, Article("ai", "", "Искусственный интеллект"), Article("city", "", "Семипалатинск"))
    assert Archive(engine, analyzer, Synonyms(BUNDLED, analyzer)).search(text, correct=False).total == 0


def test_an_entry_finds_none_of_the_same_form(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    texts = {
        "family": "Много молодых семей. Семья орала.",
        "ai": "Развитие ИИ.",
        "iya": "Разные ии.",
        "cart": "Возы с сеном",
    }
    publish(engine, *(Article(key, "", text) for key, text in texts.items()))
    opened = Archive(engine, analyzer, Synonyms(BUNDLED, analyzer))
    for text in ("Семипалатинск", "Уральск", "Всемирная организация здравоохранения"):
        assert order(opened, text) == [], text
    assert "ai" in order(opened, "искусственный интеллект")


@pytest.mark.parametrize(
    ("text", "widened"),
    [
        ("воз сена", False), ("ВОЗ", True), ("Воз", False), ("еаэс", True), ("оон", True), ("сша", True), ("Рк", True),
        ("белоруссии", True), ("5 млн тенге", True), ("миллионы", True), ("километров", True),
    ],
)  # fmt: skip
def test_an_abbreviation_is_meant_by_its_capitals(analyzer: Analyzer, text: str, widened: bool) -> None:
    assert (parse(text, analyzer, Synonyms(BUNDLED, analyzer)).interpreted != text) is widened


@pytest.mark.parametrize("line", ["РК", "РК =", "= РК", "а ~ б ~ в", "а ~ б = в", "!? = РК"])
def test_a_wrong_line_is_named(tmp_path: Path, analyzer: Analyzer, line: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(f"# head\n\n{line}\n", "utf-8")
    with pytest.raises(UserError, match=r"synonyms: .*own.txt:3: "):
        open_archive("whoosh:nowhere", Settings(synonyms=str(path)))


def test_a_missing_file_is_named(analyzer: Analyzer) -> None:
    with pytest.raises(UserError, match=r"synonyms: nowhere.txt cannot be read"):
        open_archive("whoosh:nowhere", Settings(synonyms="nowhere.txt"))


def test_the_bundled_file_knows_the_papers_abbreviations(analyzer: Analyzer) -> None:
    synonyms = Synonyms(BUNDLED, analyzer)
    for text in (
        "РК",
        "МКИ",
        "ВКО",
        "ЗКО",
        "СКО",
        "Нур-Султан",
        "Астана",
        "Целиноград",
        "Акмола",
        "Алма-Ата",
        "Алматы",
    ):
        assert parse(text, analyzer, synonyms).interpreted != text
