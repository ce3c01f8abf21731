"""What Whoosh sees of a segment: fields of byte terms, computed from the columns when they are asked for.

`text` is title, lead and text together; `title` is the part of it that stands before the lead; `form` holds the
exact forms; `tag` and `id` whole values.
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
from search.engines.whoosh.read.segment import Segment
from search.engines.whoosh.term import Term
from search.engines.whoosh.vocabulary import ID, TAG
from search.query.tree import FIELD_GAP

LETTERS = {"text": b"t", "title": b"t", "author": b"a", "section": b"s", "tag": TAG.encode(), "id": ID.encode()}
FIELDS = (*LETTERS, "form")


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
        postings = self._form(term) if field == "form" else self._key(field, term)
        return postings if postings is not None and len(postings.articles) else None

    def terms(self, field: str, start: bytes) -> Iterator[bytes]:
        """The terms of a field from `start` on, ascending; some may have no postings."""
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

    def lengths(self, field: str) -> Array | None:
        """Words of each article in a scored field; None for the others."""
        if field in {"text", "form"}:
            return np.ascontiguousarray(self._columns.length, np.uint32)
        return self._columns.lead_at.astype(np.uint32) - FIELD_GAP if field == "title" else None

    def stored(self, number: int) -> dict[str, Any]:
        """The article in the article format."""
        return self._segment.article(number).as_dict()


def _nothing() -> Segment:
    """A segment of no articles."""
    values = {f"{name}_values" for name in ("author", "section", "tag", "mention")}
    nowhere = {f"{name}_at" for name in ("ids", "origins", "store", "keys", "forms", "tag", "mention", *values)}
    nowhere |= {"piece_at", "posting_at", "occurrence_at", "coded_at"}
    columns = {column.name: np.zeros(int(column.name in nowhere), np.uint32) for column in fields(Columns)}
    return Segment(Columns(**columns), np.empty(0, np.uint32))
