"""Damaged files: whatever was cut, lost or changed is named, and no damage ends in anything but IndexUnavailable."""

from __future__ import annotations

import shutil
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from itertools import chain, product
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from search.analysis import Analyzer
from search.config import Ranking, Settings
from search.engine import Request
from search.engines.whoosh import WhooshEngine
from search.engines.whoosh.columns import Columns
from search.engines.whoosh.manifest import FORMAT, read_manifest
from search.engines.whoosh.people import PeopleColumns
from search.engines.whoosh.publish.draft import WritePolicy
from search.errors import CORRUPTION_ERRORS, IndexUnavailable
from search.model import Article, Days, Filters, Period, Sort
from search.query.parser import parse
from tests.oracle import OracleEngine
from tests.properties import check_same_answer
from tests.strategies import ANALYZER, MENTIONS, WORDS

# Editors who have two of the people be one.
SETTINGS = Settings(names=str(Path(__file__).with_name("names.txt")))
NOW = datetime(2040, 1, 1, tzinfo=UTC)
COLUMNS = [column.name for column in (*fields(Columns), *fields(PeopleColumns))]
QUERIES = [
    parse(text, ANALYZER).query
    for text in (
        "", "визит", "казахстан рынок", "казахстан | рынок", "визит -день", '"визит министров"', '"рынок год"~5',
        "=рынка", "каз*", "title:визит", "автор:дана", "рубрика:рынки", "дата:2024", 'title:"визит дня"', "не*",
        "кто:серов", 'кто:"анна белова"', "кто:б*",
    )
]  # fmt: skip
REQUESTS = [
    *(Request(now=NOW, query=query, limit=20) for query in QUERIES),
    *(Request(now=NOW, query=query, sort=sort) for query, sort in product(QUERIES[:3], list(Sort)[1:])),
    Request(now=datetime(2024, 1, 9, tzinfo=UTC), query=QUERIES[1], filters=Filters(Period(2024, 1))),
    Request(now=NOW, filters=Filters(Period(2024), Days(date(2023, 12, 1), date(2024, 1, 20)))),
    Request(now=NOW, query=QUERIES[1], filters=Filters(author="Дана Аменова", section="Рынки")),
    Request(now=NOW, query=QUERIES[3], filters=Filters(tag="суд"), offset=5),
    Request(now=NOW, query=QUERIES[1], filters=Filters(person="Валентин Серов")),
    Request(now=NOW, limit=0),
]


def article(random: Random, number: int) -> Article:
    return Article(
        id=f"статья-{number}",
        title=" ".join(random.choices(WORDS, k=3)),
        lead=" ".join(random.choices(WORDS, k=3)),
        text=f"{' '.join(random.choices(WORDS, k=random.randrange(40)))}. {'; '.join(random.sample(MENTIONS, k=4))}",
        published=random.choice([None, date(2023, 12, 31), date(2024, 1, number % 28 + 1)]),
        author=random.choice(["", "Дана Аменова", "Олег Северо-Казахстанский"]),
        section=random.choice(["", "Рынки"]),
        tags=tuple(random.sample(["суд", "рынок"], k=random.randrange(3))),
        views=random.choice([0, 7, 4163]),
    )


ARTICLES = [article(Random(number), number) for number in range(40)]
CHANGED = [replace(each, lead="Иначе") for each in ARTICLES]


def publish(engine: WhooshEngine | OracleEngine, articles: list[Article], *, fresh: bool = False) -> None:
    with engine.writer(fresh=fresh) as making:
        for each in articles:
            making.add(each, f"origin of {each.id}")
        making.publish()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two segments, in the first of which articles were replaced and views set; so that it has every kind
    of file."""
    folder = tmp_path_factory.mktemp("sound") / "index"
    engine = WhooshEngine(str(folder), SETTINGS, ANALYZER)
    publish(engine, ARTICLES[:30])
    publish(engine, [replace(ARTICLES[3], views=5), *CHANGED[25:]])
    return folder


class Index:
    """A copy of the index, to be damaged; `files` are those of the older segment and of the people, by column."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = WhooshEngine(str(folder), SETTINGS, ANALYZER)
        self.toc, self.manifest = folder / "_MAIN_2.toc", folder / "_MAIN_2.json"
        first = next(folder.glob("MAIN_*.dead2")).stem
        people = read_manifest(folder, 2).people
        assert people
        several = (folder.glob(f"{stem}.*") for stem in (first, f"MAIN_{people.name}"))
        self.files = {path.suffix[1:]: path for path in chain.from_iterable(several)}

    def column(self, name: str) -> Path:
        return self.files[name]

    def check_refused(self, match: str) -> None:
        with pytest.raises(IndexUnavailable, match=match):
            self.engine.open()

    def check_repaired(self) -> None:
        """A build from nothing makes all good again, whatever the damage; when an article came in may be forgotten."""
        oracle = OracleEngine(SETTINGS, ANALYZER)
        for engine in (self.engine, oracle):
            publish(engine, ARTICLES, fresh=True)
        assert self.engine.verify() == []
        for request in (request for request in REQUESTS if request.sort is not Sort.INDEXED):
            check_same_answer(self.engine.open(), oracle.open(), request)


@pytest.fixture
def index(tmp_path: Path, sound: Path) -> Index:
    return Index(shutil.copytree(sound, tmp_path / "index"))


def flip(path: Path, random: Random, bits: int = 1) -> None:
    """Change some bits of a file."""
    content = bytearray(path.read_bytes())
    for _ in range(bits):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


# -- files that are not what they should be

CHANGES: dict[str, Callable[[Path], object]] = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "emptied": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
    "extended": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "a folder": lambda path: path.rename(path.with_name("moved")).with_name(path.name).mkdir(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("column", [*COLUMNS, "dead2"])
def test_opening_names_the_column_that_is_not_of_its_size(index: Index, column: str, change: str) -> None:
    CHANGES[change](index.column(column))
    index.check_refused(rf"{index.column(column)} (is damaged|cannot be read)")
    assert [problem.partition(":")[0] for problem in index.engine.verify()] == [str(index.column(column))]


def test_every_file_of_a_segment_is_a_column_that_is_checked(index: Index) -> None:
    assert set(index.files) == {*COLUMNS, "dead2", "views2"}
    assert all(path.stat().st_size for path in index.files.values())


@pytest.mark.parametrize("change", CHANGES)
def test_opening_names_a_manifest_that_is_not_what_was_written(index: Index, change: str) -> None:
    CHANGES[change](index.manifest)
    for ask in (index.engine.open, index.engine.generation, index.engine.verify, index.engine.writer):
        with pytest.raises(IndexUnavailable, match=rf"{index.manifest} (is damaged|cannot be read).*rebuild"):
            ask()
    if change != "a folder":
        index.check_repaired()


@pytest.mark.parametrize("change", ["cut short", "emptied", "extended", "a folder"])
def test_opening_names_a_changed_table_of_contents(index: Index, change: str) -> None:
    CHANGES[change](index.toc)
    index.check_refused(rf"{index.toc} (is damaged|cannot be read).*rebuild")
    assert [problem.partition(":")[0] for problem in index.engine.verify()] == [str(index.toc)]


def test_no_generation_without_its_table_of_contents(index: Index) -> None:
    index.toc.unlink()
    assert index.engine.open().info.articles == 30
    (index.folder / "_MAIN_1.toc").unlink()
    index.check_refused("there is no index")
    index.check_repaired()


# -- files that are changed within


@pytest.mark.parametrize("column", [*COLUMNS, "dead2"])
def test_verifying_names_the_column_in_which_a_bit_has_changed(index: Index, column: str) -> None:
    flip(index.column(column), Random(column))
    assert index.engine.verify() == [f"{index.column(column)}: its checksum differs"]


def test_a_changed_table_of_contents_is_never_unpickled(index: Index) -> None:
    sound = index.toc.read_bytes()
    for seed in range(150):
        index.toc.write_bytes(sound)
        flip(index.toc, Random(seed))
        index.check_refused(f"{index.toc} is damaged")
    index.check_repaired()


def test_a_manifest_with_a_changed_bit_is_never_believed(index: Index) -> None:
    sound = index.manifest.read_bytes()
    for place in [*range(0, len(sound), 29), *range(len(sound) - 12, len(sound))]:
        index.manifest.write_bytes(bytes([*sound[:place], sound[place] ^ 1 << place % 8, *sound[place + 1 :]]))
        index.check_refused(f"{index.manifest} is damaged")
    index.check_repaired()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers that make no sense overflow
@pytest.mark.parametrize("column", [*COLUMNS, "dead2"])
def test_a_damaged_column_ends_in_an_answer_or_is_named(index: Index, column: str) -> None:
    path, random = index.column(column), Random(column)
    sound = path.read_bytes()
    for bits in (1, 1, 3, 10, 100):
        path.write_bytes(sound)
        searcher = index.engine.open()  # a column may go bad under an open searcher too
        flip(path, random, bits)
        for request in REQUESTS:
            _answered(lambda: searcher.search(request), path)  # noqa: B023  # called at once
        for each in CHANGED[:10]:
            _answered(lambda: searcher.article(each.id, NOW), path)  # noqa: B023  # called at once
        _answered(lambda: list(searcher.articles()), path)  # noqa: B023  # called at once


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("column", [*COLUMNS, "dead2"])
def test_writing_on_a_damaged_column_works_or_names_it(index: Index, column: str) -> None:
    path = index.column(column)
    flip(path, Random(column), 10)
    before = {each.name: each.read_bytes() for each in index.folder.iterdir()}
    if not _answered(lambda: publish(index.engine, CHANGED[:3]), path):
        assert {each.name: each.read_bytes() for each in index.folder.iterdir()} == before
    index.check_repaired()


@pytest.mark.parametrize("column", [column.name for column in fields(PeopleColumns)])
def test_what_is_damaged_of_the_people_is_made_anew(index: Index, column: str) -> None:
    flip(index.column(column), Random(column))
    with index.engine.writer() as writer:
        writer.set_views(ARTICLES[7].id, 77)
        writer.publish()
    assert index.engine.verify() == []
    people = read_manifest(index.folder, 3).people
    assert people
    flip(index.folder / f"MAIN_{people.name}.{column}", Random(column))
    publish(index.engine, [replace(CHANGED[0], text="Пришла Анна Белова.")])
    assert index.engine.verify() == []


@pytest.mark.parametrize("column", [*(column.name for column in fields(Columns)), "dead2"])
def test_a_damaged_segment_is_not_merged(index: Index, column: str) -> None:
    flip(index.column(column), Random(column))
    with pytest.raises(IndexUnavailable, match=f"{index.column(column)}: its checksum differs"):
        publish(index.engine, CHANGED[:3])


def test_an_error_over_a_sound_index_is_not_called_damage(index: Index) -> None:
    searcher = index.engine.open()
    for _ in range(2):
        with pytest.raises(TypeError):
            searcher.search(Request(now="now"))  # type: ignore[arg-type]
        while any(thread.name == "arkhiv-verify" for thread in threading.enumerate()):
            time.sleep(0.001)


def _answered(ask: Callable[[], object], damaged: Path) -> bool:
    """Whether there is an answer; else the error names the column, at the latest when the files were read."""
    until = time.monotonic() + 10
    try:
        while True:
            try:
                ask()
            except CORRUPTION_ERRORS:
                assert time.monotonic() < until, "an error over a damaged index stays what it is"
                time.sleep(0.001)
            else:
                break
    except IndexUnavailable as error:
        assert f"{damaged}: its checksum differs" in str(error)  # noqa: PT017
        return False
    return True


# -- publishing


def test_publishing_reads_back_what_it_wrote(index: Index) -> None:
    # The new segments are published as they were written.
    engine = WhooshEngine(str(index.folder), Settings(), ANALYZER, WritePolicy(flush=1, crowd=8))
    before = {path.name: path.read_bytes() for path in index.folder.iterdir()}
    with engine.writer() as making:
        for each in CHANGED[:2]:
            making.add(each)
        making.remove(ARTICLES[1].id)  # what is removed has been written by then
        for path in index.folder.glob("*.position"):
            if path.name not in before:
                flip(path, Random(1))
        with pytest.raises(IndexUnavailable, match=r"cannot be read back: .*\.position: its checksum differs"):
            making.publish()
    assert {path.name: path.read_bytes() for path in index.folder.iterdir()} == before


# -- generations that were built otherwise


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Change a manifest as another program would have written it."""
    line = path.read_bytes().partition(b"\n")[0].replace(old, new)
    path.write_bytes(b"%s\n%08x\n" % (line, zlib.crc32(line)))


@pytest.mark.parametrize("version", [b"0", b"2", b'"two"', b"null"])
def test_a_generation_of_another_format_asks_for_a_rebuild(index: Index, version: bytes) -> None:
    rewrite(index.manifest, f'"format":{FORMAT}'.encode(), b'"format":' + version)
    index.check_refused("indexer rebuild --full")
    with pytest.raises(IndexUnavailable, match="indexer rebuild --full"):
        index.engine.writer()
    index.check_repaired()


def test_a_manifest_of_a_later_format_need_not_be_understood(index: Index) -> None:
    later = f'{{"format":{FORMAT + 1},"shards":[]}}'.encode()
    rewrite(index.manifest, index.manifest.read_bytes().partition(b"\n")[0], later)
    index.check_refused("indexer rebuild --full")


@pytest.mark.parametrize(
    "settings",
    [
        Settings(timezone="Europe/Moscow"),
        Settings(ranking=Ranking(k1=2.0)),
        Settings(ranking=replace(Ranking(), title_weight=5)),
    ],
    ids=["time zone", "constant", "weight"],
)
def test_a_generation_of_other_settings_asks_for_a_rebuild(index: Index, settings: Settings) -> None:
    other = WhooshEngine(str(index.folder), settings, ANALYZER)
    for ask in (other.open, other.writer):
        with pytest.raises(IndexUnavailable, match="indexer rebuild --full"):
            ask()
    assert index.engine.open().info.articles == 40
    publish(other, ARTICLES, fresh=True)
    assert other.open().info.articles == 40
    index.check_refused("indexer rebuild --full")


def test_a_generation_of_another_analysis_asks_for_a_rebuild(index: Index) -> None:
    stems = WhooshEngine(str(index.folder), Settings(), Analyzer(lemmas=False))
    for ask in (stems.open, stems.writer):
        with pytest.raises(IndexUnavailable, match="indexer rebuild --full"):
            ask()
