"""Chinese numerals."""

from __future__ import annotations

from typing import Final

__all__ = ["DIGITS", "read_code", "read_decimal", "read_digits", "read_integer"]

DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("千", "百", "十", "")
_MYRIADS: Final = ("", "万", "亿", "万亿")
_LONGEST: Final = 16
"""Digits of the longest number with a name here, four of each of the four myriads."""


def read_digits(digits: str) -> str:
    """Read digit by digit, as years and codes are: `2024` is 二零二四."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def read_code(digits: str) -> str:
    """Read the digits of a telephone number or a code, where 1 is yao1: `110` is 幺幺零."""
    return read_digits(digits).replace("一", "幺")


def read_integer(digits: str) -> str:
    """Read an integer: `10203` is 一万零二百零三.

    Args:
        digits: ASCII digits; more than 16 are read one by one.
    """
    digits = digits.lstrip("0")
    if not digits:
        return DIGITS[0]
    if len(digits) > _LONGEST:
        return read_digits(digits)
    spoken = ""
    padded = digits.zfill((len(digits) + 3) // 4 * 4)
    groups = [padded[start : start + 4] for start in range(0, len(padded), 4)]
    gap = False
    for myriad, group in zip(reversed(_MYRIADS[: len(groups)]), groups, strict=True):
        if group == "0000":
            gap = True
            continue
        if spoken and (gap or group[0] == "0"):
            spoken += DIGITS[0]
        spoken += _read_group(group) + myriad
        gap = False
    # 万亿 of a number that has both: 一万二千亿, not 一万亿二千亿.
    if len(groups) == 4 and groups[1] != "0000":
        spoken = spoken.replace("万亿", "万", 1)
    return spoken[1:] if spoken.startswith("一十") else spoken


def read_decimal(number: str) -> str:
    """Read a number with at most one point: `3.05` is 三点零五."""
    whole, _, fraction = number.partition(".")
    return read_integer(whole) + (f"点{read_digits(fraction)}" if fraction else "")


def _read_group(group: str) -> str:
    """Read four digits that are not all zero; zeros in front say nothing."""
    spoken = ""
    for digit, place in zip(group, _PLACES, strict=True):
        if digit != "0":
            spoken += DIGITS[int(digit)] + place
        elif spoken and not spoken.endswith(DIGITS[0]):
            spoken += DIGITS[0]
    return spoken.rstrip(DIGITS[0])
