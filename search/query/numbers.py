"""Other spellings of numbers: 5000 and 5 тыс., 9 мая and девятое мая, XX век and 20 век, Николай II and Второй."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from search.analysis import Analyzer
from search.analysis.morphology import pymorphy
from search.query.spellings import DECLINED, ENDINGS, JOINED, TO_CYRILLIC, TO_LATIN, of_forms, phrase_of, roman, word_of
from search.query.tree import Or, Phrase, Query, Word

_SIGNS = ".,;:!?…"
_RUSSIAN = re.compile("[а-я]+")
_GROUPED = re.compile("[1-9][0-9]{3,14}")
_DECIMAL = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{1,3}))?")
_LEADING, _FOLLOWING = re.compile("[1-9][0-9]{0,2}"), re.compile("[0-9]{3}")
# Days of a month, centuries and rulers have numbers up to this one.
_LAST_ORDINAL = 31
_FIRST_ORDINALS = (
    "первый", "второй", "третий", "четвертый", "пятый", "шестой", "седьмой", "восьмой", "девятый", "десятый",
    "одиннадцатый", "двенадцатый", "тринадцатый", "четырнадцатый", "пятнадцатый", "шестнадцатый",
    "семнадцатый", "восемнадцатый", "девятнадцатый", "двадцатый",
)  # fmt: skip
_NUMBERS = {word: number for number, word in enumerate(_FIRST_ORDINALS, 1)} | {"тридцатый": 30}
_ORDINALS = {number: word for word, number in _NUMBERS.items()}
_TENS = {"двадцать": 20, "тридцать": 30}
_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMANS = {"x" * (number // 10) + _UNITS[number % 10]: number for number in range(1, _LAST_ORDINAL + 1)}
# Months as they stand behind a day, and how many days they have at most.
_MONTHS = {
    "января": 31, "февраля": 29, "марта": 31, "апреля": 30, "мая": 31, "июня": 30, "июля": 31, "августа": 31,
    "сентября": 30, "октября": 31, "ноября": 30, "декабря": 31,
}  # fmt: skip
_NUMBERED = frozenset({"век", "столетие", "тысячелетие", "съезд"})
# How a power of ten is written, short and in full.
_POWERS = {3: ("тыс", "тысяча"), 6: ("млн", "миллион"), 9: ("млрд", "миллиард"), 12: ("трлн", "триллион")}
_POWER_OF = {word: power for power, words in _POWERS.items() for word in words}


# Words with how they are written otherwise, how many typed ones that is, and what to show of it.
Spelled = tuple[Query, int, tuple[str, ...]]


def numbered(clauses: Sequence[Query], typed: Sequence[str], analyzer: Analyzer) -> Spelled | None:
    """The number that the clauses begin with, together with how it is written otherwise; None where there is none.

    Clauses are words, typed as told, or phrases of joined ones.
    """
    return _amount(clauses, typed, analyzer) or _ordinal(clauses, typed, analyzer)


def _amount(clauses: Sequence[Query], typed: Sequence[str], analyzer: Analyzer) -> Spelled | None:
    """An amount from a thousand on: 5 000 000, 5000000, 5 млн."""
    count = max(1, len(groups := _groups(typed)))
    number = _DECIMAL.fullmatch("".join(groups) or _form(clauses[0]) or typed[0].lstrip("$€£₽₸"))
    if not number:
        return None
    behind = _form(clauses[count]) if count < len(clauses) and typed[count - 1][-1] not in _SIGNS else ""
    power = next((_POWER_OF[lemma] for lemma in analyzer.lemmas(behind) & _POWER_OF.keys()), 0)
    decimals = number[2] or ""
    value = int(number[1] + decimals) * 10**power // 10 ** len(decimals)
    if value < 1000 or not (power or groups[1:] or _GROUPED.fullmatch(number[0])):
        return None
    as_typed = tuple(groups) or tuple(part for part in (number[1], decimals) if part)
    # The word comes first: the parts of a number mean nothing one by one.
    phrases = []
    for parts, of in dict.fromkeys((*_ways(value), (as_typed, power))):
        named = [of_forms(_POWERS[of], analyzer)] if of else []
        phrases.append(phrase_of([*(word_of(part, analyzer) for part in parts), *named]))
    return Or(tuple(phrases)), count + (power > 0), (f"{value:,}".replace(",", " "),) if power else ()


def _groups(typed: Sequence[str]) -> list[str]:
    """The groups of digits that are one number, as 5 000; none where the first is no such group."""
    if not _LEADING.fullmatch(typed[0]):
        return []
    groups = [typed[0]]
    for before, one in pairwise(typed):
        digits = one.rstrip(_SIGNS)
        if before[-1] in _SIGNS or not _FOLLOWING.fullmatch(digits):
            break
        groups.append(digits)
    return groups


def _ways(value: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """How an amount is written: the parts of a number, and the power of ten whose name stands behind them."""
    yield (str(value),), 0
    yield tuple(f"{value:,}".split(",")), 0
    for power in _POWERS:
        whole, rest = divmod(value, 10**power)
        hundredths, more = divmod(100 * rest, 10**power)
        decimals = f"{hundredths:02}".rstrip("0")
        if not more and (0 < whole < 1000 or (not whole and len(decimals) == 1)):
            yield (str(whole), decimals) if decimals else (str(whole),), power


def _ordinal(clauses: Sequence[Query], typed: Sequence[str], analyzer: Analyzer) -> Spelled | None:
    """A day of a month, a century or congress, or a ruler: 9 мая, XX век, Николай II."""
    forms = [_form(clauses[0])]
    for before, clause in zip(typed, clauses[1:4], strict=False):
        if before[-1] in _SIGNS:
            break
        forms.append(_form(clause))
    number, count = _number(forms, analyzer)
    if number and count < len(forms):
        in_month = number <= _MONTHS.get(forms[count], 0)
        if (in_month and forms[0].translate(TO_LATIN) not in _ROMANS) or not _NUMBERED.isdisjoint(
            analyzer.lemmas(forms[count])
        ):
            written = _written(number, analyzer, digits=True, in_roman=not in_month)
            return (
                _either([(words, length, [word_of(forms[count], analyzer)]) for words, length in written]),
                count + 1,
                (),
            )
    number, count = _number(forms[1:], analyzer)
    if number and not forms[1][0].isdigit() and _is_first_name(forms[0], capital=typed[0][0].isupper()):
        written = _written(number, analyzer, digits=False, in_roman=True)
        name = word_of(forms[0], analyzer)
        return _either([([name, *words], 0, []) for words, _ in written]), count + 1, ()
    return None


def ordinal_of(form: str, analyzer: Analyzer) -> str:
    """The Roman number of an ordinal, as an exact form; empty where it is none."""
    number = next((_NUMBERS[lemma] for lemma in analyzer.lemmas(form) & _NUMBERS.keys()), 0)
    return next((latin for latin, value in _ROMANS.items() if value == number), "")


def _number(forms: Sequence[str], analyzer: Analyzer) -> tuple[int, int]:
    """The number that forms begin with, in digits, Roman or an ordinal, and how many forms it is; 0 where there is
    none."""
    first = forms[0] if forms else ""
    declined = DECLINED.fullmatch(first)
    digits = declined[1] if declined else first
    if digits.isascii() and digits.isdigit():
        return (int(digits), 1) if len(digits) < 3 and int(digits) <= _LAST_ORDINAL else (0, 0)
    if number := _ROMANS.get(first.translate(TO_LATIN)):
        return number, 1
    last = forms[1] if first in _TENS and len(forms) > 1 else first
    unit = next((_NUMBERS[lemma] for lemma in analyzer.lemmas(last) & _NUMBERS.keys()), 0)
    if last is first:
        return unit, 1
    number = _TENS[first] + unit
    return (number, 2) if 0 < unit < 10 and number <= _LAST_ORDINAL else (0, 0)


def _is_first_name(form: str, *, capital: bool) -> bool:
    """Whether it is a first name, in small letters the likeliest reading of the word."""
    parses = pymorphy().parse(form) if _RUSSIAN.fullmatch(form) else []
    return any("Name" in parse.tag and parse.is_known for parse in (parses if capital else parses[:1]))


def _written(number: int, analyzer: Analyzer, *, digits: bool, in_roman: bool) -> Iterator[tuple[list[Word], int]]:
    """The words of a number as it is written, and how many positions they take: a hyphenated word takes two."""
    tens = [] if number in _ORDINALS else [next(word for word, ten in _TENS.items() if ten == number // 10 * 10)]
    ordinal = _ORDINALS[number % 10 if tens else number]
    alone = [str(number), *(str(number) + ending for ending in JOINED)] if digits else []
    if in_roman:
        latin = next(latin for latin, value in _ROMANS.items() if value == number)
        alone += [*roman(latin), latin.translate(TO_CYRILLIC)]
    if tens:
        yield [word_of(tens[0], analyzer), word_of(ordinal, analyzer)], 2
    if alone or not tens:
        yield [of_forms(alone if tens else [*alone, ordinal], analyzer)], 1
    if digits:
        yield [of_forms((f"{number}-{ending}" for ending in ENDINGS), analyzer)], 2


def _either(ways: Iterable[tuple[Sequence[Word], int, Sequence[Word]]]) -> Query:
    """One of several phrases, each of words that take so many positions, and of the words behind them."""
    phrases = [
        Phrase((*words, *behind), (*range(len(words)), *(length + at for at in range(len(behind)))))
        for words, length, behind in ways
    ]
    return Or(tuple(phrases)) if len(phrases) > 1 else phrases[0]


def _form(clause: Query) -> str:
    return clause.text if isinstance(clause, Word) else ""
