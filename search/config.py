"""The settings, in one place: what they are called, their defaults, and how file and environment override them."""

from __future__ import annotations

import difflib
import logging
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from search.errors import UserError
from search.model import Article

__all__ = ["ClusterSettings", "DatabaseSettings", "Ranking", "Settings", "load_settings", "nearest"]

log = logging.getLogger("arkhiv")

PREFIX = "ARKHIV_"
FILE = "arkhiv.toml"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The constants of BM25F (Robertson and Zaragoza 2009, section 3.5), stored with the index.

    `k1`: how soon further occurrences stop to count; `b`: how much long articles are held back, 0 to 1;
    the weights: how many occurrences in the text one in the title, the lead or the first `opening` words of the text is
    worth; `presence`: what standing there at all is worth beside that; `rarity`: the power of the idf.
    """

    k1: float = 1.2
    b: float = 0.75
    title_weight: int = 3
    lead_weight: int = 2
    opening: int = 30
    opening_weight: float = 1.5
    presence: float = 0.2
    rarity: float = 1.25


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """A database to read articles from: a table or a query, and the columns whose names are not those of the fields."""

    url: str
    table: str = ""
    query: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How an archive lies on a cluster; while it is loaded, it has other replicas and is refreshed at other times.

    `seconds`: how long a reader waits for an answer, and as long again for that of another node.
    """

    shards: int = 1
    replicas: int = 1
    loading_replicas: int = 0
    loading_refresh: str = "-1"
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set: a key of the file each, and but for a few an environment variable, `ARKHIV_…`.

    `sources` is what a rebuild without arguments reads; `sections` gives a section, as sources call it, its name here.
    """

    index: str = "whoosh:index"
    timezone: str = "Asia/Almaty"
    site_name: str = "Архив газеты"
    site_url: str = ""
    image_hosts: tuple[str, ...] = ()
    max_text: int = 1_000_000
    max_shrink: int = 10
    recency: int = 5
    sources: tuple[str | DatabaseSettings, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    synonyms: str = ""
    editors_token: str = ""
    csv_rows: int = 10_000
    query_log: str = ""
    query_days: int = 90
    embed_origins: tuple[str, ...] = ()
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    ranking: Ranking = field(default_factory=Ranking)

    @property
    def zone(self) -> ZoneInfo:
        """The newspaper's zone."""
        return ZoneInfo(self.timezone)


KEYS = tuple(entry.name for entry in fields(Settings) if entry.name != "ranking")
VARIABLES = {PREFIX + name.upper(): name for name in KEYS if name not in {"sources", "sections", "cluster"}}


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The defaults, over them the settings of the file, over these those of the environment.

    The file is the one that `ARKHIV_CONFIG` names, else `arkhiv.toml` in the working directory, where there is one.
    UserError names the key or the variable that is wrong; an unknown `ARKHIV_` variable is warned about.
    """
    named = environ.get("ARKHIV_CONFIG")
    settings = _read(Path(named or FILE)) if named or Path(FILE).exists() else Settings()
    for variable in sorted(environ):
        if variable in VARIABLES:
            name = VARIABLES[variable]
            value = _convert(variable, environ[variable], getattr(settings, name))
            _check(variable, name, value)
            settings = replace(settings, **{name: value})
        elif variable.startswith(PREFIX) and not variable.startswith((PREFIX + "TEST_", "ARKHIV_CONFIG")):
            log.warning("unknown setting %s in the environment; the known ones are in the README", variable)
    return settings


def nearest(name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not known: which of those that are it may mean."""
    among = sorted(known)
    close = difflib.get_close_matches(name.lower(), among, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(among)}"


def _read(path: Path) -> Settings:
    """The settings that a file lays over the defaults."""
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UserError(str(path), f"is no TOML: {error}") from error
    _refuse_unknown(path, given, KEYS, "")
    cluster = given.get("cluster")
    _refuse_unknown(path, cluster if isinstance(cluster, dict) else {}, _names(ClusterSettings), "in cluster: ")
    sources = given.get("sources")
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, dict):
            _refuse_unknown(path, source, _names(DatabaseSettings), "in sources: ")
            columns = source.get("columns")
            _refuse_unknown(path, columns if isinstance(columns, dict) else {}, _names(Article), "in columns: ")
    try:
        settings = msgspec.convert(given, Settings)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise UserError(str(path), f"{place.rstrip('`') or 'settings'}: {reason}") from error
    for name in given:
        _check(f"{path}: {name}", name, getattr(settings, name))
    return settings


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(entry.name for entry in fields(kind))


def _refuse_unknown(path: Path, given: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    for name in given:
        if name not in known:
            raise UserError(str(path), f"{place}unknown key {name!r}; {nearest(name, known)}")


def _convert(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise UserError(variable, f"{text!r} is not a whole number")
        return int(text)
    return text


def _check(parameter: str, name: str, value: Any) -> None:
    """UserError where a setting of the right type has a wrong value."""
    if name == "timezone":
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UserError(parameter, f"{value!r} is not a time zone such as Asia/Almaty") from error
    if name in {"max_text", "max_shrink"} and value < 0:
        raise UserError(parameter, f"{value} is not a whole number from 0 on")
    if name == "sources":
        for source in value:
            if isinstance(source, DatabaseSettings) and bool(source.table) == bool(source.query):
                raise UserError(parameter, "of a database, either a table or a query is read: name one of the two")
