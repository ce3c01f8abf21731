"""Which people a text mentions: names of two parts and more.

A mention may be read in several ways: «Валентина Иванова» is herself, or Валентин Иванов in the genitive. All readings
are kept, the likeliest first; which of them is meant, the rest of the archive tells (`search.editorial.persons`). A
name is given in the nominative, first name before surname, without the patronymic, ё as е.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from search.analysis.declension import CASES, JUNIORS, Forms, NameForm, NameWord, agreeing, word
from search.analysis.remembered import Remembered

# No capitals inside a word: such were glued together. No long ones: nobody is called so.
_UPPER, _LOWER = "А-ЯЁӘҒҚҢӨҰҮҺІ", "а-яёәғқңөұүһі"
_REST = f"[{_LOWER}]{{1,24}}(?:[-\u2010\u2011][{_UPPER}]?[{_LOWER}]{{1,24}}){{0,3}}"
_WORD = f"[{_UPPER}]{_REST}(?![-\\w])"
_INITIAL = f"[{_UPPER}]\\.(?:-[{_UPPER}]\\.)?"
_PARTICLES = "фон|ван|дер|ден|де|да|ди|дю|дель|делла|дос|ла|ле|бен|бин|ибн|аль|эль"
_PARTICLE = f"(?:{_PARTICLES})(?= )"
_NUMERAL = "[IVX]{1,5}(?![-\\w])"
_SPACE = "[ \u00a0]"
_TOKEN = re.compile(f"(?P<initial>{_INITIAL})|(?P<word>{_WORD})|(?P<particle>{_PARTICLE})|(?P<numeral>{_NUMERAL})")
# Of longer rows of such the pieces are looked at. Begins with a set of letters, which is twice as fast as otherwise.
_ROW = re.compile(
    f"[{_UPPER}](?<![-\\w.].)(?:\\.(?:-[{_UPPER}]\\.)?{_SPACE}?|{_REST}{_SPACE})"
    f"(?:(?:{_INITIAL}|{_WORD}|{_PARTICLE}|{_NUMERAL}){_SPACE}?){{1,12}}"
)
_CAPITAL = re.compile(_PARTICLES, re.IGNORECASE)
_LONGEST_NAME = 5  # in tokens

# What is named for somebody mentions nobody: «имени Аль-Фараби», «улица Абая Кунанбаева», «Миллеровский район».
_NAMED_FOR = frozenset(("имени", "им.", "памяти"))
_CALLED_AFTER = re.compile(
    "(?:улиц|ул\\.|проспект|пр\\.|пр-т|площад|бульвар|переул|шоссе|набережн|микрорайон|мкр|аэропорт|университет|академи|"
    "школ|гимнази|лице|институт|театр|музе|фонд|стадион|парк|сквер|станци|преми|куб[ок]|мемориал|орден|медал|храм|собор|"
    "церк|район|сел[оау]|посел|город|библиотек|галере|центр|завод|колледж|консерватори|двор|памятник|бюст|могил|"
    "мавзоле|мечет)[\\w.]*",
    re.IGNORECASE,
)

# What may stand before a name and the word before it.
_OPENING = ' \u00a0\t\r\n(«"„“'
_FURTHEST = 24
_PLACE_AFTER = re.compile("[ \u00a0](?:район|округ|област|кра[йяюе]|сельсовет|шоссе|улиц|проспект|университет)")

# Surnames that stand first, before a first name of one part or of two short ones, of which the last is declined.
_EASTERN = re.compile(
    "ким|пак|ли|си|ван|чжан|чжао|лю|ху|вэнь|мун|пан|нгуен|цзян|дэн|мао|чэнь|ян|юн|цой|чан|чо|ро|ма|го|линь",
    re.IGNORECASE,
)
_SHORT = 5
_NO_WORD = word("и")  # where a row has ended: no part of any name


class NameToken(Struct, frozen=True, gc=False):
    """A part of a row: what it is, a group of _TOKEN, how it is written, and where it begins."""

    kind: str
    text: str
    at: int


class NameReading(Struct, frozen=True, gc=False):
    """What a mention may mean: the name, the case in which it then stands, and how many tokens it takes."""

    name: str
    case: str
    size: int


class Mention(Struct, frozen=True, gc=False):
    """Where in its row a name begins and ends, its readings, and whether one of them is in the genitive."""

    begin: int
    end: int
    names: tuple[str, ...]
    genitive: bool


def mentioned(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The people that an article mentions, each by the names that may be theirs, the likeliest first.

    What else the article says tells more of them: names that may be one person's are one person, and initials are those
    of the full name, where there is one that they fit.
    """
    people: list[tuple[str, ...]] = []
    places: dict[str, int] = {}  # of each name among the people
    abbreviated = False
    for names in dict.fromkeys(chain.from_iterable(map(mentions, texts))):
        abbreviated |= "." in names[0]
        place = len(people)
        for name in names:
            if name in places and name in people[places[name]]:
                place = places[name]
                names = tuple(other for other in people[place] if other in names)
                people[place] = names
                break
        else:
            people.append(names)
        for name in names:
            places[name] = place
    if abbreviated:
        full = {_initials(name) for names in people for name in names if "." not in name}
        people = [names for names in people if not any("." in name and _initials(name) in full for name in names)]
    return tuple(dict.fromkeys(people))


def _initials(name: str) -> tuple[str, str]:
    """The first letter and the surname."""
    return name[0], name.rpartition(" ")[2]


def mentions(text: str) -> list[tuple[str, ...]]:
    """The names in a text in the order in which they stand there, each by all its readings."""
    several = []
    for row in _ROW.finditer(text):
        for mention in _MENTIONS[row[0]]:
            begin = row.start() + mention.begin
            before = (text[max(0, begin - _FURTHEST) : begin].rstrip(_OPENING).split() or [""])[-1].lstrip(_OPENING)
            elsewhere = _ELSEWHERE[before]
            if not (elsewhere and (elsewhere == CASES or mention.genitive)) and not _PLACE_AFTER.match(
                text, row.start() + mention.end
            ):
                several.append(mention.names)
    return several


def _elsewhere(before: str) -> str:
    """The cases in which a name after this word is that of something else."""
    return CASES if before.lower() in _NAMED_FOR else "g" if _CALLED_AFTER.fullmatch(before) else ""


def _mentions(row: str) -> tuple[Mention, ...]:
    """The names in a row: from left to right, each as long as it can be."""
    tokens = _tokens(row)
    mentions_here: list[Mention] = []
    at = 0
    while at < len(tokens) - 1:
        readings = _readings(tokens[at : at + _LONGEST_NAME])
        size = readings[0].size if readings else 1
        if readings:
            end = tokens[at + size - 1].at + len(tokens[at + size - 1].text)
            names = tuple(dict.fromkeys(reading.name for reading in readings))
            mentions_here.append(Mention(tokens[at].at, end, names, any(reading.case == "g" for reading in readings)))
        at += size
    return tuple(mentions_here)


def _tokens(row: str) -> list[NameToken]:
    tokens = [NameToken(str(match.lastgroup), match[0], match.start()) for match in _TOKEN.finditer(row)]
    for number in range(1, len(tokens) - 1):  # Леонардо Ди Каприо
        token, after = tokens[number], tokens[number + 1]
        if token.kind == after.kind == "word" and _CAPITAL.fullmatch(token.text):
            tokens[number] = NameToken("particle", token.text, token.at)
    return tokens


def _readings(tokens: Sequence[NameToken]) -> tuple[NameReading, ...]:
    """What the name means that begins with the first token; nothing where none does."""
    words = [word(token.text) if token.kind == "word" else _NO_WORD for token in tokens]
    first, second, third, *_ = (*words, _NO_WORD, _NO_WORD)
    kinds = "".join(token.kind[0] for token in tokens)  # of initial, word, particle and numeral
    if not (first.may_be_first or second.may_be_first or "i" in kinds[:2] or _EASTERN.fullmatch(tokens[0].text)):
        return ()
    for possible in (
        _initialled(kinds, tokens, words),
        _numbered(kinds, tokens, words),
        _eastern(kinds, tokens, words),
        _with_particles(kinds, tokens, words),
        _of_three(first, second, third) if kinds.startswith("www") else (),
        _of_two(first, second, third) if kinds.startswith("ww") else (),
    ):
        if readings := tuple(dict.fromkeys(possible)):
            return readings
    return ()


def _initialled(kinds: str, tokens: Sequence[NameToken], words: Sequence[NameWord]) -> Iterator[NameReading]:
    """И. О. Фамилия; Фамилия И. О."""
    for pattern, place in (("iiw", 2), ("iw", 1), ("wii", 0), ("wi", 0)):
        if kinds.startswith(pattern):
            letters = " ".join(token.text for token in tokens[: len(pattern)] if token.kind == "initial")
            surnames = words[place].surname or (words[place].unlike if place else ())
            yield from (NameReading(f"{letters} {_titled(form)}", form.case, len(pattern)) for form in surnames)
            return


def _numbered(kinds: str, tokens: Sequence[NameToken], words: Sequence[NameWord]) -> Iterator[NameReading]:
    """Елизавета II, Иоанн Павел II."""
    names = kinds.find("n")
    if 0 < names < 4 and kinds.startswith("w" * names):
        for forms in agreeing(*(word.first for word in words[:names])):
            yield NameReading(f"{_named(*forms)} {tokens[names].text}", forms[0].case, names + 1)


def _eastern(kinds: str, tokens: Sequence[NameToken], words: Sequence[NameWord]) -> Iterator[NameReading]:
    """Си Цзиньпин, Ким Чен Ын."""
    if not kinds.startswith("ww") or not _EASTERN.fullmatch(tokens[0].text):
        return
    short = kinds.startswith("www") and all(len(token.text) <= _SHORT for token in tokens[1:3])
    size = 3 if short else 2
    head, last = " ".join(token.text for token in tokens[: size - 1]), words[size - 1]
    forms = [form for form in (*last.first, *last.surname, *last.unlike) if form.gender == "m"]
    forms.sort(key=lambda form: form.name.endswith(("а", "я")))  # «Цзиньпина» is of Цзиньпин
    yield from (NameReading(f"{head} {_titled(form)}", form.case, size) for form in forms)


def _with_particles(kinds: str, tokens: Sequence[NameToken], words: Sequence[NameWord]) -> Iterator[NameReading]:
    """Отто фон Бисмарк, Урсула фон дер Ляйен."""
    for pattern in ("wpw", "wppw"):
        if kinds.startswith(pattern):
            size = len(pattern)
            particles = " ".join(token.text for token in tokens[1 : size - 1])
            last = words[size - 1]
            for first, surname in agreeing(words[0].first or words[0].guessed, last.surname or last.unlike):
                yield NameReading(f"{_titled(first)} {particles} {_titled(surname)}", first.case, size)


def _of_three(first: NameWord, second: NameWord, third: NameWord) -> Iterator[NameReading]:
    """Имя Отчество Фамилия, Фамилия Имя Отчество, Имя Имя Фамилия."""
    last = third.surname or third.unlike
    for name, _, surname in agreeing(first.first or first.guessed, second.patronymic, last):
        yield NameReading(_named(name, surname), name.case, 3)
    surnames = first.surname or (first.unlike if first.may_be_first else ())
    for surname, name, _ in agreeing(surnames, second.first or second.guessed, third.patronymic):
        yield NameReading(_named(name, surname), name.case, 3)
    if not second.surname and not second.patronymic and not third.patronymic and (third.surname or third.unknown):
        for name, middle, surname in agreeing(first.first, second.first or _unknown(second), last):
            if middle.name != surname.name:
                yield NameReading(_named(name, middle, surname), name.case, 3)


def _of_two(first: NameWord, second: NameWord, third: NameWord) -> Iterator[NameReading]:
    """Имя Фамилия, Фамилия Имя; the third word tells which."""
    turned = not (third.surname and any(agreeing(second.first, third.surname)))
    for names, surnames in (
        (first.first, second.surname),
        (second.first if turned else (), first.surname),
        (first.first, _unknown(second) if first.doubtful else second.unlike),
        (first.guessed, second.surname),
        (second.guessed if turned and second.compound else (), first.surname),
        (first.guessed, _unknown(second)),
    ):
        if readings := [*agreeing(names, surnames)]:
            # The dictionary may not have the name that is meant: beside Илона there is Илон.
            if names is first.first and surnames is second.unlike:
                readings += agreeing(first.guessed, second.unlike)
            yield from (NameReading(_named(*pair), pair[0].case, 2) for pair in readings)
            return


def _unknown(part: NameWord) -> Forms:
    """The forms of a word that the dictionary has not."""
    return part.unlike if part.unknown else ()


def _named(*forms: NameForm) -> str:
    return " ".join(map(_titled, forms))


def _titled(form: NameForm) -> str:
    parts = form.name.split("-")
    return "-".join(part if part in JUNIORS else part[:1].upper() + part[1:] for part in parts)


# Texts repeat their rows, and the words before them.
_MENTIONS = Remembered(_mentions, most=1 << 16)
_ELSEWHERE = Remembered(_elsewhere, most=1 << 15)
