"""A message as a letter: plain text, and HTML that looks like the newspaper's own."""

from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formatdate
from html import escape
from urllib.parse import urlencode

from indexer.delivery.message import Message, plain
from search.config import Settings
from search.guidance.russian import described
from search.links import public_address
from search.model import Article
from search.records.alerts import EditorAlert, digest_of

# RFC 2047: a line with an encoded word has 76 characters at most. Other headers stay in one line, links above all.
_ENCODED_LINE, _POLICY = 76, compat32.clone(max_line_length=None)
_SERIF, _SANS = "font-family:Georgia,'PT Serif',serif", "font-family:Arial,'PT Sans',sans-serif"
_PAGE = """<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body style="margin:0 auto;max-width:40em;padding:16px;{serif};font-size:17px;line-height:1.5">
<p style="margin:0;padding-bottom:8px;border-bottom:4px double #8d8371;font-size:26px;font-weight:bold">{site}</p>
<h1 style="margin:20px 0 4px;font-size:20px">{title}</h1>
{intro}
{articles}
<p style="margin-top:24px;padding-top:12px;border-top:1px solid #8d8371;{sans};font-size:14px">{links}</p>
</body></html>
"""
_INTRO = '<p style="margin:0 0 4px;{sans};font-size:14px">{text}</p>'
_ARTICLE = '<p style="margin:20px 0" dir="auto">{title}{about}{lead}</p>'


def written_mail(message: Message, settings: Settings) -> MIMEMultipart:
    """The message as a mail; ValueError where a text of it is none."""
    alert, (name, address) = message.alert, settings.sender
    domain = address.rpartition("@")[2]
    links = {"Все статьи по этому оповещению": message.everything(settings)}
    # Not the id of an editor's alert, which ends it: programs show that of a list.
    list_id = digest_of((alert.id if isinstance(alert, EditorAlert) else alert.name).encode()).hex()
    headers = {
        "From": _encoded("From", name, address) if name else address,
        "To": message.delivery.address,
        "Subject": _encoded("Subject", message.subject),
        "Date": formatdate(localtime=True),
        "Message-ID": f"<{message.id}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "List-Id": _encoded("List-Id", alert.name, f"{list_id}.{domain}"),
    }
    if settings.site_url and isinstance(alert, EditorAlert):
        path = f"/alerts/stop/{alert.id}?{urlencode({'to': message.delivery.address})}"
        links["Отключить это оповещение"] = stop = settings.site_url.rstrip("/") + path
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = MIMEMultipart("alternative", policy=_POLICY)
    for header, value in headers.items():
        mail[header] = value
    criteria = plain(described(alert.query, alert.words, alert))
    intro = [f"{criteria}.", *filter(None, [message.remark(settings)])]
    links = {label: url for label, url in links.items() if url}
    for text, kind in ((_as_text, "plain"), (_as_html, "html")):
        mail.attach(MIMEText(text(message, settings, intro, links), kind, "utf-8"))
    return mail


def _encoded(header: str, text: str, address: str = "") -> str:
    """The text as encoded words, each on a line of its own with its blanks inside: the folding of newer classes of
    Python's loses a blank between two words (3.11, 3.12), and some receivers refuse words that touch. After it an
    address, or the id of a list."""
    encoded = Header(text, "utf-8", header_name=header)
    if address:
        encoded.append(f"<{address}>", "us-ascii")
    return encoded.encode(maxlinelen=_ENCODED_LINE)


def _as_text(message: Message, settings: Settings, intro: list[str], links: dict[str, str]) -> str:
    parts = [plain(settings.site_name), "\n".join([message.subject, *intro])]
    for number, article in enumerate(message.articles, 1):
        lines = [f"{number}. {plain(article.title)}", _about(article, settings)]
        lines += [public_address(article, settings.site_url), plain(article.lead)]
        parts.append("\n".join(filter(None, lines)))
    parts += ["\n".join(f"{label}: {url}" for label, url in links.items())] if links else []
    return "\n\n".join(parts) + "\n"


def _as_html(message: Message, settings: Settings, intro: list[str], links: dict[str, str]) -> str:
    articles = []
    for article in message.articles:
        url, title = public_address(article, settings.site_url), f"<b>{escape(plain(article.title))}</b>"
        headline = f'<a href="{escape(url)}" style="font-size:19px;color:inherit">{title}</a>' if url else title
        about, lead = escape(_about(article, settings)), escape(plain(article.lead))
        about = about and f'<br><span style="{_SANS};font-size:14px;opacity:.75">{about}</span>'
        articles.append(_ARTICLE.format(title=headline, about=about, lead=lead and f"<br>{lead}"))
    return _PAGE.format(
        site=escape(plain(settings.site_name)),
        title=escape(message.subject),
        intro="\n".join(_INTRO.format(sans=_SANS, text=escape(text)) for text in intro),
        articles="\n".join(articles),
        links="<br>\n".join(f'<a href="{escape(url)}">{label}</a>' for label, url in links.items()),
        serif=_SERIF,
        sans=_SANS,
    )


def _about(article: Article, settings: Settings) -> str:
    """When it was published, by whom, in which section."""
    published = article.published
    if isinstance(published, datetime):
        day = f"{published.astimezone(settings.zone):%d.%m.%Y %H:%M}"
    else:
        day = f"{published:%d.%m.%Y}" if published else ""
    return ", ".join(filter(None, (day, plain(article.author), plain(article.section))))
