"""A reader's text to a query tree. Every text is a query: what is malformed is read as words.

query   = all { ("|" | ИЛИ | OR) all }
all     = unit { [И | AND] unit }
unit    = ("-" | НЕ | NOT) unit | field ":" unit | "(" query ")" | ["="] phrase | ["="] word | word "*"
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import structs

from search.analysis import Analyzer, Token
from search.model import Days
from search.query.lexer import Kind, Sign, signs
from search.query.spellings import otherwise, word_of
from search.query.synonyms import Synonyms
from search.query.tree import (
    MAX_SLOP,
    MAX_WORDS,
    And,
    Dates,
    Everything,
    Exact,
    Field,
    Leaf,
    Not,
    Or,
    PersonCalled,
    Phrase,
    Prefix,
    Query,
    Word,
)

MAX_CHARACTERS = 1000
MAX_DEPTH = 32

FIELD_NAMES = {
    "заголовок": Field.TITLE,
    "title": Field.TITLE,
    "автор": Field.AUTHOR,
    "author": Field.AUTHOR,
    "рубрика": Field.SECTION,
    "section": Field.SECTION,
}
PERSON_NAMES = {"кто", "who"}
DATE_NAMES = {"дата", "date"}
# 2024, 2024-05, 2024-05-17; 2024, 05.2024, 17.05.2024; alone, or from one to another.
_DATE = r"\d{4}(?:-\d\d){0,2}|(?:\d\d?\.)?\d\d?\.\d{4}"
_DATES = re.compile(rf"({_DATE})(?:\.\.({_DATE}))?", re.ASCII)
_SPOKEN = re.compile(r"(?:(?P<day>[0-9]{1,2}) )?(?P<month>[а-я]+) (?P<year>[0-9]{4})(?: ?г(?:ода?|\.)?)?")
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree, the text that was read (whitespace collapsed, cut at the bounds), and what to tell the reader.

    `units` are the parts of the text that have to match all together, each a query of its own; none where any will do.
    `interpreted` is the text with the synonyms that are searched for as well.
    """

    query: Query
    text: str
    notes: tuple[str, ...] = ()
    units: tuple[str, ...] = field(default=(), compare=False)
    interpreted: str = field(default="", compare=False)


def parse(text: str, analyzer: Analyzer, synonyms: Synonyms | None = None) -> Parsed:
    """The query that a text means, words widened by their synonyms. Never raises; without words it means everything."""
    # Only a stretch is looked at, so that a text of any length is bounded work.
    stretch = " ".join(text[: 4 * MAX_CHARACTERS].split())
    kept = stretch[:MAX_CHARACTERS]
    return _parsed(kept, analyzer, synonyms, cut=len(kept) < len(stretch) or bool(text[4 * MAX_CHARACTERS :].strip()))


@lru_cache(maxsize=1 << 10)
def _parsed(kept: str, analyzer: Analyzer, synonyms: Synonyms | None, *, cut: bool) -> Parsed:
    """The same of what is read of a text: readers turn pages, correct themselves, and ask what others ask."""
    reader = _Reader(kept, analyzer, synonyms)
    query = reader.query()
    notes = reader.notes
    if cut:
        notes.append(f"Запрос длиннее {MAX_CHARACTERS} знаков: прочитано только начало.")
    if reader.words_left < 0:
        notes.append(f"В запросе больше {MAX_WORDS} слов: прочитаны только первые.")
    if reader.slop_cut:
        notes.append(f"Между словами фразы может стоять не больше {MAX_SLOP} других слов.")
    if kept and not reader.words_read and query == Everything():
        notes.append("В запросе нет слов: показаны все статьи.")
    return Parsed(query, kept, tuple(notes), () if reader.divided else tuple(reader.units), reader.interpreted)


class _Reader:
    """Reads one text by recursive descent. Each method reads what it is named after, or answers None."""

    def __init__(self, text: str, analyzer: Analyzer, synonyms: Synonyms | None) -> None:
        self.signs: Sequence[Sign] = list(signs(text))
        self.text = text
        self.at = 0
        self.depth = 0
        self.units: list[str] = []
        self.divided = False
        self.synonyms = synonyms
        self.replaced: list[tuple[int, int, tuple[str, ...]]] = []
        self.analyzer = analyzer
        self.words_left = MAX_WORDS
        self.slop_cut = False
        self.of_people = False  # whether words are those of names
        self.notes: list[str] = []

    @property
    def words_read(self) -> bool:
        return self.words_left < MAX_WORDS

    def query(self) -> Query:
        clauses = []
        while self.at < len(self.signs):
            clause = self._alternatives(Field.TEXT)
            if clause is not None:
                clauses.append(clause)
            self.at += 1  # a closing bracket that nothing opened
        return _all(clauses) or Everything()

    def _peek(self, ahead: int = 0) -> Kind | None:
        at = self.at + ahead
        return self.signs[at].kind if at < len(self.signs) else None

    def _next(self) -> Sign:
        self.at += 1
        return self.signs[self.at - 1]

    def _alternatives(self, field: Field) -> Query | None:
        clauses = []
        while True:
            clause = self._all_of(field)
            if clause is not None:
                clauses.append(clause)
            if self._peek() is Kind.PIPE or (self._peek() is Kind.OR and not self._dangling(clause)):
                self._next()
                self.divided |= self.depth == 0
                continue
            return _any(clauses)

    def _dangling(self, before: Query | None) -> bool:
        """Whether the operator word here has nothing before or after it to work on: it is a word then."""
        return before is None or self._peek(1) in {None, Kind.CLOSE, Kind.PIPE, Kind.AND, Kind.OR}

    def _all_of(self, field: Field) -> Query | None:
        clauses: list[Query] = []
        typed: list[tuple[int, int] | None] = []  # where a clause stands in the text that is plain words
        while self._peek() not in {None, Kind.CLOSE, Kind.PIPE}:
            before = clauses[-1] if clauses else None
            if self._peek() in {Kind.AND, Kind.OR} and not self._dangling(before):
                if self._peek() is Kind.OR:
                    break
                self._next()
                continue
            begin = self.at
            unit = self._unit(field)
            if unit is not None:
                clauses.append(unit)
                place = (self._place(begin), self._place(self.at))
                plain = self.signs[begin].kind is Kind.WORD and isinstance(unit, Word | Phrase) and field is Field.TEXT
                typed.append(place if plain else None)
                if self.depth == 0:
                    self.units.append(self.text[slice(*place)].strip())
        return _all(self._widened(clauses, typed))

    def _widened(self, clauses: list[Query], typed: list[tuple[int, int] | None]) -> list[Query]:
        """The clauses with the synonyms and the other spellings of what is plain words."""
        widened: list[Query] = []
        at = 0
        while at < len(clauses):
            until = next((place for place in range(at, len(clauses)) if typed[place] is None), len(clauses))
            found = None
            if at < until:
                typed_as = [self.text[slice(*place)].strip() for place in typed[at:until] if place]
                if self.synonyms:
                    found = self.synonyms.widened(clauses[at:until], typed_as)
                if not found and (spelled := otherwise(clauses[at:until], typed_as, self.analyzer)):
                    found = (*spelled, ())
            query, count, shown = found or (clauses[at], 1, ())
            places = [place for place in typed[at : at + count] if place]
            if shown:
                self.replaced.append((places[0][0], places[-1][1], shown))
            widened.append(query)
            at += count
        return widened

    @property
    def interpreted(self) -> str:
        """The text with the synonyms in it."""
        pieces, done = [], 0
        for begin, end, shown in sorted(self.replaced):
            typed = self.text[begin:end].rstrip()
            pieces += [self.text[done:begin], f"({' | '.join((typed, *shown))})"]
            done = begin + len(typed)
        return "".join([*pieces, self.text[done:]])

    def _place(self, number: int) -> int:
        """Where a sign begins in the text, the closing end of the text after the last."""
        if number == len(self.signs):
            return len(self.text)
        return self.signs[number].at - (self.signs[number].kind is Kind.QUOTE)

    def _unit(self, field: Field) -> Query | None:
        sign = self._next()
        match sign.kind:
            case Kind.MINUS:
                return self._excluded(field)
            case Kind.NOT if self._peek() not in {None, Kind.CLOSE, Kind.PIPE, Kind.AND, Kind.OR}:
                return self._excluded(field)
            case Kind.FIELD:
                return self._in_field(sign, field)
            case Kind.OPEN:
                return self._group(field)
            case Kind.CLOSE | Kind.PIPE:
                return None
            case _:
                words = self._of_words(sign, field)
                return _of_persons(words) if words and self.of_people else words

    def _of_words(self, sign: Sign, field: Field) -> Query | None:
        match sign.kind:
            case Kind.EQUALS:
                return self._phrase(self._next(), field, exact=True)
            case Kind.QUOTE:
                return self._phrase(sign, field, exact=False)
            case Kind.PREFIX:
                return self._prefix(sign.text, field)
        return self._joined(sign.text, field)

    def _excluded(self, field: Field) -> Query | None:
        unit = self._deeper(field)
        if unit is None:
            return None
        return unit.clause if isinstance(unit, Not) else Not(unit)

    def _deeper(self, field: Field) -> Query | None:
        """A unit inside another; the depth is bounded, so that no text exhausts the stack."""
        if self.depth >= MAX_DEPTH or self._peek() in {None, Kind.CLOSE, Kind.PIPE}:
            return None
        self.depth += 1
        unit = self._unit(field)
        self.depth -= 1
        return unit

    def _group(self, field: Field) -> Query | None:
        if self.depth >= MAX_DEPTH:
            return None
        self.depth += 1
        inside = self._alternatives(field)
        self.depth -= 1
        if self._peek() is Kind.CLOSE:
            self._next()
        return inside

    def _in_field(self, sign: Sign, field: Field) -> Query | None:
        if sign.text in DATE_NAMES:
            return self._dates(sign, field)
        if self._peek() in {None, Kind.CLOSE, Kind.PIPE, Kind.MINUS, Kind.FIELD}:
            return self._joined(sign.text, field)
        return self._named(sign)

    def _named(self, sign: Sign) -> Query | None:
        """What is asked of a field, or of whoever has the words of a unit in the name; of words in brackets each may be
        somebody else's."""
        outside, self.of_people = self.of_people, sign.text in PERSON_NAMES
        unit = self._deeper(FIELD_NAMES.get(sign.text, Field.TEXT))
        self.of_people = outside
        return unit

    def _dates(self, sign: Sign, field: Field) -> Query | None:
        if self._peek() in {Kind.WORD, Kind.QUOTE} and (dates := _dates_in(self.signs[self.at].text)):
            typed = self._next().text
            if days := _days(*dates):
                return Dates(days.first, days.last)
            self.notes.append(f"«{typed}» — не дата и не период из календаря: не учтено.")
            return None
        return self._joined(sign.text, field)

    def _prefix(self, text: str, field: Field) -> Query | None:
        parts = self._words(text)
        if not parts:
            return None
        *before, last = parts
        typed = text[last[0].start :]
        # «эко-*» asks for what goes on behind the hyphen.
        letters = typed if typed[last[0].end - last[0].start :] == "-" else text[last[0].start : last[0].end]
        beginning = Prefix(typed, self.analyzer.prefix(letters), field)
        return _all([*(leaf for part in before if (leaf := _together([part], field, self.analyzer))), beginning])

    def _phrase(self, sign: Sign, field: Field, *, exact: bool) -> Query | None:
        parts = self._words(sign.text)
        leaf = _exact if exact else _words
        words = [word for part in parts for word in leaf(part, field, self.analyzer)]
        if not words:
            return None
        if sign.kind is not Kind.QUOTE:
            return _all([word for word, _ in words])
        if len(words) == 1:
            return words[0][0]
        first = words[0][1]
        self.slop_cut |= (sign.slop or 0) > MAX_SLOP
        return Phrase(
            words=tuple(word for word, _ in words),
            offsets=tuple(position - first for _, position in words),
            slop=None if sign.slop is None else min(sign.slop, MAX_SLOP),
            field=field,
        )

    def _joined(self, text: str, field: Field) -> Leaf | None:
        """What is typed without a space between is one thing: 2,5 or и.о. or Нью-Йорк."""
        return _together(self._words(text), field, self.analyzer)

    def _words(self, text: str) -> list[list[Token]]:
        """The words of a text, a hyphenated one as its whole and its parts together; no more than are left."""
        parts: list[list[Token]] = []
        joined_until = -1
        for token in self.analyzer.tokens(text):
            if not token.whole:
                self.words_left -= 1
                if self.words_left < 0:
                    break
            if token.end <= joined_until:
                parts[-1].append(token)
            else:
                parts.append([token])
                joined_until = token.end if token.whole else -1
        if parts and all(token.whole for token in parts[-1]):
            parts.pop()  # none of its parts was left to read
        return parts


def _of_persons(words: Query) -> Query:
    """Words of names, as what is asked of the people who have them."""
    match words:
        case And():
            return And(tuple(map(_of_persons, words.clauses)))
        case Phrase():
            return PersonCalled(words.words)
        case Word() | Exact() | Prefix():
            return PersonCalled((words,))
    return words


def _together(parts: Sequence[Sequence[Token]], field: Field, analyzer: Analyzer) -> Leaf | None:
    """The words of some parts, found where they stand together."""
    words = [word for part in parts for word in _words(part, field, analyzer)]
    if len(words) < 2:
        return words[0][0] if words else None
    return Phrase(tuple(word for word, _ in words), tuple(at - words[0][1] for _, at in words), field=field)


def _words(part: Sequence[Token], field: Field, analyzer: Analyzer) -> list[tuple[Word | Exact, int]]:
    """The words of one part with their positions, any form and spelling of each."""
    in_code = part[0].whole and any(letter.isdigit() for letter in part[0].form)
    number = False
    words: list[tuple[Word | Exact, int]] = []
    for token in part:
        if not token.whole:
            word = word_of(token.form, analyzer, in_code=in_code, after_number=number)
            words.append((structs.replace(word, field=field), token.position))
            number = token.form.isdecimal()
    return words


def _exact(part: Sequence[Token], field: Field, analyzer: Analyzer) -> list[tuple[Word | Exact, int]]:
    """The one exact form of a part, the whole where it is hyphenated."""
    token = part[0]
    return [(Exact(token.form, token.form, analyzer.terms(token.form)[0], field), token.position)]


def _dates_in(text: str) -> tuple[str, str] | None:
    """The first and the last date that a text names, as YYYY, YYYY-MM or YYYY-MM-DD; None where it names none."""
    if match := _DATES.fullmatch(text):
        return _iso(match[1]), _iso(match[2] or match[1])
    spoken = _SPOKEN.fullmatch(" ".join(text.lower().split()))
    months = [n for n, beginning in enumerate(_MONTHS, 1) if spoken and spoken["month"].startswith(beginning)]
    if not spoken or not months:
        return None
    day = f"-{int(spoken['day']):02}" if spoken["day"] else ""
    date = f"{spoken['year']}-{months[0]:02}{day}"
    return date, date


def _iso(date: str) -> str:
    return "-".join(part.zfill(2) for part in reversed(date.split(".")))


def _days(first: str, last: str) -> Days | None:
    try:
        days = Days(Days.parse(first).first, Days.parse(last).last)
    except ValueError:
        return None
    return days if days.first <= days.last else None


def _all(clauses: Sequence[Query]) -> Query | None:
    if len(clauses) < 2:
        return clauses[0] if clauses else None
    flat = [inner for clause in clauses for inner in (clause.clauses if isinstance(clause, And) else (clause,))]
    return And(tuple(flat))


def _any(clauses: Sequence[Query]) -> Query | None:
    if len(clauses) < 2:
        return clauses[0] if clauses else None
    flat = [inner for clause in clauses for inner in (clause.clauses if isinstance(clause, Or) else (clause,))]
    return Or(tuple(flat))
