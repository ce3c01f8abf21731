"""A reader's text to a query tree. Every text is a query: what is malformed is read as words.

query   = all { ("|" | ИЛИ | OR) all }
all     = unit { [И | AND] unit }
unit    = ("-" | НЕ | NOT) unit | field ":" unit | "(" query ")" | ["="] phrase | ["="] word | word "*"
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum, auto
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from msgspec import structs

from search.analysis import Analyzer, Token
from search.analysis.folding import INVISIBLE
from search.analysis.names import is_patronymic, is_person
from search.model import Dated, Days
from search.query import dates
from search.query.address import address
from search.query.dates import DateContext
from search.query.lexer import DASHES, Kind, Sign, signs
from search.query.numbers import numbered, ordinal_of
from search.query.parsed import Parsed, Typed
from search.query.spellings import as_written, code_of, otherwise, word_of
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
    Most,
    Not,
    Or,
    PersonCalled,
    Phrase,
    Prefix,
    Query,
    Word,
    leading,
    leaves,
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
# С. or С.-Ж., one or several.
INITIALS = re.compile(r"(?:[^\W\d_]\.-?){1,3}")
# What has no width, and comes along where a text is copied.
_UNSEEN = dict.fromkeys(map(ord, INVISIBLE + "\u200e\u200f"))
# What stands behind the number of a year.
OF_YEAR = frozenset({"год", "года", "году", "г"})


def parse(
    text: str, analyzer: Analyzer, synonyms: Synonyms | None = None, calendar: DateContext | None = None
) -> Parsed:
    """The query that a text means, words widened by their synonyms; without a `calendar` words may name any day, and
    today is that of UTC. Never raises; without words it means everything."""
    # Only the first characters are read, so that a text of any length is bounded work.
    collapsed = " ".join(text[: 4 * MAX_CHARACTERS].translate(_UNSEEN).split())
    read = collapsed[:MAX_CHARACTERS]
    cut = len(read) < len(collapsed) or bool(text[4 * MAX_CHARACTERS :].strip())
    return _parsed(read, analyzer, synonyms, calendar or DateContext(datetime.now(UTC).date()), cut=cut)


@lru_cache(maxsize=1 << 10)
def _parsed(text: str, analyzer: Analyzer, synonyms: Synonyms | None, calendar: DateContext, *, cut: bool) -> Parsed:
    """The same of what is read of a text: readers turn pages, correct themselves, and ask what others ask."""
    reader = _Parser(text, analyzer, synonyms, calendar)
    query = reader.query()
    notes = reader.notes
    if cut:
        notes.append(f"Запрос длиннее {MAX_CHARACTERS} знаков: учтено только начало.")
    if reader.words_left < 0:
        notes.append(f"В запросе больше {MAX_WORDS} слов: учтены первые {MAX_WORDS}.")
    if reader.slop_cut:
        notes.append(f"Между словами фразы может стоять не больше {MAX_SLOP} других слов.")
    if text and not reader.words_read and query == Everything():
        notes.append("В запросе нет слов: показаны все статьи.")
    counted, required = reader.counted(query)
    return Parsed(
        query,
        text,
        notes=tuple(notes),
        counted=counted,
        required=required,
        interpreted=reader.interpreted,
        dated=reader.dated,
        signs=tuple(reader.signs),
        address=address(text),
    )


class _Part(Enum):
    """What a unit of a query is to those beside it."""

    PLAIN = auto()  # a word, or words joined without a space, as they are typed
    QUOTED = auto()
    OTHER = auto()  # what is always required


class _Unit(NamedTuple):
    """A clause, what it is, and where it stands in the text. `apart` are clauses that mean the same all together, one
    for each word."""

    clause: Query
    part: _Part
    begin: int
    end: int
    apart: tuple[Typed, ...] = ()


class _Parser:
    """Reads one text by recursive descent. Each method reads what it is named after, or answers None."""

    def __init__(self, text: str, analyzer: Analyzer, synonyms: Synonyms | None, calendar: DateContext) -> None:
        self.signs: Sequence[Sign] = list(signs(text))
        self.text = text
        self.at = 0
        self.depth = 0
        self.typed: dict[Query, tuple[Typed, ...]] = {}  # what is plain words and phrases, each as it was typed
        self.synonyms = synonyms
        self.calendar = calendar
        self.replaced: list[tuple[int, int, tuple[str, ...]]] = []
        self.named: list[tuple[int, int, Days]] = []  # the dates among plain words
        self.analyzer = analyzer
        self.words_left = MAX_WORDS
        self.slop_cut = False
        self.of_people = False  # whether words are those of names
        self.notes: list[str] = []

    @property
    def words_read(self) -> bool:
        return self.words_left < MAX_WORDS

    def counted(self, query: Query) -> tuple[tuple[Typed, ...], tuple[Query, ...]]:
        """What of the query is plain words and phrases that are all asked for, in brackets or not, where they are
        several; and the rest."""
        clauses = query.clauses if isinstance(query, And) else ()
        typed = {one.clause: one for clause in clauses for one in self.typed.get(clause, ())}
        if len(typed) < (1 if leading(query) else 2):
            return (), ()
        return tuple(typed.values()), tuple(clause for clause in clauses if clause not in self.typed)

    @property
    def dated(self) -> Dated | None:
        divided = any(sign.kind in {Kind.PIPE, Kind.OR} for sign in self.signs)
        if len(self.named) != 1 or divided:
            return None
        begin, end, days = self.named[0]
        return Dated(days, " ".join(f"{self.text[:begin]} {self.text[end:]}".split()))

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
                continue
            return _any(clauses)

    def _dangling(self, before: Query | None) -> bool:
        """Whether the operator word here has nothing before or after it to work on: it is a word then."""
        return before is None or self._peek(1) in {None, Kind.CLOSE, Kind.PIPE, Kind.AND, Kind.OR}

    def _all_of(self, field: Field) -> Query | None:
        units: list[_Unit] = []
        while self._peek() not in {None, Kind.CLOSE, Kind.PIPE}:
            if self._peek() in {Kind.AND, Kind.OR} and not self._dangling(units[-1].clause if units else None):
                if self._peek() is Kind.OR:
                    break
                self._next()
                continue
            begin = self.at
            clause = self._unit(field)
            if clause is not None:
                units.append(_Unit(clause, self._part(begin, clause), self._place(begin), self._place(self.at)))
        if field is Field.TEXT:
            units = self._widened(units)
        small = [self._is_small(unit) or self._is_beside_name(units, n) for n, unit in enumerate(units)]
        if field is Field.TEXT:
            plain = (unit for n, unit in enumerate(units) if unit.part is not _Part.OTHER and not small[n])
            self.typed |= {unit.clause: self._typed(unit) for unit in plain}
        return _all(self._weighed(units, small))

    def _part(self, begin: int, clause: Query) -> _Part:
        if not isinstance(clause, Word | Phrase) or (isinstance(clause, Phrase) and clause.slop is not None):
            return _Part.OTHER
        match self.signs[begin].kind:
            case Kind.WORD | Kind.AND | Kind.OR | Kind.NOT:  # an operator that has nothing to work on is a word
                return _Part.PLAIN
            case Kind.QUOTE:
                return _Part.QUOTED
            case Kind.FIELD if clause.field is Field.TEXT:  # none behind which its values could stand
                return _Part.PLAIN
        return _Part.OTHER

    def _widened(self, units: list[_Unit]) -> list[_Unit]:
        """The units with the dates, the synonyms and the other spellings of what is plain words."""
        widened: list[_Unit] = []
        at = 0
        while at < len(units):
            until = next((n for n in range(at, len(units)) if units[n].part is not _Part.PLAIN), len(units))
            one, count = units[at], 1
            if at < until:
                one, count = self._otherwise(units[at:until])
            widened.append(one)
            at += count
        return widened

    def _otherwise(self, plain: list[_Unit]) -> tuple[_Unit, int]:
        """What plain words begin with, together with what else it means; and how many of them that is."""
        typed = [self.text[unit.begin : unit.end].strip() for unit in plain]
        if named := dates.plain_days(typed, self.calendar):
            count, days = named
            begin, end = plain[0].begin, plain[count - 1].end
            self.named += [(begin, end, days)] if self.depth == 0 else []
            self.replaced.append((begin, end, (f"дата:{dates.written(days)}",)))
            text = _in_text([unit.clause for unit in plain[:count]], self.analyzer)
            return _Unit(Or((text, Dates(days.first, days.last, leads=True))), _Part.OTHER, begin, end), count
        clauses = [unit.clause for unit in plain]
        before = self.text[: plain[0].begin]
        synonyms = self.synonyms.widened(clauses, typed, before) if self.synonyms else None
        query, count, shown = synonyms or numbered(clauses, typed, self.analyzer) or (clauses[0], 1, ())
        if query == plain[0].clause:
            query = otherwise(query, typed[0], self.analyzer)
        if count == 1:
            query = self._as_written(plain[0], query)
        apart: tuple[Typed, ...] = ()
        if shown:
            self.replaced.append((plain[0].begin, plain[count - 1].end, shown))
            if synonyms and count > 1 and isinstance(query, Or):  # (a and b) or c: (a or c) and (b or c)
                also = tuple(_weighing(synonym, count) for synonym in query.clauses[1:])
                apart = tuple(Typed(_without_signs(typed[n]), Or((clauses[n], *also))) for n in range(count))
        return _Unit(query, _Part.PLAIN, plain[0].begin, plain[count - 1].end, apart), count

    def _as_written(self, unit: _Unit, query: Query) -> Query:
        """A word, beside what else is searched for, by how it is written, where that tells something: not where all is
        in capitals, nor of «В Москве» that «В» is a name. What it may mean as well counts among the words of the
        query."""
        typed, alone = self.text[unit.begin : unit.end], len(self.signs) == 1
        itself, *also = query.clauses if isinstance(query, Or) else (query,)
        if itself != unit.clause or not isinstance(itself, Word) or self.words_left < MAX_WORDS // 2:
            return query
        if not alone and (self.text.isupper() or (not unit.begin and self.analyzer.is_function(itself.text))):
            return query
        written = as_written(itself, typed, self.analyzer, alone=alone)
        self.words_left -= isinstance(written, Or)
        return _any([written, *also]) or query

    def _weighed(self, units: list[_Unit], small: list[bool]) -> list[Query]:
        """The clauses, small words as what an article need not have where there are others."""
        if all(small[n] or not leaves(unit.clause) for n, unit in enumerate(units)):
            return [unit.clause for unit in units]
        needed = _of_one_time([unit.clause for n, unit in enumerate(units) if not small[n]])
        others = [word for n, unit in enumerate(units) if small[n] for word in _words_of(_first(unit.clause))]
        return [*needed, Most(tuple(others), 0)] if others else needed

    def _typed(self, unit: _Unit) -> tuple[Typed, ...]:
        """How a unit was typed, each of its words where they mean the same one by one."""
        return unit.apart or (Typed(_without_signs(self.text[unit.begin : unit.end]), unit.clause),)

    def _is_small(self, unit: _Unit) -> bool:
        """Whether it is nothing but prepositions, conjunctions, particles and the like, «из-за» too; «и.о.» is more."""
        words = _words_of(unit.clause) if unit.part is _Part.PLAIN else ()
        joined = len(words) < 2 or not DASHES.isdisjoint(self.text[unit.begin : unit.end])
        return bool(words) and joined and all(self.analyzer.is_function(word.text) for word in words)

    def _is_beside_name(self, units: list[_Unit], number: int) -> bool:
        """Whether it is initials or a patronymic beside a name: «Путин В. В.», «Юрий Алексеевич Гагарин»."""
        if units[number].part is not _Part.PLAIN:
            return False
        first = max(0, number - 2)
        beside = [self.text[unit.begin : unit.end].strip() for unit in units[first : number + 3]]
        typed = beside[number - first]
        if INITIALS.fullmatch(typed):
            names = [name for name in beside if len(name) > 1 and not INITIALS.fullmatch(name)]
            capital = typed.isupper()
            return any(name[:1].isupper() if capital else "." in typed[:-1] and is_person(name) for name in names)
        return number > 0 and is_patronymic(typed) and is_person(beside[number - first - 1])

    @property
    def interpreted(self) -> str:
        """The text with the synonyms and days in it."""
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
                return self._of_persons(words) if words and self.of_people else words

    def _of_persons(self, words: Query) -> Query:
        """Words of names, as what is asked of the people who have them."""
        match words:
            case And():
                return And(tuple(map(self._of_persons, words.clauses)))
            case Phrase():
                return PersonCalled(tuple(_called(words.words, self.analyzer)))
            case Word() | Exact() | Prefix():
                return PersonCalled((words,))
        return words

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
        """The days that stand behind the name of the field: the most words that are a date."""
        if self._peek() not in {Kind.WORD, Kind.QUOTE}:
            return self._joined(sign.text, field)
        following = self.signs[self.at : self.at + 2 * dates.MOST_WORDS]  # from one date to another
        words = [sign.text for sign in following[:1]]
        for other in following[1:] if following[0].kind is Kind.WORD else ():
            if other.kind is not Kind.WORD:
                break
            words.append(other.text)
        wrong = 1
        for count in range(len(words), 0, -1):
            text = " ".join(words[:count])
            if days := dates.asked_days(text, self.calendar.today):
                self.at += count
                return Dates(days.first, days.last)
            if dates.looks_like_days(text):
                wrong = count
                break
        if not words[0][:4].isdecimal() and self._place(self.at) > sign.at + len(sign.text) + 1:
            return self._joined(sign.text, field)  # a headline was pasted: «Дата: выборы назначены»
        self.at += wrong
        self.notes.append(f"Дата «{' '.join(words[:wrong])}» не понята и не учтена.")
        return None

    def _prefix(self, text: str, field: Field) -> Query | None:
        parts = self._words(text)
        if not parts:
            return None
        *before, last = parts
        typed = text[last[0].start :]
        # «эко-*» asks for what goes on behind the hyphen.
        letters = typed if typed[last[0].end - last[0].start :] == "-" else text[last[0].start : last[0].end]
        prefix = Prefix(typed, self.analyzer.prefix(letters), field)
        return _all([*(leaf for part in before if (leaf := _together([part], field, self.analyzer))), prefix])

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


def _called(words: Sequence[Word | Exact], analyzer: Analyzer) -> Iterator[Word | Exact | Prefix]:
    """The words of a name as people are called here: an initial as how a name begins, without a second one and without
    the patronymic; an ordinal as a Roman number."""
    initials = [word for word in words if len(word.text) == 1]
    for word in words:
        if word in initials:
            if word is initials[0]:
                yield Prefix(word.text, analyzer.prefix(word.text))
        elif isinstance(word, Word) and (number := ordinal_of(word.text, analyzer)):
            yield structs.replace(word, terms=(*word.terms, *analyzer.terms(number)))
        elif len(words) < 3 or not is_patronymic(word.text):
            yield word


def _together(parts: Sequence[Sequence[Token]], field: Field, analyzer: Analyzer) -> Leaf | None:
    """The words of some parts, found where they stand together."""
    words = [word for part in parts for word in _words(part, field, analyzer)]
    if len(words) < 2:
        return words[0][0] if words else None
    return Phrase(tuple(word for word, _ in words), tuple(at - words[0][1] for _, at in words), field=field)


def _words(part: Sequence[Token], field: Field, analyzer: Analyzer) -> list[tuple[Word | Exact, int]]:
    """The words of one part with their positions, any form and spelling of each."""
    in_code = part[0].whole and any(letter.isdigit() for letter in part[0].form)
    if code := code_of(part[0].form, analyzer):
        return [(structs.replace(code, field=field), part[0].position)]
    words = (
        (word_of(token.form, analyzer, token.letters, in_code=in_code), token.position)
        for token in part
        if not token.whole
    )
    return [(structs.replace(word, field=field), position) for word, position in words]


def _exact(part: Sequence[Token], field: Field, analyzer: Analyzer) -> list[tuple[Word | Exact, int]]:
    """The one exact form of a part, the whole where it is hyphenated."""
    token = part[0]
    return [(Exact(token.form, token.form, analyzer.home(token.form), field), token.position)]


def _weighing(synonym: Query, times: int) -> Query:
    """The synonym with what it weighs, where it stands in a query so many times."""
    assert isinstance(synonym, Word | Phrase)
    return structs.replace(synonym, weight=max(1, synonym.weight // times))


def _of_one_time(clauses: list[Query]) -> list[Query]:
    """The clauses, several days in plain words as one: «2013 и 2014» is either."""
    days = [clause for clause in clauses if leading(clause)]
    if len(days) < 2:
        return clauses
    either = _any(days)
    assert either is not None
    return [either if clause is days[0] else clause for clause in clauses if clause is days[0] or clause not in days]


def _without_signs(typed: str) -> str:
    """A part of the text without punctuation around it, but for quotes."""
    return typed.strip(" ,.;:!?…()-–—") or typed.strip()


def _words_of(clause: Query) -> tuple[Word | Exact, ...]:
    if isinstance(clause, Phrase):
        return clause.words
    return (clause,) if isinstance(clause, Word) else ()


def _first(clause: Query) -> Query:
    """What a clause was typed as; what it may mean as well comes after."""
    return clause.clauses[0] if isinstance(clause, Or) else clause


def _in_text(clauses: Sequence[Query], analyzer: Analyzer) -> Query:
    """The words of a date as they stand in texts: without the preposition, and without «года» behind a number."""
    words = [word for leaf in clauses for word in _words_of(leaf)]
    while len(words) > 1 and words[-1].text in OF_YEAR and words[-2].text[-1].isdigit():
        words.pop()
    if len(words) > 1 and analyzer.is_function(words[0].text):
        words.pop(0)
    # A hyphenated word takes the positions of its parts.
    lengths = [word.text.count("-") + 1 for word in words]
    return words[0] if len(words) == 1 else Phrase(tuple(words), (0, *accumulate(lengths[:-1])))


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
