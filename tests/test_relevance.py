"""What is found, and how high, stays as good as it was measured; and the measures count rightly."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import pytest

from search.analysis import Analyzer
from tests.test_news import DATA
from tests.tools.relevance.__main__ import FORMS, figures, main
from tests.tools.relevance.judged import judged_of
from tests.tools.relevance.measures import forms_found, interval, measured

REAL = pytest.mark.skipif(not (DATA / FORMS).exists(), reason=f"no real data: there is no {DATA / FORMS}")


def test_the_measures_worked_by_hand() -> None:
    found = measured({"q": ["x", "a", "b"], "r": []}, {"q": {"a": 1.0, "c": 1.0}, "r": {"a": 1.0}})
    ideal = 1 + 1 / log2(3)
    assert found == pytest.approx({"ndcg@10": 1 / log2(3) / ideal / 2, "mrr@10": 0.25, "recall@100": 0.25})


def test_forms_and_merges_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "forms.tsv"
    path.write_text("form\tlemma\tupos\nДома\tдом\tNOUN\nдомой\tдомой\tADV\nx\tx\tX\nрекой\tрека\tNOUN\n", "utf-8")
    found = forms_found(path, lambda form: [form[:2]] if form != "рекой" else ["?"])
    assert found == {"found": 2 / 3, "merged by dictionary forms": 1, "merged by any forms": 1}


def test_headlines_of_the_sample_find_their_own_bodies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--systems", "snowball,any,served", "--out", str(tmp_path / "out.json")])
    assert "served against snowball" in capsys.readouterr().out
    of = next(iter(json.loads((tmp_path / "out.json").read_text("utf-8"))["sets"].values()))
    for system in ("any", "served"):
        assert of[system]["ndcg@10"] >= of["snowball"]["ndcg@10"]
        low, high = of[system]["gain"]
        assert low <= 100 * (of[system]["ndcg@10"] / of["snowball"]["ndcg@10"] - 1) <= high


@REAL
def test_forms_are_found_and_lemmas_hardly_merged() -> None:
    ours, snowball = (forms_found(DATA / FORMS, Analyzer(lemmas=lemmas).terms) for lemmas in (True, False))
    assert ours.pop("found") >= 0.99
    assert all(merged <= 1.1 * snowball[how] for how, merged in ours.items())


@REAL
@pytest.mark.parametrize(("name", "gain"), [("xquad_ru", 1.00), ("danetqa", 1.03)])
def test_real_questions_are_answered_better_than_by_snowball(name: str, gain: float) -> None:
    judged = judged_of(DATA / "retrieval" / name, 400)
    served, snowball = (figures(system, judged)["ndcg@10"] for system in ("served", "snowball"))
    assert served >= gain * snowball


def test_an_interval_holds_the_gain() -> None:
    theirs = {str(n): 0.5 + n / 40 for n in range(20)}
    assert interval({name: 1.1 * value for name, value in theirs.items()}, theirs) == pytest.approx((1.1, 1.1))
    low, high = interval({name: value + (-1) ** int(name) / 10 for name, value in theirs.items()}, theirs)
    assert low < 1 < high


@REAL
def test_constants_are_tuned_on_questions_of_their_own() -> None:
    folder = DATA / "retrieval" / "xquad_ru"
    tuned, held, both = (set(judged_of(folder, half=half).questions) for half in ("tuned", "held", "both"))
    assert tuned | held == both
    assert not tuned & held
    assert 0.4 < len(tuned) / len(both) < 0.6
