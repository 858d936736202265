"""Roman numerals, which are written alike in every language."""

from __future__ import annotations

from typing import Final

__all__ = ["roman_value"]

_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman_value(numeral: str) -> int:
    """Return the value of a Roman numeral, in capitals or small letters: `XIV` is 14."""
    values = [_VALUES[letter] for letter in numeral.upper()]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))
