"""What Whoosh sees of a segment: fields of byte terms, computed from the columns when they are asked for.

`text` is title, lead and text together; `title` is the part of it that stands before the lead; `form` holds the
exact forms; `tag` and `id` whole values; `day` the archive day as a number, of whose terms each is a run of articles.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from search.engines.whoosh.columns import Columns
from search.engines.whoosh.manifest import read_manifest
from search.engines.whoosh.ragged import Array, starts
from search.engines.whoosh.read.opening import open_segment
from search.engines.whoosh.read.segment import Segment, Term
from search.engines.whoosh.read.sets import articles_between
from search.engines.whoosh.vocabulary import ID, TAG
from search.query.tree import FIELD_GAP

LETTERS = {"text": b"t", "title": b"t", "author": b"a", "section": b"s", "tag": TAG.encode(), "id": ID.encode()}
FIELDS = (*LETTERS, "form", "day")

# Whoosh keeps a signed number as an unsigned one, in tiers of ever fewer bits, so that a range is a few terms.
DAY_BITS = 32
DAY_STEP = 4
SHIFTED_DAY = 1 << (DAY_BITS - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """The living articles of one term, u4 ascending, how often it stands in each, and where, one after the other."""

    articles: Array
    counts: Array
    positions: Callable[[], Array]


class SegmentView:
    """One segment, by field and term; one of no articles where the generation has none."""

    def __init__(self, folder: Path, name: str, generation: int) -> None:
        entries = {entry.name: entry for entry in read_manifest(folder, generation).segments}
        self._segment = open_segment(folder, entries[name]) if entries else _nothing()
        self.size = self._segment.size
        self.dead = np.zeros(self.size, bool)
        self.dead[self._segment.dead] = True

    @property
    def _columns(self) -> Columns:
        return self._segment.columns

    def postings(self, field: str, term: bytes) -> Postings | None:
        """The postings of a term; None where no living article has it."""
        if field == "day":
            return self._days(term)
        postings = self._form(term) if field == "form" else self._key(field, term)
        return postings if postings is not None and len(postings.articles) else None

    def terms(self, field: str, start: bytes) -> Iterator[bytes]:
        """The terms of a field from `start` on, ascending; some may have no postings."""
        if field == "day":
            return self._day_terms(start)
        strings, letter = (self._segment.forms, b"t") if field == "form" else (self._segment.keys, LETTERS[field])
        return (key[1:] for key in (strings[number] for number in strings.numbers_from(letter, letter + start)))

    def _key(self, field: str, text: bytes) -> Postings | None:
        number = self._segment.keys.find((LETTERS[field] + text).decode())
        if number is None:
            return None
        term = self._segment.term(number, 0, self.size)
        if field == "title":
            return self._where(term, lambda owner, position, _: position < self._columns.lead_at[owner])
        return self._where(term, None)

    def _form(self, text: bytes) -> Postings | None:
        number = self._segment.forms.find("t" + text.decode())
        if number is None:
            return None
        term = self._segment.term(int(self._columns.form_term[number]), 0, self.size)
        code = self._columns.form_code[number]
        return self._where(term, lambda _, position, form: position >= 0 if form is None else form == code)

    def _where(self, term: Term, allows: Callable[[Array, Array, Array | None], Array] | None) -> Postings:
        """The term's living postings with those of its occurrences that are `kept`."""
        alive = np.flatnonzero(~self.dead[term.article])
        article = term.article[alive]
        count, occurrence = self._segment.occurrences(term, alive)
        if allows is None:
            return Postings(article, count, lambda: self._segment.positions(occurrence))
        position = self._segment.positions(occurrence)
        allowed = allows(np.repeat(article, count), position, self._segment.codes(term.key, occurrence))
        counts = np.diff(starts(allowed)[starts(count)])
        return Postings(article[counts > 0], counts[counts > 0], lambda: position[allowed])

    def _days(self, term: bytes) -> Postings | None:
        if len(term) != 1 + DAY_BITS // 8:
            return None
        shift, value = term[0], int.from_bytes(term[1:], "big")
        edges = np.array([value << shift, (value + 1) << shift], np.int64) - SHIFTED_DAY
        low, high = (max(self._segment.undated, int(self._columns.day.searchsorted(edge))) for edge in edges)
        articles = articles_between(low, high)
        articles = articles[~self.dead[articles]]
        return Postings(articles, np.ones(len(articles), np.int64), lambda: articles * 0) if len(articles) else None

    def _day_terms(self, start: bytes) -> Iterator[bytes]:
        days = self._columns.day
        for shift in range(start[0] if start else 0, DAY_BITS, DAY_STEP):
            at = self._segment.undated
            if start and shift == start[0]:
                lowest = int.from_bytes(start[1:].ljust(DAY_BITS // 8, b"\0"), "big") << shift
                at = max(at, int(days.searchsorted(lowest - SHIFTED_DAY)))
            while at < self.size:
                value = (int(days[at]) + SHIFTED_DAY) >> shift
                yield bytes([shift]) + value.to_bytes(DAY_BITS // 8, "big")
                at = int(days.searchsorted(((value + 1) << shift) - SHIFTED_DAY))

    def lengths(self, field: str) -> Array | None:
        """Words of each article in a scored field; None for the others."""
        if field in {"text", "form"}:
            return np.ascontiguousarray(self._columns.length, np.uint32)
        return self._columns.lead_at.astype(np.uint32) - FIELD_GAP if field == "title" else None

    def stored(self, number: int) -> dict[str, Any]:
        """The article in the article format."""
        return self._segment.article(number).as_dict()

    def days(self) -> Array:
        """The archive days as Whoosh keeps such numbers in a column."""
        return (self._columns.day.astype(np.int64) + SHIFTED_DAY).astype(np.uint32)


def _nothing() -> Segment:
    """A segment of no articles."""
    values = {f"{name}_values" for name in ("author", "section", "tag", "mention")}
    nowhere = {f"{name}_at" for name in ("ids", "origins", "store", "keys", "forms", "tag", "mention", *values)}
    nowhere |= {"piece_at", "posting_at", "occurrence_at", "coded_at"}
    columns = {column.name: np.zeros(int(column.name in nowhere), np.uint32) for column in fields(Columns)}
    return Segment(Columns(**columns), np.empty(0, np.uint32))
