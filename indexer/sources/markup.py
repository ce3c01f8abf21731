"""Texts that a CMS keeps as HTML: what of them is text, with its paragraphs, lists and quotes."""

import re
from contextlib import suppress

from lxml import etree, html


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_PARAGRAPH, _LINE = "\n\n", "\n"
# What begins and ends a paragraph; an item of a list shows that it is one.
_BLOCKS = _names(
    "address article aside blockquote center dd details div dl dt fieldset footer h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tr ul"
)
_NOT_READ = _names(
    "audio button canvas embed figure form head iframe map math noscript object script select style svg "
    "template textarea title video"
)
_CELLS = ("td", "th")
_ITEM = "• "
_BLANK_LINE = re.compile(r"[^\S\n]*\n\s*\n\s*")
_BREAK = re.compile(r"\s*\n\s*\n\s*")
# What WordPress keeps in square brackets is for pictures and players; a caption encloses its words.
_CAPTION = re.compile(r"\[(/?)caption\b[^\]]{0,500}\]")
_PLAYER = re.compile(r"\[/?(?:audio|embed|gallery|playlist|video)\b[^\]]{0,2000}\]")
# What the parser does not take, or takes for the end.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_PARSER = html.HTMLParser(remove_comments=True, remove_pis=True)


def text_of(markup: str) -> str:
    """The text of a fragment of HTML, a blank line between its paragraphs. A blank line in it divides them as well."""
    markup = _UNFIT.sub(" ", markup)
    if "[" in markup:
        markup = _PLAYER.sub("", markup)
        if markup.count("[caption") == markup.count("[/caption]"):
            markup = _CAPTION.sub(r"<\1figure>", markup)
    with suppress(etree.ParserError, ValueError):
        return text_within(html.fragment_fromstring(markup, create_parent="div", parser=_PARSER))
    return ""


def text_within(element: html.HtmlElement, *, apart: bool = False) -> str:
    """The text of an element, a blank line between its paragraphs; `apart` has a space between any two elements."""
    pieces: list[str] = []
    _walk(element, pieces, " " if apart else "")
    paragraphs = _BREAK.split("".join(pieces))
    lines = ("\n".join(" ".join(line.split()) for line in paragraph.splitlines()) for paragraph in paragraphs)
    return _PARAGRAPH.join(line for line in lines if line.strip(f" \n{_ITEM}"))


def _walk(element: html.HtmlElement, pieces: list[str], between: str) -> None:
    """Put the texts of an element with what divides them into `pieces`; the parser bounds how deep elements are."""
    tag = element.tag
    block = tag in _BLOCKS
    pieces.append(_LINE if tag == "br" else _PARAGRAPH + _ITEM if tag == "li" else _PARAGRAPH if block else between)
    if text := element.text:
        pieces.append(_flowing(text))
    for child in element:
        if child.tag not in _NOT_READ and isinstance(child.tag, str):
            _walk(child, pieces, between)
        if tail := child.tail:
            pieces.append(_flowing(tail))
    pieces.append(_PARAGRAPH if block else " " if tag in _CELLS else between)


def _flowing(text: str) -> str:
    """A text between tags, whose line ends mean nothing, but for the blank ones."""
    if "\n" not in text:
        return text
    if text.isspace():
        return _PARAGRAPH if text.count("\n") > 1 else " "
    return _PARAGRAPH.join(part.replace("\n", " ") for part in _BLANK_LINE.split(text))
