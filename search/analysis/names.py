"""Names of people: how one that stands in another case is called, and whom a byline names."""

import re
from functools import lru_cache
from itertools import groupby
from typing import Any

from search.analysis import declension
from search.analysis.morphology import pymorphy

# The dictionary knows no word with such letters, nor what is said of whose daughter or son somebody is.
_KAZAKH = re.compile(r"[әғқңөұүһі]|(?:қызы|кызы|ұлы|улы)$", re.IGNORECASE)
_PARTS_OF_NAMES = ("Name", "Surn", "Patr")
_IN_BYLINES = re.compile(r"[,;/&]|[^\s,;/&]+")
_BETWEEN_NAMES = frozenset((*",;/&", "и", "және", "and"))
_WORD_OF_NAME = re.compile(r"(?:[^\W\d_]|['’ʼ-]){1,40}\.?")
_SMALL_WORDS = frozenset(("ұлы", "улы", "оглы", "қызы", "кызы", "ван", "фон", "де", "van", "von", "de"))
_MOST_AUTHORS = 100


def is_person(name: str) -> bool:
    """Whether a word of a name is one that people are called by."""
    words = [word for word in name.split() if not word.endswith(".")]
    if any(_KAZAKH.search(word) for word in words):
        return True
    return any(part in parse.tag for word in words for parse in pymorphy().parse(word) for part in _PARTS_OF_NAMES)


@lru_cache(maxsize=1 << 14)
def authors_of(byline: str) -> tuple[str, ...]:
    """The authors of a byline, each once: its parts where every one is a person's full name, else all of it is one."""
    parts = groupby(_IN_BYLINES.findall(byline), _BETWEEN_NAMES.__contains__)
    names = [" ".join(words) for is_between, words in parts if not is_between]
    is_divided = 0 < len(names) <= _MOST_AUTHORS and all(map(_is_full_name, names))
    return tuple(dict.fromkeys(names)) if is_divided else (byline,)


def _is_full_name(name: str) -> bool:
    """Whether it looks like two to four words or initials of a person: names that no dictionary has do as well."""
    parts = name.replace(".", ". ").split()
    return (
        2 <= len(parts) <= 4
        and all(_WORD_OF_NAME.fullmatch(part) and (part != part.lower() or part in _SMALL_WORDS) for part in parts)
        and any(not part.endswith(".") and _may_be_of_name(part) for part in parts)
    )


@lru_cache(maxsize=4096)
def _may_be_of_name(word: str) -> bool:
    return is_person(word) or not pymorphy().word_is_known(word)


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
