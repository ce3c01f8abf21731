"""The article's part of a page: what trafilatura finds, and what is beside it."""

import re
from copy import deepcopy
from typing import Any

from lxml.html import builder
from trafilatura import bare_extraction

from indexer.sources.markup import text_within

# What is beside the article, by class.
_OTHERS = re.compile(
    r"popular|related|sidebar|recommend|read-?(?:also|more)|similar|most-|widget|archive|comment", re.IGNORECASE
)
# Characters. Less than so much is suspected to be a part.
LITTLE = 250
# A careful search that leaves less than this share of what the usual one does has lost some.
_SHARE = 0.32
# So many line breaks in a cell of a table are of prose.
_BREAKS = 3


def extracted(tree: Any, prose: int) -> str:
    """The text of a page, a paragraph in a line, that shows so many characters of `prose`; where the careful search
    leaves little, the others are tried."""
    tree = without_layout(tree)
    text = _extract(tree, careful=True)
    if len(text) < prose / 2:
        usual = _extract(tree)
        text = usual if len(text) < _SHARE * len(usual) else text
    if len(text) >= LITTLE:
        return text
    greedy = _extract(tree, greedy=True)
    # It may be all of a small page in one line.
    return greedy if not text or (len(greedy) > len(text) and greedy.count("\n") >= text.count("\n")) else text


def is_beside(element: Any) -> bool:
    """Whether an element is beside the article, not in it."""
    in_header = False
    for around in (element, *element.iterancestors()):
        if around.tag in {"nav", "aside", "footer"}:
            return True
        if around.tag in {"article", "main"}:
            return False
        if around.tag == "body":
            return in_header
        in_header |= around.tag == "header" and around.find(".//h1") is None
        if _OTHERS.search(f"{around.get('class') or ''} {around.get('id') or ''}"):
            return True
    return False


def without_frame(tree: Any) -> Any:
    """The tree without what frames the article, where the date of today is."""
    tree = deepcopy(tree)
    for element in tree.xpath("//nav|//aside|//footer|//header[not(ancestor::article or ancestor::main or .//h1)]"):
        if element.getparent() is not None:
            element.drop_tree()
    return tree


def without_layout(tree: Any) -> Any:
    """The tree, its tables of layout as plain blocks: trafilatura would take them for data."""
    tables = [table for table in tree.iter("table") if _is_layout(table)]
    if not tables:
        return tree
    tree = deepcopy(tree)
    for table in [table for table in tree.iter("table") if _is_layout(table)]:
        for element in table.iter("table", "tbody", "thead", "tr", "td"):
            if element.tag == "td" and _is_prose(element):
                lines = text_within(element).split("\n")
                element.clear()
                element.extend(builder.P(line) for line in lines if line.strip())
            element.tag = "div"
    return tree


def _is_layout(table: Any) -> bool:
    """Whether a table is no table: it has tables in it, or prose."""
    if next(table.iterchildren("caption", "thead"), None) is not None or next(table.iter("th"), None) is not None:
        return False
    if next(table.iterdescendants("table"), None) is not None:
        return True
    return any(map(_is_prose, table.iter("td")))


def _is_prose(cell: Any) -> bool:
    """Whether a cell has lines of text, more than links."""
    if len(cell.findall(".//br")) <= _BREAKS or cell.find(".//table") is not None:
        return False
    linked = sum(len("".join(link.itertext())) for link in cell.iter("a"))
    return linked * 2 < len("".join(cell.itertext()))


def _extract(tree: Any, *, careful: bool = False, greedy: bool = False) -> str:
    document = bare_extraction(tree, include_comments=False, favor_precision=careful, favor_recall=greedy, fast=careful)
    return str(getattr(document, "text", None) or "")
