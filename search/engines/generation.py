"""What any engine asks of a generation: was it built with the settings of now, and does it find its articles?"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from search.analysis import Analyzer
from search.config import Ranking, Settings
from search.editorial.persons import VERSION
from search.engine import Engine, Request, Searcher
from search.errors import CORRUPTION_ERRORS, IndexUnavailable
from search.model import Article, Days, Filters, IndexInfo, Sort
from search.publication import archive_day
from search.query.tree import And, Everything, Word

# How many articles with the words of one title are looked at.
HITS = 100
# After everything, times that UTC has no calendar for too.
ALWAYS = datetime.max.replace(tzinfo=timezone(timedelta(hours=-23)))


class Generation(Struct, frozen=True, kw_only=True):
    """What any engine keeps of a generation: with what it was built, and what is in it. `pivot` is the mean weighted
    length that impacts are measured by (see search.ranking). A generation that `purges_history` takes out what earlier
    ones hold: these are deleted. `persons` is the version of how persons are recognized (`search.editorial.persons`),
    0 where they are not, `names` the digest of the corrections to it."""

    generation: str = ""
    built_at: datetime
    timezone: str
    analysis: str
    ranking: Ranking
    pivot: float
    articles: int
    undated: int
    first: date | None
    last: date | None
    purges_history: bool = field(default=False, name="alone")
    persons: int = 0
    names: str = ""

    def as_info(self, size: int) -> IndexInfo:
        """The generation as users see it; `size` is in bytes."""
        shared = {name: getattr(self, name) for name in IndexInfo.__struct_fields__ if name != "size"}
        return IndexInfo(**shared, size=size)


class BuiltOtherwise(IndexUnavailable):
    """A generation was built with other settings than those of now; `settings` are those, with these for the rest."""

    def __init__(self, reason: str, settings: Settings) -> None:
        super().__init__(reason)
        self.settings = settings


def check_settings(built: Generation, settings: Settings, analyzer: Analyzer) -> None:
    """BuiltOtherwise where a generation was built with another zone, analysis or ranking than those set now."""
    was = {
        "time zone": built.timezone,
        "analysis": built.analysis,
        "ranking": built.ranking,
        "setting persons": _version(built.persons),
    }
    wanted = {
        "time zone": settings.timezone,
        "analysis": analyzer.version,
        "ranking": settings.ranking,
        "setting persons": _version(VERSION if settings.persons else 0),
    }
    for what, value in was.items():
        if value != wanted[what]:
            raise BuiltOtherwise(
                f"the index was built with the {what} {value}, the settings ask for {wanted[what]}; "
                "run: indexer rebuild --full",
                replace(settings, timezone=built.timezone, ranking=built.ranking, persons=bool(built.persons)),
            )


def _version(version: int) -> str:
    return f"true (version {version})" if version else "false"


@contextmanager
def blaming_damage(engine: Engine) -> Iterator[None]:
    """Turn what goes wrong over a damaged index into IndexUnavailable; may take as long as reading every byte of it."""
    try:
        yield
    except CORRUPTION_ERRORS as error:
        # Before the first generation there is nothing that could be damaged.
        if engine.generation() is not None and (damage := engine.verify()):
            raise IndexUnavailable(f"the index is damaged: {'; '.join(damage)}; rebuild the index") from error
        raise


def try_out(searcher: Searcher, added: Iterable[Article], analyzer: Analyzer, zone: ZoneInfo) -> None:
    """IndexUnavailable where not all articles are found, or one of those that were added not by its title."""
    total = searcher.search(Request(now=ALWAYS, limit=0, facets=False)).total
    if total != searcher.info.articles:
        raise IndexUnavailable(
            f"{total:,} articles are found where {searcher.info.articles:,} were prepared; try again"
        )
    for article in added:
        answer = searcher.search(_by_title(article, analyzer, zone))
        if article.id not in {match.article.id for match in answer.matches} and answer.total <= HITS:
            raise IndexUnavailable(f"the article {article.id!r} is not found by its title; try again")


def _by_title(article: Article, analyzer: Analyzer, zone: ZoneInfo) -> Request:
    """The search for the words of an article's title, on its day."""
    forms = dict.fromkeys(token.form for token in analyzer.tokens(article.title))
    words = [Word(form, analyzer.terms(form)) for form in forms]
    day = article.published and archive_day(article.published, zone)
    between = Days(day, day) if day else None
    return Request(ALWAYS, And((Everything(), *words)), Filters(between=between), sort=Sort.NEWEST, limit=HITS)
