"""Runs to numbers while articles are written: every distinct run of letters is taken apart and analysed once."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.analysis import Analyzer
from search.analysis.analyzer import words_of_run
from search.engines.whoosh.vocabulary import form_key, term_key
from search.engines.whoosh.write.postings import NO_FORM


@dataclass(frozen=True, slots=True, eq=False)
class RunTables:
    """A vocabulary and its runs in columns. `keys` and `forms` may grow further while it is used, at their ends."""

    entry_at: NDArray[np.int64]  # [runs + 1]: where the entries of each run begin
    key: NDArray[np.int32]  # [entries]: the key of a term
    form: NDArray[np.int32]  # [entries]: the form, or NO_FORM where the key is not its home term's
    position: NDArray[np.int32]  # [entries]: the word's position in the run
    width: NDArray[np.int32]  # [runs]: how many positions each run takes
    form_term: NDArray[np.int32]  # [forms]: the home term's key
    keys: Sequence[str]
    forms: Sequence[str]


class GrowingVocabulary:
    """The keys, forms and runs that one writer has met, numbered in the order of their first coming.

    A run has entries, one for each term of each of its words; see `RunTables`.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._keys: list[str] = []
        self._forms: list[str] = []
        self._key_numbers: dict[str, int] = {}
        self._form_numbers: dict[str, int] = {}
        self._form_term = array("i")
        self._entry_at = array("q", [0])
        self._entry_key = array("i")
        self._entry_form = array("i")
        self._entry_position = array("i")
        self._width = array("i")

    def key(self, key: str) -> int:
        """The number of a vocabulary key."""
        number = self._key_numbers.setdefault(key, len(self._keys))
        if number == len(self._keys):
            self._keys.append(key)
        return number

    def take_in(self, letter: str, run: str) -> int:
        """Analyse a run that stands in the fields of this letter, and number it."""
        words = words_of_run(run)
        for token in words:
            terms = self._analyzer.standing(token)
            form = self._form(form_key(letter, token.form), self.key(term_key(letter, terms[0])))
            for term in terms:
                self._entry_key.append(self.key(term_key(letter, term)))
                self._entry_form.append(form)
                self._entry_position.append(token.position)
                form = NO_FORM
        self._entry_at.append(len(self._entry_key))
        self._width.append(words[-1].position + 1 if words else 0)
        return len(self._width) - 1

    def _form(self, key: str, home: int) -> int:
        number = self._form_numbers.setdefault(key, len(self._forms))
        if number == len(self._forms):
            self._forms.append(key)
            self._form_term.append(home)
        return number

    def tables(self) -> RunTables:
        """What is known now, in columns."""
        return RunTables(
            entry_at=np.array(self._entry_at),
            key=np.array(self._entry_key),
            form=np.array(self._entry_form),
            position=np.array(self._entry_position),
            width=np.array(self._width),
            form_term=np.array(self._form_term),
            keys=self._keys,
            forms=self._forms,
        )
