"""Finding out who is meant by the mentions of all segments, for the columns that a generation has beside them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from search.analysis import Analyzer
from search.editorial.persons import Corrections, votes
from search.engines.whoosh.columns import ColumnFile, Columns, ColumnWriter, narrowest
from search.engines.whoosh.ragged import Array
from search.engines.whoosh.vocabulary import Strings, form_key, union
from search.engines.whoosh.write.postings import write_offsets, write_strings


def write_people(
    folder: Path,
    name: str,
    segments: Sequence[tuple[Columns, Array]],
    corrections: Corrections,
    analyzer: Analyzer,
    analyzed: Mapping[bytes, Sequence[bytes]],
) -> dict[str, ColumnFile]:
    """Write the columns of `PeopleColumns` for segments, each with which of its articles live, bool [n].

    `known` are terms of forms that need not be found out again.
    """
    mentions, places = union([Strings(item.mention_values, item.mention_values_at) for item, _ in segments])
    counts = np.zeros(len(mentions), np.int64)
    for (segment, alive), place in zip(segments, places, strict=True):
        counts[place] += _counts(segment, alive, len(place))
    texts = [mention.decode() for mention in mentions]
    voted = votes((text, count) for text, count in zip(texts, counts.tolist(), strict=True) if text)
    full = corrections.full_names(zip(texts, counts.tolist(), strict=True), voted)
    meant = [
        corrections.meant(text, voted, full) if text and count else None
        for text, count in zip(texts, counts.tolist(), strict=True)
    ]
    names = sorted({"", *filter(None, meant)})
    number = {item: place for place, item in enumerate(names)}
    person = np.array([number[item or ""] for item in meant], narrowest(len(names)))
    persons = [person[place] for place in places]
    others = {*corrections.called.values(), *full.values()}
    renamed = np.array([number[item] for item in others if item in number], np.int64)
    skipped = [_again(segment, own, renamed) for (segment, _), own in zip(segments, persons, strict=True)]
    with ColumnWriter(folder, name) as files:
        write_strings(files, "names", [item.encode() for item in names])
        _write_lists(files, "person", persons)
        _write_lists(files, "skipped", skipped)
        _write_words(files, names, analyzer, analyzed)
        return files.finish()


def _counts(segment: Columns, alive: Array, mentions: int) -> Array:
    """In how many of the articles that live each of the segment's mentions stands: i8 [mentions]."""
    standing = segment.mention.compress(np.repeat(alive, np.diff(segment.mention_at)))
    return np.bincount(standing, minlength=mentions)


def _again(segment: Columns, person: Array, renamed: Array) -> Array:
    """The places of mentions that mean somebody whom a mention before, in the same article, means too: the readings of
    one article's mentions have nothing in common, so that only corrections and full names bring that about."""
    places = np.flatnonzero(np.isin(person, renamed).take(segment.mention)) if len(renamed) else renamed
    article = segment.mention_at.searchsorted(places, side="right")
    pairs = np.stack([article, person.take(segment.mention.take(places))])
    _, first = np.unique(pairs, axis=1, return_index=True)
    return np.delete(places, first)


def _write_lists(files: ColumnWriter, name: str, lists: Sequence[Array]) -> None:
    """Lists of numbers one after the other, and where each begins."""
    every = np.concatenate([np.empty(0, np.uint8), *lists])
    files.append(name, every.astype(narrowest(int(every.max(initial=0)))))
    write_offsets(files, f"{name}_at", np.array([len(numbers) for numbers in lists], np.int64))


def _write_words(
    files: ColumnWriter, names: Sequence[str], analyzer: Analyzer, analyzed: Mapping[bytes, Sequence[bytes]]
) -> None:
    """The words of the names, and in which of them each stands."""
    standing: defaultdict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        for form in dict.fromkeys(token.form for token in analyzer.tokens(name)):
            standing[form].append(number)
    forms = sorted((form_key("", form).encode(), form) for form in standing)
    terms = [analyzed.get(key) or [term.encode() for term in analyzer.terms_of_name(form)] for key, form in forms]
    distinct = sorted({term for form_terms in terms for term in form_terms})
    number_of = {term: number for number, term in enumerate(distinct)}
    write_strings(files, "words", [key for key, _ in forms])
    _write_lists(files, "word_name", [np.array(standing[form], np.int64) for _, form in forms])
    write_strings(files, "terms", distinct)
    _write_lists(
        files, "word_term", [np.array([number_of[term] for term in form_terms], np.int64) for form_terms in terms]
    )
