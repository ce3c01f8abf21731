"""Moments as newspapers write them: «17 мая 2024 г. 9:30», «17.05.2024 09:30», «2024-05-17T09:30:00+05:00»."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from indexer.sources.intake import parse_moment

_UTC = ZoneInfo("UTC")
_MONTHS = (
    "янв|қаңтар", "фев|ақпан", "мар|наурыз", "апр|сәуір", "ма[яй]|мамыр", "июн|маусым",
    "июл|шілде", "авг|тамыз", "сен|қыркүйек", "окт|қазан", "ноя|қараша", "дек|желтоқсан",
)  # fmt: skip
_MONTH = (
    "янв(?:аря|арь|\\.)?|фев(?:раля|раль|р?\\.)?|мар(?:та|т|\\.)?|апр(?:еля|ель|\\.)?|мамыр|ма[яй]|июн[яь]?|июл[яь]?|"
    "авг(?:уста|уст|\\.)?|сен(?:тября|тябрь|т?\\.)?|окт(?:ября|ябрь|\\.)?|ноя(?:бря|брь|б?\\.)?|дек(?:абря|абрь|\\.)?|"
    "қаңтар|ақпан|наурыз|сәуір|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан"
)
_CLOCK = r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?!\d|\.\d)"
_DAY = (
    rf"(?<![\d.])(?P<day>[0-3]?\d)(?:\s?(?P<separator>[./-])(?P<number>[01]?\d)(?P=separator)|\s(?P<month>{_MONTH}),?\s)"
    r"(?P<year>(?:19|20)\d\d)(?!\d|\.\d)"
)
_WRITTEN = re.compile(
    rf"(?:(?<![\d:.]){_CLOCK.replace('hour', 'before').replace('minute', 'past')}\s?(?:,|\||·|•|/|-)?\s?)?{_DAY}"
    rf"(?:\s?г(?:\.|ода)?(?!\w))?(?:(?:\s|,|\||·|•|/|-|–|—|в(?=\s)){{1,5}}{_CLOCK})?",
    re.IGNORECASE,
)
_OF_MAIL = re.compile(r"[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} \d")
# As Kazakh has it: the year before day and month.
_KAZAKH = re.compile(rf"(?P<year>(?:19|20)\d\d)\s+жыл\w*,?\s+(?P<rest>[0-3]?\d\s+(?:{_MONTH}))", re.IGNORECASE)
# What stands beside a moment in a line that holds nothing else.
_BESIDE = re.compile(
    r"\b(?:опубликован\w*|обновл[её]н\w*|изменен\w*|размещ[её]н\w*|добавлен\w*|создан\w*|дата|публикации|сегодня|г|года|в|мск|"
    r"понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс|published|posted|updated|on|at)\b",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"[T\s].*[+-](?!00:?00)\d\d:?\d\d$")
_ISO = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\s?[+-]\d\d:?\d\d)?)?(?!\d)")


def moments_in(text: str) -> Iterator[str]:
    """The moments that are written in a text, as ISO 8601, that of publishing first where it is called so; what is not
    in the calendar is none."""
    return filter(is_moment, _written_in(text))


def has_no_such_day(text: str) -> bool:
    """Whether a text has what is written as a moment and is none, as 31.02.2024."""
    written = [*_written_in(text)]
    return bool(written) and not any(map(is_moment, written))


def _written_in(text: str) -> Iterator[str]:
    if _OF_MAIL.match(text):
        with suppress(ValueError):
            yield parsedate_to_datetime(text).isoformat()
    text = _KAZAKH.sub(r"\g<rest> \g<year>", text)
    before, published, after = text.partition("публикован")
    for part in (after, before) if published else (text,):
        for match in _ISO.finditer(part):
            yield match[0].replace(" +", "+").replace(" -", "-")
        for match in _WRITTEN.finditer(part):
            hour, minute = (match["hour"], match["minute"]) if match["hour"] else (match["before"], match["past"])
            month = int(match["number"] or _month(match["month"]))
            yield f"{match['year']}-{month:02}-{int(match['day']):02}" + (f"T{int(hour):02}:{minute}" if hour else "")


def without_moments(text: str) -> str:
    """A text without its moments, and without the words that only go with them."""
    rest = _WRITTEN.sub(" ", _ISO.sub(" ", _KAZAKH.sub(r"\g<rest> \g<year>", text)))
    return _BESIDE.sub(" ", rest) if rest != text else text


def is_only_moment(text: str) -> bool:
    """Whether a line is a moment and nothing beside it but such words, as «Опубликовано» or a day of the week."""
    rest = without_moments(text)
    return rest != text and not re.search(r"\w", rest)


def parsed(text: str, date_format: str) -> str:
    """The moment of a text in a format of `datetime.strptime`; empty where it is none."""
    try:
        found = datetime.strptime(text, date_format)  # noqa: DTZ007  # it may be local time
    except ValueError:
        return ""
    timeless = not re.search(r"%[HIMXcT]", date_format)
    return found.date().isoformat() if timeless else found.isoformat()


def day_of(moment: str, zone: ZoneInfo) -> date:
    """The day of a moment, in the newspaper's zone."""
    found = parse_moment(moment, zone)
    return found.date() if isinstance(found, datetime) else found


def written_day(moment: str) -> str:
    """The day of a moment as it is written, in whatever zone."""
    return moment[: len("2024-05-17")]


def has_offset(moment: str) -> bool:
    """Whether a moment is told in a zone of its own, which is not UTC."""
    return bool(_OFFSET.search(moment))


def is_utc(moment: str) -> bool:
    """Whether a moment is told in UTC."""
    return bool(re.search(r"Z$|[+-]00:?00$", moment))


def _month(name: str) -> int:
    return next(number for number, begin in enumerate(_MONTHS, 1) if re.match(begin, name, re.IGNORECASE))


def is_moment(text: str) -> bool:
    """Whether a text is a moment as articles have it."""
    try:
        parse_moment(text, _UTC)
    except ValueError:
        return False
    return True
