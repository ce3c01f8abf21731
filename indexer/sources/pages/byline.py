"""What surrounds an article: who wrote it, as what, how often it was read, who took the picture."""

import re

from indexer.sources.pages.moments import without_moments
from search.analysis.names import is_person, nominative

_WORD = r"[А-ЯЁA-ZӘҒҚҢӨҰҮҺІ](?:[^\W\d_]|[’'-])*\.?"
_NAME = rf"{_WORD}(?:(?:(?<=\.)| ){_WORD}){{1,3}}"
_NAMES = re.compile(rf"{_NAME}(?:(?:,| и) {_NAME})*")
_RUSSIAN = r"[А-ЯЁӘҒҚҢӨҰҮҺІ](?:[а-яёәғқңөұүһіА-ЯЁӘҒҚҢӨҰҮҺІ’-])*"
_ONE = rf"(?:{_RUSSIAN}(?:\. ?| )){{1,2}}{_RUSSIAN}"
_SIGNED = re.compile(rf"(?P<name>{_ONE}(?:(?:,| и) {_ONE})*)(?:,\s+(?P<rest>[^.!?]{{2,60}}))?\.?", re.DOTALL)
_PLACE = re.compile(_RUSSIAN)
_WROTE = re.compile(
    r"(?:(?:материал\s+)?(?:автор(?:ы|\s+текста|\s+статьи)?|текст(?:\s+и\s+фото\w*)?|подготовил[аи]?|беседовал[аи]?|"
    r"записал[аи]?|написано(?:\s+автором)?)|(?:посмотреть|просмотр)?\s*все[хй]?\s+(?:записи|записей)(?:\s+(?:автора|"
    r"пользователя))?|(?:(?:written|post(?:ed)?|published|view\s+all\s+posts)\s+)?by|(?:(?:\w+[tn]|"
    r"zeige\s+alle\s+beiträge)\s+)?vo[nm]|über|about|publié\s+par|(?:post\s+)?author(?:\s+by)?|recipe\s+by|interview|"
    r"autor(?:in|en)?|auteur|(?:publicado\s+)?por|par|text|redaktion)\b\s*[:–—-]?\s+(?=\S)",
    re.IGNORECASE,
)
# What may follow a name: a date, an address, a comment on it.
_AFTER_A_NAME = re.compile(
    r"(?<!\s)\s+(?:[|·•@~]|[-–—]\s|am\s\d|on\s\d|\d{1,2}[./]|\[).*|\s?,\s(?-i:[A-Z]{2,5})$|"
    # How long ago it was written, how long it takes to read, how many wrote to it.
    r"(?<!\s)\s*\b(?:вчера|сегодня|только что|yesterday|today|just now)\b.*|"
    r"(?<!\s)\s*(?<!\d)\d+\s*(?:мин|час|дн|ден|день|сек|недел|месяц|лет|год|min|hour|day|week|month|std|tag|h\b|m\b).*|(?<!\s)\s+\d+$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:(?:авторы?|текст|автор текста|autor(?:in)?|author|auteur)\s*[:—–]|(?:материал\s+)?(?:подготовил|беседовал|"
    r"записал)[аи]?\b\s*:?)\s*(?P<name>.{3,100})",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"[^.!?]*\b\w*(?:корр?еспондент|корр|собкор|спецкор|обозреватель|редактор|журналист|репорт[её]р|колумнист)\b[^.!?]*",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|\b(?:GmbH|AG|e\. ?V\.|Inc|LLC)|\d{3}|[?!©]|^[\W\d]*$|(?-i:^[a-z]{1,3}$)|"
    # What stands on buttons, before dates, over lists.
    r"^(?:поделиться|читать|подробнее|ещ[её]|новости|статьи|автор|редакция|redacción|источник|telegram|телеграм|twitter|"
    r"facebook|whatsapp|instagram|вконтакте|vk|youtube|share|tweet|follow|read more|more|e-?mail|uncategorized|print|"
    r"kopieren|teilen|veröffentlicht|letzte|aktualisier|updated?|published|опубликован|обновлен)\b|"
    r"\bfür\b|\bfor\b|фото|войти|вход\b|регистрац|подписат|комментари|просмотр|login|log in|sign in|subscribe|photo|"
    r"foto\b|image|comment|^(?:name|admin|no author|von|by|por)\b[ *]*$",
    re.IGNORECASE,
)
# Who logged in, and houses.
_LOGIN = re.compile(
    r"(?-i:(?=.*[a-zß-ÿ])[A-Za-zÀ-ɏ\d._@-]+)|.*\b(?:magazin|(?:\w+-)?redaktion|sekretariat.*|редакция|пресс-служба.*)",
    re.IGNORECASE,
)
# A moment, with such a sign between day and clock, is one part.
_BETWEEN = re.compile(
    r"(?<!\s)(?<!\d:\d\d)\s+[|•·]\s+(?!\d?\d:\d\d\b)|(?<=\d:\d\d)\s+[|•·]\s+(?!\d\d?[. ])|(?<!\s)\s+[–—]\s+(?=фото\b)",
    re.IGNORECASE,
)
_EDGES = " ,;:|•·~–—-"
_NUMBER = r"\d[\d \u00a0\u202f]{0,14}"
_READ = r"(?:просмотр\w*|показ(?:ов|ы)|прочита\w+|прочтени\w+|views)"
_VIEWS = re.compile(
    rf"(?:количество\s+)?{_READ}\s*[:–—-]?\s*(?P<after>{_NUMBER})(?:\s*раза?\b)?|"
    rf"(?:^|(?<=[|•·,;()]))\s*(?P<before>{_NUMBER})\s*{_READ}",
    re.IGNORECASE,
)
_BARE = re.compile(rf"\s*(?P<number>{_NUMBER})\s*")
_CREDIT = re.compile(
    r"(?:фото(?:графи[яи])?|иллюстрация|коллаж|инфографика|скриншот)(?:\s*[:©/—–]\s*(?P<who>.{2,120})|"
    rf"\s+(?P<whom>{_NAME})\.?|\s+(?:предоставлен|из |автора|с сайта|пресс-служб).{{0,110}})",
    re.IGNORECASE,
)
_CREDIT_BEGINS = re.compile(r"(?:(?<=[.!?…(])|(?<=[.!?…(]\s))фото", re.IGNORECASE)
_LONGEST_NAME, _LONGEST_ROLE, _LONGEST_LINE, _LONGEST_BYLINE = 100, 80, 160, 300


def views_in(line: str) -> int | None:
    """How often an article was read, from a line with a word for it."""
    match = _VIEWS.search(without_moments(line)) if len(line) <= _LONGEST_LINE else None
    return number_in(match["after"] or match["before"]) if match else None


def without_views(line: str) -> str:
    """A line without its counter of views."""
    return _VIEWS.sub(" ", line)


def parts_of(line: str) -> list[str]:
    """The parts of a line that has signs between them: «Автор: Дана Аменова | 17 мая 2024»."""
    return [part.strip() for part in _BETWEEN.split(line) if part.strip()]


def number_in(text: str) -> int | None:
    """The number that a text is."""
    return int(re.sub(r"\D", "", text)) if _BARE.fullmatch(text) else None


def author_of(text: str) -> str:
    """The names in a byline; empty where the text is something else."""
    text = " ".join(text[:_LONGEST_BYLINE].split()).strip(_EDGES)
    label = _WROTE.match(text)
    name = _AFTER_A_NAME.sub("", text[label.end() :] if label else text).strip(_EDGES)
    name = _name_and_role(name)[0]
    if (
        not name
        or (" " in name and re.search(r"\d", name))
        or len(name) > _LONGEST_NAME
        or _NOT_A_NAME.search(name)
        or (name[0].islower() and name.count(" ") > 1)
    ):
        return ""
    return " ".join(map(_in_usual_case, name.split(" ")))


def is_login(name: str) -> bool:
    """Whether a name is of who logged in to write, or of a house, more than of a person."""
    return bool(_LOGIN.fullmatch(name))


def role_behind(text: str) -> str:
    """The role after a name: «Пётр Самойлов, собственный корреспондент»."""
    return _name_and_role(" ".join(text.split()).strip(_EDGES))[1]


def _name_and_role(text: str) -> tuple[str, str]:
    """A name, and the role behind it where there is one."""
    name, comma, rest = text.partition(",")
    return (name.strip(), rest.strip()) if comma and is_role(rest.strip()) else (text, "")


def labelled_author(line: str) -> str:
    """The name in a line as «Автор: Дана Аменова»."""
    match = _LABELLED.fullmatch(line)
    name = author_of(match["name"]) if match else ""
    return name if ":" in line or is_names(name) else ""


def signature(line: str) -> str:
    """The names in a line that is no more, perhaps with a place or a role behind: «Дана АМЕНОВА, Костанай»."""
    match = _SIGNED.fullmatch(line.rstrip(",")) if len(line) <= _LONGEST_BYLINE else None
    if not match or credit_in(line) or not is_person(match["name"]):
        return ""
    rest = " ".join((match["rest"] or "").split())
    is_behind = not rest or _PLACE.fullmatch(rest) or is_role(rest) or credit_in(rest)
    return author_of(match["name"]) if is_behind else ""


def is_names(line: str) -> bool:
    """Whether a line is one name or several."""
    return bool(_NAMES.fullmatch(line))


def is_role(line: str) -> bool:
    """Whether a line is somebody's role."""
    short = 0 < len(line) <= _LONGEST_ROLE and not credit_in(line) and line[-1] not in ".!?…:"
    return short and (line[0].islower() or bool(_ROLE.fullmatch(line)))


def credit_in(line: str) -> str:
    """Who took the picture, from a line that says so: «Фото: Ерлан Омаров», «Фото Ерлана Омарова»."""
    match = _CREDIT.fullmatch(line)
    if not match:
        return ""
    if match["whom"]:
        return nominative(" ".join(map(_in_usual_case, match["whom"].rstrip(".").split())))
    return str(match["who"] or line).strip().rstrip(".")


def credit_within(caption: str) -> str:
    """Who took the picture, from a caption that is or ends with a credit: «Команда с роботом. Фото: Ерлан Конысов»."""
    ends = (caption[match.start() :].rstrip(" )") for match in _CREDIT_BEGINS.finditer(caption))
    return credit_in(caption) or next(filter(None, map(credit_in, ends)), "")


def without_credit(caption: str) -> str:
    """A caption without the credit that it ends with."""
    begins = (
        match.start() for match in _CREDIT_BEGINS.finditer(caption) if credit_in(caption[match.start() :].rstrip(" )"))
    )
    return "" if credit_in(caption) else caption[: next(begins, len(caption))].strip(" (")


def _in_usual_case(word: str) -> str:
    """A part of a name as names are written; initials, and words that are not Russian, stay."""
    capitals = len(word) > 2 and word.isupper() and "а" <= word[0].lower() <= "я"
    return "-".join(part.capitalize() for part in word.split("-")) if capitals else word
