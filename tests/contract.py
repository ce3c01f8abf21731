"""The contract of an engine, executable: what `search.engine` promises, a test for each promise.

An engine's test file subclasses `EngineContract` and provides the fixture `engine`, a factory of engines: those made
with one `place` are at one place, others share nothing. No test is skipped for any engine.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice, product
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from search.analysis import Analyzer
from search.config import Settings
from search.engine import Due, Engine, Found, Request, Searcher
from search.errors import IndexUnavailable
from search.model import Article, Count, Days, Facets, Period, Sort
from search.publication import instant
from search.query.parser import parse
from search.query.tree import (
    MAX_EXPANSION,
    MAX_EXPANSIONS,
    Address,
    And,
    Dates,
    Everything,
    Field,
    Most,
    Not,
    Or,
    Person,
    Query,
    Word,
)

__all__ = ["DEFAULTS", "EngineContract", "MakeEngine", "publish"]

DEFAULTS = Settings()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALMATY_BEFORE, ALMATY_SINCE = timezone(timedelta(hours=6)), timezone(timedelta(hours=5))


class MakeEngine(Protocol):
    """Makes an engine at a place."""

    def __call__(self, place: str = "archive", settings: Settings = DEFAULTS) -> Engine: ...


def article(article_id: str, text: str = "", *, title: str = "", **values: Any) -> Article:
    return Article(id=article_id, title=title, text=text, **values)


def long_text(beginning: str) -> str:
    """A text that is long enough to be told from others by its sentences."""
    return " ".join(f"{beginning} {'очень ' * n}подробно и с примерами из жизни." for n in range(1, 16))


def publish(engine: Engine, *articles: Article, fresh: bool = False) -> None:
    """Add the articles in one generation."""
    with engine.writer(fresh=fresh) as writer:
        for each in articles:
            writer.add(each)
        writer.publish()


@dataclass(frozen=True)
class Reading:
    """A searcher that is asked in the words of a reader."""

    searcher: Searcher
    analyzer: Analyzer

    def found(self, text: str = "", *, now: datetime = NOW, limit: int = 1000, **filters: Any) -> Found:
        query = parse(text, self.analyzer).query
        return self.searcher.search(Request(now=now, query=query, limit=limit, **filters))

    def facets(self, text: str = "", **filters: Any) -> Facets:
        facets = self.found(text, **filters).facets
        assert facets is not None
        return facets

    def order(self, text: str = "", **filters: Any) -> list[str]:
        return [match.article.id for match in self.found(text, **filters).matches]

    def ids(self, text: str = "", **filters: Any) -> str:
        """The ids found, in alphabetical order, with spaces between."""
        return " ".join(sorted(self.order(text, **filters)))

    def words(self, prefix: str, limit: int = 10, *, now: datetime = NOW, typos: bool = False) -> str:
        """The words that begin so, each with its count, with commas between."""
        listed = self.searcher.words(prefix, limit, now, typos=typos)
        return ", ".join(f"{count.value} {count.count}" for count in listed)


class Archive(Protocol):
    """Publishes the articles at a new place and opens it."""

    def __call__(self, *articles: Article) -> Reading: ...


def counts(*pairs: tuple[Any, int]) -> tuple[Count[Any], ...]:
    return tuple(Count(value, count) for value, count in pairs)


class EngineContract:
    @pytest.fixture
    def engine(self) -> MakeEngine:
        raise NotImplementedError("an engine's test file provides the factory of its engines")

    @pytest.fixture
    def archive(self, engine: MakeEngine, analyzer: Analyzer) -> Archive:
        made = []

        def archive(*articles: Article) -> Reading:
            made.append(engine(f"archive-{len(made)}"))
            publish(made[-1], *articles, fresh=True)
            return Reading(made[-1].open(), analyzer)

        return archive

    # -- ids and addresses

    def test_an_address_is_an_id_or_a_page_whatever_the_spelling_of_its_address(self, archive: Archive) -> None:
        reading = archive(
            article("a/1", url="https://www.gazeta.example/новости/17/"),
            article("gazeta.example/новости/17", url="https://gazeta.example/n?id=2&utm_source=mail"),
            article("2", url="http://GAZETA.example/n?id=2"),
            article("later", url="https://gazeta.example/later", published=date(2030, 1, 1)),
            article("without"),
        )

        def ids(query: Query) -> list[str]:
            request = Request(now=NOW, query=query, limit=10)
            return sorted(match.article.id for match in reading.searcher.search(request).matches)

        assert ids(Address(("a/1",))) == ["a/1"]
        assert ids(Address((), "gazeta.example/новости/17")) == ["a/1"]
        assert ids(Address(("2", "\ud800"), "gazeta.example/n?id=2")) == ["2", "gazeta.example/новости/17"]
        assert ids(Address(("later",), "gazeta.example/later")) == []
        assert ids(Address(("nothing",))) == ids(Address((), "")) == []
        assert ids(And((Address(("a/1", "2")), Not(Address((), "gazeta.example/n?id=2"))))) == ["a/1"]

    # -- what is published by now

    def test_what_is_due_is_counted_with_the_newest_day_and_the_next_time(self, archive: Archive) -> None:
        reading = archive(
            article("undated"),
            article("day", published=date(2025, 5, 17)),
            article("soon", published=datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)),
            article("slip", published=date(2204, 5, 17)),
        )
        soon, slip = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC), datetime(2204, 5, 17, tzinfo=ALMATY_SINCE)
        due = reading.searcher.due
        assert due(NOW) == Due(2, date(2025, 5, 17), instant(soon))
        assert due(soon - timedelta(microseconds=1)) == due(NOW)
        assert due(soon) == Due(3, date(2026, 1, 1), instant(slip))
        assert due(slip) == Due(4, date(2204, 5, 17), None)
        assert due(NOW) == Due(2, date(2025, 5, 17), instant(soon)), "who asks of an earlier time is told of that"

    def test_what_was_removed_is_neither_due_nor_to_come(self, engine: MakeEngine) -> None:
        made = engine()
        publish(made, article("a", published=date(2024, 1, 1)), article("b", published=date(2025, 1, 1)))
        publish(made, article("c", published=date(2027, 1, 1)))
        with made.writer() as writer:
            writer.remove("b")
            writer.remove("c")
            writer.publish()
        assert made.open().due(NOW) == Due(1, date(2024, 1, 1), None)

    def test_an_archive_without_articles_is_due_for_good(self, archive: Archive) -> None:
        assert archive().searcher.due(NOW) == Due(0, None, None)

    def test_recent_is_what_is_recent_among_the_published_whatever_is_dated_ahead(self, archive: Archive) -> None:
        articles = [article(f"{n}", "хлеб", published=date(2012 + n, 12, 1)) for n in (1, 12)]
        plain, ahead = archive(*articles), archive(*articles, article("slip", "соль", published=date(2204, 1, 1)))
        assert plain.order("хлеб") == ahead.order("хлеб") == ["12", "1"]
        older, newer = (ahead.found("хлеб").matches[n].score or 0 for n in (1, 0))
        assert newer == pytest.approx(older * 1.05, rel=0.01), "the last month gains, for all that a slip is newer"

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
        narrowed = replace(request, author="Д", period=Period(2024, 2))
        found = reading.order("хлеб", sort=sort, author="Д", period=Period(2024, 2))
        assert [each.id for each in reading.searcher.matching(narrowed)] == found != []

    # -- words

    @pytest.mark.parametrize(
        ("written", "asked"),
        [
            ("Токаев", "Токаева"),
            ("Казахстан", "Казахстаном"),
            ("рынок", "рынка"),
            ("день", "дня"),
            ("год", "лет"),
            ("министры", "министров"),
            ("ПРЕЗИДЕНТ", "президент"),
            ("идёт", "шёл"),
            ("КазМунайГаз", "казмунайгаз"),
            ("2024", "2024"),
            ("iPhone", "iphone"),
        ],
    )
    def test_a_word_is_found_by_its_other_forms(self, archive: Archive, written: str, asked: str) -> None:
        reading = archive(article("a", f"Вчера {written} и другое"), article("b", "Ничего похожего"))
        assert reading.ids(asked) == "a"

    def test_io_and_ie_are_one_letter(self, archive: Archive) -> None:
        reading = archive(article("a", "ёлка"), article("b", "елка"))
        assert reading.ids("елка") == reading.ids("ёлка") == reading.ids("=ёлка") == "a b"

    def test_kazakh_letters_are_found_by_russian_ones_and_back(self, archive: Archive) -> None:
        reading = archive(article("a", "Қожа Ахмет"), article("b", "Кожа Ахмет"))
        assert reading.ids("Кожа") == reading.ids("Қожа") == "a b"

    def test_stress_marks_and_soft_hyphens_do_not_hide_a_word(self, archive: Archive) -> None:
        reading = archive(article("a", "большо́й за\u00adмок"))
        assert reading.ids("большой замок") == "a"

    def test_stop_words_are_found_too(self, archive: Archive) -> None:
        reading = archive(article("a", "быть или не быть"), article("b", "жить"))
        assert reading.ids("или") == "a"

    def test_a_word_is_looked_for_in_title_lead_and_text(self, archive: Archive) -> None:
        reading = archive(
            article("a", title="Визит"),
            article("b", lead="Визит"),
            article("c", "Визит"),
            article("d", author="Визит", section="Визит", tags=("Визит",), source="Визит", author_role="Визит"),
        )
        assert reading.ids("визит") == "a b c"

    def test_a_text_without_words_finds_everything(self, archive: Archive) -> None:
        reading = archive(article("a", "визит"), article("b", published=date(2024, 5, 1)))
        assert reading.ids() == reading.ids("!?") == "a b"

    def test_an_unknown_word_finds_nothing(self, archive: Archive) -> None:
        found = archive(article("a", "визит")).found("небывальщина")
        assert (found.total, found.matches, found.bounded) == (0, (), ())

    # -- all, any, without

    def test_several_words_must_all_stand_each_wherever_it_stands(self, archive: Archive) -> None:
        reading = archive(
            article("a", title="Визит", lead="Прибыл президент"), article("b", "визит"), article("c", "президент")
        )
        assert reading.ids("визит президента") == "a"

    def test_either_of_alternatives_is_enough(self, archive: Archive) -> None:
        reading = archive(article("a", "визит"), article("b", "поездка"), article("c", "встреча"))
        assert reading.ids("визит | поездка") == reading.ids("визит ИЛИ поездка") == "a b"

    def test_alternatives_bind_weaker_than_words_side_by_side(self, archive: Archive) -> None:
        reading = archive(article("a", "визит президента"), article("b", "поездка"), article("c", "визит поездка"))
        assert reading.ids("визит президента | поездка") == "a b c"
        assert reading.ids("визит (президента | поездка)") == "a c"

    def test_an_excluded_word_keeps_its_articles_out(self, archive: Archive) -> None:
        reading = archive(article("a", "визит в Москву"), article("b", "визит в Астану"))
        assert reading.ids("визит -Москва") == reading.ids("визит НЕ Москва") == "b"

    def test_exclusions_alone_mean_everything_without(self, archive: Archive) -> None:
        reading = archive(article("a", "Москва"), article("b", "Астана"), article("c", published=date(2024, 1, 1)))
        assert reading.ids("-Москва") == "b c"
        assert reading.ids("-Москва -Астана") == "c"

    def test_exclusion_of_everything_finds_nothing(self, archive: Archive) -> None:
        reading = archive(article("a", "Москва"))
        nothing = reading.searcher.search(Request(now=NOW, query=Not(Everything())))
        assert nothing.total == 0

    def test_an_excluded_group_and_an_excluded_phrase(self, archive: Archive) -> None:
        reading = archive(article("a", "визит министра"), article("b", "министр и визит"), article("c", "поездка"))
        assert reading.ids("-(визит министр)") == "c"
        assert reading.ids('-"визит министра"') == "b c"

    def test_an_excluded_alternative(self, archive: Archive) -> None:
        reading = archive(article("a", "визит"), article("b", "Москва"), article("c", "визит Москва"))
        assert reading.ids("визит | -Москва") == "a c"

    # -- the vocabulary

    def test_words_with_a_beginning_come_by_frequency_then_alphabetically(self, archive: Archive) -> None:
        reading = archive(article("a", "казак казах Казань казах", title="Казахи"), article("b", "казак", lead="указ"))
        assert reading.words("каза") == "казак 2, казах 2, казань 1, казахи 1"
        assert reading.words("каза", 2) == "казак 2, казах 2"
        assert reading.words("небы") == ""

    def test_kazakh_letters_are_folded_in_the_beginning_only(self, archive: Archive) -> None:
        assert archive(article("a", "қазақ казак қазақ")).words("каз") == "қазақ 2, казак 1"

    def test_authors_sections_and_tags_are_no_words(self, archive: Archive) -> None:
        reading = archive(article("a", "слово", author="слон", section="слон", tags=("слон",), source="слон"))
        assert reading.words("сло") == "слово 1"

    def test_words_that_stand_only_in_articles_of_tomorrow_are_kept_back(self, archive: Archive) -> None:
        tomorrow = NOW + timedelta(days=1)
        reading = archive(
            article("a", "тайный приказ", published=NOW), article("b", "тайна тайный тайному", published=tomorrow)
        )
        assert reading.words("тай") == "тайный 2"
        assert reading.words("тай", now=tomorrow) == "тайный 2, тайна 1, тайному 1"

    def test_words_that_stand_only_in_removed_articles_are_gone(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        place = engine("archive")
        publish(place, article("a", "тайна тайный", title="кот"), *(article(f"{n}", "тайный кот") for n in range(5)))
        with place.writer() as writer:
            writer.remove("a")
            writer.publish()
        assert [count.value for count in place.open().words("тай", 5, NOW)] == ["тайный"]

    def test_words_are_counted_over_all_generations_parts(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        place = engine("archive")
        for number in range(4):
            publish(place, article(f"{number}", "общий " * 2 + f"общество{number} " * (3 - number % 2)))
        reading = Reading(place.open(), analyzer)
        assert reading.words("общ", 2) == "общий 8, общество0 3"
        assert reading.words("общ", 4) == "общий 8, общество0 3, общество2 3, общество1 2"

    def test_a_beginning_may_have_a_typo(self, archive: Archive) -> None:
        reading = archive(article("a", "казахстан казань указ президент"))
        for typed in ("казхас", "казахзт", "какзахс", "кахасх"):
            assert reading.words(typed) == ""
        for typed in ("казхас", "казахзт", "какзахс", "каазхс"):
            assert reading.words(typed, typos=True) == "казахстан 1"
        assert reading.words("казак", typos=True) == "казань 1, казахстан 1"
        assert reading.words("вазахс", typos=True) == ""

    def test_words_alike_are_some_edits_away(self, archive: Archive) -> None:
        reading = archive(article("a", "казахстан қазақстан казан казахстана", author="казахстен"))
        near = {edits: {count.value for count in reading.searcher.alike("казхастан", edits, 10)} for edits in (0, 1, 2)}
        assert near == {0: set(), 1: {"казахстан"}, 2: {"казахстан", "казахстана", "қазақстан"}}
        assert [each.value for each in reading.searcher.alike("казахстан", 1, 10, Field.AUTHOR)] == ["казахстен"]
        assert len(reading.searcher.alike("казахстан", 2, 2)) == 2

    def test_frequencies_count_the_occurrences_of_exact_forms(self, archive: Archive) -> None:
        reading = archive(article("a", "казак казака казак", title="казак", author="казах"), article("b", "қазақ"))
        assert reading.searcher.frequencies(["казак", "казака", "казах", "қазақ", ""]) == (3, 1, 0, 1, 0)
        assert reading.searcher.frequencies(["казах"], Field.AUTHOR) == (1,)
        assert reading.searcher.frequencies([]) == ()

    def test_a_leaf_scores_its_weight_in_hundredths(self, archive: Archive) -> None:
        reading = archive(article("a", "визит"), article("b", "поездка"), article("c", "иное"))
        leaves = [parse(text, reading.analyzer).query for text in ("визит", "поездка")]
        assert isinstance(leaves[0], Word)
        query = Or((replace(leaves[0], weight=50), leaves[1]))
        found = reading.searcher.search(Request(now=NOW, query=query)).matches
        assert [match.article.id for match in found] == ["b", "a"]
        half, whole = found[1].score, found[0].score
        assert half is not None
        assert whole is not None
        assert abs(half - whole / 2) < whole / 100

    # -- most of the words

    def test_most_is_so_many_of_the_clauses_or_one_that_is_enough_alone(self, archive: Archive) -> None:
        reading = archive(
            article("abc", "снег пробка Москва"), article("ab", "снег пробка"), article("c", "Москва"), article("none")
        )
        clauses = tuple(parse(text, reading.analyzer).query for text in ("снег", "«пробка»", "Москва"))

        def ids(query: Query) -> str:
            found = reading.searcher.search(Request(now=NOW, query=query, limit=10))
            assert found.total == len(found.matches)
            return " ".join(sorted(match.article.id for match in found.matches))

        assert [ids(Most(clauses, least)) for least in (1, 2, 3, 4)] == ["ab abc c", "ab abc", "abc", ""]
        assert ids(Most(clauses, 3, alone=(2,))) == "abc c"
        assert ids(Most(clauses, 0)) == "ab abc c none", "then they rank alone"
        assert ids(And((Most(clauses, 2), Not(clauses[2])))) == "ab"
        assert ids(Not(Most(clauses, 2))) == "c none"

    def test_counts_are_the_totals_of_searches_without_filters(self, archive: Archive) -> None:
        reading = archive(
            article("a", "снег пробка"), article("b", "снег"), article("later", "снег", published=date(2030, 1, 1))
        )
        queries = [parse(text, reading.analyzer).query for text in ("снег", "снег -пробка", "про*", "нет", "«снег»")]
        assert reading.searcher.counts(queries, NOW) == (2, 1, 1, 0, 2)
        assert reading.searcher.counts([], NOW) == ()

    def test_a_match_says_which_of_the_counted_clauses_it_lacks(self, archive: Archive) -> None:
        reading = archive(article("abc", "снег пробка Москва"), article("ab", "снег пробка"), article("c", "Москва"))
        one, two, three = (parse(text, reading.analyzer).query for text in ("снег", "пробка", "Москва"))
        query = And((Most((one, two, three), 1), Most((one,), 0)))
        for sort in (Sort.RELEVANCE, Sort.NEWEST):
            found = reading.searcher.search(Request(now=NOW, query=query, sort=sort)).matches
            missing = {match.article.id: match.missing for match in found}
            assert missing == {"abc": (), "ab": (three,), "c": (one, two)}
        assert {match.missing for match in reading.found("снег пробка").matches} == {()}

    def test_what_has_all_of_the_clauses_gains_a_little(self, archive: Archive) -> None:
        reading = archive(article("both", "снег пробка"), article("one", "снег иное"))
        one, two = (parse(text, reading.analyzer).query for text in ("снег", "пробка"))

        def score(query: Query) -> float:
            return next(
                match.score or 0
                for match in reading.searcher.search(Request(now=NOW, query=query)).matches
                if match.article.id == "both"
            )

        assert score(Or((one, two))) < score(Most((one, two), 1)) < 1.1 * score(Or((one, two)))
        assert score(Most((one, two), 0)) == score(Or((one, two)))

    def test_what_was_published_on_days_that_lead_comes_before_all_others(self, archive: Archive) -> None:
        reading = archive(
            article("then", "Газпром и ещё " + "много слов " * 40, published=date(2014, 3, 1)),
            article("named", "Газпром", title="Газпром 2014: Газпром в 2014", published=date(2024, 3, 1)),
            article("neither", "Газпром", published=date(2020, 3, 1)),
        )
        assert reading.order("Газпром 2014") == ["then", "named"]
        assert reading.order("Газпром | 2014") == ["then", "named", "neither"]
        assert reading.order("2014") == ["then", "named"]
        assert reading.order("Газпром -(дата:2014)") == ["named", "neither"]

    # -- what is new

    def test_what_came_in_last_comes_first_however_old_and_what_became_due_when_it_did(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
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

    def test_since_a_moment_there_is_what_came_in_or_became_due_after_it(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
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

    # -- near-copies

    def test_near_copies_are_folded_under_the_first_of_them_and_counted_all_the_same(self, archive: Archive) -> None:
        agency = long_text("О визите сообщили в столице")
        reading = archive(
            article("a", f"Вчера.\n\n{agency}", title="Визит", published=date(2024, 5, 1), author="А"),
            article("b", f"{agency}\n\nРанее писали.", title="Визит", published=date(2024, 5, 2), author="Б"),
            article("c", long_text("О визите рассказали на заводе"), title="Визит", published=date(2024, 5, 3)),
            article("d", "О визите", published=date(2024, 5, 4)),
            article("e", "О визите", published=date(2024, 5, 5)),
        )
        shown, folded = (reading.found("визит", sort=Sort.NEWEST, fold=fold) for fold in (False, True))
        assert [match.article.id for match in shown.matches] == ["e", "d", "c", "b", "a"]
        assert [(match.article.id, match.similar) for match in folded.matches] == [
            ("e", 0),
            ("d", 0),
            ("c", 0),
            ("b", 1),
        ]
        assert (shown.folded, folded.folded, shown.total, folded.total) == (0, 1, 5, 5)
        assert folded.facets == shown.facets
        second = reading.found("визит", sort=Sort.OLDEST, fold=True, offset=1, limit=1)
        assert [match.article.id for match in second.matches] == ["c"]
        assert reading.found("визит", author="А", fold=True).folded == 0

    def test_folding_reaches_beyond_many_copies_in_several_segments(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        tested = engine("copies")
        text = long_text("О визите сообщили в столице")
        for day in range(1, 4):
            made = [article(f"{day}-{n}", text, published=date(2024, 5, day)) for n in range(20)]
            publish(tested, *made, fresh=day == 1)
        publish(tested, article("last", "О визите", published=date(2020, 1, 1)))
        found = Reading(tested.open(), analyzer).found("визит", sort=Sort.NEWEST, fold=True, limit=2)
        assert [(match.article.id, match.similar) for match in found.matches] == [("3-0", 59), ("last", 0)]
        assert (found.total, found.folded) == (61, 59)

    # -- phrases

    def test_a_phrase_is_words_in_this_order_in_any_forms(self, archive: Archive) -> None:
        reading = archive(
            article("a", "Прошла встреча министров в Астане"),
            article("b", "О встрече министра"),
            article("c", "Министры: встреча"),
            article("d", "Встреча двух министров"),
        )
        assert reading.ids('"встреча министров"') == reading.ids("«встреча министров»") == "a b"

    def test_a_phrase_of_three_words_needs_all_three_in_a_row(self, archive: Archive) -> None:
        reading = archive(article("a", "новая встреча министров"), article("b", "новая встреча и встреча министров"))
        assert reading.ids('"новая встреча министров"') == "a"

    def test_a_phrase_with_one_word_twice_needs_it_twice(self, archive: Archive) -> None:
        reading = archive(article("a", "день за днём"), article("b", "за день"), article("c", "день день"))
        assert reading.ids('"день день"') == "c"
        assert reading.ids('"день за днём"') == "a"

    def test_a_phrase_may_stand_in_any_of_title_lead_and_text(self, archive: Archive) -> None:
        reading = archive(
            article("a", title="Встреча министров"),
            article("b", lead="Встреча министров"),
            article("c", "Встреча министров"),
        )
        assert reading.ids('"встреча министров"') == "a b c"
        assert reading.ids('заголовок:"встреча министров"') == "a"

    def test_a_phrase_never_stands_across_two_fields(self, archive: Archive) -> None:
        reading = archive(
            article("a", "министров", title="встреча"),
            article("b", title="встреча", lead="министров"),
            article("c", "министров", lead="встреча"),
        )
        assert reading.ids('"встреча министров"') == ""
        assert reading.ids('"встреча министров"~100') == ""
        assert reading.ids("встреча министров") == "a b c"

    def test_a_phrase_never_stands_across_two_articles(self, archive: Archive) -> None:
        reading = archive(article("a", "встреча"), article("b", "министров"))
        assert reading.ids('"встреча министров"') == reading.ids('"встреча министров"~100') == ""

    def test_words_near_each_other_stand_in_any_order_within_the_window(self, archive: Archive) -> None:
        reading = archive(
            article("a", "встреча один два министров"),
            article("b", "министров один два встреча"),
            article("c", "встреча один два три министров"),
            article("d", "встреча министров"),
        )
        assert reading.ids('"встреча министров"~2') == "a b d"
        assert reading.ids('"встреча министров"~3') == "a b c d"
        assert reading.ids('"министров встреча"~0') == "d"

    def test_three_words_near_each_other_share_one_window(self, archive: Archive) -> None:
        reading = archive(
            article("a", "новая встреча один министров"), article("b", "новая встреча один два три встреча министров")
        )
        assert reading.ids('"новая встреча министров"~1') == "a"

    # -- hyphens

    def test_a_hyphenated_word_is_found_by_its_parts_and_as_a_whole(self, archive: Archive) -> None:
        reading = archive(article("a", "Северо-Казахстанская область"), article("b", "Казахстанская область"))
        assert reading.ids("северо-казахстанской") == reading.ids("северо") == "a"
        assert reading.ids("казахстанской") == "a b"
        assert reading.ids("=северо-казахстанская") == "a"

    def test_a_hyphenated_word_is_found_where_it_is_written_apart(self, archive: Archive) -> None:
        reading = archive(article("a", "Нью Йорк"), article("b", "Нью-Йорк"), article("c", "Йорк, нью"))
        assert reading.ids("Нью-Йорк") == "a b"

    def test_each_part_of_a_hyphenated_word_has_its_place_in_a_phrase(self, archive: Archive) -> None:
        reading = archive(article("a", "вся Северо-Казахстанская область"))
        assert reading.ids('"казахстанская область"') == "a"
        assert reading.ids('"вся северо казахстанская область"') == "a"
        assert reading.ids('"вся северо-казахстанская область"') == "a"
        assert reading.ids('="вся северо-казахстанская область"') == "a"
        assert reading.ids('"вся казахстанская"') == reading.ids('"северо область"') == ""

    # -- exact forms

    def test_an_exact_form_is_found_in_this_form_only(self, archive: Archive) -> None:
        reading = archive(article("a", "рынок"), article("b", "рынка"), article("c", "РЫНОК"))
        assert reading.ids("=рынок") == "a c"

    def test_an_exact_form_keeps_kazakh_letters_apart(self, archive: Archive) -> None:
        reading = archive(article("a", "Қожа"), article("b", "Кожа"))
        assert (reading.ids("=қожа"), reading.ids("=кожа")) == ("a", "b")

    def test_an_exact_quotation_is_in_these_forms_and_this_order(self, archive: Archive) -> None:
        reading = archive(article("a", "встреча министров"), article("b", "встречи министров"))
        assert reading.ids('="встреча министров"') == "a"

    # -- prefixes

    def test_a_prefix_finds_every_word_that_begins_so(self, archive: Archive) -> None:
        reading = archive(
            article("a", "казахи"), article("b", "Казахстан"), article("c", "заказ"), article("d", "казах")
        )
        assert reading.ids("казах*") == "a b d"
        assert reading.ids("казахс*") == "b"

    def test_a_prefix_folds_kazakh_letters_on_both_sides(self, archive: Archive) -> None:
        reading = archive(article("a", "қазақстан"), article("b", "казакстан"))
        assert reading.ids("қаза*") == reading.ids("каза*") == "a b"

    def test_a_prefix_of_a_hyphenated_word(self, archive: Archive) -> None:
        reading = archive(article("a", "Нью-Йорк"), article("b", "Нью-Дели"))
        assert reading.ids("нью-й*") == "a"

    def test_an_excluded_prefix(self, archive: Archive) -> None:
        reading = archive(article("a", "казахи"), article("b", "русские"))
        assert reading.ids("-каз*") == "b"

    def test_a_prefix_looks_in_its_field(self, archive: Archive) -> None:
        reading = archive(
            article("a", title="Казахстан"), article("b", "Казахстан"), article("c", author="Казахов Казбек")
        )
        assert reading.ids("заголовок:каз*") == "a"
        assert reading.ids("автор:каз*") == "c"

    def test_a_prefix_stands_for_its_most_frequent_words_and_says_that_it_was_cut(self, archive: Archive) -> None:
        forms = _forms(MAX_EXPANSION + 40)
        frequent, rare = " ".join(forms[40:]), " ".join(forms[:40])
        found = archive(article("a", f"{frequent} {frequent}"), article("b", rare)).found("лоп*")
        assert ([match.article.id for match in found.matches], found.bounded) == (["a"], ("лоп",))

    def test_equally_frequent_words_of_a_prefix_are_cut_from_the_end_of_the_alphabet(self, archive: Archive) -> None:
        *kept, cut = _forms(MAX_EXPANSION + 1)
        reading = archive(article("a", " ".join(kept)), article("b", cut))
        assert reading.ids("лоп*") == "a"

    def test_words_of_a_prefix_are_counted_over_all_generations_together(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        *others, seldom_anywhere = _forms(2 * MAX_EXPANSION + 1)
        here, there = " ".join(others[:MAX_EXPANSION]), " ".join(others[MAX_EXPANSION:])
        made = engine()
        publish(made, article("a", f"{here} " * 3), article("b", f"{seldom_anywhere} " * 2))
        publish(made, article("c", f"{there} " * 3), article("d", f"{seldom_anywhere} " * 2))
        found = Reading(made.open(), analyzer).found("лоп*")
        assert sorted(match.article.id for match in found.matches) == ["a", "b", "d"]
        assert found.bounded == ("лоп",)

    def test_each_cut_prefix_is_named_once_the_excluded_ones_too(self, archive: Archive) -> None:
        reading = archive(article("a", " ".join(_forms(MAX_EXPANSION + 1))), article("b", "визит"))
        assert reading.found("визит -лоп*").bounded == ("лоп",)
        assert reading.found("лоп* | визит* | лоп*").bounded == ("лоп",)

    def test_many_prefixes_share_a_bound(self, archive: Archive) -> None:
        most = MAX_EXPANSIONS // 4
        *kept, cut = _forms(most + 1)
        reading = archive(article("a", " ".join(kept)), article("b", f"{cut} визит"))
        query = "лоп* | ба* | бе*"
        assert (reading.ids(query), reading.found(query).bounded) == ("a b", ())
        found = reading.found(f"{query} | бя*")
        assert ([match.article.id for match in found.matches], found.bounded) == (["a"], ("лоп",))

    def test_a_prefix_within_the_bound_is_not_called_cut(self, archive: Archive) -> None:
        found = archive(article("a", " ".join(_forms(MAX_EXPANSION)))).found("лоп*")
        assert (found.total, found.bounded) == (1, ())

    # -- fields

    def test_a_word_in_a_field_is_looked_for_there_only(self, archive: Archive) -> None:
        reading = archive(
            article("a", title="Экономика"),
            article("b", "экономика", lead="экономика"),
            article("c", section="Экономика"),
            article("d", author="Экономика"),
        )
        assert reading.ids("заголовок:экономики") == "a"
        assert reading.ids("рубрика:экономика") == "c"
        assert reading.ids("автор:экономика") == "d"
        assert reading.ids("экономика") == "a b"

    def test_authors_are_found_by_other_forms_and_as_phrases(self, archive: Archive) -> None:
        reading = archive(article("a", author="Дана Аменова"), article("b", author="Аменова Дана"))
        assert reading.ids("автор:Аменовой") == "a b"
        assert reading.ids('автор:"Дана Аменова"') == "a"

    # -- days

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

    def test_the_hour_that_happened_twice_belongs_to_the_day_before_the_change(self, archive: Archive) -> None:
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

    def test_the_hour_that_happened_twice_is_in_the_order_in_which_it_happened(self, archive: Archive) -> None:
        zone = ZoneInfo("Asia/Almaty")
        reading = archive(
            article("early", published=datetime(2024, 2, 29, 23, 10, tzinfo=zone)),
            article("late", published=datetime(2024, 2, 29, 23, 10, tzinfo=zone, fold=1)),
            article("mid", published=datetime(2024, 2, 29, 23, 40, tzinfo=zone)),
        )
        assert reading.order(sort=Sort.OLDEST) == ["early", "mid", "late"]
        assert reading.ids(now=datetime(2024, 2, 29, 17, 10, tzinfo=UTC)) == "early"

    def test_half_a_surrogate_pair_is_found_nowhere(self, archive: Archive) -> None:
        reading = archive(article("a", "визит", author="Дана", section="Рынки", tags=("суд",)))
        for name in ("author", "section", "tag"):
            assert reading.ids(**{name: "\ud800"}) == ""
        assert reading.searcher.article("\ud800", NOW) is None

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

    def test_the_future_is_hidden_from_totals_facets_and_exclusions_too(self, archive: Archive) -> None:
        reading = archive(
            article("a", author="Дана", section="Город", published=date(2024, 1, 1)),
            article("b", author="Дана", section="Город", published=date(2024, 6, 1)),
        )
        found = reading.found("-небывальщина", now=datetime(2024, 3, 1, tzinfo=UTC), period=Period(2024))
        assert found.total == 1
        assert found.facets is not None
        assert (found.facets.years, found.facets.months) == (counts((2024, 1)), counts((1, 1)))
        assert (found.facets.authors, found.facets.sections) == (counts(("Дана", 1)), counts(("Город", 1)))

    def test_the_future_is_hidden_when_asked_for_by_id_but_not_from_the_owner(self, archive: Archive) -> None:
        searcher = archive(article("a", published=date(2024, 1, 1)), article("b", published=date(2030, 1, 1))).searcher
        assert searcher.article("b", NOW) is None
        assert searcher.article("b", datetime(2031, 1, 1, tzinfo=UTC)) is not None
        assert [each.id for each in searcher.articles()] == ["a", "b"]
        assert (searcher.info.articles, searcher.info.last) == (2, date(2030, 1, 1))

    # -- orders

    def test_newest_and_oldest_go_by_time_then_by_id_the_undated_last(self, archive: Archive) -> None:
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

    def test_equally_relevant_articles_go_newer_first_then_by_id_the_undated_last(self, archive: Archive) -> None:
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

    # -- filters and facets

    def test_author_section_and_tag_filters_compare_the_whole_value(self, archive: Archive) -> None:
        reading = archive(
            article("a", author="Дана Аменова", section="Город", tags=("суд", "Алматы")),
            article("b", author="Дана", section="Город и мир", tags=("Алматы и область",)),
            article("c", author="дана", section="город", tags=("алматы",)),
        )
        assert reading.ids(author="Дана") == "b"
        assert reading.ids(section="Город") == "a"
        assert reading.ids(tag="Алматы") == reading.ids(tag="суд") == "a"
        assert reading.ids(author="Дана", section="Город") == ""
        assert reading.ids(author="никто") == reading.ids(tag="ничто") == ""

    def test_values_of_filters_may_be_any_text(self, archive: Archive) -> None:
        odd = ["a,b", 'кавычки "и" \\', "с|чертой", "табуляция\tи\nстрока", " ", "😀", "я" * 300]
        reading = archive(*(article(f"{n}", author=value, section=value, tags=(value,)) for n, value in enumerate(odd)))
        for number, value in enumerate(odd):
            assert reading.ids(author=value) == reading.ids(section=value) == reading.ids(tag=value) == f"{number}"

    # -- people

    def test_whoever_is_mentioned_is_found_in_any_case_and_order(self, archive: Archive) -> None:
        reading = archive(
            article("a", "Президент Касым-Жомарт Токаев встретил гостей."),
            article("b", title="Встреча с Касым-Жомартом Токаевым"),
            article("c", lead="Токаев Касым-Жомарт Кемелевич принял послов."),
            article("d", "Указ подписал Токаев."),
            article("e", "На улице Касым-Жомарта Токаева."),
        )
        assert reading.ids(person="Касым-Жомарт Токаев") == "a b c"
        assert reading.ids(person="Токаев") == reading.ids(person="касым-жомарт токаев") == reading.ids(person="") == ""
        assert reading.facets().persons == counts(("Касым-Жомарт Токаев", 3))

    def test_of_several_readings_the_archive_knows_which_is_meant(self, archive: Archive) -> None:
        both = article("a", "Речь Валентина Серова."), article("b", "Выставка Валентина Серова.")
        assert archive(*both).ids(person="Валентина Серова") == "a b"
        known = archive(*both, article("c", "Пришёл Валентин Серов."))
        assert known.ids(person="Валентин Серов") == "a b c"
        assert known.ids(person="Валентина Серова") == ""

    def test_initials_are_those_of_the_full_name_in_the_same_article(self, archive: Archive) -> None:
        reading = archive(
            article("a", "Выступил Нурлан Байжанов. Позже Н. Байжанов уточнил."),
            article("b", "Выступил Байжанов Н. А."),
            article("c", "Выступил А. Байжанов, затем Нурлан Байжанов."),
        )
        assert reading.ids(person="Нурлан Байжанов") == "a c"
        assert reading.ids(person="Н. А. Байжанов") == "b"
        assert reading.ids(person="А. Байжанов") == "c"
        assert reading.ids(person="Н. Байжанов") == ""

    def test_people_are_counted_in_two_articles_or_more_the_ten_most_mentioned(self, archive: Archive) -> None:
        names = ["Иван", "Пётр", "Олег", "Антон", "Борис", "Вадим", "Глеб", "Денис", "Егор", "Захар", "Игорь", "Кирилл"]
        texts = [" и ".join(f"{name} Кузнецов" for name in names[: 12 - n]) for n in range(12)]
        persons = archive(*(article(f"{n}", text) for n, text in enumerate(texts))).facets().persons
        assert persons == counts(*((f"{name.replace('ё', 'е')} Кузнецов", 12 - n) for n, name in enumerate(names[:10])))
        few = archive(article("a", texts[0]), article("b", texts[10])).facets()
        assert few.persons == counts(("Иван Кузнецов", 2), ("Петр Кузнецов", 2))

    def test_people_are_counted_without_their_own_filter_and_under_every_other(self, archive: Archive) -> None:
        both = "Встретились Олег Орлов и Анна Белова."
        reading = archive(
            article("a", both, author="Дана", published=date(2024, 1, 1)),
            article("b", both, author="Дана", tags=("суд",), published=date(2024, 2, 1)),
            article("c", "Пришёл Олег Орлов.", author="Иван", published=date(2024, 3, 1)),
            article("d", "Пришла Анна Белова.", author="Дана", published=date(2023, 1, 1)),
        )
        found = reading.found(person="Анна Белова")
        assert (found.total, found.facets and found.facets.authors) == (3, counts(("Дана", 3)))
        assert found.facets
        assert found.facets.persons == counts(("Анна Белова", 3), ("Олег Орлов", 3))
        assert [year.count for year in found.facets.years] == [1, 2]
        within = reading.found("встретились", person="Анна Белова", period=Period(2024), author="Дана")
        assert within.facets
        assert within.facets.persons == counts(("Анна Белова", 2), ("Олег Орлов", 2))
        assert reading.ids(person="Олег Орлов", tag="суд") == "b"

    def test_the_field_who_asks_for_words_of_one_name(self, archive: Archive) -> None:
        reading = archive(
            article("a", "Приехал Касым-Жомарт Токаев."),
            article("b", "Встретились Олег Токаев и Анна Белова."),
            article("c", "О Токаеве и Белове."),
            article("d", "Пела Бибігүл Төлегенова."),
        )
        assert reading.ids("кто:токаева") == "a b"
        assert reading.ids("кто:Касым-Жомарт") == reading.ids('кто:"токаев касым"') == "a"
        assert reading.ids('кто:"Олег Белова"') == "", "two words of two names"
        assert reading.ids("кто:(Олег Белова)") == "b"
        assert reading.ids("кто:(олег | касым)") == reading.ids("who:ток*") == "a b"
        assert reading.ids("кто:толег*") == reading.ids("кто:Төлегенова") == "d"
        assert reading.ids("кто:=токаев") == "a b"
        assert reading.ids("кто:касым-жом*") == reading.ids("кто:=Касым-Жомарт") == "a"
        assert reading.ids("кто:(автор:Касым Токаев)") == ""
        assert reading.ids("кто:=токаева") == reading.ids("кто:никто") == ""
        assert reading.ids("-кто:токаев") == "c d"
        assert reading.ids("встретились кто:белова") == "b"
        found = reading.found("кто:токаев")
        assert [match.score for match in found.matches] == [None, None], "a name alone ranks nothing"

    def test_one_person_is_asked_for_by_name(self, archive: Archive) -> None:
        reading = archive(article("a", "Пришёл Иван Кузнецов."), article("b", "Пришёл Иван Кузнецов-Белов."))

        def ids(query: Query) -> list[str]:
            request = Request(now=NOW, query=query)
            return [match.article.id for match in reading.searcher.search(request).matches]

        assert ids(Person("Иван Кузнецов")) == ["a"]
        assert ids(Not(Person("Иван Кузнецов"))) == ["b"]
        assert ids(Person("")) == ids(Person("\ud800")) == []

    def test_what_is_not_yet_published_mentions_nobody(self, archive: Archive) -> None:
        reading = archive(
            article("a", "Пришёл Иван Кузнецов."),
            article("b", "Пришёл Иван Кузнецов.", published=date(2030, 1, 1)),
        )
        found = reading.found(person="Иван Кузнецов")
        assert (found.total, found.facets and found.facets.persons) == (1, ())

    def test_who_is_meant_is_found_out_anew_with_every_generation(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "Речь Валентина Серова."), article("b", "Пела Анна Белова."))
        assert Reading(made.open(), analyzer).ids(person="Валентина Серова") == "a"
        publish(made, article("c", "Пришёл Валентин Серов."), article("d", "С Валентином Серовым."))
        assert Reading(made.open(), analyzer).ids(person="Валентин Серов") == "a c d"
        assert Reading(made.open(), analyzer).ids(person="Анна Белова") == "b"
        with made.writer() as writer:
            writer.remove("c")
            writer.remove("d")
            writer.publish()
        assert Reading(made.open(), analyzer).ids(person="Валентина Серова") == "a"

    def test_corrections_hold_from_the_next_publication_on(
        self, engine: MakeEngine, analyzer: Analyzer, tmp_path: Path
    ) -> None:
        file = tmp_path / "names.txt"
        file.write_text("", "utf-8")
        made = engine(settings=replace(DEFAULTS, names=str(file)))
        publish(
            made,
            article("a", "Абай Кунанбаев и Ибрагим Кунанбаев."),
            article("b", "Стихи читал Ибрагим Кунанбаев у Горы Марии."),
            article("c", "Абай Кунанбаев."),
        )
        before = Reading(made.open(), analyzer)
        assert (before.ids(person="Абай Кунанбаев"), before.ids(person="Ибрагим Кунанбаев")) == ("a c", "a b")
        file.write_text("Кунанбаев Ибрагим = Абай Кунанбаев  # его имя\n! Никто Нигдеев\n", "utf-8")
        with made.writer() as writer:
            assert writer.changed
            writer.publish()
        after = Reading(made.open(), analyzer)
        assert after.ids(person="Абай Кунанбаев") == after.ids("кто:кунанбаев") == "a b c"
        assert after.facets().persons == counts(("Абай Кунанбаев", 3))
        assert after.ids(person="Ибрагим Кунанбаев") == ""
        assert before.ids(person="Ибрагим Кунанбаев") == "a b"
        with made.writer() as writer:
            assert not writer.changed
        file.write_text("! Абай Кунанбаев\nИбрагим Кунанбаев = А. Кунанбаев\n", "utf-8")
        publish(made, article("d", "Был Ибрагим Кунанбаев."))
        last = Reading(made.open(), analyzer)
        assert (last.ids(person="Абай Кунанбаев"), last.ids(person="А. Кунанбаев")) == ("", "a b d")

    def test_without_people_nobody_is_mentioned_and_the_two_are_told_apart(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        texts = article("a", "Пришёл Иван Кузнецов."), article("b", "Пришёл Иван Кузнецов.")
        without = engine(settings=replace(DEFAULTS, persons=False))
        publish(without, *texts)
        found = Reading(without.open(), analyzer).found()
        assert (found.total, found.facets and found.facets.persons) == (2, ())
        assert Reading(without.open(), analyzer).ids("кто:кузнецов") == ""
        with pytest.raises(IndexUnavailable, match="indexer rebuild --full"):
            engine().open()
        publish(engine(), *texts, fresh=True)
        assert Reading(engine().open(), analyzer).ids(person="Иван Кузнецов") == "a b"

    # -- filters together

    def test_filters_apply_together_with_the_query(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит", author="Дана", published=date(2024, 1, 1)),
            article("b", "визит", author="Дана", published=date(2023, 1, 1)),
            article("c", "визит", author="Олег", published=date(2024, 1, 1)),
            article("d", "встреча", author="Дана", published=date(2024, 1, 1)),
        )
        assert reading.ids("визит", author="Дана", period=Period(2024)) == "a"

    def test_facets_are_left_out_when_not_asked_for(self, archive: Archive) -> None:
        assert archive(article("a")).found(facets=False).facets is None

    def test_years_are_ascending_and_without_zeros(self, archive: Archive) -> None:
        days = [date(2024, 5, 1), date(2021, 1, 1), date(2024, 1, 1), date(2019, 12, 31)]
        facets = archive(*(article(str(n), published=day) for n, day in enumerate(days)), article("u")).found().facets
        assert facets is not None
        assert facets.years == counts((2019, 1), (2021, 1), (2024, 2))
        assert (facets.months, facets.days, facets.undated) == (None, None, 1)

    def test_each_level_of_dates_shows_the_neighbours_of_what_is_chosen(self, archive: Archive) -> None:
        days = [(2023, 5, 1), (2024, 4, 30), (2024, 5, 1), (2024, 5, 1), (2024, 5, 31), (2024, 6, 1)]
        reading = archive(*(article(str(n), published=date(*day)) for n, day in enumerate(days)), article("u"))
        years, months = counts((2023, 1), (2024, 5)), counts((4, 1), (5, 3), (6, 1))
        in_may = counts((1, 2), (31, 1))
        for period, total, expected in [
            (Period(2024), 5, (years, months, None)),
            (Period(2024, 5), 3, (years, months, in_may)),
            (Period(2024, 5, 1), 2, (years, months, in_may)),
            (Period(2024, 7), 0, (years, months, ())),
            (Period(1999), 0, (years, (), None)),
        ]:
            found = reading.found(period=period)
            assert found.facets is not None
            assert (found.facets.years, found.facets.months, found.facets.days) == expected
            assert (found.total, found.facets.undated) == (total, 1)

    def test_a_range_of_days_narrows_every_facet_and_leaves_no_undated(self, archive: Archive) -> None:
        days = [date(2023, 5, 1), date(2024, 5, 1), date(2024, 6, 1)]
        reading = archive(*(article(str(n), published=day, author="Дана") for n, day in enumerate(days)), article("u"))
        found = reading.found(between=Days(date(2023, 6, 1), date(2024, 5, 31)), period=Period(2024))
        assert found.facets is not None
        assert (found.facets.years, found.facets.months) == (counts((2024, 1)), counts((5, 1)))
        assert (found.facets.authors, found.facets.undated) == (counts(("Дана", 1)), 0)

    def test_dates_of_the_query_narrow_every_facet(self, archive: Archive) -> None:
        days = [date(2023, 5, 1), date(2024, 5, 1), date(2024, 6, 1)]
        reading = archive(*(article(str(n), published=day) for n, day in enumerate(days)), article("u"))
        facets = reading.found("дата:2024-06", period=Period(2024)).facets
        assert facets is not None
        assert (facets.years, facets.months, facets.undated) == (counts((2024, 1)), counts((6, 1)), 0)

    def test_authors_and_sections_are_counted_without_their_own_filter(self, archive: Archive) -> None:
        reading = archive(
            article("a", author="Дана", section="Город", published=date(2024, 1, 1)),
            article("b", author="Дана", section="Спорт", published=date(2024, 1, 1)),
            article("c", author="Олег", section="Город", published=date(2024, 1, 1)),
            article("d", author="Олег", section="Город", published=date(2023, 1, 1)),
        )
        facets = reading.found(author="Дана", period=Period(2024)).facets
        assert facets is not None
        assert facets.authors == counts(("Дана", 2), ("Олег", 1))
        assert facets.sections == counts(("Город", 1), ("Спорт", 1))
        assert facets.years == counts((2024, 2))
        facets = reading.found(section="Город").facets
        assert facets is not None
        assert (facets.authors, facets.sections) == (
            counts(("Олег", 2), ("Дана", 1)),
            counts(("Город", 3), ("Спорт", 1)),
        )

    def test_facets_count_under_the_query_and_the_tag(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит", author="Дана", tags=("суд",), published=date(2024, 1, 1)),
            article("b", "визит", author="Олег", published=date(2023, 1, 1)),
            article("c", "встреча", author="Дана", tags=("суд",), published=date(2022, 1, 1)),
        )
        facets = reading.found("визит", tag="суд").facets
        assert facets is not None
        assert (facets.years, facets.authors) == (counts((2024, 1)), counts(("Дана", 1)))

    def test_the_twenty_most_frequent_authors_by_count_then_value(self, archive: Archive) -> None:
        names = [f"Автор {number:02}" for number in range(25)]
        articles = [article(f"{n}-{i}", author=name) for n, name in enumerate(names) for i in range(1 + (n >= 20))]
        facets = archive(*articles, article("nobody")).found(limit=0).facets
        assert facets is not None
        assert facets.authors == counts(*((name, 2) for name in names[20:]), *((name, 1) for name in names[:15]))
        assert facets.sections == ()

    def test_an_article_counts_with_each_of_its_tags(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит", tags=("суд", "Алматы", "суд")),
            article("b", "визит", tags=("Алматы",)),
            article("c", "визит", author="Дана", section="Город", published=date(2024, 1, 1)),
            article("d", "встреча", tags=("рынок", "Суд")),
        )
        found = reading.found("визит").facets
        assert found is not None
        assert found.tags == counts(("Алматы", 2), ("суд", 1))
        everything = reading.found().facets
        assert everything is not None
        assert everything.tags == counts(("Алматы", 2), ("Суд", 1), ("рынок", 1), ("суд", 1))

    def test_tags_are_counted_without_their_own_filter_and_under_every_other(self, archive: Archive) -> None:
        reading = archive(
            article("a", author="Дана", section="Город", tags=("суд", "рынок"), published=date(2024, 1, 1)),
            article("b", author="Олег", section="Город", tags=("рынок",), published=date(2024, 2, 1)),
            article("c", author="Олег", section="Спорт", tags=("бокс",), published=date(2023, 1, 1)),
        )
        found = reading.found(tag="суд")
        assert found.total == 1
        assert found.facets is not None
        assert found.facets.tags == counts(("рынок", 2), ("бокс", 1), ("суд", 1))
        assert found.facets.years == counts((2024, 1))
        assert (found.facets.authors, found.facets.sections) == (counts(("Дана", 1)), counts(("Город", 1)))
        for narrowed in (
            {"author": "Олег"},
            {"section": "Спорт"},
            {"period": Period(2023)},
            {"between": Days(date(2023, 1, 1), date(2023, 12, 31))},
        ):
            facets = reading.found(**narrowed).facets
            assert facets is not None
            assert {each.value: each.count for each in facets.tags}.get("суд") is None, narrowed
            assert {each.value: each.count for each in facets.tags}["бокс"] == 1, narrowed

    def test_the_twenty_most_frequent_tags_by_count_then_value(self, archive: Archive) -> None:
        names = [f"Тема {number:02}" for number in range(25)]
        both = [article(f"{n}", tags=(name, "Все")) for n, name in enumerate(names)]
        facets = (
            archive(*both, *(article(f"{n}-2", tags=(names[n],)) for n in range(20, 25)), article("none"))
            .found(limit=0)
            .facets
        )
        assert facets is not None
        assert facets.tags == counts(
            ("Все", 25), *((name, 2) for name in names[20:]), *((name, 1) for name in names[:14])
        )

    # -- articles

    def test_an_article_comes_back_as_it_was_given(self, archive: Archive) -> None:
        full = Article(
            id="статья/1?&#%",
            title=" Заголовок «с кавычками» ",
            text="Первый абзац.\n\nВторой\tабзац 😀 \u200bи\r\nстрока\x00.",
            lead="Вводка",
            url="https://example.org/1",
            published=datetime(2024, 5, 17, 9, 0, 0, 123456, tzinfo=ALMATY_SINCE),
            updated="2024-05-18T10:00:00+05:00",
            author="Дана Аменова",
            author_role="специальный корреспондент",
            section="Город",
            tags=("суд", "Алматы", "суд"),
            source="МКИ",
            views=4163,
            image="https://example.org/1.jpg",
            image_credit="Фото: архив",
        )
        plain = Article(id="2", title="", text="", published=date(2024, 5, 17))
        searcher = archive(full, plain).searcher
        for each in (full, plain):
            again = searcher.article(each.id, NOW)
            assert again == each
            assert type(again.published) is type(each.published)
        assert searcher.article(full.id, NOW).published.utcoffset() == timedelta(hours=5)  # type: ignore[union-attr]
        assert {match.article for match in searcher.search(Request(now=NOW)).matches} == {full, plain}

    def test_an_article_is_found_by_any_id_and_by_no_other(self, archive: Archive) -> None:
        ids = [
            "a",
            "A",
            " a",
            "a ",
            "a/b",
            "../a",
            "0",
            "00",
            "ё",
            "е",
            "é",
            "e\u0301",
            "a\nb",
            "a\x00b",
            "😀",
            "я" * 3000,
        ]
        searcher = archive(*(article(each, f"номер {n}") for n, each in enumerate(ids))).searcher
        assert searcher.info.articles == len(ids)
        for number, each in enumerate(ids):
            found = searcher.article(each, NOW)
            assert found is not None
            assert (found.id, found.text) == (each, f"номер {number}")
        assert [searcher.article(other, NOW) for other in ("", "b", "a/", "*", "aa", "1", "я" * 2999)] == [None] * 7

    def test_all_articles_come_oldest_first_those_without_a_date_before_all(self, archive: Archive) -> None:
        searcher = archive(
            article("b", published=date(2024, 1, 1)),
            article("d"),
            article("a", published=date(2030, 1, 1)),
            article("c", published=datetime(2023, 1, 1, tzinfo=UTC)),
        ).searcher
        assert [each.id for each in searcher.articles()] == ["d", "c", "b", "a"]
        assert [each.id for each in searcher.articles()] == ["d", "c", "b", "a"]

    def test_an_article_without_any_text(self, archive: Archive) -> None:
        reading = archive(article("a"), article("b", "визит"), article("c", "…— !"))
        assert reading.ids() == "a b c"
        assert reading.ids("-визит") == "a c"
        assert reading.ids("визит") == "b"

    def test_an_archive_of_articles_without_any_text(self, archive: Archive) -> None:
        reading = archive(article("a"), article("b"))
        assert (reading.ids(), reading.ids("визит"), reading.ids("-визит"), reading.ids("виз*")) == (
            "a b",
            "",
            "a b",
            "",
        )

    def test_a_phrase_near_the_end_of_a_very_long_text(self, archive: Archive) -> None:
        long = "один два три четыре пять шесть семь " * 10_500
        reading = archive(article("a", f"{long} встреча министров {long[:100]}"), article("b", "министров встреча"))
        assert reading.ids('"встреча министров"') == "a"
        assert reading.ids('"министров встреча"') == "b"
        assert reading.ids('"министров семь"~1') == "a"
        assert reading.ids('"три четыре шесть"') == ""

    # -- information

    def test_information_counts_every_article(self, engine: MakeEngine) -> None:
        made = engine()
        before = datetime.now(UTC)
        with made.writer(fresh=True) as writer:
            writer.add(article("a", published=datetime(2024, 4, 30, 22, 0, tzinfo=UTC)))
            writer.add(article("b", published=date(2020, 2, 29)))
            writer.add(article("c"))
            published = writer.publish()
        info = made.open().info
        assert info == published
        assert (info.articles, info.undated, info.first, info.last) == (3, 1, date(2020, 2, 29), date(2024, 5, 1))
        assert info.timezone == "Asia/Almaty"
        assert info.generation == made.generation()
        assert before - timedelta(seconds=1) <= info.built_at <= datetime.now(UTC) + timedelta(seconds=1)
        assert info.size >= 0

    def test_an_empty_archive_answers(self, archive: Archive) -> None:
        reading = archive()
        for text in ("", "визит", '"визит министра"', "-визит", "виз*", "=визит", "дата:2024", "автор:визит"):
            for sort in Sort:
                found = reading.found(text, sort=sort, period=Period(2024, 5), author="Дана")
                assert (found.total, found.matches, found.bounded) == (0, (), ())
                assert found.facets is not None
                assert (found.facets.years, found.facets.months, found.facets.days) == ((), (), ())
                assert (found.facets.authors, found.facets.sections, found.facets.undated) == ((), (), 0)
        info = reading.searcher.info
        assert (info.articles, info.undated, info.first, info.last) == (0, 0, None, None)
        assert reading.searcher.article("a", NOW) is None
        assert list(reading.searcher.articles()) == []

    # -- generations

    def test_there_is_nothing_to_open_before_the_first_generation(self, engine: MakeEngine) -> None:
        made = engine()
        assert made.generation() is None
        with pytest.raises(IndexUnavailable):
            made.open()

    def test_the_first_generation_need_not_be_called_fresh(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"))
        assert Reading(made.open(), analyzer).ids("визит") == "a"

    def test_every_generation_has_another_name(self, engine: MakeEngine) -> None:
        made, names = engine(), []
        for number in range(4):
            publish(made, article(str(number)))
            names.append(made.generation())
        assert None not in names
        assert len(set(names)) == 4

    def test_two_places_share_nothing(self, engine: MakeEngine) -> None:
        one, other = engine("one"), engine("other")
        publish(one, article("a"))
        assert other.generation() is None

    def test_another_engine_at_the_same_place_sees_what_was_published(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        one, other = engine("place"), engine("place")
        publish(one, article("a", "визит"))
        assert other.generation() == one.generation()
        publish(other, article("b", "визит"))
        assert Reading(one.open(), analyzer).ids("визит") == "a b"

    def test_a_sound_index_has_nothing_to_complain_of(self, engine: MakeEngine) -> None:
        made = engine()
        publish(made, article("a", "визит", published=date(2024, 1, 1), tags=("суд",)), article("b"))
        publish(made, article("a", "поездка"), article("c", "визит"))
        assert made.verify() == []

    def test_articles_are_added_to_those_published_before(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит", published=date(2024, 1, 2)))
        publish(made, article("b", "визит", published=date(2024, 1, 3)), article("c", "визит"))
        publish(made, article("d", "визит", published=date(2024, 1, 1)))
        reading = Reading(made.open(), analyzer)
        assert reading.order("визит", sort=Sort.NEWEST) == ["b", "a", "d", "c"]
        assert [each.id for each in reading.searcher.articles()] == ["c", "d", "a", "b"]
        assert reading.searcher.info.articles == 4

    def test_a_fresh_generation_begins_from_nothing(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"), article("b", "визит"))
        publish(made, article("c", "визит"), fresh=True)
        assert Reading(made.open(), analyzer).ids() == "c"

    def test_an_article_added_again_replaces_the_one_published_before(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        made = engine()
        publish(made, article("a", "визит", author="Дана", published=date(2023, 1, 1)), article("b", "визит"))
        publish(made, article("a", "поездка", author="Олег", views=7, published=date(2024, 1, 1)))
        reading = Reading(made.open(), analyzer)
        assert (reading.ids("визит"), reading.ids("поездка"), reading.ids()) == ("b", "a", "a b")
        assert (reading.ids(author="Дана"), reading.ids(period=Period(2023)), reading.ids("-поездка")) == ("", "", "b")
        facets = reading.found().facets
        assert facets is not None
        assert (facets.years, facets.authors) == (counts((2024, 1)), counts(("Олег", 1)))
        assert reading.searcher.article("a", NOW) == article(
            "a", "поездка", author="Олег", views=7, published=date(2024, 1, 1)
        )
        assert reading.searcher.info.articles == 2
        assert reading.searcher.info.first == date(2024, 1, 1)

    def test_of_articles_with_one_id_the_last_one_wins(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"), article("b", "визит"), article("a", "встреча"), article("a", "поездка"))
        reading = Reading(made.open(), analyzer)
        assert (reading.ids("визит"), reading.ids("встреча"), reading.ids("поездка")) == ("b", "", "a")
        assert reading.searcher.info.articles == 2
        assert [each.id for each in reading.searcher.articles()] in (["a", "b"], ["b", "a"])

    def test_a_removed_article_is_gone_from_everything(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, *(article(each, "визит", author="Дана", published=date(2024, 1, 1)) for each in "abc"))
        with made.writer() as writer:
            assert writer.remove("b")
            assert not writer.remove("b")
            assert not writer.remove("nobody")
            writer.publish()
        reading = Reading(made.open(), analyzer)
        assert reading.ids("визит") == reading.ids() == reading.ids("-поездка") == "a c"
        assert reading.ids("виз*") == reading.ids('"визит"') == "a c"
        facets = reading.found().facets
        assert facets is not None
        assert (facets.years, facets.authors) == (counts((2024, 2)), counts(("Дана", 2)))
        assert reading.searcher.article("b", NOW) is None
        assert {each.id for each in reading.searcher.articles()} == {"a", "c"}
        assert reading.searcher.info.articles == 2

    def test_adding_and_removing_within_one_generation(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"), article("b", "визит"))
        with made.writer() as writer:
            writer.add(article("c", "визит"))
            assert writer.remove("c")
            assert writer.remove("a")
            writer.add(article("a", "визит снова"))
            writer.add(article("b", "визит опять"))
            assert writer.remove("b")
            assert not writer.remove("b")
            writer.publish()
        reading = Reading(made.open(), analyzer)
        assert (reading.ids("визит"), reading.ids("снова"), reading.ids("опять")) == ("a", "a", "")
        assert made.verify() == []

    def test_an_article_with_the_published_content_stays_with_its_new_views(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        made = engine()
        publish(made, article("a", "визит", views=5), article("b", "визит", views=6))
        with made.writer() as writer:
            assert not writer.changed
            assert not writer.add(article("a", "визит", views=5))
            assert not writer.add(article("a", "визит"), counted=False)
            assert not writer.changed
            assert not writer.add(article("a", "визит", views=7))
            assert writer.add(article("b", "поездка"), counted=False)
            assert writer.changed
            writer.publish()
        assert {each.id: each.views for each in made.open().articles()} == {"a": 7, "b": 6}
        assert Reading(made.open(), analyzer).ids("визит", sort=Sort.VIEWS) == "a"

    def test_a_fresh_generation_keeps_the_views_of_contents_that_are_not_counted(self, engine: MakeEngine) -> None:
        made = engine()
        publish(made, article("a", "визит", views=5))
        with made.writer(fresh=True) as writer:
            assert list(writer.published()) == []
            writer.add(article("a", "визит"), counted=False)
            writer.add(article("b", "визит"), counted=False)
            writer.publish()
        assert {each.id: each.views for each in made.open().articles()} == {"a": 5, "b": 0}

    def test_a_published_article_may_be_kept_after_all(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"), article("b", "визит"))
        with made.writer() as writer:
            writer.add(article("a", "поездка"))
            writer.keep("a")
            writer.remove("b")
            writer.keep("b")
            writer.keep("nowhere")
            assert not writer.changed
            writer.add(article("a", "поездка"))
            assert not writer.add(article("a", "визит"))
            writer.add(article("c", "поездка"))
            writer.publish()
        assert Reading(made.open(), analyzer).ids("визит") == "a b"
        assert Reading(made.open(), analyzer).ids("поездка") == "c"

    def test_where_articles_came_from_is_kept_with_them(self, engine: MakeEngine) -> None:
        made = engine()
        with made.writer() as writer:
            writer.add(article("a", "визит"), "здесь\0там")
            writer.add(article("b", "визит"))
            writer.publish()
        publish(made, article("c"))
        with made.writer() as writer:
            assert {kept.id: kept.origin for kept in writer.published()} == {"a": "здесь\0там", "b": "", "c": ""}

    def test_views_are_set_of_published_and_of_new_articles(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит", views=5), article("b", "визит"))
        old = made.open()
        with made.writer() as writer:
            writer.add(article("c", "визит"))
            set_ = [writer.set_views(each, number) for number, each in enumerate("abcd")]
            assert set_ == [True, True, True, False]
            writer.publish()
        publish(made, article("e", "визит"))
        assert list(Reading(made.open(), analyzer).order("визит", sort=Sort.VIEWS)) == ["c", "b", "a", "e"]
        assert {each.id: each.views for each in made.open().articles()} == {"a": 0, "b": 1, "c": 2, "e": 0}
        assert {each.id: each.views for each in old.articles()} == {"a": 5, "b": 0}

    def test_rolling_back_publishes_the_generation_before_again(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        with pytest.raises(IndexUnavailable):
            made.rollback()
        publish(made, article("a", "визит"))
        with pytest.raises(IndexUnavailable):
            made.rollback()
        publish(made, article("a", "поездка", views=3), article("b", "визит"))
        names = {made.generation()}
        for expected in ("a", "b", "a"):
            info = made.rollback()
            assert info.generation == made.generation() == made.open().info.generation
            names.add(info.generation)
            assert Reading(made.open(), analyzer).ids("визит") == expected
        assert len(names) == 4
        assert made.verify() == []
        publish(made, article("c", "визит"))
        assert Reading(made.open(), analyzer).ids("визит") == "a c"

    def test_what_is_withdrawn_cannot_be_rolled_back_to(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"), article("b", "визит"))
        publish(made, article("c", "визит"))
        with made.writer() as writer:
            assert writer.withdraw("a")
            assert not writer.withdraw("nowhere")
            assert writer.changed
            writer.publish()
        assert Reading(made.open(), analyzer).ids("визит") == "b c"
        with pytest.raises(IndexUnavailable):
            made.rollback()
        with made.writer() as writer:
            assert writer.remove("b")
            writer.publish()
        with made.writer() as writer:
            assert writer.withdraw("b"), "the generation before has it"
            writer.publish()
        with pytest.raises(IndexUnavailable):
            made.rollback()
        assert Reading(made.open(), analyzer).ids("визит") == "c"

    def test_everything_may_be_removed(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит", published=date(2024, 1, 1)), article("b"))
        with made.writer() as writer:
            assert writer.remove("a")
            assert writer.remove("b")
            writer.publish()
        reading = Reading(made.open(), analyzer)
        assert (reading.ids(), reading.ids("визит"), reading.searcher.info.articles) == ("", "", 0)
        publish(made, article("a", "визит"))
        assert Reading(made.open(), analyzer).ids("визит") == "a"

    def test_a_generation_without_changes_answers_the_same(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"), article("b", "поездка визит"))
        before = Reading(made.open(), analyzer).found("визит")
        publish(made)
        assert Reading(made.open(), analyzer).found("визит") == before

    def test_an_open_searcher_keeps_answering_from_its_generation(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит", author="Дана"), article("b", "визит", published=date(2024, 1, 1)))
        old = Reading(made.open(), analyzer)
        for number in range(6):
            with made.writer(fresh=number == 4) as writer:
                writer.remove("b")
                writer.add(article("a", f"поездка {number}"))
                writer.add(article(f"new-{number}", "визит"))
                writer.publish()
        assert old.ids("визит") == old.ids("виз*") == "a b"
        assert old.ids(author="Дана") == "a"
        assert [each.id for each in old.searcher.articles()] == ["a", "b"]
        assert old.searcher.article("b", NOW) is not None
        assert old.searcher.info.articles == 2
        assert Reading(made.open(), analyzer).ids("визит") == "new-4 new-5"

    def test_what_is_prepared_is_not_seen_before_it_is_published(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"))
        before = made.generation()
        with made.writer() as writer:
            writer.add(article("b", "визит"))
            writer.remove("a")
            assert made.generation() == before
            assert Reading(made.open(), analyzer).ids("визит") == "a"
            writer.publish()
        assert made.generation() != before

    def test_leaving_without_publishing_leaves_no_trace(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"))
        before = made.generation()
        for fresh in (False, True):
            with made.writer(fresh=fresh) as writer:
                writer.add(article("b", "визит"))
                writer.remove("a")
        assert made.generation() == before
        assert Reading(made.open(), analyzer).ids("визит") == "a"
        assert made.verify() == []

    def test_a_failure_while_writing_leaves_no_trace_and_the_way_free(
        self, engine: MakeEngine, analyzer: Analyzer
    ) -> None:
        made = engine()
        publish(made, article("a", "визит"))
        before = made.generation()
        with suppress(ZeroDivisionError), made.writer() as writer:
            writer.add(article("b", "визит"))
            raise ZeroDivisionError
        assert made.generation() == before
        publish(made, article("c", "визит"))
        assert Reading(made.open(), analyzer).ids("визит") == "a c"

    def test_leaving_the_first_writer_without_publishing_leaves_no_index(self, engine: MakeEngine) -> None:
        made = engine()
        with made.writer(fresh=True) as writer:
            writer.add(article("a"))
        assert made.generation() is None
        with pytest.raises(IndexUnavailable):
            made.open()

    def test_a_second_writer_is_refused_while_one_is_at_work(self, engine: MakeEngine) -> None:
        made, elsewhere = engine(), engine()
        with made.writer() as writer:
            writer.add(article("a"))
            for other, fresh in product((made, elsewhere), (False, True)):
                with pytest.raises(IndexUnavailable), other.writer(fresh=fresh):
                    pass
            writer.publish()
        publish(elsewhere, article("b"))
        assert made.open().info.articles == 2

    def test_only_a_fresh_writer_may_follow_another_time_zone(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        late = article("a", published=datetime(2023, 5, 16, 20, 0, tzinfo=UTC))
        publish(engine(), late)
        moved = engine(settings=Settings(timezone="Europe/Moscow"))
        with pytest.raises(IndexUnavailable), moved.writer():
            pass
        publish(moved, late, fresh=True)
        assert moved.open().info.timezone == "Europe/Moscow"
        assert Reading(moved.open(), analyzer).ids("дата:2023-05-16") == "a"

    def test_one_searcher_serves_many_threads(self, archive: Archive) -> None:
        texts = ["визит", "поездка | визит", '"слово визит"', "-визит", "виз*", "сло*", "=слово", "дата:2024"]
        reading = archive(
            *(article(f"{n:02}", "слово " * (n % 5) + ("визит" if n % 2 else "поездка")) for n in range(40)),
            *(article(f"d{n:02}", published=date(2024, 1, 1 + n)) for n in range(20)),
        )
        expected = {text: reading.found(text) for text in texts}
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda text: (text, reading.found(text)), texts * 10))
        assert all(found == expected[text] for text, found in answers)

    def test_the_same_request_is_always_answered_the_same(self, archive: Archive) -> None:
        reading = archive(*(article(f"{n:02}", "визит слово" if n % 3 else "визит") for n in range(30)))
        assert reading.found("визит | слово") == reading.found("визит | слово")

    def test_dates_that_no_article_can_have_match_nothing(self, archive: Archive) -> None:
        searcher = archive(article("a", published=date(2024, 1, 1))).searcher
        backwards = Dates(date(2025, 1, 1), date(2023, 1, 1))
        assert searcher.search(Request(now=NOW, query=backwards)).total == 0


def _forms(count: int) -> list[str]:
    """That many different words that begin with лоп, in alphabetical order."""
    letters = "абвгдежзиклмнопрстуфхцчшщэюя"
    return ["лоп" + "".join(ending) for ending in islice(product(letters, repeat=3), count)]
