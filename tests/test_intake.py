"""Intake: what a raw record must hold to become an article, and what becomes of the rest."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from indexer.sources.intake import Intake, Verdict, parse_moment
from indexer.sources.misread import MisreadTexts
from search.config import Settings
from search.model import Article

ALMATY = ZoneInfo("Asia/Almaty")
BASE = {"id": "1", "title": "Визит президента", "text": "Первый абзац."}


def take(strict: bool = False, max_text: int = 1_000_000, **fields: Any) -> Verdict:
    return Intake(replace(Settings(), max_text=max_text), strict=strict).article({**BASE, **fields})


def taken(**fields: Any) -> Article:
    verdict = take(**fields)
    assert verdict.article is not None
    assert verdict.flaws == ()
    return verdict.article


def test_every_field_of_the_format_is_taken_over() -> None:
    record = {
        **BASE,
        "lead": "Кратко.",
        "url": "https://example.kz/a?b=1#c",
        "published": "2024-05-17",
        "updated": "2024-05-18T10:00:00+05:00",
        "author": "Дана Аменова",
        "author_role": "специальный корреспондент",
        "section": "Политика",
        "tags": ["визит", "Астана"],
        "source": "МКИ",
        "views": 4163,
        "image": "http://img.example.kz/1.jpg",
        "image_credit": "Фото автора",
    }
    assert taken(**record).as_dict() == record


@pytest.mark.parametrize(
    ("fields", "flaw"),
    [
        ({"id": None}, "id: missing"),
        ({"id": 1.7}, "id: 1.7 is not a string"),
        ({"id": True}, "id: True is not a string"),
        ({"id": " \t"}, "id: blank"),
        ({"id": "a\0b"}, "id: 'a\\x00b' holds a control character"),
        ({"id": "a\ud800"}, "half of a surrogate pair"),
        ({"title": None}, "title: missing"),
        ({"title": " \u00a0"}, "title: blank"),
        ({"title": ["a"]}, "title: ['a'] is not a string"),
        ({"text": None}, "text: missing"),
        ({"text": {"html": "a"}}, "text: {'html': 'a'} is not a string"),
        ({"published": "вчера"}, "published: 'вчера' is not a date"),
        ({"published": 17159256}, "published: '17159256' is not a date"),
        ({"published": True}, "published: True is not a string"),
        ({"published": "17.13.2024"}, "published: '2024-13-17' is not in the calendar"),
    ],
)
def test_a_wrong_or_missing_required_field_rejects_and_is_named(fields: dict[str, Any], flaw: str) -> None:
    article, flaws = take(**fields)
    assert article is None
    assert flaw in "; ".join(flaws)


def test_all_that_is_wrong_with_a_rejected_record_is_said() -> None:
    assert Intake(Settings()).article({"id": [1], "views": -1}) == Verdict(
        None,
        (
            "title: missing",
            "text: missing",
            "id: [1] is not a string",
            "views: -1 is not a whole number from 0 to 9,223,372,036,854,775,807",
        ),
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("views", -1),
        ("views", "много"),
        ("views", "-12"),
        ("views", 1.5),
        ("views", True),
        ("views", 2**63),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
        ("url", "https://a b"),
        ("url", "/news/1"),
        ("image", "data:image/png;base64,AA"),
        ("image", "ftp://example.kz/1.jpg"),
        ("tags", "визит"),
        ("tags", ["визит", 1]),
        ("updated", "yesterday"),
        ("updated", 5),
        ("author", {"name": "Дана"}),
        ("lead", 7),
    ],
)
def test_a_wrong_field_is_left_out_and_rejects_when_strict(field: str, value: Any) -> None:
    article, flaws = take(**{field: value})
    assert article == Article(**BASE)
    (flaw,) = flaws
    assert flaw.startswith(f"{field}: ")
    assert take(strict=True, **{field: value}).article is None


def test_what_is_meant_as_closed_is_closed() -> None:
    for value in (True, 1, 1.0, "1", "\1", "TRUE ", "Y", "yes", "on", "да"):
        assert taken(noindex=value).noindex, value
    for value in (False, 0, 0.0, "0", "\0", "", "no", "OFF", "нет", None, "0.0", "00", "none", "NULL", "-", [], {}):
        assert not taken(noindex=value).noindex, value
    for value in (2, "maybe", ["да"], b"\1", 10**400):
        article, flaws = take(noindex=value)
        assert getattr(article, "noindex", False), value
        assert flaws[0].endswith(" is not true or false, taken as true")


def test_signs_and_blanks_beside_a_value_are_no_part_of_it() -> None:
    assert taken(author="\u2066Дана\u200c Аменова\u202c\u061c").author == "Дана Аменова"
    assert taken(url="https://gazeta.example/фото с.jpg").url == "https://gazeta.example/фото%20с.jpg"
    for text in (" 2024-05-17T09:00:00 +05:00\n", "2024-05-17 04:00:00 UTC", "2024/05/17 09:00"):
        assert taken(published=text).published == datetime(2024, 5, 17, 9, tzinfo=ALMATY), text
    for address in ("http://[::1/a", "https://gazeta.example:99999/a"):
        assert "is not an http or https address" in take(image=address).flaws[0]


def test_unknown_fields_are_said_once_and_reject_when_strict() -> None:
    intake = Intake(Settings())
    assert intake.article({**BASE, "body_html": "x"}) == (
        Article(**BASE),
        ("'body_html' is no field of an article (said once), left out",),
    )
    assert intake.article({**BASE, "body_html": "x"}) == (Article(**BASE), ())
    strict = Intake(Settings(), strict=True)
    assert [strict.article({**BASE, "body_html": "x"}).article for _ in range(2)] == [None, None]


def test_a_field_that_is_null_is_a_field_left_out() -> None:
    assert taken(author=None, views=None, tags=None, published=None, url=None) == Article(**BASE)


def test_an_empty_text_is_a_text() -> None:
    assert taken(text="").text == ""


def test_a_text_that_is_too_long_is_rejected_with_both_numbers() -> None:
    article, flaws = take(max_text=1000, text="ж" * 1001)
    assert article is None
    assert flaws == ("text: 1,001 characters, more than the 1,000 of the setting max_text",)
    assert take(max_text=1000, text="ж" * 1000).article is not None


def test_control_characters_become_spaces() -> None:
    article = taken(title="Визит\0 \x1b[31mпрезидента", text="а\r\nб\rв\tг\x0bд \ud83d.")
    assert article.title == "Визит [31mпрезидента"
    assert article.text == "а\nб\nв\tг д \ufffd."


def test_blank_and_repeated_tags_are_dropped() -> None:
    assert taken(tags=["визит", " ", "Астана", "визит"]).tags == ("визит", "Астана")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-12-31T19:30:00Z", "2022-01-01T01:30:00+06:00"),
        ("2024-05-17T09:00:00", "2024-05-17T09:00:00+05:00"),
        ("2024-05-17 09:00", "2024-05-17T09:00:00+05:00"),
        ("2024-02-17T09:00:00", "2024-02-17T09:00:00+06:00"),
        ("2024-02-29T23:30:00", "2024-02-29T23:30:00+06:00"),
        ("2024-05-17T09:00:00.123456789+0300", "2024-05-17T11:00:00.123456+05:00"),
        ("1924-01-01T00:00:00+05:07:48", "1924-01-01T00:00:00+05:07:48"),
        ("2024-05-17", "2024-05-17"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59+05:00"),
    ],
)
def test_a_date_stays_one_and_a_time_is_in_the_papers_zone(text: str, expected: str) -> None:
    assert parse_moment(text, ALMATY).isoformat() == expected
    assert taken(published=text).as_dict()["published"] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1715925600, "2024-05-17T11:00:00+05:00"),
        (1715925600.0, "2024-05-17T11:00:00+05:00"),
        ("1715925600", "2024-05-17T11:00:00+05:00"),
        (1715925600500, "2024-05-17T11:00:00.500000+05:00"),
        ("946684800", "2000-01-01T06:00:00+06:00"),
        ("4102444799", "2100-01-01T04:59:59+05:00"),
        ("17.05.2024", "2024-05-17"),
        ("7.5.2024 9:00", "2024-05-07T09:00:00+05:00"),
        ("17.05.2024, 09:00:30", "2024-05-17T09:00:30+05:00"),
        ("Fri, 17 May 2024 09:00:00 +0300", "2024-05-17T11:00:00+05:00"),
        ("17 May 2024 09:00 GMT", "2024-05-17T14:00:00+05:00"),
    ],
)
def test_a_date_as_other_programs_write_it_is_one(value: Any, expected: str) -> None:
    assert taken(published=value, updated=value).as_dict()["published"] == expected
    assert taken(updated=value).updated == expected


@pytest.mark.parametrize("value", ["", 0, "0", "0000-00-00", "0000-00-00 00:00:00", "-0001-11-30T00:00:00+02:30"])
def test_no_date_as_other_programs_write_it_is_none(value: Any) -> None:
    intake = Intake(Settings())
    article, flaws = intake.article({**BASE, "published": value, "updated": value})
    assert (article, len(flaws)) == (Article(**BASE), 2)
    assert flaws[0] == f"published: {value!r} is no date (said once), left out"
    assert intake.article({**BASE, "published": value}) == (Article(**BASE), ())
    assert take(strict=True, published=value) == (Article(**BASE), ())


@pytest.mark.parametrize("value", ["4102444800", "20240517", "202405170930", "2024051709", 1e300, float("inf"), "²"])
def test_a_number_that_may_be_another_thing_is_no_date(value: Any) -> None:
    if value != "2024051709":  # which is one of 2034
        assert take(published=value).article is None


def test_numbers_are_taken_as_they_are_meant() -> None:
    assert taken(id=17).id == "17"
    assert [taken(views=views).views for views in (4163.0, "4163", "4 163", "4\u00a0163", "0")] == [*[4163] * 4, 0]


FOLDED = "и\u0306"  # й in two characters
CLEAN = {"title": "Йод и ёж", "author": "Дана Аменова", "section": "Общество и люди", "tags": ("весна й",)}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: f" {text}  ",
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", " \u2009\n\t"),
        lambda text: f"\ufeff{text}\u200b",
        lambda text: f"\u200e{text[:3]}\u00ad{text[3:]} \u200b\n",
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: f"{unicodedata.normalize('NFD', text)}\r\n",
    ],
)
def test_what_looks_the_same_is_the_same(spoil: Callable[[str], str]) -> None:
    fields = ("author", "author_role", "section", "source", "image_credit", "title")
    spoiled = {name: spoil(str(CLEAN.get(name, "Дана й"))) for name in fields}
    article = taken(**spoiled, tags=[spoil("весна й"), "весна й", spoil(" ")], url=spoil("https://a.kz"), id=FOLDED)
    assert {name: getattr(article, name) for name in fields} == {name: CLEAN.get(name, "Дана й") for name in fields}
    assert (article.tags, article.url, article.id) == (("весна й",), "https://a.kz", FOLDED)
    mapped = Intake(replace(Settings(), sections={spoil("Общество и люди"): spoil("Общество")}))
    assert [
        mapped.article({**BASE, "section": section}).article.section
        for section in (CLEAN["section"], spoiled["section"])
    ] == ["Общество"] * 2  # type: ignore[union-attr]  # it is there
    text = "Два  пробела,\nстрока \u00a0й."
    assert taken(text=unicodedata.normalize("NFD", text), lead=text).text == text == taken(lead=text).lead


def test_names_in_many_scripts_stay_as_they_are() -> None:
    for name in (
        "Қасым-Жомарт Тоқаев",
        "Ґанна Їжак",
        "Müller für Übung",
        "अमित शाह",
        "👩‍💻 дня",
        "می‌خواهم",
        "№ 5 – «А»",
    ):
        assert taken(author=name, title=name, tags=[name]).author == name


def test_the_hour_that_happened_twice_has_an_offset() -> None:
    later = parse_moment("2024-02-29T18:30:00Z", ALMATY)
    earlier = parse_moment("2024-02-29T17:30:00Z", ALMATY)
    assert later.isoformat() == "2024-02-29T23:30:00+05:00"
    assert earlier.isoformat() == parse_moment("2024-02-29T23:30:00", ALMATY).isoformat() == "2024-02-29T23:30:00+06:00"


@pytest.mark.parametrize(
    "text",
    [
        "20240517",
        "2024-W20-5",
        "2024-W20",
        "2024-138",
        "2024-05",
        "2024",
        "2024-5-7",
        "2024-05-17T",
        "2024-05-17T09",
        "2024-05-17T24:00:00",
        "2024-05-17T09:00:60",
        "2024-05-17Z",
        "２０２４-05-17",
        "2024-05-17T0900",
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "0000-01-01",
        "10000-01-01",
        "2024-05-17T09:00+99:00",
        "9999-12-31T23:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+06:00",
        "null",
    ],
)
def test_what_is_no_date_of_iso_8601_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|is not in the calendar|is outside the years"):
        parse_moment(text, ALMATY)
    assert take(published=text).article is None


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.sampled_from(["", "Z", "+05:30"]))
def test_every_date_time_comes_back_as_the_same_moment(moment: datetime, offset: str) -> None:
    article = taken(published=moment.isoformat() + offset)
    again = Article.from_dict(article.as_dict())
    assert again.published == article.published
    assert taken(**article.as_dict()).published == article.published


@given(st.dates())
def test_every_date_is_taken_as_it_is(day: date) -> None:
    assert taken(published=day.isoformat()).published == day


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(sorted(Article.__struct_fields__)) | st.text(st.characters(), max_size=3)


@given(st.dictionaries(NAMES, ANYTHING, max_size=8), st.booleans())
def test_any_record_becomes_an_article_or_says_why_not(record: dict[str, Any], full: bool) -> None:
    verdict = Intake(Settings()).article({**BASE, **record} if full else record)
    if verdict.article is None:
        assert verdict.flaws
    else:
        stored = msgspec.json.decode(msgspec.json.encode(verdict.article.as_dict()))
        assert Article.from_dict(stored) == verdict.article


def misread(text: str, written: str, read: str) -> str:
    """A text that a lenient program read in the wrong encoding."""
    return "".join(bytes([byte]).decode(read, "ignore") or chr(byte) for byte in text.encode(written))


HEADLINES = ("Степь зацвела", "«Визит» – 2024: Сёмужка и Ёж", "ПРЕЗИДЕНТ посетил Алматы № 5")
READINGS = [("utf-8", "cp1252"), ("utf-8", "latin1"), ("utf-8", "cp1251"), ("cp1251", "cp1252"), ("cp1251", "latin1")]
SOUND = [
    *HEADLINES, "Müller für Übung", "Größe 5 – „süß“", "ÄÖÜß", "ÄÄÄH!",
    "El Niño llega a España", "ÑANDÚ", "¿Qué?", "SÃO PAULO",
    "Où est l’été à Noël ?", "naïve façade", "Þjóðæði", "Ærøskøbing æøå ÆØÅ", "È così, perché", "Příliš žluťoučký kůň",
    "Türkiye’de ĞÜŞİÖÇ", "Việt Nam Đường sắt", "Қазақстан әні", "Її їжак і ґанок", "Љубав и њушка Ђорђе", "Я…",
    "РІ", "ТІЄ",
    "👩‍💻 дня", "What?????", "Why?? Me??",
    "Что???", "Как так?????", "Кто?? Где?? Когда???", "Стё\ufffdпь", "??", "中国经济", "ابوظبي",
]  # fmt: skip


@pytest.mark.parametrize(("written", "read"), READINGS)
@pytest.mark.parametrize("headline", HEADLINES)
def test_a_title_in_the_wrong_encoding_is_told_as_it_should_read(headline: str, written: str, read: str) -> None:
    texts = MisreadTexts()
    (warning,) = texts.warnings({"title": misread(headline, written, read)})
    assert f"is {written.upper()} that was read as " in warning
    assert repr(headline) in warning
    assert f"| iconv -f {written.upper()} -t UTF-8, a table by convert(cast(convert(title using " in warning
    assert [*texts.warnings({"title": misread(headline, written, read)})] == [], "said once"


def test_a_title_misread_twice_or_without_its_letters_is_told() -> None:
    twice = misread(misread("Степь", "utf-8", "cp1252"), "utf-8", "cp1252")
    (warning,) = MisreadTexts().warnings({"title": twice})
    assert "twice, of 'Степь'" in warning
    for lost in ("????? ???????", "??????", "«?????», ??????", "\ufffd\ufffd\ufffd\ufffd ок"):
        (warning,) = MisreadTexts().warnings({"title": "Верно", "author": lost})
        assert warning.startswith(f"author: {lost!r} has lost its letters")


@pytest.mark.parametrize("headline", SOUND)
def test_a_title_in_its_own_language_is_no_misread_one(headline: str) -> None:
    assert [*MisreadTexts().warnings({"title": headline, "author": headline})] == []


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("прези-\nдент, прези- дент", "президент, президент"),
        ("Прези\u00ad\n  дент и прези¬\nдент", "Президент и президент"),
        ("на само-\r\nлёте прави-  \nтельства", "на самолёте правительства"),
        ("северо-кав-\nказский", "северо-кавказский"),
        ("Қазақ\u00ad\nстан", "Қазақстан"),
    ],
)
def test_a_word_that_a_line_end_has_cut_is_whole(text: str, whole: str) -> None:
    assert (taken(text=text).text, taken(lead=text).lead) == (whole, whole)


def test_a_hyphen_that_is_no_cut_stays() -> None:
    usual = "кое-кто юго-запад что-то все-таки по-моему премьер-министр диван-кровать физико-математический Нур-Султан"
    text = (
        usual.replace("-", "-\n")
        + " 1941-\n1945 из- за мы- ли средне- и долгосрочный Алма-\nАта сказал - дом «А» -\nдом"
    )
    assert taken(text=text, lead=text).text == text
    assert taken(title="прези- дент").title == "прези- дент"


def test_a_zone_stands_behind_a_clock_alone() -> None:
    for text in ("17.05.2024 04:00 UTC", "17.05.2024 09:00 +05:00", "2024-05-17 09:00:00 +0500"):
        assert taken(published=text).published == datetime(2024, 5, 17, 9, tzinfo=ALMATY), text
    article, flaws = take(published="2024-05-18 UTC")
    assert article is None
    assert flaws[0].startswith("published: '2024-05-18 UTC' is not a date")
