"""The text of a page out of the bytes of a file: what they are wrapped in, and in which encoding they are."""

import codecs
import re
import zlib
from contextlib import suppress
from email import message_from_bytes

from charset_normalizer import from_bytes

from indexer.sources.pages.folder import MAX_PAGE

_MHTML = re.compile(rb"(?:[\w-]+: .*\n(?:[ \t].*\n)*)*?MIME-Version: ", re.IGNORECASE)
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->")
# The byte order mark, or the first tag without one.
_MARKS = {codecs.BOM_UTF8: "utf-8"} | dict.fromkeys((codecs.BOM_UTF16_LE, b"<\0"), "utf-16-le")
_MARKS |= dict.fromkeys((codecs.BOM_UTF16_BE, b"\0<"), "utf-16-be")
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_SEARCHED_BYTES = 4_096
# So many characters show what a text is.
_READ = 20_000
# A page with one damaged character among so many whole ones is UTF-8 all the same.
_BROKEN, _WHOLE_FOR_A_BROKEN = "\N{REPLACEMENT CHARACTER}", 20
_RUSSIAN = ["cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5"]


def unwrapped(content: bytes) -> tuple[bytes, str]:
    """The page in an archive of one, as browsers save it (MHTML), or as servers send it (gzip); other pages as they
    are. And the address that a browser noted beside it."""
    if content.startswith(b"\x1f\x8b"):
        with suppress(zlib.error):
            content = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, MAX_PAGE)
    if not _MHTML.match(content):
        noted = _SAVED_FROM.search(content[:_SEARCHED_BYTES])
        return content, noted[1].decode(errors="replace") if noted else ""
    message = message_from_bytes(content)
    pages = [part for part in message.walk() if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
    if not pages:
        return b"", ""
    # Frames of the page, which are pages too, may stand before it.
    start = {str(message.get_param("start", "")), str(message["Snapshot-Content-Location"])}
    page = next((part for part in pages if start & {part["Content-ID"], part["Content-Location"]}), pages[0])
    return bytes(page.get_payload(decode=True) or b""), str(page["Content-Location"] or "")


def decode(content: bytes) -> str:
    """The text of a page: by its byte order mark; as UTF-8 where most of it is that, cut short or not; by what it
    declares, where Russian or another language comes of it; else by its letters.

    UTF-8 goes before the declaration, because whatever is UTF-8 by chance is no Russian.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        text = content.decode(errors="replace")
    if sum(char > "\x7f" for char in text) > _WHOLE_FOR_A_BROKEN * text.count(_BROKEN):
        return text
    if declared := _DECLARED.search(content[:_SEARCHED_BYTES]):
        with suppress(LookupError, UnicodeError):
            text = content.decode(declared[1].decode(), errors="replace")
            # Where it was converted, and not its declaration, what comes of it is no language.
            foreign = sum(char > "\x7f" for char in text)
            if text.count(_BROKEN) * _WHOLE_FOR_A_BROKEN <= foreign and _is_language(text):
                return text
    for encodings in (_RUSSIAN, None):
        best = from_bytes(content, cp_isolation=encodings).best()
        if best and _is_language(str(best)):
            return str(best)
    return content.decode("cp1251", errors="replace")


def _is_language(text: str) -> bool:
    """Whether the letters of a text can be those of a language: what is mostly accented letters, or Cyrillic capitals,
    is Russian in another encoding."""
    letters = [char for char in text[:_READ] if char.isalpha()]
    foreign = sum(letter > "\x7f" for letter in letters)
    seldom = sum("\x7f" < letter <= "\u00ff" or "\u0400" <= letter <= "\u042f" for letter in letters)
    return foreign * 3 < len(letters) or seldom * 2 < foreign
