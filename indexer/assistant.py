"""The archive for an editor's assistant: tools of the Model Context Protocol, all of which only read."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import msgspec
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from indexer.console import facets_json, result_json
from indexer.filters import filter_options
from search import Archive
from search.errors import ArkhivError, IndexUnavailable
from search.links import public_address
from search.model import Article
from search.release import release

ABOUT = """The archive of a Russian-language newspaper. `search` finds articles, `article` reads one; quote articles by
author, title, date and url. Queries are Russian words in any form. Where fewer than ten articles have all of them,
those that have most are found too, and each says which words are `missing`; «…» is a phrase, | means either, - without;
заголовок: автор: рубрика: дата: are fields."""

Query = Annotated[str, Field(description="Words in any form; «…» a phrase, | either, - without. Empty: everything.")]
Year = Annotated[int | None, Field(description="Published in this year.")]
Month = Annotated[int | None, Field(description="In this month, 1 to 12; needs a year.")]

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
        sort: Annotated[str | None, Field(description="relevance, newest, oldest or views.")] = None,
        words: Annotated[
            str, Field(description="all, most or auto: which an article needs; auto is most where few have all.")
        ] = "auto",
        page: int = 1,
        per_page: Annotated[int, Field(description="1 to 100 articles.")] = 10,
        **filters: Any,
    ) -> dict[str, Any]:
        """Find articles: how many, a page of them with excerpts, counts by year, author, section, tag and person."""
        result = self._newest().search(query, sort=sort, words=words, page=page, per_page=per_page, **filters)
        answer: dict[str, Any] = msgspec.to_builtins(result_json(result))
        for hit_json, hit in zip(answer["hits"], result.hits, strict=True):
            hit_json["url"] = self._address(hit.article)
        return answer

    def article(self, id: Annotated[str, Field(description="As a search gives it.")]) -> dict[str, Any]:  # noqa: A002  # as the API has it
        """Read an article: its text, and what is needed to quote it."""
        article = self._newest().article(id)
        return article.as_dict() | {"url": self._address(article)}

    def archive(self, year: Year = None, month: Month = None) -> dict[str, Any]:
        """How many articles were published by year, or by month of a year, or by day of a month."""
        counts: dict[str, Any] = msgspec.to_builtins(facets_json(self._newest().calendar(year, month)))
        return counts

    def suggest(self, text: Query, limit: Annotated[int, Field(description="1 to 20.")] = 10) -> list[dict[str, Any]]:
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
    archive."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Context | None = None) -> Any:
        """Call a tool; ToolError where it has no such argument."""
        for tool in await self.list_tools():
            declared = tool.input_schema.get("properties", {})
            if tool.name == name and (unknown := [argument for argument in arguments if argument not in declared]):
                raise ToolError(f"{unknown[0]}: unknown argument; {name} knows {', '.join(declared)}")
        return await super().call_tool(name, arguments, context)


def serve(archive: Archive, site_url: str) -> None:
    """Answer on stdin and stdout until the other side hangs up."""
    archive.search("слово", per_page=1)  # so that nobody waits for the dictionary
    assistant = Assistant(archive, site_url)
    server = _Server("arkhiv", instructions=ABOUT, version=release(), log_level="WARNING")
    for tool in (assistant.search, assistant.article, assistant.archive, assistant.suggest):
        wrapped = _with_tool_errors(tool)
        server.add_tool(_with_filters(wrapped) if tool == assistant.search else wrapped, annotations=_READS)
    server.run()


def _with_filters(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, declaring each filter of its `**filters` as a parameter of its own."""
    own = signature(tool)
    query, *others = (parameter for parameter in own.parameters.values() if parameter.kind != Parameter.VAR_KEYWORD)
    parameters = [query]
    for name, _, kind, description in filter_options():
        annotation = Annotated[kind | None, Field(description=description)]  # type: ignore[valid-type]  # known when it runs
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation))
    tool.__signature__ = own.replace(parameters=[*parameters, *others])  # type: ignore[attr-defined]  # what `signature` reads
    return tool


def _with_tool_errors(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool with its errors as those of the protocol, which reach the assistant."""

    @wraps(tool)
    def with_tool_errors(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except ArkhivError as error:
            raise ToolError(str(error)) from error

    return with_tool_errors
