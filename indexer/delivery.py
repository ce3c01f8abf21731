"""How editors are told: by a mail or by a call of their webhook, each within some seconds, come what may."""

import base64
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from http.client import HTTPException
from ipaddress import ip_address
from queue import Empty, Queue
from threading import Thread
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from search.config import AlertSettings, Settings
from search.errors import ArkhivError, told
from search.links import public_address
from search.model import Article

# Seconds for one delivery, and for one answer of the other side within it.
PATIENCE, ANSWER = 15.0, 10.0
# Seconds for all deliveries of a run: those that are left are tried at the next one.
ALL = 60.0
# Characters of a title, a lead or a name that stand in a letter.
LONGEST = 500
# A secret that begins so is Base64, as the Standard Webhooks have it.
ENCODED = "whsec_"


class Undelivered(ArkhivError):
    """A letter did not arrive, or nobody knows whether it did."""


class Unreachable(Undelivered):
    """Nothing else will arrive there now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What an alert tells: the first of the `total` articles, the newest first; by mail to the address `to`, or, where
    that is empty, to the webhook. The same articles give the same `id`, so that who is told twice, because nobody knew
    whether the first letter arrived, can see it."""

    id: str
    alert: AlertSettings
    to: str
    total: int
    articles: tuple[Article, ...]


class Post:
    """Delivers letters for one run. Where one did not get through, no other is tried; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._until = time.monotonic() + ALL
        self._unreachable: dict[str, str] = {}
        self._relay: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._relay:
            self._relay.close()

    def deliver(self, letter: Letter) -> None:
        """By mail, or by a call of the webhook; Undelivered."""
        if missing := self.missing(letter.to):
            raise Undelivered(missing)
        try:
            deliver = self._mail(letter) if letter.to else self._call(letter)
        except ValueError as error:  # what settings and articles hold is no text, or no address
            raise Undelivered(f"it cannot be written: {error}") from error
        self._delivered("smtp" if letter.to else urlsplit(letter.alert.webhook).netloc, deliver)

    def missing(self, to: str) -> str:
        """Why nothing can be delivered to an address, or a webhook, as the settings are; else nothing."""
        settings = self._settings
        if to:
            both = settings.smtp and settings.mail_from
            return "" if both else "the settings smtp and mail_from say how mail is sent, and are not both set"
        try:
            return (
                "" if _key(settings.webhook_secret) else "the setting webhook_secret, which signs calls, holds nothing"
            )
        except ValueError:
            return f"the setting webhook_secret begins with {ENCODED}, and no Base64 follows"

    def _mail(self, letter: Letter) -> Callable[[], None]:
        message = written_mail(letter, self._settings)
        return lambda: self._hand_over(message)

    def _call(self, letter: Letter) -> Callable[[], None]:
        request = signed_call(letter, self._settings, int(time.time()))
        return lambda: _called(request)

    def _delivered(self, place: str, deliver: Callable[[], None]) -> None:
        if place in self._unreachable:
            raise Undelivered(self._unreachable[place])
        left = min(PATIENCE, self._until - time.monotonic())
        if left <= 0:
            raise Undelivered(f"not tried: those before took {ALL:g} seconds")
        try:
            _within(left, deliver)
        except Unreachable as error:
            self._unreachable[place] = str(error)
            raise

    def _hand_over(self, message: EmailMessage) -> None:
        """Give a message to the relay, which is asked for once a run, and again after anything went wrong."""
        relay, self._relay = self._relay, None
        try:
            relay = relay or _connected(self._settings.smtp)
            relay.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            self._relay = relay
            ((code, reason),) = error.recipients.values()
            raise Undelivered(plain(f"refused: {code} {reason.decode(errors='replace')}")) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if relay:
                relay.close()
            kind = Undelivered if isinstance(error, smtplib.SMTPDataError) else Unreachable
            raise kind(f"the mail server: {_reason(error)}") from error
        self._relay = relay


def _connected(url: str) -> smtplib.SMTP:
    """A session with the relay; over TLS where it can, and where there is a password, only so."""
    parts = urlsplit(url)
    host, user, sure = parts.hostname or "", unquote(parts.username or ""), ssl.create_default_context()
    if parts.scheme == "smtps":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=ANSWER, context=sure)
    else:
        relay = smtplib.SMTP(host, parts.port or 25, timeout=ANSWER)
    try:
        if parts.scheme == "smtp":
            unsure = ssl._create_unverified_context()  # noqa: S323  # see `_secure`: better than no TLS, and no password
            _secure(relay, sure if user else unsure, user and host)
        if user:
            relay.login(user, unquote(parts.password or ""))
    except BaseException:
        relay.close()
        raise
    return relay


def _secure(relay: smtplib.SMTP, context: ssl.SSLContext, host: str) -> None:
    """Go over to TLS where the relay offers it; ValueError where it does not, and a password is to go to the `host`.

    Between servers certificates are seldom anybody's; a password goes to nobody but the one that was named.
    """
    relay.ehlo_or_helo_if_needed()
    if relay.has_extn("starttls"):
        relay.starttls(context=context)
    elif host and not _is_here(host):
        raise ValueError("it offers no TLS, without which no password is sent")


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _key(secret: str) -> bytes:
    """What calls are signed with; ValueError where it begins as Base64 and is none."""
    if not secret.startswith(ENCODED):
        return secret.strip().encode(errors="surrogateescape")
    return base64.b64decode(secret.removeprefix(ENCODED), validate=True)


class _NoRedirects(HTTPRedirectHandler):
    """An answer that sends on elsewhere is none: what is signed for one place goes to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = build_opener(_NoRedirects)


def _called(request: Request) -> None:
    try:
        with _opener.open(request, timeout=ANSWER):
            return
    except HTTPError as error:
        with error:
            raise Undelivered(f"the webhook answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"the webhook: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """Why the other side could not be spoken to, in a line."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return plain(f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}")
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return _reason(inner)
    return plain(told(error)) or type(error).__name__


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do the work, and raise what it raises. A server that sends a byte now and then outlasts every time limit of a
    socket: after so many seconds nobody waits for it any more, and the thread ends with the process."""
    outcome: Queue[BaseException | None] = Queue()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            outcome.put(error)
        else:
            outcome.put(None)

    Thread(target=run, daemon=True).start()
    try:
        failure = outcome.get(timeout=seconds)
    except Empty:
        raise Unreachable(f"no answer within {seconds:.0f} seconds") from None
    if failure:
        raise failure


def plain(text: str) -> str:
    """The text in one line of bounded length, without what cannot be seen: it may come from anybody."""
    line = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * LONGEST])
    return shortened(" ".join(line.split()))


def shortened(text: str) -> str:
    """No more than the beginning of a text that is too long for a letter."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def written_mail(letter: Letter, settings: Settings) -> EmailMessage:
    """The letter as a mail of plain text."""
    alert, message = letter.alert, EmailMessage()
    message["From"], message["To"] = settings.mail_from, letter.to
    message["Subject"] = f"{alert.name}: новых статей — {letter.total}"
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = f"<{letter.id}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    filters = {name: value for name, value in alert.asked().items() if value is not None}
    asked = [f"«{alert.query}»"] if alert.query.strip() else []
    asked = [plain(str(part)) for part in (*asked, *filters.values())]
    told_of = f"«{alert.name}»" + (f" ({', '.join(asked)})" if asked else "")
    parts = [f"{plain(settings.site_name)}. Новое по оповещению {told_of}: {letter.total}."]
    parts += [_told_article(number, article, settings) for number, article in enumerate(letter.articles, 1)]
    if more := letter.total - len(letter.articles):
        everything = urlencode({"q": alert.query, "words": alert.words, **filters})
        there = f": {settings.site_url.rstrip('/')}/?{everything}" if settings.site_url else ""
        parts.append(f"И ещё {more}; всё, что найдено, — в архиве{there}")
    message.set_content("\n\n".join(parts) + "\n")
    return message


def _told_article(number: int, article: Article, settings: Settings) -> str:
    about = [_day(article, settings), plain(article.author), plain(article.section)]
    lines = [f"{number}. {plain(article.title)}", ", ".join(part for part in about if part)]
    lines += [public_address(article, settings.site_url), plain(article.lead)]
    return "\n".join(line for line in lines if line)


def _day(article: Article, settings: Settings) -> str:
    match article.published:
        case None:
            return ""
        case datetime() as moment:
            return f"{moment.astimezone(settings.zone):%d.%m.%Y %H:%M}"
        case day:
            return f"{day:%d.%m.%Y}"


def signed_call(letter: Letter, settings: Settings, now: int) -> Request:
    """The call of the webhook, signed as the Standard Webhooks are (standardwebhooks.com, version 1): HMAC-SHA256 over
    id, seconds since 1970 and body, with dots between."""
    alert = letter.alert
    told_articles = [
        {
            "id": article.id,
            "url": public_address(article, settings.site_url),
            "title": shortened(article.title),
            "lead": shortened(article.lead),
            "published": article.published.isoformat() if article.published else None,
            "author": shortened(article.author),
            "section": shortened(article.section),
        }
        for article in letter.articles
    ]
    content = {"alert": alert.name, "query": alert.query, "total": letter.total, "articles": told_articles}
    body = json.dumps(content).encode()
    signed = b".".join([letter.id.encode(), str(now).encode(), body])
    signature = hmac.digest(_key(settings.webhook_secret), signed, sha256)
    return Request(  # noqa: S310  # the settings allow http and https alone
        alert.webhook,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Arkhiv",
            "webhook-id": letter.id,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
        },
    )
