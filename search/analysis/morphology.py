"""Which terms a word is found by: the only user of snowballstemmer.

A word of the dictionary is found by its lemmas as they are, with a low line before them, which no word has. So it meets
its own forms and no other word's: Snowball splits a third of the frequent lemmas (рынок/рынка), and makes one of words
that only look alike (СВО/свой, почта/почти). A word that the dictionary does not know is found by the stems of itself
and of its guessed lemmas. What looks like a surname has its base as a term beside the others: «Токаев», which the
dictionary takes for a form of «токай», meets «Токаева», which it does not know.

How a word is written tells names from other words: «орлов» is of «орёл», «Орлов» rather a surname. A lemma that a word
is not likely to be of as it is written, but may, is doubtful, and a term of its own. A name that has the lemma of
another word, «Роман», and an abbreviation that looks like one, «РАН», have a term beside that of the lemma; what has no
lemma in common however it is written has its exact form as its home term.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

import pymorphy3
import snowballstemmer

from search.analysis.cases import name_forms
from search.analysis.folding import fold_kazakh

# Longer words are no words: their lemmas would be guessed from the ending, at a cost that grows with the length.
LONGEST_WORD = 64
_RUSSIAN = re.compile("[а-я]+")
LEMMA, EXACT, DOUBTFUL, NAMED = "_", "!", "^", "*"
# A parse counts from this share of the word's occurrences in pymorphy3's corpus on; a dictionary form is always one.
LEAST_SHARE = 0.02
# Guesses about so short words are wrong: most of them are abbreviations.
SHORTEST_GUESSED = 4
# Longer words in capitals are no abbreviations.
LONGEST_ABBREVIATION = 4
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
_RANKS = (
    (ABBREVIATED := 3, frozenset({"Abbr"})),
    (2, frozenset({"Surn"})),
    (1, frozenset({"Name", "Patr", "Geox", "Orgn"})),
)
_MANY, _OF, _BY_TOWN = frozenset({"NOUN", "plur"}), frozenset({"gent", "accs"}), frozenset({"Geox", "ablt"})


class Parse(NamedTuple):
    """One of the forms that a word may be: its lemma, its grammemes, and the share of the word's occurrences."""

    lemma: str
    kinds: frozenset[str]
    share: float


# The parses of a word by the term of their lemma.
_Readings = Mapping[str, Sequence[Parse]]


class Letters(IntEnum):
    """How a word is written."""

    SMALL = 0
    CAPITAL = 1  # the first letter
    CAPITALS = 2

    @classmethod
    def of(cls, written: str) -> "Letters":
        if not written[:1].isupper():
            return cls.SMALL
        return cls.CAPITALS if len(written) > 1 and written.isupper() else cls.CAPITAL


class Meant(NamedTuple):
    """The terms of a word that is typed: what it means as it is written, and what it may mean as well."""

    leading: tuple[str, ...]
    others: tuple[str, ...]


class Morphology:
    """Terms of exact forms. `lemmas=False` leaves Snowball alone, for comparisons. Safe for many threads."""

    def __init__(self, *, lemmas: bool = True) -> None:
        self.lemmas = lemmas
        self._stemmer = snowballstemmer.stemmer("russian")
        self._lock = threading.Lock()
        # The terms that words of texts are found by: of an exact form, for each of `Letters`, the same home term first.
        self.standing = lru_cache(maxsize=1 << 16)(self._standing)

    def terms(self, form: str) -> tuple[str, ...]:
        """All terms of an exact form, however it is written, the likeliest lemma, else the stem of the form itself,
        first: what a word of a query is searched for by."""
        several = self.standing(form)
        terms = dict.fromkeys(
            term for terms in several for term in terms if term[0] != EXACT and not term.endswith(NAMED)
        )
        terms.update(dict.fromkeys(term + DOUBTFUL for term in tuple(terms) if self._is_doubted(term)))
        return tuple(terms)

    def _standing(self, form: str) -> Sequence[tuple[str, ...]]:
        word = fold_kazakh(form)
        if len(word) > LONGEST_WORD:
            return ((word,),) * len(Letters)
        # Words with other letters are not in the dictionary, and pymorphy3 fails at letters without a name.
        if not self.lemmas or not _RUSSIAN.fullmatch(word):
            return ((self._stem(word),),) * len(Letters)
        readings = self._readings(word)
        if not readings:
            return (tuple(dict.fromkeys(self._guessed(word))),) * len(Letters)
        small, capital, capitals = several = _as_written(readings)
        base = _SURNAME.fullmatch(word) if word[-1] in "вн" else None
        if base and base["base"] == word and LEMMA + word not in readings:
            capital, capitals = [*capital, word], [*capitals, word]
        if 1 < len(word) <= LONGEST_ABBREVIATION and _may_abbreviate(readings):
            capitals = [*capitals, word + NAMED]
        if small == capitals:  # most words
            alone = tuple(small)
            return alone, alone if capital == small else tuple(capital), alone
        home = next((term for term in small if all(term in terms for terms in several)), EXACT + word)
        return tuple((home, *(term for term in terms if term != home)) for terms in (small, capital, capitals))

    def _readings(self, word: str) -> _Readings:
        """What the dictionary says of a word, the likeliest lemma first."""
        readings: dict[str, list[Parse]] = {}
        lemmas: set[str] = set()
        for parse in _parses(word):
            lemma, kinds, share = parse
            term = LEMMA + lemma
            if "NPRO" in kinds:  # «его» asks for no «он»
                term = LEMMA + word
            elif "Supr" in kinds:  # a word of its own, whose dictionary form is that of the adjective
                term = f"{LEMMA}{self._stem(word)}{LEMMA}"
            elif lemmas and share < LEAST_SHARE and lemma not in {word, *lemmas}:
                continue
            else:
                lemmas.add(lemma)
            readings.setdefault(term, []).append(parse)
        return readings

    def _is_doubted(self, term: str) -> bool:
        """Whether a lemma is a doubtful one of some of its forms."""
        doubtful, forms = term + DOUBTFUL, _forms_of(term[1:], _doubted) if term.startswith(LEMMA) else ()
        return any(doubtful in terms for form in forms for terms in self.standing(form))

    def _guessed(self, word: str) -> Iterator[str]:
        if len(word) < SHORTEST_GUESSED:
            yield word
            return
        yield self._stem(word)
        yield from sorted(self._stem(lemma.replace("ё", "е")) for lemma in pymorphy().normal_forms(word))
        if surname := _SURNAME.fullmatch(word):
            yield surname["base"]

    def meant(self, form: str, letters: Letters, yo: str = "", *, alone: bool = False) -> Meant:
        """The terms of a word of a query, by how it is written there: a name with its capital, an abbreviation in
        capitals, a word with its ё, where it is told with it, a word that stands `alone` as its dictionary form; and
        those of what it may mean as well."""
        word = fold_kazakh(form)
        terms = self.terms(form)
        if not self.lemmas or len(word) > LONGEST_WORD or not _RUSSIAN.fullmatch(word):
            return Meant(terms, ())
        readings, standing = self._readings(word), self.standing(form)[letters]
        names = [term for term in standing if term.endswith(NAMED)]
        if letters is Letters.CAPITAL and not names:
            names = [term for term in standing if min(map(_rank, readings.get(term, ())), default=0)]
        if yo:
            spelled = {LEMMA + parse.lemma for parse in _parses(yo)}
            names = [term for term in names or terms if term in spelled]
        if alone and not names and LEMMA + word in standing:
            names = [LEMMA + word]
        leading = dict.fromkeys(names or (term for term in terms if not is_doubtful(term)))
        others = dict.fromkeys(term for term in terms if term not in leading)
        if not readings or ((letters or _may_be_name(word, readings)) and not _is_declined(word, readings)):
            for term, leads in self._in_other_cases(word, readings):
                (leading if leads else others).setdefault(term)
        return Meant(tuple(leading), tuple(others))

    def _in_other_cases(self, word: str, readings: _Readings) -> Iterator[tuple[str, bool]]:
        """The terms that the forms of a name have beside its own, where the dictionary has only some of them, or takes
        some for other words; and whether it is still the name that they mean."""
        forms = dict.fromkeys(name_forms(word))
        has_others = not readings or bool(_SURNAME.fullmatch(word))
        own = set(self.terms(word))
        for form in forms:
            if not (alike := self._readings(form)):
                yield form if len(form) < SHORTEST_GUESSED else self._stem(form), True
            elif has_others and own.isdisjoint(standing := self.standing(form)[Letters.CAPITAL]):
                terms = [term for term in standing if term.strip(LEMMA) in forms] or standing[:1]
                yield from ((term, min(map(_rank, alike.get(term, ())), default=0) > 0) for term in terms)

    def beginnings(self, term: str, length: int) -> frozenset[str] | None:
        """The first letters, so many, of all exact forms that have a term; None where that is not known: of a stem,
        which words have that no dictionary lists."""
        if not term.startswith(LEMMA):
            return None
        lemma = term.strip(LEMMA + DOUBTFUL + NAMED)
        return frozenset(form[:length] for form in (lemma, *_forms_of(lemma, _everywhere)))

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


def is_doubtful(term: str) -> bool:
    """Whether it is that of a lemma that a word is not likely to be of as it is written."""
    return term.endswith(DOUBTFUL)


def _as_written(readings: _Readings) -> Sequence[list[str]]:
    """The terms of the lemmas that a word may be of, written with each of `Letters`."""
    terms = list(readings)
    if not any(_RANK[parse.kinds] for parses in readings.values() for parse in parses):  # no name at all
        return terms, terms, terms
    ranks = {term: {_RANK[parse.kinds] for parse in parses} for term, parses in readings.items()}
    least = min(map(min, ranks.values()))
    small = [term + DOUBTFUL * (least < min(own) < ABBREVIATED) for term, own in ranks.items()]
    capital: list[str] = []
    for term, own in ranks.items():
        if least < min(own) == ABBREVIATED:
            continue
        doubtful = len(ranks) > 1 and _is_doubtful(term, readings)
        capital.append(term + DOUBTFUL * doubtful)
        capital += [term + NAMED] if not doubtful and _is_mixed(own) else []
    return small, capital, terms


def _is_mixed(ranks: set[int]) -> bool:
    """Whether a lemma is that of a name and of another word."""
    return 0 in ranks and not ranks.isdisjoint((1, 2))


def _may_abbreviate(readings: _Readings) -> bool:
    """Whether a word that stands in capitals is rather an abbreviation that looks like it."""
    kinds = [parse.kinds for parses in readings.values() for parse in parses]
    return not any(FUNCTION_WORDS & kind for kind in kinds) and not all("Abbr" in kind for kind in kinds)


def _may_be_name(word: str, readings: _Readings) -> bool:
    """Whether a word of the dictionary is a name there, or looks like a surname."""
    return bool(_SURNAME.fullmatch(word)) or any(_rank(parse) for parses in readings.values() for parse in parses)


def _is_declined(word: str, readings: _Readings) -> bool:
    """Whether the dictionary has all forms of a name: of what looks like a surname it may have those of a man alone, or
    of a village."""
    kinds = {kind for parses in readings.values() for parse in parses for kind in parse.kinds}
    return not _SURNAME.fullmatch(word) and not kinds.isdisjoint(("Surn", "Geox"))


class _Ranks(dict[frozenset[str], int]):
    """By grammemes: 0 of a word that is no name, 1 of a name, 2 of a surname, which is never written small, 3 of an
    abbreviation."""

    def __missing__(self, kinds: frozenset[str]) -> int:
        rank = self[kinds] = next((rank for rank, names in _RANKS if names & kinds), 0)
        return rank


_RANK = _Ranks()


def _rank(parse: Parse) -> int:
    return _RANK[parse.kinds]


def _is_doubtful(term: str, readings: _Readings) -> bool:
    """Whether a word with a capital is rather of another lemma: one that is a surname, where of this one it is the
    genitive in the plural, «Орлов»; a noun that is as frequent as this surname, «Королева»; an adjective, where this
    one is a town, «Уральском»."""
    parses = readings[term]
    others = [parse for other, several in readings.items() if other != term for parse in several]
    if all(parse.kinds >= _MANY and _OF & parse.kinds for parse in parses):
        return any("Surn" in parse.kinds and "plur" not in parse.kinds for parse in others)
    if any("Surn" in parse.kinds for parse in parses) and all(map(_rank, parses)):
        nouns = (
            parse.share for parse in others if "NOUN" in parse.kinds and "sing" in parse.kinds and not _rank(parse)
        )
        return sum(nouns) >= sum(parse.share for parse in parses)
    return all(parse.kinds >= _BY_TOWN for parse in parses) and any("ADJF" in parse.kinds for parse in others)


def _forms_of(lemma: str, places: Callable[[int], Iterable[int]]) -> Iterator[str]:
    """The forms of all words of the dictionary that have this dictionary form, those in some places of a paradigm."""
    dictionary = pymorphy().dictionary
    for spelled, lexemes in dictionary.words.similar_items(lemma, pymorphy().char_substitutes):
        for paradigm, number in lexemes:
            forms = _paradigm(paradigm) if number == 0 else ()
            stem = spelled[len(forms[0][0]) : len(spelled) - len(forms[0][2])] if forms else ""
            for place in places(paradigm) if forms else ():
                prefix, _, suffix = forms[place]
                yield f"{prefix}{stem}{suffix}".replace("ё", "е")


def _everywhere(paradigm: int) -> Iterable[int]:
    return range(len(_paradigm(paradigm)))


@cache
def _doubted(paradigm: int) -> Iterable[int]:
    """The places in a paradigm of the forms that may be doubtful ones of it."""
    return tuple(place for place, (_, tag, _) in enumerate(_paradigm(paradigm)) if _may_be_doubted(tag.grammemes))


def _may_be_doubted(kinds: frozenset[str]) -> bool:
    return bool(kinds >= _MANY and _OF & kinds) or "Surn" in kinds or kinds >= _BY_TOWN


@cache
def _paradigm(paradigm: int) -> list[tuple[str, Any, str]]:
    """Its forms: what is before and behind the stem, and the tag between."""
    return list(pymorphy().dictionary.build_paradigm_info(paradigm))


def _parses(word: str) -> list[Parse]:
    """The parses of a word, the likeliest first; none of what is not in the dictionary. As pymorphy3 parses, without
    what else it makes of a parse: several times faster."""
    analyzer = pymorphy()
    dictionary = analyzer.dictionary
    lemmas = [
        (dictionary.build_normal_form(paradigm, number, spelled).replace("ё", "е"), _paradigm(paradigm)[number][1])
        for spelled, places in dictionary.words.similar_items(word, analyzer.char_substitutes)
        for paradigm, number in places
    ]
    shares = [1.0] * len(lemmas)
    if len({lemma for lemma, _ in lemmas}) > 1:
        shares = [analyzer.prob_estimator.p_t_given_w.prob(word, tag) for _, tag in lemmas]
    if not any(shares):  # the corpus does not have it
        shares = [1 / len(lemmas) for _ in lemmas]
    parses = [Parse(lemma, tag.grammemes, share) for (lemma, tag), share in zip(lemmas, shares, strict=True)]
    return sorted(parses, key=lambda parse: -parse.share)


@lru_cache(maxsize=4096)
def with_diaeresis(name: str) -> str:
    """A name of several words with ё where the dictionary spells one of them so: «Федор» is «Фёдор» there."""
    return re.sub(r"\w+", lambda word: _with_diaeresis(word[0]), name)


def _with_diaeresis(word: str) -> str:
    items = pymorphy().dictionary.words.similar_items(word.lower(), pymorphy().char_substitutes)
    named = (spelled for spelled, places in items if "ё" in spelled and any(_is_nominative(*place) for place in places))
    spelled = next(named, "").ljust(len(word))
    letters = zip(word, spelled, strict=True)
    return "".join(("Ё" if letter.isupper() else "ё") if other == "ё" else letter for letter, other in letters)


def _is_nominative(paradigm: int, number: int) -> bool:
    return bool(_paradigm(paradigm)[number][1].grammemes >= {"nomn", "sing"})


@cache
def pymorphy() -> pymorphy3.MorphAnalyzer:
    """The one dictionary of a process: a third of a second to load."""
    return pymorphy3.MorphAnalyzer(lang="ru")
