"""How relevance is counted: BM25F in whole numbers, so that equal is equal on every machine and in every order.

After Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.5 (the
simple form: fields are weighed into one frequency and one length). For a term in the title, lead and text:

    tf     = title_weight * tf_title + lead_weight * tf_lead + opening_weight * tf_opening + tf_rest
    length = max(title_weight * len_title + lead_weight * len_lead + len_text, shortest * pivot)   (in positions)
    share  = tf / (tf + k1 * (1 - b + b * length / pivot))
    impact = (presence + share) / (presence + 1)                                    0 to 1, kept in 255 steps
    weight = ln(1 + (articles - frequency + 0.5) / (frequency + 0.5)) ** rarity     kept in 256ths

The opening is the first `opening` positions of the text. `presence` is the lower bound of Lv and Zhai, "Lower-Bounding
Term Frequency Normalization" (2011). `pivot` is the mean length at the last build from nothing and stays with the
index; in the author and section fields, b is 0 and every occurrence counts 1. A word's weight is that of its most
frequent term, times what words of its kind are worth (`Word.weight`); it scores the weight times the highest impact
of its terms; an article the sum over its leaves' words.

To these points are added, each worked out of the points alone: some per cent for the newest articles
(`recency_steps`), and `COMPLETE` per cent for an article that matches the query with all clauses of its `Most` nodes
(`search.query.tree.with_all`), where it has such.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from search.config import Ranking
from search.query.tree import Exact, Leaf, Phrase, Prefix, Word

IMPACT_STEPS = 255
WEIGHT_STEPS = 256
COMPLETE = 2
# Of the setting `recency` an article of the last so many days gains so many per cent, the longest time first.
RECENCY = ((730, 70), (365, 85), (30, 100))


# Python's floats, or NumPy's arrays of them.
Number = TypeVar("Number", float, Any)


def damping(length: Number, pivot: float, b: Number, ranking: Ranking) -> Number:
    """What frequencies in an article of this length are held against; `b` is the ranking's in title, lead and text."""
    least = ranking.shortest * pivot
    raised: Number = least * (length < least) + length * (length >= least)  # the greater of the two, exactly
    return ranking.k1 * (1 - b + b * raised / pivot)


def impact(frequency: Number, damped: Number, ranking: Ranking) -> Number:
    """The impact of a weighted frequency in its whole steps, 1 to IMPACT_STEPS; of arrays [m] too."""
    share = frequency / (frequency + damped)
    steps = (IMPACT_STEPS * ((ranking.presence + share) / (ranking.presence + 1)) + 0.5) // 1
    return steps + (steps < 1)


def scored(leaf: Leaf, forms: Mapping[Prefix, Sequence[tuple[str, str]]]) -> list[tuple[Sequence[str], int]]:
    """The terms and the percent of each word by which a leaf is ranked; `forms` as in `Expansions`."""
    match leaf:
        case Word():
            return [(leaf.terms, leaf.weight)]
        case Exact():
            return [((leaf.term,), 100)]
        case Prefix():
            homes = tuple(dict.fromkeys(home for _, home in forms[leaf]))
            return [(homes, 100)] if homes else []
        case Phrase():
            words = (of_word for word in leaf.words for of_word in scored(word, forms))
            return [(terms, percent * leaf.weight // 100) for terms, percent in words]


def term_weight(articles: int, frequency: int, ranking: Ranking) -> int:
    """The weight of a term that `frequency` of `articles` have, in 256ths, at least 1."""
    idf = math.log1p((articles - frequency + 0.5) / (frequency + 0.5))
    return max(1, round(WEIGHT_STEPS * math.pow(idf, ranking.rarity)))


def word_weight(weights: Iterable[int], percent: int) -> int:
    """The weight of a word whose terms have these weights, one at least; `percent` of which it counts."""
    return max(1, min(weights) * percent // 100)


def recency_steps(newest: date | None, recency: int) -> list[tuple[int, int]]:
    """From which archive day on, as an ordinal ascending, an article gains how many per cent of its points.

    Counted back from the newest article, so that an index answers the same tomorrow; see `RECENCY`.
    """
    if newest is None or not recency:
        return []
    return [(newest.toordinal() - days + 1, recency * share // 100) for days, share in RECENCY]


def score_of(points: int, ranking: Ranking) -> float:
    """The whole-numbered sum of weight times impact as the BM25F score that it stands for."""
    return points * (ranking.k1 + 1) / (IMPACT_STEPS * WEIGHT_STEPS)
