"""Work done in a process of its own while this one goes on: it finds all that is in memory here, and answers once."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar, cast

Result = TypeVar("Result")

# Forking takes as long as writing a few hundred articles.
LEAST_BYTES = 1 << 21
PR_SET_PDEATHSIG = 1
STOPPING = (signal.SIGINT, signal.SIGTERM)


class Inline(Generic[Result]):
    """Work that is done at once: there is little of it, or the system cannot fork."""

    def __init__(self, work: Callable[..., Result], *arguments: Any) -> None:
        self._result = work(*arguments)

    def result(self) -> Result:
        """What the work came to."""
        return self._result

    def close(self) -> None:
        """Nothing is left to be ended."""


class Subprocess(Generic[Result]):
    """Work in a forked process. Threads would take turns with the work here, which is Python's own as well.

    The process inherits no open file, so that a lock of this one is never held by it, and ends with this one.
    """

    def __init__(self, work: Callable[..., Result], *arguments: Any) -> None:
        context = get_context("fork")
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_carry_out, args=(theirs, os.getpid(), work, arguments), daemon=True)
        # An interruption in the midst of forking would be lost.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self._outcome: tuple[bool, Any] | None = None

    def result(self) -> Result:
        """What the work came to, waited for; its errors are raised here. OSError where the process died."""
        if self._outcome is None:
            try:
                self._outcome = self._answer.recv()
            except EOFError:
                self._process.join()
                self._outcome = False, OSError(f"the process at work for it ended with {self._process.exitcode}")
            self._process.join()
        succeeded, value = self._outcome
        if not succeeded:
            raise value
        return cast("Result", value)

    def close(self) -> None:
        """End the work, whether it is done or not."""
        self._process.kill()
        self._process.join()
        self._answer.close()


def started(size: int, work: Callable[..., Result], *arguments: Any) -> Subprocess[Result] | Inline[Result]:
    """Start the work on so many bytes, in a process of its own where that is worth it and the system can fork."""
    kind = Subprocess if size >= LEAST_BYTES and "fork" in get_all_start_methods() else Inline
    return kind(work, *arguments)


def _carry_out(answer: Connection, parent: int, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, it goes to all; who waits for the work ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    os.closerange(3, answer.fileno())
    os.closerange(answer.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    try:
        outcome = (True, work(*arguments))
    except Exception as error:  # noqa: BLE001  (it is raised where the work is waited for)
        outcome = (False, error)
    answer.send(outcome)
