"""English text as it is spoken: numbers, money, units, abbreviations and signs become words."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.abbreviations import ABBREVIATIONS, READ_OUT, SIGNS, STREETS
from pipeline.frontend.english.amounts import MONEY, NUMBER, pluralised, read_amount, read_money, read_number
from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_ordinal, read_year
from pipeline.frontend.tables import read_table

__all__ = ["normalise_english"]

_UNITS: Final = read_table(__package__, "units")
"""Unit in small letters to the words for several of it."""
_POWERS: Final = {"": "", "²": "square ", "³": "cubic "}
_SINGULAR: Final = {"feet": "foot", "hertz": "hertz", "kilohertz": "kilohertz", "percent": "percent"}
_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT_MONTHS: Final = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_ROMAN: Final = "II III IV VI VII VIII IX XI XII XIII XIV XV XVI XVII XVIII XIX XX".split()
_ROMAN_VALUES: Final = (2, 3, 4, 6, 7, 8, 9, *range(11, 21))
"""What they stand for; I, V and X are mostly letters."""
_COUNTED: Final = "War|Part|Chapter|Act|Phase|Type|Volume|Class|Level|Book|Section|Title|Article|Bowl"
"""Words after which a Roman numeral is a number, and not the rank of a ruler."""
_UNSAID: Final = {"#": "number", "<": "less than", ">": "greater than", "~": "about"} | dict.fromkeys("_/*\\", "")
"""Signs that are mostly mark-up; here they stand in a sentence."""
_SAID: Final = {sign: f" {words} " for sign, words in (SIGNS | _UNSAID).items()}
_ABBREVIATIONS: Final = ABBREVIATIONS | STREETS | READ_OUT

_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))


def normalise_english(text: str) -> str:
    """Return an English text as words and punctuation.

    >>> normalise_english("It cost $5.50 in 1999, up 3% at 10:30.")
    'It cost five dollars fifty cents in nineteen ninety nine, up three percent at ten thirty.'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


def _quantity(match: re.Match[str]) -> str:
    if match["unit"] in "GMSH":  # 5G and 4M are no masses and lengths
        return match[0]
    unit = _UNITS[match["unit"].lower()]
    if match["amount"] == "1":
        first, _, rest = unit.partition(" ")
        unit = f"{_SINGULAR.get(first, first.removesuffix('s'))} {rest}".strip()
    return f"{read_amount(match['amount'])} {_POWERS[match['power']]}{unit}"


def _time(match: re.Match[str]) -> str:
    hour, minute = read_cardinal(match["hour"]), match["minute"]
    half = {"a": " ay em", "p": " pea em", "": ""}[(match["half"] or "")[:1].lower()]
    if minute == "00":
        return f"{hour}{half or ' o clock'}"
    return f"{hour} {'oh ' if minute[0] == '0' else ''}{read_cardinal(minute)}{half}"


def _saint_or_street(match: re.Match[str]) -> str:
    return "saint" if match.string[match.end() :].lstrip()[:1].isupper() else "street"


def _decade(match: re.Match[str]) -> str:
    return pluralised(read_year(match[1]) if len(match[1]) > 2 else read_cardinal(match[1]))


def _date(match: re.Match[str]) -> str:
    month = _MONTHS.split("|")[int(match[2]) - 1]
    return f"{month} {read_ordinal(match[3])}, {read_number(match[1])}"


def _month(short: str) -> str:
    return next(month for month in _MONTHS.split("|") if month.startswith(short[:3]))


def _day(match: re.Match[str]) -> str:
    return f"{match[1]} {read_ordinal(match[2])}"


def _rank(match: re.Match[str]) -> str:
    number = str(_ROMAN_VALUES[_ROMAN.index(match[2])])
    if re.fullmatch(_COUNTED, match[1]):
        return f"{match[1]} {read_cardinal(number)}"
    return f"{match[1]} the {read_ordinal(number)}"


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
        (MONEY, read_money),
        (r"(?:(?<!\w)')?\b(\d{3}0|[2-9]0)s\b", _decade),
        (r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: read_ordinal(m[1])),
        (rf"({NUMBER})\s*[-–—]\s*(?=[\d.])({NUMBER})", r"\1 to \2"),
        (rf"(?<!\w)[-−](?={NUMBER})", "minus "),
        (rf"(?P<amount>{NUMBER})\s?(?P<unit>{_UNIT})(?P<power>[²³]?)(?![\w])", _quantity),
        (r"(?<![\d/])([1-9]\d?)/([2-9]|1\d|20)(?![\d/])", _fraction),
        (r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
        (NUMBER, lambda m: read_number(m[0])),
        ("[" + re.escape("".join(_SAID)) + "]", lambda m: _SAID[m[0]]),
    )
)


def _spell_address(text: str) -> str:
    text = re.sub(r"^https?://", "", text, flags=re.IGNORECASE).rstrip(".,;!?/")
    return re.sub(r"[.]", " dot ", text).replace("/", " slash ").replace("@", " at ").replace("-", " dash ")
