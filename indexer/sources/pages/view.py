"""What a page shows: the article's part of it, its lines, and where these are; what it has for machines."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from indexer.sources.markup import text_of, text_within
from indexer.sources.pages.byline import parts_of
from indexer.sources.pages.extraction import article_part, extracted, is_named
from indexer.sources.pages.linked import article_data, texts
from indexer.sources.pages.plain import is_prose
from indexer.sources.pages.template import Template, value_of
from search.config import LEAVE_OUT

# What a page says for machines is its text where it is so many times longer than what is found.
_LONGER = 1.5
# As trafilatura writes a row of a table, and the rule below its head.
_ROW, _RULE = re.compile(r"\|.*\|"), re.compile(r"[\s:-]*\|[|\s:-]*")
_NO_MEANING = re.compile(r"^(?:https?://schema\.org/|schema:|og:(?=article))|[\W_]")
# What a version for printers puts before or behind its title.
_PRINTED = re.compile(
    r"^(?:версия для печати|print)\s*(?:::|[|:/—–-])\s*|(?<!\s)\s*(?:::|[|/—–-])\s*версия для печати$", re.IGNORECASE
)
# What is neither in a script nor in the frame of a page.
_LONG_TEXTS = (
    "//body//text()[string-length() >= 80]"
    "[not(ancestor::script or ancestor::style or ancestor::template or ancestor::nav or ancestor::footer)]"
)
# Characters by which the first and last line of the text are found on the page, and lines around it that are read.
_IDENTIFYING, _AROUND_LINES, MOST_HEADINGS = 50, 14, 50


class Claim(NamedTuple):
    """A value of a field, and the place on the page that it is from, in words."""

    value: Any
    place: str


class PageView:
    """One page, as its fields are looked for."""

    def __init__(self, tree: Any, template: Template, zone: ZoneInfo, common: Collection[str]) -> None:
        self._tree = tree
        self._template = template
        self._zone = zone
        self._common = common
        headings = [" ".join(heading.text_content().split()) for heading in tree.iter("h1")]
        self._data, self._headlines = article_data(tree, headings)
        self._matched: set[tuple[str, str]] = set()
        self._doubts: list[str] = []

    @cached_property
    def _part(self) -> Any:
        """The article's part of the tree."""
        return article_part(self._tree)

    @cached_property
    def _wanted(self) -> Any:
        """The tree without what the template leaves out of the text; other fields may be read from it."""
        if LEAVE_OUT not in self._template:
            return self._tree
        tree = deepcopy(self._tree)
        for _, element in self._found_by_template(LEAVE_OUT, tree):
            if element.getparent() is not None:
                element.drop_tree()
        return tree

    @cached_property
    def _article_tree(self) -> Any:
        """The article's part of that."""
        return self._part if self._wanted is self._tree else article_part(self._wanted)

    @cached_property
    def _extracted(self) -> tuple[str, ...]:
        """The lines of the text that trafilatura finds, else of what the page says for machines."""
        text = extracted(self._article_tree)
        whole = "\n".join(map(text_of, texts(self._data.get("articleBody"), lines=True)))
        if len(whole) > _LONGER * len(text):
            text = whole
        lines = [line.strip() for line in text.splitlines() if not _RULE.fullmatch(line)]
        lines = [" ".join(line.replace("|", " ").split()) if _ROW.fullmatch(line) else line for line in lines]
        # Where pages are loaded one under another, each has a headline of its own.
        others = {claim.value for claim in self._h1s} & self._headlines - {*texts(self._data.get("headline"))}
        end = next((at for at, line in enumerate(self._shown) if line in others), len(self._shown))
        later = {*self._shown[end:]}
        return tuple(line for line in lines if line and line not in later)

    @cached_property
    def _shown(self) -> list[str]:
        """The lines of the article's part."""
        return [line for line in text_within(self._part).split("\n") if line.strip()]

    @cached_property
    def _prose(self) -> int:
        """How many characters the whole page shows in lines that can be of a text."""
        return sum(map(len, self._tree.xpath(_LONG_TEXTS)))

    @cached_property
    def _span(self) -> tuple[int, int]:
        """The numbers of the first and the last line of the text, among the lines of the page."""
        lines = self._extracted or ("",)
        first = next(filter(is_prose, lines), lines[0])[:_IDENTIFYING]
        last = next(filter(is_prose, reversed(lines)), lines[-1])[-_IDENTIFYING:]
        begin = next((at for at, line in enumerate(self._shown) if first and first in line), 0)
        end = next((at for at in range(len(self._shown) - 1, -1, -1) if last and last in self._shown[at]), begin)
        return begin, end

    @cached_property
    def _around(self) -> tuple[list[str], list[str]]:
        """The lines of the page before and after the text, in parts."""
        begin, end = self._span
        before, after = self._shown[max(0, begin - _AROUND_LINES) : begin], self._shown[end + 1 : end + _AROUND_LINES]
        return [part for line in before for part in parts_of(line)], [part for line in after for part in parts_of(line)]

    @property
    def _lines_around(self) -> list[str]:
        before, after = self._around
        return [*before, *after]

    def _found_by_template(self, name: str, tree: Any = None) -> Iterator[tuple[str, Any]]:
        for selector, element in self._template.find(name, self._tree if tree is None else tree):
            self._matched.add((name, selector))
            yield selector, element

    def _selected(self, name: str, tree: Any = None, **options: bool) -> Iterator[Claim]:
        """What the template finds of a field; the options are those of `value_of`."""
        for selector, element in self._found_by_template(name, tree):
            yield Claim(value_of(element, **options), selector)

    def _json_ld(self, name: str) -> Iterator[Claim]:
        return (Claim(text, f"JSON-LD {name}") for text in texts(self._data.get(name)))

    def _metas(self, *names: str) -> Iterator[Claim]:
        """What the meta elements with these names say, whichever attribute the name is in."""
        for name in names:
            for element in self._meta_elements[_key(name)]:
                yield Claim(plain(element.get("content") or ""), f"meta {name}")

    @cached_property
    def _meta_elements(self) -> Mapping[str, list[Any]]:
        return _by_name(self._tree.iter("meta"), "property", "name", "itemprop", "http-equiv")

    @cached_property
    def _marked(self) -> Mapping[str, list[Any]]:
        """The elements of the article's part, by what microdata or RDFa calls them."""
        return _by_name(self._part.xpath("//*[@itemprop or @property]"), "itemprop", "property")

    @cached_property
    def _related(self) -> Mapping[str, list[Any]]:
        """The links in the article's part, by what they say that they lead to."""
        return _by_name(self._part.iter("a"), "rel")

    def _microdata(self, name: str) -> Iterator[Claim]:
        return self._texts(self._marked[_key(name)], f"itemprop={name}")

    def _elements(self, path: str, place: str = "", tree: Any = None) -> Iterator[Claim]:
        return self._texts((self._part if tree is None else tree).xpath(path), place)

    def _texts(self, elements: Iterable[Any], place: str) -> Iterator[Claim]:
        for element in elements:
            if element.tag not in {"script", "meta", "link"}:
                yield Claim(" ".join(" ".join(element.itertext()).split()), place)

    def _of_class(self, kind: re.Pattern[str]) -> Iterator[Any]:
        """The elements of the article's part of the page whose class or id is of a kind."""
        for names, element in self._named_elements:
            if is_named(kind, names):
                yield element

    @cached_property
    def _named_elements(self) -> list[tuple[str, Any]]:
        elements = self._part.xpath("//body//*[@class or @id]")
        return [(f"{element.get('class') or ''} {element.get('id') or ''}", element) for element in elements]

    @cached_property
    def _h1s(self) -> list[Claim]:
        return [*islice(self._elements("//h1", "<h1>"), MOST_HEADINGS)]

    @cached_property
    def _headings(self) -> list[str]:
        return [claim.value for claim in (*self._h1s, *self._metas("og:title"))]

    @cached_property
    def _title_element(self) -> str:
        return _PRINTED.sub("", " ".join((self._tree.findtext(".//title") or "").split()))


def _key(name: str) -> str:
    """A name without what has no meaning in it: case, signs, the vocabulary that it is of."""
    return _NO_MEANING.sub("", name.lower())


def _by_name(elements: Iterable[Any], *attributes: str) -> Mapping[str, list[Any]]:
    """Elements by each of the names in these attributes, which are lists."""
    named = defaultdict[str, list[Any]](list)
    for element in elements:
        listed = " ".join(element.get(attribute) or "" for attribute in attributes).replace(",", " ")
        for key in dict.fromkeys(map(_key, listed.split())):
            named[key].append(element)
    return named


def plain(text: str) -> str:
    """A text that may hold markup, without it, in one line."""
    for _ in range(2):  # some are escaped twice
        if "<" in text or "&" in text:
            text = text_of(text)
    return " ".join(text.split())
