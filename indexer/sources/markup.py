"""An article in an HTML page: what the page says of itself for machines, and the text that trafilatura finds."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from lxml import html
from lxml.etree import ParserError
from trafilatura import bare_extraction

from indexer.sources.intake import parse_moment
from indexer.sources.plain import read_body

_UTC = ZoneInfo("UTC")
_ARTICLE = re.compile(r".*(?:Article|BlogPosting|Report)")
_ADDRESS = re.compile(r"https?://[^/\s]+/[^\s#]+", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ELLIPSIS = " .…"
_NAME_LENGTH = 100
# The times that stand neither over, under nor beside the article.
_TIMES = "//time[not(ancestor::nav or ancestor::aside or ancestor::header or ancestor::footer)]/@datetime"


def read_markup(text: str) -> dict[str, Any]:
    """The record of an HTML page. Of several places that name one thing the first of JSON-LD, meta elements and
    marked-up text wins; of several dates the first that is one. Empty where it is no page at all.
    """
    with suppress(ParserError, ValueError):
        tree = html.document_fromstring(_DECLARATION.sub("", text))
        page = _Page(tree)
        return {name: value for name, value in page.record().items() if value}
    return {}


class _Page:
    """One page, looked at for one thing after the other."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree
        self._data = next(_linked_data(tree), {})

    def record(self) -> dict[str, Any]:
        """The record, with empty values."""
        data = self._data
        record = {
            "title": _first(_texts(data.get("headline")), self._meta("og:title"), self._elements("//h1|//title")),
            "url": next(filter(_ADDRESS.fullmatch, self._addresses()), ""),
            "published": self._moment(
                data.get("datePublished"),
                ("article:published_time", "datePublished", "date", "pubdate", "DC.date.issued", "dcterms.date"),
                ("//time[@itemprop='datePublished' or @pubdate]/@datetime", "//article//time/@datetime", _TIMES),
            ),
            "updated": self._moment(
                data.get("dateModified"), ("article:modified_time", "dateModified", "og:updated_time"), ()
            ),
            "author": self._author(),
            "author_role": _first(_texts(_inner(data.get("author"), "jobTitle"))),
            "section": _first(_texts(data.get("articleSection")), self._meta("article:section")),
            "tags": self._tags(),
            "image": _first(_links(data.get("image")), self._meta("og:image")),
        }
        return record | self._text()

    def _text(self) -> dict[str, Any]:
        """Lead and text; credits and lists of other articles are taken out of them."""
        data = self._data
        image = data.get("image")
        said = _inner(image, "creditText") or _inner(image, "author") or _inner(image, "creator")
        credit = _first(_texts(said), self._elements("//figure//*[contains(@class, 'credit')]"))
        lead = _first(_texts(data.get("description")), self._meta("og:description", "description"))
        captions = [*self._elements("//figcaption")]
        headings = {*self._elements("//h1|//title")}
        found = bare_extraction(self._tree, include_comments=False, favor_precision=True)
        text = str(getattr(found, "text", None) or "") or "\n".join(_texts(data.get("articleBody"), lines=True))
        body = read_body(text.splitlines())
        paragraphs = [one for one in body.paragraphs if one not in headings and one not in captions]
        # A description that repeats the text is no lead of its own: the paragraph that it is the beginning of is.
        beginning = lead.rstrip(_ELLIPSIS)
        if beginning and paragraphs and paragraphs[0].startswith(beginning):
            lead = paragraphs.pop(0)
        elif any(beginning in paragraph for paragraph in paragraphs):
            lead = ""
        named = body.source or read_body([lead]).source
        whose = next(filter(None, (read_body([one]).image_credit for one in (credit, *captions))), "")
        return {
            "lead": lead,
            "text": "\n\n".join(paragraphs),
            "source": named,
            "image_credit": whose or credit or body.image_credit,
        }

    def _meta(self, *names: str) -> Iterator[str]:
        """What the meta elements with these names say, whichever attribute the name is in."""
        for name in names:
            for element in self._tree.iterfind(".//meta"):
                if name.lower() in {(element.get(key) or "").lower() for key in ("property", "name", "itemprop")}:
                    yield _plain(element.get("content") or "")

    def _elements(self, path: str) -> Iterator[str]:
        for element in self._tree.xpath(path):
            if element.tag != "script":
                yield " ".join(element.text_content().split())

    def _addresses(self) -> Iterator[str]:
        """The page's own address. One without a path names the site, which is said of all of its pages."""
        yield from self._tree.xpath("//link[@rel='canonical']/@href")
        yield from self._meta("og:url")
        yield from _links(self._data.get("mainEntityOfPage"))
        yield from _links(self._data.get("url"))

    def _moment(self, data: Any, metas: Iterable[str], paths: Iterable[str]) -> str:
        """The first date there is, in the order of trust; where there is none, the first that claims to be one."""
        told = [*_texts(data), *self._meta(*metas)]
        marked = (stamp.strip() for path in paths for stamp in self._tree.xpath(path))
        good = next(filter(_is_moment, [*told, *marked]), "")
        return good or _first(told)

    def _author(self) -> str:
        """The names of those who wrote the article; an address is no name."""
        names = list(dict.fromkeys(_texts(self._data.get("author"))))
        marked = "//*[@itemprop='author' or @rel='author' or contains(@class, 'author')]"
        for name in (", ".join(names), *self._meta("author", "article:author"), *self._elements(marked)):
            if name and "://" not in name and len(name) <= _NAME_LENGTH:
                return name
        return ""

    def _tags(self) -> list[str]:
        words = (
            [*_texts(self._data.get("keywords"))]
            or [*self._meta("article:tag")]
            or [*self._meta("news_keywords", "keywords")]
        )
        return list(dict.fromkeys(tag.strip() for word in words for tag in word.split(",") if tag.strip()))


def _linked_data(tree: Any) -> Iterator[dict[str, Any]]:
    """The articles that the page describes as JSON-LD."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            waiting = [msgspec.json.decode(script.text_content().strip().encode(), strict=False)]
            while waiting:
                value = waiting.pop(0)
                if isinstance(value, list):
                    waiting = value + waiting
                elif isinstance(value, dict):
                    kinds = value.get("@type")
                    if any(_ARTICLE.fullmatch(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                        yield value
                    waiting.append(value.get("@graph"))


def _texts(value: Any, *, lines: bool = False) -> Iterator[str]:
    """The texts in a value of JSON-LD: itself, the name of what it describes, or those of a list."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, lines=lines)
    elif isinstance(value, dict):
        yield from _texts(value.get("name"))
    elif isinstance(value, str) and value.strip():
        yield "\n".join(map(_plain, value.splitlines())) if lines else _plain(value)


def _links(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _links(one)
    elif isinstance(value, dict):
        yield from _links(value.get("url") or value.get("@id"))
    elif isinstance(value, str):
        yield value.strip()


def _inner(value: Any, name: str) -> Any:
    """What is under a name in a value of JSON-LD, or in the first of a list of them."""
    if isinstance(value, list) and value:
        value = value[0]
    return value.get(name) if isinstance(value, dict) else None


def _first(*many: Iterable[str]) -> str:
    return next((text for texts in many for text in texts if text), "")


def _plain(text: str) -> str:
    """A text that may hold markup, without it."""
    if "<" in text or "&" in text:
        with suppress(ParserError, ValueError):
            fragment = html.fragment_fromstring(text, create_parent="div")
            for element in fragment.xpath("//script|//style"):
                element.drop_tree()
            text = fragment.text_content()
    return " ".join(text.split())


def _is_moment(text: str) -> bool:
    try:
        parse_moment(text, _UTC)
    except ValueError:
        return False
    return True
