"""What would become of a row of a source: which fields it has, from where, and what is wrong with it."""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

from indexer.sources import Row, Unreadable
from indexer.sources.intake import Intake, unexpected_markup

_LONGEST_VALUE = 160


class Trial(Struct, frozen=True):
    """A row at a place: what is wrong with it, and where it becomes an article, the fields with the place of each."""

    place: str
    said: tuple[str, ...]
    fields: dict[str, Any] | None = None
    places: dict[str, str] = {}


def try_row(row: Row, html: Collection[str], intake: Intake) -> Trial:
    """Try a row of a source whose fields `html` hold markup."""
    if isinstance(row.record, Unreadable):
        return Trial(row.place, (row.record.reason, *row.doubts))
    article, flaws = intake.article(row.record, html)
    if article is None:
        return Trial(row.place, (*flaws, *row.doubts))
    fields = {name: value for name, value in article.as_dict().items() if value not in ("", (), None)}
    markup = (
        f'{name}: looks like HTML; html = ["{name}"] of a source in arkhiv.toml has it read so'
        for name in unexpected_markup(article, html)
    )
    remarks = (*flaws, *intake.doubts(article), *row.doubts, *markup)
    return Trial(row.place, remarks, fields, {name: row.places.get(name, "") for name in fields})


def trial_lines(trial: Trial) -> Iterator[str]:
    """For people: a line for each field."""
    yield f"{trial.place}: {'no article' if trial.fields is None else 'an article'}"
    for name, value in (trial.fields or {}).items():
        text = ", ".join(value) if isinstance(value, list | tuple) else str(value)
        text = " ¶ ".join(line for line in text.split("\n") if line)
        if len(text) > _LONGEST_VALUE:
            half = _LONGEST_VALUE // 2
            text = f"{text[:half]} … {text[-half:]} ({len(text):,} characters)"
        place = f"  ← {trial.places[name]}" if trial.places[name] else ""
        yield f"  {name:<13} {text}{place}"
    for remark in trial.said:
        yield f"  ! {remark}"
    yield ""
