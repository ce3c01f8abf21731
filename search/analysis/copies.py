"""Which articles are near-copies of each other: the same agency's text, republished under another headline."""

import re
from datetime import date
from hashlib import blake2b

# The sentences of shorter texts say too little to distinguish them; their headlines do, of so many words.
LEAST_TEXT = 500
LEAST_HEADLINE = 3
LEAST_SENTENCE = 40
SENTENCES = 2
KEY_BYTES = 7

_ENDS = "!?…\n"  # of sentences, beside the full stop
_WORD = re.compile(r"[^\W_]+")


def copy_key(text: str, title: str = "", day: date | None = None) -> int:
    """What near-copies share: a number below 2^56 made of the two longest sentences; where a text is too short, of the
    headline and the day in the archive; 0 where these tell nothing either.

    Headlines, first lines and last lines are what is edited when a text is republished, rarely its longest sentences;
    and no two articles have those in common by chance. That it is one number makes it the same for any engine.
    """
    if len(text) < LEAST_TEXT:
        headline = _words(title) if day else []
        return _number([*headline, str(day)]) if len(headline) >= LEAST_HEADLINE else 0
    for end in _ENDS:
        text = text.replace(end, ".")
    sentences = set(map(str.strip, text.split(".")))
    enough = sorted(map(len, sentences))[-SENTENCES:][0]
    longest = sorted((text for text in sentences if len(text) >= enough), key=lambda text: (-len(text), text))
    words = [" ".join(_words(sentence)) for sentence in longest[:SENTENCES]]
    if len(words) < SENTENCES or min(map(len, words)) < LEAST_SENTENCE:
        return 0
    return _number(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("ё", "е"))


def _number(parts: list[str]) -> int:
    digest = blake2b("\n".join(parts).encode(errors="surrogatepass"), digest_size=KEY_BYTES).digest()
    return int.from_bytes(digest, "big") or 1
