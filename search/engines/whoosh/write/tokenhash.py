"""Texts to the numbers of their runs, for many texts at once: cut, hashed and looked up as columns of letters.

A run's hash is a polynomial over random numbers that stand for its letters, modulo 2^64 (Carter and Wegman 1979, for
strings): the odds that two of a million runs share one are below one in a million, whoever wrote them.
"""

import secrets
from collections.abc import Sequence
from functools import cache

import numpy as np

from search.analysis.analyzer import RUN
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.write.vocabulary import GrowingVocabulary

BITS = 64
UNITS = 1 << 16
SURROGATES = slice(0xD800, 0xE000)
SURROGATE_BITS = 11
SURROGATE = 0xD800 >> SURROGATE_BITS
UTF_16 = ("utf-16-le", "surrogatepass")
EMPTY = -1
SMALLEST = 1 << 16


@cache
def _in_runs() -> Array:
    """Which units of UTF-16 belong to runs: bool [UNITS]."""
    is_part = np.array([RUN.match(chr(unit)) is not None for unit in range(UNITS)])
    is_part[SURROGATES] = True  # half a character; which of them stand in runs, `_without_signs` decides
    return is_part


def _without_signs(texts: bytes) -> bytes:
    """The texts with a space for each character beyond the first 65,536 that belongs to no run."""
    letters = (letter if letter < "\U00010000" or RUN.match(letter) else "  " for letter in texts.decode(*UTF_16))
    return "".join(letters).encode(*UTF_16)


class RunNumbers:
    """The numbers that a vocabulary gives to runs, by the letter of the field they stand in."""

    def __init__(self, vocabulary: GrowingVocabulary, letters: Sequence[str]) -> None:
        """`letters` are those that `numbers` names by their places."""
        self._vocabulary = vocabulary
        self._letters = letters
        random = np.random.default_rng(secrets.randbits(BITS))
        self._value = random.integers(1, 1 << BITS, UNITS, np.uint64, endpoint=False) * _in_runs()
        self._salt = random.integers(0, 1 << BITS, len(letters), np.uint64, endpoint=False)
        self._base = secrets.randbits(BITS) | 1
        self._reach(SMALLEST)
        self._table = _Table()

    def _reach(self, size: int) -> None:
        """Have the powers of the base, and their inverses, for texts of so many units."""
        modulus = 1 << BITS
        bases = (self._base, pow(self._base, -1, modulus))
        self._power, self._inverse = (np.multiply.accumulate(np.full(size, base, np.uint64)) for base in bases)

    def numbers(self, texts: Sequence[bytes], letters: Array) -> tuple[Array, Array]:
        """The runs of texts in UTF-16, i4, one after the other, and how many each text has, i8 [texts].

        `letters` are the places of the texts' letters, [texts].
        """
        joined = b"\0\0" + b"\0\0".join(texts) + b"\0\0"
        units = np.frombuffer(joined, "<u2")
        if (units >> SURROGATE_BITS == SURROGATE).any():
            units = np.frombuffer(_without_signs(joined), "<u2")
        if len(units) > len(self._power):
            self._reach(2 * len(units))
        value = self._value.take(units)
        inside = value != 0
        edges = np.flatnonzero(inside[1:] != inside[:-1])  # before the first unit of a run, and at its last
        before, last = edges[::2], edges[1::2]
        text_ends = np.cumsum(np.array([len(text) // 2 + 1 for text in texts], np.int64))
        counts = np.diff(before.searchsorted(text_ends), prepend=0)
        value *= self._power[: len(units)]
        total = np.cumsum(value, out=value)
        letter = np.repeat(letters, counts)
        hashes = (total.take(last) - total.take(before)) * self._inverse.take(before) + self._salt.take(letter)
        numbers = self._table.find(hashes)
        unknown = np.flatnonzero(numbers == EMPTY)
        if len(unknown):
            new, first = np.unique(hashes.take(unknown), return_index=True)
            come = np.argsort(first)
            at = unknown.take(first.take(come)).tolist()
            run = [units[before[number] + 1 : last[number] + 1].tobytes().decode(*UTF_16) for number in at]
            names = [self._letters[number] for number in letter.take(at).tolist()]
            taken_in = [self._vocabulary.take_in(*number) for number in zip(names, run, strict=True)]
            self._table.insert(new.take(come), np.array(taken_in, np.int32))
            numbers[unknown] = self._table.find(hashes.take(unknown))
        return numbers, counts


class _Table:
    """Hash to number, by open addressing with linear probing; less than half full."""

    def __init__(self) -> None:
        self._hashes = np.empty(0, np.uint64)
        self._numbers = np.empty(0, np.int32)
        self._grow(SMALLEST)

    def _grow(self, size: int) -> None:
        self._shift = np.uint64(BITS - (size.bit_length() - 1))
        self._hash = np.zeros(size, np.uint64)
        self._number = np.full(size, EMPTY, np.int32)
        self._place(self._hashes, self._numbers)

    def find(self, hashes: Array) -> Array:
        """The number of each hash, i4 [m], EMPTY where it is unknown."""
        slot = (hashes >> self._shift).astype(np.intp)
        number = self._number.take(slot)
        wrong = np.flatnonzero((self._hash.take(slot) != hashes) & (number != EMPTY))
        while len(wrong):
            slot = self._next(slot if len(slot) == len(wrong) else slot.take(wrong))
            number[wrong] = at = self._number.take(slot)
            still = np.flatnonzero((self._hash.take(slot) != hashes.take(wrong)) & (at != EMPTY))
            wrong, slot = wrong.take(still), slot.take(still)
        return number

    def insert(self, hashes: Array, numbers: Array) -> None:
        """Take in distinct hashes, none of which is known."""
        self._hashes = np.concatenate([self._hashes, hashes])
        self._numbers = np.concatenate([self._numbers, numbers])
        if 2 * len(self._hashes) > len(self._hash):
            self._grow(4 * len(self._hash))
        else:
            self._place(hashes, numbers)

    def _place(self, hashes: Array, numbers: Array) -> None:
        slot = (hashes >> self._shift).astype(np.intp)
        while len(slot):
            free = self._number.take(slot) == EMPTY
            self._hash[slot[free]] = hashes[free]  # of several that want one slot, the last one gets it
            self._number[slot[free]] = numbers[free]
            left = self._number.take(slot) != numbers
            slot, hashes, numbers = self._next(slot[left]), hashes[left], numbers[left]

    def _next(self, slot: Array) -> Array:
        return (slot + 1) & (len(self._hash) - 1)
