"""How to refer to an article: in words by ГОСТ Р 7.0.5, for reference managers as RIS and BibTeX."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, current_app

from search.model import Article
from web.address import cite_url
from web.live import archive
from web.marks import printable
from web.russian import OF_MONTH, day_of
from web.sites.sharing import authors_of, canonical

_SPECIAL = re.compile(r"[\\{}%&$#_^~]")
_WRITTEN = {
    # BibTeX counts braces, those behind a backslash as well.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_NO_KEY = re.compile(r"[^A-Za-z0-9]+")

blueprint = Blueprint("citing", __name__)


def register(app: Flask) -> None:
    """Add the route to the app, and to its templates the reference in words."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(reference=reference, cite_url=cite_url)


@blueprint.get("/cite/<kind>/<article_id:article_id>")
def cite(kind: str, article_id: str) -> Response:
    """The reference of an article as a file."""
    if kind not in _KINDS:
        abort(404)
    written, mimetype = _KINDS[kind]
    opened = archive()
    article = opened.article(article_id)
    text = written(article, _day(article, ZoneInfo(opened.info().timezone)))
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="article.{kind}"'
    return response


def reference(article: Article, zone: ZoneInfo, today: date) -> str:
    """The short form of ГОСТ Р 7.0.5-2008 for an article of a newspaper on the web."""
    day = _day(article, zone)
    dated = f" {day.year}. {day.day} {OF_MONTH[day.month - 1]}." if day else ""
    authors = ", ".join(_surname_first(name, " ", shortened=True) for name in authors_of(article))
    title = _line(article.title).rstrip(".")
    return (
        f"{authors + ' ' if authors else ''}{title} // {_newspaper()}.{dated} URL: {canonical(article)} "
        f"(дата обращения: {today:%d.%m.%Y})."
    )


def _ris(article: Article, day: date | None) -> str:
    fields = [
        ("TY", "NEWS"),
        ("TI", article.title),
        *(("AU", _surname_first(name, ", ")) for name in authors_of(article)),
        ("T2", _newspaper()),
        *([("PY", str(day.year)), ("DA", f"{day:%Y/%m/%d}")] if day else []),
        ("UR", canonical(article)),
        ("AB", article.lead),
        *(("KW", tag) for tag in article.tags),
        ("LA", "ru"),
    ]
    lines = [f"{name}  - {_line(value)}" for name, value in fields if value.strip()]
    return "\r\n".join([*lines, "ER  - ", ""])


def _bibtex(article: Article, day: date | None) -> str:
    values = [
        ("author", " and ".join(_surname_first(name, ", ") for name in authors_of(article))),
        ("title", article.title),
        ("journal", _newspaper()),
        *([("year", str(day.year)), ("month", str(day.month)), ("day", str(day.day))] if day else []),
        ("url", canonical(article)),
        ("keywords", ", ".join(article.tags)),
        ("language", "russian"),
    ]
    fields = (f"  {name} = {{{_escaped(value)}}}" for name, value in values if value.strip())
    key = _NO_KEY.sub("-", article.id).strip("-") or "article"
    return f"@article{{{key},\n" + ",\n".join(fields) + "\n}\n"


_KINDS: dict[str, tuple[Callable[[Article, date | None], str], str]] = {
    "ris": (_ris, "application/x-research-info-systems"),
    "bib": (_bibtex, "application/x-bibtex"),
}


def _day(article: Article, zone: ZoneInfo) -> date | None:
    return day_of(article.published, zone) if article.published else None


def _newspaper() -> str:
    return _line(current_app.config["SETTINGS"].site_name)


def _surname_first(name: str, between: str, *, shortened: bool = False) -> str:
    """A name as lists of literature have it: «Аменова, Дана», `shortened` «Аменова Д.»."""
    *given, surname = _parts(name)
    if not given:
        return surname
    named = [f"{part[0]}." for part in given] if shortened else given
    return surname + between + " ".join(named)


def _parts(name: str) -> Sequence[str]:
    """The parts of a name, also where initials are glued to it."""
    return re.sub(r"\.(?=\w)", ". ", _line(name)).split() or [name]


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _WRITTEN.get(match[0], f"\\{match[0]}"), _line(text))
