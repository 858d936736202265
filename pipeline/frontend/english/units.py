"""Units: what their letters stand for, alone, multiplied and over one another: `µg`, `N·m`, `W/(m²·K)`, `mol L⁻¹`."""

from __future__ import annotations

import functools
import re
from typing import Final

from pipeline.frontend.english.capital_units import CAPITAL_UNITS
from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.rules import any_of
from pipeline.frontend.tables import read_table

__all__ = ["EACH", "LETTERS", "UNIT", "singular", "unit_name", "unit_words", "unsure_unit"]

_PREFIXES: Final = {
    "f": "femto", "p": "pico", "n": "nano", "µ": "micro", "u": "micro", "m": "milli", "c": "centi", "d": "deci",
    "h": "hecto", "k": "kilo", "K": "kilo", "M": "mega", "G": "giga", "T": "tera", "P": "peta",
}  # fmt: skip
_PREFIXED: Final = {
    "g": ("grams", "fpnµmck"), "m": ("meters", "pnµmcdk"), "s": ("seconds", "pnµm"), "L": ("liters", "fpnµmcdh"),
    "l": ("liters", "nµmcdh"), "Hz": ("hertz", "mkMGT"), "W": ("watts", "pnµmkMGT"), "V": ("volts", "nµmkM"),
    "A": ("amps", "pnµmk"), "Ω": (" ohms", "µmkMG"), "F": ("farads", "fpnµm"), "J": ("joules", "nµmkMGT"),
    "N": ("newtons", "pnµmkM"), "Nm": ("newton meters", "mckM"), "Pa": ("pascals", "µmhkMG"),
    "B": ("bytes", "kKMGTP"), "b": ("bits", "kMGT"), "bit": ("bits", "kMGT"), "bps": ("bits per second", "kMGT"),
    "Wh": ("watt hours", "mkMGT"), "mol": ("moles", "fpnµmk"), "M": ("molar", "pnµm"), "cal": ("calories", "k"),
    "eV": ("electron volts", "mkMGT"), "Ah": ("amp hours", "mk"), "Sv": ("sieverts", "nµm"), "Gy": ("grays", "cm"),
    "Bq": ("becquerels", "kMGT"), "bar": ("bars", "mk"), "K": ("kelvins", "nµm"), "T": ("teslas", "nµm"),
    "G": ("gauss", "µmk"), "S": ("siemens", "nµmd"), "H": ("henrys", "nµm"), "Wb": ("webers", "µm"),
    "Ci": ("curies", "pnµm"), "Da": ("daltons", "kM"), "VA": ("volt amps", "kM"), "IU": (" I U", "µmkM"),
    "U": (" units", "µmk"), "osm": ("osmoles", "m"), "Osm": ("osmoles", "m"), "Eq": ("equivalents", "µm"),
    "lx": ("lux", "k"), "lm": ("lumens", "k"), "cd": ("candelas", "mk"), "rem": ("rems", "µm"),
    "rad": ("radians", "µm"), "pc": ("parsecs", "kMG"), "t": ("tons", "MG"), "yr": ("years", "kMG"),
}  # fmt: skip
"""Unit to its name and the prefixes that it is used with."""
_NOT_ALONE: Final = frozenset({*CAPITAL_UNITS, "B", "U", "in"})
"""Units that may be the name of a seat, a grade or an item, or a word, where no other unit is beside them."""
_UNSURE: Final = frozenset("KN ML MT Mg Ml Mm NM gr ka kt ma Ma ppt".split())
"""What may stand for units of which one is a thousand times the other: `Mg` in a title is mg, in physics megagrams."""
_OTHER_IN_CAPITALS: Final = frozenset(
    "pa am pm ma as in va ev mv ms at us mas mls dm ps ns na nh nt mt mk nk cd hp atm au t ly rad rem pc"
    " gpa pg fg fl pl nl pw nw nv pn da cp cst mbp myr ds".split()
)
"""Units that are another word in capitals, or a word."""
_INITIALISMS: Final = frozenset("HRs PTs MOs INs ERs SECs".split())
"""What is several of something in capitals, and no unit."""
_SINGULAR: Final = {"feet": "foot", "inches": "inch"}
_UNCOUNTED: Final = frozenset("hertz lux siemens mercury s celsius fahrenheit gauss stokes".split())
_AREAS: Final = {"sq": "square", "cu": "cubic", "fl": "fluid"}
_POWERS: Final = {"": "", "1": "", "2": "square ", "3": "cubic "}
EACH: Final = frozenset(
    "day week month year hour minute second night person head unit user page word dose serving bottle mile acre"
    " gallon barrel side tablet capsule patient child pound box bag pack piece room shift game class lesson".split()
)
"""Words that stand for a unit after a slash: `$5/day` is five dollars per day."""

LETTERS: Final = "A-Za-zµμΩÅ"
"""Letters of units, for a character class."""
_TABLE: Final = read_table(__package__, "units")
_NAME: Final = (
    rf"(?:°\s?[CFK]|{any_of(symbol for symbol in _TABLE if not symbol.isalpha() and symbol[0] != '°')}"
    rf"|[°℃℉]|[{LETTERS}]+)"
)
_POWER: Final = r"(?:\^?[²³23](?!\d))"
_BELOW: Final = r"(?:⁻[¹²³]|\^?[-−][1-3](?![\w.])|\^\{[-−][1-3]\})"
"""A negative power, which puts a unit below the others: `m s⁻¹`."""
_PRODUCT: Final = rf"{_NAME}{_POWER}?(?:[·⋅*]?(?:(?<=[²³·⋅*])|(?<=m[23]))[{LETTERS}]++(?!⁻){_POWER}?)*"
UNIT: Final = (
    rf"(?:(?:sq|cu|fl)\.?\s)?{_PRODUCT}(?:[ ·⋅][{LETTERS}]+{_BELOW})*(?:⁻[¹²³])?"
    rf"(?:/(?:{_PRODUCT}|\({_PRODUCT}(?:[ ][{LETTERS}]+)*\)))*(?![\w°])"
)
"""Pattern of a unit with whatever belongs to it, for `unit_name`."""
_FACTOR: Final = re.compile(rf"(?P<name>{_NAME})(?:(?P<below>{_BELOW})|\^?(?P<power>[²³23]))?[ ·⋅*]?")
_SMALL: Final = str.maketrans("¹²³", "123")
_SHAPE: Final = re.compile("[a-z]{1,2}[A-Z][a-z]?")
"""How units look and words do not."""


def singular(unit: str) -> str:
    """Return the name of one of a unit: `miles per hour` becomes mile per hour."""
    head, per, rest = unit.partition(" per ")
    *first, last = head.split(" ")
    if last in ("celsius", "fahrenheit"):
        return f"degree {last}"
    if len(last) > 1 and last not in _UNCOUNTED:
        last = _SINGULAR.get(last, last.removesuffix("s"))
    return " ".join([*first, last]) + per + rest


@functools.lru_cache(maxsize=512)
def unit_name(text: str) -> str | None:
    """Return the words for several of what `UNIT` finds; None if any part of it is no unit, or may be another.

    >>> unit_name("W/(m²·K)"), unit_name("m s-2"), unit_name("mJ"), unit_name("MG"), unit_name("Mg")
    ('watts per square meter kelvin', 'meters per second squared', 'millijoules', 'milligrams', None)
    """
    area, _, rest = text.partition(" ")
    if rest and area.rstrip(".") in _AREAS:
        unit = rest if rest in unit_words() and rest not in _SINGULAR.values() else _named(rest, alone=False)
        return unit and f"{_AREAS[area.rstrip('.')]} {unit}"
    above, *below = text.split("/")
    factors = list(_FACTOR.finditer(above))
    alone = len(factors) == 1 and not below and not factors[0]["power"]
    over = [_factor(each, alone=alone) for each in factors if not each["below"]]
    under = [_factor(each) for each in factors if each["below"]]
    under += [_denominator(each) for each in below]
    if not all((*over, *under)) or not (over or under):
        return None
    name = " ".join([singular(each) for each in over[:-1] if each] + [each for each in over[-1:] if each])
    return "".join([name, *(f" per {_accelerated(singular(each or ''))}" for each in under)]).strip()


def _factor(match: re.Match[str], *, alone: bool = False) -> str | None:
    name = _named(match["name"], alone=alone)
    power = (match["below"] or match["power"] or "")[-2:].strip("⁻-−^{}").translate(_SMALL)
    return name and _POWERS[power] + name


def _denominator(text: str) -> str | None:
    """Return the words for what stands after a slash: one unit, several in brackets, or a word such as `day`."""
    if text in EACH:
        return f"{text}s"
    if text == "d":
        return "days"
    names = [_factor(each) for each in _FACTOR.finditer(text.strip("()"))]
    if None in names:
        return None
    return " ".join(singular(name) for name in names if name)


def _accelerated(under: str) -> str:
    """Return `second squared` for a square second, as in meters per second squared."""
    for power, after in (("square", "squared"), ("cubic", "cubed")):
        if under == f"{power} second":
            return f"second {after}"
    return under


def _named(text: str, *, alone: bool) -> str | None:
    """Return the name of a unit without powers; capitals and small letters are one only where one unit is meant."""
    name = text.replace("μ", "µ").replace(" ", "")
    if name in _UNSURE or name in _INITIALISMS or (alone and name in _NOT_ALONE):
        return None
    units, folded = _units()
    if name in units:
        return units[name]
    lower = name.lower()
    if len(name) == 1 or lower in _OTHER_IN_CAPITALS:
        return None
    meanings = folded.get(lower, frozenset())
    return units.get(lower) or (next(iter(meanings)) if len(meanings) == 1 else None)


def unsure_unit(text: str) -> str | None:
    """Return the letters of what looks like a unit and may be several or none, such as `Mg` and `mw`."""
    meanings = _units()[1].get(text.lower(), frozenset())
    known = len(meanings) > 1 and not (text.isupper() and text.lower() in _OTHER_IN_CAPITALS)
    return spelled(text) if text in _UNSURE or known or _SHAPE.fullmatch(text) else None


@functools.cache
def _units() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the units as they are written, and what each may be in small letters."""
    units = dict(_TABLE)
    for symbol, (name, prefixes) in _PREFIXED.items():
        # People without the letter at hand write a u for it.
        for prefix in f"{prefixes}u" if "µ" in prefixes else prefixes:
            units.setdefault(prefix + symbol, _PREFIXES[prefix] + name)
    del units["us"]
    folded: dict[str, frozenset[str]] = {}
    for symbol, name in units.items():
        if symbol[0] != "u":
            folded[symbol.lower()] = folded.get(symbol.lower(), frozenset()) | {name}
    return units, folded


@functools.cache
def unit_words() -> frozenset[str]:
    """Return the names of units, of one and of several."""
    names = {name for name in _units()[0].values() if " " not in name}
    return frozenset({*names, *map(singular, names)})
