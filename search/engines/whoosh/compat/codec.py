"""Lets Whoosh read the index: its codec interface over our columns. Whoosh reads; writing is ours alone.

The tables of contents name `_schema`, `_segment` and `Segments` of this module by their import path: these are part
of the format. Nothing of Whoosh itself is pickled, so that Whoosh 2.7.4 and whoosh3 read what either has written.
"""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from whoosh import analysis, fields
from whoosh.codec import base
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from search.analysis import Analyzer, Token
from search.engines.whoosh.compat.view import FIELDS, Postings, SegmentView
from search.engines.whoosh.ragged import starts
from search.engines.whoosh.vocabulary import form_key
from search.errors import IndexUnavailable
from search.model import Article

INDEX = "MAIN"
PAST_END = 0xFFFFFFFF  # the id of an exhausted matcher: above every article's
# Stands in the table of contents of an archive without articles: Whoosh writes to an index without segments, and
# whoosh3 cannot refresh its searcher.
NO_SEGMENT = "0"


def toc_bytes(segments: Sequence[str], generation: int) -> bytes:
    """Whoosh's table of contents for a generation of these segments."""
    storage = RamStorage()
    listed = Segments(_segment(name, generation) for name in segments or [NO_SEGMENT])
    TOC(_schema(), listed, generation).write(storage, INDEX)
    content: bytes = storage.files[TOC._filename(INDEX, generation)]
    return content


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise IndexUnavailable("Whoosh reads this index but does not write it; use the indexer")


class PostingMatcher(LeafMatcher):
    """Walks the articles of one term. Memory views give Python's own integers, which Whoosh computes with."""

    def __init__(self, postings: Postings, term: tuple[str, bytes], format_: Any, scorer: Any) -> None:
        self._postings = postings
        self._term = term
        self.format = format_
        self.scorer = scorer
        self._articles = np.ascontiguousarray(postings.articles).data
        self._size = len(postings.articles)
        self._at = 0
        self._places: tuple[Any, Any] | None = None

    def is_active(self) -> bool:
        return self._at < self._size

    def reset(self) -> None:
        self._at = 0

    def copy(self) -> PostingMatcher:
        return copy.copy(self)

    def id(self) -> int:
        # Whoosh 2.7.4 asks an exhausted matcher too.
        return self._articles[self._at] if self._at < self._size else PAST_END

    def next(self) -> bool:
        if self._at >= self._size:
            raise ReadTooFar
        self._at += 1
        return False

    def skip_to(self, id: int) -> bool:  # noqa: A002  # Whoosh's name
        if self._at >= self._size:
            raise ReadTooFar
        if self._articles[self._at] < id:
            self._at = bisect_left(self._articles, id, self._at + 1)
        return False

    def all_ids(self) -> Iterator[int]:
        return iter(self._articles[self._at :])

    def weight(self) -> float:
        return float(self._postings.counts[self._at])

    def score(self) -> float:
        return float(self.scorer.score(self)) if self.scorer else self.weight()

    def positions(self) -> list[int]:
        """Where the term stands in the article."""
        if self._places is None:
            self._places = starts(self._postings.counts), self._postings.positions()
        at, places = self._places
        return [int(place) for place in places[at[self._at] : at[self._at + 1]]]

    def value(self) -> Any:
        return self.format.encode(self.positions()) if self.format.supports("positions") else b""

    def value_as(self, astype: str) -> Any:
        if astype == "positions":
            return self.positions()
        return self.weight() if astype in {"weight", "frequency"} else self.format.decoder(astype)(self.value())

    def items_as(self, astype: str) -> Iterator[tuple[int, Any]]:
        while self.is_active():
            yield self.id(), self.value_as(astype)
            self.next()

    # Both versions of Whoosh lose hits when they prune by quality: this switches the pruning off.

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        return float("inf")


class ArkhivTermsReader(base.TermsReader):
    """The terms of one segment."""

    def __init__(self, view: SegmentView) -> None:
        self._view = view
        self._names = sorted(FIELDS)
        self._find = lru_cache(maxsize=256)(view.postings)  # Whoosh asks four times for each term of a query

    def _get(self, field: str, term: bytes) -> Postings:
        postings = self._find(field, term)
        if postings is None:
            raise KeyError((field, term))  # what Whoosh turns into "no such term"
        return postings

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._find(*term) is not None

    def indexed_field_names(self) -> Iterable[str]:
        return self._names

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self._names[bisect_left(self._names, fieldname) :]:
            for term in self.present(name, prefix if name == fieldname else b""):
                yield name, term

    def present(self, field: str, start: bytes) -> Iterator[bytes]:
        """The terms from `start` on that have postings: Whoosh asks for those of every term that it gets."""
        return (term for term in self._view.terms(field, start) if self._find(field, term) is not None)

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """New at each call: a reader of many segments changes what it gets."""
        postings = self._get(fieldname, text)
        lengths = self._view.lengths(fieldname)
        longest = max(1, int(lengths.max(initial=1))) if lengths is not None else 1
        first, last = int(postings.articles[0]), int(postings.articles[-1])
        return TermInfo(
            self.frequency(fieldname, text), len(postings.articles), 1, longest, int(postings.counts.max()), first, last
        )

    def frequency(self, fieldname: str, text: bytes) -> int:
        return int(self._get(fieldname, text).counts.sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        postings = self._find(fieldname, text)
        return 0 if postings is None else len(postings.articles)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> PostingMatcher:
        postings = self._find(fieldname, text)
        if postings is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        return PostingMatcher(postings, (fieldname, text), format_, scorer)

    def close(self) -> None:
        self._find.cache_clear()


class ArkhivPerDocumentReader(base.PerDocumentReader):
    """The articles of one segment."""

    def __init__(self, view: SegmentView) -> None:
        self._view = view
        self._lengths = cache(view.lengths)

    def doc_count_all(self) -> int:
        return self._view.size

    def doc_count(self) -> int:
        return self._view.size - int(self._view.dead.sum())

    def has_deletions(self) -> bool:
        return bool(self._view.dead.any())

    def is_deleted(self, docnum: int) -> bool:
        # Whoosh asks for one number past the last as well.
        return docnum < self._view.size and bool(self._view.dead[docnum])

    def deleted_docs(self) -> tuple[int, ...]:
        return ()  # asked for to filter matchers, of which ours leave the dead out themselves

    def all_doc_ids(self) -> Iterator[int]:
        return iter(np.flatnonzero(~self._view.dead).tolist())

    def supports_columns(self) -> bool:
        return False

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        lengths = self._lengths(fieldname)
        return 0 if lengths is None else int(lengths.sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        lengths = self._lengths(fieldname)
        return 0 if lengths is None else int(lengths.max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self._view.stored(docnum)

    def close(self) -> None:
        self._lengths.cache_clear()


class ArkhivCodec(base.Codec):
    """One for each opened segment, so that its two readers share the columns."""

    def __init__(self) -> None:
        self._opened: SegmentView | None = None

    def _view(self, storage: Any, segment: ArkhivSegment) -> SegmentView:
        if self._opened is None:
            self._opened = SegmentView(Path(storage.folder), segment.segid, segment.generation)
        return self._opened

    def terms_reader(self, storage: Any, segment: ArkhivSegment) -> ArkhivTermsReader:
        return ArkhivTermsReader(self._view(storage, segment))

    def per_document_reader(self, storage: Any, segment: ArkhivSegment) -> ArkhivPerDocumentReader:
        return ArkhivPerDocumentReader(self._view(storage, segment))

    per_document_writer = field_writer = postings_writer = postings_reader = new_segment = _refuse


class ArkhivSegment(base.Segment):
    """A segment in a table of contents: its name, and the generation whose manifest says the rest."""

    def __init__(self, segid: str, generation: int) -> None:
        self.indexname, self.segid, self.generation, self.compound = INDEX, segid, generation, False

    def __reduce__(self) -> tuple[Any, ...]:
        return _segment, (self.segid, self.generation)

    # whoosh3 goes on with the readers of equal segments; in another generation other articles may be dead.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ArkhivSegment):
            return NotImplemented
        return (self.segid, self.generation) == (other.segid, other.generation)

    def __hash__(self) -> int:
        return hash((self.segid, self.generation))

    def codec(self) -> ArkhivCodec:
        return ArkhivCodec()

    def should_assemble(self) -> bool:
        return False

    # Whoosh's writers begin by asking these, its readers never do.
    doc_count_all = doc_count = set_doc_count = deleted_count = _refuse
    deleted_docs = delete_document = is_deleted = has_deletions = _refuse


class Segments(list[ArkhivSegment]):
    """The list in a table of contents. whoosh3 would extend it by the merged-away segments of an older reader."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Segments, (list(self),)

    def extend(self, _: Iterable[ArkhivSegment]) -> None:
        """Nothing is added."""


def _segment(segid: str, generation: int, *_: Any) -> ArkhivSegment:
    return ArkhivSegment(segid, generation)


class ArkhivSchema(fields.Schema):
    """Pickled as the call that makes it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _schema, ()


def _schema(*_: Any) -> ArkhivSchema:
    def words() -> Any:
        return fields.TEXT(analyzer=WordAnalyzer(), phrase=True, multitoken_query="or", stored=True)

    searched = {
        "text": words(),
        "title": words(),
        "author": words(),
        "section": words(),
        "form": fields.TEXT(analyzer=WordAnalyzer(exact=True), phrase=True),
        "tag": fields.ID(),
        "id": fields.ID(unique=True, stored=True),
    }
    # Of what is stored, Whoosh gives back the fields that the schema knows.
    return ArkhivSchema(**{name: fields.STORED() for name in Article.__struct_fields__} | searched)


@cache
def _analyzer() -> Analyzer:
    return Analyzer()


class WordAnalyzer(analysis.Analyzer):
    """Our analyzer for Whoosh's query parsers: all terms of a word at its position, or its exact form alone."""

    def __init__(self, *, exact: bool = False) -> None:
        self._exact = exact

    def __call__(self, value: str, *, positions: bool = False, chars: bool = False, **options: Any) -> Iterator[Any]:
        made = analysis.Token(positions, chars, removestops=False, mode=options.get("mode", ""))
        for token in _analyzer().tokens(value):
            for text in self._texts(token):
                made.text, made.boost, made.stopped = text, 1.0, False
                made.pos = options.get("start_pos", 0) + token.position
                made.startchar = options.get("start_char", 0) + token.start
                made.endchar = options.get("start_char", 0) + token.end
                yield made

    def _texts(self, token: Token) -> tuple[str, ...]:
        return (form_key("", token.form),) if self._exact else _analyzer().standing(token)
