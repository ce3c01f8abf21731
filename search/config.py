"""The settings, in one place: what they are called, their defaults, and how file and environment override them."""

import difflib
import logging
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct, inspect, structs

from search.errors import UserError
from search.links import ascii_host, outside, without_port
from search.model import Article, FilterParameters

log = logging.getLogger("arkhiv")

PREFIX = "ARKHIV_"
FILE = "arkhiv.toml"

MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_SENDER = re.compile(rf"(?P<address>{MAIL.pattern})|(?P<name>[^<>]{{0,100}}?) *<(?P<named>{MAIL.pattern})>")
_SMTP = re.compile(
    r"smtps?://(?:[^\s/?#@:]+:[^\s/?#@]*@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?", re.I
)
# What the settings that hold hosts want.
_HOSTS = {
    "site_url": "an address without a path, as https://gazeta.example",
    "embed_origins": "an origin, as https://gazeta.example",
    "image_hosts": "a host, as img.gazeta.example",
    "trusted_hosts": "a host, as img.gazeta.example",
}

# Control characters, and bytes of the environment that are no UTF-8.
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# How long `within` of an alert is.
_DAYS = {"day": 1, "week": 7, "year": 365}
# The fields whose values a source may hold as HTML.
MARKED_UP = ("title", "lead", "text")
# What the template of pages says beside where each field stands.
LEAVE_OUT, DATE_FORMAT = "leave_out", "date_format"

# Larger numbers fit neither a file nor the calendar.
Whole = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Counted = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Ranking(Struct, frozen=True):
    """The constants of BM25F (Robertson and Zaragoza 2009, section 3.5), stored with the index.

    `k1`: how soon further occurrences stop to count; `b`: how much long articles are held back, 0 to 1; `shortest`: the
    share of the mean length that an article is taken to have at least, so that a mere headline does not win by it;
    the weights: how many occurrences in the text one in the title, the lead or the first `opening` words of the text is
    worth; `presence`: what standing there at all is worth beside that; `rarity`: the power of the idf.
    """

    k1: float = 1.2
    b: float = 0.75
    shortest: float = 0.5
    title_weight: int = 3
    lead_weight: int = 2
    opening: int = 30
    opening_weight: float = 1.5
    presence: float = 0.2
    rarity: float = 1.25


class SourceSettings(Struct, frozen=True):
    """A source of which more is to be said than where it is.

    Of a database its `url`, a `table` or a `query`, and the `columns` whose names are not those of the fields; of a
    file its `path`. `html` are the fields that hold markup.
    """

    url: str = ""
    table: str = ""
    query: str = ""
    columns: Mapping[str, str] = {}
    path: str = ""
    html: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """ValueError says what does not go together."""
        if bool(self.url) == bool(self.path):
            raise ValueError("a source has either a url or a path")
        if self.path and (self.table or self.query or self.columns):
            raise ValueError("table, query and columns are of a database, which has a url")
        for name in self.html:
            if name not in MARKED_UP:
                raise ValueError(f"html: {name!r} is none of {', '.join(MARKED_UP)}")


class ClusterSettings(Struct, frozen=True):
    """How an archive lies on a cluster; while it is loaded, it has other replicas and is refreshed at other times.

    `seconds`: how long a reader waits for an answer, and as long again for that of another node.
    """

    shards: Counted = 1
    replicas: Whole = 1
    loading_replicas: Whole = 0
    loading_refresh: str = "-1"
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 1.0


class AlertSettings(FilterParameters, frozen=True, kw_only=True):
    """A query whose new articles are sent to editors: by `mail` to these addresses, by the `webhook` at this one, or
    both; that may also be the name of one of the setting `webhooks`. `words`: whether an article needs all of them, or
    most. `rate`: how often at most, a digest at this `hour` of the newspaper, a weekly one on Mondays. `within`: how
    long before that an article was published at most; everything that comes in where it is empty."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    query: str = ""
    words: Literal["all", "most"] = "all"
    mail: tuple[str, ...] = ()
    webhook: str = ""
    rate: Literal["at_once", "daily", "weekly"] = "at_once"
    hour: Annotated[int, Meta(ge=0, le=23)] = 9
    within: Literal["", "day", "week", "year"] = ""

    def __post_init__(self) -> None:
        """ValueError says what of it is wrong."""
        super().__post_init__()
        if not self.name.isprintable() or not self.name.strip():
            raise ValueError(f"the name {self.name!r} cannot stand in a line")
        if not self.mail and not self.webhook:
            raise ValueError(f"{self.name!r} has neither mail nor webhook: nobody would get it")
        for address in self.mail:
            if not MAIL.fullmatch(address):
                raise ValueError(f"{self.name!r}: mail: {address!r} is not an address, as news@gazeta.example")
        if "://" in self.webhook and not _is_callable(self.webhook):
            raise ValueError(f"{self.name!r}: webhook: not an address of the web, its letters escaped as browsers do")
        try:
            self.filters()
        except UserError as error:
            raise ValueError(f"{self.name!r}: {error}") from error

    def filters(self) -> dict[str, Any]:
        """The filters by the names that `Archive.search` has for them; UserError names the one that is wrong."""
        _ = self.value
        return {name: getattr(self, name) for name in FilterParameters.__struct_fields__}

    def options(self, since: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
        """What `Archive.every` takes beside the query, to look for what came in after `since`; None where that is
        nothing, as everything was published too long before."""
        options = {**self.filters(), "words": self.words, "pins": False, "sort": "newest", "since": since}
        if self.within:
            first, value = since.astimezone(zone).date() - timedelta(days=_DAYS[self.within]), self.value
            bounds = [value.period.days()] if value.period else []
            bounds += [value.between] if value.between else []
            if value.undated or any(days.last < first for days in bounds):
                return None
            options["date_from"] = max([first, *(days.first for days in bounds)])
        return options

    def last_due(self, now: datetime) -> datetime:
        """When, up to now at the newspaper, it was last the time to report."""
        if self.rate == "at_once":
            return now
        weekly = self.rate == "weekly"
        day = now.date() - timedelta(days=now.weekday() if weekly else 0)
        due = datetime.combine(day, time(self.hour), now.tzinfo)
        return due if due <= now else due - timedelta(days=7 if weekly else 1)


class Settings(Struct, frozen=True):
    """Everything that can be set: a key of the file each, and but for a few an environment variable, `ARKHIV_…`.

    `persons` is whether it is known who is mentioned, `names` a file of corrections to it (`search.editorial.persons`);
    `sources` is what a rebuild without arguments reads; `pages` says by CSS selectors where in a saved page each field
    stands; `sections` gives a section, as sources call it, its name here; `alerts` are what is sent to editors,
    `webhooks` the names of addresses that alerts may call.
    """

    index: str = "whoosh:index"
    timezone: str = "Asia/Almaty"
    site_name: str = "Архив газеты"
    site_url: str = ""
    image_hosts: tuple[str, ...] = ()
    max_text: Whole = 1_000_000
    max_shrink: Annotated[int, Meta(ge=0, le=100)] = 10
    max_ahead: Annotated[int, Meta(ge=0, le=100_000)] = 366
    recency: Annotated[int, Meta(ge=0, le=1000)] = 6
    sources: tuple[str | SourceSettings, ...] = ()
    pages: Mapping[str, str | tuple[str, ...]] = {}
    sections: Mapping[str, str] = {}
    synonyms: str = ""
    pins: str = ""
    noindex: str = ""
    persons: bool = True
    names: str = ""
    editors_token: str = ""
    csv_rows: Whole = 10_000
    query_log: str = ""
    query_days: Annotated[int, Meta(ge=1, le=100_000)] = 90
    alerts: tuple[AlertSettings, ...] = ()
    webhooks: Mapping[str, str] = {}
    alert_flood: Counted = 500
    smtp: str = ""
    mail_from: str = ""
    webhook_secret: str = ""
    embed_origins: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    proxies: Annotated[int, Meta(ge=0, le=10)] = 0
    log: Literal["text", "json"] = "text"
    cluster: ClusterSettings = ClusterSettings()
    ranking: Ranking = Ranking()

    def __post_init__(self) -> None:
        """ValueError begins with the setting whose value is none."""
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"timezone: {self.timezone!r} is not a time zone such as Asia/Almaty") from error
        self._check_texts()
        for source in self.sources:
            if isinstance(source, SourceSettings) and source.url and bool(source.table) == bool(source.query):
                raise ValueError("sources: of a database, either a table or a query is read: name one of the two")
        named = Counter(alert.name for alert in self.alerts)
        if named and max(named.values()) > 1:
            raise ValueError(f"alerts: two have the name {named.most_common(1)[0][0]!r}")
        for name, url in self.webhooks.items():
            if not _is_callable(url):
                raise ValueError(f"webhooks: {name!r}: not an address of the web, its letters escaped as browsers do")
        for alert in self.alerts:
            if alert.webhook and not self.webhook(alert):
                raise ValueError(f"alerts: {alert.name!r}: webhook: {alert.webhook!r} is not among webhooks")

    def _check_texts(self) -> None:
        structs.force_setattr(self, "site_name", _NO_TEXT.sub("\ufffd", self.site_name))
        for setting, text in structs.asdict(self).items():
            if isinstance(text, str) and "\0" in text:
                raise ValueError(f"{setting}: {text!r} holds a character that no name has")
        if self.site_url:
            structs.force_setattr(self, "site_url", _canonical("site_url", self.site_url))
        for name in ("embed_origins", "image_hosts", "trusted_hosts"):
            structs.force_setattr(self, name, tuple(_canonical(name, written) for written in getattr(self, name)))
        if self.mail_from and not (_SENDER.fullmatch(self.mail_from) and self.mail_from.isprintable()):
            example = "news@gazeta.example or Gazeta <news@gazeta.example>"
            raise ValueError(f"mail_from: {self.mail_from!r} is not an address, as {example}")
        if self.smtp and not (_SMTP.fullmatch(self.smtp) and ascii_host(urlsplit(self.smtp).netloc.rpartition("@")[2])):
            raise ValueError("smtp: not as smtp://host:25 or smtps://user:password@host, escaped as in other addresses")

    @property
    def zone(self) -> ZoneInfo:
        """The newspaper's zone."""
        return ZoneInfo(self.timezone)

    @property
    def sender(self) -> tuple[str, str]:
        """The name, which may be empty, and the address in `mail_from`."""
        parts = _SENDER.fullmatch(self.mail_from)
        return ((parts["name"] or "").strip().strip('"'), parts["address"] or parts["named"]) if parts else ("", "")

    def webhook(self, alert: AlertSettings) -> str:
        """The address that an alert calls; empty where it has none, or names one that is not among `webhooks`."""
        return alert.webhook if "://" in alert.webhook else self.webhooks.get(alert.webhook, "")


def _is_callable(url: str) -> bool:
    """Whether it is an address of the web as it is sent, its letters escaped."""
    return url.isascii() and bool(outside(url))


def _canonical(name: str, written: str) -> str:
    """An origin or a host as browsers write it, so that it equals theirs; ValueError names the setting."""
    scheme, separator, host = written.strip().lower().rpartition("://")
    canonical = ascii_host(host.rstrip("/") if separator else host.removeprefix("."), scheme)
    if canonical and scheme in {"http", "https"} and name in {"site_url", "embed_origins"}:
        return f"{scheme}://{canonical}"
    if canonical and not separator and name == "trusted_hosts":
        return "." * host.startswith(".") + without_port(canonical)
    if canonical and not separator and name == "image_hosts" and not host.startswith("."):
        return canonical
    raise ValueError(f"{name}: {written!r} is not {_HOSTS[name]}")


KEYS = tuple(name for name in Settings.__struct_fields__ if name != "ranking")
_OF_THE_FILE = {"sources", "pages", "sections", "cluster", "alerts", "webhooks"}
# How the library speaks of values.
_TYPES = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "array": "a list"}
_TYPES |= {"object": "a table", "null": "nothing"}
# The values of the settings that have few.
_CHOICES = {
    field.encode_name: [f"{value!r}" for value in choice.values]
    for kind in (Settings, AlertSettings)
    for field in inspect.type_info(kind).fields  # type: ignore[attr-defined]  # they are structs
    for choice in getattr(field.type, "types", (field.type,))
    if isinstance(choice, inspect.LiteralType)
}
_TYPE = re.compile(r"`((?:int|float|str|bool|array|object|null)(?: \| \w+)*)`")
_SIGNS = {"Expected `": "has to be `", "` <= ": "` up to ", "` >= ": "` from ", "` > ": "` above ", ", got ": ", not "}
# How people, forms and tables write true and false.
TRUTH_VALUES = dict.fromkeys(("1", "true", "t", "yes", "y", "on", "да"), True)
TRUTH_VALUES |= dict.fromkeys(("0", "false", "f", "no", "n", "off", "нет"), False)
# What the tests, the place of the file and the loops are told.
_NO_SETTINGS = (PREFIX + "TEST_", "ARKHIV_CONFIG", "ARKHIV_LOOPS")
VARIABLES = {PREFIX + name.upper(): name for name in KEYS if name not in _OF_THE_FILE}


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The defaults, over them the settings of the file, over these those of the environment.

    The file is the one that `ARKHIV_CONFIG` names, else `arkhiv.toml` in the working directory, where there is one.
    UserError names the key or the variable that is wrong; an unknown `ARKHIV_` variable is warned about.
    """
    named = environ.get("ARKHIV_CONFIG")
    settings = _read(Path(named or FILE)) if named or Path(FILE).exists() else Settings()
    for variable in sorted(environ):
        if variable in VARIABLES:
            name, text = VARIABLES[variable], environ[variable].strip()
            given: object = text
            if isinstance(getattr(settings, name), tuple):
                given = [part for part in text.split(",") if part.strip()]
            elif isinstance(getattr(settings, name), bool):
                given = TRUTH_VALUES.get(text.lower(), text)
            converted = _converted({name: given}, variable, strict=False)
            settings = structs.replace(settings, **{name: getattr(converted, name)})
        elif variable.startswith(PREFIX) and not variable.startswith(_NO_SETTINGS):
            log.warning("unknown setting %s in the environment; the known ones are in docs/settings.md", variable)
    index, queries = settings.index.partition("whoosh:")[2], settings.query_log
    for alert in settings.alerts:
        if alert.options(datetime.now(UTC), settings.zone) is None:
            log.warning(
                "alerts: %r reports nothing: whatever suits it was published longer ago than `within`", alert.name
            )
    if index and queries and Path(queries).resolve().is_relative_to(Path(index).resolve()):
        raise UserError("query_log", f"{queries} is inside the index {index}; name a folder outside of it")
    return settings


def nearest(name: str, names: Iterable[str]) -> str:
    """What to say of a name that is not known: which of those that are it may mean."""
    among = sorted(names)
    close = difflib.get_close_matches(name.lower(), among, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(among)}"


def _read(path: Path) -> Settings:
    """The settings that a file lays over the defaults."""
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(str(path), f"is no TOML: {error}") from error
    _refuse_unknown(path, given, KEYS, "")
    _refuse_unknown(path, given.get("cluster"), ClusterSettings.__struct_fields__, "in cluster: ")
    _refuse_unknown(path, given.get("pages"), (*Article.__struct_fields__, LEAVE_OUT, DATE_FORMAT), "in pages: ")
    alerts = given.get("alerts")
    for alert in alerts if isinstance(alerts, list) else ():
        _refuse_unknown(path, alert, AlertSettings.__struct_encode_fields__, "in alerts: ")
    sources = given.get("sources")
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, dict):
            _refuse_unknown(path, source, SourceSettings.__struct_fields__, "in sources: ")
            _refuse_unknown(path, source.get("columns"), Article.__struct_fields__, "in columns: ")
    return _converted(given, str(path))


def _refuse_unknown(path: Path, given: Any, keys: Iterable[str], place: str) -> None:
    for name in given if isinstance(given, dict) else ():
        if name not in keys:
            raise UserError(str(path), f"{place}unknown key {name!r}; {nearest(name, keys)}")


def _converted(given: Mapping[str, Any], place: str, *, strict: bool = True) -> Settings:
    """The settings over their defaults; UserError names the place and what of it is wrong."""
    try:
        return msgspec.convert(given, Settings, strict=strict)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        where = where.rstrip("`")
        reason = _in_words(reason, where.rpartition(".")[2])
        raise UserError(place, f"{where}: {reason}" if where else reason) from error


def _in_words(reason: str, name: str) -> str:
    """What the library says of a wrong value, as people say it."""
    if reason.startswith("Invalid enum value"):
        return f"{reason.rpartition(' ')[2]} is not one of {', '.join(_CHOICES.get(name, ()))}"
    for sign, words in _SIGNS.items():
        reason = reason.replace(sign, words)
    return _TYPE.sub(lambda named: " or ".join(_TYPES.get(name, name) for name in named[1].split(" | ")), reason)
