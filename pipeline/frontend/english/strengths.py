"""Amounts with slashes between them: `875/125 mg`, `32/64-bit`, `230 V/50 Hz`, `10 mg/5 mL`, `$20/h`."""

from __future__ import annotations

import re
from math import gcd
from typing import Final

from pipeline.frontend.english.amounts import CURRENCIES, NUMBER, read_amount, read_code
from pipeline.frontend.english.capital_units import CAPITAL_UNITS
from pipeline.frontend.english.counting import PARTS, VULGAR, read_fraction
from pipeline.frontend.english.neighbours import attributive
from pipeline.frontend.english.units import EACH, LETTERS, UNIT, singular, unit_name
from pipeline.frontend.rules import rule

__all__ = ["PER", "STRENGTH_RULES", "STRENGTH_SIGN_RULES"]

_BEFORE_SLASH: Final = re.compile(rf"[\d/]\s?(?P<unit>{UNIT})$")
_COUNTED: Final = re.compile(r"\d\s?(?:[a-z]{2,}s|puffs?)$")
"""Things that are counted before a slash."""
_NEARBY: Final = 40
"""Characters before a slash in which its amount is looked for."""
_TIMES: Final = frozenset("seconds minutes hours days weeks months years".split())
_PORTIONS: Final = _TIMES | frozenset("grams liters meters miles gallons ounces pounds feet cups".split())
"""What something is given for each of; a supply of so many volts is not given for its hertz."""


def _strengths(match: re.Match[str]) -> str | None:
    """Read several amounts of one unit; two may be a fraction, `3/4 cup`."""
    unit = None if match["unit"] in CAPITAL_UNITS or match["unit"].startswith("mm") else unit_name(match["unit"])
    if unit is None:
        return None
    mark = "/" if "/" in match["amounts"] else "-"
    amounts = match["amounts"].replace("–", "-").split(mark)
    if mark == "/" and len(amounts) == 2 and _is_fraction(*amounts):
        return None
    words = [read_code(each) if len(each) == 3 and each.isdigit() else read_amount(each) for each in amounts]
    name = singular(unit) if match["gap"] == "-" or attributive(match) else unit
    return f"{(' slash ' if mark == '/' else ' ').join(words)}{'|' if match['gap'].isspace() else ' '}{name}"


def _is_fraction(top: str, bottom: str) -> bool:
    if not (top.isdigit() and bottom.isdigit()):
        return False
    return top == "1" or (int(bottom) in PARTS and int(top) < int(bottom) and gcd(int(top), int(bottom)) == 1)


def _part_of_money(match: re.Match[str]) -> str | None:
    """Read `$½`."""
    amount = read_fraction(match["amount"])
    one, many, *_ = CURRENCIES[match["currency"]]
    return amount and f"{amount} {many if ' and ' in amount else one}"


def _per(match: re.Match[str]) -> str | None:
    name = match["unit"]
    if not match["amount"]:
        words = name if name in EACH else singular(unit_name(name) or "")
        return f" per {words}" if words else None
    before = match.string[max(0, match.start() - _NEARBY) : match.start()]
    found = _BEFORE_SLASH.search(before)
    first, second = found and unit_name(found["unit"]), unit_name(match["other"]) or ""
    first_word, _, last = second.rpartition(" ")
    if first is None:
        return " per " if last in _TIMES and _COUNTED.search(before) else None
    # Two strengths in one unit are those of two drugs.
    is_portion = first_word in ("", "square", "cubic", "fluid") and last.endswith(tuple(_PORTIONS))
    return " per " if first != second and is_portion else None


STRENGTH_RULES: Final = (
    rule(
        r"(?<![\w.,/$€£:-])(?P<amounts>\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+|\d+(?:[-–]\d+){2,})(?P<gap>[\s-]?)"
        rf"(?P<unit>{UNIT})",
        _strengths,
    ),
)
"""Rules that begin at a digit."""
STRENGTH_SIGN_RULES: Final = (
    rule(rf"(?P<currency>[{''.join(CURRENCIES)}])(?P<amount>(?:\d+\s?)?[{''.join(VULGAR)}])(?![\w/])", _part_of_money),
)
"""Rules that begin at a sign."""
PER: Final = rule(
    rf"(?<=[\w%])/(?:(?P<unit>[{LETTERS}]+[²³]?)(?!\w)|(?=(?P<amount>{NUMBER})\s?(?P<other>{UNIT})))", _per
)
"""Reads the slash after an amount: `$20/h`, `10 mg/5 mL`."""
