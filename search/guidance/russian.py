"""Counts in Russian: the digits of a number, and the form of the noun that goes with it."""


def number(value: int) -> str:
    """142444 as «142 444», four digits together; the space does not break."""
    return f"{value:,}".replace(",", "\u00a0") if value >= 10_000 else str(value)


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form that goes with a number: 1 статья, 2 статьи, 5 статей, 11 статей, 21 статья."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else many


def count_of(count: int) -> str:
    """«1 статья», «142 444 статьи»."""
    return f"{number(count)} {plural(count, 'статья', 'статьи', 'статей')}"
