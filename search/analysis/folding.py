"""How spellings of one word are made one: the only place where letters are folded.

The exact form of a word is NFKC (CO₂ as CO2, ligatures as their letters), in lower case, ё as е, without stress marks,
soft hyphens and other invisible characters, and with Latin look-alikes inside a Cyrillic word made Cyrillic. Terms fold
the Kazakh letters as well.
"""

import re
import unicodedata

STRESS = "\u0300\u0301"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# What belongs to the word it stands in, for a set of characters; and what joins words.
IN_WORDS = rf"\u0300-\u036f{INVISIBLE}"
HYPHENS = "\u2010\u2011-"

# Latin letters that look like the Cyrillic ones, upper and lower case apart: B is a look-alike, b is none.
_LATIN = "ABCEHIKMOPTXYaceiopxy"
_CYRILLIC = "АВСЕНІКМОРТХУасеіорху"
_LOOKALIKES = str.maketrans(_LATIN, _CYRILLIC)
_MIXED = re.compile(rf"(?=.*[\u0400-\u04ff])(?=.*[{_LATIN}])(?:[^A-Za-z]|[{_LATIN}])+", re.DOTALL)
_DROPPED = dict.fromkeys(map(ord, STRESS + INVISIBLE)) | {0x2010: "-"}  # as which U+2011 is read by then
_KAZAKH_LETTERS = "әғқңөұүһі"
_KAZAKH = str.maketrans(_KAZAKH_LETTERS, "агкноуухи")
_SPACE = re.compile(r"[\s|]+")
_HAS_KAZAKH = re.compile(f"[{_KAZAKH_LETTERS}]")
# Almost every word is one of these, and none of the steps below changes more in it than case and ё.
_PLAIN = re.compile("[А-Яа-яЁё]+|[A-Za-z]+|[0-9]+")


def exact_form(word: str) -> str:
    """The exact form of one word as it stands in a text."""
    if _PLAIN.fullmatch(word):
        return word.lower().replace("ё", "е")
    # A stress mark composes with some letters (и + U+0300 is ѝ), so it is dropped from the decomposed word.
    if not word.isascii():
        word = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", word).translate(_DROPPED))
        if _MIXED.fullmatch(word):
            word = word.translate(_LOOKALIKES)
        word = _SPACE.sub("", word)  # some ligatures are several words
    return unicodedata.normalize("NFKC", word.casefold()).replace("ё", "е")


def without_diaeresis(name: str) -> str:
    """A name with е for ё, as names of people are kept."""
    return name.replace("ё", "е").replace("Ё", "Е")


def spelling(name: str) -> str:
    """What spellings of a name share: capitals, ё, blanks and forms of letters aside."""
    return " ".join(without_diaeresis(unicodedata.normalize("NFKC", name)).casefold().split())


def fold_kazakh(form: str) -> str:
    """An exact form with its Kazakh letters as Russian ones, so that «Қожа» and «Кожа» find each other."""
    return form.translate(_KAZAKH) if _HAS_KAZAKH.search(form) else form
