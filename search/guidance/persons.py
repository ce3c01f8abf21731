"""Whom may a reader mean who types a name?"""

from collections.abc import Iterable
from datetime import datetime

from search.analysis import Analyzer, fold_kazakh
from search.analysis.morphology import UNKNOWN_PERCENT
from search.engine import Request, Searcher
from search.query.tree import And, Exact, Or, PersonCalled, Prefix, Query, Word

# The articles about somebody who is called so are this part of those that have the words as names, at least.
LEAST_SHARE = 0.5
# More words are no name.
LONGEST_NAME = 4


def may_be_name(text: str, analyzer: Analyzer) -> bool:
    """Whether every word of a text may be a part of a name: most queries are not asked further."""
    forms = [token.form for token in analyzer.tokens(text) if not token.whole]
    return len(forms) <= LONGEST_NAME and all(
        len(one) == 1 or analyzer.percent(one) >= UNKNOWN_PERCENT for one in forms
    )


def person_meant(
    query: Query, called: PersonCalled, now: datetime, searcher: Searcher, analyzer: Analyzer
) -> str | None:
    """Who is called so and most often mentioned, where most articles with the words of a query, in the meaning that
    leads, are about somebody called so; None where they mean something else."""
    mentioning = And((query, called))
    having, about = searcher.counts([_leading(query), mentioning], now)
    if not about or about < LEAST_SHARE * having:
        return None
    facets = searcher.search(Request(now, mentioning, limit=0)).facets
    persons = facets.persons if facets else ()
    return next((person.value for person in persons if is_called(person.value, called.words, analyzer)), None)


def _leading(query: Query) -> Query:
    """The query with what its words mean as they are written alone."""
    match query:
        case Or():
            return _leading(query.clauses[0])
        case And():
            return And(tuple(map(_leading, query.clauses)))
    return query


def is_called(name: str, words: Iterable[Word | Exact | Prefix], analyzer: Analyzer) -> bool:
    """Whether all of the words stand in a name."""
    forms = [token.form for token in analyzer.tokens(name)]
    return all(any(_is_of(form, word, analyzer) for form in forms) for word in words)


def _is_of(form: str, word: Word | Exact | Prefix, analyzer: Analyzer) -> bool:
    match word:
        case Word():
            return not set(word.terms).isdisjoint(analyzer.terms_of_name(form))
        case Exact():
            return form == word.form
        case Prefix():
            return fold_kazakh(form).startswith(word.prefix)
