"""Which stretch of a segment's articles lies between two archive days: articles are numbered by publication time."""

from datetime import date
from functools import lru_cache

import numpy as np

from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.segment import Segment
from search.model import Days, Period


def days_between(segment: Segment, days: Days) -> tuple[int, int]:
    """The articles of these days, from the first number up to, not with, the second."""
    day = segment.columns.day
    first = day.searchsorted(np.int32(days.first.toordinal()))
    return int(first), int(day.searchsorted(np.int32(days.last.toordinal()), side="right"))


def bounds(segment: Segment, period: Period) -> tuple[int, int]:
    """The articles of a period, likewise."""
    first, last = part_edges(segment, period)[[0, -1]].tolist()
    return first, last


def part_edges(segment: Segment, period: Period) -> Array:
    """The articles with which the months of a year, or the days of a month, begin, and the one after the last."""
    edges: Array = segment.columns.day.searchsorted(_part_days(period))
    return edges


@lru_cache(maxsize=1024)
def _part_days(period: Period) -> Array:
    """The days, as ordinals i4, with which the parts of a period begin; and the day after."""
    days = period.days()
    if period.day is not None:
        begins = [days.first]
    elif period.month is not None:
        begins = [days.first.replace(day=day) for day in range(1, days.last.day + 1)]
    else:
        begins = [date(period.year, month, 1) for month in range(1, 13)]
    return np.array([*(day.toordinal() for day in begins), days.last.toordinal() + 1], np.int32)
