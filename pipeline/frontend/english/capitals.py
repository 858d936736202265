"""Capitals and Roman numerals: which are letters, which are words, and which are numbers."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

from pipeline.frontend.english.lexicon import look_up, spell
from pipeline.frontend.english.neighbours import word_after, word_before
from pipeline.frontend.english.numerals import read_cardinal, read_ordinal, read_year
from pipeline.frontend.roman import roman_value
from pipeline.frontend.rules import rule

__all__ = ["CAPITAL_RULES", "ROMAN_SIGN_RULE", "sounds_spelled", "spelled"]

_ALWAYS_SPELLED: Final = frozenset(
    "AI ID IP OS PR TV PC EU UN UK UAE USA NY LA DC NJ BC UV IQ IV HQ DJ PE GP EP ER VIP CEO ET ISP UI UX ISO EMS BBQ"
    " SOS FAQ DIY RSVP ASAP RIP USSR USB UFO URL SUV IRS ICU EPA IOU IPO ATM SMS ETA LED"
    " EST EDT CST CDT PST PDT MST CET"
    " AKA COO DEA EEG FYI GDP GED GPS IMO KIA NGO OMG SEO UNHCR UPS".split()
)
"""Capitals that are letters, although the lexicon may have such a word."""
_SPELLED_AMONG_WORDS: Final = frozenset(
    "AD ALS BID CA CT DA EOS EV GA IB IRA MA MC IM MIA MS MT OT PA PO POW ROI SAT SVP".split()
)
"""Capitals that are letters, unless the whole line is in capitals: `MS` is a disease, a program, and Ms. there."""
_CALLED: Final = frozenset("radio station stations band broadcast signal".split())
"""What follows AM where it stands for a kind of radio, also in a line of capitals."""
_WORDS: Final = frozenset("NASA NATO OPEC AIDS UNESCO UNICEF COVID OK LOL SCUBA RADAR LASER GIF".split())
"""Capitals that are a word."""
# In a line of capitals US is the country after the first of these, before the second, and at the start; else a pronoun.
_BEFORE_US: Final = frozenset("THE A AN EVERY TOP FORMER SAYS NEW AND VS".split())
_AFTER_US: Final = frozenset(
    "ARMY NAVY TROOPS FORCES GENERAL OFFICIAL OFFICIALS PRESIDENT SENATE SENATOR CONGRESS GOVERNMENT ELECTION ELECTIONS"
    " DOLLAR DOLLARS ECONOMY STATE STATES SUPREME COURT CITIZEN CITIZENS EMBASSY MARKETS STOCKS MILITARY HISTORY"
    " TREASURY POLICE OPEN AIRPORT AIRPORTS".split()
)
# Elsewhere IT is a trade after the first of these and before the second; else a pronoun.
_BEFORE_IT: Final = frozenset("the an in our your my his her their its".split())
_AFTER_IT: Final = frozenset(
    "department staff team support manager job jobs security specialist company sector industry services".split()
)
_NUMBER_FOLLOWS: Final = re.compile(r"-?\d")
_POSTCODE_FOLLOWS: Final = re.compile(r",?\s\d{5}\b")
_MIXED: Final = {
    "PhD": "P H D",
    "pH": "P H",
    "mRNA": "M R N ay",
    "iOS": "I O S",
    "IPv": "I P V",
    "OKs": "O K's",
    "JPEG": "jay peg",
}
"""Words with capitals inside that no rule reads."""

_ROMAN: Final = r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_COUNTED: Final = frozenset(
    "war part chapter act scene phase type volume vol class level book section sec title article bowl appendix stage"
    " grade group figure fig table mark apollo fantasy episode step division annex schedule page pages unit version"
    " category tier saturn gemini pt ch no bk chap".split()
)
"""Words after which a Roman numeral is a number, and not the rank of a ruler."""
_RULERS: Final = frozenset(
    "henry louis elizabeth charles george edward richard james william mary john paul benedict pius francis"
    " philip napoleon nicholas alexander catherine frederick wilhelm peter leo gregory ferdinand carlos juan"
    " victor otto leopold albert christian gustav haakon harald olav margrethe clement innocent urban boniface"
    " constantine ramesses ramses ptolemy darius xerxes cyrus mehmed suleiman selim murad stephen eric erik"
    " philippe henri robert malcolm david umberto alfonso felipe pedro joseph franz maximilian rudolf ludwig"
    " sigismund sixtus julius adrian celestine thutmose amenhotep baldwin bohemond justinian theodosius"
    " valentinian emmanuel emanuel carl karl oscar ivan vasily".split()
)
"""Names after which a Roman numeral is a rank: Henry the Eighth."""
_OTHER_NUMERAL: Final = re.compile(r"\b(?:I{2,3}|I?V|VI{1,3}|IX|XI{0,3}|XI?V)\b[^A-Za-z]+(?:and|or|to)?\s*[IVX]{2,}\b")
"""Two numerals beside each other: `II and III`."""
_FULL_NAME: Final = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+ $")
_GRANDSON: Final = "III"
"""A numeral that is a rank after a first and a last name; other numerals after names count sequels."""


def spelled(letters: str) -> str:
    """Return letters to be said one by one; `A` as a voice says it, not as the article."""
    return " ".join("ay" if letter in "aA" else letter.upper() for letter in letters if letter.isalpha())


def _capitals(match: re.Match[str]) -> str:
    """Read capitals as letters, or as a word in small letters, which no voice spells."""
    if not _is_spelled(match["letters"], match):
        return match[0].lower()
    return spelled(match["letters"]) + ("'s" if match["plural"] else "")


def _is_spelled(word: str, match: re.Match[str]) -> bool:
    shouted = _is_shouted(match.string)
    if word in _ALWAYS_SPELLED:
        return True
    if word in _WORDS:
        return False
    before, after = word_before(match), word_after(match)
    if word == "US":
        if not shouted:
            return True
        return before in _BEFORE_US or not before or after in _AFTER_US
    if word == "IT":
        return not shouted and (before.lower() in _BEFORE_IT or after in _AFTER_IT)
    if word == "WHO":
        return not shouted and (before == "the" or after in ("says", "said", "report"))
    if word == "AM":
        return after.lower() in _CALLED or not (shouted or before == "I" or after == "I")
    if len(word) == 2 and not shouted and _NUMBER_FOLLOWS.match(match.string, match.end()):
        return True
    if word in _SPELLED_AMONG_WORDS:
        return not shouted
    if len(word) == 2 and _POSTCODE_FOLLOWS.match(match.string, match.end()):
        return True
    return sounds_spelled(word, short=not shouted)


@functools.lru_cache(maxsize=4)
def _is_shouted(text: str) -> bool:
    """Return whether a text of several words is all in capitals."""
    return text.isupper() and len(text.split()) > 1


@functools.lru_cache(maxsize=4096)
def sounds_spelled(word: str, *, short: bool = False) -> bool:
    """Return whether capitals are spelled: the lexicon has their letters, or knows no such word.

    Args:
        word: In capitals.
        short: Whether an unknown word of four letters or fewer is spelled although it has a vowel.
    """
    if re.search(r"(.)\1\1|^[AEIOU]*H+$", word):  # a sound, such as AHHH
        return False
    known = look_up(word.lower())
    if known and not word.isalpha():  # O'CLOCK
        return False
    if known:
        return _unstressed(spell(word.lower())) == _unstressed(known[0])
    vowels = set(word) & set("AEIOUY")
    return not vowels or (short and len(word) <= 4)


def _unstressed(phonemes: str) -> str:
    return re.sub(r"\d", "", phonemes)


def _roman(match: re.Match[str]) -> str | None:
    numeral, before = match["numeral"], word_before(match)
    if not numeral:
        return None
    number, lower = str(roman_value(numeral)), before.lower()
    after = word_after(match).lower()
    ending = "'s" if match["ending"] else ""
    if after in ("century", "centuries") and numeral not in ("I", "C", "D", "M"):
        return read_ordinal(number)
    counted = {lower, lower.removesuffix("s")} & _COUNTED
    if counted and numeral not in ("C", "D", "M", "L") and (lower, numeral) != ("no", "I"):
        return read_cardinal(number)
    if lower in ("and", "or", "to", "") and len(numeral) > 1 and _OTHER_NUMERAL.search(match.string):
        return read_cardinal(number)
    if len(numeral) > 3 and numeral[0] == "M":
        return read_year(number)
    if len(numeral) == 1 and not (lower in _RULERS and numeral in "IVX" and lower != "malcolm"):
        return None
    if set(numeral) - set("IVXL") or not before[:1].isupper():
        return None
    if lower in _RULERS or (
        numeral == _GRANDSON and _FULL_NAME.search(match.string, max(0, match.start() - 64), match.start())
    ):
        return f"the {read_ordinal(number)}{ending}"
    return read_cardinal(number)


def _roman_range(match: re.Match[str]) -> str | None:
    """Read `Chapters I–IV` and `Parts II - V`."""
    low, high = (roman_value(match[end]) if match[end] else 0 for end in ("low", "high"))
    if word_before(match).lower().removesuffix("s") not in _COUNTED or not 0 < low < high:
        return None
    gap = "|" if match["gap"].isspace() or len(match["gap"]) > 1 else " "
    return f"{read_cardinal(str(low))}{gap}to{gap}{read_cardinal(str(high))}"


def _small_roman(match: re.Match[str]) -> str | None:
    numeral = match["numeral"]
    if word_before(match).lower() in _COUNTED or match.string[match.start() - 1 : match.start()] == "(":
        return read_cardinal(str(roman_value(numeral)))
    return None


def _letter_a(match: re.Match[str]) -> str | None:
    """Read `A` where it is a letter: inside a sentence, unless all words have capitals, and before a sign."""
    if match.string[: match.start()].endswith("-"):
        return None
    if _SIGN_FOLLOWS.match(match.string, match.end()):
        return "ay"
    if match[0] == "a":
        return None
    if _A_JOINED.match(match.string, match.end()):
        return "ay"
    after = word_after(match)
    if _ENDS.match(match.string, match.end()):
        return "ay"
    if _BEGINS.search(match.string, max(0, match.start() - 3), match.start()) or not word_before(match):
        return "ay" if after in ("is", "was", "and", "or", "to") else None
    return None if _is_shouted(match.string) or not after or after[0].isupper() else "ay"


_ENDS: Final = re.compile(r"[\s\"”’)]*(?:$|[.,;:!?])")
_BEGINS: Final = re.compile(r"[.!?:…][\s\"“‘'(]*$|[\"“‘'(]\s*$")
_A_JOINED: Final = re.compile(
    r"-(?:levels?|frame|list|line|side|team|bomb|grade|game|flat|sharp|minor|major|class|plus)\b"
)
"""What the letter A is joined to by a hyphen; in `A-ha` it is none."""
_SIGN_FOLLOWS: Final = re.compile(r"\s?(?:!=)|\s?[=≠<>≤≥÷×+→↔∈∉⊂≈±^²³/]|[-–][A-Z]|[0-9]")


def _roman_sign(match: re.Match[str]) -> str:
    """Read a numeral that is one character: `Ⅳ`."""
    number = str(roman_value(unicodedata.normalize("NFKC", match[0]).upper()))
    return f"the {read_ordinal(number)}" if word_before(match).lower() in _RULERS else read_cardinal(number)


ROMAN_SIGN_RULE: Final = rule("[\u2160-\u2188]+", _roman_sign)
"""Reads the characters of Unicode for Roman numerals."""
CAPITAL_RULES: Final = (
    rule(rf"\b(?:{'|'.join(_MIXED)})(?![a-z])", lambda m: _MIXED[m[0]]),
    rule(r"\b[A-Z]{1,3}(?:&[A-Z]{1,3})+\b", lambda m: " and ".join(map(spelled, m[0].split("&")))),
    rule(rf"\b(?P<low>{_ROMAN})(?P<gap>[-–—]|\s[-–—]\s)(?P<high>{_ROMAN})\b(?![\w.]\w)", _roman_range),
    rule(rf"\b(?P<numeral>{_ROMAN})\b(?P<ending>['’]s)?(?![\w.]\w)", _roman),
    rule(r"\b(?P<numeral>x{0,3}(?:ix|iv|v?i{1,3}|v))\b(?!['’])", _small_roman),
    rule(r"\b(?P<letters>[A-Z]{2,})(?P<plural>['’]?s)?(?![A-Za-z'’])", _capitals),
    rule(r"\b[Aa]\b(?!['’])", _letter_a),
)
"""Rules that begin at a letter."""
