"""The archive for an editor's assistant: tools of the Model Context Protocol, all of which only read."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Annotated, Any

import msgspec
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from indexer.console import facets_json, result_json
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
Name = Annotated[str | None, Field(description="Exactly as among the facets of a search.")]
Date = Annotated[str | None, Field(description="YYYY, YYYY-MM or YYYY-MM-DD, included.")]

_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


class Assistant:
    """The tools over what is published when each is called, with the limits of the API."""

    def __init__(self, archive: Archive, site_url: str) -> None:
        self._archive = archive
        self._site_url = site_url

    def search(
        self,
        query: Query = "",
        year: Year = None,
        month: Month = None,
        day: Annotated[int | None, Field(description="On this day; needs a month.")] = None,
        date_from: Date = None,
        date_to: Date = None,
        author: Name = None,
        section: Name = None,
        tag: Name = None,
        person: Name = None,
        sort: Annotated[str | None, Field(description="relevance, newest, oldest or views.")] = None,
        words: Annotated[
            str, Field(description="all, most or auto: which an article needs; auto is most where few have all.")
        ] = "auto",
        page: int = 1,
        per_page: Annotated[int, Field(description="1 to 100 articles.")] = 10,
    ) -> dict[str, Any]:
        """Find articles: how many, a page of them with excerpts, counts by year, author, section, tag and person."""
        result = self._newest().search(
            query,
            year=year,
            month=month,
            day=day,
            date_from=date_from or None,
            date_to=date_to or None,
            author=author,
            section=section,
            tag=tag,
            person=person,
            sort=sort,
            words=words,
            page=page,
            per_page=per_page,
        )
        answer: dict[str, Any] = msgspec.to_builtins(result_json(result))
        for told, hit in zip(answer["hits"], result.hits, strict=True):
            told["url"] = self._address(hit.article)
        return answer

    def article(self, id: Annotated[str, Field(description="As a search gives it.")]) -> dict[str, Any]:  # noqa: A002  # as the API has it
        """Read an article: its text, and what is needed to quote it."""
        found = self._newest().article(id)
        return found.as_dict() | {"url": self._address(found)}

    def archive(self, year: Year = None, month: Month = None) -> dict[str, Any]:
        """How many articles were published by year, or by month of a year, or by day of a month."""
        counts: dict[str, Any] = msgspec.to_builtins(facets_json(self._newest().calendar(year, month)))
        return counts

    def suggest(self, text: Query, limit: Annotated[int, Field(description="1 to 20.")] = 10) -> list[dict[str, Any]]:
        """How an unfinished query may go on: words as the archive has them, and headlines."""
        return [{"text": each.text, "kind": each.kind, "id": each.id} for each in self._newest().suggest(text, limit)]

    def _newest(self) -> Archive:
        with suppress(IndexUnavailable):  # what was published before answers as well
            self._archive = self._archive.newest()
        return self._archive

    def _address(self, article: Article) -> str:
        return public_address(article, self._site_url)


class _Server(MCPServer):
    """One that knows no other arguments than those it tells of: who asks with a wrong one would be answered out of the
    whole archive."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Context | None = None) -> Any:
        """Call a tool; ToolError where an argument is none of it."""
        for tool in await self.list_tools():
            known = tool.input_schema.get("properties", {})
            if tool.name == name and (unknown := [each for each in arguments if each not in known]):
                raise ToolError(f"{unknown[0]}: unknown argument; {name} knows {', '.join(known)}")
        return await super().call_tool(name, arguments, context)


def serve(archive: Archive, site_url: str) -> None:
    """Answer on stdin and stdout until the other side hangs up."""
    archive.search("слово", per_page=1)  # so that nobody waits for the dictionary
    assistant, server = (
        Assistant(archive, site_url),
        _Server("arkhiv", instructions=ABOUT, version=release(), log_level="WARNING"),
    )
    for tool in (assistant.search, assistant.article, assistant.archive, assistant.suggest):
        server.add_tool(_explained(tool), annotations=_READS)
    server.run()


def _explained(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool with errors that tell what was wrong."""

    @wraps(tool)
    def explained(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except ArkhivError as error:
            raise ToolError(str(error)) from error

    return explained
