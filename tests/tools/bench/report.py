"""The figures as aligned plain tables, and the bars that they are held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.tools.bench.served import NOTHING

MEGABYTE = 1 << 20
# Of each peer, by how much ours must be faster in every kind of query; phrases and months apart.
FASTER = {"tantivy": (1.5, 1.2), "whoosh": (100.0, 100.0)}
HARDER = {"phrase", "in a month"}
PEOPLE_FASTER = 1.0  # than Tantivy, in every kind, with a facet that it does not count
THREADS = 1.6  # times the questions a second of one client that two get answered
# The same of the whole product at p50 and p95, other kinds and phrases.
WHOLE_FASTER = {"p50": (1.5, 1.2), "p95": (2.0, 2.0)}
# How many empty requests a request to a route may cost, up to a hundred thousand articles and beyond.
SERVED = {"/api/search": (6, 10), "/?q=": (12, 12), "/": (6, 6), "/article/": (6, 12), "/archive/Y/M": (8, 8),
          "/api/related/": (6, 6), "/api/suggest": (3, 3)}  # fmt: skip
SMALL = 100_000
FASTER_OVER_HTTP = 3.0  # than OpenSearch, in every kind of query
BUILD = {"tantivy": 1.0, "whoosh": 15.0}
WHOLE_BUILD = 0.85  # the rate of Tantivy, from the command to published
BUILDING = ("peer", "articles/s", "CPU s", "peak MB", "MB", "index MB", "index B/article", "open ms", "add s", "add %")
GROWING = ("peer", "articles", "peak MB", "open ms", "articles/s", "index B/article")
NOTES = """
A search is: parsing, the exact total, the ten first articles as kept, facets by year (of all matches), by month of the
chosen year, by author and by section (of the matches in the period); of ours, tantivy and opensearch also by tag. Every
peer gave the same totals and facets, but
ours-full (more terms a word) and tantivy-narrow (with a period, facets of the matches in it alone: less than is asked).
tantivy: one call for total and hits, one aggregation for all facets; two writing threads, segments sorted by time;
tantivy-merged: written by one thread, which makes one segment of up to four gigabytes.
opensearch: over HTTP, one request a search, one shard; its CPU, memory and disk are the cluster's and not counted.
served: the product behind gunicorn as it ships, over the index of ours-full; ours-cluster: our engine on the cluster.
whoosh: every match is scored and grouped by the searcher; articles and index share a file, so that its MB count both.
peak MB is of the largest process; add s is from starting a process to a fresh opening having found the article.
"""


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = []
    for first, *others in (header, ["-" * width for width in widths], *rows):
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join([f"\n{title}", "", *lines])


def text(run: dict[str, Any]) -> str:
    """Everything that was measured, for reading."""
    parts = [f"{name} is left out: {reason}" for name, reason in run["missing"].items()]
    for size, figures in (run["sizes"] | {f"{size} real": of for size, of in run.get("real", {}).items()}).items():
        parts += [builds_table(size, figures), *kinds_tables(size, figures["kinds"])]
        if figures["rates"]:
            parts.append(rates_table(size, figures["rates"]))
        if figures["served"]:
            parts.append(served_table(size, figures["served"]))
        if figures["limits"]:
            parts.append(limits_table(size, figures["limits"]))
    parts.append(growth_table(run["growth"]))
    parts.append(NOTES)
    if run["data"]:
        rows = list(bars(run))
        parts.append(table("Bars, as ratios inside this run", ("measure", "bar", "measured", ""), rows))
    return "\n".join(parts)


def builds_table(size: str, figures: dict[str, Any]) -> str:
    rows = [_building(name, build, figures["adding"][name]) for name, build in figures["builds"].items()]
    return table(f"Building {size} articles", BUILDING, rows)


def _building(name: str, build: dict[str, Any], add: float) -> Sequence[str]:
    return (
        name,
        f"{build['articles_s']:.0f}",
        f"{build['cpu_s']:.1f}",
        f"{build['peak_mb']:.0f}",
        f"{build['total_bytes'] / MEGABYTE:.1f}",
        f"{build['index_bytes'] / MEGABYTE:.1f}",
        f"{build['index_bytes'] / build['articles']:.0f}",
        f"{build['open_ms']:.2f}",
        f"{add:.2f}",
        f"{100 * add / build['build_s']:.1f}",
    )


def kinds_tables(size: str, kinds: dict[str, Any]) -> Iterator[str]:
    peers = list(next(iter(kinds.values())))
    shown = "{p50:.2f} / {p95:.2f} / {p99:.2f}"
    times = [(kind, *(shown.format(**of[peer]) for peer in peers)) for kind, of in kinds.items()]
    yield table(f"Searching {size} articles: milliseconds, p50 / p95 / p99", ("query", *peers), times)
    if "ours" in peers and len(peers) > 1:
        others = [peer for peer in peers if peer != "ours"]
        rows = [(kind, *("{:.1f} / {:.1f}".format(*ratios(of, peer)) for peer in others)) for kind, of in kinds.items()]
        yield table("As many times the time of ours, p50 / p95", ("query", *others), rows)


def ratios(of: dict[str, Any], peer: str, ours: str = "ours") -> tuple[float, float]:
    """A peer's p50 and p95 as multiples of ours."""
    return of[peer]["p50"] / of[ours]["p50"], of[peer]["p95"] / of[ours]["p95"]


def rates_table(size: str, rates: dict[str, dict[str, float]]) -> str:
    """Questions a second, and as many times those of one client."""
    clients = list(next(iter(rates.values())))
    rows = [(name, *(f"{of[n]:.0f} ({of[n] / of['1']:.2f})" for n in clients)) for name, of in rates.items()]
    return table(f"Questions a second of one process, {size} articles, by clients", ("peer", *clients), rows)


def served_table(size: str, served: dict[str, Any]) -> str:
    rows = []
    for name, routes in served.items():
        for route, of in routes.items():
            cost, wall = of["cpu_ms"] / routes[NOTHING]["cpu_ms"], f"{of['p50']:.2f} / {of['p95']:.2f}"
            rows.append((name, route, f"{of['cpu_ms']:.2f}", f"{cost:.1f}", wall, f"{of['rate']:.0f}"))
    header = ("peer", "route", "CPU ms", "empty requests", "p50 / p95 ms", "requests/s of a core, four clients")
    return table(f"What is served, {size} articles", header, rows)


def limits_table(size: str, limits: dict[str, Any]) -> str:
    rows = [
        (kind, f"{of['ours_ms']:.3f}", f"{of['bytes'] / 1024:.0f}", f"{of['stream_ms']:.3f}", f"{of['factor']:.1f}")
        for kind, of in limits.items()
    ]
    title = f"Distance to the limit at {size} articles: p50, against reading the columns of its words once"
    return table(title, ("query", "ours ms", "KB of columns", "read once ms", "factor"), rows)


def growth_table(growth: dict[str, Any]) -> str:
    rows = []
    for name, sizes in growth.items():
        for size, of in sizes.items():
            figures = (of["peak_mb"], of["open_ms"], of["articles_s"], of["index_bytes"] / of["articles"])
            rows.append((name, size, *"{:.0f} {:.2f} {:.0f} {:.0f}".format(*figures).split()))
    return table("Growth", GROWING, rows)


def bars(run: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Each bar with what was measured; at the largest size where both sides took part."""
    for peer, (least, harder) in FASTER.items():
        size, figures = _largest(run, peer)
        for kind, of in figures.get("kinds", {}).items():
            for what, ratio in zip(("p50", "p95"), ratios(of, peer), strict=True):
                bar = harder if kind in HARDER else least
                yield _bar(f"{size}: {kind}, {what}, times faster than {peer}", bar, ratio, most=False)
        if figures:
            ratio = figures["builds"]["ours"]["articles_s"] / figures["builds"][peer]["articles_s"]
            yield _bar(f"{size}: build, times the articles/s of {peer}", BUILD[peer], ratio, most=False)
    size, figures = _largest(run, "tantivy")
    if figures:
        index = [figures["builds"][name]["index_bytes"] for name in ("ours", "tantivy")]
        yield _bar(f"{size}: bytes without articles, times those of tantivy", 3, index[0] / index[1], most=True)
    yield from _people_bars(run)
    yield from _whole_bars(run)
    yield from _bars_over_http(run)
    yield from _own_bars(run)


def _people_bars(run: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Those with people counted; and of threads."""
    size, figures = _largest(run, "tantivy")
    for kind, of in figures.get("kinds", {}).items():
        if "ours-people" in of:
            for what, ratio in zip(("p50", "p95"), ratios(of, "tantivy", "ours-people"), strict=True):
                measure = f"{size}: {kind}, {what}, with people, times faster than tantivy"
                yield _bar(measure, PEOPLE_FASTER, ratio, most=False)
    for size, figures in run["sizes"].items():
        if of := figures["rates"].get("ours"):
            measure = f"{size}: questions a second of two clients, times those of one"
            yield _bar(measure, THREADS, of["2"] / of["1"], most=False)


def _whole_bars(run: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Those of the whole product."""
    for size, figures in run["sizes"].items():
        routes = figures["served"].get("served", {})
        for route, bars in SERVED.items():
            if route in routes:
                cost = routes[route]["cpu_ms"] / routes[NOTHING]["cpu_ms"]
                yield _bar(f"{size}: {route}, empty requests", bars[int(size) > SMALL], cost, most=True)
    size, figures = _largest(run, "tantivy")
    if "ours-full" not in figures.get("builds", {}):
        return
    for kind, of in figures["kinds"].items():
        for (what, bars), ratio in zip(WHOLE_FASTER.items(), ratios(of, "tantivy", "ours-full"), strict=True):
            measure = f"{size}: {kind}, {what}, whole product, times faster than tantivy"
            yield _bar(measure, bars[kind == "phrase"], ratio, most=False)
    ratio = figures["builds"]["ours-full"]["articles_s"] / figures["builds"]["tantivy"]["articles_s"]
    yield _bar(f"{size}: indexer rebuild, times the articles/s of tantivy", WHOLE_BUILD, ratio, most=False)


def _bars_over_http(run: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for size, figures in run["sizes"].items():
        for kind, of in figures["kinds"].items():
            if {"served", "opensearch"} <= set(of):
                for what, ratio in zip(("p50", "p95"), ratios(of, "opensearch", "served"), strict=True):
                    measure = f"{size}: {kind}, {what}, times faster than opensearch, both over HTTP"
                    yield _bar(measure, FASTER_OVER_HTTP, ratio, most=False)


def _own_bars(run: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    largest = list(run["sizes"].values())[-1]
    for name in ("ours", "ours-full"):
        if name not in run["growth"]:
            continue
        least, quarter, full = run["growth"][name].values()
        memory = full["peak_mb"] / quarter["peak_mb"]
        yield _bar(f"{name}: peak memory, times that of a quarter", 1.5, memory, most=True)
        opening = full["open_ms"] / least["open_ms"]
        yield _bar(f"{name}: opening, times that of a hundredth", 2, opening, most=True)
        percent = 100 * largest["adding"][name] / full["build_s"]
        yield _bar(f"{name}: adding one article, % of the build", 2, percent, most=True)


def _largest(run: dict[str, Any], peer: str) -> tuple[str, dict[str, Any]]:
    taking_part = [(size, of) for size, of in run["sizes"].items() if {"ours", peer} <= set(of["builds"])]
    return taking_part[-1] if taking_part else ("", {})


def _bar(measure: str, bar: float, measured: float, *, most: bool) -> tuple[str, str, str, str]:
    met = measured <= bar if most else measured >= bar
    return measure, f"{'≤' if most else '≥'} {bar:g}", f"{measured:.2f}", "" if met else "missed"
