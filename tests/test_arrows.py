"""The house stands as drawn: who may import whom, who is the only user of what, how files are named."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("search", "indexer", "web")

# A package of ours to those of ours that it may import.
ARROWS = {"search": {"search"}, "indexer": {"indexer", "search"}, "web": {"web", "search"}}

# A foreign package to the only part of the house that may import it.
ONLY_USER = {
    "snowballstemmer": "search/analysis",
    "pymorphy3": "search/analysis",
    "whoosh": "search/engines/whoosh",
    "numpy": "search/engines/whoosh",
    "arkhiv_loops": "search/engines/whoosh/loops",
    "rapidfuzz": "search/engines/whoosh",
    "opensearchpy": "search/engines/opensearch",
    "click": "indexer",
    "mcp": "indexer",
    "sqlalchemy": "indexer/sources",
    "psycopg": "indexer/sources",
    "trafilatura": "indexer/sources",
    "lxml": "indexer/sources",
    "flask": "web",
    "werkzeug": "web",
    "jinja2": "web",
}

LONGEST = 50
NO_NOUNS = {"utils", "util", "helpers", "helper", "common", "base", "misc"}


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, wherever in it, by its full name, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        match node:
            case ast.Import():
                yield from ((alias.name, node.lineno) for alias in node.names)
            case ast.ImportFrom(module=module, level=0) if module:
                yield module, node.lineno
            case ast.ImportFrom():
                # A relative import stays in its package as long as it does not climb above it.
                package = path.relative_to(ROOT).parts[: -node.level]
                yield ".".join((*package, node.module or "")), node.lineno
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__")):
                name = node.args[0] if node.args else None
                yield str(name.value) if isinstance(name, ast.Constant) else "?", node.lineno


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


IMPORTS = [(place(path), name, line) for path in sources() for name, line in imported(path)]


def test_there_is_something_to_look_at() -> None:
    assert {name for _, name, _ in IMPORTS} >= {"snowballstemmer", "pymorphy3"}


def test_arrows_go_one_way() -> None:
    wrong = [
        f"{file}:{line} imports {name}"
        for file, name, line in IMPORTS
        if (owner := name.partition(".")[0]) in {*PACKAGES, "tests"} and owner not in ARROWS[file.partition("/")[0]]
    ]
    assert wrong == []


@pytest.mark.parametrize(("package", "user"), ONLY_USER.items())
def test_a_foreign_package_has_one_user(package: str, user: str) -> None:
    wrong = [
        f"{file}:{line} imports {name}"
        for file, name, line in IMPORTS
        if name.partition(".")[0] == package and not file.startswith(f"{user}/")
    ]
    assert wrong == []


def test_engines_do_not_know_each_other() -> None:
    wrong = [
        f"{file}:{line} imports {name}"
        for file, name, line in IMPORTS
        for engine in ("whoosh", "opensearch")
        if file.startswith("search/engines/")
        and PurePosixPath(file).parts[2] not in {engine, "__init__.py"}
        and name.startswith(f"search.engines.{engine}")
    ]
    assert wrong == []


# In each house, a room to those of its own that it may import; all know the files beside the rooms but those in DOORS.
ROOMS = {
    "search": {
        "analysis": {"analysis"},
        "query": {"query", "analysis"},
        "editorial": {"editorial", "analysis", "query"},
        "engines": {"engines", "analysis", "query", "editorial"},
        "guidance": {"guidance", "analysis", "query", "engines"},
        "records": {"records"},
    },
    "web": {
        "serving": {"serving"},
        "sites": {"sites", "serving"},
        "desk": {"desk", "serving"},
        "pages": {"pages", "serving", "sites", "desk"},
        "api": {"api", "serving", "sites", "desk"},
    },
    "search/engines/whoosh": {
        "loops": {"loops"},
        "read": {"read", "loops"},
        "write": {"write"},
        "compat": {"compat", "read"},
        "publish": {"publish", "read", "write", "compat"},
    },
    "search/engines/opensearch": {"read": {"read"}, "write": {"write", "read"}},
}
DOORS = {"archive", "engine", "wsgi"}
MOST_FILES = 12


@pytest.mark.parametrize("house", ROOMS)
def test_the_rooms_of_a_house_know_each_other_one_way(house: str) -> None:
    inside, rooms, depth = f"{house}/", ROOMS[house], len(PurePosixPath(house).parts)
    doors = DOORS - ({"engine"} if house == "search" else set())  # which there is what an engine promises
    wrong = [
        f"{file}:{line} imports {name}"
        for file, name, line in IMPORTS
        if file.startswith(inside)
        and name.startswith(inside.replace("/", "."))
        and (room := PurePosixPath(file).parts[depth]) in rooms
        and name.split(".")[depth] in {*rooms, *doors} - rooms[room]
    ]
    assert wrong == []


@pytest.mark.parametrize("house", ROOMS)
def test_every_room_of_a_house_is_drawn(house: str) -> None:
    rooms = {path.parent.name for path in (ROOT / house).glob("*/__init__.py")}
    assert rooms == ROOMS[house].keys()


def test_no_room_has_more_than_a_dozen_files() -> None:
    rooms = Counter(path.parent for path in sources())
    assert [f"{place(room)}: {files}" for room, files in rooms.items() if files > MOST_FILES] == []


def test_no_function_of_the_product_is_longer_than_a_screen() -> None:
    functions = [
        (path, node)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [f"{place(path)}: {f.name}" for path, f in functions if (f.end_lineno or 0) - f.lineno >= LONGEST] == []


def test_no_import_is_hidden_behind_a_name_made_at_run_time() -> None:
    assert [f"{file}:{line}" for file, name, line in IMPORTS if name == "?"] == []


def test_files_are_named_after_a_noun_of_the_field() -> None:
    names = [*sources(), *(ROOT / "tests").rglob("*.py")]
    assert [place(path) for path in names if path.stem in NO_NOUNS or path.parent.name in NO_NOUNS] == []
