"""How a raw record becomes an article: what each field may hold, and what happens to a record that is wrong."""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from reprlib import Repr
from typing import Any, NamedTuple
from unicodedata import is_normalized, normalize
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from indexer.sources.source import NO_DATE
from search.analysis import Analyzer
from search.config import MARKED_UP, TRUTH_VALUES, Settings
from search.model import Article

# What no reader sees and what breaks terminals, feeds and UTF-8: control characters, halves of surrogate pairs.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFIT_FOR_ID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ADDRESS = re.compile(r"https?://[^\s/?#]+(?:[/?#].*)?", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:/?(?:p|br|div|span|strong|em|b|i|a|img|ul|li|h[1-6]|blockquote|table|script)(?:[\s/][^<>]{0,2000})?|!--.{0,200}--)>|"
    r"&(?:nbsp|laquo|raquo|mdash|ndash|quot|amp|#\d{2,5});"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d){0,2})?"
_MOMENT = re.compile(rf"\d{{4}}-\d\d-\d\d(?:[Tt ]{_TIME})?", re.ASCII)
# As other programs write them: seconds since 1970, or milliseconds; as 17.05.2024 9:00; as mail does.
_SECONDS = re.compile(r"(?!(?:19|20)\d{10}$)([1-9]\d{8,9})(\d{3})?", re.ASCII)
_YEAR_2100 = 4_102_444_800
_OF_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)?(?: [\w+-]+)?", re.ASCII)
_OF_DAYS = re.compile(
    r"(\d\d?)\.(\d\d?)\.(\d{4})(?:,? +(\d\d?)(:[0-5]\d(?::[0-5]\d)?(?:Z|[+-]\d\d:?\d\d)?))?", re.ASCII
)
# With a space before the zone; with other signs than hyphens in the day.
_ZONE = re.compile(r"(?<=:\d\d) ?(UTC|GMT|(?<= )[+-]\d\d:?\d\d)$")
_YEAR_FIRST = re.compile(r"^(\d{4})([./])(\d\d)\2(\d\d)(?=$|[T ]\d\d:)", re.ASCII)
# What is not seen, and makes one name into two.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]|"
    # What joins letters of other scripts, and emoji.
    "(?<![\u0590-\U0010ffff])[\u200c\u200d]+(?![\u0590-\U0010ffff])"
)
# A word that the end of a line of a scan has cut.
_CUT_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]+)([-\u00ad¬])([ \t]*\n[ \t]*|(?<=-) )(?=([^\W\d_]+))")
_REQUIRED = ("id", "title", "text")
_DECIDING = frozenset({*_REQUIRED, "published"})
_MOST_VIEWS = 2**63 - 1
_CACHED_MOMENTS = 1 << 14
_FLAGS = TRUTH_VALUES | {"": False, "none": False, "null": False, "-": False, "\1": True}
_analyzer = lru_cache(maxsize=1)(Analyzer)

_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 60


class Verdict(NamedTuple):
    """The article, or None where the record is rejected; and what is wrong with the record."""

    article: Article | None
    flaws: tuple[str, ...] = ()


class Intake:
    """Checks the records of one run; `strict` lets no flaw pass. An unknown field is named once in a run."""

    def __init__(self, settings: Settings, *, strict: bool = False) -> None:
        zone = settings.zone
        self._strict = strict
        self._max_ahead = settings.max_ahead
        today = datetime.now(zone).date()
        self._latest = date.fromordinal(min(today.toordinal() + settings.max_ahead, date.max.toordinal()))
        self._max_text = settings.max_text
        self._unknown: set[str] = set()
        self._moment = lru_cache(_CACHED_MOMENTS)(lambda text: parse_moment(iso_8601(text), zone))
        self._sections = {self._line(name): self._line(kept) for name, kept in settings.sections.items()}
        lines = dict.fromkeys(("author", "author_role", "source", "image_credit"), self._line)
        self._checks: dict[str, Callable[[Any], Any]] = lines | {
            "id": _key,
            "title": self._title,
            "text": self._prose,
            "lead": self._prose,
            "section": lambda value: self._sections.get(section := self._line(value), section),
            "url": self._address,
            "image": self._address,
            "published": self._published,
            "updated": lambda value: (moment := self._published(value)) and moment.isoformat(),
            "tags": self._tags,
            "views": _views,
            "noindex": _flag,
        }

    def article(self, record: Mapping[str, Any], html: Collection[str] = ()) -> Verdict:
        """The article of a record, whose fields `html` hold markup. A field that is null is a field left out."""
        if html:
            from indexer.sources.markup import text_of  # of an extra package, and few sources need it

            record = {**record, **{name: text_of(text) for name in html if isinstance(text := record.get(name), str)}}
        values: dict[str, Any] = {}
        flaws: list[tuple[str, str]] = []  # and what is done about each
        rejected = False
        for name, value in record.items():
            check = self._checks.get(name)
            if check is None and (self._strict or name not in self._unknown):
                self._unknown.add(name)
                once = "" if self._strict else " (said once)"
                flaws.append((f"{_short.repr(name)} is no field of an article{once}", "left out"))
            elif check and value is not None:
                try:
                    if (checked := check(value)) is not None:
                        values[name] = checked
                    elif not self._strict and name not in self._unknown:
                        self._unknown.add(name)
                        flaws.append((f"{name}: {_short.repr(value)} is no date (said once)", "left out"))
                except (OverflowError, ValueError) as error:
                    # What somebody meant to keep from search engines is kept from them.
                    values |= {name: True} if name == "noindex" else {}
                    flaws.append((f"{name}: {error}", "taken as true" if name in values else "left out"))
                    rejected |= name in _DECIDING
        missing = [f"{name}: missing" for name in _REQUIRED if record.get(name) is None]
        if rejected or missing or (flaws and self._strict):
            return Verdict(None, (*missing, *(flaw for flaw, _ in flaws)))
        return Verdict(Article(**values), tuple(map(", ".join, flaws)))

    def doubts(self, article: Article) -> tuple[str, ...]:
        """What may be wrong with an article: a date far ahead is more often a slip than a plan."""
        published = article.published
        day = published.date() if isinstance(published, datetime) else published
        if day is None or day <= self._latest:
            return ()
        return (f"published: {day} is more than max_ahead = {self._max_ahead} days ahead; hidden until then",)

    def _string(self, value: Any) -> str:
        """A string fit to be kept: lines end in a line feed, control characters are spaces, й is one character."""
        text = _text(value)
        text = text if is_normalized("NFC", text) else normalize("NFC", text)
        if len(text) > self._max_text:
            raise ValueError(f"{len(text):,} characters, more than the {self._max_text:,} of the setting max_text")
        # For most texts this shows several times faster than the pattern that there is nothing to replace.
        if text.replace("\n", " ").isprintable() or not _UNFIT.search(text):
            return text
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return _UNFIT.sub(lambda match: " " if match[0] < "\ud800" else "\N{REPLACEMENT CHARACTER}", lines)

    def _prose(self, value: Any) -> str:
        """A string of several lines, in which words are whole."""
        text = self._string(value)
        is_cut = "- " in text or "-\n" in text or "\u00ad" in text or "¬" in text
        return _CUT_WORD.sub(_whole_word, text) if is_cut else text

    def _line(self, value: Any) -> str:
        """A string in one line, which readers see as it is: all blanks are single spaces, none at its ends."""
        if type(value) is str and value.isprintable() and len(value) <= self._max_text and is_normalized("NFC", value):
            return value if "  " not in value and value == value.strip() else " ".join(value.split())
        return " ".join(_UNSEEN.sub("", self._string(value)).split())

    def _title(self, value: Any) -> str:
        if not (title := self._line(value)):
            raise ValueError("blank")
        return title

    def _address(self, value: Any) -> str:
        address = self._line(value)
        with suppress(ValueError):
            if not address or (_ADDRESS.fullmatch(address) and urlsplit(address).port != 0):
                return address.replace(" ", "%20")
        raise ValueError(f"{_short.repr(value)} is not an http or https address")

    def _published(self, value: Any) -> date | datetime | None:
        """A moment; None where there is none, as other programs write that."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value:.0f}"
        text = _text(value).strip()
        return None if text in {"", "0"} or text.startswith(NO_DATE) else self._moment(text)

    def _tags(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(tag, str) for tag in value):
            raise ValueError(f"{_short.repr(value)} is not a list of strings")
        return tuple(dict.fromkeys(filter(None, map(self._line, value))))


def unexpected_markup(article: Article, html: Collection[str]) -> list[str]:
    """The fields that seem to be HTML, and are not among those of which this is known."""
    texts = {name: getattr(article, name) for name in MARKED_UP if name not in html}
    return [name for name, text in texts.items() if ("<" in text or "&" in text) and _MARKUP.search(text)]


def parse_moment(text: str, zone: ZoneInfo) -> date | datetime:
    """A date, or a date-time in `zone`, from the extended form of ISO 8601 (a space may stand for the T).

    Without an offset it is local time, the first of the two where clocks were set back. ValueError says what is wrong.
    """
    shown = _short.repr(text)
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{shown} is not a date as 2024-05-17 or 2024-05-17T09:30:00+05:00")
    try:
        if len(text) == len("2024-05-17"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{shown} is not in the calendar: {error}") from error
    try:
        moment = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
        moment.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{shown} is outside the years 1 to 9999 in {zone.key} or in UTC") from error
    return moment


def _whole_word(cut: re.Match[str]) -> str:
    """The beginning of a word, without its hyphen where the dictionary has the word as a whole; «Нур-Султан» and
    «юго-запад» it has not, and «мы- ли» is two words."""
    begin, sign, gap, end = cut.groups()
    has_word = _analyzer().is_word
    word, *halves = (part.lower().replace("ё", "е") for part in (begin + end, begin, end))
    whole = sign != "-" or (end.islower() and has_word(word) and ("\n" in gap or not all(map(has_word, halves))))
    return begin if whole else cut[0]


def iso_8601(text: str) -> str:
    """A moment in the form that `parse_moment` reads, from others that leave no doubt; else the text as it is."""
    if (match := _SECONDS.fullmatch(text)) and int(match[1]) < _YEAR_2100:
        return datetime.fromtimestamp(int(text) / (1000 if match[2] else 1), UTC).isoformat()
    if _OF_MAIL.fullmatch(text):
        with suppress(OverflowError, ValueError):
            return parsedate_to_datetime(text).isoformat()
    text = _ZONE.sub(lambda zone: "Z" if zone[1].isalpha() else zone[1], _YEAR_FIRST.sub(r"\1-\3-\4", text))
    if match := _OF_DAYS.fullmatch(text):
        day, month, year, hour, rest = match.groups()
        return f"{year}-{month:0>2}-{day:0>2}" + (f"T{hour:0>2}{rest}" if hour else "")
    return text


def _text(value: Any) -> str:
    """A string as Python's own: parsers and drivers give strings of classes of theirs, which drag documents along."""
    if type(value) is str:
        return value
    if isinstance(value, bytes):
        raise ValueError(f"{_short.repr(value)} is not UTF-8")  # noqa: TRY004  # a wrong value, as below
    if not isinstance(value, str):
        raise ValueError(f"{_short.repr(value)} is not a string")  # noqa: TRY004  # a wrong value, not a wrong call
    return str(value)


def _key(value: Any) -> str:
    """An id stays as it is: one that was mended could be another's."""
    key = str(value) if type(value) is int else _text(value)
    if not key.strip():
        raise ValueError("blank")
    if _UNFIT_FOR_ID.search(key):
        raise ValueError(f"{_short.repr(value)} holds a control character or half of a surrogate pair")
    return key


def _views(value: Any) -> int:
    """A counter, also as «1 234» and 4163.0."""
    if isinstance(value, str) and (digits := "".join(value.split())).isdecimal() and len(digits) < len(str(2**63)):
        value = int(digits)
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_VIEWS:
        raise ValueError(f"{_short.repr(value)} is not a whole number from 0 to {_MOST_VIEWS:,}")
    return value


def _flag(value: Any) -> bool:
    """A truth value, also as databases, forms and tables keep it."""
    word = str(value or "").strip().strip("\0").lower()
    with suppress(ValueError):
        word = f"{float(word):g}"
    if word not in _FLAGS:
        raise ValueError(f"{_short.repr(value)} is not true or false")
    return _FLAGS[word]
