"""Which articles of a segment match a query, and how relevant they are. Everything works on whole columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engines.whoosh.facets import days_between
from search.engines.whoosh.segment import Segment, Term
from search.engines.whoosh.sets import BISECTION, articles_between, common, distinct, is_dense, is_in, union
from search.engines.whoosh.vocabulary import LETTERS
from search.model import Days
from search.query.tree import And, Dates, Everything, Exact, Field, Leaf, Not, Or, Phrase, Prefix, Query, Word, leaves
from search.ranking import word_weight

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

    Sets of articles are those of `sets`: ascending i8 arrays. What matching finds out on its way and scoring needs
    again is kept: `_narrowed` is the last set that words of one term left, and `_standing` says of each of it where it
    stands among the postings of such a term, by key, None for the term whose postings it is; `_known` is the same of
    the articles that are scored; `_points` are those of all articles, i4 [high].
    """

    def __init__(self, segment: Segment, plan: Plan, low: int, high: int) -> None:
        self._segment = segment
        self._plan = plan
        self._low = low
        self._high = high
        self._terms: dict[tuple[str, str], Term | None] = {}
        self._narrowed: Array | None = None
        self._standing: dict[int, Array | None] = {}
        self._known: dict[int, Array | None] = {}
        self._points: Array | None = None

    def match(self, *, ranked: bool) -> Array:
        """The articles that match the whole query, dead ones too; `ranked` where they will be scored."""
        query = self._plan.query
        if ranked and isinstance(query, Or) and all(map(_plain, query.clauses)):
            words = [self._weighed(LETTERS[leaf.field], *word) for leaf in leaves(query) for word in scored(leaf, {})]
            if is_dense(sum(len(term) for terms, _ in words for term in terms), self._high):
                self._points = np.zeros(self._high, np.int32)
                for terms, weight in words:
                    self._pool(terms, weight, self._points)
                return np.flatnonzero(self._points != 0)  # a posting has a point at least
        return self._match(query)

    def _match(self, query: Query) -> Array:
        match query:
            case Word(field=Field.TITLE) | Exact() | Prefix():
                return _articles(self._places_of(query, None))
            case Word():
                terms = self._terms_of(query)
                if len(terms) == 1:
                    self._narrowed, self._standing = terms[0].article, {terms[0].key: None}
                    return self._narrowed
                return union([term.article for term in terms], self._high)
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
                terms = self._terms_of(query)
                if len(terms) == 1:
                    return self._narrow(articles, terms[0])
                found = [term.holds(articles, self._high) for term in terms]
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

    def _narrow(self, articles: Array, term: Term) -> Array:
        """Those of `articles` that have the term."""
        standing = self._standing if articles is self._narrowed else {}
        place = None
        if len(articles) * BISECTION < len(term):
            place, found = term.locate(articles)
        else:
            found = is_in(articles, term.article, self._high)
        self._standing = {
            key: np.flatnonzero(found) if at is None else at.compress(found) for key, at in standing.items()
        }
        if place is not None:
            self._standing[term.key] = place.compress(found)
        self._narrowed = articles.compress(found)
        return self._narrowed

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
                return sum(len(term) for term in self._terms_of(query))
            case Exact():
                return sum(len(term) for term in self._terms_of(query))
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
        return [term for term in terms if term is not None and len(term)]

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
        chosen = None
        if candidates is not None and len(candidates) * WHOLE < len(term):
            place, found = term.locate(candidates)
            article, chosen = candidates.compress(found), place.compress(found)
        else:
            article = term.article
        count, occurrence = self._segment.occurrences(term, chosen)
        position = self._segment.positions(occurrence)
        places: Array = np.repeat((article << HALF) + ROOM, count) + position
        kept = []
        form = None if codes is None else self._segment.codes(term.key, occurrence)
        if form is not None:
            assert codes is not None
            kept.append(form == codes[0] if len(codes) == 1 else np.isin(form, codes))
        if field is Field.TITLE:
            kept.append(position < np.repeat(self._segment.columns.lead_at.take(article), count))
        if candidates is not None and chosen is None:
            kept.append(np.repeat(is_in(article, candidates, self._high), count))
        return places.compress(np.logical_and.reduce(kept)) if kept else places

    # Relevance

    def score(self, articles: Array) -> Array:
        """The points of matching articles, i4 [m]: the sum over the leaves that match each (see search.ranking)."""
        if self._points is not None:
            return self._points.take(articles)
        points = np.zeros(len(articles), np.int32)
        query, certain = self._plan.query, _certain(self._plan.query)
        if _plain(query) or (isinstance(query, And) and all(map(_plain, query.clauses))):
            self._known = self._left(articles)  # else what was narrowed last is not all that matched
        pooled = None
        for leaf in leaves(query):
            words = [self._weighed(LETTERS[leaf.field], *word) for word in scored(leaf, self._plan.forms)]
            if leaf not in certain and not _plain(leaf):
                matched = is_in(articles, self._within(articles, leaf), self._high)
                points += matched * sum((self._best(terms, weight, articles) for terms, weight in words), points * 0)
                continue
            for terms, weight in words:
                if self._is_common(terms, articles):
                    pooled = np.zeros(self._high, np.int32) if pooled is None else pooled
                    self._pool(terms, weight, pooled)
                else:
                    points += self._best(terms, weight, articles)
        return points if pooled is None else points + pooled.take(articles)

    def _left(self, articles: Array) -> dict[int, Array | None]:
        """The standing of those of the matching articles that the filters left."""
        if articles is self._narrowed or self._narrowed is None:
            return self._standing
        left = self._narrowed.searchsorted(articles)
        return {key: left if at is None else at.take(left) for key, at in self._standing.items()}

    def _is_common(self, terms: Sequence[Term], articles: Array) -> bool:
        """Whether a word's points are sooner added up for all articles than looked up for each of these."""
        known = len(terms) == 1 and terms[0].key in self._known
        return not known and sum(map(len, terms)) < DENSE * len(articles)

    def _weighed(self, letter: str, terms: Sequence[str], percent: int) -> tuple[list[Term], np.int32]:
        """The terms of a word that occur here, and the word's weight."""
        found = [self._term(letter, text) for text in terms]
        weight = word_weight([self._plan.weights[letter, text] for text in terms], percent)
        return [term for term in found if term is not None and len(term)], np.int32(weight)

    def _pool(self, terms: Sequence[Term], weight: np.int32, pooled: Array) -> None:
        """Add the points of a word to those of all articles, i4 [high]."""
        if len(terms) == 1:
            pooled[terms[0].article] += np.multiply(terms[0].impact, weight, dtype=np.int32)
            return
        best = np.zeros(len(pooled), np.uint8)
        for term in terms:
            at = term.article
            best[at] = np.maximum(best.take(at), term.impact)
        pooled += np.multiply(best, weight, dtype=np.int32)

    def _best(self, terms: Sequence[Term], weight: np.int32, articles: Array) -> Array:
        """The points of a word in each article, 0 where none of its terms stands: i4 [m]."""
        best = np.zeros(len(articles), np.uint8)
        for term in terms:
            if term.key in self._known:
                at = self._known[term.key]
                impact = term.impact if at is None else term.impact.take(at)
            else:
                place, found = term.locate(articles)
                impact = term.impact.take(place) * found
            np.maximum(best, impact, out=best)
        return np.multiply(best, weight, dtype=np.int32)


def _articles(places: Array) -> Array:
    """The articles of ascending places."""
    return distinct(places >> HALF)


def _plain(query: Query) -> bool:
    """Whether it is a word that matches wherever one of its terms stands, so that it scores nothing elsewhere."""
    return isinstance(query, Word) and query.field is not Field.TITLE


def _anywhere(word: Word | Exact) -> Word:
    """The word in any form and place: what candidates for a phrase have in common."""
    terms = word.terms if isinstance(word, Word) else (word.term,)
    return Word(word.text, terms, Field.TEXT if word.field is Field.TITLE else word.field)


def scored(leaf: Leaf, forms: Mapping[Prefix, Sequence[tuple[str, str]]]) -> list[tuple[Sequence[str], int]]:
    """The terms and the percent of each word by which a leaf is ranked; `forms` as in `Plan`."""
    match leaf:
        case Word():
            return [(leaf.terms, leaf.weight)]
        case Exact():
            return [((leaf.term,), 100)]
        case Prefix():
            found = tuple(dict.fromkeys(term for _, term in forms[leaf]))
            return [(found, 100)] if found else []
        case Phrase():
            words = (of_word for word in leaf.words for of_word in scored(word, forms))
            return [(terms, percent * leaf.weight // 100) for terms, percent in words]


def _certain(query: Query) -> set[Leaf]:
    """The leaves that every match has."""
    if isinstance(query, Leaf):
        return {query}
    if isinstance(query, And):
        return set().union(*(_certain(clause) for clause in query.clauses))
    return set()
