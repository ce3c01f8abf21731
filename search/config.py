"""The settings, in one place: what they are called, their defaults, and how the environment overrides them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from search.errors import UserError

__all__ = ["Ranking", "Settings", "load_settings"]

log = logging.getLogger("arkhiv")

PREFIX = "ARKHIV_"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The constants of BM25F (Robertson and Zaragoza 2009, section 3.5), stored with the index.

    `k1`: how soon further occurrences stop to count; `b`: how much long articles are held back, 0 to 1;
    the weights: how many occurrences in the text one in the title or the lead is worth.
    """

    k1: float = 1.2
    b: float = 0.75
    title_weight: int = 3
    lead_weight: int = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Each is also an environment variable: `ARKHIV_` and its name in capitals."""

    index: str = "whoosh:index"
    timezone: str = "Asia/Almaty"
    site_name: str = "Архив газеты"
    site_url: str = ""
    image_hosts: tuple[str, ...] = ()
    max_text: int = 1_000_000
    editors_token: str = ""
    csv_rows: int = 10_000
    query_log: str = ""
    query_days: int = 90
    embed_origins: tuple[str, ...] = ()
    ranking: Ranking = field(default_factory=Ranking)

    @property
    def zone(self) -> ZoneInfo:
        """The newspaper's zone."""
        return ZoneInfo(self.timezone)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings with those of the environment laid over the defaults.

    UserError names the variable whose value is wrong; an unknown `ARKHIV_` variable is warned about.
    """
    settings = Settings()
    known = {PREFIX + entry.name.upper(): entry.name for entry in fields(Settings) if entry.name != "ranking"}
    for variable in sorted(environ):
        if variable in known:
            name = known[variable]
            settings = replace(settings, **{name: _convert(variable, environ[variable], getattr(settings, name))})
        elif variable.startswith(PREFIX) and not variable.startswith(PREFIX + "TEST_"):
            log.warning("unknown setting %s in the environment; the known ones are in the README", variable)
    _check_zone(settings.timezone)
    return settings


def _convert(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise UserError(variable, f"{text!r} is not a whole number")
        return int(text)
    return text


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UserError("ARKHIV_TIMEZONE", f"{name!r} is not a time zone such as Asia/Almaty") from error
