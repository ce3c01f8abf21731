"""Texts as HTML: escaped, without control characters, with the words of the query highlighted."""

import re
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from search.model import Snippet

# Control characters mean nothing on a page, and some of them are forbidden there.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# Placeholders for tags until the text is escaped: no printable text has them.
_MARK, _UNMARK = "\x02", "\x03"


def printable(text: str) -> str:
    """A text without control characters."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """A text in one line, without control characters."""
    return " ".join(printable(text).split())


def render(template: str, **values: Any) -> str:
    """The page that a template makes. It is cleaned as a whole, not value by value, of which it has a thousand."""
    return printable(render_template(template, **values))


def highlighted(snippet: Snippet, first: int = 0) -> Markup:
    """The snippet as HTML: escaped, its spans in <mark>; where `first` is a number, they are anchors from `match-first`
    on."""
    text, parts, at = snippet.text, list[str](), 0
    for start, end in snippet.spans:
        parts += [text[at:start], _MARK, text[start:end], _UNMARK]
        at = end
    parts.append(text[at:])
    if _CONTROL.search(text):
        parts = [part if number % 2 else printable(part) for number, part in enumerate(parts)]
    escaped = str(escape("".join(parts)))
    if first:
        head, *marked = escaped.split(_MARK)
        numbered = (f'<mark id="match-{number}">{text}' for number, text in enumerate(marked, first))
        escaped = head + "".join(numbered)
    return Markup(escaped.replace(_MARK, "<mark>").replace(_UNMARK, "</mark>"))  # noqa: S704  (escaped before)
