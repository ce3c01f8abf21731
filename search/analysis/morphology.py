"""Which terms a word is found by: the only user of snowballstemmer and pymorphy3.

The terms of a word are the Snowball stems of its lemmas and of the word itself. Snowball alone splits a third of
the frequent lemmas (рынок/рынка); a dictionary alone knows no new names. A word that is a lemma itself has no other:
«дело» is not a form of «деть». Personal pronouns and superlatives stay apart.
"""

import re
import threading
from functools import cache

import pymorphy3
import snowballstemmer

from search.analysis.folding import fold_kazakh

# Longer words are no words: their lemmas would be guessed from the ending, at a cost that grows with the length.
LONGEST_WORD = 64
_RUSSIAN = re.compile("[а-я]+")
# The kinds of word whose dictionary form is no form of another word; an adverb may be (днём, летом).
_LEMMAS = frozenset({"NOUN", "ADJF", "INFN"})
# Forms that are words of their own.
_APART = frozenset({"NPRO", "Supr"})

# What a word of a query weighs by its kind, in per cent: grammemes of pymorphy3, of all parses or of the first.
FUNCTION_WORDS, FUNCTION_PERCENT = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ", "Apro"}), 30
AUXILIARIES = frozenset({"быть", "мочь", "стать", "являться"})
NAMES, NAME_PERCENT = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Abbr"}), 130
KIND_PERCENT = {
    **dict.fromkeys(("VERB", "INFN", "PRTF", "PRTS", "GRND", "ADVB", "PRED", "COMP", "NUMR"), 60),
    **dict.fromkeys(("ADJF", "ADJS"), 90),
}
UNKNOWN_PERCENT = 120


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
        # Words with other letters are not in the dictionary, and pymorphy3 fails at letters without a name.
        if not self.lemmas or not _RUSSIAN.fullmatch(word):
            return (home,)
        others = {self._stem(lemma) for lemma in self.lemmas_of(form)}
        return (home, *sorted(others - {home}))

    def lemmas_of(self, form: str) -> frozenset[str]:
        """The lemmas of an exact form, ё as е; itself where it is no Russian word."""
        word = fold_kazakh(form)
        if not self.lemmas or len(word) > LONGEST_WORD or not _RUSSIAN.fullmatch(word):
            return frozenset({form})
        return frozenset(lemma.replace("ё", "е") for lemma in lemmas(word))

    def percent(self, form: str) -> int:
        """How much a word of this exact form weighs in a query beside others as rare, in per cent.

        Names, and words that the dictionary does not know, say more of what is meant than verbs and function words.
        """
        word = fold_kazakh(form)
        if not self.lemmas or len(word) > LONGEST_WORD:
            return 100
        if not _RUSSIAN.fullmatch(word):
            return NAME_PERCENT
        parses = _pymorphy().parse(word)
        if any(FUNCTION_WORDS & parse.tag.grammemes or parse.normal_form in AUXILIARIES for parse in parses):
            return FUNCTION_PERCENT
        if any(NAMES & parse.tag.grammemes for parse in parses):
            return NAME_PERCENT
        return KIND_PERCENT.get(parses[0].tag.POS, 100) if parses[0].is_known else UNKNOWN_PERCENT

    def _stem(self, word: str) -> str:
        # The C stemmer keeps its state in the object and serves one thread at a time.
        with self._lock:
            return str(self._stemmer.stemWord(word)) or word


def lemmas(word: str) -> set[str]:
    """The lemmas of a word in lower case, by the dictionary, else by analogy."""
    analyzer = _pymorphy()
    dictionary = analyzer.dictionary
    found = set()
    # The look-up alone, without probabilities: several times faster than `normal_forms`.
    for known, parses in dictionary.words.similar_items(word, analyzer.char_substitutes):
        for paradigm, number in parses:
            lemma = dictionary.build_normal_form(paradigm, number, known)
            kinds = _kinds(paradigm, number)
            if lemma == word and not _LEMMAS.isdisjoint(kinds):
                return {word}
            found.add(lemma if _APART.isdisjoint(kinds) else word)
    # Single letters are read as initials too, which is not in the dictionary.
    return found if found and len(word) > 1 else found.union(analyzer.normal_forms(word))


@cache
def _kinds(paradigm: int, number: int) -> frozenset[str]:
    """The grammemes of the form that has this number in a paradigm."""
    return frozenset(_pymorphy().dictionary.build_tag_info(paradigm, number).grammemes)


@cache
def _pymorphy() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer(lang="ru")
