"""Small random archives, queries and requests, so close to each other that matches abound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import accumulate

from hypothesis import strategies as st

from search.analysis import Analyzer
from search.engine import Request
from search.model import Article, Days, Filters, Period, Sort
from search.query.parser import parse
from search.query.tree import (
    Address,
    And,
    Dates,
    Everything,
    Exact,
    Field,
    Leaf,
    Most,
    Not,
    Or,
    Person,
    PersonCalled,
    Phrase,
    Prefix,
    Query,
    Word,
)

__all__ = [
    "ANALYZER",
    "NOWS",
    "WORDS",
    "Change",
    "articles",
    "changes",
    "corpora",
    "queries",
    "query_texts",
    "requests",
]

ANALYZER = Analyzer()

# Forms that share lemmas or stems, forms that only begin alike, hyphens, Kazakh letters, numbers, stop words.
# fmt: off
WORDS = [
    "визит", "визита", "визиты", "министр", "министров", "министерство", "рынок", "рынка", "рынки", "день", "дня",
    "год", "лет", "казах", "казахи", "Казахстан", "Казахстана", "қазақ", "Қазақстан", "ёлка", "елка", "Нью-Йорк",
    "Йорк", "нью-йоркский", "северо-казахстанский", "казахстанский", "в", "не", "И", "2024", "24", "ТОО", "«Қожа»",
    "кожа",
]
# fmt: on
PREFIXES = ["к", "ка", "каз", "қаз", "мин", "министерс", "в", "нью-й", "нью", "2", "я"]
PIECES = [word + after for after in (" ", " ", " ", ", ", ".\n\n") for word in WORDS] + ["визит-", "день-"]

ALMATY = timezone(timedelta(hours=5))
DAYS = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 1), date(2024, 5, 17), date(2025, 1, 1)]
TIMES = [
    datetime(2023, 12, 31, 17, 59, 59, tzinfo=UTC),
    datetime(2023, 12, 31, 18, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 18, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 19, 0, tzinfo=UTC),
    datetime(2024, 5, 17, 9, 0, tzinfo=ALMATY),
    datetime(2024, 5, 17, 4, 0, tzinfo=UTC),
    datetime(2024, 5, 17, 9, 0, 0, 500, tzinfo=ALMATY),
    datetime(1961, 4, 12, 6, 7, tzinfo=UTC),
]
FUTURE = [date(2031, 1, 1), datetime(2030, 6, 1, 12, 0, tzinfo=ALMATY)]
NOWS = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2024, 5, 17, 4, 0, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)]

IDS = [*"abcdefghij", "10", "9", "я", "a/b", "😀"]
URLS = ["", "", "https://gazeta.example/n/1", "http://www.gazeta.example/n/1/", "https://gazeta.example/n/2"]
PAGES = ["gazeta.example/n/1", "gazeta.example/n/2", "gazeta.example/n/3"]
AUTHORS = ["", "Дана Аменова", "Олег Северо-Казахстанский", "Визит Министров", "дана", "дана, Олег"]
AUTHORS += ["Дана Аменова и Олег Северо-Казахстанский", "Олег Северо-Казахстанский, Ли Пак"]
SECTIONS = ["", "Рынки", "Казахстан", "В мире"]
TAGS = ["рынок", "Қожа", "суд"]
# Names in cases and orders that allow one reading or several.
MENTIONS = [
    "Валентина Серова",
    "Валентину Серову",
    "Валентин Серов",
    "В. Серов",
    "Серова В. А.",
    "Қожа Төлегенов",
    "Анна Белова",
    "Анны Беловой",
    "Белова Анна Ивановна",
    "Касым-Жомарта Токаева",
    "Касым-Жомарт Токаев",
    "Елизавета II",
]
NAMES = ["Валентин Серов", "Валентина Серова", "В. Серов", "Анна Белова", "Касым-Жомарт Токаев", "Қожа Төлегенов"]


@st.composite
def prose(draw: st.DrawFn, *, most: int) -> str:
    size = draw(st.integers(0, most))
    return "".join(draw(st.lists(st.sampled_from(PIECES), min_size=size, max_size=size)))


def mentioning(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(st.sampled_from(MENTIONS), max_size=3).map("; ".join)
    return st.one_of(text, text, st.builds("{}\n{}".format, text, several))


def articles() -> st.SearchStrategy[Article]:
    return st.builds(
        Article,
        id=st.sampled_from(IDS),
        title=mentioning(prose(most=4)),
        text=mentioning(prose(most=14)),
        lead=st.one_of(st.just(""), prose(most=5)),
        published=st.one_of(st.none(), *map(st.sampled_from, (DAYS, DAYS, TIMES, TIMES, FUTURE))),
        author=st.sampled_from(AUTHORS),
        section=st.sampled_from(SECTIONS),
        tags=st.lists(st.sampled_from(TAGS), max_size=2).map(tuple),
        url=st.sampled_from(URLS),
        views=st.sampled_from([0, 0, 1, 7, 7, 4163]),
        noindex=st.booleans(),
    )


def corpora(*, most: int = 14) -> st.SearchStrategy[list[Article]]:
    """Articles to be published at once; of those with one id the last one wins."""
    return st.integers(0, most).flatmap(lambda size: st.lists(articles(), min_size=size, max_size=size))


@dataclass(frozen=True)
class Change:
    """What one generation does to the one before: `removed` go out, then `added` come in."""

    removed: tuple[str, ...]
    added: tuple[Article, ...]
    fresh: bool = False


def changes() -> st.SearchStrategy[list[Change]]:
    one = st.builds(
        Change,
        removed=st.lists(st.sampled_from(IDS), max_size=4).map(tuple),
        added=st.lists(articles(), max_size=6).map(tuple),
        fresh=st.sampled_from([False, False, False, False, True]),
    )
    return st.lists(one, min_size=1, max_size=5)


# -- queries as trees

FIELDS = st.sampled_from([Field.TEXT] * 6 + [Field.TITLE, Field.TITLE, Field.AUTHOR, Field.SECTION])
WEIGHTS = st.sampled_from([100, 50, 25, 1])
TOKENS = [token for word in WORDS for token in ANALYZER.tokens(word)]


def words(field: Field) -> st.SearchStrategy[Word | Exact]:
    token = st.sampled_from(TOKENS)
    return st.one_of(
        st.builds(lambda token, weight: Word(token.form, ANALYZER.terms(token.form), field, weight), token, WEIGHTS),
        token.map(lambda token: Word(token.form, ANALYZER.terms(token.form), field)),
        token.map(lambda token: Exact(token.form, token.form, ANALYZER.home(token.form), field)),
    )


@st.composite
def phrases(draw: st.DrawFn, field: Field) -> Phrase:
    inside = tuple(draw(st.lists(words(field), min_size=2, max_size=4)))
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2]), min_size=len(inside) - 1, max_size=len(inside) - 1))
    slop = draw(st.one_of(st.none(), st.integers(0, 6)))
    return Phrase(inside, tuple(accumulate(steps, initial=0)), slop, field, draw(WEIGHTS))


def prefixes(field: Field) -> st.SearchStrategy[Prefix]:
    return st.sampled_from(PREFIXES).map(lambda text: Prefix(text, ANALYZER.prefix(text), field))


def leaves() -> st.SearchStrategy[Leaf]:
    return FIELDS.flatmap(lambda field: st.one_of(words(field), words(field), phrases(field), prefixes(field)))


def ranges() -> st.SearchStrategy[Days]:
    pairs = st.tuples(st.sampled_from([date.min, *DAYS]), st.sampled_from([*DAYS, date.max]))
    return pairs.filter(lambda pair: pair[0] <= pair[1]).map(lambda pair: Days(*pair))


def _of_a_name(name: str) -> Query:
    return parse(f'кто:"{name}"', ANALYZER).query


def trees() -> st.SearchStrategy[Query]:
    simple = st.one_of(
        leaves(),
        leaves(),
        leaves(),
        st.builds(lambda days, leads: Dates(days.first, days.last, leads), ranges(), st.booleans()),
        st.just(Everything()),
        st.sampled_from([*NAMES, ""]).map(Person),
        st.builds(
            PersonCalled,
            st.lists(st.one_of(words(Field.TEXT), prefixes(Field.TEXT)), min_size=1, max_size=1).map(tuple),
        ),
        st.sampled_from(NAMES).map(_of_a_name),
        st.sampled_from(["кто:касым-ж*", "кто:=Касым-Жомарт", "кто:бел*"]).map(
            lambda text: parse(text, ANALYZER).query
        ),
        st.builds(Address, st.lists(st.sampled_from(IDS), max_size=2).map(tuple), st.sampled_from(["", *PAGES])),
    )

    def larger(smaller: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
        several = st.lists(smaller, min_size=2, max_size=3).map(tuple)
        alone = st.sets(st.integers(0, 1), max_size=1).map(tuple)
        most = st.builds(Most, several, st.integers(0, 3), alone)
        return st.one_of(several.map(And), several.map(Or), most, smaller.map(Not))

    return st.recursive(simple, larger, max_leaves=6)


# -- queries as readers type them


def query_texts() -> st.SearchStrategy[str]:
    word = st.sampled_from(WORDS)
    several = st.lists(word, min_size=1, max_size=3).map(" ".join)
    unit = st.one_of(
        word,
        word,
        word.map("={}".format),
        several.map('"{}"'.format),
        several.map("«{}»".format),
        several.map('="{}"'.format),
        st.builds('"{}"~{}'.format, several, st.integers(0, 6)),
        st.sampled_from(PREFIXES).map("{}*".format),
        st.builds("{}:{}".format, st.sampled_from(["заголовок", "автор", "рубрика", "title"]), word),
        st.sampled_from(NAMES).map('кто:"{}"'.format),
        st.sampled_from([name for each in NAMES for name in each.split()]).map("кто:{}".format),
        st.sampled_from(["дата:2024", "дата:2024-02", "date:2023-12-31..2024-02-29", "дата:2024-13"]),
    )

    def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.lists(smaller, min_size=2, max_size=3).map(" ".join),
            st.lists(smaller, min_size=2, max_size=3).map(" | ".join),
            st.builds("{} ИЛИ {}".format, smaller, smaller),
            smaller.map("-{}".format),
            smaller.map("НЕ {}".format),
            smaller.map("({})".format),
            smaller.map("-({})".format),
            smaller.map("заголовок:({})".format),
        )

    return st.recursive(unit, larger, max_leaves=6)


def queries() -> st.SearchStrategy[Query]:
    return st.one_of(trees(), query_texts().map(lambda text: parse(text, ANALYZER).query))


def requests() -> st.SearchStrategy[Request]:
    years = [2023, 2024, 2024, 2025, 1961, 2031]
    period = st.one_of(
        *[st.none()] * 6,
        st.builds(Period, st.sampled_from(years)),
        st.builds(Period, st.sampled_from(years), st.sampled_from([1, 2, 3, 5, 12])),
        st.sampled_from(DAYS).map(lambda day: Period(day.year, day.month, day.day)),
    )
    return st.builds(
        Request,
        now=st.sampled_from([NOWS[0], *NOWS]),
        query=queries(),
        filters=st.builds(
            Filters,
            period=period,
            between=st.one_of(*[st.none()] * 4, ranges()),
            author=st.sampled_from([None] * 12 + [*AUTHORS[1:], "никто"]),
            section=st.sampled_from([None] * 12 + SECTIONS[1:]),
            tag=st.sampled_from([None] * 16 + [*TAGS, "ничто"]),
            person=st.sampled_from([None] * 16 + [*NAMES, "никто", "Валентин"]),
            undated=st.sampled_from([False] * 8 + [True]),
        ),
        since=st.sampled_from([None] * 8 + [NOWS[0], datetime(2030, 1, 1, tzinfo=UTC)]),
        sort=st.sampled_from([Sort.RELEVANCE, Sort.RELEVANCE, *Sort]),
        offset=st.sampled_from([0, 0, 0, 1, 3, 20]),
        limit=st.sampled_from([0, 1, 2, 5, 10, 100]),
        facets=st.sampled_from([True, True, True, False]),
        fold=st.booleans(),
    )
