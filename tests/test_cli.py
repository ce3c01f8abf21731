"""The command `indexer`: what it says, what it leaves behind, and with which exit code."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.cli import main
from search import IndexUnavailable, load_settings, open_archive
from search.analysis import Analyzer
from search.config import Settings
from search.engines import open_engine

Indexer = Callable[..., Result]
SAMPLE = Path(__file__).parent.parent / "indexer" / "sample.jsonl"


def article(number: int | str, **fields: Any) -> dict[str, Any]:
    return {"id": f"a{number}", "title": f"Визит президента {number}", "text": "Первый абзац о визите.", **fields}


def write(name: str, *records: dict[str, Any] | str | bytes) -> str:
    """A file of JSON lines in the working directory."""
    lines = [json.dumps(record, ensure_ascii=False) if isinstance(record, dict) else record for record in records]
    Path(name).write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
    return name


@pytest.fixture
def indexer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Indexer:
    """The command, called in an empty folder; a traceback fails the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARKHIV_INDEX", raising=False)

    def call(*arguments: str, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False, prog_name="indexer")

    return call


@pytest.fixture
def published(indexer: Indexer) -> str:
    """An archive of three articles is published; its generation."""
    export = write("first.jsonl", *(article(number, published=f"202{number}-05-17") for number in range(3)))
    assert indexer("rebuild", export).exit_code == 0
    return generation(indexer)


def generation(indexer: Indexer) -> str:
    return str(json.loads(indexer("status", "--json").stdout)["index"]["generation"])


def ids(indexer: Indexer) -> list[str]:
    hits = json.loads(indexer("search", "--json", "--sort", "oldest", "--per-page", "100").stdout)["hits"]
    return sorted(hit["id"] for hit in hits)


def rejected() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("index.rejected.jsonl").read_text().splitlines()]


def test_a_rebuild_makes_the_archive_equal_its_sources(indexer: Indexer, published: str) -> None:
    Path("more.jsonl.gz").write_bytes(gzip.compress(json.dumps(article(8)).encode()))
    result = indexer("rebuild", "--allow-shrink", write("export.jsonl", article(7)), "more.jsonl.gz")
    assert (result.exit_code, result.stderr) == (0, "publishing\n")
    assert "2 read, 2 indexed, 0 unchanged, 3 removed, 0 rejected, 0 warnings" in result.stdout
    assert ids(indexer) == ["a7", "a8"]
    assert generation(indexer) != published


def report(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_a_rebuild_indexes_only_what_changed(indexer: Indexer) -> None:
    indexer("rebuild", write("export.jsonl", *(article(number) for number in range(20))))
    changed = [
        article(number, title="Поездка" if number == 3 else f"Визит президента {number}") for number in range(21)
    ]
    told = report(indexer("rebuild", "--json", write("export.jsonl", *changed[1:])))
    assert (told["indexed"], told["unchanged"], told["removed"]) == (2, 18, 1)
    assert ids(indexer) == sorted(f"a{number}" for number in range(1, 21))
    assert json.loads(indexer("search", "поездка", "--json").stdout)["total"] == 1


PAGE = """<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Визит</title>
<link rel="canonical" href="https://gazeta.example/2024/vizit"><meta property="og:image" content="/1.jpg">
<meta name="author" content="Дана Аменова"><meta name="keywords" content="визиты, министры"></head><body><article>
<h1>Президент посетил Алматы</h1><time datetime="2024-05-17T09:30:00+05:00" pubdate>17 мая</time>
<p>Глава государства прибыл в город утром и встретился с министрами, которые рассказали ему о жизни области.</p>
<p>Вечером прошло совещание о подготовке к зиме, на котором говорили о дорогах, школах и больницах города.</p>
</article></body></html>"""


def test_a_saved_page_that_names_its_address_is_found_under_it(indexer: Indexer) -> None:
    Path("pages").mkdir()
    Path("pages/vizit.html").write_text(PAGE, "utf-8")
    told = report(indexer("rebuild", "pages", "--json"))
    assert (told["indexed"], told["rejected"]) == (1, 0)
    (hit,) = json.loads(indexer("search", "министры", "--year", "2024", "--tag", "визиты", "--json").stdout)["hits"]
    assert hit["id"] == hit["url"] == "https://gazeta.example/2024/vizit"
    assert (hit["author"], hit["published"]) == ("Дана Аменова", "2024-05-17T09:30:00+05:00")


def test_a_rebuild_that_changes_nothing_publishes_nothing(indexer: Indexer, published: str) -> None:
    result = indexer("rebuild", "first.jsonl")
    assert result.exit_code == 0
    assert "nothing changed, nothing is published" in result.stdout
    assert generation(indexer) == published
    assert indexer("rebuild", "--full", "first.jsonl").exit_code == 0
    assert generation(indexer) != published


def test_of_two_with_one_id_the_last_wins_if_published_too(indexer: Indexer) -> None:
    export = write("export.jsonl", article(1, title="Первый"), article(2), article(1, title="Второй"))
    assert indexer("rebuild", export).exit_code == 0
    told = report(indexer("rebuild", "--json", export))
    assert (told["indexed"], told["unchanged"], told["published"]) == (0, 2, False)


@pytest.mark.parametrize("left", [17, 18])
def test_a_source_that_lost_more_than_the_set_share_is_refused(indexer: Indexer, left: int) -> None:
    indexer("rebuild", write("export.jsonl", *(article(number) for number in range(20))))
    before = generation(indexer)
    export = write("export.jsonl", *(article(number) for number in range(left)))
    result = indexer("rebuild", export)
    if left == 18:
        assert result.exit_code == 0
        return
    assert result.exit_code == 1
    assert "3 of 20 articles are in the sources no more, which is above 10 %, the setting max_shrink" in result.stderr
    assert generation(indexer) == before
    assert indexer("rebuild", "--allow-shrink", export).exit_code == 0
    assert len(ids(indexer)) == 17


def test_views_are_taken_over_without_indexing(indexer: Indexer) -> None:
    indexer("rebuild", write("export.jsonl", article(1, views=5), article(2, views=7)))
    told = report(indexer("rebuild", "--json", write("export.jsonl", article(1, views=9), article(2))))
    assert (told["indexed"], told["published"]) == (0, True)
    hits = json.loads(indexer("search", "--json", "--sort", "views").stdout)["hits"]
    assert [(hit["id"], hit["views"]) for hit in hits] == [("a1", 9), ("a2", 7)]
    indexer("rebuild", "--full", write("export.jsonl", article(1), article(2)))
    hits = json.loads(indexer("search", "--json", "--sort", "views").stdout)["hits"]
    assert [(hit["id"], hit["views"]) for hit in hits] == [("a1", 9), ("a2", 7)]


def test_of_a_database_only_the_rows_with_another_stamp_are_read(indexer: Indexer) -> None:
    with closing(sqlite3.connect("news.db")) as base, base:
        base.execute("create table articles (id text, title text, text text, updated text)")
        rows = [(f"a{number}", f"Визит {number}", "Абзац.", "2024-05-17") for number in range(20)]
        base.executemany("insert into articles values (?, ?, ?, ?)", rows)
    source = "sqlite:///news.db#articles"
    report(indexer("rebuild", "--json", source))
    with closing(sqlite3.connect("news.db")) as base, base:
        base.execute("update articles set title = 'Поездка' where id = 'a1'")  # its stamp stays: it is not read
        base.execute("update articles set title = 'Рынок', updated = '2024-05-18' where id = 'a2'")
        base.execute("delete from articles where id = 'a3'")
    told = report(indexer("rebuild", "--json", source))
    assert (told["read"], told["indexed"], told["unchanged"], told["removed"]) == (19, 1, 18, 1)
    for query, total in (("поездка", 0), ("рынок", 1), ("визит", 18)):
        assert report(indexer("search", query, "--json"))["total"] == total
    # Other settings may make other articles of the same rows.
    Path("arkhiv.toml").write_text("max_text = 1_000")
    assert report(indexer("rebuild", "--json", source))["indexed"] == 1


def test_the_last_source_wins_even_where_its_row_is_known(indexer: Indexer) -> None:
    with closing(sqlite3.connect("news.db")) as base, base:
        base.execute("create table articles (id text, title text, text text, updated text)")
        base.execute("insert into articles values ('a1', 'Из базы', '', '2024-05-17')")
    sources = write("export.jsonl", article(1, title="Из файла")), "sqlite:///news.db#articles"
    report(indexer("rebuild", "--json", *sources))
    told = report(indexer("rebuild", "--json", *sources))
    assert (told["indexed"], told["unchanged"], told["published"]) == (0, 1, False)


def test_add_adds_and_replaces_just_these_articles(indexer: Indexer, published: str) -> None:
    assert indexer("add", write("new.jsonl", article(2, title="Поездка министра"), article(3))).exit_code == 0
    assert ids(indexer) == ["a0", "a1", "a2", "a3"]
    assert json.loads(indexer("search", "поездка", "--json").stdout)["total"] == 1


def test_articles_are_added_where_there_is_no_archive_yet(indexer: Indexer) -> None:
    assert indexer("add", write("new.jsonl", article(1))).exit_code == 0
    assert ids(indexer) == ["a1"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_minus_reads_standard_input(indexer: Indexer, packed: bool) -> None:
    lines = (json.dumps(article(1)) + "\nnonsense\n").encode()
    result = indexer("rebuild", "-", stdin=gzip.compress(lines) if packed else lines)
    assert result.exit_code == 3
    assert "stdin:2: not JSON" in result.stderr
    assert ids(indexer) == ["a1"]


def answers(indexer: Indexer, url: str, *queries: str) -> list[Any]:
    """What an index answers, less how long it took and which generation it was."""
    told = []
    for query in queries:
        answer = report(indexer("search", query, "--json", "--per-page", "100", "--index", url))
        told.append({name: value for name, value in answer.items() if name not in {"took_ms", "index"}})
    return told


def test_a_copy_answers_as_the_original_does(indexer: Indexer, published: str) -> None:
    more = (article(8), article(9, views=7, tags=["визит"], published="2999-01-01"), article(7, views=3, author="Иван"))
    indexer("rebuild", "--full", "first.jsonl", write("more.jsonl", *more))
    result = indexer("copy", "whoosh:index", "whoosh:copy")
    told = report(indexer("status", "--json", "--index", "whoosh:copy"))
    assert (result.exit_code, result.stderr) == (0, "publishing\n")
    first, second = result.stdout.splitlines()
    assert first.startswith("6 copied, ")
    assert second == f"published: 6 articles, generation {told['index']['generation']}"
    assert (told["last_run"]["command"], told["last_run"]["added"]) == ("copy", 6)
    queries = "визит", "author:Иван", "поездка", ""
    assert answers(indexer, "whoosh:copy", *queries) == answers(indexer, "whoosh:index", *queries)
    assert indexer("verify", "--index", "whoosh:copy").exit_code == 0


def test_a_rebuild_of_a_copy_reads_no_more_than_of_the_original(indexer: Indexer) -> None:
    with closing(sqlite3.connect("news.db")) as base, base:
        base.execute("create table articles (id text, title text, text text, updated text)")
        rows = [(f"a{number}", f"Визит {number}", "Абзац.", "2024-05-17") for number in range(20)]
        base.executemany("insert into articles values (?, ?, ?, ?)", rows)
    indexer("rebuild", "sqlite:///news.db#articles")
    assert report(indexer("copy", "whoosh:index", "whoosh:copy", "--json"))["copied"] == 20
    with closing(sqlite3.connect("news.db")) as base, base:
        base.execute("update articles set title = 'Поездка' where id = 'a1'")  # its stamp stays: it is not read
        base.execute("update articles set title = 'Рынок', updated = '2024-05-18' where id = 'a2'")
    told = report(indexer("rebuild", "sqlite:///news.db#articles", "--json", "--index", "whoosh:copy"))
    assert (told["indexed"], told["unchanged"], told["removed"]) == (1, 19, 0)
    assert [answer["total"] for answer in answers(indexer, "whoosh:copy", "поездка", "рынок")] == [0, 1]


def test_a_copy_replaces_and_can_be_rolled_back(indexer: Indexer, published: str) -> None:
    indexer("rebuild", write("other.jsonl", article(8)), "--index", "whoosh:other")
    assert indexer("copy", "whoosh:index", "whoosh:other").exit_code == 0
    assert answers(indexer, "whoosh:other", "визит")[0]["total"] == 3
    assert indexer("rollback", "--index", "whoosh:other").exit_code == 0
    assert answers(indexer, "whoosh:other", "визит")[0]["total"] == 1


@pytest.mark.parametrize("same", ["whoosh:index", "whoosh:./index/", "whoosh:linked"])
def test_an_index_is_not_copied_to_itself(indexer: Indexer, published: str, same: str) -> None:
    Path("linked").symlink_to("index")
    result = indexer("copy", "whoosh:index", same)
    assert (result.exit_code, result.stderr) == (2, "indexer: TO: is the same index as FROM; name another one\n")
    assert generation(indexer) == published


def test_what_is_not_there_is_not_copied(indexer: Indexer, published: str) -> None:
    result = indexer("copy", "whoosh:none", "whoosh:index")
    assert result.exit_code == 1
    assert f"there is no index in {Path.cwd()}/none yet" in result.stderr
    assert not Path("none").exists()
    assert generation(indexer) == published


def test_an_empty_archive_is_not_copied(indexer: Indexer, published: str) -> None:
    indexer("rebuild", write("other.jsonl", article(8)), "--index", "whoosh:other")
    indexer("remove", "a8", "--index", "whoosh:other")
    result = indexer("copy", "whoosh:other", "whoosh:index")
    assert (result.exit_code, result.stderr) == (1, "indexer: there is no article in FROM; nothing is published\n")
    assert generation(indexer) == published


def test_a_copy_fails_while_its_target_is_written(indexer: Indexer, published: str) -> None:
    indexer("rebuild", write("other.jsonl", article(8)), "--index", "whoosh:other")
    with open_engine("whoosh:other", Settings(), Analyzer()).writer():
        result = indexer("copy", "whoosh:index", "whoosh:other")
    assert result.exit_code == 1
    assert f"another process is writing to {Path.cwd() / 'other'}; try again when it has finished" in result.stderr
    assert answers(indexer, "whoosh:other", "визит")[0]["total"] == 1


def test_a_copy_only_reads_its_source(indexer: Indexer, published: str) -> None:
    folder = Path("index")
    with open_engine("whoosh:index", Settings(), Analyzer()).writer():  # who has to write to it would have to wait
        before = {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
        assert indexer("copy", "whoosh:index", "whoosh:other").exit_code == 0
        assert {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())} == before
    assert answers(indexer, "whoosh:other", "визит") == answers(indexer, "whoosh:index", "визит")


@pytest.mark.parametrize(("source", "target"), [("nonsense:index", "whoosh:copy"), ("whoosh:index", "index")])
def test_a_copy_between_what_are_no_indexes_is_wrong_usage(
    indexer: Indexer, published: str, source: str, target: str
) -> None:
    result = indexer("copy", source, target)
    assert result.exit_code == 2
    assert "does not name an index; write whoosh:FOLDER" in result.stderr


def test_the_bundled_sample_may_be_replaced_by_any_source(indexer: Indexer) -> None:
    assert indexer("rebuild", str(SAMPLE)).exit_code == 0
    assert indexer("add", write("today.jsonl", article(1))).exit_code == 0
    result = indexer("rebuild", write("export.jsonl", article(1), article(2)))
    assert (result.exit_code, ids(indexer)) == (0, ["a1", "a2"])
    assert "the bundled sample is replaced\n" in result.stdout
    assert indexer("status").exit_code == 0, "it is none of what counts against max_shrink"
    # What is not the sample vanishes no more than before.
    result = indexer("rebuild", write("export.jsonl", article(2)))
    assert (result.exit_code, "--allow-shrink" in result.stderr) == (1, True)
    indexer("add", str(SAMPLE))
    result = indexer("rebuild", "export.jsonl")
    assert (result.exit_code, "101 of 102 articles" in result.stderr) == (1, True)


def test_removed_articles_are_found_no_more(indexer: Indexer, published: str) -> None:
    result = indexer("remove", "a0", "a2", "a0")
    assert (result.exit_code, result.stdout) == (0, "2 removed, 1 articles published\n")
    assert ids(indexer) == ["a1"]


def test_an_id_that_is_not_there_is_named_and_stops_no_other(indexer: Indexer, published: str) -> None:
    result = indexer("remove", "a0", "nowhere")
    assert (result.exit_code, result.stderr) == (3, "indexer: no article with the id 'nowhere'\n")
    assert ids(indexer) == ["a1", "a2"]


def test_removing_only_what_is_not_there_publishes_nothing(indexer: Indexer, published: str) -> None:
    result = indexer("remove", "nowhere")
    assert (result.exit_code, result.stderr) == (1, "indexer: no article with the id 'nowhere'\n")
    assert generation(indexer) == published


def test_a_withdrawn_article_is_out_of_both_generations(indexer: Indexer, published: str) -> None:
    assert indexer("remove", "a0").exit_code == 0
    assert indexer("remove", "--withdraw", "a0", "a1").exit_code == 0
    assert ids(indexer) == ["a2"]
    result = indexer("rollback")
    assert (result.exit_code, "no generation before the published one" in result.stderr) == (1, True)


def test_rolling_back_publishes_the_generation_before(indexer: Indexer, published: str) -> None:
    assert indexer("rollback").exit_code == 1
    indexer("remove", "a0")
    assert report(indexer("rollback", "--json"))["index"]["articles"] == 3
    assert ids(indexer) == ["a0", "a1", "a2"]
    indexer("rollback")
    assert ids(indexer) == ["a1", "a2"]


def test_views_are_taken_over_and_bad_lines_are_named_and_kept(indexer: Indexer, published: str) -> None:
    lines = write("views.tsv", "a0\t7", "a1", "a1\t-1", "nowhere\t5", "", "a2\t9", "a0\t8")
    result = indexer("views", lines)
    assert result.exit_code == 3
    assert result.stdout == "3 counted, 4 rejected, published\n"
    for number in (2, 3, 5):
        assert f"views.tsv:{number}: not an id, a tab and a whole number\n" in result.stderr
    assert "views.tsv:4: no article with the id 'nowhere'\n" in result.stderr
    assert [entry["line"] for entry in rejected()] == [2, 3, 4, 5]
    hits = json.loads(indexer("search", "--json", "--sort", "views").stdout)["hits"]
    assert [(hit["id"], hit["views"]) for hit in hits] == [("a2", 9), ("a0", 8), ("a1", 0)]
    before = generation(indexer)
    result = indexer("views", "-", stdin="\ufeffa2\t9\r\n".encode())
    assert (result.exit_code, result.stdout) == (0, "1 counted, 0 rejected, nothing changed, nothing is published\n")
    assert indexer("views", write("bad.tsv", "nonsense")).exit_code == 1
    assert indexer("views", "missing.tsv").exit_code == 1
    assert generation(indexer) == before


def test_of_views_the_last_word_holds_be_it_that_of_a_rebuild(indexer: Indexer) -> None:
    indexer("rebuild", write("export.jsonl", article(1, views=1)))
    for command, file, views in (
        ("views", write("views.tsv", "a1\t7"), 7),
        ("rebuild", "export.jsonl", 1),
        ("views", "views.tsv", 7),
        ("rebuild", write("without.jsonl", article(1)), 7),
        ("rebuild", write("changed.jsonl", article(1, title="Иначе")), 7),
    ):
        assert indexer(command, file).exit_code == 0
        assert json.loads(indexer("search", "--json").stdout)["hits"][0]["views"] == views


BAD_LINES = [
    ('{"id": "b", "title": "Б"', "not JSON"),
    ("[1, 2]", "not a JSON object"),
    ({"title": "Б", "text": ""}, "id: missing"),
    ({"id": 1.7, "title": "Б", "text": ""}, "id: 1.7 is not a string"),
    ({"id": "b", "text": ""}, "title: missing"),
    ({"id": "b", "title": "Б"}, "text: missing"),
    ({"id": "b", "title": "Б", "text": "", "published": "вчера"}, "published: 'вчера' is not a date"),
    ({"id": "b", "title": "Б", "text": "", "published": "9999-12-31T23:00:00Z"}, "outside the years 1 to 9999"),
    ({"id": "b", "title": "Б", "text": "ж" * 10_000_000}, "10,000,000 characters, more than the 1,000,000"),
    ('{"id": "b", "title": "статья"}'.encode("cp1251"), "not UTF-8"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES)
def test_a_bad_line_is_named_and_kept_and_costs_no_other(
    indexer: Indexer, published: str, bad: dict[str, Any] | str | bytes, reason: str
) -> None:
    result = indexer("rebuild", "--allow-shrink", write("export.jsonl", article(1), bad, article(2)))
    assert result.exit_code == 3
    assert "export.jsonl:2: " in result.stderr
    assert reason in result.stderr
    assert "rejected articles: 1, kept in index.rejected.jsonl" in result.stderr
    assert ids(indexer) == ["a1", "a2"]
    (entry,) = rejected()
    assert (entry["file"], entry["line"]) == ("export.jsonl", 2)
    assert reason in entry["reason"]
    if isinstance(bad, dict):
        assert entry["raw"] == bad
    else:
        assert entry["raw"] == (bad if isinstance(bad, str) else bad.decode(errors="backslashreplace"))


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES)
def test_with_strict_one_bad_line_and_nothing_is_published(
    indexer: Indexer, published: str, bad: dict[str, Any] | str | bytes, reason: str
) -> None:
    for command in ("rebuild", "add"):
        result = indexer(command, "--strict", write("export.jsonl", article(1), bad, article(2)))
        assert result.exit_code == 1
        assert "export.jsonl:2: " in result.stderr
        assert reason in result.stderr
        assert "indexer: 1 of 3 articles rejected; with --strict nothing is published then\n" in result.stderr
        assert generation(indexer) == published
        assert len(rejected()) == 1


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"views": -1}, "views: -1 is not a whole number"),
        ({"url": "javascript:alert(1)"}, "url: 'javascript:alert(1)' is not an http or https address"),
        ({"tags": "визит"}, "tags: 'визит' is not a list of strings"),
        ({"updated": "вчера"}, "updated: 'вчера' is not a date"),
    ],
)
def test_a_wrong_optional_field_is_left_out_and_named(indexer: Indexer, fields: dict[str, Any], warning: str) -> None:
    export = write("export.jsonl", article(1), article(2, **fields))
    result = indexer("rebuild", export, "--json")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"warning: export.jsonl:2: {warning}")
    assert result.stderr.endswith(", left out\n")
    assert json.loads(result.stdout)["warnings"] == 1
    assert not Path("index.rejected.jsonl").exists()
    assert indexer("rebuild", export, "--strict").exit_code == 1


def test_an_unknown_field_is_said_once(indexer: Indexer) -> None:
    export = write("export.jsonl", *(article(number, body_html="x", rank=1) for number in range(5)))
    result = indexer("rebuild", export)
    assert result.exit_code == 0
    assert result.stderr.count("'body_html' is no field of an article") == 1
    assert result.stderr.count("'rank' is no field of an article") == 1


def test_the_ends_of_the_calendar_are_days_of_the_archive(indexer: Indexer) -> None:
    export = write("export.jsonl", article(1, published="0001-01-01"), article(2, published="9999-12-31"))
    assert indexer("rebuild", export).exit_code == 0
    assert indexer("search", "визит", "--from", "0001", "--to", "0001").stdout.startswith("1 found")
    assert "0001-01-01" in indexer("status").stdout


def test_of_articles_with_one_id_the_last_is_kept(indexer: Indexer) -> None:
    export = write("export.jsonl", article(1), article(2), article(1), article(2), article(1, title="Последний"))
    result = indexer("rebuild", export)
    assert result.exit_code == 0
    assert (
        "warning: 2 ids came more than once, the last of each was kept; the first is 'a1', again in export.jsonl:3\n"
        in result.stderr
    )
    assert json.loads(indexer("rebuild", export, "--json").stdout)["replaced"] == 3
    assert ids(indexer) == ["a1", "a2"]
    assert indexer("search", "последний").stdout.startswith("1 found")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"", "is empty: there is no article in it"),
        (b"\n\n", "is empty: there is no article in it"),
        (gzip.compress(b'{"id": "1", "title": "a", "text": ""}\n' * 9, mtime=0)[:-9], "is no whole gzip file"),
    ],
)
@pytest.mark.parametrize("command", ["rebuild", "add"])
def test_a_source_that_cannot_be_read_fails_the_run(
    indexer: Indexer, published: str, command: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        Path("export.jsonl").write_bytes(content)
    result = indexer(command, "first.jsonl", "export.jsonl")
    assert result.exit_code == 1
    assert f"indexer: export.jsonl: {reason}" in result.stderr
    assert generation(indexer) == published
    assert indexer("verify").exit_code == 0


def test_a_folder_without_a_page_is_no_source(indexer: Indexer, published: str) -> None:
    result = indexer("rebuild", "index")
    assert (result.exit_code, result.stderr) == (1, "indexer: index: holds no page (.html, .htm, .txt, .mhtml, .mht)\n")


def test_a_rebuild_of_nothing_says_what_to_write(indexer: Indexer) -> None:
    result = indexer("rebuild")
    assert result.exit_code == 2
    assert "indexer: SOURCE: name what to read, as in: indexer rebuild export.jsonl" in result.stderr
    assert 'arkhiv.toml, as in: sources = ["export.jsonl"]' in result.stderr


def test_an_export_without_articles_empties_no_archive(indexer: Indexer, published: str) -> None:
    result = indexer("rebuild", write("export.jsonl", {"id": "1"}, {"id": "2"}))
    assert result.exit_code == 1
    assert (
        "indexer: no valid article among 2; an archive is not emptied this way, nothing is published\n" in result.stderr
    )
    assert len(rejected()) == 2
    assert generation(indexer) == published


def test_rejected_articles_replace_those_of_the_run_before(indexer: Indexer) -> None:
    indexer("rebuild", write("export.jsonl", article(1), {"id": "b"}, {"id": "c"}))
    assert [entry["raw"]["id"] for entry in rejected()] == ["b", "c"]
    indexer("add", write("export.jsonl", article(1), {"id": "d"}))
    assert [entry["raw"]["id"] for entry in rejected()] == ["d"]
    indexer("add", write("export.jsonl", article(1)))
    assert not Path("index.rejected.jsonl").exists()


def test_a_run_that_cannot_begin_leaves_the_rejected_ones(indexer: Indexer) -> None:
    indexer("rebuild", write("export.jsonl", article(1), {"id": "b"}))
    indexer("rebuild", "missing.jsonl")
    assert len(rejected()) == 1


def test_a_run_that_is_broken_off_leaves_the_rejected_ones(indexer: Indexer) -> None:
    indexer("rebuild", write("export.jsonl", article(1), {"id": "b"}))
    Path("broken.jsonl.gz").write_bytes(gzip.compress(b"{}")[:-8])
    result = indexer("rebuild", write("export.jsonl", article(1), {"id": "c"}), "broken.jsonl.gz")
    assert result.exit_code == 1
    assert "export.jsonl:2: " in result.stderr
    assert [entry["raw"]["id"] for entry in rejected()] == ["b"]
    assert {path.name for path in Path().iterdir()} == {
        "index", "index.rejected.jsonl", "index.runs.jsonl", "export.jsonl", "broken.jsonl.gz"
    }  # fmt: skip


def test_a_report_that_cannot_be_kept_leaves_nothing_behind(indexer: Indexer, published: str) -> None:
    Path("index.runs.jsonl").unlink()
    Path("index.runs.jsonl").mkdir()
    result = indexer("rebuild", "--full", "first.jsonl")
    assert (result.exit_code, result.stderr.count("this run is not kept in")) == (0, 1)
    assert json.loads(indexer("verify", "--json").stdout)["generation"] != published
    assert {path.name for path in Path().iterdir()} == {"index", "index.runs.jsonl", "first.jsonl"}


def test_a_date_far_ahead_is_warned_about(indexer: Indexer) -> None:
    export = write(
        "export.jsonl", article(1), article(2, published="2204-05-17"), article(3, published="2204-05-17T09")
    )
    result = indexer("rebuild", export)
    assert result.exit_code == 3
    assert "export.jsonl:2: published: 2204-05-17 is more than max_ahead = 366 days ahead; " in result.stderr
    assert ids(indexer) == ["a1"]
    result = indexer("rebuild", "--strict", write("export.jsonl", article(1), article(2, published="2204-05-17")))
    assert result.exit_code == 1
    assert "export.jsonl:2: published: 2204-05-17 is more than" in result.stderr
    Path("arkhiv.toml").write_text("max_ahead = 100000", "utf-8")
    result = indexer("rebuild", write("export.jsonl", article(1), article(2, published="2204-05-17")))
    assert (result.exit_code, "max_ahead" in result.stderr) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--index", "opensearch://user:secret@node:9200/archive"), "'opensearch://…@node:9200/archive' does not name"),
        (("--index", "whoosh:index", "postgresql+psycopg://a:sec#ret@127.0.0.1:1/news#articles"), "a:***@127.0.0.1:1"),
        (("--index", "whoosh:index", "oracle+oracledb://a:sec#ret@host/news#articles"), "needs the driver oracledb"),
    ],
)
def test_no_password_is_printed(indexer: Indexer, arguments: tuple[str, ...], shown: str) -> None:
    write("export.jsonl", article(1))
    source = () if len(arguments) == 3 else ("export.jsonl",)
    result = indexer("rebuild", *arguments, *source)
    assert shown in result.stderr
    assert "sec" not in result.stderr.replace("seconds", "")
    assert "ret@" not in result.stderr


@pytest.mark.parametrize("column", ["origins", "origins_at", "ids"])
def test_a_damaged_index_is_named_by_a_rebuild_and_a_copy(indexer: Indexer, published: str, column: str) -> None:
    for number in range(3):
        Path(f"{number}.html").write_text(
            f"<title>Мост</title><h1>Мост {number}</h1><p>Вода в Урале прибывает, мы следим за ней.</p>", "utf-8"
        )
    pages = [f"{number}.html" for number in range(3)]
    assert indexer("rebuild", "first.jsonl", *pages).exit_code == 0
    for path in Path("index").glob(f"MAIN_*.{column}"):
        path.write_bytes(bytes(byte ^ (0xFF if at % 3 == 0 else 0) for at, byte in enumerate(path.read_bytes())))
    for command in (("rebuild", "first.jsonl", *pages), ("copy", "whoosh:index", "whoosh:other")):
        result = indexer(*command)
        assert (result.exit_code, f".{column}: its checksum differs" in result.stderr) == (1, True), result.stderr
    assert not Path("other").exists()


def test_a_damaged_index_is_named_by_a_search_in_the_terminal(indexer: Indexer, published: str) -> None:
    column = next(Path("index").glob("MAIN_*.store"))
    column.write_bytes(b"\xff" * column.stat().st_size)
    result = indexer("search", "визит")
    assert result.exit_code == 1
    told = f"indexer: the index is damaged: {Path.cwd() / column}: its checksum differs; rebuild the index"
    assert told in result.stderr


def test_rejected_articles_are_kept_whole_whatever_is_in_them(indexer: Indexer) -> None:
    deep = b'{"id": "b", "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    indexer("rebuild", write("export.jsonl", article(1), '{"id": "\\ud83d", "title": "\\u0000"}', deep))
    first, second = rejected()
    assert first["raw"] == {"id": "\ud83d", "title": "\0"}
    assert second["line"] == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("rebuild", "first.jsonl", "--index", "elastic:x"),
        ("search", "визит", "--month", "13"),
        ("search", "визит", "--year", "2024", "--month", "13"),
        ("search", "визит", "--from", "tomorrow"),
        ("search", "визит", "--sort", "length"),
        ("search", "визит", "--page", "0"),
        ("search", "визит", "--year", "MMXX"),
        ("search", "--year", "none", "--month", "5"),
        ("add",),
        ("remove",),
        ("rebuild", "--fast"),
        ("publish",),
    ],
)
def test_wrong_usage_is_told_with_exit_code_2(indexer: Indexer, published: str, arguments: tuple[str, ...]) -> None:
    result = indexer(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


@pytest.mark.parametrize("arguments", [("status",), ("verify",), ("search", "визит"), ("remove", "a1")])
def test_without_an_index_the_command_that_builds_one_is_named(indexer: Indexer, arguments: tuple[str, ...]) -> None:
    result = indexer(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("indexer: ")
    assert "there is no index" in result.stderr
    assert "indexer rebuild" in result.stderr
    assert not Path("index").exists()


def test_another_index_is_chosen_by_option_or_environment(
    indexer: Indexer, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = write("export.jsonl", article(1), {"id": "b"})
    assert indexer("rebuild", export, "--index", "whoosh:deep/other/").exit_code == 3
    assert Path("deep/other.rejected.jsonl").exists()
    assert Path("deep/other.runs.jsonl").exists()
    monkeypatch.setenv("ARKHIV_INDEX", "whoosh:deep/other")
    assert ids(indexer) == ["a1"]
    assert generation(indexer) != published


def test_status_shows_the_index_and_the_last_run(indexer: Indexer, published: str) -> None:
    shown = indexer("status")
    assert shown.exit_code == 0
    assert "articles    3, of them without a date 0\n" in shown.stdout
    assert "dates       2020-05-17 to 2022-05-17\n" in shown.stdout
    assert "rebuild: 3 added, 0 rejected" in shown.stdout
    assert f"loops       {json.loads(indexer('status', '--json').stdout)['loops']}" in shown.stdout
    indexer("rebuild", "missing.jsonl")
    failed = indexer("status")
    assert "rebuild: missing.jsonl: no such file" in failed.stdout
    assert (failed.exit_code, "the last rebuild failed" in failed.stderr) == (1, True), "an operator has to act"
    assert json.loads(indexer("status", "--json").stdout)["last_run"]["error"] == "missing.jsonl: no such file"
    assert indexer("rebuild", "first.jsonl").exit_code == 0
    indexer("remove", "a1")
    assert indexer("status").exit_code == 0
    answer = json.loads(indexer("status", "--json").stdout)
    assert answer["url"] == "whoosh:index"
    assert answer["index"]["articles"] == 2
    run = answer["last_run"]
    assert (run["command"], run["added"], run["removed"], run["rejected"], run["error"]) == ("remove", 0, 1, 0, "")


def test_a_killed_run_is_told_until_its_command_succeeds(indexer: Indexer, published: str) -> None:
    command = [sys.executable, "-m", "indexer", "rebuild", "-"]
    for code in (0, 1):  # one that goes on is well, whatever became of the one before
        with subprocess.Popen(command, stdin=subprocess.PIPE) as run:
            until = time.monotonic() + 30
            while not Path(f"index.rebuild.{run.pid}.running").exists():
                assert time.monotonic() < until
                time.sleep(0.01)
            assert indexer("status").exit_code == code
            run.kill()
        told = indexer("status")
        assert told.exit_code == 1
        assert "the last rebuild failed: it was killed, or the machine went down" in told.stderr
        assert "rebuild: it was killed" in told.stdout
    indexer("remove", "a1")
    assert indexer("status").exit_code == 1
    assert indexer("rebuild", "first.jsonl").exit_code == 0
    assert indexer("status").exit_code == 0
    assert not list(Path().glob("*.running"))


def test_the_command_says_its_version(indexer: Indexer) -> None:
    told = indexer("--version")
    first, second = told.stdout.splitlines()
    assert (told.exit_code, first) == (0, f"indexer {version('arkhiv')}")
    assert second.partition(",")[0] in {"loops: compiled", "loops: numpy"}


def test_the_last_hundred_runs_are_kept(indexer: Indexer) -> None:
    for number in range(103):
        indexer("rebuild", f"missing{number}.jsonl")
    errors = [json.loads(line)["error"] for line in Path("index.runs.jsonl").read_text().splitlines()]
    assert errors == [f"missing{number}.jsonl: no such file" for number in range(3, 103)]


def test_the_last_run_of_each_command_that_did_not_fail_is_kept(indexer: Indexer, published: str) -> None:
    for number in range(103):
        indexer("add", f"missing{number}.jsonl")
    runs = [json.loads(line) for line in Path("index.runs.jsonl").read_text().splitlines()]
    assert [(run["command"], bool(run["error"])) for run in runs] == [("rebuild", False)] + [("add", True)] * 100
    status = indexer("status")
    assert (status.exit_code, "the last add failed" in status.stderr) == (1, True)
    assert indexer("rebuild", "first.jsonl").exit_code == 0
    assert indexer("status").exit_code == 1, "another command that is well does not hide it"


def test_an_unreadable_record_of_runs_hides_nothing(indexer: Indexer, published: str) -> None:
    Path("index.runs.jsonl").write_bytes(b"\xffnonsense\n")
    result = indexer("status")
    assert result.exit_code == 0
    assert "last run" not in result.stdout


def test_verify_finds_a_changed_byte_in_any_file_of_the_index(indexer: Indexer, published: str) -> None:
    sound = indexer("verify")
    assert (sound.exit_code, sound.stdout) == (0, f"sound: 3 articles, generation {published}\n")
    for path in sorted(path for path in Path("index").rglob("*") if path.is_file() and path.stat().st_size):
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        result = indexer("verify")
        assert result.exit_code == 1, path
        assert path.name in result.stdout + result.stderr
        assert "rebuild" in result.stderr
        path.write_bytes(content)
    assert indexer("verify").exit_code == 0


def test_search_prints_titles_dates_excerpts_and_years(indexer: Indexer) -> None:
    record = article(1, published="2024-05-17T09:00:00", author="Дана Аменова", url="https://example.kz/1")
    indexer("rebuild", write("export.jsonl", record, article(2, title="О погоде", text="Дождь.")))
    shown = indexer("search", "визиты", "президентов").stdout
    assert shown.startswith("1 found, page 1 of 1, ")
    assert "1. *Визит* *президента* 1\n" in shown
    assert "   2024-05-17 09:00 · Дана Аменова · id a1\n" in shown
    assert "   Первый абзац о *визите*.\n" in shown
    assert "   https://example.kz/1\n" in shown
    assert "years: 2024 (1)\n" in shown
    assert "undated: 1" in indexer("search").stdout


def test_search_filters_sorts_and_pages(indexer: Indexer, published: str) -> None:
    def found(*options: str) -> list[str]:
        answer = json.loads(indexer("search", "визит", "--json", *options).stdout)
        return [hit["id"] for hit in answer["hits"]]

    assert found("--sort", "newest") == ["a2", "a1", "a0"]
    assert found("--sort", "oldest", "--per-page", "1", "--page", "2") == ["a1"]
    assert found("--year", "2021", "--month", "5", "--day", "17") == ["a1"]
    assert found("--from", "2021", "--to", "2022-05", "--sort", "oldest") == ["a1", "a2"]
    assert found("--author", "Никто") == []
    assert found("--year", "none") == []
    indexer("add", write("tagged.jsonl", article(9, tags=["саммит", "Астана"])))
    assert found("--tag", "саммит") == ["a9"]
    assert found("--tag", "сам") == []
    assert found("--year", "none") == ["a9"]


def test_search_answers_one_json_object_with_spans_to_mark(indexer: Indexer, published: str) -> None:
    result = indexer("search", "визит", "--year", "2021", "--json")
    answer = json.loads(result.stdout)
    assert (answer["total"], answer["page"], answer["pages"], answer["sort"]) == (1, 1, 1, "relevance")
    read = {"text": "визит", "interpreted": "визит", "notes": [], "correction": None}
    assert answer["query"] == read | {"words": "all", "with_all_words": 1}
    (hit,) = answer["hits"]
    assert (hit["id"], hit["published"], hit["title_marks"]) == ("a1", "2021-05-17", [[0, 5]])
    assert [hit["snippet"][start:end] for start, end in hit["snippet_marks"]] == ["визите"]
    assert answer["facets"]["years"] == [{"year": year, "count": 1} for year in (2020, 2021, 2022)]
    assert answer["facets"]["months"] == [{"month": 5, "count": 1}]
    assert answer["facets"]["days"] is None
    assert answer["index"]["articles"] == 3


def test_the_json_of_a_search_has_the_fields_of_the_api(indexer: Indexer) -> None:
    named = article(2, author="Дана Аменова", author_role="репортёр", section="Политика", views=7)
    indexer("rebuild", write("export.jsonl", article(1), named))
    answer = json.loads(indexer("search", "--json").stdout)
    assert list(answer) == [
        "query", "total", "exact", "page", "per_page", "pages", "sort", "took_ms", "hits", "facets", "index",
    ]  # fmt: skip
    assert answer["facets"] == {
        "years": [],
        "months": None,
        "days": None,
        "undated": 2,
        "authors": [{"value": "Дана Аменова", "count": 1}],
        "sections": [{"value": "Политика", "count": 1}],
        "tags": [],
        "persons": [],
    }
    bare = next(hit for hit in answer["hits"] if hit["id"] == "a1")
    optional = ("url", "published", "author", "author_role", "section", "views", "score", "similar", "missing")
    assert [bare[name] for name in optional] == ["", None, "", "", "", 0, None, 0, []]


def test_a_query_that_begins_with_a_minus_follows_two(indexer: Indexer, published: str) -> None:
    assert indexer("search", "--", "-визит").stdout.startswith("0 found")


def test_with_json_a_run_is_one_object(indexer: Indexer, published: str) -> None:
    result = indexer("add", write("export.jsonl", article(5), {"id": "b"}), "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 3
    assert (answer["read"], answer["indexed"], answer["rejected"], answer["index"]["articles"]) == (2, 1, 1, 4)
    failed = indexer("add", "missing.jsonl", "--json")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert json.loads(indexer("remove", "a5", "--json").stdout)["removed"] == ["a5"]
    assert json.loads(indexer("verify", "--json").stdout)["damaged"] == []


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_and_the_two_common_options(indexer: Indexer, command: str) -> None:
    shown = indexer(command, "--help")
    assert shown.exit_code == 0
    assert ("--index URL" in shown.stdout) is (command not in {"copy", "try"})  # which have two, and none
    assert "--json" in shown.stdout
    assert (main.commands[command].help or "").rstrip().endswith(".")


def test_a_search_in_the_terminal_says_that_it_corrected_and_whom_the_words_name(indexer: Indexer) -> None:
    sung = [article(n, text="Пела Анна Белова.", title=f"Концерт {n}") for n in range(3)]
    indexer("rebuild", write("sung.jsonl", *sung))
    shown = indexer("search", "канцерт").stdout
    assert shown.startswith("searched for концерт, since канцерт finds nothing (--as-typed corrects nothing)\n3 found")
    typed = indexer("search", "канцерт", "--as-typed").stdout
    assert typed.startswith("0 found")
    shown = indexer("search", "белова").stdout
    assert "called so: Анна Белова (--person finds the articles that mention them)\n" in shown
    assert json.loads(indexer("search", "белова", "--json").stdout)["query"]["person"] == "Анна Белова"
    assert "called so" not in indexer("search", "концерт").stdout


def test_a_hint_at_a_misspelling_is_told(indexer: Indexer) -> None:
    usual = [article(n, text="Правительство. " * 10) for n in range(6)]
    assert indexer("rebuild", write("usual.jsonl", *usual, article("slip", text="Правителство."))).exit_code == 0
    assert "perhaps meant: правительство" in indexer("search", "правителство").stdout
    assert json.loads(indexer("search", "правителство", "--json").stdout)["query"]["hint"]["text"] == "правительство"
    assert "perhaps" not in indexer("search", "правительство").stdout


def test_an_empty_name_of_a_source_is_wrong_usage(indexer: Indexer, published: str) -> None:
    for command in ("rebuild", "add", "try"):
        for named in ([""], ["first.jsonl", ""]):
            ran = indexer(command, *named)
            assert (ran.exit_code, ran.stderr.splitlines()[-1]) == (
                2,
                "indexer: SOURCE: is empty, as a variable of the shell that is not set; name what to read",
            )
    assert indexer("search").stdout.startswith("3 found")


@pytest.mark.parametrize("command", ["views", "remove", "copy"])
def test_an_empty_argument_is_no_crash(indexer: Indexer, published: str, command: str) -> None:
    ran = indexer(command, *[""] * (2 if command == "copy" else 1))
    assert ran.exit_code in {1, 2}
    assert len(ran.stderr.splitlines()) == 1


def test_the_library_opens_an_index_of_any_zone(indexer: Indexer) -> None:
    Path("arkhiv.toml").write_text('timezone = "Europe/Moscow"\npersons = false\n')
    dated = article(1, published="2024-05-17T23:30:00Z")
    assert indexer("rebuild", write("export.jsonl", dated)).exit_code == 0
    archive = open_archive("whoosh:index")
    assert (archive.info().timezone, archive.search(year=2024, month=5, day=18).total) == ("Europe/Moscow", 1)
    assert archive.newest() is archive
    assert open_archive("whoosh:index", load_settings({})).info() == archive.info()
    for settings in (Settings(), Settings(timezone="Europe/Samara", persons=False)):
        with pytest.raises(IndexUnavailable, match="time zone Europe/Moscow"):
            open_archive("whoosh:index", settings)


def days_earlier(days: int) -> None:
    """Let the kept runs be so many days older."""
    lines = []
    for line in Path("index.runs.jsonl").read_text().splitlines():
        run = json.loads(line)
        removed = run["window"]["days"]
        run["window"]["days"] = {str(date.fromisoformat(day) - timedelta(days=days)): removed[day] for day in removed}
        lines.append(json.dumps(run) + "\n")
    Path("index.runs.jsonl").write_text("".join(lines))


def test_an_archive_that_shrinks_night_by_night_is_refused(indexer: Indexer) -> None:
    def rebuild(first: int, end: int, *options: str) -> Result:
        return indexer("rebuild", *options, write("export.jsonl", *(article(number) for number in range(first, end))))

    indexer("rebuild", write("export.jsonl", *(article(f"{number:02}") for number in range(100, 200))))
    assert (rebuild(100, 193).exit_code, indexer("status").exit_code) == (0, 1)
    assert "took out 7 of 100 articles, more than half of what max_shrink allows" in indexer("status").stderr
    refused = rebuild(100, 189)
    assert refused.exit_code == 1
    assert "4 of 93 articles are in the sources no more, 11 of 100 with those taken out since 20" in refused.stderr
    assert "the first: 'a189', 'a190', 'a191'; nothing is published; --allow-shrink lets them go" in refused.stderr
    assert indexer("add", write("new.jsonl", article(7))).exit_code == 0
    assert rebuild(100, 190).exit_code == 1, "4 and 7, with the one that was added"
    assert rebuild(100, 191).exit_code == 0, "ten of a hundred may go"
    assert (rebuild(100, 191).exit_code, indexer("status").exit_code) == (0, 1), "not even one more"
    assert "1 of 91 articles" in rebuild(101, 191).stderr
    assert rebuild(101, 191, "--allow-shrink").exit_code == indexer("status").exit_code == 0
    assert rebuild(101, 187).exit_code == indexer("status").exit_code == 0
    assert rebuild(101, 181).exit_code == 1
    days_earlier(29)
    assert rebuild(101, 182).exit_code == 0
    assert rebuild(101, 181).exit_code == 1, "all of the last 30 days is counted"
    days_earlier(2)
    assert rebuild(101, 179).exit_code == 0, "what went long ago counts no more"
    assert rebuild(101, 177).exit_code == 1, "what went two days ago still does"
    assert (rebuild(100, 200).exit_code, indexer("status").exit_code) == (0, 0)
    assert rebuild(100, 191).exit_code == 0, "larger than ever, it begins to count anew"
    assert (indexer("rollback").exit_code, indexer("status").exit_code) == (0, 0)
    assert rebuild(100, 191).exit_code == 0
    assert indexer("remove", *(f"a{number}" for number in range(100, 150))).exit_code == 0
    assert rebuild(150, 191).exit_code == 0, "what an operator removes is not counted"


def test_runs_without_a_window_are_read(indexer: Indexer, published: str) -> None:
    runs = Path("index.runs.jsonl")
    old = {name: value for name, value in json.loads(runs.read_text()).items() if name != "window"}
    runs.write_text(json.dumps(old) + "\n")
    assert indexer("status").exit_code == 0
    assert indexer("rebuild", "first.jsonl").exit_code == 0
    assert json.loads(runs.read_text().splitlines()[-1])["window"]["articles"] == 3


def test_lines_that_break_off_are_a_source_that_is_cut(indexer: Indexer, published: str) -> None:
    whole = "".join(json.dumps(article(number), ensure_ascii=False) + "\n" for number in range(4)).encode()
    for cut in (whole[:-2], whole[:-40], whole[: whole.rindex("Визит".encode()) + 1], whole + b'  {"id'):
        Path("cut.jsonl").write_bytes(cut)
        Path("packed.gz").write_bytes(gzip.compress(cut))
        for command, source in (("rebuild", "cut.jsonl"), ("add", "packed.gz"), ("add", "-")):
            refused = indexer(command, source, stdin=cut)
            name, line = source.replace("-", "stdin"), len(cut.splitlines())
            assert refused.exit_code == 1
            assert f"{name}:{line}: breaks off here (not " in refused.stderr
            assert "export or copy it again" in refused.stderr
    assert generation(indexer) == published
    for lines in (whole[:-1], whole[:-2] + b"\n", whole.replace(b"}", b"", 1), whole + b"nonsense", whole + b"  "):
        Path("export.jsonl").write_bytes(lines)
        assert indexer("rebuild", "export.jsonl", "--allow-shrink").exit_code in {0, 3}
        assert len(ids(indexer)) >= 3
    Path("array.json").write_bytes(b"[" + b",".join(whole.splitlines()) + b', {"id": "\xff"}]')
    assert indexer("rebuild", "array.json").exit_code == 3


def test_pages_that_were_only_touched_are_read_once(indexer: Indexer) -> None:
    Path("pages").mkdir()
    pages = [Path(f"pages/{number}.html") for number in range(3)]
    for number, path in enumerate(pages):
        path.write_text(PAGE.replace("посетил", f"посетил {number}").replace("vizit", f"vizit-{number}"), "utf-8")
    indexer("rebuild", "pages")
    for path in pages[1:]:
        os.utime(path, ns=(7, 7))
    touched = report(indexer("rebuild", "pages", "--json"))
    assert (touched["indexed"], touched["unchanged"], touched["published"]) == (0, 3, True)
    for path in pages[1:]:  # who reads it again gets another article
        path.write_text(path.read_text("utf-8").replace("утром", "ночью"), "utf-8")
        os.utime(path, ns=(7, 7))
    assert report(indexer("rebuild", "pages", "--json"))["published"] is False
    assert indexer("verify").exit_code == 0


FORMATS = {
    "zip": (b"PK\x03\x04\x14\0news.jsonl", "is an archive of zip"),
    "docx": (b"PK\x03\x04\x14\0" + b"x" * 20 + b"[Content_Types].xml", "is a document of Word or a table of Excel"),
    "bz2": (bz2.compress(b"{}\n"), "unpack it by unzip, bunzip2"),
    "xz": (lzma.compress(b"{}\n"), "unxz"),
    "zst": (b"\x28\xb5\x2f\xfd\x04\0\0", "unzstd"),
    "gz": (gzip.compress(gzip.compress(b"{}\n")), "packed twice"),
    "db": (b"SQLite format 3\0\x10\0", "sqlite:///FILE#TABLE"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "is PDF"),
    "le": ('{"id": "1"}\n'.encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8"),
    "be": ('{"id": "1"}\n'.encode("utf-16-be"), "or -f UTF-16BE"),
    "csv": ("id;title;text\n1;Степь;б\n".encode("cp1251"), "looks like CSV"),
}


def test_a_file_of_another_format_is_told_what_it_is(indexer: Indexer, published: str) -> None:
    for name, (content, reason) in FORMATS.items():
        Path(name).write_bytes(content)
        ran = indexer("rebuild", name)
        assert (ran.exit_code, len(ran.stderr.splitlines())) == (1, 1), ran.stderr
        assert ran.stderr.startswith(f"indexer: {name}: ")
        assert reason in ran.stderr
        assert "not UTF-8" not in ran.stderr
    assert generation(indexer) == published


def test_every_message_is_one_line(indexer: Indexer) -> None:
    Path("pages\n2").mkdir()
    Path("pages\n2/empty\x1b.html").write_text("<html></html>")
    Path("pages\n2/vizit.html").write_text(PAGE, "utf-8")
    lines = indexer("rebuild", "pages\n2").stderr.splitlines()
    assert any(line.startswith("pages\\n2/empty\\x1b.html: ") for line in lines), lines
    assert not any("\x1b" in line or line.startswith("2/") for line in lines)
    assert indexer("rebuild", "no\rwhere").stderr == "indexer: no\\rwhere: no such file\n"


def test_markup_is_told_with_the_whole_setting(indexer: Indexer) -> None:
    marked = [article(1), article(2, text="<p>Абзац</p>"), article(3, title="Так&nbsp;и", lead="<b>Кратко</b>")]
    lines = indexer("rebuild", write("export.jsonl", *marked, *marked)).stderr.splitlines()
    hint = (
        'export.jsonl:2: title, lead, text: looks like HTML; where it is, say html = ["title", "lead", "text"] of this'
    )
    assert [line for line in lines if "HTML" in line] == [f"warning: {hint} source in arkhiv.toml"]
    Path("arkhiv.toml").write_text('sources = [{path = "export.jsonl", html = ["text"]}]')
    assert (
        'title, lead: looks like HTML; where it is, say html = ["title", "lead", "text"]' in indexer("rebuild").stderr
    )


def test_titles_in_the_wrong_encoding_come_in_with_a_warning(indexer: Indexer) -> None:
    ran = indexer("rebuild", write("export.jsonl", *(article(n, title="Ð¡Ñ‚ÐµÐ¿ÑŒ") for n in range(3))))
    assert (ran.exit_code, ran.stderr.count("warning: ")) == (0, 1)
    assert "warning: export.jsonl:1: title: 'Ð¡Ñ‚ÐµÐ¿ÑŒ' is UTF-8 that was read as CP1252, of 'Степь'" in ran.stderr


def test_a_slip_of_the_operator_is_no_failed_run(indexer: Indexer, published: str) -> None:
    assert indexer("remove", "nowhere").exit_code == indexer("views", "nowhere.tsv").exit_code == 1
    assert indexer("status").exit_code == 0
    Path("counters.tsv").write_text("nonsense\n")
    assert indexer("views", "counters.tsv").exit_code == indexer("status").exit_code == 1


def test_one_facet_stands_for_all_spellings_of_a_section(indexer: Indexer) -> None:
    spelled = [
        "Общество",
        "Общество ",
        "Общество\n",
        "\u00a0Общество",
        "Общество\u200b",
        "Досуг и игра",
        "Досуг\u00a0и  игра",
    ]
    folded = "и\u0306"
    export = [article(n, section=name, author=f"Йо{folded}") for n, name in enumerate(spelled)]
    Path("arkhiv.toml").write_text('[sections]\n"Досуг  и игра " = "Досуг"\n')
    assert indexer("rebuild", write("export.jsonl", *export, article(8, author="Йой"))).exit_code == 0
    facets = json.loads(indexer("search", "--section", "Общество", "--json").stdout)
    assert (facets["total"], facets["facets"]["authors"]) == (5, [{"value": "Йой", "count": 5}])
    assert [count["value"] for count in facets["facets"]["sections"]] == ["Общество", "Досуг"]
