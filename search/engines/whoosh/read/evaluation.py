"""Which articles of a segment match a query, and how relevant they are. Everything works on whole columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np

from search.engines.whoosh import loops
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.forms import codes_of
from search.engines.whoosh.read.plan import Plan
from search.engines.whoosh.read.segment import Segment
from search.engines.whoosh.sets import (
    articles_between,
    common,
    distinct,
    is_dense,
    is_in,
    is_one_of,
    union,
)
from search.engines.whoosh.term import HALF, ROOM, Term
from search.model import Days
from search.query.tree import (
    LETTERS,
    Address,
    And,
    Dates,
    Everything,
    Exact,
    Field,
    Leaf,
    Most,
    Not,
    Or,
    Person,
    PersonCalled,
    Phrase,
    Prefix,
    Query,
    Word,
    is_plain,
)

# Bits for the number of a word of a query, and a location beyond all others.
WORD_BITS = 6
FAR = np.int64(np.iinfo(np.int64).max)

# Locations that one query may look at: more than any of a few phrases has.
LOCATIONS_AN_ARTICLE, LEAST_LOCATIONS = 64, 1 << 20

# Looking an article up in a posting list costs about as much as adding so many postings to a column of all articles.
DENSE = 12


class Matched(NamedTuple):
    """The articles that match, a set (see `sets`), i8 [m]; and what matching found out that scoring needs again.

    `posting_index`: by the key of a term, the index of each of them among its postings, i8 [m]; None where they are all
    of its postings. `sets`: by leaf, the articles that it matches of all. `points`: those of all articles of the
    segment, i4 [high], where they were added up on the way.
    """

    articles: Array
    posting_index: Mapping[int, Array | None] = {}
    sets: Mapping[Leaf, Array] = {}
    points: Array | None = None

    def narrowed(self, mask: Array) -> Matched:
        """Those of the articles that are kept: bool [m]."""
        return self.taken(np.flatnonzero(mask))

    def taken(self, index: Array) -> Matched:
        """Those at these places among the articles, ascending."""
        return self._replace(articles=self.articles.take(index), posting_index=self._at(index))

    def among(self, articles: Array) -> Mapping[int, Array | None]:
        """The posting index of some of the articles, which have to be among these, ascending."""
        if len(articles) == len(self.articles) or not self.posting_index:
            return self.posting_index
        return self._at(self.articles.searchsorted(articles))

    def _at(self, index: Array) -> Mapping[int, Array]:
        return {key: index if at is None else at.take(index) for key, at in self.posting_index.items()}


class Evaluation:
    """One query over the articles from `low` up to, not with, `high` of one segment, dead ones too."""

    def __init__(self, segment: Segment, plan: Plan, low: int, high: int) -> None:
        self._segment = segment
        self._plan = plan
        self._low = low
        self._high = high
        # Each is looked up once.
        self._terms: dict[tuple[str, str], Term | None] = {}
        self._lists: dict[tuple[str, tuple[str, ...]], list[Term]] = {}
        # How many locations may still be looked at, and whether that was too few.
        self._budget = self._full_budget = LOCATIONS_AN_ARTICLE * segment.size + LEAST_LOCATIONS
        self.cut = False
        self._prefix_matches: dict[Prefix, Array] = {}

    def match(self, *, ranked: bool) -> Matched:
        """The articles that match the whole query; `ranked` where they will be scored."""
        query = self._plan.query
        if ranked and isinstance(query, Or) and all(isinstance(clause, Leaf) for clause in query.clauses):
            return self._any_leaf(self._plan.leaves)
        return self._match(query)

    def _any_leaf(self, clauses: Sequence[Leaf]) -> Matched:
        """The articles that any of the leaves matches. Where they are many, their points are added up at once."""
        sets = {leaf: self._match(leaf).articles for leaf in clauses if not is_plain(leaf)}
        if not is_dense(sum(len(sets[leaf]) if leaf in sets else self._size(leaf) for leaf in clauses), self._high):
            several = [sets[leaf] if leaf in sets else self._match(leaf).articles for leaf in clauses]
            return Matched(union(several, self._high), sets=sets)
        points = np.zeros(self._high, np.int32)
        for leaf in clauses:
            for terms, weight in self._weighed(leaf):
                loops.add_points(points, terms, weight, sets.get(leaf))
        return Matched(loops.positive(points), points=points)  # a posting has a point at least

    def _match(self, query: Query) -> Matched:
        match query:
            case Word(field=Field.TITLE) | Exact() | Prefix():
                return Matched(self._containing(query, None))
            case Word():
                terms = self._terms_of(query)
                if len(terms) == 1:
                    return Matched(terms[0].article, {terms[0].key: None})
                return Matched(union([term.article for term in terms], self._high))
            case Phrase():
                return Matched(self._phrase(query, None))
            case And():
                return self._all(query.clauses, None)
            case Or() | Most():
                return self._some(query, None)
            case Not():
                return self._without(Matched(self._everything()), query.clause)
            case Dates() | Address() | Person() | PersonCalled() | Everything():
                return Matched(self._listed(query))

    def _within(self, matched: Matched, query: Query) -> Matched:
        """Those of the articles that match."""
        articles = matched.articles
        match query:
            case Word(field=Field.TITLE) | Exact() | Prefix():
                return Matched(self._containing(query, articles))
            case Word():
                return self._having(matched, self._terms_of(query))
            case Phrase():
                return Matched(self._phrase(query, matched))
            case And():
                return self._all(query.clauses, matched)
            case Or() | Most():
                return self._some(query, matched)
            case Not():
                return self._without(matched, query.clause)
            case Dates() | Address() | Person() | PersonCalled():
                return matched.narrowed(is_in(articles, self._listed(query), self._high))
            case Everything():
                return matched

    def _having(self, matched: Matched, terms: Sequence[Term]) -> Matched:
        """Those of the articles that have any of the terms; of one, it may be asked later where they stand in it."""
        if len(terms) == 1:
            index, posting = loops.having(matched.articles, terms[0])
            narrowed = matched.taken(index)
            if posting is None:
                return narrowed
            return narrowed._replace(posting_index={**narrowed.posting_index, terms[0].key: posting})
        held = np.zeros(len(matched.articles), bool)
        for term in terms:
            held[loops.having(matched.articles, term)[0]] = True
        return matched.narrowed(held)

    def _all(self, clauses: Sequence[Query], matched: Matched | None) -> Matched:
        """The articles that match all clauses: from the rarest on, the exclusions last."""
        wanted = sorted((clause for clause in clauses if not isinstance(clause, Not)), key=self._size)
        for clause in wanted:
            matched = self._match(clause) if matched is None else self._within(matched, clause)
            if not len(matched.articles):
                return matched
        matched = matched or Matched(self._everything())
        for excluded in clauses:
            if isinstance(excluded, Not):
                matched = self._without(matched, excluded.clause)
        return matched

    def _some(self, query: Or | Most, matched: Matched | None) -> Matched:
        """The articles that match as many of the clauses as have to be."""
        least = query.least if isinstance(query, Most) else 1
        if not least:
            return matched or Matched(self._everything())
        within = self._match if matched is None else partial(self._within, matched)
        several = [within(clause).articles for clause in query.clauses]
        if least == 1:
            return Matched(union(several, self._high))
        count = np.zeros(self._high, np.uint8)
        for number, articles in enumerate(several):
            count[articles] += least if isinstance(query, Most) and number in query.alone else 1
        return Matched(np.flatnonzero(count >= least))

    def _without(self, matched: Matched, query: Query) -> Matched:
        articles = matched.articles
        return matched.narrowed(~is_in(articles, self._within(Matched(articles), query).articles, self._high))

    def _everything(self) -> Array:
        return articles_between(self._low, self._high)

    def _listed(self, query: Dates | Address | Person | PersonCalled | Everything) -> Array:
        if isinstance(query, Everything):
            return self._everything()
        if isinstance(query, Address):
            return self._addressed(query)
        if isinstance(query, Person | PersonCalled):
            articles = self._segment.mentioning(query)
            return articles[slice(*articles.searchsorted((self._low, self._high)))]
        first, last = self._segment.days_between(Days(query.first, query.last))
        return articles_between(max(first, self._low), max(first, self._low, min(last, self._high)))

    def _addressed(self, address: Address) -> Array:
        keys = self._segment.addressed(address)
        return union([self._segment.term(key, self._low, self._high).article for key in keys], self._high)

    def _size(self, query: Query) -> int:
        """About how many articles match, at most; the order in which clauses are asked, never what they answer."""
        match query:
            case Word() | Exact():
                return sum(len(term) for term in self._terms_of(query))
            case Phrase():
                # Locations cost more than articles, so that a word of the same size goes first.
                return 2 * min(self._size(word) for word in query.words)
            case And():
                return min(self._size(clause) for clause in query.clauses)
            case Or():
                return sum(self._size(clause) for clause in query.clauses)
            case Most(least=least) if least:
                return sum(self._size(clause) for clause in query.clauses) // least
            case Address():
                return 1
            case _:
                return self._high - self._low

    # Words, phrases and locations

    def _term(self, letter: str, term: str) -> Term | None:
        text = (letter, term)
        if text not in self._terms:
            key = self._plan.keys[text]
            self._terms[text] = None if key is None else self._segment.term(key, self._low, self._high)
        return self._terms[text]

    def _occurring(self, letter: str, texts: Sequence[str]) -> list[Term]:
        """Those of the terms that occur here."""
        key = (letter, tuple(texts))
        if key not in self._lists:
            terms = [self._term(letter, text) for text in texts]
            self._lists[key] = [term for term in terms if term is not None and len(term)]
        return self._lists[key]

    def _terms_of(self, word: Word | Exact) -> list[Term]:
        return self._occurring(LETTERS[word.field], word.terms if isinstance(word, Word) else (word.term,))

    def _containing(self, leaf: Word | Exact | Prefix, candidates: Array | None) -> Array:
        """The candidates, or all articles, in which a leaf occurs."""
        if isinstance(leaf, Word) and leaf.field is Field.TITLE:
            return union([self._titled(term, candidates) for term in self._terms_of(leaf)], self._high)
        if not isinstance(leaf, Prefix) or leaf.field is Field.TITLE:
            return _articles(self._locations_of(leaf, candidates))
        if leaf not in self._prefix_matches:
            sets = [self._segment.with_codes(term, codes) for term, codes in self._terms_and_codes(leaf) if codes]
            self._prefix_matches[leaf] = union(sets, self._high)
        matching = self._prefix_matches[leaf]
        return matching if candidates is None else candidates.compress(is_in(candidates, matching, self._high))

    def _titled(self, term: Term, candidates: Array | None) -> Array:
        """The candidates, or all articles, in whose title a term occurs: its first occurrence tells."""
        articles, postings = term.article, np.arange(len(term))
        if candidates is not None:
            index, postings = loops.narrow(candidates, term)
            articles = candidates.take(index)
        begins, _ = self._segment.spans(term, postings)
        columns = self._segment.columns
        return articles.compress((columns.position.take(begins) >> 1) < columns.lead_at.take(articles))

    def _phrase(self, phrase: Phrase, matched: Matched | None) -> Array:
        if phrase.slop is None and all(
            isinstance(word, Word) and word.field is not Field.TITLE for word in phrase.words
        ):
            return self._adjacent(phrase, matched)
        candidates = self._all([_anywhere(word) for word in phrase.words], matched).articles
        candidates = self._affordable(candidates, self._location_cost(phrase, candidates))
        if phrase.slop is not None:
            return self._near(phrase.words, len(phrase.words) + phrase.slop, candidates)
        locations: Array | None = None
        for word, offset in self._from_the_rarest(phrase):
            begins = self._locations_of(word, candidates) - offset
            locations = begins if locations is None else common(locations, begins)
            candidates = _articles(locations)
        return candidates

    def _from_the_rarest(self, phrase: Phrase) -> list[tuple[Word | Exact, int]]:
        """The words of a phrase and their distances from the first."""
        return sorted(zip(phrase.words, phrase.offsets, strict=True), key=lambda pair: self._size(pair[0]))

    def _adjacent(self, phrase: Phrase, matched: Matched | None) -> Array:
        """The articles in which words of any form stand one after the other; each location of the rarest is tried."""
        (rarest, before), *others = self._from_the_rarest(phrase)
        begins = self._locations_of(rarest, matched and matched.articles) - before
        begins = self._affordable(begins, len(begins) * len(phrase.words))
        for word, offset in others:
            locations = begins + offset
            occurs = [self._segment.occurs_at(locations, term) for term in self._terms_of(word)]
            begins = begins.compress(np.logical_or.reduce(occurs)) if occurs else begins[:0]
        return _articles(begins)

    def _location_cost(self, phrase: Phrase, candidates: Array) -> int:
        """About how many locations are looked at to find words near each other in some articles."""
        terms = [term for word in phrase.words for term in self._terms_of(word)]
        share = ((self._segment.occurs(term.key), min(1.0, len(candidates) / len(term))) for term in terms)
        return sum(int(occurs * part) for occurs, part in share) * (
            1 if phrase.slop is None else len(set(phrase.words))
        )

    def _affordable(self, ascending: Array, cost: int) -> Array:
        """The newest of articles or locations, as many as may still be looked at; all of them unless a query consists
        of many phrases of the most frequent words."""
        if cost > self._budget:
            self.cut = True
            ascending = ascending[len(ascending) - len(ascending) * self._budget // cost :]
            cost = self._budget
        self._budget -= cost
        return ascending

    def _near(self, words: Sequence[Word | Exact], window: int, candidates: Array) -> Array:
        """The candidates in which every word occurs within some `window` positions."""
        locations = [self._locations_of(word, candidates) for word in dict.fromkeys(words)]
        if not all(map(len, locations)):
            return candidates[:0]
        # All locations in one row, each with the number of its word in the lowest bits.
        row = np.sort(np.concatenate([(of_word << WORD_BITS) + number for number, of_word in enumerate(locations)]))
        word, begins = row & (1 << WORD_BITS) - 1, row >> WORD_BITS
        ends = begins + window
        near = np.ones(len(row), bool)
        for number in range(len(locations)):
            # Where the word occurs next: its least location from here on.
            following = np.where(word == number, begins, FAR)
            np.minimum.accumulate(following[::-1], out=following[::-1])
            near &= following < ends
        return _articles(begins.compress(near))

    def _locations_of(self, leaf: Word | Exact | Prefix, candidates: Array | None) -> Array:
        """Where a leaf occurs in the candidates, or in all articles: locations, i8, ascending and distinct."""
        pieces = [
            self._term_locations(term, codes, leaf.field, candidates) for term, codes in self._terms_and_codes(leaf)
        ]
        if not pieces:
            return np.empty(0, np.int64)
        return pieces[0] if len(pieces) == 1 else distinct(np.sort(np.concatenate(pieces)))

    def _terms_and_codes(self, leaf: Word | Exact | Prefix) -> Sequence[tuple[Term, Sequence[int] | None]]:
        """The terms under which a leaf is looked for, and the codes of the forms that it allows, None for any."""
        if isinstance(leaf, Word):
            return [(term, None) for term in self._terms_of(leaf)]
        letter, expansions = LETTERS[leaf.field], self._plan.expansions
        codes = expansions[leaf] if isinstance(leaf, Prefix) else codes_of([self._segment.form(letter, leaf.form)])
        terms = ((self._segment.term(key, self._low, self._high), allowed) for key, allowed in codes.items())
        return [(term, allowed) for term, allowed in terms if len(term)]

    def _term_locations(self, term: Term, codes: Sequence[int] | None, field: Field, candidates: Array | None) -> Array:
        """The locations of one term in the candidates."""
        articles, postings = term.article, None
        if candidates is not None:
            index, postings = loops.narrow(candidates, term)
            articles = candidates.take(index)
        locations = self._segment.locations(term, articles, postings)
        if codes is not None:
            _, occurrence = self._segment.occurrences(term, postings)
            form = self._segment.codes(term.key, occurrence)
            if form is not None:
                locations = locations.compress(form == codes[0] if len(codes) == 1 else is_one_of(form, codes))
        if field is Field.TITLE:
            position = (locations & (1 << HALF) - 1) - ROOM
            locations = locations.compress(position < self._segment.columns.lead_at.take(locations >> HALF))
        return locations

    # Relevance

    def score(self, matched: Matched, articles: Array) -> Array:
        """The points of some of the matching articles, i4 [k]: the sum over the leaves that match each (see
        search.ranking). What is looked at is not counted among what matching may."""
        with self._own_budget():
            return self._points(matched, articles)

    @contextmanager
    def _own_budget(self) -> Iterator[None]:
        """While it lasts, locations are not counted among those that matching may look at."""
        left, cut = self._budget, self.cut
        self._budget = self._full_budget
        try:
            yield
        finally:
            self._budget, self.cut = left, cut

    def _points(self, matched: Matched, articles: Array) -> Array:
        if matched.points is not None:
            return matched.points.take(articles)
        points = np.zeros(len(articles), np.int32)
        posting_index = matched.among(articles)
        pooled = None
        for leaf in self._plan.leaves:
            # Where a leaf need not match all of them, it counts for those alone that it does.
            sure = leaf in self._plan.certain or is_plain(leaf)
            some = None if sure else self._matching(matched, articles, leaf)
            for terms, weight in self._weighed(leaf):
                if self._is_common(terms, articles, posting_index):
                    pooled = np.zeros(self._high, np.int32) if pooled is None else pooled
                    loops.add_points(pooled, terms, weight, some)
                else:
                    best = self._best(terms, weight, articles, posting_index)
                    points += best if some is None else best * is_in(articles, some, self._high)
        return points if pooled is None else points + pooled.take(articles)

    def matches(self, articles: Array, query: Query) -> Array:
        """Which of some articles match another query, one made of the same leaves: bool [m]. What it looks at is not
        counted among what the query itself may."""
        with self._own_budget():
            return is_in(articles, self._within(Matched(articles), query).articles, self._high)

    def _matching(self, matched: Matched, articles: Array, leaf: Leaf) -> Array:
        """The articles, or at least those among these, that a leaf matches."""
        return matched.sets[leaf] if leaf in matched.sets else self._within(Matched(articles), leaf).articles

    @staticmethod
    def _is_common(terms: Sequence[Term], articles: Array, posting_index: Mapping[int, Array | None]) -> bool:
        """Whether a word's points are sooner added up for all articles than looked up for each of these."""
        has_index = len(terms) == 1 and terms[0].key in posting_index
        return not has_index and sum(map(len, terms)) < DENSE * len(articles) * len(terms)

    def _weighed(self, leaf: Leaf) -> list[tuple[list[Term], np.int32]]:
        """Of each word of a leaf the terms that occur here, and its weight."""
        return [(self._occurring(letter, terms), weight) for letter, terms, weight in self._plan.words[leaf]]

    @staticmethod
    def _best(
        terms: Sequence[Term], weight: np.int32, articles: Array, posting_index: Mapping[int, Array | None]
    ) -> Array:
        """The points of a word in each article, 0 where none of its terms occurs: i4 [k]."""
        best = np.zeros(len(articles), np.uint8)
        for term in terms:
            if term.key in posting_index:
                at = posting_index[term.key]
                np.maximum(best, term.impact if at is None else term.impact.take(at), out=best)
            else:
                index, posting = loops.narrow(articles, term)
                best[index] = np.maximum(best.take(index), term.impact.take(posting))
        return np.multiply(best, weight, dtype=np.int32)


def _articles(locations: Array) -> Array:
    """The articles of ascending locations."""
    return distinct(locations >> HALF)


def _anywhere(word: Word | Exact) -> Word:
    """The word in any form and field: what candidates for a phrase have in common."""
    terms = word.terms if isinstance(word, Word) else (word.term,)
    return Word(word.text, terms, Field.TEXT if word.field is Field.TITLE else word.field)
