"""The query tree: plain frozen values that engines evaluate. Words carry their terms; no engine analyses text.

A clause either matches an article or not. An article's score is the sum, over the leaves that match it and are
not excluded, of the scores of their words (see `search.ranking`). Phrases, exact forms and fields
decide whether a leaf matches, never how much it weighs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "And",
    "Dates",
    "Everything",
    "Exact",
    "Field",
    "Leaf",
    "Not",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "Word",
    "leaves",
]


class Field(StrEnum):
    """Where a leaf looks. TEXT is the title, the lead and the text together."""

    TEXT = "text"
    TITLE = "title"
    AUTHOR = "author"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Word:
    """Any form of a word: matches where one of `terms` stands. `weight` is in hundredths of its rarity."""

    text: str
    terms: tuple[str, ...]
    field: Field = Field.TEXT
    weight: int = 100


@dataclass(frozen=True, slots=True)
class Exact:
    """Exactly this form; `term` is the form's home term, under which it is ranked."""

    text: str
    form: str
    term: str
    field: Field = Field.TEXT


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any form that begins so, Kazakh letters folded; ranked as one word with the home terms of those forms.

    No more than the `MAX_EXPANSION` forms that occur most often are looked for.
    """

    text: str
    prefix: str
    field: Field = Field.TEXT


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words at fixed distances: `offsets` are their positions relative to the first. Never across fields.

    With `slop`, the words stand in any order instead, all of them within a window of as many positions as there are
    words and `slop` more; `offsets` are then not looked at. `weight`: what its words weigh, in
    hundredths of their own.
    """

    words: tuple[Word | Exact, ...]
    offsets: tuple[int, ...]
    slop: int | None = None
    field: Field = Field.TEXT
    weight: int = 100


@dataclass(frozen=True, slots=True)
class Dates:
    """Published on one of these archive days, both included. Articles without a date never are. Adds no score."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article. Adds no score."""


@dataclass(frozen=True, slots=True)
class And:
    """All of the clauses."""

    clauses: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the clauses."""

    clauses: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Every article that the clause does not match. Adds no score."""

    clause: Query


Leaf = Word | Exact | Prefix | Phrase
Query = Leaf | Dates | Everything | And | Or | Not

MAX_EXPANSION = 512


def leaves(query: Query) -> list[Leaf]:
    """The leaves that are not excluded, in the order in which they were typed."""
    if isinstance(query, Leaf):
        return [query]
    if isinstance(query, And | Or):
        return [leaf for clause in query.clauses for leaf in leaves(clause)]
    return []
