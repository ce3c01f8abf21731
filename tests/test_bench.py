"""The bench itself: it asks the same of all, refuses to time different answers, and counts percentiles rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.bench.corpus import KINDS, questions_from, repeated_sample
from tests.tools.bench.measure import build, by_kind, compare, percentile, rates, searches, served
from tests.tools.bench.peer import Question
from tests.tools.bench.report import SERVED
from tests.tools.bench.served import NOTHING

ANSWER = {"total": 1, "ids": ["a"], "years": {}, "months": {}, "authors": [], "sections": {}}


def test_peers_answer_alike_on_the_bundled_sample_and_are_timed(tmp_path: Path) -> None:
    corpus = repeated_sample(250, tmp_path)
    questions = questions_from(corpus, 250, each=4)
    for name in ("ours", "fts5"):
        assert build(name, tmp_path / name, corpus, 250)["index_bytes"] > 0
    found = searches(["ours", "fts5"], tmp_path, questions, rounds=1)
    assert list(by_kind(found["times"], questions)) == list(KINDS)
    assert all(len(times) == len(questions) for times in found["times"].values())
    assert len(found["streams"]) == len(questions)
    assert all(rate > 0 for rate in rates(["ours"], tmp_path, questions)["ours"].values())


def test_what_is_served_is_measured_route_by_route(tmp_path: Path) -> None:
    corpus = repeated_sample(50, tmp_path)
    build("ours-full", tmp_path / "ours-full", corpus, 50)
    routes = served(["served"], tmp_path, questions_from(corpus, 50, each=1), rounds=1)["served"]
    assert set(routes) == {NOTHING, *SERVED}
    assert all(of["cpu_ms"] > 0 and 0 < of["p50"] <= of["p95"] and of["rate"] > 0 for of in routes.values())
    assert routes["/?q="]["cpu_ms"] > routes[NOTHING]["cpu_ms"]


def test_an_answer_that_differs_stops_the_bench_and_is_named() -> None:
    with pytest.raises(SystemExit, match=r"1 answers differ.*\n.*мост.*total"):
        compare({"ours": [ANSWER], "fts5": [ANSWER | {"total": 2}]}, [Question("one word", "мост")])


def test_answers_to_other_terms_may_differ() -> None:
    asked, other = [Question("one word", "мост")], [ANSWER | {"total": 2}]
    compare({"ours": [ANSWER], "ours-full": other}, asked)
    with pytest.raises(SystemExit, match="answers differ"):
        compare({"ours": [ANSWER], "fts5": [ANSWER], "ours-full": other, "tantivy": other}, asked)


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0
    assert percentile(list(map(float, range(1, 101))), 95) == 95.0
    assert percentile([7.0], 95) == 7.0
