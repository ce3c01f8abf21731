"""Filters, and what facets count under them."""

from __future__ import annotations

from datetime import date

from search.model import Days, Period, Sort
from tests.contract.made import Archive, Contract, article, counts


class FacetsContract(Contract):
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

    def test_an_article_of_several_authors_is_of_each(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит", author="Дана Аменова, Пётр Ли"),
            article("b", "визит", author="Пётр Ли и Жансая Қалиева"),
            article("c", "визит", author="Дана Аменова", section="Город"),
            article("d", "визит", author="Труд и быт"),
            article("e", "встреча", author="Дана Аменова и Пётр Ли; Дана Аменова"),
            article("f", "визит"),
        )
        assert reading.ids(author="Дана Аменова") == "a c e"
        assert reading.ids("визит", author="Пётр Ли") == "a b"
        assert reading.ids(author="Труд и быт") == "d"
        assert reading.ids(author="Труд") == reading.ids(author="") == ""
        # Several names find what is by all of them, in any order and among others.
        assert reading.ids(author="Пётр Ли и Дана Аменова") == reading.ids(author="Дана Аменова, Пётр Ли") == "a e"
        assert reading.ids(author="Дана Аменова, Жансая Қалиева") == reading.ids(author="Дана Аменова, Олег Ким") == ""
        every = counts(("Дана Аменова", 2), ("Пётр Ли", 2), ("Жансая Қалиева", 1), ("Труд и быт", 1))
        assert reading.facets("визит").authors == reading.facets("визит", author="Жансая Қалиева").authors == every
        assert reading.facets("визит", author="Пётр Ли").sections == ()
        assert reading.facets("визит", section="Город").authors == counts(("Дана Аменова", 1))
        # Its words are those of the whole byline.
        assert reading.ids("автор:быта | автор:Ли") == "a b d e"
        assert reading.ids('автор:"Аменова Пётр"') == "a"

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

    def test_more_values_of_a_facet_are_counted_when_asked_for(self, archive: Archive) -> None:
        names = [f"Имя {number:02}" for number in range(30)]
        reading = archive(*(article(name, author=name, section=name, tags=(name,)) for name in names))
        usual, every = reading.found().facets, reading.found(values=1000).facets
        assert usual is not None
        assert every is not None
        for few, all_of_them in (
            (usual.authors, every.authors),
            (usual.sections, every.sections),
            (usual.tags, every.tags),
        ):
            assert [count.value for count in few] == names[:20]
            assert all_of_them == counts(*((name, 1) for name in names))

    def test_years_are_ascending_and_without_zeros(self, archive: Archive) -> None:
        days = [date(2024, 5, 1), date(2021, 1, 1), date(2024, 1, 1), date(2019, 12, 31)]
        facets = archive(*(article(str(n), published=day) for n, day in enumerate(days)), article("u")).found().facets
        assert facets is not None
        assert facets.years == counts((2019, 1), (2021, 1), (2024, 2))
        assert (facets.months, facets.days, facets.undated) == (None, None, 1)

    def test_each_level_of_dates_shows_the_neighbours(self, archive: Archive) -> None:
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

    def test_the_undated_can_be_chosen_as_a_period_is(self, archive: Archive) -> None:
        reading = archive(
            article("a", "визит", author="Дана", published=date(2024, 5, 1)),
            article("b", "визит", author="Дана", tags=("суд",)),
            article("c", "визит", author="Олег"),
            article("d", "встреча", author="Олег"),
            article("later", "визит", published=date(2099, 1, 1)),
        )
        assert reading.ids(undated=True) == reading.ids(undated=True, facets=False) == "b c d"
        assert reading.order("визит", undated=True, sort=Sort.OLDEST) == ["b", "c"]
        assert reading.ids("визит", undated=True, author="Дана") == "b"
        # Its count stands at the level of the years, which it leaves out as a period leaves it out.
        found = reading.found("визит", undated=True)
        assert found.facets is not None
        assert (found.total, found.facets.undated) == (2, 2)
        assert (found.facets.years, found.facets.months, found.facets.days) == (counts((2024, 1)), None, None)
        assert (found.facets.authors, found.facets.tags) == (counts(("Дана", 1), ("Олег", 1)), counts(("суд", 1)))
        narrowed = reading.facets(undated=True, author="Олег")
        assert (narrowed.years, narrowed.undated) == ((), 2)
        assert narrowed.authors == counts(("Олег", 2), ("Дана", 1))
        # What has no date is in no period and on no day.
        for dates in ({"period": Period(2024)}, {"between": Days(date.min, date.max)}):
            for facets in (True, False):
                assert reading.ids(undated=True, facets=facets, **dates) == ""

    def test_a_range_of_days_narrows_every_facet(self, archive: Archive) -> None:
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

    def test_authors_and_sections_ignore_their_own_filter(self, archive: Archive) -> None:
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

    def test_tags_ignore_their_own_filter_alone(self, archive: Archive) -> None:
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
