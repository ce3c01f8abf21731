"""No regular expression of the product takes much longer than its text is long, whatever the text.

Each is fed with the letters that its own repeated parts match, over and over, and an end that nothing matches.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]  # what an expression is made of, nothing else tells
from types import ModuleType
from typing import Any

import pytest

import indexer
import search
import web

# A text at which twice as long takes four times the time is over the limit, and a linear one far below it.
LENGTHS, SECONDS = (100, 2_000, 20_000), 0.4
REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}
METHODS = {"match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn"}
OF_CATEGORY = {
    _constants.CATEGORY_DIGIT: "1",
    _constants.CATEGORY_SPACE: " ",
    _constants.CATEGORY_NOT_WORD: "!",
}


def modules() -> Iterator[ModuleType]:
    for package in (search, indexer, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name not in {"indexer.__main__", "web.wsgi"}:  # they run what they are for
                yield importlib.import_module(module.name)


def expressions() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """All expressions by where they stand, and by which methods they are used there, or where they are imported."""
    used: dict[str, tuple[re.Pattern[Any], set[str]]] = {}
    everywhere: dict[str, set[str]] = {}
    named = []
    for module in modules():
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        here: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            match node:
                case ast.Call(ast.Attribute(ast.Name("re"), method), [ast.Constant(str(text)), *_]) if (
                    method != "compile"
                ):
                    used[f"{module.__name__}:{node.lineno}"] = re.compile(text), {method}
                case ast.Attribute(ast.Name(name), method):
                    here.setdefault(name, set()).add(method)
                    everywhere.setdefault(name, set()).add(method)
                case ast.Name(name, ast.Store()):
                    named.append((module, name, here))
    for module, name, here in named:
        value = vars(module).get(name)
        values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        for number, pattern in enumerate(values):
            if isinstance(pattern, re.Pattern):
                methods = here.get(name) or everywhere.get(name, {"finditer"})
                used[f"{module.__name__}.{name}[{number}]"] = pattern, methods & METHODS or {"finditer"}
    return used


def texts(tree: Iterable[Any]) -> list[str]:
    """Some texts that a part of an expression matches."""
    made = [""]
    for kind, value in tree:
        following = [""]
        if kind is _constants.LITERAL:
            following = [chr(value)]
        elif kind in {_constants.ANY, _constants.NOT_LITERAL}:
            following = ["а", " "]
        elif kind is _constants.IN:
            following = one_of(value)
        elif kind is _constants.BRANCH:
            following = [text for branch in value[1] for text in texts(branch)[:6]]
        elif kind is _constants.SUBPATTERN:
            following = texts(value[3])
        elif kind is _constants.ATOMIC_GROUP:
            following = texts(value)
        elif kind in REPEATS:
            following = [text * max(1, value[0]) for text in texts(value[2])]
        made = [before + text for before in made for text in following[:12]][:12]
    return made


def one_of(letters: list[Any]) -> list[str]:
    if letters[0][0] is _constants.NEGATE:
        return ["а", " ", "!"]
    of_kind = {_constants.LITERAL: chr, _constants.CATEGORY: lambda category: OF_CATEGORY.get(category, "а")}
    return [chr(value[0]) if kind is _constants.RANGE else of_kind[kind](value) for kind, value in letters]


def repeated(tree: Iterable[Any]) -> Iterator[str]:
    """Texts of what may stand several times."""
    for kind, value in tree:
        if kind in REPEATS:
            yield from texts(value[2])
            yield from repeated(value[2])
        elif kind is _constants.BRANCH:
            for branch in value[1]:
                yield from repeated(branch)
        elif kind in {_constants.SUBPATTERN, _constants.ASSERT, _constants.ASSERT_NOT}:
            yield from repeated(value[-1])
        elif kind is _constants.ATOMIC_GROUP:
            yield from repeated(value)


def seconds(pattern: re.Pattern[Any], methods: set[str], text: str) -> float:
    subject = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    for method in methods & {"match", "fullmatch"}:
        getattr(pattern, method)(subject)
    if methods - {"match", "fullmatch"}:
        for _ in pattern.finditer(subject):
            pass
    return time.process_time() - began


def too_long(*_: object) -> None:
    raise TimeoutError


def test_no_expression_takes_much_longer_than_its_text_is_long() -> None:
    slow = {}
    signal.signal(signal.SIGALRM, too_long)
    for name, (pattern, methods) in expressions().items():
        written = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        tree = _parser.parse(written, pattern.flags & ~re.UNICODE)
        whole = [text for text in texts(tree) if text][:3]
        parts = dict.fromkeys([*repeated(tree), *whole, " ", "а"])
        for start, part in ((start, part) for part in list(parts)[:30] for start in ("", *whole[:1]) if part):
            for length in LENGTHS if name not in slow else ():
                signal.setitimer(signal.ITIMER_REAL, 5)
                try:
                    taken = seconds(pattern, methods, start + (part * length)[:length] + "\0")
                except TimeoutError:
                    taken = float("inf")
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                if taken > SECONDS:
                    slow[name] = (pattern.pattern, start, part, length)
    assert not slow, slow


@pytest.mark.parametrize("worst", ["(a|a)*b", r"\s*x\s*", "(?:a+)+b", r"[ab]*,[ab,]*!"])
def test_an_expression_that_does_is_seen(worst: str) -> None:
    tree = _parser.parse(worst)
    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        taken = max(seconds(re.compile(worst), {"search"}, part * 20_000 + "\0") for part in repeated(tree))
    except TimeoutError:
        taken = float("inf")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert taken > SECONDS
