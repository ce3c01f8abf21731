"""The article's part of a page: what is beside it, and the text that trafilatura finds in it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any

from lxml.html import builder
from trafilatura import bare_extraction

from indexer.sources.markup import text_within

# What is beside the article, by class.
_OTHERS = re.compile(
    r"popular|related|sidebar|recommend|read-?(?:also|more)|similar|most-|(?<![\w-])widget(?![\w-])|archive|newsletter|subscri|"
    r"(?<!post-)popup|popmake|modal|more-about|(?<![\w-])wm-ipp",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments|comment-?list|disqus\w*|respond)(?:$|[\s_-])|(?:^|\s)comment[_-]+(?:author|body|content|meta)",
    re.IGNORECASE,
)
_MAIN = {"article", "main"}
# What is of an article whatever it is called.
_OWN = {*_MAIN, "p", "blockquote", "figure"}
_FRAMES = {"nav", "aside", "footer", "header"}
_ARTICLE = "self::article or contains(@itemtype, 'Article') or contains(@itemtype, 'BlogPosting')"
# The share of the prose of a page that what is beside an article may have.
_SHARE, _LONG = 0.25, 60
# Characters of a link that points to another article, and the share of the prose that a fast search must find.
_LONG_LINK, _LEAST = 20, 0.6
# Characters. Less than so much is suspected to be a part.
LITTLE = 250
# So many line breaks in a cell of a table are of prose.
_BREAKS = 3


def article_part(tree: Any) -> Any:
    """A copy of a page without what is beside its article: scripts, frames, lists, teasers, other whole articles."""
    tree = deepcopy(tree)
    for others in (_unshown, _beside, _other_articles, _pointers):
        for element in [*others(tree)]:
            if element.getparent() is not None:
                element.drop_tree()
    return tree


def _beside(tree: Any) -> Iterator[Any]:
    """The elements that are beside the article: framing it, or called so, and with little of the page's prose."""
    whole = _prose(tree)
    for element in tree.xpath("//body//*[self::nav or self::aside or self::footer or self::header or @class or @id]"):
        tag, named = element.tag, f"{element.get('class') or ''} {element.get('id') or ''}"
        kind = tag in _FRAMES or is_named(_COMMENTS, named) or is_named(_OTHERS, named)
        if not kind or tag in _OWN or element.find(".//h1") is not None:
            continue
        # In an article only frames and comments are beside it; its header is its own, also if it is called a footer.
        is_header = tag == "header" or (tag == "footer" and any(map(_prose, element.itersiblings())))
        is_own = is_header or (tag not in _FRAMES and not is_named(_COMMENTS, named))
        if is_own and next(element.iterancestors(*_MAIN), None) is not None:
            continue
        # A poem has no long line at all, and is beside nothing.
        prose, most = _prose(element), _SHARE * whole
        if prose < most or (tag in _FRAMES and prose <= most):
            yield element


@lru_cache(maxsize=1 << 14)
def is_named(kind: re.Pattern[str], names: str) -> bool:
    """Whether classes or ids are of a kind; pages of a site have the same few."""
    return bool(kind.search(names))


def _pointers(tree: Any) -> Iterator[Any]:
    """The paragraphs that are nothing but a link to another article, where these are the smaller part of a text."""
    paragraphs = tree.xpath("//*[self::p or self::h3 or self::h4 or self::blockquote]")
    pointers = [paragraph for paragraph in paragraphs if _is_pointer(paragraph)]
    if sum(map(_length, pointers)) * 2 < sum(map(_length, paragraphs)):
        yield from pointers


def _is_pointer(paragraph: Any) -> bool:
    links = paragraph.findall(".//a[@href]")
    if len(links) != 1 or links[0].get("href").startswith("#"):
        return False
    text = "".join("".join(paragraph.itertext()).split())
    return len(text) >= _LONG_LINK and text == "".join("".join(links[0].itertext()).split())


def _unshown(tree: Any) -> Iterator[Any]:
    """What readers do not see. Some sites have the article itself in a `noscript`."""
    yield from tree.iter("script", "style", "template")
    yield from (element for element in tree.iter("noscript") if _length(element) < LITTLE)


def _length(element: Any) -> int:
    return sum(map(len, element.itertext()))


def _other_articles(tree: Any) -> Iterator[Any]:
    """The articles beside the main one, by their headings, and those that microdata has inside of it."""
    articles = tree.xpath(f"//body//*[{_ARTICLE}]")
    long = [article for article in articles if _prose(article) >= LITTLE]
    headed = (article for article in (*long, *articles) if article.find(".//h1") is not None)
    main = next(headed, max(long, key=_prose, default=None))
    around = {main, *main.iterancestors()} if main is not None else set()
    most = _SHARE * _prose(main if main is not None else tree)
    for article in articles:
        inside = main is not None and main in article.iterancestors()
        # The updates of a report have headings too, but no links in them.
        has_heading = article.xpath("boolean(.//h1 | .//h2//a | .//h3//a | .//a//h2 | .//a//h3)")
        is_whole = not inside and article.find(".//h1") is not None
        is_other = article not in around and has_heading and (not inside or article.get("itemtype"))
        if is_other and (is_whole or _prose(article) <= most):
            yield article


def _prose(element: Any) -> int:
    """How many characters an element has in texts that are longer than those of menus."""
    return sum(len(text) for text in element.itertext() if len(text) >= _LONG)


def extracted(tree: Any) -> str:
    """The text of a page, a paragraph in a line; where a fast search finds less than the page shows, that of others."""
    prose, tree = _prose(tree), without_layout(tree)
    text = _extract(tree, fast=True)
    if len(text) < max(LITTLE, _LEAST * prose):
        text = max(text, _extract(tree), key=len)
    if len(text) < LITTLE:
        greedy = _extract(tree, greedy=True)
        # It may be all of a small page in one line.
        if not text or (len(greedy) > len(text) and greedy.count("\n") >= text.count("\n")):
            text = greedy
    return "\n".join(_with_headings(text.split("\n"), tree))


def _with_headings(lines: list[str], tree: Any) -> list[str]:
    """The text with the headings over its paragraphs, which trafilatura leaves out where nothing encloses both."""
    there = {*lines}
    over: dict[str, list[str]] = {}
    for paragraph in tree.xpath("//*[self::h2 or self::h3 or self::h4]/following-sibling::*[1]"):
        heading, text = (" ".join(block.text_content().split()) for block in (paragraph.getprevious(), paragraph))
        if heading and heading not in there and len(text) >= _LONG and text in there:
            over.setdefault(text, []).append(heading)
    return [each for line in lines for each in (*over.pop(line, ()), line)]


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
    return sum(map(_length, cell.iter("a"))) * 2 < _length(cell)


def _extract(tree: Any, *, fast: bool = False, greedy: bool = False) -> str:
    document = bare_extraction(tree, include_comments=False, fast=fast, favor_recall=greedy)
    return str(getattr(document, "text", None) or "")
