"""Occurrences to postings: the counts, impacts and offsets, written alike by flushing and by merging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.config import Ranking
from search.engines.whoosh.columns import ColumnWriter, narrowest
from search.engines.whoosh.vocabulary import LETTERS, letters_of, pack_strings
from search.query.tree import Field
from search.ranking import IMPACT_STEPS

__all__ = ["NO_FORM", "Lengths", "PostingsWriter", "Scale", "Words", "ragged", "starts"]

Array = NDArray[Any]

# Where a form's number would stand: the key is not the home term of the form that occurs there.
NO_FORM = -1


@dataclass(frozen=True, slots=True)
class Scale:
    """What impacts are measured with: the constants of the ranking and the mean weighted length of an article."""

    ranking: Ranking
    pivot: float


@dataclass(frozen=True, slots=True, eq=False)
class Lengths:
    """Of each article [n]: where its lead and its text begin, and its weighted length."""

    lead_at: Array
    text_at: Array
    length: Array

    @property
    def mean(self) -> float:
        """The mean weighted length, at least 1."""
        return max(1.0, float(self.length.mean())) if len(self.length) else 1.0


def ragged(begins: Array, counts: Array) -> Array:
    """The numbers begins[0], begins[0] + 1, … (counts[0] of them), begins[1], …, one after the other: [sum(counts)]."""
    total = int(counts.sum())
    numbers: Array = np.arange(total) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return numbers


def starts(counts: Array) -> Array:
    """Where each of `counts` [n] begins when they lie one after the other: i8 [n + 1], the total last."""
    at = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=at[1:])
    return at


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The keys [v] and the exact forms [f] of a segment, both ascending, and each form's home term [f] in `keys`."""

    keys: Sequence[bytes]
    forms: Sequence[bytes]
    form_term: Array

    def codes(self) -> Array:
        """What tells the forms of one home term apart, from 1, and 0 at NO_FORM, the last: [f + 1]."""
        order = np.argsort(self.form_term, kind="stable")
        grouped = self.form_term[order]
        codes = np.zeros(len(order) + 1, np.int64)
        codes[order] = np.arange(len(order)) - np.searchsorted(grouped, grouped) + 1
        return codes


class PostingsWriter:
    """Writes the postings and the vocabulary of a segment, stretch by stretch of its keys."""

    def __init__(
        self, files: ColumnWriter, words: Words, lengths: Lengths, scale: Scale, *, highest: tuple[int, int]
    ) -> None:
        """`highest` are the highest count and position that will come."""
        self._files = files
        self._words = words
        self._lengths = lengths
        self._scale = scale
        self._codes = words.codes()
        self._codes = self._codes.astype(narrowest(int(self._codes.max())))
        self._count, self._position = map(narrowest, highest)
        letter = LETTERS[Field.TEXT].encode()
        self._in_text = np.array([key[:1] == letter for key in words.keys], bool)
        self._postings = np.zeros(len(words.keys), np.int64)
        self._occurrences = np.zeros(len(words.keys), np.int64)
        self._forms = np.zeros(len(words.forms) + 1, np.int64)

    def append(self, key: Array, article: Array, count: Array, position: Array, form: Array) -> None:
        """Write postings, `key`, `article` and `count` [postings], and their occurrences, `position` and `form`.

        All by key, article and position ascending; a key comes in one stretch alone. `form` is a number in
        `Words.forms`, or NO_FORM.
        """
        self._postings += np.bincount(key, minlength=len(self._postings))
        self._occurrences += np.bincount(key, count, len(self._occurrences)).astype(np.int64)
        self._forms += np.bincount(form + 1, minlength=len(self._forms))
        self._files.append("article", article.astype(np.uint32))
        self._files.append("impact", self._impacts(article, count, position, self._in_text[key]))
        self._files.append("count", count.astype(self._count))
        self._files.append("position", position.astype(self._position))
        self._files.append("form", self._codes[form])

    def close(self) -> None:
        """Write the vocabulary: the keys and forms that occur."""
        keys = np.flatnonzero(self._postings)
        number = np.zeros(len(self._postings), np.int64)
        number[keys] = np.arange(len(keys))
        self._write_strings("keys", [self._words.keys[key] for key in keys.tolist()])
        self._files.append("posting_at", starts(self._postings[keys]))
        self._files.append("occurrence_at", starts(self._occurrences[keys]))
        occurs = self._forms[1:]
        forms = np.flatnonzero(occurs)
        occurring = [self._words.forms[form] for form in forms.tolist()]
        self._write_strings("forms", occurring)
        self._files.append("form_letters", letters_of(occurring))
        self._files.append("form_term", number[self._words.form_term[forms]].astype(np.uint32))
        self._files.append("form_code", self._codes[forms])
        self._files.append("form_count", occurs[forms].astype(np.uint32))

    def _write_strings(self, name: str, strings: Sequence[bytes]) -> None:
        heap, at = pack_strings(strings)
        self._files.append(name, heap)
        self._files.append(f"{name}_at", at)

    def _impacts(self, article: Array, count: Array, position: Array, in_text: Array) -> Array:
        """The impacts u1 [postings]; the formula is in search.ranking."""
        ranking, lengths = self._scale.ranking, self._lengths
        owner = np.repeat(article, count)
        weight = np.where(position < lengths.text_at[owner], ranking.lead_weight, 1)
        weight[position < lengths.lead_at[owner]] = ranking.title_weight
        weight[~np.repeat(in_text, count)] = 1
        frequency = np.add.reduceat(weight, starts(count)[:-1]) if len(count) else weight
        b = np.where(in_text, ranking.b, 0.0)
        saturation = ranking.k1 * (1 - b + b * lengths.length[article] / self._scale.pivot)
        impact = np.floor(IMPACT_STEPS * (frequency / (frequency + saturation)) + 0.5)
        steps: Array = np.maximum(impact, 1).astype(np.uint8)
        return steps
