"""What small archives never reach: several blocks of articles, merging across them, and indexes of other releases."""

from __future__ import annotations

import tarfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from search import Archive, Article, IndexUnavailable, Settings
from search.analysis import Analyzer
from search.engine import Request
from search.engines.whoosh import WhooshEngine
from search.engines.whoosh.columns import BLOCK
from search.engines.whoosh.manifest import FORMAT
from search.engines.whoosh.publish.draft import WritePolicy
from search.model import Filters, Period, Sort
from search.query.parser import parse
from tests.contract import publish
from tests.oracle import OracleEngine
from tests.properties import check_same_answer
from tests.strategies import ANALYZER

GOLDEN = Path(__file__).with_name("golden")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = BLOCK + 4500
RARE = {0, BLOCK - 1, BLOCK, BLOCK + 1, SIZE - 1}


def one_word(number: int) -> Article:
    """Almost all have one word alone, so that its term has more postings than a block has articles."""
    text = "хлеб соль" if number in RARE else "соль" if number % 1000 == 0 else "хлеб"
    day = date.fromordinal(date(2024, 1, 1).toordinal() + number // 200)
    return Article(f"{number:06}", "", text, published=day, section="АБ"[number % 2])


def test_what_is_beyond_a_block_is_as_by_the_oracle(tmp_path: Path) -> None:
    embedded = WhooshEngine(str(tmp_path / "index"), Settings(), ANALYZER, WritePolicy(flush=60_000, crowd=2))
    oracle = OracleEngine(Settings(), ANALYZER)
    articles = [one_word(number) for number in range(SIZE)]
    # The first build is of several segments, which become one; the second adds some, takes some away, and merges.
    for engine in (embedded, oracle):
        publish(engine, *articles[::2], *articles[1 : SIZE // 2 : 2], fresh=True)
    for engine in (embedded, oracle):
        publish(engine, *articles[SIZE // 2 // 2 * 2 + 1 :: 2])
    searchers = embedded.open(), oracle.open()
    assert searchers[0].info.articles == SIZE
    texts = ("хлеб", "соль", "хлеб соль", "соль | хлеб", "хлеб -соль", '"хлеб соль"', "=соль", "сол* | хле*")
    for text in texts:
        query = parse(text, ANALYZER).query
        check_same_answer(*searchers, Request(now=NOW, query=query))
        check_same_answer(
            *searchers, Request(now=NOW, query=query, filters=Filters(Period(2024, 11), section="А"), limit=100)
        )
    for sort in (Sort.NEWEST, Sort.OLDEST):
        check_same_answer(*searchers, Request(now=NOW, sort=sort, offset=SIZE - 3000 if sort is Sort.OLDEST else 0))
    assert embedded.verify() == []


def golden(number: int, folder: Path, analyzer: Analyzer) -> WhooshEngine:
    """The index that a release wrote which had this format."""
    with tarfile.open(GOLDEN / f"format-{number}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    return WhooshEngine(str(folder / "index"), Settings(), analyzer)


def test_an_index_of_an_earlier_commit_answers(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = golden(FORMAT, tmp_path, analyzer)
    archive = Archive(engine, analyzer)
    assert engine.verify() == []
    assert [hit.article.id for hit in archive.search("хлеб").hits] == ["2", "без/даты"]
    assert archive.search("министр", year=2024, tag="визиты").hits[0].article.author == "Дана Аменова"
    assert archive.search("", person="Касым-Жомарт Токаев").hits[0].article.id == "kto"
    assert archive.search("www.kazpravda.kz/n/2/").hits[0].article.id == "2"
    assert archive.article("1").published == datetime.fromisoformat("2024-05-17T09:00:00+05:00")


@pytest.mark.parametrize("number", range(2, FORMAT))
def test_an_index_of_an_earlier_format_asks_for_a_rebuild(tmp_path: Path, analyzer: Analyzer, number: int) -> None:
    engine = golden(number, tmp_path, analyzer)
    with pytest.raises(IndexUnavailable, match=f"is of version {number}, .* run: indexer rebuild --full"):
        engine.open()
    publish(engine, Article("1", "Новая", ""), fresh=True)
    assert engine.open().info.articles == 1
