"""Which people a text mentions: names of two parts and more.

A mention may be read in several ways: «Валентина Иванова» is herself, or Валентин Иванов in the genitive. All readings
are kept, the likeliest first; which of them is meant, the rest of the archive tells (`search.editorial.persons`). A
name is given in the nominative, first name before surname, without the patronymic, ё as е.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product

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
EASTERN = re.compile(
    "ким|пак|ли|си|ван|чжан|чжао|лю|ху|вэнь|мун|пан|нгуен|цзян|дэн|мао|чэнь|ян|юн|цой|чан|чо|ро|ма|го|линь",
    re.IGNORECASE,
)
_SHORT = 5
# The dictionary may not have the name that is meant: beside Илона there is Илон, beside Джордж there is Джорджа.
_ANOTHER_FIRST = re.compile(r"\S+(?:а \S+(?<!ая)|у \S+[еио])")
_ENGLISH = re.compile(".+(?:[кмрлнт]с|сон|тон|ис|ер)")  # first names that are surnames as well: Нельсон, Уильямс
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
    if not (first.may_be_first or second.may_be_first or "i" in kinds[:2] or EASTERN.fullmatch(tokens[0].text)):
        return ()
    if not first.first and second.first and (third.ordinal or kinds[2:3] == "n"):  # Королева Елизавета II
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
    """Елизавета II, Иоанн Павел Второй, in Roman numerals both."""
    ordinals = (place for place, part in enumerate(words[1:3], 1) if part.ordinal)
    names = max(kinds.find("n"), 0) or (next(ordinals, 0) if words[0].first else 0)
    if 0 < names < 4 and kinds.startswith("w" * names):
        ordinal = words[names].ordinal or tuple(NameForm(*kind, tokens[names].text) for kind in product("mf", CASES))
        for forms in agreeing(*(word.first for word in words[:names]), ordinal):
            yield NameReading(f"{_named(*forms)}", forms[0].case, names + 1)


def _eastern(kinds: str, tokens: Sequence[NameToken], words: Sequence[NameWord]) -> Iterator[NameReading]:
    """Си Цзиньпин, Ким Чен Ын."""
    if not kinds.startswith("ww") or not EASTERN.fullmatch(tokens[0].text):
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
            names = words[0].first or words[0].guessed
            for first, surname in [*agreeing(names, last.surname)] or agreeing(names, last.unlike):
                yield NameReading(f"{_titled(first)} {particles} {_titled(surname)}", first.case, size)


def _of_three(first: NameWord, second: NameWord, third: NameWord) -> Iterator[NameReading]:
    """Имя Отчество Фамилия, Фамилия Имя Отчество, Имя Имя Фамилия."""
    last = third.surname or third.unlike
    for name, _, surname in agreeing(first.first or first.guessed, second.patronymic, last or third.town):
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
    named = bool(third.surname) and any(agreeing(second.first, third.surname))
    if named and first.place:  # «Владимира Ивана Белова»
        return
    for names, surnames in _pairs(first, second, third, named=named):
        if readings := [*agreeing(names, surnames)]:
            if surnames is second.unlike:
                readings = _likely(readings, first, second)
            yield from (NameReading(_named(*pair), pair[0].case, 2) for pair in readings)
            return


def _pairs(first: NameWord, second: NameWord, third: NameWord, *, named: bool) -> Iterator[tuple[Forms, Forms]]:
    """What two words may be, first name and surname, the likelier before; most are of the first pair. `named` is
    whether the second and the third are a name."""
    if not (first.thing and second.of_place):
        yield first.first, second.surname
    turned = not named and (first.family or not first.first)  # «Биньямин Вернер», though he looks like Белкин
    if turned and not first.of_place:
        yield second.first, first.surname
    unlike = _unlike(first, second, third)
    yield first.first, unlike
    if unlike and unlike is second.oblique and not first.thing:
        yield first.first, second.declined
    if not second.of_place:
        yield first.guessed, second.surname
    if turned and second.compound:
        yield second.guessed, first.surname
    yield first.guessed, second.unlike if _foreign(first, second) else _unknown(second)
    if not (first.place or first.thing):
        yield first.first, second.town


def _foreign(first: NameWord, second: NameWord) -> bool:
    """Whether a name may be of a first name that the dictionary has not and a word that it has: Эммануэль Макрон,
    Брэдли Нельсон; «Гэмпшира Эндрю» is nobody."""
    alike = not second.first or _ENGLISH.fullmatch(second.lower) or (first.lower[-1] != "а" and first.foreign)
    return bool(alike) and first.looks_first and not second.adjective and not second.patronymic


def _unlike(first: NameWord, second: NameWord, third: NameWord) -> Forms:
    """The forms of a surname that looks like any word, as far as there may be one after this first name: «Арт Музей» is
    no name, and «Мария Большая Ордынка» neither."""
    if first.doubtful:
        return _unknown(second)
    titled = second.adjective and not third.unknown and third.unlike and not third.surname
    is_thing = not second.person and not second.adjective and not second.oblique
    return () if titled or (first.thing and is_thing) else second.unlike


def _likely(readings: list[tuple[NameForm, ...]], first: NameWord, second: NameWord) -> list[tuple[NameForm, ...]]:
    """The likelier readings before: «Шенга Схейна» is of Шенг Схейн, «Чарли Роузом» of Чарли Роуз, Джузеппе Конте of no
    Конт; and those of a first name that the dictionary has not."""
    written = f"{first.lower} {second.lower}"
    if first.first and not second.adjective and _ANOTHER_FIRST.fullmatch(written):
        readings += agreeing(first.guessed, second.unlike)
    if not second.unknown:
        return readings
    if second.lower[-1] in "еио" and second.lower[-2] != "и" and all(pair[0].name == first.lower for pair in readings):
        return [pair for pair in readings if pair[1].name == second.lower] or readings
    names = [form.name for form in first.first or first.guessed if form.name != first.lower]
    both = any(name.name in names and surname.name != second.lower for name, surname in readings)
    if both if second.lower.endswith("а") else second.lower.endswith("ом"):
        readings.sort(key=lambda pair: pair[1].name == second.lower)
    return readings


def _unknown(part: NameWord) -> Forms:
    """The forms of a word that the dictionary has not."""
    return part.unlike if part.unknown and not part.patronymic else ()


def _named(*forms: NameForm) -> str:
    return " ".join(map(_titled, forms))


def _titled(form: NameForm) -> str:
    parts = form.name.split("-")
    return "-".join(part if part in JUNIORS else part[:1].upper() + part[1:] for part in parts)


# Texts repeat their rows, and the words before them.
_MENTIONS = Remembered(_mentions, most=1 << 16)
_ELSEWHERE = Remembered(_elsewhere, most=1 << 15)
