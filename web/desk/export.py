"""All hits of a query, however many, written while they are sent: as CSV, and as whole articles."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec
from flask import Blueprint, Response, current_app, request, stream_with_context

from search import Article
from search.links import outside
from search.model import UNDATED
from web.address import absolute, article_url
from web.desk.editors import require_editor
from web.downloads import DELIMITERS, Separator, as_csv, as_file, harmless
from web.live import archive, zone
from web.parameters import FileParameters, read_leniently
from web.serving.throttle import Throttle

# The columns for programs, and how they are called in a spreadsheet, beside the page of the article here.
COLUMNS = {
    "id": "Номер", "title": "Заголовок", "lead": "Лид", "published": "Дата", "author": "Автор",
    "author_role": "Должность", "section": "Рубрика", "tags": "Темы", "source": "Источник", "views": "Просмотры",
    "url": "На сайте газеты",
}  # fmt: skip
BATCH = 200

blueprint = Blueprint("export", __name__)


class ExportParameters(FileParameters, frozen=True, kw_only=True, omit_defaults=True):
    """The parameters of `/export.csv`."""

    separator: Separator = "comma"


@blueprint.get("/export.csv")
def table() -> Response:
    """The hits of a query, one in a line."""
    parameters = read_leniently(ExportParameters, request.args)
    total, articles = _hits(parameters)
    if total > current_app.config["SETTINGS"].csv_rows:
        require_editor()
    delimiter, for_people = DELIMITERS[parameters.separator], parameters.separator == "semicolon"

    def lines() -> Iterator[str]:
        yield "\ufeff" + as_csv([(*COLUMNS.values(), "Адрес") if for_people else (*COLUMNS, "page")], delimiter)
        rows = (_row(article, for_people=for_people) for article in articles)
        while batch := as_csv(islice(rows, BATCH), delimiter):
            yield batch

    return _streamed(lines(), "text/csv", "arkhiv.csv", parameters)


@blueprint.get("/export.jsonl")
def texts() -> Response:
    """The hits of a query with their texts, in the article format."""
    require_editor()
    parameters = read_leniently(FileParameters, request.args)
    _, articles = _hits(parameters)
    lines = (msgspec.json.encode(article.as_dict()) + b"\n" for article in articles)
    batches = iter(lambda: b"".join(islice(lines, BATCH)), b"")
    return _streamed(batches, "application/jsonl", "arkhiv.jsonl", parameters)


def _hits(parameters: FileParameters) -> tuple[int, Iterator[Article]]:
    """How many articles match a query, and all of them."""
    opened = archive()
    options = parameters.arguments() | {"page": 1, "per_page": 1, "similar": "show"}
    result = opened.search(**options, facets=False, snippets=False)
    text = result.correction.text if result.correction else parameters.q
    return result.total, opened.every(text, parameters.value, sort=parameters.sort, words=result.words)


def _streamed(
    chunks: Iterable[str] | Iterable[bytes], mimetype: str, name: str, parameters: FileParameters
) -> Response:
    throttle: Throttle = current_app.extensions["arkhiv_throttle"]
    _, *others = parameters.parameters().values()
    year = "без даты" if parameters.year == UNDATED else parameters.year
    about = [parameters.q, *(value for value in (year, *others) if value is not None)]
    return throttle.download(as_file(stream_with_context(iter(chunks)), mimetype, name, about))


def _row(article: Article, *, for_people: bool) -> list[str]:
    values = article.as_dict() | {"tags": ", ".join(article.tags), "url": outside(article.url)}
    if for_people and isinstance(article.published, datetime):  # with T and offset it is no date to a spreadsheet
        values["published"] = f"{article.published.astimezone(zone()):%Y-%m-%d %H:%M:%S}"
    return [*(harmless(str(values.get(name, ""))) for name in COLUMNS), absolute(article_url(article.id))]
