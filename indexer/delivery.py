"""How messages reach editors: by mail or by a call of their webhook, each within some seconds, come what may."""

import base64
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial
from hashlib import sha256
from http.client import HTTPException
from ipaddress import ip_address
from threading import Thread
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from search.config import AlertSettings, Settings
from search.errors import ArkhivError, describe
from search.links import public_address
from search.model import Article

# Seconds for one delivery, and for one answer of the other side within it.
DELIVERY_TIMEOUT, SOCKET_TIMEOUT = 15.0, 10.0
# Seconds for all deliveries of a run; those that are left are tried by the next one.
ALL = 60.0
# Characters of a title, a lead or a name in a message.
LONGEST = 500
# A secret that begins so is Base64, as the Standard Webhooks have it.
ENCODED = "whsec_"


class Undelivered(ArkhivError):
    """A message did not arrive, or nobody knows whether it did."""


class Unreachable(Undelivered):
    """Nothing else will arrive there now."""


@dataclass(frozen=True, slots=True)
class Message:
    """What an alert reports: the first of the `total` articles, the newest first; by mail to the address `to`, or,
    where that is empty, to the webhook. A message that is sent again, because nobody knew whether it arrived, has the
    same `id`, so that the receiver can see it."""

    id: str
    alert: AlertSettings
    to: str
    total: int
    articles: tuple[Article, ...]


class Sender:
    """Delivers the messages of one run. Where one did not get through, no other is tried; a context manager."""

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

    def deliver(self, message: Message) -> None:
        """Send a message by mail, or by a call of the webhook; Undelivered."""
        send: Callable[[], None]
        try:
            if message.to:
                place, send = "smtp", partial(self._hand_over, written_mail(message, self._settings))
            else:
                request = signed_call(message, self._settings, int(time.time()))
                place, send = urlsplit(message.alert.webhook).netloc, partial(_call, request)
        except ValueError as error:  # what settings and articles hold is no text, or no address
            raise Undelivered(f"it cannot be written: {error}") from error
        if place in self._unreachable:
            raise Undelivered(self._unreachable[place])
        left = min(DELIVERY_TIMEOUT, self._until - time.monotonic())
        if left <= 0:
            raise Undelivered(f"not tried: those before took {ALL:g} seconds")
        try:
            _within(left, send)
        except Unreachable as error:
            self._unreachable[place] = str(error)
            raise

    def check(self, to: str) -> None:
        """Undelivered where nothing can be delivered to an address, or a webhook, as the settings are."""
        settings = self._settings
        if to:
            if not (settings.smtp and settings.mail_from):
                raise Undelivered("the settings smtp and mail_from say how mail is sent, and are not both set")
            return
        try:
            key = _key(settings.webhook_secret)
        except ValueError as error:
            raise Undelivered(f"the setting webhook_secret begins with {ENCODED}, and no Base64 follows") from error
        if not key:
            raise Undelivered("the setting webhook_secret, which signs calls, holds nothing")

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
    """A session with the relay; over TLS where it offers that, and where there is a password, only so."""
    parts = urlsplit(url)
    host, user, context = parts.hostname or "", unquote(parts.username or ""), ssl.create_default_context()
    if parts.scheme == "smtps":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SOCKET_TIMEOUT, context=context)
    else:
        relay = smtplib.SMTP(host, parts.port or 25, timeout=SOCKET_TIMEOUT)
    try:
        if parts.scheme == "smtp":
            # Between servers certificates are seldom anybody's; a password goes to nobody but the one that was named.
            unverified = ssl._create_unverified_context()  # noqa: S323  # better than no TLS, where no password is sent
            _start_tls(relay, context if user else unverified, password_host=user and host)
        if user:
            relay.login(user, unquote(parts.password or ""))
    except BaseException:
        relay.close()
        raise
    return relay


def _start_tls(relay: smtplib.SMTP, context: ssl.SSLContext, password_host: str) -> None:
    """Go over to TLS where the relay offers it; ValueError where it does not, and a password is to go to a host."""
    relay.ehlo_or_helo_if_needed()
    if relay.has_extn("starttls"):
        relay.starttls(context=context)
    elif password_host and not _is_loopback(password_host):
        raise ValueError("it offers no TLS, without which no password is sent")


def _is_loopback(host: str) -> bool:
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


def _call(request: Request) -> None:
    try:
        with _opener.open(request, timeout=SOCKET_TIMEOUT):
            return
    except HTTPError as error:
        with error:
            raise Undelivered(f"the webhook answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"the webhook: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """Why the other side could not be reached, in a line."""
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return plain(f"{error.smtp_code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}")
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return _reason(inner)
    return plain(describe(error)) or type(error).__name__


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do the work, and raise what it raises. A server that sends a byte now and then outlasts every time limit of a
    socket: after so many seconds nobody waits for it any more, and the thread ends with the process."""
    outcome: Future[None] = Future()

    def run() -> None:
        try:
            work()
            outcome.set_result(None)
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        outcome.result(seconds)
    except TimeoutError:
        raise Unreachable(f"no answer within {seconds:.0f} seconds") from None


def plain(text: str) -> str:
    """The text in one line of bounded length, without what cannot be seen: it may come from anybody."""
    line = "".join(char if char.isprintable() else " " for char in text[: 2 * LONGEST])
    return shortened(" ".join(line.split()))


def shortened(text: str) -> str:
    """The text, or the start of one that is too long for a message."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def written_mail(message: Message, settings: Settings) -> EmailMessage:
    """The message as a mail of plain text."""
    alert, mail = message.alert, EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, message.to
    mail["Subject"] = f"{alert.name}: новых статей — {message.total}"
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = f"<{message.id}@{settings.mail_from.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    filters = {name: value for name, value in alert.parameters().items() if value is not None}
    criteria = [plain(str(value)) for value in filters.values()]
    if alert.query.strip():
        criteria.insert(0, plain(f"«{alert.query}»"))
    name = f"«{alert.name}»" + (f" ({', '.join(criteria)})" if criteria else "")
    parts = [f"{plain(settings.site_name)}. Новое по оповещению {name}: {message.total}."]
    for number, article in enumerate(message.articles, 1):
        about = filter(None, (_day(article, settings), plain(article.author), plain(article.section)))
        lines = [f"{number}. {plain(article.title)}", ", ".join(about)]
        lines += [public_address(article, settings.site_url), plain(article.lead)]
        parts.append("\n".join(filter(None, lines)))
    if more := message.total - len(message.articles):
        everything = urlencode({"q": alert.query, "words": alert.words, **filters})
        link = f": {settings.site_url.rstrip('/')}/?{everything}" if settings.site_url else ""
        parts.append(f"И ещё {more}; всё, что найдено, — в архиве{link}")
    mail.set_content("\n\n".join(parts) + "\n")
    return mail


def _day(article: Article, settings: Settings) -> str:
    published = article.published
    if isinstance(published, datetime):
        return f"{published.astimezone(settings.zone):%d.%m.%Y %H:%M}"
    return f"{published:%d.%m.%Y}" if published else ""


def signed_call(message: Message, settings: Settings, now: int) -> Request:
    """The call of the webhook, signed as the Standard Webhooks are (standardwebhooks.com, version 1): HMAC-SHA256 over
    id, seconds since 1970 and body, with dots between."""
    alert = message.alert
    articles = [
        {
            "id": article.id,
            "url": public_address(article, settings.site_url),
            "title": shortened(article.title),
            "lead": shortened(article.lead),
            "published": article.published.isoformat() if article.published else None,
            "author": shortened(article.author),
            "section": shortened(article.section),
        }
        for article in message.articles
    ]
    content = {"alert": alert.name, "query": alert.query, "total": message.total, "articles": articles}
    body = json.dumps(content).encode()
    signed = b".".join([message.id.encode(), str(now).encode(), body])
    signature = hmac.digest(_key(settings.webhook_secret), signed, sha256)
    return Request(  # noqa: S310  # the settings allow http and https alone
        alert.webhook,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Arkhiv",
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
        },
    )
