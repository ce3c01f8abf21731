"""What a capitalised word may be as a part of a name: by pymorphy3's dictionary, by the look of surnames, and by how a
word is declined that no dictionary knows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import product
from typing import NamedTuple

from msgspec import Struct

from search.analysis.morphology import pymorphy

# The cases, a letter each: nominative, genitive, dative, accusative, instrumental, locative. Below, which of them each
# ending is of.
CASES = "ngdail"
_OF_PYMORPHY = {"nomn": "n", "gent": "g", "datv": "d", "accs": "a", "ablt": "i", "loct": "l"}
_GENDERS = {"masc": "m", "femn": "f", "ms-f": "mf"}
_HARD = {"а": "ga", "у": "d", "ом": "i", "ем": "i", "е": "l"}
_SOFT = {"я": "ga", "ю": "d", "ем": "i", "е": "l"}
_IN_A = {"а": "n", "ы": "g", "и": "g", "е": "dl", "у": "a", "ой": "i", "ей": "i"}
_IN_YA = {"я": "n", "и": "g", "е": "dl", "ю": "a", "ей": "i"}
_MAN, _WOMAN = {"": "n", "а": "ga", "у": "d", "ым": "i", "е": "l"}, {"а": "n", "ой": "gdil", "у": "a"}
_ADJECTIVE_M = {"ий": "n", "ого": "ga", "ому": "d", "им": "i", "ом": "l"}
_ADJECTIVE_F = {"ая": "n", "ой": "gdil", "ую": "a"}
_HARD_M, _HARD_F = {"ый": "n", "ого": "ga", "ому": "d", "ым": "i", "ом": "l"}, _ADJECTIVE_F
_HUSHING_M = {"ий": "n", "его": "ga", "ему": "d", "им": "i", "ем": "l"}
_HUSHING_F = {"ая": "n", "ей": "gdil", "ую": "a"}
_SON, _DAUGHTER = (
    {"": "n", "а": "ga", "у": "d", "ем": "i", "е": "l"},
    {"а": "n", "ы": "g", "е": "dl", "у": "a", "ой": "i"},
)
_JUNIOR = {"ий": "n", "его": "ga", "ему": "d", "им": "i", "ем": "l"}
JUNIORS = ("младший", "старший")

# After which letters an ending of a name in -а stands, where not after all consonants; and all those in -я.
_HISSING = "жчшщц"
_BEFORE = {"аи": "гкхжчшщ", "аей": _HISSING, "аы": "бвдзлмнпрстфцғқңһ"} | {
    f"я{ending}": "аеиоуыэюябвдзлмнпрстфь" for ending in _IN_YA
}
_VOWELS, _CONSONANTS = "аеиоуыэюя", "бвгджзклмнпрстфхцчшщғқңһ"
_SURNAME = re.compile("(?P<stem>.{2,}(?:[ое]в|[иы]н))(?P<end>а|у|ым|е|ой|)")
_ADJECTIVE = re.compile("(?P<stem>.{2,}[сц]к)(?P<end>ий|ого|ому|им|ом|ая|ой|ую)")
# Осадчий, Непомнящий; Подлесный: these only of words that the dictionary has not, as it has plurals in -ей, -ом.
_HUSHING = re.compile("(?P<stem>.{2,}(?:[дст]ч|щ|[жчш](?=ий|его|ему|ая|ую)))(?P<end>ий|его|ему|им|ем|ая|ей|ую)")
_BARE = re.compile("(?P<stem>.{2,}(?:[бвгдзлмпрст]н|[бвдлмнпрст](?=ый|ого|ому|ую)))(?P<end>ый|ого|ому|ым|ом|ая|ой|ую)")
_NEVER_DECLINED = re.compile(".{2,}(?:енко|швили|дзе)")
_FOREIGN = re.compile(".+(?:[оуэюиые]|[аеиу]а|[ыи]х)")
_FLEETING = re.compile("(?<=..)йц$|(?<=..[вбгмпс])ц$")  # Коломийца, Муромца, but Шварца
_FAMILY = re.compile(".{2,}(?:[ое]в|[иы]н)ы")  # of several people
_SON_OF = re.compile(".{2,}(?:[ое]в|ь|[аиуя])ич(?P<end>а|у|ем|е|)")
_DAUGHTER_OF = re.compile(".{2,}(?:[ое]в|ич)н(?P<end>а|ы|е|у|ой)")
# A surname, rather than a patronymic: Дворкович, Янкевич. What comes of a name is a patronymic, in the dictionary, with
# a soft sign or of a Turkic name; but of these names nobody is called.
_VICH = re.compile("(?P<stem>.{2,}[ое]вич)(?P<end>а|у|ем|е|)")
_OF_A_NAME = re.compile(".*(?:ь|[аеи]|бек|хан|жан|[жз]ян|дин|[аеиу]т|[аеу]л|ид|иф)[ое]вич")
_OF_NO_NAME = re.compile(
    "(?:григор|якуб|юзеф|шимон|каспер|агран|самойл|прокоп|стефан|богдан|клим)ович|"
    "(?:[^м].*|м[^а].*)[бвдлмнрт]к[ое]вич|(?:лукаш|якуш|томаш|януш|матуш|урбан|васил|алекси)евич"
)
# A case of the Kazakh language at a surname: «Әбілазовты».
_KAZAKH_CASE = re.compile(".+(?:[ое]в|[иы]н)а?(?:[тдн][ыі]ң?|[ғқ]а|[тд][ае]н|[пмб]ен)")
_KAZAKH = re.compile(".{3,}(?:[уұ]лы|[кқ]ызы|оглы|заде)")
_ADJECTIVES, _NO_ADJECTIVES = frozenset(("ADJF", "PRTF")), frozenset(("Apro", "Anum", "Poss"))
_STATE = ("израиля", "израилю", "израилем", "израиле")  # hardly a first name
_IN_SKIY = re.compile(".+[сц]к[ио]й")
_EH = re.compile("[бвгджзклмнпрстфхчш]э|юэ")
_ORDINALS = {
    "первый": "I", "второй": "II", "третий": "III", "четвертый": "IV", "пятый": "V", "шестой": "VI", "седьмой": "VII",
    "восьмой": "VIII", "девятый": "IX", "десятый": "X", "одиннадцатый": "XI", "двенадцатый": "XII",
    "тринадцатый": "XIII", "четырнадцатый": "XIV", "пятнадцатый": "XV", "шестнадцатый": "XVI",
}  # fmt: skip
# Women's names of the dictionary that are far more often a man's in the genitive.
_OF_MEN = re.compile("(?:геннад|дмитр|анатол)ия|(?:владислав|станислав|стефан)а")
_SHORT_ADJECTIVES = frozenset({"ADJS", "PRTS"})
# What stands beside names and looks like one: offices, what is Russian, Soviet, Roman, and the one patronymic that is a
# surname far more rarely, by pymorphy3's own estimate one time in six.
_NO_SURNAME = re.compile(
    "руководитель|секретарь|министр|президент|премьер|директор|председатель|депутат|губернатор|глава|начальник|"
    "помощник|представитель|заместитель|советник|посол|генерал|полковник|майор|капитан|герой|спикер|папа|политика|"
    "александрович|пресс|групп|римский|российский|советский|американский|московский|"
    "нов[ыо]й|старый|больш[ои]й|мал[ыо]й|главный|народный|верховный|.*(?:областной|городской)|районный|северный|южный|"
    "западный|восточный|золотой|серебряный|олимпийский|всемирный|военный|государственный|"
    "(?:национ|регион|центр|федер|муницип|соци|специ|генер|музык|театр|мемори)альный|группа|телеграф|таймс|сквер|банк|клуб|отель|холл|парк"
)
# What a place may end in where the adjective has -ский: Калининград, Сочи, Таврия, Полтава.
_OF_A_PLACE = ("", "а", "и", "ия", "ь", "о")


class NameForm(Struct, frozen=True, gc=False):
    """A form of a part of a name: the `gender`, m or f, one of CASES, and its nominative, in lower case."""

    gender: str
    case: str
    name: str

    @property
    def kind(self) -> tuple[str, str]:
        """What has to be the same of all parts."""
        return self.gender, self.case


Forms = tuple[NameForm, ...]


def agreeing(*parts: Sequence[NameForm]) -> Iterator[tuple[NameForm, ...]]:
    """What parts may be together: forms of one gender and case."""
    for first in parts[0]:
        others = [[form for form in part if form.kind == first.kind] for part in parts[1:]]
        if all(others):
            yield from ((first, *rest) for rest in product(*others))


class _Entry(NamedTuple):
    """What the dictionary says of a word: its grammemes, its lemma, its nominative in the singular, of its gender."""

    kinds: frozenset[str]
    lemma: str
    nominative: str


class NameWord:
    """What a word may be; found out when it is asked for."""

    compound = False

    def __init__(self, lower: str) -> None:
        self.lower = lower
        self._entries = [entry for entry in _entries(lower) if lower not in _STATE or "Name" not in entry.kinds]
        # Short adjectives are written small: «Карден» is none.
        self.unknown = all(entry.kinds & _SHORT_ADJECTIVES for entry in self._entries)
        self._office = any(_NO_SURNAME.fullmatch(entry.lemma) for entry in self._entries)

    @property
    def may_be_first(self) -> bool:
        """Whether it may be a first name at all."""
        return self.unknown or any("Name" in entry.kinds for entry in self._entries)

    @cached_property
    def doubtful(self) -> bool:
        """Whether it is a place of another lemma: «Астана» is rather no Астан."""
        names = {entry.lemma for entry in self._entries if "Name" in entry.kinds}
        return any("Geox" in entry.kinds and entry.lemma not in names for entry in self._entries)

    @cached_property
    def place(self) -> bool:
        """Whether it is a place as well."""
        return any("Geox" in entry.kinds for entry in self._entries)

    @cached_property
    def thing(self) -> bool:
        """Whether it is a thing as well: слава, роман, арт."""
        return any({"NOUN", "inan"} <= entry.kinds and "Geox" not in entry.kinds for entry in self._entries)

    @cached_property
    def family(self) -> bool:
        """Whether the dictionary has it as a surname."""
        return any("Surn" in entry.kinds for entry in self._entries)

    @cached_property
    def person(self) -> bool:
        """Whether it is somebody's name as well, or of no dictionary."""
        return self.unknown or self.family or any("Name" in entry.kinds for entry in self._entries)

    @cached_property
    def adjective(self) -> Forms:
        """As an adjective or participle of the dictionary: Луговой, Бережная, Непомнящий."""
        entries = [entry for entry in self._entries if entry.kinds & _ADJECTIVES and not entry.kinds & _NO_ADJECTIVES]
        if self._office or not entries or _IN_SKIY.fullmatch(entries[0].lemma):
            return ()
        return _once(form for kind in _ADJECTIVES for form in _of_kind(entries, kind))

    @cached_property
    def ordinal(self) -> Forms:
        """As the number of a ruler, in Roman numerals: Второй, Великая is none."""
        entries = [entry for entry in self._entries if "Anum" in entry.kinds and entry.lemma in _ORDINALS]
        forms = [(form, _ORDINALS[entry.lemma]) for entry in entries for form in _of_kind([entry], "Anum")]
        return _once(NameForm(form.gender, form.case, number) for form, number in forms) if entries else ()

    @property
    def foreign(self) -> bool:
        """Whether it is spelt as foreign words are: Шэрон, Эмманюэль."""
        return bool(_EH.search(self.lower))

    @cached_property
    def looks_first(self) -> bool:
        """Whether a word that the dictionary has not looks like a first name: Эммануэль, Брэдли."""
        if not self.unknown or self.compound:
            return False
        as_adjective = bool(self._entries)  # a short one: Серена
        return as_adjective or self.foreign or any("Name" in parse.tag for parse in pymorphy().parse(self.lower))

    @cached_property
    def town(self) -> Forms:
        """As a surname that is a town's name as well: Рошаль."""
        if self._office:
            return ()
        forms = _of_kind(self._entries, "Geox")
        return _once(form for form in forms if form.gender == "m" or not form.name.endswith(("ия", "москва")))

    @cached_property
    def first(self) -> Forms:
        """As a first name of the dictionary."""
        forms = _once(_of_kind(self._entries, "Name"))  # «Анне» is rather of Анна than the name that is not declined
        hardly = _OF_MEN.fullmatch(self.lower)
        return tuple(sorted(forms, key=lambda form: form.name == self.lower and (form.case != "n" or bool(hardly))))

    @cached_property
    def guessed(self) -> Forms:
        """As a first name that the dictionary has not: beside Илона there is Илон, beside the man Камал, Камала."""
        if self.unknown:
            return self.declined if not _KAZAKH_CASE.fullmatch(self.lower) else ()
        if not self.may_be_first or self.lower[-1] in _CONSONANTS:
            named = all("Name" in entry.kinds for entry in self._entries)
            return self.declined if named and self.may_be_first else ()
        if self.lower[-1] == "а" or (self.lower[-1] == "я" and not self.place):
            return self.declined
        if any(form.case == "n" for form in self.first):
            return ()
        return _once(form for form in _declined_in_a(self.lower) if form.gender == "f" and _is_name(form.name[:-1]))

    @cached_property
    def surname(self) -> Forms:
        """As a surname of the dictionary, or by its look."""
        return () if self._office else _once((*_of_kind(self._entries, "Surn"), *self._by_look()))

    @cached_property
    def unlike(self) -> Forms:
        """As a surname that looks like any word."""
        if self.patronymic:  # «Анна Петрович» is none
            return tuple(_undeclined(self.lower, "f")) if _VICH.fullmatch(self.lower) and self.lower[-1] == "ч" else ()
        nouns = any("NOUN" in entry.kinds and "Geox" not in entry.kinds for entry in self._entries)
        is_surname = self.family and self.lower[-1] not in _CONSONANTS
        other = is_surname or self._office or self.ordinal
        if other or _FAMILY.fullmatch(self.lower) or _KAZAKH_CASE.fullmatch(self.lower):
            return ()
        return self.adjective or self.oblique or (self.declined if self.unknown or nouns else ())

    @cached_property
    def oblique(self) -> Forms:
        """As a noun of the dictionary that is no nominative: «Макрона» is of макрон, «Чудотворца» of чудотворец."""
        nouns = [entry for entry in self._entries if "NOUN" in entry.kinds and "Geox" not in entry.kinds]
        if any("nomn" in entry.kinds or "plur" in entry.kinds for entry in nouns):
            return ()
        forms = _once(_of_kind(nouns, "NOUN"))
        accusatives = (NameForm("m", "a", form.name) for form in forms if form.kind == ("m", "g"))
        return tuple(dict.fromkeys((*forms, *accusatives)))

    @cached_property
    def patronymic(self) -> Forms:
        """As a patronymic, of which no name is told."""
        return () if self._is_vich else tuple(_patronymic(self.lower))

    @cached_property
    def _is_vich(self) -> bool:
        """Whether it is a surname in -вич: no patronymic."""
        if not (match := _VICH.fullmatch(self.lower)):
            return False
        of_a_name = any("Patr" in entry.kinds for entry in self._entries) or _OF_A_NAME.fullmatch(match["stem"])
        return bool(_OF_NO_NAME.fullmatch(match["stem"]) or not of_a_name)

    @cached_property
    def declined(self) -> Forms:
        """As it may be declined if nothing is known of it."""
        return _once(_declined(self.lower))

    def _by_look(self) -> Iterator[NameForm]:
        if self._entries and all("Geox" in entry.kinds for entry in self._entries):
            return
        if self._is_vich:
            yield from _of_vich(self.lower)
        elif match := _SURNAME.fullmatch(self.lower):
            if match["end"] == "ой" and self._stressed:
                yield from self.adjective  # «Луговой» is rather of Луговая than of Лугова
            yield from _ending(match, "m", _MAN, "")
            yield from _ending(match, "f", _WOMAN, "а")
        elif match := _ADJECTIVE.fullmatch(self.lower):
            yield from _ending(match, "m", _ADJECTIVE_M, "ий")
            yield from _ending(match, "f", _ADJECTIVE_F, "ая")
            yield from [NameForm("m", "n", self.lower)] if match["end"] == "ой" else []  # Гребенской
        elif _NEVER_DECLINED.fullmatch(self.lower):
            yield from _undeclined(self.lower, "mf")
        elif self.unknown or "дч" in self.lower:
            yield from _of_adjectives(self.lower)

    @property
    def _stressed(self) -> bool:
        """Whether it is an adjective like луговой, and no surname of the dictionary: лугова is one only by its look."""
        lemmas = [entry.lemma for entry in self._entries if entry.kinds & _ADJECTIVES]
        return any(lemma.endswith("ой") for lemma in lemmas) and not self.family

    @cached_property
    def of_place(self) -> bool:
        """Whether the dictionary has it as the adjective of a place alone: Калининградский, Сочинская."""
        match = _ADJECTIVE.fullmatch(self.lower)
        kinds: set[str] = set().union(*(entry.kinds for entry in self._entries))
        if not match or self.family or "ADJF" not in kinds:
            return False
        place = match["stem"][:-2].removesuffix("иче")
        return any(
            word(base + ending).place
            for base in (place, place.removesuffix("н"))
            for ending in _OF_A_PLACE
            if len(base) > 2
        )


class _Hyphenated(NameWord):
    """Of words with hyphens the last is declined, of surnames each: Касым-Жомарта, Салтыкова-Щедрина."""

    compound = True
    doubtful = False

    def __init__(self, lower: str) -> None:
        *others, last = lower.split("-")
        self.lower, self._head = lower, "-".join(others)
        self._entries, self._office = list(_entries(lower)), False
        self._others, self._last = [NameWord(other) for other in others], NameWord(last)
        self._every = (*self._others, self._last)
        self.unknown = all(part.unknown for part in self._every)

    @property
    def may_be_first(self) -> bool:
        return not self.place and all(part.may_be_first for part in self._every)

    @cached_property
    def first(self) -> Forms:
        return self.guessed if any(part.first for part in self._every) else ()

    @cached_property
    def guessed(self) -> Forms:
        if not self.may_be_first:
            return ()
        last = self._last.first or self._last.guessed
        readings = self._both(self._others[0].first, last) if len(self._others) == 1 else ()  # Жана-Клода
        return readings or self._headed(last)

    @cached_property
    def surname(self) -> Forms:
        if len(self._others) > 1:
            return ()
        (other,), last = self._others, self._last
        return self._both(other.surname or other.unlike, _once(_junior(last.lower)) or last.surname)

    @cached_property
    def unlike(self) -> Forms:
        return self._headed(self._last.surname or self._last.unlike)

    @staticmethod
    def _both(ones: Forms, others: Forms) -> Forms:
        return _once(NameForm(*one.kind, f"{one.name}-{other.name}") for one, other in agreeing(ones, others))

    def _headed(self, forms: Iterable[NameForm]) -> Forms:
        return _once(NameForm(*form.kind, f"{self._head}-{form.name}") for form in forms)


@lru_cache(maxsize=1 << 15)
def word(written: str) -> NameWord:
    """What a word may be as it is written."""
    lower = written.lower().replace("ё", "е").replace("\u2010", "-").replace("\u2011", "-")
    return _Hyphenated(lower) if "-" in lower else NameWord(lower)


def _entries(lower: str) -> Iterator[_Entry]:
    """As the dictionary has it, without what pymorphy3 guesses of words that it has not: several times faster."""
    analyzer = pymorphy()
    dictionary = analyzer.dictionary
    for spelled, places in dictionary.words.similar_items(lower, analyzer.char_substitutes):
        for paradigm, number in places:
            kinds, prefix, suffix, endings = _paradigm(paradigm, number)
            stem = spelled[len(prefix) : len(spelled) - len(suffix)]
            lemma, nominative = (f"{before}{stem}{after}".replace("ё", "е") for before, after in endings)
            yield _Entry(kinds, lemma, nominative)


@cache
def _paradigm(paradigm: int, number: int) -> tuple[frozenset[str], str, str, tuple[tuple[str, str], tuple[str, str]]]:
    """Of the form with this number its grammemes, prefix and suffix; and the prefix and suffix of the lemma and of the
    nominative in the singular, of its gender where it has one."""
    forms = pymorphy().dictionary.build_paradigm_info(paradigm)
    prefix, tag, suffix = forms[number]
    wanted = {"nomn", "sing", *filter(None, [tag.gender])}
    nominative = next((form for form in forms if wanted <= form[1].grammemes), forms[number])
    return tag.grammemes, prefix, suffix, (forms[0][::2], nominative[::2])


def _of_vich(lower: str) -> Iterator[NameForm]:
    match = _VICH.fullmatch(lower)
    yield from _ending(match, "m", _SON, "") if match else ()
    yield from _undeclined(lower, "f" if lower[-1] == "ч" else "")


def _of_adjectives(lower: str) -> Iterator[NameForm]:
    """Осадчий and Осадчая, Подлесный and Подлесная."""
    if match := _HUSHING.fullmatch(lower):
        yield from (*_ending(match, "m", _HUSHING_M, "ий"), *_ending(match, "f", _HUSHING_F, "ая"))
    elif match := _BARE.fullmatch(lower):
        yield from (*_ending(match, "m", _HARD_M, "ый"), *_ending(match, "f", _HARD_F, "ая"))


def _is_name(lower: str) -> bool:
    """Whether there is such a man's name: Джордж beside «Джорджи», Кай beside «Каи»."""
    nominative = lower + "й" if lower[-1:] in _VOWELS else lower
    return len(lower) > 1 and any(form.gender == "m" for form in word(nominative).first)


def _once(forms: Iterable[NameForm]) -> Forms:
    """Each once, nominatives first."""
    return tuple(sorted(dict.fromkeys(forms), key=lambda form: form.case != "n"))


def _of_kind(entries: Iterable[_Entry], kind: str) -> Iterator[NameForm]:
    for kinds, _, nominative in entries:
        if kind in kinds and "sing" in kinds:
            genders = (gender for name, letters in _GENDERS.items() if name in kinds for gender in letters)
            cases = [case for name, case in _OF_PYMORPHY.items() if name in kinds]
            yield from (NameForm(gender, case, nominative) for gender in genders for case in cases)


def _ending(match: re.Match[str], gender: str, endings: Mapping[str, str], nominative: str) -> Iterator[NameForm]:
    return (NameForm(gender, case, match["stem"] + nominative) for case in endings.get(match["end"], ""))


def _undeclined(lower: str, genders: str) -> Iterator[NameForm]:
    return (NameForm(gender, case, lower) for case in CASES for gender in genders)


def _declined(lower: str) -> Iterator[NameForm]:
    """How a word may be declined of which nothing is known."""
    undeclined = _undeclined(lower, "mf" if _FOREIGN.fullmatch(lower) else "")
    if lower[-1] not in "уыю":  # those are more often of a word in another case
        yield from undeclined
    if lower[-1] in _CONSONANTS or lower[-1] in "йь":
        yield NameForm("m", "n", lower)
        yield from _undeclined(lower, "f" if lower[-1] != "й" or lower[-2] in "аэ" else "")
    yield from _declined_as_a_man(lower)
    yield from _declined_in_a(lower)
    yield from undeclined


def _declined_as_a_man(lower: str) -> Iterator[NameForm]:
    """As Иван, as Сергей and Игорь."""
    for endings in (_HARD, _SOFT):
        for ending, cases in endings.items():
            stem = lower.removesuffix(ending)
            hard = stem[-1:] in (_HISSING if ending == "ем" else _CONSONANTS)
            if stem != lower and len(stem) > 1 and (stem[-1] != "ц" if endings is _SOFT else hard):
                last = "" if endings is _HARD else "й" if stem[-1] in _VOWELS else "ь"
                name = _FLEETING.sub("ец", stem) + last
                yield from (NameForm("m", case, name) for case in cases)


def _declined_in_a(lower: str) -> Iterator[NameForm]:
    """As Анна, as Мария."""
    for last, endings in (("а", _IN_A), ("я", _IN_YA)):
        for ending, cases in endings.items():
            stem = lower.removesuffix(ending)
            if stem != lower and len(stem) > 1 and stem[-1] in _BEFORE.get(last + ending, _CONSONANTS):
                yield from (NameForm(gender, case, stem + last) for case in cases for gender in "fm")


def _patronymic(lower: str) -> Iterator[NameForm]:
    if match := _SON_OF.fullmatch(lower):
        yield from (NameForm("m", case, "") for case in _SON[match["end"]])
    elif match := _DAUGHTER_OF.fullmatch(lower):
        yield from (NameForm("f", case, "") for case in _DAUGHTER[match["end"]])
    elif _KAZAKH.fullmatch(lower):
        yield from (NameForm("f" if lower.endswith("ызы") else "m", case, "") for case in CASES)


def _junior(lower: str) -> Iterator[NameForm]:
    for name in JUNIORS:
        stem = name.removesuffix("ий")
        if lower.startswith(stem):
            yield from (NameForm("m", case, name) for case in _JUNIOR.get(lower.removeprefix(stem), ""))
