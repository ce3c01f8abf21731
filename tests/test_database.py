"""Databases as sources: the same questions to SQLite and to PostgreSQL, which ARKHIV_TEST_POSTGRES names."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from indexer.cli import main
from indexer.sources import Row, Unchanged, open_source
from indexer.sources.database import Database
from search.config import DatabaseSettings
from search.errors import SourceError

POSTGRES = os.environ.get("ARKHIV_TEST_POSTGRES")
TABLE = (
    "id integer, title text, text text, published timestamp, updated timestamp, author text, views numeric, mood text"
)


class Newsroom:
    """A database of the test's own, at `url`."""

    def __init__(self, url: str, schema: str = "") -> None:
        self.url = url
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        self.postgres = bool(schema)
        self.table = f"{schema}.articles" if schema else "articles"
        self.do(f"create table {self.table} ({TABLE})")

    def do(self, statement: str, *values: dict[str, Any]) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), list(values) or None)

    def write(self, *articles: dict[str, Any], **values: Any) -> None:
        given = [{"id": 1, "title": "Визит", "text": "Первый.", **values, **article} for article in articles or [{}]]
        names = ", ".join(given[0]), ", ".join(f":{name}" for name in given[0])
        self.do(f"insert into {self.table} ({names[0]}) values ({names[1]})", *given)

    def read(self, what: str = "", known: dict[str, str] | None = None) -> list[Row | Unchanged]:
        return list(open_source(f"{self.url}#{what or self.table}").rows(known or {}))

    def rows(self, what: str = "", known: dict[str, str] | None = None) -> list[Row]:
        return [row for row in self.read(what, known) if isinstance(row, Row)]

    def records(self, what: str = "") -> list[Any]:
        return [row.record for row in self.rows(what)]


@pytest.fixture(params=["sqlite", "postgres"])
def newsroom(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Newsroom]:
    if request.param == "sqlite":
        yield Newsroom(f"sqlite:///{tmp_path / 'news room%.db'}")
        return
    if not POSTGRES:
        pytest.skip("no PostgreSQL: ARKHIV_TEST_POSTGRES names none")
    schema = f"test_{uuid4().hex}"
    with sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as server:
        server.exec_driver_sql(f"create schema {schema}")
        yield Newsroom(POSTGRES, schema)
        server.exec_driver_sql(f"drop schema {schema} cascade")


def test_a_row_of_a_table_is_a_record_and_nulls_are_fields_left_out(newsroom: Newsroom) -> None:
    newsroom.write(id=17, published=datetime(2024, 5, 17, 9, 30), author=None, views=4163, mood="светлое")
    (record,) = newsroom.records()
    assert {name: value for name, value in record.items() if value is not None and name != "published"} == {
        "id": "17",
        "title": "Визит",
        "text": "Первый.",
        "views": 4163,
    }
    assert record["published"].replace(" ", "T")[:16] == "2024-05-17T09:30"


def test_the_result_of_a_query_is_read_and_a_column_that_is_no_field_is_handed_on(newsroom: Newsroom) -> None:
    newsroom.write(id=1)
    newsroom.write(id=2, title="100% ответ: да")
    query = f"select id, title, text, mood AS publishd from {newsroom.table} where title like '100% %: да' -- :end"
    (record,) = newsroom.records(query)
    assert (record["id"], record["title"], "publishd" in record) == ("2", "100% ответ: да", True)


def test_columns_of_other_names_are_mapped_to_the_fields(newsroom: Newsroom) -> None:
    newsroom.write(mood="Общество")
    source = Database(DatabaseSettings(newsroom.url, newsroom.table, columns={"section": "mood", "text": "title"}))
    (row,) = source.rows()
    assert isinstance(row.record, dict)
    assert (row.record["section"], row.record["text"]) == ("Общество", "Визит")


@pytest.mark.parametrize(("zone", "hour"), [("UTC", "04:30"), ("Asia/Almaty", "04:30")])
def test_a_timestamp_that_knows_its_zone_keeps_its_instant(newsroom: Newsroom, zone: str, hour: str) -> None:
    if newsroom.postgres:
        newsroom.do(f"alter table {newsroom.table} alter published type timestamptz, alter updated type timestamptz")
    else:
        newsroom.do("drop table articles")
        newsroom.do("create table articles (id, title, text, published, updated)")
    newsroom.write(published="2024-05-17 09:30:00+05:00", updated="2024-05-17 09:30:00+05:00")
    ((_, _, record, _, stamp),) = newsroom.rows()
    assert isinstance(record, dict)
    instant = datetime.fromisoformat(record["published"])
    assert instant == datetime.fromisoformat("2024-05-17T09:30:00+05:00")
    if newsroom.postgres:
        assert stamp == f"2024-05-17 {hour}:00+00:00"


def test_an_id_is_the_same_whether_its_column_holds_numbers_or_texts(newsroom: Newsroom) -> None:
    newsroom.write(id=17, updated=datetime(2024, 5, 17))
    before = newsroom.rows()
    newsroom.do(f"drop table {newsroom.table}")
    newsroom.do(f"create table {newsroom.table} ({TABLE.replace('id integer', 'id text')})")
    newsroom.write(id="17", updated=datetime(2024, 5, 17))
    assert newsroom.rows() == before
    assert newsroom.read(known={"17": before[0].stamp}) == [Unchanged(["17"])]
    assert newsroom.rows(known={"17": "another"}) == before


def test_what_has_its_known_stamp_is_not_read_and_what_is_gone_does_not_come(newsroom: Newsroom) -> None:
    newsroom.write(*({"id": number, "updated": datetime(2024, 5, 17) if number else None} for number in range(1200)))
    known = {row.key: row.stamp for row in newsroom.rows()} | {"gone": "2024-01-01"}
    newsroom.do(f"update {newsroom.table} set updated = '2024-05-18', title = 'Новый' where id = 700")
    newsroom.do(f"delete from {newsroom.table} where id = 5")
    newsroom.write(id=5000, updated=datetime(2020, 1, 1))
    rows = newsroom.read(known=known)
    unchanged = [key for row in rows if isinstance(row, Unchanged) for key in row.keys]
    assert sorted(unchanged, key=int) == [str(number) for number in range(1200) if number not in {0, 5, 700}]
    changed = {row.line: (row.key, row.record["title"]) for row in rows if isinstance(row, Row)}
    assert changed.keys() == {1198, 1199, 1200}, "the unchanged ones count"
    assert set(changed.values()) == {("0", "Визит"), ("700", "Новый"), ("5000", "Визит")}


def test_when_almost_all_has_changed_every_row_still_comes_once(newsroom: Newsroom) -> None:
    for number in range(3):
        newsroom.write(id=number, updated=datetime(2024, 5, 17))
    newsroom.write(id=None, updated=datetime(2024, 5, 17))
    first = newsroom.rows()[0]
    rows = newsroom.read(known={first.key: first.stamp})
    assert [row for row in rows if isinstance(row, Unchanged)] == [Unchanged([first.key])]
    assert sorted(row.key for row in rows if isinstance(row, Row)) == sorted({"0", "1", "2", "None"} - {first.key})


def test_a_reading_stands_as_of_its_beginning_and_disturbs_no_writer(newsroom: Newsroom) -> None:
    if not newsroom.postgres:
        newsroom.do("pragma journal_mode = wal")
    newsroom.write(*({"id": number} for number in range(1200)))
    rows = open_source(f"{newsroom.url}#{newsroom.table}").rows()
    first = next(rows)
    newsroom.do(f"delete from {newsroom.table}")
    assert 1 + sum(1 for _ in rows) == 1200
    assert first.line == 1


def test_nothing_can_be_written_by_a_query(newsroom: Newsroom) -> None:
    newsroom.write()
    if newsroom.postgres:
        statement = f"with gone as (delete from {newsroom.table} returning *) select * from gone"
        with pytest.raises(SourceError):
            newsroom.rows(statement)
    with (
        Database(DatabaseSettings(newsroom.url, newsroom.table))._snapshot() as connection,
        pytest.raises(sa.exc.DBAPIError, match=r"read-?only"),
    ):
        connection.exec_driver_sql(f"delete from {newsroom.table}")
    assert len(newsroom.rows()) == 1


def test_a_missing_table_and_a_missing_column_are_named(newsroom: Newsroom) -> None:
    newsroom.write()
    with pytest.raises(SourceError, match=r"#nowhere: cannot be read: .*nowhere"):
        newsroom.rows("nowhere")
    with pytest.raises(SourceError, match=r"has no column 'titel' for title; did you mean 'title'\?"):
        list(Database(DatabaseSettings(newsroom.url, newsroom.table, columns={"title": "titel"})).rows())
    with pytest.raises(SourceError, match="has no column 'text' for text; there are: id, title"):
        newsroom.rows(f"select id, title from {newsroom.table}")
    with pytest.raises(SourceError, match=r"cannot be read: .*syntax"):
        newsroom.rows("select from from")


def test_an_empty_table_is_an_error_of_the_source(newsroom: Newsroom) -> None:
    with pytest.raises(SourceError, match="is empty: there is no row in it"):
        newsroom.rows()


@pytest.mark.parametrize(
    ("column", "tags"),
    [("весна, степь", ["весна", "степь"]), ('["а, б"]', ["а, б"]), ("[весна", "[весна"), ("весна", ["весна"])],
)
def test_tags_are_a_json_list_or_stand_with_commas_between(newsroom: Newsroom, column: str, tags: Any) -> None:
    newsroom.write(mood=column)
    (row,) = Database(DatabaseSettings(newsroom.url, newsroom.table, columns={"tags": "mood"})).rows()
    assert isinstance(row.record, dict)
    assert row.record["tags"] == tags


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: ARKHIV_TEST_POSTGRES names none")
def test_a_connection_that_is_lost_midway_is_an_error_of_the_source() -> None:
    assert POSTGRES
    query = "select n::text as id, 'a' as title, repeat('x', 1000) as text from generate_series(1, 50000) as n"
    name = f"lost_{uuid4().hex}"
    rows = open_source(f"{POSTGRES}?application_name={name}#{query}").rows()
    next(rows)
    with sa.create_engine(POSTGRES, poolclass=sa.NullPool).connect() as other:
        other.execute(
            sa.text("select pg_terminate_backend(pid) from pg_stat_activity where application_name = :name"),
            {"name": name},
        )
    with pytest.raises(SourceError, match=r"cannot be read: after row [\d,]+: .*terminat"):
        list(rows)


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: ARKHIV_TEST_POSTGRES names none")
def test_types_that_only_postgresql_has_become_those_of_an_article() -> None:
    query = (
        "select '0b0e4a4c-6f0b-4c60-9a53-0f8ac6d2f3f1'::uuid as id, 'a' as title, '' as text, array['б', 'в'] as tags, "
        "date '2024-05-17' as published, 12.0::numeric as views"
    )
    ((_, _, record, key, _),) = open_source(f"{POSTGRES}#{query}").rows()
    assert isinstance(record, dict)
    assert key == record["id"] == "0b0e4a4c-6f0b-4c60-9a53-0f8ac6d2f3f1"
    assert (record["tags"], record["published"], record["views"]) == (["б", "в"], "2024-05-17", 12)


def test_a_file_that_is_no_sqlite_database_is_not_made_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.db#articles: cannot be read: unable to open"):
        list(open_source(f"sqlite:///{tmp_path / 'nowhere.db'}#articles").rows())
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "text.db").write_text("нет" * 1000)
    with pytest.raises(SourceError, match="file is not a database"):
        list(open_source(f"sqlite:///{tmp_path / 'text.db'}#articles").rows())


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nosuch://host/news#articles", "is no address of a database: .*nosuch"),
        ("sqlite:///news.db", "name the table to read after the #"),
        ("postgresql+psycopg://a:secret@127.0.0.1:1/news#articles", r"a:\*\*\*@127.*cannot be read: .*refused"),
        ("mysql+pymysql://a:secret@host/news#articles", "needs the driver pymysql"),
        (
            "postgresql+psycopg://a:secret@host:port/news#articles",
            "//…@host:port/news: is no address of a database; write",
        ),
    ],
)
def test_an_address_that_leads_nowhere_is_named_without_its_password(address: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as error:
        list(open_source(address).rows())
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://127.0.0.1:1/news?user=cms&password=s3cret#articles",
        "postgresql+psycopg://cms:s3c#ret/x@localhost/news#articles",
        "postgresql+psycopg://cms:s3 cret#z@127.0.0.1:1/news#articles",
        "postgresql+psycopg://cms:s3cret@127.0.0.1:port/news#articles",
    ],
)
def test_no_part_of_a_password_is_told_wherever_it_stands(address: str) -> None:
    with pytest.raises(SourceError) as told:
        list(open_source(address).rows())
    assert "s3" not in str(told.value)
    assert "cret" not in str(told.value).replace("secret", "")


def test_a_password_that_was_changed_makes_no_other_source() -> None:
    one, other, elsewhere = (
        open_source(f"postgresql+psycopg://{user}@host/news#articles") for user in ("a:old", "a:new#er", "b:old")
    )
    assert one.identity == other.identity != elsewhere.identity
    assert "old" not in one.identity


def test_a_rebuild_reads_the_sources_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("news.db") as database:
        database.execute("create table news (id, title, body, published, rubric)")
        rows = [(17, "Визит", "Текст", "2024-05-17 09:30:00", "Люди"), (None, "Без ключа", "", None, None)]
        database.executemany("insert into news values (?, ?, ?, ?, ?)", rows)
    database.close()
    Path("export.jsonl").write_text(json.dumps({"id": "18", "title": "Поездка", "text": ""}))
    Path("arkhiv.toml").write_text(
        "sources = ['export.jsonl', {url = 'sqlite:///news.db', table = 'news', "
        "columns = {text = 'body', section = 'rubric'}}]\nsections = {'Люди' = 'Общество'}"
    )
    run = CliRunner().invoke(main, ["rebuild"], catch_exceptions=False)
    assert run.exit_code == 3
    assert "sqlite:///news.db#news:2: id: missing" in run.stderr
    found = json.loads(CliRunner().invoke(main, ["search", "--json", "--section", "Общество"]).stdout)
    assert [(hit["id"], hit["published"]) for hit in found["hits"]] == [("17", "2024-05-17T09:30:00+05:00")]
    assert found["index"]["articles"] == 2


@pytest.mark.parametrize(
    ("package", "source", "extra"), [("sqlalchemy", "sqlite:///news.db#articles", "sql"), ("trafilatura", ".", "html")]
)
def test_a_missing_extra_names_its_install_command(tmp_path: Path, package: str, source: str, extra: str) -> None:
    called = f"import sys; sys.modules[{package!r}] = None; from indexer.cli import main; main(['rebuild', {source!r}])"
    (tmp_path / "page.html").write_text("<p>а")
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    run = subprocess.run([sys.executable, "-c", called], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert f"needs the package {package} to be read: pip install 'arkhiv[{extra}]'" in run.stderr
