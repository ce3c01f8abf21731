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
    assert texts(news, "президент  каз")[:1] == ["президент Казахстан"]
    assert [text for text in texts(news, "президент каз") if text in {"Президент Казахстана о весне"}]
    assert "Казахстан принимает гостей" not in texts(news, "президент каз")


@pytest.mark.parametrize("typed", ["rfpf", "Rfpf[c", "казхас", "каазх", "казаъс"])
def test_the_other_layout_and_a_typo_do_not_matter(news: Archive, typed: str) -> None:
    assert texts(news, typed)[0] == "Казахстан"


def test_the_whole_text_is_read_on_the_other_layout(news: Archive) -> None:
    assert texts(news, "ghtpbltyn rfp")[0] == "президент Казахстан"


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
