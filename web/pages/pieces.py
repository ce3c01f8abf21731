"""The pieces that a page has by the dozen, as HTML: links with counts, bars, hits.

Entering a macro for each took most of a page's time. What stands once is in the templates.
"""

# ruff: noqa: S704  (every text is escaped where it is put in)

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup

from search.model import Article, Hit
from web.address import article_url, name_url, period_url, search_url
from web.marks import marked
from web.pages.choices import Choice
from web.pages.compare import ComparedRow
from web.pages.timeline import Bar
from web.parameters import PageParameters
from web.russian import count_of, day_of, number, plural, when

# How much of its room a bar fills, of few and of many; how high the highest is, and the least that can be seen.
_THICK, _THIN, _FEW = 0.76, 0.4, 9
_HIGHEST, _LEAST, _GROUND = 64, 2, 68
# Where the highest point and the ground of a comparison lie.
_ROOF, _FLOOR = 10, 190


def link(choice: Choice, kind: str = "") -> Markup:
    """A choice as a link; one that is chosen is taken back by it."""
    count = "" if choice.count is None else f' <span class="count">{number(choice.count)}</span>'
    label, url = escape(choice.label), escape(choice.url)
    if not choice.chosen:
        return Markup(f'<a class="{kind}" href="{url}"><bdi>{label}</bdi>{count}</a>')
    undo = '<span class="hidden"> — убрать</span><span class="cross" aria-hidden="true">×</span>'
    return Markup(f'<a class="chosen {kind}" href="{url}" aria-current="true"><bdi>{label}</bdi>{count}\n  {undo}</a>')


def items(choices: Iterable[Choice]) -> Markup:
    """Choices as the items of a list."""
    return Markup("".join(f"<li>{link(choice)}</li>" for choice in choices))


def drawn(bars: Sequence[Bar]) -> Markup:
    """What stands in the picture of a timeline: a link for each bar that is none of nothing, and the names below."""
    room = 100 / len(bars)
    thick = _THICK if len(bars) > _FEW else _THIN
    pieces = []
    for place, bar in enumerate(bars):
        left = place * room
        if bar.count:
            high, chosen = max(bar.height * _HIGHEST, _LEAST), ' class="chosen"' if bar.chosen else ""
            pieces.append(
                f'<a href="{escape(bar.url)}" tabindex="-1"{chosen}><title>{escape(bar.name)}: {count_of(bar.count)}'
                f'</title>\n<rect class="room" x="{left:.2f}%" width="{room:.2f}%" height="{_GROUND}"/>\n'
                f'<rect x="{left + room * (1 - thick) / 2:.2f}%" y="{_GROUND - high:.1f}" width="{room * thick:.2f}%" '
                f'height="{high:.1f}"/></a>\n'
            )
        if bar.tick:
            pieces.append(f'<text x="{left + room / 2:.2f}%" y="84">{escape(bar.tick)}</text>\n')
    return Markup("".join(pieces))


def sample(line: int) -> Markup:
    """How the line of this number is drawn, in small: by its colour, its strokes and the sign on its points."""
    return Markup(
        f'<svg class="sample" width="34" height="12" aria-hidden="true" focusable="false"><line class="line-{line}" '
        f'x1="0" x2="34" y1="6" y2="6"/>{_sign(line, "17", 6)}</svg>'
    )


def curves(rows: Sequence[ComparedRow], most_signs: int) -> Markup:
    """The picture of a comparison: a line for each query, and on so many points at most signs that are links."""
    room = 100 / len(rows)
    at = [(place + 0.5) * room for place in range(len(rows))]
    pieces = []
    for line in range(len(rows[0].cells)):
        drawn = "".join(
            f'<polyline class="line-{line + 1}" points="'
            + " ".join(f"{x:.2f},{100 - 100 * row.cells[line].height:.2f}" for x, row in stretch)
            + '"/>'
            for published, stretch in groupby(zip(at, rows, strict=True), key=lambda point: point[1].published > 0)
            if published  # where nothing came out, nothing is said of anything
        )
        pieces.append(
            f'<svg y="{_ROOF}" width="100%" height="{_FLOOR - _ROOF}" viewBox="0 0 100 100" preserveAspectRatio="none">'
            f"{drawn}</svg>\n"
        )
    for x, row in zip(at, rows, strict=True):
        for line, cell in enumerate(row.cells if len(rows) <= most_signs else ()):
            if cell.count:
                sign = _sign(line + 1, f"{x:.2f}%", _FLOOR - cell.height * (_FLOOR - _ROOF))
                label = f"{escape(row.name)}: {cell.said}"
                pieces.append(f'<a href="{escape(cell.url)}" tabindex="-1"><title>{label}</title>{sign}</a>\n')
        if row.tick:
            pieces.append(f'<text x="{x:.2f}%" y="208">{escape(row.tick)}</text>\n')
    return Markup("".join(pieces))


def _sign(line: int, x: str, y: float) -> str:
    """A round or square one, full or hollow: who sees no colours tells the lines by it."""
    kind = f'class="sign-{line}"'
    if line % 2:
        return f'<circle {kind} cx="{x}" cy="{y:.1f}" r="4"/>'
    return f'<svg x="{x}" y="{y:.1f}" overflow="visible"><rect {kind} x="-3.5" y="-3.5" width="7" height="7"/></svg>'


def rows(bars: Iterable[Bar]) -> Markup:
    """The same as the rows of a table."""
    return Markup(
        "".join(f'<tr><th scope="row">{escape(bar.name)}</th><td>{number(bar.count)}</td></tr>' for bar in bars)
    )


def hits(
    listed: Iterable[Hit], parameters: PageParameters, zone: ZoneInfo, *, led: bool = True, heading: str = "h2"
) -> Markup:
    """Hits as the items of a list, headed so; `led` is whether their articles are to know the search that led there."""
    return Markup("".join(_hit(hit, parameters, zone, led, heading) for hit in listed))


def _hit(hit: Hit, parameters: PageParameters, zone: ZoneInfo, led: bool, heading: str) -> str:
    article = hit.article
    page = escape(article_url(article.id))
    leading = escape(article_url(article.id, parameters)) if led else page
    pin = '<p class="pinned">Закреплено</p>\n' if hit.pinned else ""
    snippet = f'<p class="snippet" dir="auto">{marked(hit.snippet)}</p>\n' if hit.snippet.text else ""
    return (
        f'<li>\n<article class="hit" data-id="{escape(article.id)}" data-page="{page}">\n{pin}{rubric(article)}'
        f'<{heading}><a href="{leading}" dir="auto">{marked(hit.title) or "Без заголовка"}</a></{heading}>\n{snippet}'
        f'<p class="facts">\n{facts(article, zone)}</p>\n{_missing(hit)}{_similar(hit, parameters)}</article>\n</li>\n'
    )


def rubric(article: Article) -> Markup:
    """The section, where the article has one."""
    if not article.section:
        return Markup()
    url = escape(name_url("section", article.section))
    return Markup(f'<p class="rubric"><a href="{url}"><bdi>{escape(article.section)}</bdi></a></p>\n')


def facts(article: Article, zone: ZoneInfo) -> Markup:
    """When, by whom, how often viewed: what is known of it."""
    return Markup("".join((_date(article, zone), _byline(article), f"{views(article)}\n" if article.views else "")))


def _date(article: Article, zone: ZoneInfo) -> str:
    published = article.published
    if published is None:
        return ""
    day = day_of(published, zone)
    url, text = escape(period_url(day.year, day.month, day.day)), when(published, zone)
    return f'<a href="{url}"><time datetime="{published.isoformat()}">{text}</time></a>\n'


def _byline(article: Article) -> str:
    if not article.author:
        return ""
    role = f", <bdi>{escape(article.author_role)}</bdi>" if article.author_role else ""
    url = escape(name_url("author", article.author))
    return f'<span class="author"><a href="{url}"><bdi>{escape(article.author)}</bdi></a>{role}</span>\n'


def views(article: Article) -> Markup:
    """How often it was viewed."""
    count = article.views
    return Markup(f'<span class="views">{number(count)} {plural(count, "просмотр", "просмотра", "просмотров")}</span>')


def _missing(hit: Hit) -> str:
    if not hit.missing:
        return ""
    words = ", ".join(f"<bdi>{escape(word)}</bdi>" for word in hit.missing)
    return f'<p class="missing">без слов: {words}</p>\n'


def _similar(hit: Hit, parameters: PageParameters) -> str:
    if not hit.similar:
        return ""
    url, count = escape(search_url(parameters, similar="show")), hit.similar
    text = f"и ещё {number(count)} {plural(count, 'похожая статья', 'похожие статьи', 'похожих статей')}"
    return f'<p class="similar"><a href="{url}">{text}</a></p>\n'
