"""Names of people: how one that stands in another case is called."""

import re
from typing import Any

from search.analysis import declension
from search.analysis.morphology import pymorphy

# The dictionary knows no word with such letters, nor what is said of whose daughter or son somebody is.
_KAZAKH = re.compile(r"[әғқңөұүһі]|(?:қызы|кызы|ұлы|улы)$", re.IGNORECASE)
_PARTS_OF_NAMES = ("Name", "Surn", "Patr")


def is_person(name: str) -> bool:
    """Whether a word of a name is one that people are called by."""
    words = [word for word in name.split() if not word.endswith(".")]
    if any(_KAZAKH.search(word) for word in words):
        return True
    return any(part in parse.tag for word in words for parse in pymorphy().parse(word) for part in _PARTS_OF_NAMES)


def is_patronymic(name: str) -> bool:
    """Whether a word is rather a patronymic than a surname."""
    return bool(declension.word(name).patronymic)


def nominative(name: str) -> str:
    """A name in the genitive, as in «фото Аскара Ахметуллина», in the nominative.

    All its words have to be read as names of one gender in the genitive; else it stays as it is.
    """
    words = name.split()
    for gender in ("masc", "femn"):
        read = [_read(word, gender) for word in words]
        if all(read):
            return " ".join(word for word in read if word)
    return name


def _read(word: str, gender: str) -> str | None:
    """The nominative of a word that can be the genitive of a part of a name; initials stay."""
    if word.endswith("."):
        return word
    parses = (parse for parse in pymorphy().parse(word) if _is_genitive(parse.tag, gender))
    for parse in parses:
        if form := parse.inflect({"nomn", "sing"}):
            return "-".join(part.capitalize() for part in str(form.word).split("-"))
    return None


def _is_genitive(tag: Any, gender: str) -> bool:
    return gender in tag and "sing" in tag and "gent" in tag and any(part in tag for part in _PARTS_OF_NAMES)
