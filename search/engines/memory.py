"""What is expensive to find out of a generation: worked out once, and anew when another article becomes visible."""

import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, structs

from search.engine import Searcher, Visibility
from search.publication import instant

Value = TypeVar("Value")
# Bytes that an answer takes beside its own.
OVERHEAD = 1_000


@dataclass(slots=True)
class _Snapshot:
    """What is visible since a moment, and the answers that hold as long as that does, with their sizes in bytes."""

    since: int
    visibility: Future[Visibility] = field(default_factory=Future)
    answers: dict[Hashable, Future[Any]] = field(default_factory=dict)
    sizes: dict[Hashable, int] = field(default_factory=dict)
    total: int = 0

    def holds(self, moment: int) -> bool:
        """Whether it does at a moment; waits for what is just being asked."""
        until = self.visibility.result().until
        return self.since <= moment and (until is None or moment < until)


class Memory:
    """Answers out of one generation. Safe to use from many threads at once: one works an answer out, others wait."""

    def __init__(self, searcher: Searcher, max_bytes: int) -> None:
        """`max_bytes` is how much of the answers is kept, about: of those that were asked for last."""
        self._searcher = searcher
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._state: _Snapshot | None = None

    def visibility(self, now: datetime) -> Visibility:
        """What is published at this moment."""
        return self._at(now).visibility.result()

    def once(self, question: Hashable, now: datetime, answer: Callable[[], Value]) -> Value:
        """The answer to a question, the same until an article becomes visible; `answer` works it out as of `now`."""
        state, own = self._at(now), Future[Any]()
        with self._lock:
            future = state.answers.pop(question, own)
            state.answers[question] = future  # last in order: the first is what was not asked for the longest time
        if future is own:
            try:
                value = answer()
                self._keep(state, question, value)
                own.set_result(value)
            except BaseException as error:
                with self._lock:
                    state.answers.pop(question, None)
                own.set_exception(error)
                raise
        result: Value = future.result()
        return result

    def _keep(self, state: _Snapshot, question: Hashable, value: Any) -> None:
        """Forget the oldest answers for a new one where together they are too large."""
        size = OVERHEAD + _size(value)
        with self._lock:
            state.sizes[question] = size
            state.total += size
            while state.total > self._max_bytes:
                oldest = next(
                    earlier for earlier in state.answers if earlier in state.sizes
                )  # others are being worked out
                state.total -= state.sizes.pop(oldest)
                del state.answers[oldest]

    def _at(self, now: datetime) -> _Snapshot:
        """What holds at this moment. The engine is asked outside of the lock, by one thread."""
        moment = instant(now)
        while True:
            with self._lock:
                state = self._state
                mine = state is None or (state.visibility.done() and not state.holds(moment))
                if mine:
                    state = self._state = _Snapshot(moment)
            assert state is not None
            if mine:
                self._ask(state, now)
            if state.holds(moment):
                return state

    def _ask(self, state: _Snapshot, now: datetime) -> None:
        try:
            state.visibility.set_result(self._searcher.visibility(now))
        except BaseException as error:
            with self._lock:
                self._state = None
            state.visibility.set_exception(error)
            raise


def _size(value: Any) -> int:
    """The bytes that a value takes, with all that it is made of."""
    parts = structs.astuple(value) if isinstance(value, Struct) else value if isinstance(value, tuple) else ()
    return sys.getsizeof(value) + sum(map(_size, parts))
