"""Databases as sources: the same questions to SQLite, PostgreSQL and MariaDB.

ARKHIV_TEST_POSTGRES and ARKHIV_TEST_MARIADB name the servers.
"""

# ruff: noqa: E501, ISC004  # statements as they are
from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from indexer.cli import main
from indexer.sources import Row, Unchanged, open_source
from indexer.sources.database import Database
from search.config import SourceSettings
from search.errors import SourceError
from tests.door import Door
from tests.test_documentation import ROOT

POSTGRES = os.environ.get("ARKHIV_TEST_POSTGRES")
MARIADB = os.environ.get("ARKHIV_TEST_MARIADB")
TABLE = (
    "id integer, title text, text text, published timestamp, updated timestamp, author text, views numeric, mood text"
)


class Newsroom:
    """A database of the test's own, at `url`."""

    def __init__(self, url: str, schema: str = "") -> None:
        self.url = url
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        self.kind = self.engine.dialect.name
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


@contextmanager
def mariadb() -> Iterator[str]:
    """A database on the server, of the test's own."""
    if not MARIADB:
        pytest.skip("no MariaDB: ARKHIV_TEST_MARIADB names none")
    name = f"test_{uuid4().hex}"
    with sa.create_engine(MARIADB, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as server:
        server.exec_driver_sql(f"create database {name} character set utf8mb4")
        yield sa.make_url(MARIADB).set(database=name).render_as_string(hide_password=False)
        server.exec_driver_sql(f"drop database {name}")


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def newsroom(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Newsroom]:
    if request.param == "sqlite":
        yield Newsroom(f"sqlite:///{tmp_path / 'news room%.db'}")
        return
    if request.param == "mariadb":
        with mariadb() as url:
            yield Newsroom(url)
        return
    if not POSTGRES:
        pytest.skip("no PostgreSQL: ARKHIV_TEST_POSTGRES names none")
    schema = f"test_{uuid4().hex}"
    with sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as server:
        server.exec_driver_sql(f"create schema {schema}")
        yield Newsroom(POSTGRES, schema)
        server.exec_driver_sql(f"drop schema {schema} cascade")


def test_a_row_is_a_record_and_nulls_are_left_out(newsroom: Newsroom) -> None:
    newsroom.write(id=17, published=datetime(2024, 5, 17, 9, 30), author=None, views=4163, mood="светлое")
    (record,) = newsroom.records()
    assert {name: value for name, value in record.items() if value is not None and name != "published"} == {
        "id": "17",
        "title": "Визит",
        "text": "Первый.",
        "views": 4163,
    }
    assert record["published"].replace(" ", "T")[:16] == "2024-05-17T09:30"


def test_the_result_of_a_query_is_read(newsroom: Newsroom) -> None:
    newsroom.write(id=1)
    newsroom.write(id=2, title="100% ответ: да")
    query = f"select id, title, text, mood AS publishd from {newsroom.table} where title like '100% %: да' -- :end"
    (record,) = newsroom.records(query)
    assert (record["id"], record["title"], "publishd" in record) == ("2", "100% ответ: да", True)


def test_columns_of_other_names_are_mapped_to_the_fields(newsroom: Newsroom) -> None:
    newsroom.write(mood="Общество")
    source = Database(SourceSettings(newsroom.url, newsroom.table, columns={"section": "mood", "text": "title"}))
    (row,) = source.rows()
    assert isinstance(row.record, dict)
    assert (row.record["section"], row.record["text"]) == ("Общество", "Визит")


@pytest.mark.parametrize("newsroom", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize(("zone", "hour"), [("UTC", "04:30"), ("Asia/Almaty", "04:30")])
def test_a_timestamp_that_knows_its_zone_keeps_its_instant(newsroom: Newsroom, zone: str, hour: str) -> None:
    if newsroom.postgres:
        newsroom.do(f"alter table {newsroom.table} alter published type timestamptz, alter updated type timestamptz")
    else:
        newsroom.do("drop table articles")
        newsroom.do("create table articles (id, title, text, published, updated)")
    newsroom.write(published="2024-05-17 09:30:00+05:00", updated="2024-05-17 09:30:00+05:00")
    (row,) = newsroom.rows()
    assert isinstance(row.record, dict)
    instant = datetime.fromisoformat(row.record["published"])
    assert instant == datetime.fromisoformat("2024-05-17T09:30:00+05:00")
    if newsroom.postgres:
        assert row.stamp == f"2024-05-17 {hour}:00+00:00"


def test_an_id_is_the_same_as_a_number_and_as_a_text(newsroom: Newsroom) -> None:
    newsroom.write(id=17, updated=datetime(2024, 5, 17))
    before = newsroom.rows()
    newsroom.do(f"drop table {newsroom.table}")
    newsroom.do(f"create table {newsroom.table} ({TABLE.replace('id integer', 'id text')})")
    newsroom.write(id="17", updated=datetime(2024, 5, 17))
    assert newsroom.rows() == before
    assert newsroom.read(known={"17": before[0].stamp}) == [Unchanged(["17"])]
    assert newsroom.rows(known={"17": "another"}) == before


def test_what_has_its_known_stamp_is_not_read(newsroom: Newsroom) -> None:
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


def test_a_reading_stands_as_of_its_beginning(newsroom: Newsroom) -> None:
    if newsroom.kind == "sqlite":
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
        Database(SourceSettings(newsroom.url, newsroom.table))._snapshot() as connection,
        pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"),
    ):
        connection.exec_driver_sql(f"delete from {newsroom.table}")
    assert len(newsroom.rows()) == 1


def test_a_missing_table_and_a_missing_column_are_named(newsroom: Newsroom) -> None:
    newsroom.write()
    with pytest.raises(SourceError, match=r"#nowhere: cannot be read: .*nowhere"):
        newsroom.rows("nowhere")
    with pytest.raises(SourceError, match=r"has no column 'titel' for title; did you mean 'title'\?"):
        list(Database(SourceSettings(newsroom.url, newsroom.table, columns={"title": "titel"})).rows())
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
    (row,) = Database(SourceSettings(newsroom.url, newsroom.table, columns={"tags": "mood"})).rows()
    assert isinstance(row.record, dict)
    assert row.record["tags"] == tags


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: ARKHIV_TEST_POSTGRES names none")
def test_a_connection_lost_midway_is_an_error_of_the_source() -> None:
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
def test_types_of_postgresql_become_those_of_an_article() -> None:
    query = (
        "select '0b0e4a4c-6f0b-4c60-9a53-0f8ac6d2f3f1'::uuid as id, 'a' as title, '' as text, array['б', 'в'] as tags, "
        "date '2024-05-17' as published, 12.0::numeric as views"
    )
    (row,) = open_source(f"{POSTGRES}#{query}").rows()
    assert isinstance(row, Row)
    record = row.record
    assert isinstance(record, dict)
    assert row.key == record["id"] == "0b0e4a4c-6f0b-4c60-9a53-0f8ac6d2f3f1"
    assert (record["tags"], record["published"], record["views"]) == (["б", "в"], "2024-05-17", 12)


def test_a_file_that_is_no_sqlite_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.db#articles: cannot be read: No such file"):
        open_source(f"sqlite:///{tmp_path / 'nowhere.db'}#articles")
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "text.db").write_text("нет" * 1000)
    with pytest.raises(SourceError, match="file is not a database"):
        list(open_source(f"sqlite:///{tmp_path / 'text.db'}#articles").rows())


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nosuch://host/news#articles", "is no address of a database: .*nosuch"),
        ("sqlite://", "sqlite://: name the table to read after the #"),
        ("postgresql+psycopg://a:secret@127.0.0.1:1/news#articles", r"a:\*\*\*@127.*cannot be read: .*refused"),
        ("oracle+oracledb://a:secret@host/news#articles", "needs the driver oracledb, which is not installed"),
        ("mysql://a:secret@127.0.0.1:1/news#articles", r"mysql://a:\*\*\*@127.*cannot be read: .*refused"),
        (
            "postgresql+psycopg://a:secret@host:port/news#articles",
            "//…@host:port/news: is no address of a database, or",
        ),
    ],
)
def test_an_address_is_named_without_its_password(address: str, reason: str) -> None:
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


def test_another_order_of_the_options_makes_no_other_source() -> None:
    one, other, elsewhere = (
        open_source(f"postgresql://host/news?{options}#articles").identity
        for options in ("user=a&sslmode=prefer&password=x", "sslmode=prefer&user=a", "sslmode=require&user=a")
    )
    assert one == other != elsewhere


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


# What a driver makes no value of


def odd_rows(newsroom: Newsroom) -> dict[str, str]:
    """Write rows that are odd for this database between good ones; what has to be said of each, by its id."""
    newsroom.write(*({"id": number, "published": datetime(2024, 5, 17)} for number in (1, 9)))
    table = newsroom.table
    if newsroom.kind == "sqlite":
        newsroom.do(f"insert into {table} (id, title, text) values (2, cast(x'd0ff' as text), '')")
        newsroom.do(f"insert into {table} (id, title, text) values (3, 'а', cast(x'd0' as text))")
        newsroom.do(f"insert into {table} (id, title, text) values (4, x'd0b0', x'ff00')")
        newsroom.do(f"insert into {table} (id, title, text, published) values (5, 'а', '', '20240-05-17')")
        newsroom.do(f"insert into {table} (id, title, text, published) values (6, 'а', '', 171591)")
        return {
            "2": "title: .* is not UTF-8",
            "3": "text: .* is not UTF-8",
            "4": "text: .* is not UTF-8",
            "5": "published: '20240-05-17' is not a date",
            "6": "published: .171591. is not a date",
        }
    if newsroom.kind == "mariadb":
        newsroom.do(f"alter table {table} modify published varchar(40), add blob_text blob")
        newsroom.do(f"insert into {table} (id, title, text, published) values (2, 'а', '', '2024-02-31')")
        return {"2": "published: '2024-02-31' is not in the calendar"}
    for number, moment in enumerate(("infinity", "-infinity", "0044-03-15 BC", "20240-05-17 09:30"), 2):
        newsroom.do(f"insert into {table} (id, title, text, published) values ({number}, 'а', '', '{moment}')")
    newsroom.do(f"insert into {table} (id, title, text, views) values (6, 'а', '', 'NaN')")
    newsroom.do(f"insert into {table} (id, title, text, views) values (7, 'а', '', 'Infinity')")
    return {
        **{str(number): "published: '.*(infinity|BC|20240).*' is not a date" for number in (2, 3, 4, 5)},
        "6": "views: .*NaN.* is not a whole number",
        "7": "views: .*Infinity.* is not a whole number",
    }


def test_one_bad_row_is_named_and_the_run_goes_on(newsroom: Newsroom, tmp_path: Path) -> None:
    told = odd_rows(newsroom)
    door = Door(tmp_path)
    ran = door.take_in(f"{newsroom.url}#{newsroom.table}", code=3)
    assert {"1", "9"} <= {*door.found()}
    lines = [line for line in ran.stderr.splitlines() if f"#{newsroom.table}:" in line]
    assert len(lines) == len(told)
    assert all(any(re.search(expected, line) for line in lines) for expected in told.values())
    rejected = [json.loads(line) for line in (tmp_path / "index.rejected.jsonl").read_text().splitlines()]
    assert {row["raw"]["id"] for row in rejected} == {key for key, expected in told.items() if "views" not in expected}


@pytest.mark.skipif(not MARIADB, reason="no MariaDB: ARKHIV_TEST_MARIADB names none")
def test_what_mysql_has_instead_of_no_date_is_no_date(tmp_path: Path) -> None:
    with mariadb() as url, sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("create table news (id int, title text, text text, published datetime)")
        connection.exec_driver_sql("set sql_mode = ''")
        connection.exec_driver_sql("insert into news values (1, 'Визит', '', '0000-00-00 00:00:00')")
        connection.exec_driver_sql("insert into news values (2, 'Паводок', '', '2024-05-00 09:30:00')")
        connection.commit()
        door = Door(tmp_path)
        ran = door.take_in(f"{url}#news", code=3)
        assert door.article("1").published is None
        assert "news:2: published: '2024-05-00 09:30:00' is not in the calendar" in ran.stderr


@pytest.mark.skipif(not MARIADB, reason="no MariaDB: ARKHIV_TEST_MARIADB names none")
def test_a_mariadb_that_goes_away_changes_nothing(tmp_path: Path) -> None:
    assert MARIADB
    with mariadb() as url:
        source = f"{url}#select seq as id, 'а' as title, repeat('x', 2000) as text from seq_1_to_50000"
        rows = open_source(source).rows()
        next(rows)
        with sa.create_engine(MARIADB, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as other:
            busy = other.exec_driver_sql(
                "select id from information_schema.processlist "
                "where info like '%%seq_1_to_50000%%' and id <> connection_id()"
            ).scalars()
            for process in list(busy):
                other.exec_driver_sql(f"kill {process}")
        with pytest.raises(SourceError, match=r"cannot be read: after row [\d,]+: "):
            list(rows)


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: ARKHIV_TEST_POSTGRES names none")
def test_a_database_without_an_encoding_is_read_as_utf_8(tmp_path: Path) -> None:
    assert POSTGRES
    name = f"test_{uuid4().hex}"
    with sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as server:
        server.exec_driver_sql(f"create database {name} encoding sql_ascii locale 'C' template template0")
        url = sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        plain = sa.make_url(url)
        with psycopg.connect(host=plain.host, port=plain.port, user=plain.username, dbname=name) as connection:
            connection.execute("create table news (id int, title text, text text)")
            connection.execute("insert into news values (1, convert_from('\\xd0b0', 'sql_ascii'), '')")
            connection.execute("insert into news values (2, convert_from('\\xd0ff', 'sql_ascii'), '')")
        door = Door(tmp_path)
        ran = door.take_in(f"{url}#news", code=3)
        assert door.article("1").title == "а"
        assert "news:2: title: " in ran.stderr
        server.exec_driver_sql(f"drop database {name} with (force)")


@pytest.mark.skipif(not MARIADB, reason="no MariaDB: ARKHIV_TEST_MARIADB names none")
def test_what_mysql_keeps_in_its_own_way_is_read_as_it_is_meant(tmp_path: Path) -> None:
    door = Door(tmp_path)
    with mariadb() as url, sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        for statement in (
            "set time_zone = '+05:00'",
            "set sql_mode = ''",
            "create table news (id int, title varchar(200), text text, noindex bit(1), published timestamp(3) null, "
            "updated timestamp null, author text, section text, tags text)",
            "insert into news values (1, 'Визит', '0000-00-00 ничего', b'1', '2024-05-17 01:30:00.500', '2024-05-18 06:00:00', "
            "'Дана &amp; Пётр', 'Труд &amp; капитал', 'R&amp;D, L&#039;Oreal')",
            "insert into news values (2, 'Паводок', '', b'0', '0000-00-00', null, null, 'Q&A &nosuch; &lt', '[\"а, &quot;б&quot;\"]')",
            "create table old (id int, title varchar(200) character set latin1, text text, published varchar(30), noindex char(1))",
            "insert into old values (3, convert(binary 'Степь' using latin1), '', '-0001-11-30 00:00:00', 'Y')",
            "insert into old values (4, convert(convert('Мост' using cp1251) using binary), '', '0000-00-00', 'N')",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()
        # The sentence of docs/indexer.md, for both kinds of bytes.
        (expression,) = re.findall(r"`(convert\(cast.*?) as title`", (ROOT / "docs/indexer.md").read_text())
        old = [
            f"{url}#select id, {expression.replace('utf8mb4', charset)} as title, text, published, noindex from old where id = {n}"
            for charset, n in (("utf8mb4", 3), ("cp1251", 4))
        ]
        # Whatever the zone of the server, or of the session.
        ran = door.take_in(f"{url}?init_command=SET+time_zone='-03:00'#news", *old)
        assert "4 unchanged" in door.take_in(f"{url}?init_command=SET+time_zone='%2B09:00'#news", *old).stdout
    (warning, _) = ran.stderr.splitlines()
    assert "published: '-0001-11-30 00:00:00' is no date (said once)" in warning
    articles = {number: door.article(str(number)) for number in (1, 2, 3, 4)}
    assert [article.noindex for article in articles.values()] == [True, False, True, False]
    assert [str(article.published) for article in articles.values()] == [
        "2024-05-17 01:30:00.500000+05:00",
        "None",
        "None",
        "None",
    ]
    assert (articles[1].updated, articles[1].text) == ("2024-05-18T06:00:00+05:00", "0000-00-00 ничего")
    assert (articles[1].author, articles[1].section) == ("Дана & Пётр", "Труд & капитал")
    assert (articles[1].tags, articles[2].tags) == (("R&D", "L'Oreal"), ('а, "б"',))
    assert (articles[2].section, articles[3].title, articles[4].title) == ("Q&A &nosuch; &lt", "Степь", "Мост")


@pytest.mark.parametrize(
    ("server", "options", "reason"),
    [
        (MARIADB, "?charset=latin1", "does not fit the encoding .*leave charset out"),
        (MARIADB, "?charset=nosuch", "look at the options of the address"),
        (MARIADB, "?nosuch=1", "'nosuch'; look at the options"),
        (MARIADB, "?ssl_ca=/nowhere", "cannot be read: No such file"),
        (MARIADB, "?port=x", "port should be of type int; look at the options"),
        (POSTGRES, "?prepare_threshold=x", "look at the options"),
        (POSTGRES, "?client_encoding=latin1", "does not fit the encoding latin-1"),
        (POSTGRES, "?client_encoding=nosuch", "nosuch"),
        ("mysql://root:secret@a..b/news", "", "cannot be read: .*idna"),
        ("mysql://root:secret@127.0.0.1:1/news", "?connect_timeout=x", "or has a wrong option"),
        ("https://a:secret@gazeta.example/feed.xml", "", "https:.*: is no address of a database: save what is there as a file"),
        ("sqlite:///nowhere.db", "", "sqlite:///nowhere.db#.query.: cannot be read: No such file"),
        ("sqlite:////", "", "cannot be read: "),
    ],
)  # fmt: skip
def test_what_drivers_raise_is_one_line_and_no_traceback(
    tmp_path: Path, server: str | None, options: str, reason: str
) -> None:
    if not server:
        pytest.skip("no MariaDB: ARKHIV_TEST_MARIADB names none")
    ran = Door(tmp_path).take_in(f"{server}{options}#select 1 as id, 'Т' as title, '' as text", code=1)
    (line,) = ran.stderr.splitlines()
    assert re.search(reason, line)
    assert "secret" not in line


@pytest.mark.skipif(not MARIADB, reason="no MariaDB: ARKHIV_TEST_MARIADB names none")
@pytest.mark.skipif(bool(find_spec("nacl")), reason="pynacl is installed, and PyMySQL misses nothing")
def test_a_package_that_a_driver_needs_is_named(tmp_path: Path) -> None:
    with mariadb() as url, sa.create_engine(url, poolclass=sa.NullPool).connect() as server:
        user = f"u{uuid4().hex[:12]}"
        server.exec_driver_sql("install plugin if not exists ed25519 soname 'auth_ed25519'")
        server.exec_driver_sql(f"create user {user} identified via ed25519 using password('x')")
        named = sa.make_url(url).set(username=user, password="x").render_as_string(hide_password=False)
        ran = Door(tmp_path).take_in(f"{named}#news", code=1)
        server.exec_driver_sql(f"drop user {user}")
    assert "package is required" in ran.stderr
    assert ran.stderr.endswith(": pip install pynacl\n")


def test_columns_are_found_whatever_their_capitals(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "news.db")) as connection, connection:
        connection.execute("create table news (ID integer, Title text, TEXT text, NoIndex text, author text)")
        connection.execute("insert into news values (1, 'Степь', 'Весна.', 'да', 'Дана Аменова')")
    door = Door(tmp_path)
    door.take_in(f"sqlite:///{tmp_path / 'news.db'}#news")
    article = door.article("1")
    assert (article.title, article.author, article.noindex) == ("Степь", "Дана Аменова", True)
