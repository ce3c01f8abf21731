"""Which part of an article to show for a query, and which words of it to mark. Spans, never HTML."""

import re
from collections import Counter
from collections.abc import Iterable

from search.analysis import Analyzer, fold_kazakh
from search.analysis.analyzer import Token
from search.model import Article, Snippet
from search.query.tree import Exact, Field, Leaf, Phrase, Prefix, Query, Word, leaves

_BREAK = re.compile(r"[\n\r\t\v\f]")
# How much of a snippet may stand before its first marked word.
LEAD_IN = 60


class Highlighter:
    """Marks the words of one query: those that are searched for in the title, the lead or the text."""

    SNIPPET = 260

    def __init__(self, query: Query, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._words = [word for leaf in leaves(query) for word in _words(leaf) if word.field in _SHOWN]
        words = [word for word in self._words if isinstance(word, Word)]
        self._by_terms = len(words) == len(self._words)
        self._terms = frozenset(term for word in words for term in word.terms)
        # The runs that were looked at, and the words of those that are asked for: start, end, number of the query's.
        self._seen: set[str] = set()
        self._marks: dict[str, tuple[tuple[int, int, int], ...]] = {}

    def title(self, article: Article) -> Snippet:
        """The whole title."""
        return self.mark(article.title)

    def mark(self, text: str) -> Snippet:
        """A whole text with all its spans."""
        return Snippet(text, _joined([(start, end) for start, end, _ in self._spans(text)]))

    def excerpt(self, article: Article, length: int = SNIPPET) -> Snippet:
        """About `length` characters of lead and text where most different words of the query stand together.

        The beginning where none stands there; at most `length` characters and the two ellipses.
        """
        text = f"{article.lead}\n\n{article.text}".strip() if article.lead else article.text
        spans = self._spans(text) if length else []
        begin, end = _window(text, spans, length)
        shown = _BREAK.sub(" ", text[begin:end])
        before = "… " if begin else ""
        after = " …" if end < len(text) and length else ""
        shift = len(before) - begin
        inside = [(s + shift, e + shift) for s, e, _ in spans if s >= begin and e <= end]
        return Snippet(before + shown + after if length else "", _joined(inside))

    def _spans(self, text: str) -> list[tuple[int, int, int]]:
        """Start, end and the number of the query's word, for each word of the text that the query asks for."""
        if not self._words:
            return []
        # Most runs are not asked for: each distinct one is looked at once a query, and only the others are located.
        runs = set(self._analyzer.runs(text))
        for run in self._candidates(runs.difference(self._seen)):
            if found := self._marks_of(run):
                self._marks[run] = found
        self._seen |= runs
        marked = runs.intersection(self._marks)
        places = ((at, self._marks[run]) for run in marked for at in self._analyzer.places(text, run))
        return sorted((at + start, at + end, number) for at, found in places for start, end, number in found)

    def _candidates(self, runs: set[str]) -> Iterable[str]:
        """The runs that may be asked for."""
        if not self._by_terms:
            return runs
        is_apart, terms = self._terms.isdisjoint, self._analyzer.terms_of_run
        return [run for run in runs if not is_apart(terms(run))]

    def _marks_of(self, run: str) -> tuple[tuple[int, int, int], ...]:
        return tuple(
            (token.start, token.end, number)
            for token in self._analyzer.words(run)
            for number, word in enumerate(self._words)
            if self._asked(word, token)
        )

    def _asked(self, word: Word | Exact | Prefix, token: Token) -> bool:
        match word:
            case Word():
                return not set(word.terms).isdisjoint(self._analyzer.terms(token.form))
            case Exact():
                return word.form == token.form
            case Prefix():
                return fold_kazakh(token.form).startswith(word.prefix)


_SHOWN = {Field.TEXT, Field.TITLE}


def _words(leaf: Leaf) -> tuple[Word | Exact | Prefix, ...]:
    return leaf.words if isinstance(leaf, Phrase) else (leaf,)


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same characters as ascending, disjoint spans."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _window(text: str, spans: list[tuple[int, int, int]], length: int) -> tuple[int, int]:
    """The stretch of `text` to show: it begins and ends between words."""
    if len(text) <= length:
        return 0, len(text)
    begin = 0
    if spans:
        begin = _word_start(text, max(0, _densest(spans, max(1, length - LEAD_IN)) - LEAD_IN))
    begin = max(0, min(begin, _word_start(text, len(text) - length)))
    return begin, _word_end(text, begin, min(len(text), begin + length))


def _densest(spans: list[tuple[int, int, int]], length: int) -> int:
    """Where the first window of `length` begins that holds the most different words."""
    best, most = spans[0][0], 0
    inside: Counter[int] = Counter()
    first = 0
    for start, _, number in spans:
        inside[number] += 1
        while spans[first][0] <= start - length:
            inside[spans[first][2]] -= 1
            if not inside[spans[first][2]]:
                del inside[spans[first][2]]
            first += 1
        if len(inside) > most:
            best, most = spans[first][0], len(inside)
    return best


def _word_start(text: str, at: int) -> int:
    """The next place from `at` on where a word begins."""
    if at <= 0:
        return 0
    space = text.find(" ", at - 1)
    return space + 1 if 0 <= space < at + LEAD_IN // 2 else at


def _word_end(text: str, begin: int, end: int) -> int:
    """The last place up to `end` where a word ends, unless that would leave little of the stretch."""
    if end == len(text):
        return end
    space = text.rfind(" ", begin, end + 1)
    return space if space > begin + (end - begin) // 2 else end
