"""How to refer to an article: in words by ГОСТ Р 7.0.5, for reference managers as RIS and BibTeX."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app

from search.analysis.names import person_name
from search.guidance.russian import OF_MONTH, day_of
from search.model import Article
from web.downloads import as_file
from web.live import archive, zone
from web.markup import one_line
from web.sites.sharing import canonical

_SPECIAL = re.compile(r"[\\{}%&$#_^~]")
_ESCAPES = {
    # BibTeX counts braces, those behind a backslash as well.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
# An address is taken as it is; only braces are counted.
_OF_URLS = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
_NO_KEY = re.compile(r"[^A-Za-z0-9]+")

blueprint = Blueprint("citing", __name__)


@blueprint.get("/cite/<kind>/<article_id:article_id>")
def cite(kind: str, article_id: str) -> Response:
    """The reference of an article as a file."""
    if kind not in _KINDS:
        abort(404)
    reference, mimetype = _KINDS[kind]
    article = archive().article(article_id)
    text = reference(article, _day(article, zone()))
    return as_file(text, mimetype, f"article.{kind}")


def reference(article: Article, zone: ZoneInfo, today: date) -> str:
    """The short form of ГОСТ Р 7.0.5-2008 for an article of a newspaper on the web."""
    day = _day(article, zone)
    dated = f" {day.year}. {day.day} {OF_MONTH[day.month - 1]}." if day else ""
    authors = ", ".join(map(_shortened, article.authors))
    title = one_line(article.title).rstrip(".")
    return (
        f"{authors + ' ' if authors else ''}{title} // {_newspaper()}.{dated} URL: {canonical(article)} "
        f"(дата обращения: {today:%d.%m.%Y})."
    )


def _ris(article: Article, day: date | None) -> str:
    fields = [
        ("TY", "NEWS"),
        ("TI", article.title),
        *(("AU", _surname_first(name)) for name in article.authors),
        ("T2", _newspaper()),
        *([("PY", f"{day.year:04}"), ("DA", day.isoformat().replace("-", "/"))] if day else []),
        ("UR", canonical(article)),
        ("AB", article.lead),
        *(("KW", tag) for tag in article.tags),
        ("LA", "ru"),
    ]
    lines = [f"{name}  - {one_line(value)}" for name, value in fields if value.strip()]
    return "\r\n".join([*lines, "ER  - ", ""])


def _bibtex(article: Article, day: date | None) -> str:
    values = [
        ("author", " and ".join(map(_bibtex_author, article.authors))),
        ("title", _escaped(article.title)),
        ("journal", _escaped(_newspaper())),
        *([("year", str(day.year)), ("month", str(day.month)), ("day", str(day.day))] if day else []),
        ("url", one_line(canonical(article)).translate(_OF_URLS)),
        ("keywords", _escaped(", ".join(article.tags))),
        ("language", "russian"),
    ]
    fields = (f"  {name} = {{{value}}}" for name, value in values if value.strip())
    return f"@article{{{_key(article.id)},\n" + ",\n".join(fields) + "\n}\n"


def _key(article_id: str) -> str:
    """The id, where it is a key; else what is left of it, and a hash that tells it from others."""
    left = _NO_KEY.sub("-", article_id).strip("-")
    return left if left == article_id else f"{left or 'article'}-{hashlib.sha256(article_id.encode()).hexdigest()[:8]}"


_KINDS: dict[str, tuple[Callable[[Article, date | None], str], str]] = {
    "ris": (_ris, "application/x-research-info-systems"),
    "bib": (_bibtex, "application/x-bibtex"),
}


def _day(article: Article, zone: ZoneInfo) -> date | None:
    return day_of(article.published, zone) if article.published else None


def _newspaper() -> str:
    return one_line(current_app.config["SETTINGS"].site_name)


def _surname_first(author: str) -> str:
    """«Аменова, Дана»; an organisation as it is."""
    person = person_name(one_line(author))
    return ", ".join(filter(None, (person.surname, person.given))) if person else one_line(author)


def _shortened(author: str) -> str:
    """«Аменова Д.»; an organisation as it is."""
    person = person_name(one_line(author))
    return f"{person.surname} {person.initials}".strip() if person else one_line(author)


def _bibtex_author(author: str) -> str:
    """In braces, what is no person: else BibTeX takes its last word for a surname."""
    name = _escaped(_surname_first(author))
    return name if person_name(one_line(author)) else f"{{{name}}}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], f"\\{match[0]}"), one_line(text))
