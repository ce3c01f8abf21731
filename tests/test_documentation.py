"""The pages that people read say what is: commands, routes, parameters, settings, links, examples."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner
from flask import Flask

from indexer.cli import main
from search import Article, Settings, load_settings
from search.config import AlertSettings, ClusterSettings, Ranking
from search.query.lexer import FIELDS, signs
from web import create_app
from web.parameters import SearchParameters

ROOT = Path(__file__).parent.parent
FOLDERS = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(page for folder in FOLDERS for page in folder.rglob("*.md") if "node_modules" not in page.parts),
    ]
)
README = (ROOT / "README.md").read_text("utf-8")
BOOK = {page.stem: page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
COMMANDS = main.commands

# What stands in the design's plan of the house, from the first version on.
# fmt: off
ROOMS = [
    "search/model.py", "search/errors.py", "search/config.py", "search/analysis", "search/query", "search/snippet.py",
    "search/engine.py", "search/engines/whoosh", "search/archive.py", "indexer/cli.py", "indexer/rebuild.py",
    "indexer/sources", "web/wsgi.py", "web/templates", "web/static", "tests", "index", "pyproject.toml", "README.md",
    "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", ".ci/run",
]
# fmt: on


def test_the_example_of_alerts_is_read_and_has_every_key_there_is(tmp_path: Path) -> None:
    page = BOOK["alerts"]
    (example,) = code("toml", page)
    (tmp_path / "arkhiv.toml").write_text(example, "utf-8")
    settings = load_settings({"ARKHIV_CONFIG": str(tmp_path / "arkhiv.toml")})
    assert [alert.name for alert in settings.alerts] == ["Суды", "Всё о Токаеве"]
    named = {key for cells in rows(page) if len(cells) == 2 for key in re.findall(r"`(\w+)`", cells[0])}
    assert named == set(AlertSettings.__struct_encode_fields__)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `whoosh:index` holds the sample."""
    folder = tmp_path_factory.mktemp("documentation")
    sample, url = str(ROOT / "indexer" / "sample.jsonl"), f"whoosh:{folder / 'index'}"
    assert CliRunner().invoke(main, ["rebuild", sample, "--index", url]).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def app(archive: Path) -> Flask:
    return create_app(Settings(index=f"whoosh:{archive / 'index'}"))


def section(title: str, page: str = "") -> str:
    """What stands under a heading, to the next of the same level or above; without a page, of the one in docs/."""
    if not page:
        (page,) = (each for each in BOOK.values() if re.search(rf"^#+ {re.escape(title)}$", each, re.MULTILINE))
    found = re.search(rf"^(#+) {re.escape(title)}$", page, re.MULTILINE)
    assert found, f"there is no heading {title}"
    rest = page[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def code(language: str, text: str) -> list[str]:
    """The examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_stands_in_the_readme(name: str) -> None:
    assert COMMANDS[name].help
    assert f"`indexer {name}" in section("The indexer")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does_and_stands_in_the_readme(name: str) -> None:
    table = [(cells[0], cells[1]) for cells in rows(section("The indexer")) if len(cells) == 3]
    wrong = [
        flag
        for option in options(COMMANDS[name])
        for flag in option.opts
        if not option.help or not any(f"`{flag}`" in flags.replace(" ", "`") and is_of(name, of) for flags, of in table)
    ]
    assert wrong == []


def is_of(name: str, commands: str) -> bool:
    """Whether a command is among those that a cell of the table names."""
    named = f"`{name}`" in commands
    return not named if commands.startswith("every command") else named


def test_the_readme_names_no_command_and_no_option_that_is_not_there() -> None:
    text = section("The indexer")
    known = {flag for command in COMMANDS.values() for option in options(command) for flag in option.opts}
    assert set(re.findall(r"`indexer ([a-z]+)", text)) == set(COMMANDS)
    assert set(re.findall(r"`(--?[a-z-]+)", text)) - {"-", "--"} == known | {"-h", "--help"}


def test_the_exit_codes_stand_in_the_readme() -> None:
    assert [cells[0] for cells in rows(section("Exit codes"))] == ["code", "---", "0", "1", "2", "3"]


def test_every_route_stands_in_the_readme_and_no_other(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    routes = {re.sub(r"<(?:[\w(=)]+:)?", "<", rule) for rule in rules}
    tables = rows(section("HTTP API").partition("The parameters of")[0]) + rows(section("Pages"))
    assert {
        route for cells in tables if cells[0].startswith("`") for route in re.findall(r"`([^`]+)`", cells[0])
    } == routes


def test_every_parameter_of_the_search_stands_in_the_readme_and_no_other() -> None:
    table = rows(section("HTTP API").partition("The parameters of")[2])
    named = {name for cells in table if len(cells) == 3 for name in re.findall(r"`(\w+)`", cells[0])}
    assert named == {field.encode_name for field in msgspec.structs.fields(SearchParameters)}


def test_every_field_of_an_article_stands_in_the_readme_and_no_other() -> None:
    table = rows(section("The article"))
    named = {cells[0].strip("`") for cells in table if len(cells) == 3 and cells[0].startswith("`")}
    assert named == {field.name for field in msgspec.structs.fields(Article)}


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    defaults = {
        f"`ARKHIV_{field.name.upper()}`": (f"`{field.name}`", shown(getattr(Settings(), field.name)))
        for field in msgspec.structs.fields(Settings)
        if field.name not in {"ranking", "alerts", "cluster", "sources", "pages", "sections", "webhooks"}
    }
    table = {cells[0]: (cells[1], cells[2]) for cells in rows(section("Settings")) if len(cells) == 4}
    assert table == {"variable": ("setting", "default"), "---": ("---", "---"), **defaults}


def test_the_example_of_a_settings_file_is_read_and_has_every_key_that_is_of_the_file_alone(tmp_path: Path) -> None:
    (example,) = code("toml", section("The file arkhiv.toml"))
    (tmp_path / "arkhiv.toml").write_text(example, "utf-8")
    settings = load_settings({"ARKHIV_CONFIG": str(tmp_path / "arkhiv.toml")})
    assert (len(settings.sources), len(settings.sections), len(settings.alerts)) == (2, 1, 1)
    table = [cells[0] for cells in rows(section("The file arkhiv.toml")) if len(cells) == 2]
    assert table == ["key", "---", "`alerts`", "`cluster`", "`sources`", "`pages`", "`sections`", "`webhooks`"]


@pytest.mark.parametrize(
    "example",
    [each for page in (README, *BOOK.values()) for each in code("toml", page)],
    ids=lambda example: example[:30],
)
def test_every_example_of_settings_can_be_read(tmp_path: Path, example: str) -> None:
    (tmp_path / "arkhiv.toml").write_text(example, "utf-8")
    load_settings({"ARKHIV_CONFIG": str(tmp_path / "arkhiv.toml")})


def test_the_constants_of_the_ranking_stand_in_the_readme_with_their_defaults() -> None:
    table = {cells[0]: cells[1] for cells in rows(section("Settings")) if len(cells) == 3}
    constants = {f"`{field.name}`": shown(getattr(Ranking(), field.name)) for field in msgspec.structs.fields(Ranking)}
    assert table == {"constant": "default", "---": "---", **constants}


def test_the_settings_of_a_cluster_stand_in_the_readme_with_their_defaults() -> None:
    table = {cells[0]: cells[1] for cells in rows(section("On a cluster")) if len(cells) == 3}
    defaults = {
        f"`{field.name}`": shown(getattr(ClusterSettings(), field.name))
        for field in msgspec.structs.fields(ClusterSettings)
    }
    assert table == {"key of `[cluster]`": "default", "---": "---", **defaults}


def shown(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    return f"`{text}`" if text else "empty"


def test_every_field_name_of_a_query_stands_in_the_readme() -> None:
    table = section("The query language")
    assert [name for name in FIELDS if f"`{name}:" not in table] == []


def test_every_example_of_a_query_is_read_as_the_grammar_has_it() -> None:
    """An example with a sign in it is not read as words alone."""
    examples = [
        example.replace(r"\|", "|")
        for cells in rows(section("The query language"))
        for example in re.findall(r"`([^`]+)`", cells[0])
    ]
    assert len(examples) >= 16
    plain = [example for example in examples if {sign.kind.name for sign in signs(example)} == {"WORD"}]
    joined = ["07.09.2024", "2,5", "и.о.", "Нью-Йорк", "5000", "Ту-154", "80-е", "ХХ век", "CO2"]
    addresses = ["https://kazpravda.kz/n/17", "kp-2024-17"]
    assert plain == ["визит президента", *joined, *addresses]


def test_every_metric_stands_in_the_readme_and_no_other(app: Flask) -> None:
    client = app.test_client()
    client.get("/healthz")
    told = {line.split()[2] for line in client.get("/metrics").text.splitlines() if line.startswith("# TYPE")}
    named = {cells[0].strip("`") for cells in rows(section("In production")) if cells[0].startswith("`arkhiv_")}
    assert named == {name for name in told if not name.endswith("_created")}


def test_the_example_of_an_answer_has_the_shape_of_one(app: Flask) -> None:
    example, suggested, problem = map(json.loads, code("json", section("HTTP API")))
    client = app.test_client()
    answer = client.get(
        "/api/search", query_string={"q": "встреча министров", "year": 2019, "month": 2, "words": "all"}
    )
    assert list(shape(example)) == list(shape(answer.json))
    for name in ("query", "total", "page", "per_page", "pages", "sort", "facets"):
        assert example[name] == (answer.json or {})[name]
    assert client.get("/api/suggest", query_string={"q": suggested["q"], "limit": 2}).json == suggested
    assert client.get("/api/search?month=13").json == problem


def shape(value: Any, place: str = "") -> Iterator[str]:
    """The names in a JSON value, with those that they stand under, in order."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{place}.{name}"
            yield from shape(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from shape(inner, f"{place}[]")


def test_the_example_of_an_article_is_taken_in_without_a_word(tmp_path: Path) -> None:
    (example,) = code("json", section("The article"))
    source = tmp_path / "export.jsonl"
    source.write_text(example, "utf-8")
    run = CliRunner().invoke(main, ["rebuild", str(source), "--index", f"whoosh:{tmp_path / 'index'}", "--json"])
    assert (run.exit_code, run.stderr) == (0, "")


def test_the_readme_is_read_in_five_minutes_and_leads_to_every_page() -> None:
    assert len(README.splitlines()) <= 300
    assert [name for name in BOOK if f"](docs/{name}.md)" not in README] == []
    assert [name for name in COMMANDS if f"`indexer {name}`" not in README] == []


@pytest.mark.parametrize("title", ["As a library", "With plain Whoosh"])
def test_the_python_example_runs(archive: Path, title: str) -> None:
    (example,) = code("python", section(title))
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{example}"
    done = subprocess.run([sys.executable, "-c", program], cwd=archive, capture_output=True, timeout=60)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr.decode()
    assert done.stdout.strip()


def test_every_target_of_make_says_what_it_does_and_is_listed() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets
    assert sorted(targets[1].split()) == sorted(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))
    told = section("Working on Arkhiv", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert [name for name in targets[1].split() if f"`make {name}`" not in told and name != "help"] == []


def test_make_run_builds_an_index_only_where_the_status_says_that_there_is_none(tmp_path: Path) -> None:
    asked = re.search(r"indexer status .*grep -q '([^']+)'", (ROOT / "Makefile").read_text("utf-8"))
    assert asked
    run = CliRunner().invoke(main, ["status", "--index", f"whoosh:{tmp_path / 'none'}"])
    assert (run.exit_code, asked[1] in run.stderr) == (1, True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    wrong = []
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            wrong.append(target)
    assert wrong == []


def links(page: Path) -> list[str]:
    return re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", prose(page))


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    slugs = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
    return {slug if not (again := slugs[:at].count(slug)) else f"{slug}-{again}" for at, slug in enumerate(slugs)}


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_the_changelog_has_an_entry_for_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\n## [{version}] - " in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("room", ROOMS)
def test_the_house_has_the_rooms_of_the_plan(room: str) -> None:
    assert (ROOT / room).exists()


ARCHITECTURE = ROOT / "ARCHITECTURE.md"
DESIGN = [ARCHITECTURE, *sorted((ROOT / "docs" / "design").glob("*.md"))]


def test_the_architecture_is_read_in_a_quarter_of_an_hour() -> None:
    assert len(ARCHITECTURE.read_text("utf-8").split()) <= 3000


def test_every_page_of_design_notes_is_listed() -> None:
    for contents in (ARCHITECTURE, ROOT / "docs" / "design" / "README.md"):
        listed = {(contents.parent / target).resolve() for target in links(contents) if ":" not in target}
        assert [page.name for page in DESIGN[1:] if page.resolve() not in {*listed, contents}] == []


@pytest.mark.parametrize("page", DESIGN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_and_every_name_that_the_design_mentions_is_there(page: Path) -> None:
    quoted = re.findall(r"`([^`\n]+)`", prose(page))
    assert [name for name in dict.fromkeys(quoted) if not is_there(name)] == []


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("search/archive.py", True),
        ("read/plan.py", True),
        ("search/query/", True),
        ("NOTICE", True),
        ("search/nothing.py", False),
        ("nothing.py", False),
        ("nothing/", False),
        ("Archive", True),
        ("Archive.search", True),
        ("Archive.nothing", False),
        ("Nothing", False),
        ("Nothing.search", False),
        ("most_forms", True),
        ("no_such_function", False),
        ("python -m tests.tools.pages", True),
        ("python -m tests.nothing", False),
        ("make bench", True),
        ("make nothing", False),
        ("indexer rebuild", True),
        ("indexer nothing", False),
        ("казах*", True),
        ("/api/search", True),
    ],
)
def test_a_name_that_is_not_in_the_tree_is_noticed(name: str, there: bool) -> None:
    assert is_there(name) is there


def is_there(quoted: str) -> bool:
    """Whether a file, a module, a command or a name of Python's that a page mentions exists; True of other texts."""
    if command := re.match(r"(python -m|make|indexer) ([\w.]+)", quoted):
        kind, name = command.groups()
        match kind:
            case "make":
                return f"\n{name}:" in (ROOT / "Makefile").read_text("utf-8")
            case "indexer":
                return name in COMMANDS
        return is_module(name)
    if re.fullmatch(r"\w[\w.-]*/(?:[\w.-]+/)*|(?:[\w.-]+/)*[\w-]+\.(?:py|md|toml|txt)", quoted, re.ASCII):
        return is_path(quoted)
    if quoted.isupper() and (ROOT / quoted).exists():
        return True
    if re.fullmatch(r"(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:\(\))?", quoted, re.ASCII):
        return is_module(quoted) or is_defined(quoted.removesuffix("()"))
    return True


def is_path(name: str) -> bool:
    """A path from the top, or, as in a table about one package, the end of one."""
    if name.endswith("/"):
        return (ROOT / name).is_dir() or any(name == f"{path.name}/" for path in sources_of_python() if path.is_dir())
    return (ROOT / name).is_file() or any(f"/{path.as_posix()}".endswith(f"/{name}") for path in sources_of_python())


@cache
def sources_of_python() -> list[Path]:
    """The modules and packages of the product and its tests."""
    tops = [ROOT / name for name in ("search", "indexer", "web", "tests")]
    return [path for top in tops for path in top.rglob("*") if path.suffix == ".py" or (path / "__init__.py").exists()]


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return "." in name and (path.with_suffix(".py").is_file() or (path / "__init__.py").is_file())


def is_defined(name: str) -> bool:
    """A name that the code gives, or a member of a class; what is all in small letters or capitals may also be a word
    of JSON, TOML, SQL or the environment, which the code has as a string."""
    owner, _, member = name.rpartition(".")
    if owner:
        return member in members(owner.rpartition(".")[2])
    return name in definitions() or ((name.islower() or name.isupper()) and name in definitions(strings=True))


@cache
def definitions(*, strings: bool = False) -> frozenset[str]:
    """The names of all classes, functions, variables and parameters in the code, or its strings."""
    return frozenset(name for tree in trees() for node in ast.walk(tree) for name in named_by(node, strings=strings))


@cache
def members(owner: str) -> frozenset[str]:
    """The names that a class has, those of its bases in the tree included; none of a class that is not there."""
    found = classes().get(owner, [])
    own = {name for node in found for inner in ast.walk(node) for name in named_by(inner)}
    bases = {base.id for node in found for base in node.bases if isinstance(base, ast.Name)} - {owner}
    return frozenset(own.union(*map(members, bases)))


@cache
def classes() -> Mapping[str, list[ast.ClassDef]]:
    found = defaultdict(list)
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(node)
    return found


@cache
def trees() -> list[ast.Module]:
    """The code, but for these tests, which name what is not there."""
    files = [path for path in sources_of_python() if path.suffix == ".py" and path != Path(__file__)]
    return [ast.parse(path.read_text("utf-8")) for path in files]


def named_by(node: ast.AST, *, strings: bool = False) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if strings:
            yield text
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name) if not strings:
            yield name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) if not strings:
            yield name


@pytest.mark.parametrize("page", ["NOTICE", "docs/design/dependencies.md"])
def test_every_required_library_is_named_with_its_licence_and_its_purpose(page: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {
        name: of for name, of in project["optional-dependencies"].items() if name not in {"dev", "browser", "bench"}
    }
    asked = [each for of in (project["dependencies"], *extras.values()) for each in of]
    required = {re.split(r"[^\w-]", each)[0] for each in asked} - {"arkhiv"}
    text = (ROOT / page).read_text("utf-8").lower()
    assert sorted(name for name in required if name.lower() not in text) == []


def test_the_check_of_continuous_integration_can_be_run() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
