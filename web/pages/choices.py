"""What a reader can choose next and what is chosen: the archive block, authors, sections, orders, pages."""

import calendar
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from msgspec import Struct, structs

from search.archive import MAX_HITS
from search.model import FACETS, Count, Dated, Days, Facets, Period, SearchResult, Sort
from web.address import period_url, search_url
from web.parameters import PageParameters
from web.russian import MONTHS, for_period, in_period, period_name


class Choice(Struct, frozen=True):
    """One link. Where it is `chosen`, the link undoes the choice; without `url` it cannot be chosen."""

    label: str
    url: str = ""
    count: int | None = None
    chosen: bool = False


class ArchiveBlock(Struct, frozen=True):
    """Year → month → day. `weeks` are the rows of a calendar, from Monday; None for a day of another month."""

    years: list[Choice]
    months: list[Choice]
    weeks: list[list[Choice | None]]
    month_name: str
    undated: int


Address = Callable[[int | None, int | None, int | None], str]


def archive_block(facets: Facets, period: Period | None, address: Address) -> ArchiveBlock:
    """The block for these counts; `address` gives the link of a choice of year, month and day."""
    year, month, day = structs.astuple(period) if period else (None, None, None)
    years = _level(facets.years, year, str, lambda value: address(value, None, None))
    months = _level(facets.months, month, lambda value: MONTHS[value - 1], lambda value: address(year, value, None))
    days = {choice.label: choice for choice in _level(facets.days, day, str, partial(address, year, month))}
    weeks = calendar.Calendar().monthdayscalendar(year, month) if year and month else []
    return ArchiveBlock(
        years=years[::-1],
        months=months,
        weeks=[[days.get(str(date), Choice(str(date))) if date else None for date in week] for week in weeks],
        month_name=period_name(year, month) if year and month else "",
        undated=0 if period else facets.undated,
    )


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


def facet_lists(facets: Facets, parameters: PageParameters) -> list[tuple[str, str, list[Choice]]]:
    """The facets in their order: the id of each one's element, its heading and its values."""
    lists = []
    for name, label in LABELS.items():
        chosen = getattr(parameters, name)
        choices = [
            Choice(value, search_url(parameters, **{name: None if value == chosen else value}), count, value == chosen)
            for value, count in map(structs.astuple, getattr(facets, COUNTS[name]))
            if value
        ]
        lists.append((COUNTS[name], label.heading, choices))
    return lists


def companions(counts: Sequence[Count[str]], parameters: PageParameters) -> list[Choice]:
    """The persons mentioned together with the person of a page; a link leads to the articles that mention both."""
    names = [(count, count.value.replace('"', " ")) for count in counts]
    return [
        Choice(count.value, search_url(parameters, q=f'кто:="{name}"', page=1), count.count) for count, name in names
    ]


def chips(parameters: PageParameters) -> list[Choice]:
    """The active filters; each link removes one."""
    filters: list[tuple[str, dict[str, Any]]] = []
    if parameters.year:
        name = in_period(parameters.year, parameters.month, parameters.day)
        filters.append((name, {"year": None, "month": None, "day": None}))
    if parameters.date_from:
        first = Days.parse(parameters.date_from).first
        filters.append((f"с {in_period(first.year, first.month, first.day)}", {"date_from": None}))
    if parameters.date_to:
        last = Days.parse(parameters.date_to).last
        filters.append((f"по {period_name(last.year, last.month, last.day)} года", {"date_to": None}))
    values = ((name, getattr(parameters, name)) for name in COUNTS)
    filters += [(f"{LABELS[name].chosen}: {value}", {name: None}) for name, value in values if value]
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


def orders(parameters: PageParameters, current: Sort) -> list[Choice]:
    """The orders to choose from; by relevance only for a query with words."""
    labels = {
        Sort.RELEVANCE: "по соответствию",
        Sort.NEWEST: "сначала новые",
        Sort.OLDEST: "сначала старые",
        Sort.VIEWS: "по просмотрам",
    }
    if not parameters.q.strip():
        del labels[Sort.RELEVANCE]
    return [Choice(label, search_url(parameters, sort=sort), chosen=sort is current) for sort, label in labels.items()]


def pages(result: SearchResult, address: Callable[[int], str]) -> list[Choice | None]:
    """Links to the first, the last and the nearby pages; None is a gap."""
    last = min(result.pages, MAX_HITS // result.per_page)
    shown = sorted({1, last, *range(max(1, result.page - 2), min(last, result.page + 2) + 1)}) if last > 1 else []
    links: list[Choice | None] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number > before + 1:
            links.append(None)
        links.append(Choice(str(number), address(number), chosen=number == result.page))
    return links


def period_choice(period: Period) -> Choice:
    """The link to a period's page of the archive."""
    path = structs.astuple(period)
    return Choice(period_name(*path), period_url(*path))
