"""The forms of a name in all cases, by its look alone: for names that no dictionary knows, or takes for other words."""

import re
from collections.abc import Iterator

_CONSONANT = "[бвгджзйклмнпрстфхцчшщ]"
# What the stems of a declension end with, and the endings of its forms.
_DECLENSIONS = tuple(
    (re.compile(f".*{end}"), endings)
    for end, endings in (
        (_CONSONANT, ("", "а", "у", "ом", "ем", "е")),
        ("(?:[ое]в|[иы]н)", ("", "а", "у", "ым", "е", "ой")),
        ("[аеиоуыэюя]", ("й", "я", "ю", "ем", "е")),
        (_CONSONANT, ("ь", "я", "ю", "ем", "е")),
        (_CONSONANT, ("а", "ы", "и", "е", "у", "ой", "ей")),
        ("", ("я", "и", "е", "ю", "ей")),
        (f"..{_CONSONANT}", ("ий", "ый", "ой", "ого", "ому", "им", "ым", "ом", "ая", "ую")),
        ("..[жчшщ]", ("ий", "его", "ему", "им", "ем", "ая", "ей", "ую")),
        ("", ("ец", "ца", "цу", "цем", "цом", "це")),
        ("[аеиоуыэюя]", ("ец", "йца", "йцу", "йцем", "йцом", "йце")),
    )
)
_SHORTEST_STEM = 2


def name_forms(form: str) -> Iterator[str]:
    """The forms of every name that this exact form may be one of, some twice."""
    for stems, endings in _DECLENSIONS:
        for ending in endings:
            stem = form.removesuffix(ending)
            if len(stem) >= _SHORTEST_STEM and form.endswith(ending) and stems.fullmatch(stem):
                yield from (stem + other for other in endings)
