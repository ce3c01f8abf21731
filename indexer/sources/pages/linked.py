"""What a page says of its article as JSON-LD (schema.org)."""

import json
import re
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

import msgspec

from indexer.sources.source import unescaped

_KIND = "application/ld+json"
_ARTICLE = re.compile(r".*(?:Article|BlogPosting|Report)")
_LAST_COMMA = re.compile(r",\s*([}\]])")
# What templates leave around the data in a script, as // <![CDATA[ … // ]]>; a comment before it.
_AROUND = re.compile(
    r"(?:/\*|//)?\s{0,9}(?:<!\[CDATA\[|\]\]>|<!--|-->)|^\s{0,9}(?:/\*.{0,1000}?\*/|//[^\n{<]{0,1000})", re.DOTALL
)
_BEGIN = re.compile(r"[{[]")
_ESCAPE = re.compile(r'(\\["\\/bfnrtu])|\\')
# Where one thing holds another.
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
_DECODER = json.JSONDecoder(strict=False)
_DEEPEST = 4


def article_data(tree: Any, headings: Collection[str] = ()) -> tuple[dict[str, Any], set[str]]:
    """The article that is described, with what it refers to by `@id` put in: of several the one with one of these
    headings, else the first; else a page with a date of publishing; empty where there is none. And all headlines."""
    nodes = [*_nodes(tree)]
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if any(map(_ARTICLE.fullmatch, _kinds(node)))]
    headlines = [next(texts(node.get("headline")), "") for node in articles]
    headed = (node for heading in headings for node, line in zip(articles, headlines, strict=True) if line == heading)
    pages = (node for node in nodes if "datePublished" in node and not {"Comment", "Review"} & {*_kinds(node)})
    node = next(headed, next(iter(articles), next(pages, {})))
    return {name: _resolved(value, named, _DEEPEST) for name, value in node.items()}, {*headlines}


def _kinds(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() != _KIND:
            continue
        with suppress(ValueError, RecursionError):
            waiting = deque(_decoded(_AROUND.sub("", script.text_content())))
            while waiting:
                value = waiting.popleft()
                if isinstance(value, list):
                    waiting.extendleft(reversed(value))
                elif isinstance(value, dict):
                    yield value
                    waiting += [value.get(name) for name in _HOLDERS]


def _decoded(text: str) -> Iterator[Any]:
    """The values of JSON in a text, also with line breaks in strings, commas at ends and needless backslashes, as
    templates leave them."""
    with suppress(msgspec.DecodeError, UnicodeError):
        yield msgspec.json.decode(text.encode())
        return
    text = text if '"' in text else unescaped(text)
    text = _LAST_COMMA.sub(r"\1", _ESCAPE.sub(r"\1", text))
    at = 0
    while match := _BEGIN.search(text, at):
        value, at = _DECODER.raw_decode(text, match.start())
        yield value


def _resolved(value: Any, named: dict[str, dict[str, Any]], depth: int) -> Any:
    """A value with the nodes that it refers to; what refers to itself ends somewhere."""
    if isinstance(value, list):
        return [_resolved(item, named, depth) for item in value]
    if isinstance(value, dict) and (items := value.get("@list", value.get("@set"))):
        return _resolved(items, named, depth)
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and depth:
        return {**named.get(value["@id"], {}), **value}
    return value


def texts(value: Any, *, lines: bool = False) -> Iterator[str]:
    """The texts in a value: itself, the name of what it describes, or those of a list."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item, lines=lines)
    elif isinstance(value, dict):
        parts = (next(texts(value.get(name)), "") for name in ("givenName", "familyName"))
        yield from texts(value.get("name") or value.get("@value") or " ".join(filter(None, parts)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str) and value.strip():
        yield value if lines else " ".join(unescaped(value).encode(errors="replace").decode().split())


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
