"""Dates and shares in Russian."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
OF_MONTH = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_IN_MONTH = (
    "январе", "феврале", "марте", "апреле", "мае", "июне",
    "июле", "августе", "сентябре", "октябре", "ноябре", "декабре",
)  # fmt: skip


def percent(share: float) -> str:
    """«2,4 %», «0,05 %»: two digits that say something, of less than a hundredth one."""
    places = 0 if share >= 10 or not share else 1 if share >= 1 else 2 if share >= 0.01 else 3
    return f"{share:.{places}f}\u00a0%".replace(".", ",")


def day_of(published: date | datetime, zone: ZoneInfo) -> date:
    """The archive day."""
    if not isinstance(published, datetime):
        return published
    try:
        return published.astimezone(zone).date()
    except OverflowError:  # at the very ends of the calendar
        return published.date()


def when(published: date | datetime, zone: ZoneInfo) -> str:
    """«17 мая 2024, 09:00», or «17 мая 2024» where the newspaper was no more precise."""
    text = day_name(published, zone)
    return f"{text}, {published.astimezone(zone):%H:%M}" if isinstance(published, datetime) else text


def day_name(published: date | datetime, zone: ZoneInfo) -> str:
    """«17 мая 2024»."""
    day = day_of(published, zone)
    return period_name(day.year, day.month, day.day)


def period_name(year: int, month: int | None = None, day: int | None = None) -> str:
    """«2024 год», «май 2024», «17 мая 2024»."""
    if month is None:
        return f"{year} год"
    return f"{MONTHS[month - 1]} {year}" if day is None else f"{day} {OF_MONTH[month - 1]} {year}"


def for_period(year: int, month: int | None = None, day: int | None = None) -> str:
    """«за 2024 год», «за май 2024 года», «за 17 мая 2024 года»."""
    return f"за {period_name(year, month, day)}" + ("" if month is None else " года")


def in_period(year: int, month: int | None = None, day: int | None = None) -> str:
    """«в 2024 году», «в мае 2024 года», «17 мая 2024 года»."""
    if month is None:
        return f"в {year} году"
    return f"в {_IN_MONTH[month - 1]} {year} года" if day is None else f"{day} {OF_MONTH[month - 1]} {year} года"
