"""The addresses that lead to an article, which of those that came with one may be linked to, and how hosts are
written."""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from search.model import Article

_PORT = re.compile(r"(.*?)(?::([0-9]{1,5}))?", re.DOTALL)
_LONGEST_HOST = 253  # characters (RFC 1035)
# The ports that go without saying; without a scheme, those of both.
_OWN_PORTS = {"http": ("80",), "https": ("443",), "": ("80", "443")}


def article_path(article_id: str) -> str:
    """Where the service has the page of an article, from its root on."""
    return f"article/{id_path(article_id)}"


def public_address(article: Article, site_url: str) -> str:
    """Where the article can be read: at the newspaper's, else on the service at `site_url`; nothing where neither is
    known."""
    return outside(article.url) or (f"{site_url.rstrip('/')}/{article_path(article.id)}" if site_url else "")


def id_path(article_id: str) -> str:
    """The id as a path; slashes are hidden where clients and proxies would change the path around them."""
    plain = all(part not in {"", ".", ".."} for part in article_id.split("/"))
    return quote(article_id, safe="/" if plain else "")


def ascii_host(host: str, scheme: str = "") -> str:
    """A host and its port as browsers write them: in lower case, with letters beyond ASCII in punycode, without the
    port that is the scheme's own. ValueError where it is none."""
    parts = _PORT.fullmatch(host.lower())
    if not parts or len(parts[1]) > _LONGEST_HOST:
        raise ValueError(f"{host[:100]!r} is no host")
    name, port = parts[1].encode("idna").decode(), parts[2]
    return name if not port or port in _OWN_PORTS[scheme] else f"{name}:{port}"


@lru_cache(maxsize=4096)
def outside(url: str) -> str:
    """The address where it is plainly one of the web, else nothing: it came with an article."""
    # Browsers read a backslash as a slash and drop control characters; urlsplit does neither.
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port, ascii_host(parts.hostname or "")  # raise where they are none
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc else ""
