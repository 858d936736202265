"""Numbers in their surroundings: years, codes, decades, ordinals, fractions and powers of ten."""

from __future__ import annotations

import re
from calendar import monthrange
from math import gcd
from typing import Final

from pipeline.frontend.english.amounts import NUMBER, pluralised, read_amount, read_code, read_number
from pipeline.frontend.english.dates import MONTHS
from pipeline.frontend.english.formulas import is_unknown
from pipeline.frontend.english.neighbours import mentions, word_after, word_before
from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_ordinal, read_year
from pipeline.frontend.rules import rule

__all__ = ["COUNTING_RULES", "FIGURE_RULES", "FRACTION", "PARTS", "SHORT_BOOKS", "VULGAR", "read_fraction"]

_FIRST_YEAR: Final = 1000
"""The first of four digits that are a year where a word such as `in` stands before."""
_LAST_YEAR: Final = 2099

_BEFORE_YEARS: Final = frozenset(
    "in since of by from until till before after during circa around year early late between"
    " january february march april may june july august september october november december"
    " spring summer autumn fall winter".split()
)
_BEFORE_DECADES: Final = frozenset("the early mid late his her my their your our".split())
"""Words before `30s` that make it a decade; else it is seconds."""
_BEFORE_CODES: Final = frozenset(
    "room flight boeing airbus route highway interstate bus channel suite apartment apt gate unit flat code zip pin"
    " agent studio model error cvv cvc csc".split()
)
"""Words whose numbers are names: `room 101` is one oh one."""
_SHORT_NUMBERS: Final = frozenset("911 112 999 101 111 110 119 118 115 116 311 411 511 811 988 000".split())
_LIST: Final = r"(?:(?:, ?| )(?:or |and |then )?)"
_DIALLED: Final = re.compile(
    r"\b(?:call|dial|phone|ring|text)(?:s|ed|led|ing|ling)?\s(?:either |both |up |for help )?"
    rf"(?:\d{{3}}{_LIST})*$",
    re.IGNORECASE,
)
"""What stands before a telephone number of three digits: other ones may come first."""
_LISTED_YEARS: Final = re.compile(
    rf"\b(?:in|since|of|by|from|until|till|between|and|or)\s(?:[12]\d{{3}}{_LIST})+$", re.IGNORECASE
)
"""What stands before a year that is not the first of several."""
_GOLD: Final = frozenset("gold rose white yellow ring rings chain diamond necklace bracelet".split())
_AMOUNTING: Final = frozenset(
    "about over nearly almost around some under than raised raises raise paid sold cost costs worth lost spent earned"
    " of".split()
)
"""Words after which a number with a letter is an amount."""
_SCALES: Final = {"K": "thousand", "M": "million", "B": "billion"}
_LETTERED: Final = frozenset("seat row gate room apartment apt flat unit suite exit class grade building form".split())
"""Words whose numbers may end in a letter that is no scale: `seat 12B`."""
_RATED: Final = frozenset(
    "rated rates rate scored scores score rating ratings gave gives give got gets pain gcs apgar nps csat mmse".split()
)
_FULL_MARKS: Final = ("5", "10", "15", "20", "30", "100")
_CARD: Final = re.compile(
    r"\b(?:exp|expiry|expiration|valid (?:thru|through|until|till|to))\.?(?: date)?(?: is| was)?:?\s$", re.IGNORECASE
)
"""What stands before month and year of a card."""
_CARD_NUMBER: Final = re.compile(
    r"\b(?:card|account|number)(?: number)? (?:ending|ends)(?: in| with)?:?\s$", re.IGNORECASE
)
"""What stands before the last digits of a card."""
_ON: Final = frozenset("on until since due dated".split())
"""Words before a day of a month."""
_BY: Final = frozenset(
    "by before after from through till to between starting ending beginning starts ends begins opens closes expires"
    " expired expiring exp effective".split()
)
"""Words before a day of a month, or before a part of something."""
_WEEK_OF: Final = re.compile(r"(?:week|night|day|morning) of\s$")
_PRESSURE: Final = re.compile(
    r"\b(?:BP|B\.P\.|[Bb]lood pressure)(?:\W{1,3}(?:of|is|was|at|to|from|fell|dropped|rose|now))*\W{1,3}$"
)
"""What stands before the two values of a blood pressure."""
_CRICKET: Final = re.compile(r"\b(?:overs|ov|wickets|wkts|innings)\b")
"""What a text tells of in which `3/45` are wickets and runs."""
_FIRST_DAY: Final = re.compile(
    r"\b(?:from|between|on)\s(1[0-2]|[1-9])/([1-9]|[12]\d|3[01])\s(?:to|and|or|through|till|until)\s$"
)
"""The first of two days."""
_NAMES_OF_DAYS: Final = frozenset(
    "mon monday tue tues tuesday wed weds wednesday thu thur thurs thursday fri friday sat saturday sun sunday".split()
)
PARTS: Final = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 24, 32, 64, 100))
"""Denominators that people write."""
_PLURALS_NOT: Final = frozenset(
    "was is has as his its this us yes plus minus times across always perhaps unless".split()
)
"""Words that end in s and count nothing."""
_COUNTED: Final = frozenset("people men women children feet percent points".split())

SHORT_BOOKS: Final = {
    "Gen": "Genesis", "Exod": "Exodus", "Lev": "Leviticus", "Num": "Numbers", "Deut": "Deuteronomy", "Ps": "Psalm",
    "Prov": "Proverbs", "Isa": "Isaiah", "Jer": "Jeremiah", "Matt": "Matthew", "Rom": "Romans", "Cor": "Corinthians",
    "Gal": "Galatians", "Eph": "Ephesians", "Phil": "Philippians", "Heb": "Hebrews", "Rev": "Revelation",
}  # fmt: skip
"""Short name of a book of the Bible to the whole one, before chapter and verse."""
_BOOKS: Final = frozenset(
    "Genesis Exodus Leviticus Deuteronomy Joshua Samuel Kings Job Psalm Psalms Proverbs Isaiah Jeremiah Ezekiel"
    " Daniel Matthew Mark Luke John Acts Romans Corinthians Galatians Ephesians Hebrews James Peter"
    " Revelation".split()
) | frozenset(SHORT_BOOKS)
"""Books with chapters and verses."""

VULGAR: Final = {
    "½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7),
    "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
"""Sign to numerator and denominator."""
FRACTION: Final = (
    rf"(?:\d+\s?)?[{''.join(VULGAR)}]|(?<![\d/.,])(?:\d+[\s-])?[1-9]\d{{0,2}}[/⁄][1-9]\d{{0,3}}(?![\d/]|\.\d)"
)
"""Pattern of a fraction with or without a whole number, for `read_fraction`."""
_FIGURES: Final = frozenset({"24/7", "9/11", "7/7", "50/50", "20/20", "60/40", "80/20"})
"""What looks like a fraction and is read as two numbers."""
_POSTCODE: Final = 5
"""Digits from which a number without separators is a code if no word follows that it could count."""
_WEEKS: Final = "52"
"""What weeks are written over by physicians: no part of anything else."""
_LARGEST_PART: Final = 100
"""The largest denominator with a name of its own; `120/800` is read as over."""
_ORDINAL_SIGNS: Final = {"ˢᵗ": "st", "ⁿᵈ": "nd", "ʳᵈ": "rd", "ᵗʰ": "th"}
_ZEROS: Final = re.compile(r"0{2,}$")


def _plain(match: re.Match[str]) -> str:
    """Read a number that no other rule claims."""
    text, before, after = match[0], word_before(match).lower(), word_after(match).lower()
    if not (text.isdigit() and len(text) > 2):
        return read_number(text)
    counts = after in _COUNTED or (len(after) > 3 and re.search("[^aius]s$", after) and after not in _PLURALS_NOT)
    if len(text) == 3:
        return _three(match, before)
    if len(text) == 4 and text[0] == "0":
        return read_digits(text)
    if len(text) == 4:
        if _CARD_NUMBER.search(match.string, max(0, match.start() - 40), match.start()):
            return read_digits(text)
        value = int(text)
        if before in _BEFORE_YEARS or before in ("ad", "a.d", "ce") or _is_listed_year(match):
            return read_year(text) if _FIRST_YEAR <= value <= _LAST_YEAR else read_amount(text)
        if before in _BEFORE_CODES:
            return read_code(text)
        return read_amount(text) if counts and not text.endswith("00") and text[0] != "0" else read_number(text)
    if text[0] == "0" or _is_postcode(match):
        return read_digits(text)
    if len(text) >= _POSTCODE and not counts and not after and not _ZEROS.search(text):
        return read_digits(text)
    return read_amount(text) if counts or _ZEROS.search(text) else read_number(text)


def _is_listed_year(match: re.Match[str]) -> bool:
    return _LISTED_YEARS.search(match.string, max(0, match.start() - 64), match.start()) is not None


def _three(match: re.Match[str], before: str) -> str:
    text = match[0]
    if text[0] == "0":
        return read_digits(text)
    if text in _SHORT_NUMBERS and _DIALLED.search(match.string, max(0, match.start() - 48), match.start()):
        return read_digits(text)
    return read_code(text) if before in _BEFORE_CODES else read_amount(text)


def _is_postcode(match: re.Match[str]) -> bool:
    before = word_before(match)
    return len(match[0]) == _POSTCODE and ((len(before) == 2 and before.isupper()) or before.lower() in ("zip", "code"))


def _with_letter(match: re.Match[str]) -> str | None:
    """Read `50K`, `5M` and `2x`, unless it is the name of a seat or a kind of screen."""
    number, letter = match["number"], match["letter"]
    if letter == "x":
        return f"{read_amount(number)} {'x' if is_unknown(match) else 'times'}"
    if word_before(match).lower() in _LETTERED:
        return None
    after = word_after(match).lower()
    if letter in "kK" and after in _GOLD:
        return f"{read_amount(number)} karat"
    counts = after in _COUNTED or re.search("[^aius]s$", after) is not None
    if letter in "kK" and (after in ("run", "race") or (number.isdigit() and int(number) < 10 and not counts)):
        return None
    # The firm.
    if number + letter == "3M" and not (counts or word_before(match).lower() in _AMOUNTING):
        return None
    if letter == "B" and not (counts or "." in number):
        return None
    return f"{read_amount(number)} {_SCALES[letter[0].upper()]}"


def _decade(match: re.Match[str]) -> str:
    digits = match["digits"]
    return pluralised(read_year(digits) if len(digits) == 4 else read_cardinal(digits))


def _short_decade(match: re.Match[str]) -> str | None:
    is_second = _FIRST_DECADE.search(match.string, max(0, match.start() - 24), match.start())
    return _decade(match) if is_second or word_before(match).lower() in _BEFORE_DECADES else None


_FIRST_DECADE: Final = re.compile(
    rf"(?:\b(?:{'|'.join(_BEFORE_DECADES)})\s\d0s?[-–]|(?:\b\d{{3}}|['’]\d|\bthe \d)0['’]?s(?:,|,? and|,? or| to) )$"
)
"""What stands before the second decade of `the 20-30s` and of `the 1980s and 90s`."""


def _short_year(match: re.Match[str]) -> str:
    return _short_year_words(match["digits"])


def _ordinal(match: re.Match[str]) -> str:
    words = read_ordinal(re.sub(r"\D", "", match["digits"]))
    # "the hundredth day", but "one hundredth" counts parts.
    return re.sub(r"^one (?=\w+th$)", "", words) if word_before(match).lower() == "the" else words


def _several(match: re.Match[str]) -> str:
    return pluralised(read_amount(match["digits"]))


def _is_day(match: re.Match[str], top: str, bottom: str) -> bool:
    """Return whether `7/31` is a day of a month rather than a part."""
    if not (top.isdigit() and 1 <= int(top) <= 12 and 1 <= int(bottom) <= monthrange(2000, int(top))[1]):
        return False
    before = word_before(match).lower().rstrip(".")
    if before in _NAMES_OF_DAYS:
        return True
    if before == "of":
        return bool(_WEEK_OF.search(match.string, max(0, match.start() - 12), match.start()))
    first = _FIRST_DAY.search(match.string, max(0, match.start() - 20), match.start())
    if first and not _is_part(first[1], first[2]):
        return True
    return before in _ON or (before in _BY and not _is_part(top, bottom))


def _is_part(top: str, bottom: str) -> bool:
    """Return whether people write such a fraction."""
    return int(bottom) in PARTS and gcd(int(top), int(bottom)) == 1 and int(top) < int(bottom)


def _is_month(top: str, bottom: str, before: str) -> bool:
    """Return whether `09/2026` is a month of a year."""
    if not (top.isdigit() and 1 <= int(top) <= 12 and len(bottom) == 4 and bottom[:2] in ("19", "20")):
        return False
    return top[0] == "0" or before.rstrip(".") in _ON | _BY


def _fraction(match: re.Match[str]) -> str | None:
    top, bottom = match["top"], match["bottom"]
    before, after = word_before(match).lower(), word_after(match).lower()
    if _is_month(top, bottom, before):
        return f"{MONTHS[int(top) - 1]} {read_year(bottom)}"
    if 1 <= int(float(top)) <= 12 and len(top) == len(bottom) == 2 and _CARD.search(match.string, 0, match.start()):
        return f"{MONTHS[int(top) - 1]} {read_year(f'20{bottom}')}"
    if _PRESSURE.search(match.string, max(0, match.start() - 40), match.start()):
        return f"{read_code(top)} over {read_amount(bottom)}"
    if match[0] in _FIGURES or after in ("time", "meter", "signature"):
        return f"{read_cardinal(top)} {read_cardinal(bottom)}"
    if before in _BEFORE_CODES:
        return f"{read_code(top)} slash {read_code(bottom)}"
    if mentions(match.string, _CRICKET):
        return f"{read_code(top)} for {read_code(bottom)}"
    if len(top) == 4 and "1950" <= top <= "2099" and len(bottom) == 3:
        return f"{read_year(top)} slash {read_amount(bottom)}"
    if "." in top or (before in _RATED and bottom in _FULL_MARKS):
        return f"{read_amount(top)} out of {read_amount(bottom)}"
    if after != "of" and _is_day(match, top, bottom):
        return f"{MONTHS[int(top) - 1]} {read_ordinal(bottom)}"
    if (before in _ON | _BY or before in _NAMES_OF_DAYS) and 12 < int(top) <= 31 and 1 <= int(bottom) <= 12:
        return f"{MONTHS[int(bottom) - 1]} {read_ordinal(top)}"
    if len(top) == 4 and len(bottom) == 2 and int(bottom) == (int(top) + 1) % 100:
        return f"{read_year(top)} {_short_year_words(bottom)}"
    if len(top) == len(bottom) == 4 and _FIRST_YEAR <= int(top) < int(bottom) <= _LAST_YEAR:
        return f"{read_year(top)} {'' if int(bottom) == int(top) + 1 else 'to '}{read_year(bottom)}"
    if bottom == _WEEKS and after != "of":
        return f"{read_code(top)} over {read_amount(bottom)}"
    if 2 <= int(bottom) <= _LARGEST_PART and int(top) <= _LARGEST_PART and bottom[0] != "0":
        words = _fraction_words(int(top), int(bottom))
        # "a half-inch pipe"
        return "half" if before in ("a", "an") and words == "one half" else words
    return f"{read_code(top)} over {read_amount(bottom)}"


def _short_year_words(digits: str) -> str:
    return f"oh {'oh' if digits == '00' else read_cardinal(digits)}" if digits[0] == "0" else read_cardinal(digits)


def _fraction_words(top: int, bottom: int) -> str:
    """Read a fraction: one half, three quarters, seven sixteenths."""
    if bottom == 2:
        return "one half" if top == 1 else f"{read_cardinal(str(top))} halves"
    name = "quarter" if bottom == 4 else read_ordinal(str(bottom))
    if bottom == _LARGEST_PART:
        name = "hundredth"
    return f"{read_cardinal(str(top))} {name}{'' if top == 1 else 's'}"


def _mixed(match: re.Match[str]) -> str | None:
    top, bottom = VULGAR[match["sign"]] if match["sign"] else (int(match["top"]), int(match["bottom"]))
    if not 0 < top < bottom <= _LARGEST_PART:
        return None
    part = "a half" if (top, bottom) == (1, 2) else _fraction_words(top, bottom)
    return f"{read_amount(match['whole'])} and{'|' if match['gap'].isspace() else ' '}{part}"


def read_fraction(text: str) -> str | None:
    """Read what `FRACTION` finds: `1½` is one and a half, `3/4` three quarters; None for what is none."""
    found = re.fullmatch(r"(?:(\d+)(?:[\s-](?=\d+[/⁄])|\s?(?=\D)))?(?:(\d+)[/⁄](\d+)|(\D))", text)
    if found is None or text in _FIGURES:
        return None
    top, bottom = VULGAR[found[4]] if found[4] else (int(found[2]), int(found[3]))
    if not 0 < top < bottom or (bottom > _LARGEST_PART and bottom != 1000 and top > 1):
        return None
    if not found[1]:
        return _fraction_words(top, bottom)
    return f"{read_cardinal(found[1])} and {'a half' if (top, bottom) == (1, 2) else _fraction_words(top, bottom)}"


def _vulgar(match: re.Match[str]) -> str:
    return _fraction_words(*VULGAR[match[0]])


def _scientific(match: re.Match[str]) -> str:
    power = match["power"].lstrip("+")
    words = f"minus {read_cardinal(power[1:])}" if power[0] in "-−" else f"the {read_ordinal(power)}"
    return f"{read_amount(match['number'])} times ten to {'the ' if power[0] in '-−' else ''}{words}"


def _grouped(match: re.Match[str]) -> str:
    return " ".join(read_cardinal(part) for part in re.findall(r"\d+", match[0]))


def _verse(match: re.Match[str]) -> str | None:
    """Read `Luke 2:1` as chapter and verse."""
    if word_before(match).rstrip(".") not in _BOOKS:
        return None
    return f"{read_cardinal(match['chapter'])} {read_cardinal(match['verse'])}"


def _dashed(match: re.Match[str]) -> str:
    """Read a number of a lot or a postcode, whose dash is no range, digit by digit."""
    first, _, second = match[0].partition("-")
    return f"{read_digits(first)} dash {read_digits(second)}"


FIGURE_RULES: Final = (
    rule(r"(?<![\w.,/-])(?:\d{5}-\d{4}|0\d{3,}-\d+)(?![\w/-]|[.,]\d)", _dashed),
    rule(r"(?<![\w:.])(?P<chapter>\d{1,3}):(?P<verse>\d{1,3})(?![\w:])", _verse),
    rule(rf"(?P<number>{NUMBER})(?P<letter>MM)(?=\s(?:dollars|euros|pounds|yen|francs)\b)", _with_letter),
    rule(r"(?<![\w.])(?P<number>\d+(?:\.\d+)?)[eE](?P<power>[-+−]?\d{1,3})(?!\w)", _scientific),
    rule(r"(?<![\w.,])(?P<digits>\d{3}0)['’]?s(?!\w)", _decade),
    rule(r"(?<![\w.,])(?P<digits>[2-9]0)['’]?s(?!\w)", _short_decade),
    rule(r"(?<![\w.,])(?P<digits>[01])['’]?s(?!\w)", _several),
    # Boards: two 2x4s.
    rule(r"(?<=\d[x×])(?P<digits>\d{1,2})s(?!\w)", _several),
    # Cut it into 1/8s; a shutter opens for other parts of a second.
    rule(r"(?<![\d/.,])1[/⁄](?P<bottom>[2-9]|10|12|16)s(?!\w)", lambda m: _fraction_words(2, int(m["bottom"]))[4:]),
    # Lines of a screen: 1080p.
    rule(
        r"(?<![\w.])(?:144|240|360|480|576|720|1080|1440|2160|4320)[pi](?!\w)",
        lambda m: f"{read_code(m[0][:-1])} {m[0][-1].upper()}",
    ),
)
"""Rules that begin at a digit and go before units: `1990s` are no seconds."""

COUNTING_RULES: Final = (
    rule(rf"(?P<digits>{NUMBER})(?:st|nd|rd|th|ST|ND|RD|TH|{'|'.join(_ORDINAL_SIGNS)})(?![^\W_])", _ordinal),
    rule(r"(?<![\d.,])(?P<digits>\d{1,2})['’]?s(?!\w)", _several),
    rule(rf"(?P<whole>{NUMBER})(?P<gap>\s?)(?P<sign>[{''.join(VULGAR)}])(?P<top>)(?P<bottom>)", _mixed),
    rule(
        r"(?<![\d/.,])(?P<whole>\d+)(?P<gap>[\s-])(?P<sign>)(?P<top>[1-9]\d?)[/⁄](?P<bottom>[1-9]\d*)(?![\d/]|\.\d)",
        _mixed,
    ),
    rule(rf"[{''.join(VULGAR)}]", _vulgar),
    rule(r"(?<![\d/.,])(?P<top>\d+(?:\.\d+)?)[/⁄](?P<bottom>[1-9]\d*)(?![\d/]|\.\d)", _fraction),
    # "1-2-3", "4-3-3": counted, not a range.
    rule(r"(?<![\w-])\d{1,2}(?:[-–]\d{1,2}){2,}(?![\w-]|\s?=)", _grouped),
    # The number of a house or a flight: 221B.
    rule(r"(?<![\w.,])\d{3}(?=[A-H](?!\w))", lambda m: read_code(m[0])),
    rule(rf"(?P<number>{NUMBER})(?P<letter>[kKmMB]|x(?!\d))(?![\w'’])", _with_letter),
    rule(r"(?<!\w)['’](?P<digits>\d0)s(?!\w)", _decade),
    rule(r"(?:(?<!\w)|(?<=[QH]\d))['’](?P<digits>\d\d)(?!\w)", _short_year),
    rule(r"(?<=[A-Za-z])\d+(?![\d.,]*\d)", lambda m: read_code(m[0])),
    rule(r"(?<=[A-Za-z]-)\d+(?![\d.,]*\d)", lambda m: read_code(m[0])),
    rule(r"(?<=[A-Za-z])\.(?=\d)", " point "),
    rule(NUMBER, _plain),
)
"""Rules that begin at a digit, a vulgar fraction or an apostrophe."""
