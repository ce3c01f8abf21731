"""The oracle keeps the contract itself, and weighs as the formula says when worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log

import pytest

from search.analysis import Analyzer
from search.config import Settings
from search.engine import Request
from search.model import Article
from search.query.parser import parse
from tests.contract import DEFAULTS, EngineContract, MakeEngine, publish
from tests.oracle import OracleEngine, OracleSearcher, Store


class TestOracle(EngineContract):
    @pytest.fixture
    def engine(self, analyzer: Analyzer) -> MakeEngine:
        places: dict[str, Store] = {}

        def engine(place: str = "archive", settings: Settings = DEFAULTS) -> OracleEngine:
            return OracleEngine(settings, analyzer, places.setdefault(place, Store()))

        return engine


def searcher(analyzer: Analyzer, *articles: Article) -> OracleSearcher:
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, *articles)
    return engine.open()


def score(searcher: OracleSearcher, text: str) -> float | None:
    request = Request(now=datetime.now(UTC), query=parse(text, searcher.analyzer).query)
    return searcher.search(request).matches[0].score


def test_a_score_worked_by_hand(analyzer: Analyzer) -> None:
    # Lengths: a 3 * 1 + 3 = 6, b 2; pivot 4. The word: 3 * 1 + 1.5 * 1 (the opening) = 4.5 in a, df 1 of 2.
    asked = searcher(analyzer, Article("a", "Визит", "визит в Астану"), Article("b", "", "слово дня"))
    impact = int(255 * (0.2 + 4.5 / (4.5 + 1.2 * (1 - 0.75 + 0.75 * 6 / 4))) / 1.2 + 0.5)
    weight = round(256 * log(1 + (2 - 1 + 0.5) / (1 + 0.5)) ** 1.25)
    assert (impact, weight) == (198, 162)
    assert score(asked, "визит") == pytest.approx(198 * 162 * 2.2 / (255 * 256))


def test_a_word_weighs_by_its_kind(analyzer: Analyzer) -> None:
    asked = searcher(analyzer, Article("a", "", "Казахстан визит заявил или"), Article("b", "", "слово"))
    scores = [score(asked, word) or 0 for word in ("Казахстан", "визит", "заявил", "или")]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_a_word_scores_as_the_best_of_its_terms_once(analyzer: Analyzer) -> None:
    asked = searcher(analyzer, Article("a", "", "часы"), Article("b", "", "прочее"))
    assert analyzer.terms("часов")[:2] == ("_час", "_часы")
    assert score(asked, "часов") == score(asked, "часам")


def test_authors_are_weighed_without_regard_to_length(analyzer: Analyzer) -> None:
    asked = searcher(analyzer, Article("a", "", "", author="Дана Аменова"), Article("b", "", "слово"))
    impact = int(255 * (0.2 + 1 / (1 + 1.2)) / 1.2 + 0.5)
    percent = analyzer.percent("аменова")
    assert score(asked, "автор:Аменова") == pytest.approx(impact * (162 * percent // 100) * 2.2 / (255 * 256))


def test_an_incremental_generation_keeps_the_pivot(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, Article("a", "", "раз два три четыре"))
    publish(engine, Article("b", "", "слово " * 100))
    assert engine.open().generation.pivot == 4
    publish(engine, Article("b", "", "слово " * 100), fresh=True)
    assert engine.open().generation.pivot == 100
