"""When the hits were published: a bar for each year, month or day."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping

from msgspec import Struct

from search.model import Facets, Period
from web.russian import MONTHS, period_name

MOST_BARS = 150  # of years that are farther apart, the last
# So many years have a tick each; of more, those that end in 0 and 5 have one.
ALL_TICKS = 8


class Bar(Struct, frozen=True):
    """One bar: `tick` is written under it, `name` in full; `height` is a share of the highest, 0 to 1."""

    tick: str
    name: str
    url: str
    count: int
    height: float
    chosen: bool


class Scale(Struct, frozen=True):
    """The level below the chosen period: its years, months or days in order, and how many articles each has."""

    period: Period | None
    numbers: range
    counts: Mapping[int, int]

    @classmethod
    def of(cls, facets: Facets, period: Period | None) -> Scale:
        """The level below the chosen period, with these counts."""
        if period is None:
            counts = facets.years
            first, last = (counts[0].value, counts[-1].value) if counts else (0, -1)
            numbers = range(max(first, last - MOST_BARS + 1), last + 1)
        elif period.month is None:
            counts, numbers = facets.months or (), range(1, 13)
        else:
            last = calendar.monthrange(period.year, period.month)[1]
            counts, numbers = facets.days or (), range(1, last + 1)
        return cls(period, numbers, {count.value: count.count for count in counts})

    def path(self, number: int) -> tuple[int, int | None, int | None]:
        """The year, month and day that a number stands for."""
        period = self.period
        if period is None:
            return number, None, None
        return (period.year, number, None) if period.month is None else (period.year, period.month, number)

    def tick(self, number: int) -> str:
        """The text under it; nothing where the names would not fit."""
        if self.period and self.period.month is None:
            return MONTHS[number - 1][:3]
        sparse = self.period is not None or len(self.numbers) > ALL_TICKS
        return "" if sparse and number % 5 and number > 1 else str(number)


def timeline(
    facets: Facets, period: Period | None, address: Callable[[int | None, int | None, int | None], str]
) -> list[Bar]:
    """The bars of the level below the period, those without hits too; no bars where there would be one."""
    scale, day = Scale.of(facets, period), period.day if period else None
    if not scale.counts or len(scale.numbers) < 2:
        return []
    highest, bars = max(scale.counts.values()), []
    for number in scale.numbers:
        path, count = scale.path(number), scale.counts.get(number, 0)
        bars.append(Bar(scale.tick(number), period_name(*path), address(*path), count, count / highest, number == day))
    return bars
