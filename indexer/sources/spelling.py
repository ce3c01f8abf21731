"""In which encoding a page was saved."""

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_LOOKED_AT = 4_096
_RUSSIAN = ["cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5"]


def decode(content: bytes) -> str:
    """The text of a page: by its byte order mark; as UTF-8 where it is that, cut short or not; by what it declares;
    else by its letters. UTF-8 goes before the declaration, because whatever is UTF-8 by chance is no Russian.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        declared = _DECLARED.search(content[:_LOOKED_AT])
    if declared:
        try:
            text = content.decode(declared[1].decode(), errors="replace")
        except (LookupError, UnicodeError):
            text = ""
        # A page that was converted, and not its declaration, is full of what the declared encoding does not have.
        if text and text.count("\N{REPLACEMENT CHARACTER}") * 100 <= len(text):
            return text
    best = from_bytes(content, cp_isolation=_RUSSIAN).best()
    return str(best) if best else content.decode("cp1251", errors="replace")
