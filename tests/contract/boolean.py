"""All of several words, either of them, none of them, most of them."""

from __future__ import annotations

from datetime import date

from search.engine import Request
from search.model import Sort
from search.query.parser import parse
from search.query.tree import And, Everything, Most, Not, Or, Query
from tests.contract.made import NOW, Archive, Contract, article


class BooleanContract(Contract):
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

    # -- most of the words

    def test_most_is_enough_clauses_or_one_that_is_enough_alone(self, archive: Archive) -> None:
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

    def test_what_was_published_on_leading_days_comes_first(self, archive: Archive) -> None:
        reading = archive(
            article("then", "Газпром и ещё " + "много слов " * 40, published=date(2014, 3, 1)),
            article("named", "Газпром", title="Газпром 2014: Газпром в 2014", published=date(2024, 3, 1)),
            article("neither", "Газпром", published=date(2020, 3, 1)),
        )
        assert reading.order("Газпром 2014") == ["then", "named"]
        assert reading.order("Газпром | 2014") == ["then", "named", "neither"]
        assert reading.order("2014") == ["then", "named"]
        assert reading.order("Газпром -(дата:2014)") == ["named", "neither"]
