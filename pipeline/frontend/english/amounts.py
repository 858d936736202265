"""Numbers as they are written: with separators, points and coins, as years and as codes."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_year

__all__ = ["CURRENCIES", "MONEY", "NUMBER", "pluralised", "read_amount", "read_money", "read_number"]

NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
"""Pattern of a number with thousands separators and one point."""

CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yuan", "yuan", "fen", "fen"),
}
"""Sign of a currency to the names of one and of several, and of one and several hundredths."""

_SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}

MONEY: Final = (
    rf"(?P<currency>[{''.join(CURRENCIES)}])\s*(?P<amount>{NUMBER})"
    r"(?:\s*(?P<scale>thousand|million|billion|trillion|bn|[kmb])\b)?"
)
"""Pattern of an amount of money, for `read_money`."""

_FIRST_YEAR: Final = "1100"
"""Four digits from here on are a year: of the years before, few are written about."""

_CODE: Final = 7
"""Digits from which a number without separators is no quantity but a code, such as a telephone number."""


def read_amount(text: str) -> str:
    """Read a quantity: `1,234.5` is one thousand two hundred thirty four point five."""
    whole, _, fraction = text.replace(",", "").partition(".")
    return read_cardinal(whole) + (f" point {read_digits(fraction)}" if fraction else "")


def read_number(text: str, last_year: str = "2099") -> str:
    """Read a number that stands alone: a year, a code or a quantity.

    Args:
        text: As `NUMBER` finds it.
        last_year: The last four digits that are read as a year.
    """
    if text.isdigit() and len(text) == len(_FIRST_YEAR) and _FIRST_YEAR <= text <= last_year:
        return read_year(text)
    if text.isdigit() and (len(text) >= _CODE or (text[0] == "0" and len(text) > 1)):
        return read_digits(text)
    return read_amount(text)


def read_money(match: re.Match[str]) -> str:
    """Read what `MONEY` found: `$5.50` is five dollars fifty cents, `$3.2 million` three point two million dollars."""
    one, many, small_one, small_many = CURRENCIES[match["currency"]]
    amount, scale = match["amount"].replace(",", ""), (match["scale"] or "").lower()
    whole, _, fraction = amount.partition(".")
    if scale:
        return f"{read_amount(amount)} {_SCALES.get(scale, scale)} {many}"
    if fraction and len(fraction) != 2:
        return f"{read_amount(amount)} {many}"
    parts = []
    if int(whole or 0) or not int(fraction or 0):
        parts.append(f"{read_cardinal(whole)} {one if whole.lstrip('0') == '1' else many}")
    if int(fraction or 0):
        parts.append(f"{read_cardinal(fraction)} {small_one if int(fraction) == 1 else small_many}")
    return " ".join(parts)


def pluralised(words: str) -> str:
    """Return a number as a decade or a group: `nineteen ninety` becomes nineteen nineties."""
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
