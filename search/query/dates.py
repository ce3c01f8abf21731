"""Which days does a reader name: 2014, май 2024, 17.05.2024, вчера, на прошлой неделе, в 90-е?"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from search.model import Days, Period

# A number among plain words is a year from this one up to the next year from today.
FIRST_YEAR = 1900
# Words that a date may have: «17 мая 2024 года».
MOST_WORDS = 4

# The beginnings of months' names, and these names in any case or cut short.
_BEGINNINGS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_MONTH = (
    r"(?P<month>(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)(?:ь|я|ю|е|ем)"
    r"|(?:март|август)(?:а|у|е|ом)?|ма(?:й|я|е|ю|ем)|янв|фев|мар|апр|июн|июл|авг|сент?|окт|нояб?|дек)\.?"
)
_DAY, _YEAR = r"(?P<day>[0-9]{1,2})", r"(?P<year>[0-9]{4})"
_OF_YEAR = r"(?: ?(?:года?|году|г)\.?)?"
# From one date to another, as people write it beside the dots of the grammar.
_BETWEEN = re.compile(r"с (.+) по (.+)|(.+) - (.+)|([0-9]{4})-([0-9]{4})(?: ?(?:гг|год[а-я]*))?")
_DECADE, _DATED_DECADE = r"(?P<decade>(?:19|20)?[0-9]0)-?[ех]", r"(?P<decade>(?:19|20)[0-9]0)-?[ех]"
_YEARS = r" год(?:ы|ов|ах)"
_WHICH = r"(?P<which>прошл(?:ой|ом|ая|ый|ую|ого)|эт(?:ой|ом|а|от|у|ого))"
# How a unit of time is called, and how many days it has.
_UNITS = {"д": 1, "н": 7, "м": 30, "г": 365, "л": 365}
_TO_HYPHEN = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


def _of_calendar(match: re.Match[str], today: date) -> Days:
    """A year, month or day of the calendar; where no year stands, the latest that has begun."""
    parts = match.groupdict()
    month, day = _number_of(parts.get("month")), _number_of(parts.get("day"))
    if not parts.get("year"):
        days = Period(today.year, month, day).days()
        return days if days.first <= today else Period(today.year - 1, month, day).days()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year <= (today.year + 1) % 100 else 1900
    return Period(year, month, day).days()


def _number_of(part: str | None) -> int | None:
    if part is None or part.isdigit():
        return int(part) if part else None
    return next(number for number, prefix in enumerate(_BEGINNINGS, 1) if part.startswith(prefix))


def _near(match: re.Match[str], today: date) -> Days:
    day = today - timedelta(days=("сегодня", "вчера", "позавчера").index(match[0]))
    return Days(day, day)


def _week(match: re.Match[str], today: date) -> Days:
    monday = today - timedelta(days=today.weekday() + (7 if match["which"].startswith("прошл") else 0))
    return Days(monday, monday + timedelta(days=6))


def _month(match: re.Match[str], today: date) -> Days:
    day = today.replace(day=1) - timedelta(days=match["which"].startswith("прошл"))
    return Period(day.year, day.month).days()


def _year(match: re.Match[str], today: date) -> Days:
    return Period(today.year - (match["which"].startswith("прошл"))).days()


def _decade(match: re.Match[str], today: date) -> Days:
    year = int(match["decade"])
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    return Days(date(year, 1, 1), date(year + 9, 12, 31))


def _last(match: re.Match[str], today: date) -> Days:
    """So many units of time, one at least, the last of which ends today."""
    days = _UNITS[match["unit"][0]] * int(match["count"] or 1)
    if not days:
        raise ValueError(match[0])
    return Days(today - timedelta(days=days - 1), today)


class DateContext(NamedTuple):
    """The newspaper's day, and the first and the last day that words may name: those of its archive."""

    today: date
    first: date = date.min
    last: date = date.max


ToDays = Callable[[re.Match[str], date], Days]


def _compiled(rows: Iterable[tuple[str, ToDays]]) -> tuple[tuple[re.Pattern[str], ToDays], ...]:
    return tuple((re.compile(pattern), to_days) for pattern, to_days in rows)


# What is a date wherever it stands in a query.
_PLAIN = _compiled(
    (
        (_YEAR + _OF_YEAR, _of_calendar),
        (rf"{_YEAR}-(?P<month>[0-9]{{2}})(?:-(?P<day>[0-9]{{2}}))?", _of_calendar),
        (rf"{_DAY}(?P<mark>[./])(?P<month>[0-9]{{1,2}})(?P=mark){_YEAR}{_OF_YEAR}", _of_calendar),
        (rf"(?:{_DAY} )?{_MONTH} {_YEAR}{_OF_YEAR}", _of_calendar),
        ("сегодня|вчера|позавчера", _near),
        (f"на {_WHICH} неделе", _week),
        (f"в {_WHICH} месяце", _month),
        (f"в {_WHICH} году", _year),
        (f"в {_DECADE}(?:{_YEARS})?", _decade),
        (_DECADE + _YEARS, _decade),
        (_DATED_DECADE, _decade),
    )
)
# What else is one where a date is asked for.
_ASKED = (
    *_PLAIN,
    *_compiled(
        (
            (rf"{_YEAR}(?P<mark>[-./])(?P<month>[0-9]{{1,2}})(?:(?P=mark){_DAY})?", _of_calendar),
            (rf"{_DAY}-(?P<month>[0-9]{{1,2}})-{_YEAR}", _of_calendar),
            (rf"(?P<month>[0-9]{{1,2}})[-./]{_YEAR}", _of_calendar),
            (rf"{_DAY}(?P<mark>[./])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{2}})", _of_calendar),
            (rf"(?:{_DAY} )?{_MONTH}", _of_calendar),
            (f"{_WHICH} недел[яюе]", _week),
            (f"{_WHICH} месяце?", _month),
            (f"{_WHICH} году?", _year),
            (_DECADE, _decade),
            (r"(?P<count>[0-9]{1,4}) (?P<unit>д(?:ень|ня|ней)|недел[яиью]|месяц(?:а|ев)?|года?|лет)", _last),
            ("(?P<count>)(?P<unit>неделя|месяц|год)", _last),
        )
    ),
)


def asked_days(text: str, today: date) -> Days | None:
    """The days of what was asked for as a date, or from one date to another, either of which may be left out; None
    where it names none, or none of the calendar."""
    text = _plainly(text)
    between = _BETWEEN.fullmatch(text.rstrip("."))
    first, to, last = "..".join(filter(None, between.groups())).partition("..") if between else text.partition("..")
    if not to:
        return _read(_ASKED, first, today)
    first, last = first.strip(), last.strip()
    ends = [_read(_ASKED, end, today) if end else Days(date.min, date.max) for end in (first, last)]
    if not (first or last) or ends[0] is None or ends[1] is None or ends[0].first > ends[1].last:
        return None
    return Days(ends[0].first, ends[1].last)


def plain_days(words: Sequence[str], calendar: DateContext) -> tuple[int, Days] | None:
    """How many of the first words, as they were typed, are a date of the calendar, the most that are one; its days."""
    for count in range(min(len(words), MOST_WORDS), 0, -1):
        text = _plainly(" ".join(words[:count]))
        days = _read(_PLAIN, text, calendar.today)
        is_year = days and (not text[:4].isdigit() or FIRST_YEAR <= days.first.year <= calendar.today.year + 1)
        if days and is_year and calendar.first <= days.last and days.first <= calendar.last:
            return count, days
    return None


def looks_like_days(text: str) -> bool:
    """Whether it would be days if the calendar had them: 31 июня."""
    return any(pattern.fullmatch(_plainly(text)) for pattern, _ in _ASKED)


def written(days: Days) -> str:
    """The days as the grammar has them behind «дата:», as short as it goes."""
    first, last = str(days.first), str(days.last)
    if days == Period(days.first.year, days.first.month).days():
        return first[: len("2024-05")]
    if first.endswith("-01-01") and last.endswith("-12-31"):
        first, last = first[: len("2024")], last[: len("2024")]
    return first if first == last else f"{first}..{last}"


def _plainly(text: str) -> str:
    return " ".join(text.lower().replace("ё", "е").translate(_TO_HYPHEN).split()).rstrip(",;:!?…")


def _read(table: Iterable[tuple[re.Pattern[str], ToDays]], text: str, today: date) -> Days | None:
    for pattern, to_days in table:
        if match := pattern.fullmatch(text) or pattern.fullmatch(text.rstrip(".")):
            try:
                return to_days(match, today)
            except (ValueError, OverflowError):  # not in the calendar
                continue
    return None
