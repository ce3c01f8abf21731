"""Drivers of databases, set to pass on what they cannot decode: one bad row must not stop the reading."""

import sqlite3
from typing import Any


def be_lenient(connection: Any, _record: object) -> None:
    """Have a new connection give dates outside the calendar as text, and texts that are not UTF-8 as bytes.

    PyMySQL does so by itself: the server converts texts, and what is no date is text.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.text_factory = text_or_bytes
    elif type(connection).__module__.startswith("psycopg"):
        _be_lenient_with_postgresql(connection)


def abandon(cursor: Any) -> None:
    """Have a cursor over a connection that was lost not ask for the rest: PyMySQL would, and fail at that."""
    if unread := getattr(cursor, "_result", None):
        unread.unbuffered_active = False


def text_or_bytes(value: bytes) -> str | bytes:
    """The text where it is UTF-8, else the bytes, which the intake names."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _be_lenient_with_postgresql(connection: Any) -> None:
    # Only the loaders written in Python can be extended.
    from psycopg.adapt import Loader
    from psycopg.errors import DataError
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
    from psycopg.types.string import TextLoader

    def lenient(kind: Any) -> type[Loader]:
        class Lenient(kind):  # type: ignore[misc]  # its base is known when it runs
            def load(self, data: Any) -> Any:
                try:
                    value = super().load(data)
                except DataError:
                    return bytes(data).decode()
                except UnicodeDecodeError:
                    return bytes(data)
                # A database without an encoding gives bytes, where most of it is UTF-8.
                return text_or_bytes(value) if isinstance(value, bytes) else value

        return Lenient

    kinds = {"date": DateLoader, "timestamp": TimestampLoader, "timestamptz": TimestamptzLoader}
    for name, kind in (kinds | dict.fromkeys(("text", "varchar", "bpchar", "name"), TextLoader)).items():
        connection.adapters.register_loader(name, lenient(kind))
