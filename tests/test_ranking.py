"""The weights of terms and the scores that whole numbers stand for."""

from __future__ import annotations

from datetime import date
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.config import Ranking
from search.ranking import IMPACT_STEPS, WEIGHT_STEPS, recency_steps, score_of, term_weight, word_weight

RANKING = Ranking(rarity=1.25)
ARTICLES = st.integers(1, 10_000_000)


@pytest.mark.parametrize(
    ("articles", "frequency", "weight"), [(1, 1, 54), (2, 1, 162), (1000, 1, 2659), (1000, 10, 1705)]
)
def test_weights_worked_by_hand(articles: int, frequency: int, weight: int) -> None:
    assert term_weight(articles, frequency, RANKING) == weight
    assert weight == round(256 * log(1 + (articles - frequency + 0.5) / (frequency + 0.5)) ** 1.25)


@given(ARTICLES, st.data())
def test_a_weight_is_a_whole_number_of_at_least_one(articles: int, data: st.DataObject) -> None:
    weight = term_weight(articles, data.draw(st.integers(0, articles)), RANKING)
    assert isinstance(weight, int)
    assert weight >= 1


@given(ARTICLES, st.data())
def test_a_rarer_term_never_weighs_less(articles: int, data: st.DataObject) -> None:
    rarer, other = sorted(data.draw(st.lists(st.integers(0, articles), min_size=2, max_size=2)))
    assert term_weight(articles, rarer, RANKING) >= term_weight(articles, other, RANKING)


def test_a_term_of_every_article_still_weighs() -> None:
    assert term_weight(10_000_000, 10_000_000, RANKING) == 1


def test_a_word_weighs_as_its_most_frequent_term() -> None:
    assert word_weight([300, 200], 130) == 260
    assert word_weight([1], 30) == 1


def test_the_newest_month_gains_all_of_the_recency() -> None:
    newest = date(2024, 12, 31)
    steps = [(date(2023, 1, 2), 4), (date(2024, 1, 2), 5), (date(2024, 12, 2), 6)]
    assert recency_steps(newest, 6) == [(first.toordinal(), percent) for first, percent in steps]
    assert recency_steps(newest, 0) == recency_steps(None, 6) == []


def test_a_full_impact_scores_as_bm25_at_its_limit() -> None:
    assert score_of(IMPACT_STEPS * WEIGHT_STEPS, Ranking(k1=1.2)) == pytest.approx(2.2)
    assert score_of(0, Ranking()) == 0


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_scores_are_in_the_order_of_their_points(one: int, other: int) -> None:
    assert (score_of(one, Ranking()) < score_of(other, Ranking())) == (one < other)
