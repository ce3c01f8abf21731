"""Which articles of a segment match a query, and how relevant they are. Everything works on whole columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engines.whoosh.facets import days_between
from search.engines.whoosh.segment import Segment, Term
from search.engines.whoosh.sets import articles_between, common, distinct, is_in, locate, numbers, union
from search.engines.whoosh.vocabulary import LETTERS
from search.model import Days
from search.query.tree import (
    And,
    Dates,
    Everything,
    Exact,
    Field,
    Leaf,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
    leaves,
    weight_of,
)

__all__ = ["Evaluation", "Plan", "scored"]

Array = NDArray[Any]

# A place is one number: the article in the upper half, the position in the lower, with room for positions that are
# counted back to the beginning of a phrase.
HALF = 32
ROOM = 1 << 12

# Reading all occurrences of a term and leaving most of them out costs about as much as picking one in so many.
WHOLE = 3

# Looking an article up in a posting list costs about as much as adding so many postings to a column of all articles.
DENSE = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """What a query means in one segment.

    By field letter and term: the `weights` of the terms in all segments together, and their `keys` here, None where
    a term never occurs. By prefix: the `forms` that it stands for, with their home terms.
    """

    query: Query
    weights: Mapping[tuple[str, str], int]
    keys: Mapping[tuple[str, str], int | None]
    forms: Mapping[Prefix, Sequence[tuple[str, str]]]


class Evaluation:
    """One query over the articles from `low` up to, not with, `high` of one segment.

    Sets of articles are those of `sets`: ascending i8 arrays.
    """

    def __init__(self, segment: Segment, plan: Plan, low: int, high: int) -> None:
        self._segment = segment
        self._plan = plan
        self._low = low
        self._high = high
        self._terms: dict[tuple[str, str], Term | None] = {}

    def match(self) -> Array:
        """The articles that match the whole query, dead ones too."""
        return self._match(self._plan.query)

    def _match(self, query: Query) -> Array:
        match query:
            case Word(field=Field.TITLE) | Exact() | Prefix():
                return _articles(self._places_of(query, None))
            case Word():
                return union([term.article for term in self._terms_of(query)], self._high)
            case Phrase():
                return self._phrase(query, None)
            case And():
                return self._all(query.clauses, None)
            case Or():
                return union([self._match(clause) for clause in query.clauses], self._high)
            case Not():
                return self._without(articles_between(self._low, self._high), query.clause)
            case Dates():
                return self._dates(query)
            case Everything():
                return articles_between(self._low, self._high)

    def _within(self, articles: Array, query: Query) -> Array:
        """Those of `articles` that match."""
        match query:
            case Word(field=Field.TITLE) | Exact() | Prefix():
                return _articles(self._places_of(query, articles))
            case Word():
                found = [is_in(articles, term.article, self._high) for term in self._terms_of(query)]
                return articles.compress(np.logical_or.reduce(found)) if found else articles[:0]
            case Phrase():
                return self._phrase(query, articles)
            case And():
                return self._all(query.clauses, articles)
            case Or():
                return union([self._within(articles, clause) for clause in query.clauses], self._high)
            case Not():
                return self._without(articles, query.clause)
            case Dates():
                days = self._dates(query)
                return articles.compress(is_in(articles, days, self._high))
            case Everything():
                return articles

    def _all(self, clauses: Sequence[Query], articles: Array | None) -> Array:
        """The articles that match all clauses: from the rarest on, the exclusions last."""
        wanted = sorted((clause for clause in clauses if not isinstance(clause, Not)), key=self._size)
        for clause in wanted:
            articles = self._match(clause) if articles is None else self._within(articles, clause)
            if not len(articles):
                return articles
        if articles is None:
            articles = articles_between(self._low, self._high)
        for excluded in clauses:
            if isinstance(excluded, Not):
                articles = self._without(articles, excluded.clause)
        return articles

    def _without(self, articles: Array, query: Query) -> Array:
        return articles.compress(~is_in(articles, self._within(articles, query), self._high))

    def _dates(self, dates: Dates) -> Array:
        first, last = days_between(self._segment, Days(dates.first, dates.last))
        return articles_between(max(first, self._low), max(first, self._low, min(last, self._high)))

    def _size(self, query: Query) -> int:
        """About how many articles match, at most; the order in which clauses are asked, never what they answer."""
        match query:
            case Word():
                return sum(len(term.article) for term in self._terms_of(query))
            case Exact():
                return sum(len(term.article) for term in self._terms_of(query))
            case Phrase():
                # Places are dearer than articles, so that a word of the same size goes first.
                return 2 * min(self._size(word) for word in query.words)
            case And():
                return min(self._size(clause) for clause in query.clauses)
            case Or():
                return sum(self._size(clause) for clause in query.clauses)
            case _:
                return self._high - self._low

    # Words, phrases and places

    def _term(self, letter: str, term: str) -> Term | None:
        known = (letter, term)
        if known not in self._terms:
            key = self._plan.keys[known]
            self._terms[known] = None if key is None else self._segment.term(key, self._low, self._high)
        return self._terms[known]

    def _terms_of(self, word: Word | Exact) -> list[Term]:
        texts = word.terms if isinstance(word, Word) else (word.term,)
        terms = [self._term(LETTERS[word.field], text) for text in texts]
        return [term for term in terms if term is not None and len(term.article)]

    def _phrase(self, phrase: Phrase, articles: Array | None) -> Array:
        candidates = self._all([_anywhere(word) for word in phrase.words], articles)
        if phrase.slop is not None:
            return self._near(phrase.words, len(phrase.words) + phrase.slop, candidates)
        in_order = sorted(zip(phrase.words, phrase.offsets, strict=True), key=lambda pair: self._size(pair[0]))
        places: Array | None = None
        for word, offset in in_order:
            found = self._places_of(word, candidates) - offset
            places = found if places is None else common(places, found)
            candidates = _articles(places)
        return candidates

    def _near(self, words: Sequence[Word | Exact], window: int, candidates: Array) -> Array:
        """The candidates in which every word stands in some stretch of `window` positions."""
        places = [self._places_of(word, candidates) for word in words]
        begins = distinct(np.sort(np.concatenate(places)))
        for of_word in places:
            if not len(of_word):
                return candidates[:0]
            following = np.searchsorted(of_word, begins)
            nearest = of_word[np.minimum(following, len(of_word) - 1)]
            begins = begins[(nearest >= begins) & (nearest < begins + window)]
        return _articles(begins)

    def _places_of(self, leaf: Word | Exact | Prefix, candidates: Array | None) -> Array:
        """Where a leaf stands in the candidates, or in all articles: places, i8, ascending and distinct."""
        pieces = [self._places(term, codes, leaf.field, candidates) for term, codes in self._sought(leaf)]
        if not pieces:
            return np.empty(0, np.int64)
        return pieces[0] if len(pieces) == 1 else distinct(np.sort(np.concatenate(pieces)))

    def _sought(self, leaf: Word | Exact | Prefix) -> list[tuple[Term, Sequence[int] | None]]:
        """The terms under which a leaf is looked for, and the codes of the forms that it allows, None for any."""
        if isinstance(leaf, Word):
            return [(term, None) for term in self._terms_of(leaf)]
        letter = LETTERS[leaf.field]
        texts = [leaf.form] if isinstance(leaf, Exact) else [form for form, _ in self._plan.forms[leaf]]
        codes: dict[int, list[int]] = {}
        for text in texts:
            form = self._segment.form(letter, text)
            if form is not None:
                codes.setdefault(form.key, []).append(form.code)
        return [(self._segment.term(key, self._low, self._high), allowed) for key, allowed in codes.items()]

    def _places(self, term: Term, codes: Sequence[int] | None, field: Field, candidates: Array | None) -> Array:
        """The places of one term in the candidates."""
        article, chosen = numbers(term.article), None
        if candidates is not None and len(candidates) * WHOLE < len(article):
            place, found = locate(candidates, term.article)
            article, chosen = candidates.compress(found), place.compress(found)
        count, occurrence = self._segment.occurrences(term, chosen)
        columns = self._segment.columns
        position = columns.position[occurrence]
        places: Array = np.repeat((article << HALF) + ROOM, count) + position
        kept = []
        if codes is not None:
            form = columns.form[occurrence]
            kept.append(form == codes[0] if len(codes) == 1 else np.isin(form, codes))
        if field is Field.TITLE:
            kept.append(position < np.repeat(columns.lead_at.take(article), count))
        if candidates is not None and chosen is None:
            kept.append(np.repeat(is_in(article, candidates, self._high), count))
        return places.compress(np.logical_and.reduce(kept)) if kept else places

    # Relevance

    def score(self, articles: Array) -> Array:
        """The points of matching articles, i4 [m]: the sum over the leaves that match each (see search.ranking)."""
        points = np.zeros(len(articles), np.int32)
        certain = _certain(self._plan.query)
        pooled = None
        for leaf in leaves(self._plan.query):
            words = [self._weighed(leaf, word) for word in scored(leaf, self._plan.forms)]
            if leaf not in certain and not _plain(leaf):
                matched = is_in(articles, self._within(articles, leaf), self._high)
                points += matched * sum((self._best(terms, articles) for terms in words), points * 0)
                continue
            for terms in words:
                if sum(len(term.article) for term, _ in terms) < DENSE * len(articles) and not _same(terms, articles):
                    pooled = np.zeros(self._high, np.int32) if pooled is None else pooled
                    self._pool(terms, pooled)
                else:
                    points += self._best(terms, articles)
        return points if pooled is None else points + pooled.take(articles)

    def _weighed(self, leaf: Leaf, terms: Sequence[str]) -> list[tuple[Term, np.int32]]:
        """The terms of a word of the leaf that occur here, with their weights."""
        letter, weight = LETTERS[leaf.field], weight_of(leaf)
        weights = [max(1, self._plan.weights[letter, text] * weight // 100) for text in terms]
        found = [(self._term(letter, text), np.int32(each)) for text, each in zip(terms, weights, strict=True)]
        return [(term, weight) for term, weight in found if term is not None and len(term.article)]

    def _pool(self, terms: Sequence[tuple[Term, np.int32]], pooled: Array) -> None:
        """Add the best of the terms' points to those of all articles, i4 [high]."""
        if len(terms) == 1:
            [(term, weight)] = terms
            pooled[numbers(term.article)] += np.multiply(term.impact, weight, dtype=np.int32)
            return
        best = np.zeros_like(pooled)
        for term, weight in terms:
            at = numbers(term.article)
            best[at] = np.maximum(best.take(at), np.multiply(term.impact, weight, dtype=np.int32))
        pooled += best

    def _best(self, terms: Sequence[tuple[Term, np.int32]], articles: Array) -> Array:
        """The best of the terms' points in each article, 0 where none stands: i4 [m]."""
        best = np.zeros(len(articles), np.int32)
        for term, weight in terms:
            if _same([(term, weight)], articles):
                impact = term.impact
            else:
                place, found = locate(articles, term.article)
                impact = term.impact.take(place) * found
            np.maximum(best, np.multiply(impact, weight, dtype=np.int32), out=best)
        return best


def _same(terms: Sequence[tuple[Term, np.int32]], articles: Array) -> bool:
    """Whether a word is one term that stands in just these articles."""
    article = terms[0][0].article if len(terms) == 1 else articles[:0]
    return len(article) == len(articles) and np.array_equal(article, articles)


def _articles(places: Array) -> Array:
    """The articles of ascending places."""
    return distinct(places >> HALF)


def _plain(leaf: Leaf) -> bool:
    """Whether a leaf matches wherever one of its terms stands, so that it scores nothing elsewhere by itself."""
    return isinstance(leaf, Word) and leaf.field is not Field.TITLE


def _anywhere(word: Word | Exact) -> Word:
    """The word in any form and place: what candidates for a phrase have in common."""
    terms = word.terms if isinstance(word, Word) else (word.term,)
    return Word(word.text, terms, Field.TEXT if word.field is Field.TITLE else word.field)


def scored(leaf: Leaf, forms: Mapping[Prefix, Sequence[tuple[str, str]]]) -> list[Sequence[str]]:
    """The terms of each word by which a leaf is ranked; `forms` as in `Plan`."""
    match leaf:
        case Word():
            return [leaf.terms]
        case Exact():
            return [(leaf.term,)]
        case Prefix():
            return [tuple(dict.fromkeys(term for _, term in forms[leaf]))]
        case Phrase():
            return [word.terms if isinstance(word, Word) else (word.term,) for word in leaf.words]


def _certain(query: Query) -> set[Leaf]:
    """The leaves that every match has."""
    if isinstance(query, Leaf):
        return {query}
    if isinstance(query, And):
        return set().union(*(_certain(clause) for clause in query.clauses))
    return set()
