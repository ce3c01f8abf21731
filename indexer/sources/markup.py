"""Texts that a CMS keeps as HTML: what of them is text, with its paragraphs, lists and quotes."""

import re
from contextlib import suppress
from typing import Any

from lxml import etree, html


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_PARAGRAPH, _LINE = "\n\n", "\n"
# What begins and ends a paragraph; an item of a list shows that it is one.
_BLOCKS = _names(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tr ul"
)
_NOT_READ = _names(
    "audio button canvas embed form head iframe map math noscript object script select style svg template textarea "
    "title video"
)
_CELLS = ("td", "th")
_ITEM = "• "
_BEGINS = dict.fromkeys(_BLOCKS, _PARAGRAPH) | {"li": _PARAGRAPH + _ITEM, "br": _LINE}
_BLANKS = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r"\n\s*\n")
# What WordPress keeps in square brackets is for pictures and players; a caption encloses its words.
_CAPTION = re.compile(r"\[(/?)caption\b[^\]]{0,500}\]")
# So do page builders with all that they lay out: what stands between their brackets is text.
_SHORTCODE = re.compile(r"\[(?P<end>/?)(?P<name>[a-z][a-z0-9_-]*)(?P<rest>\s[^\[\]]{0,2000})?\]", re.IGNORECASE)
# What some keep there is code, as base64.
_ENCODED = re.compile(r"\[(vc_raw_html|vc_raw_js)\b[^\]]{0,500}\][\w+/=%\s]*\[/\1\]")
_PLAYERS = _names("audio embed gallery playlist video vimeo youtube")
# What the parser does not take, or takes for the end.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
# Pictures in the addresses of their elements, which may be longer than the parser allows.
_DATA = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[\w+/=%-]{1000,}")
_PARSER = html.HTMLParser(remove_comments=True, remove_pis=True)
# By default lxml asks Python for the class of every element.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
_LONGEST_TITLE = 2_000  # characters
# What costs those who look for the text much, and says nothing.
_LONG_BLANK = re.compile(r"(?:\s|&nbsp;|&#160;|&#xa0;){50,}+", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def document(markup: str) -> Any:
    """The tree of a page. ParserError, ValueError: it is none."""
    markup = _LONG_BLANK.sub(lambda blank: "\n\n" if blank[0].count("\n") > 1 else " ", _DECLARATION.sub("", markup))
    tree = html.document_fromstring(_DATA.sub("", markup), parser=_PARSER)
    for title in tree.iter("title"):
        title.text = (title.text or "")[:_LONGEST_TITLE]
    return tree


def text_of(markup: str) -> str:
    """The text of a fragment of HTML, a blank line between its paragraphs. A blank line in it divides them as well."""
    markup = _DATA.sub("", _UNFIT.sub(" ", markup))
    if "[" in markup:
        if markup.count("[caption") == markup.count("[/caption]"):
            markup = _CAPTION.sub(r"<\1figure>", markup)
        markup = _without_shortcodes(markup)
    with suppress(etree.ParserError, ValueError):
        return text_within(html.fragment_fromstring(markup, create_parent="div", parser=_PARSER))
    return ""


def _without_shortcodes(markup: str) -> str:
    """Markup without the shortcodes in it; other words in brackets stay."""
    ended = {match["name"] for match in _SHORTCODE.finditer(markup) if match["end"]}

    def replacement(match: re.Match[str]) -> str:
        name, rest = match["name"], match["rest"] or ""
        is_code = (
            match["end"] or name in ended or name.lower() in _PLAYERS or "_" in name or "=" in rest or "://" in rest
        )
        return "" if is_code else match[0]

    return _SHORTCODE.sub(replacement, _ENCODED.sub("", markup))


def text_within(element: html.HtmlElement, *, apart: bool = False) -> str:
    """The text of an element, a blank line between its paragraphs; `apart` has a space between any two elements."""
    between = " " if apart else ""
    pieces: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        tag = node.tag
        if tag in _NOT_READ and node is not element:
            if event == "start":
                walk.skip_subtree()
        elif event == "start":
            pieces.append(_BEGINS.get(tag, between))
            if text := node.text:
                pieces.append(_flowing(text))
        else:
            pieces.append(_PARAGRAPH if tag in _BLOCKS else " " if tag in _CELLS else between)
        if event == "end" and node is not element and (tail := node.tail):
            pieces.append(_flowing(tail))
    paragraphs = _BREAK.split(_BLANKS.sub(" ", "".join(pieces)))
    lines = ("\n".join(" ".join(line.split()) for line in paragraph.splitlines()) for paragraph in paragraphs)
    return _PARAGRAPH.join(line for line in lines if line.strip(f" \n{_ITEM}"))


def _flowing(text: str) -> str:
    """A text between tags, whose line ends mean nothing, but for the blank ones."""
    if "\n" not in text:
        return text
    return _PARAGRAPH.join(part.replace("\n", " ") for part in _BREAK.split(text))
