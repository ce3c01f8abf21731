"""In which encoding a page was saved."""

import codecs
import re
from contextlib import suppress

from charset_normalizer import from_bytes

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
