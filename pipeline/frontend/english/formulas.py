"""Algebra: what a letter and a dash are in `y = 3x - 2`, `(n-1)/2` and `f'(5)`."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.english.neighbours import mentions
from pipeline.frontend.english.numerals import read_cardinal
from pipeline.frontend.rules import rule

__all__ = ["FORMULA_NAME_RULES", "FORMULA_SIGN_RULES", "is_unknown"]

_BEFORE_UNKNOWN: Final = re.compile(r"[=+*/^(√]\s?$")
_AFTER_UNKNOWN: Final = re.compile(r"\s?(?:[=≠≤≥≈<>+^²³]|[-−]\s?\d+(?:\.\d+)?(?!\.?\d|x))\s?[\w(]?")
"""What stands beside the unknown of a formula; `2x-3x` is a range."""
_SIGN: Final = re.compile(r"(?<![\w)])[-−]$")
_RELATION: Final = re.compile(r"(?<![<>=!-])[=≠≤≥≈]")
"""What makes a text about numbers a formula."""
_LEFT: Final = re.compile(r"(?:(?<![\w.'’-])(?:\d+(?:\.\d+)?)?[a-z](?:[²³⁰-⁹]|\^\d+)?|(?<!\w)\d+(?:\.\d+)?|\))$")
"""A term: a number, an unknown, a product of both, or the end of a bracket."""
_RIGHT: Final = re.compile(r"\s?(?:(?P<number>\d+(?:\.\d+)?)?(?P<unknown>[a-z])?(?![\w'’]|\.\w)|\()")
_PRODUCT: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+)?[a-z]$")
_NEAR: Final = 24


def is_unknown(match: re.Match[str]) -> bool:
    """Return whether the `x` after a number is the unknown of a formula, and does not say how many times."""
    text = match.string
    before = _BEFORE_UNKNOWN.search(text, max(0, match.start() - 4), match.start())
    sign = _SIGN.search(text, max(0, match.start() - 2), match.start())
    taken = sign or (text[match.start() - 1 : match.start()] in ("-", "−") and mentions(text, _RELATION))
    return bool(taken) or before is not None or _AFTER_UNKNOWN.match(text, match.end()) is not None


def _minus(match: re.Match[str]) -> str | None:
    """Read a dash between two terms of a formula."""
    text = match.string
    before = text[max(0, match.start() - _NEAR) : match.start()]
    spaced = before.endswith(" ")
    left, right = _LEFT.search(before.rstrip()), _RIGHT.match(text, match.end())
    if left is None or right is None or not right[0].strip() or spaced != right[0].startswith(" "):
        return None
    letters = left[0][-1].isalpha() or right["unknown"] is not None
    if not (letters or ")" in left[0] or right[0].endswith("(")):
        return None
    in_brackets = before.rstrip().endswith(f"({left[0]}") and text[right.end() : right.end() + 1] == ")"
    product = _PRODUCT.search(left[0]) and right["number"] and not right["unknown"] and left[0][-1] == "x"
    factorial = text[right.end() : right.end() + 1] in ("!", "²", "³", "^")
    if not (mentions(text, _RELATION) or in_brackets or product or factorial):
        return None
    return "minus" if spaced else " minus "


def _ion(match: re.Match[str]) -> str:
    atoms = " ".join(
        read_cardinal(part) if part.isdigit() else spelled(part.upper()) for part in re.findall(r"\d|\D+", match["ion"])
    )
    return f"{atoms} {read_cardinal(match['charge'])} minus" if match["charge"] else f"{atoms} minus"


def _function(match: re.Match[str]) -> str:
    primes = {0: "", 1: " prime", 2: " double prime"}[len(match["primes"])]
    argument = match["argument"]
    return f"{match['name']}{primes} of {spelled(argument) if argument.isalpha() else read_cardinal(argument)}"


_IONS: Final = "HCO3|NO2|NO3|Cl|Br|OH|CN|SCN|H2PO4|CO3|SO4|PO4"

FORMULA_NAME_RULES: Final = (
    # An ion; a hyphen before a blank is no range.
    rule(rf"(?<![\w-])(?P<ion>{_IONS})(?P<charge>\d?)[-−⁻](?=[\s,;:.)]|$)", _ion),
    # A function: f(x), f'(5).
    rule(r"\b(?P<name>[b-zB-Z])(?P<primes>['’′]{0,2})\((?P<argument>[b-z]|\d)\)(?!\w)", _function),
)
"""Rules that begin at a letter."""
FORMULA_SIGN_RULES: Final = (
    rule(r"(?<=[\w)²³⁰-⁹])[-−–](?=[\da-z(])|(?<=[\w)²³⁰-⁹]\s)[-−–](?=\s[\da-z(])", _minus),
    rule(r"(?<=\b[nkxy])-(?=\d{1,3}(?![\w-]|\.\d))(?!\d+ (?:fatty|acids?|PUFA))", " minus ", is_told=True),
    rule(r"(?<=[=<>≤≥≈]\s)[-−–](?=\s\d)", "minus"),
)
"""Rules that begin at a dash."""
