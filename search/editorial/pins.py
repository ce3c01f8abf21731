"""Which articles editors want readers to see first: a file in which they stand beside what is searched for.

    выборы, голосование = 2024-0517-1, 2024-0518-3      # these articles first, in this order

A line of words with commas between, and of ids. Words are meant in any form and order, as the whole of what is typed.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from search.analysis import Analyzer
from search.editorial.reloading import ReloadingFile
from search.errors import UserError
from search.query.lexer import Kind, signs

log = logging.getLogger("arkhiv")

# So many articles are pinned to one query.
MOST_PINNED = 10
_COMMENT = re.compile(r"(?:^|\s)#.*")


class _Pin(NamedTuple):
    """The words that a query has to be made of, each as the forms that it may be spoken of by; the ids of articles."""

    words: tuple[frozenset[str], ...]
    ids: tuple[str, ...]


class Pins:
    """The articles of one file, read again when it changes."""

    def __init__(self, path: Path, analyzer: Analyzer) -> None:
        """A line that makes no sense is logged and left out, and so is a file that cannot be read: a slip of an editor
        is not to cost readers the archive."""
        self._analyzer = analyzer
        self._path = path
        self._pins = ReloadingFile[Mapping[str, list[_Pin]]]("pins", path, self._read, without={})

    @property
    def state(self) -> str:
        """Tells one content of the file from another."""
        return self._pins.state

    def ids(self, text: str) -> tuple[str, ...]:
        """The articles that are pinned to the words of a query, in order."""
        # The forms under which each typed word may stand in the file.
        typed = [self._analyzer.lemmas(form) | {form} for form in self._forms(text)]
        pins = self._pins.value
        near = dict.fromkeys(chain.from_iterable(pins.get(form, ()) for form in typed[0])) if typed else ()
        pinned = (pin.ids for pin in near if _is_asked(pin.words, typed))
        return tuple(dict.fromkeys(chain.from_iterable(pinned)))[:MOST_PINNED]

    def every(self) -> tuple[str, ...]:
        """The ids of all articles in the file."""
        return tuple(dict.fromkeys(one for pins in self._pins.value.values() for pin in pins for one in pin.ids))

    def _read(self, lines: list[str]) -> Mapping[str, list[_Pin]]:
        pins: defaultdict[str, list[_Pin]] = defaultdict(list)
        for number, line in enumerate(lines, 1):
            if line := _COMMENT.sub("", line).strip():
                try:
                    line_pins = self._of_line(line)
                except UserError as error:
                    log.warning("pins: %s:%d: %s; this line is left out", self._path, number, error.reason)
                    continue
                for pin in line_pins:
                    for form in frozenset().union(*pin.words):
                        pins[form].append(pin)
        return pins

    def _of_line(self, line: str) -> list[_Pin]:
        """The pins of a line; UserError says why it is none."""
        queries, is_one, named = line.partition("=")
        ids = tuple(part.strip() for part in named.split(",") if part.strip())
        if not is_one or not ids:
            raise UserError("pins", "not as «words = id, id»")
        if len(ids) > MOST_PINNED:
            raise UserError("pins", f"{len(ids)} ids, and no more than {MOST_PINNED} are shown")
        return [_Pin(self._words(part), ids) for part in queries.split(",")]

    def _words(self, text: str) -> tuple[frozenset[str], ...]:
        words = tuple(self._meant_by(form) for form in self._forms(text))
        if not words:
            raise UserError("pins", "no words before =")
        if not all(sign.kind is Kind.WORD for sign in signs(text)):
            raise UserError("pins", f"{text.strip()!r} is more than words")
        return words

    def _forms(self, text: str) -> list[str]:
        return [token.form for token in self._analyzer.tokens(text) if not token.whole]

    def _meant_by(self, form: str) -> frozenset[str]:
        """What a word of the file means: itself in its dictionary form, else any word that it may be a form of."""
        lemmas = self._analyzer.lemmas(form)
        return frozenset({form}) if form in lemmas else lemmas | {form}


def _is_asked(words: tuple[frozenset[str], ...], typed: list[frozenset[str]]) -> bool:
    """Whether what was typed is these words, whatever their order."""
    return (
        len(words) == len(typed)
        and all(any(word & one for one in typed) for word in words)
        and all(any(word & one for word in words) for one in typed)
    )
