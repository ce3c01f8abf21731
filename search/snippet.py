"""Which part of an article to show for a query, and which words of it to mark. Spans, never HTML."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from search.analysis import Analyzer, fold_kazakh
from search.analysis.analyzer import RUN, Token
from search.model import Article, Snippet
from search.query.tree import Exact, Field, Leaf, Phrase, Prefix, Query, Word, leaves

_BREAK = re.compile(r"[\n\r\t\v\f]")
_BLANK = re.compile(r"\s")
# A chunk goes from blank to blank; where there is none for long, to the end of a word, less the sign behind it.
LONGEST = 1_000
_ENDLESS = re.compile(rf"(\S{{{LONGEST}}}\w{{0,100}})\S")
# How much of a snippet may stand before its first marked word.
LEAD_IN = 60
# Characters of a text that are looked at before it is asked whether they are enough; then as many again.
PIECE = 600
# How many places of a text are marked, and how many different chunks are looked at for one query, so that a text of a
# megabyte takes a fraction of a second, and not a minute.
MOST_MARKS, MOST_CHUNKS = 2_000, 10_000


class Mark(NamedTuple):
    """Characters to be marked, for the leaf of that number; `weight` is how many words of it stand there."""

    start: int
    end: int
    leaf: int
    weight: int = 1


class Highlighter:
    """Marks what matches of one query in the title, the lead or the text: words, and phrases where they stand."""

    SNIPPET = 260

    def __init__(self, query: Query, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        shown = [leaf for leaf in leaves(query) if leaf.field in _SHOWN]
        self._phrases = {number: leaf for number, leaf in enumerate(shown) if isinstance(leaf, Phrase)}
        # All words; those of phrases are looked for together.
        self._words = [(number, word) for number, leaf in enumerate(shown) for word in _words(leaf)]
        self._phrase_words = {
            number: {at for at, (owner, _) in enumerate(self._words) if owner == number} for number in self._phrases
        }
        # Beginnings have no terms: with one, all of a text is looked at.
        self._terms = None if any(isinstance(word, Prefix) for _, word in self._words) else _terms(self._words)
        # The chunks that were looked at: what of each is asked for by itself, which words of phrases it holds; and the
        # runs with words of phrases.
        self._marks: dict[str, tuple[Mark, ...]] = {}
        self._holds: dict[str, frozenset[int]] = {}
        self._holding: set[str] = set()

    def title(self, article: Article) -> Snippet:
        """The whole title."""
        return self.mark(article.title)

    def mark(self, text: str) -> Snippet:
        """A whole text with all its spans."""
        return Snippet(text, _joined([(mark.start, mark.end) for mark in self._spans(text)]))

    def excerpt(self, article: Article, length: int = SNIPPET) -> Snippet:
        """About `length` characters of lead and text where a phrase, or most different words of the query, stand.

        The beginning where none stands there; at most `length` characters and the two ellipses.
        """
        text = f"{article.lead}\n\n{article.text}".strip() if article.lead else article.text
        spans = self._telling_spans(text, length) if length else []
        begin, end = _window(text, spans, length)
        shown = _BREAK.sub(" ", text[begin:end])
        before = "… " if begin else ""
        after = " …" if end < len(text) and length else ""
        shift = len(before) - begin
        shown_whole = (mark for mark in spans if mark.start >= begin and mark.end <= end)
        inside = [(mark.start + shift, mark.end + shift) for mark in shown_whole]
        return Snippet(before + shown + after if length else "", _joined(inside))

    def _telling_spans(self, text: str, length: int) -> list[Mark]:
        """Enough of what the query asks for to choose what to show: where all words of a query stand together, nothing
        further on is better. Phrases need the whole text."""
        if self._phrases or not self._words:
            return self._spans(text)
        window = max(1, length - LEAD_IN)
        spans: list[Mark] = []
        near: list[Mark] = []
        every, done, enough = len({number for number, _ in self._words}), 0, len(text)
        while done < enough and len(spans) < MOST_MARKS:
            begin = done + max(done, PIECE)
            blank = _BLANK.search(text, begin, begin + LONGEST)
            end = blank.end() if blank else begin + LONGEST
            marks = [
                mark._replace(start=mark.start + done, end=mark.end + done) for mark in self._spans(text[done:end])
            ]
            spans += marks
            if marks and enough == len(text):
                near = [mark for mark in near if mark.start > done - window] + marks
                begin, weight = _densest(near, window)
                enough = min(len(text), begin + length) if weight == every else enough
            done = end
        return spans

    def _spans(self, text: str) -> list[Mark]:
        """What of the text the query asks for, in order."""
        if not self._words:
            return []
        # Most of a text is not asked for: only what is gets looked at, once a query, and located.
        every = text.split()
        if max(map(len, every), default=0) > LONGEST:
            text = _ENDLESS.sub(r"\1 ", text)
            every = text.split()
        matching = set(every) if self._terms is None else self._analyzer.chunks_having(every, self._terms)
        marks: list[Mark] = []
        held: set[int] = set()
        at = 0
        for chunk in filter(matching.__contains__, every):
            if self._is_looked_at(chunk):
                at = _place(text, chunk, at)
                marks += [Mark(at + start, at + end, leaf) for start, end, leaf, _ in self._marks[chunk]]
                held |= self._holds[chunk]
                at += len(chunk)
                if len(marks) >= MOST_MARKS:
                    break
        if standing := [number for number, words in self._phrase_words.items() if words <= held]:
            tokens = list(islice(self._analyzer.tokens(text, self._holding), MOST_MARKS))
            marks += [mark for number in standing for mark in self._phrase_marks(number, tokens)]
        return sorted(marks)

    def _is_looked_at(self, chunk: str) -> bool:
        """Whether it is known what of a chunk is asked for, by now."""
        if chunk not in self._marks and len(self._marks) < MOST_CHUNKS:
            self._look_at(chunk)
        return chunk in self._marks

    def _look_at(self, chunk: str) -> None:
        """Learn what of a chunk is asked for."""
        matching = [
            (run, token, number, at)
            for run in RUN.finditer(chunk)
            for token in self._analyzer.words(run[0])
            for at, (number, word) in enumerate(self._words)
            if self._asked(word, token)
        ]
        self._holding.update(run[0] for run, _, number, _ in matching if number in self._phrases)
        self._holds[chunk] = frozenset(at for _, _, number, at in matching if number in self._phrases)
        self._marks[chunk] = tuple(
            Mark(run.start() + token.start, run.start() + token.end, number)
            for run, token, number, _ in matching
            if number not in self._phrases
        )

    def _phrase_marks(self, number: int, tokens: Sequence[Token]) -> Iterator[Mark]:
        """Where a phrase stands as one: from its first word to its last; of nearness, the words that are near."""
        phrase = self._phrases[number]
        places = [{t.position: t for t in tokens if self._asked(word, t)} for word in phrase.words]
        if phrase.slop is None:
            for at in places[0]:
                if all(at + offset in place for place, offset in zip(places, phrase.offsets, strict=True)):
                    last = places[-1][at + phrase.offsets[-1]]
                    yield Mark(places[0][at].start, last.end, number, len(phrase.words))
            return
        size = len(phrase.words) + phrase.slop
        for begin in sorted({at for place in places for at in place}):
            near = [[place[at] for at in range(begin, begin + size) if at in place] for place in places]
            if all(near):
                yield from (Mark(token.start, token.end, number) for of_word in near for token in of_word)

    def _asked(self, word: Word | Exact | Prefix, token: Token) -> bool:
        match word:
            case Word():
                return not set(word.terms).isdisjoint(self._analyzer.standing(token))
            case Exact():
                return word.form == token.form
            case Prefix():
                return fold_kazakh(token.form).startswith(word.prefix)


_SHOWN = {Field.TEXT, Field.TITLE}


def _terms(words: Iterable[tuple[int, Word | Exact | Prefix]]) -> frozenset[str]:
    """What the words that are asked for have among their terms."""
    of_words = (
        word.terms if isinstance(word, Word) else (word.term,) for _, word in words if not isinstance(word, Prefix)
    )
    return frozenset(term for terms in of_words for term in terms)


def _place(text: str, chunk: str, begin: int) -> int:
    """Where a chunk stands next, and not as a part of another one."""
    at = text.index(chunk, begin)
    while text[at - 1 : at].strip() or text[at + len(chunk) : at + len(chunk) + 1].strip():
        at = text.index(chunk, at + 1)
    return at


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


def _window(text: str, marks: Sequence[Mark], length: int) -> tuple[int, int]:
    """The part of `text` to show: it begins and ends between words."""
    if len(text) <= length:
        return 0, len(text)
    begin = 0
    if marks:
        begin = _word_start(text, max(0, _densest(marks, max(1, length - LEAD_IN))[0] - LEAD_IN))
    begin = max(0, min(begin, _word_start(text, len(text) - length)))
    return begin, _word_end(text, begin, min(len(text), begin + length))


def _densest(marks: Sequence[Mark], length: int) -> tuple[int, int]:
    """Where the first window of `length` begins that holds the most words of different leaves, and how many."""
    best, most = marks[0].start, 0
    inside: Counter[int] = Counter()
    weights = {mark.leaf: mark.weight for mark in marks}
    first = weight = 0
    for mark in marks:
        inside[mark.leaf] += 1
        weight += weights[mark.leaf] if inside[mark.leaf] == 1 else 0
        while marks[first].start <= mark.start - length:
            inside[marks[first].leaf] -= 1
            weight -= 0 if inside[marks[first].leaf] else weights[marks[first].leaf]
            first += 1
        if weight > most:
            best, most = marks[first].start, weight
    return best, most


def _word_start(text: str, at: int) -> int:
    """The next place from `at` on where a word begins."""
    if at <= 0:
        return 0
    space = text.find(" ", at - 1)
    return space + 1 if 0 <= space < at + LEAD_IN // 2 else at


def _word_end(text: str, begin: int, end: int) -> int:
    """The last place up to `end` where a word ends, unless that would leave little of the excerpt."""
    if end == len(text):
        return end
    space = text.rfind(" ", begin, end + 1)
    return space if space > begin + (end - begin) // 2 else end
