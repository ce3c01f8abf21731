"""What may a reader who is still typing want? Words that begin so, and fresh headlines with them."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from os.path import commonprefix

from search.analysis import Analyzer
from search.analysis.morphology import LEMMA
from search.engine import Request, Searcher
from search.engines.memory import Memory
from search.model import Count, Days, Filters, Sort, Suggestion
from search.query.layout import switched
from search.query.parser import MAX_CHARACTERS
from search.query.tree import And, Field, Or, Query, Word

_LAST = re.compile(r"[\w\u0300\u0301\u00ad-]*$")
# Shorter prefixes are not completed with typos: too many words begin almost so.
LEAST_FOR_TYPOS = 4
# Forms looked at for each word that is shown: a word comes in several forms.
FORMS = 3
# A dictionary form is shown where it is at least this part of the word's most frequent form.
DICTIONARY_SHARE = 0.1
# Headlines are asked for with this many words: the more, the longer it takes.
HEADLINE_WORDS = 2
# A word that occurs more often is looked for in the newest articles first.
FREQUENT = 1000
# How many of the newest articles with a word tell how it is written.
SAMPLE = 5


class Suggester:
    """Suggestions out of one generation. Safe to use from many threads at once."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer, memory: Memory) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._memory = memory

    def suggest(self, text: str, limit: int, now: datetime) -> tuple[Suggestion, ...]:
        """At most `limit` suggestions: completions of the last word first, then headlines, the newest first."""
        before, words = self._completed(" ".join(text.split()) + " " * text[-1:].isspace(), limit, now)
        headlines = self._headlines(before, words, limit - min(len(words), (limit + 1) // 2), now)
        listed = [(self._spelling(count.value, now), count.count) for count in words[: limit - len(headlines)]]
        typed = "".join(text.split()[-1:])
        if len(typed) > 1 and typed.isupper():  # СВО is meant, not свой
            listed.sort(key=lambda word: not word[0].isupper())
        completions = [Suggestion(before + written, "word", count=count) for written, count in listed]
        return (*completions, *headlines)

    def _completed(self, text: str, limit: int, now: datetime) -> tuple[str, list[Count[str]]]:
        """What stands before the last word, and the words that it may become; on the other layout, or with a typo
        in it, where there are none."""
        for typed in dict.fromkeys((text, switched(text))):
            before, prefix = self._divided(typed)
            if prefix and (forms := self._searcher.words(prefix, FORMS * limit, now)):
                return before, self._grouped(forms)
        before, prefix = self._divided(text)
        if len(prefix) < LEAST_FOR_TYPOS:
            return before, []
        return before, self._grouped(self._searcher.words(prefix, FORMS * limit, now, typos=True))

    def _divided(self, text: str) -> tuple[str, str]:
        text = text[:MAX_CHARACTERS]
        begin = _LAST.search(text).start()  # type: ignore[union-attr]  # the end matches always
        return text[:begin], self._analyzer.prefix(text[begin:])

    def _grouped(self, forms: Sequence[Count[str]]) -> list[Count[str]]:
        """The forms of one word as one: its dictionary form, or the most frequent one where that is rare."""
        words: list[list[Count[str]]] = []
        owner: dict[str, list[Count[str]]] = {}
        for form in forms:
            terms = self._analyzer.terms(form.value)
            word = next((owner[term] for term in terms if term in owner), [])
            if not word:
                words.append(word)
            word.append(form)
            owner.update(dict.fromkeys(terms, word))
        return [self._shown(word) for word in words]

    def _shown(self, forms: Sequence[Count[str]]) -> Count[str]:
        enough = [form for form in forms if form.count >= DICTIONARY_SHARE * forms[0].count]
        shown = next((form for form in enough if form.value in self._analyzer.lemmas(form.value)), forms[0])
        return Count(shown.value, sum(form.count for form in forms))

    # Headlines

    def _headlines(self, before: str, words: Sequence[Count[str]], limit: int, now: datetime) -> list[Suggestion]:
        clauses: list[Query] = [
            self._in_title(token.form) for token in self._analyzer.tokens(before) if not token.whole
        ]
        if words:
            clauses.append(Or(tuple(self._in_title(word.value) for word in words[:HEADLINE_WORDS])))
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

    def _in_title(self, form: str) -> Word:
        return Word(form, self._analyzer.terms(form), Field.TITLE)

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
