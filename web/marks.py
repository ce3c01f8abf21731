"""Texts as HTML: escaped, without control characters, with what was searched for marked."""

import re
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from search.model import Snippet

# Control characters mean nothing on a page, and some of them are forbidden there.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# Stand for tags until a text is escaped: no printable text has them.
_MARK, _UNMARK = "\x02", "\x03"


def printable(text: str) -> str:
    """A text without control characters."""
    return _CONTROL.sub("", text)


def page(template: str, **values: Any) -> str:
    """The page that a template makes: cleaned as a whole, not value by value, of which it has a thousand."""
    return printable(render_template(template, **values))


def marked(snippet: Snippet) -> Markup:
    """The snippet as HTML: escaped, its spans in <mark>."""
    text, pieces, at = snippet.text, list[str](), 0
    for start, end in snippet.spans:
        pieces += [text[at:start], _MARK, text[start:end], _UNMARK]
        at = end
    pieces.append(text[at:])
    if _CONTROL.search(text):
        pieces = [piece if number % 2 else printable(piece) for number, piece in enumerate(pieces)]
    escaped = str(escape("".join(pieces)))
    return Markup(escaped.replace(_MARK, "<mark>").replace(_UNMARK, "</mark>"))  # noqa: S704  (escaped before)
