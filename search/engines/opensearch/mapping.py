"""What an index on the cluster consists of: its fields, its analysis, and what is kept about the generation in it.

An index holds two kinds of documents: the articles, and the forms of words with how often they occur, which have
neither `due` nor anything else of an article. Words come analysed: at each position of a text stand, with bars between,
the terms and behind `=` the exact forms of its words, and the cluster only cuts at blanks and bars.
"""

import json
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from search.config import ClusterSettings
from search.editorial.persons import NO_CORRECTIONS, Corrections
from search.engines.generation import Generation
from search.errors import IndexUnavailable
from search.model import IndexInfo
from search.query.tree import FIELD_GAP, Field

# Raised with every change of the fields or of what is written into them; another one asks for a rebuild.
FORMAT = 7

# Where a leaf in a field must stand, and by which field it is ranked: `text` is title, lead and text.
MATCHED = {Field.TEXT: "text", Field.TITLE: "title", Field.AUTHOR: "author_words", Field.SECTION: "section_words"}
RANKED = {Field.TEXT: "rank", Field.TITLE: "rank", Field.AUTHOR: "author_rank", Field.SECTION: "section_rank"}

# How many hits can be asked for in one request.
WINDOW = 20_000
# Stands in a phrase for a place where anything may be.
FILLER = "_"
# A prefix with a typo becomes a regular expression of some characters for each of its letters.
LONGEST_PATTERN = 20_000
LONGEST_TOKEN = 100_000

_WORDS = {"type": "text", "analyzer": "places", "search_analyzer": "phrase", "norms": False}
_WORDS |= {"position_increment_gap": FIELD_GAP}
_VALUE = {"type": "keyword", "ignore_above": 8000}  # the longest that the cluster can hold, whatever its letters
_NUMBER = {"type": "long", "index": False}

PROPERTIES: dict[str, Any] = {
    "kept": {"type": "object", "enabled": False},  # see `search.engines.opensearch.document.Stored`
    "id": _VALUE,
    "page": _VALUE,  # see `search.query.address`
    "views": _NUMBER,
    "due": {"type": "long"},  # microseconds since 1970 UTC; without a date, before all
    "time": _NUMBER,  # the same; nothing without a date
    "known": {"type": "long"},  # the later of `indexed` and `due`
    "day": {"type": "integer"},  # 20240517, as `month` 202405 and `year` 2024
    "month": {"type": "integer"},
    "year": {"type": "integer"},
    "author": _VALUE,
    "section": _VALUE,
    "tags": _VALUE,
    "mentions": _VALUE,  # the readings of each name, in one (see `search.editorial.persons`)
    "persons": _VALUE,  # whom they mean
    "person_words": _WORDS,  # the words of their names, with the folded forms behind `~` too
    "fold": {"type": "long"},  # what near-copies share, and no other articles
    "copied": {"type": "long"},  # the same, where there may be a near-copy
    "text": _WORDS,
    "title": _WORDS,
    "author_words": _WORDS,
    "section_words": _WORDS,
    "rank": {"type": "rank_features"},  # impacts by term
    "author_rank": {"type": "rank_features"},
    "section_rank": {"type": "rank_features"},
    "form": {"type": "keyword"},
    "readings": _VALUE,  # of a form that is a mention, the surnames of its readings
    "folded": {"type": "keyword"},  # the letter of the field, and the form with its Kazakh letters folded
    "count": {"type": "long"},
}
SOURCE = ["kept", "id", "views", "due", "fold", "copied", "form", "count"]

ANALYSIS = {
    "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": LONGEST_TOKEN}},
    "filter": {
        "bars": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
        "fillers": {"type": "stop", "stopwords": [FILLER]},
    },
    "analyzer": {
        "places": {"tokenizer": "blanks", "filter": ["bars"]},
        "phrase": {"tokenizer": "blanks", "filter": ["bars", "fillers"]},
    },
}


class Meta(Generation, frozen=True, kw_only=True):
    """What is known of a generation; it is kept in its index. `mapping` is the fingerprint of the fields, `corrections`
    those that hold for its people."""

    finished_at: datetime | None = None
    size: int = 0
    mapping: str = ""
    corrections: Corrections = NO_CORRECTIONS
    format: int = FORMAT

    def finished(self, generation: str, size: int, mapping: str) -> dict[str, Any]:
        """What is written into the finished index."""
        now = datetime.now(UTC).replace(microsecond=0)
        meta = msgspec.structs.replace(self, generation=generation, finished_at=now, size=size, mapping=mapping)
        encoded: dict[str, Any] = msgspec.to_builtins(meta)
        return encoded

    def info(self) -> IndexInfo:
        """The generation as users see it."""
        return self.as_info(self.size)


def index_body(settings: ClusterSettings) -> dict[str, Any]:
    """What an index that is to be loaded is made with: in the order of the archive, newest first."""
    index = {
        "number_of_shards": settings.shards,
        "number_of_replicas": settings.loading_replicas,
        "auto_expand_replicas": False,
        "refresh_interval": settings.loading_refresh,
        "max_result_window": WINDOW,
        "max_regex_length": LONGEST_PATTERN,
        "sort.field": ["due", "id"],
        "sort.order": ["desc", "asc"],
    }
    mappings = {"dynamic": "strict", "_source": {"includes": SOURCE}, "properties": PROPERTIES}
    return {"settings": {"index": index, "analysis": ANALYSIS}, "mappings": mappings}


def fingerprint(mappings: dict[str, Any]) -> str:
    """What tells the fields of an index, as the cluster lists them, from those of an index that was changed."""
    listed = {name: value for name, value in mappings.items() if name != "_meta"}
    return blake2b(json.dumps(listed, sort_keys=True).encode(), digest_size=8).hexdigest()


def published_meta(place: str, mappings: dict[str, Any]) -> Meta:
    """What is known of a published generation; IndexUnavailable where the index is of another version, or changed."""
    stored = mappings.get("_meta") or {}
    if stored.get("format") != FORMAT:
        raise IndexUnavailable(
            f"{place} is of version {stored.get('format')}, this program reads version {FORMAT}; "
            "run: indexer rebuild --full"
        )
    try:
        meta = msgspec.convert(stored, Meta)
    except msgspec.ValidationError as error:
        raise IndexUnavailable(f"{place}: what is kept about it was changed: {error}; rebuild the index") from error
    if meta.mapping != fingerprint(mappings):
        raise IndexUnavailable(f"{place}: its mapping was changed since it was built; run: indexer rebuild --full")
    return meta
