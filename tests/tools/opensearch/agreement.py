"""Do two engines answer alike? `python -m tests.tools.opensearch.agreement DATA URL URL` asks both archives every
query of DATA/news/queries.tsv: totals and facets have to be equal, and the first ten hits should be the same."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from search.analysis import Analyzer
from search.config import Settings, load_settings
from search.engine import Answer, Request, Searcher
from search.engines import open_engine
from search.model import Filters, Period, Sort
from search.query.parser import parse
from tests.tools.bench.corpus import questions_of
from tests.tools.bench.peer import HITS, Question

NOW = datetime(2100, 1, 1, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.opensearch.agreement", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with news/queries.tsv")
    parser.add_argument("urls", nargs=2, metavar="URL", help="an archive with the same articles as the other")
    options = parser.parse_args(arguments)
    analyzer, settings = Analyzer(), load_settings({})
    searchers = [open_engine(url, settings, analyzer).open() for url in options.urls]
    report(searchers, questions_of(options.data), settings, analyzer)


def report(
    searchers: Sequence[Searcher], questions: Sequence[Question], settings: Settings, analyzer: Analyzer
) -> None:
    """Ask, compare and print."""
    print(" and ".join(f"{searcher.info.articles:,} articles" for searcher in searchers))
    totals = facets = same = 0
    overlaps: list[float] = []
    times: list[list[float]] = [[], []]
    for question in questions:
        found: list[Answer] = []
        for searcher, spent in zip(searchers, times, strict=True):
            began = time.perf_counter()
            found.append(searcher.search(request(question, analyzer)))
            spent.append(1000 * (time.perf_counter() - began))
        one, other = found
        totals += one.total == other.total
        facets += one.facets == other.facets
        overlaps.append(overlap(one, other))
        same += ids(one) == ids(other)
        if one.total != other.total or one.facets != other.facets:
            print(f"unlike: {question.text!r} {question.year} {question.month}: {one.total} and {other.total}")
    print(f"{len(questions):,} queries: {totals:,} totals equal, {facets:,} facets equal")
    print(f"first {HITS} hits: {same:,} times the same in the same order, overlap {statistics.mean(overlaps):.4f}")
    for number, spent in enumerate(times, 1):
        spent.sort()
        print(f"engine {number}: p50 {spent[len(spent) // 2]:.2f} ms, p95 {spent[len(spent) * 95 // 100]:.2f} ms")


def request(question: Question, analyzer: Analyzer) -> Request:
    """What a reader would ask."""
    period = Period.chosen(question.year or None, question.month % 100 or None, None)
    sort = Sort.NEWEST if question.newest else Sort.RELEVANCE
    return Request(now=NOW, query=parse(question.text, analyzer).query, filters=Filters(period), sort=sort, limit=HITS)


def ids(found: Answer) -> list[str]:
    return [match.article.id for match in found.matches]


def overlap(one: Answer, other: Answer) -> float:
    """Which part of the longer page both have."""
    longer = max(len(one.matches), len(other.matches))
    return len({*ids(one)} & {*ids(other)}) / longer if longer else 1.0


if __name__ == "__main__":
    main()
