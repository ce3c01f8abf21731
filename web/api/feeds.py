"""Any query as a feed: Atom (RFC 4287, RFC 5005) and JSON Feed 1.1; and OpenSearch, for a browser's address bar."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec
from flask import Blueprint, Response, current_app, request, url_for
from msgspec import structs
from werkzeug.urls import iri_to_uri

from search.links import article_path, outside
from search.model import Article, Hit, SearchResult, Sort
from web.address import absolute, article_url, search_url
from web.api.answers import next_page
from web.live import archive, zone
from web.markup import printable
from web.parameters import FileParameters, PageParameters, SuggestParameters, query_string, read_leniently
from web.serving.headers import conditional

ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
SUGGESTIONS = "application/x-suggestions+json"
ENTRIES = 50
LONGEST_SHORT_NAME = 16  # by the specification of OpenSearch
# Atom wants to know when an entry changed: what is said of an article of which nobody knows, as it stays the same.
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)

blueprint = Blueprint("feeds", __name__)


def _latest(parameters: FileParameters) -> SearchResult:
    """The hits of a feed, ordered by when they were indexed, so that its readers miss no late addition. Those closed to
    robots are left out: robots read feeds."""
    result = archive().search(
        parameters.q,
        parameters.value,
        sort=Sort.INDEXED,
        page=parameters.page,
        per_page=ENTRIES,
        facets=False,
        words=parameters.words,
        correct=False,  # a feed has the hits of its query, not of another one,
        pins=False,  # nor what was pinned to it
    )
    is_closed = current_app.extensions["arkhiv_closed"].closes()
    return structs.replace(result, hits=tuple(hit for hit in result.hits if not is_closed(hit.article)))


@blueprint.get("/feed.atom")
@conditional
def atom() -> Response:
    """The newest hits of a query as Atom."""
    parameters = read_leniently(FileParameters, request.args)
    result = _latest(parameters)
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": "ru"})
    _add(feed, "id", _identity(f"feed?{query_string(parameters, sort=None, per_page=10)}"))
    _add(feed, "title", _title(parameters))
    # The end of an embargo changes a feed after the index was built.
    changed = [result.index.built_at, *(_changed(hit.article) or UNKNOWN for hit in result.hits)]
    _add(feed, "updated", max(changed).isoformat())
    _add(SubElement(feed, "author"), "name", _site())
    for relation, address in _links("feeds.atom", parameters, result):
        SubElement(feed, "link", rel=relation, href=address)
    for hit in result.hits:
        _entry(SubElement(feed, "entry"), hit)
    body = tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(body, mimetype="application/atom+xml")


@blueprint.get("/feed.json")
@conditional
def json() -> Response:
    """The newest hits of a query as JSON Feed."""
    parameters = read_leniently(FileParameters, request.args)
    result = _latest(parameters)
    links = dict(_links("feeds.json", parameters, result))
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(parameters),
        "language": "ru",
        "home_page_url": links["alternate"],
        "feed_url": links["self"],
        "items": [_item(hit) for hit in result.hits],
    }
    if "next" in links:
        feed["next_url"] = links["next"]
    return Response(msgspec.json.encode(feed), mimetype="application/feed+json")


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """What a browser needs to search from its address bar."""
    description = Element("OpenSearchDescription", xmlns=OPENSEARCH)
    _add(description, "ShortName", _site()[:LONGEST_SHORT_NAME])
    _add(description, "Description", f"Поиск: {_site()}")
    _add(description, "InputEncoding", "UTF-8")
    icon = absolute(url_for("static", filename="favicon.svg"))
    _add(description, "Image", icon, type="image/svg+xml", width="16", height="16")
    page = _address("pages.search", PageParameters())
    SubElement(description, "Url", type="text/html", template=f"{page}?q={{searchTerms}}")
    suggestions = absolute(url_for("feeds.opensearch_suggestions"))
    SubElement(description, "Url", type=SUGGESTIONS, template=f"{suggestions}?q={{searchTerms}}")
    body = tostring(description, encoding="utf-8", xml_declaration=True)
    return Response(body, mimetype="application/opensearchdescription+xml")


@blueprint.get("/opensearch.json")
def opensearch_suggestions() -> Response:
    """Suggestions while a reader types in the address bar."""
    typed = read_leniently(SuggestParameters, request.args).q
    words = [suggestion.text for suggestion in archive().suggest(typed) if suggestion.kind == "word"]
    return Response(msgspec.json.encode([typed, words]), mimetype=SUGGESTIONS)


def _entry(entry: Element, hit: Hit) -> None:
    article = hit.article
    _add(entry, "id", _identity(article_path(article.id)))
    _add(entry, "title", article.title)
    SubElement(entry, "link", rel="alternate", href=_uri(article))
    _add(entry, "updated", (_changed(article) or UNKNOWN).isoformat())
    if article.published:
        _add(entry, "published", _instant(article.published).isoformat())
    for author in _printable(article.authors):
        _add(SubElement(entry, "author"), "name", author)
    for term in _categories(article):
        SubElement(entry, "category", term=term)
    _add(entry, "summary", hit.snippet.text)


def _item(hit: Hit) -> dict[str, Any]:
    article = hit.article
    item: dict[str, Any] = {"id": _identity(article_path(article.id)), "url": _uri(article)}
    item |= {"title": printable(article.title), "content_text": printable(hit.snippet.text)}
    if article.published:
        item["date_published"] = _instant(article.published).isoformat()
    if article.updated and (changed := _changed(article)):
        item["date_modified"] = changed.isoformat()
    if authors := _printable(article.authors):
        item["authors"] = [{"name": author} for author in authors]
    item["tags"] = _categories(article)
    return item


def _identity(thing: str) -> str:
    """A name that stays when scheme and address of the service change: RFC 4151 where its public host is known."""
    settings = current_app.config["SETTINGS"]
    host = urlsplit(settings.site_url).hostname
    return f"tag:{host},2026:{thing}" if host else uuid5(NAMESPACE_URL, f"{settings.site_name}\n{thing}").urn


def _uri(article: Article) -> str:
    """The address of an article, its letters escaped: feeds allow no others, browsers do."""
    return iri_to_uri(outside(article.url)) or absolute(article_url(article.id))


def _categories(article: Article) -> list[str]:
    return _printable((article.section, *article.tags))


def _printable(names: Iterable[str]) -> list[str]:
    """The names, without what feeds cannot hold; those that are nothing else are left out."""
    return list(filter(None, map(printable, names)))


def _changed(article: Article) -> datetime | None:
    """When the article last changed, as far as it says: it was not before it was published."""
    moments = [_instant(article.published)] if article.published else []
    with suppress(ValueError):  # a source may write anything there
        moments.append(_instant(datetime.fromisoformat(article.updated)))
    return max(moments, default=None)


def _instant(moment: date | datetime) -> datetime:
    """A date is its midnight at the newspaper."""
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=zone())
    return datetime(moment.year, moment.month, moment.day, tzinfo=zone())


def _links(endpoint: str, parameters: PageParameters, result: SearchResult) -> Iterator[tuple[str, str]]:
    yield "self", _address(endpoint, parameters, page=parameters.page)
    yield "alternate", _address("pages.search", PageParameters(**structs.asdict(parameters)))
    if following := next_page(result):
        yield "next", _address(endpoint, parameters, page=following)


def _address(endpoint: str, parameters: PageParameters, **changes: Any) -> str:
    return absolute(search_url(parameters, endpoint, sort=None, per_page=10, **changes))


def _site() -> str:
    return str(current_app.config["SETTINGS"].site_name)


def _title(parameters: PageParameters) -> str:
    return f"{_site()}: {printable(parameters.typed)}" if parameters.q.strip() else _site()


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = printable(text)
