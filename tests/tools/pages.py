"""`python -m tests.tools.pages --data FOLDER`: how much of real pages comes in right, through `indexer rebuild` to the index.

FOLDER has `pages/`: real pages in `gold.tar.xz` with what is right about each in `gold.jsonl`, and `templates/`, one
article in the dresses of several newspapers. What was not judged of a page is not counted.
"""

# ruff: noqa: E501  # markup as it stands

from __future__ import annotations

import argparse
import json
import re
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from trafilatura import extract

from indexer.cli import main as indexer
from search.analysis import Analyzer
from search.config import Settings
from search.engines import open_engine
from search.model import Article
from tests.tools.bench.report import table

# What an editor would write down for each of the templates.
SELECTORS = {
    "t1_laravel": """title = "h1"\npublished = ".article__date"\nviews = ".article__views"\nauthor = ".author__name"
author_role = ".author__role"\nsection = ".breadcrumbs a:last-of-type"\nimage_credit = "figcaption"\ntext = ".article__body"
tags = ".article__tags a" """,
    "t2_bitrix": """title = "h1"\npublished = ".news-date-time"\nviews = ".news-detail"\nauthor = ".news-detail"
image_credit = ".photo-author"\ntext = ".news-detail"\nleave_out = [".photo-author", ".news-date-time"]""",
    "t3_wordpress": """title = "h1"\npublished = "time"\nviews = ".td-post-views"\nauthor = ".td-post-author-name a"
section = ".entry-category a"\nimage_credit = "figcaption"\ntext = ".td-post-content"\nleave_out = ".td_block_related" """,
    "t4_microdata": """title = "h1"\npublished = ".date"\nviews = ".eye"\nauthor = "[itemprop=author] [itemprop=name]"
author_role = ".position"\nsection = "[itemprop=articleSection]"\nimage_credit = ".photo-credit"\nlead = ".lead"\ntext = ".text"
leave_out = ".read-also" """,
    "t5_table": """title = ".title"\npublished = ".title ~ i"\nviews = ".title ~ font"\nsection = ".rub"\nauthor = ".text > i:first-of-type"
image_credit = ".text > i:last-of-type"\ntext = ".text"\nleave_out = ".text > i" """,
}
BEGIN, END = "Вчера в павильоне", "на восемь процентов."
SOWN = {"title": "Сев завершён раньше срока", "views": 4163, "author": "Дана Аменова", "paragraphs": 4}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.pages", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder with pages/")
    parser.add_argument("--wrong", action="store_true", help="say of each page what is wrong")
    options = parser.parse_args(arguments)
    pages = options.data / "pages"
    with tempfile.TemporaryDirectory() as kept:
        work = Path(kept)
        with tarfile.open(pages / "gold.tar.xz") as packed:
            packed.extractall(work / "gold", filter="data")
        gold = [json.loads(line) for line in (pages / "gold.jsonl").read_text("utf-8").splitlines()]
        began = time.perf_counter()
        articles, rejected = taken_in(work / "gold", work / "gold-index")
        seconds = time.perf_counter() - began
        judged = Judged(gold, articles)
        print(table("Pages with known answers", ("measure", "value", "of"), [*judged.rows()]))
        plainly = Judged(gold, {page["page"]: by_default(work / "gold" / page["page"]) for page in gold})
        print(f"body F1: {judged.body():.4f}; trafilatura's defaults: {plainly.body():.4f}")
        print(f"{len(gold) / seconds:.1f} pages a second; not taken in: {rejected}\n")
        dressed, _ = taken_in(pages / "templates", work / "templates-index")
        header = ("template", *fields_of_the_sowing(None))
        print(table("One article in five dresses", header, [_dress(name, dressed) for name in SELECTORS]))
        selected = []
        for name, selectors in SELECTORS.items():
            folder = work / name
            folder.mkdir()
            (folder / f"{name}.html").write_bytes((pages / "templates" / f"{name}.html").read_bytes())
            (work / "arkhiv.toml").write_text(f"[pages]\n{selectors}\n", "utf-8")
            selected.append(_dress(name, taken_in(folder, work / f"{name}-index", work / "arkhiv.toml")[0]))
        print(table("With the selectors of an editor", header, selected))
    if options.wrong:
        print(*judged.wrong, sep="\n")


def taken_in(folder: Path, index: Path, settings: Path | None = None) -> tuple[dict[str, Article], list[str]]:
    """The articles that a rebuild of the folder published, by the page that each came from; and what it rejected."""
    environ = {"ARKHIV_CONFIG": str(settings) if settings else None}
    ran = CliRunner().invoke(indexer, ["rebuild", "--index", f"whoosh:{index}", str(folder)], env=environ)
    if ran.exit_code not in {0, 3}:
        raise SystemExit(ran.output)
    engine = open_engine(f"whoosh:{index}", Settings(), Analyzer())
    searcher = engine.open()
    by_id = {article.id: article for article in searcher.articles()}
    pages = {origin.split("\0")[1]: by_id[article_id] for article_id, origin in searcher.origins()}
    rejected = index.with_name(f"{index.name}.rejected.jsonl")
    lines = rejected.read_text("utf-8").splitlines() if rejected.exists() else []
    return pages, [Path(json.loads(line)["file"]).name for line in lines]


def by_default(page: Path) -> Article:
    """What trafilatura finds by itself."""
    return Article(id=page.name, title="", text=extract(page.read_bytes()) or "")


def plain(text: str) -> str:
    """A text as it is compared: how spaces are written does not matter."""
    return " ".join(text.split())


class Judged:
    """Right and wrong, counted over all pages; `wrong` has a line for each that is."""

    def __init__(self, gold: Sequence[Mapping[str, Any]], articles: Mapping[str, Article]) -> None:
        self._right: Counter[str] = Counter()
        self._of: Counter[str] = Counter()
        self.wrong: list[str] = []
        for page in gold:
            article = articles.get(page["page"])
            self._count("taken in", page["page"], right=article is not None, told="")
            if article is None:
                article = Article(id="", title="", text="")
            self._judge(page, article)

    def _judge(self, page: Mapping[str, Any], article: Article) -> None:
        name = page["page"]
        if title := plain(page.get("title") or ""):
            self._count(
                "title exact", name, right=plain(article.title) == title, told=f"{article.title!r} not {title!r}"
            )
        if date := page.get("date"):
            day = str(article.published or "")[: len("2024-05-17")]
            self._count("date right", name, right=day == date, told=f"{day!r} not {date!r}")
            self._count("date wrong", name, right=bool(day) and day != date, told="")
        said = page.get("author")
        if said is not None:
            author = plain(", ".join(said) if isinstance(said, list) else said)
            told = f"{article.author!r} not {author!r}"
            if author:
                self._count("author exact", name, right=plain(article.author) == author, told=told)
            else:
                self._count("author invented", name, right=bool(article.author), told="")
                if article.author:
                    self.wrong.append(f"{name}: author invented: {article.author!r}")
        text = plain(f"{article.lead}\n{article.text}")
        for sentence in page["with"]:
            self._count("sentences wanted", name, right=plain(sentence) in text, told=f"missing: {sentence[:60]!r}")
        for sentence in page["without"]:
            there = plain(sentence) in text
            self._count("sentences unwanted", name, right=there, told="")
            if there:
                self.wrong.append(f"{name}: unwanted: {sentence[:60]!r}")

    def _count(self, what: str, page: str, *, right: bool, told: str) -> None:
        self._of[what] += 1
        self._right[what] += right
        if not right and told:
            self.wrong.append(f"{page}: {what}: {told}")

    def body(self) -> float:
        """The F1 of sentences: of those wanted, and of those unwanted that came in."""
        right, unwanted = self._right["sentences wanted"], self._right["sentences unwanted"]
        return 2 * right / (right + self._of["sentences wanted"] + unwanted)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        for what, of in self._of.items():
            yield what, f"{self._right[what] / of:.3f}", str(of)


def fields_of_the_sowing(article: Article | None) -> dict[str, bool]:
    """Which fields of the article of the templates came out right."""
    if article is None:
        return dict.fromkeys(("title", "date", "time", "views", "author", "role", "section", "credit", "body"), False)
    day = str(article.published or "")
    body = "\n\n".join(filter(None, (article.lead, article.text)))
    paragraphs = re.split(r"\n+", body)
    return {
        "title": article.title == SOWN["title"],
        "date": day[: len("2024-05-17")] in {"2024-05-17", "2008-05-17"},
        "time": day[: len("2024-05-17 09:30")].endswith("09:30") or day == "2008-05-17",
        "views": article.views == SOWN["views"],
        "author": article.author == SOWN["author"],
        "role": article.author_role == "специальный корреспондент",
        "section": article.section == "Экономика",
        "credit": article.image_credit == "Аскар Ахметуллин",
        "body": len(paragraphs) == SOWN["paragraphs"] and body.startswith(BEGIN) and body.endswith(END),
    }


def _dress(name: str, articles: Mapping[str, Article]) -> tuple[str, ...]:
    fields = fields_of_the_sowing(articles.get(f"{name}.html"))
    return (name, *("yes" if right else "-" for right in fields.values()))


if __name__ == "__main__":
    main()
