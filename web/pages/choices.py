"""What a reader can choose next and what is chosen: the archive block, authors, sections, orders, pages."""

import calendar
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from msgspec import Struct, structs

from search.engine import MOST_FREQUENT, MOST_MENTIONED
from search.guidance.russian import MONTHS, for_period, in_period, period_name
from search.model import FACETS, UNDATED, Count, Dated, Days, Facets, Period, SearchResult, Sort
from web.address import period_url, search_url
from web.live import shown_person
from web.parameters import PageParameters


class Choice(Struct, frozen=True):
    """One link. Where it is `chosen`, the link undoes the choice; without `url` it cannot be chosen."""

    label: str
    url: str = ""
    count: int | None = None
    chosen: bool = False


class Decade(Struct, frozen=True):
    """The years of a decade, the latest first, and how many articles they have; `opened` is whether they are seen."""

    label: str
    count: int
    opened: bool
    years: list[Choice]


class ArchiveBlock(Struct, frozen=True):
    """Year → month → day. `decades` are there instead of years that are many; `weeks` are the rows of a calendar, from
    Monday; None for a day of another month."""

    years: list[Choice]
    decades: list[Decade]
    months: list[Choice]
    weeks: list[list[Choice | None]]
    month_name: str
    undated: Choice | None


# More years are shown by decades.
MANY_YEARS = 12
# The periods up to today that are chosen by a click, in days.
RECENT = {"неделя": 7, "месяц": 30, "год": 365}

Address = Callable[[int | None, int | None, int | None], str]


def archive_block(facets: Facets, period: Period | None, address: Address, parameters: PageParameters) -> ArchiveBlock:
    """The block for these counts; `address` gives the link of a choice of year, month and day, the `parameters` are
    those that a choice of the undated articles is added to."""
    year, month, day = structs.astuple(period) if period else (None, None, None)
    years = _level(facets.years, year, str, lambda value: address(value, None, None))
    months = _level(facets.months, month, lambda value: MONTHS[value - 1], lambda value: address(year, value, None))
    days = {choice.label: choice for choice in _level(facets.days, day, str, partial(address, year, month))}
    weeks = calendar.Calendar().monthdayscalendar(year, month) if year and month else []
    return ArchiveBlock(
        years=[] if len(years) > MANY_YEARS else years[::-1],
        decades=_decades(years) if len(years) > MANY_YEARS else [],
        months=months,
        weeks=[[days.get(str(at), Choice(str(at))) if at else None for at in week] for week in weeks],
        month_name=period_name(year, month) if year and month else "",
        undated=None if period else _undated(facets.undated, parameters),
    )


def _undated(count: int, parameters: PageParameters) -> Choice | None:
    """The choice of the articles without a date, where there are any, or that is chosen."""
    chosen = parameters.year == UNDATED
    url = search_url(parameters, year=None if chosen else UNDATED)
    return Choice("Без даты", url, count, chosen) if count or chosen else None


def _decades(years: Sequence[Choice]) -> list[Decade]:
    """The years by decades, the latest first; open is that of the chosen year, or the latest."""
    decades = [(label, list(group)) for label, group in groupby(reversed(years), lambda year: f"{year.label[:-1]}0-е")]
    chosen = next((label for label, group in decades if any(year.chosen for year in group)), decades[0][0])
    return [Decade(label, sum(year.count or 0 for year in group), label == chosen, group) for label, group in decades]


def _level(
    counts: Sequence[Count[int]] | None,
    chosen: int | None,
    label: Callable[[int], str],
    url: Callable[[int | None], str],
) -> list[Choice]:
    """The choices of a level, with the chosen one even where nothing has it; its link leads to the level above."""
    values = {count.value: count.count for count in counts or ()}
    if chosen is not None:
        values.setdefault(chosen, 0)
    return [
        Choice(label(value), url(None if value == chosen else value), count, chosen=value == chosen)
        for value, count in sorted(values.items())
    ]


def period_address(parameters: PageParameters) -> Address:
    """The links of the archive block: they narrow the search, or open the archive's pages where there is none."""
    if parameters == PageParameters():
        return period_url
    return lambda year, month, day: search_url(parameters, year=year, month=month, day=day)


class FacetLabel(NamedTuple):
    """The words for a facet: over its values, and for the one that is chosen."""

    heading: str
    chosen: str


# By filter, in the order of the page.
LABELS = {
    "person": FacetLabel("Кто упоминается", "упоминается"),
    "section": FacetLabel("Рубрики", "рубрика"),
    "tag": FacetLabel("Темы", "тема"),
    "author": FacetLabel("Авторы", "автор"),
}
COUNTS = {facet.filter: facet.counts for facet in FACETS} | {"person": "persons"}


class FacetList(Struct, frozen=True):
    """A facet beside the results: the id of its element, its heading, its values; `every` leads to all of them, where
    there may be more."""

    id: str
    heading: str
    values: list[Choice]
    every: str = ""


def facet_lists(facets: Facets, parameters: PageParameters) -> list[FacetList]:
    """The facets in their order."""
    lists = []
    for name, label in LABELS.items():
        values = facet_values(facets, parameters, name)
        is_cut = len(values) >= (MOST_MENTIONED if name == "person" else MOST_FREQUENT)
        every = search_url(parameters, f"pages.values_{name}") if is_cut else ""
        lists.append(FacetList(COUNTS[name], label.heading, values, every))
    return lists


def facet_values(facets: Facets, parameters: PageParameters, name: str) -> list[Choice]:
    """The values of a facet; each link narrows the search, that of the chosen one widens it."""
    chosen = getattr(parameters, name)
    shown = shown_person if name == "person" else str
    return [
        Choice(
            shown(value), search_url(parameters, **{name: None if value == chosen else value}), count, value == chosen
        )
        for value, count in map(structs.astuple, getattr(facets, COUNTS[name]))
        if value
    ]


def recent(parameters: PageParameters, today: date) -> list[Choice]:
    """The last week, month and year as filters."""
    starts = ((label, str(today - timedelta(days=days))) for label, days in RECENT.items())
    dates = {"year": None, "month": None, "day": None, "date_to": None}
    chosen = parameters.date_from if not parameters.date_to else None
    return [
        Choice(
            label, search_url(parameters, **dates, date_from=None if start == chosen else start), chosen=start == chosen
        )
        for label, start in starts
    ]


def companions(counts: Sequence[Count[str]], parameters: PageParameters) -> FacetList:
    """The persons mentioned together with the person of a page; a link leads to the articles that mention both."""
    names = [(count, count.value.replace('"', " ")) for count in counts]
    values = [
        Choice(shown_person(count.value), search_url(parameters, q=f'кто:="{name}"', page=1), count.count)
        for count, name in names
    ]
    return FacetList("persons", "Упоминаются вместе", values)


def chips(parameters: PageParameters) -> list[Choice]:
    """The active filters; each link removes one."""
    filters: list[tuple[str, dict[str, Any]]] = []
    if parameters.year == UNDATED:
        filters.append(("без даты", {"year": None}))
    elif parameters.year:
        name = in_period(parameters.year, parameters.month, parameters.day)
        filters.append((name, {"year": None, "month": None, "day": None}))
    if parameters.date_from:
        first = Days.parse(parameters.date_from).first
        filters.append((f"с {in_period(first.year, first.month, first.day)}", {"date_from": None}))
    if parameters.date_to:
        last = Days.parse(parameters.date_to).last
        filters.append((f"по {period_name(last.year, last.month, last.day)} года", {"date_to": None}))
    values = ((name, getattr(parameters, name)) for name in COUNTS)
    shown = ((name, shown_person(value) if name == "person" else value) for name, value in values if value)
    filters += [(f"{LABELS[name].chosen}: {value}", {name: None}) for name, value in shown]
    return [Choice(label, search_url(parameters, **change), chosen=True) for label, change in filters]


def date_filter(parameters: PageParameters, dated: Dated | None) -> Choice | None:
    """The days that the words of a query name, as a filter instead of the words."""
    if dated is None or parameters.year or parameters.date_from or parameters.date_to:
        return None
    first, last = dated.days.first, dated.days.last
    for period in (Period(first.year), Period(first.year, first.month), Period(first.year, first.month, first.day)):
        if period.days() == dated.days:
            url = search_url(parameters, q=dated.rest, **structs.asdict(period))
            return Choice(f"только {for_period(*structs.astuple(period))}", url)
    url = search_url(parameters, q=dated.rest, date_from=str(first), date_to=str(last))
    names = (period_name(day.year, day.month, day.day) for day in (first, last))
    return Choice("только с {} по {} года".format(*names), url)


def orders(parameters: PageParameters, current: Sort, *, viewed: bool) -> list[Choice]:
    """The orders to choose from; by relevance only for a query with words, by views where articles were `viewed`."""
    labels = {
        Sort.RELEVANCE: "по релевантности",
        Sort.NEWEST: "сначала новые",
        Sort.OLDEST: "сначала старые",
        Sort.VIEWS: "по просмотрам",
    }
    if not parameters.q.strip():
        del labels[Sort.RELEVANCE]
    if not viewed and current is not Sort.VIEWS:
        del labels[Sort.VIEWS]
    return [Choice(label, search_url(parameters, sort=sort), chosen=sort is current) for sort, label in labels.items()]


class Paging(Struct, frozen=True):
    """The pages of an answer: the number of this one and the last, links to the pages around it, where None is a gap,
    and to the one before and the next. `cut` is whether there are hits behind the last page."""

    number: int
    last: int
    links: list[Choice | None]
    before: str
    following: str
    cut: bool


def paging(result: SearchResult, address: Callable[[int], str]) -> Paging:
    """Links to the first, the last and the nearby pages."""
    this, last = result.page, result.pages
    shown = sorted({1, last, *range(max(1, this - 2), min(last, this + 2) + 1)}) if last > 1 else []
    links: list[Choice | None] = []
    for previous, number in zip([0, *shown], shown, strict=False):
        if number > previous + 1:
            links.append(None)
        links.append(Choice(str(number), address(number), chosen=number == this))
    before, following = (address(number) if 1 <= number <= last else "" for number in (this - 1, this + 1))
    return Paging(this, last, links, before, following, cut=result.total - result.folded > last * result.per_page)


def period_choice(period: Period) -> Choice:
    """The link to a period's page of the archive."""
    path = structs.astuple(period)
    return Choice(period_name(*path), period_url(*path))
