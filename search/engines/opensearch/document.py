"""Articles to documents: cut into words, counted, and written as the cluster indexes them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import chain, islice
from typing import Any

import msgspec

from search.analysis import Analyzer, fold_kazakh
from search.analysis.copies import copy_key
from search.analysis.remembered import Remembered
from search.config import Settings
from search.editorial.persons import mentions_of, votes
from search.engines.opensearch.cluster import Json
from search.engines.opensearch.mapping import MATCHED, RANKED
from search.model import FACETS, Article
from search.publication import UNDATED, archive_day, microseconds
from search.query.address import page_key
from search.query.tree import LETTERS, Field
from search.ranking import damping, impact

# Longer tokens are cut, and distinguished by a hash of the whole.
LONGEST_TOKEN = 200
RUNS_KEPT = 1 << 18
# Of people it is counted how many articles allow each reading of a name, and have each name that allows several.
READING, MENTION = "r", "m"
NAMES_KEPT = 1 << 14


class Stored(msgspec.Struct, frozen=True):
    """What a document keeps of an article to give it back: `article` is its JSON without the views, `content` a hash
    of that, `indexed` when the content came in first in microseconds, `checksum` tells whether all this is unharmed."""

    article: str
    origin: str
    content: int
    indexed: int
    checksum: str = ""

    def sealed(self, views: int) -> Stored:
        """The same with its checksum."""
        content = msgspec.json.encode([self.article, self.origin, self.content, self.indexed, views])
        return msgspec.structs.replace(self, checksum=blake2b(content, digest_size=8).hexdigest())


class PreparedDocument(msgspec.Struct):
    """An article made ready: all of its document that does not depend on other articles."""

    id: str
    kept: Stored
    views: int
    copy: int  # what near-copies share, 0 where the text is too short
    copied: bool  # whether there may be another with it
    mentions: tuple[str, ...]
    length: int  # weighted, in positions
    fields: Json  # of the document, as they are
    frequencies: dict[str, Mapping[str, float]]  # by field of ranks, weighted, of each term
    forms: dict[str, Mapping[str, int]]  # by letter of the field, how often each occurs


@dataclass(frozen=True, slots=True, eq=False)
class _AnalyzedRun:
    """A run of letters: how it stands in a text, its forms, and the terms at each of its places."""

    text: str
    forms: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]


def _cut(analyzer: Analyzer, run: str) -> _AnalyzedRun:
    """A run of letters, cut."""
    words = analyzer.words(run)
    size = words[-1].position + 1 if words else 0
    terms: list[list[str]] = [[] for _ in range(size)]
    forms: list[list[str]] = [[] for _ in range(size)]
    for word in words:
        terms[word.position] += map(token, analyzer.standing(word))
        forms[word.position].append(word.form)
    places = ("|".join(dict.fromkeys((*at, *map(exact, here)))) for at, here in zip(terms, forms, strict=True))
    return _AnalyzedRun(" ".join(places), tuple(word.form for word in words), tuple(map(tuple, terms)))


class _Text(list[_AnalyzedRun]):
    """A text: its runs in order."""

    def joined(self) -> str:
        """How it stands in the index."""
        return " ".join([run.text for run in self])

    def length(self) -> int:
        """In positions."""
        return sum([len(run.terms) for run in self])

    def frequencies(self) -> Counter[str]:
        """How often each term occurs."""
        return Counter(chain.from_iterable(chain.from_iterable([run.terms for run in self])))

    def forms(self) -> Counter[str]:
        """How often each form occurs."""
        return Counter(chain.from_iterable([run.forms for run in self]))

    def opening(self, positions: int) -> Iterator[str]:
        """The terms at the first positions."""
        places = chain.from_iterable(run.terms for run in self)
        return chain.from_iterable(islice(places, positions))


class Documents:
    """Makes documents of articles."""

    def __init__(self, analyzer: Analyzer, settings: Settings) -> None:
        self._analyzer = analyzer
        self._zone = settings.zone
        self._ranking = settings.ranking
        self._persons = settings.persons
        self._runs = Remembered(partial(_cut, analyzer), most=RUNS_KEPT)
        self._called = lru_cache(maxsize=NAMES_KEPT)(self._words_of_name)

    def row(self, article: Article, stored: Stored, views: int, *, copied: bool = False) -> PreparedDocument:
        """The article made ready."""
        texts = [self._text(text) for text in (article.title, article.lead, article.text)]
        author, section = self._text(article.author), self._text(article.section)
        ranked, length = self._weighted(texts)
        fields: Json = {
            MATCHED[Field.TEXT]: [text.joined() for text in texts],
            MATCHED[Field.TITLE]: texts[0].joined(),
            MATCHED[Field.AUTHOR]: author.joined(),
            MATCHED[Field.SECTION]: section.joined(),
        }
        mentions = mentions_of(article) if self._persons else ()
        day = None if article.published is None else archive_day(article.published, self._zone)
        fields |= self._values(article, stored.indexed) | {"mentions": mentions}
        return PreparedDocument(
            id=article.id,
            kept=stored,
            views=views,
            copy=copy_key(article.text, article.title, day),
            copied=copied,
            mentions=mentions,
            length=length,
            fields={name: value for name, value in fields.items() if value not in ("", ())},
            frequencies={
                RANKED[Field.TEXT]: ranked,
                RANKED[Field.AUTHOR]: author.frequencies(),
                RANKED[Field.SECTION]: section.frequencies(),
            },
            forms={
                LETTERS[Field.TEXT]: _Text(chain.from_iterable(texts)).forms(),
                LETTERS[Field.AUTHOR]: author.forms(),
                LETTERS[Field.SECTION]: section.forms(),
                READING: votes((mention, 1) for mention in mentions),
                MENTION: dict.fromkeys(mentions, 1),
            },
        )

    def document(self, row: PreparedDocument, pivot: float, persons: Sequence[str]) -> Json:
        """The document of an article; `persons` are those whom its mentions mean."""
        ranking = self._ranking
        ranks = {
            name: {term: int(impact(count, damped, ranking)) for term, count in counts.items()}
            for name, counts in row.frequencies.items()
            for damped in [damping(row.length, pivot, ranking.b if name == RANKED[Field.TEXT] else 0.0, ranking)]
            if counts
        }
        fold = row.copy or -_number(row.id)
        twins = {"copied": row.copy} if row.copied and row.copy else {}
        stored = msgspec.to_builtins(row.kept.sealed(row.views))
        people = {"persons": persons, "person_words": list(map(self._called, persons))} if persons else {}
        return {
            "id": row.id,
            "views": row.views,
            "fold": fold,
            "kept": stored,
            **row.fields,
            **ranks,
            **twins,
            **people,
        }

    def _text(self, text: str) -> _Text:
        return _Text(map(self._runs.__getitem__, self._analyzer.runs(text)))

    def _words_of_name(self, name: str) -> str:
        """How the words of a name stand in the index."""
        places: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._analyzer.tokens(name):
            places[word.position] += (
                *map(token, self._analyzer.terms_of_name(word.form)),
                exact(word.form),
                prefix_token(word.form),
            )
        return " ".join(map("|".join, places.values()))

    def _weighted(self, texts: Sequence[_Text]) -> tuple[dict[str, float], int]:
        """The weighted frequency of each term of title, lead and text, and their weighted length in positions."""
        ranking = self._ranking
        frequencies: dict[str, float] = {**texts[2].frequencies()}
        length = texts[2].length()
        for text, weight in zip(texts, (ranking.title_weight, ranking.lead_weight), strict=False):
            for term, count in text.frequencies().items():
                frequencies[term] = frequencies.get(term, 0) + weight * count
            length += weight * text.length()
        for term, early in Counter(texts[2].opening(ranking.opening)).items():
            frequencies[term] += (ranking.opening_weight - 1) * early
        return frequencies, length

    def _values(self, article: Article, indexed: int) -> Json:
        """What articles are ordered, filtered and counted by."""
        values: Json = {"page": page_key(article.url)}
        for facet in FACETS:
            value = getattr(article, facet.field)
            values[facet.field] = tuple(dict.fromkeys(value)) if facet.several else value and facet.parts(value)
        if article.published is None:
            return values | {"due": UNDATED, "known": indexed}
        time, day = microseconds(article.published, self._zone), archive_day(article.published, self._zone)
        month = 100 * day.year + day.month
        days = {"day": 100 * month + day.day, "month": month, "year": day.year}
        return values | days | {"due": time, "time": time, "known": max(time, indexed)}


def article_of(stored: Mapping[str, Any], views: int) -> Article:
    """The article that a document keeps."""
    record = msgspec.json.decode(stored["article"])
    return Article.from_dict(record | {"views": views} if views else record)


def kept_of(article: Article, origin: str, indexed: int) -> Stored:
    """What is kept of an article, of which the content came in at that time."""
    record = article.as_dict()
    record.pop("views", None)
    encoded = msgspec.json.encode(record).decode()
    return Stored(encoded, origin, _number(encoded), indexed)


def token(term: str) -> str:
    """How a term stands in a text."""
    return term if len(term) <= LONGEST_TOKEN else f"{term[:LONGEST_TOKEN]}{_hash(term)}"


def exact(form: str) -> str:
    """How an exact form stands there."""
    return "=" + token(form)


def prefix_token(form: str) -> str:
    """How a form stands in the words of names, to be found by a prefix."""
    return "~" + token(fold_kazakh(form))


def folded_form(form: str, field: Field = Field.TEXT) -> str:
    """A form as those of its field are looked up."""
    return LETTERS[field] + fold_kazakh(form)


def document_id(article_id: str) -> str:
    """The id of an article's document: the cluster takes no long ones."""
    return f"a{_hash(article_id)}"


def form_id(letter: str, form: str) -> str:
    """The id of the document of a form in the fields of a letter."""
    return f"f{_hash(letter + form)}"


def _hash(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()) >> 1 or 1
