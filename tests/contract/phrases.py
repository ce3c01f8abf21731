"""Words in a row, and words near each other."""

from __future__ import annotations

from tests.contract.made import Archive, Contract, article


class PhrasesContract(Contract):
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

    def test_words_near_each_other_stand_in_any_order(self, archive: Archive) -> None:
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
