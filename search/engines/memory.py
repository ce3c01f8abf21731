"""What belongs to a generation and is dear to find out: worked out once, and anew when another article becomes due."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from search.engine import Due, Searcher
from search.publication import instant

Value = TypeVar("Value")


class _State(NamedTuple):
    """What is due since a moment, and the answers that hold as long as that does."""

    since: int
    due: Future[Due]
    answers: dict[Hashable, Future[Any]]

    def holds(self, moment: int) -> bool:
        """Whether it does at a moment; waits for what is just being asked."""
        until = self.due.result().until
        return self.since <= moment and (until is None or moment < until)


class Memory:
    """Answers out of one generation. Safe to use from many threads at once: one works an answer out, others wait."""

    def __init__(self, searcher: Searcher, most: int) -> None:
        """`most` is how many answers are kept: those that were asked for last."""
        self._searcher = searcher
        self._most = most
        self._lock = threading.Lock()
        self._state: _State | None = None

    def due(self, now: datetime) -> Due:
        """What is published at this moment."""
        return self._at(now).due.result()

    def once(self, question: Hashable, now: datetime, answer: Callable[[], Value]) -> Value:
        """The answer to a question, the same until an article becomes due; `answer` works it out as of `now`."""
        answers, asked = self._at(now).answers, Future[Any]()
        with self._lock:
            future = answers.pop(question, asked)
            answers[question] = future  # last in order: the first is what was not asked for the longest time
            if len(answers) > self._most:
                del answers[next(iter(answers))]
        if future is asked:
            try:
                asked.set_result(answer())
            except BaseException as error:
                with self._lock:
                    if answers.get(question) is asked:
                        del answers[question]
                asked.set_exception(error)
                raise
        value: Value = future.result()
        return value

    def _at(self, now: datetime) -> _State:
        """What holds at this moment. The engine is asked outside of the lock, by one thread."""
        moment = instant(now)
        while True:
            with self._lock:
                state = self._state
                mine = state is None or (state.due.done() and not state.holds(moment))
                if mine:
                    state = self._state = _State(moment, Future(), {})
            assert state is not None
            if mine:
                self._ask(state, now)
            if state.holds(moment):
                return state

    def _ask(self, state: _State, now: datetime) -> None:
        try:
            state.due.set_result(self._searcher.due(now))
        except BaseException as error:
            with self._lock:
                self._state = None
            state.due.set_exception(error)
            raise
