"""The words that a reader says, for scoring and for finding them in a recording."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.characters import HAN
from pipeline.frontend.english.abbreviations import ABBREVIATIONS, SIGNS, STREETS
from pipeline.frontend.english.amounts import MONEY, pluralised, read_money, read_number
from pipeline.frontend.english.numerals import read_digits, read_ordinal

__all__ = ["spoken_words"]

_ABBREVIATIONS: Final = ABBREVIATIONS | STREETS
_OFTEN_BARE: Final = {stem: ABBREVIATIONS[f"{stem}."] for stem in ("mr", "mrs", "dr", "vs", "etc")}
"""Abbreviations that are known without their full stop as well."""

_LAST_YEAR: Final = "1999"
"""Later ones are said in two ways, so that both sides of a comparison get the plain number."""

_PIECE: Final = re.compile(
    rf"""
    (?P<money>{MONEY})
    | (?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.(?P<fraction>\d+))?(?:(?P<ending>st|nd|rd|th|s)(?![^\W\d_]))?
    | (?P<abbreviation>(?<![\w.])(?:{"|".join(map(re.escape, _ABBREVIATIONS))})(?!\w))
    | (?P<han>[{HAN}])
    | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
    | (?P<sign>[{re.escape("".join(SIGNS))}])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def spoken_words(text: str) -> list[str]:
    """Return the words that a reader would say, in small letters and without punctuation.

    A number from 1100 to 1999 is read as a year.
    Every Chinese character is a word of its own.

    >>> " ".join(spoken_words("Mr. Hale paid $12.50 in 1890 - the 3rd time!"))
    'mister hale paid twelve dollars fifty cents in eighteen ninety the third time'
    """
    return [word for piece in _PIECE.finditer(text.replace("\u2019", "'")) for word in _spoken(piece).split()]


def _spoken(piece: re.Match[str]) -> str:
    if piece["money"]:
        return read_money(piece)
    if piece["number"]:
        return _number(piece["number"], piece["fraction"], (piece["ending"] or "").lower())
    if piece["abbreviation"]:
        return _ABBREVIATIONS[piece[0].lower()]
    if piece["sign"]:
        return SIGNS[piece[0]]
    word = piece[0].lower()
    return _OFTEN_BARE.get(word, word)


def _number(number: str, fraction: str | None, ending: str) -> str:
    if ending not in ("", "s"):
        return read_ordinal(number.replace(",", ""))
    if fraction:
        words = f"{read_number(number, '')} point {read_digits(fraction)}"
    else:
        words = read_number(number, _LAST_YEAR)
    return pluralised(words) if ending == "s" else words
