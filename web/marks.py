"""Texts as HTML: escaped, without control characters, with what was searched for marked."""

import re
from typing import Any

from markupsafe import Markup, escape

from search.model import Snippet

# Control characters mean nothing on a page, and some of them are forbidden there.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def printable(text: Any) -> Any:
    """A text without control characters; anything else as it is."""
    if isinstance(text, Markup):
        return Markup(_CONTROL.sub("", text))  # noqa: S704  (taking away control characters opens no tag)
    return _CONTROL.sub("", text) if isinstance(text, str) else text


def marked(snippet: Snippet) -> Markup:
    """The snippet as HTML: escaped, its spans in <mark>."""
    pieces, at = [], 0
    for start, end in snippet.spans:
        pieces += [escape(snippet.text[at:start]), Markup("<mark>%s</mark>") % snippet.text[start:end]]
        at = end
    pieces.append(escape(snippet.text[at:]))
    clean: Markup = printable(Markup().join(pieces))
    return clean
