"""When the hits were published, at one glance: a bar for each year, month or day."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.model import Count, Facets, Period
from web.russian import MONTHS, period_name

MOST_BARS = 150
# So many years have room for their numbers; of more, those that end in 0 and 5 are named.
ALL_NAMED = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `tick` is written under it, `name` in full; `height` is a share of the highest, 0 to 1."""

    tick: str
    name: str
    url: str
    count: int
    height: float
    chosen: bool


def timeline(
    facets: Facets, period: Period | None, address: Callable[[int | None, int | None, int | None], str]
) -> list[Bar]:
    """The bars of the finest level that is open, those without hits too; none where there would be one alone."""
    year, month, day = (period.year, period.month, period.day) if period else (None, None, None)
    path: Callable[[int], tuple[int, int | None, int | None]]
    if year is None:
        counts, numbers, path = facets.years, _years(facets.years), lambda number: (number, None, None)
    elif month is None:
        counts, numbers, path = facets.months or (), range(1, 13), lambda number: (year, number, None)
    else:
        last = calendar.monthrange(year, month)[1]
        counts, numbers, path = facets.days or (), range(1, last + 1), lambda number: (year, month, number)
    found = {count.value: count.count for count in counts}
    if not found or len(numbers) < 2:
        return []
    most, sparse = max(found.values()), month is not None or (year is None and len(numbers) > ALL_NAMED)

    def tick(number: int) -> str:
        if year is not None and month is None:
            return MONTHS[number - 1][:3]
        return "" if sparse and number % 5 and number > 1 else str(number)

    return [
        Bar(
            tick=tick(number),
            name=period_name(*path(number)),
            url=address(*path(number)),
            count=found.get(number, 0),
            height=found.get(number, 0) / most,
            chosen=number == day,
        )
        for number in numbers
    ]


def _years(counts: Sequence[Count[int]]) -> range:
    """From the first year to the last; where these are too far apart, the last of them."""
    if not counts:
        return range(0)
    last = counts[-1].value
    return range(max(counts[0].value, last - MOST_BARS + 1), last + 1)
