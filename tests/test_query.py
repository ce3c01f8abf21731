"""What each text of the grammar means, written as a reader would explain it; and that every text means something."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import Analyzer
from search.analysis.morphology import NAMED
from search.query.dates import DateContext
from search.query.parsed import Parsed
from search.query.parser import MAX_CHARACTERS, parse
from search.query.tree import (
    MAX_SLOP,
    MAX_WORDS,
    And,
    Dates,
    Everything,
    Exact,
    Field,
    Leaf,
    Most,
    Not,
    Or,
    PersonCalled,
    Phrase,
    Prefix,
    Query,
    Word,
    leaves,
)
from tests.strategies import query_texts

ANALYZER = Analyzer()

SIGNS = st.sampled_from(
    [*"()|-−=*:~\"«»„“”", " ", "  ", "И", "ИЛИ", "НЕ", "AND", "OR", "NOT", "заголовок:", "дата:", "автор:", "2024",
     "кто:", "~3", "..", "2024-05", "визит", "Нью-Йорк", "қожа", "ё", "\x00", "😀", "-", "И ", " НЕ ", " | "]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(SIGNS, max_size=40).map("".join), query_texts())


def shown(query: Query) -> str:
    """A query in words: capitals join, brackets group, @ names the field, +n an offset that is not the next; n~ so
    many of these words, ! days that lead."""
    match query:
        case Word():
            return query.text + _field(query)
        case Exact():
            return f"={query.form}{_field(query)}"
        case Prefix():
            return f"{query.prefix}*{_field(query)}"
        case Phrase():
            return f'"{" ".join(_words(query))}"{"" if query.slop is None else f"~{query.slop}"}{_field(query)}'
        case Dates():
            return f"{query.first}..{query.last}{'!' if query.leads else ''}"
        case Everything():
            return "всё"
        case PersonCalled():
            return f"@кто[{' '.join(map(shown, query.words))}]"
        case And() | Or() | Most():
            signs = {And: " И ", Or: " ИЛИ ", Most: " "}
            least = f"{query.least}~" if isinstance(query, Most) else ""
            return f"{least}({signs[type(query)].join(map(shown, query.clauses))})"
        case Not():
            return f"НЕ {shown(query.clause)}"


def _field(leaf: Leaf) -> str:
    return "" if leaf.field is Field.TEXT else f"@{leaf.field}"


def _words(phrase: Phrase) -> list[str]:
    pairs = zip(phrase.words, phrase.offsets, strict=True)
    words = [("=" if isinstance(word, Exact) else "", word.text, offset) for word, offset in pairs]
    return [sign + text + (f"+{offset}" if offset != at else "") for at, (sign, text, offset) in enumerate(words)]


def meaning(text: str) -> str:
    return shown(parse(text, ANALYZER, calendar=CALENDAR).query)


# A Thursday.
CALENDAR = DateContext(date(2026, 1, 15))

GRAMMAR = {
    # all words
    "визит": "визит",
    "визит президента": "(визит И президента)",
    "визит И президента": "(визит И президента)",
    "визит AND президента": "(визит И президента)",
    "ВИЗИТ Ёлка": "(визит И елка)",
    # either
    "визит | поездка": "(визит ИЛИ поездка)",
    "визит|поездка": "(визит ИЛИ поездка)",
    "визит ИЛИ поездка OR встреча": "(визит ИЛИ поездка ИЛИ встреча)",
    "визит президента | поездка": "((визит И президента) ИЛИ поездка)",
    "визит | поездка президента": "(визит ИЛИ (поездка И президента))",
    # what is typed without a space between
    "визит,президента": '"визит президента"',
    "2,5": '"2 5"',
    "3:0": '"3 0"',
    "и.о. министра": '("и о" И министра)',
    "О'Нил": '"о нил"',
    "e-mail": '"e mail"',
    "а/я": '"а я"',
    "user@mail.ru": '"user mail ru"',
    "2019–2020": '"2019 2020"',
    "заголовок:3:0": '"3 0"@title',
    # numbers and codes as they are written otherwise
    "5000": '(5000 ИЛИ "5 000" ИЛИ "5 тыс")',
    "5 000 рублей": '((5000 ИЛИ "5 000" ИЛИ "5 тыс") И рублей)',
    "5\u00a0000": '(5000 ИЛИ "5 000" ИЛИ "5 тыс")',
    "1 234 567.": '(1234567 ИЛИ "1 234 567")',
    "5, 000": "(5 И 000)",
    "0 000": "(0 И 000)",
    "12 34": "(12 И 34)",
    "Ту154М": '(ту154м ИЛИ "ту 154 м" ИЛИ "ту 154м")',
    "Ту154": '(ту154 ИЛИ "ту 154")',
    "Ту-154": '("ту 154" ИЛИ ту154)',
    "3,5 тыс. рублей": '((3500 ИЛИ "3 500" ИЛИ "3 5 тыс") И рублей)',
    "5 млн, 7": '((5000000 ИЛИ "5 000 000" ИЛИ "5 млн") И 7)',
    "500 000": '(500000 ИЛИ "500 000" ИЛИ "500 тыс" ИЛИ "0 5 млн")',
    "0 млн": "(0 И млн)",
    "5, млн": "(5 И млн)",
    "G20": '(g20 ИЛИ "g 20")',
    # those that are prose with a space between are found without one alone
    "CO₂": "co2",
    "К-19": "к-19",
    "80-х": "80-х",
    "5м": '(5м ИЛИ "5 м")',
    # days, centuries and rulers, in digits and in words
    "9 мая": '("9 мая" ИЛИ "9-й мая+2")',
    "девятого мая парад": '(("9 мая" ИЛИ "9-й мая+2") И парад)',
    "21-е мая": '("двадцать первый мая" ИЛИ "21 мая" ИЛИ "21-й мая+2")',
    "32 мая": "(32 И мая)",
    "V мая": "(v И мая)",
    "9, мая": "(9 И мая)",
    "XX век": '("20 век" ИЛИ "20-й век+2")',
    "XX лет": "(xx И лет)",
    "Николай Второй": '"николай ii"',
    "Человек Второй": "(человек И второй)",
    "Николай 2": "(николай И 2)",
    "№5": "5",
    # small words rank, and need not be there
    "визит в Москву": "(визит И москву И 0~(в))",
    "пробки в Москве из-за снега": "(пробки И москве И снега И 0~(в из за))",
    "и в на": "(и И в И на)",
    "в дата:2024": "(в И 2024-01-01..2024-12-31)",
    "в -Москва": "(в И НЕ москва)",
    '"визит в Москву"': '"визит в москву"',
    "визит «в»": "(визит И в)",
    "визит =в": "(визит И =в)",
    "заголовок:(визит в Москву)": "(визит@title И москву@title И 0~(в@title))",
    "визит (в Москву | на Урал)": "(визит И ((москву И 0~(в)) ИЛИ (урал И 0~(на))))",
    "выплавка стали": "(выплавка И стали)",
    # dates in plain words: these words, or published then
    "Газпром 2014": "(газпром И (2014 ИЛИ 2014-01-01..2014-12-31!))",
    "Газпром в 2014 году": "(газпром И (2014 ИЛИ 2014-01-01..2014-12-31!) И 0~(в))",
    "2013 | 2014": "(2013 ИЛИ 2013-01-01..2013-12-31! ИЛИ 2014 ИЛИ 2014-01-01..2014-12-31!)",
    "снег 2013 и 2014": ("(снег И (2013 ИЛИ 2013-01-01..2013-12-31! ИЛИ 2014 ИЛИ 2014-01-01..2014-12-31!) И 0~(и))"),
    "Мартин 2014": "(мартин И (2014 ИЛИ 2014-01-01..2014-12-31!))",
    "октябрят 2014": "(октябрят И (2014 ИЛИ 2014-01-01..2014-12-31!))",
    "И снег": "(снег И 0~(и))",
    "снег НЕ": "(снег И 0~(не))",
    "1899": '(1899 ИЛИ "1 899")',
    "2027": "(2027 ИЛИ 2027-01-01..2027-12-31!)",
    "2028": '(2028 ИЛИ "2 028")',
    "20145": '(20145 ИЛИ "20 145")',
    "=2014": "=2014",
    "«2014»": "2014",
    "заголовок:2014": "2014@title",
    "май 2024": '("май 2024" ИЛИ 2024-05-01..2024-05-31!)',
    "в мае 2024 года": '(("мае 2024" ИЛИ 2024-05-01..2024-05-31!) И 0~(в))',
    "17 мая 2024": '("17 мая 2024" ИЛИ 2024-05-17..2024-05-17!)',
    "17.05.2024": '("17 05 2024" ИЛИ 2024-05-17..2024-05-17!)',
    "17/05/2024": '("17 05 2024" ИЛИ 2024-05-17..2024-05-17!)',
    "2024-05-17": '("2024 05 17" ИЛИ 2024-05-17..2024-05-17!)',
    "07.09.2024": '("07 09 2024" ИЛИ 2024-09-07..2024-09-07!)',
    "0 мая 2024": '(0 И ("мая 2024" ИЛИ 2024-05-01..2024-05-31!))',
    "30 февраля 2024": '(30 И ("февраля 2024" ИЛИ 2024-02-01..2024-02-29!))',
    "сегодня": "(сегодня ИЛИ 2026-01-15..2026-01-15!)",
    "вчера метро": "((вчера ИЛИ 2026-01-14..2026-01-14!) И метро)",
    "на прошлой неделе": '("прошлой неделе" ИЛИ 2026-01-05..2026-01-11!)',
    "на этой неделе": '("этой неделе" ИЛИ 2026-01-12..2026-01-18!)',
    "в прошлом месяце": '("прошлом месяце" ИЛИ 2025-12-01..2025-12-31!)',
    "в прошлом году": '("прошлом году" ИЛИ 2025-01-01..2025-12-31!)',
    "в 90-е": "(90-е ИЛИ 1990-01-01..1999-12-31!)",
    "90-е годы": '("90-е годы+2" ИЛИ 1990-01-01..1999-12-31!)',
    "1990-х": "(1990-х ИЛИ 1990-01-01..1999-12-31!)",
    "в 00-е": "(00-е ИЛИ 2000-01-01..2009-12-31!)",
    # without
    "визит –Москва": "(визит И НЕ москва)",
    "визит —Москва": "(визит И НЕ москва)",
    "визит \u2011Москва": "(визит И НЕ москва)",
    "визит — Москва": "(визит И москва)",
    "визит – Москва": "(визит И москва)",
    "визит-Астана": '"визит астана"',
    "визит -Москва": "(визит И НЕ москва)",
    "визит −Москва": "(визит И НЕ москва)",
    "визит НЕ Москва": "(визит И НЕ москва)",
    "визит NOT Москва": "(визит И НЕ москва)",
    "-Москва": "НЕ москва",
    "-Москва -Астана": "(НЕ москва И НЕ астана)",
    '-"визит президента"': 'НЕ "визит президента"',
    "-(визит поездка)": "НЕ (визит И поездка)",
    "НЕ НЕ визит": "визит",
    "(-визит)": "НЕ визит",
    "визит - Москва": "(визит И москва)",
    # phrases
    '"встреча министров"': '"встреча министров"',
    "«встреча министров»": '"встреча министров"',
    "„встреча министров“": '"встреча министров"',
    "“встреча министров”": '"встреча министров"',
    '"встреча"': "встреча",
    '"встреча министров"~5': '"встреча министров"~5',
    "«встреча министров»~0": '"встреча министров"~0',
    f'"встреча министров"~{MAX_SLOP + 1}': f'"встреча министров"~{MAX_SLOP}',
    "ТОО «Қожа»": "(тоо И қожа)",
    '“встреча министров"': '"встреча министров"',
    '"встреча министров”': '"встреча министров"',
    '«встреча министров"': '"встреча министров"',
    "”встреча министров”": '"встреча министров"',
    "″встреча министров″": '"встреча министров"',
    "〝встреча министров〞": '"встреча министров"',
    '«встреча "министров" вчера»': '"встреча министров вчера"',
    '"встреча министров" ∼5': '"встреча министров"~5',
    "\u200bвстре\u00adча\ufeff": "встреча",
    "автор\u200b:Аменова": "аменова@author",
    "визит ⁃Москва": "(визит И НЕ москва)",
    "визит -\u200bМосква": "(визит И НЕ москва)",
    "НЕ ПРОЙДЁТ!": "(пройдет И 0~(не))",
    # exact forms
    "=Слово": "=слово",
    '="точная цитата"': '"=точная =цитата"',
    "=«точная цитата»": '"=точная =цитата"',
    "=Қожа": "=қожа",
    "-=визит": "НЕ =визит",
    # prefixes
    "казах*": "казах*",
    "Қазақ*": "казак*",
    "эко-*": "эко-*",
    "северо-зап*": "северо-зап*",
    "-казах*": "НЕ казах*",
    # fields
    "заголовок:визит": "визит@title",
    "Title:визит": "визит@title",
    "автор:Аменова": "аменова@author",
    "кто:Токаев": "@кто[токаев]",
    "КТО:токаева who:=Белова": "(@кто[токаева] И @кто[=белова])",
    'кто:"Касым-Жомарт Токаев"': "@кто[касым жомарт токаев]",
    "кто:Нур*": "@кто[нур*]",
    "кто:(Токаев | Белова)": "(@кто[токаев] ИЛИ @кто[белова])",
    "кто:(автор:Дана Токаев)": "(дана@author И @кто[токаев])",
    "автор:(кто:Токаев Дана)": "(@кто[токаев] И дана@author)",
    "кто:=Касым-Жомарт": "@кто[=касым-жомарт]",
    "-кто:Токаев визит": "(НЕ @кто[токаев] И визит)",
    "кто: Токаев": "@кто[токаев]",
    "кто:": "кто",
    "author:Аменова": "аменова@author",
    "рубрика:город": "город@section",
    "section:город": "город@section",
    'автор:"Дана Аменова"': '"дана аменова"@author',
    "автор:Дана Аменова": "(дана@author И аменова)",
    "рубрика:(город | мир)": "(город@section ИЛИ мир@section)",
    "заголовок:=визит": "=визит@title",
    "заголовок:казах*": "казах*@title",
    "-заголовок:визит": "НЕ визит@title",
    "заголовок:(автор:Дана визит)": "(дана@author И визит@title)",
    # dates
    "дата: 2024-5": "2024-05-01..2024-05-31",
    "дата:2024-5-1": "2024-05-01..2024-05-01",
    "дата: 2024.05.17": "2024-05-17..2024-05-17",
    "дата:17-05-2024": "2024-05-17..2024-05-17",
    "дата:05-2024": "2024-05-01..2024-05-31",
    "дата: 2023–2024 гг. визит": "(2023-01-01..2024-12-31 И визит)",
    "дата: 2023 — 2024": "2023-01-01..2024-12-31",
    "дата:с мая 2023 по 17.05.2024": "2023-05-01..2024-05-17",
    "дата:2024": "2024-01-01..2024-12-31",
    "дата:2024-02": "2024-02-01..2024-02-29",
    "дата:2024-05-17": "2024-05-17..2024-05-17",
    "дата:2024-05-01..2024-06-15": "2024-05-01..2024-06-15",
    "date:2023..2024-02": "2023-01-01..2024-02-29",
    "дата:17.05.2024": "2024-05-17..2024-05-17",
    "дата:1.5.2024": "2024-05-01..2024-05-01",
    "дата:05.2024": "2024-05-01..2024-05-31",
    "дата:01.05.2024..15.06.2024": "2024-05-01..2024-06-15",
    "дата:2023..05.2024": "2023-01-01..2024-05-31",
    'дата:"1 мая 2024"': "2024-05-01..2024-05-01",
    "дата:«17 Мая 2024 года»": "2024-05-17..2024-05-17",
    'дата:"март 2024 г."': "2024-03-01..2024-03-31",
    "дата: 2024": "2024-01-01..2024-12-31",
    "дата:17.05.24": "2024-05-17..2024-05-17",
    "дата:17.05.98": "1998-05-17..1998-05-17",
    "дата:17/05/2024": "2024-05-17..2024-05-17",
    "дата:май": "2025-05-01..2025-05-31",
    "дата:январь": "2026-01-01..2026-01-31",
    "дата:май 2024 визит": "(2024-05-01..2024-05-31 И визит)",
    "дата:17 мая 2024": "2024-05-17..2024-05-17",
    'дата:"17 мая"': "2025-05-17..2025-05-17",
    "дата:вчера": "2026-01-14..2026-01-14",
    "дата:неделя": "2026-01-09..2026-01-15",
    "дата:30 дней визит": "(2025-12-17..2026-01-15 И визит)",
    "дата:год": "2025-01-16..2026-01-15",
    "дата:17 мая 2014..20 мая 2014": "2014-05-17..2014-05-20",
    "дата:2014-05 .. 2014-06": "2014-05-01..2014-06-30",
    "дата:90-е": "1990-01-01..1999-12-31",
    "дата:2024-05..": "2024-05-01..9999-12-31",
    "дата:..2024-05": "0001-01-01..2024-05-31",
    "дата:1850": "1850-01-01..1850-12-31",
    "автор: Аменова": "аменова@author",
    "заголовок: визит": "визит@title",
    "РК И РФ": "(рк И рф)",
    "РК ИЛИ РФ": "(рк ИЛИ рф)",
    "Дата:2024 -дата:2024-05": "(2024-01-01..2024-12-31 И НЕ 2024-05-01..2024-05-31)",
    "(дата:2024|визит)": "(2024-01-01..2024-12-31 ИЛИ визит)",
    # groups
    "(визит | поездка) президента": "((визит ИЛИ поездка) И президента)",
    "((визит))": "визит",
    "визит (-Москва)": "(визит И НЕ москва)",
    # hyphens
    "Нью-Йорк": '"нью йорк"',
    "визит-Москва": '"визит москва"',
    "=Нью-Йорк": "=нью-йорк",
    '"в Нью-Йорк сегодня"': '"в нью йорк сегодня"',
    '="в Нью-Йорк сегодня"': '"=в =нью-йорк =сегодня+3"',
    "нью-й*": "нью-й*",
}

MALFORMED = {
    "": "всё",
    "   ": "всё",
    "*": "всё",
    "-": "всё",
    "=": "всё",
    '"': "всё",
    '""': "всё",
    "()": "всё",
    ")(": "всё",
    "| |": "всё",
    "😀 … \x00": "всё",
    '"незакрытая фраза': "(незакрытая И фраза)",
    "«незакрытая фраза": "(незакрытая И фраза)",
    "(визит": "визит",
    "визит)": "визит",
    "((((визит": "визит",
    "визит) -Москва": "(визит И НЕ москва)",
    "= слово": "слово",
    "- слово": "слово",
    "| визит": "визит",
    "визит |": "визит",
    "визит | | поездка": "(визит ИЛИ поездка)",
    "*казах": "казах",
    "каз*х": '"каз х"',
    '"казах*"': "казах",
    "заголовок:": "заголовок",
    "дата:": "дата",
    "дата:майский": "всё",
    'дата:"майский день 2024"': "всё",
    "визит дата:0 мая": "визит",
    "Дата: выборы назначены": "(дата И выборы И назначены)",
    "-5 градусов": "(5 И градусов)",
    "прогноз −15": "(прогноз И 15)",
    "РОССИЯ И КИТАЙ НЕ ДОГОВОРИЛИСЬ ИЛИ НЕТ": "(россия И китай И договорились И 0~(и не или нет))",
    "И": "и",
    "ИЛИ": "или",
    "НЕ": "не",
    "визит И": "(визит И 0~(и))",
    "ИЛИ визит": "(визит И 0~(или))",
    "визит ИЛИ": "(визит И 0~(или))",
    "визит НЕ": "(визит И 0~(не))",
    "визит НЕ | поездка": "((визит И 0~(не)) ИЛИ поездка)",
    "визит или поездка": "(визит И поездка И 0~(или))",
    "не визит": "(визит И 0~(не))",
    "12:30": '"12 30"',
    "визит=президент": '"визит президент"',
    "C++": "c",
}


@pytest.mark.parametrize(("text", "expected"), GRAMMAR.items(), ids=GRAMMAR.keys())
def test_the_grammar(text: str, expected: str) -> None:
    assert meaning(text) == expected


@pytest.mark.parametrize(("text", "expected"), MALFORMED.items(), ids=map(repr, MALFORMED))
def test_what_is_malformed_is_read_as_words(text: str, expected: str) -> None:
    assert meaning(text) == expected


def test_words_carry_their_terms_and_exact_forms_their_home_term() -> None:
    assert parse("рынка", ANALYZER).query == Word("рынка", ANALYZER.terms("рынка"))
    assert parse("=рынка", ANALYZER).query == Exact("рынка", "рынка", "_рынок")
    assert parse("Қазақ*", ANALYZER).query == Prefix("Қазақ", "казак")


def test_dates_are_whole_days() -> None:
    assert parse("дата:0001..9999", ANALYZER).query == Dates(date.min, date.max)


def test_excluded_leaves_are_not_among_the_leaves() -> None:
    query = parse('визит -Москва (поездка | -"два дня") -(-слово)', ANALYZER).query
    assert [leaf.text for leaf in leaves(query) if isinstance(leaf, Word)] == ["визит", "поездка", "слово"]


# -- what is said


def test_a_text_is_given_back_as_it_was_read() -> None:
    assert parse("  визит \n президента\t", ANALYZER) == Parsed(
        parse("визит президента", ANALYZER).query, "визит президента"
    )


def test_a_text_without_words_says_so_unless_it_is_empty() -> None:
    assert len(parse("!!!", ANALYZER).notes) == 1
    assert parse("", ANALYZER).notes == parse("  \n", ANALYZER).notes == ()


def test_dates_alone_are_not_called_a_text_without_words() -> None:
    assert parse("дата:2024", ANALYZER).notes == ()


@pytest.mark.parametrize(
    "date",
    [
        "2024-13",
        "2023-02-29",
        "30.02.2024",
        "2024..2023",
        "13.2024",
        "«31 июня 2024»",
        "31 июня 2024",
        "0 мая",
        "0 дней",
        "9999 лет",
        "завтрак",
    ],
)
def test_a_date_that_is_in_no_calendar_is_said(date: str) -> None:
    parsed = parse(f"визит дата:{date}", ANALYZER)
    assert shown(parsed.query) == "визит"
    assert parsed.notes == (f"Дата «{date.strip('«»')}» не понята и не учтена.",)


def test_a_long_text_is_cut_and_that_is_said() -> None:
    whole = parse("а" * MAX_CHARACTERS, ANALYZER)
    assert (len(whole.text), whole.notes) == (MAX_CHARACTERS, ())
    longer = parse("а" * (MAX_CHARACTERS + 1), ANALYZER)
    assert (len(longer.text), len(longer.notes)) == (MAX_CHARACTERS, 1)
    assert str(MAX_CHARACTERS) in longer.notes[0]


def test_many_words_are_cut_and_that_is_said() -> None:
    whole = parse(" ".join(["день"] * MAX_WORDS), ANALYZER)
    assert (len(leaves(whole.query)), whole.notes) == (MAX_WORDS, ())
    longer = parse(" ".join(["день"] * (MAX_WORDS + 1)), ANALYZER)
    assert (len(leaves(longer.query)), len(longer.notes)) == (MAX_WORDS, 1)
    assert str(MAX_WORDS) in longer.notes[0]


def test_words_of_a_phrase_are_counted_too() -> None:
    phrase = parse(f'"{" ".join(["день"] * 100)}"', ANALYZER)
    assert isinstance(phrase.query, Phrase)
    assert (len(phrase.query.words), len(phrase.notes)) == (MAX_WORDS, 1)


# -- laws


@given(TEXTS)
def test_every_text_is_a_query(text: str) -> None:
    parsed = parse(text, ANALYZER)
    assert shown(parsed.query)
    assert len(parsed.text) <= MAX_CHARACTERS


@given(TEXTS)
def test_white_space_around_a_text_changes_nothing(text: str) -> None:
    assert parse(f" \n{text}\t ", ANALYZER).query == parse(text, ANALYZER).query


@given(TEXTS)
def test_the_text_that_was_read_means_the_same(text: str) -> None:
    parsed = parse(text, ANALYZER)
    assert parse(parsed.text, ANALYZER).query == parsed.query


@given(TEXTS)
def test_trees_are_flat_and_without_empty_clauses(text: str) -> None:
    def check(query: Query) -> None:
        match query:
            case And() | Or() | Most():
                assert len(query.clauses) >= 2 or isinstance(query, Most)
                assert not any(type(clause) is type(query) for clause in query.clauses)
                for clause in query.clauses:
                    check(clause)
            case Not():
                assert not isinstance(query.clause, Not)
                check(query.clause)
            case Phrase():
                assert len(query.words) == len(query.offsets) >= 2
                assert query.offsets[0] == 0
                assert all(word.field is query.field for word in query.words)
            case Word():
                # Those of other spellings come after; of a name what leads is not what may be meant as well.
                assert query.terms[0] in ANALYZER.terms(query.text) or query.terms[0].endswith(NAMED)
            case Dates():
                assert query.first <= query.last
            case Prefix():
                assert query.prefix

    check(parse(text, ANALYZER).query)


@given(TEXTS)
def test_no_text_costs_more_than_the_bound_of_words(text: str) -> None:
    parsed = parse(text * 30, ANALYZER)

    def words(query: Query) -> int:
        match query:
            case And() | Or() | Most():
                return sum(map(words, query.clauses))
            case Not():
                return words(query.clause)
            case Word() | Exact() | Prefix():
                return 1
            case _:
                return 0

    assert words(parsed.query) <= MAX_WORDS


@pytest.mark.parametrize(
    "piece",
    ["(", ")", "-", "=", '"', "«", "„", "*", "|", ":", "~", "а", "a", "а ", "а-", "1", "НЕ ", "И ", "ИЛИ ",
     "заголовок:", "-(", "=«", '"а"~', "дата:2024..", "\u0301", "а\u0301", "\x00", "😀", " ", "\u200b",
     "заголовок:(", "а*", "а* "],
)  # fmt: skip
def test_a_hostile_text_of_a_hundred_kilobytes_is_read_at_once(piece: str) -> None:
    began = time.process_time()
    parse(piece * (100_000 // len(piece)), ANALYZER)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("typed", ["101", "9999", "999999", "9" * 400])
def test_too_many_words_between_are_cut_and_said(typed: str, analyzer: Analyzer) -> None:
    parsed = parse(f'"визит министра"~{typed}', analyzer)
    assert isinstance(parsed.query, Phrase)
    assert parsed.query.slop == MAX_SLOP
    assert parsed.notes == ("Между словами фразы может стоять не больше 100 других слов.",)
