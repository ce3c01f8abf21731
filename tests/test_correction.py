"""What is searched for when a query finds nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from search import Archive, Settings
from search.analysis import Analyzer
from search.model import Article
from search.query.synonyms import Synonyms
from search.query.transliteration import russian_spellings
from tests.contract import publish
from tests.oracle import OracleEngine

TEXTS = (
    "Привет из Казахстана! Президент Токаев и президент России говорили о сельском хозяйстве.",
    "Президент Казахстана Токаев принял министров. Бабушка любит хлеб и эклер.",
    "Поиск от google находит Казахстан, казахстанский рынок, жизнь и щуку.",
    "Правительство Казахстана: сельское хозяйство и жизнь на селе.",
)


@pytest.fixture
def news(analyzer: Analyzer) -> Archive:
    engine = OracleEngine(Settings(), analyzer)
    today = datetime.now(UTC)
    articles = [Article(str(n), "Новость", text, published=date(2020 + n, 5, 1)) for n, text in enumerate(TEXTS)]
    secret = Article("secret", "Тайна", "Секретный указ.", published=today + timedelta(days=1))
    named = Article("named", "Колонка", "Колонка редактора.", author="Дана Аменова", section="Мнения")
    publish(engine, *articles, secret, named)
    return Archive(engine, analyzer)


def corrected(opened: Archive, text: str) -> tuple[str, str] | None:
    correction = opened.search(text).correction
    return None if correction is None else (correction.kind, correction.text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        ("Ghtpbltyn Njrftd", "Президент Токаев"),
        (",f,eirf", "бабушка"),
        ("[kt,", "хлеб"),
        ("ghbdtn,", "привет,"),
        ("'rkth", "эклер"),
        ("пщщпду", "google"),
        ("президент njrftd", "президент токаев"),
        ('"ghtpbltyn njrftd"', '"президент токаев"'),
        ("@ghtpbltyn njrftd@", '"президент токаев"'),
        ("=njrftd ghtp*", "=токаев през*"),
        ("ghtpbltyn -ghbdtn", "президент -привет"),
        ("(ghtpbltyn | bdfyjd) njrftd", "(президент | иванов) токаев"),
        ("ghtpbltyn дата:2021", "президент дата:2021"),
        ("автор:Fvtyjdf", "автор:Аменова"),
        ("fdnjh^Fvtyjdf", "автор:Аменова"),
    ],
)
def test_what_was_typed_on_the_other_layout_is_understood(news: Archive, typed: str, meant: str) -> None:
    assert corrected(news, typed) == ("layout", meant)
    assert news.search(typed).total


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kazahstan", "казахстан"),
        ("Kazakhstan", "Казахстан"),
        ("qazaqstan", "казахстан"),
        ("tokaev", "токаев"),
        ("Tokayev prezident", "Токаев президент"),
        ("pravitelstvo", "правительство"),
        ("zhizn'", "жизнь"),
        ("jizn", "жизнь"),
        ("shchuku", "щуку"),
        ("selskoe hozyaistvo", "сельское хозяйство"),
        ("президент tokaev -москва", "президент токаев -москва"),
    ],
)
def test_russian_in_latin_letters_is_read_as_russian(news: Archive, typed: str, meant: str) -> None:
    assert corrected(news, typed) == ("transliteration", meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("казхастан", "казахстан"),
        ("Призидент", "Президент"),
        ("правителство", "правительство"),
        ("КАЗХАСТАН", "КАЗАХСТАН"),
        ("хозяйсвто", "хозяйство"),
        ("қазхақстан", "казахстан"),
        ("прзидентт токаев", "президент токаев"),
        ("президентказахстана", "президент казахстана"),
        ("прези дент токаев", "президент токаев"),
        ("«призидент токаев»", "«президент токаев»"),
        ("призидент -хлеб дата:2020", "президент -хлеб дата:2020"),
        ("автор:Амннова", "автор:Аменова"),
    ],
)
def test_a_misspelled_word_is_read_as_the_nearest_word(news: Archive, typed: str, meant: str) -> None:
    assert corrected(news, typed) == ("spelling", meant)


def test_where_all_words_find_nothing_some_of_them_do(news: Archive) -> None:
    typed = "президент хлеб небывальщина дата:2021 -щука"
    result = news.search(typed)
    assert result.correction is None
    assert (result.words, result.with_all_words) == ("most", 0)
    assert result.total == news.search("(президент | хлеб) дата:2021 -щука").total > 0
    assert {hit.missing for hit in result.hits} == {("небывальщина",)}
    assert [hit.score for hit in result.hits] == sorted((hit.score or 0 for hit in result.hits), reverse=True)
    for text in ("щука бабушка", "«щука» «бабушка»"):
        assert (news.search(text).total, corrected(news, text)) == (2, None), text


def test_an_exclusion_that_leaves_nothing_is_lifted(news: Archive) -> None:
    assert corrected(news, "президент -казахстана") == ("lifted", "президент казахстана")
    assert "Исключённые слова не учтены: с исключением ничего не нашлось." in news.search("президент -казахстана").notes
    assert corrected(news, "президент НЕ казахстана") == ("lifted", "президент казахстана")
    assert corrected(news, "президент NOT казахстана") == ("lifted", "президент казахстана")
    assert corrected(news, "(президент -казахстана)") == ("lifted", "(президент казахстана)")
    assert corrected(news, "привет -визит") is None


@pytest.mark.parametrize("text", ["«хлеб привет» бабушка", "=щука =бабушка", "(щука бабушка) «хлеб привет»"])
def test_phrases_exact_forms_and_groups_are_not_taken_apart(news: Archive, text: str) -> None:
    assert corrected(news, text) is None


def often(analyzer: Analyzer, *others: Article) -> Archive:
    """An archive in which «правительство» is frequent."""
    engine = OracleEngine(Settings(), analyzer)
    usual = [Article(f"n{n}", "Правительство", f"Правительство приняло закон {n}.") for n in range(60)]
    publish(engine, *usual, *others)
    return Archive(engine, analyzer)


def test_a_rare_word_beside_a_frequent_one_is_misspelled(analyzer: Analyzer) -> None:
    slip = Article("slip", "Опечатка", "Правителство приняло закон о тишине.")
    opened = often(analyzer, slip, Article("whale", "Кит", "Хлев. Правильство."))
    # Alone it finds an article, so it stays as typed and comes with a hint.
    result = opened.search("правителство")
    assert (result.total, result.correction) == (1, None)
    assert result.hint is not None
    assert (result.hint.kind, result.hint.text) == ("spelling", "правительство")
    assert opened.search("Правителство приняло").hint is not None
    # Where all words find nothing, it is corrected.
    assert corrected(opened, "правителство закон 7") == ("spelling", "правительство закон 7")
    for text in ("правительство", "тишина", "хлев", "правителство -закон", "=правителство"):
        assert opened.search(text).hint is None, text
    assert opened.search("правителство", correct=False).hint is None


def frequent(analyzer: Analyzer, *texts: str) -> Archive:
    """An archive of 400 articles with the first text, and one with each of the others."""
    engine = OracleEngine(Settings(), analyzer)
    articles = [Article(f"n{n}", "Новость", texts[0]) for n in range(400)]
    publish(engine, *articles, *(Article(f"other{n}", "Заметка", text) for n, text in enumerate(texts[1:])))
    return Archive(engine, analyzer)


def test_the_likeliest_word_is_meant_rather_than_the_nearest(analyzer: Analyzer) -> None:
    opened = frequent(
        analyzer, "Расписание автобусов: теракт, ёлка, хоккей, цена.", "Терракт. Ёлки, йорка. Тсены автобуса."
    )
    for typed, meant in (
        ("тирракт", "теракт"),
        ("террракт", "теракт"),
        ("йолка", "елка"),
        ("расписание автобусав", "расписание автобусов"),
        ("небывальщина автобусав", "небывальщина автобусов"),
    ):
        assert corrected(opened, typed) == ("spelling", meant), typed


@pytest.mark.parametrize(
    ("typed", "other"),
    [("зумер", "умер"), ("хейтер", "рейтер"), ("Талгар", "Талгат"), ("рилс", "рис"), ("Масимов", "Максимов")],
)
def test_a_word_that_is_new_to_the_archive_is_not_made_another(analyzer: Analyzer, typed: str, other: str) -> None:
    opened = frequent(analyzer, f"Вчера {other} сказал слово.")
    assert corrected(opened, typed) is None
    assert opened.search(typed).total == 0
    assert corrected(opened, f"{typed} сказал") is None


def test_what_may_be_meant_is_offered_where_nothing_is_found(analyzer: Analyzer) -> None:
    opened = frequent(analyzer, "Взрыв в метро: министр Медведев.")
    for typed, meant in (("Медвдев", "Медведев"), ("взрыв в мтро", "взрыв в метро")):
        result = opened.search(typed)
        assert result.correction is None
        assert result.hint is not None
        assert (result.hint.kind, result.hint.text) == ("spelling", meant)


def test_a_word_of_some_articles_is_misspelled_beside_a_far_more_frequent_one(analyzer: Analyzer) -> None:
    others = ("Хокей с утра. Набиулина.", "Хокей и Набиулина.", "Хокей. Каков Эмануэль?", "Хоккеист. Дамба.")
    opened = frequent(analyzer, "Хоккей: Набиуллина и Эммануэль сказали: домбра.", *others)
    for typed, meant in (("хокей", "хоккей"), ("Набиулина", "Набиуллина"), ("Эмануэль", "Эммануэль")):
        result = opened.search(typed)
        assert result.correction is None
        assert result.hint is not None, typed
        assert result.hint.text == meant
    for text in ("хоккеист", "дамба"):
        assert opened.search(text).hint is None, text


def test_what_is_found_by_a_synonym_is_no_misspelling(analyzer: Analyzer, tmp_path: Path) -> None:
    (tmp_path / "synonyms.txt").write_text("каратау = тараз\n", encoding="utf-8")
    opened = frequent(analyzer, "Каратан на карте.", "Город Тараз.")
    opened.synonyms = Synonyms(tmp_path / "synonyms.txt", analyzer)
    result = opened.search("каратау")
    assert (result.total, result.correction, result.hint) == (1, None, None)


def test_a_word_that_stays_is_written_as_it_was_typed(analyzer: Analyzer) -> None:
    opened = frequent(analyzer, "Теракт в столице.")
    assert corrected(opened, "ТЁщаК тирракт") == ("spelling", "ТЁщаК теракт")


def test_a_word_falls_apart_only_into_words_that_stand_together(analyzer: Analyzer) -> None:
    opened = frequent(analyzer, "Начался тур по стране. Жители в Москве: гай стоит, президент России.")
    assert corrected(opened, "вмоскве") == ("spelling", "в москве")
    assert corrected(opened, "президентроссии") == ("spelling", "президент россии")
    for typed in ("Тургай", "туржители"):
        assert corrected(opened, typed) is None, typed
        assert opened.search(typed).hint is None, typed


@pytest.mark.parametrize("sign", [",", ";", "/", "+", "\\", "_", ":", "=", "—", "–", "-", ".", "&", "•"])
def test_a_sign_between_words_that_stand_nowhere_so_is_a_blank(analyzer: Analyzer, sign: str) -> None:
    opened = frequent(analyzer, "Визит президента: Москва.")
    result = opened.search(f"визит{sign}москва")
    assert (result.total > 0, result.interpreted) == (True, "визит москва")


def test_numbers_are_not_joined_or_taken_apart(analyzer: Analyzer) -> None:
    opened = frequent(analyzer, "Собрали 100000 рублей.", "Дома 100 и 200.")
    for typed in ("100 000", "100 000 небывальщина", "100200"):
        assert corrected(opened, typed) is None, typed


def test_no_letter_is_corrected_into_a_sign(analyzer: Analyzer) -> None:
    opened = often(analyzer, Article("year", "Год", "Был 1990 год."))
    for text in ("1990-х", "1990-х небывальщина", "хъжэ", "1990-ю"):
        result = opened.search(text)
        assert result.correction is None, text
        assert not set("[]';,.`") & set(result.interpreted), text


def test_a_misspelled_word_among_unknown_ones_is_still_corrected(news: Archive) -> None:
    assert corrected(news, "правителство небывальщина") == ("spelling", "правительство небывальщина")
    assert news.search("правителство небывальщина").words == "most"


@pytest.mark.parametrize(
    "text",
    ["", "визит -визит", "=казхастан", "небывальщина", "небывальщина о и на", "привет | казхаст*", "-президент", "🙂"],
)
def test_what_finds_something_is_not_changed(news: Archive, text: str) -> None:
    assert corrected(news, text) is None


def test_a_correction_can_be_refused(news: Archive) -> None:
    result = news.search("ghbdtn", correct=False)
    assert (result.total, result.correction, result.interpreted) == (0, None, "ghbdtn")


@pytest.mark.parametrize("filters", [{"year": 1999}, {"author": "Кто-то"}, {"date_to": "1999"}, {"section": "Мнения"}])
def test_words_are_right_where_only_the_filters_find_nothing(news: Archive, filters: dict[str, object]) -> None:
    result = news.search("токаев", **filters)  # type: ignore[arg-type]
    assert (result.total, result.correction) == (0, None)
    assert any("Без них — 2 статьи." in note for note in result.notes)
    assert news.search("токаев дата:1999").correction is None


def test_a_correction_holds_under_filters(news: Archive) -> None:
    result = news.search("казхастан", year=1999)
    assert result.correction is not None
    assert result.correction.text == "казахстан"
    assert result.total == 0
    assert any("Без них — 4 статьи." in note for note in result.notes)
    assert result.facets is not None
    assert [count.value for count in result.facets.years] == [2020, 2021, 2022, 2023]


def test_nothing_leads_to_an_article_of_tomorrow(news: Archive) -> None:
    for text in ("ctrhtnysq", "sekretniy", "секретнный", "секрреьный указ"):
        assert corrected(news, text) is None


def test_the_likeliest_transliteration_comes_first() -> None:
    assert next(iter(russian_spellings("Shchukin"))) == "щукин"
    assert {"сход", "шод"} <= russian_spellings("shod").keys()
    assert len(russian_spellings("y" * 40)) <= 64


@pytest.mark.parametrize(
    "text", ["z" * 1000, "ж" * 1000, "щ" * 60 + " " + "q" * 60, "'" * 500, "[];',." * 100, "a b " * 300]
)
def test_any_text_that_finds_nothing_is_bounded_work(news: Archive, text: str) -> None:
    began = datetime.now(UTC)
    news.search(text)
    assert (datetime.now(UTC) - began).total_seconds() < 20
