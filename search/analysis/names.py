"""Names of people: how one that stands in another case is called, and whom a byline names."""

import re
from functools import lru_cache
from itertools import groupby, takewhile
from typing import Any

from msgspec import Struct

from search.analysis import declension
from search.analysis.morphology import pymorphy
from search.analysis.persons import EASTERN

# The dictionary knows no word with such letters, nor what is said of whose daughter or son somebody is.
_KAZAKH = re.compile(r"[әғқңөұүһі]|(?:қызы|кызы|ұлы|улы)$", re.IGNORECASE)
_PARTS_OF_NAMES = ("Name", "Surn", "Patr")
_IN_BYLINES = re.compile(r"[,;/&|•·+]|[^\s,;/&|•·+]+")
_BETWEEN_NAMES = frozenset((*",;/&|•·+", "и", "И", "және", "ЖӘНЕ", "мен", "пен", "and"))
_HOUSES = frozenset(("agency", "media", "news", "post", "press", "times", "tv", "welle"))
# II, McDONALD and initials stay as they are.
_NO_CAPITALS = re.compile(r"[A-Za-z.]")
_WORD_OF_NAME = re.compile(r"(?:[^\W\d_]|['’-]){1,40}\.?")
_CHILDREN, _PARTICLES = ("ұлы", "улы", "оглы", "қызы", "кызы"), ("ван", "фон", "де", "van", "von", "de")
_SMALL_WORDS = frozenset(_CHILDREN + _PARTICLES)
_MOST_AUTHORS, _LONGEST_AUTHOR, _LONGEST_INITIAL = 100, 500, len("Дж.")


def is_person(name: str) -> bool:
    """Whether a word of a name is one that people are called by."""
    words = [word for word in name.split() if not word.endswith(".")]
    if any(_KAZAKH.search(word) for word in words):
        return True
    return any(part in parse.tag for word in words for parse in pymorphy().parse(word) for part in _PARTS_OF_NAMES)


@lru_cache(maxsize=1 << 14)
def authors_of(byline: str) -> tuple[str, ...]:
    """The authors of a byline, each once: its parts where every one is a person's full name, «Дана АМЕНОВА.» as Дана
    Аменова; else all of it is one."""
    parts = groupby(_IN_BYLINES.findall(byline), _BETWEEN_NAMES.__contains__)
    names = [_as_others([*words]) for is_between, words in parts if not is_between]
    is_divided = 0 < len(names) <= _MOST_AUTHORS and all(map(_is_full_name, names))
    return tuple(dict.fromkeys(names)) if is_divided else (byline,)


def _as_others(words: list[str]) -> str:
    """A name without the full stop of a sentence, its words in capitals no more than others are; of an organisation
    they stay."""
    *before, last = words
    words = [*before, last.removesuffix(".") if len(last) > _LONGEST_INITIAL and "." not in last[:-1] else last]
    if any(len(word) > _LONGEST_INITIAL and is_person(word) for word in words):
        words = [word.title() if word[1:].isupper() and not _NO_CAPITALS.search(word) else word for word in words]
    return " ".join(words)


class PersonName(Struct, frozen=True):
    """The name of a person in a bibliography: `given` in full, `initials` as they are shortened."""

    surname: str
    given: str
    initials: str


@lru_cache(maxsize=4096)
def person_name(author: str) -> PersonName | None:
    """The name of a person out of those of `authors_of`, without a place or an office; None for an organisation."""
    divided = re.split("[,(]", author) if len(author) <= _LONGEST_AUTHOR else []
    parts = [" ".join(part.replace(".", ". ").split()).replace(". -", ".-") for part in divided]
    match [part for part in parts if _is_full_name(part)], parts:
        case [name], _:
            words = name.split()
        case [], [surname, first] if all(is_person(word) for word in f"{surname} {first}".split()):  # «Аменова, Дана»
            return PersonName(surname, first, _initials(first.split()))
        case [], [surname] if surname[:1].isupper() and _WORD_OF_NAME.fullmatch(surname) and is_person(surname):
            return PersonName(surname, "", "")
        case _:
            return None
    begin, end = _surname(words)
    given = words[:begin] + words[end:]
    has_initials = not EASTERN.fullmatch(words[0]) or any(map(_is_shortened, given))  # «Ким Чен Ын» is in full
    return PersonName(
        " ".join(words[begin:end]), " ".join(given), _initials(given) if has_initials else " ".join(given)
    )


def _is_shortened(word: str) -> bool:
    """Whether it is an initial, or a name or a patronymic of which one is made."""
    read = declension.word(word)
    return bool(word.endswith(".") or read.first or read.patronymic)


def _initials(given: list[str]) -> str:
    """«Д. С.» of «Дана Сериковна», «К.-Ж.» of «Касым-Жомарт»."""
    parts = ("-".join(f"{half[0]}." for half in part.split("-") if half) for part in given if part[0].isupper())
    return " ".join(parts)


def _surname(words: list[str]) -> tuple[int, int]:
    """Where the surname begins and ends in a name of several words: at the end, unless something says otherwise."""
    initials = [word.endswith(".") for word in words]
    if initials[0]:
        return len([*takewhile(bool, initials)]), len(words)
    if initials[-1]:
        return 0, initials.index(True)
    for place, word in enumerate(words[1:], 1):
        if word in _PARTICLES:
            return place, len(words)
    first, last = declension.word(words[0]), declension.word(words[-1])
    has_patronymic = words[-1] in _CHILDREN or (len(words) > 2 and last.patronymic)
    is_eastern = EASTERN.fullmatch(words[0]) and (last.looks_first or not last.surname)
    is_turned = first.surname and not first.first and last.first and not last.surname
    return (0, 1) if has_patronymic or is_eastern or is_turned else (len(words) - 1, len(words))


def _is_full_name(name: str) -> bool:
    """Whether it looks like two to four words or initials of a person: names that no dictionary has do as well."""
    parts = name.replace(".", ". ").split()
    words = [part for part in parts if not part.endswith(".")]
    has_initials = len(words) == 1 < len(parts) and max(map(len, {*parts} - {*words})) <= _LONGEST_INITIAL
    return (
        2 <= len(parts) <= 4
        and all(_WORD_OF_NAME.fullmatch(part) and (part != part.lower() or part in _SMALL_WORDS) for part in parts)
        # Пак, Ан and Волк are words as well; beside initials they are surnames.
        and (has_initials or any(map(_may_be_of_name, words)))
        and _HOUSES.isdisjoint(name.lower().split())
    )


@lru_cache(maxsize=4096)
def _may_be_of_name(word: str) -> bool:
    return (is_person(word) and "Geox" not in pymorphy().parse(word)[0].tag) or not pymorphy().word_is_known(word)


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
