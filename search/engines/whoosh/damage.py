"""Are the files of a generation as they were written? Asked when reading or merging them goes wrong."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import wraps
from threading import Lock, Thread
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from search.errors import CORRUPTION_ERRORS, IndexUnavailable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class DamageCheck:
    """Reads every byte of a generation, once, at the first error that a damaged column may cause.

    Opening checks the size of every file, not the bytes, which are too many. Over a damaged index such an error becomes
    IndexUnavailable that names the files; over a sound one it is a bug of ours and stays what it is. With `wait` the
    error waits for the check; else the check runs in a thread, and errors stay what they are until it has ended.
    """

    def __init__(self, damage: Callable[[], Sequence[str]], *, wait: bool) -> None:
        """`damage` reads every byte and says what is wrong."""
        self._damage = damage
        self._wait = wait
        self._lock = Lock()
        self._result: Future[Sequence[str]] | None = None

    def explain(self, error: BaseException) -> None:
        """Raise IndexUnavailable where the files are damaged."""
        with self._lock:
            if self._result is None:
                self._result = Future()
                Thread(target=self._read, args=(self._result,), name="arkhiv-verify", daemon=True).start()
        if (self._wait or self._result.done()) and (damage := self._result.result()):
            raise IndexUnavailable(f"the index is damaged: {'; '.join(damage)}; rebuild the index") from error

    def _read(self, result: Future[Sequence[str]]) -> None:
        try:
            result.set_result(self._damage())
        except IndexUnavailable as error:
            result.set_result([str(error)])
        except BaseException:
            result.set_result(())  # unknown; nobody is to wait for it
            raise


class _Checked(Protocol):
    """What reads a generation."""

    _damage_check: DamageCheck


def checked(
    method: Callable[Concatenate[Any, Arguments], Result],
) -> Callable[Concatenate[Any, Arguments], Result]:
    """A method whose errors are explained by the damage check of its object."""

    @wraps(method)
    def checking(self: _Checked, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        try:
            return method(self, *arguments, **named)
        except CORRUPTION_ERRORS as error:
            self._damage_check.explain(error)
            raise

    return checking


def checked_rows(
    method: Callable[Concatenate[Any, Arguments], Iterator[Result]],
) -> Callable[Concatenate[Any, Arguments], Iterator[Result]]:
    """The same for a generator."""

    @wraps(method)
    def checking(self: _Checked, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> Iterator[Result]:
        try:
            yield from method(self, *arguments, **named)
        except CORRUPTION_ERRORS as error:
            self._damage_check.explain(error)
            raise

    return checking
