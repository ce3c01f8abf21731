"""When a text is an article's id or the address of its page, and which spellings of an address are one."""

import re
from urllib.parse import unquote, urlsplit

from search.links import shown_host, without_port
from search.query.tree import Address

_WEB = re.compile(r"(?:https?://|//|www\.|[^\s/]+\.[^\s/.]+/)\S+", re.IGNORECASE)
# What stands around an address in a sentence.
_AROUND = "<>()«»\"“”„'.,;"
# What is only letters is a word, whatever ids there are.
_TELLING = re.compile(r"[\d/_.:-]")
# What mailings and social networks add to the addresses that they pass on.
_ADDED = re.compile(r"(?:utm_\w+|fbclid|gclid|yclid|ysclid|from|_openstat)(?:=|$)", re.IGNORECASE)
# The pages of the archive itself.
_OWN = "/article/"


def page_key(url: str) -> str:
    """What spellings of one page's address share: without scheme, www., fragment, slash at the end and what mailings
    add, the host in small letters of its own script, escapes read; nothing where it has no host."""
    if "://" not in url:
        url = f"http://{url.removeprefix('//')}"
    try:
        parts = urlsplit(url)
        host = without_port(shown_host(parts.netloc.rpartition("@")[2])).removeprefix("www.")
    except ValueError:
        return ""
    parameters = "&".join(
        parameter for parameter in parts.query.split("&") if parameter and not _ADDED.match(parameter)
    )
    page = unquote(host + parts.path).rstrip("/")
    return (f"{page}?{unquote(parameters)}" if parameters else page) if host else ""


def address(text: str) -> Address | None:
    """The id or the page that a whole text names; None where it is no address."""
    if not text or any(letter.isspace() for letter in text) or not _TELLING.search(text):
        return None
    plain = text.strip(_AROUND)
    plain += ")" * (plain.count("(") > plain.count(")") and f"{plain})" in text)
    if not _WEB.fullmatch(plain):
        return Address((text,))
    page = page_key(plain)
    _, own, article_id = page.partition(_OWN)
    return Address((text, article_id) if own and article_id else (text,), page)
