"""What a dash says between two amounts: `5–10 mg`, `−20~−15 °C`, `1½-2 cups`, and `5−3 = 2`."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.amounts import NUMBER
from pipeline.frontend.english.counting import VULGAR
from pipeline.frontend.english.identifiers import is_name
from pipeline.frontend.english.units import UNIT, unit_name, unit_words
from pipeline.frontend.rules import rule

__all__ = ["RANGE_RULES"]

_SIGNS: Final = "".join(VULGAR)
_CLOCK: Final = re.compile(
    r"\b(?:[ap]\.m\.|noon|midnight|[AaPp][Mm]|(?<=[AaPp][Mm] )(?:[ECMP][SD]?T|GMT|UTC))$|(?<=\d)[AaPp][Mm]$"
)
"""A time at the end of what stands before a dash."""
_FIRST: Final = re.compile(
    rf"(?P<number>(?:\d[\d,]*)?(?:\.?\d|[{_SIGNS}]))(?:[%°’'\"′″]|[A-Za-zµ]{{1,2}}|\s?(?P<unit>{UNIT}))?$"
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
_UNIT_AFTER: Final = re.compile(rf"\s?({UNIT})")
_EQUATION_BEFORE: Final = re.compile(rf"[=+×÷*]\s?{NUMBER}\s?$")
_EQUATION_AFTER: Final = re.compile(rf"\s?{NUMBER}(?:\s?[-−+×÷*]\s?{NUMBER}){{0,4}}\s?=")


def _between(match: re.Match[str]) -> str | None:
    """Read a dash between two amounts as `to`, in a sum as `minus`, in a name as `dash`."""
    text, end = match.string, match.end()
    before = text[max(0, match.start() - _NEAR) : match.start()]
    spaced = before.endswith(" ")
    if spaced and (match["dash"] == "—" or not text[end : end + 1].isspace()):
        return None
    said = "to" if _CLOCK.search(before.rstrip()) else _joined(match, before.rstrip(), spaced)
    return said if spaced or said is None else f" {said} "


def _joined(match: re.Match[str], before: str, spaced: bool) -> str | None:
    """Return what the dash says after a number; None if there is none before it."""
    first = _FIRST.search(before)
    if first is None or not _is_unit(first["unit"]):
        return None
    # A name, such as x86-64.
    if first["number"] and before[: first.start()][-1:].isalpha() and not _rises(first["number"], match["number"]):
        return None
    if _AIRLINER.search(before):
        return ""
    after = match.string[match.end("number") :][:16] if match["number"] else ""
    if not spaced and not first["unit"] and match["number"]:
        if is_name(before[: first.start()], first["number"], match["number"], after):
            return "dash"
    if match["dash"] == "~" and _differ(before[first.end("number") :], after):
        return ","
    if _EQUATION_BEFORE.search(before) or _EQUATION_AFTER.match(match.string, match.end()):
        return "minus"
    return "minus" if match["dash"] == "−" and not _rises(first["number"], match["number"]) else "to"


def _differ(first: str, second: str) -> bool:
    """Return whether two amounts have units of which one is not the other: `230V~50Hz`."""
    found = _UNIT_AFTER.match(second)
    names = unit_name(first.strip()), found and unit_name(found[1])
    return None not in names and names[0] != names[1]


def _is_unit(unit: str | None) -> bool:
    return unit is None or unit_name(unit) is not None or unit in unit_words() or unit == "percent"


def _rises(first: str | None, second: str | None) -> bool:
    """Return whether the second of two numbers is the larger one; a minus between them is a dash then."""
    numbers = [(each or "").replace(",", "") for each in (first, second)]
    return all(re.fullmatch(r"\d*\.?\d+", each) for each in numbers) and float(numbers[0]) < float(numbers[1])


RANGE_RULES: Final = (rule(rf"(?P<dash>[-–—−~～〜])(?={_SECOND})", _between),)
"""Rules that begin at a sign."""
