"""Occurrences to postings: the counts, impacts and offsets, written alike by flushing and by merging."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.config import Ranking
from search.engines.whoosh.columns import BLOCK, BLOCK_BITS, ColumnWriter, narrowest
from search.engines.whoosh.ragged import Array, changes, starts
from search.engines.whoosh.vocabulary import letters_of
from search.query.tree import LETTERS, Field
from search.ranking import damping, impact

# Where a form's number would stand: the key is not the home term of the form that occurs there.
NO_FORM = -1

PACKED_BITS = 64


@dataclass(frozen=True, slots=True)
class ImpactScale:
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


def by_key_and_article(key: Array, article: Array) -> Array:
    """The order by key, then article, then as they came, i8 [m].

    One sort of numbers that hold all three, where 64 bits are enough for that: it is many times faster.
    """
    widths = [int(high).bit_length() for high in (key.max(initial=0), article.max(initial=0), len(key))]
    if sum(widths) > PACKED_BITS:
        return np.lexsort((article, key))
    packed = key.astype(np.uint64) << np.uint64(widths[1] + widths[2])
    packed |= article.astype(np.uint64) << np.uint64(widths[2])
    packed |= np.arange(len(key), dtype=np.uint64)
    packed.sort()
    packed &= np.uint64((1 << widths[2]) - 1)
    return packed.astype(np.int64)


def write_offsets(files: ColumnWriter, column: str, counts: Array) -> None:
    """Write where each of `counts` [n] begins, and the total."""
    at = starts(counts)
    files.append(column, at.astype(narrowest(int(at[-1]))))


def write_strings(files: ColumnWriter, name: str, strings: Sequence[bytes]) -> None:
    """Write the two columns of `Strings`."""
    files.append(name, b"".join(strings))
    write_offsets(files, f"{name}_at", np.array([len(string) for string in strings], np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class SegmentVocabulary:
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
    """Writes the postings and the vocabulary of a segment, range by range of its keys."""

    def __init__(
        self, files: ColumnWriter, words: SegmentVocabulary, lengths: Lengths, scale: ImpactScale, *, highest: int
    ) -> None:
        """`highest` is the highest position that will come."""
        self._files = files
        self._words = words
        self._lengths = lengths
        self._scale = scale
        codes = words.codes()
        self._codes = codes.astype(narrowest(int(codes.max())))
        self._position = narrowest(2 * highest + 1)
        letter = LETTERS[Field.TEXT].encode()
        self._in_text = np.array([key[:1] == letter for key in words.keys], bool)
        self._pieces, self._occurrences, self._coded = (np.zeros(len(words.keys), np.int64) for _ in range(3))
        self._forms = np.zeros(len(words.forms) + 1, np.int64)
        self._piece_sizes: list[Array] = [np.empty(0, np.int64)]

    def append(self, key: Array, article: Array, count: Array, position: Array, form: Array) -> None:
        """Write postings, `key`, `article` and `count` [postings], and their occurrences, `position` and `form`.

        All by key, article and position ascending; a key comes in one range alone. `form` is a number in
        `SegmentVocabulary.forms`, or NO_FORM.
        """
        block = article >> BLOCK_BITS
        piece = np.flatnonzero(changes(key) | changes(block))
        first = starts(count)[:-1]
        numbered = (position.astype(np.int64) << 1).astype(self._position)
        numbered[first] |= 1
        self._forms += np.bincount(form + 1, minlength=len(self._forms))
        self._pieces += np.bincount(key[piece], minlength=len(self._pieces))
        self._piece_sizes.append(np.diff(piece, append=len(key)))
        self._files.append("block", block[piece].astype(narrowest(len(self._lengths.length) >> BLOCK_BITS)))
        self._files.append("article", (article & (BLOCK - 1)).astype(np.uint16))
        self._files.append("impact", self._impacts(key, article, count, position))
        self._files.append("position", numbered)
        self._files.append("form", self._distinguishing_codes(key, first, self._codes[form]))

    def _distinguishing_codes(self, key: Array, first: Array, code: Array) -> Array:
        """The codes of those keys whose occurrences do not all have the same; `first` is of each posting, in `code`."""
        of_key = np.flatnonzero(changes(key))
        keys, begins = key[of_key], first[of_key]
        sizes = np.diff(begins, append=len(code))
        self._occurrences[keys] = sizes
        if not len(keys):
            return code
        differ = np.minimum.reduceat(code, begins) != np.maximum.reduceat(code, begins)
        self._coded[keys] = sizes * differ
        codes: Array = code[np.repeat(differ, sizes)]
        return codes

    def close(self) -> None:
        """Write the vocabulary: the keys and forms that occur."""
        files, words = self._files, self._words
        keys = np.flatnonzero(self._pieces)
        number = np.zeros(len(self._pieces), np.int64)
        number[keys] = np.arange(len(keys))
        write_strings(files, "keys", [words.keys[key] for key in keys.tolist()])
        write_offsets(files, "piece_at", self._pieces[keys])
        write_offsets(files, "occurrence_at", self._occurrences[keys])
        write_offsets(files, "coded_at", self._coded[keys])
        write_offsets(files, "posting_at", np.concatenate(self._piece_sizes))
        occurs = self._forms[1:]
        forms = np.flatnonzero(occurs)
        occurring = [words.forms[form] for form in forms.tolist()]
        write_strings(files, "forms", occurring)
        files.append("form_letters", letters_of(occurring))
        files.append("form_term", number[words.form_term[forms]].astype(np.uint32))
        files.append("form_code", self._codes[forms])
        files.append("form_count", occurs[forms].astype(np.uint32))

    def _impacts(self, key: Array, article: Array, count: Array, position: Array) -> Array:
        """The impacts u1 [postings]; the formula is in search.ranking."""
        ranking, lengths = self._scale.ranking, self._lengths
        in_text = self._in_text[key]
        owner = np.repeat(article, count)
        opening_ends = lengths.text_at[owner].astype(np.int64) + ranking.opening
        weight = np.where(position < opening_ends, ranking.opening_weight, 1.0)
        weight[position < lengths.text_at[owner]] = ranking.lead_weight
        weight[position < lengths.lead_at[owner]] = ranking.title_weight
        weight[~np.repeat(in_text, count)] = 1
        frequency = np.add.reduceat(weight, starts(count)[:-1]) if len(count) else weight
        b = np.where(in_text, ranking.b, 0.0)
        damped = damping(lengths.length[article], self._scale.pivot, b, ranking)
        steps: Array = impact(frequency, damped, ranking).astype(np.uint8)
        return steps
