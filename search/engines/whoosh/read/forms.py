"""Which forms of the vocabulary begin with some letters, and which are spelled almost like a word."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from search.analysis import fold_kazakh
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.read.segment import ExactForm, Segment
from search.engines.whoosh.sets import is_in
from search.engines.whoosh.vocabulary import letters_of
from search.model import Count
from search.query.tree import LETTERS, Prefix

# Forms read beyond those asked for: some may occur in no visible article.
SPARE = 8


def with_prefix(segment: Segment, letter: str, prefix: str) -> Array:
    """The numbers of the forms that begin so, ascending."""
    prefixed = segment.forms.prefixed(letter + prefix)
    return np.arange(prefixed.start, prefixed.stop)


def with_almost_prefix(segment: Segment, letter: str, prefix: str) -> Array:
    """Those with the same first letter of which some prefix is within one edit of `prefix`."""
    among = with_prefix(segment, letter, prefix[:1])
    missing = letters_of([(letter + prefix).encode()]) & ~segment.columns.form_letters[among]
    near = among[np.bitwise_count(missing) <= 1]
    sizes = [len(prefix) + change for change in (-1, 0, 1)]
    return _kept(segment, near, lambda form: any(_within(prefix, form[:size], 1) for size in sizes))


def alike(segment: Segment, letter: str, word: str, edits: int) -> Array:
    """Those within so many edits of `word`."""
    among = with_prefix(segment, letter, "")
    differing = letters_of([(letter + word).encode()]) ^ segment.columns.form_letters[among]
    near = among[np.bitwise_count(differing) <= 2 * edits]  # an edit puts one letter in the place of another
    return _kept(segment, near, lambda form: _within(word, form, edits))


def _kept(segment: Segment, numbers: Array, suits: Callable[[str], bool]) -> Array:
    """Those whose folded form suits."""
    forms = (segment.forms[number][1:].partition(b"\0")[0].decode() for number in numbers.tolist())
    return numbers.compress(np.fromiter(map(suits, forms), bool, len(numbers)))


def _within(one: str, other: str, edits: int) -> bool:
    return abs(len(one) - len(other)) <= edits and OSA.distance(one, other, score_cutoff=edits) <= edits


def most_frequent(
    segments: Sequence[Segment], choose: Callable[[Segment], Array], letter: str, limit: int, moment: int | None = None
) -> tuple[Count[str], ...]:
    """Of the forms that `choose` numbers those that occur most often, then by folded form and form.

    With `moment`, in microseconds, only those that stand in a living article published up to then.
    """
    chosen = [choose(segment) for segment in segments]
    reach = limit + SPARE
    while True:
        tops = [_Top(segment, numbers, reach, moment) for segment, numbers in zip(segments, chosen, strict=True)]
        # No form outside of the tops occurs more often; of one segment alone, the top is in order already.
        unseen = sum(top.least for top in tops) if len(tops) > 1 else 0
        counts = {form: sum(top.count(letter, form) for top in tops) for top in tops for form in top.forms}
        sure = [form for form, count in counts.items() if count > unseen]
        sure.sort(key=lambda form: (-counts[form], fold_kazakh(form), form))
        shown = (form for form in sure if any(top.is_visible(letter, form) for top in tops))
        listed = tuple(Count(form, counts[form]) for form in islice(shown, limit))
        if len(listed) == limit or not any(top.least for top in tops):
            return listed
        reach *= 4


class Expansion(NamedTuple):
    """The forms with a prefix and their home terms (see `Expansions`); and as what each segment seeks those that are
    looked for: by the keys of home terms, the codes of the forms under each."""

    forms: Sequence[tuple[str, str]]
    codes: Sequence[Mapping[int, Sequence[int]]]


def expand(segments: Sequence[Segment], prefix: Prefix, limit: int) -> Expansion:
    """The expansion of a prefix: one form more than `limit`, where there are, and codes for no more than `limit`."""
    letter = LETTERS[prefix.field]
    counts = most_frequent(segments, lambda segment: with_prefix(segment, letter, prefix.prefix), letter, limit + 1)
    standing = [[segment.form(letter, count.value) for segment in segments] for count in counts]
    homes = (_home(segments, here) for here in standing)
    forms = list(zip((count.value for count in counts), homes, strict=True))
    return Expansion(forms, [codes_of(here) for here in zip(*standing[:limit], strict=True)] or [{} for _ in segments])


def codes_of(forms: Iterable[ExactForm | None]) -> dict[int, list[int]]:
    """Of those forms of a segment that occur, the keys of their home terms, and the codes under each."""
    codes: dict[int, list[int]] = {}
    for form in filter(None, forms):
        codes.setdefault(form.key, []).append(form.code)
    return codes


def _home(segments: Sequence[Segment], forms: Sequence[ExactForm | None]) -> str:
    """The home term of a form, as the first segment has it in which it occurs."""
    occurring = ((segment, form) for segment, form in zip(segments, forms, strict=True) if form)
    segment, form = next(occurring, (None, None))
    return segment.keys[form.key].decode()[1:] if segment and form else ""


class _Top:
    """The forms of one segment that occur most often there, no more than `reach` of those found.

    `least` is how often the last of them occurs, 0 where none was left out.
    """

    def __init__(self, segment: Segment, numbers: Array, reach: int, moment: int | None) -> None:
        self._segment = segment
        self.least = 0
        if len(numbers) > reach:
            occurs = segment.columns.form_count[numbers[0] : numbers[-1] + 1].take(numbers - numbers[0])
            self.least = int(np.partition(occurs, len(occurs) - reach)[len(occurs) - reach])
            above, equal = (numbers[chosen] for chosen in (occurs > self.least, occurs == self.least))
            numbers = np.append(above, equal[: reach - len(above)])
        self.forms = {form.form: form for form in segment.forms_at(numbers)}
        times = segment.columns.time
        self._visible = len(times) if moment is None else int(times.searchsorted(np.int64(moment), side="right"))
        self._whole = moment is None or (self._visible == len(times) and not len(segment.dead))

    def _form(self, letter: str, form: str) -> ExactForm | None:
        return self.forms.get(form) or (self._segment.form(letter, form) if self.least else None)

    def count(self, letter: str, form: str) -> int:
        """How often the form occurs in the segment."""
        exact = self._form(letter, form)
        return exact.count if exact else 0

    def is_visible(self, letter: str, form: str) -> bool:
        """Whether the form occurs in a living, visible article."""
        segment, exact = self._segment, self._form(letter, form)
        if exact is None or self._whole:
            return exact is not None
        term = segment.term(exact.key, 0, segment.size)
        gone = (term.article >= self._visible) | is_in(term.article, segment.dead, segment.size)
        counts, occurrences = segment.occurrences(term, np.flatnonzero(gone))
        codes = segment.codes(exact.key, occurrences)
        hidden = counts.sum() if codes is None else np.count_nonzero(codes == exact.code)
        return int(hidden) < exact.count
