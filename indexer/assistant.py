"""The archive for an editor's assistant: tools of the Model Context Protocol, all of which only read."""

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, Literal

import msgspec
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from msgspec import inspect
from pydantic import Field, ValidationError

from indexer.console import facets_json, result_json
from indexer.filters import filter_options
from search import Archive
from search.archive import MAX_PER_PAGE
from search.browse import MAX_SUGGESTIONS
from search.errors import ArkhivError, IndexUnavailable, UserError
from search.links import public_address
from search.model import MAX_HITS, Article
from search.release import release

ABOUT = """The archive of a Russian-language newspaper. `search` finds articles, `article` reads one, a long
one in parts; quote articles by author, title, date and url. Queries are Russian words in any form. Where fewer than ten
articles have all of them, those that have most are found too, and each says which words are `missing`; «…» is a phrase,
| means either, - without; заголовок: автор: рубрика: дата: are fields."""

Query = Annotated[str, Field(description="Words in any form; «…» a phrase, | either, - without. Empty: everything.")]
Year = Annotated[Annotated[int, Field(ge=1, le=9999)] | None, Field(description="The year whose months are counted.")]
Month = Annotated[
    Annotated[int, Field(ge=1, le=12)] | None, Field(description="The month whose days are counted; needs a year.")
]
# Characters of a text in one answer: more would fill what an assistant can keep in mind.
LONGEST_PART = 20_000
# What of an answer only programs that show it need.
_LEFT_OUT = ("took_ms", "title_marks", "snippet_marks")

_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


class Assistant:
    """The tools over what is published when each is called, with the limits of the API."""

    def __init__(self, archive: Archive, site_url: str) -> None:
        self._archive = archive
        self._site_url = site_url

    def search(
        self,
        query: Query = "",
        *,
        sort: Annotated[
            Literal["relevance", "newest", "oldest", "views"] | None,
            Field(description="The order; by relevance where words are searched for, else newest first."),
        ] = None,
        words: Annotated[
            Literal["auto", "all", "most"],
            Field(description="Which of the words an article needs; auto is most where few have all."),
        ] = "auto",
        page: Annotated[
            int, Field(ge=1, description=f"Which page of the articles; only the first {MAX_HITS} are paged through.")
        ] = 1,
        per_page: Annotated[int, Field(ge=1, le=MAX_PER_PAGE, description="How many articles a page has.")] = 10,
        **filters: Any,
    ) -> dict[str, Any]:
        """Find articles: how many, a page of them with excerpts, counts by year, author, section, tag and person."""
        result = self._newest().search(query, sort=sort, words=words, page=page, per_page=per_page, **filters)
        answer: dict[str, Any] = msgspec.to_builtins(result_json(result))
        for hit_json, hit in zip(answer["hits"], result.hits, strict=True):
            hit_json["url"] = self._address(hit.article)
        for part in (answer, *answer["hits"]):
            for name in _LEFT_OUT:
                part.pop(name, None)
        return answer

    def article(
        self,
        id: Annotated[str, Field(description="As a search gives it.")],  # noqa: A002  # as the API has it
        offset: Annotated[int, Field(ge=0, description="The character of the text to read from: `next_offset`.")] = 0,
    ) -> dict[str, Any]:
        """Read an article: its text, and what is needed to quote it. A text of more than 20,000 `characters` comes in
        parts: the next one begins at `next_offset`, null at the end."""
        article = self._newest().article(id)
        characters, end = len(article.text), offset + LONGEST_PART
        if offset and offset >= characters:
            raise UserError("offset", f"{offset} is not below {characters}, the characters of the text")
        return article.as_dict() | {
            "title": article.title[:LONGEST_PART],
            "lead": article.lead[:LONGEST_PART],
            "url": self._address(article),
            "text": article.text[offset:end],
            "characters": characters,
            "next_offset": end if end < characters else None,
        }

    def archive(self, year: Year = None, month: Month = None) -> dict[str, Any]:
        """How many articles were published by year, or by month of a year, or by day of a month."""
        counts: dict[str, Any] = msgspec.to_builtins(facets_json(self._newest().calendar(year, month)))
        return counts

    def suggest(
        self,
        text: Annotated[str, Field(description="The beginning of a query, as typed so far; its last word may be cut.")],
        limit: Annotated[int, Field(ge=1, le=MAX_SUGGESTIONS, description="How many suggestions at most.")] = 10,
    ) -> list[dict[str, Any]]:
        """How an unfinished query may go on: words as the archive has them, people and tags, and headlines."""
        suggestions = self._newest().suggest(text, limit)
        return [{"text": guess.text, "kind": guess.kind, "id": guess.id} for guess in suggestions]

    def _newest(self) -> Archive:
        with suppress(IndexUnavailable):  # what was published before answers as well
            self._archive = self._archive.newest()
        return self._archive

    def _address(self, article: Article) -> str:
        return public_address(article, self._site_url)


class _Server(MCPServer):
    """A server that refuses arguments that a tool does not have: ignored ones would give an answer from the whole
    archive. Of wrong ones it says what is wrong, without the words of the library that checks them."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Context | None = None) -> Any:
        """Call a tool; ToolError where it has no such argument, or another value of it."""
        for tool in await self.list_tools():
            declared = tool.input_schema.get("properties", {})
            if tool.name == name and (unknown := [argument for argument in arguments if argument not in declared]):
                raise ToolError(f"{unknown[0]}: unknown argument; {name} knows {', '.join(declared)}")
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            flaws = [f"{flaw['loc'][0]}: {flaw['msg']}" for flaw in error.__cause__.errors()]
            raise ToolError("; ".join(flaws)) from error


class _Messages(io.BufferedReader):
    """Messages as they come in, a line each. Half of a surrogate pair, which JSON can escape, becomes a question mark:
    the library would not answer."""

    def read1(self, _size: int = -1) -> bytes:
        """The next message."""
        line = self.readline()
        if b"\\ud" in line.lower():
            with suppress(ValueError, RecursionError):  # no JSON: the library sees to it
                line = json.dumps(json.loads(line), ensure_ascii=False).encode(errors="replace") + b"\n"
        return line


def serve(archive: Archive, site_url: str) -> None:
    """Answer on stdin and stdout until the other side hangs up."""
    archive.search("слово", per_page=1)  # so that nobody waits for the dictionary
    assistant = Assistant(archive, site_url)
    server = _Server("arkhiv", instructions=ABOUT, version=release(), log_level="WARNING")
    for tool in (assistant.search, assistant.article, assistant.archive, assistant.suggest):
        wrapped = _as_json(tool)
        declared = _with_filters(wrapped) if tool == assistant.search else wrapped
        # Structured content would be the same once more; not every client shows that to its model.
        server.add_tool(declared, annotations=_READS, structured_output=False)
    sys.stdin = io.TextIOWrapper(_Messages(io.FileIO(os.dup(sys.stdin.fileno()))))
    server.run()


def _with_filters(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, declaring each filter of its `**filters` as a parameter of its own."""
    own = signature(tool)
    query, *others = (parameter for parameter in own.parameters.values() if parameter.kind != Parameter.VAR_KEYWORD)
    parameters = [query]
    for name, _, kind, words, description in filter_options():
        values: Any = str
        if isinstance(kind, inspect.IntType):
            values = Annotated[int, Field(ge=kind.ge, le=kind.le)]
        if words:
            values |= Literal[words]
        annotation = Annotated[values | None, Field(description=description)]
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation))
    tool.__signature__ = own.replace(parameters=[*parameters, *others])  # type: ignore[attr-defined]  # what `signature` reads
    return tool


def _as_json(tool: Callable[..., Any]) -> Callable[..., str]:
    """The tool with its answer as JSON, and its errors as those of the protocol, which reach the assistant; they name
    the arguments that it was called with."""
    names = {option.written: option.name for option in filter_options()}

    @wraps(tool)
    def as_json(*args: Any, **kwargs: Any) -> str:
        try:
            return msgspec.json.encode(tool(*args, **kwargs)).decode()
        except UserError as error:
            raise ToolError(f"{names.get(error.parameter, error.parameter)}: {error.reason}") from error
        except ArkhivError as error:
            raise ToolError(str(error)) from error

    return as_json
