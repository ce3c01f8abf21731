"""Whom may a reader mean who types a name?"""

from collections.abc import Sequence

from msgspec.structs import replace

from search.analysis import Analyzer
from search.engine import Request, Searcher
from search.model import Count
from search.query.tree import And, Exact, PersonCalled, Prefix, Word

# The articles that mention somebody called so are this part of those that have the words, at least.
LEAST_SHARE = 0.5


def person_meant(
    called: PersonCalled,
    request: Request,
    persons: Sequence[Count[str]],
    total: int,
    searcher: Searcher,
    analyzer: Analyzer,
) -> str | None:
    """The first of some people who is called so, where most of the articles that a request finds, `total`, are about
    somebody who is; None where they mean something else."""
    name = next((person.value for person in persons if _is_called(person.value, called, analyzer)), None)
    if name is None:
        return None
    mentioning = replace(request, query=And((request.query, called)), limit=0, facets=False)
    return name if searcher.search(mentioning).total >= LEAST_SHARE * total else None


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
