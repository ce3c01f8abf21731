"""The addresses that lead to an article, which of those that came with one may be linked to, and how hosts are
written."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from search.model import Article

# At its longest (RFC 1035): letters beyond ASCII take more, and time to be counted.
_HOST = re.compile(r"(?P<name>[^:\[\]]{1,253}|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{0,5}))?")
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")
# The ports that go without saying; without a scheme, those of both.
_OWN_PORTS = {"http": (80,), "https": (443,), "": (80, 443)}
# Browsers drop these, or read a backslash as a slash; a mark of direction shows another address than it leads to.
_NO_ADDRESS = re.compile(r"[\s\\\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
    port that is the scheme's own; nothing where it is none."""
    if not (parts := _HOST.fullmatch(host.lower())):
        return ""
    try:
        name = parts["name"].encode("idna").decode()
        if not _NAME.fullmatch(name):
            ip_address(name.strip("[]"))
    except ValueError:  # a part of it is empty or too long, or it is no address of IPv6
        return ""
    port = int(parts["port"] or 80)
    if not 0 < port < 1 << 16:
        return ""
    return name if not parts["port"] or port in _OWN_PORTS.get(scheme, ()) else f"{name}:{port}"


def shown_host(host: str, scheme: str = "") -> str:
    """The same in the letters of its own script: газета.рф; nothing where it is none."""
    try:
        return ascii_host(host, scheme).encode().decode("idna")
    except ValueError:  # what stands behind xn-- is none
        return ""


def without_port(host: str) -> str:
    """A host of `ascii_host`, whatever its port, and without the dot of its root."""
    return re.sub(r":[0-9]+$", "", host).removesuffix(".")


@lru_cache(maxsize=4096)
def outside(url: str) -> str:
    """The address where it is plainly one of the web, else nothing: it came with an article."""
    if _NO_ADDRESS.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and ascii_host(parts.netloc) else ""
