"""An article in the text of a page: what is its headline, byline, credit, body, and what belongs to the site."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Headings of what stands on a page beside its article. Alone in a line, and without prose after them, they begin a
# list of other articles.
_BLOCKS = re.compile(
    r"(?:самое )?(?:популярн(?:ое|ые)|читаемое|обсуждаемое|важное)(?: за .{3,20})?|"
    r"(?:читайте|смотрите)(?: также| ещ[её])?|архив|похожие (?:материалы|новости|статьи)|"
    r"(?:новости|материалы|статьи|ещ[её]|другие новости) (?:по теме|раздела|рубрики)|"
    r"(?:последние|главные|другие|свежие) новости|лента новостей|рекомендуем|выбор редакции|сейчас читают|"
    r"теги|поделиться",
    re.IGNORECASE,
)
_END = re.compile(r"комментарии(?: \(?\d+\)?)?|оставить комментарий|©.*|все права защищены\W*", re.IGNORECASE)
_POINTER = re.compile(r"(?:читайте|смотрите)(?: также| ещ[её])?(?: по теме)?\s*:.*", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"[•·*\-\s]*(?:\[\[.*\]\]|\{\{.*\}\})")
_CREDIT = re.compile(
    r"(?:фото(?:графи[яи])?|иллюстрация|коллаж|инфографика|скриншот)(?:\s*[:©/—–]\s*(?P<who>.{2,120})|"
    r"\s+(?:предоставлен|из |автора|с сайта|пресс-служб).{0,110})",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\bсо ссылкой на (?P<who>.{2,100}?)(?=[,;:]|[.!?](?:\s|$)|\s[—–(]|$)", re.IGNORECASE | re.MULTILINE
)
_VIEWS = re.compile(r"(?:просмотр\w*\s*:?\s*)?(?P<views>\d[\d \u00a0\u202f]{0,14})(?:\s*просмотр\w*)?", re.IGNORECASE)
_WORD = r"[А-ЯЁA-ZӘҒҚҢӨҰҮҺІ](?:[^\W\d_]|[’'-])*\.?"
_NAME = rf"{_WORD}(?:(?:(?<=\.)| ){_WORD}){{1,3}}"
_AUTHOR = re.compile(rf"(?:[Аа]втор\w*\s*:\s*)?(?P<author>{_NAME}(?:(?:,| и) {_NAME})*)")
_ROLE = re.compile(
    r"[^.!?]*\b\w*(?:корр?еспондент|корр|обозреватель|редактор|журналист|репорт[её]р|колумнист)\b[^.!?]*", re.I
)
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_DATE = re.compile(
    rf"(?:\w+,\s)?(?P<day>\d\d?)(?:\.(?P<number>\d\d)\.|\s(?P<month>{'|'.join(_MONTHS)})[ая]\s)(?P<year>\d{{4}})"
    r"(?:\s?г(?:\.|ода))?(?:,?\s(?:в\s)?(?P<time>\d\d?:\d\d))?|(?P<iso>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d\S*)?)",
    re.IGNORECASE,
)
# A sentence ends in one full stop: a headline in none, a headline that was cut in three.
_PROSE = re.compile(r".{40,}[^.]\.[»”\")]*|.{80,}:|.{20,}[.!?…] [«—А-ЯЁ].{20,}", re.DOTALL)
_ROLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs of an article, and what they say of the picture and of whom the news is from."""

    paragraphs: tuple[str, ...]
    image_credit: str
    source: str


def read_plain(text: str) -> dict[str, Any]:
    """The record of a page of text, a paragraph in a line: the headline; in any order counter, date, author and role;
    the lead; the body. Picture credits, and the lists of other articles, stand anywhere after the headline.
    """
    title, *rest = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    record: dict[str, Any] = {"title": title}
    body = read_body(_byline(rest, record))
    record |= {"lead": "".join(body.paragraphs[:1]), "text": "\n\n".join(body.paragraphs[1:])}
    return record | {"image_credit": body.image_credit, "source": body.source}


def read_body(lines: Iterable[str]) -> Body:
    """The lines that are of the article."""
    kept: list[str] = []
    credit = block = ""
    waiting: list[str] = []
    for line in filter(None, map(str.strip, lines)):
        if _END.fullmatch(line):
            break
        if match := _CREDIT.fullmatch(line):
            credit = credit or (match["who"] or line).strip().rstrip(".")
        elif _BLOCKS.fullmatch(line.rstrip(":")):
            block, waiting = line, []
        elif block and not _PROSE.fullmatch(line):
            waiting.append(line)
        elif not _POINTER.fullmatch(line) and not _PLACEHOLDER.fullmatch(line):
            # Prose right after the heading: the heading is one of the article's own.
            kept += [block, line] if block and not waiting else [line]
            block, waiting = "", []
    named = _SOURCE.search("\n".join(kept[:4]))
    return Body(tuple(kept), credit, _without_odd_quotes(named["who"]) if named else "")


def _byline(lines: list[str], record: dict[str, Any]) -> list[str]:
    """Put into the record what stands between headline and lead; the lines that are left."""
    for number, line in enumerate(lines):
        if "views" not in record and (match := _VIEWS.fullmatch(line)):
            record["views"] = int(re.sub(r"\D", "", match["views"]))
        elif match := _DATE.fullmatch(line):
            record.setdefault("published", _moment(match))
        elif "author" not in record and (match := _AUTHOR.fullmatch(line)):
            record["author"] = match["author"].strip()
        elif "author" in record and "author_role" not in record and _is_role(line):
            record["author_role"] = line
        elif not _CREDIT.fullmatch(line):
            return [*(before for before in lines[:number] if _CREDIT.fullmatch(before)), *lines[number:]]
    return [line for line in lines if _CREDIT.fullmatch(line)]


def _is_role(line: str) -> bool:
    short = len(line) <= _ROLE_LENGTH and not _CREDIT.fullmatch(line) and line[-1] not in ".!?…:"
    return short and (line[0].islower() or bool(_ROLE.fullmatch(line)))


def _moment(match: re.Match[str]) -> str:
    """The date of a line, as ISO 8601."""
    if match["iso"]:
        return match["iso"]
    month = int(match["number"] or _MONTHS.index(match["month"].lower()) + 1)
    time = f"T{match['time']:0>5}" if match["time"] else ""
    return f"{match['year']}-{month:02}-{int(match['day']):02}{time}"


def _without_odd_quotes(name: str) -> str:
    """A name without the quotation mark of a sentence that it stood in."""
    return name.strip(' »”"') if name.count("«") < name.count("»") else name.strip()
