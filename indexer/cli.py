"""The command `indexer`: what operators and the CMS call. Only `ErrorHandlingGroup` makes exit codes of errors."""

import gc
import io
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
import msgspec
from msgspec import inspect
from msgspec.structs import replace

from indexer.alerts import Alerts
from indexer.console import (
    Console,
    alert_line,
    discard_output,
    in_full,
    index_lines,
    loops_line,
    passed_over_lines,
    result_json,
    result_lines,
    run_line,
    say,
    spelled_alike,
)
from indexer.filters import filter_options
from indexer.journal import Journal, Rejections
from indexer.rebuild import Options, Report, copy_archive, rebuild_index, remove_articles
from indexer.sources import Row, Source, open_source
from indexer.sources.intake import Intake
from indexer.trying import trial_lines, try_row
from indexer.views import count_views
from search.analysis import Analyzer
from search.archive import Archive, archives
from search.config import Settings, SourceSettings, load_settings
from search.engines import loops, open_engine
from search.engines.generation import blaming_damage
from search.errors import ArkhivError, ArticleNotFound, IndexBusy, IndexUnavailable, SourceError, UserError, describe
from search.model import Sort, Words
from search.records.alerts import AlertFile, DeliveryStatus, matters
from search.records.querylog import QueryLog
from search.records.runs import ALERTS, Run, Window, kept_runs, last_window
from search.release import release

DONE, FAILED, WRONG_USAGE, PUBLISHED_IN_PART = 0, 1, 2, 3
AS_BEFORE = "the published index is as before"

# Runs make many objects and few cycles: looking for cycles as often as Python does takes a tenth of a small run.
_GC_THRESHOLDS = (100_000, 20, 20)
# While a run waits for another.
_SECONDS_BETWEEN_TRIES = 0.2
# Of each facet, so many are looked at for spellings of one value.
_MOST_VALUES = 1_000

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Context:
    """What one call of a command works with: the settings, the index and its journal."""

    def __init__(self, settings: Settings, *, as_json: bool) -> None:
        self.settings = settings
        self.as_json = as_json
        self.analyzer = Analyzer()
        self.engine = open_engine(settings.index, settings, self.analyzer)
        self.journal = Journal(self.engine.url)
        self.before = self.generation()

    @property
    def window(self) -> Window:
        """What rebuilds have taken out up to now."""
        return last_window(self.engine.url, datetime.now(UTC))

    def generation(self) -> str | None:
        """The published generation; None also where nobody can say."""
        try:
            return self.engine.generation()
        except IndexUnavailable:
            return None

    def archive(self) -> Archive:
        """The published archive, as readers are given it."""
        return archives(self.engine, self.settings, self.analyzer)()

    def show(self, value: Any, lines: Iterable[str]) -> None:
        """The outcome of a command: one JSON object, or lines for people."""
        text = msgspec.json.encode(value) if self.as_json else "\n".join(lines)
        try:
            click.echo(text)
        except OSError:
            discard_output(sys.stdout)
            raise

    def report(self, value: Any, lines: Iterable[str]) -> None:
        """The outcome of a run that published: it is published, whether or not this can be written."""
        try:
            self.show(value, lines)
        except BrokenPipeError:
            pass  # the reader did not want it
        except OSError as error:
            say(f"warning: the report cannot be written: {error.strerror}")

    def in_turn(
        self, seconds: float, write: Callable[Params, Result], *args: Params.args, **kw: Params.kwargs
    ) -> Result:
        """Call what writes; while another writer is at work, wait for so many seconds."""
        until, has_warned = time.monotonic() + seconds, False
        while True:
            try:
                with blaming_damage(self.engine):
                    return write(*args, **kw)
            except IndexBusy as busy:
                if not time.monotonic() < until:  # nor is a number that is none
                    raise
                if not has_warned:
                    say(f"{busy}; waiting up to {seconds:g} seconds")
                has_warned = True
                time.sleep(_SECONDS_BETWEEN_TRIES)

    @contextmanager
    def recorded(self, command: str, *, slips: tuple[type[Exception], ...] = ()) -> Iterator[Counter[str]]:
        """Keep a run in the journal, however it ends, with the counts that are put into what this gives; `articles` is
        how many it left, `anew` whether what was taken out before counts no more. One that ends with one of `slips` is
        none: nothing is wrong but what was typed."""
        counts: Counter[str] = Counter()
        when, began = datetime.now(UTC), time.perf_counter()

        def keep(failure: str = "") -> None:
            window, seconds = self.window, round(time.perf_counter() - began, 3)
            if counts["anew"]:
                window = Window(counts["articles"])
            elif "articles" in counts:
                window = window.following(when, counts["articles"], counts["removed"])
            did = counts["added"], counts["removed"], counts["rejected"]
            try:
                self.journal.record(Run(when, command, *did, seconds, failure, window if window.articles else None))
            except OSError as error:
                say(f"warning: this run is not kept in {self.journal.runs}: {error.strerror}")

        with self.journal.going_on(command):
            try:
                yield counts
            except slips:
                raise
            except BaseException as error:
                keep(_writable(describe(error)) or type(error).__name__)
                raise
            keep()

    def console(self, counts: Counter[str], sources: Sequence[Source] = ()) -> Console:
        """What reports on a run over these sources, and counts what is rejected; a context manager."""
        return Console(sources, Rejections(self.journal.rejected), counts, quiet=self.as_json)

    def end(self, rejected: int, what: str) -> None:
        """Set the exit code, and say where the rejected rows are kept, if there are any."""
        if rejected:
            say(f"rejected {what}: {rejected:,}, kept in {self.journal.rejected}")
            click.get_current_context().exit(PUBLISHED_IN_PART)


class ErrorHandlingGroup(click.Group):
    """The commands, and the one place where errors become a line on standard error and an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the program. What its caller closed is the null device: else a file of the index would get its number,
        and what other processes write as to their standard error."""
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:
                setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # open to the end
        try:
            return super().main(*args, **extra)
        except OSError as error:  # the help cannot be written
            say(f"indexer: {describe(error)}")
            discard_output(sys.stdout)
            sys.exit(FAILED)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command."""
        gc.set_threshold(*_GC_THRESHOLDS)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            with _terminated_as_interrupted():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            published = isinstance(ctx.obj, Context) and ctx.obj.generation() != ctx.obj.before
            say(f"indexer: interrupted, {'but what was read is published' if published else AS_BEFORE}")
            ctx.exit(DONE if published else FAILED)
        except UserError as error:
            say(f"indexer: {error}")
            ctx.exit(WRONG_USAGE)
        except BrokenPipeError:
            raise
        except (ArkhivError, OSError) as error:
            say(f"indexer: {describe(error)}")
            ctx.exit(FAILED)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """While it lasts, SIGTERM, with which services are stopped, ends a run as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt("terminated")

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _writable(text: str) -> str:
    """A text of the operating system's as one that can be written: its bytes may be no UTF-8."""
    return text.encode(errors="backslashreplace").decode()


_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


def _with_context(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of all that work with one index, and the `Context` that they describe."""

    @click.option(
        "--index",
        "url",
        metavar="URL",
        help="The index, as whoosh:FOLDER or opensearch+http://NODE/NAME; else that of the settings, whoosh:index.",
    )
    @_json
    @wraps(command)
    def with_context(url: str | None, as_json: bool, **options: Any) -> None:
        command(_context(url, as_json=as_json), **options)

    return with_context


def _context(url: str | None, *, as_json: bool) -> Context:
    """That of the index at `url`, else of the settings'. The group looks at it when the command fails."""
    settings = load_settings(os.environ)
    context = Context(replace(settings, index=url or settings.index), as_json=as_json)
    click.get_current_context().find_root().obj = context
    return context


class _Number(click.types.IntParamType):
    """A whole number, or one of some words in its place."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or the word."""
        return value if value in self._words else super().convert(value, param, ctx)


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each of the filters."""
    for name, written, kind, words, description in reversed([*filter_options()]):
        values = _Number(words) if isinstance(kind, inspect.IntType) else str
        command = click.option(f"--{written}", name, type=values, help=description)(command)
    return command


_wait = click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="How long to wait for another run to end; else this one fails at once.",
)
_strict = click.option("--strict", is_flag=True, help="Publish nothing when anything is wrong with any article.")


def _version(click_context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not click_context.resilient_parsing:
        try:
            click.echo(f"indexer {release()}\nloops: {loops_line()}")
        except UserError as error:
            say(f"indexer: {error}")
            click_context.exit(WRONG_USAGE)
        click_context.exit()


@click.group(cls=ErrorHandlingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def main() -> None:
    """Build and look after the search index of a newspaper archive.

    Exit codes: 0 done; 1 failed, the published index is as before (of status: something is to be done); 2 wrong usage;
    3 published, but some articles were rejected (each is reported, and kept in FOLDER.rejected.jsonl beside the index)
    or were not there to remove.
    """


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@_strict
@_wait
@click.option("--full", is_flag=True, help="Start from nothing: analyse every article, the unchanged ones too.")
@click.option("--allow-shrink", is_flag=True, help="Let any share of the articles vanish, not just max_shrink percent.")
@_with_context
def rebuild(context: Context, sources: tuple[str, ...], seconds: float, **options: bool) -> None:
    """Make the archive equal the union of the SOURCEs, or else of those in arkhiv.toml.

    Only what changed is analysed. What is in no SOURCE any more is taken out. Where nothing changed, nothing is
    published.

    A SOURCE is a file of JSON lines, plain or gzip (- is standard input), an export of WordPress
    (.xml), a folder of saved pages, or a database: URL#TABLE or 'URL#SELECT …', as sqlite:///news.db#articles.
    """
    if not (sources or context.settings.sources):
        raise UserError(
            "SOURCE",
            "name what to read, as in: indexer rebuild export.jsonl, or write it into arkhiv.toml, as in: "
            'sources = ["export.jsonl"]',
        )
    _read_sources(
        context,
        "rebuild",
        sources or context.settings.sources,
        seconds,
        Options(context.settings, window=context.window, **options),
    )


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_strict
@_wait
@_with_context
def add(context: Context, sources: tuple[str, ...], seconds: float, strict: bool) -> None:
    """Add or replace just the articles of the SOURCEs, which are what they are of `rebuild`."""
    if context.before is None:
        say(f"there is no index at {in_full(context.engine.url)} yet: this run begins one")
    _read_sources(context, "add", sources, seconds, Options(context.settings, strict, adds=True))


def _read_sources(
    context: Context, command: str, names: Sequence[str | SourceSettings], seconds: float, options: Options
) -> None:
    alerts = Alerts(context.settings, AlertFile(context.engine.url))
    with _alert_errors_as_warnings():
        if context.before is not None and alerts.are_set():
            alerts.begin(context.archive())
    anew = options.full or options.allow_shrink or context.before is None
    with context.recorded(command) as counts:
        sources = [open_source(name, context.settings) for name in names]
        with context.console(counts, sources) as console:
            report = context.in_turn(seconds, rebuild_index, context.engine, sources, options, console)
        counts.update(added=report.indexed, removed=report.removed, articles=report.index.articles)
        counts["anew"] = anew or report.sample_replaced
    context.report(report, _report_lines(report))
    with _alert_errors_as_warnings():
        if alerts.are_set():
            with context.recorded(ALERTS):
                for warning in alerts.send(context.archive()):
                    say(f"warning: {warning}")
    context.end(report.rejected, "articles")


@contextmanager
def _alert_errors_as_warnings() -> Iterator[None]:
    """No run fails over its alerts."""
    try:
        yield
    except (ArkhivError, OSError) as error:
        say(f"warning: alerts are not sent, the next run tries again: {describe(error)}")


def _report_lines(report: Report) -> Iterator[str]:
    yield (
        f"{report.read:,} read, {report.indexed:,} indexed, {report.unchanged:,} unchanged, {report.removed:,} "
        f"removed, {report.rejected:,} rejected, {report.warnings:,} warnings, {report.seconds:.1f} s"
    )
    yield from passed_over_lines(report.passed_over)
    if report.sample_replaced:
        yield "the bundled sample is replaced"
    published = "published" if report.published else "nothing changed, nothing is published"
    yield f"{published}: {report.index.articles:,} articles, generation {report.index.generation}"


@main.command("try")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--rows", type=click.IntRange(min=1), default=5, show_default=True, help="How many rows of each SOURCE.")
@_json
def try_(sources: tuple[str, ...], rows: int, as_json: bool) -> None:
    """Show what of a SOURCE, or else of those in arkhiv.toml, becomes which field, and from where; nothing is indexed.

    A SOURCE is what it is of `rebuild`: a page or a folder of pages, read with the selectors of [pages] in arkhiv.toml,
    a file of JSON lines, or a database.
    """
    settings = load_settings(os.environ)
    intake = Intake(settings)
    settled = {source.path or source.url: source for source in settings.sources if isinstance(source, SourceSettings)}
    for name in [settled.get(name, name) for name in sources] or settings.sources:
        source = open_source(name, settings)
        for row in islice((row for row in source.rows() if isinstance(row, Row)), rows):
            outcome = try_row(row, source.html, intake)
            click.echo(msgspec.json.encode(outcome) if as_json else "\n".join(trial_lines(outcome)))
        for line in passed_over_lines({source.name: source.passed_over}):
            say(line)


@main.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--withdraw", is_flag=True, help="Out of every kept generation too, and off the disk: no rollback then.")
@_wait
@_with_context
def remove(context: Context, ids: tuple[str, ...], withdraw: bool, seconds: float) -> None:
    """Take the articles with these IDs out of the archive."""
    with context.recorded("remove", slips=(ArticleNotFound,)) as counts:
        wanted = [_writable(article_id) for article_id in ids]
        removal = context.in_turn(seconds, remove_articles, context.engine, wanted, withdraw=withdraw)
        counts["removed"] = len(removal.removed)
    for article_id in removal.unknown:
        say(f"indexer: {ArticleNotFound(article_id)}")
    context.report(removal, [f"{len(removal.removed):,} removed, {removal.index.articles:,} articles published"])
    if removal.unknown:
        click.get_current_context().exit(PUBLISHED_IN_PART)


@main.command()
@click.argument("file")
@_wait
@_with_context
def views(context: Context, file: str, seconds: float) -> None:
    """Take over new view counters: a line of FILE is an id, a tab and a number (- is standard input).

    Nothing is indexed again. The last word written holds, by this command or by a rebuild.
    """
    with context.recorded("views", slips=(SourceError,)) as counts, context.console(counts) as console:
        counting = context.in_turn(seconds, count_views, context.engine, file, console)
    published = "published" if counting.published else "nothing changed, nothing is published"
    context.report(counting, [f"{counting.counted:,} counted, {counting.rejected:,} rejected, {published}"])
    context.end(counting.rejected, "lines")


@main.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@_wait
@_json
def copy(source: str, target: str, as_json: bool, seconds: float) -> None:
    """Copy the archive from the index FROM to the index TO, without its sources.

    FROM and TO are written as for --index. What is published in TO is replaced, and can be rolled back to.
    """
    context = _context(target, as_json=as_json)
    original = open_engine(source, replace(context.settings, index=source), context.analyzer)
    with context.recorded("copy") as counts, context.console(counts) as console:
        report = context.in_turn(seconds, copy_archive, original, context.engine, console)
        counts.update(added=report.copied, articles=report.copied, anew=True)
    published = f"published: {report.index.articles:,} articles, generation {report.index.generation}"
    context.report(report, [f"{report.copied:,} copied, {report.seconds:.1f} s", published])


@main.command()
@_wait
@_with_context
def rollback(context: Context, seconds: float) -> None:
    """Publish the generation before the published one again; once more, and the later one is back."""
    with context.recorded("rollback") as counts:
        info = context.in_turn(seconds, context.engine.rollback)
        counts["articles"] = info.articles
    context.report({"index": info}, [f"published: {info.articles:,} articles, generation {info.generation}"])


@main.command()
@_with_context
def status(context: Context) -> None:
    """Show what is published, how the last run went, how the alerts stand; exit 1 where something is to be done."""
    info, url = context.engine.open().info, context.engine.url
    runs, own = kept_runs(url), url.startswith("whoosh:")
    run = next((run for run in reversed(runs) if run.command != ALERTS), None)
    last = [f"last run    {run_line(run)}"] if run else []
    wrong = [
        f"the last {command} failed: {last_run.error}"
        for command, last_run in {run.command: run for run in runs}.items()
        if last_run.error and matters(last_run, context.settings)
    ]
    alerts: list[DeliveryStatus] = []
    try:
        alerts = Alerts(context.settings, AlertFile(url)).status()
    except OSError as error:
        wrong.append(f"what alerts have told cannot be read: {describe(error)}")
    alike: dict[str, list[list[str]]] = {}
    try:
        facets = context.archive().search(per_page=1, snippets=False, values=_MOST_VALUES).facets
        alike = spelled_alike(facets) if facets else {}
    except ArkhivError as error:
        wrong.append(f"no reader is answered: {error}")
    context.show(
        {
            "url": url,
            "index": info,
            "loops": loops()[0] if own else None,
            "last_run": run,
            "alerts": alerts,
            "alike": alike,
        },
        [
            f"index       {in_full(url)}",
            *index_lines(info),
            *([f"loops       {loops_line()}"] if own else []),
            *last,
            *map(alert_line, alerts),
            *(f"alike       {name}: {' = '.join(group)}" for name in alike for group in alike[name]),
        ],
    )
    window = context.window
    if window.exceeds(context.settings.max_shrink / 2):
        wrong.append(
            f"rebuilds since {min(window.days)} took out {window.removed:,} of {window.largest:,} articles, more "
            "than half of what max_shrink allows; where this is right, rebuild --allow-shrink begins to count anew"
        )
    wrong += [f"the alert {delivery.alert!r} by {delivery.way} fails" for delivery in alerts if delivery.failing]
    if wrong:
        say(f"indexer: {'; '.join(wrong)}")
        click.get_current_context().exit(FAILED)


@main.command()
@_with_context
def verify(context: Context) -> None:
    """Read every file of the published index against its checksum, and say what is damaged."""
    info, damaged = context.engine.open().info, context.engine.verify()
    sound = f"sound: {info.articles:,} articles, generation {info.generation}"
    context.show({"generation": info.generation, "articles": info.articles, "damaged": damaged}, damaged or [sound])
    if damaged:
        raise IndexUnavailable(f"{len(damaged):,} damaged; indexer rebuild --full builds the index anew")


@main.command()
@click.argument("query", nargs=-1, metavar="QUERY...")
@_filters
@click.option("--sort", help=f"{', '.join(Sort)}; relevance unless there are no words to rank by.")
@click.option("--words", default="auto", show_default=True, help=f"{', '.join(Words)}: which an article needs.")
@click.option("--as-typed", is_flag=True, help="Never search for a correction of what finds nothing.")
@click.option("--page", type=int, default=1, show_default=True, help="Which page.")
@click.option("--per-page", type=int, default=10, show_default=True, help="Articles on it.")
@_with_context
def search(context: Context, query: tuple[str, ...], as_typed: bool, **filters: Any) -> None:
    """Search as readers do, in the terminal. Write -- before a QUERY that begins with a minus."""
    archive = context.archive()
    with blaming_damage(context.engine):
        result = archive.search(_writable(" ".join(query)), correct=not as_typed, **filters)
    context.show(result_json(result), result_lines(result))


@main.command()
@click.option("--in-vain", is_flag=True, help="Only those that found nothing the last time.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@_with_context
def queries(context: Context, in_vain: bool, limit: int) -> None:
    """Show what readers ask most: how often, how many articles they found, the query."""
    settings = context.settings
    if not settings.query_log:
        raise UserError("ARKHIV_QUERY_LOG", "not set; it names the folder that queries are kept in")
    summary = QueryLog(settings.query_log, settings.query_days).summary(limit)
    logged = summary.unanswered if in_vain else summary.frequent
    lines = (
        f"{query.times:>7,} {query.total:>9,}  {query.query}{query.correction and ' → ' + query.correction}"
        for query in logged
    )
    context.show({"queries": logged}, lines)


@main.command()
@_with_context
def mcp(context: Context) -> None:
    """Let an assistant search and read the archive: a server of the Model Context Protocol on stdin and stdout."""
    try:
        from indexer.assistant import serve  # what it needs is an extra
    except ImportError as error:
        raise UserError("mcp", "needs one more package: pip install 'arkhiv[mcp]'") from error
    serve(context.archive(), context.settings.site_url)
