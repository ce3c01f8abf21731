"""The engine on a cluster answers as the oracle does, whatever the archive and whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from search.config import ClusterSettings, Settings
from search.engine import Request
from search.engines.opensearch import OpenSearchEngine
from search.model import Article
from tests.place import new_place
from tests.properties import Make, check_additions, check_changes, check_one_generation, larger_corpus
from tests.strategies import ANALYZER, WORDS, Change, articles, changes, corpora, requests

# An archive on a cluster takes a second to make, so that much is asked of each.
ASKED = st.lists(requests(), min_size=30, max_size=30)
WITHOUT_SHRINKING = set(Phase) - {Phase.shrink}  # it takes minutes
FEW = settings(max_examples=settings().max_examples // 6, phases=WITHOUT_SHRINKING)
FEWER = settings(max_examples=settings().max_examples // 15, phases=WITHOUT_SHRINKING)


@contextmanager
def places(shards: int = 1) -> Iterator[Make]:
    """Makes engines with names that go away afterwards."""
    numbers = count()
    settings = Settings(cluster=ClusterSettings(shards=shards))
    with new_place() as place:
        yield lambda: OpenSearchEngine(place.url(str(next(numbers))), settings, ANALYZER)


@FEW
@given(corpora(), ASKED)
def test_one_generation_answers_as_the_oracle(corpus: list[Article], asked: list[Request]) -> None:
    with places() as make:
        check_one_generation(make, corpus, asked)


@FEW
@given(corpora(), ASKED, st.integers(2, 4))
def test_articles_added_bit_by_bit_answer_as_the_oracle(
    corpus: list[Article], asked: list[Request], parts: int
) -> None:
    with places() as make:
        check_additions(make, corpus, asked, parts=parts)


@FEW
@given(changes(), ASKED)
def test_changed_generations_answer_as_the_oracle(steps: list[Change], asked: list[Request]) -> None:
    with places() as make:
        check_changes(make, steps, asked)


@pytest.mark.parametrize("parts", [1, 3])
@FEWER
@given(st.lists(articles(), min_size=12, max_size=12), st.lists(requests(), min_size=40, max_size=40))
def test_a_larger_archive_on_shards_answers_as_the_oracle(
    parts: int, values: list[Article], asked: list[Request]
) -> None:
    with places(shards=parts) as make:
        check_additions(make, larger_corpus(parts, 300, WORDS, values), asked, parts=parts)
