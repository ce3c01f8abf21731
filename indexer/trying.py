"""What would become of a row of a source: which fields it has, from where, and what is wrong with it."""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

from indexer.sources import Row, Unreadable
from indexer.sources.intake import Intake, looks_like_markup
from search.config import MARKED_UP

_SHOWN = 160


class Tried(Struct, frozen=True):
    """A row at a place: what is to be said of it, and where it becomes an article, the fields with where each stood."""

    place: str
    said: tuple[str, ...]
    fields: dict[str, Any] | None = None
    places: dict[str, str] = {}


def tried_row(row: Row, html: Collection[str], intake: Intake) -> Tried:
    """Try a row of a source whose fields `html` hold markup."""
    if isinstance(row.record, Unreadable):
        return Tried(row.place, (row.record.reason, *row.doubts))
    article, flaws = intake.article(row.record, html)
    if article is None:
        return Tried(row.place, (*flaws, *row.doubts))
    fields = {name: value for name, value in article.as_dict().items() if value not in ("", (), None)}
    marked = (name for name in MARKED_UP if name not in html and looks_like_markup(getattr(article, name)))
    markup = (
        f'{name}: looks like HTML; html = ["{name}"] of a source in arkhiv.toml has it read so' for name in marked
    )
    said = (*(f"{flaw}, left out" for flaw in flaws), *intake.doubts(article), *row.doubts, *markup)
    return Tried(row.place, said, fields, {name: row.places.get(name, "") for name in fields})


def tried_lines(tried: Tried) -> Iterator[str]:
    """For people: a line for each field."""
    yield f"{tried.place}: {'no article' if tried.fields is None else 'an article'}"
    for name, value in (tried.fields or {}).items():
        text = ", ".join(value) if isinstance(value, list | tuple) else str(value)
        flat = " ¶ ".join(line for line in text.split("\n") if line)
        short = (
            flat
            if len(flat) <= _SHOWN
            else f"{flat[: _SHOWN // 2]} … {flat[-_SHOWN // 2 :]} ({len(text):,} characters)"
        )
        place = f"  ← {tried.places[name]}" if tried.places[name] else ""
        yield f"  {name:<13} {short}{place}"
    for said in tried.said:
        yield f"  ! {said}"
    yield ""
