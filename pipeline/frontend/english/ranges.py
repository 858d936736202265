"""What a dash says between two amounts: `5–10 mg`, `−20~−15 °C`, `1½-2 cups`, and `5−3 = 2`."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.amounts import NUMBER
from pipeline.frontend.english.counting import VULGAR
from pipeline.frontend.english.units import UNIT, unit_name
from pipeline.frontend.rules import rule

__all__ = ["RANGE_RULES"]

_SIGNS: Final = "".join(VULGAR)
_FIRST: Final = re.compile(
    rf"(?P<number>(?:\d[\d,]*)?(?:\.?\d|[{_SIGNS}]))(?:[%°’'\"′″]|[A-Za-zµ]{{1,2}}|\s?(?P<unit>{UNIT}))?$|[ap]\.m\.$"
)
"""An amount at the end of what stands before a dash."""
_NEAR: Final = 32
"""Characters before a dash in which its first amount is looked for."""
_SECOND: Final = rf"\s?(?P<sign>[-−+]?)[$£€¥₹]?(?P<number>{NUMBER}|[{_SIGNS}])"
_EQUATION_BEFORE: Final = re.compile(rf"[=+×÷*]\s?{NUMBER}\s?$")
_EQUATION_AFTER: Final = re.compile(rf"\s?{NUMBER}(?:\s?[-−+×÷*]\s?{NUMBER}){{0,4}}\s?=")


def _between(match: re.Match[str]) -> str | None:
    """Read a dash between two amounts as `to`, in a sum as `minus`."""
    text, start, end = match.string, match.start(), match.end()
    before = text[max(0, start - _NEAR) : start]
    spaced = before.endswith(" ")
    first = _FIRST.search(before.rstrip())
    if first is None or (first["unit"] and not unit_name(first["unit"])):
        return None
    if spaced and (match["dash"] == "—" or not text[end : end + 1].isspace()):
        return None
    if _EQUATION_BEFORE.search(before) or _EQUATION_AFTER.match(text, end):
        said = "minus"
    elif match["dash"] == "−" and not _rises(first["number"], match["number"]):
        said = "minus"
    else:
        said = "to"
    return said if spaced else f" {said} "


def _rises(first: str | None, second: str) -> bool:
    """Return whether the second of two numbers is the larger one; a minus between them is a dash then."""
    numbers = [each.replace(",", "") for each in (first or "", second)]
    return all(re.fullmatch(r"\d*\.?\d+", each) for each in numbers) and float(numbers[0]) < float(numbers[1])


RANGE_RULES: Final = (rule(rf"(?P<dash>[-–—−~～〜])(?={_SECOND})", _between),)
"""Rules that begin at a sign."""
