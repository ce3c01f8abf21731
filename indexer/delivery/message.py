"""What a message says, whatever the way it takes."""

from dataclasses import dataclass
from urllib.parse import urlencode

from search.config import AlertSettings, Settings
from search.guidance.russian import count_of, number, plural
from search.model import Article
from search.records.alerts import Delivery

# Characters of a title, a lead or a name in a message.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Message:
    """What a delivery reports: the first of the `total` articles, the newest first. A message that is sent again,
    because nobody knew whether it arrived, has the same `id`, so that the receiver can see it."""

    id: str
    delivery: Delivery
    total: int
    articles: tuple[Article, ...]

    @property
    def alert(self) -> AlertSettings:
        """The alert that is reported."""
        return self.delivery.alert

    @property
    def subject(self) -> str:
        """«Суды и приговоры: 4 новые статьи»."""
        form = plural(self.total, "новая статья", "новые статьи", "новых статей")
        return f"{self.alert.name}: {number(self.total)} {form}"

    def remark(self, settings: Settings) -> str:
        """What is said of a flood, and of articles that are not listed; else nothing."""
        listed = len(self.articles)
        shown = f"{plural(listed, 'показана', 'показаны', 'показаны')} {number(listed)}"
        shown += f" {plural(listed, 'самая новая', 'самые новые', 'самых новых')}"
        if self.total > settings.alert_flood:
            added = plural(self.total, "сразу добавлена", "сразу добавлены", "сразу добавлено")
            suited = plural(self.total, "подходящая", "подходящие", "подходящих")
            shown = f"; {shown}" if self.total > listed else ""
            return f"В архив {added} {count_of(self.total)}, {suited} под оповещение{shown}."
        return f"{shown[0].upper()}{shown[1:]}." if self.total > listed else ""

    def everything(self, settings: Settings) -> str:
        """The address of all that the alert finds, the newest first; empty where nobody knows the service's."""
        alert = self.alert
        filters = {name: value for name, value in alert.parameters().items() if value is not None}
        query = urlencode({"q": alert.query, "words": alert.words, **filters, "sort": "newest"})
        return f"{settings.site_url.rstrip('/')}/?{query}" if settings.site_url else ""


def plain(text: str) -> str:
    """The text in one line of bounded length, without what cannot be seen: it may come from anybody."""
    line = "".join(char if char.isprintable() else " " for char in text[: 2 * LONGEST])
    return shortened(" ".join(line.split()))


def shortened(text: str) -> str:
    """The text, or the start of one that is too long for a message."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
