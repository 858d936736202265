"""Units of one capital letter, such as `5 A`, and what tells them from the names of rooms, grades and streets."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from pipeline.frontend.english.neighbours import word_after, word_before

__all__ = ["CAPITAL_UNITS", "capital_unit"]


@dataclass(frozen=True)
class _Capital:
    """What a capital letter stands for after a number, and what speaks for it."""

    name: str
    """Of several of the unit."""
    field: frozenset[str]
    """Words of a sentence that is about what the unit measures."""
    against: frozenset[str] = frozenset()
    """Words of a sentence in which the letter is something else."""
    usual: bool = True
    """Whether it is the unit after a number and a space where nothing speaks against it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELECTRICITY: Final = _words(
    "current currents fuse fuses breaker breakers battery charger charge circuit circuits motor supply socket electric"
    " electrical volt volts voltage amp amps ampere amperes ohm ohms resistor resistance capacitor capacitors"
    " capacitance supercapacitor inductor inductors inductance coil transformer solenoid power relay diode"
)
CAPITAL_UNITS: Final = {
    "A": _Capital(
        "amps",
        _ELECTRICITY - {"battery", "power"},
        _words(
            "grade grades graded exam exams student students school class subject marks score team vitamin got get b"
        ),
    ),
    "N": _Capital(
        "newtons", _words("force forces newton newtons thrust load tension weight pull push friction gravity")
    ),
    "J": _Capital("joules", _words("energy joule joules work heat kinetic potential")),
    "K": _Capital(
        "kelvins",
        _words(
            "kelvin temperature temperatures cooled cools cool heated heat gas helium nitrogen superconductor"
            " superconducting superconductivity blackbody thermal absolute freezes melts boils"
        ),
        _words(
            "salary salaries earn earns earned earning paid pay pays cost costs price priced worth sold spend spent"
            " raised loan mortgage budget followers subscribers population views likes downloads users people"
            " dollars euros pounds"
            " run runs ran race marathon miles tv screen video monitor resolution year month money revenue profit"
        ),
    ),
    "C": _Capital(
        "coulombs", _words("coulomb coulombs charge charged charges electron electrons capacitor"), usual=False
    ),
    "F": _Capital("farads", _words("farad farads capacitor capacitors capacitance supercapacitor"), usual=False),
    "U": _Capital(
        "units",
        _words("heparin insulin botox penicillin enzyme enzymes units injection inject injected dose sc iv im subcut"),
        usual=False,
    ),
    "T": _Capital("teslas", _words("tesla teslas magnet magnets magnetic mri field scanner"), usual=False),
    "H": _Capital("henrys", _words("henry henries inductor inductors inductance coil"), usual=False),
    "S": _Capital("siemens", _words("siemens conductance"), usual=False),
}
"""Letter to what tells whether it is a unit; the letters of `units.tsv` that are not here are always units."""
_DEGREES: Final = {"C": "degrees celsius", "F": "degrees fahrenheit"}
_WARMTH: Final = _words(
    "temperature temperatures degrees warm warmer hot hotter cold colder cool heat heated weather fever oven bake baked"
    " gas preheat roast"
    " boil boils boiling freeze freezes freezing melts outside water thermometer room"
)
_NAMED: Final = _words(
    "plan room gate seat row flat apartment apt unit suite exit class grade building form hall block platform track"
    " terminal stand pier section sec part page figure fig table chapter article exhibit appendix annex schedule type"
    " group hepatitis influenza vitamin model version level lane route road street avenue highway interstate motorway"
    " hwy rte fwy pkwy line bus tram zone area stage phase step item option question problem size number no lot bay"
    " door box ward"
)
"""Words whose numbers are names, with their letters: `plan 5 A`."""
_FIELD_OF_UNITS: Final = re.compile(
    r"(?<![\w.])\d[\d.,]*\s?(?:[µmkMG]?(?:V|W|A|N|J|Hz|Pa|Ω)|[kM]Wh|kg|°C|°F|K|m/s|cm|mm|L|mol|ohms?|volts?|watts?)(?!\w)"
)
"""A quantity with a unit of physics."""
_LINKS: Final = _words(
    "and or to at in on of for from with through by is was are were per when while but as if than then flows"
)
"""Words that follow a quantity; a noun would be counted by it: `5 A students`."""
_JOINED: Final = re.compile(r"[A-Za-z]-?$")
"""What makes a number the rest of a name: `I-95 N`."""
_GRAND: Final = 1000
"""The first number that no letter of a street, a grade or a current follows: it is rather a year."""


def capital_unit(match: re.Match[str], letter: str) -> str | None:
    """Return the name of the unit that a capital letter after a number stands for; None if it is no unit there.

    Args:
        match: With the groups `amount` and `gap`; it ends with the letter.
        letter: One of `CAPITAL_UNITS`.
    """
    if _is_unit(match, letter):
        return CAPITAL_UNITS[letter].name
    warm = letter in _DEGREES and match["gap"] != "-" and word_before(match).lower() not in _NAMED
    return _DEGREES[letter] if warm and _WARMTH & _words_of(match.string) else None


def _is_unit(match: re.Match[str], letter: str) -> bool:
    capital = CAPITAL_UNITS[letter]
    before, after = word_before(match), word_after(match)
    if before.lower() in _NAMED or match.string[match.end() : match.end() + 1] in ("'", "’", "-"):
        return False
    if _JOINED.search(match.string, max(0, match.start() - 2), match.start()):
        return False
    words = _words_of(match.string)
    about = bool(capital.field & words)
    if not match["gap"].isspace():
        return about
    # A name, such as that of a street: `100 N Main Street`, `US 1 N`.
    if (after[:1].isupper() and not (letter == "U" and about)) or (before[:1].isupper() and not before.istitle()):
        return False
    if about or (_has_units(match.string) and letter != "K"):
        return True
    if not capital.usual or capital.against & words or not match["amount"].replace(".", "").replace(",", "").isdigit():
        return False
    ends = not after or after in _LINKS or not re.match(r"\s", match.string[match.end() :])
    return ends and float(match["amount"].replace(",", "")) < _GRAND


@functools.lru_cache(maxsize=4)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", text.lower()))


@functools.lru_cache(maxsize=4)
def _has_units(text: str) -> bool:
    """Return whether a sentence has a quantity with another unit."""
    return len(_FIELD_OF_UNITS.findall(text)) > 1
