"""The export that WordPress makes of itself (WXR): its published posts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from lxml import etree

from indexer.sources.source import NOTHING, Row
from search.errors import SourceError, describe

# Where plugins count how often a post was read.
_VIEWS = ("views", "post_views_count", "_post_views", "tie_views", "penci_post_views_count", "post_views")
_UNFIT = bytes(set(range(32)) - set(b"\t\n\r"))
_NO_DATE = "0000-00-00"


class WordPressExport:
    """The posts of the file at `name`, in its order; pages, drafts, pictures and revisions are passed over."""

    html = ("title", "lead", "text")

    def __init__(self, name: str) -> None:
        self.name = self.identity = name
        self.position = 0
        try:
            self.size = Path(name).stat().st_size
        except OSError as error:
            raise SourceError(name, 0, f"cannot be read: {error.strerror or error}") from error

    def rows(self, stamps: Mapping[str, str] = NOTHING) -> Iterator[Row]:
        """Every published post. SourceError: the file cannot be read, is no export, breaks off, or has no post."""
        posts, authors = 0, dict[str, str]()
        try:
            with Path(self.name).open("rb") as file:
                for _, element in etree.iterparse(
                    _CleanFile(file),
                    events=("end",),
                    tag=("{*}item", "{*}author"),
                    resolve_entities=False,
                    no_network=True,
                    huge_tree=True,
                ):
                    self.position = file.tell()
                    if element.tag != "item":
                        authors[_text(element, "author_login")] = _text(element, "author_display_name")
                        continue
                    if _is_public(element):
                        posts += 1
                        yield Row(self.name, element.sourceline, _record(element, authors))
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise SourceError(self.name, error.lineno or 0, f"is no whole export of WordPress: {error.msg}") from error
        except OSError as error:
            raise SourceError(self.name, 0, f"cannot be read: {describe(error)}") from error
        if not posts:
            raise SourceError(self.name, 0, "holds no published post of WordPress")


def _is_public(item: Any) -> bool:
    status = (_text(item, "post_type"), _text(item, "status"), _text(item, "post_password"))
    return status == ("post", "publish", "")


class _CleanFile:
    """A file without the control characters that XML does not allow, and WordPress lets through."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        return self._file.read(size).translate(None, _UNFIT)


def _record(item: Any, authors: Mapping[str, str]) -> dict[str, Any]:
    creator = _text(item, "creator")
    terms = [(term.get("domain"), (term.text or "").strip()) for term in item.iterfind("{*}category")]
    metas = {_text(meta, "meta_key"): _text(meta, "meta_value") for meta in item.iterfind("{*}postmeta")}
    views = next((metas[name] for name in _VIEWS if metas.get(name, "").isdecimal()), None)
    encoded = {"excerpt" in element.tag: element.text or "" for element in item.iterfind("{*}encoded")}
    record = {
        "id": _text(item, "post_id"),
        "title": _text(item, "title"),
        "url": _text(item, "link"),
        "published": _moment(item, "post_date"),
        "updated": _moment(item, "post_modified"),
        "author": authors.get(creator) or creator,
        "section": next((name for domain, name in terms if domain == "category"), ""),
        "tags": [name for domain, name in terms if domain == "post_tag"],
        "lead": encoded.get(True, ""),
        "views": int(views) if views else None,
    }
    return {name: value for name, value in record.items() if value} | {"text": encoded.get(False, "")}


def _text(element: Any, name: str) -> str:
    child = element.find(f"{{*}}{name}")
    return "" if child is None else "".join(child.itertext()).strip()


def _moment(item: Any, name: str) -> str:
    """The moment in UTC, else in the time of the newspaper; empty where there is none."""
    for text, zone in ((_text(item, f"{name}_gmt"), "+00:00"), (_text(item, name), "")):
        if text and not text.startswith(_NO_DATE):
            return text + zone
    return ""
