"""What is told when a damaged column goes wrong in the middle of reading or merging."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import wraps
from threading import Lock, Thread
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from search.errors import SENSELESS, IndexUnavailable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Watch:
    """Whether the files of a generation are as they were written: read at the first error that makes no sense.

    Opening checks the size of every file, not the bytes, which are too many. Over a damaged index such an error becomes
    IndexUnavailable that names the files; over a sound one it is a bug of ours and stays what it is. Who `waits` is
    told at once; else one thread reads the files, and errors stay what they are until it has found something.
    """

    def __init__(self, damage: Callable[[], Sequence[str]], *, waits: bool) -> None:
        """`damage` reads every byte and says what is wrong."""
        self._damage = damage
        self._waits = waits
        self._lock = Lock()
        self._found: Future[Sequence[str]] | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """While it lasts, errors are met as said above."""
        try:
            yield
        except SENSELESS as error:
            if damage := self._verdict():
                raise IndexUnavailable(f"the index is damaged: {'; '.join(damage)}; rebuild the index") from error
            raise

    def _verdict(self) -> Sequence[str]:
        with self._lock:
            if self._found is None:
                self._found = Future()
                thread = Thread(target=self._read, args=(self._found,), name="arkhiv-verify", daemon=True)
                thread.start()
        return self._found.result() if self._waits or self._found.done() else ()

    def _read(self, found: Future[Sequence[str]]) -> None:
        try:
            found.set_result(self._damage())
        except IndexUnavailable as error:
            found.set_result([str(error)])
        except BaseException:
            found.set_result(())  # it cannot be told; nobody is to wait for it
            raise


class Watched(Protocol):
    """What has a watch over the files that it reads."""

    _watch: Watch


def watched(
    method: Callable[Concatenate[Any, Arguments], Result],
) -> Callable[Concatenate[Any, Arguments], Result]:
    """A method of something watched whose errors are looked into."""

    @wraps(method)
    def looking(self: Watched, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        with self._watch.looking():
            return method(self, *arguments, **named)

    return looking


def watched_rows(
    method: Callable[Concatenate[Any, Arguments], Iterator[Result]],
) -> Callable[Concatenate[Any, Arguments], Iterator[Result]]:
    """The same of one that gives rows one by one."""

    @wraps(method)
    def looking(self: Watched, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> Iterator[Result]:
        with self._watch.looking():
            yield from method(self, *arguments, **named)

    return looking
