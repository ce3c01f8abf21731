"""The pages for search engines (sitemaps.org): the months of the archive, what has no date, the news of two days, other
pages. A file may only list what stands beside or below it, so all of them are at the root."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import NamedTuple
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, current_app, redirect, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from search import Archive
from search.links import outside
from search.model import UNDATED, Article
from web.address import absolute, article_url, name_url, period_url, route
from web.live import archive, current_day
from web.markup import printable
from web.serving.headers import conditional
from web.serving.throttle import Throttle
from web.sites.sharing import moment

# By the protocol: pages of a file, and characters of an address. By Google: news of a file.
MOST, LONGEST = 50_000, 2_048
MOST_NEWS = 1_000
# So many sections, authors and tags have their pages in a file, the most frequent: together they keep within MOST.
MOST_NAMES = 15_000
# Entries in a chunk of the answer.
CHUNK = 200
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

blueprint = Blueprint("sitemap", __name__)


class Entry(NamedTuple):
    """A page in a file: its address, when it last changed, and further elements as XML."""

    address: str
    changed: str = ""
    more: str = ""


@blueprint.get("/sitemap.xml")
@conditional
def index() -> Response:
    """The files: the news, where there are any; the pages of no month; one for each month, several where a month has
    very many articles; likewise for the articles without a date."""
    opened = archive()
    files = [Entry(absolute(url_for("sitemap.news")))] if next(_news(opened), None) else []
    files.append(Entry(absolute(url_for("sitemap.pages"))))
    for year in reversed(opened.calendar().years):
        for month in reversed(opened.calendar(year.value).months or ()):
            parts = range(1, 1 + -(-month.count // (MOST - 1)))
            files += [
                Entry(absolute(url_for("sitemap.month", year=year.value, month=month.value, part=part)))
                for part in parts
            ]
    if next(_undated(opened), None):
        parts = range(1, 1 + -(-opened.calendar().undated // MOST))
        files += [Entry(absolute(url_for("sitemap.undated", part=part))) for part in parts]
    return _answer("sitemapindex", "sitemap", iter(files))


@blueprint.get("/sitemap-news.xml")
@conditional
def news() -> Response:
    """The articles of today and yesterday."""
    return _answer("urlset", "url", _news(archive()))


@blueprint.get("/sitemap-pages.xml")
@conditional
def pages() -> Response:
    """The first page, the archive, its years; sections, authors and tags."""
    facets = archive().search(per_page=1, snippets=False, values=MOST_NAMES).facets
    assert facets is not None
    kinds = (("section", facets.sections), ("author", facets.authors), ("tag", facets.tags))
    paths = [route("pages.search"), period_url(), *(period_url(year.value) for year in facets.years)]
    paths += [name_url(kind, count.value) for kind, counts in kinds for count in counts]
    return _answer("urlset", "url", (Entry(absolute(path)) for path in paths))


@blueprint.get("/sitemap/<year:year>-<int(fixed_digits=2):month>-<int:part>.xml")
def moved(year: int, month: int, part: int) -> AnyResponse:
    """Where the months were once."""
    return redirect(url_for("sitemap.month", year=year, month=month, part=part), 301)


@blueprint.get("/sitemap-<year:year>-<int(fixed_digits=2):month>-<int:part>.xml")
@conditional
def month(year: int, month: int, part: int) -> Response:
    """A month: its page in the archive, and the articles whose canonical address is here."""
    opened = archive()
    months = opened.calendar(year).months if year else None
    counts = {count.value: count.count for count in months or ()}
    if not 1 <= part <= -(-counts.get(month, 0) // (MOST - 1)):
        abort(404)
    articles = islice(opened.every(year=year, month=month, sort="oldest"), (part - 1) * (MOST - 1), part * (MOST - 1))
    return _answer("urlset", "url", _month(absolute(period_url(year, month)), articles))


def _month(page: str, articles: Iterator[Article]) -> Iterator[Entry]:
    yield Entry(page)
    yield from _articles(articles)


@blueprint.get("/sitemap-undated-<int:part>.xml")
@conditional
def undated(part: int) -> Response:
    """The articles without a date whose canonical address is here."""
    opened = archive()
    if not 1 <= part <= -(-opened.calendar().undated // MOST):
        abort(404)
    return _answer("urlset", "url", _undated(opened, (part - 1) * MOST))


def _undated(opened: Archive, first: int = 0) -> Iterator[Entry]:
    return _articles(islice(opened.every(year=UNDATED, sort="oldest"), first, first + MOST))


def _articles(articles: Iterator[Article]) -> Iterator[Entry]:
    for article in _indexable(articles):
        changed = article.updated or (moment(article.published) if article.published else "")
        yield Entry(absolute(article_url(article.id)), changed)


def _indexable(articles: Iterator[Article]) -> Iterator[Article]:
    """Those that search engines may find at their pages here."""
    is_closed = current_app.extensions["arkhiv_closed"].closes()
    return (article for article in articles if not outside(article.url) and not is_closed(article))


def _news(opened: Archive) -> Iterator[Entry]:
    yesterday = current_day() - timedelta(days=1)
    site = escape(printable(current_app.config["SETTINGS"].site_name))
    articles = islice(opened.every(date_from=yesterday.isoformat(), sort="newest"), MOST_NEWS)
    for article in _indexable(articles):
        published = article.published
        assert published is not None  # a date filter leaves out the undated
        more = (
            f"<news:news><news:publication><news:name>{site}</news:name><news:language>ru</news:language>"
            f"</news:publication><news:publication_date>{moment(published)}</news:publication_date>"
            f"<news:title>{escape(printable(article.title))}</news:title></news:news>"
        )
        yield Entry(absolute(article_url(article.id)), article.updated, more)


def _answer(root: str, kind: str, entries: Iterator[Entry]) -> Response:
    """The file, written while it is sent: it is never in memory as a whole."""

    def element(entry: Entry) -> str:
        changed = f"<lastmod>{escape(entry.changed)}</lastmod>" if entry.changed else ""
        return f"<{kind}><loc>{escape(entry.address)}</loc>{changed}{entry.more}</{kind}>\n"

    def chunks() -> Iterator[str]:
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SITEMAPS}" xmlns:news="{_NEWS}">\n'
        elements = (element(entry) for entry in entries if len(entry.address) < LONGEST)
        while chunk := "".join(islice(elements, CHUNK)):
            yield chunk
        yield f"</{root}>\n"

    throttle: Throttle = current_app.extensions["arkhiv_throttle"]
    return throttle.download(Response(stream_with_context(chunks()), mimetype="application/xml"))
