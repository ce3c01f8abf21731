"""What may a reader have meant whose query finds nothing: other keys, other letters, another spelling?"""

import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from search.analysis import Analyzer, fold_kazakh
from search.analysis.morphology import NAME_PERCENT
from search.engine import Request, Searcher
from search.guidance.russian import count_of
from search.model import Correction, Count
from search.query.dates import DateContext
from search.query.layout import switched
from search.query.lexer import Kind, Sign
from search.query.parsed import Parsed
from search.query.parser import DATE_NAMES, FIELD_NAMES, parse
from search.query.transliteration import russian_spellings
from search.query.tree import And, Dates, Everything, Exact, Field, Most, Not, Or, Phrase, Query, Word, leading

_LATIN_WORD = re.compile(r"[A-Za-z]['’A-Za-z]*")
# What joins words that may be meant apart.
_JOINT = re.compile(r"(?<=[^\W\d_])[^\w\s'’*](?=[^\W\d_])|(?<=[^\W\d_])_+(?=[^\W\d_])")
_UNQUOTED = str.maketrans(dict.fromkeys('"«»„“”', " "))
_CLOSING = ",.;:'\""
# What one step from the likeliest transliteration costs, in powers of e of frequency.
STEP = 1.5
# What an error costs, in powers of e: writing a letter that is heard alike, a double letter single, a soft sign too
# much; slipping to the next key, leaving out or exchanging letters; any other letter; one of these at the beginning.
HEARD, SLIPPED, REPLACED, FIRST = 1.0, 3.0, 6.0, 1.5
# A correction may cost so much for each letter of the word, so that short words and names are not made into others.
COST_PER_LETTER = 0.5
# How likely a word is that is right and yet new to the archive, at least so much for each letter: what it is corrected
# into is likelier. A word of the dictionary is likelier meant than one that only the archive has; how likely any is, a
# small archive cannot say.
NEW, NEW_PER_LETTER, LISTED = -11.0, -1.25, 3.2
LEAST_ARTICLES = 25_000
# What is found in a handful of articles is as likely as in so many, or in so many times theirs.
TRIAL, TRIAL_TIMES = 1_000, 60
# What looks like a surname is likelier another surname than one with a letter too few: so much may be wrong in it, and
# that the dictionary has the other one says nothing.
MOST_IN_SURNAME = 2 * HEARD
_SURNAME = re.compile(r"\w{3,}(?:ов|[её]в|[иы]н)(?:[ауе]|ым|ой|ых)?")
# What is offered as a hint is as likely as this.
OFFERED = -13.0
# A word that some articles have is a misspelling where another is likelier by so much.
MISSPELLED = 1.0
# A word shorter than this has too many neighbours; one shorter than the other has too many at two edits.
LEAST_FOR_ONE, LEAST_FOR_TWO = 4, 7
CANDIDATES = 16
# Of how many ways to divide a word it is looked up whether its halves stand together.
DIVISIONS = 3
MOST_LETTERS = 40
# Where so few articles are found, a hint is looked for: what finds so many times more.
FEW, MORE = 5, 5
# A word that more articles have is right: of so many articles one, in a small archive a few.
RARE, LEAST_RARE, PER_RARE = 30, 4, 1_000
# What one query may take: words that are looked for, and scans of the vocabulary for what is spelled alike, two for
# each word that is corrected. Words beyond count as right.
MOST_LOOKED_FOR, MOST_SCANS = 32, 16
# Letters that are heard alike, and neighbours on the keyboard.
HEARD_ALIKE = tuple(map("".join, zip("оеибдзгквжшцюяэеяе", "аиыптскхфшщсуаеяио", strict=True)))
KEYS = [one + other for row in ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю") for one, other in pairwise(row)]
CONFUSED = dict.fromkeys([*KEYS, *(pair[::-1] for pair in KEYS)], SLIPPED)
CONFUSED |= dict.fromkeys([*HEARD_ALIKE, *(pair[::-1] for pair in HEARD_ALIKE)], HEARD)
SIGNS = "ьъ"
# Letters that are heard as one.
AS_ONE = {"йо": "е", "тс": "ц", "дц": "ц", "тц": "ц"}

LIFTED = "Исключённые слова не учтены: с исключением ничего не нашлось."

# Behind these signs words are meant as they are.
_TAKEN_AS_TYPED = {Kind.MINUS, Kind.NOT, Kind.EQUALS}

Change = Callable[[str, Field], str]


class Advice(NamedTuple):
    """What to search for instead, and what may have been meant as well."""

    correction: Correction | None = None
    hint: Correction | None = None


class _Guess(NamedTuple):
    """What a word may be meant for: how likely its errors are, and how likely it is at all, in powers of e."""

    text: str
    cost: float
    likelihood: float


class Corrector:
    """Looks for what a request was meant for that finds nothing, or little, in the vocabulary of one generation."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer, request: Request, calendar: DateContext) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._calendar = calendar
        self._several = False  # whether a query of several words is corrected, which can do without one of them
        self._all_match = False  # whether all words match as typed: what the archive lacks then does as a synonym
        self._filtered = replace(request, limit=0, facets=False)
        self._request = Request(request.now, limit=0, facets=False)
        # What was asked already: a word is asked for on each of the ways.
        self._having: dict[Word, int] = {}
        self._scanned: dict[tuple[str, int, Field], tuple[Count[str], ...]] = {}

    def advice(self, parsed: Parsed, total: int) -> Advice:
        """On a query that so many articles match with all of its words.

        Words are right where they find something without the filters and dates: those are then what finds nothing.
        """
        self._all_match = total > 0
        if total:
            return Advice(hint=self._hint(parsed, total) if total <= FEW else None)
        if self._finds(_undated(parsed.query)):
            return Advice()
        correction = self._correction(parsed)
        return Advice(correction, None if correction else self._hint(parsed, 0))

    def notes(self, correction: Correction | None, query: Query, total: int) -> tuple[str, ...]:
        """What to tell of an answer with so many articles."""
        if correction and correction.kind == "lifted":
            return (LIFTED,)
        anytime = _undated(query)
        if not total and (undated := self._finds(anytime)):
            return (f"С этими датами и фильтрами ничего не нашлось. Без них — {count_of(undated)}.",)
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
        *_, spelled = self._respelled(parsed)
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
            unlisted = (form for form in forms if not (self._several and self._analyzer.is_word(form)))
            wrong.extend(form for form in unlisted if not self._is_right(form, field))
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
        for spelled in self._respelled(parsed, sure=False):
            query = self._parsed(spelled).query
            if spelled == parsed.text:
                continue
            spelled_total = self._searcher.search(replace(self._filtered, query=query)).total
            if spelled_total >= max(1, MORE * total):
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
        bare = word.rstrip(_CLOSING)
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

    def _respelled(self, parsed: Parsed, *, sure: bool = True) -> Iterator[str]:
        """The text with its misspelled words as those of the archive that are most likely meant; where it need not be
        `sure`, also what they may be meant for."""
        yield from self._run_together(parsed.text)

        def change(words: str, field: Field) -> str:
            pieces, done = [], 0
            for token in self._analyzer.tokens(words):
                word = words[token.start : token.end]
                if not token.whole and not self._is_right(token.form, field):
                    spelled = self._spelled(token.form, field, sure=sure)
                    pieces += [words[done : token.start], word if spelled == token.form else _cased(spelled, word)]
                    done = token.end
            return "".join([*pieces, words[done:]])

        yield _rewritten(parsed, change)

    def _run_together(self, text: str) -> Iterator[str]:
        """The text with one space less, where that makes a word of what is none."""
        for space in re.finditer(r"(?<=[^\W\d_]) (?=[^\W\d_])", text):
            before, after = text[: space.start()].split()[-1], text[space.end() :].split()[0]
            joined = [token.form for token in self._analyzer.tokens(before + after)]
            if any(self._searcher.frequencies(joined)) and not (self._knows(before) and self._knows(after)):
                yield text[: space.start()] + text[space.end() :]

    def _spelled(self, form: str, field: Field, *, sure: bool = True) -> str:
        """The word of the archive that this one is most likely meant for; itself where there is none, or where that is
        less likely than a word that the archive does not have."""
        best = self._guess(fold_kazakh(form), field)
        if best is None or not (self._is_sure(form, best, field) if sure else best.likelihood >= OFFERED):
            return form
        return best.text

    def _is_sure(self, form: str, guess: _Guess, field: Field) -> bool:
        """Whether a word is rather an error than one that is new to the archive."""
        surname = field is Field.TEXT and " " not in guess.text and _SURNAME.fullmatch(form)
        most = MOST_IN_SURNAME if surname else COST_PER_LETTER * len(form)
        least = NEW + LISTED if surname else max(NEW, NEW_PER_LETTER * len(form))
        return guess.likelihood >= least and guess.cost <= most and not self._analyzer.is_word(form)

    def _guess(self, word: str, field: Field) -> _Guess | None:
        """What a folded word is most likely meant for: another at one edit, or what sounds as it does, else two words
        together, or one at two edits."""
        if not LEAST_FOR_ONE <= len(word) <= MOST_LETTERS or not word.isalpha():
            return None
        sounding = [word.replace(typed, heard) for typed, heard in AS_ONE.items() if typed in word]
        counts = map(Count, sounding, self._searcher.frequencies(sounding, field))
        guesses = [self._guessed(form, HEARD, field) for form in counts if form.count]
        guesses += self._near(word, 1, field)
        if not any(self._is_sure(word, guess, field) for guess in guesses):
            guesses += self._divided(word, field)
        if len(word) >= LEAST_FOR_TWO and all(guess.likelihood < NEW for guess in guesses):
            guesses += self._near(word, 2, field)
        return max(guesses, key=lambda guess: (self._is_sure(word, guess, field), guess.likelihood), default=None)

    def _near(self, word: str, edits: int, field: Field) -> list[_Guess]:
        return [self._guessed(form, _cost(word, form.value, edits), field) for form in self._alike(word, edits, field)]

    def _guessed(self, form: Count[str], cost: float, field: Field) -> _Guess:
        articles = self._searcher.info.articles
        least = min(LEAST_ARTICLES, max(TRIAL, TRIAL_TIMES * articles)) if field is Field.TEXT else 1  # authors are few
        is_listed = all(map(self._analyzer.is_word, form.value.split()))
        share = math.log(form.count / max(form.count, least, articles))
        return _Guess(form.value, cost, share + is_listed * LISTED - cost)

    def _divided(self, word: str, field: Field) -> list[_Guess]:
        """The word as two of the archive's that stand together somewhere, the second of three letters or more; so is
        the first, or it is a preposition."""
        pairs = [(word[:at], word[at:]) for at in range(1, len(word) - 2)]
        pairs = [pair for pair in pairs if len(pair[0]) > 2 or self._analyzer.is_function(pair[0])]
        counts = self._searcher.frequencies([part for pair in pairs for part in pair], field)
        rarer = {pair: min(counts[2 * number : 2 * number + 2]) for number, pair in enumerate(pairs)}
        best = sorted(filter(rarer.get, pairs), key=rarer.__getitem__, reverse=True)[:DIVISIONS]
        exact = (tuple(Exact(part, part, self._analyzer.home(part), field) for part in pair) for pair in best)
        phrases = [Phrase(words, (0, 1), field=field) for words in exact]
        together = self._searcher.counts(phrases, self._request.now)
        forms = map(Count, map(" ".join, best), together)
        return [self._guessed(form, SLIPPED, field) for form in forms if form.count]

    def _is_right(self, form: str, field: Field) -> bool:
        """Whether a word is found and is no misspelling of a frequent one, as far as is known."""
        terms = self._analyzer.terms(form)
        articles = self._have(Word(form, terms, field))
        word, listed = fold_kazakh(form), self._analyzer.is_word(form)
        fits = LEAST_FOR_ONE <= len(word) <= MOST_LETTERS and not (
            listed and self._analyzer.percent(form) < NAME_PERCENT
        )
        rare = min(RARE, max(LEAST_RARE, self._searcher.info.articles // PER_RARE))
        if not articles or articles > rare or not fits:
            return bool(articles) or self._all_match
        own = self._searcher.frequencies([form], field)[0] or articles
        near = (form for form in self._alike(word, 1, field) if set(terms).isdisjoint(self._analyzer.terms(form.value)))
        costs = [(_cost(word, form.value, 1), math.log(form.count / own)) for form in near]
        return all(gain - cost < MISSPELLED or (listed and cost > HEARD) for cost, gain in costs)

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


def _cost(typed: str, meant: str, most: int) -> float:
    """What the errors cost, so many at most, that make the one of the other."""
    meant = fold_kazakh(meant)
    start = _common(typed, meant)
    return _dearness(typed, meant, start, start, most) + (FIRST if start == 0 else 0.0)


def _dearness(typed: str, meant: str, at: int, there: int, most: int) -> float:
    """What the errors from these places on cost."""
    same = _common(typed[at:], meant[there:])
    at, there = at + same, there + same
    wrong, right = typed[at : at + 2], meant[there : there + 2]
    if not wrong and not right:
        return 0.0
    if not most:
        return math.inf
    ways = [(_adding(typed, at), 1, 0)] if wrong else []
    ways += [(_adding(meant, there), 0, 1)] if right else []
    ways += [(CONFUSED.get(wrong[0] + right[0], REPLACED), 1, 1)] if wrong and right else []
    if len(wrong) > 1 and wrong == right[::-1]:
        ways.append((SLIPPED, 2, 2))
    return min(cost + _dearness(typed, meant, at + one, there + other, most - 1) for cost, one, other in ways)


def _adding(word: str, at: int) -> float:
    """What one letter costs that stands in one word only."""
    is_heard = word[at] in SIGNS or word[at] == word[at - 1 : at] or CONFUSED.get(word[at : at + 2]) == HEARD
    return HEARD if is_heard else SLIPPED


def _common(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), min(len(one), len(other))
    )
