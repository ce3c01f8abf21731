"""`python -m tests.tools.relevance`: ask every system, print the tables, write the figures as JSON."""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from search.analysis import Analyzer
from search.model import Article
from tests.tools import relevance
from tests.tools.bench.report import table
from tests.tools.relevance.copies import folding
from tests.tools.relevance.judged import Judged, judged_of, sample
from tests.tools.relevance.measures import forms_found, interval, measured, ndcg, vocabulary_of, words_found
from tests.tools.relevance.names import names_found
from tests.tools.relevance.systems import SYSTEMS

FORMS = Path("morph", "ud_gsd.tsv")
NEWS = Path("news", "1tv.jsonl.gz")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.relevance",
        description=relevance.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="a folder with retrieval/ and morph/")
    parser.add_argument("--queries", type=int, help="how many questions of each set to ask (all)")
    parser.add_argument("--half", choices=("tuned", "held", "both"), default="both", help="of the questions (both)")
    parser.add_argument("--systems", default=",".join(SYSTEMS), help=f"with commas between ({','.join(SYSTEMS)})")
    parser.add_argument("--out", type=Path, default=Path("relevance.json"), help="the figures (relevance.json)")
    options = parser.parse_args(arguments)
    names = options.systems.split(",")
    if unknown := set(names) - set(SYSTEMS):
        parser.error(f"no such system: {', '.join(sorted(unknown))}")
    run: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    run |= {"sets": {}, "forms": {}, "names": {}, "copies": {}}
    for judged in _sets(options.data, options.queries, options.half):
        run["sets"][judged.name] = _compared(names, judged)
    if options.data:
        for name, lemmas in (("snowball", False), ("ours", True)):
            analyzer = Analyzer(lemmas=lemmas)
            standing = vocabulary_of(_news(options.data / NEWS), analyzer)
            run["forms"][name] = forms_found(options.data / FORMS, analyzer.terms)
            run["forms"][name] |= words_found(standing, analyzer.terms)
            run["names"][name] = names_found(_news(options.data / NEWS), analyzer)
        for path in sorted((options.data / NEWS).parent.glob("*.jsonl.gz")):
            name = path.name.partition(".")[0]
            run["copies"] |= {f"{name}, {size}": found for size, found in folding([*_news(path)]).items()}
    options.out.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(*tables(run), sep="\n")
    print(f"\n{options.out} has all figures.")


def _sets(data: Path | None, most: int | None, half: str) -> Iterator[Judged]:
    if data is None:
        yield sample()
        return
    for folder in sorted((data / "retrieval").iterdir()):
        yield judged_of(folder, most, half)


def _news(path: Path) -> Iterator[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            day = record.get("published")
            published = datetime.fromisoformat(day) if day else None
            yield Article(record["id"], record["title"], record["text"], record.get("lead") or "", published=published)


def _compared(names: Sequence[str], judged: Judged) -> dict[str, dict[str, Any]]:
    """What the systems reach over one set, each with the interval of its gain over Snowball, in per cent."""
    of = {name: figures(name, judged) for name in names}
    each = {name: found.pop("each") for name, found in of.items()}
    for name, found in of.items() if "snowball" in of else ():
        low, high = interval(each[name], each["snowball"])
        found["gain"] = [100 * (low - 1), 100 * (high - 1)]
    return of


def figures(name: str, judged: Judged) -> dict[str, Any]:
    """What one system reaches over one set, of each question as well, and the milliseconds of CPU time of an answer."""
    with tempfile.TemporaryDirectory(prefix="relevance-") as folder:
        system = SYSTEMS[name](Path(folder) / "index", judged.articles)
        began = time.process_time()
        answers = {question: system.answer(text) for question, text in judged.questions.items()}
        spent = time.process_time() - began
    reached: dict[str, Any] = measured(answers, judged.relevant)
    reached |= {"ms": 1000 * spent / len(answers), "questions": len(answers)}
    return reached | {"each": ndcg(answers, judged.relevant)}


def tables(run: dict[str, Any]) -> Iterator[str]:
    """The figures of every set, the gain over Snowball, the forms."""
    gains = []
    for name, of in run["sets"].items():
        base = of.get("snowball")
        rows = []
        for system, each in of.items():
            gain = 100 * (each["ndcg@10"] / base["ndcg@10"] - 1) if base else 0.0
            gains += [gain] if system == "served" else []
            shown = (f"{each[measure]:.4f}" for measure in ("ndcg@10", "mrr@10", "recall@100"))
            between = "{:+.1f} … {:+.1f}".format(*each["gain"]) if "gain" in each else ""
            rows.append((system, *shown, f"{gain:+.2f}", between, f"{each['ms']:.2f}"))
        questions = next(iter(of.values()))["questions"]
        header = ("system", "nDCG@10", "MRR@10", "recall@100", "nDCG, %", "95 %", "CPU ms")
        yield table(f"{name}, {questions} questions; nDCG in % against snowball", header, rows)
    if gains:
        yield f"\nserved against snowball: {fmean(gains):+.2f} % nDCG@10 on average, {min(gains):+.2f} % at worst"
    if run["forms"]:
        header = ("terms", *next(iter(run["forms"].values())))
        rows = [(name, *(f"{value:.4g}" for value in each.values())) for name, each in run["forms"].items()]
        yield table("Word forms found from their lemma, and pairs of lemmas merged", header, rows)
        rows = [
            (name, kind, f"{of['in several cases']:.0f}", f"{of['each finds all']:.4f}")
            for name, kinds in run["names"].items()
            for kind, of in kinds.items()
        ]
        yield table("Names found by each of their cases", ("terms", "of", "in several cases", "each finds all"), rows)
    if run["copies"]:
        header = ("pairs of articles", *next(iter(run["copies"].values())))
        rows = [(name, *(f"{value:.4g}" for value in each.values())) for name, each in run["copies"].items()]
        yield table("Near-copies folded, against a Jaccard similarity of 0.8 and 0.5", header, rows)


if __name__ == "__main__":
    main()
