"""How good an order of texts is, and how many forms of words are found."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

__all__ = ["forms_found", "measured"]

CYRILLIC = re.compile("[а-яё-]+")


def measured(answers: Mapping[str, Sequence[str]], relevant: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """nDCG@10, MRR@10 and recall@100 over the answers to all questions."""
    pairs = [(ids, relevant[question]) for question, ids in answers.items()]
    return {
        "ndcg@10": fmean(_gain([gains.get(name, 0) for name in ids[:10]]) / _ideal(gains) for ids, gains in pairs),
        "mrr@10": fmean(_reciprocal(ids[:10], gains) for ids, gains in pairs),
        "recall@100": fmean(len(gains.keys() & set(ids[:100])) / len(gains) for ids, gains in pairs),
    }


def _gain(gains: Sequence[float]) -> float:
    """The discounted cumulative gain (Järvelin and Kekäläinen 2002)."""
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def _ideal(gains: Mapping[str, float]) -> float:
    return _gain(sorted(gains.values(), reverse=True)[:10])


def _reciprocal(ids: Sequence[str], gains: Mapping[str, float]) -> float:
    return next((1 / place for place, name in enumerate(ids, 1) if name in gains), 0.0)


def forms_found(path: Path, terms: Callable[[str], Iterable[str]]) -> dict[str, float]:
    """The share of Cyrillic forms found from their lemma, and the false merges, over lines of form, lemma, kind."""
    rows = [line.lower().replace("ё", "е").split("\t")[:2] for line in path.read_text("utf-8").splitlines()[1:]]
    pairs = [(form, lemma) for form, lemma in rows if CYRILLIC.fullmatch(form) and CYRILLIC.fullmatch(lemma)]
    lemmas = {(lemma, lemma) for _, lemma in pairs}
    return {
        "found": fmean(not set(terms(form)).isdisjoint(terms(lemma)) for form, lemma in pairs),
        "merged by dictionary forms": _merged(lemmas, terms),
        "merged by any forms": _merged(lemmas.union(pairs), terms),
    }


def _merged(pairs: set[tuple[str, str]], terms: Callable[[str], Iterable[str]]) -> int:
    """How many pairs of different lemmas share a term of their forms."""
    having = defaultdict(set)
    for form, lemma in pairs:
        for term in terms(form):
            having[term].add(lemma)
    return len({pair for lemmas in having.values() for pair in combinations(sorted(lemmas), 2)})
