"""What a reader who is still typing is offered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from search import Archive, Settings, UserError
from search.analysis import Analyzer
from search.model import Article
from tests.contract import publish
from tests.oracle import OracleEngine


def archive(analyzer: Analyzer, *articles: Article) -> Archive:
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, *articles)
    return Archive(engine, analyzer)


def told(article_id: str, title: str, text: str = "", published: date | datetime | None = None) -> Article:
    return Article(article_id, title, text, published=published or date(2024, 5, 17))


@pytest.fixture
def news(analyzer: Analyzer) -> Archive:
    return archive(
        analyzer,
        told("1", "Казахстан принимает гостей", "Гости едут в Казахстан, и казахстанский чай готов.", date(2024, 5, 1)),
        told("2", "Президент Казахстана о весне", "В столице Казахстана говорил президент страны.", date(2024, 5, 2)),
        told("3", "Новости ЕАЭС", "Страны ЕАЭС, в том числе Казахстан, ждут. На рынке ещё тихо, казак молчит."),
    )


def texts(opened: Archive, typed: str, limit: int = 10) -> list[str]:
    return [suggestion.text for suggestion in opened.suggest(typed, limit)]


def test_a_beginning_becomes_words_and_fresh_headlines(news: Archive) -> None:
    word, *others = news.suggest("каза")
    assert (word.text, word.kind, word.count, word.id) == ("Казахстан", "word", 5, None)
    assert [other.text for other in others] == [
        "казак", "казахстанский", "Президент Казахстана о весне", "Казахстан принимает гостей",
    ]  # fmt: skip
    assert (others[-1].kind, others[-1].count, others[-1].id) == ("headline", None, "1")


def test_words_are_shown_as_newspapers_write_them(news: Archive) -> None:
    assert texts(news, "еаэ")[0] == "ЕАЭС"
    assert texts(news, "ЕЩ")[0] == "ещё"
    assert texts(news, "Рын")[0] == "рынке"
    assert texts(news, "СТРАН")[0] == "страны"


def test_earlier_words_stay_and_choose_the_headlines(news: Archive) -> None:
    assert texts(news, "президент  каз")[:1] == ["президент Казахстана"]
    assert [text for text in texts(news, "президент каз") if text in {"Президент Казахстана о весне"}]
    assert "Казахстан принимает гостей" not in texts(news, "президент каз")


@pytest.mark.parametrize("typed", ["rfpf", "Rfpf[c", "казхас", "каазх", "казаъс"])
def test_the_other_layout_and_a_typo_do_not_matter(news: Archive, typed: str) -> None:
    assert texts(news, typed)[0] == "Казахстан"


def test_the_whole_text_is_read_on_the_other_layout(news: Archive) -> None:
    assert texts(news, "ghtpbltyn rfp")[0] == "президент Казахстана"


def test_a_finished_word_leads_to_headlines(news: Archive) -> None:
    assert texts(news, "казахстана ") == ["Президент Казахстана о весне", "Казахстан принимает гостей"]


@pytest.mark.parametrize(
    "typed", ["", "  ", "!?", "*", '"', "небывальщ", "я" * 5000, "каза" * 9, "\x00", "()", "-", "\ud800"]
)
def test_any_text_may_be_typed(news: Archive, typed: str) -> None:
    assert texts(news, typed) == []


def test_no_more_are_given_than_asked_for(news: Archive) -> None:
    assert [len(texts(news, "каза", limit)) for limit in (1, 2, 3, 4, 5, 20)] == [1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize("limit", [0, -1, 21])
def test_a_wrong_limit_is_refused(news: Archive, limit: int) -> None:
    with pytest.raises(UserError, match="limit"):
        news.suggest("каза", limit)


def test_an_article_of_tomorrow_lends_nothing(analyzer: Analyzer) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    opened = archive(
        analyzer,
        told("1", "Тайный визит", "Тайный визит окончен."),
        told("2", "Тайная отставка", "Тайник и таймер.", tomorrow),
    )
    assert texts(opened, "тай") == ["Тайный", "Тайный визит"]
    assert texts(opened, "отст") == texts(opened, "тайник") == []


def test_the_same_headline_is_given_once(analyzer: Analyzer) -> None:
    opened = archive(analyzer, told("1", "Курс тенге"), told("2", "Курс тенге", published=date(2025, 1, 1)))
    assert [(each.text, each.id) for each in opened.suggest("тенг")[1:]] == [("Курс тенге", "2")]


@pytest.fixture
def sport(analyzer: Analyzer) -> Archive:
    return archive(
        analyzer,
        told("1", "Чемпионат мира по плаванию", "Команда едет на чемпионат мира по плаванию. Много медалей ждут."),
        told("2", "Закончился чемпионат мира по шахматам", "Медаль у Анны Лебедевой. Мороз не помешал."),
        told("3", "Чемпионат мира, и по плаванию тоже", "Анна Лебедева в Нижней Туре. Много снега, мороз."),
        told("4", "Чемпионат молодых поваров", "Мороз и много муки. Министр торговли приехал."),
        told("5", "Зелёный Мыс ждёт", "Министр иностранных дел посетил Зеленый Мыс и Каз-Кала Мыс. Мороз, мороз."),
    )


def words(opened: Archive, typed: str) -> list[tuple[str, int | None]]:
    return [(guess.text, guess.count) for guess in opened.suggest(typed) if guess.kind == "word"]


def test_a_text_goes_on_as_the_archive_does_and_articles_with_the_whole_phrase_are_counted(sport: Archive) -> None:
    assert words(sport, "чемпионат м") == [("чемпионат мира", 3), ("чемпионат молодых", 1)]
    assert words(sport, "министр иностранных д") == [("министр иностранных дел", 1)]
    assert words(sport, "каз-кала м") == [("каз-кала Мыс", 1)]
    assert [text for text, _ in words(sport, "зелёный м")] == ["зелёный Мыс"]


def test_a_function_word_comes_with_the_word_behind_it(sport: Archive) -> None:
    expected = [("чемпионат мира по плаванию", 1), ("чемпионат мира по шахматам", 1)]
    assert sorted(words(sport, "чемпионат мира п")) == sorted(words(sport, "чемпионат мира по")) == expected
    assert words(sport, "чемпионат мира по ш") == [("чемпионат мира по шахматам", 1)]


def test_the_last_words_go_on_in_articles_with_the_others(sport: Archive) -> None:
    assert words(sport, "шахматы чемпионат м") == [("шахматы чемпионат мира", 1)]
    assert words(sport, "повар мор") == [("повар мороз", 1)]
    assert words(sport, "шахматы мук") == []


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ('"чемпионат м', '"чемпионат мира"'),
        ("«чемпионат м", "«чемпионат мира»"),
        ("повар | чемпионат м", "повар | чемпионат мира"),
        ("-повар чемпионат м", "-повар чемпионат мира"),
        ("заголовок:чемпионат м", "заголовок:чемпионат мира"),
        ('заголовок:"чемпионат м', 'заголовок:"чемпионат мира"'),
    ],
)
def test_signs_of_the_query_stay(sport: Archive, typed: str, suggested: str) -> None:
    assert texts(sport, typed)[0] == suggested
    assert sport.search(suggested).total


def test_people_are_suggested_by_a_part_of_their_name(sport: Archive) -> None:
    for typed in ("леб", "анна ле", "лебедева а", "кто:Леб", 'кто:"Анна Л', "kt,tl"):
        person = next(guess for guess in sport.suggest(typed) if guess.kind == "person")
        assert (person.text, person.name, person.count) == ('кто:"Анна Лебедева"', "Анна Лебедева", 2)
    assert sport.search('кто:"Анна Лебедева"').total == 2
    assert texts(sport, "медаль кто:леб") == ['медаль кто:"Анна Лебедева"']
    assert [guess for guess in sport.suggest("медаль леб") if guess.kind == "person"] == []


def test_tags_are_suggested(analyzer: Analyzer) -> None:
    tagged = [
        Article(
            str(n), "Паводок отступил", "Паводок на реке.", tags=("Паводок 2024", "Река"), published=date(2024, 5, n)
        )
        for n in (1, 2)
    ]
    (tag,) = [guess for guess in archive(analyzer, *tagged).suggest("паво") if guess.kind == "tag"]
    assert (tag.text, tag.name, tag.count) == ("Паводок 2024", "Паводок 2024", 2)


def test_a_word_is_shown_in_its_dictionary_form_where_that_is_written_or_it_is_a_name(analyzer: Analyzer) -> None:
    opened = archive(
        analyzer,
        told(
            "1", "Дожди в Астане", "Ясно в Алма-Ате, в Алма-Ате и в Алма-Ате. Была в огородах капуста, на дачах дожди."
        ),
        told("2", "Алма-Ата", "На рынке снег, в огороде и на даче снег. В каждом огороде снег. Дача."),
    )
    firsts = {typed: texts(opened, typed)[0] for typed in ("аст", "алма-а", "огор", "дач", "рын")}
    assert firsts == {"аст": "Астана", "алма-а": "Алма-Ата", "огор": "огороде", "дач": "дача", "рын": "рынке"}


def test_phrases_people_and_tags_of_tomorrow_lend_nothing(analyzer: Analyzer) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    later = [
        Article(str(n), "Тайный сговор", "Олег Тайков молчит.", tags=("Тайна",), published=tomorrow) for n in (1, 2)
    ]
    opened = archive(analyzer, *later, told("3", "Тайный визит", "Был сговор."))
    assert words(opened, "тайный с") == [("тайный сговор", 1)]  # the words of one article, no phrase of tomorrow
    assert {guess.kind for guess in opened.suggest("тай")} == {"word", "headline"}
