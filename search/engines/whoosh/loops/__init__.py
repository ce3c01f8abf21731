"""The loops over columns that queries spend their time in, each twice.

`specification` says with NumPy what they do, and does it where nothing was compiled. `compiled` does the same in one
pass, by the functions of `loops.c`, which installing compiles where it can. Which of the two runs is chosen here, once.
"""

import logging
import os
from typing import TYPE_CHECKING, NamedTuple

from search.errors import UserError

VARIABLE = "ARKHIV_LOOPS"
NUMPY, COMPILED = "numpy", "compiled"

log = logging.getLogger(__name__)


class Choice(NamedTuple):
    """Which loops run, and why they are not the compiled ones."""

    loops: str
    reason: str = ""


def _chosen() -> Choice:
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", NUMPY, COMPILED}:
        raise UserError(VARIABLE, f"{wanted!r} is not known; there are: {NUMPY}, {COMPILED}")
    reason = f"as {VARIABLE} says" if wanted == NUMPY else _hindrance()
    if reason and wanted == COMPILED:
        raise UserError(VARIABLE, reason)
    return Choice(NUMPY, reason) if reason else Choice(COMPILED)


def _hindrance() -> str:
    """Why the compiled loops cannot run; nothing where they can. What is there and of no use is warned about."""
    reason = "what was compiled is of another version of its source: install again"
    try:
        from search.engines.whoosh.loops import compiled

        if not compiled.is_stale():
            return ""
    except (ImportError, AttributeError, OSError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "arkhiv_loops":
            return "nothing was compiled; docs/operations.md says how to get them"
        reason = f"what was compiled cannot be used: {error}"
    log.warning("NumPy's loops run: %s", reason)
    return reason


CHOICE = _chosen()

if TYPE_CHECKING or CHOICE.loops == NUMPY:
    from search.engines.whoosh.loops import specification as _loops
else:
    from search.engines.whoosh.loops import compiled as _loops

add_points = _loops.add_points
count = _loops.count
count_lists = _loops.count_lists
gain = _loops.gain
having = _loops.having
highest = _loops.highest
locations = _loops.locations
most = _loops.most
narrow = _loops.narrow
occurs_at = _loops.occurs_at
outline = _loops.outline
positive = _loops.positive
