"""The HTML that a page has by the dozen: links with counts, bars, hits.

Entering a macro for each took most of a page's time. HTML that a page has once is in the templates.
"""

# ruff: noqa: S704  (every text is escaped where it is put in)

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import current_app
from markupsafe import Markup

from search.guidance.russian import count_of, day_of, number, plural, when
from search.model import Article, Hit
from web.address import article_url, name_url, period_url, picture, search_url
from web.live import zone
from web.markup import highlighted
from web.pages.choices import Choice
from web.pages.compare import Cell, Comparison
from web.pages.timeline import Bar
from web.parameters import PageParameters

# Width of a bar as a share of its slot, where bars are many and where they are at most _FEW.
_WIDTH, _NARROW_WIDTH, _FEW = 0.76, 0.4, 9
# Pixels: the height of the highest bar and of the lowest; the y of their base and of the ticks' text.
_HIGHEST, _LOWEST, _BASE, _TICKS = 34, 2, 46, 60
# Pixels: the y of the highest point of a comparison, of its base and of the ticks' text.
_TOP, _BOTTOM, _BELOW = 14, 194, 212
# Characters of a query beside a point.
_LABEL = 30
# Of so many points the markers touch each other, and are small.
_MANY_POINTS = 60


def link(choice: Choice, kind: str = "") -> Markup:
    """A choice as a link, which undoes the choice where it is chosen."""
    count = "" if choice.count is None else f' <span class="count">{number(choice.count)}</span>'
    label, url = escape(choice.label), escape(choice.url)
    if not choice.chosen:
        return Markup(f'<a class="{kind}" href="{url}"><bdi>{label}</bdi>{count}</a>')
    undo = '<span class="hidden"> — убрать</span><span class="cross" aria-hidden="true">×</span>'
    return Markup(f'<a class="chosen {kind}" href="{url}" aria-current="true"><bdi>{label}</bdi>{count}\n  {undo}</a>')


def list_items(choices: Iterable[Choice]) -> Markup:
    """Choices as the items of a list."""
    return Markup("".join(f"<li>{link(choice)}</li>" for choice in choices))


def bars(timeline: Sequence[Bar]) -> Markup:
    """The SVG of a timeline: a bar with a link for each that has articles, its value, and the ticks below."""
    slot = 100 / len(timeline)
    width = slot * (_WIDTH if len(timeline) > _FEW else _NARROW_WIDTH)
    highest = number(max(bar.count for bar in timeline))
    parts = [f'<text class="scale" x="100%" y="9" text-anchor="end" aria-hidden="true">{highest}</text>\n']
    stop = ""  # one bar is a stop of the keyboard, from which a script leads to the others
    for at, bar in enumerate(timeline):
        left, centre = at * slot, (at + 0.5) * slot
        if bar.count:
            height, kind = max(bar.height * _HIGHEST, _LOWEST), _kind(bar)
            label = f"{escape(bar.name)}{', не завершён' if bar.unfinished else ''}: {count_of(bar.count)}"
            parts.append(
                f'<a href="{escape(bar.url)}"{kind}{stop}><title>{label}</title>\n'
                f'<rect class="room" x="{left:.2f}%" width="{slot:.2f}%" height="{_BASE}"/>\n'
                f'<rect x="{left + (slot - width) / 2:.2f}%" y="{_BASE - height:.1f}" width="{width:.2f}%" '
                f'height="{height:.1f}"/>{_value(label, centre)}</a>\n'
            )
            stop = ' tabindex="-1"'
        if bar.tick:
            parts.append(_tick(bar.tick, centre, slot, _TICKS))
    return Markup("".join(parts))


def _kind(bar: Bar) -> str:
    kinds = [kind for kind, holds in (("chosen", bar.chosen), ("unfinished", bar.unfinished)) if holds]
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _value(label: str, x: float) -> str:
    """What is seen of a bar or a point while it is pointed at or has the focus, within the picture."""
    anchor = "start" if x < 33 else "end" if x > 67 else "middle"  # thirds of the width
    return f'<text class="value" x="{x:.2f}%" y="9" text-anchor="{anchor}" aria-hidden="true">{label}</text>'


def _tick(text: str, x: float, slot: float, y: int) -> str:
    """The text below a bar or a point; at the very ends of a long row it does not hang over."""
    anchor, edge = "middle", slot / 2 if slot < 6 else 0.0  # percent: narrower than most texts
    if edge and x <= edge + slot:
        anchor, x = "start", x - edge
    elif edge and x >= 100 - edge - slot:
        anchor, x = "end", x + edge
    return f'<text x="{x:.2f}%" y="{y}" text-anchor="{anchor}" aria-hidden="true">{escape(text)}</text>\n'


def table_rows(timeline: Iterable[Bar]) -> Markup:
    """A timeline as the rows of a table."""
    rows = ((escape(bar.url), escape(bar.name), number(bar.count)) for bar in timeline if bar.count)
    cells = (f'<th scope="row"><a href="{url}">{name}</a></th><td>{count}</td>' for url, name, count in rows)
    return Markup("".join(f"<tr>{pair}</tr>" for pair in cells))


def line_sample(line: int) -> Markup:
    """The legend's sample of a comparison's line: its colour, its dashes and its marker."""
    return Markup(
        f'<svg class="sample" width="34" height="12" aria-hidden="true" focusable="false"><line class="line-{line}" '
        f'x1="0" x2="34" y1="6" y2="6"/>{_marker(line, "17", 6)}</svg>'
    )


def lines(compared: Comparison) -> Markup:
    """The SVG of a comparison: the scale, a line for each query, and a marker with a link at each of its points."""
    rows, slot = compared.rows, 100 / len(compared.rows)
    points = [((at + 0.5) * slot, row) for at, row in enumerate(rows)]
    parts = [_grid(text, share) for text, share in compared.scale]
    parts += [
        f'<rect class="unfinished" x="{x - slot / 2:.2f}%" width="{slot:.2f}%" y="{_TOP}" height="{_BOTTOM - _TOP}"/>\n'
        for x, row in points
        if row.unfinished
    ]
    for line in range(len(rows[0].cells)):
        parts.append(
            f'<svg y="{_TOP}" width="100%" height="{_BOTTOM - _TOP}" viewBox="0 0 100 100" preserveAspectRatio="none">'
        )
        for published, group in groupby(points, key=lambda point: point[1].published > 0):
            if published:  # the line is broken where nothing was published
                path = " ".join(f"{x:.2f},{100 - 100 * row.cells[line].height:.2f}" for x, row in group)
                parts.append(f'<polyline class="line-{line + 1}" points="{path}"/>')
        parts.append("</svg>\n")
    for x, row in points:
        parts += [
            _point(line, cell, f"{row.name}: {cell.text} — {query.label[:_LABEL]}", x, small=len(rows) > _MANY_POINTS)
            for line, (query, cell) in enumerate(zip(compared.queries, row.cells, strict=True), start=1)
            if cell.count
        ]
        if row.tick:
            parts.append(_tick(row.tick, x, slot, _BELOW))
    return Markup("".join(parts))


def _grid(text: str, share: float) -> str:
    """A level of the scale: its line, and its value on it."""
    y = _height(share)
    return (
        f'<line class="grid" x2="100%" y1="{y}" y2="{y}"/><text class="scale" y="{y - 3:.1f}">{escape(text)}</text>\n'
    )


def _height(share: float) -> float:
    """The y of a share of the highest level."""
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def _point(line: int, cell: Cell, label: str, x: float, *, small: bool) -> str:
    """The marker of a query in a period, whose link leads to the articles."""
    shown, y = escape(label), _height(cell.height)
    # What is clicked is larger than what is seen.
    room = f'<circle class="room" cx="{x:.2f}%" cy="{y}" r="{4 if small else 9}"/>'
    marker = _marker(line, f"{x:.2f}%", y, 0.5 if small else 1)
    return f'<a href="{escape(cell.url)}" tabindex="-1"><title>{shown}</title>{room}{marker}{_value(shown, x)}</a>\n'


def _marker(line: int, x: str, y: float, scale: float = 1) -> str:
    """A round or square one, full or hollow: it distinguishes the lines without colours."""
    kind = f'class="sign-{line}"'
    if line % 2:
        return f'<circle {kind} cx="{x}" cy="{y:.1f}" r="{4 * scale:g}"/>'
    side = 7 * scale
    square = f'x="{-side / 2:g}" y="{-side / 2:g}" width="{side:g}" height="{side:g}"'
    return f'<svg x="{x}" y="{y:.1f}" overflow="visible"><rect {kind} {square}/></svg>'


def hits(matches: Iterable[Hit], parameters: PageParameters) -> Markup:
    """Hits as the items of a list; their links carry the search, so that the article's page leads back to it."""
    newspaper = zone()
    return Markup("".join(_hit(hit, parameters, newspaper) for hit in matches))


def _hit(hit: Hit, parameters: PageParameters, newspaper: ZoneInfo) -> str:
    article, title = hit.article, highlighted(hit.title) or "Без заголовка"
    page, url = escape(article_url(article.id)), escape(article_url(article.id, parameters))
    pin = '<p class="pinned">Выбор редакции</p>\n' if hit.pinned else ""
    snippet = f'<p class="snippet" dir="auto">{highlighted(hit.snippet)}</p>\n' if hit.snippet.text else ""
    missing = ", ".join(f"<bdi>{escape(word)}</bdi>" for word in hit.missing)
    return (
        f'<li>\n<article class="hit" data-id="{escape(article.id)}" data-page="{page}">\n{_thumbnail(article, url)}'
        f'{pin}{rubric(article)}<h2 dir="auto"><a href="{url}">{title}</a></h2>\n{snippet}'
        f'<p class="facts">\n{facts(article, newspaper)}</p>\n'
        + (f'<p class="missing">нет в тексте: {missing}</p>\n' if missing else "")
        + f"{_similar(hit, search_url(parameters, similar='show'))}</article>\n</li>\n"
    )


def _similar(hit: Hit, url: str) -> str:
    """The link to the near-copies that are folded under a hit, where there are any."""
    if not hit.similar:
        return ""
    copies = plural(hit.similar, "похожая статья", "похожие статьи", "похожих статей")
    return f'<p class="similar"><a href="{escape(url)}">и ещё {number(hit.similar)} {copies}</a></p>\n'


def _thumbnail(article: Article, url: str) -> str:
    """The picture of an article, in room that is reserved for it."""
    address = picture(article.image, current_app.config["SETTINGS"].image_hosts)
    image = f'<img src="{escape(address)}" alt="" width="132" height="88" loading="lazy" referrerpolicy="no-referrer">'
    return f'<a class="thumbnail" href="{url}" tabindex="-1" aria-hidden="true">{image}</a>\n' if address else ""


def listed(matches: Sequence[Hit], heading: str, every: str) -> Markup:
    """The articles of a day as a dense list: the time of each, where it is known, and no date. `heading` is the element
    of the headlines, `every` leads to the near-copies too."""
    newspaper = zone()
    is_timed = any(isinstance(hit.article.published, datetime) for hit in matches)
    items = "".join(_listed(hit, heading, every, newspaper) for hit in matches)
    return Markup(f'<ol class="listed{" timed" if is_timed else ""}">\n{items}</ol>')


def _listed(hit: Hit, heading: str, every: str, newspaper: ZoneInfo) -> str:
    article, snippet = hit.article, hit.snippet
    page, published, clock = escape(article_url(article.id)), article.published, ""
    if published is not None:
        clock = f"{published.astimezone(newspaper):%H:%M}" if isinstance(published, datetime) else ""
        shown = escape(when(published, newspaper))
        clock = f'<time datetime="{published.isoformat()}" data-date="{shown}">{clock}</time>'
    lead = f'<p class="snippet" dir="auto">{highlighted(snippet)}</p>\n' if snippet.text else ""
    return (
        f'<li><article class="hit" data-id="{escape(article.id)}" data-page="{page}">{clock}\n'
        f'<{heading} dir="auto"><a href="{page}">{escape(article.title) or "Без заголовка"}</a></{heading}>\n{lead}'
        f'<p class="facts">{_section(article)}{_byline(article)}</p>{_similar(hit, every)}</article></li>\n'
    )


def rubric(article: Article) -> Markup:
    """The section, where the article has one."""
    return Markup(f'<p class="rubric">{section}</p>\n' if (section := _section(article)) else "")


def _section(article: Article) -> str:
    name = article.section
    return f'<a href="{escape(name_url("section", name))}"><bdi>{escape(name)}</bdi></a>\n' if name else ""


def facts(article: Article, newspaper: ZoneInfo) -> Markup:
    """The date in the zone of the newspaper, the authors and the views, as far as they are known."""
    parts, published = [], article.published
    if published is not None:
        day = day_of(published, newspaper)
        url, text = escape(period_url(day.year, day.month, day.day)), when(published, newspaper)
        parts.append(f'<a href="{url}"><time datetime="{published.isoformat()}">{text}</time></a>\n')
    parts.append(_byline(article))
    if article.views:
        parts.append(f"{views(article)}\n")
    return Markup("".join(parts))


def _byline(article: Article) -> str:
    """The authors and what they are, where they are known."""
    if not article.author:
        return ""
    role = f", <bdi>{escape(article.author_role)}</bdi>" if article.author_role else ""
    names = ((escape(name_url("author", name)), escape(name)) for name in article.authors)
    links = ", ".join(f'<a href="{url}"><bdi>{name}</bdi></a>' for url, name in names)
    return f'<span class="author">{links}{role}</span>\n'


def views(article: Article) -> Markup:
    """How often it was viewed."""
    count = article.views
    return Markup(f'<span class="views">{number(count)} {plural(count, "просмотр", "просмотра", "просмотров")}</span>')
