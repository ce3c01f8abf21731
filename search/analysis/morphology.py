"""Which terms a word is found by: the only user of snowballstemmer.

A word of the dictionary is found by its lemmas as they are, with a low line before them, which no word has. So it meets
its own forms and no other word's: Snowball splits a third of the frequent lemmas (рынок/рынка), and makes one of words
that only look alike (СВО/свой, почта/почти). A word that the dictionary does not know is found by the stems of itself
and of its guessed lemmas. What looks like a surname has its base as a term beside the others: «Токаев», which the
dictionary takes for a form of «токай», meets «Токаева», which it does not know.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pymorphy3
import snowballstemmer

from search.analysis.folding import fold_kazakh

# Longer words are no words: their lemmas would be guessed from the ending, at a cost that grows with the length.
LONGEST_WORD = 64
_RUSSIAN = re.compile("[а-я]+")
LEMMA = "_"
# A parse counts from this share of the word's occurrences in pymorphy3's corpus on; a dictionary form is always one.
LEAST_SHARE = 0.02
# Guesses about so short words are wrong: most of them are abbreviations.
SHORTEST_GUESSED = 4
_SURNAME = re.compile(r"(?P<base>.{2,}(?:[ое]в|[иы]н))(?:а|у|е|ы|ом|ым|ой|ых|ыми)?")

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
        """The terms of an exact form, its home term (the likeliest lemma, else the stem of the form itself) first."""
        word = fold_kazakh(form)
        if len(word) > LONGEST_WORD:
            return (word,)
        # Words with other letters are not in the dictionary, and pymorphy3 fails at letters without a name.
        if not self.lemmas or not _RUSSIAN.fullmatch(word):
            return (self._stem(word),)
        parses = _parses(word)
        return tuple(dict.fromkeys(self._of_dictionary(word, parses) if parses else self._guessed(word)))

    def _of_dictionary(self, word: str, parses: Sequence[tuple[str, frozenset[str], float]]) -> Iterator[str]:
        lemmas: list[str] = []
        for lemma, kinds, share in parses:
            if "NPRO" in kinds:  # «его» asks for no «он»
                yield LEMMA + word
            elif "Supr" in kinds:  # a word of its own, whose dictionary form is that of the adjective
                yield f"{LEMMA}{self._stem(word)}{LEMMA}"
            elif not lemmas or share >= LEAST_SHARE or lemma == word:
                lemmas.append(lemma)
                yield LEMMA + lemma
        surname = _SURNAME.fullmatch(word)
        if surname and surname["base"] == word and word not in lemmas:
            yield word

    def _guessed(self, word: str) -> Iterator[str]:
        if len(word) < SHORTEST_GUESSED:
            yield word
            return
        yield self._stem(word)
        yield from sorted(self._stem(lemma.replace("ё", "е")) for lemma in pymorphy().normal_forms(word))
        if surname := _SURNAME.fullmatch(word):
            yield surname["base"]

    def beginnings(self, term: str, length: int) -> frozenset[str] | None:
        """The first letters, so many, of all exact forms that have a term; None where that is not known: of a stem,
        which words have that no dictionary lists."""
        if not term.startswith(LEMMA):
            return None
        lemma = term.strip(LEMMA)
        parses = pymorphy().parse(lemma)
        of_lemma = (parse for parse in parses if parse.normal_form.replace("ё", "е") == lemma)
        forms = {form.word.replace("ё", "е") for parse in of_lemma for form in parse.lexeme}
        return frozenset(form[:length] for form in (lemma, *forms))

    def lemmas_of(self, form: str) -> frozenset[str]:
        """The lemmas of an exact form, ё as е; itself where it is no Russian word."""
        word = fold_kazakh(form)
        if not self.lemmas or len(word) > LONGEST_WORD or not _RUSSIAN.fullmatch(word):
            return frozenset({form})
        return frozenset(lemma.replace("ё", "е") for lemma in pymorphy().normal_forms(word))

    def is_word(self, form: str) -> bool:
        """Whether it is a word of the dictionary, and not an abbreviation alone."""
        word = fold_kazakh(form)
        parses = _parses(word) if self.lemmas and len(word) <= LONGEST_WORD and _RUSSIAN.fullmatch(word) else []
        return any("Abbr" not in kinds for _, kinds, _ in parses)

    def is_function(self, form: str) -> bool:
        """Whether a word of this exact form says how others belong together rather than what is meant: of the words
        that weigh `FUNCTION_PERCENT` all but those that are a noun as well, as «стали», «марш» and «правда» are."""
        word = fold_kazakh(form)
        if not self.lemmas or self.percent(form) != FUNCTION_PERCENT:
            return False
        parses = _parses(word)
        noun = sum(share for _, kinds, share in parses if "NOUN" in kinds)
        return noun < LEAST_SHARE or len(word) < SHORTEST_GUESSED or any("PREP" in kinds for _, kinds, _ in parses)

    def percent(self, form: str) -> int:
        """How much a word of this exact form weighs in a query beside others as rare, in per cent.

        Names, and words that the dictionary does not know, say more of what is meant than verbs and function words.
        """
        word = fold_kazakh(form)
        if not self.lemmas or len(word) > LONGEST_WORD:
            return 100
        if not _RUSSIAN.fullmatch(word):
            return NAME_PERCENT
        parses = pymorphy().parse(word)
        if any(FUNCTION_WORDS & parse.tag.grammemes or parse.normal_form in AUXILIARIES for parse in parses):
            return FUNCTION_PERCENT
        if any(NAMES & parse.tag.grammemes for parse in parses):
            return NAME_PERCENT
        return KIND_PERCENT.get(parses[0].tag.POS, 100) if parses[0].is_known else UNKNOWN_PERCENT

    def _stem(self, word: str) -> str:
        # The C stemmer keeps its state in the object and serves one thread at a time.
        with self._lock:
            return str(self._stemmer.stemWord(word)) or word


def _parses(word: str) -> list[tuple[str, frozenset[str], float]]:
    """Lemma, grammemes and share of the word's occurrences of each parse, the likeliest first; none of a word that is
    not in the dictionary. As pymorphy3 parses, without what else it makes of a parse: several times faster."""
    analyzer = pymorphy()
    dictionary = analyzer.dictionary
    lemmas = [
        (dictionary.build_normal_form(paradigm, number, spelled).replace("ё", "е"), _tag(paradigm, number))
        for spelled, places in dictionary.words.similar_items(word, analyzer.char_substitutes)
        for paradigm, number in places
    ]
    shares = [1.0] * len(lemmas)
    if len({lemma for lemma, _ in lemmas}) > 1:
        shares = [analyzer.prob_estimator.p_t_given_w.prob(word, tag) for _, tag in lemmas]
    if not any(shares):  # the corpus does not have it
        shares = [1 / len(lemmas) for _ in lemmas]
    parses = [(lemma, tag.grammemes, share) for (lemma, tag), share in zip(lemmas, shares, strict=True)]
    return sorted(parses, key=lambda parse: -parse[2])


@cache
def _tag(paradigm: int, number: int) -> Any:
    """The tag of the form that has this number in a paradigm."""
    return pymorphy().dictionary.build_tag_info(paradigm, number)


@cache
def pymorphy() -> pymorphy3.MorphAnalyzer:
    """The one dictionary of a process: a third of a second to load."""
    return pymorphy3.MorphAnalyzer(lang="ru")
