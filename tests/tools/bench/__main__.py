"""`python -m tests.tools.bench`: run the measurement, print its tables, write its figures as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.tools import bench
from tests.tools.bench import report
from tests.tools.bench.corpus import composed, questions_from, questions_of, real, repeated_sample, sampled
from tests.tools.bench.measure import adding, available, build, builds, by_kind, limits, rates, searches, served
from tests.tools.bench.peer import Question
from tests.tools.bench.worker import PEERS

SIZES = "20000,200000"
SAMPLE_SIZES = "4000"


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    # Of its own, so that two runs do not meet; beside the corpora, where there is room.
    with tempfile.TemporaryDirectory(prefix="indexes-", dir=options.cache) as indexes:
        run = _run(options, Path(indexes))
    options.out.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(report.text(run))
    print(f"{options.out} has all figures.")


def _run(options: argparse.Namespace, indexes: Path) -> dict[str, Any]:
    """Everything that is measured."""
    sizes = sorted(map(int, (options.sizes or (SIZES if options.data else SAMPLE_SIZES)).split(",")))
    peers, missing = available(options.peers.split(","), indexes / "none")
    if options.data:
        corpus, questions = composed(options.data, sizes[-1], options.cache), questions_of(options.data)
    else:
        corpus = repeated_sample(sizes[-1], options.cache)
        questions = questions_from(corpus, sizes[0])
    questions = sampled(questions, options.queries)
    run: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine()}
    run |= {"data": bool(options.data), "missing": missing, "rounds": options.rounds, "sizes": {}}
    for size in sizes:
        run["sizes"][str(size)] = _of_size(size, peers, indexes, corpus, questions, options.rounds)
    if options.data:
        items, count = real(options.data, options.cache)
        run["real"] = {str(count): _of_size(count, peers, indexes, items, questions, options.rounds)}
    run["growth"] = _growth(sizes[-1], peers, indexes, corpus, run)
    return run


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.bench",
        description=bench.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="a folder with tools/compose.py and news/queries.tsv")
    parser.add_argument("--sizes", help=f"articles, with commas between ({SIZES}; without data {SAMPLE_SIZES})")
    parser.add_argument("--queries", type=int, help="how many of the questions to ask (all)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed (5)")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"with commas between ({','.join(PEERS)})")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="the figures (bench.json)")
    cache = Path(tempfile.gettempdir()) / "arkhiv-bench"
    parser.add_argument("--cache", type=Path, default=cache, help="where corpora are kept (a temporary folder)")
    options = parser.parse_args(arguments)
    if unknown := set(options.peers.split(",")) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return options


def _of_size(
    size: int, peers: Sequence[str], indexes: Path, corpus: Path, questions: Sequence[Question], rounds: int
) -> dict[str, Any]:
    """Everything that is measured at one size."""
    able = [name for name in peers if size <= (PEERS[name].most or size)]
    figures: dict[str, Any] = {"builds": builds(able, indexes, corpus, size)}
    found = searches(able, indexes, questions, rounds)
    figures["kinds"] = by_kind(found["times"], questions)
    figures["limits"] = limits(found, questions) if found["streams"] else {}
    figures["adding"] = adding(able, indexes)
    figures["served"] = served(able, indexes, questions, rounds)
    figures["rates"] = rates(able, indexes, questions)
    return figures


def _growth(
    largest: int, peers: Sequence[str], indexes: Path, corpus: Path, run: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Builds of a hundredth, a quarter and all of the largest size, of those that the bars are about."""
    growth = {}
    for name in (name for name in ("ours", "ours-full", "tantivy") if name in peers):
        sizes = [max(1, largest // 100), max(1, largest // 4)]
        smaller = {str(size): build(name, indexes / name, corpus, size) for size in sizes}
        growth[name] = smaller | {str(largest): run["sizes"][str(largest)]["builds"][name]}
    return growth


def _machine() -> dict[str, Any]:
    """What the figures were taken on and with."""
    versions = {}
    for package in ("arkhiv", "numpy", "tantivy", "whoosh3"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {"cores": os.cpu_count(), "python": platform.python_version(), "machine": platform.machine(), **versions}


if __name__ == "__main__":
    main()
