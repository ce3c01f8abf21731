"""Words to numbers while articles are added: every distinct run of letters is taken apart and analysed once."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from search.analysis import Analyzer
from search.analysis.analyzer import words_of_run
from search.engines.whoosh.postings import NO_FORM
from search.engines.whoosh.vocabulary import form_key, term_key

__all__ = ["Lexicon"]


class Lexicon:
    """The keys, forms and runs that one writer has met, numbered in the order of their first coming.

    A run has entries, one for each term of each of its words: the term's key, the form (NO_FORM where the key is not
    the form's home term) and the word's position in the run; `entry_at` [runs + 1] says where they begin.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self.keys: list[str] = []
        self.forms: list[str] = []
        self._key_numbers: dict[str, int] = {}
        self._form_numbers: dict[str, int] = {}
        self._form_term = array("i")
        self._entry_at = array("q", [0])
        self._entry_key = array("i")
        self._entry_form = array("i")
        self._entry_position = array("i")
        self._width = array("i")

    def runs(self, letter: str) -> _Runs:
        """The numbers of runs that stand in the fields of this letter; an unknown run is taken in when asked for."""
        return _Runs(self, letter)

    def key(self, key: str) -> int:
        """The number of a vocabulary key."""
        number = self._key_numbers.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
        return number

    def take_in(self, letter: str, run: str) -> int:
        """Analyse a run and number it."""
        words = words_of_run(run)
        for token in words:
            terms = self.analyzer.terms(token.form)
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
        number = self._form_numbers.setdefault(key, len(self.forms))
        if number == len(self.forms):
            self.forms.append(key)
            self._form_term.append(home)
        return number

    @property
    def form_term(self) -> NDArray[np.int32]:
        """Of each form its home term's key: i4 [forms]."""
        return np.array(self._form_term)

    def tables(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """entry_at i8 [runs + 1]; key, form and position i4 [entries]."""
        columns = (self._entry_key, self._entry_form, self._entry_position)
        key, form, position = (np.array(column, np.int32) for column in columns)
        return np.array(self._entry_at, np.int64), key, form, position

    def widths(self) -> NDArray[np.int32]:
        """How many positions each run takes: i4 [runs]."""
        return np.array(self._width, np.int32)


class _Runs(dict[str, int]):
    """Run to number; a look-up of an unknown one numbers it, so that an occurrence costs one look-up."""

    def __init__(self, lexicon: Lexicon, letter: str) -> None:
        super().__init__()
        self._lexicon = lexicon
        self._letter = letter

    def __missing__(self, run: str) -> int:
        number = self[run] = self._lexicon.take_in(self._letter, run)
        return number
