"""Days, months and years, in the time zone of the archive."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from search.engine import Request
from search.model import Days, Period, Sort
from search.query.tree import Dates
from tests.contract.made import ALMATY_BEFORE, ALMATY_SINCE, NOW, Archive, Contract, article, counts


class DaysContract(Contract):
    def test_dates_of_a_query_include_both_ends(self, archive: Archive) -> None:
        reading = archive(*(article(f"{day:02}", published=date(2024, 5, day)) for day in range(1, 6)))
        assert reading.ids("дата:2024-05-02..2024-05-04") == "02 03 04"
        assert reading.ids("дата:2024-05-02") == "02"
        assert reading.ids("-дата:2024-05-02..2024-05-04") == "01 05"

    def test_dates_combine_with_words(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит", published=date(2023, 12, 31)), article("b", "визит", published=date(2024, 1, 1))
        )
        assert reading.ids("визит дата:2024") == "b"
        assert reading.ids("визит -дата:2024") == "a"

    def test_a_period_is_a_year_a_month_or_a_day(self, archive: Archive) -> None:
        reading = archive(
            article("a", published=date(2023, 12, 31)),
            article("b", published=date(2024, 1, 1)),
            article("c", published=date(2024, 2, 29)),
            article("d", published=date(2024, 12, 31)),
            article("e", published=date(2025, 1, 1)),
        )
        assert reading.ids(period=Period(2024)) == "b c d"
        assert reading.ids(period=Period(2024, 2)) == "c"
        assert reading.ids(period=Period(2024, 12, 31)) == "d"
        assert reading.ids(period=Period(2024, 3)) == ""

    def test_a_range_of_days_includes_both_ends_and_may_be_open(self, archive: Archive) -> None:
        reading = archive(*(article(f"{day:02}", published=date(2024, 5, day)) for day in range(1, 6)), article("u"))
        assert reading.ids(between=Days(date(2024, 5, 2), date(2024, 5, 3))) == "02 03"
        assert reading.ids(between=Days(date.min, date(2024, 5, 2))) == "01 02"
        assert reading.ids(between=Days(date(2024, 5, 4), date.max)) == "04 05"
        assert reading.ids(between=Days(date.min, date.max)) == "01 02 03 04 05"

    def test_a_range_and_a_period_apply_together(self, archive: Archive) -> None:
        reading = archive(*(article(f"{day:02}", published=date(2024, 5, day)) for day in range(1, 6)))
        assert reading.ids(period=Period(2024, 5), between=Days(date(2024, 5, 4), date(2030, 1, 1))) == "04 05"
        assert reading.ids(period=Period(2023), between=Days(date(2024, 5, 4), date(2030, 1, 1))) == ""

    def test_the_day_is_the_local_one_not_that_of_utc(self, archive: Archive) -> None:
        reading = archive(
            article("a", published=datetime(2023, 5, 16, 17, 59, 59, tzinfo=UTC)),
            article("b", published=datetime(2023, 5, 16, 18, 0, tzinfo=UTC)),
            article("c", published=datetime(2023, 5, 17, 17, 59, 59, tzinfo=UTC)),
            article("d", published=datetime(2023, 5, 17, 18, 0, tzinfo=UTC)),
            article("e", published=datetime(2023, 5, 17, 23, 0, tzinfo=timezone(timedelta(hours=-8)))),
        )
        assert reading.ids("дата:2023-05-17") == "b c"
        assert reading.ids(period=Period(2023, 5, 18)) == "d e"

    def test_the_hour_that_happened_twice_is_of_the_day_before(self, archive: Archive) -> None:
        reading = archive(
            article("a", published=datetime(2024, 2, 29, 23, 30, tzinfo=ALMATY_BEFORE)),
            article("b", published=datetime(2024, 2, 29, 18, 0, tzinfo=UTC)),
            article("c", published=datetime(2024, 2, 29, 23, 30, tzinfo=ALMATY_SINCE)),
            article("d", published=datetime(2024, 2, 29, 19, 0, tzinfo=UTC)),
            article("e", published=date(2024, 3, 1)),
        )
        assert reading.ids("дата:2024-02-29") == reading.ids(period=Period(2024, 2)) == "a b c"
        assert reading.order(sort=Sort.OLDEST) == ["a", "b", "c", "d", "e"]
        found = reading.found(period=Period(2024, 2)).facets
        assert found is not None
        assert found.months == counts((2, 3), (3, 2))

    def test_the_turn_of_the_year_is_the_local_one(self, archive: Archive) -> None:
        reading = archive(
            article("a", published=datetime(2024, 12, 31, 18, 59, 59, tzinfo=UTC)),
            article("b", published=datetime(2024, 12, 31, 19, 0, tzinfo=UTC)),
        )
        assert (reading.ids(period=Period(2024)), reading.ids(period=Period(2025))) == ("a", "b")

    def test_articles_without_a_date_are_found_but_match_no_dates(self, archive: Archive) -> None:
        reading = archive(article("a", "визит"), article("b", "визит", published=date(2024, 5, 1)))
        assert reading.ids("визит") == "a b"
        assert reading.ids("визит дата:2024") == reading.ids("визит", period=Period(2024)) == "b"
        assert reading.ids("визит", between=Days(date.min, date.max)) == "b"
        assert reading.ids("дата:0001..9999") == "b"
        assert reading.ids("-дата:0001..9999") == "a"

    def test_the_first_and_the_last_year_of_the_calendar(self, archive: Archive) -> None:
        reading = archive(
            article("a", published=date.min),
            article("b", published=datetime(1, 1, 1, 12, tzinfo=ALMATY_SINCE)),
            article("c", published=date.max),
            article("d", published=datetime(9999, 12, 31, 23, 59, 59, tzinfo=ALMATY_SINCE)),
            article("e", published=date(2024, 1, 1)),
        )
        latest = datetime.max.replace(tzinfo=UTC)
        assert reading.order(sort=Sort.OLDEST, now=latest) == ["a", "b", "e", "c", "d"]
        assert reading.ids(period=Period(1), now=latest) == "a b"
        assert reading.ids(period=Period(9999), now=latest) == "c d"
        assert reading.ids() == "a b e"
        assert reading.ids(now=datetime.min.replace(tzinfo=UTC)) == "a"

    def test_a_time_that_utc_has_no_calendar_for(self, archive: Archive) -> None:
        reading = archive(
            article("a", published=datetime(1, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=14)))),
            article("b", published=datetime(9999, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=-12)))),
            article("c", published=date(2024, 1, 1)),
        )
        assert reading.ids() == "a c"
        assert reading.ids(period=Period(1)) == "a"

    def test_dates_that_no_article_can_have_match_nothing(self, archive: Archive) -> None:
        searcher = archive(article("a", published=date(2024, 1, 1))).searcher
        backwards = Dates(date(2025, 1, 1), date(2023, 1, 1))
        assert searcher.search(Request(now=NOW, query=backwards)).total == 0
