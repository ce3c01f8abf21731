"""The embedded index is a real Whoosh index: Whoosh opens it, finds what we find, and is kept from writing to it."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from whoosh import query, writing
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, open_dir
from whoosh.qparser import QueryParser

from search.config import Settings
from search.engine import Request, Searcher
from search.engines.whoosh import WhooshEngine
from search.engines.whoosh.publish.folder import LOCK
from search.engines.whoosh.vocabulary import form_key
from search.errors import IndexUnavailable
from search.model import Article
from search.query.parser import parse
from search.query.tree import And, Everything, Exact, Field, Not, Or, Phrase, Prefix, Query, Word
from tests.strategies import ANALYZER, AUTHORS, DAYS, FUTURE, PREFIXES, SECTIONS, TAGS, TIMES, TOKENS, WORDS

NOW = datetime(2040, 1, 1, tzinfo=UTC)
FIELDS = [Field.TEXT, Field.TEXT, Field.TITLE, Field.AUTHOR, Field.SECTION]


def engine_in(folder: Path) -> WhooshEngine:
    return WhooshEngine(str(folder), Settings(), ANALYZER)


def article(random: Random, number: int) -> Article:
    def prose(most: int) -> str:
        return " ".join(random.choices(WORDS, k=random.randrange(most)))

    return Article(
        id=f"a/{number:03}",
        title=prose(6),
        lead=prose(4),
        text=prose(random.choice([2, 12, 40])),
        published=random.choice([None, *DAYS, *TIMES, *FUTURE]),
        author=random.choice(AUTHORS),
        section=random.choice(SECTIONS),
        tags=tuple(random.sample(TAGS, k=random.randrange(3))),
        views=random.randrange(5000),
    )


def publish(engine: WhooshEngine, added: Sequence[Article], removed: Sequence[str] = ()) -> None:
    with engine.writer() as making:
        for article_id in removed:
            making.remove(article_id)
        for each in added:
            making.add(each)
        making.publish()


def one_segment(engine: WhooshEngine, random: Random) -> None:
    publish(engine, [article(random, number) for number in range(80)])


def many_segments(engine: WhooshEngine, random: Random) -> None:
    """The smaller ones hardly have a word of a query; of each some articles are replaced or removed later."""
    for first, count in ((0, 40), (30, 20), (50, 3), (60, 1), (10, 5)):
        removed = [f"a/{random.randrange(60):03}" for _ in range(6)]
        publish(engine, [article(random, number) for number in range(first, first + count)], removed)


def no_articles(engine: WhooshEngine, _: Random) -> None:
    publish(engine, [])


SHAPES = [one_segment, many_segments, no_articles]


class Index:
    """One index under both searchers."""

    def __init__(self, folder: Path, fill: Callable[[WhooshEngine, Random], None]) -> None:
        self.folder = folder
        self.engine = engine_in(folder)
        fill(self.engine, Random(fill.__name__))
        self.ours: Searcher = self.engine.open()
        self.whoosh = open_dir(str(folder))

    @property
    def articles(self) -> dict[str, Article]:
        return {each.id: each for each in self.ours.articles()}

    def found(self, asked: Query) -> set[str]:
        matches = self.ours.search(Request(now=NOW, query=asked, limit=1000)).matches
        return {match.article.id for match in matches}


@pytest.fixture(scope="module", params=SHAPES, ids=lambda fill: fill.__name__.replace("_", " "))
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("reading") / "index", request.param)


@pytest.fixture
def searcher(index: Index) -> Iterator[Any]:
    with index.whoosh.searcher() as searcher:
        yield searcher


def ids(searcher: Any, asked: Any) -> set[str]:
    found = [hit["id"] for hit in searcher.search(asked, limit=None)]
    assert len(found) == len(set(found))
    return set(found)


# -- our queries as Whoosh's


def in_whoosh(asked: Query) -> Any:
    """The same query for Whoosh. Not alone errs in Whoosh where articles are deleted, within And it does not."""
    match asked:
        case And():
            return query.And([in_whoosh(clause) for clause in asked.clauses])
        case Or():
            return query.Or([in_whoosh(clause) for clause in asked.clauses])
        case Not():
            return query.And([query.Every(), query.Not(in_whoosh(asked.clause))])
        case Everything():
            return query.Every()
        case Word():
            return query.DisjunctionMax([query.Term(asked.field.value, term) for term in asked.terms])
        case Exact():
            return query.Term("form", form_key("", asked.form))
        case Prefix():
            return query.Prefix("form", asked.prefix)
        case Phrase():
            return in_whoosh_phrase(asked)


def in_whoosh_phrase(asked: Phrase) -> Any:
    """In order, or near each other in either order: of all combinations of the words' terms."""
    exact = isinstance(asked.words[0], Exact)
    terms = [(form_key("", word.form),) if isinstance(word, Exact) else word.terms for word in asked.words]
    orders = [terms] if asked.slop is None else [terms, terms[::-1]]
    return query.Or(
        [
            query.Phrase("form" if exact else asked.field.value, list(words), slop=1 + (asked.slop or 0))
            for ordered in orders
            for words in product(*ordered)
        ]
    )


# -- random queries that Whoosh can be asked as well


def word(random: Random, field: Field) -> Word:
    token = random.choice(TOKENS)
    return Word(token.form, ANALYZER.terms(token.form), field)


def exact(random: Random) -> Exact:
    token = random.choice(TOKENS)
    return Exact(token.form, token.form, ANALYZER.home(token.form))


def near(random: Random, field: Field) -> Phrase:
    """Two words that never stand at one place: Whoosh wants them apart, we do not."""
    while True:
        one, two = word(random, field), word(random, field)
        if not any(all(set(each.terms) & place for each in (one, two)) for place in PLACES):
            return Phrase((one, two), (0, 1), random.randrange(6), field)


def places() -> Iterator[set[str]]:
    """The terms that stand at each place of each of the words."""
    for text in WORDS:
        tokens = list(ANALYZER.tokens(text))
        for position in {token.position for token in tokens}:
            yield {term for token in tokens if token.position == position for term in ANALYZER.terms(token.form)}


PLACES = list(places())


def leaf(random: Random) -> Query:
    field = random.choice(FIELDS)
    match random.randrange(8):
        case 0 | 1 | 2:
            return word(random, field)
        case 3:
            return exact(random)
        case 4:
            text = random.choice(PREFIXES)
            return Prefix(text, ANALYZER.prefix(text))
        case 5:
            words = tuple(word(random, field) for _ in range(random.choice([2, 2, 3])))
            return Phrase(words, tuple(range(len(words))), None, field)
        case 6:
            return Phrase((exact(random), exact(random)), (0, 1))
        case _:
            return near(random, field)


def tree(random: Random, depth: int) -> Query:
    if not depth or random.random() < 0.3:
        return leaf(random) if random.random() < 0.95 else Everything()
    clauses: tuple[Query, ...] = tuple(tree(random, depth - 1) for _ in range(random.choice([2, 2, 3])))
    kinds: list[Query] = [And(clauses), And(clauses), Or(clauses), Or(clauses), Not(clauses[0])]
    return random.choice(kinds)


@pytest.mark.parametrize("seed", range(8))
def test_whoosh_finds_what_we_find(index: Index, searcher: Any, seed: int) -> None:
    random, sizes = Random(seed), Counter[bool]()
    for _ in range(70):
        asked = tree(random, random.randrange(4))
        expected = index.found(asked)
        assert ids(searcher, in_whoosh(asked)) == expected, asked
        sizes[bool(expected)] += 1
    assert not index.articles or min(sizes.values()) > 10, "some queries are to find something, some nothing"


# -- queries as Whoosh's parser reads them

SINGLE = [text for text in WORDS if text.isalnum() and len(ANALYZER.terms(next(ANALYZER.tokens(text)).form)) == 1]


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in WORDS if text.isalpha()),  # years mean days to us as well
        *("визит министров", "рынок казахстана день", "год дня"),
        *(f'"{one} {two}"' for one, two in pairwise(SINGLE)),
        *("title:визит", "title:казах рынка", "author:дана", "author:министров", "section:казахстан", "section:мир"),
    ],
)
def test_whooshs_parser_reads_words_phrases_and_fields_as_ours(index: Index, searcher: Any, text: str) -> None:
    asked = QueryParser("text", index.whoosh.schema).parse(text)
    assert ids(searcher, asked) == index.found(parse(text, ANALYZER).query)


def test_enough_phrases_were_parsed() -> None:
    assert len(SINGLE) > 5


def test_whooshs_parser_reads_tags_and_exact_forms(index: Index, searcher: Any) -> None:
    def found(text: str) -> set[str]:
        return ids(searcher, QueryParser("text", index.whoosh.schema).parse(text))

    assert found("form:рынка") == index.found(parse("=рынка", ANALYZER).query)
    for tag in TAGS:
        assert found(f"tag:{tag}") == {each.id for each in index.articles.values() if tag in each.tags}


# -- articles


def test_the_stored_fields_are_the_article(index: Index, searcher: Any) -> None:
    stored = {fields["id"]: fields for fields in searcher.all_stored_fields()}
    assert stored == {article_id: each.as_dict() for article_id, each in index.articles.items()}
    assert searcher.doc_count() == index.ours.info.articles
    for article_id in ("a/000", "a/031", "a/062", "nobody"):
        expected = index.articles.get(article_id)
        assert searcher.document(id=article_id) == (expected and expected.as_dict())


def test_whoosh_lists_the_terms_that_living_articles_have(index: Index, searcher: Any) -> None:
    living = index.articles.values()
    assert set(searcher.lexicon("id")) == {article_id.encode() for article_id in index.articles}
    assert set(searcher.lexicon("tag")) == {tag.encode() for each in living for tag in each.tags}
    for field, names in (("text", ("title", "lead", "text")), ("title", ("title",)), ("author", ("author",))):
        tokens = (token for each in living for name in names for token in ANALYZER.tokens(getattr(each, name)))
        terms = {term for token in tokens for term in ANALYZER.standing(token)}
        assert list(searcher.lexicon(field)) == sorted(term.encode() for term in terms)


# -- generations


def test_a_whoosh_searcher_refreshes_to_the_next_generations(tmp_path: Path) -> None:
    engine, random = engine_in(tmp_path / "index"), Random(4)
    publish(engine, [])
    searcher = open_dir(str(tmp_path / "index")).searcher()
    assert searcher.up_to_date()
    for number in range(12):
        publish(engine, [article(random, number), article(random, number // 2)], [f"a/{number // 3:03}"])
        assert not searcher.up_to_date()
        searcher = searcher.refresh()
        expected = {each.id: each.as_dict() for each in engine.open().articles()}
        assert {hit["id"]: hit.fields() for hit in searcher.search(query.Every(), limit=None)} == expected
        asked = parse("визит", ANALYZER).query
        found = engine.open().search(Request(now=NOW, query=asked, limit=1000))
        assert ids(searcher, in_whoosh(asked)) == {match.article.id for match in found.matches}
    searcher.close()


def test_whoosh_reads_an_older_generation_that_is_kept(tmp_path: Path) -> None:
    engine, random = engine_in(tmp_path / "index"), Random(4)
    publish(engine, [article(random, 1), article(random, 2)])
    publish(engine, [article(random, 3)], ["a/001"])
    toc = TOC.read(FileStorage(str(tmp_path / "index")), "MAIN", gen=1)
    with FileIndex._reader(FileStorage(str(tmp_path / "index")), toc.schema, toc.segments, 1) as reader:
        assert {fields["id"] for fields in reader.all_stored_fields()} == {"a/001", "a/002"}


# -- writing is ours alone


@pytest.mark.parametrize(
    "write",
    [
        lambda ix: ix.writer(),
        lambda ix: ix.writer(procs=2),
        lambda ix: ix.optimize(),
        lambda ix: ix.delete_by_term("id", "a/001"),
        lambda ix: ix.delete_by_query(query.Every()),
        lambda ix: ix.add_field("more", ix.schema["text"]),
        lambda ix: ix.remove_field("title"),
        lambda ix: writing.AsyncWriter(ix),
        lambda ix: writing.BufferedWriter(ix, period=None).commit(),
    ],
    ids=["writer", "processes", "optimize", "term", "query", "field", "no field", "AsyncWriter", "BufferedWriter"],
)
def test_whoosh_is_refused_to_write_and_changes_nothing(index: Index, write: Callable[[Any], object]) -> None:
    def contents() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in index.folder.iterdir() if path.name != LOCK}

    before = contents()
    with pytest.raises(IndexUnavailable, match="Whoosh reads this index but does not write it; use the indexer"):
        write(index.whoosh)
    assert contents() == before
    with index.engine.writer() as making:
        making.remove("a/001")


def test_whooshs_writers_wait_for_ours(index: Index) -> None:
    with index.engine.writer(), pytest.raises(writing.LockError):
        index.whoosh.writer()


# -- the format


def test_a_table_of_contents_names_nothing_of_whoosh(index: Index) -> None:
    """These names are format: who moves them makes every index unreadable to Whoosh."""
    content = max(index.folder.glob("_MAIN_*.toc"), key=lambda path: int(path.stem.split("_")[2])).read_bytes()
    named: set[str] = set()
    for start in (at for at in range(len(content)) if content[at : at + 1] == pickle.PROTO):
        Naming(content[start:], named).load_if_any()
    assert named == {f"search.engines.whoosh.compat.codec.{name}" for name in ("_schema", "_segment", "Segments")}
    assert b"whoosh.fields" not in content
    assert b"whoosh.analysis" not in content


class Naming(pickle.Unpickler):
    """Keeps the names of what a pickle asks for."""

    def __init__(self, content: bytes, named: set[str]) -> None:
        super().__init__(BytesIO(content))
        self._named = named

    def load_if_any(self) -> None:
        # Not every byte that could begin a pickle does.
        with suppress(pickle.UnpicklingError, ValueError):
            self.load()

    def find_class(self, module: str, name: str) -> Any:
        self._named.add(f"{module}.{name}")
        return super().find_class(module, name)
