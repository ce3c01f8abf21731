"""What is published, replaced, removed and rolled back, generation by generation."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import product

import pytest

from search.analysis import Analyzer
from search.config import Settings
from search.errors import IndexUnavailable
from search.model import Period, Sort
from tests.contract.made import NOW, Contract, MakeEngine, Reading, article, counts, publish


class WriterContract(Contract):
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

    def test_another_engine_at_the_place_sees_what_was_published(self, engine: MakeEngine, analyzer: Analyzer) -> None:
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

    def test_an_article_added_again_replaces_the_one_before(self, engine: MakeEngine, analyzer: Analyzer) -> None:
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

    def test_an_unchanged_article_stays_with_its_new_views(self, engine: MakeEngine, analyzer: Analyzer) -> None:
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

    def test_a_fresh_generation_keeps_views_that_are_not_counted(self, engine: MakeEngine) -> None:
        made = engine()
        publish(made, article("a", "визит", views=5))
        with made.writer(fresh=True) as writer:
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
        assert dict(made.open().origins()) == {"a": "здесь\0там", "b": "", "c": ""}

    def test_an_unchanged_article_takes_its_new_origin(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made, named = engine(), [article(each, "визит") for each in "abcd"]
        with made.writer() as writer:
            for each in named:
                writer.add(each, f"здесь\0{each.id}\0старая")
            writer.publish()
        old = made.open()
        with made.writer() as writer:
            for each in named[:3]:
                assert not writer.add(each, f"здесь\0{each.id}\0новая, длиннее")
            assert writer.changed
            writer.keep("a")
            assert not writer.add(named[1], "здесь\0b\0старая")
            assert not writer.add(named[2], "здесь\0c\0старая")
            assert not writer.changed, "as published, all three"
            assert not writer.add(named[2], "здесь\0c\0новая, длиннее")
            assert not writer.add(named[3])
            assert writer.set_views("c", 7)
            writer.publish()
        assert made.verify() == []
        origins = {each: f"здесь\0{each}\0старая" for each in "abd"} | {"c": "здесь\0c\0новая, длиннее"}
        assert dict(made.open().origins()) == origins
        assert set(dict(old.origins()).values()) == {f"здесь\0{each}\0старая" for each in "abcd"}
        assert made.rollback().generation == made.generation()
        assert dict(made.open().origins())["c"].endswith("старая")
        made.rollback()
        publish(made, article("a", "поездка"), *(article(str(number), "визит") for number in range(9)))
        publish(made, *(article(f"e{number}", "визит") for number in range(9)))
        assert dict(made.open().origins()).items() >= {"b": "здесь\0b\0старая", "c": origins["c"]}.items()
        assert {each.id: each.views for each in made.open().articles()}["c"] == 7
        assert Reading(made.open(), analyzer).found("визит").total == 21
        assert made.verify() == []

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

    def test_a_failure_while_writing_leaves_no_trace(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        made = engine()
        publish(made, article("a", "визит"))
        before = made.generation()
        with suppress(ZeroDivisionError), made.writer() as writer:
            writer.add(article("b", "визит"))
            raise ZeroDivisionError
        assert made.generation() == before
        publish(made, article("c", "визит"))
        assert Reading(made.open(), analyzer).ids("визит") == "a c"

    def test_a_first_writer_that_does_not_publish_leaves_no_index(self, engine: MakeEngine) -> None:
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
