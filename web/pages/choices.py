"""What a reader can choose next and what is chosen: the archive block, authors, sections, orders, pages."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import structs

from search.archive import MAX_HITS
from search.model import FACETS, Count, Dated, Days, Facets, Period, SearchResult, Sort
from web.address import period_url, search_url
from web.parameters import PageParameters
from web.russian import MONTHS, for_period, in_period, period_name


@dataclass(frozen=True, slots=True)
class Choice:
    """One link. Where it is `chosen` already, the link takes the choice back; without `url` it cannot be chosen."""

    label: str
    url: str = ""
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveBlock:
    """Year → month → day. `weeks` are the rows of a calendar, from Monday; None where no day of the month stands."""

    years: list[Choice]
    months: list[Choice]
    weeks: list[list[Choice | None]]
    month_name: str
    undated: int


Address = Callable[[int | None, int | None, int | None], str]


def archive_block(facets: Facets, period: Period | None, address: Address) -> ArchiveBlock:
    """The block for these counts; `address` tells where a choice of year, month and day leads."""
    year, month, day = (period.year, period.month, period.day) if period else (None, None, None)

    def year_choice(entry: Count[int]) -> Choice:
        chosen = entry.value == year
        return Choice(str(entry.value), address(None if chosen else entry.value, None, None), entry.count, chosen)

    def month_choice(entry: Count[int]) -> Choice:
        chosen = entry.value == month
        url = address(year, None if chosen else entry.value, None)
        return Choice(MONTHS[entry.value - 1], url, entry.count, chosen)

    def day_choice(entry: Count[int]) -> Choice:
        chosen = entry.value == day
        return Choice(str(entry.value), address(year, month, None if chosen else entry.value), entry.count, chosen)

    days = {entry.value: day_choice(entry) for entry in _with_chosen(facets.days or (), day)}
    weeks = calendar.Calendar().monthdayscalendar(year, month) if year and month else []
    return ArchiveBlock(
        years=[year_choice(entry) for entry in reversed(_with_chosen(facets.years, year))],
        months=[month_choice(entry) for entry in _with_chosen(facets.months or (), month)],
        weeks=[[days.get(number, Choice(str(number))) if number else None for number in week] for week in weeks],
        month_name=period_name(year, month) if year and month else "",
        undated=0 if period else facets.undated,
    )


def _with_chosen(counts: Sequence[Count[int]], chosen: int | None) -> list[Count[int]]:
    """The counts and the chosen value, even where nothing has it."""
    missing = [] if chosen is None or any(count.value == chosen for count in counts) else [Count(chosen, 0)]
    return sorted([*counts, *missing], key=lambda count: count.value)


def period_address(parameters: PageParameters) -> Address:
    """Where a choice of year, month and day leads: it narrows the search, or opens the archive without one."""
    if parameters == PageParameters():
        return period_url
    return lambda year, month, day: search_url(parameters, year=year, month=month, day=day)


class FacetLabel(NamedTuple):
    """How a facet is called: over its values, and where one of them is chosen."""

    heading: str
    chosen: str


# By filter, in the order in which they stand on the page.
LABELS = {
    "person": FacetLabel("Кто упоминается", "упоминается"),
    "section": FacetLabel("Рубрики", "рубрика"),
    "tag": FacetLabel("Темы", "тема"),
    "author": FacetLabel("Авторы", "автор"),
}
COUNTS = {facet.filter: facet.counts for facet in FACETS} | {"person": "persons"}


class FacetList(NamedTuple):
    """A facet on the page; `id` is that of its element."""

    id: str
    heading: str
    choices: list[Choice]


def facet_lists(facets: Facets, parameters: PageParameters) -> list[FacetList]:
    """The facets in their order."""
    return [
        FacetList(counts, label.heading, _values(getattr(facets, counts), parameters, name))
        for name, label in LABELS.items()
        for counts in [COUNTS[name]]
    ]


def _values(counts: Sequence[Count[str]], parameters: PageParameters, name: str) -> list[Choice]:
    """The values of a facet; `name` is the parameter that chooses one."""
    chosen = getattr(parameters, name)

    def choice(entry: Count[str]) -> Choice:
        change: dict[str, Any] = {name: None if entry.value == chosen else entry.value}
        return Choice(entry.value, search_url(parameters, **change), entry.count, entry.value == chosen)

    return [choice(entry) for entry in counts if entry.value]


def companions(counts: Sequence[Count[str]], parameters: PageParameters) -> list[Choice]:
    """Those who are mentioned together with the person of a page: the link leads to where both are."""

    def choice(entry: Count[str]) -> Choice:
        name = entry.value.replace('"', " ")
        return Choice(entry.value, search_url(parameters, q=f'кто:="{name}"', page=1), entry.count)

    return [choice(entry) for entry in counts]


def chips(parameters: PageParameters) -> list[Choice]:
    """The filters that are on, each with the link that takes it off."""
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


def only(parameters: PageParameters, dated: Dated | None) -> Choice | None:
    """The days that the words of a query name, as a filter instead of words."""
    if dated is None or parameters.year or parameters.date_from or parameters.date_to:
        return None
    first, last = dated.days.first, dated.days.last
    for period in (Period(first.year), Period(first.year, first.month), Period(first.year, first.month, first.day)):
        if period.days() == dated.days:
            url = search_url(parameters, q=dated.rest, **structs.asdict(period))
            return Choice(f"только {for_period(period.year, period.month, period.day)}", url)
    named = (period_name(day.year, day.month, day.day) for day in (first, last))
    return Choice(
        "только с {} по {} года".format(*named),
        search_url(parameters, q=dated.rest, date_from=str(first), date_to=str(last)),
    )


def orders(parameters: PageParameters, current: Sort) -> list[Choice]:
    """The orders to choose from; by relevance only where something is searched for."""
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
    """Links to the first, the last and the nearby pages; None stands for a gap."""
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
    return Choice(period_name(period.year, period.month, period.day), period_url(period.year, period.month, period.day))
