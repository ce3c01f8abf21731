"""Texts that were read in another encoding than they were written in, as «Ð¡Ñ‚ÐµÐ¿ÑŒ» and «Ñòåïü»; lost letters."""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any

# As what a text may have been read, and what it was.
_MISREAD = (("latin1", "utf-8"), ("cp1252", "utf-8"), ("cp1251", "utf-8"), ("cp1252", "cp1251"))
# Words of such letters alone, of which no language has any.
_CYRILLIC = re.compile(r"(?s)(?!.*(?:[a-z][À-ÿ]|[À-ÿ][a-z])).*[à-ÿ]{4}", re.ASCII)
_LOST = re.compile(r"(?<!\?)\?{2,}[^\w?]+\?{3}|^[^\w?]*\?{5,}[^\w?]*$|(?:\ufffd[^\ufffd]*){3}")
# Of a large source not every row is looked at.
_FIRST, _EVERY = 300, 100
_REMEDY = (
    "export it again; or mend a file by iconv -f UTF-8 -t {read} | iconv -f {written} -t UTF-8, a table by "
    "convert(cast(convert(title using {table}) as binary) using {bytes})"
)

# A byte that the encoding has no character for stands in the text as that of its number.
codecs.register_error("arkhiv-bytes", lambda error: (error.object[error.start : error.end].encode("latin1"), error.end))  # type: ignore[attr-defined]  # the error of an encoder has these

_LONGEST = 500  # characters that are looked at


class MisreadTexts:
    """Looks through titles and authors of one source, and says each kind of fault once."""

    def __init__(self) -> None:
        self._rows = 0
        self._faults: set[str] = set()

    def warnings(self, record: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with the row and was not yet with another, with the remedy."""
        self._rows += 1
        if self._rows > _FIRST and self._rows % _EVERY:
            return
        for field in ("title", "author"):
            if isinstance(text := record.get(field), str):
                fault, rest = _fault(text[:_LONGEST])
                if fault and fault not in self._faults:
                    self._faults.add(fault)
                    yield f"{field}: {text[:60]!r} {fault}{rest} (said once)"


def _fault(text: str) -> tuple[str, str]:
    """What happened to a text, how it should read, and the remedy; empty where nothing did."""
    if _LOST.search(text):
        return "has lost its letters before it came here", "; export it again, as UTF-8"
    read, written, mended = _mended(text)
    if not mended:
        return "", ""
    original, table = _mended(mended)[2], "cp1251" if read == "cp1251" else "latin1"
    names = {"read": read.upper(), "written": written.upper(), "table": table}
    remedy = _REMEDY.format(**names, bytes=written.replace("utf-8", "utf8mb4"))
    fault = f"is {names['written']} that was read as {names['read']}{' twice' if original else ''}"
    return fault, f", of {(original or mended)[:60]!r}; {remedy}"


def _mended(text: str) -> tuple[str, str, str]:
    """As what a text was read, what it was, and the text as it was; empty where it is as it was."""
    for read, written in () if text.isascii() else _MISREAD:
        try:
            mended = text.encode(read, "arkhiv-bytes").decode(written)
        except UnicodeError:
            continue
        letters = sum(letter.isalpha() and not letter.isascii() for letter in mended)
        if _CYRILLIC.match(text) if written == "cp1251" else read != "cp1251" or letters > 2:
            return read, written, mended
    return "", "", ""
