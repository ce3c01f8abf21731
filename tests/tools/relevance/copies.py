"""Which articles are near-copies by another method than the product's: MinHash (Broder 1997) over shingles of words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations, pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from search.analysis.copies import LEAST_TEXT, copy_key
from search.model import Article

__all__ = ["folding"]

WORD = re.compile(r"[^\W_]+")
SHINGLE = 3
# Two articles with a Jaccard similarity of 0.8 share one of 16 bands of 4 rows with a probability of 99.98 %.
BANDS, ROWS = 16, 4
COPIES, ALIKE = 0.8, 0.5
# Of more articles in one bucket only neighbours are compared.
LARGEST_BUCKET = 40

Pair = tuple[int, int]


def folding(articles: Sequence[Article]) -> dict[str, dict[str, float]]:
    """How well `copy_key` tells near-copies, of pairs of short articles of one day and of several, and of pairs with a
    long one: how many pairs MinHash and it find, its recall, and the shares of its pairs that are as similar as copies,
    and half as similar."""
    shingles = [_shingles(article) for article in articles]
    copies = {pair for pair in _candidates(shingles) if _jaccard(shingles, pair) >= COPIES}
    folded = set(_pairs(_key(article) for article in articles))
    figures = {}
    for name in ("short, one day", "short, other days", "long"):
        own = [{pair for pair in pairs if _kind(articles, pair) == name} for pairs in (copies, folded)]
        similar = [_jaccard(shingles, pair) for pair in own[1]]
        figures[name] = {
            "copies": len(own[0]),
            "folded": len(own[1]),
            "recall": len(own[0] & own[1]) / max(1, len(own[0])),
            "precision": sum(value >= COPIES for value in similar) / max(1, len(similar)),
            "alike": sum(value >= ALIKE for value in similar) / max(1, len(similar)),
        }
    return figures


def _kind(articles: Sequence[Article], pair: Pair) -> str:
    one, other = (articles[number] for number in pair)
    if max(len(one.text), len(other.text)) >= LEAST_TEXT:
        return "long"
    return "short, one day" if one.published == other.published else "short, other days"


def _shingles(article: Article) -> npt.NDArray[np.uint64]:
    """The hashes of all three words in a row of the headline and the text, ascending."""
    words = WORD.findall(f"{article.title} {article.text}".casefold().replace("ё", "е"))
    runs = (words[at : at + SHINGLE] for at in range(max(1, len(words) - SHINGLE + 1)))
    return np.unique(np.fromiter((crc32(" ".join(run).encode()) for run in runs), np.uint64))


def _candidates(shingles: Sequence[npt.NDArray[np.uint64]]) -> set[Pair]:
    """The pairs that share a band of their signatures."""
    random = np.random.default_rng(1)
    factors, shifts = random.integers(1, 1 << 31, (2, BANDS * ROWS, 1), np.uint64)
    signatures = np.array([((factors * own + shifts) % np.uint64((1 << 61) - 1)).min(axis=1) for own in shingles])
    bands = np.split(signatures, BANDS, axis=1)
    return {pair for band in bands for pair in _pairs(row.tobytes() for row in band)}


def _pairs(keys: Iterable[object]) -> Iterator[Pair]:
    """The pairs of numbers that have the same key."""
    having = defaultdict(list)
    for number, key in enumerate(keys):
        if key:
            having[key].append(number)
    for numbers in having.values():
        yield from combinations(numbers, 2) if len(numbers) <= LARGEST_BUCKET else pairwise(numbers)


def _jaccard(shingles: Sequence[npt.NDArray[np.uint64]], pair: Pair) -> float:
    one, other = (shingles[number] for number in pair)
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def _key(article: Article) -> int:
    published = article.published
    return copy_key(article.text, article.title, published.date() if isinstance(published, datetime) else published)
