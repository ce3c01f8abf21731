"""Lists of numbers that lie one after the other in one column: where each begins, and how to pick some of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def ragged(begins: Array, counts: Array, most: int | None = None) -> Array:
    """The numbers begins[0], begins[0] + 1, … (counts[0] of them), begins[1], …, one after the other: [sum(counts)].

    IndexError for more than `most`, which those of a damaged column would be; nothing is allocated for them.
    """
    total = int(counts.sum())
    if most is not None and total > most:
        raise IndexError(f"{total} numbers of {most}: the index is damaged")
    numbers: Array = np.arange(total) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return numbers


def starts(counts: Array) -> Array:
    """Where each of `counts` [n] begins when they lie one after the other: i8 [n + 1], the total last."""
    at = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=at[1:])
    return at


def changes(values: Array) -> Array:
    """Where a value differs from the one before it; the first does: bool [m]."""
    differs = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=differs[1:])
    return differs
