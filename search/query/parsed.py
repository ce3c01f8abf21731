"""A query as it was read, and what of it an article needs: all of its words, or most."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations
from typing import NamedTuple

from msgspec import structs

from search.model import Dated, Words
from search.query.lexer import Kind, Sign
from search.query.tree import (
    MAX_WORDS,
    Address,
    And,
    Everything,
    Exact,
    Most,
    Or,
    Phrase,
    Query,
    Word,
    leading,
    requiring_some,
)

# Where fewer articles have all words, those that have most of them are an answer too.
ENOUGH = 10
# An article that has one of the rarest words is an answer as well where so many, or fewer, have one of them.
MOST_BY_ONE_WORD = 300

# More words than these are never required where not all are: what is long says the same in many words.
MOST = 3
# What a phrase weighs where its words rank by themselves.
BESIDE = 30

CountArticles = Callable[[Sequence[Query]], Sequence[int]]


class Typed(NamedTuple):
    """A clause that a query asks for in plain words, and how it was typed."""

    text: str
    clause: Query


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree, the text that was read (whitespace collapsed, cut at the bounds), and what to tell the reader.

    `counted` are the clauses of which most may do, two or more, and `required` the others; none are counted of a text
    that says more than words and phrases.
    `interpreted` is the text with the synonyms and days that are searched for as well, `dated` the days that its words
    name, where they name some once. `signs` are what the text is made of; `address` is set where the whole text is the
    id of an article or the address of its page.
    """

    query: Query
    text: str
    notes: tuple[str, ...] = ()
    counted: tuple[Typed, ...] = field(default=(), compare=False)
    required: tuple[Query, ...] = field(default=(), compare=False)
    interpreted: str = field(default="", compare=False)
    dated: Dated | None = field(default=None, compare=False)
    signs: tuple[Sign, ...] = field(default=(), compare=False)
    address: Address | None = field(default=None, compare=False)

    @property
    def is_words(self) -> bool:
        """Whether the text is words alone, without operators, quotes and fields."""
        return all(sign.kind is Kind.WORD for sign in self.signs)

    def or_address(self, query: Query) -> Query:
        """A query of this text, or the article that the text is the id or the address of."""
        return Or((self.address, query)) if self.address and query != Everything() else query

    def as_wanted(self, wanted: Words, counts: CountArticles, having_all: int | None = None) -> Query:
        """The query with all words required, or with most. Whether enough articles have all, and how few words are
        most, is found out without filters: what a filter leaves of an answer is then what its count said. `having_all`
        is how many have all words, where that is known.

        Beside those that have most of the words are those that have one of the rarest; where both are too few, one word
        will do, and where nothing has it on the days that plain words name, at any time. Where nothing more is found
        so, all words are asked for.
        """
        if wanted is Words.ALL or not self.counted:
            return self.query
        if having_all is None:
            (having_all,) = counts([self.query])
        if wanted is Words.AUTO and having_all >= ENOUGH:
            return self.query
        query, having = self.query, 0
        if self.most > 1:
            query = self.having(self.most, self._rarest(counts))
            (having,) = counts([query])
        if having < ENOUGH:
            query = self.having(1)
            (having,) = counts([query])
        if not having and leading(query):
            query = self.having(1, anytime=True)
            (having,) = counts([query])
        return query if having > having_all else self.query

    def _rarest(self, counts: CountArticles) -> tuple[int, ...]:
        """The numbers of the rarest of the counted clauses, which together match no more articles than are worth a
        look."""
        ordered = sorted(zip(counts([clause for _, clause in self.counted]), range(len(self.counted)), strict=True))
        together = accumulate(count for count, _ in ordered)
        return tuple(number for (_, number), total in zip(ordered, together, strict=True) if total <= MOST_BY_ONE_WORD)

    @property
    def most(self) -> int:
        """How many of the counted clauses are most of them: one of two, two of three or four, three of more."""
        return max(1, min(MOST, round(0.6 * len(self.counted))))

    def having(self, least: int, alone: tuple[int, ...] = (), *, anytime: bool = False) -> Query:
        """The query with no more than `least` of its counted clauses required, or one of those that are enough `alone`;
        itself where none are counted. With `anytime`, the days that plain words name only put articles first.

        The words of phrases rank by themselves, and the phrase where it stands as a whole only a little more: so what
        has them apart is no worse than what has as many other words.
        """
        if not self.counted:
            return self.query
        clauses = tuple(clause for _, clause in self.counted)
        words = tuple(dict.fromkeys(word for clause in clauses for word in _joined_words(clause)))
        free = tuple(clause for clause in self.required if anytime and leading(clause))
        required = (clause for clause in self.required if clause not in free)
        ranking = (Most((*words, *free), 0),) if words or free else ()
        return And((Most(tuple(map(_lighter, clauses)), least, alone), *required, *ranking))

    def text_of(self, query: Query) -> str:
        """A text that finds, with all of its words, what `query` does, one that `as_wanted` gave. Where no text of a
        bearable length can say that, it is this one, which finds some of it."""
        most, texts, required = requiring_some(query), [text for text, _ in self.counted], self.text
        if query == self.query or most is None:
            return self.text
        for text in texts:
            required = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", required, count=1)
        chosen = [*combinations(texts, most.least), *((texts[number],) for number in most.alone)]
        alternatives = " | ".join(map(" ".join, chosen))
        if len(alternatives.split()) > MAX_WORDS:
            return self.text
        required = " ".join(required.split())
        return f"({alternatives}) {required}" if re.search(r"\w", required) else alternatives


def _joined_words(clause: Query) -> tuple[Word | Exact, ...]:
    """The words of the phrases that a clause was typed as; its other spellings and synonyms come after."""
    match clause:
        case Phrase():
            return clause.words
        case Or():
            return _joined_words(clause.clauses[0])
    return ()


def _lighter(query: Query) -> Query:
    """The clause with what its phrase weighs beside the words of it."""
    match query:
        case Phrase():
            return structs.replace(query, weight=BESIDE)
        case Or():
            return structs.replace(query, clauses=(_lighter(query.clauses[0]), *query.clauses[1:]))
    return query
