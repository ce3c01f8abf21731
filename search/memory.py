"""What belongs to a generation and is dear to find out: worked out once, and anew when another article becomes due."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

from search.engine import Due, Searcher
from search.publication import instant

Value = TypeVar("Value")

REMEMBERED = 1 << 14


class Memory:
    """Answers out of one generation. Safe to use from many threads at once: one works an answer out, others wait."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._lock = threading.Lock()
        self._known: tuple[int, Due] | None = None  # what is due, and since when
        self._answers: dict[Hashable, Future[Any]] = {}

    def due(self, now: datetime) -> Due:
        """What is published at this moment."""
        moment = instant(now)
        with self._lock:
            if self._known is None or not _holds(*self._known, moment):
                self._answers = {}
                self._known = moment, self._searcher.due(now)
            return self._known[1]

    def once(self, question: Hashable, now: datetime, answer: Callable[[], Value]) -> Value:
        """The answer to a question, the same until an article becomes due; `answer` works it out."""
        self.due(now)
        with self._lock:
            answers, asked = self._answers, Future[Any]()
            if len(answers) >= REMEMBERED:
                answers.clear()
            future = answers.setdefault(question, asked)
        if future is asked:
            try:
                asked.set_result(answer())
            except BaseException as error:
                answers.pop(question, None)
                asked.set_exception(error)
                raise
        value: Value = future.result()
        return value


def _holds(since: int, due: Due, moment: int) -> bool:
    return since <= moment and (due.until is None or moment < due.until)
