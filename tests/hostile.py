"""What a stranger may ask that costs the most, and an archive over which it does."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

__all__ = ["ENDLESS", "HOSTILE", "LONG", "write_articles"]

LETTERS = "абвгдежзийклмнопрстуфхцчшщэюя"
FIRST = ("Иван", "Олег", "Борис", "Антон", "Игорь")
FREQUENT = ["в", "на", "и", "с", "по", "не", "что", "из", "за", "о", "от", "для", "как", "до", "к"]
WORDS = 120
LONG = " ".join(f"слово{n}" for n in range(80_000))
# What is asked of the article that is nothing but a headline.
ENDLESS = ("/article/long", "/api/related/long", "/api/search?q=долгий", "/?q=слово7")


def write_articles(path: Path, count: int) -> None:
    """So many articles as JSON Lines, and one more that is nothing but a headline."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(count))


def _rows(count: int) -> Iterator[dict[str, object]]:
    """Articles of frequent words and of rare ones, as often as in a language; and one of nothing but a headline."""
    rng = random.Random(1)
    rare = ["".join(rng.choices(LETTERS, k=rng.randint(3, 9))) for _ in range(20_000)]
    every = FREQUENT * 40 + rare[:300] * 3 + rare
    for number in range(count):
        text = " ".join(rng.choices(every, k=WORDS))
        day = f"{2010 + number % 14}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        people = ", ".join(
            f"{rng.choice(FIRST)} {rng.choice(LETTERS).upper()}{rng.choice(LETTERS)}ранов" for _ in range(4)
        )
        yield {"id": f"a{number}", "title": text[:60], "text": f"{text}. {people}.", "published": day}
    yield {"id": "long", "title": LONG, "text": "Долгий заголовок.", "published": "2024-05-17"}


def _nonsense(letters: int) -> str:
    rng = random.Random(letters)
    return " ".join("".join(rng.choices(LETTERS, k=letters)) for _ in range(64))


def _pairs(quoted: str, count: int) -> str:
    pairs = (f"{one} {two}" for one, two in itertools.permutations(FREQUENT, 2))
    return " | ".join(quoted.format(pair) for pair in itertools.islice(pairs, count))


HOSTILE = {
    "any of many beginnings": " | ".join(f"{letter}*" for letter in LETTERS),
    "all of many beginnings": " ".join(f"{letter}*" for letter in LETTERS),
    "none of many beginnings": f"-({' | '.join(f'{letter}*' for letter in LETTERS)})",
    "beginnings in titles": " | ".join(f"заголовок:{letter}*" for letter in LETTERS),
    "names that begin so": " | ".join(f"кто:{letter}*" for letter in LETTERS),
    "words of names": " | ".join(f"кто:{letter}{other}ранов" for letter in LETTERS[:8] for other in LETTERS[:8]),
    "many short unknown words": _nonsense(6),
    "many long unknown words": _nonsense(14),
    "many Latin words": " ".join(["prezident", "pravitelstvo", "moskva", "schshchyo"] * 16),
    "many words of the other layout": " ".join(["ghtpbltyn", "ghfdbntkmcndj", "vjcrdf", "hjccbz"] * 16),
    "many frequent words": " ".join(FREQUENT * 4),
    "any of many frequent words": " | ".join(FREQUENT * 4),
    "a phrase of frequent words": f'"{" ".join(FREQUENT * 4)}"',
    "many phrases of frequent words": _pairs('"{}"', 32),
    "many frequent words near each other": f'"{" ".join(FREQUENT * 4)}"~100',
    "many pairs near each other": _pairs('"{}"~100', 32),
    "many exact forms": " | ".join(f"={word}" for word in FREQUENT * 4),
    "many groups": _pairs("({})", 32),
    "many brackets": "(" * 499 + "в" + ")" * 499,
    "many minus signs": "-" * 999 + "в",
    "many hyphens": "-".join(FREQUENT * 4),
    "many points": ".".join(FREQUENT * 4),
    "many words joined by signs": " ".join(f"{one}/{two}" for one, two in itertools.permutations(FREQUENT, 2))[:990],
    "many unknown words joined by signs": "ыщщьъ " + " ".join(f"ыщь{letter}/ъщы{letter}" for letter in LETTERS),
    "many words and days": " ".join(f"{word} {1990 + n}" for n, word in enumerate(FREQUENT * 2)),
    "many codes": " ".join(f"Т-{number}" for number in range(64)),
    "many numbers": " ".join(f"{number} 000" for number in range(1, 33)),
    "many dates": " | ".join(f"дата:{year}" for year in range(1900, 1970)),
    "an endless word": "а" * 1000,
    "an endless address": "https://gazeta.example/" + "x" * 900,
}
