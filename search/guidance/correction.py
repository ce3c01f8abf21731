"""What may a reader have meant whose query finds nothing: other keys, other letters, another spelling, any word?"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from search.analysis import Analyzer, fold_kazakh
from search.analysis.morphology import FUNCTION_PERCENT
from search.engine import Request, Searcher
from search.model import Correction, Count
from search.query.layout import switched
from search.query.lexer import Kind, Sign, signs
from search.query.parser import DATE_NAMES, FIELD_NAMES, Parsed, parse
from search.query.transliteration import russian_spellings
from search.query.tree import And, Dates, Everything, Field, Not, Or, Phrase, Query, Word, leaves

_LATIN_WORD = re.compile(r"[A-Za-z]['’A-Za-z]*")
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

Change = Callable[[str, Field], str]


class Advice(NamedTuple):
    """What to search for instead, what may have been meant as well, and what to tell the reader beside that."""

    correction: Correction | None = None
    hint: Correction | None = None
    notes: tuple[str, ...] = ()


class Corrector:
    """Looks for what a request was meant for that finds nothing, or little, in the vocabulary of one generation."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer, request: Request) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._filtered = replace(request, limit=0, facets=False)
        self._request = Request(request.now, limit=0, facets=False)
        # What was asked already: a word is asked for on each of the ways.
        self._having: dict[Word, int] = {}
        self._scanned: dict[tuple[str, int, Field], tuple[Count[str], ...]] = {}

    def advice(self, parsed: Parsed, total: int) -> Advice:
        """On a query that finds so many articles.

        Words are right where they find something without the filters and dates: those are then what finds nothing.
        """
        if total:
            return Advice(hint=self._hint(parsed, total) if total <= FEW else None)
        if undated := self._finds(_undated(parsed.query)):
            return Advice(notes=(f"С выбранными датами и фильтрами ничего не найдено, без них — статей: {undated}.",))
        spelled = parsed.text
        for kind, rewriting in _REWRITINGS.items():
            for spelled in dict.fromkeys(rewriting(self, parsed.text)):
                if spelled != parsed.text and self._finds(_undated(parse(spelled, self._analyzer).query)):
                    return Advice(Correction(kind, spelled))
        if lifted := self._with_what_is_excluded(parsed):
            return Advice(Correction("lifted", lifted), notes=("Исключение снято: с ним ничего не найдено.",))
        for text in dict.fromkeys((parsed.text, spelled)):
            if either := self._either(text):
                note = "Всех слов вместе нет нигде; показано по любым из них."
                return Advice(Correction("any", either), notes=(note,))
        return Advice()

    def _hint(self, parsed: Parsed, total: int) -> Correction | None:
        """The query without its misspellings, where that finds many times more."""
        for spelled in self._respelled(parsed.text):
            query = parse(spelled, self._analyzer).query
            found = spelled != parsed.text and self._searcher.search(replace(self._filtered, query=query)).total
            if found >= MORE * total:
                return Correction("spelling", spelled)
        return None

    def _on_other_layout(self, text: str) -> Iterator[str]:
        def every(words: str, field: Field) -> str:
            return " ".join(self._switched(word, field) for word in words.split(" "))

        def unknown(words: str, field: Field) -> str:
            return " ".join(w if self._knows(w, field) else self._switched(w, field) for w in words.split(" "))

        yield _rewritten(text, every, everything=True)
        yield _rewritten(text, unknown)
        if not _vanish(text, switched(text)):
            yield switched(text)

    def _switched(self, word: str, field: Field) -> str:
        """The word on the other layout; a sign at its end is a letter there, unless only without it is it a word."""
        whole = switched(word)
        if _vanish(word, whole):
            return word
        bare = _CLOSING.sub("", word)
        if bare and bare != word and not self._knows(whole, field) and self._knows(switched(bare), field):
            return switched(bare) + word[len(bare) :]
        return whole

    def _in_russian(self, text: str) -> Iterator[str]:
        def change(words: str, field: Field) -> str:
            return _LATIN_WORD.sub(lambda word: self._transliterated(word[0], field), words)

        yield _rewritten(text, change)

    def _transliterated(self, word: str, field: Field) -> str:
        if len(word) > MOST_LETTERS or self._knows(word, field):
            return word
        spellings = russian_spellings(word)
        found = zip(spellings, self._searcher.frequencies(list(spellings), field), strict=True)
        known = [Count(spelling, count) for spelling, count in found if count]
        if known:
            best = max(known, key=lambda each: math.log(each.count) - STEP * spellings[each.value]).value
        else:
            likeliest = next(iter(spellings), word)
            best = likeliest if self._knows(likeliest, field) else self._spelled(likeliest, field)
        return _cased(best, word)

    def _respelled(self, text: str) -> Iterator[str]:
        yield from self._run_together(text)

        def change(words: str, field: Field) -> str:
            pieces, done = [], 0
            for token in self._analyzer.tokens(words):
                if not token.whole:
                    word = words[token.start : token.end]
                    spelled = (
                        word if self._is_right(token.form, field) else _cased(self._spelled(token.form, field), word)
                    )
                    pieces += [words[done : token.start], spelled]
                    done = token.end
            return "".join([*pieces, words[done:]])

        yield _rewritten(text, change)

    def _run_together(self, text: str) -> Iterator[str]:
        """The text with one space less, where that makes a word of what is none."""
        for space in re.finditer(r"(?<=\w) (?=\w)", text):
            before, after = text[: space.start()].split()[-1], text[space.end() :].split()[0]
            if self._known_form(before + after) and not (self._knows(before) and self._knows(after)):
                yield text[: space.start()] + text[space.end() :]

    def _spelled(self, word: str, field: Field) -> str:
        """The word of the archive that this one is most likely meant for; itself where there is none."""
        word = fold_kazakh(word)
        if not LEAST_FOR_ONE <= len(word) <= MOST_LETTERS or not word.isalpha():
            return word
        near = self._alike(word, 1, field)
        if not near:
            if two := self._divided(word, field):
                return two
            if len(word) >= LEAST_FOR_TWO:
                near = self._alike(word, 2, field)
        return (
            max(near, key=lambda each: math.log(each.count) - _unlikeliness(word, each.value)).value if near else word
        )

    def _divided(self, word: str, field: Field) -> str:
        """The word as two of the archive's, of three letters or more."""
        pairs = [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
        counts = self._searcher.frequencies([part for pair in pairs for part in pair], field)
        rarer = {pair: min(counts[2 * number : 2 * number + 2]) for number, pair in enumerate(pairs)}
        best = max(pairs, key=rarer.__getitem__, default=None)
        return " ".join(best) if best and rarer[best] else ""

    def _is_right(self, form: str, field: Field) -> bool:
        """Whether a word is found and is no misspelling of a frequent one, as far as can be told."""
        terms = self._analyzer.terms(form)
        found = self._have(Word(form, terms, field))
        if not found or found > RARE or len(form) < LEAST_FOR_ONE or self._analyzer.is_word(form):
            return bool(found)
        near = self._alike(fold_kazakh(form), 1, field) if len(form) <= MOST_LETTERS else ()
        others = (each.count for each in near if set(terms).isdisjoint(self._analyzer.terms(each.value)))
        return max(others, default=0) < OFTEN * found

    def _known_form(self, word: str) -> bool:
        return any(self._searcher.frequencies([token.form for token in self._analyzer.tokens(word)], Field.TEXT))

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
        asked = (word, edits, field)
        if asked not in self._scanned:
            few = len(self._scanned) < MOST_SCANS
            self._scanned[asked] = self._searcher.alike(word, edits, CANDIDATES, field) if few else ()
        return self._scanned[asked]

    def _finds(self, query: Query) -> int:
        return self._searcher.search(replace(self._request, query=query)).total

    def _with_what_is_excluded(self, parsed: Parsed) -> str:
        """The text with its excluded words as words, where that finds something: a dash or a headline was pasted."""
        pieces, done = [], 0
        for sign in signs(parsed.text):
            if sign.kind in {Kind.MINUS, Kind.NOT}:
                pieces.append(parsed.text[done : sign.at])
                done = sign.at + len(sign.text)
        text = " ".join("".join([*pieces, parsed.text[done:]]).split())
        return text if pieces and self._finds(_undated(parse(text, self._analyzer).query)) else ""

    def _either(self, text: str) -> str:
        """The text with any of its words enough, where more than prepositions is found so; phrases, exclusions and
        dates stay."""
        units = parse(text, self._analyzer).units
        words = [unit for unit in units if self._weight(unit)]
        rest = [unit for unit in units if unit not in words]
        telling = [unit for unit in words if self._weight(unit) > FUNCTION_PERCENT]
        found = telling and self._searcher.search(replace(self._filtered, query=self._any_of(telling, rest)[1])).total
        return self._any_of(words, rest)[0] if found and len(words) > 1 else ""

    def _any_of(self, words: Sequence[str], rest: Sequence[str]) -> tuple[str, Query]:
        text = " ".join([f"({' | '.join(words)})", *rest])
        return text, parse(text, self._analyzer).query

    def _weight(self, unit: str) -> int:
        """What the heaviest word of a part of a query weighs; 0 where it is more than words as they are typed: quoted,
        exact, grouped, excluded or in a field."""
        query = parse(unit, self._analyzer).query
        parts = leaves(query)
        words = [word for part in parts for word in (part.words if isinstance(part, Phrase) else (part,))]
        typed = unit[:1].isalnum() or isinstance(query, Word)  # «Зенит» in quotes is a word too
        if not typed or not all(isinstance(word, Word) and word.field is Field.TEXT for word in words):
            return 0
        return max((word.weight for word in words if isinstance(word, Word)), default=0)


_REWRITINGS = {
    "layout": Corrector._on_other_layout,
    "transliteration": Corrector._in_russian,
    "spelling": Corrector._respelled,
}


def _undated(query: Query) -> Query:
    """The query with any date allowed."""
    match query:
        case Dates():
            return Everything()
        case And() | Or():
            return type(query)(tuple(map(_undated, query.clauses)))
        case Not():
            return query if isinstance(query.clause, Dates) else Not(_undated(query.clause))
    return query


def _rewritten(text: str, change: Change, *, everything: bool = False) -> str:
    """The text with its words, phrases and beginnings changed. Operators, names of fields and dates stay; so does what
    is excluded or asked for exactly, unless `everything` is to be changed."""
    pieces, done = [], 0
    before: Sign | None = None
    for sign in signs(text):
        named = before.text if before and before.kind is Kind.FIELD else ""
        kept = before is not None and before.kind in {Kind.MINUS, Kind.NOT, Kind.EQUALS} and not everything
        if sign.kind in {Kind.WORD, Kind.PREFIX, Kind.QUOTE} and named not in DATE_NAMES and not kept:
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
