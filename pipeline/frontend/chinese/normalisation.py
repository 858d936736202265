"""Chinese text as it is spoken: numbers, money, units, dates, addresses and signs become ideographs."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pipeline.frontend.chinese.codes import ADDRESSES, CODES
from pipeline.frontend.chinese.moments import MOMENTS
from pipeline.frontend.chinese.numerals import read_integer
from pipeline.frontend.chinese.plain import plain_chinese
from pipeline.frontend.chinese.quantities import ARITHMETIC, QUANTITIES
from pipeline.frontend.chinese.rules import Scanner, rule
from pipeline.frontend.roman import roman_value
from pipeline.frontend.tables import read_table

__all__ = ["normalise_chinese", "read_chinese"]

_SIGNS: Final = read_table(__package__, "signs")
"""Sign to the word that is said for it."""
_NUMBERED: Final = "世|期|型|级|类|代|卷|章|部|度|等"
"""What a Roman numeral counts."""


def normalise_chinese(text: str) -> str:
    """Return a Chinese text with every number and sign in ideographs; Latin words stay.

    >>> normalise_chinese("2024年增长5.5%，花了¥20")
    '二零二四年增长百分之五点五，花了二十元'
    """
    return "".join(spoken for _, spoken in read_chinese(text))


def read_chinese(text: str) -> list[tuple[str, str]]:
    """Return a Chinese text as pairs of what is written and what is said for it; the written parts make up the text.

    >>> read_chinese("还剩５％。")
    [('还剩', '还剩'), ('５％', '百分之五'), ('。', '。')]
    """
    plain = plain_chinese(text)
    pieces: list[tuple[str, str]] = []
    before = 0
    for start, end, spoken in _SCANNER.readings(plain.text):
        if start > before:
            pieces.append((plain.written(before, start), plain.text[before:start]))
        pieces.append((plain.written(start, end), spoken))
        before = end
    if before < len(plain.text) or not pieces:
        pieces.append((plain.written(before, len(plain.text)) if plain.text else text, plain.text[before:]))
    return pieces


def _roman(match: re.Match[str]) -> str:
    value = roman_value(unicodedata.normalize("NFKC", match["roman"]))
    return match[0].replace(match["roman"], read_integer(str(value)))


def _enclosed(match: re.Match[str]) -> str:
    """Read a number or a letter in a circle or in brackets."""
    number = unicodedata.numeric(match[0], None)
    return unicodedata.normalize("NFKC", match[0]).strip("()") if number is None else read_integer(str(int(number)))


_SPECIAL: Final = (
    rule(r"(?m:^)\s*[•●■◆▪‣*·-]\s+", ""),
    rule(r"(?P<roman>[Ⅰ-ⅻ]+)", _roman),
    rule(r"第\s?(?P<roman>[IVXLC]+)(?![A-Za-z])", _roman),
    rule(rf"(?<![A-Za-z])(?P<roman>I{{1,3}}|IV|VI{{1,3}}|IX|X[IV]+)(?=(?:{_NUMBERED}))", _roman),
    rule(r"(?<=[㐀-鿿])(?P<roman>I{2,3}|IV|VI{1,3}|IX|X[IV]+)(?![A-Za-z设视系手])", _roman),
    rule(r"[①-⓿❶-➓㈠-㈩㊀-㊉]", _enclosed),
    rule(r"(?<=[零一二三四五六七八九〇○])[〇○]|[〇○](?=[零一二三四五六七八九〇○])|〇", "零"),
)
_LAST: Final = (
    rule(r"[~～](?=[\d¥$￥])", "约"),
    rule(r"\+(?=\+)|(?<=\+)\+", "加"),
    rule("[" + re.escape("".join(_SIGNS)) + "]", lambda m: _SIGNS[m[0]]),
)
_NEAR: Final = r"[^㐀-鿿a-z，。！？、；]|[㐀-鿿]{1,9}+[\d:：\sA-Z]|(?<![a-z])[a-z]|\n"
"""Rules begin at a digit, a sign or a word in Latin letters, or at a word such as 电话 shortly before one."""
_SCANNER: Final = Scanner((*_SPECIAL, *ADDRESSES, *MOMENTS, *CODES, *ARITHMETIC, *QUANTITIES, *_LAST), _NEAR)
