"""What a source promises to a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Row", "Source", "Unreadable"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that holds no record: why, and what stands there instead."""

    reason: str
    raw: str


# The line, from 1 on, and the record that stands there, unchecked.
Row = tuple[int, Mapping[str, Any] | Unreadable]


class Source(Protocol):
    """One place that articles come from. It is read once, from its beginning to its end."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def size(self) -> int | None:
        """Its bytes, None where they are not known beforehand."""

    @property
    def position(self) -> int:
        """About how many of these bytes are read by now; of no meaning without a size."""

    def rows(self) -> Iterator[Row]:
        """Every row in order. SourceError: it cannot be read to its end, or there is nothing in it."""
