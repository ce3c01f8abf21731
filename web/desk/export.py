"""All hits of a query, however many, written while sent: as CSV, harmless in a spreadsheet, and as whole articles."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from flask import Flask, Response, current_app, request, stream_with_context
from msgspec import Meta

from search import Article
from search.links import outside
from web.address import absolute, article_url
from web.desk.editors import require_editor
from web.live import archive
from web.marks import printable
from web.parameters import FileParameters, read_leniently
from web.serving.throttle import Throttle

COLUMNS = ("id", "title", "lead", "published", "author", "author_role", "section", "tags", "source", "views", "url")
BATCH = 200
Row = TypeVar("Row")
# What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards too.
_FORMULA = tuple("=+-@＝＋－＠")


Separator = Annotated[
    Literal["comma", "semicolon"],
    Meta(description="What stands between the cells; Russian spreadsheets want a semicolon."),
]
DELIMITERS = {"comma": ",", "semicolon": ";"}


class ExportParameters(FileParameters, frozen=True, kw_only=True, omit_defaults=True):
    """What may be asked of `/export.csv`."""

    separator: Separator = "comma"


def register(app: Flask) -> None:
    """Add the routes to the app."""
    app.add_url_rule("/export.csv", "export", export)
    app.add_url_rule("/export.jsonl", "export_texts", texts)


def export() -> Response:
    """The hits of a query, a line each."""
    parameters = read_leniently(ExportParameters, request.args)
    total, articles = _found(parameters)
    if total > current_app.config["SETTINGS"].csv_rows:
        require_editor()
    return _streamed(_lines(articles, DELIMITERS[parameters.separator]), "text/csv", "arkhiv.csv")


def texts() -> Response:
    """The hits of a query with their texts, in the article format."""
    require_editor()
    _, articles = _found(read_leniently(FileParameters, request.args))
    lines = (msgspec.json.encode(article.as_dict()) + b"\n" for article in articles)
    return _streamed((b"".join(some) for some in _batches(lines)), "application/jsonl", "arkhiv.jsonl")


def _found(parameters: FileParameters) -> tuple[int, Iterator[Article]]:
    """How many articles a query finds, and all of them."""
    opened, filters = archive(), parameters.value
    result = opened.search(
        parameters.q,
        filters,
        sort=parameters.sort,
        correct=bool(parameters.correct),
        words=parameters.words,
        per_page=1,
        facets=False,
        snippets=False,
    )
    text = result.correction.text if result.correction else parameters.q
    return result.total, opened.every(text, filters, sort=parameters.sort, words=result.words)


def _streamed(pieces: Iterator[Any], mimetype: str, name: str) -> Response:
    throttle: Throttle = current_app.extensions["arkhiv_throttle"]
    return throttle.download(as_file(stream_with_context(pieces), mimetype, name))


def as_file(content: Iterable[Any], mimetype: str, name: str) -> Response:
    """An answer that browsers save as a file of this name."""
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, BATCH)):
        yield some


def _lines(articles: Iterator[Article], delimiter: str) -> Iterator[str]:
    yield "\ufeff" + delimiter.join((*COLUMNS, "page")) + "\r\n"
    for some in _batches(map(_row, articles)):
        yield as_csv(some, delimiter)


def as_csv(rows: Iterable[Sequence[object]], delimiter: str) -> str:
    """Rows as lines of CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def _row(article: Article) -> list[str]:
    values = article.as_dict() | {"tags": ", ".join(article.tags), "url": outside(article.url)}
    return [*(harmless(str(values.get(name, ""))) for name in COLUMNS), absolute(article_url(article.id))]


def harmless(text: str) -> str:
    """One line of text that no spreadsheet computes: what looks like a formula gets an apostrophe before it."""
    line = " ".join(printable(text).split())
    return f"'{line}" if line.startswith(_FORMULA) else line
