"""When the hits were published, at one glance: a bar for each year, month or day."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Scale:
    """The finest level that is open: its years, months or days in order, and how many articles of each were counted."""

    period: Period | None
    numbers: range
    counts: Mapping[int, int]

    @classmethod
    def of(cls, facets: Facets, period: Period | None) -> Scale:
        """The level that these counts have, for the chosen period."""
        if period is None:
            counts, numbers = facets.years, _years(facets.years)
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
        """What is written under it; nothing where there is no room for every name."""
        if self.period and self.period.month is None:
            return MONTHS[number - 1][:3]
        sparse = self.period is not None or len(self.numbers) > ALL_NAMED
        return "" if sparse and number % 5 and number > 1 else str(number)


def timeline(
    facets: Facets, period: Period | None, address: Callable[[int | None, int | None, int | None], str]
) -> list[Bar]:
    """The bars of the finest level that is open, those without hits too; none where there would be one alone."""
    scale, day = Scale.of(facets, period), period.day if period else None
    if not scale.counts or len(scale.numbers) < 2:
        return []
    most = max(scale.counts.values())
    return [
        Bar(
            tick=scale.tick(number),
            name=period_name(*scale.path(number)),
            url=address(*scale.path(number)),
            count=scale.counts.get(number, 0),
            height=scale.counts.get(number, 0) / most,
            chosen=number == day,
        )
        for number in scale.numbers
    ]


def _years(counts: Sequence[Count[int]]) -> range:
    """From the first year to the last; where these are too far apart, the last of them."""
    if not counts:
        return range(0)
    last = counts[-1].value
    return range(max(counts[0].value, last - MOST_BARS + 1), last + 1)
