"""The filters of a search, as a command and an assistant's tool need them: name, type and description."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import inspect

from search.model import FilterParameters


class FilterOption(NamedTuple):
    """One of the `FilterParameters`: what calls and what addresses name it, the type of its values, the `words` that
    may stand in the place of a number, and what it does."""

    name: str
    written: str
    kind: inspect.Type
    words: tuple[str, ...]
    description: str


def filter_options() -> Iterator[FilterOption]:
    """Every filter."""
    declared = inspect.type_info(FilterParameters)
    assert isinstance(declared, inspect.StructType)
    for field in declared.fields:
        assert isinstance(field.type, inspect.Metadata)
        assert isinstance(field.type.type, inspect.UnionType)
        kind, *others = field.type.type.types
        words = [str(word) for other in others if isinstance(other, inspect.LiteralType) for word in other.values]
        description = (field.type.extra_json_schema or {})["description"]
        yield FilterOption(field.name, field.encode_name, kind, tuple(words), description)
