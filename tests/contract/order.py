"""In which order matches come, page by page, and what they score."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from search.analysis import Analyzer
from search.engine import Request
from search.model import Filters, Period, Sort
from search.query.parser import parse
from tests.contract.made import ALMATY_SINCE, NOW, Archive, Contract, MakeEngine, Reading, article, counts, publish


class OrderContract(Contract):
    # -- all of them

    @pytest.mark.parametrize("sort", Sort)
    def test_all_that_match_can_be_had_in_the_order_of_the_search(self, archive: Archive, sort: Sort) -> None:
        reading = archive(
            *(
                article(
                    f"{n}", "хлеб " * (n % 7 + 1), views=n % 5, published=date(2024, 1 + n % 3, 1), author="Д"[: n % 2]
                )
                for n in range(60)
            ),
            article("undated", "хлеб"),
            article("tomorrow", "хлеб", published=date(2026, 1, 5)),
            article("other", "соль"),
        )
        request = Request(now=NOW, query=parse("хлеб", reading.analyzer).query, sort=sort, offset=5, limit=3)
        every = [found.id for found in reading.searcher.matching(request)]
        assert every == reading.order("хлеб", sort=sort)
        assert len(every) == 61
        narrowed = replace(request, filters=Filters(author="Д", period=Period(2024, 2)))
        found = reading.order("хлеб", sort=sort, author="Д", period=Period(2024, 2))
        assert [each.id for each in reading.searcher.matching(narrowed)] == found != []

    # -- what is new

    def test_what_came_in_last_comes_first(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        tested = engine("indexed")
        first = [article("a", published=date(2024, 5, 1)), article("b", published=date(2024, 5, 2)), article("u")]
        publish(tested, *first, fresh=True)
        publish(tested, article("late", published=date(1999, 1, 1)), article("b", published=date(2024, 5, 2), views=9))
        publish(
            tested, article("a", "Исправлено.", published=date(2024, 5, 1)), article("due", published=date(2900, 1, 1))
        )
        reading = Reading(tested.open(), analyzer)
        assert reading.order(sort=Sort.INDEXED) == ["a", "late", "b", "u"]
        then = datetime(2950, 1, 1, tzinfo=UTC)
        assert reading.order(sort=Sort.INDEXED, now=then) == ["due", "a", "late", "b", "u"]
        assert reading.order(sort=Sort.INDEXED, limit=2) == ["a", "late"]

    def test_since_a_moment_is_what_came_in_or_became_due_later(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        tested = engine("since")
        long_ago, due = datetime(2001, 1, 1, tzinfo=UTC), datetime(2900, 1, 1, tzinfo=UTC)
        first = [article("a", "визит", published=date(2024, 5, 1)), article("b", tags=("суд",)), article("c", "визит")]
        publish(tested, *first, article("due", published=due), fresh=True)
        between = datetime.now(UTC)
        publish(tested, article("late", "визит", published=date(1999, 1, 1)), article("u", tags=("суд",)))
        publish(tested, article("a", "визит", published=date(2024, 5, 1), views=9))
        reading = Reading(tested.open(), analyzer)
        assert reading.ids(since=long_ago) == "a b c late u"
        assert reading.ids(since=between) == "late u", "another number of views is no other content"
        assert reading.ids("визит", since=between) == "late"
        assert reading.ids("-визит", since=between) == "u"
        assert reading.ids(since=between, tag="суд") == "u"
        assert reading.ids(since=between, period=Period(1999)) == "late"
        assert reading.ids(since=between, period=Period(2024)) == ""
        assert reading.ids(since=datetime.now(UTC)) == ""
        later = datetime(2950, 1, 1, tzinfo=UTC)
        assert reading.ids(since=datetime(2899, 1, 1, tzinfo=UTC), now=later) == "due"
        assert reading.ids(since=due, now=later) == "", "after it, not at it"
        publish(tested, article("a", "встреча", published=date(2024, 5, 1)))
        reading = Reading(tested.open(), analyzer)
        found = reading.found(since=between)
        assert sorted(match.article.id for match in found.matches) == ["a", "late", "u"]
        assert found.facets is not None
        assert found.facets.years == counts((1999, 1), (2024, 1))
        assert (found.facets.undated, found.facets.tags) == (1, counts(("суд", 1)))
        request = Request(now=NOW, since=between, sort=Sort.OLDEST)
        assert [each.id for each in reading.searcher.matching(request)] == ["late", "a", "u"]

    # -- orders

    def test_newest_and_oldest_go_by_time_then_id_undated_last(self, archive: Archive) -> None:
        noon = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
        reading = archive(
            article("e", published=noon),
            article("c", published=noon.astimezone(ALMATY_SINCE)),
            article("d", published=noon + timedelta(seconds=1)),
            article("b"),
            article("f", published=noon),
            article("a"),
            article("g", published=date(2023, 1, 1)),
        )
        assert reading.order(sort=Sort.NEWEST) == ["d", "c", "e", "f", "g", "a", "b"]
        assert reading.order(sort=Sort.OLDEST) == ["g", "c", "e", "f", "d", "a", "b"]

    def test_a_whole_day_stands_at_its_local_midnight(self, archive: Archive) -> None:
        midnight = datetime(2024, 5, 1, 0, 0, tzinfo=ALMATY_SINCE)
        reading = archive(
            article("b", published=date(2024, 5, 1)),
            article("a", published=midnight),
            article("c", published=midnight),
            article("d", published=midnight - timedelta(seconds=1)),
            article("e", published=midnight + timedelta(seconds=1)),
        )
        assert reading.order(sort=Sort.OLDEST) == ["d", "a", "b", "c", "e"]

    def test_times_are_told_apart_within_a_second(self, archive: Archive) -> None:
        noon = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
        reading = archive(
            article("a", published=noon + timedelta(microseconds=1)),
            article("b", published=noon),
            article("c", published=noon + timedelta(microseconds=2)),
        )
        assert reading.order(sort=Sort.OLDEST) == ["b", "a", "c"]

    def test_most_viewed_goes_by_views_then_newer_then_by_id(self, archive: Archive) -> None:
        reading = archive(
            article("e", views=5),
            article("d", views=5, published=date(2024, 1, 1)),
            article("c", views=5, published=date(2024, 1, 2)),
            article("b", views=5, published=date(2024, 1, 1)),
            article("a", views=5),
            article("f", views=4_000_000_000, published=date(2020, 1, 1)),
            article("g", published=date(2025, 1, 1)),
        )
        assert reading.order(sort=Sort.VIEWS) == ["f", "c", "b", "d", "a", "e", "g"]

    def test_equally_relevant_articles_go_newer_first_then_by_id(self, archive: Archive) -> None:
        reading = archive(
            article("e", "визит"),
            article("d", "визит", published=date(2024, 1, 1)),
            article("c", "визит", published=date(2024, 1, 2)),
            article("b", "визит", published=date(2024, 1, 1)),
            article("a", "визит"),
            article("x", "прочее", published=date(2024, 1, 3)),
        )
        assert reading.order("визит") == ["c", "b", "d", "a", "e"]

    def test_ids_are_ordered_by_their_characters(self, archive: Archive) -> None:
        ids = ["10", "2", "A", "a", "B", "я", "ё", "é", "\ufffd", "\U0001f600"]
        assert archive(*map(article, ids)).order() == sorted(ids)

    def test_without_words_to_rank_relevance_is_newest_first(self, archive: Archive) -> None:
        reading = archive(
            article("a", "раз", published=date(2024, 1, 1)),
            article("b", "визит", published=date(2024, 1, 3)),
            article("c", "два", published=date(2024, 1, 2)),
            article("d", "три"),
        )
        assert reading.order() == ["b", "c", "a", "d"]
        assert reading.order("-визит") == ["c", "a", "d"]
        assert reading.order("дата:2024") == ["b", "c", "a"]
        assert {match.score for match in reading.found("-визит").matches} == {None}

    def test_only_the_order_by_relevance_gives_scores(self, archive: Archive) -> None:
        reading = archive(article("a", "визит"), article("b", "визит"))
        assert all(match.score is not None and match.score > 0 for match in reading.found("визит").matches)
        for sort in (Sort.NEWEST, Sort.OLDEST, Sort.VIEWS):
            assert [match.score for match in reading.found("визит", sort=sort).matches] == [None, None]

    # -- relevance

    def test_a_word_in_the_title_is_worth_more_than_in_the_text(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит сегодня", title="Новости дня"), article("b", "новости дня", title="Визит сегодня")
        )
        assert reading.order("визит") == ["b", "a"]

    def test_a_rare_word_is_worth_more_than_a_frequent_one(self, archive: Archive) -> None:
        others = (article(f"x{number}", "визит") for number in range(10))
        reading = archive(article("a", "визит"), article("b", "поездка"), *others)
        assert reading.order("визит | поездка")[0] == "b"

    def test_more_occurrences_are_worth_more(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит раз два три четыре"), article("b", "визит визит визит раз два"), article("c", "пусто")
        )
        assert reading.order("визит") == ["b", "a"]

    def test_a_short_article_is_worth_more_than_a_long_one(self, archive: Archive) -> None:
        reading = archive(article("a", "визит " + "слово " * 50), article("b", "визит слово"))
        assert reading.order("визит") == ["b", "a"]

    def test_a_word_asked_twice_weighs_twice(self, archive: Archive) -> None:
        reading = archive(article("a", "визит визит поездка"), article("b", "визит поездка поездка"))
        assert reading.order("(визит | поездка) визит") == ["a", "b"]
        assert reading.order("(визит | поездка) поездка") == ["b", "a"]
        once, twice = (reading.found(text).matches[0].score for text in ("визит", "визит визит"))
        assert once is not None
        assert twice == pytest.approx(2 * once)

    def test_excluded_words_add_no_score(self, archive: Archive) -> None:
        reading = archive(article("a", "визит поездка"), article("b", "визит слово"), article("c", "прочее"))
        plain = reading.found("визит -прочее")
        assert [match.score for match in plain.matches] == [match.score for match in reading.found("визит").matches]

    def test_scores_stay_finite_where_a_field_is_empty_everywhere(self, archive: Archive) -> None:
        reading = archive(article("a", title="визит"), article("b", title="визит и визит"))
        scores = [match.score for match in reading.found("визит").matches]
        assert all(score is not None and 0 < score < 100 for score in scores)
        assert reading.ids("автор:визит | рубрика:визит | автор:виз*") == ""

    # -- pages

    def test_the_hour_that_happened_twice_is_in_order(self, archive: Archive) -> None:
        zone = ZoneInfo("Asia/Almaty")
        reading = archive(
            article("early", published=datetime(2024, 2, 29, 23, 10, tzinfo=zone)),
            article("late", published=datetime(2024, 2, 29, 23, 10, tzinfo=zone, fold=1)),
            article("mid", published=datetime(2024, 2, 29, 23, 40, tzinfo=zone)),
        )
        assert reading.order(sort=Sort.OLDEST) == ["early", "mid", "late"]
        assert reading.ids(now=datetime(2024, 2, 29, 17, 10, tzinfo=UTC)) == "early"

    def test_pages_of_any_length_add_up_to_the_whole_order(self, archive: Archive) -> None:
        reading = archive(*(article(f"{n:02}", "визит", published=date(2024, 1, 1 + n % 3)) for n in range(25)))
        for sort in Sort:
            whole = reading.order("визит", sort=sort)
            pages = [reading.order("визит", sort=sort, offset=at, limit=7) for at in range(0, 25, 7)]
            assert [each for page in pages for each in page] == whole
            assert len(set(whole)) == 25

    def test_the_total_is_exact_whatever_is_shown(self, archive: Archive) -> None:
        reading = archive(*(article(f"{n:03}", "визит") for n in range(150)))
        for offset, limit, shown in [(0, 0, 0), (0, 10, 10), (140, 20, 10), (150, 10, 0), (100_000, 10, 0)]:
            found = reading.found("визит", offset=offset, limit=limit)
            assert (found.total, len(found.matches)) == (150, shown)
