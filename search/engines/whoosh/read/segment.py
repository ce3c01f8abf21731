"""One segment as it is read: its terms as postings, their occurrences, its articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache, partial

import msgspec
import numpy as np

from search.engine import Visibility
from search.engines.whoosh import loops
from search.engines.whoosh.columns import BLOCK, BLOCK_BITS, Columns
from search.engines.whoosh.lists import Lists
from search.engines.whoosh.people import People
from search.engines.whoosh.ragged import Array, ragged, starts
from search.engines.whoosh.read.outlines import Outlines
from search.engines.whoosh.sets import is_one_of, others
from search.engines.whoosh.term import Piece, Term
from search.engines.whoosh.values import FacetValues
from search.engines.whoosh.vocabulary import ID, PAGE, Strings, form_key, form_of_key, term_key
from search.model import FACETS, Article, Days, Facet, Period
from search.query.tree import Address, Person, PersonCalled

_read_json = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class ExactForm:
    """One exact form: its home term's key and the code by which that term's occurrences tell it."""

    form: str
    key: int
    code: int
    count: int


class Segment:
    """One segment, read-only. `dead` are the articles that were replaced or removed since it was written, ascending.

    `size` is the number of its articles, `undated` of those without a date, which come first; `year_edges` are the
    numbers with which `first_year` and each year after it begin, and `size`. `mentioned` tells who is mentioned, of the
    `people` in the segment of this `number`; None where that is not known.
    """

    def __init__(self, columns: Columns, dead: Array, people: People | None = None, number: int = 0) -> None:
        self.columns = columns
        self.dead = dead
        self.size = len(columns.time)
        self.undated = int(columns.day.searchsorted(np.int32(0), side="right"))
        self.first_year, self.year_edges = self._years()
        self.keys = Strings(columns.keys, columns.keys_at)
        self.forms = Strings(columns.forms, columns.forms_at)
        self.ids = Strings(columns.ids, columns.ids_at)
        self.origins = Strings(columns.origins, columns.origins_at)
        self.store = Strings(columns.store, columns.store_at)
        self._lists = {
            name: Lists(getattr(columns, name), getattr(columns, f"{name}_at"), len(_stored(columns, name)))
            for name in (facet.filter for facet in FACETS if facet.several)
        }
        self.mentioned = None if people is None else people.within(number, columns)
        self._outlines = Outlines(columns)
        self._known_since = lru_cache(maxsize=2)(partial(_known_since, columns))
        self._visibility_of = lru_cache(maxsize=2)(partial(_visibility, columns, dead))
        # Views give Python's own integers several times faster than arrays do.
        self._piece_at, self._block, self._posting_at = (
            columns.piece_at.data,
            columns.block.data,
            columns.posting_at.data,
        )
        self._occurrence_at, self._coded_at = columns.occurrence_at.data, columns.coded_at.data

    def _years(self) -> tuple[int, Array]:
        """The first year of the dated articles, and where that year and each after it begins and the last one ends."""
        if self.undated == self.size:
            return 0, np.array([self.size])
        day = self.columns.day
        first, last = (date.fromordinal(int(day[number])).year for number in (self.undated, -1))
        begins = [date(year, 1, 1).toordinal() for year in range(first, last + 1)]
        return first, np.append(day.searchsorted(np.array(begins, np.int32)), self.size)

    @cached_property
    def values(self) -> dict[str, FacetValues]:
        """The values of each facet, by its filter: only who searches needs them."""
        return {facet.filter: FacetValues(_stored(self.columns, facet.filter), facet.parts) for facet in FACETS}

    def days_between(self, days: Days) -> tuple[int, int]:
        """The articles of these days, from the first number up to, not with, the second: they are in order of time."""
        day = self.columns.day
        first = day.searchsorted(np.int32(days.first.toordinal()))
        return int(first), int(day.searchsorted(np.int32(days.last.toordinal()), side="right"))

    def bounds(self, period: Period) -> tuple[int, int]:
        """The articles of a period, likewise."""
        first, last = self.part_edges(period)[[0, -1]].tolist()
        return first, last

    def part_edges(self, period: Period) -> Array:
        """The articles with which the months of a year, or the days of a month, begin, and the one after the last."""
        edges: Array = self.columns.day.searchsorted(_part_days(period))
        return edges

    def visible(self, moment: int) -> int:
        """How many articles are published up to a time in microseconds; they are the first ones."""
        return int(self.columns.time.searchsorted(np.int64(moment), side="right"))

    def visibility(self, moment: int) -> Visibility:
        """What of the segment is published at a moment."""
        return self._visibility_of(self.visible(moment))

    def known_since(self, moment: int) -> Array:
        """The set of articles that came in, or were published, after a time in microseconds: i8 [m]."""
        return self._known_since(moment)

    def mentioning(self, query: Person | PersonCalled) -> Array:
        """The set of articles that mention anybody whom the query means: i8 [m]."""
        return np.empty(0, np.intp) if self.mentioned is None else self.mentioned.articles(query)

    def key(self, letter: str, term: str) -> int | None:
        """The number of a term's key, None where it never occurs."""
        return self.keys.find(term_key(letter, term))

    def addressed(self, address: Address) -> list[int]:
        """The keys of those of its ids and of its page that occur."""
        values = [(ID, article_id) for article_id in address.ids] + ([(PAGE, address.page)] if address.page else [])
        return [key for key in (self.key(*value) for value in values) if key is not None]

    def frequency(self, key: int) -> int:
        """How many articles, dead ones too, have a key."""
        return self._posting_at[self._piece_at[key + 1]] - self._posting_at[self._piece_at[key]]

    def occurs(self, key: int) -> int:
        """How often a key occurs."""
        return self._occurrence_at[key + 1] - self._occurrence_at[key]

    def term(self, key: int, low: int, high: int) -> Term:
        """The postings of a key among the articles from `low` up to, not with, `high`."""
        posting_at, article = self._posting_at, self.columns.article
        first_piece, last_piece = self._piece_at[key], self._piece_at[key + 1]
        pieces = []
        for number in range(first_piece, last_piece):
            block, begin, end = self._block[number] << BLOCK_BITS, posting_at[number], posting_at[number + 1]
            if block < low:
                begin += _before(low - block, article[begin:end])
            if block + BLOCK > high and high < self.size:
                end = begin + _before(high - block, article[begin:end])
            if begin < end:
                pieces.append(Piece(block, begin, end))
        return Term(self.columns, key, pieces[0].begin - posting_at[first_piece] if pieces else 0, pieces)

    def form(self, letter: str, form: str) -> ExactForm | None:
        """An exact form, None where it never occurs."""
        number = self.forms.find(form_key(letter, form))
        if number is None:
            return None
        columns = self.columns
        return ExactForm(
            form, *(int(column[number]) for column in (columns.form_term, columns.form_code, columns.form_count))
        )

    def forms_at(self, numbers: Array) -> list[ExactForm]:
        """The forms of these numbers."""
        texts = (form_of_key(self.forms[number].decode()) for number in numbers.tolist())
        columns = self.columns
        of_each = (
            column.take(numbers).tolist() for column in (columns.form_term, columns.form_code, columns.form_count)
        )
        return list(map(ExactForm, texts, *of_each))

    def occurrences(self, term: Term, chosen: Array | None = None) -> tuple[Array, Array | slice]:
        """The occurrences of the `chosen` postings (numbers into `term`, ascending), or of all of them.

        How many each posting has, [m]; and of all of them, one after the other, their numbers in the columns: a
        slice where all are asked for.
        """
        begins, ends = self.spans(term, np.arange(len(term)) if chosen is None else chosen)
        if chosen is None:
            return ends - begins, slice(int(begins[0]), int(ends[-1])) if len(term) else slice(0)
        return ends - begins, ragged(begins, ends - begins, len(self.columns.position))

    def spans(self, term: Term, postings: Array) -> tuple[Array, Array]:
        """Where in the columns the occurrences of some postings of a term begin and end: i8 [k] each."""
        numbers, outline, first = postings + term.first, self._outlines.of(term.key), self._occurrence_at[term.key]
        begins, ends = (outline.take(at).astype(np.intp, copy=False) for at in (numbers, numbers + 1))
        return begins + first, ends + first

    def locations(self, term: Term, articles: Array, postings: Array | None) -> Array:
        """The locations (see `term`) of the occurrences of some postings of a term, or of all, which are those in
        `articles` [k]: i8, ascending."""
        if postings is None:
            postings = np.arange(len(term))
        return loops.locations(term, self._outlines.of(term.key), articles, postings)

    def occurs_at(self, locations: Array, term: Term) -> Array:
        """At which of some ascending locations (see `term`) a term occurs: bool [m]."""
        return loops.occurs_at(locations, term, self._outlines.of(term.key))

    def positions(self, occurrence: Array | slice) -> Array:
        """The positions of occurrences, by their numbers in the columns."""
        return self.columns.position[occurrence] >> 1

    def codes(self, key: int, occurrence: Array | slice) -> Array | None:
        """The form codes of occurrences of a key; None where they all have the same."""
        begin, end = self._coded_at[key], self._coded_at[key + 1]
        if begin == end:
            return None
        of_key = self.columns.form[begin:end]
        first = self._occurrence_at[key]
        if isinstance(occurrence, slice):
            return of_key[occurrence.start - first : occurrence.stop - first]
        return of_key.take(occurrence - first)

    def with_codes(self, term: Term, codes: Sequence[int]) -> Array:
        """The set of a term's articles in which some occurrence has one of these codes: i8 [k]."""
        count, occurrence = self.occurrences(term)
        form = self.codes(term.key, occurrence)
        if form is None or (allowed := is_one_of(form, codes)).all():
            return term.article
        return term.article.compress(np.logical_or.reduceat(allowed, starts(count)[:-1]))

    def value_counts(self, facet: Facet, articles: Array) -> Array:
        """How many of a set of articles have each of the `values` of a facet: i8 [values]."""
        if facet.several:
            return self.list_counts(self._lists[facet.filter], articles)
        values = self.values[facet.filter]
        return values.summed(loops.count(getattr(self.columns, facet.filter), articles, values.size))

    def list_counts(self, lists: Lists, articles: Array) -> Array:
        """How many of a set of articles have each number in their lists, but for 0: i8 [numbers]. The fewer are
        counted, these or the others."""
        if 2 * len(articles) <= self.size:
            return loops.count_lists(lists, articles)
        counts: Array = lists.totals - loops.count_lists(lists, others(articles, self.size))
        return counts

    def article(self, number: int) -> Article:
        """An article itself."""
        record = _read_json(self.store[2 * number])
        record["text"] = self.store[2 * number + 1].decode("utf-16-le", "surrogatepass")
        record["views"] = int(self.columns.views[number])
        return Article.from_dict(record)

    def article_number(self, article_id: str) -> int | None:
        """The number of the living article with this id."""
        key = self.key(ID, article_id)
        if key is None:
            return None
        number = int(self.term(key, 0, self.size).article[0])
        place = int(np.searchsorted(self.dead, number))
        return None if place < len(self.dead) and self.dead[place] == number else number


@lru_cache(maxsize=1024)
def _part_days(period: Period) -> Array:
    """The days, as ordinals i4, with which the parts of a period begin; and the day after."""
    days = period.days()
    if period.day is not None:
        begins = [days.first]
    elif period.month is not None:
        begins = [days.first.replace(day=day) for day in range(1, days.last.day + 1)]
    else:
        begins = [date(period.year, month, 1) for month in range(1, 13)]
    return np.array([*(day.toordinal() for day in begins), days.last.toordinal() + 1], np.int32)


def _stored(columns: Columns, name: str) -> Strings:
    """The values of a facet's column, ascending; the empty one is number 0."""
    return Strings(getattr(columns, f"{name}_values"), getattr(columns, f"{name}_values_at"))


def _before(article: int, column: Array) -> int:
    """How many of the articles of a piece, u2 ascending, are before one, both counted from the block's beginning."""
    if 0 < article < BLOCK:
        return int(column.searchsorted(np.uint16(article)))  # by a number of Python, all of it would be converted
    return len(column) if article > 0 else 0


def _known_since(columns: Columns, moment: int) -> Array:
    return np.flatnonzero(np.maximum(columns.indexed, columns.time) > moment)


def _visibility(columns: Columns, dead: Array, visible: int) -> Visibility:
    """What of a segment is published, of which so many articles are, dead ones too."""
    living = np.ones(len(columns.time), bool)
    living[dead] = False
    days = columns.day[:visible][living[:visible]][-1:].tolist()
    later = columns.time[visible:][living[visible:]][:1].tolist()
    newest = date.fromordinal(days[0]) if days and days[0] else None
    return Visibility(int(np.count_nonzero(living[:visible])), newest, later[0] if later else None)
