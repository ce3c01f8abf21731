"""How terms and forms are found in a segment: sorted byte strings, looked up by bisection without reading them all."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.analysis import fold_kazakh

# The first letter of a key is that of its field (see `LETTERS`). Tags, ids and pages (see `search.query.address`) are
# whole values.
TAG = "g"
FACET_LETTERS = {"tag": TAG}  # of the facets with several values
ID = "i"
PAGE = "p"

# How far apart the strings are that are kept in memory to begin a look-up with.
STEP = 32


def term_key(letter: str, term: str) -> str:
    """The key of a term in the vocabulary."""
    return letter + term


def form_key(letter: str, form: str) -> str:
    """The key of an exact form: it begins with the folded form, so that prefixes find both spellings."""
    folded = fold_kazakh(form)
    return f"{letter}{folded}" if folded == form else f"{letter}{folded}\0{form}"


def form_of_key(key: str) -> str:
    """The exact form that `form_key` made a key of."""
    folded, _, form = key[1:].partition("\0")
    return form or folded


def letters_of(keys: Sequence[bytes]) -> NDArray[np.uint32]:
    """Which letters stand in the folded form of each form's key, [f]: the bit c % 32 for each character c."""
    folded = [key.partition(b"\0")[0].decode() for key in keys]
    characters = np.frombuffer("".join(folded).encode("utf-32-le"), np.uint32)
    begins = np.cumsum([0] + [len(form) for form in folded])[:-1]
    bits = np.left_shift(np.uint32(1), characters % np.uint32(32))
    return np.bitwise_or.reduceat(bits, begins) if len(folded) else bits


class Strings(Sequence[bytes]):
    """Byte strings in two columns: `heap` holds them one after the other, `at` [n + 1] where each begins."""

    def __init__(self, heap: NDArray[np.uint8], at: NDArray[Any]) -> None:
        # Views give bytes and Python's own integers several times faster than arrays do.
        self._heap = heap.data if heap.size else memoryview(b"")
        self._at = at.data

    def __len__(self) -> int:
        return len(self._at) - 1

    @cached_property
    def _guides(self) -> list[bytes]:
        """Every 32nd string: what is bisected first, without a call for each step."""
        return [self[number] for number in range(0, len(self), STEP)]

    def _first_from(self, wanted: bytes) -> int:
        """The number of the first of the ascending strings that is not before `wanted`."""
        guide = bisect_left(self._guides, wanted)
        return bisect_left(self, wanted, max(0, guide - 1) * STEP, min(len(self), guide * STEP))

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # slices are not needed
        return self._heap[self._at[number] : self._at[number + 1]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        heap, at = bytes(self._heap), self._at.tolist()
        return (heap[begin:end] for begin, end in pairwise(at))

    def texts(self) -> list[str]:
        """All strings, as text: several times faster than one by one."""
        heap = bytes(self._heap)
        text = heap.decode()
        if len(text) != len(heap):
            return [string.decode() for string in self]
        return [text[begin:end] for begin, end in pairwise(self._at.tolist())]

    def find(self, text: str) -> int | None:
        """The number of a string in ascending strings, None where it is not among them."""
        wanted = text.encode(errors="surrogatepass")  # half a surrogate pair is in no article, but may be asked for
        number = self._first_from(wanted)
        return number if number < len(self) and self[number] == wanted else None

    def numbers_from(self, letter: bytes, start: bytes) -> range:
        """The numbers of the ascending strings of a letter, from `start` on."""
        return range(self._first_from(start), self._first_from(letter + b"\xff"))

    def prefixed(self, text: str) -> range:
        """The numbers of the ascending strings that begin so. Not empty: `text` has at least one letter."""
        wanted = text.encode()
        # No UTF-8 text has the byte FF, so that it sorts after every continuation.
        return range(self._first_from(wanted), self._first_from(wanted + b"\xff"))


def union(lists: Sequence[Strings]) -> tuple[list[bytes], list[NDArray[np.int32]]]:
    """All strings of the ascending lists, ascending; and of each list, the places of its strings among them."""
    every = sorted(set().union(*lists))
    place = {text: number for number, text in enumerate(every)}
    return every, [np.array([place[text] for text in strings], np.int32) for strings in lists]
