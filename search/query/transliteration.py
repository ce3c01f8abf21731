"""Which Russian words may a word in Latin letters stand for: kazahstan, qazaqstan, shchuka, zhizn'?"""

from heapq import nsmallest

# Latin letters and what they may stand for, the likeliest first: what passports, BGN, GOST and chats write.
_STANDS_FOR = {
    "shch": "щ", "sch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц", "tz": "ц", "gh": "г", "ph": "ф",
    "ya": "я ья", "ja": "я ья", "ia": "я ия", "yu": "ю ью", "ju": "ю ью", "iu": "ю", "yo": "е ье йо", "jo": "е йо",
    "ye": "е ье", "je": "е ье", "io": "е ио", "iy": "ий ый", "ij": "ий", "yy": "ый", "yj": "ый", "ee": "и", "oo": "у",
    "ck": "к", "yi": "ый", "ey": "ей", "ii": "ий ии", "a": "а", "b": "б", "c": "ц к с", "d": "д", "e": "е э", "f": "ф",
    "g": "г", "h": "х", "i": "и й", "j": "й ж дж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к",
    "r": "р", "s": "с", "t": "т", "u": "у ю", "v": "в", "w": "в ш щ", "x": "х кс", "y": "ы й и ий ый", "z": "з",
    "'": "ь ъ", "’": "ь ъ",
}  # fmt: skip
_LONGEST = max(map(len, _STANDS_FOR))
_MAY_BE_SOFT = set("бвдзлмнпрст")
_VOWELS = set("aeiouy")
# How many spellings are followed at a time.
BEAM = 64


def russian_spellings(word: str) -> dict[str, int]:
    """Spellings of a word in Latin letters, and how far each is from the likeliest reading, 0."""
    word = word.lower()
    partial: list[dict[str, int]] = [{"": 0}, *({} for _ in word)]
    for at in range(len(word)):
        so_far = nsmallest(BEAM, partial[at].items(), key=lambda spelling_cost: spelling_cost[1])
        sizes = [
            size for size in range(_LONGEST, 0, -1) if word[at : at + size] in _STANDS_FOR and at + size <= len(word)
        ]
        for shorter, size in enumerate(sizes):
            after = word[at + size : at + size + 1]
            for less_likely, letters in enumerate(_STANDS_FOR[word[at : at + size]].split()):
                cost = shorter + less_likely
                endings = [(letters, cost)]
                if letters in _MAY_BE_SOFT and after not in _VOWELS and after not in {"'", "’"}:
                    endings.append((letters + "ь", cost + 1))
                for spelling, before in so_far:
                    for ending, more in endings:
                        longer, costs = spelling + ending, partial[at + size]
                        costs[longer] = min(before + more, costs.get(longer, before + more))
    return dict(nsmallest(BEAM, partial[-1].items(), key=lambda spelling_cost: spelling_cost[1]))
