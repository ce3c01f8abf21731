"""When the hits were published: a bar for each year, month or day."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct

from search.guidance.russian import MONTHS, period_name
from search.model import Facets, Period

MOST_BARS = 150  # of years that are farther apart, the last
# So many ticks have room on a telephone; they stand at multiples of one of these steps.
MOST_TICKS, STEPS = 7, (1, 2, 5, 10, 20, 50)


class Bar(Struct, frozen=True):
    """One bar: `tick` is written under it, `name` in full; `height` is a share of the highest, 0 to 1. It is
    `unfinished` while its time lasts."""

    tick: str
    name: str
    url: str
    count: int
    height: float
    chosen: bool
    unfinished: bool


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

    def lasts(self, number: int, today: date) -> bool:
        """Whether the year, month or day that a number stands for is not over."""
        return Period(*self.path(number)).days().last >= today

    def tick(self, number: int) -> str:
        """The text under it; nothing where the names would not fit."""
        if self.period and self.period.month is None:
            return MONTHS[number - 1][:3]
        step = next(step for step in STEPS if len(self.numbers) <= step * MOST_TICKS)
        return "" if number % step else str(number)


def level_name(period: Period | None) -> str:
    """What the parts of a period are, in Russian; without one, those of the archive."""
    if period is None:
        return "год"
    return "месяц" if period.month is None else "день"


def timeline(
    facets: Facets, period: Period | None, address: Callable[[int | None, int | None, int | None], str], today: date
) -> list[Bar]:
    """The bars of the level below the period, those without hits too; no bars where there would be one."""
    scale, day = Scale.of(facets, period), period.day if period else None
    if not scale.counts or len(scale.numbers) < 2:
        return []
    highest = max(scale.counts.values())
    return [
        Bar(
            tick=scale.tick(number),
            name=period_name(*scale.path(number)),
            url=address(*scale.path(number)),
            count=scale.counts.get(number, 0),
            height=scale.counts.get(number, 0) / highest,
            chosen=number == day,
            unfinished=scale.lasts(number, today),
        )
        for number in scale.numbers
    ]
