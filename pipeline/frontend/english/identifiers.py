"""Names that hold numbers: of flaws, standards, laws, processors, zones and durations; their hyphens are no ranges."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.amounts import read_code
from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.english.counting import read_fraction
from pipeline.frontend.english.neighbours import word_before
from pipeline.frontend.english.numerals import read_cardinal, read_digits
from pipeline.frontend.rules import any_of, rule

__all__ = ["IDENTIFIER_NAME_RULES", "IDENTIFIER_RULES", "IDENTIFIER_SIGN_RULES", "is_name"]

_SIGNS: Final = {"-": "minus", "−": "minus", "–": "minus", "+": "plus", "±": "plus or minus"}
_PARTS_OF_TIME: Final = r"s|sec|secs|seconds?|min|mins|minutes?|h|hrs?|hours?|days?|weeks?|months?"
_STANDARDS: Final = re.compile(
    r"(?:\b(?:EN|DIN|ISO|IEC|IEEE|ANSI|ASTM|BS|NF|JIS|GB|SAE|UL|MIL|NIST|Pub\. ?L\.|P\.L\.|Public Law)"
    r"(?:[ /-][A-Z]+)?\s?)$"
)
"""What stands before the number of a standard or a law."""
_NAMED_BY_LETTER: Final = re.compile(r"(?<![A-Za-z\d])(?:[A-Za-z]{1,2}|[A-Z]{2,})-?$")
_SUFFIX: Final = re.compile(r"[A-Z]{1,2}(?![A-Za-z])")
_LONG: Final = 5
"""Digits of a number that no range goes down from."""
_SPANS: Final = {"Y": "year", "W": "week", "D": "day", "H": "hour", "S": "second"}


def is_name(before: str, first: str, second: str, after: str) -> bool:
    """Return whether a hyphen between two numbers belongs to a name.

    Args:
        before: What stands before the first number.
        first: The number before the hyphen.
        second: The number after it.
        after: What stands after the second number.
    """
    if _STANDARDS.search(before):
        return True
    if first.isdigit() and len(first) >= _LONG and second.isdigit() and int(second) < int(first):
        return True
    lettered = _NAMED_BY_LETTER.search(before)
    return lettered is not None and (
        lettered[0].endswith("-") or bool(_SUFFIX.match(after)) or (len(first) < 3 and len(second) > 3)
    )


def _zone(match: re.Match[str]) -> str:
    """Read `UTC-3` and `GMT+5:30`."""
    hour, minute = match["hour"], match["minute"] or "00"
    words = f"{_SIGNS[match['sign']]} {read_cardinal(hour)}"
    words += "" if minute == "00" else f" {read_cardinal(minute)}"
    return f"{spelled(match['zone'])}{'|' if match['gap'] else ' '}{words}"


def _countdown(match: re.Match[str]) -> str:
    return f"{match['letter']} minus "


def _span(match: re.Match[str]) -> str | None:
    """Read a duration as machines write it: `PT1H30M`."""
    words = []
    date, _, clock = match[0][1:].partition("T")
    for part, names in ((date, _SPANS | {"M": "month"}), (clock, _SPANS | {"M": "minute"})):
        for count, letter in re.findall(r"(\d+)([A-Z])", part):
            words.append(f"{read_cardinal(count)} {names[letter]}{'' if count == '1' else 's'}")
    return " ".join(words)


def _numeronym(match: re.Match[str]) -> str:
    """Read a word that is cut to its ends, such as `k8s`."""
    return f"{spelled(match['first'])} {read_cardinal(match['digits'])} {spelled(match['last'])}"


def _flaw(match: re.Match[str]) -> str:
    """Read `CVE-2021-44228`."""
    first, second = match["numbers"].strip("-").split("-")
    number = read_code(second) if len(second) < _LONG else read_digits(second)
    return f"{spelled(match['letters'])} {read_code(first)} dash {number}"


def _model(match: re.Match[str]) -> str:
    """Read `i7-12700K` and `12K-34`."""
    return " dash ".join(
        " ".join(
            spelled(part) if part.isalpha() else read_code(part) if len(part) < _LONG else read_digits(part)
            for part in re.findall(r"[A-Za-z]+|\d+", piece)
        )
        for piece in match[0].split("-")
    )


def _understood(match: re.Match[str]) -> str | None:
    """Read how radio says that it has understood; after other words it is a score."""
    return None if word_before(match) else "ten four"


def _host(match: re.Match[str]) -> str | None:
    """Read the address of a machine in groups: `2001:db8::1`."""
    if "::" not in match[0] and match[0].count(":") != 7:
        return None
    parts = re.findall(r":|\d|[A-Fa-f]", match[0])
    return " ".join(
        "colon" if part == ":" else read_digits(part) if part.isdigit() else spelled(part) for part in parts
    )


def _edition(match: re.Match[str]) -> str | None:
    """Read the colon before the year of a standard: `ISO 9001:2015`."""
    before = match.string[max(0, match.start() - 24) : match.start()].rstrip("0123456789-")
    return ", " if _STANDARDS.search(before) else None


def _tex_fraction(match: re.Match[str]) -> str:
    words = read_fraction(f"{match['top']}/{match['bottom']}")
    return words or f"{read_cardinal(match['top'])} over {read_cardinal(match['bottom'])}"


def _colour(match: re.Match[str]) -> str | None:
    if match[1].isdigit() or match[1].isalpha():
        return None
    return "hash " + " ".join(read_digits(sign) if sign.isdigit() else spelled(sign) for sign in match[1])


_HOST: Final = rule(r"(?<![\w:])(?=[\da-fA-F:]*:[\da-fA-F:]*:)[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,7}(?![\w:])", _host)
IDENTIFIER_NAME_RULES: Final = (
    rule(
        r"\b(?P<zone>UTC|GMT)(?P<gap>\s?)(?P<sign>[-−–+±])(?P<hour>\d{1,2})(?::?(?P<minute>[0-5]\d))?"
        r"(?![\w:]|[.]\d|\s?[ap]\.?m)",
        _zone,
    ),
    rule(rf"(?<![\w.-])(?P<letter>[TLDH])[-−–](?=\d{{1,3}}(?:\.\d+)?[\s-]?(?:{_PARTS_OF_TIME})(?!\w))", _countdown),
    rule(r"(?<![\w.])P(?=[T\d])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?(?<=\d[A-Z])(?!\w)", _span),
    rule(r"(?<![\w-])(?P<letters>[A-Z]{2,5})(?P<numbers>-\d{4}-\d{3,})(?![\w-])", _flaw),
    rule(r"(?<![\w.-])[a-zA-Z]{1,2}\d{1,2}-\d{4,5}[A-Z]{0,2}(?![\w-])", _model),
    rule(r"(?<![\w.'’-])(?!q\d+h)(?P<first>[a-z])(?P<digits>\d{1,2})(?P<last>[a-z])(?![\w'’-])", _numeronym),
    rule(r"\bCtrl(?=[+-])", "control"),
    _HOST,
)
"""Rules that begin at a letter."""

_IDIOMS: Final = {
    "24-7": "twenty four seven", "50-50": "fifty fifty", "20-20": "twenty twenty", "24–7": "twenty four seven",
    "50–50": "fifty fifty", "20–20": "twenty twenty",
}  # fmt: skip

IDENTIFIER_RULES: Final = (
    _HOST,
    rule(r"(?<![\w.,-])\d{1,4}[A-DF-Z]-\d{1,4}(?![\w-]|[.,]\d)", _model),
    rule(rf"(?<![\w.,/:-])(?:{any_of(_IDIOMS)})(?![\w/-]|[.,:]\d)", lambda m: _IDIOMS[m[0]]),
    # How radio says that it has understood.
    rule(r"(?<![\w.,/:-])10-4(?=[,.!]?(?:\s(?:over|copy|roger|good buddy)\b|$))", _understood),
)
"""Rules that begin at a digit."""
IDENTIFIER_SIGN_RULES: Final = (
    rule(r"::(?=[\da-fA-F])[\da-fA-F]{1,4}(?::[\da-fA-F]{1,4}){0,6}(?![\w:])", _host),
    rule(r"(?<=\d):(?=(?:19|20)\d\d(?![\d:]))", _edition),
    rule(r"#([\da-fA-F]{6}|[\da-fA-F]{3})(?!\w)", _colour),
    # What programs put the value of a name for: ${HOME}.
    rule(r"\$(?=\{?[A-Za-z_])", "dollar "),
    rule(r"(?:\$\s?)?\\d?frac\{(?P<top>\d{1,3})\}\{(?P<bottom>\d{1,3})\}(?:\s?\$)?", _tex_fraction),
)
"""Rules that begin at a sign."""
