"""Whoosh with its own codec, scoring and collectors: the engine as it comes.

Where it groups, it scores and collects every match, so that the total is the sum of one facet. With a period, a second
search counts all months.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whoosh import fields, index, query
from whoosh.analysis import Token, Tokenizer
from whoosh.sorting import Count, FieldFacet

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

MEMORY = 512  # megabytes before the writer flushes


class Whoosh:
    """See `Peer`."""

    stored = ()  # the articles lie in the same file as the rest

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terms = Terms()

    def build(self, corpus: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        writer = index.create_in(str(self._folder), _schema()).writer(limitmb=MEMORY)
        for article in articles(corpus):
            writer.add_document(**self._row(article))
        writer.commit()

    def add(self, article: Article) -> None:
        writer = index.open_dir(str(self._folder)).writer()
        writer.update_document(**self._row(article))
        writer.commit()

    def _row(self, article: Article) -> dict[str, Any]:
        facts = Facts.of(article)
        return {
            "id": article.id,
            "text": "\n".join(self._terms.fields(article)),
            "time": facts.time,
            "year": str(facts.year),
            "month": str(facts.month),
            "author": article.author,
            "section": article.section,
            "article": encoded(article),
        }

    def open(self) -> None:
        self._searcher = index.open_dir(str(self._folder)).searcher()

    def search(self, question: Question) -> Answer:
        tree = self._compiled(self._terms.query(question))
        found = self._found(_in_period(tree, question), ["month", "author", "section"], newest=question.newest)
        months = _counts(found, "month")
        if question.year:
            months = _counts(self._found(tree, ["month"], newest=question.newest), "month")
        of_years, of_months = years_and_months({int(month): count for month, count in months.items()}, question)
        return Answer(
            total=sum(_counts(found, "section").values()),
            ids=ids_of(hit["article"] for hit in found[:HITS]),
            years=of_years,
            months=of_months,
            authors=most_frequent(_counts(found, "author")),
            sections={value: count for value, count in _counts(found, "section").items() if value},
        )

    def _found(self, tree: query.Query, facets: list[str], *, newest: bool) -> Any:
        return self._searcher.search(
            tree,
            limit=HITS,
            sortedby=FieldFacet("time", reverse=True) if newest else None,
            groupedby={name: FieldFacet(name, maptype=Count) for name in facets},
        )

    def _compiled(self, tree: Query) -> query.Query:
        match tree:
            case Word(terms=(term,)):
                return query.Term("text", term)
            case Phrase():
                return query.Phrase("text", [word.terms[0] for word in tree.words])
            case And():
                return query.And([self._compiled(clause) for clause in tree.clauses])
            case Or():
                return query.Or([self._compiled(clause) for clause in tree.clauses])
        raise ValueError(f"{tree} is not asked here")


class SpacedTerms(Tokenizer):
    """Terms between spaces; at a line's end a position is left free."""

    def __call__(self, value: str, *, positions: bool = False, mode: str = "", **_: Any) -> Iterator[Token]:
        token, position = Token(positions, mode=mode), 0
        for line in value.split("\n"):
            for term in line.split():
                token.text = term
                token.pos = position
                token.boost = 1.0
                yield token
                position += 1
            position += 1


def _schema() -> fields.Schema:
    return fields.Schema(
        id=fields.ID(unique=True),
        text=fields.TEXT(analyzer=SpacedTerms(), phrase=True),
        time=fields.NUMERIC(bits=64, sortable=True),
        year=fields.ID(),
        month=fields.ID(sortable=True),
        author=fields.ID(sortable=True),
        section=fields.ID(sortable=True),
        article=fields.STORED(),
    )


def _in_period(tree: query.Query, question: Question) -> query.Query:
    if not question.year:
        return tree
    period = query.Term("month", str(question.month)) if question.month else query.Term("year", str(question.year))
    return query.Require(tree, period)


def _counts(found: Any, name: str) -> dict[str, int]:
    return {value or "": count for value, count in found.groups(name).items()}
