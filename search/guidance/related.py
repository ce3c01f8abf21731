"""What else may interest who reads an article: a query of its most telling words."""

import math
from collections import Counter

from search.analysis import Analyzer
from search.engine import Searcher
from search.model import Article
from search.query.tree import Or, Query, Word

# Words that the query is made of: more of them add little but time.
WORDS = 12
# How much of title, lead and text is looked at: what an article is about stands at its beginning.
READ = 3000
TITLE_WEIGHT = 3
SATURATION = 1.2
# What is related has at least this part of the points that the article itself has for its own words.
LEAST_SHARE = 0.2


def telling_words(article: Article, analyzer: Analyzer, searcher: Searcher) -> Query | None:
    """Any of the words that tell the article from others, by tf-idf over their exact forms; None without any."""
    forms: Counter[str] = Counter()
    for text, weight in ((article.title, TITLE_WEIGHT), (article.lead, 1), (article.text, 1)):
        for token in analyzer.tokens(text[:READ]):
            if not token.whole and not token.form.isdigit():
                forms[token.form] += weight
    words: dict[str, Word] = {}
    counts: Counter[str] = Counter()
    for form in forms:
        terms = analyzer.terms(form)
        words.setdefault(terms[-1], Word(form, terms, weight=analyzer.percent(form)))
        counts[terms[-1]] += forms[form]
    articles = searcher.info.articles
    frequencies = dict(zip(words, searcher.frequencies([word.text for word in words.values()]), strict=True))

    def telling(name: str) -> float:
        rarity = math.log1p(articles / (1 + frequencies[name]))
        return words[name].weight * rarity * counts[name] / (counts[name] + SATURATION)

    chosen = sorted(words, key=lambda name: (-telling(name), name))[:WORDS]
    return Or(tuple(words[name] for name in chosen)) if len(chosen) > 1 else next(iter(words.values()), None)
