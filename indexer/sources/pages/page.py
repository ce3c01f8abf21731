"""An article in an HTML page, and from where in it each field is.

A field has extractors, asked in the order of trust: the newspaper's template, what the page says of itself for
machines, what trafilatura and htmldate find in it, how it looks. The first usable value wins.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import cached_property
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml.etree import ParserError
from lxml.html import builder

from indexer.sources.intake import iso_8601
from indexer.sources.markup import document, text_within
from indexer.sources.pages.byline import (
    author_of,
    credit_in,
    credit_within,
    is_login,
    is_names,
    is_role,
    labelled_author,
    number_in,
    role_behind,
    signature,
    views_in,
    without_credit,
)
from indexer.sources.pages.linked import inner, links, texts
from indexer.sources.pages.moments import (
    Moment,
    has_no_such_day,
    is_only_moment,
    moment_of,
    moments_in,
    parsed,
    without_moments,
)
from indexer.sources.pages.plain import is_prose, read_body, read_plain, without_byline
from indexer.sources.pages.spelling import decode, unwrapped
from indexer.sources.pages.template import Template, value_of
from indexer.sources.pages.view import MOST_HEADINGS, Claim, PageView, plain
from indexer.sources.pages.workers import PageReading
from search.links import shown_host

_ADDRESS = re.compile(r"https?://[^/\s]+/[^\s#]+", re.IGNORECASE)
_SITE = re.compile(r"\s[|｜]\s.{2,20}")
_EDGES = " |–—•·»«/:-｜ㅣ："
_SEPARATOR = re.compile(r"(?<!\s)\s+(?:[|–—•·»«/:-]|::)\s+|\s?[|｜ㅣ：]\s?")
_FIRST_PAGE = re.compile(r"(?:https?:)?//[^/?#]+/?|/", re.IGNORECASE)  # addresses of a site itself
_WORD = re.compile(r"\w{4,}")
# Where news begins: «АСТАНА, 17 мая — …».
_DATELINE = re.compile(r"^[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ][^.!?]{1,40}?(?:\s[–—-]|\.\s[–—-]?)\s")
_LONGEST_LEAD, _LONGEST_DATED = 1_000, 10_000
_PICTURE = re.compile(r"(?:фото|photo|bild|quelle|credit)\w*\s?:", re.IGNORECASE)
_PUBLISHED = (
    "article:published_time", "datePublished", "date", "pubdate", "publish_date", "publication_date", "DC.date.issued",
    "DC.date", "dcterms.date", "dcterms.created", "sailthru.date", "parsely-pub-date", "citation_publication_date",
    "dcterms.issued", "og:published_time", "mediator_published_time", "article:published",
)  # fmt: skip
_MOST_PERSONS = 20
_AUTHOR = ("article:author", "dc.creator", "dcterms.creator", "parsely-author", "citation_author", "byl", "authors")
# What a CMS may write of the file, not of the article.
_OF_THE_FILE = {"meta date", "meta DC.date", "meta dcterms.date", "meta dcterms.created"}
# When something was, as seen from when the page was saved.
_RELATIVE = re.compile(
    r"(?:вчера|сегодня|назад|yesterday|today|ago)\b|"
    r"^\d{1,2} (?:янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)[а-я]*\W",
    re.IGNORECASE,
)
# The date at the top of every page of a site.
_TODAY = re.compile(r"сегодня\b(?!.*\d:\d\d)", re.IGNORECASE)
_UPDATED = ("article:modified_time", "dateModified", "og:updated_time")
# What is the same on many pages of a site.
_SITE_WIDE = {"description", "keywords", "og:description", "og:site_name"}
_MANY, _OFTEN = 10, 3
# What surrounds the text, by class.
_BYLINE = re.compile(r"(?<!theme)(?:^|[\s_-])(?:author|authors|byline|by-line|writer|avtor)(?:$|[\s_-])", re.IGNORECASE)
_NAME_IN_BYLINE = re.compile(r"(?:author|writer|avtor)[\s_-]*name|\bfn\b", re.IGNORECASE)
_EYE = re.compile(r"view|eye|prosmotr|hits", re.IGNORECASE)
_RUBRIC = re.compile(r"(?:^|[\s_-])(?:rub|rubric\w*|rubrik\w*|section|category)(?:$|[\s_-])", re.IGNORECASE)
_RUBRIC_LABEL = re.compile(r"(?:рубрика|категория|раздел|section|category)\s*:\s*", re.IGNORECASE)
_CRUMBS = re.compile(r"breadcrumb|crumbs", re.IGNORECASE)
_HOME = re.compile(r"главная(?: страница)?|home|старт", re.IGNORECASE)
_CAPTIONS = "//*[self::figcaption or contains(@class, 'wp-caption-text')]"
_LISTED = re.compile("[,;|，；]")
_CLOSED = re.compile(r"(?:^|[\s,;])(?:noindex|none)(?![^\s,;])", re.IGNORECASE)
# What such a rule says of something else, as «max-image-preview: none».
_OF_NO_ROBOTS = re.compile(r"max-[\w-]+\s*:\s*\w+", re.IGNORECASE)
# Where a page says of an address that it is of the same scheme as itself.
_SCHEME = "https:"
_MACHINE_TAG = re.compile(r"[\da-f-]{24,}|.{80,}", re.IGNORECASE)
_WORDS_OF_TAG = 3
# What a caption says: a sentence, or in the letters of the newspaper; what is short in others is mostly a credit.
_SENTENCE = re.compile(r"[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ«\"].{18,}[^.][.!?…]|(?=.*[А-Яа-яЁё])\w[^()/|©]{10,}")
# What the Wayback Machine puts before addresses; what says where a word may be divided.
_ARCHIVED = re.compile(
    r"(?:(?:https?:)?//(?:\w{1,9}\.){0,2}archive\.org(?::\d+)?)?/web/(?:\d{0,14}\*?(?:[a-z]{2}_)?/)?(?=https?:)",
    re.IGNORECASE,
)
# Where the address is kept that the browser had when it saved the page.
_BROWSER = "saved-from"
_UNSEEN = re.compile(
    r"[\xad\u200b\u2060\ufeff]|&shy(?:;|(?![=a-z\d]))|&#0*(?:173|8203|8288|65279)(?:;|(?!\d))|"
    r"&#x0*(?:ad|200b|2060|feff)(?:;|(?![\da-f]))|&(?:ZeroWidthSpace|NoBreak);|</?wbr\b[^<>]{0,200}>",
    re.IGNORECASE,
)
_ROBOTS = re.compile(r"\s*(?:#.*\n\s*)*(?:user-agent|sitemap|disallow)\s*:", re.IGNORECASE)
# Titles of what a server shows instead of a page.
_NO_PAGE = re.compile(
    r"(?:(?:ошибка|error|http)\s*[45]\d\d\b|[45]\d\d\W*(?:$|not found|forbidden|страница|ошибка|error|page|internal|"
    r"bad|service|gateway)|.{0,30}\b(?:страниц\w|материал|документ|запис\w|файл|page|object|article)\s(?:не (?:найден|"
    r"сущест|доступ)|not found)|(?:not found|не найдено|страница удалена|бет табылмады|security check|one more step|"
    r"технические работы|site maintenance)\W*(?:$|\|)|.{0,20}(?:такой страницы нет|нет такой страницы|вы не робот|"
    r"(?:verify|are) you (?:are )?(?:a )?(?:human|robot)|robot or human|(?:service|temporarily|currently) unavailable|"
    r"сайт временно недоступен)|just a moment|attention required|access denied|доступ (?:к \w+ )?(?:запрещ|ограничен)|"
    r"checking your browser|ddos-guard|index of /|проверка (?:вашего )?браузера)",
    re.IGNORECASE,
)
# What it shows beside: without a word of these above the text, it is an article with such a headline.
_OF_ERRORS = re.compile(
    r"страниц|адрес|ссылк|запр(?:ашив|ош)|сервер|браузер|по сайту|нашего сайта|главную|обновите|попробуйте|вернит|"
    r"к сожалению|извинит|администратор|заблокир|удален|снят с|хостинг|подожд|жойыл|техническ\w+ работ|"
    r"приносим|робот|капч|беті|қате|page|server|request|url|brows|robot|resource|minute|automatic|permission|"
    r"cookie|captcha|sorry|nginx|security|human",
    re.IGNORECASE,
)
_BESIDE_ERRORS = 3
# What follows where a title says no more: the end of a word, the name of the site.
_REST = re.compile(r"\w*\W*(?:\s[|»—–-]\s.*)?", re.DOTALL)
# So many pictures below a headline and a date are a report without words.
_ALBUM = 3
# So many headings that are links, among its text, make a list of a page.
_LINKED_HEADINGS = "//a[@href][h2 or h3 or ancestor::h2 or ancestor::h3]"
_MANY_LINKS, _LONGEST_TEASER = 5, 500
# A text that is less than half of the article's part, or than a third of the page, may have lost something.
_HALF, _THIRD = 1 / 2, 1 / 3
_LONG_LINE = 80
_TIMES, _STANDFIRST, _LONG_TITLE, _MOST_PARTS = 5, 50, 20, 10
_YEAR = re.compile(r"(?:19|20)\d\d")
_RAW_LENGTH = 1_000
# Characters. A page with less text is a list of links, or nothing.
_SHORTEST = 20
# A word of a description is compared by its first letters, whatever its form.
_STEM = re.compile(r"\w{5}")


class Page(NamedTuple):
    """What a page says, by field; what may be wrong with it; which selectors matched; why it is no article."""

    fields: Mapping[str, Claim]
    doubts: Sequence[str] = ()
    matched: frozenset[tuple[str, str]] = frozenset()
    obstacle: str = ""


def read_file(path: Path, template: Template, zone: ZoneInfo, common: Collection[str]) -> PageReading:
    """The article of a page of HTML or text; `common` are texts that describe the site, not the article."""
    try:
        content, address = unwrapped(path.read_bytes())
    except OSError as error:
        return PageReading(unreadable=f"cannot be read: {error.strerror or error}")
    text = decode(content)
    if path.suffix.lower() == ".txt":
        page = _read_text(text, zone)
    else:
        tree = _tree(text, address)
        page = Page({}, obstacle=_lacking({})) if tree is None else _PageReader(tree, template, zone, common).page()
    fields, matched = page.fields, (*page.matched,)
    if page.obstacle:
        return PageReading(unreadable=page.obstacle, raw=text[:_RAW_LENGTH], matched=matched)
    record = {"text": "", **{name: claim.value for name, claim in fields.items()}}
    return PageReading(record, {name: claim.place for name, claim in fields.items()}, (*page.doubts,), matched)


def _tree(text: str, address: str) -> Any:
    """The tree of a page without what the Wayback Machine and hyphenation put into it; None where it is no page."""
    with suppress(ParserError, ValueError):
        text = _UNSEEN.sub("", text)
        tree = document(_ARCHIVED.sub("", text) if "/web/" in text else text)
        tree.insert(0, builder.META(name=_BROWSER, content=_ARCHIVED.sub("", address)))
        return tree
    return None


def _read_text(text: str, zone: ZoneInfo) -> Page:
    if _ROBOTS.match(text):
        return Page({}, obstacle="is for robots, no article")
    record, doubts = read_plain(text), []
    if "published" in record and not moment_of(record["published"], zone):
        doubts.append(f"published: {record.pop('published')!r} is no date; without a date")
    fields = {name: Claim(value, "the text") for name, value in record.items() if value}
    return Page(fields, doubts, obstacle=_lacking(fields))


def _lacking(fields: Mapping[str, Claim]) -> str:
    """What is said of a page without a headline or a text; empty where it has both."""
    length = sum(len(fields[name].value) for name in ("lead", "text") if name in fields)
    return "" if "title" in fields and length >= _SHORTEST else "there is no article in it"


def common_to(paths: Iterable[Path]) -> frozenset[str]:
    """What describes the site: parts of titles, headings, descriptions that are the same in many pages."""
    counts: Counter[str] = Counter()
    sample = [*paths]
    for path in sample:
        with suppress(OSError, ParserError, ValueError):
            tree = document(decode(unwrapped(path.read_bytes())[0]))
            title = " ".join((tree.findtext(".//title") or "").split())
            first, *others = _SEPARATOR.split(title, _MOST_PARTS)
            # A heading that is the title, or its beginning, is of the article, also where several have the same.
            headings = {" ".join(element.text_content().split()) for element in tree.iter("h1")} - {title, first}
            parts = headings.union(others, [first] if others and first not in headings else ())
            for element in tree.iterfind(".//meta[@content]"):
                if {element.get("name"), element.get("property")} & _SITE_WIDE:
                    parts.add(plain(element.get("content")))
            counts.update(parts - {""})
    return frozenset(part for part, count in counts.items() if len(sample) >= _MANY and count * _OFTEN >= len(sample))


class _PageReader(PageView):
    """The fields of one page."""

    def page(self) -> Page:
        """What the page says."""
        extractors: Mapping[str, Iterable[Claim]] = {
            "id": self._selected("id"),
            "title": self._titles(),
            "url": self._addresses(),
            "published": self._published(),
            "updated": self._updated(),
            "author": self._authors(),
            "author_role": self._roles(),
            "section": self._sections(),
            "views": self._views(),
            "image": self._images(),
            "image_credit": self._credits(),
            "tags": self._tags(),
            "source": self._selected("source"),
            "noindex": self._robots(),
        }
        fields = {name: claim for name, claims in extractors.items() if (claim := _first_usable(claims))}
        fields |= self._text(fields)
        return Page(fields, self._doubts, frozenset(self._matched), self._obstacle(fields))

    def _obstacle(self, fields: Mapping[str, Claim]) -> str:
        """Why the page is no article, where it says so or has only links to others; empty where it is one."""
        title = str(fields["title"].value) if "title" in fields else ""
        # The text of a list of articles, or of an error, has no long line, or little of it.
        is_short = sum(map(len, self._extracted)) < _LONGEST_TEASER
        if is_short and not self._data and any(self._is_error(line, fields) for line in (title, self._title_element)):
            return f"is no article, but {title or self._title_element!r}"
        is_album = {"title", "published"} <= fields.keys() and len(self._part.findall(".//img")) >= _ALBUM
        if not is_album and (obstacle := _lacking(fields)):
            return obstacle
        kinds = {claim.value.casefold() for claim in self._metas("og:type")}
        if self._data or "article" in kinds or "title" in self._template or "text" in self._template:
            return ""
        has_text = any(len(line) >= _LONGEST_TEASER for line in self._extracted)
        # Some sites give the address of their first page on every page.
        is_dated = "published" in fields and "title" in fields and fields["title"].place == "<h1>"
        addresses = [claim.value for claim in self._links() if claim.value and not is_dated]
        if "website" in kinds and not has_text and any(map(_FIRST_PAGE.fullmatch, addresses[:1])):
            return "is the first page of a site, no article"
        links = {" ".join(link.text_content().split()) for link in self._tree.xpath(_LINKED_HEADINGS)}
        begin, end = self._span
        teasers = groupby(self._shown[max(0, begin - 1) : end + 1], links.__contains__)
        lengths = [sum(map(len, lines)) for is_link, lines in teasers if not is_link]
        is_list = len(lengths) > _MANY_LINKS and max(lengths) < _LONGEST_TEASER
        return f"is a list of other articles, {len(lengths)} or so" if is_list else ""

    def _is_error(self, title: str, fields: Mapping[str, Claim]) -> bool:
        """Whether a short page is that of an error: of three signs two are there, a title that says nothing else, no
        date, and above the text words of errors, or none."""
        match = _NO_PAGE.match(title)
        headings = tuple(filter(None, self._headings))
        above = [line for line in self._extracted if not headings or not line.startswith(headings)][:_BESIDE_ERRORS]
        speaks_of_errors = any(map(_OF_ERRORS.search, above)) or not any(map(is_prose, above))
        says_all = match is not None and bool(_REST.fullmatch(title, match.end()))
        return match is not None and says_all + ("published" not in fields) + speaks_of_errors > 1

    # The fields

    def _titles(self) -> Iterator[Claim]:
        yield from self._selected("title")
        claims = [
            *(claim._replace(value=plain(claim.value)) for claim in self._json_ld("headline")),
            *(claim._replace(value=self._own_part(claim.value)) for claim in self._metas("og:title")),
        ]
        headings = [claim for claim in self._h1s if self._can_be_headline(claim.value, claims)]
        yield from self._microdata("headline")
        others = dict.fromkeys(claim.value for claim in claims if claim.value)
        whole = [claim.value for claim in (*self._metas("og:title"), *self._json_ld("headline"))]
        # A line over or under the headline is no part of it where the page gives the headline alone elsewhere.
        for heading in headings if len(headings) == 1 else ():
            alone = [other for other in others if heading.value.endswith(f" {other}")]
            alone += [other for other in whole if len(other) > _LONG_TITLE and heading.value.startswith(f"{other} ")]
            yield from (Claim(other, "<h1>") for other in alone)
            yield heading
        yield from (heading for heading in headings if heading.value in others)
        in_title = [heading for heading in headings if heading.value in self._title_element]
        yield from sorted(in_title, key=lambda heading: -len(heading.value))
        yield from claims[::-1]
        if title := self._title_element:
            yield Claim(self._own_part(title, guess=True), "<title>")
        yield from headings
        yield from self._elements("//h2", "<h2>")

    def _can_be_headline(self, heading: str, claims: Sequence[Claim]) -> bool:
        """Whether a heading is not the name of the site: it stands in the article, or has a word of what else may be
        the title, and is not just the end of `<title>`."""
        title = self._title_element
        if any(heading.casefold() in site for site in self._sites):
            return False
        # What the page marks as its article has no name of the site, unless the page has two other titles that agree.
        in_article = {
            claim.value for claim in islice(self._elements("//h1[ancestor::article or ancestor::main]"), MOST_HEADINGS)
        }
        agreed = any(len(claim.value) >= _LONG_TITLE and claim.value in title for claim in claims)
        if agreed or (heading not in in_article and not self._named_at_home):
            others = " ".join([title, *(claim.value for claim in claims)]).casefold()
            words = [word.casefold() for word in _WORD.findall(heading)]
            if words and others and not any(word in others for word in words):
                return False
        *before, last = _SEPARATOR.split(title)
        is_last = before and heading.casefold() == last.casefold() and len(heading) < _LONG_TITLE
        return not is_last or any(heading in claim.value for claim in claims)

    @cached_property
    def _named_at_home(self) -> set[str]:
        """The parts of `<title>` that are the text of a link to the first page: the name of the site."""
        parts = {part.casefold() for part in _SEPARATOR.split(self._title_element)}
        links = (link for link in self._tree.iter("a") if _FIRST_PAGE.fullmatch(link.get("href") or ""))
        return {" ".join(link.text_content().split()).casefold() for link in links} & parts - {""}

    def _own_part(self, title: str, *, guess: bool = False) -> str:
        """The part of a title that is the article's: the one that readers see by itself, else without the site, which
        may be a guess."""
        separators = [*islice(_SEPARATOR.finditer(title), _MOST_PARTS)]
        beginnings = [title[: match.start()] for match in separators]
        endings = [title[match.end() :] for match in separators]
        parts = [part for part in (*beginnings, *endings, *_SEPARATOR.split(title, _MOST_PARTS)) if part]
        own = [part for part in (title, *parts) if part.casefold() not in self._sites]
        shown = {line.casefold() for line in self._shown}
        if seen := [part for part in own if part.casefold() in shown and len(part) * 2 >= max(map(len, own))]:
            return max(seen, key=len)
        rests = ((part, title.removeprefix(part).removesuffix(part).strip(_EDGES)) for part in own)
        without = [part for part, rest in rests if rest.casefold() in self._sites]
        if not without and guess:
            without = [part for part in parts if len(part) * 2 >= len(title) and not _SEPARATOR.search(part)]
        without = without or [part for part in beginnings[-1:] if guess or _SITE.fullmatch(title, len(part))]
        return max(without, key=len, default=title)

    @cached_property
    def _sites(self) -> set[str]:
        """The names of the site, in lower case, as far as pages give them."""
        names = {*self._common, *(claim.value for claim in self._metas("og:site_name"))}
        publisher = self._data.get("publisher")
        names.update(texts(publisher) if _people(publisher) is None else ())
        first, *others = _SEPARATOR.split(self._title_element)
        if first.casefold() in {heading.casefold() for heading in self._headings}:
            names.update(others[-1:])
        return ({name.casefold() for name in names} | self._named_at_home) - {""}

    def _addresses(self) -> Iterator[Claim]:
        """The page's own address. One without a path names the site, which is given on all of its pages."""
        return (claim for claim in self._links() if _ADDRESS.fullmatch(claim.value))

    def _links(self) -> Iterator[Claim]:
        """What the page says that its address is."""
        bases = [_joined(_SCHEME, base.strip()) for base in self._tree.xpath("//base/@href")]
        bases += [claim.value.strip() for claim in self._metas("og:url", _BROWSER)]
        elements = (link for link in self._tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
        linked = (_joined(next(iter(bases), _SCHEME), (link.get("href") or "").strip()) for link in elements)
        claims = [
            *self._selected("url", address=True),
            *(Claim(link, "canonical link") for link in linked),
            *self._metas("og:url"),
            *(Claim(link, "JSON-LD mainEntityOfPage") for link in links(self._data.get("mainEntityOfPage"))),
            *(Claim(link, "JSON-LD url") for link in links(self._data.get("url"))),
            *(Claim(element.get("href") or "", "itemprop") for element in self._marked["mainentityofpage"]),
            *self._metas(_BROWSER),
        ]
        return (claim._replace(value=_joined(_SCHEME, claim.value.strip()).partition("#")[0]) for claim in claims)

    def _published(self) -> Iterator[Claim]:
        """The moment that the page gives for machines; of several, one of a day that readers see by the headline, and
        before that of a change. What is of another day in the newspaper's zone than readers see, or its zone says, was
        published on that day."""
        claims = self._moments_for_machines("published", "datePublished", _PUBLISHED)
        changes = {claim.value for claim in self._updated()}
        moments = [*self._moments(claims)]
        moments = [pair for pair in moments if pair[0].text not in changes] or moments
        # A day alone, and its time elsewhere.
        timed = {pair[0].day: pair for pair in reversed([*moments, *self._seen]) if pair[0].text != pair[0].written_day}
        moments = [timed.get(pair[0].text, pair) for pair in moments]
        days = {day for moment, _ in moments for day in (moment.day, moment.written_day)}
        doubtful = len(days) > 1 or (self._seen_days and not days <= self._seen_days)
        shown = self._seen_days | self._days_in_words if doubtful else days
        yield from (Claim(moment.text, place) for moment, place in moments if moment.day in shown)
        yield from (Claim(moment.written_day, place) for moment, place in moments if moment.written_day in shown)
        # A day alone is more often that of the page, or of another article.
        seen = sorted(self._seen, key=lambda pair: "T" not in pair[0].text)
        if all(place in _OF_THE_FILE for _, place in moments):
            moments = [*seen, *moments]
        for moment, place in moments:
            near = (other for other, _ in seen if moment.is_utc and moment.is_next_to(other))
            yield from (Claim(other.shown_day, place) for other in near)
            yield Claim(moment.text if moment.shown_day == moment.day else moment.shown_day, place)
        if claims and not moments:
            in_words = (line.value for line in claims if line.value.isprintable() and not has_no_such_day(line.value))
            yield from (Claim(day, claims[0].place) for day in _days_in([*in_words]))
        if unreal := next((near for near in self._near_headline if has_no_such_day(near.value)), None):
            claims.append(unreal)  # htmldate would make another day of it
        elif max(map(len, self._shown), default=0) <= _LONGEST_DATED:
            day = find_date(deepcopy(self._part), original_date=True, extensive_search=True)
            if day and not self._is_only_a_year(day) and not self._is_only_elsewhere(day):
                yield Claim(day, "htmldate")
            yield from (Claim(moment.text, place) for moment, place in self._moments(self._labelled_moments))
        claims += [near for near in self._near_headline if _RELATIVE.search(near.value)]
        if claims:
            self._doubts.append(f"published: {claims[0].value[:60]!r} ({claims[0].place}) is no date; without a date")

    def _is_only_a_year(self, day: str) -> bool:
        """Whether htmldate has made the first of January of a year that stands somewhere."""
        year, _, rest = day.partition("-")
        spelled = re.compile(rf"{day}|\b0?1[./]0?1[./]{year}|янв|jan|қаңтар", re.IGNORECASE)
        return rest == "01-01" and not any(spelled.search(line) for line in self._shown)

    def _is_only_elsewhere(self, day: str) -> bool:
        """Whether a day is only under the text, among other articles and comments, or is that of today."""
        end = self._span[1] + 1
        above, others = (
            {moment.day for line in lines if len(line) <= _LONG_LINE for moment in moments_in(line, self._zone)}
            for lines in ([line for line in self._shown[:end] if not _TODAY.match(line)], self._shown)
        )
        return day in others - above

    @cached_property
    def _near_headline(self) -> list[Claim]:
        """What may say when the article was published: times, and lines before and after the text."""
        times = [*self._part.iter("time")][:_TIMES]
        before, after = self._around
        lines = [line for line in before[::-1] if len(line) <= _LONG_LINE and line[0] != "•" and not _TODAY.match(line)]
        return [
            *(Claim(iso_8601(value_of(element, moment=True)), "<time>") for element in times),
            *(Claim(" ".join(element.itertext()), "<time>") for element in times),
            # Under a text are the dates of other articles and of comments.
            *(Claim(line, "text") for line in (*lines, *filter(is_only_moment, after))),
        ]

    @cached_property
    def _labelled_moments(self) -> list[Claim]:
        """The lines of the page that are a moment and a word for it."""
        lines = (line for line in self._shown if len(line) <= _LONG_LINE and not _TODAY.match(line))
        return [Claim(line, "text") for line in lines if is_only_moment(line.strip("• "))]

    @cached_property
    def _seen(self) -> list[tuple[Moment, str]]:
        """The moments near the headline, with their places."""
        return [*self._moments(self._near_headline)] or [*self._moments(self._labelled_moments)]

    @cached_property
    def _seen_days(self) -> set[str]:
        """The days that readers see there; a moment in UTC says nothing of them."""
        return {moment.shown_day for moment, _ in self._seen if not moment.is_utc}

    @cached_property
    def _days_in_words(self) -> set[str]:
        """The day there in the words of another language."""
        near = [claim.value for claim in self._near_headline]
        return _days_in([line for line in near if not any(moment.is_utc for moment in moments_in(line))])

    def _moments_for_machines(self, field: str, name: str, metas: Sequence[str]) -> list[Claim]:
        """What the template, JSON-LD, meta elements and microdata have of a moment."""
        return [
            *self._selected(field, moment=True),
            *(claim._replace(value=iso_8601(claim.value)) for claim in (*self._json_ld(name), *self._metas(*metas))),
            *(Claim(value_of(element, moment=True), f"itemprop={name}") for element in self._marked[name.lower()]),
        ]

    def _moments(self, claims: Iterable[Claim]) -> Iterator[tuple[Moment, str]]:
        date_format = self._template.date_format
        for text, place in claims:
            in_format = [moment_of(parsed(text, date_format), self._zone)] if date_format else []
            yield from ((moment, place) for moment in (*in_format, *moments_in(text, self._zone)) if moment)

    def _updated(self) -> Iterator[Claim]:
        claims = self._moments_for_machines("updated", "dateModified", _UPDATED)
        return (Claim(moment.text, place) for moment, place in self._moments(claims))

    def _name_of(self, person: Any) -> Any:
        """The element of a marked person that is the name; all of it where none is."""
        return next((name for name in self._marked["name"] if person in name.iterancestors()), person)

    def _authors(self) -> Iterator[Claim]:
        marked = self._marked["author"] or self._marked["creator"]
        persons = [element for element in marked if element.tag != "meta"][:_MOST_PERSONS]
        named = [self._name_of(person) for person in persons]
        names, bylines = ([*self._of_class(kind)] for kind in (_NAME_IN_BYLINE, _BYLINE))
        related = (_first_line(link) for link in self._related["author"] if "google" not in (link.get("href") or ""))
        claims = [
            *(Claim(_named_in(element), selector) for selector, element in self._found_by_template("author")),
            Claim(_listed(texts(_people(self._data.get("author") or self._data.get("creator")))), "JSON-LD author"),
            Claim(_listed(map(_first_line, named)), "itemprop=author"),
            Claim(_listed(related), "rel=author"),
            *self._elements("//*[contains(@typeof, 'Person') or contains(@typeof, 'UserAccount')]", "typeof"),
            Claim(_listed(claim.value for claim in self._metas("author")), "meta author"),
            *(Claim(_linked_names(elements), "class author") for elements in (names, *([line] for line in bylines))),
            *(Claim(_first_line(element), "class author") for element in (*names, *bylines)),
            *self._metas(*_AUTHOR),
            *(Claim(labelled_author(line), "text") for line in self._lines_around),
            *(Claim(signature(line), "signature") for line in self._around[1]),
        ]
        titles = [claim.value for claim in (*self._h1s[:1], *self._metas("og:title"))]
        titles.append(self._own_part(self._title_element, guess=True))
        others = self._sites | {title.casefold() for title in titles}
        for text, place in claims:
            name = author_of(text)
            if name and name.casefold() not in others and not self._is_host(name) and self._is_signed(name):
                yield Claim(name, place)

    def _is_signed(self, name: str) -> bool:
        """Whether readers see a name that may be that of an account, or of a house."""
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return not is_login(name) or any(len(line) <= 2 * _LONG_LINE and whole.search(line) for line in self._shown)

    def _is_host(self, name: str) -> bool:
        """Whether a name is that of the site, by its address."""
        hosts = [(urlsplit(claim.value).hostname or "").removeprefix("www.") for claim in self._addresses()]
        return _letters(name) in {_letters(part) for host in hosts for part in (host, *host.split("."))}

    def _roles(self) -> Iterator[Claim]:
        yield from self._selected("author_role")
        for text in texts(inner(self._data.get("author"), "jobTitle")):
            yield Claim(text, "JSON-LD jobTitle")
        yield from self._microdata("jobTitle")
        for element in self._of_class(_BYLINE):
            first, *others = text_within(element, apart=True).split("\n")
            for line in (role_behind(first), *others):
                if is_role(line):
                    yield Claim(line, "class author")
        for line in self._lines_around:
            if labelled_author(line) or signature(line):
                yield Claim(role_behind(line), "text")

    def _sections(self) -> Iterator[Claim]:
        yield from self._selected("section")
        yield from self._json_ld("articleSection")
        yield from self._metas("article:section")
        yield from self._microdata("articleSection")
        yield from self._texts(self._related["category"], "rel=category")
        for element in self._of_class(_CRUMBS):
            crumbs = [" ".join(link.itertext()).strip() for link in element.iter("a")]
            yield from (Claim(crumb, "breadcrumbs") for crumb in crumbs[::-1] if not _HOME.fullmatch(crumb))
        for element in self._of_class(_RUBRIC):
            rubric = _RUBRIC_LABEL.sub("", _first_line(element))
            if len(rubric) <= _LONG_LINE and element.find(".//h1") is None and element.find(".//p") is None:
                yield Claim(rubric, "class rubric")

    def _views(self) -> Iterator[Claim]:
        for selector, element in self._found_by_template("views"):
            yield Claim(_counted_in(element), selector)
        for line in self._lines_around:
            yield Claim(views_in(line), "text")
        for element in self._of_class(_EYE):
            yield Claim(number_in("".join(element.itertext())), "class views")

    def _images(self) -> Iterator[Claim]:
        yield from self._selected("image", address=True)
        base = next((claim.value for claim in self._addresses()), _SCHEME)
        linked = (Claim(address, "JSON-LD image") for address in links(self._data.get("image")))
        claims = (claim for claim in (*linked, *self._metas("og:image")) if claim.value)
        yield from (claim._replace(value=_joined(base, claim.value)) for claim in claims)

    def _credits(self) -> Iterator[Claim]:
        for claim in self._selected("image_credit"):
            yield claim._replace(value=credit_in(claim.value) or claim.value)
        image = self._data.get("image")
        for name in ("creditText", "author", "creator"):
            for text in texts(inner(image, name)):
                yield Claim(credit_in(text) or text, f"JSON-LD {name}")
        for text in texts(inner(image, "caption")):
            yield Claim(credit_within(text), "JSON-LD caption")
        for path, place in (("//figcaption", "<figcaption>"), ("//*[contains(@class, 'credit')]", "class credit")):
            for claim in self._elements(path, place):
                yield claim._replace(value=credit_within(claim.value))
        for line in self._lines_around:
            yield Claim(credit_in(line), "text")

    def _tags(self) -> Iterator[Claim]:
        tagged = [link for link in self._related["tag"] if link not in self._related["category"]]
        sources = (
            ("[pages] tags", self._selected("tags")),
            ("JSON-LD keywords", self._json_ld("keywords")),
            ("meta article:tag", self._metas("article:tag")),
            ("meta keywords", self._metas("news_keywords", "keywords")),
            ("itemprop=keywords", self._microdata("keywords")),
            ("rel=tag", self._texts(tagged, "")),
        )
        lists = []
        for place, claims in sources:
            own = [claim.value for claim in claims if claim.value not in self._common]
            tags = dict.fromkeys(tag.strip(" #") for words in own for tag in _LISTED.split(words))
            lists.append(Claim([tag for tag in tags if tag and not _MACHINE_TAG.fullmatch(tag)], place))
        # A list without commas is one tag of all words.
        yield from sorted(lists, key=lambda claim: len(claim.value) == 1 and claim.value[0].count(" ") >= _WORDS_OF_TAG)

    def _robots(self) -> Iterator[Claim]:
        yield from self._selected("noindex")
        for claim in self._metas("robots", "googlebot", "yandex", "bingbot", "X-Robots-Tag"):
            if _CLOSED.search(_OF_NO_ROBOTS.sub("", claim.value)):
                yield claim._replace(value=True)

    # The text

    def _text(self, fields: Mapping[str, Claim]) -> dict[str, Claim]:
        """Lead and text, without bylines, credits and lists of other articles."""
        selected = [(name, text_within(element)) for name, element in self._found_by_template("text", self._wanted)]
        lines = [line for _, text in selected for line in text.split("\n")] or self._extracted
        captions = [] if selected else [claim.value for claim in self._elements(_CAPTIONS, tree=self._article_tree)]
        elsewhere = {str(claim.value) for claim in fields.values()} | {*self._headings}
        title = str(fields["title"].value) if "title" in fields else ""
        body = read_body(line for line in lines if line not in captions)
        paragraphs = without_byline(body.paragraphs, elsewhere, title)
        place = selected[0][0] if selected else "trafilatura"
        described = _first_usable(self._selected("lead", self._wanted))
        lead = described or self._standfirst(title, paragraphs) or self._lead(title, paragraphs)
        if lead and paragraphs and _letters(paragraphs[0]).startswith(_letters(lead.value)):
            lead = lead._replace(value=paragraphs.pop(0))
        length = sum(map(len, paragraphs)) + len(lead.value if lead else "")
        part = sum(len(line) for line in self._shown if len(line) >= _LONG_LINE)
        # Of the whole page more may be of others: comments, and the beginnings of other articles.
        if not selected and (length < part * _HALF or length < self._prose * _THIRD):
            shown = max(part, self._prose)
            self._doubts.append(f"text: {length:,} characters of a page that shows {shown:,}; perhaps not all of it")
        whole = " ".join(paragraphs)
        words = (without_credit(caption) for caption in dict.fromkeys(captions))
        paragraphs += [caption for caption in words if _SENTENCE.fullmatch(caption) and caption not in whole]
        claims = {"text": Claim("\n\n".join(paragraphs), place)} if paragraphs else {}
        if lead:
            claims["lead"] = lead
        source = body.source or read_body([lead.value if lead else ""]).source
        for name, value in (("source", source), ("image_credit", body.image_credit)):
            if value and name not in fields:
                claims[name] = Claim(value, place)
        return claims

    def _lead(self, title: str, paragraphs: Sequence[str]) -> Claim | None:
        """A description, where it is not in the text anyway: the first paragraph that begins so, else itself. One that
        names the site, or stands above the headline, describes the site."""
        descriptions = (
            *self._microdata("description"),
            *(claim._replace(value=plain(claim.value)) for claim in self._json_ld("description")),
            *self._metas("og:description", "description"),
        )
        text = _letters(" ".join(paragraphs))
        first = _letters(_DATELINE.sub("", " ".join(paragraphs[:1]), count=1))
        shown = [_letters(line) for line in self._shown]
        above = shown.index(_letters(title)) if _letters(title) in shown else 0
        for claim in descriptions:
            letters = _letters(_DATELINE.sub("", claim.value, count=1))
            if not letters or claim.value in self._common or len(claim.value) > _LONGEST_LEAD:
                continue
            if first.startswith(letters):
                return claim
            if letters in text:
                return None
            if any(letters in line for line in shown[above:]) or _is_of(claim.value, paragraphs):
                return claim
            is_of_site = any(site in claim.value.casefold() for site in self._sites)
            if not is_of_site and not any(letters in line for line in shown[:above]):
                return claim
        return None

    def _standfirst(self, title: str, paragraphs: Sequence[str]) -> Claim | None:
        """What stands between the headline and the text."""
        begin, _ = self._span
        after = next((at + 1 for at in range(begin - 1, -1, -1) if self._shown[at] == title), begin)
        text = "\n".join(paragraphs)
        lines = (line for line in self._shown[after:begin] if len(line) >= _STANDFIRST and line not in text)
        own = (line for line in lines if line[0] != "•" and line == without_moments(line) and not _PICTURE.search(line))
        lead = max(filter(is_prose, own), key=len, default="")
        return Claim(lead, "text") if lead else None


def _days_in(lines: Sequence[str]) -> set[str]:
    """The day that htmldate finds in lines with a year, in whatever language."""
    dated = [builder.P(line) for line in lines if len(line) <= _LONGEST_LEAD and _YEAR.search(line)]
    day = find_date(builder.HTML(builder.BODY(*dated)), original_date=True, extensive_search=True) if dated else None
    return {day} if day else set()


def _first_usable(claims: Iterable[Claim]) -> Claim | None:
    return next((claim for claim in claims if claim.value), None)


def _joined(base: str, address: str) -> str:
    """An address, relative to another, its host as all write it; empty where it is none."""
    with suppress(ValueError):
        parts = urlsplit(urljoin(base, address))
        return parts._replace(netloc=shown_host(parts.netloc, parts.scheme) or parts.netloc).geturl()
    return ""


def _listed(names: Iterable[str]) -> str:
    """Several authors in one line."""
    return ", ".join(dict.fromkeys(filter(None, map(author_of, names))))


def _linked_names(elements: Iterable[Any]) -> str:
    """The names that are links in these elements, or the elements themselves."""
    return _listed(filter(is_names, (_first_line(link) for element in elements for link in element.iter("a", "span"))))


def _first_line(element: Any) -> str:
    return value_of(element) if element.tag == "meta" else text_within(element, apart=True).partition("\n")[0]


def _people(value: Any) -> Any:
    """The authors in a value of JSON-LD without those that are organizations."""
    if isinstance(value, list):
        return [_people(item) for item in value]
    kinds = str(value.get("@type")).lower() if isinstance(value, dict) else ""
    return None if "organization" in kinds and "person" not in kinds else value


def _letters(text: str) -> str:
    """The letters and digits of a text, in lower case and without accents, by which two writings of it are compared."""
    return re.sub(r"[\W_]|[\u0300-\u036f]", "", normalize("NFKD", text.casefold()))


def _named_in(element: Any) -> str:
    """The author that an element names: in a line with a label where it has several, else in the first that is one."""
    lines = text_within(element).split("\n")
    labelled = filter(None, map(labelled_author, lines))
    return next(labelled, None) or next(filter(None, (signature(line) or author_of(line) for line in lines)), "")


def _counted_in(element: Any) -> int | None:
    """The counter in an element: a number, or one with a label among other lines."""
    lines = text_within(element).split("\n")
    counted = (views_in(line) for line in lines)
    return next((views for views in counted if views is not None), number_in(lines[0]))


def _is_of(description: str, paragraphs: Sequence[str]) -> bool:
    """Whether a description is of these paragraphs: half of its words are there."""
    words = {word.lower() for word in _STEM.findall(description)}
    text = " ".join(paragraphs).lower()
    return bool(words) and sum(word in text for word in words) * 2 >= len(words)
