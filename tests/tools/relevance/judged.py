"""Judged questions: texts, questions, and which texts answer them."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import indexer
from search.model import Article

__all__ = ["Judged", "judged_of", "sample"]


@dataclass(frozen=True)
class Judged:
    """A set of texts and questions; `relevant` has by question the gain of each text that answers it."""

    name: str
    articles: Sequence[Article]
    questions: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]


def judged_of(folder: Path, most: int | None = None, half: str = "both") -> Judged:
    """The set that lies in a folder, with no more than `most` of its questions, drawn the same every time; `half` of
    them is `tuned` for choosing constants, `held` for reporting, or `both`."""
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = [_article(json.loads(line)) for line in lines]
    relevant: dict[str, dict[str, float]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, article, gain = line.split("\t")
        if float(gain) > 0:
            relevant[question][article] = float(gain)
    records = map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
    questions = [(record["_id"], record["text"]) for record in records if record["_id"] in relevant]
    questions = [question for question in questions if half in {"both", _half(question[0])}]
    random.Random(1).shuffle(questions)
    return Judged(folder.name, articles, dict(questions[:most]), relevant)


def _half(question: str) -> str:
    return ("tuned", "held")[crc32(question.encode()) % 2]


def _article(record: dict[str, Any]) -> Article:
    return Article(id=record["_id"], title=record.get("title") or "", text=record["text"])


def sample() -> Judged:
    """The bundled articles without their headlines, which are the questions."""
    lines = (Path(indexer.__file__).parent / "sample.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    articles = [Article(id=each["id"], title="", text=f"{each.get('lead', '')}\n\n{each['text']}") for each in records]
    questions = {each["id"]: each["title"] for each in records}
    return Judged("sample: headline to body", articles, questions, {name: {name: 1.0} for name in questions})
