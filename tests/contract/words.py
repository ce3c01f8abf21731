"""Which articles have a word: in any form, in this one, in parts, by its beginning, in a field."""

from __future__ import annotations

from datetime import date
from itertools import islice, product

import pytest

from search.analysis import Analyzer
from search.query.tree import MAX_EXPANSION, MAX_EXPANSIONS
from tests.contract.made import NOW, Archive, Contract, MakeEngine, Reading, article, publish


class WordsContract(Contract):
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

    def test_half_a_surrogate_pair_is_found_nowhere(self, archive: Archive) -> None:
        reading = archive(article("a", "визит", author="Дана", section="Рынки", tags=("суд",)))
        for name in ("author", "section", "tag"):
            assert reading.ids(**{name: "\ud800"}) == ""
        assert reading.searcher.article("\ud800", NOW) is None

    # -- hyphens

    def test_a_hyphenated_word_is_found_by_its_parts_and_as_a_whole(self, archive: Archive) -> None:
        reading = archive(article("a", "Северо-Казахстанская область"), article("b", "Казахстанская область"))
        assert reading.ids("северо-казахстанской") == reading.ids("северо") == "a"
        assert reading.ids("казахстанской") == "a b"
        assert reading.ids("=северо-казахстанская") == "a"

    def test_a_hyphenated_word_is_found_where_it_is_written_apart(self, archive: Archive) -> None:
        reading = archive(article("a", "Нью Йорк"), article("b", "Нью-Йорк"), article("c", "Йорк, нью"))
        assert reading.ids("Нью-Йорк") == "a b"

    def test_parts_of_a_hyphenated_word_have_places_in_a_phrase(self, archive: Archive) -> None:
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

    def test_a_prefix_stands_for_its_most_frequent_words(self, archive: Archive) -> None:
        forms = _forms(MAX_EXPANSION + 40)
        frequent, rare = " ".join(forms[40:]), " ".join(forms[:40])
        found = archive(article("a", f"{frequent} {frequent}"), article("b", rare)).found("лоп*")
        assert ([match.article.id for match in found.matches], found.bounded) == (["a"], ("лоп",))

    def test_equal_words_of_a_prefix_are_cut_alphabetically(self, archive: Archive) -> None:
        *kept, cut = _forms(MAX_EXPANSION + 1)
        reading = archive(article("a", " ".join(kept)), article("b", cut))
        assert reading.ids("лоп*") == "a"

    def test_words_of_a_prefix_are_counted_over_all_generations(self, engine: MakeEngine, analyzer: Analyzer) -> None:
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


def _forms(count: int) -> list[str]:
    """That many different words that begin with лоп, in alphabetical order."""
    letters = "абвгдежзиклмнопрстуфхцчшщэюя"
    return ["лоп" + "".join(ending) for ending in islice(product(letters, repeat=3), count)]
