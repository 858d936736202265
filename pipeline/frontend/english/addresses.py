"""Telephone numbers, addresses of the web, paths of files, and names of software."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.characters import plain_english
from pipeline.frontend.english.amounts import read_code
from pipeline.frontend.english.capitals import sounds_spelled, spelled
from pipeline.frontend.english.neighbours import word_before
from pipeline.frontend.english.numerals import read_cardinal, read_digits
from pipeline.frontend.english.units import UNIT, unit_name
from pipeline.frontend.rules import rule

__all__ = [
    "ADDRESS_NAME_RULES",
    "ADDRESS_RULES",
    "ADDRESS_SIGN_RULES",
    "TELEPHONE_RULES",
    "TELEPHONE_SIGN_RULES",
    "UNSAID_SCHEME",
    "VERSION_NAME_RULES",
    "VERSION_RULES",
]

_MARKS: Final = {
    ".": "dot", "/": "slash", "\\": "backslash", "@": "at", "-": "dash", "_": "underscore", ":": "colon",
    "?": "question mark", "=": "equals", "&": "and", "+": "plus", "#": "hash", "~": "tilde", "%": "percent",
    "!": "exclamation mark", "$": "dollar", "*": "star", ",": "comma", ";": "semicolon",
}  # fmt: skip
"""Mark inside an address to what is said for it."""
_SPELLED: Final = frozenset(
    "uk eu de fr io ai tv fm nl ch jp cn au ca nz txt pdf html htm css js ts py rb md csv tsv xml sql php jpg png"
    " mp exe www".split()
)
"""Labels and endings that are read letter by letter."""
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z']+|\d+|[^\w\s]|_|[^\W\d_]+")
_CALLING: Final = frozenset("call phone tel telephone dial number text fax ring mobile cell".split())
_LABEL: Final = r"[^\W_](?:[\w-]*[^\W_])?"
_HOST: Final = rf"(?:{_LABEL}\.)+[^\W\d_]{{2,}}"
_TAIL: Final = r"(?:[/?#][^\s<>\"”’)]*[\w/])?"


def read_address(text: str) -> str:
    """Read an address piece by piece: `about-us.html` is about dash us dot H T M L."""
    return " ".join(_MARKS.get(part) or _label(part) for part in _PART.findall(plain_english(text)))


def _label(part: str) -> str:
    if part.isdigit():
        return read_code(part) if len(part) < 5 else read_digits(part)
    lower = part.lower()
    if len(part) == 1 or lower in _SPELLED:
        return spelled(part)
    if part.isascii() and sounds_spelled(part.upper(), short=part.isupper() and len(part) <= 3):
        return spelled(part)
    return lower if part.isupper() else part


def _hashtag(match: re.Match[str]) -> str:
    return f"hashtag {read_address(match[1])}"


def _handle(match: re.Match[str]) -> str:
    return f"at {read_address(match[1])}"


def _path(match: re.Match[str]) -> str:
    return read_address(match[0])


def _version(match: re.Match[str]) -> str | None:
    # Thousands by points: of the addresses of machines, no part is above 255.
    if not match["v"] and re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", match["digits"]):
        parts = match["digits"].split(".")
        if (len(parts) != 4 or max(map(int, parts)) > 255) and word_before(match).lower() != "version":
            return None
    sign = "version " if match["v"] and word_before(match).lower() != "version" else ""
    parts = match["digits"].split(".")
    glue = " dot " if len(parts) == 4 else " point "
    return sign + glue.join(_part_of_version(part) for part in parts)


def _part_of_version(part: str) -> str:
    return read_code(part) if part[0] != "0" else read_digits(part)


def _by_signs(match: re.Match[str]) -> str:
    """Read the address of a device or a hexadecimal number letter by letter and digit by digit."""
    groups = (
        " ".join(read_digits(sign) if sign.isdigit() else spelled(sign) for sign in g) for g in match[0].split(":")
    )
    return ", ".join(groups)


def _dotted(match: re.Match[str]) -> str | None:
    """Read `Python 3.11` with its second number as a number."""
    whole, part = match["digits"].split(".")
    return f"{read_cardinal(whole)} point {read_cardinal(part)}" if part[0] != "0" else None


def _camel(match: re.Match[str]) -> str:
    return " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+", match[0]))


def _telephone(match: re.Match[str]) -> str | None:
    written = match[0].split()
    if len(re.sub(r"\D", "", match[0])) < 7 or re.fullmatch(r"[1-9]\d{0,2}(?: \d{3})* 000", match[0]):
        return None
    if match[0][0] == "+" and (re.fullmatch(r"\+\d+\.\d+", match[0]) or _is_measured(match)):
        return None
    return "|".join(_groups(word) for word in written)


def _is_measured(match: re.Match[str]) -> bool:
    """Return whether a unit follows: no number of a telephone has one."""
    found = _UNIT_FOLLOWS.match(match.string, match.end())
    return found is not None and unit_name(found[1]) is not None


def _groups(word: str) -> str:
    groups = re.findall(r"\d+", word)
    said = ", ".join(
        f"{read_cardinal(group[0])} hundred"
        if re.fullmatch("[1-9]00", group) and groups[:1] == ["1"]
        else read_digits(group)
        for group in groups
    )
    return f"plus {said}" if word.startswith("+") else said


def _seven(match: re.Match[str]) -> str | None:
    """Read `555-0199`; other pairs may be a range."""
    calling = word_before(match).lower() in _CALLING
    if "." in match[0]:
        return _groups(match[0]) if calling and not _is_measured(match) else None
    first, last = match[0].split("-")
    return _groups(match[0]) if calling or last[0] == "0" or first == "555" or int(last) < int(first) else None


def _free(match: re.Match[str]) -> str:
    return f"{_groups(match['digits'])} {match['word'].lower()}"


_UNIT_FOLLOWS: Final = re.compile(rf"\s?({UNIT})")
_DEVICE: Final = rule(r"(?<![\w:])[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5}(?![\w:])", _by_signs)
_EMAIL: Final = rule(rf"(?<![\w.+%-])[\w.+%-]{{1,64}}@{_HOST}", _path)
# Small letters after the point: "end.Next" is two sentences.
_DOTTED: Final = rule(rf"(?<![\w.-])[\w-]{{0,64}}[^\W_](?:\.[a-z][\w-]*)+{_TAIL}(?![\w])", _path)
_FREE: Final = rule(r"(?<![\w.-])(?P<digits>1-8\d\d)-(?P<word>[A-Z]{3,})\b", _free)

TELEPHONE_SIGN_RULES: Final = (
    rule(r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,}(?![\w])", _telephone),
    rule(r"\(\d{3}\)[ -]?\d{3}[-. ]\d{4}(?!\d)", _telephone),
)
"""Rules that begin at a plus or a bracket."""
TELEPHONE_RULES: Final = (
    _FREE,
    rule(r"(?<![\w.-])(?:1[-.])?\d{3}([-.])\d{3}\1\d{4}(?![\w-]|\.\d)", _telephone),
    rule(r"(?<![\w.-])\d{3}[-.]\d{4}(?![\w-]|\.\d)", _seven),
    # Groups of a social security number, an ISBN, a card.
    rule(r"(?<![\w.-])\d+(?:-\d+){2,}(?![\w-]|\.\d)", _telephone),
    rule(r"(?<![\w.,-])(?:0\d{1,4}|\d{4})(?: \d{2,4}){2,}(?![\w-]|[.,]\d)", _telephone),
)
"""Rules that begin at a digit."""
VERSION_NAME_RULES: Final = (rule(r"(?P<v>\b[vV]\.?)(?P<digits>\d+(?:\.\d+)*)(?![\w]|\.\d)", _version),)
"""Rules that begin at a letter."""
VERSION_RULES: Final = (
    rule(r"(?<![\w.,])\d{1,3}(?:\.\d{1,3}){3}:\d{1,5}(?![\w:])", _path),
    rule(r"(?<![\w.,])(?P<v>)(?P<digits>\d+(?:\.\d+){2,})(?!\w|\.\d)", _version),
    rule(
        r"(?:(?<=Python )|(?<=Java )|(?<=Node )|(?<=Ubuntu )|(?<=version )|(?<=Version )|(?<=iOS )|(?<=macOS )"
        r"|(?<=Android ))(?P<digits>\d+\.\d+)(?![\d.]*\d)",
        _dotted,
    ),
)
"""Rules that begin at a digit."""

UNSAID_SCHEME: Final = rule(r"https?://(?=[^\s<>\"”]*\w)", " ", re.IGNORECASE)
"""How most addresses of the web begin, which nobody says; a note tells it."""
_AFTER_SCHEME: Final = rule(r"(?<=://)[^\s<>\"”]*\w/?", _path)
ADDRESS_NAME_RULES: Final = (
    UNSAID_SCHEME,
    _AFTER_SCHEME,
    rule(r"\b[A-Za-z][A-Za-z0-9+]*://(?:[^\s<>\"”]*\w/?)?", _path),
    _EMAIL,
    _DEVICE,
    rule(r"www\.[^\s<>\"”]*[\w/]", _path, re.IGNORECASE),
    rule(r"(?<!\w)[A-Za-z]:[\\/][\w\\/.-]*\w", _path),
    rule(r"localhost(?::\d+)?(?:/[\w/.-]*)?", _path),
    _DOTTED,
    rule(r"\b[A-Za-z]+(?:_\w+)+", _path),
    rule(r"\b[a-z]{2,}(?:[A-Z][a-z]+)+\b", _camel),
    # After a telephone number.
    rule(r"(?<=-\d{4}\s)x(?=\d{1,5}(?!\w))", "extension "),
)
"""Rules that begin at a letter."""
ADDRESS_RULES: Final = (_AFTER_SCHEME, _EMAIL, _DOTTED, _DEVICE, rule(r"(?<!\w)0x[\dA-Fa-f]+(?!\w)", _by_signs))
"""Rules that begin at a digit."""
ADDRESS_SIGN_RULES: Final = (
    rule(r"(?<![\w/])(?:~|\.{1,2})?/(?:[\w.@-]+/)*[\w.@-]*\w/?(?!\w)", _path),
    rule(r"(?<!\S)\.[A-Za-z]{2,}\b", _path),
    rule(r"#([^\W\d_]\w*)", _hashtag),
    rule(r"(?<!\w)@(\w+)", _handle),
    rule(r"(?<![\w-])(?:--[A-Za-z][\w-]*|-(?:[A-Za-z]|[b-df-hj-np-tv-xz]{2,4}|[A-Z]{2,4})(?!\w))", _path),
)
"""Rules that begin at a mark."""
