"""Numbers, dates and shares in Russian, and the form of the noun that goes with a number."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from search.model import UNDATED, Days, FilterParameters

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


def number(value: int) -> str:
    """142444 as «142 444», four digits together; the space does not break."""
    return f"{value:,}".replace(",", "\u00a0") if value >= 10_000 else str(value)


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form that goes with a number: 1 статья, 2 статьи, 5 статей, 11 статей, 21 статья."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else many


def count_of(count: int) -> str:
    """«1 статья», «142 444 статьи»."""
    return f"{number(count)} {plural(count, 'статья', 'статьи', 'статей')}"


def described(query: str, words: str, filters: FilterParameters) -> str:
    """What is looked for, in Russian: «Запрос «приговор | суд», рубрика «Город», в мае 2024 года»."""
    day = "без даты"
    if filters.year != UNDATED:
        day = in_period(filters.year, filters.month, filters.day) if filters.year else ""
    ranges = [f"с {in_period(*_parts(Days.parse(filters.date_from).first))}"] if filters.date_from else []
    ranges += [f"по {period_name(*_parts(Days.parse(filters.date_to).last))} года"] if filters.date_to else []
    names = {"рубрика": filters.section, "тема": filters.tag, "автор": filters.author}
    names["упоминается"] = filters.person
    parts = [f"запрос «{' '.join(query.split())}»"] if query.strip() else []
    parts += ["достаточно большинства слов"] if parts and words == "most" else []
    parts += [day] if day else []
    parts += ranges
    parts += [f"{label} «{name}»" for label, name in names.items() if name]
    text = ", ".join(parts) or "все статьи"
    return f"{text[0].upper()}{text[1:]}"


def _parts(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day
