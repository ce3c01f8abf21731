"""A reader's text cut into the signs of the grammar. Never fails: what is no sign is part of a word."""

import re
from collections.abc import Iterator
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace


class Kind(Enum):
    """What a sign is."""

    WORD = auto()
    PREFIX = auto()
    QUOTE = auto()
    OPEN = auto()
    CLOSE = auto()
    PIPE = auto()
    FIELD = auto()
    MINUS = auto()
    EQUALS = auto()
    AND = auto()
    OR = auto()
    NOT = auto()


class Sign(Struct, frozen=True, gc=False):
    """One sign: `text` is how it was typed, or what stands inside the quotes; `slop` the number after `~`.

    `at` is where `text` begins in the whole.
    """

    kind: Kind
    text: str
    slop: int | None = None
    at: int = 0


FIELDS = ("заголовок", "автор", "рубрика", "дата", "кто", "title", "author", "section", "date", "who")
_OPERATORS = {"И": Kind.AND, "AND": Kind.AND, "ИЛИ": Kind.OR, "OR": Kind.OR, "НЕ": Kind.NOT, "NOT": Kind.NOT}
# Of more words all in capitals, «И», «ИЛИ» and «НЕ» are words too, and in «НЕ ПРОЙДЁТ!»: a headline was pasted.
SHOUTED = 3
_SINGLE = {"(": Kind.OPEN, ")": Kind.CLOSE, "|": Kind.PIPE}
# Where none of its own stands behind a quote, another one closes it: who types both mixes keyboards.
_CLOSING = {'"': ('"', "“”"), "«": ("»", '"”'), "„": ("“”", '"'), "“": ("”", '"“'), "”": ("”", '"'), "‹": ("›", '"')}
# The forms of East Asian keyboards, and what looks like a sign.
_WIDE = str.maketrans("（）｜¦ǀ＂″‟〝〞－﹣⁃˗➖＊∗＝：～∼", '()|||"""""-----**=:~~')

# Any dash excludes as a minus does: phones and editors put long ones.
DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")

_SPACE = re.compile(r"\s+")
_FIELD = re.compile(rf"({'|'.join(FIELDS)})\s?:\s*(?=\S)", re.IGNORECASE)
_SLOP = re.compile(r"\s?~([0-9]+)(?![^\s()|])")
# A chunk ends at a space or at a sign; hyphens, colons and the rest inside it are left to the analyzer.
_CHUNK = re.compile(r'[^\s()|"«„“”‹]+')
_STARRED = re.compile(r"\w[^\s()|\"«„“”‹*]*\*(?=[\s()|]|$)")
_DASH = "[" + re.escape("".join(sorted(DASHES))) + "]"
_DASHED = re.compile(rf"{_DASH}++(?![\s\d]|$)")


def signs(text: str) -> Iterator[Sign]:
    """The signs of a text, in order."""
    text = text.translate(_WIDE)
    at, fresh = 0, True  # fresh: a unit may begin here, so that - and = are signs
    shouted = text.isupper() and (len(text.split()) > SHOUTED or text.startswith("НЕ "))
    while at < len(text):
        if space := _SPACE.match(text, at):
            at, fresh = space.end(), True
            continue
        sign, end = _sign(text, at, fresh)
        if sign is not None:
            if shouted and sign.kind in {Kind.AND, Kind.OR, Kind.NOT} and not sign.text.isascii():
                sign = replace(sign, kind=Kind.WORD)
            yield replace(sign, at=at + (sign.kind is Kind.QUOTE))
        fresh = sign is not None and sign.kind in _OPENERS
        at = end


_OPENERS = {Kind.OPEN, Kind.PIPE, Kind.FIELD, Kind.MINUS}


def _sign(text: str, at: int, fresh: bool) -> tuple[Sign | None, int]:
    """The sign that begins at `at`, if any, and where the next may begin."""
    mark = text[at]
    if mark in _SINGLE:
        return Sign(_SINGLE[mark], mark), at + 1
    if mark in _CLOSING:
        return _quote(text, at)
    # Before a digit it is the sign of a number: −5 °C.
    if fresh and (dashed := _DASHED.match(text, at)):
        return Sign(Kind.MINUS, dashed[0]), dashed.end()
    if fresh and mark == "=" and _exact_begins(text, at + 1):
        return Sign(Kind.EQUALS, mark), at + 1
    if fresh and (field := _FIELD.match(text, at)):
        return Sign(Kind.FIELD, field[1].lower()), field.end()
    if starred := _STARRED.match(text, at):
        return Sign(Kind.PREFIX, starred[0][:-1]), starred.end()
    return _chunk(text, at)


def _exact_begins(text: str, at: int) -> bool:
    """Whether a word or a closed phrase begins here."""
    return text[at : at + 1].isalnum() or (text[at : at + 1] in _CLOSING and _quote(text, at)[0] is not None)


def _quote(text: str, at: int) -> tuple[Sign | None, int]:
    """The phrase that opens at `at`; a quote that nothing closes is no sign."""
    ends = ([end for mark in marks if (end := text.find(mark, at + 1)) >= 0] for marks in _CLOSING[text[at]])
    end = next((min(places) for places in ends if places), -1)
    if end < 0:
        return None, at + 1
    if slop := _SLOP.match(text, end + 1):
        return Sign(Kind.QUOTE, text[at + 1 : end], int(slop[1][:9])), slop.end()
    return Sign(Kind.QUOTE, text[at + 1 : end]), end + 1


def _chunk(text: str, at: int) -> tuple[Sign | None, int]:
    match = _CHUNK.match(text, at)
    if match is None:
        return None, at + 1
    kind = _OPERATORS.get(match[0], Kind.WORD)
    return Sign(kind, match[0]), match.end()
