"""Which terms a word is found by: the only user of snowballstemmer and pymorphy3.

The terms of a word are the Snowball stems of all its lemmas and of the word itself. Snowball alone splits a third of
the frequent lemmas (рынок/рынка); a dictionary alone knows no new names.
"""

from __future__ import annotations

import re
import threading
from functools import cache

import pymorphy3
import snowballstemmer

from search.analysis.folding import fold_kazakh

__all__ = ["Morphology"]

# Longer words are no words: their lemmas would be guessed from the ending, at a cost that grows with the length.
LONGEST_WORD = 64
_CYRILLIC = re.compile("[а-я]")


class Morphology:
    """Terms of exact forms. `lemmas=False` leaves Snowball alone, for comparisons. Safe for many threads."""

    def __init__(self, *, lemmas: bool = True) -> None:
        self.lemmas = lemmas
        self._stemmer = snowballstemmer.stemmer("russian")
        self._lock = threading.Lock()

    def terms(self, form: str) -> tuple[str, ...]:
        """The terms of an exact form, its home term (the stem of the form itself) first, then in order."""
        word = fold_kazakh(form)
        if len(word) > LONGEST_WORD or not word.isalpha():
            return (self._stem(word),) if len(word) <= LONGEST_WORD else (word,)
        home = self._stem(word)
        # Words without a Cyrillic letter are not in the dictionary, and pymorphy3 fails at letters without a name.
        if not self.lemmas or not _CYRILLIC.search(word):
            return (home,)
        others = {self._stem(lemma.replace("ё", "е")) for lemma in lemmas(word)}
        return (home, *sorted(others - {home}))

    def _stem(self, word: str) -> str:
        # The C stemmer keeps its state in the object and serves one thread at a time.
        with self._lock:
            return str(self._stemmer.stemWord(word)) or word


def lemmas(word: str) -> set[str]:
    """The lemmas of a word in lower case: of all its parses, by the dictionary, else by analogy."""
    analyzer = _pymorphy()
    dictionary = analyzer.dictionary
    # The look-up alone, without tags and probabilities: several times faster than `normal_forms`, with its answer.
    found = {
        dictionary.build_normal_form(paradigm, number, known)
        for known, parses in dictionary.words.similar_items(word, analyzer.char_substitutes)
        for paradigm, number in parses
    }
    # Single letters are read as initials too, which is not in the dictionary.
    return found if found and len(word) > 1 else found.union(analyzer.normal_forms(word))


@cache
def _pymorphy() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer(lang="ru")
