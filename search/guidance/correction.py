"""What may a reader have meant whose query finds nothing: other keys, other letters, another spelling?"""

import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from search.analysis import Analyzer, fold_kazakh
from search.engine import Request, Searcher
from search.model import Correction, Count
from search.query.dates import DateContext
from search.query.layout import switched
from search.query.lexer import Kind, Sign
from search.query.parsed import Parsed
from search.query.parser import DATE_NAMES, FIELD_NAMES, parse
from search.query.transliteration import russian_spellings
from search.query.tree import And, Dates, Everything, Field, Most, Not, Or, Query, Word, leading, leaves

_LATIN_WORD = re.compile(r"[A-Za-z]['’A-Za-z]*")
# What joins words that may be meant apart.
_JOINT = re.compile(r"(?<=[^\W\d_])[,;/](?=[^\W\d_])")
_UNQUOTED = str.maketrans(dict.fromkeys('"«»„“”', " "))
_CLOSING = re.compile(r"[,.;:'\"]+$")
# What one step from the likeliest transliteration, or one more error, costs in powers of e of frequency.
STEP = 1.5
# A word shorter than this has too many neighbours; one shorter than the other has too many at two edits.
LEAST_FOR_ONE, LEAST_FOR_TWO = 4, 7
CANDIDATES = 16
MOST_LETTERS = 40
# Where so few articles are found, a hint is looked for: what finds so many times more.
FEW, MORE = 5, 5
# A word that is not in the dictionary, and that so few articles have, is a misspelling where a neighbour of it occurs
# so many times more often.
RARE, OFTEN = 2, 50
# What one query may take: words that are looked for, and scans of the vocabulary for what is spelled alike, two for
# each word that is corrected. Words beyond count as right.
MOST_LOOKED_FOR, MOST_SCANS = 32, 16
# Letters that are heard alike, and neighbours on the keyboard.
CONFUSED = ("оа", "еи", "иы", "бп", "дт", "зс", "гк", "вф", "жш", "шщ", "цс", "юу", "яа", "эе", *map("".join, pairwise(
    "йцукенгшщзхъ")), *map("".join, pairwise("фывапролджэ")), *map("".join, pairwise("ячсмитьбю")))  # fmt: skip

# Behind these signs words are meant as they are.
_TAKEN_AS_TYPED = {Kind.MINUS, Kind.NOT, Kind.EQUALS}

Change = Callable[[str, Field], str]


class Advice(NamedTuple):
    """What to search for instead, and what may have been meant as well."""

    correction: Correction | None = None
    hint: Correction | None = None


class Corrector:
    """Looks for what a request was meant for that finds nothing, or little, in the vocabulary of one generation."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer, request: Request, calendar: DateContext) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._calendar = calendar
        self._several = False  # whether a query of several words is corrected, which can do without one of them
        self._filtered = replace(request, limit=0, facets=False)
        self._request = Request(request.now, limit=0, facets=False)
        # What was asked already: a word is asked for on each of the ways.
        self._having: dict[Word, int] = {}
        self._scanned: dict[tuple[str, int, Field], tuple[Count[str], ...]] = {}

    def advice(self, parsed: Parsed, total: int) -> Advice:
        """On a query that so many articles match with all of its words.

        Words are right where they find something without the filters and dates: those are then what finds nothing.
        """
        if total:
            return Advice(hint=self._hint(parsed, total) if total <= FEW else None)
        if self._finds(_undated(parsed.query)):
            return Advice()
        return Advice(self._correction(parsed))

    def notes(self, correction: Correction | None, query: Query, total: int) -> tuple[str, ...]:
        """What to tell of an answer with so many articles."""
        if correction:
            return ("Исключение снято: с ним ничего не найдено.",) if correction.kind == "lifted" else ()
        anytime = _undated(query)
        if not total and leaves(anytime) and (undated := self._finds(anytime)):
            return (f"С выбранными датами и фильтрами ничего не найдено, без них — статей: {undated}.",)
        return ()

    def _correction(self, parsed: Parsed) -> Correction | None:
        """What finds something instead with all of its words; else what spells words rightly that most of them find."""
        separate = self._with_separate_words(parsed)
        if separate != parsed.text and self._finds_all(separate):
            return Correction("words", separate)
        self._several = bool(parsed.counted)
        for kind, rewriting in _REWRITINGS.items() if self._has_wrong_words(parsed) else ():
            for spelled in dict.fromkeys(rewriting(self, parsed)):
                if spelled != parsed.text and self._finds_all(spelled):
                    return Correction(kind, spelled)
        if lifted := self._with_what_is_excluded(parsed):
            return Correction("lifted", lifted)
        *_, spelled = self._respelled(parsed, cautious=True)
        for kind, text in (("spelling", spelled), ("words", separate)):
            if text != parsed.text and self._finds_some(text):
                return Correction(kind, text)
        unquoted = parsed.text.translate(_UNQUOTED)
        if unquoted != parsed.text and not self._finds_some(parsed.text) and self._finds_some(unquoted):
            return Correction("words", " ".join(unquoted.split()))
        return None

    def _has_wrong_words(self, parsed: Parsed) -> bool:
        """Whether the archive has not all words of a text, or has them only as misspellings."""
        wrong: list[str] = []

        def look(words: str, field: Field) -> str:
            forms = (token.form for token in self._analyzer.tokens(words) if not token.whole)
            wrong.extend(form for form in forms if not self._is_right(form, field))
            return words

        _rewritten(parsed, look)
        return bool(wrong)

    def _parsed(self, text: str) -> Parsed:
        return parse(text, self._analyzer, calendar=self._calendar)

    def _finds_all(self, text: str) -> int:
        return self._finds(_undated(self._parsed(text).query))

    def _finds_some(self, text: str) -> int:
        return self._finds(_undated(self._parsed(text).having(1)))

    def _hint(self, parsed: Parsed, total: int) -> Correction | None:
        """The query without its misspellings, where that finds many times more."""
        for spelled in self._respelled(parsed):
            query = self._parsed(spelled).query
            if spelled == parsed.text:
                continue
            spelled_total = self._searcher.search(replace(self._filtered, query=query)).total
            if spelled_total >= MORE * total:
                return Correction("spelling", spelled)
        return None

    def _on_other_layout(self, parsed: Parsed) -> Iterator[str]:
        def every(words: str, field: Field) -> str:
            return " ".join(self._switched(word, field) for word in words.split(" "))

        def unknown(words: str, field: Field) -> str:
            return " ".join(w if self._knows(w, field) else self._switched(w, field) for w in words.split(" "))

        yield _rewritten(parsed, every, everything=True)
        yield _rewritten(parsed, unknown)
        if not _vanish(parsed.text, switched(parsed.text)):
            yield switched(parsed.text)

    def _switched(self, word: str, field: Field) -> str:
        """The word on the other layout; a sign at its end is a letter there, unless only without it is it a word."""
        whole = switched(word)
        if _vanish(word, whole):
            return word
        bare = _CLOSING.sub("", word)
        if bare and bare != word and not self._knows(whole, field) and self._knows(switched(bare), field):
            return switched(bare) + word[len(bare) :]
        return whole

    def _in_russian(self, parsed: Parsed) -> Iterator[str]:
        def change(words: str, field: Field) -> str:
            return _LATIN_WORD.sub(lambda word: self._transliterated(word[0], field), words)

        yield _rewritten(parsed, change)

    def _transliterated(self, word: str, field: Field) -> str:
        if len(word) > MOST_LETTERS or self._knows(word, field):
            return word
        spellings = russian_spellings(word)
        counts = zip(spellings, self._searcher.frequencies(list(spellings), field), strict=True)
        occurring = [Count(spelling, count) for spelling, count in counts if count]
        if occurring:
            best = max(occurring, key=lambda form: math.log(form.count) - STEP * spellings[form.value]).value
        else:
            likeliest = next(iter(spellings), word)
            best = likeliest if self._knows(likeliest, field) else self._spelled(likeliest, field)
        return _cased(best, word)

    def _respelled(self, parsed: Parsed, *, cautious: bool = False) -> Iterator[str]:
        """The text with its misspelled words as those of the archive that are most likely meant. Where it is
        `cautious`, only long ones that are no names, as words of the dictionary or frequent ones one error away."""
        if not cautious:
            yield from self._run_together(parsed.text)

        def change(words: str, field: Field) -> str:
            pieces, done = [], 0
            for token in self._analyzer.tokens(words):
                word = words[token.start : token.end]
                if not token.whole and not (cautious and word[:1].isupper()):
                    right = self._is_right(token.form, field)
                    spelled = word if right else _cased(self._spelled(token.form, field, cautious=cautious), word)
                    pieces += [words[done : token.start], spelled]
                    done = token.end
            return "".join([*pieces, words[done:]])

        yield _rewritten(parsed, change)

    def _run_together(self, text: str) -> Iterator[str]:
        """The text with one space less, where that makes a word of what is none."""
        for space in re.finditer(r"(?<=\w) (?=\w)", text):
            before, after = text[: space.start()].split()[-1], text[space.end() :].split()[0]
            joined = [token.form for token in self._analyzer.tokens(before + after)]
            if any(self._searcher.frequencies(joined)) and not (self._knows(before) and self._knows(after)):
                yield text[: space.start()] + text[space.end() :]

    def _spelled(self, word: str, field: Field, *, cautious: bool = False) -> str:
        """The word of the archive that this one is most likely meant for; itself where there is none."""
        word = fold_kazakh(word)
        if not LEAST_FOR_ONE <= len(word) <= MOST_LETTERS or not word.isalpha():
            return word
        near = self._alike(word, 1, field)
        if cautious:
            sure = (form for form in near if form.count >= OFTEN or self._analyzer.is_word(form.value))
            near = tuple(sure) if len(word) > LEAST_FOR_ONE else ()
        elif not near:
            if two := self._divided(word, field):
                return two
            if len(word) >= LEAST_FOR_TWO:
                near = self._alike(word, 2, field)
        return (
            max(near, key=lambda form: math.log(form.count) - _unlikeliness(word, form.value)).value if near else word
        )

    def _divided(self, word: str, field: Field) -> str:
        """The word as two of the archive's, of three letters or more."""
        pairs = [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
        counts = self._searcher.frequencies([part for pair in pairs for part in pair], field)
        rarer = {pair: min(counts[2 * number : 2 * number + 2]) for number, pair in enumerate(pairs)}
        best = max(pairs, key=rarer.__getitem__, default=None)
        return " ".join(best) if best and rarer[best] else ""

    def _is_right(self, form: str, field: Field) -> bool:
        """Whether a word is found and is no misspelling of a frequent one, as far as is known."""
        terms = self._analyzer.terms(form)
        articles = self._have(Word(form, terms, field))
        if self._analyzer.is_word(form) and (articles or self._several):
            return True
        if not articles or articles > RARE or len(form) < LEAST_FOR_ONE:
            return bool(articles)
        near = self._alike(fold_kazakh(form), 1, field) if len(form) <= MOST_LETTERS else ()
        others = (other.count for other in near if set(terms).isdisjoint(self._analyzer.terms(other.value)))
        return max(others, default=0) < OFTEN * articles

    def _knows(self, text: str, field: Field = Field.TEXT) -> bool:
        """Whether every word of the text is found in some form."""
        words = [Word(token.form, self._analyzer.terms(token.form), field) for token in self._analyzer.tokens(text)]
        return bool(words) and all(map(self._have, words))

    def _have(self, word: Word) -> int:
        """How many articles have a word."""
        if word not in self._having:
            self._having[word] = self._finds(word) if len(self._having) < MOST_LOOKED_FOR else RARE + 1
        return self._having[word]

    def _alike(self, word: str, edits: int, field: Field) -> tuple[Count[str], ...]:
        """What is spelled almost like a word."""
        key = (word, edits, field)
        if key not in self._scanned:
            few = len(self._scanned) < MOST_SCANS
            self._scanned[key] = self._searcher.alike(word, edits, CANDIDATES, field) if few else ()
        return self._scanned[key]

    def _finds(self, query: Query) -> int:
        return self._searcher.search(replace(self._request, query=query)).total

    def _with_what_is_excluded(self, parsed: Parsed) -> str:
        """The text with its excluded words as words, where that finds something: a dash or a headline was pasted."""
        pieces, done = [], 0
        for sign in parsed.signs:
            if sign.kind in {Kind.MINUS, Kind.NOT}:
                pieces.append(parsed.text[done : sign.at])
                done = sign.at + len(sign.text)
        text = " ".join("".join([*pieces, parsed.text[done:]]).split())
        excludes = any(isinstance(clause, Not) for clause in _clauses(parsed.query))
        return text if excludes and pieces and self._finds_all(text) else ""

    def _with_separate_words(self, parsed: Parsed) -> str:
        """The text with what finds nothing together as words beside the others: words that a sign joins, and the name
        of a field with its value («Москва,метро», «Дата: выборы назначены»)."""
        text, pieces, done, looked = parsed.text, [], 0, 0
        before: Sign | None = None
        for sign in parsed.signs:
            kind = before.kind if before else None
            named = before if kind is Kind.FIELD and before and before.text not in DATE_NAMES else None
            apart = sign.text if "://" in sign.text else _JOINT.sub(" ", sign.text)
            if sign.kind is Kind.WORD and kind not in _TAKEN_AS_TYPED and (named or apart != sign.text):
                looked += 1
                begin, end = (named or sign).at, sign.at + len(sign.text)
                if looked <= MOST_SCANS and not self._finds_all(text[begin:end]):
                    name = text[begin : begin + len(named.text)] + " " if named else ""
                    pieces += [text[done:begin], name, apart]
                    done = end
            before = sign
        return "".join([*pieces, text[done:]])


_REWRITINGS = {
    "layout": Corrector._on_other_layout,
    "transliteration": Corrector._in_russian,
    "spelling": Corrector._respelled,
}


def _clauses(query: Query) -> Iterator[Query]:
    """The query and all that it is made of, what is inside a `Not` aside."""
    yield query
    for clause in query.clauses if isinstance(query, And | Or | Most) else ():
        yield from _clauses(clause)


def _undated(query: Query) -> Query:
    """The query with any date allowed."""
    match query:
        case Dates():
            return Everything()
        case Or() if leading(query):
            return Everything()
        case And() | Or() | Most():
            return replace(query, clauses=tuple(map(_undated, query.clauses)))
        case Not():
            return query if isinstance(query.clause, Dates) else Not(_undated(query.clause))
    return query


def _rewritten(parsed: Parsed, change: Change, *, everything: bool = False) -> str:
    """The text with its words, phrases and prefixes changed. Operators, names of fields and dates stay; so does what
    is excluded or asked for exactly, unless `everything` is to be changed."""
    text, pieces, done = parsed.text, [], 0
    before: Sign | None = None
    for sign in parsed.signs:
        named = before.text if before and before.kind is Kind.FIELD else ""
        stays = before is not None and before.kind in _TAKEN_AS_TYPED and not everything
        if sign.kind in {Kind.WORD, Kind.PREFIX, Kind.QUOTE} and named not in DATE_NAMES and not stays:
            pieces += [text[done : sign.at], change(sign.text, FIELD_NAMES.get(named, Field.TEXT))]
            done = sign.at + len(sign.text)
        before = sign
    return "".join([*pieces, text[done:]])


def _vanish(typed: str, other: str) -> bool:
    """Whether letters become signs that mean nothing: х is [ on the other layout."""
    return any(one.isalnum() and not two.isalnum() for one, two in zip(typed, other, strict=True))


def _cased(word: str, like: str) -> str:
    """The word in capitals, or with one, as another is written."""
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


def _unlikeliness(typed: str, meant: str) -> float:
    """How unlikely one is written for the other, in powers of e: less for what hands and ears confuse."""
    meant = fold_kazakh(meant)
    start = _common(typed, meant)
    end = _common(typed[start:][::-1], meant[start:][::-1])
    wrong, right = typed[start : len(typed) - end], meant[start : len(meant) - end]
    if sorted(wrong) == sorted(right) or (not right and wrong == typed[start - 1 : start]):
        return 0.0
    alike = any(set(wrong + right) <= set(group) for group in CONFUSED)
    return (0.0 if alike else 1.0) + (1.5 if start == 0 else 0.0)


def _common(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), min(len(one), len(other))
    )
