"""The weights of terms and the scores that whole numbers stand for."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.config import Ranking
from search.ranking import IMPACT_STEPS, WEIGHT_STEPS, score_of, term_weight

ARTICLES = st.integers(1, 10_000_000)


@pytest.mark.parametrize(
    ("articles", "frequency", "weight"), [(1, 1, 74), (2, 1, 177), (1000, 1, 1665), (1000, 10, 1167)]
)
def test_weights_worked_by_hand(articles: int, frequency: int, weight: int) -> None:
    assert term_weight(articles, frequency) == weight
    assert weight == round(256 * log(1 + (articles - frequency + 0.5) / (frequency + 0.5)))


@given(ARTICLES, st.data())
def test_a_weight_is_a_whole_number_of_at_least_one(articles: int, data: st.DataObject) -> None:
    weight = term_weight(articles, data.draw(st.integers(0, articles)))
    assert isinstance(weight, int)
    assert weight >= 1


@given(ARTICLES, st.data())
def test_a_rarer_term_never_weighs_less(articles: int, data: st.DataObject) -> None:
    rarer, other = sorted(data.draw(st.lists(st.integers(0, articles), min_size=2, max_size=2)))
    assert term_weight(articles, rarer) >= term_weight(articles, other)


def test_a_term_of_every_article_still_weighs() -> None:
    assert term_weight(10_000_000, 10_000_000) == 1


def test_a_full_impact_with_a_weight_of_one_scores_as_bm25_does_at_its_limit() -> None:
    assert score_of(IMPACT_STEPS * WEIGHT_STEPS, Ranking(k1=1.2)) == pytest.approx(2.2)
    assert score_of(0, Ranking()) == 0


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_scores_are_in_the_order_of_their_points(one: int, other: int) -> None:
    assert (score_of(one, Ranking()) < score_of(other, Ranking())) == (one < other)
