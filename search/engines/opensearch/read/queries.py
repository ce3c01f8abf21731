"""The query tree as the cluster's queries: what matches, and what it is worth.

Matching and ranking look at different fields. An impact is the value of a feature, `rank.TERM`, and a linear
function of it with the word's weight in front gives the points of `search.ranking`, in whole numbers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from search.engine import Request
from search.engines.opensearch.cluster import Json
from search.engines.opensearch.document import exact, prefix_token, token
from search.engines.opensearch.mapping import FILLER, MATCHED, RANKED
from search.model import Days, Sort
from search.query.tree import (
    MAX_WORDS,
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
    counted,
    is_plain,
    leading,
    leaves,
    with_all,
)
from search.ranking import COMPLETE, scored, word_weight

NOTHING: Json = {"match_none": {}}
EVERYTHING: Json = {"match_all": {}}
NEWEST = [{"due": "desc"}, {"id": "asc"}]
ORDERS: Mapping[Sort, list[Json]] = {
    Sort.RELEVANCE: [{"_score": "desc"}, *NEWEST],
    Sort.NEWEST: NEWEST,
    Sort.OLDEST: [{"time": {"order": "asc", "missing": "_last"}}, {"id": "asc"}],
    Sort.VIEWS: [{"views": "desc"}, *NEWEST],
    Sort.INDEXED: [{"known": "desc"}, *NEWEST],
}
# The cluster refuses queries of more than 1,024 clauses: prefixes beyond are ranked by their most frequent terms.
MAX_RANKED = 800
# In how many clauses a leaf may stand beside: what matches, what is counted, what has all words, what it is worth.
CLAUSES_A_LEAF = 4

NAMES = "person_words"
# In words; less than what is left free between two names.
LONGEST_NAME = MAX_WORDS

_HALVES = re.compile("[\ud800-\udfff]")

LEADS = """
if (doc['day'].size() == 0) return 0;
long day = doc['day'].value;
for (int i = 0; i < params.first.length; ++i) if (day >= params.first[i] && day <= params.last[i]) return 1;
return 0;
"""
FLOOR = "Math.floor(_score * params.percent / 100)"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A request's query. `forms` are the forms and home terms that each prefix stands for, `weights` what terms weigh,
    `recent` from which day on points grow by how many per cent."""

    forms: Mapping[Prefix, Sequence[tuple[str, str]]]
    weights: Mapping[tuple[Field, str], int]
    recent: Sequence[tuple[int, int]]

    def query(self, request: Request, filters: Sequence[Json], *, ranked: bool) -> Json:
        """What matches under the filters, with its points where it is ranked."""
        named = self._named(request.query)
        if not ranked:
            matching = [*filters, self.matching(request.query)]
            return {"bool": {"filter": matching, "should": named, "minimum_should_match": 0}}
        certain, rest = _split_certain(request.query)
        others = [leaf for leaf in leaves(request.query) if leaf not in certain]
        prefixes = sum(isinstance(leaf, Prefix) for leaf in others)
        most_terms = (MAX_RANKED - CLAUSES_A_LEAF * (len(others) - prefixes)) // max(1, prefixes)
        clauses: Json = {
            "filter": [*filters, *map(self.matching, rest)],
            "must": [self._points(word, most_terms) for word in certain],
            "should": [*named, *(self._points(leaf, most_terms) for leaf in others)],
            "minimum_should_match": 0,
        }
        return self._with_gains({"bool": clauses}, request.query)

    def matching(self, query: Query) -> Json:
        """What matches, as a filter."""
        match query:
            case And():
                return {"bool": {"filter": [self.matching(clause) for clause in query.clauses]}}
            case Or() | Most():
                return self._some(query)
            case Not():
                return {"bool": {"must_not": [self.matching(query.clause)]}}
            case Everything():
                return EVERYTHING
            case Dates():
                return days_filter(Days(query.first, query.last))
            case Address():
                return _addressed(query)
            case Person():
                return value_filter("persons", query.name)
            case PersonCalled():
                return _called(query)
            case Phrase():
                return _near(query) if query.slop is not None else _phrase(query)
            case _:
                return {"terms": {MATCHED[query.field]: self._tokens(query)}}

    def _some(self, query: Or | Most) -> Json:
        should = [self.matching(clause) for clause in query.clauses]
        least, alone = (query.least, query.alone) if isinstance(query, Most) else (1, ())
        if not least:
            return EVERYTHING
        most = {"bool": {"should": should, "minimum_should_match": least}}
        enough = [most, *(should[number] for number in alone)]
        return {"bool": {"should": enough, "minimum_should_match": 1}} if alone else most

    def _tokens(self, leaf: Word | Exact | Prefix) -> list[str]:
        return [exact(form) for form, _ in self.forms[leaf]] if isinstance(leaf, Prefix) else _tokens(leaf)

    def _points(self, leaf: Leaf, most_terms: int) -> Json:
        """What the leaf is worth where it matches."""
        points = [
            self._word_points(terms[:most_terms], leaf.field, percent) for terms, percent in scored(leaf, self.forms)
        ]
        if is_plain(leaf):
            return points[0]
        return {"bool": {"filter": [self.matching(leaf)], "should": points, "minimum_should_match": 0}}

    def _word_points(self, terms: Sequence[str], field: Field, percent: int) -> Json:
        weight = word_weight((self.weights[field, term] for term in terms), percent)
        features = (f"{RANKED[field]}.{token(term)}" for term in terms)
        return _highest({"rank_feature": {"field": name, "boost": weight, "linear": {}}} for name in features)

    def _named(self, query: Query) -> list[Json]:
        """The counted clauses of the query, which add nothing but the names of those that match: their numbers."""
        clauses = enumerate(map(self.matching, counted(query)))
        return [{"constant_score": {"filter": clause, "boost": 0, "_name": str(at)}} for at, clause in clauses]

    def _with_gains(self, query: Json, tree: Query) -> Json:
        """The points with what is added to them, in whole numbers too (see search.ranking)."""
        functions: list[Json] = []
        upper: Json = {}
        for day, percent in reversed(self.recent):
            first = day_number(date.fromordinal(max(1, day)))
            functions.append(_percent({"range": {"day": {"gte": first, **upper}}}, percent))
            upper = {"lt": first}
        if counted(tree):
            functions.append(_percent(self.matching(with_all(tree)), COMPLETE))
        if not functions:
            return query
        functions.append(
            _percent(EVERYTHING, 0)
        )  # where none fits, the cluster would add 1; so it does for a weight of 0
        return {"function_score": {"query": query, "functions": functions, "score_mode": "sum", "boost_mode": "sum"}}


def order(request: Request, *, ranked: bool) -> list[Json]:
    """What the hits are sorted by."""
    if request.sort is not Sort.RELEVANCE or not ranked:
        return ORDERS[Sort.NEWEST if request.sort is Sort.RELEVANCE else request.sort]
    return [*_leading(leading(request.query)), *ORDERS[Sort.RELEVANCE]]


def _leading(days: Sequence[Dates]) -> list[Json]:
    """The days that lead before all others: 1 for them, 0 for the others."""
    if not days:
        return []
    params = {"first": [day_number(dates.first) for dates in days], "last": [day_number(dates.last) for dates in days]}
    script = {"source": LEADS, "params": params}
    return [{"_script": {"type": "number", "script": script, "order": "desc"}}]


def _percent(fitting: Json, percent: int) -> Json:
    """The function that adds so many per cent of the points where a filter fits."""
    return {"filter": fitting, "script_score": {"script": {"source": FLOOR, "params": {"percent": percent}}}}


def value_filter(field: str, *values: str) -> Json:
    """Has all of these very values; half of a surrogate pair is in no article, and cannot be sent."""
    terms = [{"term": {field: value}} if not _HALVES.search(value) else NOTHING for value in values]
    return terms[0] if len(terms) == 1 else {"bool": {"filter": terms}}


def _addressed(address: Address) -> Json:
    values = [("id", article_id) for article_id in address.ids] + ([("page", address.page)] if address.page else [])
    return {"bool": {"should": [NOTHING, *(value_filter(*value) for value in values)], "minimum_should_match": 1}}


def days_filter(days: Days) -> Json:
    """Published on one of these archive days."""
    return {"range": {"day": {"gte": day_number(days.first), "lte": day_number(days.last)}}}


def day_number(day: date) -> int:
    """How days are written: 20240517."""
    return 10000 * day.year + 100 * day.month + day.day


def day_of(number: int) -> date:
    """The inverse."""
    return date(number // 10000, number // 100 % 100, number % 100)


def _split_certain(query: Query) -> tuple[list[Leaf], list[Query]]:
    """The plain words that every match has, and what else it must be; no word stands in both."""
    clauses = query.clauses if isinstance(query, And) else (query,)
    plain = [clause for clause in clauses if isinstance(clause, Word) and is_plain(clause)]
    rest = [clause for clause in clauses if clause not in plain]
    elsewhere = {leaf for clause in rest for leaf in leaves(clause)}
    ranked: list[Leaf] = [word for word in plain if word not in elsewhere]
    return ranked, [*rest, *(word for word in plain if word in elsewhere)]


def _highest(queries: Iterable[Json]) -> Json:
    several = list(queries)
    return several[0] if len(several) == 1 else {"dis_max": {"queries": several}}


def _tokens(word: Word | Exact) -> list[str]:
    return [token(term) for term in word.terms] if isinstance(word, Word) else [exact(word.form)]


def _phrase(phrase: Phrase) -> Json:
    """Words at fixed distances: where other words may stand between, the query has fillers."""
    steps = [after - before for before, after in pairwise(phrase.offsets)]
    places = ["|".join(_tokens(phrase.words[0]))]
    for word, step in zip(phrase.words[1:], steps, strict=True):
        places += [FILLER] * (step - 1) + ["|".join(_tokens(word))]
    return {"match_phrase": {MATCHED[phrase.field]: {"query": " ".join(places)}}}


def _near(phrase: Phrase) -> Json:
    """Words in any order within a window. A word that is asked twice may stand once: it is asked once."""
    assert phrase.slop is not None
    words = list(dict.fromkeys(tuple(_tokens(word)) for word in phrase.words))
    sources = [_any_of(word) for word in words]
    if len(sources) == 1:
        return {"intervals": {MATCHED[phrase.field]: sources[0]}}
    gaps = len(phrase.words) + phrase.slop - len(sources)
    every = {"intervals": sources, "ordered": False, "max_gaps": gaps}
    return {"intervals": {MATCHED[phrase.field]: {"all_of": every}}}


def _called(person: PersonCalled) -> Json:
    """Words that stand in one name."""
    first, *others = person.words
    if isinstance(first, Prefix):
        return {"prefix": {NAMES: prefix_token(first.prefix)}} if first.prefix else NOTHING
    sources = [_any_of(_tokens(word)) for word in (first, *others) if not isinstance(word, Prefix)]
    if len(sources) == 1:
        return {"terms": {NAMES: _tokens(first)}}
    return {"intervals": {NAMES: {"all_of": {"intervals": sources, "ordered": False, "max_gaps": LONGEST_NAME}}}}


def _any_of(tokens: Sequence[str]) -> Json:
    sources = [{"match": {"query": text, "analyzer": "keyword"}} for text in tokens]
    return sources[0] if len(sources) == 1 else {"any_of": {"intervals": sources}}
