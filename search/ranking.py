"""How relevance is counted: BM25F in whole numbers, so that equal is equal on every machine and in every order.

After Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.5 (the
simple form: fields are weighed into one frequency and one length). For a term in the title, lead and text:

    tf     = title_weight * tf_title + lead_weight * tf_lead + tf_text
    length = title_weight * len_title + lead_weight * len_lead + len_text          (in positions)
    impact = tf / (tf + k1 * (1 - b + b * length / pivot))                          0 to 1, kept in 255 steps
    weight = ln(1 + (articles - frequency + 0.5) / (frequency + 0.5))               kept in 256ths

`pivot` is the mean length at the last build from nothing and stays with the index; in the author and section
fields, b is 0. A word scores max(weight * impact) over its terms; an article the sum over its leaves' words.
"""

from __future__ import annotations

import math

from search.config import Ranking

__all__ = ["IMPACT_STEPS", "WEIGHT_STEPS", "score_of", "term_weight"]

IMPACT_STEPS = 255
WEIGHT_STEPS = 256


def term_weight(articles: int, frequency: int) -> int:
    """The inverse document frequency of a term that `frequency` of `articles` have, in 256ths, at least 1."""
    return max(1, round(WEIGHT_STEPS * math.log1p((articles - frequency + 0.5) / (frequency + 0.5))))


def score_of(points: int, ranking: Ranking) -> float:
    """The whole-numbered sum of weight times impact as the BM25F score that it stands for."""
    return points * (ranking.k1 + 1) / (IMPACT_STEPS * WEIGHT_STEPS)
