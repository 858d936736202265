"""What a dash says between two amounts: `5–10 mg`, `−20~−15 °C`, `1½-2 cups`, and `5−3 = 2`."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.amounts import NUMBER
from pipeline.frontend.english.counting import VULGAR
from pipeline.frontend.english.units import UNIT, unit_name, unit_words
from pipeline.frontend.rules import rule

__all__ = ["RANGE_RULES"]

_SIGNS: Final = "".join(VULGAR)
_FIRST: Final = re.compile(
    rf"(?P<number>(?:\d[\d,]*)?(?:\.?\d|[{_SIGNS}]))(?:[%°’'\"′″]|[A-Za-zµ]{{1,2}}|\s?(?P<unit>{UNIT}))?$|[ap]\.m\.$"
)
"""An amount at the end of what stands before a dash."""
_NEAR: Final = 32
"""Characters before a dash in which its first amount is looked for."""
_SECOND: Final = (
    rf"\s?(?:[-−+]?(?:[QH'’]|(?:US|CA?|AU?|NZ|HK|S|R)?[$£€¥₹])?(?P<number>{NUMBER}|[{_SIGNS}])"
    r"|(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{3,}|\.?)(?=\s\d))"
)
"""What follows a dash in a range: an amount, a quarter or a year, a day of a month."""
_AIRLINER: Final = re.compile(r"\b(?:Boeing|Airbus|[Mm]odel|[Tt]ype)\s[A-Z]?\d{3}$")
"""What makes a dash that of a name: `Boeing 737-800`."""
_EQUATION_BEFORE: Final = re.compile(rf"[=+×÷*]\s?{NUMBER}\s?$")
_EQUATION_AFTER: Final = re.compile(rf"\s?{NUMBER}(?:\s?[-−+×÷*]\s?{NUMBER}){{0,4}}\s?=")


def _between(match: re.Match[str]) -> str | None:
    """Read a dash between two amounts as `to`, in a sum as `minus`."""
    text, start, end = match.string, match.start(), match.end()
    before = text[max(0, start - _NEAR) : start]
    spaced = before.endswith(" ")
    first = _FIRST.search(before.rstrip())
    if first is None or not _is_unit(first["unit"]):
        return None
    # A name, such as x86-64.
    if first["number"] and before[: first.start()][-1:].isalpha() and not _rises(first["number"], match["number"]):
        return None
    if _AIRLINER.search(before):
        return " "
    if spaced and (match["dash"] == "—" or not text[end : end + 1].isspace()):
        return None
    if _EQUATION_BEFORE.search(before) or _EQUATION_AFTER.match(text, end):
        said = "minus"
    elif match["dash"] == "−" and not _rises(first["number"], match["number"]):
        said = "minus"
    else:
        said = "to"
    return said if spaced else f" {said} "


def _is_unit(unit: str | None) -> bool:
    return unit is None or unit_name(unit) is not None or unit in unit_words() or unit == "percent"


def _rises(first: str | None, second: str | None) -> bool:
    """Return whether the second of two numbers is the larger one; a minus between them is a dash then."""
    numbers = [(each or "").replace(",", "") for each in (first, second)]
    return all(re.fullmatch(r"\d*\.?\d+", each) for each in numbers) and float(numbers[0]) < float(numbers[1])


RANGE_RULES: Final = (rule(rf"(?P<dash>[-–—−~～〜])(?={_SECOND})", _between),)
"""Rules that begin at a sign."""
