"""Whether names are found by each of their cases."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import permutations
from os.path import commonprefix
from statistics import fmean

from search.analysis import Analyzer
from search.analysis.persons import mentions
from search.model import Article

PAIR = re.compile(r"\b([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?) ([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)\b")


def names_found(articles: Iterable[Article], analyzer: Analyzer) -> dict[str, dict[str, float]]:
    """Of the first names, surnames and full names of two words that stand in several forms: how many they are, and the
    share of those each form of which, typed, finds every other."""
    texts = (text for article in articles for text in (article.title, article.lead, article.text))
    pairs = {pair for text in texts for pair in PAIR.findall(text)}
    readings = {pair: several[0] for pair in pairs if len(several := mentions(" ".join(pair))) == 1}
    votes = Counter(name for names in readings.values() for name in names)
    forms: dict[str, dict[str, set[str]]] = {kind: defaultdict(set) for kind in ("first names", "surnames", "names")}
    for pair, names in readings.items():
        name = max(names, key=votes.__getitem__)
        first, _, last = name.partition(" ")
        if _alike(pair[0], first) + _alike(pair[1], last) < _alike(pair[0], last) + _alike(pair[1], first):
            pair = (pair[1], pair[0])
        forms["first names"][first].add(pair[0])
        forms["surnames"][last].add(pair[1])
        forms["names"][name].add(" ".join(pair))
    return {kind: _shares(names.values(), analyzer) for kind, names in forms.items()}


def _shares(names: Iterable[set[str]], analyzer: Analyzer) -> dict[str, float]:
    several = [forms for forms in names if len(forms) > 1]
    wholly = [all(_finds(*pair, analyzer) for pair in permutations(forms, 2)) for forms in several]
    return {"in several cases": len(several), "each finds all": fmean(wholly)}


def _finds(typed: str, standing: str, analyzer: Analyzer) -> bool:
    words = zip(analyzer.tokens(typed), analyzer.tokens(standing), strict=False)
    return all(
        not {term for terms in analyzer.meant(one.form, one.letters) for term in terms}.isdisjoint(
            analyzer.standing(other)
        )
        for one, other in words
        if not one.whole
    )


def _alike(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    return len(commonprefix([word.lower().replace("ё", "е") for word in (one, other)]))  # noqa: RUF071  # letters are compared
