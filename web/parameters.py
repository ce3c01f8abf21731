"""Which parameters a request may carry: declared, checked and documented in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, inspect
from werkzeug.datastructures import MultiDict

from search import UserError
from search.archive import MAX_HITS, MAX_PER_PAGE, MAX_SUGGESTIONS
from search.model import Period
from search.query.parser import MAX_CHARACTERS

__all__ = [
    "ArchiveParameters",
    "PageParameters",
    "PopularParameters",
    "SearchParameters",
    "SuggestParameters",
    "advice_for",
    "read",
    "read_kindly",
    "salvaged",
    "written",
]

_DATE = r"^[0-9]{4}(-[0-9]{2}){0,2}$"


def _about(description: str, advice: str = "", example: Any = None) -> Meta:
    """A parameter's line in the API's documentation, and what a page tells a reader whose value is wrong."""
    return Meta(
        description=description,
        extra={"advice": advice},
        extra_json_schema=None if example is None else {"examples": [example]},
    )


Year = Annotated[
    Annotated[int, Meta(ge=1, le=9999)] | None,
    _about("Published in this year, in the newspaper's zone.", "Год — это число от 1 до 9999.", 2024),
]
Month = Annotated[
    Annotated[int, Meta(ge=1, le=12)] | None,
    _about(
        "Published in this month; needs a year.", "Месяц — это число от 1 до 12, и указывают его вместе с годом.", 5
    ),
]
Day = Annotated[
    Annotated[int, Meta(ge=1, le=31)] | None,
    _about("Published on this day; needs a month.", "Такого дня в этом месяце нет, или месяц не указан.", 17),
]
Date = Annotated[str, Meta(pattern=_DATE)] | None
Name = Annotated[str, Meta(min_length=1)] | None
_DATE_ADVICE = "Дату пишут так: 2024, 2024-05 или 2024-05-17; начало периода — не позже конца."


class SearchParameters(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"date_from": "from", "date_to": "to"}
):
    """What may be asked of `/api/search`."""

    q: Annotated[
        str,
        _about(
            "What is searched for, in the grammar that /help explains. Every text is a query.", "", "визит президента"
        ),
    ] = ""
    year: Year = None
    month: Month = None
    day: Day = None
    date_from: Annotated[
        Date, _about("Published on this day or later: YYYY, YYYY-MM or YYYY-MM-DD.", _DATE_ADVICE, "2024-05")
    ] = None
    date_to: Annotated[
        Date, _about("Published until the end of this day, month or year.", _DATE_ADVICE, "2024-06-15")
    ] = None
    author: Annotated[Name, _about("By this author, the name exactly as among the facets.")] = None
    section: Annotated[Name, _about("In this section, exactly as among the facets.")] = None
    tag: Annotated[Name, _about("With this tag, exactly as in the article.")] = None
    sort: Annotated[
        Literal["relevance", "newest", "oldest", "views"] | None,
        _about(
            "The order of the hits; by relevance where words are searched for, else newest first.",
            "Порядок бывает такой: relevance, newest, oldest, views.",
        ),
    ] = None
    page: Annotated[
        Annotated[int, Meta(ge=1)],
        _about(
            f"Which page of the hits; pages reach as far as the first {MAX_HITS} hits.",
            "Страницы считаются с первой, и листать можно первые 10 000 статей: уточните запрос или выберите период.",
        ),
    ] = 1
    per_page: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_PER_PAGE)],
        _about("How many hits a page has.", "На странице бывает от 1 до 100 статей."),
    ] = 10
    correct: Annotated[
        Literal[1, 0], _about("Whether a query that finds nothing may be corrected.", "Здесь бывает только 1 или 0.")
    ] = 1
    similar: Annotated[
        Literal["show", "fold"],
        _about("Show articles that hardly differ one by one, or fold them under the first.", "Бывает show или fold."),
    ] = "show"

    @property
    def typed(self) -> str:
        """The query as it is shown again: no more of it than is ever read."""
        return self.q[:MAX_CHARACTERS]

    @property
    def period(self) -> Period | None:
        """The chosen year, month or day; UserError where there is no such period."""
        return Period.chosen(self.year, self.month, self.day)

    def filters(self) -> dict[str, Any]:
        """The keywords of `Archive.search` that choose the articles, apart from the query."""
        names = ("year", "month", "day", "date_from", "date_to", "author", "section", "tag")
        return {name: getattr(self, name) for name in names}

    def asked(self) -> dict[str, Any]:
        """All keywords of `Archive.search`."""
        paging = {"sort": self.sort, "page": self.page, "per_page": self.per_page}
        manner = {"correct": bool(self.correct), "similar": self.similar}
        return {"text": self.q, **self.filters(), **paging, **manner}


class PageParameters(SearchParameters, frozen=True, kw_only=True, omit_defaults=True):
    """The same on the pages for readers, where articles that hardly differ are folded."""

    similar: Literal["show", "fold"] = "fold"


class ArchiveParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked of `/api/archive`."""

    year: Year = None
    month: Month = None


class PopularParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked of `/api/popular`."""

    period: Annotated[
        Literal["day", "week", "month", "year", "all"],
        _about("The period that ends with the newest article: a month is 30 days, a year 365."),
    ] = "week"


class SuggestParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked of `/api/suggest`."""

    q: Annotated[str, _about("What was typed so far.", "", "каза")] = ""
    limit: Annotated[Annotated[int, Meta(ge=1, le=MAX_SUGGESTIONS)], _about("How many suggestions at most.")] = 8


class NoParameters(msgspec.Struct, frozen=True):
    """For routes that take none."""


Parameters = TypeVar("Parameters", bound=msgspec.Struct)


def read(kind: type[Parameters], arguments: MultiDict[str, str]) -> Parameters:
    """The parameters of a request; UserError names the first that is unknown, repeated or wrong."""
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name, values in arguments.lists():
        if name not in known:
            raise UserError(name, f"unknown parameter; this route knows {', '.join(known) or 'none'}")
        if len(values) > 1:
            raise UserError(name, "given more than once")
    return _converted(kind, arguments)


def read_kindly(kind: type[Parameters], arguments: MultiDict[str, str]) -> Parameters:
    """The same for a page: unknown and empty parameters do not count, of a repeated one the first does."""
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    return _converted(kind, {name: value for name, value in arguments.items() if name in known and value})


def salvaged(kind: type[Parameters], arguments: MultiDict[str, str], but: str = "") -> Parameters:
    """What is right among the parameters of a page, without the one named `but`."""
    kept = MultiDict(arguments)
    wrong = but
    while True:
        kept.poplist(wrong)
        try:
            return read_kindly(kind, kept)
        except UserError as error:
            wrong = error.parameter


def written(parameters: msgspec.Struct, **changes: Any) -> dict[str, str]:
    """The query string that says the parameters with some of them changed; a change leads to the first page."""
    changed = msgspec.structs.replace(parameters, **({"page": 1} | changes if changes else {}))
    values = {name: str(value) for name, value in msgspec.to_builtins(changed).items()}
    if "q" in values:  # every link of a page repeats it, and no more of it is ever read
        values["q"] = " ".join(values["q"].split())[:MAX_CHARACTERS]
    return values


def advice_for(parameter: str) -> str:
    """What to tell a reader whose value for this parameter is wrong, in Russian."""
    for field in msgspec.structs.fields(SearchParameters):
        if field.encode_name == parameter:
            metas = [part for part in get_args(field.type) if isinstance(part, Meta)]
            return "".join(str((meta.extra or {}).get("advice", "")) for meta in metas)
    return ""


def _converted(kind: type[Parameters], arguments: Mapping[str, str]) -> Parameters:
    numbers = {field.encode_name for field in msgspec.structs.fields(kind) if _is_number(field.type)}
    values = {
        name: int(value) if name in numbers and re.fullmatch("[0-9]{1,100}", value) else value
        for name, value in arguments.items()
    }
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        parameter = str(error).rpartition(" - at `$.")[2].rstrip("`")
        raise UserError(parameter, _refused(kind, parameter, arguments[parameter])) from error


def _refused(kind: type[msgspec.Struct], parameter: str, value: str) -> str:
    """Why the value is wrong."""
    if not value:
        return "empty; leave it out"
    (declared,) = (field.type for field in msgspec.structs.fields(kind) if field.encode_name == parameter)
    return f"{value[:100]!r} is not {_wanted(inspect.type_info(declared))}"


def _wanted(declared: inspect.Type) -> str:
    """What a value has to be, in words: the library's own speak of its types and patterns."""
    match declared:
        case inspect.Metadata(type=inner) | inspect.UnionType(types=(inner, inspect.NoneType())):
            return _wanted(inner)
        case inspect.IntType(ge=first, le=last):
            return f"a whole number from {first} {'on' if last is None else f'to {last}'}"
        case inspect.LiteralType(values=choices):
            return f"one of {', '.join(map(str, choices))}"
        case inspect.StrType(pattern=pattern) if pattern == _DATE:
            return "a date as YYYY, YYYY-MM or YYYY-MM-DD"
    raise AssertionError(declared)  # every other text is right


def _is_number(annotation: Any) -> bool:
    return annotation is int or isinstance(annotation, int) or any(map(_is_number, get_args(annotation)))
