"""Near-copies are folded under the first of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from search.analysis import Analyzer
from search.model import Sort
from tests.contract.made import Archive, Contract, MakeEngine, Reading, article, long_text, publish


class CopiesContract(Contract):
    def test_near_copies_are_folded_and_still_counted(self, archive: Archive) -> None:
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

    def test_short_articles_of_one_day_with_one_headline_are_folded(self, archive: Archive) -> None:
        reading = archive(
            article("a", "О визите.", title="Визит в столицу завершён", published=date(2024, 5, 1)),
            article("b", "О визите иначе.", title="«Визит» в столицу — завершен!", published=date(2024, 5, 1)),
            article("c", "О визите.", title="Визит в столицу завершён", published=date(2024, 5, 2)),
            article("d", "О визите.", title="Визит завершён", published=date(2024, 5, 1)),
            article("e", "О визите.", title="Визит завершён", published=date(2024, 5, 1)),
            article("f", "О визите.", title="Визит в столицу завершён"),
            article("g", "О визите.", title="Визит в столицу завершён"),
        )
        folded = reading.found("визит", sort=Sort.NEWEST, fold=True)
        assert [(match.article.id, match.similar) for match in folded.matches] == [
            ("c", 0),
            ("a", 1),
            ("d", 0),
            ("e", 0),
            ("f", 0),
            ("g", 0),
        ]
        assert (folded.total, folded.folded) == (7, 1)

    def test_articles_that_come_later_fold_as_in_a_rebuild(self, engine: MakeEngine, analyzer: Analyzer) -> None:
        tested = engine("copies")
        noon, midnight = datetime(2024, 5, 1, 9, tzinfo=UTC), datetime(2024, 4, 30, 20, tzinfo=UTC)
        for number, published in enumerate((date(2024, 5, 1), noon, midnight)):
            made = article(f"{number}", title="Визит в столицу завершён", published=published)
            publish(tested, made, fresh=not number)
        answer = Reading(tested.open(), analyzer).found("визит", sort=Sort.NEWEST, fold=True)
        assert [(match.article.id, match.similar) for match in answer.matches] == [("1", 2)]

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
