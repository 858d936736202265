"""English text as it is spoken: numbers, money, units, abbreviations and signs become words."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_ordinal, read_year

__all__ = ["normalise_english"]

_CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yuan", "yuan", "fen", "fen"),
}
_SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_UNITS: Final = {
    "km/h": "kilometers per hour",
    "m/s": "meters per second",
    "mph": "miles per hour",
    "km": "kilometers",
    "cm": "centimeters",
    "mm": "millimeters",
    "m": "meters",
    "mi": "miles",
    "ft": "feet",
    "kg": "kilograms",
    "mg": "milligrams",
    "g": "grams",
    "lb": "pounds",
    "lbs": "pounds",
    "oz": "ounces",
    "ml": "milliliters",
    "l": "liters",
    "s": "seconds",
    "ms": "milliseconds",
    "min": "minutes",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "hz": "hertz",
    "khz": "kilohertz",
    "mhz": "megahertz",
    "ghz": "gigahertz",
    "kb": "kilobytes",
    "mb": "megabytes",
    "gb": "gigabytes",
    "tb": "terabytes",
    "w": "watts",
    "kw": "kilowatts",
    "v": "volts",
    "db": "decibels",
    "°c": "degrees celsius",
    "℃": "degrees celsius",
    "°f": "degrees fahrenheit",
    "°": "degrees",
    "%": "percent",
}
_POWERS: Final = {"": "", "²": "square ", "³": "cubic "}
_SINGULAR: Final = {"feet": "foot", "hertz": "hertz", "kilohertz": "kilohertz", "percent": "percent"}
_ABBREVIATIONS: Final = {
    "mr.": "mister",
    "mrs.": "missus",
    "ms.": "miz",
    "dr.": "doctor",
    "prof.": "professor",
    "jr.": "junior",
    "sr.": "senior",
    "vs.": "versus",
    "etc.": "et cetera",
    "e.g.": "for example",
    "i.e.": "that is",
    "approx.": "approximately",
    "ave.": "avenue",
    "blvd.": "boulevard",
    "rd.": "road",
    "apt.": "apartment",
    "dept.": "department",
    "a.m.": "ay em",
    "p.m.": "pea em",
}
_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT_MONTHS: Final = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_ROMAN: Final = "II III IV VI VII VIII IX XI XII XIII XIV XV XVI XVII XVIII XIX XX".split()
_ROMAN_VALUES: Final = (2, 3, 4, 6, 7, 8, 9, *range(11, 21))
_COUNTED: Final = "War|Part|Chapter|Act|Phase|Type|Volume|Class|Level|Book|Section|Title|Article|Bowl"
"""Words after which a Roman numeral is a number, and not the rank of a ruler."""
_SIGNS: Final = {
    "&": " and ",
    "@": " at ",
    "+": " plus ",
    "=": " equals ",
    "×": " times ",
    "÷": " divided by ",
    "#": " number ",
    "%": " percent ",
    "$": " dollars ",
    "£": " pounds ",
    "€": " euros ",
    "<": " less than ",
    ">": " greater than ",
    "~": " about ",
    "_": " ",
    "/": " ",
    "*": " ",
    "\\": " ",
}

_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))


def normalise_english(text: str) -> str:
    """Return an English text as words and punctuation.

    >>> normalise_english("It cost $5.50 in 1999, up 3% at 10:30.")
    'It cost five dollars fifty cents in nineteen ninety nine, up three percent at ten thirty.'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


def _number(text: str) -> str:
    """Read a number with thousands separators and one point."""
    whole, _, fraction = text.replace(",", "").partition(".")
    return read_cardinal(whole) + (f" point {read_digits(fraction)}" if fraction else "")


def _plain(match: re.Match[str]) -> str:
    """Read a number by itself: a year, a code or a quantity."""
    text = match[0]
    if text.isdigit() and len(text) == 4 and "1100" <= text <= "2099":
        return read_year(text)
    if text.isdigit() and (len(text) >= 7 or (text[0] == "0" and len(text) > 1)):
        return read_digits(text)
    return _number(text)


def _money(match: re.Match[str]) -> str:
    one, many, small_one, small_many = _CURRENCIES[match["currency"]]
    amount, scale = match["amount"].replace(",", ""), (match["scale"] or "").lower()
    whole, _, fraction = amount.partition(".")
    if scale:
        return f"{_number(amount)} {_SCALES.get(scale, scale)} {many}"
    if fraction and len(fraction) != 2:
        return f"{_number(amount)} {many}"
    parts = []
    if int(whole or 0) or not int(fraction or 0):
        parts.append(f"{read_cardinal(whole)} {one if whole.lstrip('0') == '1' else many}")
    if int(fraction or 0):
        parts.append(f"{read_cardinal(fraction)} {small_one if int(fraction) == 1 else small_many}")
    return " ".join(parts)


def _quantity(match: re.Match[str]) -> str:
    if match["unit"] in "GMSH":  # 5G and 4M are no masses and lengths
        return match[0]
    unit = _UNITS[match["unit"].lower()]
    if match["amount"] == "1":
        first, _, rest = unit.partition(" ")
        unit = f"{_SINGULAR.get(first, first.removesuffix('s'))} {rest}".strip()
    return f"{_number(match['amount'])} {_POWERS[match['power']]}{unit}"


def _time(match: re.Match[str]) -> str:
    hour, minute = read_cardinal(match["hour"]), match["minute"]
    half = {"a": " ay em", "p": " pea em", "": ""}[(match["half"] or "")[:1].lower()]
    if minute == "00":
        return f"{hour}{half or ' o clock'}"
    return f"{hour} {'oh ' if minute[0] == '0' else ''}{read_cardinal(minute)}{half}"


def _saint_or_street(match: re.Match[str]) -> str:
    return "saint" if match.string[match.end() :].lstrip()[:1].isupper() else "street"


def _decade(match: re.Match[str]) -> str:
    *before, last = read_year(match[1]).split()
    return " ".join([*before, f"{last[:-1]}ies" if last.endswith("y") else f"{last}s"])


def _date(match: re.Match[str]) -> str:
    month = _MONTHS.split("|")[int(match[2]) - 1]
    return f"{month} {read_ordinal(match[3])}, {_plain_year(match[1])}"


def _month(short: str) -> str:
    return next(month for month in _MONTHS.split("|") if month.startswith(short[:3]))


def _day(match: re.Match[str]) -> str:
    return f"{match[1]} {read_ordinal(match[2])}"


def _rank(match: re.Match[str]) -> str:
    number = str(_ROMAN_VALUES[_ROMAN.index(match[2])])
    if re.fullmatch(_COUNTED, match[1]):
        return f"{match[1]} {read_cardinal(number)}"
    return f"{match[1]} the {read_ordinal(number)}"


def _plain_year(digits: str) -> str:
    return read_year(digits) if "1100" <= digits <= "2099" else read_cardinal(digits)


def _range(match: re.Match[str]) -> str:
    return f"{match[1]} to {match[2]}"


def _telephone(match: re.Match[str]) -> str:
    return ", ".join(read_digits(group) for group in re.findall(r"\d+", match[0]))


def _version(match: re.Match[str]) -> str:
    return " point ".join(read_cardinal(part) for part in match[0].split("."))


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match[1], match[2]
    if bottom == "2":
        return "one half" if top == "1" else f"{read_cardinal(top)} halves"
    plural = "" if top == "1" else "s"
    return f"{read_cardinal(top)} {'quarter' if bottom == '4' else read_ordinal(bottom)}{plural}"


_RULES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\b(?:https?://|www\.)\S+|\b[\w.]+@[\w.]+\.\w+|\b\w+\.(?:com|org|net|io)\b", lambda m: _spell_address(m[0])),
        (
            rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in _ABBREVIATIONS)})(?=\s|,|$|\))",
            lambda m: _ABBREVIATIONS[m[0].lower()],
        ),
        (r"\bst\.(?=\s|$)", _saint_or_street),
        (rf"\b(?-i:({_SHORT_MONTHS})\.?)(?=\s+\d)", lambda m: _month(m[1])),
        (rf"\b((?-i:{_MONTHS}))\s+([12]?\d|3[01])(?:st|nd|rd|th)?(?![\w:]|\.\d)", _day),
        (rf"\b(?-i:([A-Z][a-z]+)\s+({'|'.join(sorted(_ROMAN, key=len, reverse=True))}))\b", _rank),
        (r"\bno\.\s*(?=\d)", "number "),
        (r"\b(?:[a-z]\.){2,}", lambda m: " ".join(m[0].replace(".", " ").replace("A", "ay").split())),
        (r"(?<=\d)\s*([ap])m\b", lambda m: " ay em" if m[1].lower() == "a" else " pea em"),
        (r"(?<![a-z])a(?=\d)", "ay "),
        (r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b", _date),
        (r"\+?\b\d{1,4}(?:[- ]\d{3,4}){2,}\b|\b\d{3}-\d{4}\b", _telephone),
        (r"\b\d+(?:\.\d+){2,}\b", _version),
        (r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?:\s*(?P<half>[ap]\.?m\b\.?))?(?!\d)", _time),
        (
            rf"(?P<currency>[$£€¥])\s*(?P<amount>{_NUMBER})"
            r"(?:\s*(?P<scale>thousand|million|billion|trillion|bn|[kmb])\b)?",
            _money,
        ),
        (r"\b(\d{3}0)s\b", _decade),
        (r"(?<!\w)'([2-9]0)s\b", lambda m: f"{read_cardinal(m[1])[:-1]}ies"),
        (r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: read_ordinal(m[1])),
        (rf"({_NUMBER})\s*[-–—]\s*(?=[\d.])({_NUMBER})", _range),
        (rf"(?<!\w)[-−](?={_NUMBER})", "minus "),
        (rf"(?P<amount>{_NUMBER})\s?(?P<unit>{_UNIT})(?P<power>[²³]?)(?![\w])", _quantity),
        (r"(?<![\d/])([1-9]\d?)/([2-9]|1\d|20)(?![\d/])", _fraction),
        (r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
        (_NUMBER, _plain),
        ("[" + re.escape("".join(_SIGNS)) + "]", lambda m: _SIGNS[m[0]]),
    )
)


def _spell_address(text: str) -> str:
    text = re.sub(r"^https?://", "", text, flags=re.IGNORECASE).rstrip(".,;!?/")
    return re.sub(r"[.]", " dot ", text).replace("/", " slash ").replace("@", " at ").replace("-", " dash ")
