"""Real news: what is found in them, and in which years, is what a plain scan of the file finds.

ARKHIV_TEST_DATA names the folder of real data; ARKHIV_TEST_NEWS=all takes all of the news instead of a part, and
`ARKHIV_TEST_NEWS=all python -m tests.test_news` shows a table.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from indexer.cli import main
from search import Archive, open_archive
from search.analysis import Analyzer, fold_kazakh

DATA = Path(os.environ.get("ARKHIV_TEST_DATA") or Path(__file__).parent.parent.parent / "shared")
NEWS = DATA / "news" / "1tv.jsonl.gz"
LINES = None if os.environ.get("ARKHIV_TEST_NEWS") == "all" else 20_000


Terms = Callable[[str], frozenset[str]]


class Plain:
    """One article as a plain scan sees it."""

    def __init__(self, line: str, analyzer: Analyzer, terms: Terms) -> None:
        record = json.loads(line)
        self.day: str = record["published"]
        self.year = int(self.day[:4])
        tokens = {name: list(analyzer.tokens(record.get(name, ""))) for name in ("title", "lead", "text")}
        # In each field: the terms of the word at every position, hyphenated words by their parts.
        self.words = {name: [terms(token.form) for token in found if not token.whole] for name, found in tokens.items()}
        self.terms = {name: set().union(*words) for name, words in self.words.items()}
        self.forms = {token.form for found in tokens.values() for token in found}

    def has(self, terms: frozenset[str]) -> bool:
        return any(terms & found for found in self.terms.values())

    def has_pair(self, first: frozenset[str], second: frozenset[str]) -> bool:
        return any(first & one and second & other for words in self.words.values() for one, other in pairwise(words))


@dataclass(frozen=True)
class Question:
    """A query, the year it is asked of, and what it means to someone who reads every article."""

    text: str
    meant: Callable[[Plain], bool]
    year: int | None = None


def questions(terms: Terms) -> list[Question]:
    president, minister, state, duma, moscow = map(terms, ("президент", "министр", "государственный", "дума", "москва"))
    return [
        Question("президента", lambda article: article.has(president)),
        Question("Москве министр", lambda article: article.has(moscow) and article.has(minister)),
        Question("министры | Дума", lambda article: article.has(minister) or article.has(duma)),
        Question("«государственная дума»", lambda article: article.has_pair(state, duma)),
        Question("министра -президента", lambda article: article.has(minister) and not article.has(president)),
        Question("=москве", lambda article: "москве" in article.forms),
        Question("казах*", lambda article: any(fold_kazakh(form).startswith("казах") for form in article.forms)),
        Question("заголовок:президентом", lambda article: bool(president & article.terms["title"])),
        Question(
            "дума дата:2001-02..2001-03-15",
            lambda article: article.has(duma) and "2001-02-01" <= article.day <= "2001-03-15",
        ),
        Question("министры президенты", lambda article: article.has(minister) and article.has(president), year=2002),
    ]


@dataclass(frozen=True)
class Compared:
    """How often the archive and the scan find what a question asks for, and in which years."""

    question: Question
    total: int
    years: dict[int, int]
    scan_total: int
    scan_years: dict[int, int]
    milliseconds: float

    @property
    def same(self) -> bool:
        return (self.total, self.years) == (self.scan_total, self.scan_years)


def compared(folder: Path) -> Iterator[Compared]:
    """Rebuild an archive from the news by the command, and ask it and the scan the same questions."""
    analyzer = Analyzer()
    terms = cache(lambda form: frozenset(analyzer.terms(form)))
    with gzip.open(NEWS, "rt", encoding="utf-8") as file:
        lines = list(islice(file, LINES))
    source, url = folder / "news.jsonl", f"whoosh:{folder / 'index'}"
    source.write_text("".join(lines), encoding="utf-8")
    run = CliRunner().invoke(main, ["rebuild", str(source), "--index", url, "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["index"]["articles"] == len(lines)
    archive = open_archive(url)
    asked = questions(terms)
    found: list[list[Plain]] = [[] for _ in asked]
    for article in (Plain(line, analyzer, terms) for line in lines):
        for articles, question in zip(found, asked, strict=True):
            if question.meant(article):
                articles.append(article)
    archive.search("слово")  # loads the dictionary
    for articles, question in zip(found, asked, strict=True):
        began = time.perf_counter()
        result = archive.search(question.text, year=question.year)
        milliseconds = (time.perf_counter() - began) * 1000
        assert result.facets is not None
        yield Compared(
            question,
            result.total,
            {count.value: count.count for count in result.facets.years},
            sum(question.year in {None, article.year} for article in articles),
            dict(sorted(Counter(article.year for article in articles).items())),
            milliseconds,
        )


def table(rows: list[Compared]) -> Iterator[str]:
    yield f"{'query':32} {'year':4} {'total':>7} {'scan':>7}  years   ms"
    for row in rows:
        years = "equal" if row.years == row.scan_years else "DIFFER"
        numbers = f"{row.question.year or '':4} {row.total:7,} {row.scan_total:7,}  {years:6} {row.milliseconds:5.1f}"
        yield f"{row.question.text:32} {numbers}"


@pytest.mark.skipif(not NEWS.exists(), reason=f"no real data: there is no {NEWS}")
def test_real_news_are_found_as_a_plain_scan_finds_them(tmp_path: Path) -> None:
    rows = list(compared(tmp_path))
    if LINES is None:
        print("", *table(rows), sep="\n")
    assert [row for row in rows if not row.same] == []
    assert all(row.total for row in rows)


# -- queries that find nothing

TO_LATIN_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
LATIN = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya"
IN_LATIN = dict(zip(LETTERS, LATIN.replace("-", "").split(" "), strict=True))


def typo(word: str, random: Random) -> str:
    """The word with one letter replaced, left out, added, or exchanged with the next."""
    at, letter = random.randrange(len(word) - 1), random.choice(LETTERS)
    changed = (letter + word[at + 1 :], word[at + 1 :], letter + word[at:], word[at + 1] + word[at] + word[at + 2 :])
    return word[:at] + random.choice(changed)


def understood(archive: Archive, kind: str, asked: list[tuple[str, str]]) -> float:
    """Of the pairs (meant, typed) of which the typed finds nothing as it is: the share for which what was meant is
    searched for or, where it is less sure, offered."""
    right = total = 0
    for meant, typed in asked:
        result = archive.search(typed, facets=False, snippets=False)
        if result.total and result.correction is None:
            continue  # found as it is, and not to be changed
        total += 1
        guess = result.correction or result.hint
        right += guess is not None and (guess.kind, guess.text) == (kind, meant)
    assert total > len(asked) / 2
    return right / total


@pytest.mark.skipif(not NEWS.exists(), reason=f"no real data: there is no {NEWS}")
def test_typos_and_layouts_of_real_words_are_understood(tmp_path: Path) -> None:
    with gzip.open(NEWS, "rt", encoding="utf-8") as file:
        lines = list(islice(file, LINES))
    (tmp_path / "news.jsonl").write_text("".join(lines), encoding="utf-8")
    url = f"whoosh:{tmp_path / 'index'}"
    assert CliRunner().invoke(main, ["rebuild", str(tmp_path / "news.jsonl"), "--index", url]).exit_code == 0
    archive = open_archive(url)
    every = (token.form for line in lines for token in archive.analyzer.tokens(json.loads(line)["title"]))
    counts = Counter(form for form in every if re.fullmatch("[а-я]{5,}", form))
    searcher = archive.engine.open()
    words, random = sorted(counts), Random(1)
    drawn = {
        "by frequency": random.choices(words, [counts[word] for word in words], k=150),
        "uniformly": random.choices(words, k=150),
    }
    figures = {}
    for how, chosen in drawn.items():
        typos = [(word, typo(word, random)) for word in chosen]
        unknown = [(word, typed) for word, typed in typos if searcher.frequencies([typed]) == (0,)]
        figures["spelling", how] = understood(archive, "spelling", unknown)
        layout = [(word, word.translate(TO_LATIN_KEYS)) for word in chosen]
        figures["layout", how] = understood(archive, "layout", layout)
        latin = [(word, "".join(IN_LATIN[letter] for letter in word)) for word in chosen]
        figures["transliteration", how] = understood(archive, "transliteration", latin)
    print(figures)
    least = {"spelling": 0.85, "layout": 0.99, "transliteration": 0.9}
    assert {of: figure for of, figure in figures.items() if figure < least[of[0]]} == {}


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(*table(list(compared(Path(folder)))), sep="\n")
