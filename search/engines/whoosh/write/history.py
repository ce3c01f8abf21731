"""What the published generation knows of articles by their content, so that a build from nothing does not forget it."""

import time
from collections.abc import Sequence

from search.engines.whoosh.columns import Columns


class History:
    """Of each content that was published before: when it first came in, and how often it was viewed."""

    def __init__(self, before: Sequence[Columns]) -> None:
        self._now = time.time_ns() // 1000
        self._known = {
            content: known
            for columns in before
            for content, *known in zip(
                columns.content.tolist(), columns.indexed.tolist(), columns.views.tolist(), strict=True
            )
        }

    def indexed(self, content: int) -> int:
        """When this content first came in, in microseconds since 1970 UTC: now, where it is new."""
        known = self._known.get(content)
        return known[0] if known else self._now

    def views(self, content: int) -> int:
        """The views of the article that had this content; 0 where there was none."""
        known = self._known.get(content)
        return known[1] if known else 0
