"""The values: articles there and back, periods and days of the calendar, the errors and what they say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import ArkhivError, ArticleNotFound, IndexUnavailable, SourceError, UserError
from search.model import Article, Days, IndexInfo, Period, SearchResult, Sort

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ARTICLES = st.builds(
    Article,
    id=st.text(min_size=1),
    title=st.text(),
    text=st.text(),
    lead=st.text(),
    url=st.just("https://example.org/1"),
    published=st.one_of(st.none(), st.dates(), st.datetimes(timezones=OFFSETS)),
    author=st.text(),
    section=st.text(),
    tags=st.lists(st.text()).map(tuple),
    views=st.integers(0, 2**40),
)


@given(ARTICLES)
def test_an_article_comes_back_from_its_record(article: Article) -> None:
    again = Article.from_dict(json.loads(json.dumps(article.as_dict())))
    assert again == article
    assert type(again.published) is type(article.published)
    if isinstance(article.published, datetime) and isinstance(again.published, datetime):
        assert again.published.utcoffset() == article.published.utcoffset()


def test_a_record_leaves_out_what_is_empty() -> None:
    assert Article("a", "", "").as_dict() == {"id": "a", "title": "", "text": ""}


def test_a_date_stays_a_date() -> None:
    assert Article("a", "", "", published=date(2024, 5, 17)).as_dict()["published"] == "2024-05-17"
    assert type(Article.from_dict({"id": "a", "title": "", "text": "", "published": "2024-05-17"}).published) is date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-05-17", date(2024, 5, 17), date(2024, 5, 17)),
        ("0001", date.min, date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date.max),
    ],
)
def test_days_of_a_text(text: str, first: date, last: date) -> None:
    assert Days.parse(text) == Days(first, last)


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024-5", "2024-13", "2024-00", "2023-02-29", "0000", "2024-05-17-01", "2024-", "-2024", "２０２４",
     "20 4", "+024", "2024-05-17T00:00", "год"],
)  # fmt: skip
def test_what_is_no_days_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        Days.parse(text)


@given(st.text("0123456789-", max_size=12))
def test_a_text_is_either_days_in_order_or_a_value_error(text: str) -> None:
    try:
        days = Days.parse(text)
    except ValueError:
        return
    assert days.first <= days.last
    assert days.first.isoformat().startswith(text)
    assert days.last.isoformat().startswith(text)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ((None, None, None), None),
        ((2024, None, None), Period(2024)),
        ((2024, 5, None), Period(2024, 5)),
        ((2024, 2, 29), Period(2024, 2, 29)),
        ((1, 1, 1), Period(1, 1, 1)),
        ((9999, 12, 31), Period(9999, 12, 31)),
    ],
)
def test_periods_that_can_be_chosen(chosen: tuple[Any, Any, Any], expected: Period | None) -> None:
    assert Period.chosen(*chosen) == expected


@pytest.mark.parametrize(
    ("chosen", "parameter"),
    [
        ((None, 5, None), "month"),
        ((None, None, 5), "day"),
        ((2024, None, 5), "day"),
        ((None, 5, 5), "month"),
        ((0, None, None), "year"),
        ((10000, None, None), "year"),
        ((-1, None, None), "year"),
        ((2024, 13, None), "month"),
        ((2024, 0, None), "month"),
        ((2023, 2, 29), "day"),
        ((2024, 4, 31), "day"),
        ((2024, 5, 0), "day"),
    ],
)
def test_a_wrong_period_is_named_by_its_parameter(chosen: tuple[Any, Any, Any], parameter: str) -> None:
    with pytest.raises(UserError) as error:
        Period.chosen(*chosen)
    assert error.value.parameter == parameter


@given(st.dates())
def test_a_day_lies_in_its_month_and_its_month_in_its_year(day: date) -> None:
    year, month = Period(day.year).days(), Period(day.year, day.month).days()
    assert year.first <= month.first <= day <= month.last <= year.last
    assert Period(day.year, day.month, day.day).days() == Days(day, day)


@pytest.mark.parametrize(("total", "per_page", "pages"), [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (5, 1, 5)])
def test_pages_are_as_many_as_the_hits_fill(total: int, per_page: int, pages: int) -> None:
    info = IndexInfo("1", total, 0, None, None, datetime.now(UTC), 0, "Asia/Almaty")
    result = SearchResult("", "", (), None, total, 1, per_page, Sort.NEWEST, (), None, 0.0, info)
    assert result.pages == pages


def test_every_error_is_our_own_and_says_what_is_wrong() -> None:
    errors = {
        UserError("month", "13 is too many"): "month: 13 is too many",
        ArticleNotFound("a/b"): "no article with the id 'a/b'",
        IndexUnavailable("no index"): "no index",
        SourceError("a.jsonl", 3, "no id"): "a.jsonl:3: no id",
        SourceError("a.jsonl", 0, "not found"): "a.jsonl: not found",
    }
    for error, text in errors.items():
        assert isinstance(error, ArkhivError)
        assert str(error) == text
