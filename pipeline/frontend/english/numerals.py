"""English numerals."""

from __future__ import annotations

from typing import Final

__all__ = ["NUMERALS", "read_cardinal", "read_digits", "read_ordinal", "read_year"]

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")
NUMERALS: Final = frozenset([*_SMALL, *_TENS, "hundred", *(scale.strip() for scale in _SCALES[1:])])
"""Every word of a cardinal number."""
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LONGEST: Final = 18
"""Digits of the longest number with a name here, below a quintillion."""


def read_digits(digits: str) -> str:
    """Read digit by digit: `505` is five zero five."""
    return " ".join(_SMALL[int(digit)] for digit in digits)


def read_cardinal(digits: str) -> str:
    """Read an integer: `1203` is one thousand two hundred three.

    Args:
        digits: ASCII digits; more than 18 are read one by one.
    """
    digits = digits.lstrip("0")
    if not digits:
        return _SMALL[0]
    if len(digits) > _LONGEST:
        return read_digits(digits)
    groups: list[str] = []
    number = int(digits)
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(_read_group(group) + scale)
    return " ".join(reversed(groups))


def read_ordinal(digits: str) -> str:
    """Read an ordinal: `21` is twenty first."""
    *before, last = read_cardinal(digits).split()
    last = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return " ".join([*before, last])


def read_year(digits: str) -> str:
    """Read a year of four digits: `1995` is nineteen ninety five, `2005` is two thousand five."""
    century, rest = int(digits[:2]), int(digits[2:])
    if digits[1:3] == "00":
        return read_cardinal(digits)
    if rest == 0:
        return f"{_read_group(century)} hundred"
    return f"{_read_group(century)} {'oh ' if rest < 10 else ''}{_read_group(rest)}"


def _read_group(number: int) -> str:
    """Read an integer from 1 to 999."""
    hundreds, rest = divmod(number, 100)
    words = [_SMALL[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words += [_TENS[tens - 2]] + ([_SMALL[ones]] if ones else [])
    elif rest:
        words.append(_SMALL[rest])
    return " ".join(words)
