"""The template of a newspaper's pages: where each field is, as CSS selectors that an editor wrote down."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from lxml.cssselect import CSSSelector, SelectorError

from search.config import DATE_FORMAT, LEAVE_OUT
from search.errors import UserError

# Which attributes of an element hold its value, where that is not its text.
_ATTRIBUTES = {"meta": "content", "time": "datetime", "img": "data-src src", "a": "href", "link": "href"}


class Template:
    """The selectors, by field; of several the first that finds something holds."""

    def __init__(self, pages: Mapping[str, str | tuple[str, ...]]) -> None:
        """UserError names a selector that is none."""
        self.date_format = str(pages.get(DATE_FORMAT, ""))
        try:
            datetime.strptime("", self.date_format)  # noqa: DTZ007  # no moment comes of it
        except ValueError as error:
            if "does not match" not in str(error):
                reason = f"{self.date_format!r} is no format of a date: {error}"
                raise UserError("pages", f"{DATE_FORMAT}: {reason}") from error
        self.identity = repr(sorted(pages.items()))
        self._selectors: dict[str, list[tuple[str, CSSSelector]]] = {}
        for name, value in pages.items():
            if name != DATE_FORMAT:
                selectors = (value,) if isinstance(value, str) else value
                self._selectors[name] = [(selector, _compiled(name, selector)) for selector in selectors]

    def __contains__(self, name: str) -> bool:
        return name in self._selectors

    @property
    def selectors(self) -> frozenset[tuple[str, str]]:
        """Every field with a selector of it."""
        return frozenset((name, selector) for name, pairs in self._selectors.items() for selector, _ in pairs)

    def find(self, name: str, tree: Any) -> Iterator[tuple[str, Any]]:
        """The elements of a field, with their selector: the first that finds any; of what is left out, all."""
        for selector, compiled in self._selectors.get(name, ()):
            if elements := compiled(tree):
                yield from ((selector, element) for element in elements)
                if name != LEAVE_OUT:
                    return


def value_of(element: Any, *, address: bool = False, moment: bool = False) -> str:
    """The value of an element: the content of a meta element, the moment of a time, the address of a link or a picture
    where one is wanted; else its text."""
    wanted = element.tag == "meta" or (moment and element.tag == "time") or address
    for name in _ATTRIBUTES.get(element.tag, "").split() if wanted else ():
        if value := element.get(name):
            return " ".join(str(value).split())
    if moment and (content := element.get("content")):
        return str(content)
    return " ".join(" ".join(element.itertext()).split())


def _compiled(name: str, selector: str) -> CSSSelector:
    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, ValueError) as error:
        raise UserError("pages", f"{name}: {selector!r} is no CSS selector: {error}") from error
