"""A message as the call of a webhook, signed, so that the receiver knows from whom it is."""

import base64
import hmac
import json
from hashlib import sha256
from urllib.request import Request

from indexer.delivery.message import Message, plain, shortened
from search.config import Settings
from search.links import public_address

# A secret that begins so is Base64, as the Standard Webhooks have it.
ENCODED = "whsec_"
# Characters of the text: chats take 3,000 to 40,000.
_LONGEST_TEXT = 3000


def key_of(secret: str) -> bytes:
    """What calls are signed with; ValueError where it begins as Base64 and is none."""
    if not secret.startswith(ENCODED):
        return secret.strip().encode(errors="surrogateescape")
    return base64.b64decode(secret.removeprefix(ENCODED), validate=True)


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
    content = {
        "text": _text(message, settings),
        "alert": alert.name,
        "query": alert.query,
        "total": message.total,
        "articles": articles,
    }
    body = json.dumps(content).encode()
    signed = b".".join([message.id.encode(), str(now).encode(), body])
    signature = hmac.digest(key_of(settings.webhook_secret), signed, sha256)
    return Request(  # noqa: S310  # the settings allow http and https alone
        message.delivery.url,
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


def _text(message: Message, settings: Settings) -> str:
    """What a chat shows, a line for each article that there is room for."""
    head = list(filter(None, (_without_markup(message.subject), message.remark(settings))))
    everything = message.everything(settings)
    tail = [f"Все статьи: {everything}"] if len(everything) < _LONGEST_TEXT // 3 and everything else []
    room = _LONGEST_TEXT - len("\n".join([*head, *tail]))
    for article in message.articles:
        url = public_address(article, settings.site_url).replace("<", "%3C").replace(">", "%3E")
        line = " — ".join(filter(None, (_without_markup(plain(article.title)), url)))
        room -= len(line) + 1
        if room < 0:
            break
        head.append(line)
    return "\n".join([*head, *tail])


def _without_markup(text: str) -> str:
    """The text without what chats take for a call of everybody, `<!channel>` or `@all`, or for a link."""
    return text.replace("<", "‹").replace(">", "›").replace("@", "@\u2060").replace("](", "]\u2060(")
