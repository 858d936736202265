"""Quantities with their units: `50 µg`, `9.8 m/s²`, `5'10"`, `-5 °C`."""

from __future__ import annotations

import functools
import re
from typing import Final

from pipeline.frontend.english.amounts import CURRENCIES, DECIMAL_COMMA, NUMBER, SUM, read_amount, read_code
from pipeline.frontend.english.capital_units import CAPITAL_UNITS, capital_unit
from pipeline.frontend.english.counting import FRACTION, read_fraction
from pipeline.frontend.english.neighbours import attributive, word_before
from pipeline.frontend.english.numerals import read_cardinal
from pipeline.frontend.rules import rule
from pipeline.frontend.tables import read_table

__all__ = ["MEASURE_NAME_RULES", "MEASURE_RULES", "PER"]

_PREFIXES: Final = {
    "p": "pico", "n": "nano", "µ": "micro", "u": "micro", "m": "milli", "c": "centi", "d": "deci", "h": "hecto",
    "k": "kilo", "K": "kilo", "M": "mega", "G": "giga", "T": "tera", "P": "peta",
}  # fmt: skip
_PREFIXED: Final = {
    "g": ("grams", "nµmk"), "m": ("meters", "nµmck"), "s": ("seconds", "nµm"), "L": ("liters", "µmcd"),
    "l": ("liters", "µmcd"), "Hz": ("hertz", "kMGT"), "W": ("watts", "mkMG"), "V": ("volts", "µmkM"),
    "A": ("amps", "µmk"), "Ω": (" ohms", "mkMG"), "F": ("farads", "pnµ"), "J": ("joules", "kM"),
    "N": ("newtons", "mk"), "Pa": ("pascals", "hkM"), "B": ("bytes", "kKMGTP"), "b": ("bits", "kMG"),
    "bit": ("bits", "kMGT"), "bps": ("bits per second", "kMG"), "Wh": ("watt hours", "kMGT"),
    "mol": ("moles", "µm"), "M": ("molar", "nµm"), "cal": ("calories", "k"), "eV": ("electron volts", "kMG"),
    "Ah": ("amp hours", "m"), "Sv": ("sieverts", "µm"), "Bq": ("becquerels", "kM"), "bar": ("bars", "m"),
}  # fmt: skip
"""Unit to its name and the prefixes that it is used with."""
_LETTERS_ALONE: Final = frozenset({*CAPITAL_UNITS, "B"})
"""Units that may be the name of a seat, a grade or an item where no other unit is beside them."""
_SINGULAR: Final = {"feet": "foot", "inches": "inch"}
_UNCOUNTED: Final = frozenset("hertz lux siemens mercury s celsius fahrenheit".split())
_SAME_IN_CAPITALS: Final = frozenset("pa am pm ma as in va ev mv ms at us mas mls".split())
"""Units that are another word in capitals, or a word."""
_AREAS: Final = {"sq": "square", "cu": "cubic", "fl": "fluid"}
_POWERS: Final = {"²": "square", "2": "square", "³": "cubic", "3": "cubic"}

_EACH: Final = frozenset("day week month year hour minute second night person head unit user page word".split())
"""Words that stand for a unit after a slash: `$5/day` is five dollars per day."""

_UNIT: Final = re.compile(r"(?P<name>[A-Za-zµΩÅ]+|[°%‰℃℉]|°\s?[CF])(?:\^?(?P<power>[²³23]))?")
_LETTERS: Final = "A-Za-zµμΩÅ"


def singular(unit: str) -> str:
    """Return the name of one of a unit: `miles per hour` becomes mile per hour."""
    head, per, rest = unit.partition(" per ")
    *first, last = head.split(" ")
    if last in ("celsius", "fahrenheit"):
        return f"degree {last}"
    if len(last) > 1 and last not in _UNCOUNTED:
        last = _SINGULAR.get(last, last.removesuffix("s"))
    return " ".join([*first, last]) + per + rest


def _quantity(match: re.Match[str]) -> str | None:
    unit = capital_unit(match, match["unit"]) if match["unit"] in CAPITAL_UNITS else _unit_name(match["unit"])
    if unit is None:
        return None
    one = match["amount"] == "1" or match["gap"] == "-" or attributive(match)
    amount = f"{read_amount(match['amount'])}{'|' if match['gap'].isspace() else ' '}"
    return _aligned(amount + (singular(unit) if one else unit), match[0])


def _aligned(words: str, written: str) -> str:
    """Return a reading with as many parts as there are written words."""
    return words + "|" * (len(written.split()) - 1 - words.count("|"))


@functools.lru_cache(maxsize=512)
def _unit_name(text: str) -> str | None:
    """Return the words for several of a unit, or of two with a slash or a point between them; None if it is none."""
    area, _, rest = text.partition(" ")
    if rest and area.rstrip(".") in _AREAS:
        unit = _simple(rest)
        return unit and f"{_AREAS[area.rstrip('.')]} {unit}"
    above, _, below = text.partition("/")
    parts = re.split("[·⋅]", above)
    names = [_simple(part, alone=len(parts) == 1 and not below) for part in parts]
    if None in names:
        return None
    name = " ".join([singular(each) for each in names[:-1] if each] + [names[-1] or ""])
    if not below:
        return name
    under = singular(_simple(below) or (f"{below}s" if below in _EACH else ""))
    if not under:
        return None
    # An acceleration: meters per second squared.
    if under.startswith(("square second", "cubic second")):
        under = f"second {'squared' if under.startswith('square') else 'cubed'}"
    return f"{name} per {under}"


def _simple(text: str, *, alone: bool = False) -> str | None:
    found = _UNIT.fullmatch(text.replace("μ", "µ"))
    if found is None:
        return None
    units, folded = _units()
    name = found["name"].replace(" ", "")
    words = units.get(name)
    if words is None and len(name) > 1 and name.lower() not in _SAME_IN_CAPITALS:
        words = folded.get(name.lower())
    if words is None or (alone and name in _LETTERS_ALONE):
        return None
    return f"{_POWERS[found['power']]} {words}" if found["power"] else words


@functools.cache
def _units() -> tuple[dict[str, str], dict[str, str]]:
    """Return the units as they are written, and in small letters."""
    units = read_table(__package__, "units")
    for symbol, (name, prefixes) in _PREFIXED.items():
        # People without the letter at hand write a u for it.
        for prefix in f"{prefixes}u" if "µ" in prefixes else prefixes:
            units.setdefault(prefix + symbol, _PREFIXES[prefix] + name)
    folded = {symbol.lower(): name for symbol, name in reversed(units.items()) if symbol[0] != "u"}
    del units["us"]
    return units, folded


def _decimal(match: re.Match[str]) -> str | None:
    """Read a decimal comma after zero, and where a sentence has one beside a unit: `12,5 and 14,2 mg`."""
    is_sure = match["amount"].startswith("0,") or _has_decimal_commas(match.string)
    return read_amount(match["amount"]) if is_sure else None


@functools.lru_cache(maxsize=4)
def _has_decimal_commas(text: str) -> bool:
    """Return whether a comma of a sentence parts a number from its decimals, as the unit beside it tells."""
    names = _unit_words()
    return any(
        unit in CURRENCIES or unit.lower() in names or _unit_name(unit)
        for unit in (match["unit"] or match["currency"] for match in _COMMA_BESIDE_UNIT.finditer(text))
    )


@functools.cache
def _unit_words() -> frozenset[str]:
    """Return the names of units, of one and of several."""
    names = {name for name in _units()[0].values() if " " not in name}
    words = "inch inches degrees degree percent euros dollars pounds francs thousand million billion trillion".split()
    return frozenset({*names, *map(singular, names), *words})


def _fraction(match: re.Match[str]) -> str | None:
    """Read a fraction with its unit: `1½ tsp` is one and a half teaspoons."""
    amount = read_fraction(match["amount"])
    if match["mark"]:
        name = None if match.end("amount") in _quotation_ends(match.string) else "inches"
    else:
        name = _unit_name(match["unit"])
    if not amount or not name:
        return None
    several = " and " in amount and not attributive(match)
    # "a three quarter inch pipe"
    amount = amount.removesuffix("s") if attributive(match) else amount
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


_OPENED: Final = re.compile(r"(?:^|\s)['‘][^'’]*$")
"""A quotation that is still open: then the mark after a number closes it, and stands for no feet."""
_QUOTATION: Final = 80
"""Characters in which its beginning is looked for; longer quotations have double marks."""


def _feet(match: re.Match[str]) -> str | None:
    feet = f"{read_cardinal(match['feet'])} {'foot' if match['feet'] == '1' else 'feet'}"
    if match["inches"]:
        return f"{feet} {read_fraction(match['inches']) or read_amount(match['inches'])}"
    return None if _OPENED.search(match.string, max(0, match.start() - _QUOTATION), match.start()) else feet


def _inches(match: re.Match[str]) -> str | None:
    if match.end("amount") in _quotation_ends(match.string):
        return None
    return f"{read_amount(match['amount'])} {'inch' if match['amount'] == '1' or attributive(match) else 'inches'}"


def _inches_by_name(match: re.Match[str]) -> str | None:
    after_feet = word_before(match).lower().endswith(("ft", "feet", "foot"))
    if not (after_feet or match["dot"] or match["gap"] == "-"):
        return None
    one = match["amount"] == "1" or match["gap"] == "-"
    return f"{read_amount(match['amount'])}{'|' if match['gap'].isspace() else ' '}{'inch' if one else 'inches'}"


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
    return f"{words}|by|" if spaced else f"{words} by "


_BY_UNIT: Final = re.compile(r"\s?(?:mm|cm|m|km|in|ft|inch|feet|px|[x×])\b")
_POWER_FOLLOWS: Final = re.compile(r"[⁰¹²³⁴-⁹⁻^]")


def _pressure(match: re.Match[str]) -> str:
    gap = "|" if match["gap"] else ""
    unit = f"{gap or ' '}millimeters of mercury" if match["unit"] else ""
    return f"{read_code(match['top'])} over {read_cardinal(match['bottom'])}{unit}"


def _per(match: re.Match[str]) -> str | None:
    name = match["unit"]
    words = name if name in _EACH else singular(_unit_name(name) or "")
    return f" per {words}" if words else None


_COMMA_BESIDE_UNIT: Final = re.compile(
    rf"(?:(?P<currency>[€$£¥])\s?)?{DECIMAL_COMMA}"
    rf"(?(currency)|(?:\s?(?:[-–—]|to)\s?{SUM})?[\s-]?(?P<unit>°\s?[CF]|[°%‰℃℉€$£¥]|[{_LETTERS}]+(?:/[{_LETTERS}]+)?)(?!\w))"
)
_ANY_UNIT: Final = (
    rf"(?P<unit>(?:(?:sq|cu|fl)\.?\s)?(?:°\s?[CF]|[°%‰℃℉]|[{_LETTERS}]+)(?:\^?[²³23](?!\d))?"
    rf"(?:[·⋅/][{_LETTERS}]+(?:\^?[²³23](?!\d))?)?)(?![\w°])"
)

MEASURE_RULES: Final = (
    rule(
        r"(?<![\w.,])(?:\d+\s?h\s?[0-5]?\d\s?m(?:in)?(?:\s?[0-5]?\d\s?s)?|\d+m\s?[0-5]?\ds|\d+h\s?[0-5]?\ds)(?!\w)",
        _duration,
    ),
    rule(rf"(?P<amount>{FRACTION})(?:(?P<mark>[\"”](?=[\s,.;]|$)|″)|(?P<gap>[\s-]?){_ANY_UNIT})", _fraction),
    # A place on the globe: `40 N, 74 W`.
    rule(
        rf"(?P<amount>{NUMBER})(?P<gap>\s?)(?P<side>[NS])(?=,?\s\d{{1,3}}(?:\.\d+)?\s?[EW]\b)"
        rf"|(?:(?<=[NS]\s)|(?<=[NS],\s))(?P<last>{NUMBER})(?P<last_gap>\s?)(?P<last_side>[EW])\b",
        _place,
    ),
    rule(r"(?<![\d/.])(?P<top>\d{2,3})/(?P<bottom>\d{2,3})(?P<gap>\s?)(?P<unit>mmHg|mm Hg)", _pressure),
    rule(
        rf"(?P<degrees>{NUMBER})\s?°\s?(?P<minutes>\d+)\s?[′'’]\s?(?:(?P<seconds>\d+(?:\.\d+)?)\s?[″\"”])?"
        r"\s?(?:(?P<side>[NSEW])(?!\w))?",
        _coordinate,
    ),
    rule(
        rf"(?<![\d.])(?P<feet>\d{{1,3}})['’′]\s?(?P<inches>{FRACTION}|\d{{1,2}}(?:\.\d+)?)(?:[\"”″]|['’′]{{2}}|(?!\w))",
        _feet,
    ),
    rule(r"(?<![\d.])(?P<feet>\d{1,3})(?:′|['’](?!\w))(?P<inches>)", _feet),
    rule(rf"(?P<amount>{NUMBER})(?:[\"”](?=[\s,.;]|$)|″)", _inches),
    rule(rf"(?P<amount>{NUMBER})(?P<gap>[\s-]?)in(?P<dot>\.(?=\s\S|$))?(?!\w)", _inches_by_name),
    rule(rf"(?P<amount>{NUMBER})(?P<gap>\s?[x×]\s?)(?=(?P<next>{NUMBER}))", _by),
    rule(
        rf"(?<![A-Za-z])(?P<amount>{SUM})(?P<gap>[\s-]?){_ANY_UNIT}(?:\.(?=\s+[a-z0-9]))?",
        _quantity,
    ),
    rule(rf"(?P<amount>{DECIMAL_COMMA})", _decimal),
)
"""Rules that begin at a digit."""


def _across(match: re.Match[str]) -> str | None:
    """Read the `x` in `12 ft x 10 ft`."""
    return "by" if _unit_name(word_before(match)) or word_before(match)[-1:].isdigit() else None


MEASURE_NAME_RULES: Final = (
    rule(r"(?<=\s)[x×](?=\s\d)", _across),
    rule(rf"(?<=[⁰¹²³⁴-⁹]\s){_ANY_UNIT}", lambda m: _unit_name(m["unit"])),
)
"""Rules that begin at a letter: what stands between two quantities, and the unit of a power of ten."""

PER: Final = rule(rf"(?<=[\w%])/(?P<unit>[{_LETTERS}]+[²³]?)(?!\w)", _per)
"""Reads the slash after an amount: `$20/h`."""
