"""An article for search engines and other sites: its canonical address, description, structured data."""

from datetime import date, datetime
from typing import Any

import msgspec
from markupsafe import Markup

from search.analysis.names import person_name
from search.links import outside
from search.model import Article
from web.address import absolute, article_url
from web.markup import one_line

# Characters of a description that search engines show.
_DESCRIPTION = 200
# What would end the element around the data, or break a line of a script.
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def canonical(article: Article) -> str:
    """The canonical address of an article: at the newspaper, else its page here."""
    return outside(article.url) or absolute(article_url(article.id))


def description(article: Article) -> str:
    """The beginning of an article in one line, cut at a word."""
    text = one_line(article.lead or article.text)
    return text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


def moment(published: date | datetime) -> str:
    """A date or a date-time as ISO 8601."""
    return published.isoformat(timespec="seconds") if isinstance(published, datetime) else published.isoformat()


def structured(article: Article, picture: str, site: str) -> Markup:
    """An article as JSON-LD, to be put into a page (schema.org/NewsArticle, with what Google's documentation names)."""
    authors = [{"@type": "Person" if person_name(name) else "Organization", "name": name} for name in article.authors]
    if article.author_role and len(authors) == 1 and authors[0]["@type"] == "Person":
        authors[0]["jobTitle"] = article.author_role
    properties: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": description(article),
        "mainEntityOfPage": canonical(article),
        "datePublished": moment(article.published) if article.published else "",
        "dateModified": article.updated,
        "author": authors,
        "image": picture,
        "articleSection": article.section,
        "keywords": list(article.tags),
        "inLanguage": "ru",
        "publisher": {"@type": "NewsMediaOrganization", "name": site},
    }
    data = msgspec.json.encode({name: value for name, value in properties.items() if value}).decode()
    return Markup(data.translate(_ESCAPED))  # noqa: S704  # no tag can begin in it
