"""Publishing under bad conditions: killed writers, full disks, forbidden folders, many small generations."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from indexer.rebuild import Options, Rejection, rebuild_index
from indexer.sources import open_source
from search.analysis import Analyzer
from search.config import Settings
from search.engine import Engine, Request, Searcher
from search.engines.whoosh import WhooshEngine
from search.engines.whoosh.columns import column_path
from search.engines.whoosh.engine import DEFAULT_POLICY
from search.engines.whoosh.manifest import manifest_path, read_manifest, toc_path
from search.engines.whoosh.publish.draft import WritePolicy
from search.engines.whoosh.publish.folder import KEPT, LOCK, generations, require_space
from search.errors import IndexUnavailable
from search.model import Article
from search.query.parser import parse
from tests.oracle import OracleEngine
from tests.properties import check_same_answer
from tests.strategies import ANALYZER, WORDS

# How often a run of each kind is killed.
KILLS = int(os.environ.get("ARKHIV_TEST_KILLS", "3"))
NOW = datetime(2040, 1, 1, tzinfo=UTC)
REQUESTS = [
    Request(now=NOW, query=parse(text, ANALYZER).query, limit=1000)
    for text in ("", "визит", "казахстан | рынок -день", "=рынка", "каз*", '"визит министров"', "дата:2024")
]


def prose(random: Random, most: int) -> str:
    return " ".join(random.choices(WORDS, k=random.randrange(most)))


def articles(random: Random, *numbers: int) -> list[Article]:
    return [
        Article(
            id=f"статья-{number}",
            title=prose(random, 6),
            text=prose(random, 40),
            published=random.choice([None, date(2023, 12, 31), date(2024, 1, number % 28 + 1)]),
            author=random.choice(["", "Дана Аменова"]),
            tags=tuple(random.sample(["суд", "рынок"], k=random.randrange(3))),
        )
        for number in numbers
    ]


def engine_in(folder: Path | str, policy: WritePolicy = DEFAULT_POLICY) -> WhooshEngine:
    return WhooshEngine(str(folder), Settings(), ANALYZER, policy)


def publish(engine: Engine, added: list[Article], *removed: str, fresh: bool = False) -> None:
    with engine.writer(fresh=fresh) as making:
        for article_id in removed:
            making.remove(article_id)
        for article in added:
            making.add(article)
        making.publish()


def check_answers(engine: Engine, oracle: Engine) -> None:
    searchers = engine.open(), oracle.open()
    assert {each.id: each for each in searchers[0].articles()} == {each.id: each for each in searchers[1].articles()}
    for request in REQUESTS:
        check_same_answer(*searchers, request, same_statistics=False)


def answers(searcher: Searcher) -> list[object]:
    return [list(searcher.articles()), *(searcher.search(request) for request in REQUESTS)]


def listed(folder: Path) -> set[str]:
    """The names of the files that belong to the kept generations, and the lock."""
    names = {LOCK}
    for number in generations(folder)[-KEPT:]:
        names |= {toc_path(folder, number).name, manifest_path(folder, number).name}
        for segment in read_manifest(folder, number).entries:
            names |= {column_path(folder, segment.name, column).name for column, _ in segment.every_file()}
    return names


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# -- writers in processes of their own


@dataclass(frozen=True)
class Task:
    """Publish a change in an index, under a condition."""

    index: str  # relative to `within`
    within: str
    does: str = "publish"  # one of DEEDS
    small: bool = False  # one article; otherwise so many that they are flushed bit by bit and merged
    kill_at: int = 0  # die by kill -9 before the file operation of this number
    kill_after: float = 0.0  # die so after this many seconds
    largest: int | None = None  # no file may become longer than this
    unprivileged: bool = False  # not as root, whom no permissions bind


@dataclass(frozen=True)
class Outcome:
    """What became of it: the signal that ended the process or 0, what it said, its seconds and file operations."""

    signal: int
    said: str = ""
    seconds: float = 0.0
    operations: int = 0


def change(small: bool) -> tuple[list[Article], list[str]]:
    random = Random(7)
    if small:
        return articles(random, 1000), []
    return articles(random, *range(0, 60, 3), *range(100, 120)), ["статья-1", "статья-33"]


class Deaf:
    """Hears how a run goes."""

    def reached(self, read: int) -> None: ...
    def rejected(self, rejection: Rejection) -> None: ...
    def warned(self, message: str) -> None: ...
    def finished(self, read: int) -> None: ...

    def publishing(self, read: int) -> None: ...


def write_export(index: Path) -> None:
    """The archive as its sources have it now: of 44 articles 15 changed, two are gone, twenty are new."""
    added, removed = change(small=False)
    archive = {each.id: each for each in [*engine_in(index).open().articles(), *added] if each.id not in removed}
    lines = b"".join(msgspec.json.encode(each.as_dict() | {"title": "Рынок"}) + b"\n" for each in archive.values())
    index.with_name("export.jsonl").write_bytes(lines)


def rebuild_changed(engine: WhooshEngine) -> None:
    rebuild_index(engine, [open_source("export.jsonl")], Options(Settings(), allow_shrink=True), Deaf())


def views_anew(engine: WhooshEngine) -> None:
    with engine.writer() as making:
        for number in range(40):
            assert making.set_views(f"статья-{number}", number + 1)
        making.publish()


def withdraw_one(engine: WhooshEngine) -> None:
    with engine.writer() as making:
        assert making.withdraw("статья-21")
        making.publish()


DEEDS: dict[str, Callable[[WhooshEngine], object]] = {
    "rebuild": rebuild_changed,
    "rollback": WhooshEngine.rollback,
    "views": views_anew,
    "withdraw": withdraw_one,
}


def serve() -> None:
    """Carry out tasks from the standard input, each in a forked process: to start a new one takes a second."""
    for line in sys.stdin:
        task = Task(**json.loads(line))
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.write(theirs, json.dumps(carry_out(task)).encode())
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(0)
        os.close(theirs)
        if task.kill_after:
            time.sleep(task.kill_after)
            os.kill(child, signal.SIGKILL)
        with os.fdopen(ours, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps({"signal": os.WTERMSIG(status), **json.loads(said or "{}")}), flush=True)


def carry_out(task: Task) -> dict[str, object]:
    os.chdir(task.within)
    if task.unprivileged and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    if task.largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (task.largest, task.largest))
    operations = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal operations
        if event in {"open", "os.rename", "os.remove"} and task.index in str(arguments[0]):
            operations += 1
            if operations == task.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    added, removed = change(task.small)
    deed = DEEDS.get(task.does, lambda engine: publish(engine, added, *removed))
    began, said = time.perf_counter(), "published"
    try:
        deed(engine_in(task.index, WritePolicy(flush=2000)))
    except IndexUnavailable as error:
        said = str(error)
    return {"said": said, "seconds": time.perf_counter() - began, "operations": operations}


@dataclass(frozen=True)
class Other:
    """Another process, in which writers write."""

    process: subprocess.Popen[str]

    def write(self, folder: Path, **condition: object) -> Outcome:
        assert self.process.stdin
        assert self.process.stdout
        task = Task(index=folder.name, within=str(folder.parent), **condition)  # type: ignore[arg-type]
        print(json.dumps(asdict(task)), file=self.process.stdin, flush=True)
        return Outcome(**json.loads(self.process.stdout.readline()))


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", "from tests.test_whoosh_publishing import serve; serve()"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Other(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def two_segments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OracleEngine]:
    """An index of two segments, to which the next ones bring about a merge, and what it answers."""
    folder, oracle, random = tmp_path_factory.mktemp("base") / "index", OracleEngine(Settings(), ANALYZER), Random(1)
    for number in range(2):
        added = articles(random, *range(number * 20, number * 20 + 24))
        for engine in (engine_in(folder), oracle):
            publish(engine, added)
    assert len(read_manifest(folder, 2).segments) == 2
    return folder, oracle


@pytest.fixture
def index(tmp_path: Path, two_segments: tuple[Path, OracleEngine]) -> Path:
    """A copy of it."""
    return shutil.copytree(two_segments[0], tmp_path / "index")


@pytest.fixture(scope="module")
def before(two_segments: tuple[Path, OracleEngine]) -> OracleEngine:
    return two_segments[1]


@pytest.fixture(scope="module")
def after(before: OracleEngine) -> OracleEngine:
    """What the index answers when the change was published."""
    oracle = OracleEngine(Settings(), ANALYZER)
    oracle.store.published = before.store.published
    added, removed = change(small=False)
    publish(oracle, added, *removed)
    return oracle


# -- killed writers


def check_way_is_free(folder: Path, before: OracleEngine, after: OracleEngine) -> None:
    """The published generation answers, and the next writer writes and clears up."""
    engine = engine_in(folder)
    number = generations(folder)[-1]
    assert number in {2, 3}
    assert engine.verify() == []
    oracle = OracleEngine(Settings(), ANALYZER)
    oracle.store.published = (before if number == 2 else after).store.published
    check_answers(engine, oracle)
    for each in (engine, oracle):
        publish(each, articles(Random(9), 5, 200), "статья-101")
    assert engine.verify() == []
    check_answers(engine, oracle)
    assert names(folder) == listed(folder)


def test_a_writer_killed_before_any_file_operation_harms_nothing(
    index: Path, other: Other, before: OracleEngine, after: OracleEngine, tmp_path: Path
) -> None:
    whole = other.write(shutil.copytree(index, tmp_path / "whole"))
    assert (whole.signal, whole.said) == (0, "published")
    assert len(read_manifest(tmp_path / "whole", 3).segments) == 1, "the change is to bring about a merge"
    last = whole.operations
    published = set()
    for kill_at in sorted({*range(1, last + 1, last // 16), *range(last - 3, last + 1)}):
        folder = shutil.copytree(index, tmp_path / str(kill_at))
        assert other.write(folder, kill_at=kill_at).signal == signal.SIGKILL
        published.add(generations(folder)[-1])
        check_way_is_free(folder, before, after)
    assert published == {2, 3}


def test_a_writer_killed_at_any_instant_harms_nothing(
    index: Path, other: Other, before: OracleEngine, after: OracleEngine, tmp_path: Path
) -> None:
    seconds = other.write(shutil.copytree(index, tmp_path / "whole")).seconds
    random = Random(3)
    for attempt in range(8):
        folder = shutil.copytree(index, tmp_path / str(attempt))
        other.write(folder, kill_after=random.random() * seconds)
        check_way_is_free(folder, before, after)


@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_is_killed_leaves_an_index_that_works(index: Path, other: Other, tmp_path: Path, deed: str) -> None:
    def as_found(folder: Path) -> list[object]:
        assert engine_in(folder).verify() == []
        return answers(engine_in(folder).open())

    write_export(index)
    whole = shutil.copytree(index, tmp_path / "whole")
    outcome = other.write(whole, does=deed)
    assert (outcome.signal, outcome.said) == (0, "published")
    expected = {2: as_found(index), 3: as_found(whole)}
    random = Random(deed)
    for attempt in range(KILLS):
        folder = shutil.copytree(index, tmp_path / f"index{attempt}")
        other.write(folder, does=deed, kill_after=random.random() * outcome.seconds)
        assert as_found(folder) == expected[generations(folder)[-1]]
        assert other.write(folder, does="rebuild").said == "published"
        assert engine_in(folder).verify() == []
        assert names(folder) == listed(folder)
        shutil.rmtree(folder)


@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_finds_the_disk_full_leaves_the_index_as_it_was(index: Path, other: Other, deed: str) -> None:
    write_export(index)
    contents = {path.name: path.read_bytes() for path in index.iterdir()}
    for largest in (0, 64, 200):
        said = other.write(index, does=deed, largest=largest).said
        assert said == f"the index in {index} cannot be written: File too large"
        assert {path.name: path.read_bytes() for path in index.iterdir()} == contents


def test_a_first_writer_killed_anywhere_leaves_no_index(other: Other, tmp_path: Path) -> None:
    last = other.write(tmp_path / "whole", small=True).operations
    for kill_at in range(1, last, last // 8):
        folder = tmp_path / str(kill_at)
        assert other.write(folder, small=True, kill_at=kill_at).signal == signal.SIGKILL
        engine = engine_in(folder)
        if engine.generation() is None:
            with pytest.raises(IndexUnavailable, match="there is no index"):
                engine.open()
        publish(engine, articles(Random(1), 1))
        assert names(folder) == listed(folder)


# -- one writer at a time


def test_a_second_writer_is_refused_in_any_process(index: Path, other: Other) -> None:
    with engine_in(index).writer():
        with pytest.raises(IndexUnavailable, match="another process is writing"):
            engine_in(index).writer()
        assert "another process is writing" in other.write(index).said
    assert other.write(index).said == "published"


def test_the_first_writers_of_a_folder_exclude_each_other(tmp_path: Path) -> None:
    """Who leaves without publishing takes the folder away under those who wait."""
    busy: list[int] = []
    entered: list[int] = []

    def come_and_go(number: int) -> None:
        while len(entered) < 100:
            try:
                with engine_in(tmp_path / "a" / "index").writer():
                    busy.append(number)
                    assert busy == [number]
                    entered.append(number)
                    busy.remove(number)
            except IndexUnavailable as error:
                assert "another process is writing" in str(error)  # noqa: PT017

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come_and_go, range(4)))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# -- no trace


def test_a_first_writer_that_does_not_publish_leaves_no_folder(tmp_path: Path) -> None:
    engine = engine_in(tmp_path / "new" / "deeper" / "index")
    with engine.writer() as making:
        making.add(articles(Random(1), 1)[0])
    assert names(tmp_path) == set()
    with pytest.raises(RuntimeError), engine.writer(fresh=True):
        raise RuntimeError
    assert names(tmp_path) == set()


def test_a_folder_that_was_there_stays_with_what_lay_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "README.md").write_text("Here lies the index.")
    with engine_in(folder).writer():
        pass
    assert names(folder) == {"README.md"}
    publish(engine_in(folder), articles(Random(1), 1))
    publish(engine_in(folder), articles(Random(1), 2), fresh=True)
    assert (folder / "README.md").read_text() == "Here lies the index."


def test_leaving_without_publishing_leaves_every_file_as_it_was(index: Path) -> None:
    contents = {path.name: path.read_bytes() for path in index.iterdir()}
    with engine_in(index).writer() as making:
        making.remove("статья-3")
        for article in articles(Random(1), *range(300)):
            making.add(article)
    assert {path.name: path.read_bytes() for path in index.iterdir()} == contents


# -- withdrawn


def test_of_a_withdrawn_article_no_byte_is_left_in_any_file(index: Path) -> None:
    engine = engine_in(index)
    secret = Article(id="тайна-17", title="Ыыйцук", text="Щщзхъ эждл", author="Ъъъ", tags=("ёёё",))
    publish(engine, [*articles(Random(1), 300, 301), secret])
    publish(engine, [*articles(Random(2), 302), replace(secret, text="Другой щщзхъ")])
    publish(engine, articles(Random(3), 303))
    traces = [
        text.encode(code)
        for text in (secret.id, secret.title, secret.title.lower(), "щщзхъ", "эждл", "ъъъ", secret.author, "ёёё")
        for code in ("utf-8", "utf-16-le")
    ]
    assert any(trace in path.read_bytes() for path in index.iterdir() for trace in traces)
    with engine.writer() as making:
        assert making.withdraw(secret.id)
        making.publish()
    assert [path.name for path in index.iterdir() for trace in traces if trace in path.read_bytes()] == []
    assert names(index) == listed(index)
    assert len(generations(index)) == 1
    assert engine.verify() == []


def test_a_killed_withdrawal_leaves_nothing_to_roll_back_to(index: Path) -> None:
    copy = shutil.copytree(index, index.parent / "copy")
    engine = engine_in(copy)
    with engine.writer() as making:
        assert making.withdraw("статья-3")
        making.publish()
    shutil.copytree(index, copy, dirs_exist_ok=True)  # the files that a killed writer did not come to sweep
    with pytest.raises(IndexUnavailable, match="no generation before"):
        engine.rollback()
    assert names(copy) == listed(copy)
    assert len(generations(copy)) == 1


# -- full and forbidden


def test_a_disk_with_too_little_space_is_told(tmp_path: Path) -> None:
    require_space(tmp_path, 1)
    with pytest.raises(IndexUnavailable, match=r"1,000,000,000.0 MB more are needed on its disk, .+ MB are free"):
        require_space(tmp_path, 10**15)


def test_a_damaged_earlier_generation_is_not_rolled_back_to(index: Path) -> None:
    engine = engine_in(index)
    publish(engine, articles(Random(1), 1), fresh=True)
    before = engine.generation()
    earlier = read_manifest(index, 2).segments[0]
    column_path(index, earlier.name, "store").write_bytes(bytes(earlier.files["store"].size))
    with pytest.raises(IndexUnavailable, match=r"before the published one is damaged: .*store: its checksum differs"):
        engine.rollback()
    assert engine.generation() == before


@pytest.mark.parametrize(
    ("largest", "small"),
    [(0, False), (64, False), (1000, False), (4000, False), (4000, True)],
    ids=["no byte", "first columns", "a flush", "the merge", "the manifest"],
)
def test_a_disk_that_is_full_leaves_the_index_as_it_was(
    index: Path, other: Other, before: OracleEngine, largest: int, small: bool
) -> None:
    contents = {path.name: path.read_bytes() for path in index.iterdir()}
    outcome = other.write(index, largest=largest, small=small)
    assert outcome.said == f"the index in {index} cannot be written: File too large"
    assert {path.name: path.read_bytes() for path in index.iterdir()} == contents
    check_answers(engine_in(index), before)
    assert other.write(index, small=small).said == "published"


def test_a_first_generation_on_a_full_disk_leaves_no_trace(other: Other, tmp_path: Path) -> None:
    told = f"the index in {tmp_path}/index cannot be written: File too large"
    assert other.write(tmp_path / "index", largest=100).said == told
    assert names(tmp_path) == set()


def test_an_index_that_may_only_be_read_answers(index: Path, other: Other, before: OracleEngine) -> None:
    index.parent.chmod(0o755)
    index.chmod(0o555)
    try:
        said = other.write(index, unprivileged=True).said
        check_answers(engine_in(index), before)
    finally:
        index.chmod(0o755)
    assert said == f"the index in {index} cannot be written: Permission denied"


def test_a_place_below_a_file_is_no_place_for_an_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine = engine_in(tmp_path / "file" / "index")
    with pytest.raises(IndexUnavailable, match="file/index cannot be written: Not a directory"):
        engine.writer()
    for ask in (engine.generation, engine.open, engine.verify):
        with pytest.raises(IndexUnavailable, match="file/index cannot be read: Not a directory"):
            ask()


# -- many generations


def test_many_small_generations_stay_few_segments(tmp_path: Path) -> None:
    folder, random = tmp_path / "index", Random(5)
    engine, oracle = engine_in(folder), OracleEngine(Settings(), ANALYZER)
    for number in range(60):
        added = articles(random, *(random.randrange(90) for _ in range(3)))
        removed = [f"статья-{random.randrange(90)}" for _ in range(random.randrange(2))]
        for each in (engine, oracle):
            publish(each, added, *removed)
        assert len(read_manifest(folder, number + 1).segments) <= WritePolicy().crowd
        assert names(folder) == listed(folder)
        if number % 12 == 0:
            check_answers(engine, oracle)
    check_answers(engine, oracle)
    assert engine.verify() == []
    assert generations(folder) == [59, 60]


class Meanwhile(Analyzer):
    """Something happens just when a generation is being opened: while it is asked whether it fits the settings."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self._happens = [happens]
        super().__init__()

    def __getattribute__(self, name: str) -> object:
        if name == "version" and self._happens:
            self._happens.pop()()
        return super().__getattribute__(name)


def test_a_generation_swept_while_opened_gives_way(index: Path) -> None:
    def publish_twice() -> None:
        for number in range(2):
            publish(engine_in(index), articles(Random(number), number), fresh=True)

    opened = WhooshEngine(str(index), Settings(), Meanwhile(publish_twice)).open()
    assert generations(index) == [3, 4]
    assert opened.info.generation == engine_in(index).generation()
    assert answers(opened) == answers(engine_in(index).open())


def test_a_searcher_goes_on_after_its_generation_was_swept(index: Path) -> None:
    engine = engine_in(index)
    old = engine.open()
    expected = answers(old)
    for number in range(2):
        publish(engine, articles(Random(number), number), fresh=True)
    assert 2 not in generations(index)
    assert answers(old) == expected
    assert answers(engine.open()) != expected


def test_what_cannot_be_deleted_undoes_no_publication(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = WhooshEngine(str(tmp_path / "index"), Settings(), ANALYZER)
    for number in range(2):
        with engine.writer() as making:
            making.add(Article(f"a{number}", "Визит", "Текст."))
            (tmp_path / "index" / f"MAIN_of_a_crash_{number}.keys").mkdir()  # no file, and so no file that is deleted
            info = making.publish()
        assert engine.open().info == info
        assert "published, but files of older generations stay" in caplog.text
        next((tmp_path / "index").glob("MAIN_of_a_crash_*")).rmdir()
