"""How good an order of texts is, and how many forms of words are found."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

import numpy as np

from search.analysis import Analyzer
from search.analysis.morphology import pymorphy
from search.model import Article

__all__ = ["forms_found", "interval", "measured", "ndcg", "vocabulary_of", "words_found"]

CYRILLIC = re.compile("[а-яё-]+")
RUSSIAN = re.compile("[а-я]{1,64}")
DRAWS = 2000
APART = {"NPRO", "Supr"}


def measured(answers: Mapping[str, Sequence[str]], relevant: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """nDCG@10, MRR@10 and recall@100 over the answers to all questions."""
    pairs = [(ids, relevant[question]) for question, ids in answers.items()]
    return {
        "ndcg@10": fmean(ndcg(answers, relevant).values()),
        "mrr@10": fmean(_reciprocal(ids[:10], gains) for ids, gains in pairs),
        "recall@100": fmean(len(gains.keys() & set(ids[:100])) / len(gains) for ids, gains in pairs),
    }


def ndcg(answers: Mapping[str, Sequence[str]], relevant: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """nDCG@10 of the answer to each question."""
    return {
        question: _gain([relevant[question].get(name, 0) for name in ids[:10]]) / _ideal(relevant[question])
        for question, ids in answers.items()
    }


def interval(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[float, float]:
    """The 95 % interval of our mean as a multiple of theirs, by paired bootstrap over the questions (Sakai 2006)."""
    pairs = np.array([(value, theirs[question]) for question, value in ours.items()])
    drawn = np.random.default_rng(1).integers(len(pairs), size=(DRAWS, len(pairs)))
    means = np.array([pairs[rows].mean(axis=0) for rows in drawn])
    low, high = np.percentile(means[:, 0] / np.maximum(means[:, 1], 1e-9), (2.5, 97.5))
    return float(low), float(high)


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


def vocabulary_of(articles: Iterable[Article], analyzer: Analyzer) -> dict[str, set[int]]:
    """The Russian forms of the articles, each with the numbers of those that it stands in."""
    standing: dict[str, set[int]] = defaultdict(set)
    for number, article in enumerate(articles):
        for text in (article.title, article.lead, article.text):
            for token in analyzer.tokens(text):
                if RUSSIAN.fullmatch(token.form):
                    standing[token.form].add(number)
    return dict(standing)


def words_found(standing: Mapping[str, set[int]], terms: Callable[[str], Iterable[str]]) -> dict[str, int]:
    """For how many dictionary words of a vocabulary the articles without any form of theirs outnumber those with one;
    and how many forms share no term with a lemma that pymorphy3 gives at least 0.3, pronouns and superlatives aside."""
    parsed = {form: pymorphy().parse(form) for form in standing}
    lemmas = {form: {parse.normal_form.replace("ё", "е") for parse in parses} for form, parses in parsed.items()}
    having = defaultdict(set)
    for form in standing:
        for term in terms(form):
            having[term].add(form)
    alien = lost = 0
    for form, parses in parsed.items():
        for parse in parses:
            likely = parse.is_known and parse.score >= 0.3 and not APART & parse.tag.grammemes
            lost += likely and set(terms(form)).isdisjoint(terms(parse.normal_form.replace("ё", "е")))
        if parses[0].is_known and form in lemmas[form]:
            met = set().union(*(having[term] for term in terms(form)))
            own = set().union(*(standing[each] for each in met if lemmas[each] & lemmas[form]))
            others = set().union(*(standing[each] for each in met if not lemmas[each] & lemmas[form]))
            alien += len(others - own) > len(own)
    return {"dictionary words found mostly elsewhere": alien, "forms that lose a lemma": lost}
