"""Units of the kitchen and of a prescription that other things share: `1 t. vanilla`, `3 c. flour`, `1/2 tab.` each."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.amounts import NUMBER, read_amount
from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.english.counting import FRACTION, read_fraction
from pipeline.frontend.english.neighbours import mentions
from pipeline.frontend.english.units import singular
from pipeline.frontend.rules import any_of, rule

__all__ = ["KITCHEN_RULES"]

_SPOONS: Final = {"t": "teaspoons", "T": "tablespoons"}
_IN_KITCHENS: Final = {
    "c": "cups", "C": "cups", "pt": "pints", "pkg": "packages", "pkgs": "packages", "pkt": "packets",
    "pkts": "packets", "lg": "large", "sm": "small", "env": "envelopes", "btl": "bottles", "bch": "bunches",
}  # fmt: skip
_ANYWHERE: Final = {"tab": "tablets", "tabs": "tablets", "cap": "capsules", "caps": "capsules", "doz": "dozen"}
_UNCOUNTED: Final = frozenset("large small dozen".split())
_NAMES: Final = (
    "flour sugar salt butter margarine milk buttermilk vanilla oil egg eggs water soda powder cinnamon nutmeg ginger "
    "clove cloves pepper paprika cumin thyme oregano basil parsley dill yeast cream cheese juice rice stock broth "
    "honey syrup molasses garlic onion onions carrot carrots celery tomato tomatoes potato potatoes bean beans "
    "vinegar wine sauce mustard mayonnaise chocolate cocoa nuts walnuts almonds raisins oats oatmeal crumbs lemon "
    "orange apple apples extract zest shortening cornstarch cornmeal mushrooms berries blueberries strawberries "
    "chicken beef spice spices"
)
_FOOD: Final = re.compile(
    rf"\b(?:{'|'.join(_NAMES.split())})\b",
    re.IGNORECASE,
)
"""What is measured in cups and spoons."""
_AMOUNT: Final = rf"(?<![\w.,/])(?P<amount>{FRACTION}|{NUMBER})(?P<gap>\s?)"


def _spoons(match: re.Match[str]) -> str:
    """Read `1 t.` and `1 T.` beside food; elsewhere spell the letter, which may be tons."""
    if mentions(match.string, _FOOD):
        return _counted(match, _SPOONS[match["unit"]])
    return f"{_words(match)}{'|' if match['gap'] else ' '}{spelled(match['unit'])}"


def _in_kitchens(match: re.Match[str]) -> str | None:
    return _counted(match, _IN_KITCHENS[match["unit"]]) if mentions(match.string, _FOOD) else None


def _anywhere(match: re.Match[str]) -> str:
    return _counted(match, _ANYWHERE[match["unit"]])


def _words(match: re.Match[str]) -> str:
    words = read_fraction(match["amount"]) or read_amount(match["amount"])
    return words.replace(" and ", " and|", 1) if " " in match["amount"] else words


def _counted(match: re.Match[str], unit: str) -> str:
    words = _words(match)
    part = read_fraction(match["amount"]) is not None and " and " not in words.replace("|", " ")
    name = singular(unit) if (part or match["amount"] == "1") and unit not in _UNCOUNTED else unit
    return f"{words}{'|' if match['gap'] else ' '}{name}"


KITCHEN_RULES: Final = (
    rule(rf"{_AMOUNT}(?P<unit>[tT])\.(?=\s+[a-z(])", _spoons, is_told=True),
    rule(rf"{_AMOUNT}(?P<unit>{any_of(_IN_KITCHENS)})\.(?=\s+[a-z(])", _in_kitchens),
    rule(rf"{_AMOUNT}(?P<unit>{any_of(_ANYWHERE)})\.(?=\s|$)", _anywhere),
)
"""Rules that begin at a digit or a vulgar fraction."""
