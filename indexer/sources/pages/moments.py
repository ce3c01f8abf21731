"""Moments as newspapers write them: «17 мая 2024 г. 9:30», «17.05.2024 09:30», «2024-05-17T09:30:00+05:00»."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from indexer.sources.intake import iso_8601, parse_moment

_UTC = ZoneInfo("UTC")
_MONTHS = "янв фев мар апр май июн июл авг сен окт ноя дек қаң ақп нау сәу мам мау шіл там қыр қаз қар жел"
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
    rf"(?:(?<![\d:.]){_CLOCK.replace('hour', 'before').replace('minute', 'past')}\s?(?:,|\||·|•|//?|-)?\s?)?{_DAY}"
    rf"(?:\s?[гж](?:\.|ода)?(?!\w))?(?:(?:\s|,|\||·|•|/|-|–|—|в(?=\s)){{1,5}}{_CLOCK})?",
    re.IGNORECASE,
)
# As Kazakh has it: the year before day and month.
_KAZAKH = re.compile(rf"(?P<year>(?:19|20)\d\d)\s+жыл\w*,?\s+(?P<rest>[0-3]?\d\s+(?:{_MONTH}))", re.IGNORECASE)
# What may be beside a moment in a line that holds nothing else.
_BESIDE = re.compile(
    r"\b(?:опубликован\w*|обновл[её]н\w*|изменен\w*|размещ[её]н\w*|добавлен\w*|создан\w*|дата|публикации|сегодня|г|года|в|мск|"
    r"datum|date|veröffentlicht|fecha|stand|last|edited|aktualisiert|uhr|дата|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс|published|posted|updated|on|at)\b",
    re.IGNORECASE,
)
_LONGEST = 300  # characters of a line that is a moment and what is beside it
_DIGIT = re.compile(r"\d")
_OFFSET = re.compile(r"^[^T\s]*[T\s].*[+-](?!00:?00)\d\d:?\d\d$")
_IN_UTC = re.compile(r"Z$|[+-]00:?00$")
_ISO = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\s?[+-]\d\d:?\d\d)?)?(?!\d)")


class Moment(NamedTuple):
    """A moment of the calendar, as ISO 8601, and its day in the newspaper's zone."""

    text: str
    day: str

    @property
    def written_day(self) -> str:
        """Its day as it is written, in whatever zone."""
        return self.text[: len("2024-05-17")]

    @property
    def is_utc(self) -> bool:
        """Whether it is written in UTC."""
        return bool(_IN_UTC.search(self.text))

    @property
    def shown_day(self) -> str:
        """The day that readers see: that in the zone that it is written in, if that is not UTC."""
        return self.written_day if _OFFSET.search(self.text) else self.day

    def is_next_to(self, other: "Moment") -> bool:
        """Whether it is of another day than readers see, and written as of the day before or after that."""
        day, another = date.fromisoformat(self.written_day), date.fromisoformat(other.shown_day)
        return self.day != other.shown_day and abs(day - another).days == 1


def moment_of(text: str, zone: ZoneInfo = _UTC) -> Moment | None:
    """The moment that a text is, in ISO 8601; None where it is none of the calendar."""
    try:
        moment = parse_moment(text, zone)
    except ValueError:
        return None
    return Moment(text, (moment.date() if isinstance(moment, datetime) else moment).isoformat())


def moments_in(text: str, zone: ZoneInfo = _UTC) -> Iterator[Moment]:
    """The moments that are written in a text, that of publishing first where it is called so."""
    return filter(None, (moment_of(written, zone) for written in _written_in(text)))


def has_no_such_day(text: str) -> bool:
    """Whether a text has what is written as a moment and is none, as 31.02.2024."""
    written = [*_written_in(text)]
    return bool(written) and not any(map(moment_of, written))


def _written_in(text: str) -> Iterator[str]:
    if not text.isdecimal() and (moment := iso_8601(text)) != text:
        yield moment
    text = _KAZAKH.sub(r"\g<rest> \g<year>", text)
    before, published, after = text.partition("публикован")
    for part in (after, before) if published else (text,):
        for match in _ISO.finditer(part):
            yield match[0].replace(" +", "+").replace(" -", "-")
        for match in _WRITTEN.finditer(part):
            hour, minute = (match["hour"], match["minute"]) if match["hour"] else (match["before"], match["past"])
            month = int(
                match["number"] or _MONTHS.index(match["month"][:3].lower().replace("мая", "май")) // 4 % 12 + 1
            )
            yield f"{match['year']}-{month:02}-{int(match['day']):02}" + (f"T{int(hour):02}:{minute}" if hour else "")


def without_moments(text: str) -> str:
    """A text without its moments, and without the words that only go with them."""
    if not _DIGIT.search(text):
        return text
    rest = _WRITTEN.sub(" ", _ISO.sub(" ", _KAZAKH.sub(r"\g<rest> \g<year>", text)))
    return _BESIDE.sub(" ", rest) if rest != text else text


def is_only_moment(text: str) -> bool:
    """Whether a line is a moment and nothing beside it but such words, as «Опубликовано» or a day of the week."""
    rest = without_moments(text) if len(text) <= _LONGEST else text
    return rest != text and not re.search(r"\w", rest)


def parsed(text: str, date_format: str) -> str:
    """The moment of a text in a format of `datetime.strptime`; empty where it is none."""
    try:
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007  # it may be local time
    except ValueError:
        return ""
    has_time = re.search(r"%[HIMXcT]", date_format)
    return moment.isoformat() if has_time else moment.date().isoformat()
