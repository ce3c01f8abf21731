"""What is searched for along with what was typed, and the file that says it."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from search import Archive, Settings, UserError
from search.analysis import Analyzer
from search.analysis.morphology import pymorphy
from search.archive import open_archive
from search.model import Article
from search.query.parser import parse
from search.query.synonyms import BUNDLED, Synonyms
from tests.contract import publish
from tests.door import Door
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


@pytest.mark.parametrize("line", ["РК", "РК =", "= РК", "а ~ б ~ в", "а ~ б = в", "!? = РК", "а" + " = б" * 50])
def test_a_wrong_line_is_named(tmp_path: Path, analyzer: Analyzer, line: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(f"# head\n\n{line}\n", "utf-8")
    with pytest.raises(UserError, match=r"synonyms: .*own.txt:3: "):
        open_archive("whoosh:nowhere", Settings(synonyms=str(path)))


def test_a_file_may_begin_with_the_mark_of_its_bytes(tmp_path: Path, analyzer: Analyzer) -> None:
    (tmp_path / "own.txt").write_text("\ufeff# head\nТОО = товарищество\n", "utf-8")
    assert "товарищество" in parse("ТОО", analyzer, Synonyms(tmp_path / "own.txt", analyzer)).interpreted


def test_a_missing_file_is_named(analyzer: Analyzer) -> None:
    with pytest.raises(UserError, match=r"synonyms: cannot be read: nowhere.txt"):
        open_archive("whoosh:nowhere", Settings(synonyms="nowhere.txt"))


# -- every entry of the bundled file, in every case, through the front door


CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")


def sides_of(line: str) -> list[str]:
    return [side.strip() for side in line.partition("#")[0].replace("~", "=").split("=") if side.strip()]


ENTRIES = {
    number: sides
    for number, line in enumerate(BUNDLED.read_text("utf-8").splitlines())
    if (sides := sides_of(line)) and not any(side == "г." for side in sides)
}


def nominative(word: str, kinds: set[str]) -> Any:
    parses = pymorphy().parse(word.lower()) if word not in {"и", "в"} and word.isalpha() else []
    return next((parse for parse in parses if parse.tag.case == "nomn" and parse.tag.POS in kinds), None)


def in_case(text: str, case: str) -> str:
    """A side with its first noun, and the adjectives before it, in a case; what is never declined as it is."""
    if any(
        word[1:].lower() != word[1:] or word in {"км", "кг", "тыс", "млн", "Алматы"} for word in re.split("[ -]", text)
    ):
        return text
    words = re.split("([ -])", text)
    adjectives = [at for at, word in enumerate(words) if nominative(word, {"ADJF", "PRTF"})]
    nouns = [at for at, word in enumerate(words) if at not in adjectives and nominative(word, {"NOUN"})]
    head = next((at for at in nouns if words[at + 1 : at + 2] != ["-"]), None)
    if head is None:
        return text
    noun = nominative(words[head], {"NOUN"})
    case = "nomn" if case == "accs" and noun.tag.gender != "femn" else case  # none of them lives
    for at in (at for at in adjectives if at < head):
        wanted = {case, noun.tag.number} | ({noun.tag.gender} if noun.tag.number == "sing" else set())
        words[at] = nominative(words[at], {"ADJF", "PRTF"}).inflect(wanted).word
    inflected = noun.inflect({case, noun.tag.number})
    capital = words[head][0].isupper()
    words[head] = inflected.word if inflected else words[head]
    words[head] = words[head].capitalize() if capital else words[head]
    return "".join(words)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    door = Door(tmp_path_factory.mktemp("synonyms"))
    records = [
        {"id": f"{number}-{at}-{case}", "title": "Новость", "text": f"Сообщение: {in_case(side, case)} сегодня."}
        for number, sides in ENTRIES.items() for at, side in enumerate(sides) for case in CASES
    ]  # fmt: skip
    door.take_in(door.write("articles.jsonl", "\n".join(json.dumps(record) for record in records)))
    return open_archive(door.index)


@pytest.mark.parametrize("number", ENTRIES, ids=map("=".join, ENTRIES.values()))
def test_an_entry_is_found_by_each_of_its_sides_in_each_case(bundled: Archive, number: int) -> None:
    sides = ENTRIES[number]
    one_way = "~" in BUNDLED.read_text("utf-8").splitlines()[number]
    everything = {f"{number}-{at}-{case}" for at in range(len(sides)) for case in CASES}
    for side in sides[:1] if one_way else sides:
        totals = {}
        for case in CASES:
            typed = in_case(side, case)
            result = bundled.search(typed, words="all", correct=False, per_page=100)
            totals[typed] = result.total
            assert everything <= {article.id for article in bundled.every(typed)}, typed
        assert len(set(totals.values())) == 1, totals


ADDRESSES = {
    "short": "Дом на ул. Абая в г. Алматы", "full": "Дом на улице Абая в городе Алматы",
    "year": "В 2013 г. построен дом, Алматы", "region": "Турксибский р-н, Алматинская обл.",
    "region-2": "Турксибский район Алматинской области", "petersburg": "Вице-губернатор СПб",
    "petersburg-2": "Погода в Санкт-Петербурге", "petersburg-3": "Музеи Петербурга", "bank": "Ставка ЦБ",
    "bank-2": "Ставка Центробанка", "bank-3": "Ставка Центрального банка", "speed": "Ветер 20 км/ч",
    "speed-2": "Ветер 20 километров в час", "it": "Конкурс IT-специалистов", "it-2": "Школа ИТ-специалистов",
    "surname": "Игорь Гурьев забил гол", "atyrau": "Паводок в Атырау", "town": "Уральский завод",
    "skater": "Юко Кавагути упала", "region-3": "Южно-Казахстанская область", "assembly": "Резолюция ГА ООН",
    "hectare": "Десять гектаров", "plane": "Су-30 МКИ", "ministry": "Министерство культуры и информации",
}  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    door = Door(tmp_path_factory.mktemp("addresses"))
    records = [{"id": key, "title": "Новость", "text": text} for key, text in ADDRESSES.items()]
    door.take_in(door.write("articles.jsonl", "\n".join(json.dumps(record) for record in records)))
    return open_archive(door.index)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["ул. Абая", "улица Абая", "улицу Абая", "ул Абая", "ул.Абая"], {"short", "full"}),
        (["г. Алматы", "город Алматы", "г. алматы", "г Алматы", "г.Алматы", "городу Алматы"], {"short", "full"}),
        (["Турксибский р-н", "Турксибский район"], {"region", "region-2"}),
        (["обл.", "области"], {"region", "region-2", "region-3"}),
        (["СПб", "спб", "Санкт-Петербурга", "Петербургом"], {"petersburg", "petersburg-2", "petersburg-3"}),
        (["ЦБ", "Центробанку", "Центральным банком"], {"bank", "bank-2", "bank-3"}),
        (["20 км/ч", "20 километров в час", "20 км в час"], {"speed", "speed-2"}),
        (["IT-специалист", "ИТ-специалистам", "IT", "ИТ"], {"it", "it-2"}),
        (["Атырау"], {"atyrau"}),
        (["Гурьев"], {"atyrau", "surname"}),
        (["Орал"], set()),
        (["Южно-Казахстанская область"], {"region-3"}),
        (["Юко"], {"skater"}),
        (["ГА ООН", "га"], {"assembly"}),
        (["гектар"], {"hectare"}),
        (["Министерство культуры и информации"], {"ministry"}),
    ],
)
def test_what_is_shortened_and_what_is_alike_are_told_apart(
    city: Archive, texts: list[str], expected: set[str]
) -> None:
    assert {text: set(order(city, text)) for text in texts} == dict.fromkeys(texts, expected)


@pytest.mark.parametrize(
    "text",
    [
        "г", "г.", "1812 г", "1812 г. Москва", "Г. Жукова", "город", "города и сёла", "it", "ит", "let it be",
        "Государственная думой", "государственные дума", "министерство иностранного дела",
        "Соединённые Штатами Америки", "организация объединённым нациям", "комитет национальные безопасности",
    ],
)  # fmt: skip
def test_what_does_not_agree_or_means_something_else_is_not_widened(analyzer: Analyzer, text: str) -> None:
    assert parse(text, analyzer, Synonyms(BUNDLED, analyzer)).interpreted == text


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("Государственными думами", "(Государственными думами | Госдума)"),
        ("республики казахстана", "(республики казахстана | РК)"),
        ("Госдуме", "(Госдуме | «Государственная дума»)"),
        ("из МИДа", "из (МИДа | «Министерство иностранных дел»)"),
        ("в г. Нур-Султан", "в (г. | город) (Нур-Султан | Астана | Целиноград | Акмола)"),
        ("город Нур-Султан", "(город | «г. Нур-Султан») (Нур-Султан | Астана | Целиноград | Акмола)"),
        ("ИТ-отделы", "(ИТ-отделы | IT-отделы)"),
    ],
)
def test_words_agree_in_any_case(analyzer: Analyzer, text: str, interpreted: str) -> None:
    assert parse(text, analyzer, Synonyms(BUNDLED, analyzer)).interpreted == interpreted


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
