"""The loops over columns that queries spend their time in, each twice.

`specification` says with NumPy what they do, and does it where nothing was compiled. `compiled` does the same in one
pass, by the functions of `loops.c`, which installing compiles where it can. Which of the two, is chosen here, once.
"""

import os
import warnings
from typing import TYPE_CHECKING

from search.errors import UserError

VARIABLE = "ARKHIV_LOOPS"
STALE = "the compiled loops are of another version of their source: install again"
NUMPY, COMPILED = "numpy", "compiled"


def _chosen() -> str:
    """Which loops run."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", NUMPY, COMPILED}:
        raise UserError(VARIABLE, f"{wanted!r} is not known; {NUMPY} and {COMPILED} are")
    if wanted == NUMPY:
        return NUMPY
    try:
        from search.engines.whoosh.loops import compiled
    except ImportError as error:
        if wanted == COMPILED:
            raise UserError(VARIABLE, f"the loops are not compiled ({error}); see docs/operations.md") from error
        return NUMPY
    if compiled.is_stale():
        if wanted == COMPILED:
            raise UserError(VARIABLE, STALE)
        warnings.warn(f"{STALE}; NumPy's run", stacklevel=2)
        return NUMPY
    return COMPILED


LOOPS = _chosen()

if TYPE_CHECKING or LOOPS == NUMPY:
    from search.engines.whoosh.loops.specification import (
        add_points,
        count,
        count_lists,
        highest,
        most,
        narrow,
        occurs_at,
        positive,
    )
else:
    from search.engines.whoosh.loops.compiled import (
        add_points,
        count,
        count_lists,
        highest,
        most,
        narrow,
        occurs_at,
        positive,
    )

__all__ = ["LOOPS", "add_points", "count", "count_lists", "highest", "most", "narrow", "occurs_at", "positive"]
