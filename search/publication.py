"""When an article was published: its instant, by which articles are ordered, and its archive day."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# The time of an article without a date: before all.
UNDATED = -(1 << 63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(moment: datetime) -> int:
    """An aware date-time as microseconds since 1970 UTC. Holds for the years 1 to 9999."""
    return (moment - _EPOCH) // _MICROSECOND


def microseconds(published: date | datetime, zone: ZoneInfo) -> int:
    """The instant of a publication, likewise; a date stands for its midnight in `zone`."""
    return instant(published if isinstance(published, datetime) else _midnight(published, zone))


# Days alone are remembered: the two times of an hour that happens twice are equal, and a cache takes one for the other.
@lru_cache(maxsize=1 << 14)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def archive_day(published: date | datetime, zone: ZoneInfo) -> date:
    """The calendar day in `zone`, the first or last there is where that lies outside; a date is its own day."""
    if not isinstance(published, datetime):
        return published
    try:
        return published.astimezone(zone).date()
    except OverflowError:
        return date.min if published.year == 1 else date.max
