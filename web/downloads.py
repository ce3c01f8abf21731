"""Answers that browsers save as files: tables as CSV, harmless in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from flask import Response
from msgspec import Meta

from web.markup import one_line

# What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards too: in a cell, and
# behind what may be a separator to it, where quotes do not bind, as the cell does not begin with one.
_FORMULA = re.compile(r"""(?:^|[;,|]"*)(?=[=+\-@＝＋－＠])|[;,|][\s"]*(?=[=＝])|\s(?=[=＝]\S)""")
# Characters of a name that say what a file is about.
_ABOUT = 80
DELIMITERS = {"comma": ",", "semicolon": ";"}

Separator = Annotated[
    Literal["comma", "semicolon"],
    Meta(description="What stands between the cells; Russian spreadsheets want a semicolon."),
]


def as_file(content: Iterable[Any], mimetype: str, name: str, about: Iterable[object] = ()) -> Response:
    """An answer that browsers save as a file of this name, which goes on with what it is `about` (RFC 6266)."""
    disposition, (stem, _, ending) = f'attachment; filename="{name}"', name.partition(".")
    if words := re.sub(r"[\W_]+", "-", " ".join(map(str, about)))[:_ABOUT].strip("-"):
        disposition += f"; filename*=UTF-8''{quote(f'{stem}-{words}.{ending}')}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": disposition})


def as_csv(rows: Iterable[Sequence[object]], delimiter: str) -> str:
    """Rows as lines of CSV, every cell in quotes."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def harmless(text: str) -> str:
    """One line of text that no spreadsheet computes, whatever it takes for the separator: an apostrophe stands before
    what looks like a formula."""
    return _FORMULA.sub(r"\g<0>'", one_line(text))
