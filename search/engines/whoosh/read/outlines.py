"""Where the occurrences of each posting begin: worked out for the keys of phrases, and kept."""

from collections import OrderedDict
from threading import Lock

from search.engines.whoosh import loops
from search.engines.whoosh.columns import Columns
from search.engines.whoosh.ragged import Array

# Most phrases have a word or two of a few, whose outlines take as long as all else.
KEPT_BYTES = 32 << 20


class Outlines:
    """The outlines (see `loops`) of keys of one segment: of those asked for last as many as KEPT_BYTES hold."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._lock = Lock()
        self._outlines: OrderedDict[int, Array] = OrderedDict()
        self._bytes = 0

    def of(self, key: int) -> Array:
        """The outline of a key: [postings + 1]."""
        with self._lock:
            outline = self._outlines.get(key)
            if outline is not None:
                self._outlines.move_to_end(key)
                return outline
        outline = loops.outline(self._columns, key)
        with self._lock:
            if key not in self._outlines:
                self._outlines[key] = outline
                self._bytes += outline.nbytes
            while self._bytes > KEPT_BYTES and len(self._outlines) > 1:
                self._bytes -= self._outlines.popitem(last=False)[1].nbytes
        return outline
