"""The template of a newspaper's pages: where each field stands, as CSS selectors that an editor wrote down."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lxml.cssselect import CSSSelector, SelectorError

from search.config import DATE_FORMAT, LEAVE_OUT
from search.errors import UserError

# Where an element that is no text keeps what it says.
_ATTRIBUTES = {
    "meta": ("content",),
    "time": ("datetime",),
    "img": ("data-src", "src"),
    "a": ("href",),
    "link": ("href",),
}


class Selected(NamedTuple):
    """An element that a selector of the template found."""

    selector: str
    element: Any


class Template:
    """The selectors, by field; of several the first that finds something holds."""

    def __init__(self, pages: Mapping[str, str | tuple[str, ...]]) -> None:
        """UserError names a selector that is none."""
        self.date_format = str(pages.get(DATE_FORMAT, ""))
        try:
            datetime.strptime("", self.date_format)  # noqa: DTZ007  # no moment comes of it
        except ValueError as error:
            if "does not match" not in str(error):
                raise UserError(
                    "pages", f"{DATE_FORMAT}: {self.date_format!r} is no format of a date: {error}"
                ) from error
        self.identity = repr(sorted(pages.items()))
        given = {name: (value,) if isinstance(value, str) else value for name, value in pages.items()}
        self._selectors = {
            name: [(one, _compiled(name, one)) for one in several]
            for name, several in given.items()
            if name != DATE_FORMAT
        }

    def __contains__(self, name: str) -> bool:
        return name in self._selectors

    @property
    def selectors(self) -> frozenset[tuple[str, str]]:
        """Every field with a selector of it."""
        return frozenset((name, one) for name, several in self._selectors.items() for one, _ in several)

    def find(self, name: str, tree: Any) -> Iterator[Selected]:
        """The elements of a field: those of the first selector that finds any."""
        for selector, compiled in self._selectors.get(name, ()):
            if elements := compiled(tree):
                yield from (Selected(selector, element) for element in elements)
                return

    def leave_out(self, tree: Any) -> Iterator[str]:
        """Take out of a tree what is not to be read; the selectors that found something."""
        for selector, compiled in self._selectors.get(LEAVE_OUT, ()):
            elements = compiled(tree)
            for element in elements:
                if element.getparent() is not None:
                    element.drop_tree()
            if elements:
                yield selector


def value_of(element: Any, *, address: bool = False, moment: bool = False) -> str:
    """What an element says: a meta element its content, a time its moment, a link or a picture its address where one is
    wanted; any other its text."""
    wanted = element.tag == "meta" or (moment and element.tag == "time") or address
    for name in _ATTRIBUTES.get(element.tag, ()) if wanted else ():
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
