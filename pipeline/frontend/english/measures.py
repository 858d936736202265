"""Quantities with their units: `50 µg`, `9.8 m/s²`, `5'10"`, `-5 °C`."""

from __future__ import annotations

import functools
import re
from typing import Final

from pipeline.frontend.english.amounts import CURRENCIES, DECIMAL_COMMA, NUMBER, SUM, read_amount, read_code
from pipeline.frontend.english.capital_units import CAPITAL_UNITS, capital_unit
from pipeline.frontend.english.counting import FRACTION, read_fraction
from pipeline.frontend.english.kitchen import KITCHEN_RULES
from pipeline.frontend.english.neighbours import after_article, attributive, word_before
from pipeline.frontend.english.numerals import read_cardinal
from pipeline.frontend.english.primes import PRIME_RULES
from pipeline.frontend.english.streets import is_before_street
from pipeline.frontend.english.units import LETTERS, UNIT, singular, unit_name, unit_words, unsure_unit
from pipeline.frontend.rules import rule

__all__ = ["MEASURE_NAME_RULES", "MEASURE_RULES"]

_NUMBER_WORDS: Final = frozenset(
    "inch inches degrees degree percent euros dollars pounds francs thousand million billion trillion".split()
)
"""Words beside which a comma parts a number from its decimals, as units do."""


def _before(pattern: str) -> str:
    """Return a pattern that looks past a number for what a rule needs, for most numbers have no such thing after them.

    It costs less than the pattern of a number, which would be tried first.
    """
    return rf"(?=[\d.,’'\s]{{1,24}}{pattern})"


_BEFORE_MARK: Final = _before('["”″]')
_BEFORE_IN: Final = _before("-?in")
_NOT_NAMED: Final = "(?<![A-WYZa-wyz])"
"""A number after a letter is the rest of a name, such as `Q4`; an x joins two numbers."""


def _quantity(match: re.Match[str]) -> str | None:
    """Read an amount with its unit: `5 mg`, `5+ mg`."""
    unit = capital_unit(match, match["unit"]) if match["unit"] in CAPITAL_UNITS else unit_name(match["unit"])
    if unit is None or (len(match["unit"]) == 1 and is_before_street(match)):
        return None
    one = match["amount"] == "1" or match["gap"] == "-" or attributive(match)
    plus = " plus" if match["plus"] else ""
    amount = f"{read_amount(match['amount'])}{plus}{'|' if match['gap'].isspace() else ' '}"
    return _aligned(amount + (singular(unit) if one and not plus else unit), match[0])


def _unsure(match: re.Match[str]) -> str | None:
    """Spell a unit that may be several, such as `Mg`."""
    letters = unsure_unit(match["unit"])
    return letters and f"{read_amount(match['amount'])}{'|' if match['gap'].isspace() else ' '}{letters}"


def _aligned(words: str, written: str) -> str:
    """Return a reading with as many parts as there are written words."""
    return words + "|" * (len(written.split()) - 1 - words.count("|"))


def _decimal(match: re.Match[str]) -> str | None:
    """Read a decimal comma after zero, and where a sentence has one beside a unit: `12,5 and 14,2 mg`."""
    is_sure = match["amount"].startswith("0,") or _has_decimal_commas(match.string)
    return read_amount(match["amount"]) if is_sure else None


@functools.lru_cache(maxsize=4)
def _has_decimal_commas(text: str) -> bool:
    """Return whether a comma of a sentence parts a number from its decimals, as the unit beside it tells."""
    names = unit_words() | _NUMBER_WORDS
    return any(
        unit in CURRENCIES or unit.lower() in names or unit_name(unit)
        for unit in (match["unit"] or match["currency"] for match in _COMMA_BESIDE_UNIT.finditer(text))
    )


def _fraction(match: re.Match[str]) -> str | None:
    """Read a fraction with its unit: `1½ tsp` is one and a half teaspoons."""
    amount = read_fraction(match["amount"])
    if match["mark"]:
        name = None if match.end("amount") in _quotation_ends(match.string) else "inches"
    else:
        name = unit_name(match["unit"])
    if not amount or not name:
        return None
    several = " and " in amount and not after_article(match)
    # "a three quarter inch pipe"
    amount = amount.removesuffix("s") if after_article(match) else amount
    gap = "|" if (match["gap"] or "").isspace() else " "
    return _aligned(amount.replace(" and ", " and|", 1) if " " in match["amount"] else amount, match["amount"]) + (
        f"{gap}{name if several else singular(name)}"
    )


def _duration(match: re.Match[str]) -> str:
    """Read `1h20m` and `1h 20m 30s`, where m stands for minutes."""
    parts = re.findall(r"(\d+)\s?([hms])", match[0])
    names = {"h": "hour", "m": "minute", "s": "second"}
    said = (f"{read_cardinal(count)} {names[unit]}{'' if count == '1' else 's'}" for count, unit in parts)
    return ("|" if len(match[0].split()) == len(parts) else " ").join(said)


_OPENING: Final = re.compile(r"(?<![^\s(\[{—–-])[\"“](?=\S)")


@functools.lru_cache(maxsize=4)
def _quotation_ends(text: str) -> frozenset[int]:
    """Return where a mark after a number ends a quotation, and stands for no inches.

    It does if a quotation is open and has no other end before the next one begins.
    """
    ends: set[int] = set()
    is_open = False
    marks = list(re.finditer('["“”]', text))
    kinds = [
        "opens" if _OPENING.match(text, mark.start()) else "number" if text[mark.start() - 1].isdigit() else "ends"
        for mark in marks
    ]
    following = ""
    later = [following := kind if kind != "number" else following for kind in reversed(kinds)][::-1]
    for mark, kind, after in zip(marks, kinds, later, strict=True):
        if kind != "number":
            is_open = kind == "opens"
        elif is_open and after != "ends":
            ends.add(mark.start())
            is_open = False
    return frozenset(ends)


def _inches(match: re.Match[str]) -> str | None:
    if match.end("amount") in _quotation_ends(match.string):
        return None
    one = match["amount"] == "1" or attributive(match) or _IS_PAN.match(match.string, match.end())
    return f"{read_amount(match['amount'])} {'inch' if one else 'inches'}"


_IS_PAN: Final = re.compile(r"\s?[x×]\s?\d+(?:\.\d+)?[\"”″]\s(?:pans?|screen|board|photo|frame|sheet|tin|dish)\b")
"""What follows the first side of something that is described by both."""


def _inches_by_name(match: re.Match[str]) -> str | None:
    after_feet = word_before(match).lower().endswith(("ft", "feet", "foot"))
    a_side = _SIDE.search(match.string, max(0, match.start() - 3), match.start()) or _NEXT_SIDE.match(
        match.string, match.end()
    )
    if not (after_feet or match["dot"] or match["gap"] == "-" or a_side):
        return None
    one = match["amount"] == "1" or match["gap"] == "-"
    return f"{read_amount(match['amount'])}{'|' if match['gap'].isspace() else ' '}{'inch' if one else 'inches'}"


_SIDE: Final = re.compile(r"\s[x×]\s?$")
_NEXT_SIDE: Final = re.compile(r"\s[x×]\s?\d")
"""What stands between the two sides of `5 in x 7 in`."""
_SIDES: Final = {"N": "north", "S": "south", "E": "east", "W": "west"}


def _place(match: re.Match[str]) -> str:
    amount, side = match["amount"] or match["last"], match["side"] or match["last_side"]
    return f"{read_amount(amount)}{'|' if match['gap'] or match['last_gap'] else ' '}{_SIDES[side]}"


def _coordinate(match: re.Match[str]) -> str:
    degrees, minutes, seconds = match["degrees"], match["minutes"], match["seconds"]
    parts = [f"{read_amount(degrees)} degree{'' if degrees == '1' else 's'}"]
    parts += [f"{read_amount(minutes)} minute{'' if minutes == '1' else 's'}"]
    parts += [f"{read_amount(seconds)} second{'' if seconds == '1' else 's'}"] if seconds else []
    side = _SIDES.get(match["side"], "")
    written = len(match[0].split())
    parts += [side] if side else []
    glue = "|" if written >= len(parts) else " "
    return glue.join(parts)


def _by(match: re.Match[str]) -> str | None:
    spaced = match["gap"].isspace() or match["gap"].startswith(" ")
    if "×" in match["gap"] and (spaced and not _BY_UNIT.match(match.string, match.end("next"))):
        return None
    if "×" in match["gap"] and _POWER_FOLLOWS.match(match.string, match.end("next")):
        return None
    first = match["amount"]
    words = read_code(first) if first.isdigit() and len(first) == 4 and not spaced else read_amount(first)
    by = "times" if _TIMES_UNIT.match(match.string, match.end("next")) else "by"
    return f"{words}|{by}|" if spaced else f"{words} {by} "


_TIMES_UNIT: Final = re.compile(r"\s?=|\s?(?:[µmkn]?g|mcg|[µmcd]?[Ll]|I?U|k?W|[MGT]B)(?!\w)|\s?tab|\^")
"""What is taken or built in several times and has no sides, such as a dose, and a power of ten."""
_BY_UNIT: Final = re.compile(r"\s?(?:mm|cm|m|km|in|ft|inch|feet|px|[x×])\b")
_POWER_FOLLOWS: Final = re.compile(r"[⁰¹²³⁴-⁹⁻^]")


def _pressure(match: re.Match[str]) -> str:
    gap = "|" if match["gap"] else ""
    unit = f"{gap or ' '}millimeters of mercury" if match["unit"] else ""
    return f"{read_code(match['top'])} over {read_cardinal(match['bottom'])}{unit}"


_COMMA_BESIDE_UNIT: Final = re.compile(
    rf"(?:(?P<currency>[€$£¥])\s?)?{DECIMAL_COMMA}"
    rf"(?(currency)|(?:\s?(?:[-–—]|to)\s?{SUM})?[\s-]?(?P<unit>°\s?[CF]|[°%‰℃℉€$£¥]|[{LETTERS}]+(?:/[{LETTERS}]+)?)(?!\w))"
)
_UNIT: Final = rf"(?P<unit>{UNIT})"


def _basis_points(match: re.Match[str]) -> str | None:
    """Read `bps` of interest rates; elsewhere they are bits per second."""
    return f"{read_amount(match['amount'])} basis points" if _INTEREST.search(match.string) else None


_INTEREST: Final = re.compile(r"\b(?:rates?|yields?|spreads?|hikes?|Fed|ECB|bonds?|basis|margins?|mortgages?)\b", re.I)
"""What a text tells of that counts in basis points."""


MEASURE_RULES: Final = (
    *KITCHEN_RULES,
    rule(rf"(?<![\w.,])(?P<amount>{NUMBER})\s?bps(?!\w)", _basis_points),
    rule(r"(?<![\d/.])(?P<top>\d{2,3})/(?P<bottom>\d{2,3})(?P<gap>\s?)(?P<unit>mmHg|mm Hg)", _pressure),
    rule(
        r"(?<![\w.,])(?:\d+\s?h\s?[0-5]?\d\s?m(?:in)?(?:\s?[0-5]?\d\s?s)?|\d+m\s?[0-5]?\ds|\d+h\s?[0-5]?\ds)(?!\w)",
        _duration,
    ),
    rule(
        rf"(?P<amount>{FRACTION})(?:(?P<mark>[\"”](?=[\s,.;]|$)|″|\sin\.(?=[\s,;)]|$))|(?P<gap>[\s-]?){_UNIT})",
        _fraction,
    ),
    # A place on the globe: `40 N, 74 W`.
    rule(
        rf"{_before('[NSEW](?![A-Za-z])')}(?:(?P<amount>{NUMBER})(?P<gap>\s?)(?P<side>[NS])(?=,?\s\d{{1,3}}(?:\.\d+)?\s?[EW]\b)"
        rf"|(?:(?<=[NS]\s)|(?<=[NS],\s))(?P<last>{NUMBER})(?P<last_gap>\s?)(?P<last_side>[EW])\b)",
        _place,
    ),
    rule(
        rf"{_before('°')}(?P<degrees>{NUMBER})\s?°\s?(?P<minutes>\d+)\s?[′'’]\s?(?:(?P<seconds>\d+(?:\.\d+)?)\s?[″\"”])?"
        r"\s?(?:(?P<side>[NSEW])(?!\w))?",
        _coordinate,
    ),
    *PRIME_RULES,
    rule(rf"{_BEFORE_MARK}(?P<amount>{NUMBER})(?:[\"”](?=[\s,.;)xX×]|$)|″)", _inches),
    rule(rf"{_BEFORE_IN}(?P<amount>{NUMBER})(?P<gap>[\s-]?)in(?P<dot>\.(?=\s\S|$))?(?!\w|-\d)", _inches_by_name),
    rule(rf"{_before('[x×]')}(?P<amount>{NUMBER})(?P<gap>\s?[x×]\s?)(?=(?P<next>{NUMBER}))", _by),
    rule(rf"{_NOT_NAMED}(?P<amount>{SUM})(?P<plus>\+?)(?P<gap>[\s-]?){_UNIT}(?:\.(?=\s+[a-z0-9]))?", _quantity),
    rule(
        rf"{_before('[A-Za-z]{2,5}(?![A-Za-z])')}{_NOT_NAMED}(?P<amount>{SUM})(?P<gap>\s?)(?P<unit>[A-Za-z]{{2,5}})(?!\w)",
        _unsure,
        is_told=True,
    ),
    rule(rf"(?P<amount>{DECIMAL_COMMA})", _decimal),
)
"""Rules that begin at a digit."""


def _across(match: re.Match[str]) -> str | None:
    """Read the `x` in `12 ft x 10 ft`."""
    before = word_before(match)
    return "by" if unit_name(before) or before == "in" or before[-1:].isdigit() else None


def _apart(match: re.Match[str]) -> str | None:
    """Read the unit in `5 (±0.5) mm` and `10⁻⁶ m`."""
    found = _BEFORE_APART.search(match.string, max(0, match.start() - _NEARBY), match.start())
    return unit_name(match["unit"]) if found and match["unit"] not in CAPITAL_UNITS else None


def _bracketed(match: re.Match[str]) -> str | None:
    """Read the unit in `50 (mg)`."""
    return None if match["unit"] in CAPITAL_UNITS else unit_name(match["unit"])


_BEFORE_APART: Final = re.compile(
    r"\d\s?[(\[][^()\[\]]*[)\]]\s?$|10(?:[⁰¹²³⁴-⁹⁻]+|\^[{(]?[-−]?\d+[})]?)\s$|\d[eE][-−+]?\d+\s$"
)
_NEARBY: Final = 40
"""Characters between an amount and its unit, at most: a tolerance, a range, the number in words."""

MEASURE_NAME_RULES: Final = (
    # How often or how long something is taken: q6h, x 7 days.
    rule(r"(?<![\w.-])q(?P<hours>\d{1,2})h(?!\w)", lambda m: f"every {read_amount(m['hours'])} hours"),
    rule(r"(?<=[a-zA-Z)]\s)[x×](?=\s?\d+\s(?:days?|weeks?|months?|doses?|hours?|times)\b)", "times"),
    rule(r"(?<=\s)[x×](?=\s\d)", _across),
    rule(r"(?:(?<=\d['’\"”′″])|(?<=\d['’\"”′″]\s))[xX×](?=\s?\d)", " by "),
    rule(rf"(?:(?<=[)\]])|(?<=[)\]}}\d⁰¹²³⁴-⁹]\s)){_UNIT}", _apart),
    rule(rf"(?:(?<=\d\()|(?<=\d\s\()|(?<=\d\[)|(?<=\d\s\[)){_UNIT}(?=[)\]])", _bracketed),
)
"""Rules that begin at a letter: what stands between two quantities, and the unit of a power of ten."""
