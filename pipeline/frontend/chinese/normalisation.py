"""Chinese text as it is spoken: numbers, money, units and signs become ideographs."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.chinese.numerals import read_decimal, read_digits, read_integer, read_telephone
from pipeline.frontend.tables import read_table

__all__ = ["normalise_chinese"]

_UNITS: Final = read_table(__package__, "units")
"""Unit in small letters to its name."""
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_CURRENCIES: Final = {"$": "美元", "£": "英镑", "€": "欧元", "¥": "元", "￥": "元"}
_SIGNS: Final = read_table(__package__, "signs")
"""Sign to the word that is said for it."""
_MEASURES: Final = "个位只本张件条天次年块家名岁倍点人种层台辆瓶杯箱双对颗把座首道门间份遍回场周页篇句"
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"


def normalise_chinese(text: str) -> str:
    """Return a Chinese text with every number and sign in ideographs; Latin words stay.

    >>> normalise_chinese("2024年增长5.5%，花了¥20")
    '二零二四年增长百分之五点五，花了二十元'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def _number(text: str) -> str:
    return read_decimal(text.replace(",", ""))


def _plain(match: re.Match[str]) -> str:
    text = match[0]
    if text.isdigit() and (len(text) == 11 or (text[0] == "0" and len(text) > 2)):
        return read_telephone(text)
    return _number(text)


def _money(match: re.Match[str]) -> str:
    return f"{_number(match['amount'])}{match['scale'] or ''}{_CURRENCIES[match['currency']]}"


def _date(match: re.Match[str]) -> str:
    return f"{read_digits(match[1])}年{read_integer(match[2])}月{read_integer(match[3])}日"


def _time(match: re.Match[str]) -> str:
    minute = match[2]
    spoken = "整" if minute == "00" else f"{'零' if minute[0] == '0' else ''}{read_integer(minute)}分"
    return f"{read_integer(match[1])}点{spoken}"


def _version(match: re.Match[str]) -> str:
    return "点".join(read_integer(part) for part in match[0].split("."))


_RULES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(?<!\d)(\d{4})[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])(?!\d)", _date),
        (r"(?<!\d)(\d{4}|\d{2})\s*(?=年(?!级|纪))", lambda m: read_digits(m[1])),
        (
            r"(?<!\d)(?:0\d{2,3}-\d{7,8}|1\d{2}[- ]?\d{4}[- ]?\d{4}|\d{3}-\d{4})(?!\d)",
            lambda m: read_telephone(re.sub(r"\D", "", m[0])),
        ),
        (r"\d+(?:\.\d+){2,}", _version),
        (r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)", _time),
        (rf"(?P<currency>[$£€¥￥])\s*(?P<amount>{_NUMBER})\s*(?P<scale>[万亿]*)", _money),
        (rf"({_NUMBER})\s*%\s*[-~～—–]\s*({_NUMBER})\s*%", lambda m: f"百分之{_number(m[1])}到百分之{_number(m[2])}"),
        (rf"(-?)({_NUMBER})\s*[%％]", lambda m: f"{'负' if m[1] else ''}百分之{_number(m[2])}"),
        (r"(?<![\d/])(\d{1,3})/([1-9]\d{0,2})(?![\d/])", lambda m: f"{read_integer(m[2])}分之{read_integer(m[1])}"),
        (rf"({_NUMBER})\s*[-~～—–]\s*(?=\d)({_NUMBER})", r"\1到\2"),
        (r"(?<![0-9A-Za-z])[-−](?=\d)", "负"),
        (
            rf"(?P<amount>{_NUMBER})\s*(?P<unit>{_UNIT})(?![a-z])",
            lambda m: _number(m["amount"]) + _UNITS[m["unit"].lower()],
        ),
        (rf"(?<![\d.第])2(?=[{_MEASURES}])", "两"),
        (_NUMBER, _plain),
        ("〇", "零"),
        ("[" + re.escape("".join(_SIGNS)) + "]", lambda m: _SIGNS[m[0]]),
    )
)
