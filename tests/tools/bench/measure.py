"""What is measured: builds, opening, adding, growth, searches; everything comes back as plain figures for the JSON."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.tools.bench.corpus import KINDS, first
from tests.tools.bench.peer import Question
from tests.tools.bench.worker import PEERS, Worker

TURN = 50  # questions that a peer is asked before it is another's turn
OPENINGS = 7
SHOWN = 20
CLIENTS = (1, 2, 4)

Figures = dict[str, Any]


def say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def available(names: Sequence[str], folder: Path) -> tuple[list[str], dict[str, str]]:
    """The peers that are installed, and of the others what is missing."""
    missing = {}
    for name in names:
        with Worker(name, folder) as worker:
            if reason := worker.ask("hello"):
                missing[name] = reason
    return [name for name in names if name not in missing], missing


def build(name: str, folder: Path, corpus: Path, count: int) -> Figures:
    """Build one index, in a process that does nothing else."""
    say(f"{name}: {count} articles")
    shutil.rmtree(folder, ignore_errors=True)
    some = first(corpus, count)
    with Worker(name, folder) as worker:
        figures: Figures = worker.ask("build", str(some), count)
    figures |= worker.usage
    with Worker(name, folder) as worker:
        figures["open_ms"] = median(worker.ask("open", OPENINGS))
    return figures | {"articles_s": count / figures["build_s"]}


def builds(names: Sequence[str], indexes: Path, corpus: Path, count: int) -> dict[str, Figures]:
    """Every peer's index of a size, by peer; who searches another's index builds none."""
    return {name: build(name, indexes / name, corpus, count) for name in names if not PEERS[name].index}


def adding(names: Sequence[str], indexes: Path) -> dict[str, float]:
    """Seconds from the start of a process that adds one article to a fresh opening having found it, by peer."""
    seconds = {}
    for name in (name for name in names if not PEERS[name].index):
        began = time.perf_counter()
        with Worker(name, indexes / name) as worker:
            found = worker.ask("add")
            seconds[name] = time.perf_counter() - began
        if found != 1:
            raise SystemExit(f"{name}: {found} articles found where one was added")
    return seconds


def searches(names: Sequence[str], indexes: Path, questions: Sequence[Question], rounds: int) -> Figures:
    """Milliseconds of every question, by peer, in the order of the questions; and of ours the distance to the limit."""
    asked = [asdict(question) for question in questions]
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name, indexes / (PEERS[name].index or name))) for name in names}
        for worker in workers.values():
            worker.ask("open", 1)
        say(f"do {', '.join(names)} answer alike?")
        compare({name: _answers(worker, asked) for name, worker in workers.items()}, questions)
        taken: dict[str, list[list[float]]] = {name: [[] for _ in asked] for name in names}
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for begin in range(0, len(asked), TURN):
                for name, worker in workers.items():
                    for at, milliseconds in enumerate(worker.ask("times", asked[begin : begin + TURN]), begin):
                        taken[name][at].append(milliseconds)
        streams = workers["ours"].ask("streams", asked) if "ours" in workers else []
    return {"times": {name: [median(each) for each in lists] for name, lists in taken.items()}, "streams": streams}


def served(
    names: Sequence[str], indexes: Path, questions: Sequence[Question], rounds: int
) -> dict[str, dict[str, Figures]]:
    """What a request costs, by peer that is served and by route."""
    figures = {}
    for name in (name for name in names if PEERS[name].served):
        say(f"{name}: route by route")
        with Worker(name, indexes / (PEERS[name].index or name)) as worker:
            worker.ask("open", 1)
            figures[name] = worker.ask("served", [asdict(question) for question in questions], rounds)
    return figures


def rates(names: Sequence[str], indexes: Path, questions: Sequence[Question]) -> dict[str, dict[str, float]]:
    """Questions a second by peer and by how many clients ask at once: the threads of one process."""
    records = [asdict(question) for question in questions]
    figures = {}
    for name in (name for name in names if PEERS[name].threads):
        say(f"{name}: {', '.join(map(str, CLIENTS))} clients")
        with Worker(name, indexes / (PEERS[name].index or name)) as worker:
            worker.ask("open", 1)
            _answers(worker, records)
            figures[name] = {str(clients): worker.ask("rate", records, clients) for clients in CLIENTS}
    return figures


def _answers(worker: Worker, asked: Sequence[Figures]) -> list[Figures]:
    """A peer's answers to all questions: compared, and by the way the warm-up."""
    turns = (asked[begin : begin + TURN] for begin in range(0, len(asked), TURN))
    return [answer for turn in turns for answer in worker.ask("answers", turn)]


def compare(answers: Mapping[str, Sequence[Figures]], questions: Sequence[Question]) -> None:
    """SystemExit with the questions whose answers differ among the peers that are fed the same terms."""
    alike = [name for name in answers if not PEERS[name].own_terms]
    differing = []
    for at, question in enumerate(questions):
        of_peers = {name: _comparable(answers[name][at], own_facets=PEERS[name].own_facets) for name in alike}
        for what in ("total", "years", "months", "authors", "sections", "tags", "hits"):
            given = {name: answer[what] for name, answer in of_peers.items() if answer.get(what) is not None}
            if len(set(map(_text, given.values()))) > 1:
                period = question.month or question.year or "any time"
                differing.append(f"{question.kind}: {question.text}, {period}: {what} {given}")
    if differing:
        shown = "\n".join(line[:1000] for line in differing[:SHOWN])
        raise SystemExit(f"{len(differing)} answers differ, nothing was timed:\n{shown}")


def _comparable(answer: Figures, *, own_facets: bool) -> Figures:
    """What all peers must agree in: not which ten come first, but how many."""
    agreed = {"total": answer["total"], "hits": len(answer["ids"])}
    return agreed if own_facets else answer | agreed


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


# What the times say


def percentile(values: Sequence[float], percent: int) -> float:
    """The least value that so many per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def by_kind(times: Mapping[str, Sequence[float]], questions: Sequence[Question]) -> dict[str, dict[str, Figures]]:
    """p50, p95 and p99 in milliseconds, by kind of question and peer."""
    figures: dict[str, dict[str, Figures]] = {}
    for kind, at in _kinds(questions):
        figures[kind] = {}
        for name, each in times.items():
            values = [each[number] for number in at]
            figures[kind][name] = {f"p{percent}": percentile(values, percent) for percent in (50, 95, 99)}
            figures[kind][name]["questions"] = len(at)
    return figures


def limits(found: Figures, questions: Sequence[Question]) -> dict[str, Figures]:
    """By kind, the median time of ours against the median time to stream the columns once."""
    figures = {}
    for kind, at in _kinds(questions):
        ours = percentile([found["times"]["ours"][number] for number in at], 50)
        stream = percentile([found["streams"][number][0] / 1e6 for number in at], 50)
        size = percentile([found["streams"][number][1] for number in at], 50)
        factor = ours / stream if stream else 0.0
        figures[kind] = {"ours_ms": ours, "stream_ms": stream, "bytes": size, "factor": factor}
    return figures


def _kinds(questions: Sequence[Question]) -> Iterator[tuple[str, list[int]]]:
    """Each kind that is asked, with the numbers of its questions."""
    numbers = defaultdict(list)
    for number, question in enumerate(questions):
        numbers[question.kind].append(number)
    return ((kind, numbers[kind]) for kind in KINDS if kind in numbers)
