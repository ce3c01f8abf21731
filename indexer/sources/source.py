"""What a source is: the contract between sources and a run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple, Protocol

NOTHING: Mapping[str, str] = {}
# What the name of a saved page ends in.
PAGES = (".html", ".htm", ".txt", ".mhtml", ".mht")
# How a page begins whose name ends in something else: .php, .xhtml, or index.html?id=5.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<\?xml[^>]*>|<!--.*?-->)\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.DOTALL
)
_BEGINNING = 1_024
# What MySQL has instead of no date, and what PHP makes of that.
NO_DATE = ("0000-00-00", "-0001-11-30")
_ENTITY = re.compile(r"&#?\w{1,32};")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that holds no record: why, and what it holds instead."""

    reason: str
    raw: str


class Unchanged(NamedTuple):
    """The keys of rows that were not read, because their stamps have not changed."""

    keys: Sequence[str]


class Row(NamedTuple):
    """A record and its place, unchecked; `line` counts from 1, 0 means the whole file.

    `key` names the row among those of its source, `stamp` changes whenever the row does. A source that has no such
    stamps, or a row without one, leaves `stamp` empty: it is read every time. `doubts` are what may be wrong with the
    record, `places` where its fields were, in words.
    """

    file: str
    line: int
    record: Mapping[str, Any] | Unreadable
    key: str = ""
    stamp: str = ""
    doubts: Sequence[str] = ()
    places: Mapping[str, str] = NOTHING

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"{self.file}:{self.line}" if self.line else self.file


def is_page(path: Path) -> bool:
    """Whether a file is a saved page, by its name or its beginning."""
    if path.suffix.lower() in PAGES:
        return True
    try:
        if not path.is_file():  # a pipe is read once
            return False
        with path.open("rb") as file:
            return bool(_PAGE.match(file.read(_BEGINNING)))
    except (OSError, ValueError):
        return False


class Source(Protocol):
    """One place that articles come from. It is read once, from its beginning to its end."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def identity(self) -> str:
        """What distinguishes it from every other source: the stamps of one mean nothing for another's rows."""

    @property
    def html(self) -> Sequence[str]:
        """The fields that hold markup, of which the text is wanted."""

    @property
    def size(self) -> int | None:
        """Its bytes, None where they are not known beforehand."""

    @property
    def position(self) -> int:
        """About how many of these bytes are read by now; of no meaning without a size."""

    @property
    def passed_over(self) -> Mapping[str, int]:
        """How many things that are no articles have been passed over by now, by what they are."""

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row | Unchanged]:
        """Every row, all as of one moment where the source can do so. `stamps` are those of the last reading, by key:
        rows that still have them may come as `Unchanged`, many at once.

        SourceError: it cannot be read to its end, or there is nothing in it. Without that error the rows are all there
        are, so that a key of the last reading that did not come is gone.
        """


def unescaped(name: str) -> str:
    """A text whose entities are what they stand for: WordPress keeps names so, templates their data."""
    for _ in range(2):  # some are escaped twice
        name = _ENTITY.sub(lambda entity: unescape(entity[0]), name)
    return name
