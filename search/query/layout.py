"""Which text the same keys give on the other keyboard layout: ghbdtn for привет, and пщщпду for google."""

import re

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
# Quotes and the colon of the grammar are on other keys there; on the way back they are signs of the grammar.
_TO_CYRILLIC = str.maketrans(_LATIN + "@^", _CYRILLIC + '":')
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_LATIN_LETTER = re.compile("[a-zA-Z]")


def switched(text: str) -> str:
    """The text as typed with the same keys on the other layout; one without a Latin letter becomes Latin."""
    return text.translate(_TO_CYRILLIC if _LATIN_LETTER.search(text) else _TO_LATIN)
