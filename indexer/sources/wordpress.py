"""The export that WordPress makes of itself (WXR): its published posts."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html import escape, unescape
from pathlib import Path
from typing import Any

from lxml import etree

from indexer.sources.intake import iso_8601
from indexer.sources.source import NO_DATE, NOTHING, Row, Unreadable, unescaped
from search.config import TRUTH_VALUES
from search.errors import SourceError, describe

log = logging.getLogger("arkhiv")

# Where what posts name stands outside of them.
_NAMED = (b"cap-user_login", b"<wp:attachment_url>")
_DOMAINS = ("category", "post_tag", "tag", "author")  # old versions had "tag"
# Where plugins count how often a post was read.
_VIEWS = ("views", "post_views_count", "_post_views", "tie_views", "penci_post_views_count", "post_views")
# Where they keep it from search engines, each in its way; all others of these values mean that they do not.
_NOINDEX = ("_yoast_wpseo_meta-robots-noindex", "rank_math_robots", "_aioseop_noindex", "_seopress_robots_index")
# Where they keep the number of the category that is the main one.
_PRIMARY = ("_yoast_wpseo_primary_category", "rank_math_primary_category", "_primary_category")
# Where a post stands that was put nowhere.
_NO_SECTION = ("без рубрики", "без категории", "uncategorized")
# The types of what is no article, WordPress's own and those of usual plugins; a newspaper names its own as it likes.
_NO_ARTICLES = re.compile(
    r"page|attachment|revision|nav_menu_item|custom_css|customize_changeset|oembed_cache|user_request|guest[-_]author|"
    r"feedback|popup|product|forum|topic|reply|scheduled-action|.*[_-](?:forms?|layout|library|templates?)|"
    r"(?:acf|advads|bp|elementor|jetpack|jp|mc4wp|product|shop|tablepress|vc|wp|wpcf7|wpforms)[_-].*"
)
# What posts name, by what it is and its login or number.
_Named = dict[tuple[str, str], str]
_BLOCK = 1 << 20
# Stands before and behind items, and nowhere else.
_CUT = b"\x01"
_DECLARATION = re.compile(rb"<\?xml[^<>]*\?>")
_ROOT = re.compile(rb"<rss\b[^<>]*>")
_ITEM = re.compile(rb"<item(?:\s[^<>]*)?>")
_AUTHOR = re.compile(rb"<wp:(author|category)>(?:(?!<wp:\1>).)*?</wp:\1>", re.DOTALL)
_ENTITY = re.compile(rb"<!\[CDATA\[.*?\]\]>|\]\]>|&[#\w]{0,32};?", re.DOTALL)
# Control characters, which XML does not allow, and WordPress lets through; zeros show that a file is UTF-16.
_UNFIT = bytes(set(range(1, 32)) - set(b"\t\n\r"))
# The same of U+FFFE, U+FFFF and halves of surrogate pairs.
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
_PARSER = etree.XMLParser(resolve_entities=False, huge_tree=True, remove_comments=True, remove_pis=True)


class WordPressExport:
    """The posts of the file at `name`, in its order; pages, drafts, pictures and revisions are passed over, and
    counted.

    Each is parsed alone: one that is no XML is one unreadable row.
    """

    html = ("title", "lead", "text")

    def __init__(self, name: str) -> None:
        self.name = self.identity = name
        self.position = 0
        self.passed_over = Counter[str]()
        try:
            self.size = Path(name).stat().st_size
        except OSError as error:
            raise SourceError(name, 0, f"cannot be read: {error.strerror or error}") from error

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row]:
        """Every published post. SourceError: the file cannot be read, is no export, breaks off, or is empty."""
        try:
            root, named = self._head()
            items, types, is_textless = 0, set[str](), False
            for line, piece in self._pieces():
                items += (is_item := piece.startswith(b"<item>"))
                try:
                    item = _parsed(root, piece) if is_item else None
                except etree.XMLSyntaxError as error:
                    reason = " ".join(re.split(",? line ", f"is no XML: {error.msg}")[0].split())
                    unreadable = Unreadable(reason, piece.decode(errors="backslashreplace"))
                    yield Row(self.name, line + error.position[0] - 1, unreadable)
                    continue
                if item is not None and (reason := _no_article(item)):
                    self.passed_over[reason] += 1
                elif item is not None:
                    record, kind = _record(item, named), _text(item, "post_type").lower()
                    doubts = [] if "published" in record else ["published: no date"]
                    self.passed_over.update(_left_out(item))
                    if not (is_textless or "lead" in record or record["text"].strip()):
                        is_textless = True
                        doubts.append("text: empty; what a page builder keeps elsewhere is not read (said once)")
                    if kind not in {"post", *types}:
                        doubts.append(f"a post of the type {kind!r}; all of them come in (said once)")
                    types.add(kind)
                    yield Row(self.name, line, record, doubts=doubts)
        except OSError as error:
            raise SourceError(self.name, 0, f"cannot be read: {describe(error)}") from error
        if not items:
            raise SourceError(self.name, 0, "holds no post of WordPress")
        if not types:
            # An export in several parts has such with pictures only.
            log.warning("warning: %s: holds no published post of WordPress", self.name)

    def _head(self) -> tuple[bytes, _Named]:
        """What posts stand in, and what they name: authors by login, pictures and sections by number; guests and
        pictures are items, mostly behind their posts."""
        root, named = b"", _Named()
        for _, piece in self._pieces():
            if not root and (match := _ROOT.search(piece)):
                root = b"".join(_DECLARATION.findall(piece)[:1]) + b" ".join(match[0].split())
            elements = [match[0] for match in _AUTHOR.finditer(piece)]
            for element in elements + [piece] * any(mark in piece for mark in _NAMED):
                with suppress(etree.XMLSyntaxError):
                    named |= _named(_parsed(root, element))
        return root, named

    def _pieces(self) -> Iterator[tuple[int, bytes]]:
        """The head of the file, its items, and what is between, with the number of the line; SourceError at the end
        of one that breaks off."""
        line, piece, rest = 1, b"", b""
        with Path(self.name).open("rb") as file:
            while block := file.read(_BLOCK):
                whole = rest + block.translate(None, _UNFIT)
                whole = _ITEM.sub(_CUT + b"<item>", whole)
                *parts, rest = whole.replace(b"</item>", b"</item>" + _CUT).split(_CUT)
                self.position = file.tell()
                for part in parts:
                    piece += part
                    # What looks like an item within CDATA is a part of a text.
                    if piece.rfind(b"<![CDATA[") <= piece.rfind(b"]]>"):
                        yield line, piece
                        line, piece = line + piece.count(b"\n"), b""
        yield line, piece + rest
        if b"</rss>" not in rest:
            raise SourceError(
                self.name, line, "is no whole export of WordPress, or not in UTF-8: </rss>, its end, is missing"
            )


def _parsed(root: bytes, piece: bytes) -> Any:
    """The element that a piece of the file is, mended where that harms nothing; XMLSyntaxError where it is none."""
    piece = piece.replace(b"\0", b"")
    try:
        whole = etree.fromstring(root + piece + b"</rss>", _PARSER)
    except etree.XMLSyntaxError:
        mended = _ENTITY.sub(_mended, _NO_CHARACTER.sub(b"\xef\xbf\xbd", piece))
        whole = etree.fromstring(root + mended + b"</rss>", _PARSER)
    if not len(whole):
        raise etree.XMLSyntaxError("no element", 0, 1, 1)
    return whole[0]


def _mended(match: re.Match[bytes]) -> bytes:
    """An entity of HTML, a lone & or ]]>, or the number of no character, as XML has it; CDATA as it is."""
    if match[0].startswith(b"<"):
        return match[0]
    return escape(unescape(match[0].decode())).encode("ascii", "xmlcharrefreplace")


def _no_article(item: Any) -> str:
    """Why an item is passed over: its type, its status, a password; empty where it is a published article."""
    kind, status = _text(item, "post_type").lower(), _text(item, "status").lower()
    has_text = any(element.text for element in item.iterfind("{*}encoded"))
    if kind != "post" and (not has_text or _NO_ARTICLES.fullmatch(kind)):
        return kind or "without a type"
    if status != "publish":
        return status or "without a status"
    return "with a password" if _text(item, "post_password") else ""


def _left_out(item: Any) -> Iterator[str]:
    """What of a post is not read, by what it is."""
    yield from ("comment" for _ in item.iterfind("{*}comment"))
    yield from (f"term of {domain!r}" for domain, *_ in _terms(item) if domain not in _DOMAINS)


def _named(element: Any) -> _Named:
    """The name of an author or a guest, the address of a picture, the name of a section."""
    if address := _text(element, "attachment_url"):
        return {("picture", _text(element, "post_id")): address}
    if section := _text(element, "cat_name"):
        return {("section", _text(element, "term_id")): section}
    if element.tag == "item":
        metas = _metas(element)
        logins = metas.get("cap-user_login", ""), _text(element, "post_name")
        return {("author", login): metas.get("cap-display_name") or _text(element, "title") for login in logins}
    name = _text(element, "author_display_name")
    full = f"{_text(element, 'author_first_name')} {_text(element, 'author_last_name')}"
    return {("author", _text(element, "author_login")): name or full.strip()}


def _metas(item: Any) -> dict[str, str]:
    return {_text(meta, "meta_key"): _text(meta, "meta_value") for meta in item.iterfind("{*}postmeta")}


def _terms(item: Any) -> list[tuple[str, str, str]]:
    """What a post is filed under: the taxonomy, the name in addresses, the name."""
    terms = item.iterfind("category")
    return [(term.get("domain", "").strip().lower(), term.get("nicename"), (term.text or "").strip()) for term in terms]


def _record(item: Any, named: _Named) -> dict[str, Any]:
    terms = _terms(item)
    sections = [unescaped(name) for of, _, name in terms if of == "category"]
    together = [
        named.get(("author", login)) or named.get(("author", name)) or name
        for of, login, name in terms
        if of == "author"
    ]
    creator, metas = _text(item, "creator"), _metas(item)
    sent = iso_8601(written := _text(item, "pubDate"))
    primary = [unescaped(named.get(("section", number), "")) for number in map(metas.get, _PRIMARY) if number]
    views = [*filter(None, map(metas.get, _VIEWS))]
    encoded = {"excerpt" in element.tag: element.text or "" for element in item.iterfind("{*}encoded")}
    record = {
        "id": _text(item, "post_id"),
        "title": _text(item, "title"),
        "url": _text(item, "link"),
        "published": _moment(item, "post_date") or ("" if sent == written or "-0001" in written else sent),
        "updated": _moment(item, "post_modified"),
        "author": unescaped(", ".join(together) or named.get(("author", creator)) or creator),
        "section": min(sections, key=lambda name: (name.lower() in _NO_SECTION, name not in primary), default=""),
        "tags": [unescaped(name) for of, _, name in terms if of in {"post_tag", "tag"}],
        "lead": encoded.get(True, ""),
        "views": min(views, key=lambda value: not "".join(value.split()).isdecimal(), default=None),
        "image": named.get(("picture", metas.get("_thumbnail_id", ""))),
        "noindex": any("noindex" in value or TRUTH_VALUES.get(value) for value in map(metas.get, _NOINDEX) if value),
    }
    return {name: value for name, value in record.items() if value} | {"text": encoded.get(False, "")}


def _text(element: Any, name: str) -> str:
    child = element.find(f"{{*}}{name}")
    return "" if child is None else "".join(child.itertext()).strip()


def _moment(item: Any, name: str) -> str:
    """The moment in UTC, else in the time of the newspaper; empty where there is none."""
    moments = ((_text(item, f"{name}_gmt"), "+00:00"), (_text(item, name), ""))
    return next((text + zone for text, zone in moments if text and not text.startswith(NO_DATE)), "")
