"""Numbers, codes and addresses from a file through `indexer` to an answer: one thing is found however it is written."""

from __future__ import annotations

import json
from calendar import monthrange

import pytest
from click.testing import CliRunner

from indexer.cli import main
from search import Archive, open_archive
from search.analysis import Analyzer
from search.query.parser import parse
from tests.door import Door

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


# -- numbers in digits, in words and in Roman numerals; codes and prose

NUMBERS = {
    "day": "Парад 9 мая", "day-2": "Парад 9-го мая", "day-3": "Парад девятого мая", "day-4": "К Девятому мая готовы",
    "days": "Пришли 9 человек в начале мая", "late": "Концерт 21 марта", "late-2": "Концерт двадцать первого марта",
    "late-3": "К 21-му марта", "congress": "Итоги XX съезда", "congress-2": "Итоги 20-го съезда",
    "congress-3": "Двадцатый съезд открыт", "congress-4": "ХХ съезд", "parties": "Съезд: 20 партий",
    "age": "Поэты XXI века", "age-2": "Поэты 21 века", "age-3": "Поэты двадцать первого века",
    "size": "Размер XXI, 21 штука", "tsar": "Семья Николая II", "tsar-2": "При Николае Втором",
    "second": "Николай пришёл, второй опоздал",
    "queen": "Елизавета ІІ", "queen-2": "Указ Елизаветы Второй", "third": "Александр III",
    "third-2": "Александру Третьему", "sum": "Штраф 100 000 рублей", "sum-2": "Штраф 100 тыс. рублей",
    "sum-3": "Штраф в 100 тысяч рублей",
    "sum-4": "Штраф 100000 рублей", "parts": "За 100 дней 000 рублей, тысяча", "more": "Добыто 5 млн тонн",
    "more-2": "Добыто 5 000 000 тонн", "more-3": "Добыто 5 миллионов тонн", "few": "Погибло 3,5 тыс. рыб",
    "few-2": "Погибло 3500 рыб", "few-3": "Погибло 3 500 рыб", "few-4": "Погибли 3,5 тысячи рыб",
    "gas": "Выброс CO2", "prose": "Со 2 января открыто", "tank": "Танки Т-90М и Т-90 М", "nineties": "Мода 90-х",
    "nineties-2": "К 90-м, в девяностые", "ninety": "Ему 90. Я знаю", "bomber": "Самолёты В-52",
    "bomber-2": "Bombers B-52",
    "bomber-3": "Самолёт В52", "prose-2": "В 52 странах", "boat": "Лодка К-19", "prose-3": "К 19 часам",
    "fighter": "Истребитель И-16", "prose-4": "И 16 лет", "radar": "Самолёт А-50", "prose-5": "Не 30, а 50",
    "missile": "Зенитная С-200", "prose-6": "Поздравил с 200-летием, с 200 гостями",
}  # fmt: skip


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    door = Door(tmp_path_factory.mktemp("numbers"))
    records = [{"id": key, "title": "Заметка", "text": text} for key, text in NUMBERS.items()]
    door.take_in(door.write("articles.jsonl", "\n".join(json.dumps(record) for record in records)))
    return open_archive(door.index)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["9 мая", "9-го мая", "9го мая", "девятое мая", "девятым мая", "9-му мая"],
         {"day", "day-2", "day-3", "day-4"}),
        (["21 марта", "двадцать первое марта", "21-е марта"], {"late", "late-2", "late-3"}),
        (["XX съезд", "ХХ съезда", "20 съезд", "20-й съезд", "двадцатым съездом"],
         {"congress", "congress-2", "congress-3", "congress-4"}),
        (["XXI век", "21 веком", "21-й век", "двадцать первый век"], {"age", "age-2", "age-3"}),
        (["XXI размер"], {"size"}),
        (["Николай II", "Николай Второй", "николай второй", "Николаю Второму", "николая ii"], {"tsar", "tsar-2"}),
        (["Елизавета II", "елизавета вторая"], {"queen", "queen-2"}),
        (["Александр III", "Александра Третьего"], {"third", "third-2"}),
        (["100 000 рублей", "100 тыс. рублей", "100 тысяч рублей", "100000 рублей", "100 тыс рублей"],
         {"sum", "sum-2", "sum-3", "sum-4"}),
        (["5 млн", "5 000 000", "5 миллионов", "5000000", "5 млн. тонн"], {"more", "more-2", "more-3"}),
        (["3,5 тыс", "3.5 тыс.", "3500", "3 500", "3,5 тысячи"], {"few", "few-2", "few-3", "few-4"}),
        (["CO2", "СО2", "СО₂"], {"gas"}),
        (["90-е", "90-х", "90-ми", "90х", "«90-е»"], {"nineties", "nineties-2"}),
        (["В-52", "B-52", "в52", "B52"], {"bomber", "bomber-2", "bomber-3"}),
        (["К-19", "к19", "K-19"], {"boat"}),
        (["И-16"], {"fighter"}),
        (["А-50", "A-50"], {"radar"}),
        (["С-200", "C-200", "«С-200»"], {"missile"}),
    ],
)  # fmt: skip
def test_a_number_is_one_in_digits_and_in_words(numbers: Archive, texts: list[str], expected: set[str]) -> None:
    found_by = {
        text: {hit.article.id for hit in numbers.search(text, words="all", correct=False).hits} for text in texts
    }
    assert found_by == dict.fromkeys(texts, expected)


def test_a_group_of_digits_is_one_number_where_most_words_will_do(numbers: Archive) -> None:
    hits = numbers.search("100 000 бананов", words="most").hits
    assert {hit.article.id for hit in hits} == {"sum", "sum-2", "sum-3", "sum-4"}
    assert {hit.missing for hit in hits} == {("бананов",)}


_DAYS = [
    "первое", "второе", "третье", "четвёртое", "пятое", "шестое", "седьмое", "восьмое", "девятое", "десятое",
    "одиннадцатое", "двенадцатое", "тринадцатое", "четырнадцатое", "пятнадцатое", "шестнадцатое", "семнадцатое",
    "восемнадцатое", "девятнадцатое", "двадцатое",
]  # fmt: skip
_DAYS += [f"двадцать {ordinal}" for ordinal in _DAYS[:9]] + ["тридцатое", "тридцать первое"]
_MONTHS = [
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
]  # fmt: skip


@pytest.mark.parametrize("month", range(1, 13))
def test_every_day_is_one_in_digits_and_in_words(analyzer: Analyzer, month: int) -> None:
    for day in range(1, monthrange(2024, month)[1] + 1):
        queries = [
            parse(f"{written} {_MONTHS[month - 1]}", analyzer).query
            for written in (f"{day}", f"{day}-го", _DAYS[day - 1])
        ]
        assert queries[0] == queries[1] == queries[2], day
