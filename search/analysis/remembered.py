"""What was worked out of a text once, for texts that repeat."""

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


class Remembered(dict[str, Value]):
    """What a function gives for some texts; forgotten when there are too many. No order of use is kept: that would
    write to all of it, which a process that was forked shares."""

    def __init__(self, function: Callable[[str], Value], *, most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, text: str) -> Value:
        if len(self) >= self._most:
            self.clear()
        value = self[text] = self._function(text)
        return value
