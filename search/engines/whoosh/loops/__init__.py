"""The loops over columns that queries spend their time in, each twice.

`specification` says with NumPy what they do, and does it where nothing was compiled. `compiled` does the same in one
pass, by the functions of `loops.c`, which installing compiles where it can. Which of the two, is chosen here, once.
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
    if wanted == NUMPY:
        return Choice(NUMPY, f"as {VARIABLE} says")
    reason = "what was compiled is of another version of its source: install again"
    try:
        from search.engines.whoosh.loops import compiled

        if not compiled.is_stale():
            return Choice(COMPILED)
    except (ImportError, AttributeError, OSError) as error:
        reason = f"what was compiled cannot be used: {error}"
        if isinstance(error, ModuleNotFoundError) and error.name == "arkhiv_loops":
            reason = "nothing was compiled; docs/operations.md says how to get them"
    if not reason.startswith("nothing"):
        log.warning("NumPy's loops run: %s", reason)
    if wanted == COMPILED:
        raise UserError(VARIABLE, reason)
    return Choice(NUMPY, reason)


CHOICE = _chosen()

if TYPE_CHECKING or CHOICE.loops == NUMPY:
    from search.engines.whoosh.loops.specification import (
        add_points,
        count,
        count_lists,
        gain,
        having,
        highest,
        locations,
        most,
        narrow,
        occurs_at,
        outline,
        positive,
    )
else:
    from search.engines.whoosh.loops.compiled import (
        add_points,
        count,
        count_lists,
        gain,
        having,
        highest,
        locations,
        most,
        narrow,
        occurs_at,
        outline,
        positive,
    )

__all__ = [
    "CHOICE",
    "add_points",
    "count",
    "count_lists",
    "gain",
    "having",
    "highest",
    "locations",
    "most",
    "narrow",
    "occurs_at",
    "outline",
    "positive",
]
