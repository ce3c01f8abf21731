"""A table or a query of a database, read by a server-side cursor: a row is a record, its columns are the fields."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from indexer.sources.drivers import abandon, be_lenient, text_or_bytes
from indexer.sources.source import NOTHING, Row, Unchanged, unescaped
from search.config import SourceSettings, nearest
from search.errors import SourceError
from search.model import Article

_FIELDS = Article.__struct_fields__
_REQUIRED = ("id", "title", "text")
_ROWS_AT_ONCE, _STAMPS_AT_ONCE = 500, 10_000
# Of more changed rows than these, one pass over all is cheaper than asking for each.
_MOST_LOOKUPS = 5_000
# What says nothing to a reader.
_ERROR_NUMBER = re.compile(r"\[Errno -?\d+\] ")
# Where SQLAlchemy would see a parameter in a query, which has none: a colon before a word, as in '… :word'.
_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")
# The first # behind user and password, which may contain one too.
_ADDRESS = re.compile(r"(?P<url>[^:/#]+://(?:[^/?\s]{0,300}@)?[^#]*)#(?P<what>.*)", re.DOTALL)
_SECRET = ("password", "passfile", "sslpassword")
_MYSQL = {"mysql", "mariadb"}
_SNAPSHOT = {"postgresql", *_MYSQL}
# The type of an instant, which MySQL shows in the zone of the session, without saying so.
_TIMESTAMP = 7
# Characters of a list that MySQL makes; by itself it cuts one after 1,024 without a word.
_LONGEST_LIST = 1 << 20
_NO_DATABASES = {"file", "ftp", "http", "https", "s3", "sftp"}
# What drivers raise as it is, over options of the address, or want of a package.
_DRIVER_ERRORS = (SQLAlchemyError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
_PACKAGE = re.compile(r"'(\w+)' package is required")
# The drivers that come with the extras.
_PSYCOPG = "postgresql+psycopg"
_DRIVERS = {"postgres": _PSYCOPG, "postgresql": _PSYCOPG, "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_EXTRAS = {"psycopg": "sql", "pymysql": "mysql"}


def parse_database(address: str) -> SourceSettings:
    """The database of `URL#TABLE` or `URL#SELECT …`."""
    match = _ADDRESS.fullmatch(address)
    url, what = (match["url"], match["what"]) if match else (address, "")
    is_query = re.match(r"(select|with)\s", what.lstrip(), re.IGNORECASE)
    return SourceSettings(url, query=what) if is_query else SourceSettings(url, table=what)


class Database:
    """The rows of a table or a query, all as of one moment. Nothing is ever written.

    A row's key is its id, its stamp the value of `updated`: where that is known, only the two are read.
    """

    size = None
    position = 0

    def __init__(self, settings: SourceSettings) -> None:
        self.html = settings.html
        self.passed_over: dict[str, int] = {}
        self._columns = {name: settings.columns.get(name, name) for name in _FIELDS}
        self._mapped = settings.columns
        self._places = {name: f"column {column}" for name, column in settings.columns.items()}
        self._is_query = bool(settings.query)
        what = settings.table or (settings.query and "(query)")
        try:
            url = make_url(settings.url)
            url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
            public = url.difference_update_query(_SECRET)
            name = make_url(settings.url).difference_update_query(_SECRET).render_as_string()
            self.name = f"{name}#{what}" if what else name
            # Neither another password nor another order of the options makes another source of it.
            same = public.set(password=None, query=dict(sorted(public.query.items()))).render_as_string()
            self.identity = repr((same, settings.table, settings.query, sorted(settings.columns.items())))
            self._engine = sa.create_engine(_read_only(url), poolclass=sa.NullPool)
            sa.event.listen(self._engine, "connect", be_lenient, insert=True)
        except OSError as error:
            raise SourceError(self.name, 0, f"cannot be read: {error.strerror}") from error
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get(error.name or "")
            remedy = f": pip install 'arkhiv[{extra}]'" if extra else ", which is not installed"
            raise SourceError(self.name, 0, f"needs the driver {error.name}{remedy}") from error
        except NoSuchModuleError as error:
            reason = "save what is there as a file, and name that" if url.drivername in _NO_DATABASES else str(error)
            raise SourceError(self.name, 0, f"is no address of a database: {reason}") from error
        except (ArgumentError, ValueError):
            # The error has parts of the address, and without an @ a password may be anywhere in it.
            scheme, _, place = settings.url.partition("://")
            shown = f"{scheme}://…@{place.rpartition('@')[2]}" if "@" in place else f"{scheme}://…"
            reason = "is no address of a database, or has a wrong option; write URL#TABLE, and # in a password as %23"
            raise SourceError(shown, 0, reason) from None
        if not settings.table and not settings.query:
            raise SourceError(self.name, 0, "name the table to read after the #")
        self._from = _selectable(settings)

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row | Unchanged]:
        """Every row; see `Source`. SourceError names a missing table or column, or says why the reading ended."""
        number = 0
        try:
            with self._snapshot() as connection:
                columns = self._read_columns(connection)
                stamped = stamps and "updated" in columns
                for row in self._changes(connection, columns, stamps) if stamped else self._all(connection, columns):
                    if isinstance(row, Unchanged):
                        number += len(row.keys)
                        yield row
                    else:
                        number += 1
                        yield row._replace(line=number)
        except _DRIVER_ERRORS as error:
            where = f"after row {number:,}: " if number else ""
            raise SourceError(self.name, 0, f"cannot be read: {where}{_reason(error)}") from error
        if not number:
            raise SourceError(self.name, 0, "is empty: there is no row in it")

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A connection on which all that is read is as of one moment, where the database offers that."""
        with self._engine.connect() as connection:
            dialect = connection.dialect.name
            if dialect in _SNAPSHOT:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            if dialect == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            if dialect in _MYSQL:
                connection.exec_driver_sql(f"SET SESSION group_concat_max_len = {_LONGEST_LIST}")
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            if dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    def _read_columns(self, connection: Connection) -> dict[str, sa.ColumnElement[Any]]:
        """The fields that are read, with their columns. SourceError where a named column is missing."""
        result: Any = connection.execute(sa.select(sa.text("*")).select_from(self._from).limit(0))
        there = dict(zip(result.keys(), (kind for _, kind, *_ in result.cursor.description), strict=True))
        # In SQL capitals mean nothing, unless quoted.
        actual = {column.lower(): column for column in there} | dict(zip(there, there, strict=True))
        columns = {
            name: actual.get(column, actual.get(column.lower(), column)) for name, column in self._columns.items()
        }
        for name, column in columns.items():
            if column not in there and (name in self._mapped or name in _REQUIRED):
                raise SourceError(self.name, 0, f"has no column {column!r} for {name}; {nearest(column, there)}")
        names = {name: column for name, column in columns.items() if column in there}
        # Who writes a query chooses its columns: a slip among them is to be reported. A table has others of its own.
        unknown = set(there) - set(names.values()) - set(names) if self._is_query else set[str]()
        names |= {column: column for column in sorted(unknown)}
        instant = _TIMESTAMP if connection.dialect.name in _MYSQL else object()
        return {name: (_instant if there[column] == instant else sa.column)(column) for name, column in names.items()}

    def _all(self, connection: Connection, columns: Mapping[str, sa.ColumnElement[Any]], *where: Any) -> Iterator[Row]:
        statement = sa.select(*columns.values()).select_from(self._from).where(*where)
        for values in chain.from_iterable(self._batches(connection, statement)):
            columns_read = dict(zip(columns, values, strict=True))
            record = {name: _value(name, value) for name, value in columns_read.items()}
            yield Row(self.name, 0, record, str(record["id"]), _stamp(columns_read.get("updated")), places=self._places)

    def _changes(
        self, connection: Connection, columns: Mapping[str, sa.ColumnElement[Any]], stamps: Mapping[str, str]
    ) -> Iterator[Row | Unchanged]:
        """The rows whose stamps changed; of the others no more than id and stamp is read."""
        key = columns["id"]
        changed: list[Any] = []
        statement = sa.select(key, columns["updated"]).select_from(self._from)
        for rows in self._batches(connection, statement, _STAMPS_AT_ONCE):
            unchanged = []
            for raw, updated in rows:
                article_id = raw if type(raw) is str else str(raw if type(raw) is int else _value("id", raw))
                stamp = updated if type(updated) is str else _stamp(updated)
                if stamp and stamps.get(article_id) == stamp:
                    unchanged.append(article_id)
                else:
                    changed.append(raw)
            if unchanged:
                yield Unchanged(unchanged)
        if len(changed) > _MOST_LOOKUPS or None in changed:
            for row in self._all(connection, columns):
                if not row.stamp or stamps.get(row.key) != row.stamp:
                    yield row
            return
        distinct = list(dict.fromkeys(changed))
        for start in range(0, len(distinct), _ROWS_AT_ONCE):
            yield from self._all(connection, columns, key.in_(distinct[start : start + _ROWS_AT_ONCE]))

    def _batches(
        self, connection: Connection, statement: sa.Select[Any], size: int = _ROWS_AT_ONCE
    ) -> Iterator[Sequence[Sequence[Any]]]:
        with connection.execution_options(yield_per=size).execute(statement) as result:
            try:
                yield from result.partitions()
            except DBAPIError:
                abandon(result.cursor)
                raise


def _read_only(url: URL) -> URL:
    """SQLite would make a file that is not there, OSError names it; of other databases the transaction is read-only."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":memory:", "file:")):
        return url
    Path(url.database).stat()
    return url.set(database="file:" + quote(url.database), query={**url.query, "mode": "ro", "uri": "true"})


def _instant(column: str) -> sa.ColumnElement[Any]:
    """A TIMESTAMP of MySQL in UTC, as text that says so; null for 0000-00-00."""
    seconds = sa.func.nullif(sa.func.unix_timestamp(sa.column(column)), 0)
    return sa.func.concat(sa.func.timestampadd(sa.text("second"), seconds, "1970-01-01 00:00:00"), "+00:00")


def _selectable(settings: SourceSettings) -> sa.FromClause:
    if settings.table:
        schema, _, table = settings.table.rpartition(".")
        return sa.table(table, schema=schema or None)
    query = _COLON.sub(r"\:", settings.query.strip().rstrip(";"))
    return sa.text(f"({query}\n) AS articles")  # type: ignore[return-value]  # a text is selected from as a table is


def _value(name: str, value: Any) -> Any:
    """A column's value as JSON would have it; what is of no type that an article has is left for the intake to name."""
    match value:
        case Decimal() if value.is_finite() and value == value.to_integral_value():
            value = int(value)
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            value = text_or_bytes(value)
    match name, value:
        case "id", int() if type(value) is int:
            return str(value)
        case "tags", str():
            return _tags(value)
        case (("author" | "section"), str()):
            return unescaped(value)
    return value


def _tags(text: str) -> Any:
    """A list that the column holds as JSON, or with commas between."""
    if not text.lstrip().startswith("["):
        return [unescaped(tag).strip() for tag in text.split(",")]
    with suppress(msgspec.DecodeError):
        return [unescaped(tag) for tag in msgspec.json.decode(text, type=list[str])]
    return text


def _stamp(updated: Any) -> str:
    """The stamp is the same whatever zone the connection shows it in."""
    if isinstance(updated, datetime) and updated.tzinfo:
        updated = updated.astimezone(UTC)
    return "" if updated is None else str(updated)


def _reason(error: Exception) -> str:
    """The message of the database itself, without the statement; of a driver's own with what to do."""
    if isinstance(error, UnicodeEncodeError | UnicodeDecodeError):
        return f"what is sent or read does not fit the encoding {error.encoding}; leave charset out of the address"
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    message = cause.args[-1] if cause.args and isinstance(cause.args[-1], str) else str(cause)
    reason = " ".join(_ERROR_NUMBER.sub("", message).split()) or type(cause).__name__
    if package := _PACKAGE.search(reason):
        return f"{reason}: pip install {package[1]}"
    return reason if isinstance(error, SQLAlchemyError | OSError) else f"{reason}; look at the options of the address"
