"""The words around a match of a rule.

What a rule of English says holds `|` between the readings of two written words.
"""

from __future__ import annotations

import functools
import re
from typing import Final

__all__ = ["after_article", "attributive", "mentions", "word_after", "word_before"]

_BEFORE: Final = re.compile(r"([^\W_]+(?:['’.-][^\W_]+)*)[.,]?[\s(\[\"“‘']*$")
_AFTER: Final = re.compile(r"[\s-]*([^\W\d_]+)")
_NEAR: Final = 32
"""Characters before a place in which the word before it is looked for; few words are longer."""


def word_before(match: re.Match[str]) -> str:
    """Return the word before a match, as it is written; empty if there is none."""
    found = _BEFORE.search(match.string, max(0, match.start() - _NEAR), match.start())
    return found[1] if found else ""


def word_after(match: re.Match[str]) -> str:
    """Return the word that follows a match after spaces or a hyphen; empty if there is none."""
    found = _AFTER.match(match.string, match.end())
    return found[1] if found else ""


@functools.lru_cache(maxsize=16)
def mentions(text: str, words: re.Pattern[str]) -> bool:
    """Return whether a text has a match of a pattern anywhere; each text is searched once."""
    return words.search(text) is not None


def after_article(match: re.Match[str]) -> bool:
    """Return whether an article stands before a quantity, and a word after it."""
    return word_before(match).lower() in ("a", "an") and bool(word_after(match))


def attributive(match: re.Match[str]) -> bool:
    """Return whether a quantity describes the noun after it, as in `a 45° angle`, and so is singular."""
    before, after = word_before(match).lower(), word_after(match)
    return after_article(match) or after in _THINGS or (after in _THINGS_OR_VERBS and before in _COUNTS)


_THINGS: Final = frozenset(
    "bag bags sack sacks bottle bottles jar jars carton cartons packet packets packs pan pans pot glass glasses board"
    " boards nail nails bolts pipe pipes hose rope ladder pole vinyl TV TVs tv monitor monitors display laptop disk"
    " steaks burger dumbbell dumbbells kettlebell barbell bucket tank tanks sword blade tyre tire tires wheel"
    " wheels ticket tickets voucher vouchers coupon banknote banknotes relay dash marathon tablets tablet capsule"
    " capsules vial vials syringe ampoule resistor resistors capacitor capacitors battery batteries bulb bulbs".split()
)
"""Nouns that a quantity describes: `10 lb bags`."""
_THINGS_OR_VERBS: Final = frozenset(
    "can cans box boxes pack tin tins screen note notes bill bills run race walk drive ride hike drop break shift"
    " weight weights plate plates house car gift fee fine".split()
)
"""Nouns that may be verbs; a quantity describes them after an article or a number."""
_COUNTS: Final = frozenset(
    "the one two three four five six seven eight nine ten this that each every my his her our".split()
)
