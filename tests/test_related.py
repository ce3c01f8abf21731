"""What is read on, and what is a near-copy: over the oracle, which stands in for any engine."""

from __future__ import annotations

from datetime import date

import pytest

from search.analysis import Analyzer
from search.analysis.copies import LEAST_TEXT, copy_key
from search.archive import Archive
from search.config import Settings
from search.errors import ArticleNotFound
from search.model import Article
from tests.contract import article, long_text, publish
from tests.oracle import OracleEngine

SENTENCE = "Министр культуры рассказал о новых музеях, которые откроются в областных центрах страны"
OTHER = "Строители обещают закончить работы к осени, если погода не помешает и хватит материалов"
FILLER = " ".join(f"Короткое предложение {n}." for n in range(30))


@pytest.fixture
def archive() -> Archive:
    settings, analyzer = Settings(), Analyzer()
    engine = OracleEngine(settings, analyzer)
    publish(engine, *MUSEUMS, fresh=True)
    return Archive(engine, analyzer)


MUSEUMS: list[Article] = [
    article("museum", f"{SENTENCE}. {OTHER}. {FILLER}", title="Музеи откроются в областях", published=date(2024, 5, 1)),
    article("copy", f"{SENTENCE}. {OTHER}. {FILLER} Ранее.", title="О музеях", published=date(2024, 5, 2)),
    article("again", "Музеи в областях откроет министр культуры.", title="Открытие музеев", published=date(2023, 1, 1)),
    article("market", "Цены на рынке выросли.", title="Рынок", published=date(2024, 5, 3)),
    *(article(f"other-{n}", f"Погода номер {n}.", title="Погода") for n in range(20)),
]


def test_related_articles_are_about_the_same_and_no_copies(archive: Archive) -> None:
    assert [hit.article.id for hit in archive.related("museum")] == ["again"]


def test_what_is_related_to_a_copy_is_not_the_original(archive: Archive) -> None:
    assert [hit.article.id for hit in archive.related("copy")] == ["again"]


def test_no_more_are_related_than_asked_for(archive: Archive) -> None:
    assert archive.related("museum", limit=0) == ()
    assert len(archive.related("other-1", limit=3)) == 3


def test_an_article_without_words_has_no_related_ones() -> None:
    engine = OracleEngine(Settings(), Analyzer())
    publish(engine, article("empty", "…", title="…"), article("b", "Слово"), fresh=True)
    assert Archive(engine, Analyzer()).related("empty") == ()


def test_related_to_an_unknown_article_is_an_error(archive: Archive) -> None:
    with pytest.raises(ArticleNotFound):
        archive.related("nothing")


def test_edits_at_the_ends_leave_a_copy_a_copy() -> None:
    text = f"{SENTENCE}. {OTHER}. {FILLER}"
    assert copy_key(text) == copy_key(f"Агентство сообщает. {text}\n\nРанее писали иное.") != 0
    assert copy_key(text) == copy_key(text.replace("музеях", "МУЗЕЯХ"))
    assert copy_key(text) != copy_key(text.replace("осени", "весне"))


def test_short_texts_and_short_sentences_are_no_copies() -> None:
    assert copy_key(f"{SENTENCE}. {OTHER}."[: LEAST_TEXT - 1]) == 0
    assert copy_key("Короткое. " * 200) == 0
    assert copy_key(f"{SENTENCE}. " * 20) == 0


def test_short_texts_are_told_by_headline_and_day() -> None:
    day = date(2024, 5, 1)
    key = copy_key("Ушла.", "Вода ушла с полей", day)
    assert key == copy_key("Вся ушла.", "ВОДА ушла — с полей!", day) != 0
    assert key != copy_key("Ушла.", "Вода ушла с полей", date(2024, 5, 2))
    assert copy_key("Ушла.", "Вода ушла с полей") == 0
    assert copy_key("Ушла.", "Вода ушла", day) == 0


def test_what_is_related_to_a_short_article_is_no_copy_of_it() -> None:
    engine = OracleEngine(Settings(), Analyzer())
    values = {"title": "Вода ушла с полей", "published": date(2024, 5, 1)}
    twins = [article(name, f"Вода ушла с полей {name}.", **values) for name in ("one", "two")]
    other = article("other", "Вода ушла с полей области.", title="Поля", published=date(2024, 5, 3))
    publish(
        engine, *twins, other, *(article(f"n{n}", f"Погода номер {n}.", title="Погода") for n in range(20)), fresh=True
    )
    assert [hit.article.id for hit in Archive(engine, Analyzer()).related("one")] == ["other"]


def test_a_copy_key_is_bounded_work_and_never_fails() -> None:
    for text in ("\ud800" * 1000, "а" * 1_000_000, ". " * 500_000, long_text("\u202eתוכן")):
        assert 0 <= copy_key(text) < 1 << 56
