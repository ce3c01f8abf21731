"""Whom may a reader mean who types a name?"""

from datetime import datetime

from search.analysis import Analyzer
from search.engine import Request, Searcher
from search.query.tree import And, Exact, Or, PersonCalled, Prefix, Query, Word

# The articles about somebody who is called so are this part of those that have the words as names, at least.
LEAST_SHARE = 0.5


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
    return next((person.value for person in persons if _is_called(person.value, called, analyzer)), None)


def _leading(query: Query) -> Query:
    """The query with what its words mean as they are written alone."""
    match query:
        case Or():
            return _leading(query.clauses[0])
        case And():
            return And(tuple(map(_leading, query.clauses)))
    return query


def _is_called(name: str, called: PersonCalled, analyzer: Analyzer) -> bool:
    forms = [token.form for token in analyzer.tokens(name)]
    return all(any(_is_of(form, word, analyzer) for form in forms) for word in called.words)


def _is_of(form: str, word: Word | Exact | Prefix, analyzer: Analyzer) -> bool:
    match word:
        case Word():
            return not set(word.terms).isdisjoint(analyzer.terms(form))
        case Exact():
            return form == word.form
        case Prefix():
            return form.startswith(word.prefix)
