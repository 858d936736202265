"""Streets: what `St.`, `Dr.` and `Ct.` are, and the letters before their names, as in `45 W 34th St.`."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.neighbours import word_before
from pipeline.frontend.rules import rule

__all__ = ["STREET_NAMES", "STREET_RULES", "is_before_street"]

STREET_NAMES: Final = {
    "ct": "Court", "pl": "Place", "sq": "Square", "ter": "Terrace", "cir": "Circle", "cres": "Crescent",
    "trl": "Trail", "aves": "Avenues", "sts": "Streets", "xing": "Crossing",
}  # fmt: skip
"""Abbreviations of streets, which may be something else where no name is before them."""
_STREETS: Final = "St|Street|Ave|Avenue|Blvd|Boulevard|Rd|Road|Dr|Drive|Ln|Lane|Pl|Place|Ct|Court|Pkwy|Way|Sq|Terrace"
_ITS_NAME: Final = re.compile(rf"\s(?:\d+(?:st|nd|rd|th)\b|(?:[A-Z][a-z]+\s){{0,2}}(?:{_STREETS})\b)")
"""What follows the letter of an address: the number or the name of a street."""
_IN_ADDRESSES: Final = re.compile(r"\s(?:Apt|Suite|Ste|Unit|Floor|Fl|Room|Rm|[NS]?[EW]|[NS])\b")
"""What follows the name of a street; no saint is called so."""
_HOUSE: Final = re.compile(r"\b\d+[A-Z]?\s(?:[NSEW]\.?\s)?(?:[A-Z][a-z]+\s){1,2}$")
"""The number of a house and the name of its street."""
_ADDRESS: Final = 64
"""Characters in which it is looked for."""
_NO_NAMES: Final = frozenset(
    "hello hi hey yes no dear thanks thank sorry well okay the a my our your and or with see ask call meet tell when if"
    " then but is was did does has".split()
)
"""What may stand before a doctor, with a capital letter too."""


def is_before_street(match: re.Match[str]) -> bool:
    """Return whether the letter that a match ends with is part of an address and no unit."""
    return _ITS_NAME.match(match.string, match.end()) is not None


def _saint_or_street(match: re.Match[str]) -> str:
    named = match.string[match.end() : match.end() + 8].lstrip()[:1].isupper()
    before = word_before(match)
    numbered = re.fullmatch(r"\d+(?:st|nd|rd|th)", before) or (len(before) == 1 and before.isupper())
    addressed = _IN_ADDRESSES.match(match.string, match.end()) or _has_house(match)
    return "Saint" if named and not numbered and not addressed else "Street"


def _has_house(match: re.Match[str]) -> bool:
    return _HOUSE.search(match.string, max(0, match.start() - _ADDRESS), match.start()) is not None


def _drive(match: re.Match[str]) -> str | None:
    """Read `Elm Dr.` as a street where no name of a doctor follows; somebody may be greeted there."""
    before = word_before(match)
    named = re.match(r"\s[A-Z]", match.string[match.end() : match.end() + 2])
    if not before.istitle() or before.lower() in _NO_NAMES or (named and not _has_house(match)):
        return None
    return "Drive"


def _street(match: re.Match[str]) -> str | None:
    """Read `2 Kings Ct.` and `6th Aves.`, which are plain words elsewhere."""
    before, name = word_before(match), match["name"].lower()
    if not (before.istitle() or before[:1].isdigit()) or (before[:1].isdigit() and name not in ("aves", "sts", "pl")):
        return None
    return STREET_NAMES[name] if match["dot"] or _has_house(match) else None


STREET_RULES: Final = (
    rule(r"(?<=[a-z] )Dr\.?(?!\w)", _drive),
    rule(rf"(?<=[a-z] )(?P<name>{'|'.join(map(str.title, STREET_NAMES))})\b(?P<dot>\.?)(?!\s?\d|\w)", _street),
    rule(r"(?:(?<=\dst )|(?<=\dnd )|(?<=\drd )|(?<=\dth ))St(?![\w.])", "Street"),
    rule(r"(?:(?<=\dst )|(?<=\dnd )|(?<=\drd )|(?<=\dth ))fl\.?(?!\w)", "floor"),
    rule(r"(?<![\w.])[Ss][Tt]\.(?!\w)", _saint_or_street),
)
"""Rules that begin at a letter."""
