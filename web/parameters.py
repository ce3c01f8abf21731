"""Which parameters a request may have: declared, checked, documented and written into addresses in one place."""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, TypeVar
from unicodedata import normalize
from urllib.parse import parse_qsl, quote_plus

import msgspec
from msgspec import Meta, inspect
from msgspec.structs import FieldInfo
from werkzeug.datastructures import MultiDict

from search import UserError
from search.archive import MAX_PER_PAGE
from search.browse import MAX_SUGGESTIONS
from search.model import MAX_HITS, FilterParameters, Month, Year
from search.query.parser import MAX_CHARACTERS

# Messages for readers whose value is wrong, by parameter.
ADVICE = {
    "year": "Год — число от 1 до 9999; статьи без даты — none.",
    "month": "Месяц — число от 1 до 12; его указывают вместе с годом, у статей без даты его нет.",
    "day": "Такого дня в этом месяце нет, или месяц не указан.",
    "sort": "Так упорядочить статьи нельзя.",
    "page": "Такой страницы нет. Показать можно только первые 10 000 статей: уточните запрос или выберите период.",
    "per_page": "На странице может быть от 1 до 100 статей.",
    "correct": "Условие «исправлять запрос» указано неверно.",
    "similar": "Условие «похожие статьи» указано неверно.",
    "words": "Условие «все слова или не все» указано неверно.",
    "measure": "Сравнивать можно число статей или долю всех статей.",
    "separator": "Такого разделителя в таблице нет: есть запятая и точка с запятой.",
    **dict.fromkeys(
        ("from", "to"), "Дата не понята, или начало периода позже конца. Дату пишут так: 2024, 2024-05 или 2024-05-17."
    ),
}
# Values that the documentation of the API shows.
EXAMPLES = {"q": "визит президента", "year": 2024, "month": 5, "day": 17, "from": "2024-05", "to": "2024-06-15"}


DayOfMonth = Annotated[int, Meta(ge=1, le=31)]


class SearchParameters(FilterParameters, frozen=True, kw_only=True, omit_defaults=True):
    """The parameters of `/api/search`."""

    q: Annotated[
        str, Meta(description="What is searched for, in the grammar that /help explains. Every text is a query.")
    ] = ""
    sort: Annotated[
        Literal["relevance", "newest", "oldest", "views"] | None,
        Meta(description="The order of the hits; by relevance where words are searched for, else newest first."),
    ] = None
    page: Annotated[
        int, Meta(ge=1, description=f"Which page of the hits; pages reach as far as the first {MAX_HITS} hits.")
    ] = 1
    per_page: Annotated[int, Meta(ge=1, le=MAX_PER_PAGE, description="How many hits a page has.")] = 10
    correct: Annotated[Literal[1, 0], Meta(description="Whether a query that finds nothing may be corrected.")] = 1
    words: Annotated[
        Literal["auto", "all", "most"],
        Meta(
            description="Whether an article needs all words of the query or most; `auto` is `most` where fewer than "
            "ten articles have all, and `all` with `correct=0`."
        ),
    ] = "auto"
    similar: Annotated[
        Literal["show", "fold"],
        Meta(description="Show articles that hardly differ one by one, or fold them under the first."),
    ] = "show"

    @property
    def typed(self) -> str:
        """The query as pages show it: cut to the length that the parser reads."""
        return self.q[:MAX_CHARACTERS]

    def arguments(self) -> dict[str, Any]:
        """The arguments of `Archive.search`; UserError names a parameter that is wrong."""
        names = ("sort", "page", "per_page", "words", "similar")
        options = {name: getattr(self, name) for name in names}
        return {"text": self.q, "filters": self.value, "correct": bool(self.correct), **options}


class PageParameters(SearchParameters, frozen=True, kw_only=True, omit_defaults=True):
    """The same on the pages for readers, where articles that hardly differ are folded."""

    similar: Literal["show", "fold"] = "fold"


class FileParameters(PageParameters, frozen=True, kw_only=True, omit_defaults=True):
    """The same for feeds and files: articles have all words, unless `words` is `most`."""

    words: Literal["auto", "all", "most"] = "all"


class ArchiveParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `/api/archive`."""

    year: Annotated[Year | None, Meta(description="The year whose months are counted.")] = None
    month: Annotated[Month | None, Meta(description="The month whose days are counted; needs a year.")] = None


class PopularParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `/api/popular`."""

    period: Annotated[
        Literal["day", "week", "month", "year", "all"],
        Meta(description="The period that ends with the newest article: a month is 30 days, a year 365."),
    ] = "week"


class DayParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `/api/today`."""

    month: Annotated[Month | None, Meta(description="The month of the day; today's where it is left out.")] = None
    day: Annotated[DayOfMonth | None, Meta(description="The day of the month; needs a month.")] = None


class SuggestParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `/api/suggest`."""

    q: Annotated[str, Meta(description="What was typed so far.")] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_SUGGESTIONS, description="How many suggestions at most.")] = 8


class NoParameters(msgspec.Struct, frozen=True):
    """For routes that take none."""


Parameters = TypeVar("Parameters", bound=msgspec.Struct)


def read(kind: type[Parameters], arguments: MultiDict[str, str]) -> Parameters:
    """The parameters of a request; UserError names the first that is unknown, repeated or wrong."""
    declared = _declared(kind)
    for name, values in arguments.lists():
        if name not in declared:
            raise UserError(name, f"unknown parameter; this route knows {', '.join(declared) or 'none'}")
        if len(values) > 1:
            raise UserError(name, "given more than once")
    return _converted(kind, arguments)


def read_leniently(kind: type[Parameters], arguments: MultiDict[str, str]) -> Parameters:
    """The same for a page: unknown and empty parameters are ignored, of a repeated one the first counts."""
    declared = _declared(kind)
    return _converted(kind, {name: value for name, value in arguments.items() if name in declared and value})


def read_valid(kind: type[Parameters], arguments: MultiDict[str, str], but: str = "") -> Parameters:
    """The valid ones among the parameters of a page, without the one named `but`."""
    remaining = MultiDict(arguments)
    wrong = but
    while True:
        remaining.poplist(wrong)
        try:
            return read_leniently(kind, remaining)
        except UserError as error:
            wrong = error.parameter


def query_string(parameters: msgspec.Struct, **changes: Any) -> str:
    """The parameters with some of them changed, without those that have their defaults; a change leads to page 1.

    A page has a hundred links, which differ from each other in a parameter or two, so that all pairs are cached.
    """
    pairs = _pairs(parameters)
    if changes:
        fields = _fields(type(parameters))
        pairs = pairs | {name: _pair(fields[name], value) for name, value in ({"page": 1} | changes).items()}
    return "&".join(filter(None, pairs.values()))


def hidden_fields(parameters: msgspec.Struct) -> dict[str, str]:
    """The same as names and values, for a form."""
    return dict(parse_qsl(query_string(parameters)))


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """The parameters by their names here, the query first."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    return {"q": fields.pop("q"), **fields}


@lru_cache(maxsize=1024)
def _pairs(parameters: msgspec.Struct) -> dict[str, str]:
    """Each parameter as part of a query string, empty where it has its default; not to be changed."""
    return {name: _pair(field, getattr(parameters, name)) for name, field in _fields(type(parameters)).items()}


def _pair(field: FieldInfo, value: Any) -> str:
    if value == field.default:
        return ""
    # Every link of a page repeats the query, and no more of it is ever read.
    text = " ".join(value.split())[:MAX_CHARACTERS] if field.name == "q" else str(value)
    return f"{field.encode_name}={_quoted(text)}" if text else ""


_quoted = lru_cache(maxsize=1024)(quote_plus)


@cache
def _declared(kind: type[msgspec.Struct]) -> dict[str, inspect.Type]:
    """The type of each parameter, without null, which a query string cannot say."""
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)
    return {field.encode_name: _bare(field.type) for field in struct.fields}


def _bare(declared: inspect.Type) -> inspect.Type:
    match declared:
        case inspect.Metadata(type=inner) | inspect.UnionType(types=(inner, inspect.NoneType())):
            return _bare(inner)
        case inspect.UnionType(types=(*choices, inspect.NoneType())):
            return inspect.UnionType(tuple(choices))
    return declared


def _converted(kind: type[Parameters], arguments: Mapping[str, str]) -> Parameters:
    """Each parameter is converted alone first, so that the wrong one is known. Numbers are read here: msgspec's lax
    mode takes 1e3, 5.0 and null as well, and no 05."""
    values: dict[str, str | int] = {}
    for name, typed in arguments.items():
        text = typed if name == "q" else " ".join(normalize("NFC", typed).split())  # as sources are read
        for value in (int(text), text) if re.fullmatch("[0-9]{1,100}", text) else (text,):
            with suppress(msgspec.ValidationError):
                msgspec.convert({name: value}, kind)
                values[name] = value
                break
        else:
            raise UserError(name, _reason(_declared(kind)[name], text))
    return msgspec.convert(values, kind)


def _reason(declared: inspect.Type, value: str) -> str:
    """Why the value is refused; msgspec's own messages speak of its types and patterns."""
    if not value:
        return "empty; leave it out"
    return f"{value[:100]!r} is not {_wanted(declared)}"


def _wanted(declared: inspect.Type) -> str:
    match declared:
        case inspect.IntType(ge=first, le=last):
            return f"a whole number from {first} {'on' if last is None else f'to {last}'}"
        case inspect.LiteralType(values=(choice,)):
            return str(choice)
        case inspect.LiteralType(values=choices):
            return f"one of {', '.join(map(str, choices))}"
        case inspect.UnionType(types=choices):
            return " or ".join(map(_wanted, choices))
    return "a date as YYYY, YYYY-MM or YYYY-MM-DD"  # every other text is right
