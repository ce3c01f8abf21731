"""Answers that browsers save as files: tables as CSV, harmless in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from flask import Response
from msgspec import Meta

from web.markup import one_line

# What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards too.
_FORMULA = tuple("=+-@＝＋－＠")
DELIMITERS = {"comma": ",", "semicolon": ";"}

Separator = Annotated[
    Literal["comma", "semicolon"],
    Meta(description="What stands between the cells; Russian spreadsheets want a semicolon."),
]


def as_file(content: Iterable[Any], mimetype: str, name: str) -> Response:
    """An answer that browsers save as a file of this name."""
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def as_csv(rows: Iterable[Sequence[object]], delimiter: str) -> str:
    """Rows as lines of CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def harmless(text: str) -> str:
    """One line of text that no spreadsheet computes: what looks like a formula gets an apostrophe before it."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line
