"""Who hands messages over: to a mail server or a webhook, each within some seconds, come what may."""

import smtplib
import ssl
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from email.message import Message as Mail
from functools import partial
from http.client import HTTPException
from ipaddress import ip_address
from threading import Thread
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from indexer.delivery.call import ENCODED, key_of, signed_call
from indexer.delivery.letter import written_mail
from indexer.delivery.message import Message, plain
from search.config import Settings
from search.errors import ArkhivError, describe
from search.records.alerts import Delivery

# Seconds for one delivery, and for one answer of the other side within it.
DELIVERY_TIMEOUT, SOCKET_TIMEOUT = 15.0, 10.0
# Seconds for all deliveries of a run; those that are left are tried by the next one.
ALL = 60.0


class Undelivered(ArkhivError):
    """A message did not arrive, or nobody knows whether it did."""


class Unreachable(Undelivered):
    """Nothing else will arrive there now."""


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
            if address := message.delivery.address:
                place, send = "smtp", partial(self._hand_over, written_mail(message, self._settings), address)
            else:
                request = signed_call(message, self._settings, int(time.time()))
                place, send = urlsplit(message.delivery.url).netloc, partial(_call, request)
        except UnicodeError as error:  # what settings and articles hold is no text
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

    def check(self, delivery: Delivery) -> None:
        """Undelivered where nothing can be delivered so, as the settings are."""
        settings = self._settings
        if delivery.address:
            if not (settings.smtp and settings.mail_from):
                raise Undelivered("the settings smtp and mail_from say how mail is sent, and are not both set")
            return
        if not delivery.url:
            raise Undelivered(f"the setting webhooks does not name {delivery.alert.webhook!r}")
        try:
            key = key_of(settings.webhook_secret)
        except ValueError as error:
            raise Undelivered(f"the setting webhook_secret begins with {ENCODED}, and no Base64 follows") from error
        if not key:
            raise Undelivered("the setting webhook_secret, which signs calls, holds nothing")

    def _hand_over(self, mail: Mail, address: str) -> None:
        """Give a message to the relay, which is asked for once a run, and again after anything went wrong."""
        relay, self._relay = self._relay, None
        try:
            _, sender = self._settings.sender
            relay = relay or _connected(self._settings.smtp, sender.rpartition("@")[2])
            relay.send_message(mail, sender, address)
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


def _connected(url: str, domain: str) -> smtplib.SMTP:
    """A session with the relay, to which this machine is the `domain`: the name of a container says nothing to it.
    Over TLS where it offers that, and where there is a password, only so."""
    parts = urlsplit(url)
    host, user, context = parts.hostname or "", unquote(parts.username or ""), ssl.create_default_context()
    if parts.scheme == "smtps":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, domain, timeout=SOCKET_TIMEOUT, context=context)
    else:
        relay = smtplib.SMTP(host, parts.port or 25, domain, timeout=SOCKET_TIMEOUT)
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
