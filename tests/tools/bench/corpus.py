"""The articles that are indexed and the questions that are asked, from a folder of real data or the bundled sample."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import msgspec

import indexer
from indexer.sources.intake import Intake
from search.config import Settings
from search.model import Article
from tests.tools.bench.peer import Question

SAMPLE = Path(indexer.__file__).parent / "sample.jsonl"
KINDS = ("one word", "all of 2-4 words", "any of 2-4 words", "phrase", "in a year", "in a month", "newest first")
ADDED = Article(id="added-by-the-bench", title="Синхрофазотронный зюйдвестик", text="Добавлена статья.")
ADDED_WORD = "зюйдвестик"

_decode = msgspec.json.Decoder().decode


def composed(data: Path, count: int, cache: Path) -> Path:
    """A file of at least `count` articles: made once. The first n of them are the same as of a smaller file."""
    path = cache / f"composed-{count}.jsonl"
    if not path.exists():
        part = path.with_suffix(".part")
        subprocess.run([sys.executable, str(data / "tools" / "compose.py"), str(count), str(part)], check=True)
        part.rename(path)
    return path


def real(data: Path, cache: Path) -> tuple[Path, int]:
    """A file of the news of a folder as they came, headlines and leads, and how many there are."""
    path = cache / "real.jsonl"
    with gzip.open(data / "news" / "1tv.jsonl.gz") as lines, path.open("wb") as out:
        shutil.copyfileobj(lines, out)
    with path.open("rb") as lines:
        return path, sum(1 for _ in lines)


def repeated_sample(count: int, cache: Path) -> Path:
    """The bundled articles over and over, under new ids."""
    path = cache / f"sample-{count}.jsonl"
    intake = Intake(Settings())
    records = [intake.article(_decode(line)).article.as_dict() for line in SAMPLE.read_bytes().splitlines()]
    with path.open("wb") as out:
        for number, record in enumerate(islice(cycle(records), count)):
            out.write(msgspec.json.encode(record | {"id": f"{record['id']}-{number}"}) + b"\n")
    return path


def first(path: Path, count: int) -> Path:
    """A file of the first articles of one: made once."""
    some = path.with_name(f"{path.stem}-first-{count}.jsonl")
    if not some.exists():
        part = some.with_suffix(".part")
        with path.open("rb") as lines, part.open("wb") as out:
            out.writelines(islice(lines, count))
        part.rename(some)
    return some


def articles(path: Path) -> Iterator[Article]:
    """The articles of a file."""
    with path.open("rb") as lines:
        yield from (Article.from_dict(_decode(line)) for line in lines)


def questions_of(data: Path) -> list[Question]:
    """The queries of a folder, each under its kind."""
    lines = (data / "news" / "queries.tsv").read_text("utf-8").splitlines()
    return [_question(*line.split("\t")) for line in lines]


def _question(operator: str, text: str, year: str, month: str, sort: str) -> Question:
    question = Question(
        kind="",
        text=text,
        year=int(year or 0),
        month=int(year or 0) * 100 + int(month) if month else 0,
        newest=sort == "newest",
    )
    return replace(question, kind=_kind(operator, question))


def _kind(operator: str, question: Question) -> str:
    if operator != "all":
        return "phrase" if operator == "phrase" else "any of 2-4 words"
    if question.newest:
        return "newest first"
    if question.year:
        return "in a month" if question.month else "in a year"
    return "all of 2-4 words" if " " in question.text.strip() else "one word"


def questions_from(path: Path, count: int, each: int = 30) -> list[Question]:
    """Questions of every kind, cut from the headlines of the first articles."""
    rng = random.Random(1)
    drawn = [article for article in islice(articles(path), count) if article.published and " " in article.title]
    return [_cut(kind, rng.choice(drawn), rng) for kind in KINDS for _ in range(each)]


def _cut(kind: str, article: Article, rng: random.Random) -> Question:
    words = ["".join(filter(str.isalnum, word)) for word in article.title.split()]
    words = [word for word in words if word and not word.isupper()]
    length = 1 if kind == "one word" else 2 if kind == "phrase" else rng.randint(min(2, len(words)), min(4, len(words)))
    begin = rng.randint(0, len(words) - length)
    text = (" | " if kind.startswith("any") else " ").join(words[begin : begin + length])
    assert article.published is not None
    return Question(
        kind=kind,
        text=f'"{text}"' if kind == "phrase" else text,
        year=article.published.year if kind in {"in a year", "in a month"} else 0,
        month=article.published.year * 100 + article.published.month if kind == "in a month" else 0,
        newest=kind == "newest first",
    )


def sampled(questions: Sequence[Question], count: int | None) -> list[Question]:
    """As many of the questions, spread over all of them."""
    if count is None or count >= len(questions):
        return list(questions)
    return [questions[number * len(questions) // count] for number in range(count)]
