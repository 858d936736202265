"""Signs, powers, chess and chemistry."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pipeline.frontend.english.abbreviations import SIGNS
from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.english.counting import VULGAR
from pipeline.frontend.english.numerals import read_cardinal, read_ordinal
from pipeline.frontend.rules import rule
from pipeline.frontend.tables import read_table

__all__ = ["NAMES", "SIGN_RULES", "TERM_RULES", "name_of"]

NAMES: Final = SIGNS | read_table(__package__, "symbols")
"""Sign to what is said for it."""
_ALONE: Final = {"$": "dollar", "£": "pound", "€": "euro", "#": "number", "&": "and", "*": "asterisk", "°": "degree"}
"""What is said before the word `sign`."""

_SUPERSCRIPT: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿˣ"
_SUPERSCRIPTS: Final = str.maketrans(_SUPERSCRIPT, "0123456789+-nx")
_RAISED: Final = rf"(?:(?P<high>[{_SUPERSCRIPT}]+)|\^(?P<opens>[{{(])?(?P<caret>[-−+]?\w+)(?(opens)[}})]))"
"""A power: `²`, `^2`, `^{-6}`."""
_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

_VULGAR: Final = "".join(VULGAR)

_ELEMENTS: Final = frozenset(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb"
    " Mo Ag Cd In Sn Sb Te I Xe Cs Ba La Ce W Pt Au Hg Pb Bi U Pu".split()
)
_COMPOUNDS: Final = frozenset("NaCl NaOH KCl HCl KOH NaF HBr HF CaO MgO NaBr KBr LiCl ZnO FeO CuO".split())
"""Formulas without digits, which are none of the words in capitals."""
_IONS: Final = "Na|K|Ca|Li|Mg|Fe|Cu|Zn|Ag|Al|Cl|Br|H|NH4"
_PIECES: Final = {"K": "king", "Q": "queen", "R": "rook", "B": "bishop", "N": "knight"}
_MOVE: Final = (
    r"(?<![\w])(?P<piece>[KQRBN])(?P<from>[a-h]?[1-8]?)(?P<takes>x?)(?P<square>[a-h][1-8])"
    r"(?P<check>[+#]?)(?![\w])"
)
_PAWN: Final = (
    r"(?<![\w])(?:(?P<from>[a-h])(?P<takes>x))?(?P<square>[a-h][1-8])(?:=(?P<into>[QRBN]))?(?P<check>[+#]?)(?![\w%°.])"
)
_CHECKS: Final = {"+": " check", "#": " checkmate", "": ""}


def name_of(sign: str) -> str:
    """Return the Unicode name of a sign in small letters; empty if it has none."""
    name = unicodedata.name(sign, "").lower()
    return re.sub(r"[^a-z ]+", " ", name).removesuffix(" sign").removesuffix(" symbol").strip()


def _power(match: re.Match[str]) -> str:
    power = (match["high"] or match["caret"]).translate(_SUPERSCRIPTS).replace("−", "-")
    if power[-1] in "+-" and len(power) > 1:
        return f" {read_cardinal(power[:-1])} {'plus' if power[-1] == '+' else 'minus'}"
    if power in ("+", "-"):
        return " plus" if power == "+" else " minus"
    if power in ("2", "3"):
        return " squared" if power == "2" else " cubed"
    if not power.lstrip("+-").isdigit():
        return f" to the {'minus ' if power[0] == '-' else ''}{_square(re.sub('[-+_]', '', power))}"
    if power[0] == "-":
        return f" to the minus {read_cardinal(power[1:])}"
    return f" to the {read_ordinal(power.strip('+'))}"


def _formula(match: re.Match[str]) -> str | None:
    text = match[0].translate(_SUBSCRIPTS)
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", text)
    if not all(element in _ELEMENTS for element, _ in parts):
        return None
    if any(len(count) > 2 for _, count in parts):
        return None
    low = text != match[0]
    if not (low or text in _COMPOUNDS or (any(count for _, count in parts) and len(parts) > 1)):
        return None
    return " ".join(f"{spelled(element)} {read_cardinal(count) if count else ''}".strip() for element, count in parts)


def _ion(match: re.Match[str]) -> str:
    element, count = re.fullmatch(r"([A-Za-z]+)(\d*)", match["ion"]).groups()  # type: ignore[union-attr]
    charge = match["charge"].translate(_SUPERSCRIPTS)
    numbers = "".join(f" {read_cardinal(number)}" for number in (count, charge[:-1]) if number)
    return f"{spelled(element)}{numbers} {'plus' if charge[-1] == '+' else 'minus'}"


def _move(match: re.Match[str]) -> str:
    takes = "takes" if match["takes"] else ""
    words = [_PIECES[match["piece"]], _square(match["from"]), takes, _square(match["square"])]
    return " ".join(word for word in words if word) + _CHECKS[match["check"]]


def _pawn(match: re.Match[str]) -> str | None:
    if not (match["takes"] or match["into"] or match["check"] or match["square"][0] == "a"):
        return None
    into = f" becomes {_PIECES[match['into']]}" if match["into"] else ""
    start = f"{_square(match['from'])} " if match["from"] else ""
    return start + ("takes " if match["takes"] else "") + _square(match["square"]) + into + _CHECKS[match["check"]]


def _castling(match: re.Match[str]) -> str:
    return ("castles queenside" if match[0].count("O") == 3 else "castles kingside") + _CHECKS[match["check"]]


def _square(text: str) -> str:
    return " ".join(spelled(character) if character.isalpha() else read_cardinal(character) for character in text)


def _high_number(text: str) -> str:
    return read_cardinal(text.translate(_SUPERSCRIPTS))


def _isotope(match: re.Match[str]) -> str | None:
    """Read `²³⁵U`."""
    if match["element"] not in _ELEMENTS or not match["mass"].translate(_SUPERSCRIPTS).isdigit():
        return None
    return f"{spelled(match['element'])} {_high_number(match['mass'])}"


def _sign_named(match: re.Match[str]) -> str:
    return _ALONE.get(match["sign"]) or NAMES.get(match["sign"], "")


def _stars(match: re.Match[str]) -> str:
    """Read a rating: three full stars and two empty ones are three out of five stars."""
    full = read_cardinal(str(len(match["full"])))
    return f"{full} out of {read_cardinal(str(len(match[0])))} stars" if match["empty"] else f"{full} stars"


TERM_RULES: Final = (
    # The share of sugared blood: HbA1c.
    rule(r"\bHb(?=A1c\b)", "H B "),
    rule(r"(?<![\w-])O-O(?:-O)?(?P<check>[+#]?)(?![\w-])", _castling),
    rule(_MOVE, _move),
    rule(_PAWN, _pawn),
    rule(rf"\b(?P<ion>{_IONS})(?P<charge>[\d⁰¹²³⁴]?[+⁺⁻])(?![\w+])", _ion),
    rule(r"(?:\b|(?<=\d)(?=[A-Z][a-z]?[₀-₉]))(?:[A-Z][a-z]?[\d₀-₉]*)+(?![a-z\d₀-₉])", _formula),
    # A product of two variables: mc².
    rule(r"\b[a-z]{2}(?=[²³])", lambda m: spelled(m[0])),
)
"""Rules that begin at a letter."""

_AFTER_GRADES: Final = "average|grade|grades|student|students|in|on|for|and|or|to|minus|range|rating|credit"
_SHORT_DAYS: Final = "Mon Tue Wed Thu Fri Sat Sun".split()
_AFTER_DAY: Final = "|".join(rf"(?<=\b{day})" for day in _SHORT_DAYS)

SIGN_RULES: Final = (
    # How a sum ends in India, so that nothing can be added: 500/-.
    rule(r"(?<=\d)/[-–—](?=[\s.,;)]|$)", " only"),
    rule(r"(?<=\d)(?:\.{2,}|…)(?=[-−+]?\d)", " to "),
    rule(r"\+\s?/\s?[-–−]", " plus or minus "),
    rule(r"-{1,2}>|=>", " to "),
    rule(r"!==?", " not equal to "),
    rule(r"\|\|", " or "),
    rule(r"&&", " and "),
    rule(r"§§\s?", "sections "),
    rule(rf"(?<!\w)(?P<mass>[{_SUPERSCRIPT}]{{1,3}})(?P<element>[A-Z][a-z]?)(?![a-z])", _isotope),
    rule(rf"(?<=\b[67][-–][67])(?P<points>[{_SUPERSCRIPT}]+)", lambda m: f", {_high_number(m['points'])}"),
    rule(r"(?<=[\w)\s])>=(?=[\w(\s-])", " greater than or equal to "),
    rule(r"(?<=[\w)\s])<=(?=[\w(\s-])", " less than or equal to "),
    rule(r"(?<=[\w)])\*\*(?=[\w(-])", " to the power of "),
    rule(r"===?", lambda m: " equals" * len(m[0]) + " "),
    rule(r"(?<=\d)\*(?=\d)|(?<=\d\s)\*(?=\s\d)", " times "),
    rule(rf"(?:{_AFTER_DAY})[-–—](?=(?:{'|'.join(_SHORT_DAYS)})\b)", " to "),
    rule(r"(?=[★☆]{2})(?P<full>★+)(?P<empty>☆*)", _stars),
    rule(r"√\s?", "square root of "),
    rule(rf"(?:(?<=[\d₀-₉)])|(?<=\b[^\W\d_])|(?<=\b[A-Za-z][a-z])){_RAISED}", _power),
    # 5! = 120, (n+1)!/n!
    rule(r"(?:(?<=\d)|(?<=\b[nkmrxN])|(?<=\d\)))!(?=\s?[=+*/×÷·)^-]|\s?[≈<>])", " factorial"),
    rule(r"(?<=/[nkmrx])!(?=\s|$)", " factorial"),
    # A grade: B-, and not a dash.
    rule(rf"(?<=\b[A-D])[-−–](?=[.,;)]|$|\s(?:{_AFTER_GRADES})\b)", " minus"),
    # The ends of a strand: 5′ and 3′.
    rule(r"(?<=\b[35])['’′](?=[ -][A-Za-z]|[-–][35]['’′])|(?<=\b[35]['’′][-–][35])['’′]", " prime"),
    rule(r"(?P<sign>[$£€%#@&*°§])(?=\s(?:sign|symbol|key)\b)", _sign_named),
    rule(r"(?<=\b[A-Za-z])\+\+(?![^\W\d])", " plus plus "),
    rule(r"(?<=\b[A-Z])#(?!\w)", " sharp"),
    rule(r"#\s?(?=\d)", "number "),
    rule(r"(?<=\s)−(?=\s)", "minus"),
    rule(rf"(?<![\w)])[-−–](?=[$£€¥]?(?:\.?\d|[{_VULGAR}]))|(?<![\w)])−(?=[^\W\d_]\b)", "minus "),
    # Between letters a true minus is never a hyphen.
    rule(r"−(?=[\w(])", " minus "),
    # From A to Z; a hyphen joins other letters, as in A-B, or stutters: I-I'm.
    rule(r"(?<=\b[A-Z])–(?=[A-Z]\b(?!['’]))|(?<=\bA)[-—](?=[D-Z]\b(?!['’]))", " to "),
    rule(
        r"(?<=[A-Z][a-z][a-z]\.)[-–](?=(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun))"
        r"|(?<=day)[-–—](?=[A-Z])|(?<=\b\w\w\w)–(?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))",
        " to ",
    ),
    rule(r"(?<=\d):(?=\d)", " to "),
    rule(r"[~～](?=\s?[\d$£€.])", "about "),
)
"""Rules that begin at a sign."""
