"""How written words are said: numbers, signs and abbreviations spelled out as English words."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["spoken", "written_words"]

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_ABBREVIATIONS: Final = {"mr": "mister", "mrs": "missus", "dr": "doctor", "vs": "versus", "etc": "et cetera"}
_SIGNS: Final = {"&": "and", "%": "percent", "+": "plus", "=": "equals", "@": "at", "°": "degrees"}
_COINS: Final = {"$": "dollar", "£": "pound", "€": "euro"}
_LARGEST: Final = 10**12

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
            words += _money(groups["coin"], _integer(groups["amount"]), int(groups["cents"] or 0))
        elif groups["number"]:
            words += _number(groups["number"], groups["fraction"], (groups["ordinal"] or "").lower())
        elif groups["digits"]:
            words += [_ONES[int(digit)] for digit in groups["digits"]]
        elif groups["sign"]:
            words.append(_SIGNS[groups["sign"]])
        else:
            word = piece.group().lower()
            words += _ABBREVIATIONS.get(word, word).split()
    return words


def _integer(digits: str) -> int:
    return int(digits.replace(",", ""))


def _money(coin: str, amount: int, cents: int) -> list[str]:
    words = [*_cardinal(amount), _COINS[coin] + "s" * (amount != 1)]
    return words + ([*_cardinal(cents), "pence" if coin == "£" else "cent" + "s" * (cents != 1)] if cents else [])


def _number(digits: str, fraction: str | None, ending: str) -> list[str]:
    value = _integer(digits)
    if value >= _LARGEST or (digits.startswith("0") and len(digits) > 1):
        words = [_ONES[int(digit)] for digit in digits.replace(",", "")]
    elif len(digits) == 4 and 1100 <= value <= 1999 and not fraction:
        words = _year(value)
    else:
        words = _cardinal(value)
    if fraction:
        words += ["point", *(_ONES[int(digit)] for digit in fraction)]
    if ending == "s":
        words[-1] = words[-1][:-1] + "ies" if words[-1].endswith("y") else words[-1] + "s"
    elif ending:
        words[-1] = _ordinal(words[-1])
    return words


def _year(value: int) -> list[str]:
    century, rest = divmod(value, 100)
    if not rest:
        return [*_cardinal(century), "hundred"]
    return [*_cardinal(century), *(["oh"] if rest < 10 else []), *_cardinal(rest)]


def _cardinal(value: int) -> list[str]:
    if value < 20:
        return [_ONES[value]]
    if value < 100:
        tens, ones = divmod(value, 10)
        return [_TENS[tens - 2], *([_ONES[ones]] if ones else [])]
    scale, name = next(pair for pair in _SCALES if value >= pair[0])
    count, rest = divmod(value, scale)
    return [*_cardinal(count), name, *(_cardinal(rest) if rest else [])]


def _ordinal(word: str) -> str:
    if word in _ORDINALS:
        return _ORDINALS[word]
    return word[:-1] + "ieth" if word.endswith("y") else word + "th"
