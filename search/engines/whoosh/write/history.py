"""What the published generation knows of articles by their content, so that a build from nothing does not forget it."""

import time
from collections.abc import Sequence

from search.engines.whoosh.columns import Columns


class History:
    """Of each content that was published before: when it first came in, and how often it was viewed."""

    def __init__(self, before: Sequence[Columns]) -> None:
        self._now = time.time_ns() // 1000
        self._by_content = {
            content: values
            for columns in before
            for content, *values in zip(
                columns.content.tolist(), columns.indexed.tolist(), columns.views.tolist(), strict=True
            )
        }

    def indexed(self, content: int) -> int:
        """When this content first came in, in microseconds since 1970 UTC: now, where it is new."""
        values = self._by_content.get(content)
        return values[0] if values else self._now

    def views(self, content: int) -> int:
        """The views of the article that had this content; 0 where there was none."""
        values = self._by_content.get(content)
        return values[1] if values else 0
