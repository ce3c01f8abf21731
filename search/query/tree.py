"""The query tree: plain frozen values that engines evaluate. Words carry their terms; no engine analyses text.

A clause either matches an article or not. An article's score is the sum, over the leaves that match it and are
not excluded, of the scores of their words (see `search.ranking`). Phrases, exact forms and fields
decide whether a leaf matches, never how much it weighs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace


class Field(StrEnum):
    """Where a leaf looks. TEXT is the title, the lead and the text together."""

    TEXT = "text"
    TITLE = "title"
    AUTHOR = "author"
    SECTION = "section"


# How engines mark the field of a term or form. Title, lead and text share one letter: the position tells them apart.
LETTERS = {Field.TEXT: "t", Field.TITLE: "t", Field.AUTHOR: "a", Field.SECTION: "s"}


class Word(Struct, frozen=True, gc=False):
    """Any form of a word: matches where one of `terms` stands. `weight` is in hundredths of its rarity."""

    text: str
    terms: tuple[str, ...]
    field: Field = Field.TEXT
    weight: int = 100


class Exact(Struct, frozen=True, gc=False):
    """Exactly this form; `term` is the form's home term, under which it is ranked."""

    text: str
    form: str
    term: str
    field: Field = Field.TEXT


class Prefix(Struct, frozen=True, gc=False):
    """Any form that begins so, Kazakh letters folded; ranked as one word with the home terms of those forms.

    No more than the forms that occur most often are looked for, so many as `most_forms` tells.
    """

    text: str
    prefix: str
    field: Field = Field.TEXT


class Phrase(Struct, frozen=True, gc=False):
    """Words at fixed distances, one at least: `offsets` are their positions relative to the first. Never across fields.

    With `slop`, the words stand in any order instead, all of them within a window of as many positions as there are
    words and `slop` more; `offsets` are then not looked at. `weight`: what its words weigh, in
    hundredths of their own.
    """

    words: tuple[Word | Exact, ...]
    offsets: tuple[int, ...]
    slop: int | None = None
    field: Field = Field.TEXT
    weight: int = 100


class Dates(Struct, frozen=True, gc=False):
    """Published on one of these archive days, both included. Articles without a date never are.

    Adds no score. Where it is what plain words of the reader mean, it `leads`: in the order of relevance articles
    published then come before all others.
    """

    first: date
    last: date
    leads: bool = False


class Address(Struct, frozen=True, gc=False):
    """The article that has one of these ids, or this page (see `search.query.address`). Adds no score."""

    ids: tuple[str, ...]
    page: str = ""


class Person(Struct, frozen=True, gc=False):
    """Mentions the person of this name. Adds no score."""

    name: str


class PersonCalled(Struct, frozen=True, gc=False):
    """Mentions a person in whose name all of these words stand, one at least. Adds no score."""

    words: tuple[Word | Exact | Prefix, ...]


class Everything(Struct, frozen=True, gc=False):
    """Every article. Adds no score."""


class And(Struct, frozen=True, gc=False):
    """All of the clauses."""

    clauses: tuple[Query, ...]


class Or(Struct, frozen=True, gc=False):
    """At least one of the clauses."""

    clauses: tuple[Query, ...]


class Most(Struct, frozen=True, gc=False):
    """At least so many of the clauses, or one of those that are enough `alone`, by their numbers. `least` 0: every
    article matches, and the clauses only rank it.

    Where `least` is 1 or more, an article that matches all of the clauses gains some of its points (see
    `search.ranking`), unless the node stands inside a `Not`.
    """

    clauses: tuple[Query, ...]
    least: int
    alone: tuple[int, ...] = ()


class Not(Struct, frozen=True, gc=False):
    """Every article that the clause does not match. Adds no score."""

    clause: Query


Leaf = Word | Exact | Prefix | Phrase
Query = Leaf | Dates | Address | Person | PersonCalled | Everything | And | Or | Most | Not

# Forms that one prefix stands for at most, and all those of a query together.
MAX_EXPANSION, MAX_EXPANSIONS = 512, 1024
MAX_WORDS = 64
MAX_SLOP = 100
# How many other words stand between those of a name: a patronymic, a particle.
NEAR = 2
# Positions that engines leave free between title, lead and text: wider than any window of a query, so that none spans
# two fields.
FIELD_GAP = MAX_SLOP + MAX_WORDS


class Expansions(NamedTuple):
    """The forms that each prefix of a query stands for, with their home terms, the most frequent forms first; and the
    prefixes that stand for more than there may be, each once, as typed."""

    forms: Mapping[Prefix, Sequence[tuple[str, str]]]
    bounded: tuple[str, ...]


def expanded(query: Query, expand: Callable[[Prefix, int], Sequence[tuple[str, str]]]) -> Expansions:
    """The expansions of a query's prefixes, by `expand`: at least so many forms as it is asked for, where there are."""
    most = most_forms(query)
    expansions = {prefix: expand(prefix, most + 1) for prefix in _prefixes(query)}
    bounded = dict.fromkeys(prefix.text for prefix, forms in expansions.items() if len(forms) > most)
    return Expansions({prefix: forms[:most] for prefix, forms in expansions.items()}, tuple(bounded))


def most_forms(query: Query) -> int:
    """How many forms a prefix of this query stands for at most: prefixes share what is looked for."""
    return min(MAX_EXPANSION, MAX_EXPANSIONS // max(1, len(_prefixes(query))))


def _prefixes(query: Query) -> dict[Prefix, None]:
    """Each prefix once, the excluded ones too."""
    return dict.fromkeys(leaf for leaf in every_leaf(query) if isinstance(leaf, Prefix))


def is_plain(query: Query) -> bool:
    """Whether it is a word that matches wherever one of its terms stands, so that it is ranked nowhere else."""
    return isinstance(query, Word) and query.field is not Field.TITLE


def every_leaf(query: Query) -> list[Leaf]:
    """All leaves, the excluded ones too, in the order in which they were typed."""
    return every_leaf(query.clause) if isinstance(query, Not) else _leaves(query, every_leaf)


def every_called(query: Query) -> list[PersonCalled]:
    """What is asked of names, the excluded too."""
    match query:
        case PersonCalled():
            return [query]
        case Not():
            return every_called(query.clause)
        case And() | Or() | Most():
            return [called for clause in query.clauses for called in every_called(clause)]
    return []


def as_text(query: Query) -> Query:
    """What of a text is meant: the query with the words of names near each other, where people are mentioned, and
    without the words that only rank."""
    match query:
        case Most(least=0):
            return Everything()
        case PersonCalled():
            words = tuple(word for word in query.words if not isinstance(word, Prefix))
            return Phrase(words, (), NEAR) if len(words) > 1 else query.words[0]
        case And() | Or() | Most():
            return replace(query, clauses=tuple(map(as_text, query.clauses)))
    return query


def with_all(query: Query) -> Query:
    """The query with all clauses of each `Most` that requires some of them; itself where there is none."""
    match query:
        case Most() if query.least:
            return And(query.clauses)
        case And() | Or():
            return replace(query, clauses=tuple(map(with_all, query.clauses)))
    return query


def requiring_some(query: Query) -> Most | None:
    """The first `Most` that requires some of its clauses, outside of any `Not`."""
    match query:
        case Most() if query.least:
            return query
        case And() | Or():
            return next(filter(None, map(requiring_some, query.clauses)), None)
    return None


def counted(query: Query) -> tuple[Query, ...]:
    """The clauses of which an article may lack some."""
    most = requiring_some(query)
    return most.clauses if most else ()


def leading(query: Query) -> list[Dates]:
    """The days whose articles come first, those that are excluded aside."""
    match query:
        case Dates() if query.leads:
            return [query]
        case And() | Or() | Most():
            return [dates for clause in query.clauses for dates in leading(clause)]
    return []


def leaves(query: Query) -> list[Leaf]:
    """The leaves that are not excluded, in the order in which they were typed."""
    return _leaves(query, leaves)


def _leaves(query: Query, inside: Callable[[Query], list[Leaf]]) -> list[Leaf]:
    match query:
        case Word() | Exact() | Prefix() | Phrase():
            return [query]
        case And() | Or() | Most():
            return [leaf for clause in query.clauses for leaf in inside(clause)]
    return []
