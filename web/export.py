"""All hits of a query as CSV, however many: written while it is sent, harmless in a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Literal

from flask import Flask, Response, current_app, request, stream_with_context
from msgspec import Meta

from search import Article
from web.address import absolute, article_url, outside
from web.editors import require_editor
from web.live import archive
from web.marks import printable
from web.parameters import PageParameters, read_kindly

COLUMNS = ("id", "title", "lead", "published", "author", "author_role", "section", "tags", "source", "views", "url")
BATCH = 200
# What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards too.
_FORMULA = tuple("=+-@＝＋－＠")


class ExportParameters(PageParameters, frozen=True, kw_only=True, omit_defaults=True):
    """What may be asked of `/export.csv`."""

    separator: Annotated[
        Literal["comma", "semicolon"],
        Meta(description="What stands between the cells; Russian spreadsheets want a semicolon."),
    ] = "comma"


def register(app: Flask) -> None:
    """Add the route to the app."""
    app.add_url_rule("/export.csv", "export", export)


def export() -> Response:
    """The hits of a query, a line each."""
    parameters = read_kindly(ExportParameters, request.args)
    opened, chosen = archive(), {**parameters.filters(), "sort": parameters.sort}
    result = opened.search(
        parameters.q, **chosen, correct=bool(parameters.correct), per_page=1, facets=False, snippets=False
    )
    if result.total > current_app.config["SETTINGS"].csv_rows:
        require_editor()
    delimiter = ";" if parameters.separator == "semicolon" else ","
    text = result.correction.text if result.correction else parameters.q
    lines = _lines(opened.every(text, **chosen), delimiter)
    response = Response(stream_with_context(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="arkhiv.csv"'
    return response


def _lines(articles: Iterator[Article], delimiter: str) -> Iterator[str]:
    yield "\ufeff" + delimiter.join((*COLUMNS, "page")) + "\r\n"
    rows = map(_row, articles)
    while some := list(islice(rows, BATCH)):
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(some)
        yield text.getvalue()


def _row(article: Article) -> list[str]:
    values = article.as_dict() | {"tags": ", ".join(article.tags), "url": outside(article.url)}
    return [*(harmless(str(values.get(name, ""))) for name in COLUMNS), absolute(article_url(article.id))]


def harmless(text: str) -> str:
    """One line of text that no spreadsheet computes: what looks like a formula gets an apostrophe before it."""
    line = " ".join(printable(text).split())
    return f"'{line}" if line.startswith(_FORMULA) else line
