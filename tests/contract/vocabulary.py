"""Which words there are, and how frequent they are."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from search.analysis import Analyzer
from search.engine import Request
from search.query.parser import parse
from search.query.tree import Field, Or, Word
from tests.contract.made import NOW, Archive, Contract, MakeEngine, Reading, article, publish


class VocabularyContract(Contract):
    def test_words_with_a_beginning_come_by_frequency(self, archive: Archive) -> None:
        reading = archive(article("a", "казак казах Казань казах", title="Казахи"), article("b", "казак", lead="указ"))
        assert reading.words("каза") == "казак 2, казах 2, казань 1, казахи 1"
        assert reading.words("каза", 2) == "казак 2, казах 2"
        assert reading.words("небы") == ""

    def test_kazakh_letters_are_folded_in_the_beginning_only(self, archive: Archive) -> None:
        assert archive(article("a", "қазақ казак қазақ")).words("каз") == "қазақ 2, казак 1"

    def test_authors_sections_and_tags_are_no_words(self, archive: Archive) -> None:
        reading = archive(article("a", "слово", author="слон", section="слон", tags=("слон",), source="слон"))
        assert reading.words("сло") == "слово 1"

    def test_words_of_articles_of_tomorrow_are_kept_back(self, archive: Archive) -> None:
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
