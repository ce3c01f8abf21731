"""An engine against the oracle: the same archive, the same requests, the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from random import Random

from msgspec.structs import replace

from search.config import Settings
from search.engine import Engine, Match, Request, Searcher
from search.model import Article, Sort
from search.query.tree import Dates, Field, leading, leaves
from tests.oracle import OracleEngine, archive_day
from tests.strategies import ANALYZER, NOWS, WORDS, Change

__all__ = [
    "check_additions",
    "check_changes",
    "check_one_generation",
    "check_same_answer",
    "larger_corpus",
]

Make = Callable[[], Engine]


def check_same_answer(tested: Searcher, oracle: Searcher, request: Request, *, same_statistics: bool = True) -> None:
    """Total, order, scores, facets and bounds are equal.

    Without `same_statistics` the tested engine may still count replaced and removed articles in its weights and
    lengths, so that what is ranked is compared as a set.
    """
    ranked = request.sort is Sort.RELEVANCE and bool(leaves(request.query))
    if ranked and not same_statistics:
        request = replace(request, offset=0, limit=1000)
    got, expected = tested.search(request), oracle.search(request)
    assert got.total == expected.total
    assert got.folded == expected.folded
    assert got.facets == expected.facets
    if ranked and not same_statistics:
        if request.fold:
            return  # which of near-copies stands for the others is told by the scores
        newest = oracle.search(replace(request, sort=Sort.NEWEST)).matches
        assert {match.article for match in got.matches} == {match.article for match in newest}
        assert [match.article.id for match in got.matches] == _by_score(got.matches, newest, leading(request.query))
        return
    assert [match.article.id for match in got.matches] == [match.article.id for match in expected.matches]
    assert [match.score for match in got.matches] == [match.score for match in expected.matches]
    assert [match.article for match in got.matches] == [match.article for match in expected.matches]
    assert [match.similar for match in got.matches] == [match.similar for match in expected.matches]
    assert [match.missing for match in got.matches] == [match.missing for match in expected.matches]
    assert got.bounded == expected.bounded


def check_one_generation(make: Make, corpus: list[Article], requests: Iterable[Request]) -> None:
    """Published at once, everything is equal, the scores included."""
    tested, oracle = make(), OracleEngine(Settings(), ANALYZER)
    for engine in (tested, oracle):
        _publish(engine, Change(removed=(), added=tuple(corpus), fresh=True))
    _check_same_content(tested, oracle)
    searchers = tested.open(), oracle.open()
    for request in requests:
        check_same_answer(*searchers, request)
    _check_same_words(*searchers)


def check_additions(make: Make, corpus: list[Article], requests: Iterable[Request], *, parts: int) -> None:
    """Published bit by bit without replacing anything, everything is equal as well."""
    corpus = list({article.id: article for article in corpus}.values())
    tested, oracle = make(), OracleEngine(Settings(), ANALYZER)
    for part in range(parts):
        for engine in (tested, oracle):
            _publish(engine, Change(removed=(), added=tuple(corpus[part::parts])))
    _check_same_content(tested, oracle)
    searchers = tested.open(), oracle.open()
    for request in requests:
        check_same_answer(*searchers, request)
    _check_same_words(*searchers)


def check_changes(make: Make, changes: list[Change], requests: list[Request]) -> None:
    """After every generation all but the weights is equal; and a searcher opened on each goes on as it was."""
    tested, oracle = make(), OracleEngine(Settings(), ANALYZER)
    opened = []
    for change in changes:
        assert _publish(tested, change) == _publish(oracle, change)
        _check_same_content(tested, oracle)
        opened.append((tested.open(), oracle.open()))
    assert tested.verify() == []
    for searchers in opened:
        for request in requests:
            check_same_answer(*searchers, request, same_statistics=False)
    rebuilt = Change(removed=(), added=tuple(oracle.open().articles()), fresh=True)
    for engine in (tested, oracle):
        _publish(engine, rebuilt)
    for request in requests:
        check_same_answer(tested.open(), oracle.open(), request)


def _check_same_words(tested: Searcher, oracle: Searcher) -> None:
    """The vocabulary is equal, whatever is asked of it."""
    for now, limit, typos, prefix in product(NOWS, (1, 3, 100), (False, True), ("к", "каз", "визи", "министре", "2")):
        assert tested.words(prefix, limit, now, typos=typos) == oracle.words(prefix, limit, now, typos=typos)
    for word, edits, field in product(("министр", "казак", "елка"), (1, 2), Field):
        assert tested.alike(word, edits, 5, field) == oracle.alike(word, edits, 5, field)
        assert tested.frequencies(WORDS, field) == oracle.frequencies(WORDS, field)


def larger_corpus(seed: int, size: int, vocabulary: list[str], values: list[Article]) -> list[Article]:
    """`size` articles of random words, longer than Hypothesis would make them; the other values are those given."""
    random = Random(seed)
    return [
        replace(
            random.choice(values),
            id=f"{number:05}",
            title=" ".join(random.choices(vocabulary, k=random.randrange(6))),
            text=" ".join(random.choices(vocabulary, k=random.randrange(60))),
        )
        for number in range(size)
    ]


def _publish(engine: Engine, change: Change) -> list[bool]:
    """Publish a change; which of the removed articles there were."""
    with engine.writer(fresh=change.fresh) as writer:
        removed = [writer.remove(article_id) for article_id in change.removed]
        for article in change.added:
            writer.add(article)
        writer.publish()
    return removed


def _check_same_content(tested: Engine, oracle: Engine) -> None:
    got, expected = tested.open(), oracle.open()
    assert tested.generation() == got.info.generation
    unlike = {"generation": "", "built_at": expected.info.built_at, "size": 0}
    assert replace(got.info, **unlike) == replace(expected.info, **unlike)
    assert [got.visibility(now) for now in NOWS] == [expected.visibility(now) for now in NOWS]
    listed = list(got.articles())
    assert sorted(article.id for article in listed) == sorted(article.id for article in expected.articles())
    assert set(listed) == set(expected.articles())


def _by_score(matches: Iterable[Match], newest: Iterable[Match], leads: Sequence[Dates]) -> list[str]:
    """The ids of the matches, those of days that lead first, by their own scores, the equal ones as they stand in
    `newest`."""
    rank = {match.article.id: number for number, match in enumerate(newest)}

    def place(match: Match) -> tuple[bool, float, int]:
        day = archive_day(match.article.published, Settings().zone)
        first = any(day is not None and dates.first <= day <= dates.last for dates in leads)
        return not first, -(match.score or 0), rank[match.article.id]

    ordered = sorted(matches, key=place)
    return [match.article.id for match in ordered]
