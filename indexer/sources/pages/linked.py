"""What a page says of its article as JSON-LD (schema.org)."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

_ARTICLE = re.compile(r".*(?:Article|BlogPosting|Report)")
_LAST_COMMA = re.compile(r",\s*([}\]])")
_DEEPEST = 4


def article_data(tree: Any) -> dict[str, Any]:
    """The first article that is described, with what it refers to by `@id` put in; empty where there is none."""
    nodes = [*_nodes(tree)]
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    for node in nodes:
        kinds = node.get("@type")
        if any(_ARTICLE.fullmatch(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
            return {name: _resolved(value, named, _DEEPEST) for name, value in node.items()}
    return {}


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    for script in tree.xpath("//script[@type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            waiting = [_decoded(script.text_content().strip())]
            while waiting:
                value = waiting.pop(0)
                if isinstance(value, list):
                    waiting = value + waiting
                elif isinstance(value, dict):
                    yield value
                    waiting.append(value.get("@graph"))


def _decoded(text: str) -> Any:
    """JSON, also with line breaks in strings and commas at ends, as templates leave them."""
    try:
        return msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(_LAST_COMMA.sub(r"\1", text), strict=False)


def _resolved(value: Any, named: dict[str, dict[str, Any]], depth: int) -> Any:
    """A value with the nodes that it refers to; what refers to itself ends somewhere."""
    if isinstance(value, list):
        return [_resolved(item, named, depth) for item in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and depth:
        return {**named.get(value["@id"], {}), **value}
    return value


def texts(value: Any, *, lines: bool = False) -> Iterator[str]:
    """The texts in a value: itself, the name of what it describes, or those of a list."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item, lines=lines)
    elif isinstance(value, dict):
        yield from texts(value.get("name"))
    elif isinstance(value, str) and value.strip():
        yield value if lines else " ".join(value.split())


def links(value: Any) -> Iterator[str]:
    """The addresses in a value, that of what it describes before its name in the graph."""
    if isinstance(value, list):
        for item in value:
            yield from links(item)
    elif isinstance(value, dict):
        yield from links(value.get("url") or value.get("contentUrl") or value.get("@id"))
    elif isinstance(value, str):
        yield value.strip()


def inner(value: Any, name: str) -> Any:
    """What is under a name in a value, or in the first of a list of them."""
    if isinstance(value, list) and value:
        value = value[0]
    return value.get(name) if isinstance(value, dict) else None
