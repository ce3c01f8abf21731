"""The embedded engine answers as the oracle does, whatever the archive and whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from search.config import Settings
from search.engine import Request
from search.engines.whoosh import WhooshEngine
from search.model import Article
from tests.properties import Make, check_additions, check_changes, check_one_generation, larger_corpus
from tests.strategies import ANALYZER, WORDS, Change, articles, changes, corpora, requests

ASKED = st.lists(requests(), min_size=4, max_size=10)


@contextmanager
def places() -> Iterator[Make]:
    """Makes engines in folders that go away afterwards."""
    numbers = count()
    with TemporaryDirectory() as folder:
        yield lambda: WhooshEngine(str(Path(folder) / str(next(numbers))), Settings(), ANALYZER)


@given(corpora(), ASKED)
def test_one_generation_answers_as_the_oracle(corpus: list[Article], asked: list[Request]) -> None:
    with places() as make:
        check_one_generation(make, corpus, asked)


@settings(max_examples=settings().max_examples // 2)
@given(corpora(), ASKED, st.integers(2, 4))
def test_articles_added_bit_by_bit_answer_as_the_oracle(
    corpus: list[Article], asked: list[Request], parts: int
) -> None:
    with places() as make:
        check_additions(make, corpus, asked, parts=parts)


@settings(max_examples=settings().max_examples // 2)
@given(changes(), ASKED)
def test_changed_generations_answer_as_the_oracle(steps: list[Change], asked: list[Request]) -> None:
    with places() as make:
        check_changes(make, steps, asked)


@pytest.mark.parametrize("parts", [1, 3])
@settings(max_examples=settings().max_examples // 10, phases=set(Phase) - {Phase.shrink})  # shrinking takes minutes
@given(st.lists(articles(), min_size=12, max_size=12), st.lists(requests(), min_size=40, max_size=40))
def test_a_larger_archive_answers_as_the_oracle(parts: int, values: list[Article], asked: list[Request]) -> None:
    with places() as make:
        check_additions(make, larger_corpus(parts, 300, WORDS, values), asked, parts=parts)
