"""How written words are said: numbers, signs and abbreviations spelled out as English words."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_ordinal, read_year

__all__ = ["spoken", "written_words"]

_ABBREVIATIONS: Final = {"mr": "mister", "mrs": "missus", "dr": "doctor", "vs": "versus", "etc": "et cetera"}
_SIGNS: Final = {"&": "and", "%": "percent", "+": "plus", "=": "equals", "@": "at", "°": "degrees"}
_COINS: Final = {"$": "dollar", "£": "pound", "€": "euro"}
_LONGEST: Final = 12

_WRITTEN_WORD: Final = re.compile(r"[\u3400-\u9fff][^\w\s]*|[^\s\u3400-\u9fff]+")

_PIECE: Final = re.compile(
    r"""
    (?P<coin>[$£€])(?P<amount>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<cents>\d\d)(?!\d))?
    | (?P<number>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<fraction>\d+))?(?P<ordinal>st|nd|rd|th|s)?(?![^\W\d_])
    | (?P<digits>\d+)
    | (?P<han>[\u3400-\u9fff])
    | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
    | (?P<sign>[&%+=@°])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def written_words(text: str) -> list[str]:
    """Return the words of a text as they are written, each with the punctuation that touches it.

    Words are what stands between spaces; every Chinese character is a word of its own.

    >>> written_words("Kids, 你好。")
    ['Kids,', '你', '好。']
    """
    return _WRITTEN_WORD.findall(text)


def spoken(text: str) -> list[str]:
    """Return the words that a reader would say, in small letters and without punctuation.

    A number from 1100 to 1999 is read as a year.
    Every Chinese character is a word of its own.

    >>> " ".join(spoken("Mr. Hale paid $12.50 in 1890 - the 3rd time!"))
    'mister hale paid twelve dollars fifty cents in eighteen ninety the third time'
    """
    words: list[str] = []
    for piece in _PIECE.finditer(text.replace("\u2019", "'")):
        groups = piece.groupdict()
        if groups["coin"]:
            words += _money(groups["coin"], groups["amount"].replace(",", ""), groups["cents"] or "")
        elif groups["number"]:
            words += _number(groups["number"], groups["fraction"], (groups["ordinal"] or "").lower())
        elif groups["digits"]:
            words += read_digits(groups["digits"]).split()
        elif groups["sign"]:
            words.append(_SIGNS[groups["sign"]])
        else:
            word = piece.group().lower()
            words += _ABBREVIATIONS.get(word, word).split()
    return words


def _money(coin: str, amount: str, cents: str) -> list[str]:
    words = [*read_cardinal(amount).split(), _COINS[coin] + "s" * (int(amount) != 1)]
    if int(cents or 0):
        words += [*read_cardinal(cents).split(), "pence" if coin == "£" else "cent" + "s" * (int(cents) != 1)]
    return words


def _number(number: str, fraction: str | None, ending: str) -> list[str]:
    digits = number.replace(",", "")
    if ending not in ("", "s"):
        words = read_ordinal(digits).split()
    elif len(digits) > _LONGEST or (digits.startswith("0") and len(digits) > 1):
        words = read_digits(digits).split()
    elif len(number) == 4 and "1100" <= number <= "1999" and not fraction:
        words = read_year(digits).split()
    else:
        words = read_cardinal(digits).split()
    if fraction:
        words += ["point", *read_digits(fraction).split()]
    if ending == "s":
        words[-1] = words[-1][:-1] + "ies" if words[-1].endswith("y") else words[-1] + "s"
    return words
