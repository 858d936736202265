"""The mark after a number: feet, minutes, the end of a strand, or the sign that it is."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.amounts import read_amount
from pipeline.frontend.english.counting import FRACTION, read_fraction
from pipeline.frontend.english.neighbours import attributive, mentions, word_after, word_before
from pipeline.frontend.english.numerals import read_cardinal
from pipeline.frontend.rules import rule

__all__ = ["PRIME_RULES"]

_NOT_NAMED: Final = "(?<![A-WYZa-wyz])"
"""A number after a letter is the rest of a name, such as `Q4`; an x joins two numbers."""
_INCHES_OF_A_FOOT: Final = 12
_OPENED: Final = re.compile(r"(?:^|\s)['‘][^'’]*$")
"""A quotation that is still open: then the mark after a number closes it, and stands for no feet."""
_QUOTATION: Final = 80
"""Characters in which its beginning is looked for; longer quotations have double marks."""
_STRAND_FOLLOWS: Final = re.compile(
    r"[ -](?:UTRs?|ends?\b|caps?\b|untranslated|flanking|splice|overhang|exonuclease)"
    r"|['’′]?[-–][35]['’′]|\s(?:to|and)\s[35]['’′]"
)
"""What makes `5′` the end of a strand of DNA."""
_STRAND_BEFORE: Final = re.compile(r"[35]['’′](?:[-–]|\s(?:to|and)\s)$")
_TIME: Final = re.compile(
    r"\b(?:drip|infus\w+|iv|i\.v\.|goals?|scored?|penalty|minutes?|mins?|baked?|boil\w*|simmer\w*|fry|rest|warm-?up"
    r"|cool-?down|stretch\w*|jog\w*|meditat\w+|workout|read(?:ing)?|walks?|nap|break|session|exam|quiz|lesson|homework"
    r"|half-?time|commute|daily|later)\b",
    re.IGNORECASE,
)
"""What a text tells of in which the mark stands for minutes."""
_LENGTH: Final = re.compile(
    r"\b(?:feet|foot|ft|inch(?:es)?|tall|taller|high|higher|height|wide|width|long|length|deep|depth|away|apart|above"
    r"|below|ceilings?|ladders?|fence|walls?|boards?|lumber|pole|rope|cable|pipe|hose|boat|ship|snake|shark|tree|room"
    r"|rug|table|bed|truck|trailer|drop|cliff|altitude|elevation|clearance|stands)\b|[\"”″]|\d['’′]\s?[x×]\s?\d"
)
"""What a text tells of in which it stands for feet; where both are told, or neither, the mark is named."""
_MEASURED: Final = frozenset(
    "am is was are were be i'm he's she's it's be about over under nearly almost stands".split()
)
"""Words that a height follows, at the end of a sentence."""


def _feet(match: re.Match[str]) -> str | None:
    """Read feet and inches, or minutes and seconds."""
    if match["inches"].isdigit() and int(match["inches"]) >= _INCHES_OF_A_FOOT and match["closed"]:
        seconds = match["inches"]
        return f"{read_cardinal(match['feet'])} minutes {read_cardinal(seconds)} seconds"
    return f"{_count(match, 'foot', 'feet')} {read_fraction(match['inches']) or read_amount(match['inches'])}"


def _count(match: re.Match[str], one: str, several: str) -> str:
    return f"{read_cardinal(match['feet'])} {one if match['feet'] == '1' else several}"


def _alone(match: re.Match[str]) -> str | None:
    """Read the mark as what the text is about: minutes, feet; None if it is the end of a quotation or not known."""
    text = match.string
    if _is_strand(match) or _OPENED.search(text, max(0, match.start() - _QUOTATION), match.start()):
        return None
    is_time, is_length = mentions(text, _TIME), mentions(text, _LENGTH)
    if is_time and not is_length:
        return _count(match, "minute", "minute" if attributive(match) else "minutes")
    if not is_time and (is_length or attributive(match) or word_before(match).lower() in _MEASURED):
        return _count(match, "foot", "foot" if attributive(match) and word_after(match) else "feet")
    return None


def _is_strand(match: re.Match[str]) -> bool:
    return match["feet"] in ("3", "5") and (
        _STRAND_FOLLOWS.match(match.string, match.end()) is not None
        or _STRAND_BEFORE.search(match.string, max(0, match.start() - 8), match.start()) is not None
    )


def _unknown(match: re.Match[str]) -> str | None:
    """Name the mark where nothing tells what it is."""
    if _is_strand(match) or _OPENED.search(match.string, max(0, match.start() - _QUOTATION), match.start()):
        return None
    return f"{read_cardinal(match['feet'])} prime"


_MARK: Final = r"(?:′|['’](?!\w)|['’](?=[xX×]\d))"

PRIME_RULES: Final = (
    rule(
        rf"{_NOT_NAMED}(?<![\d.])(?P<feet>\d{{1,3}})['’′]\s?"
        rf"(?P<inches>{FRACTION}|\d{{1,2}}(?:\.\d+)?)(?P<closed>[\"”″]|['’′]{{2}}|(?![\w'’′]))",
        _feet,
    ),
    rule(rf"{_NOT_NAMED}(?<![\d.])(?P<feet>\d{{1,3}}){_MARK}", _alone),
    rule(rf"{_NOT_NAMED}(?<![\d.])(?P<feet>\d{{1,3}}){_MARK}", _unknown, is_told=True),
)
"""Rules that begin at a digit."""
