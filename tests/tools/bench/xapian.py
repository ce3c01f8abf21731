"""Xapian through Debian's Python binding (`python3-xapian`), which lies outside of virtual environments.

Values feed the facets while the matches are collected; with a period, a second match counts all months.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append("/usr/lib/python3/dist-packages")
import xapian  # found by the line above

from search.model import Article
from search.query.tree import And, Or, Phrase, Query, Word
from tests.tools.bench.corpus import articles
from tests.tools.bench.peer import (
    HITS,
    Answer,
    Facts,
    Question,
    Terms,
    encoded,
    ids_of,
    most_frequent,
    years_and_months,
)

TIME, MONTH, AUTHOR, SECTION = range(4)


class Xapian:
    """See `Peer`."""

    stored = ("docdata.glass",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terms = Terms()

    def build(self, corpus: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        database = xapian.WritableDatabase(str(self._folder), xapian.DB_CREATE_OR_OVERWRITE)
        for article in articles(corpus):
            database.add_document(self._document(article))
        database.commit()
        database.close()

    def add(self, article: Article) -> None:
        database = xapian.WritableDatabase(str(self._folder), xapian.DB_OPEN)
        database.replace_document(f"Q{article.id}", self._document(article))
        database.commit()
        database.close()

    def _document(self, article: Article) -> Any:
        document, position = xapian.Document(), 0
        for field in self._terms.fields(article):
            for term in field.split():
                document.add_posting(term, position)
                position += 1
            position += 1
        facts = Facts.of(article)
        for term in (f"Q{article.id}", f"XY{facts.year}", f"XM{facts.month}"):
            document.add_boolean_term(term)
        document.add_value(TIME, xapian.sortable_serialise(facts.time))
        document.add_value(MONTH, str(facts.month))
        document.add_value(AUTHOR, article.author)
        document.add_value(SECTION, article.section)
        document.set_data(encoded(article))
        return document

    def open(self) -> None:
        self._database = xapian.Database(str(self._folder))

    def search(self, question: Question) -> Answer:
        query = _compiled(self._terms.query(question))
        found, counts = self._found(_in_period(query, question), question, HITS, (MONTH, AUTHOR, SECTION))
        if question.year:
            counts[MONTH] = self._found(query, question, 0, (MONTH,))[1][MONTH]
        by_month = {int(month): count for month, count in counts[MONTH].items()}
        years, months = years_and_months(by_month, question)
        return Answer(
            total=found.get_matches_estimated(),  # exact, because every match is looked at
            ids=ids_of(match.document.get_data() for match in found),
            years=years,
            months=months,
            authors=most_frequent(counts[AUTHOR]),
            sections=counts[SECTION],
        )

    def _found(self, query: Any, question: Question, hits: int, slots: tuple[int, ...]) -> tuple[Any, dict[int, Any]]:
        enquire = xapian.Enquire(self._database)
        enquire.set_query(query)
        if question.newest:
            enquire.set_sort_by_value(TIME, True)
        spies = {slot: xapian.ValueCountMatchSpy(slot) for slot in slots}
        for spy in spies.values():
            enquire.add_matchspy(spy)
        found = enquire.get_mset(0, hits, self._database.get_doccount())
        counts = {slot: {value.term.decode(): value.termfreq for value in spy.values()} for slot, spy in spies.items()}
        return found, counts


def _compiled(query: Query) -> Any:
    match query:
        case Word(terms=(term,)):
            return xapian.Query(term)
        case Phrase():
            return xapian.Query(xapian.Query.OP_PHRASE, [word.terms[0] for word in query.words], len(query.words))
        case And():
            return xapian.Query(xapian.Query.OP_AND, [_compiled(clause) for clause in query.clauses])
        case Or():
            return xapian.Query(xapian.Query.OP_OR, [_compiled(clause) for clause in query.clauses])
    raise ValueError(f"{query} is not asked here")


def _in_period(query: Any, question: Question) -> Any:
    if not question.year:
        return query
    term = f"XM{question.month}" if question.month else f"XY{question.year}"
    return xapian.Query(xapian.Query.OP_FILTER, query, xapian.Query(term))
