"""What an operator sees: how far a run is, what is wrong with the articles, and the answer to a search."""

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any, Self, TextIO

import click
from msgspec import structs

from indexer.journal import Rejections
from indexer.rebuild import Rejection
from indexer.sources import Source
from search.analysis.folding import spelling
from search.engines import loops
from search.model import Count, Facets, Hit, IndexInfo, SearchResult, Snippet
from search.records.alerts import DeliveryStatus
from search.records.runs import Run

_SECONDS_BETWEEN_LINES = 5.0
_ROWS_BETWEEN_UPDATES = 256
_CLEAR_LINE = "\r\x1b[K"
# The name of a file may hold what would end the line or move the cursor.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def say(message: str, *, before: str = "") -> None:
    """A line on standard error, and only one."""
    with _unread_is_no_error():
        click.echo(before + _visible(message), err=True)


def _visible(text: str) -> str:
    return _CONTROL.sub(lambda character: character[0].encode("unicode_escape").decode(), text)


def discard_output(stream: TextIO) -> None:
    """Send what a stream could not write nowhere: Python would try again at the end, and make a failure of it."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:  # without a file, nothing is tried again
        os.dup2(nowhere.fileno(), stream.fileno())


@contextmanager
def _unread_is_no_error() -> Iterator[None]:
    """No run fails because nobody reads its standard error."""
    try:
        yield
    except OSError:
        discard_output(sys.stderr)


class Console:
    """Follows a run on standard error: a bar on a terminal, else a line now and then; keeps and counts rejections.

    Where `quiet`, it only says what is wrong.
    """

    def __init__(self, sources: Sequence[Source], rejections: Rejections, counts: Counter[str], *, quiet: bool) -> None:
        self._sources = sources
        self._rejections = rejections
        self._counts = counts
        self._quiet = quiet
        sizes = [source.size for source in sources if source.size]
        drawn = not quiet and len(sizes) == len(sources) and sys.stderr.isatty()
        self._bar = click.progressbar(length=sum(sizes), label="0 articles", file=sys.stderr) if drawn else None
        self._began = self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        if self._bar:
            with _unread_is_no_error():
                self._bar.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            with _unread_is_no_error():
                self._bar.__exit__(None, None, None)
        self._rejections.close()

    def reached(self, read: int) -> None:
        """Move the bar, or write a line where the last one is seconds ago."""
        if read % _ROWS_BETWEEN_UPDATES or self._quiet:
            return
        now = time.monotonic()
        if self._bar:
            self._draw(read)
        elif now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            say(f"{read:,} articles, {read / (now - self._began):,.0f}/s")

    def rejected(self, rejection: Rejection) -> None:
        """Name the row and keep it."""
        self._rejections.add(rejection)
        self._counts["rejected"] += 1
        place = f"{rejection.file}:{rejection.line}" if rejection.line else rejection.file
        self._say(f"{place}: {rejection.reason}")

    def warned(self, message: str) -> None:
        """Name what is wrong."""
        self._say(f"warning: {message}")

    def finished(self, _read: int) -> None:
        """Replace the rejections of an earlier run by these."""
        self._rejections.save()

    def publishing(self, read: int) -> None:
        """Draw the whole bar."""
        if not self._quiet:
            self._draw(read)
            self._say("publishing")

    def _draw(self, read: int) -> None:
        if self._bar:
            self._bar.label = f"{read:,} articles"
            further = sum(source.position for source in self._sources) - self._bar.pos
            with _unread_is_no_error():
                self._bar.update(further)

    def _say(self, message: str) -> None:
        say(message, before=_CLEAR_LINE if self._bar else "")


def in_full(url: str) -> str:
    """Where an index is, whatever the working directory."""
    scheme, _, place = url.partition(":")
    return f"{scheme}:{Path(place).absolute()}" if scheme == "whoosh" else url


def index_lines(info: IndexInfo) -> Iterator[str]:
    """A generation, as `status` shows it."""
    yield f"generation  {info.generation}"
    yield f"articles    {info.articles:,}, of them without a date {info.undated:,}"
    yield f"dates       {info.first} to {info.last}" if info.first else "dates       none"
    yield f"size        {info.size / 1e6:,.1f} MB"
    yield f"built       {info.built_at:%Y-%m-%d %H:%M:%S %Z}"
    yield f"time zone   {info.timezone}"


def loops_line() -> str:
    """Which loops run, and why not the compiled ones."""
    name, reason = loops()
    return f"{name}, {reason}" if reason else name


def run_line(run: Run) -> str:
    """A run, as `status` shows it."""
    did = [f"{count:,} {what}" for what, count in (("added", run.added), ("removed", run.removed)) if count]
    counts = ", ".join([*did, f"{run.rejected:,} rejected", f"{run.seconds:.1f} s"])
    return f"{run.when:%Y-%m-%d %H:%M:%S %Z} {_visible(f'{run.command}: {run.error or counts}')}"


def passed_over_lines(sources: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """What each source has that is no article, the most frequent first."""
    for name, counts in sources.items():
        if counts:
            listed = ", ".join(f"{count:,} {what}" for what, count in Counter(counts).most_common())
            yield f"{name}: no articles, and passed over: {listed}"


def spelled_alike(facets: Facets) -> dict[str, list[list[str]]]:
    """By facet, the values that differ in capitals, ё or forms of letters alone."""
    values = {name: [count.value for count in getattr(facets, name)] for name in ("sections", "authors", "tags")}
    groups = {name: [[*group] for _, group in groupby(sorted(values[name], key=spelling), spelling)] for name in values}
    return {name: alike for name in groups if (alike := [group for group in groups[name] if len(group) > 1])}


def alert_line(delivery: DeliveryStatus) -> str:
    """A delivery of an alert, as `status` shows it."""
    last = f", last {delivery.succeeded:%Y-%m-%d %H:%M:%S %Z}" if delivery.succeeded else ""
    since = f"; FAILING since {delivery.failing:%Y-%m-%d %H:%M:%S %Z}: {delivery.failure}" if delivery.failing else ""
    return f"alert       {delivery.alert!r} by {delivery.way}: {delivery.told:,} told{last}{since}"


def result_lines(result: SearchResult) -> Iterator[str]:
    """One page of an answer."""
    yield from result.notes
    if result.correction:
        finds = f"since {result.text} finds nothing (--as-typed corrects nothing)"
        yield f"searched for {result.correction.text}, {finds}"
    if result.person:
        yield f"called so: {result.person} (--person finds the articles that mention them)"
    if result.hint:
        yield f"perhaps meant: {result.hint.text}"
    if result.with_all_words < result.total:
        yield f"with all words {result.with_all_words:,}, the others have some of them (--words all leaves them out)"
    yield f"{result.total:,} found, page {result.page:,} of {max(1, result.pages):,}, {result.took_ms:.1f} ms"
    for number, hit in enumerate(result.hits, (result.page - 1) * result.per_page + 1):
        yield from _hit_lines(number, hit)
    if result.facets:
        undated = [f"undated: {result.facets.undated:,}"] if result.facets.undated else []
        yield "\n" + "   ".join([_counts("years", result.facets.years), *undated])
        for name, counts in (("months", result.facets.months), ("days", result.facets.days)):
            if counts:
                yield _counts(name, counts)


def _hit_lines(number: int, hit: Hit) -> Iterator[str]:
    """One hit: its title, when and by whom, the excerpt, the address."""
    article = hit.article
    when = str(article.published or "undated")[: len("2024-05-17 09:30")]
    missing = f"without: {', '.join(hit.missing)}" if hit.missing else ""
    about = ("pinned" if hit.pinned else "", when, article.author, article.section, f"id {article.id}", missing)
    yield f"\n{number}. {_marked(hit.title)}"
    yield "   " + " · ".join(part for part in about if part)
    for line in (_marked(hit.snippet), article.url):
        if line:
            yield "   " + line


def _counts(name: str, counts: Iterable[Count[int]]) -> str:
    return f"{name}: " + (", ".join(f"{count.value} ({count.count:,})" for count in counts) or "none")


def _marked(snippet: Snippet) -> str:
    """The text with its marks: in bold on a terminal, between asterisks elsewhere."""
    on_terminal = sys.stdout.isatty()
    parts, done = [], 0
    for start, end in snippet.spans:
        word = snippet.text[start:end]
        parts += [snippet.text[done:start], click.style(word, bold=True) if on_terminal else f"*{word}*"]
        done = end
    return "".join([*parts, snippet.text[done:]])


def result_json(result: SearchResult) -> dict[str, Any]:
    """The answer as `/api/search` has it, without links; the excerpts are text, with the spans to mark in it."""
    query = ("text", "interpreted", "notes", "correction", "words", "with_all_words")
    perhaps = {name: value for name in ("hint", "person") if (value := getattr(result, name))}
    about = ("total", "exact", "page", "per_page", "pages", "sort", "took_ms")
    return {
        "query": {name: getattr(result, name) for name in query} | perhaps,
        **{name: getattr(result, name) for name in about},
        "hits": [_hit_json(hit) for hit in result.hits],
        "facets": result.facets and facets_json(result.facets),
        "index": result.index,
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    """A hit with the fields that the API always has, and with those others of the article that are not empty."""
    always = ("id", "url", "title", "published", "author", "author_role", "section", "views")
    stored = {name: value for name, value in hit.article.as_dict().items() if name not in {"text", "lead"}}
    answer = {name: getattr(hit.article, name) for name in always} | stored
    answer |= {"score": hit.score, "similar": hit.similar, "missing": hit.missing}
    if hit.pinned:
        answer["pinned"] = True
    marks = {"title_marks": hit.title.spans, "snippet": hit.snippet.text, "snippet_marks": hit.snippet.spans}
    return answer | marks


def facets_json(facets: Facets) -> dict[str, Any]:
    """The counts as the API has them: each with its year, month, day or other value."""
    names = {"years": "year", "months": "month", "days": "day"}
    answer = structs.asdict(facets)
    for facet, counts in answer.items():
        if isinstance(counts, tuple):
            name = names.get(facet, "value")
            answer[facet] = [{name: count.value, "count": count.count} for count in counts]
    return answer
