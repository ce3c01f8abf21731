"""The archive for an assistant, by the protocol's own client: `indexer mcp` as a process, spoken to on its streams."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from tests.door import Door

ROOT = Path(__file__).parent.parent
HOSTILE = "</script>\u202e\x00 визит"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    door = Door(tmp_path_factory.mktemp("assistant"))
    records = [
        {"id": f"a{n}", "title": f"Визит {n}", "text": "Президент прибыл. " * n, "published": f"202{n % 4}-05-17",
         "author": "Дана", "section": "Политика", "tags": ["визиты"], "url": f"https://gazeta.example/{n}",
         "lead": "Пела Анна Белова." if n < 3 else ""}
        for n in range(1, 13)
    ]  # fmt: skip
    records += [{"id": "long", "title": "Роман", "text": "абв" * 15_000}]
    records += [{"id": "б/н", "title": HOSTILE, "text": HOSTILE}, {"id": "later", "title": "Визит", "text": "Секрет.",
                 "published": "2999-01-01"}]  # fmt: skip
    door.take_in(door.write("all.jsonl", "".join(json.dumps(record) + "\n" for record in records)))
    return door


def spoken(door: Door, talk: Callable[[Client], Awaitable[Any]]) -> Any:
    """What comes of a talk with the server."""

    async def run() -> Any:
        command = StdioServerParameters(
            command=sys.executable,
            args=["-m", "indexer", "mcp"],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "ARKHIV_INDEX": door.index,
                "ARKHIV_SITE_URL": "https://a.example",
            },
            cwd=door.folder,
        )
        async with Client(stdio_client(command)) as client:
            return await talk(client)

    return asyncio.run(asyncio.wait_for(run(), 60))


async def ask(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool answers, or says; it answers once, as JSON without blanks, which every client shows its model."""
    result = await client.call_tool(tool, arguments)
    (part,) = result.content
    text = part.text  # type: ignore[union-attr]  # all answers are texts
    if result.is_error:
        return text
    answer = json.loads(text)
    assert result.structured_content is None
    assert text == json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return answer


def test_four_tools_which_only_read(door: Door) -> None:
    async def talk(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in spoken(door, talk)}
    assert tools.keys() == {"search", "article", "archive", "suggest"}
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    asked = tools["search"].input_schema["properties"]
    assert {
        "query",
        "year",
        "month",
        "day",
        "date_from",
        "date_to",
        "author",
        "section",
        "tag",
        "person",
    } <= asked.keys()
    assert all("description" in each for tool in tools.values() for each in tool.input_schema["properties"].values())
    # What may be said stands in the schema: words one by one, numbers with their limits.
    assert asked["sort"]["anyOf"][0]["enum"] == ["relevance", "newest", "oldest", "views"]
    assert asked["words"]["enum"] == ["auto", "all", "most"]
    number, undated, _ = asked["year"]["anyOf"]
    assert (number["minimum"], number["maximum"], undated["const"]) == (1, 9999, "none")
    limits = {
        "search": {"page": (1, None), "per_page": (1, 100), "month": (1, 12), "day": (1, 31)},
        "archive": {"year": (1, 9999), "month": (1, 12)},
        "suggest": {"limit": (1, 20)},
        "article": {"offset": (0, None)},
    }
    for tool, numbers in limits.items():
        for name, limit in numbers.items():
            schema = tools[tool].input_schema["properties"][name]
            schema = schema.get("anyOf", [schema])[0]
            assert (schema["minimum"], schema.get("maximum")) == limit
    assert "verything" not in tools["suggest"].input_schema["properties"]["text"]["description"]


def test_an_assistant_searches_reads_and_quotes(door: Door) -> None:
    async def talk(client: Client) -> None:
        found = await ask(client, "search", query="визиты президента", year=2021, per_page=2)
        assert (found["total"], len(found["hits"]), found["pages"]) == (3, 2, 2)
        hit = found["hits"][0]
        assert hit["url"] == f"https://gazeta.example/{hit['id'][1:]}"
        assert found["facets"]["tags"] == [{"value": "визиты", "count": 3}]
        sung = await ask(client, "search", person="Анна Белова")
        assert {hit["id"] for hit in sung["hits"]} == {"a1", "a2"}
        assert sung["facets"]["persons"] == [{"value": "Анна Белова", "count": 2}]
        article = await ask(client, "article", id=hit["id"])
        assert article["text"].startswith("Президент прибыл.")
        assert (article["author"], article["published"], article["url"]) == ("Дана", "2021-05-17", hit["url"])
        assert (await ask(client, "article", id="б/н"))["url"] == "https://a.example/article/%D0%B1/%D0%BD"
        years = {each["year"]: each["count"] for each in (await ask(client, "archive"))["years"]}
        assert years == {2020: 3, 2021: 3, 2022: 3, 2023: 3}
        assert (await ask(client, "archive", year=2022))["months"] == [{"month": 5, "count": 3}]
        assert {"text": "Президент", "kind": "word", "id": None} in await ask(client, "suggest", text="през")
        assert not {"title_marks", "snippet_marks"} & hit.keys()
        assert "took_ms" not in found
        assert [hit["id"] for hit in (await ask(client, "search", query="визит", year="none"))["hits"]] == ["б/н"]
        # A long text comes in parts.
        text, offset = "", 0
        while offset is not None:
            part = await ask(client, "article", id="long", offset=offset)
            assert (len(part["text"]) <= 20_000, part["characters"], part["title"]) == (True, 45_000, "Роман")
            text, offset = text + part["text"], part["next_offset"]
        assert text == "абв" * 15_000

    spoken(door, talk)


# What is asked wrongly of which tool, and what is said to it.
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("search", {"per_page": 101}, "per_page: Input should be less than or equal to 100"),
    ("search", {"page": 5000}, "page: only the first 10000 hits are paged through; ask more narrowly"),
    ("search", {"month": 5}, "month: a month needs its year"),
    ("search", {"sort": "best"}, "sort: Input should be 'relevance', 'newest', 'oldest' or 'views'"),
    ("search", {"date_from": "вчера"}, "date_from: 'вчера' is not a date"),
    ("search", {"date_from": "2025", "date_to": "2024"}, "date_from: 2025-01-01 is after 2024-12-31"),
    ("search", {"year": "none", "date_to": "2024"}, "date_to: year=none means the articles without a date"),
    ("article", {"id": "long", "offset": 45_000}, "offset: 45000 is not below 45000, the characters of the text"),
    ("article", {"id": "nothing"}, "no article with the id 'nothing'"),
    ("article", {"id": "later"}, "no article with the id 'later'"),
    ("archive", {"year": 0}, "year: Input should be greater than or equal to 1"),
    ("suggest", {"text": "а", "limit": 21}, "limit: Input should be less than or equal to 20"),
    ("article", {}, "id: Field required"),
    ("search", {"year": "много"}, "year: Input should be a valid integer, "),
    ("remove", {"id": "a1"}, "remove"),
    ("search", {"q": "визит"}, "q: unknown argument; search knows query, year"),
    ("search", {"query": "визит", "from": "2025"}, "from: unknown argument"),
    ("archive", {"day": 31}, "day: unknown argument"),
]


@pytest.fixture(scope="module")
def refusals(door: Door) -> list[tuple[bool, str]]:
    """Whether each of the wrong calls failed, and what it was told: all of one server."""

    async def call(client: Client, tool: str, arguments: dict[str, Any]) -> tuple[bool, str]:
        try:
            result = await client.call_tool(tool, arguments)
        except Exception as error:  # noqa: BLE001  # an unknown tool is an error of the protocol
            return True, str(error)
        return result.is_error, "".join(part.text for part in result.content)  # type: ignore[union-attr]  # all answers are texts

    async def talk(client: Client) -> list[tuple[bool, str]]:
        return [await call(client, tool, arguments) for tool, arguments, _ in WRONG]

    answers: list[tuple[bool, str]] = spoken(door, talk)
    return answers


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[f"{tool}-{said}" for tool, _, said in WRONG])
def test_what_is_wrong_is_told_in_words(refusals: list[tuple[bool, str]], number: int) -> None:
    failed, text = refusals[number]
    assert failed
    assert WRONG[number][2] in text
    for foreign in ("Traceback", "pydantic", "export.csv", " from:", "indexed"):
        assert foreign not in text


def test_half_of_a_letter_is_answered(door: Door) -> None:
    ask = '{"jsonrpc":"2.0","id":%d,"method":"%s","params":%s}\n'
    hello = '{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"a","version":"1"}}'
    half = '{"name":"search","arguments":{"query":"\\uD83D визит \\uD83D\\uDE00","per_page":1}}'
    messages = ask % (1, "initialize", hello) + ask % (2, "tools/call", half) + ask % (3, "tools/list", "{}")
    command = [sys.executable, "-m", "indexer", "mcp"]
    with subprocess.Popen(
        command, cwd=door.folder, env={**os.environ, "PYTHONPATH": str(ROOT), "ARKHIV_INDEX": door.index},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    ) as server:  # fmt: skip
        assert server.stdin
        assert server.stdout
        server.stdin.write(messages)
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(3)]
        server.stdin.close()
        assert server.wait(20) == 0
    (result,) = [answer["result"] for answer in answers if answer["id"] == 2]
    assert json.loads(result["content"][0]["text"])["query"]["text"] == "? визит 😀"


def test_a_new_generation_answers_without_a_restart(door: Door) -> None:
    async def talk(client: Client) -> Any:
        before = await client.call_tool("search", {"query": "визит", "per_page": 1})
        more = door.write("more.jsonl", json.dumps({"id": "new", "title": "Визит новый", "text": "Да."}) + "\n")
        door.run("add", more)  # the server is a process of its own
        after = await client.call_tool("search", {"query": "визит", "per_page": 100})
        return json.loads(before.content[0].text), json.loads(after.content[0].text)

    before, after = spoken(door, talk)
    assert after["total"] == before["total"] + 1
    assert [hit["title"] for hit in after["hits"] if hit["id"] == "б/н"] == ["</script> визит"]


def test_without_an_index_it_says_so_and_ends(tmp_path: Path) -> None:
    said = Door(tmp_path).run("mcp", code=1).output
    assert "there is no index" in said
