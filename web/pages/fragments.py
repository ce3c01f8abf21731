"""The HTML that a page has by the dozen: links with counts, bars, hits.

Entering a macro for each took most of a page's time. HTML that a page has once is in the templates.
"""

# ruff: noqa: S704  (every text is escaped where it is put in)

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup

from search.model import Article, Hit
from web.address import article_url, name_url, period_url, search_url
from web.live import zone
from web.markup import highlighted
from web.pages.choices import Choice
from web.pages.compare import ComparedRow
from web.pages.timeline import Bar
from web.parameters import PageParameters
from web.russian import count_of, day_of, number, plural, when

# Width of a bar as a share of its slot, where bars are many and where they are at most _FEW.
_WIDTH, _NARROW_WIDTH, _FEW = 0.76, 0.4, 9
# Pixels: the height of the highest bar and of the lowest; the y of their base.
_HIGHEST, _LOWEST, _BASE = 64, 2, 68
# Pixels: the y of the highest point of a comparison, and of its base.
_TOP, _BOTTOM = 10, 190


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
    """The SVG of a timeline: a bar with a link for each that has articles, and the ticks below."""
    slot = 100 / len(timeline)
    width = slot * (_WIDTH if len(timeline) > _FEW else _NARROW_WIDTH)
    parts = []
    for at, bar in enumerate(timeline):
        left = at * slot
        if bar.count:
            height, chosen = max(bar.height * _HIGHEST, _LOWEST), ' class="chosen"' if bar.chosen else ""
            parts.append(
                f'<a href="{escape(bar.url)}" tabindex="-1"{chosen}><title>{escape(bar.name)}: {count_of(bar.count)}'
                f'</title>\n<rect class="room" x="{left:.2f}%" width="{slot:.2f}%" height="{_BASE}"/>\n'
                f'<rect x="{left + (slot - width) / 2:.2f}%" y="{_BASE - height:.1f}" width="{width:.2f}%" '
                f'height="{height:.1f}"/></a>\n'
            )
        if bar.tick:
            parts.append(f'<text x="{left + slot / 2:.2f}%" y="84">{escape(bar.tick)}</text>\n')
    return Markup("".join(parts))


def table_rows(timeline: Iterable[Bar]) -> Markup:
    """A timeline as the rows of a table."""
    cells = (f'<th scope="row">{escape(bar.name)}</th><td>{number(bar.count)}</td>' for bar in timeline)
    return Markup("".join(f"<tr>{pair}</tr>" for pair in cells))


def line_sample(line: int) -> Markup:
    """The legend's sample of a comparison's line: its colour, its dashes and its marker."""
    return Markup(
        f'<svg class="sample" width="34" height="12" aria-hidden="true" focusable="false"><line class="line-{line}" '
        f'x1="0" x2="34" y1="6" y2="6"/>{_marker(line, "17", 6)}</svg>'
    )


def lines(rows: Sequence[ComparedRow], most_marked: int) -> Markup:
    """The SVG of a comparison: a line for each query, and markers with links where the points are not too many."""
    slot = 100 / len(rows)
    points = [((at + 0.5) * slot, row) for at, row in enumerate(rows)]
    parts = []
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
        for line, cell in enumerate(row.cells if len(rows) <= most_marked else (), start=1):
            if cell.count:
                marker = _marker(line, f"{x:.2f}%", _BOTTOM - cell.height * (_BOTTOM - _TOP))
                label = f"{escape(row.name)}: {cell.text}"
                parts.append(f'<a href="{escape(cell.url)}" tabindex="-1"><title>{label}</title>{marker}</a>\n')
        if row.tick:
            parts.append(f'<text x="{x:.2f}%" y="208">{escape(row.tick)}</text>\n')
    return Markup("".join(parts))


def _marker(line: int, x: str, y: float) -> str:
    """A round or square one, full or hollow: it distinguishes the lines without colours."""
    kind = f'class="sign-{line}"'
    if line % 2:
        return f'<circle {kind} cx="{x}" cy="{y:.1f}" r="4"/>'
    return f'<svg x="{x}" y="{y:.1f}" overflow="visible"><rect {kind} x="-3.5" y="-3.5" width="7" height="7"/></svg>'


def hits(listed: Iterable[Hit], parameters: PageParameters, *, keep_search: bool = True, heading: str = "h2") -> Markup:
    """Hits as the items of a list; with `keep_search` their links carry the search, so that the article's page leads
    back to it. `heading` is the element of the headlines."""
    newspaper = zone()
    return Markup("".join(_hit(hit, parameters, newspaper, keep_search, heading) for hit in listed))


def _hit(hit: Hit, parameters: PageParameters, newspaper: ZoneInfo, keep_search: bool, heading: str) -> str:
    article, title = hit.article, highlighted(hit.title) or "Без заголовка"
    page = escape(article_url(article.id))
    url = escape(article_url(article.id, parameters)) if keep_search else page
    pin = '<p class="pinned">Закреплено</p>\n' if hit.pinned else ""
    snippet = f'<p class="snippet" dir="auto">{highlighted(hit.snippet)}</p>\n' if hit.snippet.text else ""
    missing = ", ".join(f"<bdi>{escape(word)}</bdi>" for word in hit.missing)
    similar, count = "", hit.similar
    if count:
        text = f"и ещё {number(count)} {plural(count, 'похожая статья', 'похожие статьи', 'похожих статей')}"
        similar = f'<p class="similar"><a href="{escape(search_url(parameters, similar="show"))}">{text}</a></p>\n'
    return (
        f'<li>\n<article class="hit" data-id="{escape(article.id)}" data-page="{page}">\n{pin}{rubric(article)}'
        f'<{heading}><a href="{url}" dir="auto">{title}</a></{heading}>\n{snippet}'
        f'<p class="facts">\n{facts(article, newspaper)}</p>\n'
        + (f'<p class="missing">без слов: {missing}</p>\n' if missing else "")
        + f"{similar}</article>\n</li>\n"
    )


def rubric(article: Article) -> Markup:
    """The section, where the article has one."""
    if not article.section:
        return Markup()
    url = escape(name_url("section", article.section))
    return Markup(f'<p class="rubric"><a href="{url}"><bdi>{escape(article.section)}</bdi></a></p>\n')


def facts(article: Article, newspaper: ZoneInfo) -> Markup:
    """The date in the zone of the newspaper, the authors and the views, as far as they are known."""
    parts, published = [], article.published
    if published is not None:
        day = day_of(published, newspaper)
        url, text = escape(period_url(day.year, day.month, day.day)), when(published, newspaper)
        parts.append(f'<a href="{url}"><time datetime="{published.isoformat()}">{text}</time></a>\n')
    if article.author:
        role = f", <bdi>{escape(article.author_role)}</bdi>" if article.author_role else ""
        names = ((escape(name_url("author", name)), escape(name)) for name in article.authors)
        links = ", ".join(f'<a href="{url}"><bdi>{name}</bdi></a>' for url, name in names)
        parts.append(f'<span class="author">{links}{role}</span>\n')
    if article.views:
        parts.append(f"{views(article)}\n")
    return Markup("".join(parts))


def views(article: Article) -> Markup:
    """How often it was viewed."""
    count = article.views
    return Markup(f'<span class="views">{number(count)} {plural(count, "просмотр", "просмотра", "просмотров")}</span>')
