"""What may a reader who is still typing want? How the text goes on in the archive, who and what is called so, and fresh
headlines."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from os.path import commonprefix
from typing import NamedTuple

from search.analysis import Analyzer, Token
from search.analysis.morphology import LEMMA, NAME_PERCENT
from search.engine import Request, Searcher
from search.engines.memory import Memory
from search.guidance.persons import is_called
from search.model import Count, Days, Filters, Sort, Suggestion
from search.query.layout import switched
from search.query.parser import MAX_CHARACTERS, PERSON_NAMES
from search.query.tree import And, Exact, Field, Or, PersonCalled, Phrase, Prefix, Query, Word

_LAST = re.compile(r"(?<![\w\u0300\u0301\u00ad-])[\w\u0300\u0301\u00ad-]*$")
# Words stand in a row up to signs of the grammar, and up to an excluded word.
_APART = re.compile(r"[^\w\s\u0300\u0301\u00ad-]|(?<!\S)-\S*")
_PERSON = re.compile(rf"(?<!\S)(?:{'|'.join(sorted(PERSON_NAMES))}):\s*[\"«„“]?[\w\s-]*$", re.IGNORECASE)
_SPACE = r"\s+[«\"„“]?"
# How the letters of a folded word may be written.
_LETTERS = str.maketrans({pair[0]: f"[{pair}]" for pair in ("её", "аә", "гғ", "кқ", "нң", "оө", "уұү", "хһ", "иі")})
# Shorter prefixes are not completed with typos: too many words begin almost so.
LEAST_FOR_TYPOS = 4
# Forms looked at for each word that is shown: a word comes in several forms.
FORMS = 3
# A text goes on as the newest articles do that have its last words, so many words and articles; of each the title, the
# lead and the first letters of the text are read.
MOST_BEFORE = 4
NEWEST = 160
OPENING = 400
# How many of the continuations are looked at.
CANDIDATES = 20
# People are named of whom there are so many articles for each hundred that have the word.
NAMED_PERCENT = 1
# Of so many suggestions one is a person or a tag.
PER_NAMED = 4
# Headlines are asked for with this many words: the more, the longer it takes.
HEADLINE_WORDS = 2
# A word that occurs more often is looked for in the newest articles first.
FREQUENT = 1000
# Of a longer stem the last letter may be an ending.
SHORTEST_STEM = 3
# How many of the newest articles with a word tell how it is written.
SAMPLE = 5


class _Typed(NamedTuple):
    """A text whose last word is being typed: what stands before it, of that the words in a row with it, how it begins,
    the quote that is still open, and what stands before the field of people where it is the name of one."""

    before: str
    words: tuple[str, ...]
    prefix: str
    quote: str
    before_field: str | None


class Suggester:
    """Suggestions out of one generation. Safe to use from many threads at once."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer, memory: Memory) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._memory = memory

    def suggest(self, text: str, limit: int, now: datetime) -> tuple[Suggestion, ...]:
        """At most `limit` suggestions: completions of the last word first, then people and tags that are called so,
        then headlines, the newest first."""
        text = (" ".join(text.split()) + " " * text[-1:].isspace())[:MAX_CHARACTERS]
        typed, words, people = self._completed(text, limit, now)
        if typed.before_field is not None and people:
            return tuple(self._person(typed, name) for name in people[:limit])
        often = [name for name in people if 100 * name.count >= NAMED_PERCENT * (words or people)[0].count]
        persons = [self._person(typed, name) for name in often]
        named = [*persons[:1], *self._tags(typed, words[:1], now), *persons[1:]][: limit // PER_NAMED]
        named.sort(key=lambda suggestion: suggestion.kind)
        room = limit - len(named)
        headlines = self._headlines(typed.before, words, room - min(len(words), (limit + 1) // 2), now)
        listed = words[: room - len(headlines)]
        last = "".join(text.split()[-1:])
        if len(last) > 1 and last.isupper():  # СВО is meant, not свой
            listed.sort(key=lambda word: not word.value[0].isupper())
        completions = [Suggestion(typed.before + word.value + typed.quote, "word", count=word.count) for word in listed]
        return (*completions, *named, *headlines)

    def _completed(self, text: str, limit: int, now: datetime) -> tuple[_Typed, list[Count[str]], list[Count[str]]]:
        """What is typed, how it goes on, and people; on the other layout, or with a typo in the last word, where there
        is none of that."""
        typed = self._divided(text)
        for either in (typed, self._divided(switched(text))):
            if not either.prefix:
                continue
            people = self._people(either, now)
            if people and either.before_field is not None:
                return either, [], people
            words = self._continued(either, limit, now) or self._alone(either, limit, now)
            if words or people:
                return either, words, people
        typos = self._alone(typed, limit, now, typos=True) if len(typed.prefix) >= LEAST_FOR_TYPOS else []
        return typed, typos, []

    def _divided(self, text: str) -> _Typed:
        begin = _LAST.search(text).start()  # type: ignore[union-attr]  # the end matches always
        before = text[:begin]
        quote = "»" if before.count("«") > before.count("»") else '"' * (before.count('"') % 2)
        words = tuple(token.form for token in self._words(_APART.split(before)[-1]))
        before_field = before[: field.start()] if (field := _PERSON.search(before)) else None
        return _Typed(before, words, self._analyzer.prefix(text[begin:]), quote, before_field)

    def _words(self, text: str) -> Iterator[Token]:
        """The words of a text, of a hyphenated one the whole."""
        end = 0
        for token in self._analyzer.tokens(text):
            if token.start >= end:
                yield token
                end = token.end

    # Words that go on

    def _continued(self, typed: _Typed, limit: int, now: datetime) -> list[Count[str]]:
        """What stands behind the words before as they are typed; where nothing does, behind the last ones of them, in
        articles with the others. The most frequent first."""
        words = typed.words[-MOST_BEFORE:]
        for at in range(len(words)):
            others = tuple(map(self._word, words[:at]))
            listed = [word[0].value for word in self._grouped(self._following(words[at:], typed.prefix, now))]
            rows = [self._row((*words[at:], value)) for value in listed[: limit // 2 + 1]]
            counts = self._searcher.counts([And((*others, row)) for row in rows], now)
            if any(counts):
                counted = [Count(value, count) for value, count in zip(listed, counts, strict=False) if count]
                return sorted(counted, key=lambda word: -word.count)
        return []

    def _following(self, words: Sequence[str], prefix: str, now: datetime) -> list[Count[str]]:
        """What begins so behind some words in the newest articles, each as it is most often written there."""
        request = Request(now, self._row(words, exact=True), sort=Sort.NEWEST, limit=NEWEST, facets=False)
        *row, begun = (re.escape(word).translate(_LETTERS) for word in (*words, prefix))
        pattern = re.compile(rf"\b{_SPACE.join(row)}{_SPACE}({begun}[\w-]*)(?:{_SPACE}(\w[\w-]*))?", re.IGNORECASE)
        written: dict[str, Counter[str]] = {}
        for article in (match.article for match in self._searcher.search(request).matches):
            for match in pattern.finditer(f"{article.title}. {article.lead}. {article.text[:OPENING]}"):
                if following := self._whole(match[1], match[2]):
                    written.setdefault(self._analyzer.prefix(following), Counter())[following] += 1
        counts = [Count(spelled.most_common(1)[0][0], spelled.total()) for spelled in written.values()]
        return sorted(counts, key=lambda count: -count.count)[:CANDIDATES]

    def _whole(self, word: str, another: str | None) -> str:
        """The word; a function word with the one behind it, and nothing where that is none, or one more of them."""
        if not self._analyzer.is_function(self._analyzer.prefix(word)):
            return word
        return f"{word} {another}" if another and not self._analyzer.is_function(self._analyzer.prefix(another)) else ""

    def _row(self, words: Sequence[str], *, exact: bool = False) -> Query:
        """The words in a row."""
        tokens = tuple(self._words(" ".join(words)))
        leaves = tuple(self._exact(token.form) if exact else self._word(token.form) for token in tokens)
        return Phrase(leaves, tuple(token.position for token in tokens)) if len(leaves) > 1 else leaves[0]

    def _word(self, form: str, field: Field = Field.TEXT) -> Word:
        return Word(form, self._analyzer.terms(form), field)

    def _exact(self, form: str) -> Exact:
        return Exact(form, form, self._analyzer.home(form))

    # Words by themselves

    def _alone(self, typed: _Typed, limit: int, now: datetime, *, typos: bool = False) -> list[Count[str]]:
        """The most frequent words that begin so, as they are written; of those behind others the ones that stand in
        articles with them, and how many articles that are."""
        forms = self._searcher.words(typed.prefix, FORMS * limit, now, typos=typos)
        counts: Counter[str] = Counter()
        for word in self._grouped(forms)[:limit]:
            counts[self._shown(word, typed.prefix[: 1 if typos else None], now)] += sum(form.count for form in word)
        if typed.words:
            others = tuple(map(self._word, typed.words))
            queries = [And((*others, self._word(form))) for form in counts]
            counts = Counter(dict(zip(counts, self._searcher.counts(queries, now), strict=True)))
        return [Count(self._spelling(form, now), count) for form, count in counts.items() if count]

    def _grouped(self, forms: Sequence[Count[str]]) -> list[list[Count[str]]]:
        """The forms of one word together."""
        words: list[list[Count[str]]] = []
        owner: dict[str, list[Count[str]]] = {}
        for form in forms:
            terms = self._analyzer.terms(self._analyzer.prefix(form.value))
            word = next((owner[term] for term in terms if term in owner), [])
            if not word:
                words.append(word)
            word.append(form)
            owner.update(dict.fromkeys(terms, word))
        return words

    def _shown(self, forms: Sequence[Count[str]], prefix: str, now: datetime) -> str:
        """A word in its dictionary form where the archive has that, or where it is a name; else in its most frequent
        form."""
        votes: Counter[str] = Counter()
        written = {form.value for form in forms}
        for form in forms:
            votes.update({lemma: form.count for lemma in self._lemmas(form.value) if lemma.startswith(prefix)})
        for lemma, _ in votes.most_common():
            if lemma in written or any(self._searcher.counts([self._exact(lemma)], now)):
                return lemma
        is_name = len(votes) == 1 and self._analyzer.percent(forms[0].value) == NAME_PERCENT
        return next(iter(votes)) if is_name else forms[0].value

    def _lemmas(self, form: str) -> list[str]:
        """The likeliest dictionary form, all where the dictionary does not have the word."""
        head, hyphen, last = form.rpartition("-")
        home = self._analyzer.terms(last)[0]
        lemmas = [home.strip(LEMMA)] if home.startswith(LEMMA) else sorted(self._analyzer.lemmas(last))
        return [head + hyphen + lemma for lemma in lemmas]

    # People and tags

    def _people(self, typed: _Typed, now: datetime) -> list[Count[str]]:
        """Who is called so, the most often mentioned first: where it is all that is typed, or all that is asked of
        people."""
        if typed.before_field is None and _APART.search(typed.before):
            return []
        query = PersonCalled((*map(self._word, typed.words), Prefix(typed.prefix, typed.prefix)))
        return [*self._called(typed, query, "persons", now)]

    def _person(self, typed: _Typed, name: Count[str]) -> Suggestion:
        quoted = name.value.replace('"', " ")
        return Suggestion(f'{typed.before_field or ""}кто:"{quoted}"', "person", count=name.count, name=name.value)

    def _tags(self, typed: _Typed, words: Sequence[Count[str]], now: datetime) -> list[Suggestion]:
        """The tags that are called so, of articles with the first of the words."""
        if not words or _APART.search(typed.before):
            return []
        called = self._called(typed, self._row((typed.before, words[0].value)), "tags", now)
        return [Suggestion(tag.value, "tag", count=tag.count, name=tag.value) for tag in called]

    def _called(self, typed: _Typed, query: Query, facet: str, now: datetime) -> Iterator[Count[str]]:
        """The most frequent names in articles, of those in which all of the words stand, and one that begins so."""
        words: list[Word | Exact | Prefix] = [*map(self._word, typed.words), Prefix(typed.prefix, typed.prefix)]
        names = getattr(self._searcher.search(Request(now, query, limit=0)).facets, facet)
        yield from (name for name in names if is_called(name.value, words, self._analyzer))

    # Headlines

    def _headlines(self, before: str, words: Sequence[Count[str]], limit: int, now: datetime) -> list[Suggestion]:
        clauses = self._in_title(before)
        if words:
            clauses.append(Or(tuple(And((*self._in_title(word.value),)) for word in words[:HEADLINE_WORDS])))
        if not clauses or not limit:
            return []
        query = And(tuple(clauses)) if len(clauses) > 1 else clauses[0]
        for days in self._stretches(sum(word.count for word in words[:HEADLINE_WORDS]), limit):
            request = Request(now, query, Filters(between=days), sort=Sort.NEWEST, limit=limit, facets=False)
            matches = self._searcher.search(request).matches
            if len(matches) == limit:
                break
        articles = {match.article.title: match.article for match in reversed(matches)}
        return [Suggestion(title, "headline", id=articles[title].id) for title in reversed(articles)]

    def _in_title(self, text: str) -> list[Query]:
        return [self._word(token.form, Field.TITLE) for token in self._analyzer.tokens(text) if not token.whole]

    def _stretches(self, occurrences: int, limit: int) -> Iterator[Days | None]:
        """The newest days that are likely to hold enough headlines with so frequent a word, then all."""
        info = self._searcher.info
        if occurrences > FREQUENT and info.first and info.last:
            days = (info.last - info.first) * (16 * limit) // occurrences
            yield Days(info.last - days, date.max)
        yield None

    # Spelling

    def _spelling(self, form: str, now: datetime) -> str:
        """The form as newspapers write it: names with a capital, abbreviations in capitals, ё where it is used."""
        return self._memory.once(("spelling", form), now, lambda: self._read(form, now))

    def _read(self, form: str, now: datetime) -> str:
        home = self._analyzer.terms(form)[0]
        stem = commonprefix((form, home.strip(LEMMA))) or form  # noqa: RUF071  # letters are compared
        stem = stem[:-1] if len(stem) > SHORTEST_STEM and stem[-1] in "аеийоуыьюя" else stem  # Казань, Казани
        request = Request(now, Word(form, (home,)), sort=Sort.NEWEST, limit=SAMPLE, facets=False)
        articles = [match.article for match in self._searcher.search(request).matches]
        pattern = re.compile(rf"([\w,] )?\b({re.escape(stem).replace('е', '[её]')})\w*", re.IGNORECASE)
        inside: list[tuple[str, str]] = []
        first: list[tuple[str, str]] = []
        for article in articles:
            for match in pattern.finditer(f"{article.title}. {article.lead} {article.text}"):
                token = next(self._analyzer.tokens(match[0][len(match[1] or "") :]))
                if self._analyzer.terms(token.form)[0] == home:
                    ending = match.string[match.end(2) : match.end()] if token.form == form else form[len(stem) :]
                    (inside if match[1] else first).append((match[2], ending))
        # The first word of a sentence tells nothing, and a name has its capital everywhere.
        written, ending = min(inside or first or [(form, "")], key=lambda spelling: not spelling[0].islower())
        return written + (ending.upper() if len(written) > 1 and written.isupper() else ending)
