"""A table or a query of a database, read by a server-side cursor: a row is a record, its columns are the fields."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from indexer.sources.drivers import abandon, be_lenient, text_or_bytes
from indexer.sources.source import NOTHING, Row, Unchanged
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
_ADDRESS = re.compile(r"(?P<url>[^:/#]+://(?:[^/?\s]*@)?[^#]*)#(?P<what>.*)", re.DOTALL)
_SECRET = ("password", "passfile", "sslpassword")
_SNAPSHOT = {"postgresql", "mysql", "mariadb"}
# The drivers that come with the extras.
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
# What MySQL has instead of no date.
_NO_DATE = "0000-00-00"
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
        self._columns = {name: settings.columns.get(name, name) for name in _FIELDS}
        self._mapped = settings.columns
        self._places = {name: f"column {column}" for name, column in settings.columns.items()}
        self._is_query = bool(settings.query)
        what = settings.table or "(query)"
        try:
            url = make_url(settings.url)
            url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
            public = url.difference_update_query(_SECRET)
            self.name = f"{make_url(settings.url).difference_update_query(_SECRET).render_as_string()}#{what}"
            # Neither another password nor another order of the options makes another source of it.
            same = public.set(password=None, query=dict(sorted(public.query.items()))).render_as_string()
            self.identity = repr((same, settings.table, settings.query, sorted(settings.columns.items())))
            self._engine = sa.create_engine(_read_only(url), poolclass=sa.NullPool)
            sa.event.listen(self._engine, "connect", be_lenient, insert=True)
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get(error.name or "")
            remedy = f": pip install 'arkhiv[{extra}]'" if extra else ", which is not installed"
            raise SourceError(self.name, 0, f"needs the driver {error.name}{remedy}") from error
        except NoSuchModuleError as error:
            raise SourceError(self.name, 0, f"is no address of a database: {error}") from error
        except (ArgumentError, ValueError):
            # The error has parts of the address, and without an @ a password may be anywhere in it.
            scheme, _, place = settings.url.partition("://")
            shown = f"{scheme}://…@{place.rpartition('@')[2]}" if "@" in place else f"{scheme}://…"
            reason = "is no address of a database; write URL#TABLE, and signs in a password as %23"
            raise SourceError(shown, 0, reason) from None
        if not settings.table and not settings.query:
            raise SourceError(self.name.removesuffix("(query)"), 0, "name the table to read after the #")
        self._from = _selectable(settings)

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row | Unchanged]:
        """Every row; see `Source`. SourceError names a missing table or column, or says why the reading ended."""
        number = 0
        try:
            with self._snapshot() as connection:
                names = self._read_columns(connection)
                stamped = stamps and "updated" in names
                for row in self._changes(connection, names, stamps) if stamped else self._all(connection, names):
                    if isinstance(row, Unchanged):
                        number += len(row.keys)
                        yield row
                    else:
                        number += 1
                        yield row._replace(line=number)
        except SQLAlchemyError as error:
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
            if dialect in {"mysql", "mariadb"}:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            if dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    def _read_columns(self, connection: Connection) -> dict[str, str]:
        """The fields that are read, with their columns. SourceError where a named column is missing."""
        there = list(connection.execute(sa.select(sa.text("*")).select_from(self._from).limit(0)).keys())
        for name, column in self._columns.items():
            if column not in there and (name in self._mapped or name in _REQUIRED):
                raise SourceError(self.name, 0, f"has no column {column!r} for {name}; {nearest(column, there)}")
        names = {name: column for name, column in self._columns.items() if column in there}
        # Who writes a query chooses its columns: a slip among them is to be reported. A table has others of its own.
        unknown = set(there) - set(names.values()) if self._is_query else set[str]()
        return names | {column: column for column in sorted(unknown) if column not in names}

    def _all(self, connection: Connection, names: Mapping[str, str], *where: Any) -> Iterator[Row]:
        columns: list[sa.ColumnClause[Any]] = [sa.column(column) for column in names.values()]
        statement = sa.select(*columns).select_from(self._from).where(*where)
        for values in chain.from_iterable(self._batches(connection, statement)):
            columns_read = dict(zip(names, values, strict=True))
            record = {name: _value(name, value) for name, value in columns_read.items()}
            stamp = _stamp(columns_read.get("updated"))
            yield Row(self.name, 0, record, str(record["id"]), stamp, places=self._places)

    def _changes(
        self, connection: Connection, names: Mapping[str, str], stamps: Mapping[str, str]
    ) -> Iterator[Row | Unchanged]:
        """The rows whose stamps changed; of the others no more than id and stamp is read."""
        key: sa.ColumnClause[Any] = sa.column(names["id"])
        changed: list[Any] = []
        statement = sa.select(key, sa.column(names["updated"])).select_from(self._from)
        for rows in self._batches(connection, statement, _STAMPS_AT_ONCE):
            unchanged = []
            for raw, updated in rows:
                article_id, stamp = raw if isinstance(raw, str) else str(_value("id", raw)), _stamp(updated)
                if stamp and stamps.get(article_id) == stamp:
                    unchanged.append(article_id)
                else:
                    changed.append(raw)
            if unchanged:
                yield Unchanged(unchanged)
        if len(changed) > _MOST_LOOKUPS or None in changed:
            for row in self._all(connection, names):
                if not row.stamp or stamps.get(row.key) != row.stamp:
                    yield row
            return
        distinct = list(dict.fromkeys(changed))
        for start in range(0, len(distinct), _ROWS_AT_ONCE):
            yield from self._all(connection, names, key.in_(distinct[start : start + _ROWS_AT_ONCE]))

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
    """SQLite would make a file that is not there; of the other databases the transaction is read-only."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":memory:", "file:")):
        return url
    return url.set(database="file:" + quote(url.database), query={**url.query, "mode": "ro", "uri": "true"})


def _selectable(settings: SourceSettings) -> sa.FromClause:
    if settings.table:
        schema, _, table = settings.table.rpartition(".")
        return sa.table(table, schema=schema or None)
    query = _COLON.sub(r"\:", settings.query.strip().rstrip(";"))
    return sa.text(f"({query}\n) AS articles")  # type: ignore[return-value]


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
            return text_or_bytes(value)
        case str() if value.startswith(_NO_DATE):
            return None
    if name == "id" and type(value) is int:
        return str(value)
    if name == "noindex" and value in (0, 1):
        return bool(value)
    if name == "tags" and isinstance(value, str):
        return _tags(value)
    return value


def _tags(text: str) -> Any:
    """A list that the column holds as JSON, or with commas between."""
    if text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return [tag.strip() for tag in text.split(",")]


def _stamp(updated: Any) -> str:
    """The stamp is the same whatever zone the connection shows it in."""
    if isinstance(updated, datetime) and updated.tzinfo:
        updated = updated.astimezone(UTC)
    return "" if updated is None else str(updated)


def _reason(error: SQLAlchemyError) -> str:
    """The message of the database itself, without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    message = cause.args[-1] if cause.args and isinstance(cause.args[-1], str) else str(cause)
    return " ".join(_ERROR_NUMBER.sub("", message).split()) or type(cause).__name__
