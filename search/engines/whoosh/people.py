"""Who is meant by the mentions of the segments: the columns that a generation has beside them, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache, partial, reduce
from pathlib import Path
from typing import Self

import numpy as np

from search.engines.whoosh.columns import Columns, map_columns
from search.engines.whoosh.lists import Lists
from search.engines.whoosh.manifest import SegmentEntry
from search.engines.whoosh.ragged import Array, changes, ragged
from search.engines.whoosh.vocabulary import Strings, form_key
from search.query.tree import Exact, Person, PersonCalled, Prefix, Word

NOBODY = 0
# Readers turn pages: of each segment, so many sets of articles are kept that mention somebody who was asked for.
ANSWERS_KEPT = 4


@dataclass(frozen=True, slots=True, eq=False)
class PeopleColumns:
    """The people of a generation are numbered by their names; `width` is as in `Columns`."""

    names: Array  # u1: p names as UTF-8, ascending, the empty one first, whose number is NOBODY
    names_at: Array  # width [p + 1]
    words: Array  # u1: the exact forms of the words of names, as `form_key` has them without a letter, ascending
    words_at: Array  # width [f + 1]
    word_name: Array  # width: in which names each form stands, one after the other
    word_name_at: Array  # width [f + 1]
    terms: Array  # u1: the terms of the forms, ascending
    terms_at: Array  # width [t + 1]
    word_term: Array  # width: the terms of each form, one after the other
    word_term_at: Array  # width [f + 1]
    person: Array  # width: whom each of the values of mentions means, those of the first segment first
    person_at: Array  # width [segments + 1]
    skipped: Array  # width: places in the columns of mentions, of who is mentioned in the article before; ascending
    skipped_at: Array  # width [segments + 1]

    @classmethod
    def open(cls, folder: Path, entry: SegmentEntry) -> Self:
        """Map the columns; IndexUnavailable names a file that is missing or not of the size it should be."""
        return cls(**map_columns([column.name for column in fields(cls)], folder, entry.name, entry.files))


class People:
    """The people of a generation. Nothing here is held by what it holds: files are let go with the last who asks."""

    def __init__(self, columns: PeopleColumns) -> None:
        self._columns = columns
        self.names = Strings(columns.names, columns.names_at)
        # The numbers of those whom a query means.
        self.meant = lru_cache(maxsize=ANSWERS_KEPT)(partial(_meant, columns, self.names, _Words(columns)))

    def within(self, number: int, segment: Columns) -> Mentions:
        """Those of a segment: the one of this number."""
        columns = self._columns
        person, skipped = (
            column[at[number] : at[number + 1]]
            for column, at in ((columns.person, columns.person_at), (columns.skipped, columns.skipped_at))
        )
        return Mentions(self, segment, person, skipped)

    def known_terms(self) -> dict[bytes, list[bytes]]:
        """The terms of each form, so that they need not be found out again."""
        words, columns = _Words(self._columns), self._columns
        terms, at, numbers = list(words.terms), columns.word_term_at.tolist(), columns.word_term.tolist()
        return {form: [terms[n] for n in numbers[at[f] : at[f + 1]]] for f, form in enumerate(words.forms)}


class _Words:
    """The forms of the words of names, and their terms."""

    def __init__(self, columns: PeopleColumns) -> None:
        self.forms = Strings(columns.words, columns.words_at)
        self.terms = Strings(columns.terms, columns.terms_at)


def _meant(columns: PeopleColumns, names: Strings, words: _Words, query: Person | PersonCalled) -> Array:
    if isinstance(query, Person):
        number = names.find(query.name)
        return np.array([number] if number else [], np.intp)
    several = [_called(columns, words, word) for word in query.words]
    return reduce(partial(np.intersect1d, assume_unique=True), several)


def _called(columns: PeopleColumns, words: _Words, word: Word | Exact | Prefix) -> Array:
    """In whose names a word stands, ascending."""
    forms = np.array(_forms(columns, words, word), np.intp)
    begins, ends = (columns.word_name_at.take(numbers).astype(np.intp) for numbers in (forms, forms + 1))
    return np.unique(columns.word_name.take(ragged(begins, ends - begins)))


def _forms(columns: PeopleColumns, words: _Words, word: Word | Exact | Prefix) -> Sequence[int]:
    match word:
        case Exact():
            number = words.forms.find(form_key("", word.form))
            return [] if number is None else [number]
        case Prefix():
            return words.forms.prefixed(word.prefix) if word.prefix else []
        case Word():
            terms = [number for term in word.terms if (number := words.terms.find(term)) is not None]
            places = np.flatnonzero(np.isin(columns.word_term, terms))
            forms: list[int] = np.unique(columns.word_term_at.searchsorted(places, side="right") - 1).tolist()
            return forms


class Mentions:
    """Who is mentioned in the articles of a segment."""

    def __init__(self, people: People, segment: Columns, person: Array, skipped: Array) -> None:
        """`person` [distinct mentions]: the number of whom each means; `skipped` as in PeopleColumns."""
        self._people = len(people.names)
        self._segment = segment
        self._person = person
        self._skipped = skipped
        # The set of articles that mention anybody whom a query means: i8 [m].
        self.articles = lru_cache(maxsize=ANSWERS_KEPT)(partial(_mentioning, people.meant, segment, person))

    @cached_property
    def persons(self) -> Lists:
        """Whom each article mentions. It is laid out in memory when it is first needed."""
        whom: Array = self._person.take(self._segment.mention)
        whom[self._skipped] = NOBODY
        return Lists(whom, self._segment.mention_at, self._people)


def _mentioning(
    meant: Callable[[Person | PersonCalled], Array], segment: Columns, person: Array, query: Person | PersonCalled
) -> Array:
    """Every mention is looked at: a millisecond for 800,000 of them, and more where many are meant."""
    numbers = meant(query)
    if not len(numbers):
        return np.empty(0, np.intp)
    wanted = np.zeros(max(int(person.max(initial=0)), int(numbers.max(initial=0))) + 1, bool)
    wanted[numbers] = True
    places = np.flatnonzero(wanted.take(person).take(segment.mention)).astype(segment.mention_at.dtype)
    articles: Array = segment.mention_at.searchsorted(places, side="right") - 1
    return articles.compress(changes(articles))
