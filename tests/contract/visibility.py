"""What is visible by now, and what becomes so when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from search.engine import Visibility
from search.model import Period
from search.publication import instant
from tests.contract.made import ALMATY_SINCE, NOW, Archive, Contract, MakeEngine, article, counts, publish


class VisibilityContract(Contract):
    # -- what is published by now

    def test_what_is_due_has_the_newest_day_and_the_next_time(self, archive: Archive) -> None:
        reading = archive(
            article("undated"),
            article("day", published=date(2025, 5, 17)),
            article("soon", published=datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)),
            article("slip", published=date(2204, 5, 17)),
        )
        soon, slip = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC), datetime(2204, 5, 17, tzinfo=ALMATY_SINCE)
        due = reading.searcher.visibility
        assert due(NOW) == Visibility(2, date(2025, 5, 17), instant(soon))
        assert due(soon - timedelta(microseconds=1)) == due(NOW)
        assert due(soon) == Visibility(3, date(2026, 1, 1), instant(slip))
        assert due(slip) == Visibility(4, date(2204, 5, 17), None)
        assert due(NOW) == Visibility(2, date(2025, 5, 17), instant(soon)), (
            "who asks of an earlier time is told of that"
        )

    def test_what_was_removed_is_neither_due_nor_to_come(self, engine: MakeEngine) -> None:
        made = engine()
        publish(made, article("a", published=date(2024, 1, 1)), article("b", published=date(2025, 1, 1)))
        publish(made, article("c", published=date(2027, 1, 1)))
        with made.writer() as writer:
            writer.remove("b")
            writer.remove("c")
            writer.publish()
        assert made.open().visibility(NOW) == Visibility(1, date(2024, 1, 1), None)

    def test_an_archive_without_articles_is_due_for_good(self, archive: Archive) -> None:
        assert archive().searcher.visibility(NOW) == Visibility(0, None, None)

    def test_recent_is_what_is_recent_among_the_published(self, archive: Archive) -> None:
        articles = [article(f"{n}", "хлеб", published=date(2012 + n, 12, 1)) for n in (1, 12)]
        plain, ahead = archive(*articles), archive(*articles, article("slip", "соль", published=date(2204, 1, 1)))
        assert plain.order("хлеб") == ahead.order("хлеб") == ["12", "1"]
        older, newer = (ahead.found("хлеб").matches[n].score or 0 for n in (1, 0))
        assert newer == pytest.approx(older * 1.05, rel=0.01), "the last month gains, for all that a slip is newer"

    # -- what is not yet due

    def test_an_article_of_the_future_stays_hidden_until_its_time(self, archive: Archive) -> None:
        due = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
        reading = archive(article("a", "визит", published=due), article("b", "визит", published=date(2024, 1, 1)))
        before = due - timedelta(seconds=1)
        assert reading.ids("визит", now=before) == "b"
        assert reading.ids("визит", now=due) == reading.ids("визит", now=due.astimezone(ALMATY_SINCE)) == "a b"

    def test_a_whole_day_is_due_at_its_local_midnight(self, archive: Archive) -> None:
        reading = archive(article("a", published=date(2024, 5, 1)))
        midnight = datetime(2024, 4, 30, 19, 0, tzinfo=UTC)
        assert reading.ids(now=midnight - timedelta(seconds=1)) == ""
        assert reading.ids(now=midnight) == "a"

    def test_the_future_is_hidden_from_totals_and_facets_too(self, archive: Archive) -> None:
        reading = archive(
            article("a", author="Дана", section="Город", published=date(2024, 1, 1)),
            article("b", author="Дана", section="Город", published=date(2024, 6, 1)),
        )
        found = reading.found("-небывальщина", now=datetime(2024, 3, 1, tzinfo=UTC), period=Period(2024))
        assert found.total == 1
        assert found.facets is not None
        assert (found.facets.years, found.facets.months) == (counts((2024, 1)), counts((1, 1)))
        assert (found.facets.authors, found.facets.sections) == (counts(("Дана", 1)), counts(("Город", 1)))

    def test_the_future_is_hidden_by_id_but_not_from_the_owner(self, archive: Archive) -> None:
        searcher = archive(article("a", published=date(2024, 1, 1)), article("b", published=date(2030, 1, 1))).searcher
        assert searcher.article("b", NOW) is None
        assert searcher.article("b", datetime(2031, 1, 1, tzinfo=UTC)) is not None
        assert [each.id for each in searcher.articles()] == ["a", "b"]
        assert (searcher.info.articles, searcher.info.last) == (2, date(2030, 1, 1))
