"""Pinned articles in an answer: which of them it has, and where they come."""

from collections.abc import Callable, Iterator
from itertools import chain

from msgspec import structs

from search.engine import Answer, Request
from search.model import Article
from search.query.tree import Address, And, Not, Or, Query


def also(pinned: tuple[str, ...], query: Query) -> Query:
    """What the query finds, and the pinned articles with it."""
    return Or((Address(pinned), query)) if pinned else query


def every_pinned_first(
    matching: Callable[[Request], Iterator[Article]], request: Request, pinned: tuple[str, ...]
) -> Iterator[Article]:
    """All articles of the answer, in the order of `pinned_first`."""
    if not pinned or not request.ranked:
        return matching(structs.replace(request, query=also(pinned, request.query)))
    themselves = Address(pinned)
    first = sorted(matching(structs.replace(request, query=themselves)), key=lambda article: pinned.index(article.id))
    others = structs.replace(request, query=And((request.query, Not(themselves))))
    return chain(first, matching(others))


def pinned_first(search: Callable[[Request], Answer], request: Request, pinned: tuple[str, ...]) -> Answer:
    """The answer with the pinned articles that the filters let through; each counts once, found by the query or not.

    By relevance they come first, in their order and without a score; in other orders where these put them. Then
    near-copies of them are not folded under them.
    """
    whole = structs.replace(request, query=also(pinned, request.query))
    if not request.ranked:
        return search(whole)
    themselves = Address(pinned)
    alone = structs.replace(request, query=themselves, offset=0, limit=len(pinned), facets=False, fold=False)
    first = sorted(search(alone).matches, key=lambda match: pinned.index(match.article.id))
    shown = first[request.offset : request.offset + request.limit]
    others = structs.replace(
        request,
        query=And((request.query, Not(themselves))),
        offset=max(0, request.offset - len(first)),
        limit=request.limit - len(shown),
        facets=False,
    )
    counted, rest = search(structs.replace(whole, limit=0, fold=False)), search(others)
    matches = (*(structs.replace(match, score=None) for match in shown), *rest.matches)
    return structs.replace(rest, total=counted.total, facets=counted.facets, matches=matches)
