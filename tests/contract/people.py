"""Who is mentioned, and where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from search.analysis import Analyzer
from search.engine import Request
from search.errors import IndexUnavailable
from search.model import Period
from search.query.tree import Not, Person, Query
from tests.contract.made import DEFAULTS, NOW, Archive, Contract, MakeEngine, Reading, article, counts, publish


class PeopleContract(Contract):
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

    def test_initials_are_those_of_the_one_full_name_that_they_fit_in_the_archive(
        self, engine: MakeEngine, analyzer: Analyzer, tmp_path: Path
    ) -> None:
        file = tmp_path / "names.txt"
        file.write_text("", "utf-8")
        made = engine(settings=replace(DEFAULTS, names=str(file)))
        publish(
            made,
            article("a", "Пришёл Нурлан Байжанов."),
            article("b", "С Н. Байжановым."),
            article("c", "Байжанов Н. А. и К. Белов."),
        )
        reading = Reading(made.open(), analyzer)
        assert reading.ids(person="Нурлан Байжанов") == "a b"
        assert reading.ids(person="Н. А. Байжанов") == reading.ids(person="К. Белов") == "c", "two need many"
        publish(made, article("d", "Пришла Назгуль Иванова, с ней Никита Байжанов."))
        assert Reading(made.open(), analyzer).ids(person="Н. Байжанов") == "b", "there are two of them"
        publish(made, *(article(f"e{n}", "О Нурлане Байжанове.") for n in range(20)))
        many = Reading(made.open(), analyzer)
        assert many.ids("-=нурлане", person="Нурлан Байжанов") == "a b c"
        file.write_text("Н. Байжанов = Никита Байжанов\n", "utf-8")
        publish(made, article("f", "Хлеб."))
        corrected = Reading(made.open(), analyzer)
        assert (corrected.ids(person="Никита Байжанов"), corrected.ids(person="Н. Байжанов")) == ("b d", "")
        assert corrected.ids("-=нурлане", person="Нурлан Байжанов") == "a c"

    def test_a_name_of_three_parts_and_of_two_of_them_is_one_person(self, archive: Archive) -> None:
        reading = archive(
            article("a", "Реджеп Тайип Эрдоган и Тайип Эрдоган."),
            article("b", "С Реджепом Эрдоганом."),
            article("c", "Речь Тайипа Эрдогана. Реджеп Тайип Эрдоган уехал."),
            article("d", "Иоанн Павел II, Иоанн II и Павел II."),
        )
        assert reading.ids(person="Реджеп Тайип Эрдоган") == "a b c"
        assert reading.ids(person="Реджеп Эрдоган") == reading.ids(person="Тайип Эрдоган") == ""
        assert reading.ids(person="Иоанн Павел II") == reading.ids(person="Иоанн II") == reading.ids(person="Павел II")
        assert reading.facets().persons == counts(("Реджеп Тайип Эрдоган", 3))

    def test_the_ten_most_mentioned_people_are_counted(self, archive: Archive) -> None:
        names = ["Иван", "Пётр", "Олег", "Антон", "Борис", "Вадим", "Глеб", "Денис", "Егор", "Захар", "Игорь", "Кирилл"]
        texts = [" и ".join(f"{name} Кузнецов" for name in names[: 12 - n]) for n in range(12)]
        persons = archive(*(article(f"{n}", text) for n, text in enumerate(texts))).facets().persons
        assert persons == counts(*((f"{name.replace('ё', 'е')} Кузнецов", 12 - n) for n, name in enumerate(names[:10])))
        few = archive(article("a", texts[0]), article("b", texts[10])).facets()
        assert few.persons == counts(("Иван Кузнецов", 2), ("Петр Кузнецов", 2))

    def test_people_ignore_their_own_filter_alone(self, archive: Archive) -> None:
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

    def test_an_archive_without_people_mentions_nobody(self, engine: MakeEngine, analyzer: Analyzer) -> None:
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
