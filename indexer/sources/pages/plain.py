"""An article in the text of a page: what is its headline, byline, credit, body, and what belongs to the site."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any

from indexer.sources.pages.byline import (
    author_of,
    credit_in,
    is_names,
    is_role,
    labelled_author,
    number_in,
    parts_of,
    role_behind,
    signature,
    views_in,
    without_views,
)
from indexer.sources.pages.moments import is_only_moment, moments_in, without_moments

# Headings of what is on a page beside its article. Alone in a line, and without prose after them, they begin a
# list of other articles.
_BLOCKS = re.compile(
    r"(?:самое )?(?:популярн(?:ое|ые)|читаемое|обсуждаемое|важное)(?: за .{3,20})?|(?:читайте|смотрите)(?: также| "
    r"ещ[её])?|архив|похожие (?:материалы|новости|статьи)|(?:новости|материалы|статьи|ещ[её]|другие новости) (?:по "
    r"теме|раздела|рубрики)|(?:последние|главные|другие|свежие) новости|лента новостей|рекомендуем|выбор редакции|"
    r"сейчас читают|теги|поделиться|(?:(?:read|see) (?:also|more)|related (?:articles|news|posts|stories)|most read|"
    r"popular posts|you may (?:also )?like|lesen sie auch|mehr zum thema|weitere (?:artikel|meldungen)|à lire aussi|"
    r"le puede interesar|notas relacionadas|czytaj (?:też|także|również)).{0,40}",
    re.IGNORECASE,
)
_END = re.compile(r"комментарии(?: \(?\d+\)?)?|оставить комментарий", re.IGNORECASE)
# At the foot of a page, or under a picture in the middle of an article.
_RIGHTS = re.compile(r"©.*|все права защищены\W*", re.IGNORECASE)
_POINTER = re.compile(
    r"(?:(?:(?:читайте|смотрите)(?: также| ещ[её])?(?: по теме)?|(?:ещ[её] )?по теме|(?:read|see) (?:also|more|next)|"
    r"lesen sie (?:auch|mehr)|mehr (?:zum thema|dazu)|weitere informationen.{0,40}|auch interessant|"
    r"(?-i:MIRA|LEA|Lea|Lee)|le[ae] (?:también|más)|puedes ver|[lt]e puede interesar|à lire aussi|leia (?:também|mais)|"
    r"czytaj też)\s*:(?!.*[^.][.!]$)|"
    r"(?:(?:crédits? )?photos?|fotos?|bild\w{0,10}|quelle|źródło|fuente)\s?:\s?(?=.{2,80}$)|"
    r"(?:anzeige\s?[-–—:]|(?:anzeige|реклама)\s?:?$)|(?:содержание|оглавление|inhaltsverzeichnis|оцените|bewerten)\s?:?$|"
    r"(?:\w+ ){0,3}newsletter$|(?:подпи(?:сывайтесь|шитесь) на|читайте нас в|следите за|больше новостей [вн]а?) "
    r".{0,40}(?:канал|telegram|телеграм|whatsapp|instagram|facebook|youtube|соцсет)|подпи(?:сывайтесь|шитесь) на нас\b|"
    r"полный текст .{0,40}(?:подписчик|по подписке)|оформите подписку|чтобы (?:про)?читать .{0,40}подпи(?:ску|шитесь)|"
    r"subscribe (?:now )?to |sign up (?:to|for) |follow us |never miss |síguenos |únete |suscríbete ).{0,200}",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"[•·*\-\s]*(?:\[\[.*\]\]|\{\{.*\}\})")
_SOURCE = re.compile(
    r"\bсо ссылкой на (?P<who>.{2,100}?)(?=[,;:]|[.!?](?:\s|$)|\s[—–(]|$)", re.IGNORECASE | re.MULTILINE
)
# A sentence ends in one full stop: a headline in none, a headline that was cut in three.
_PROSE = re.compile(
    r".{20,}[^.]\.[»”\")]*|.{80,}:|[–—-]\s.{8,}[.!?…]|.{60,}[!?]|.{20,}[.!?…] [«—А-ЯЁ].{20,}", re.DOTALL
)


_SERVICE = re.compile(
    r"\b(?:версия для печати|распечатать|печать|поделиться.{0,40}|share|подписаться.{0,40}|"
    r"комментари\w+:?\s*\(?\d+\)?)(?!\w)\W*",
    re.IGNORECASE,
)
_LONG_LINE, _SHORT, _TITLE_LINES, _LONGEST = 80, 30, 4, 1_000
_SENTENCE = re.compile(r"[«„“\"–—-]?\s?[А-ЯЁA-ZӘҒҚҢӨҰҮҺІ].{18,}[.!?…][»”\")]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs of an article, and what they say of the picture and of whom the news is from."""

    paragraphs: tuple[str, ...]
    image_credit: str
    source: str


def read_plain(text: str) -> dict[str, Any]:
    """The record of a page of text, a paragraph in a line: the headline; in any order counter, date, author and role;
    the lead; the body. Picture credits, and lists of other articles, may be anywhere after the headline.
    """
    title, *rest = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    record: dict[str, Any] = {"title": title}
    body = read_body(_byline(rest, record))
    record |= {"lead": "".join(body.paragraphs[:1]), "text": "\n\n".join(body.paragraphs[1:])}
    return record | {"image_credit": body.image_credit, "source": body.source}


def read_body(lines: Iterable[str]) -> Body:
    """The lines that are of the article."""
    lines_read: list[str] = []
    credit = block = ""
    waiting: list[str] = []
    lines = [line for line in map(str.strip, lines) if line]
    for at, line in enumerate(lines):
        if _END.fullmatch(line) and not any(map(_PROSE.fullmatch, lines[at + 1 :])):
            break
        if whose := credit_in(line):
            credit = credit or whose
        elif _RIGHTS.fullmatch(line):
            block, waiting = line, [line]
        elif _BLOCKS.fullmatch(line.rstrip(":")):
            block, waiting = line, []
        elif block and not _PROSE.fullmatch(line):
            waiting.append(line)
        elif not _POINTER.fullmatch(line) and not _PLACEHOLDER.fullmatch(line) and not is_only_moment(line):
            # Prose right after the heading: the heading is one of the article's own.
            lines_read += [block, line] if block and not waiting else [line]
            block, waiting = "", []
    named = _SOURCE.search("\n".join(lines_read[:4]))
    return Body(tuple(lines_read), credit, _without_odd_quotes(named["who"]) if named else "")


def without_byline(lines: Sequence[str], elsewhere: Collection[str], title: str = "") -> list[str]:
    """A text without the lines before and after it that are no part of it: headline, date, author, counter, and what
    is `elsewhere` on the page."""
    lines = [line for line in map(str.strip, lines) if line]
    begin, end = _of_title(lines, title), len(lines)
    while begin < end and _is_around(lines[begin], elsewhere):
        begin += 1
    begin += _of_title(lines[begin:], title)
    while end > begin and _ends_text(lines[end - 1], elsewhere):
        end -= 1
    return lines[begin:end]


def _ends_text(line: str, elsewhere: Collection[str]) -> bool:
    """Whether a last line is no part of a text; one may announce what does not follow."""
    announces = len(line) <= _LONG_LINE and line.endswith(":")
    return announces or _is_around(line, elsewhere) or bool(signature(line))


def is_prose(line: str) -> bool:
    """Whether a line of a page is of a text: long enough, or a sentence, and no byline."""
    return (len(line) >= _LONG_LINE or bool(_SENTENCE.fullmatch(line))) and not _is_around(line, ())


def _of_title(lines: Sequence[str], title: str) -> int:
    """How many of the lines are the headline: one, or several where it is broken."""
    beginnings = accumulate(lines[:_TITLE_LINES], lambda start, line: f"{start} {line}".strip())
    return next((number for number, beginning in enumerate(beginnings, 1) if beginning == title), 0)


def _is_around(line: str, elsewhere: Collection[str]) -> bool:
    """Whether a line is of what surrounds a text; of several parts of it one may be anything short."""
    parts = parts_of(line) if len(line) <= _LONGEST else [line]
    others = [part for part in parts if not _is_about(part, elsewhere)]
    return not others or (len(parts) > len(others) + 1 and len(others) == 1 and len(others[0]) <= _SHORT)


def _is_about(part: str, elsewhere: Collection[str]) -> bool:
    if len(part) > _LONGEST:
        return part in elsewhere
    rest, kinds = part, 0
    for without in (without_moments, without_views, partial(_SERVICE.sub, " ")):
        before, rest = rest, without(rest)
        kinds += rest != before
    # Two of a date, a counter and a button are of no sentence, whatever else is in the line.
    is_header = kinds and (not re.search(r"\w", rest) or (kinds > 1 and len(rest.strip()) <= _LONG_LINE))
    is_byline = labelled_author(part) or credit_in(part) or (_SERVICE.fullmatch(part) and part[-1] not in ".!")
    return part in elsewhere or bool(is_header or is_byline)


def _byline(lines: list[str], record: dict[str, Any]) -> list[str]:
    """Put into the record what is between headline and lead; the lines that are left."""
    for number, line in enumerate(lines):
        views = number_in(line) if views_in(line) is None else views_in(line)
        if is_only_moment(without_views(line)):
            record.setdefault("published", next((moment.text for moment in moments_in(line)), line))
        if "views" not in record and views is not None:
            record["views"] = views
        elif is_only_moment(line):
            continue
        elif "author" not in record and is_names(name := labelled_author(line) or author_of(line)):
            record["author"] = name
            record |= {"author_role": role} if (role := role_behind(line)) else {}
        elif "author" in record and "author_role" not in record and is_role(line):
            record["author_role"] = line
        elif not credit_in(line):
            return [*filter(credit_in, lines[:number]), *lines[number:]]
    return [*filter(credit_in, lines)]


def _without_odd_quotes(name: str) -> str:
    """A name without the quotation mark of a sentence that it stood in."""
    return name.strip(' »”"') if name.count("«") < name.count("»") else name.strip()
