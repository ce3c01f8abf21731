"""What a query means in each segment, worked out once: its terms as keys, what they weigh, what prefixes stand for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from search.config import Ranking
from search.engines.whoosh.read.forms import Expansion
from search.engines.whoosh.read.segment import Segment
from search.query.tree import (
    LETTERS,
    Address,
    And,
    Leaf,
    Most,
    Or,
    Prefix,
    Query,
    counted,
    every_leaf,
    expanded,
    leading,
    leaves,
    most_forms,
    with_all,
)
from search.ranking import scored, term_weight, word_weight

# The words by which a leaf is ranked: the field's letter, the terms of the word, its weight in all segments together.
Ranked = Sequence[tuple[str, Sequence[str], np.int32]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a query means in one segment.

    `leaves`, those that are not excluded, as often as they were typed; `words`: by which words each is ranked;
    `certain` are those that every match has. `whole` is what the articles match that have all words of a query of which
    most are enough, `lead` what those match that are published on days that lead; None where the query has no such.
    `keys`: by field letter and term, the key here, None where the term never occurs. By prefix, as what those of its
    forms that occur here are `expansions`: the keys of home terms, and the codes of the forms under each.
    """

    query: Query
    leaves: Sequence[Leaf]
    words: Mapping[Leaf, Ranked]
    certain: frozenset[Leaf]
    whole: Query | None
    lead: Query | None
    keys: Mapping[tuple[str, str], int | None]
    expansions: Mapping[Prefix, Mapping[int, Sequence[int]]]


class LookedUp(NamedTuple):
    """A term in all segments: its key in each, None where it never occurs, and its weight."""

    keys: Sequence[int | None]
    weight: int


def looked_up(segments: Sequence[Segment], ranking: Ranking, letter: str, term: str) -> LookedUp:
    """What is known of a term."""
    keys = [segment.key(letter, term) for segment in segments]
    having = zip(segments, keys, strict=True)
    frequency = sum(segment.frequency(key) for segment, key in having if key is not None)
    return LookedUp(keys, term_weight(sum(segment.size for segment in segments), frequency, ranking))


def planned(
    segments: Sequence[Segment],
    look_up: Callable[[str, str], LookedUp],
    expansion: Callable[[Prefix, int], Expansion],
    query: Query,
) -> tuple[list[Plan], tuple[str, ...]]:
    """A plan for each segment, and which of the prefixes were bounded."""
    limit = most_forms(query)
    forms, bounded = expanded(query, lambda prefix, _: expansion(prefix, limit).forms)
    every = {leaf: scored(leaf, forms) for leaf in every_leaf(query)}
    entries = {
        (LETTERS[leaf.field], term): look_up(LETTERS[leaf.field], term)
        for leaf, words in every.items()
        for terms, _ in words
        for term in terms
    }

    def ranked(leaf: Leaf) -> Ranked:
        letter = LETTERS[leaf.field]
        weights = (word_weight([entries[letter, term].weight for term in terms], part) for terms, part in every[leaf])
        return [(letter, terms, np.int32(weight)) for (terms, _), weight in zip(every[leaf], weights, strict=True)]

    typed = leaves(query)
    words = {leaf: ranked(leaf) for leaf in typed}
    whole = with_all(query) if counted(query) else None
    lead = Or(tuple(days)) if (days := leading(query)) else None
    plans = []
    for at, segment in enumerate(segments):
        keys = {term: entry.keys[at] for term, entry in entries.items()}
        expansions = {prefix: expansion(prefix, limit).codes[at] for prefix in forms}
        here = _without_absent(query, segment)
        plans.append(Plan(here, typed, words, frozenset(_certain(here)), whole, lead, keys, expansions))
    return plans, bounded


def _without_absent(query: Query, segment: Segment) -> Query:
    """The query without the address that stands first in it, where nothing in the segment has that.

    Most texts name none, and what is left is evaluated in a simpler way.
    """
    if not isinstance(query, Or) or not isinstance(query.clauses[0], Address) or segment.addressed(query.clauses[0]):
        return query
    rest = query.clauses[1:]
    return rest[0] if len(rest) == 1 else Or(rest)


def _certain(query: Query) -> set[Leaf]:
    """The leaves that every match has."""
    if isinstance(query, Leaf):
        return {query}
    if isinstance(query, And) or (isinstance(query, Most) and query.least >= len(query.clauses)):
        return set().union(*(_certain(clause) for clause in query.clauses))
    return set()
