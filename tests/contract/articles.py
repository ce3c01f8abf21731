"""What comes back of each article and of the archive as a whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from search.engine import Request
from search.model import Article, Period, Sort
from search.query.tree import Address, And, Not, Query
from tests.contract.made import ALMATY_SINCE, NOW, Archive, Contract, MakeEngine, article


class ArticlesContract(Contract):
    # -- ids and addresses

    def test_an_address_is_an_id_or_a_page_however_spelled(self, archive: Archive) -> None:
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

    def test_all_articles_come_undated_first_then_oldest_first(self, archive: Archive) -> None:
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
