"""The compiled loops do what NumPy's do, over every width, alignment and block; and a damaged column is an error."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.engines.whoosh.columns import BLOCK, BLOCK_BITS, Columns, narrowest
from search.engines.whoosh.lists import Lists
from search.engines.whoosh.loops import specification
from search.engines.whoosh.term import HALF, ROOM, Piece, Term
from search.errors import CORRUPTION_ERRORS

if os.environ.get("CI"):
    import search.engines.whoosh.loops.compiled as compiled
else:
    compiled = pytest.importorskip("search.engines.whoosh.loops.compiled", reason="the loops are not compiled")

Array = NDArray[Any]

WIDTHS = ["u1", "u2", "u4", "u8"]
SIZES = st.sampled_from([1, 2, 17, 255, 300, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1000])
DENSITIES = st.sampled_from([0.0, 0.0001, 0.01, 0.3, 0.9, 1.0])
RANDOMS = st.integers(0, 1 << 32).map(np.random.default_rng)


def mapped(column: Array, *, shifted: bool) -> Array:
    """The column as it is mapped from a file: read-only; or beside where its numbers should lie."""
    return np.frombuffer(b"\0" * shifted + column.tobytes(), column.dtype, offset=int(shifted))


def a_set(random: np.random.Generator, size: int, density: float) -> Array:
    """A set of articles below `size`."""
    return np.flatnonzero(random.random(size) < density)


def columns_of(random: np.random.Generator, sets: list[Array], size: int, most: int, *, shifted: bool) -> Columns:
    """The columns of postings: a key for each set of articles, up to `most` occurrences in each of them."""
    blocks = [np.unique(articles >> BLOCK_BITS, return_counts=True) for articles in sets]
    article = np.concatenate([np.empty(0, np.int64), *sets])
    counts = random.integers(1, most + 1, len(article))
    first = np.cumsum(counts) - counts
    step = random.integers(1, 5, int(counts.sum()))
    running = np.cumsum(step)
    position = running - np.repeat(running[first] if len(first) else first, counts)
    position = 2 * position
    position[first] |= 1
    occurrences = [int(part.sum()) for part in np.split(counts, np.cumsum([len(articles) for articles in sets])[:-1])]
    values = {
        "time": np.zeros(size, np.int64),
        "block": np.concatenate([numbers for numbers, _ in blocks]).astype(np.uint8),
        "piece_at": np.cumsum([0, *(len(numbers) for numbers, _ in blocks)]).astype(np.uint32),
        "posting_at": np.cumsum([0, *np.concatenate([counted for _, counted in blocks])]).astype(np.uint32),
        "article": (article & (BLOCK - 1)).astype(np.uint16),
        "impact": random.integers(1, 256, len(article)).astype(np.uint8),
        "occurrence_at": np.cumsum([0, *occurrences]).astype(np.uint32),
        "position": position.astype(narrowest(int(position.max(initial=0)))),
    }
    empty = np.empty(0, np.uint8)
    return Columns(
        **{column.name: mapped(values.get(column.name, empty), shifted=shifted) for column in fields(Columns)}
    )


def terms_of(columns: Columns) -> list[Term]:
    """All postings of each key."""
    ends = columns.posting_at.tolist()
    several = []
    for key, (begin, end) in enumerate(zip(columns.piece_at.tolist(), columns.piece_at.tolist()[1:], strict=False)):
        pieces = [Piece(int(columns.block[n]) << BLOCK_BITS, ends[n], ends[n + 1]) for n in range(begin, end)]
        several.append(Term(columns, key, 0, pieces))
    return several


def later(term: Term, by: int) -> Term:
    """The term without so many of its first postings."""
    pieces, left = [], by
    for block, begin, end in term.pieces:
        gone = min(left, end - begin)
        left -= gone
        if begin + gone < end:
            pieces.append(Piece(block, begin + gone, end))
    return Term(term.columns, term.key, by, pieces)


def same(one: Array, other: Array) -> None:
    assert one.tolist() == other.tolist()


@given(RANDOMS, SIZES, DENSITIES, st.sampled_from(WIDTHS), st.booleans())
def test_single_values_are_counted(
    random: np.random.Generator, size: int, density: float, width: str, shifted: bool
) -> None:
    column = mapped(random.integers(0, 200, size).astype(width), shifted=shifted)
    articles = a_set(random, size, density)
    same(compiled.count(column, articles, 200), specification.count(column, articles, 200))


@given(RANDOMS, SIZES, DENSITIES, st.sampled_from(WIDTHS), st.sampled_from([0, 1, 30]), st.booleans())
def test_lists_are_counted(
    random: np.random.Generator, size: int, density: float, width: str, most: int, shifted: bool
) -> None:
    at = np.cumsum([0, *random.integers(0, most + 1, size)])
    values = mapped(random.integers(0, 200, at[-1]).astype(width), shifted=shifted)
    lists = Lists(values, mapped(at.astype(narrowest(int(at[-1]))), shifted=shifted), 200)
    articles = a_set(random, size, density)
    same(compiled.count_lists(lists, articles), specification.count_lists(lists, articles))


@given(RANDOMS, SIZES, st.integers(1, 400), st.sampled_from(["i4", "i8"]), st.integers(0, 30))
def test_the_first_in_order_are_chosen(
    random: np.random.Generator, size: int, highest: int, width: str, k: int
) -> None:
    values = random.integers(-highest, highest, size).astype(width)
    same(compiled.highest(values, k), specification.highest(values, k))
    for least in (1, highest // 2):
        same(compiled.most(values, k + 1, least), specification.most(values, k + 1, least))


def test_the_first_in_order_of_none_and_of_the_lowest_numbers() -> None:
    for values in (np.empty(0, np.int32), np.full(40, np.iinfo(np.int64).min)):
        for k in (0, 1, 100):
            same(compiled.highest(values, k), specification.highest(values, k))


@given(RANDOMS, SIZES, st.integers(1, 4))
def test_points_gain_by_steps(random: np.random.Generator, size: int, steps: int) -> None:
    begins, percents = np.sort(random.integers(0, size + 1, steps)), random.integers(0, 60, steps)
    points = [np.arange(size, dtype=np.int32) * 1000 for _ in range(2)]
    compiled.gain(points[0], begins, percents)
    specification.gain(points[1], begins, percents)
    same(*points)


@given(RANDOMS, SIZES, st.lists(DENSITIES, min_size=1, max_size=3), DENSITIES, st.booleans())
def test_points_are_added(
    random: np.random.Generator, size: int, densities: list[float], density: float, shifted: bool
) -> None:
    sets = [a_set(random, size, each) for each in densities]
    terms = terms_of(columns_of(random, sets, size, 1, shifted=shifted))
    for among in (None, a_set(random, size, density)):
        points = [np.full(size, 7, np.int32) for _ in range(2)]
        compiled.add_points(points[0], terms, np.int32(1000), among)
        specification.add_points(points[1], terms, np.int32(1000), among)
        same(*points)
    sparse = np.zeros(size, np.int32)
    compiled.add_points(sparse, terms, np.int32(1), None)
    same(compiled.positive(sparse), specification.positive(sparse))


@given(RANDOMS, SIZES, DENSITIES, DENSITIES, st.sampled_from([0, 1, 1000]), st.booleans())
def test_a_set_is_narrowed_to_a_term(
    random: np.random.Generator, size: int, density: float, other: float, without: int, shifted: bool
) -> None:
    (term,) = terms_of(columns_of(random, [a_set(random, size, density)], size, 1, shifted=shifted))
    term = later(term, min(without, len(term)))
    articles = a_set(random, size, other)
    for one, spec in zip(compiled.narrow(articles, term), specification.narrow(articles, term), strict=True):
        same(one, spec)
    same(compiled.having(articles, term)[0], specification.having(articles, term)[0])


@given(RANDOMS, SIZES, DENSITIES, st.sampled_from([1, 5, 40]), st.sampled_from([0, 1, 33]), st.booleans())
def test_occurrences_are_where_they_are(
    random: np.random.Generator, size: int, density: float, most: int, without: int, shifted: bool
) -> None:
    # The key of interest lies between two others.
    sets = [a_set(random, size, each) for each in (0.1, density, 0.1)]
    columns = columns_of(random, sets, size, most, shifted=shifted)
    term = terms_of(columns)[1]
    term = later(term, min(without, len(term)))
    own, outline = compiled.outline(columns, 1), specification.outline(columns, 1)
    same(own, outline)
    for postings in (np.arange(len(term)), a_set(random, len(term), 0.1), a_set(random, len(term), 0.001)):
        articles = term.article.take(postings)
        expected = specification.locations(term, outline, articles, postings)
        same(compiled.locations(term, own, articles, postings), expected)
    articles = np.repeat(a_set(random, size, 0.2), 3)
    positions = random.integers(-ROOM, 3 * most, len(articles))
    locations = np.sort((articles << HALF) + ROOM + positions)
    same(compiled.occurs_at(locations, term, own), specification.occurs_at(locations, term, outline))


def test_numbers_beyond_what_they_point_into_are_errors() -> None:
    random = np.random.default_rng(1)
    articles = np.arange(300)
    columns = columns_of(random, [articles], 300, 3, shifted=False)
    (term,) = terms_of(columns)
    outline = compiled.outline(columns, 0)
    beyond = Term(columns, 0, 0, [Piece(0, 0, 301)])
    backwards = Term(columns, 0, 0, [Piece(0, 20, 10)])
    later = Term(replace(columns, occurrence_at=np.array([(1 << 63) - 1, 1 << 63], np.uint64)), 0, 0, term.pieces)
    byte = np.zeros(300, np.uint8)
    wrong = [
        lambda: compiled.count(byte, np.array([300]), 1),
        lambda: compiled.count(byte, np.array([-1]), 1),
        lambda: compiled.count(byte + np.uint8(1), articles, 1),
        lambda: compiled.count_lists(Lists(byte, np.array([0, 301], np.uint16), 9), np.array([0])),
        lambda: compiled.count_lists(Lists(byte + np.uint8(9), np.array([0, 1], np.uint16), 9), np.array([0])),
        lambda: compiled.count_lists(Lists(byte, np.array([0, 1], np.uint16), 9), np.array([1])),
        lambda: compiled.count_lists(Lists(byte, np.array([0, 1], np.uint16), 9), np.array([-1])),
        lambda: compiled.add_points(np.zeros(299, np.int32), [term], np.int32(1), None),
        lambda: compiled.add_points(np.zeros(299, np.int32), [term, term], np.int32(1), None),
        *(
            lambda term=term: compiled.add_points(np.zeros(300, np.int32), [term], np.int32(1), None)
            for term in (beyond, backwards)
        ),
        *(lambda term=term: compiled.narrow(articles, term) for term in (beyond, backwards)),
        lambda: compiled.occurs_at((articles << HALF) + ROOM, term, outline + np.uint32(len(columns.position))),
        lambda: compiled.occurs_at((articles << HALF) + ROOM, term, outline[::-1].copy()),
        lambda: compiled.occurs_at((articles << HALF) + ROOM, beyond, outline),
        lambda: compiled.occurs_at((articles << HALF) + ROOM, term, outline[:1]),
        lambda: compiled.locations(term, outline + np.uint32(len(columns.position)), articles, articles),
        lambda: compiled.locations(term, outline[:1], articles[:1], articles[:1]),
        lambda: compiled.outline(replace(columns, position=columns.position | 1), 0),
        lambda: compiled.outline(replace(columns, position=columns.position & 0xFE), 0),
        lambda: compiled.outline(replace(columns, posting_at=np.array([0, 300 + (60 << 24)])), 0),
        lambda: compiled.outline(replace(columns, occurrence_at=np.array([0, len(columns.position) + 1])), 0),
        lambda: compiled.outline(replace(columns, occurrence_at=np.array([9, 1])), 0),
        lambda: compiled.locations(later, outline, articles, articles),
        lambda: compiled.gain(np.zeros(9, np.int32), np.array([4, 2]), np.array([1, 1])),
        lambda: compiled.gain(np.zeros(9, np.int32), np.array([10]), np.array([1])),
        lambda: compiled.positive(np.empty(3, "V0")),
        lambda: Lists(byte, np.array([0, 1 << 30], np.uint32), 9).of(np.array([0])),
    ]  # fmt: skip
    for ask in wrong:
        with pytest.raises(CORRUPTION_ERRORS):
            ask()


ROOT = Path(__file__).parent.parent


def version(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `indexer --version` says, with `place` before all others that modules are looked for in."""
    env = {name: value for name, value in os.environ.items() if name != "ARKHIV_LOOPS"}
    command = [sys.executable, "-m", "indexer", "--version"]
    return subprocess.run(
        command, cwd=ROOT, env=env | {"PYTHONPATH": str(place)} | environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("chosen", "runs"),
    [({}, "compiled"), ({"ARKHIV_LOOPS": "compiled"}, "compiled"), ({"ARKHIV_LOOPS": "numpy"}, "numpy, as")],
)
def test_the_version_says_which_loops_run(tmp_path: Path, chosen: dict[str, str], runs: str) -> None:
    shown = version(tmp_path, **chosen)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"\nloops: {runs}" in shown.stdout


def test_an_unknown_choice_of_loops_is_refused(tmp_path: Path) -> None:
    shown = version(tmp_path, ARKHIV_LOOPS="rust")
    assert shown.returncode == 2
    assert shown.stderr == "indexer: ARKHIV_LOOPS: 'rust' is not known; there are: numpy, compiled\n"


MODULES = {
    "nothing was compiled": ("arkhiv_loops.py", "raise ModuleNotFoundError(name='arkhiv_loops')", ""),
    "cannot be used": ("arkhiv_loops.abi3.so", "\x7fELF", "cannot be used"),
    "no attribute 'SOURCE'": ("arkhiv_loops.py", "", "cannot be used"),
    "another version of its source": ("arkhiv_loops.py", "SOURCE = '00000000'", "another version of its source"),
}


@pytest.mark.parametrize("reason", MODULES)
def test_what_was_not_compiled_from_this_source_is_not_used(tmp_path: Path, reason: str) -> None:
    name, content, warning = MODULES[reason]
    (tmp_path / name).write_text(content, "utf-8")
    shown = version(tmp_path)
    assert shown.returncode == 0
    assert "\nloops: numpy, " in shown.stdout
    assert reason in shown.stdout
    assert warning in shown.stderr
    assert bool(warning) == bool(shown.stderr), "without a compiler all is as it should be"
    refused = version(tmp_path, ARKHIV_LOOPS="compiled")
    assert refused.returncode == 2
    assert reason in refused.stderr


def test_a_module_of_another_python_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "arkhiv_loops.cpython-39-x86_64-linux-gnu.so").write_bytes(b"\x7fELF")
    assert "\nloops: compiled\n" in version(tmp_path).stdout
