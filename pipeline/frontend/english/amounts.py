"""Amounts: numbers with separators and points, years, codes and money."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.neighbours import attributive
from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_year
from pipeline.frontend.rules import any_of, rule

__all__ = [
    "CURRENCIES",
    "DECIMAL_COMMA",
    "MONEY",
    "MONEY_NAME_RULES",
    "MONEY_RULES",
    "MONEY_SIGN_RULES",
    "NUMBER",
    "SUM",
    "pluralised",
    "read_amount",
    "read_code",
    "read_money",
    "read_number",
]

_GROUPED: Final = (
    r"\d{1,3}(?:,\d{3})+(?!\d)|\d{1,2}(?:,\d\d)+,\d{3}(?!\d)|\d{1,3}(?:[\u00a0\u2009\u202f'’]\d{3})+(?!\d)"
    r"|\d{1,2}(?:[ ]\d{3}){2,}(?![ ]?\d)|\d{1,3}(?:[ ]\d{3})*[ ]000(?!\d)"
    r"|\d{1,3}(?:[ ]\d{3})+(?=[ ](?:people|inhabitants|residents|citizens|men|women|children|soldiers|visitors|voters"
    r"|votes|students|users|customers|copies|tons|tonnes|kilometers|kilometres|meters|metres|miles|kilograms|years|days"
    r"|hours|dollars|euros|pounds|yen|rubles|words|lines|pages|[kcm]?m|[kmµ]?g|[mcd]?[lL]|Hz|kWh|MWh|ha|W|kW|MW|V|bytes"
    r"|[kMGT]?B|mi|ft|lbs?|t)\b)|\d{1,3}(?:[ ]\d{3}){2,}(?=\.\d+\s?[A-Za-zµ°%€])"
)
"""Thousands by commas, lakhs by commas, thousands by narrow spaces or apostrophes, and by spaces.

Three digits before a space may be a code: groups are one number there if what follows is counted by it.
"""
_EUROPEAN: Final = (
    r"\d{1,3}(?:\.\d{3})+,\d+(?!\d|,\d)|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+,\d{1,2}(?!\d|,\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?![.,]?\d)"
)
"""Thousands by points or spaces, with a decimal comma or in several groups, which no other number looks like."""
NUMBER: Final = rf"(?:{_EUROPEAN}|(?:{_GROUPED}|\d+)(?:\.\d+)?|\.\d+)"
"""Pattern of a number with thousands separators and one point."""
DECIMAL_COMMA: Final = r"(?<![\d.,])(?:0,\d+|\d+,\d{1,2})(?!\d|[.,]\d)"
"""Pattern of a number with a decimal comma; between other words it may be two numbers."""
SUM: Final = rf"(?:{DECIMAL_COMMA}|{NUMBER})"
"""Pattern of a number beside a unit or a currency, which may have a decimal comma."""

CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₿": ("bitcoin", "bitcoins", "cent", "cents"),
    "₺": ("lira", "lira", "kurush", "kurush"),
    "₪": ("shekel", "shekels", "agora", "agorot"),
    "₫": ("dong", "dong", "xu", "xu"),
    "₱": ("peso", "pesos", "centavo", "centavos"),
    "₴": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "₦": ("naira", "naira", "kobo", "kobo"),
}
"""Sign of a currency to the names of one and of several, and of one and several hundredths."""

_COUNTRIES: Final = {
    "US": "U S ", "C": "Canadian ", "CA": "Canadian ", "A": "Australian ", "AU": "Australian ", "NZ": "New Zealand ",
    "HK": "Hong Kong ", "S": "Singapore ", "R": "", "": "",
}  # fmt: skip
"""What stands before `$` to what is said for it."""
_REAL: Final = ("real", "reais", "centavo", "centavos")
"""The names of R$."""
_CODES: Final = {
    "USD": ("U S dollar", "U S dollars"),
    "EUR": ("euro", "euros"),
    "GBP": ("British pound", "British pounds"),
    "JPY": ("yen", "yen"),
    "CNY": ("yuan", "yuan"),
    "CHF": ("Swiss franc", "Swiss francs"),
    "CAD": ("Canadian dollar", "Canadian dollars"),
    "AUD": ("Australian dollar", "Australian dollars"),
    "INR": ("Indian rupee", "Indian rupees"),
    "Rs": ("rupee", "rupees"),
    "BTC": ("bitcoin", "bitcoins"),
    "SEK": ("Swedish krona", "Swedish kronor"),
    "NOK": ("Norwegian krone", "Norwegian kroner"),
    "DKK": ("Danish krone", "Danish kroner"),
    "PLN": ("Polish zloty", "Polish zlotys"),
    "CZK": ("Czech koruna", "Czech koruny"),
    "HUF": ("Hungarian forint", "Hungarian forints"),
    "KRW": ("Korean won", "Korean won"),
    "BRL": ("Brazilian real", "Brazilian reais"),
    "MXN": ("Mexican peso", "Mexican pesos"),
    "ZAR": ("South African rand", "South African rand"),
    "NZD": ("New Zealand dollar", "New Zealand dollars"),
    "SGD": ("Singapore dollar", "Singapore dollars"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars"),
    "RUB": ("ruble", "rubles"),
    "ILS": ("shekel", "shekels"),
    "kr": ("krone", "kroner"),
    "zł": ("zloty", "zlotys"),
    "Kč": ("koruna", "koruny"),
}
"""ISO 4217 code, or an abbreviation, to the names of one and of several."""
_COINS: Final = {"¢": ("cent", "cents"), "c": ("cent", "cents"), "p": ("penny", "pence")}

_SCALES: Final = {
    "k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "tn": "trillion",
    "mm": "million", "mio": "million", "mil": "million", "mrd": "billion", "trn": "trillion", "t": "trillion",
    "cr": "crore", "lakhs": "lakh", "crores": "crore",
}  # fmt: skip
_SCALE: Final = (
    r"(?P<scale>[\s-]?(?:thousand|million|billion|trillion|lakh crores?|lakhs?|crores?)\b"
    r"|\s?(?:bn|tn|trn|mn|mil|mio|mrd|Mio|Mrd|MM|[cC]r)\b\.?(?![\w])|[kmbtKMBT]\b)"
)

MONEY: Final = (
    rf"(?P<currency>[{''.join(CURRENCIES)}])\s*(?P<amount>{NUMBER})"
    r"(?:\s*(?P<scale>thousand|million|billion|trillion|bn|[kmb])\b)?"
)
"""Pattern of an amount of money, for `read_money`."""

_FIRST_YEAR: Final = "1100"
"""Four digits from here on are a year: of the years before, few are written about."""
_LAST_YEAR: Final = "2099"

_CODE: Final = 7
"""Digits from which a number without separators is no quantity but a code, such as a telephone number."""


def read_amount(text: str) -> str:
    """Read a quantity: `1,234.5` is one thousand two hundred thirty four point five."""
    whole, _, fraction = _with_a_point(text).partition(".")
    return read_cardinal(whole) + (f" point {read_digits(fraction)}" if fraction else "")


def _with_a_point(text: str) -> str:
    """Return a number without separators and with a decimal point: `1.234,56` becomes 1234.56."""
    text = re.sub(r"[\s'’]", "", text)
    if re.fullmatch(r"0,\d+|\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d+", text):
        return text.replace(".", "").replace(",", ".")
    return text.replace("," if text.count(".") < 2 else ".", "")


def read_number(text: str, last_year: str = _LAST_YEAR) -> str:
    """Read a number that stands alone: a year, a code or a quantity.

    Args:
        text: As `NUMBER` finds it.
        last_year: The last four digits that are read as a year.
    """
    if text.isdigit() and len(text) == len(_FIRST_YEAR) and _FIRST_YEAR <= text <= last_year:
        return read_year(text)
    if text.isdigit() and (len(text) >= _CODE or (text[0] == "0" and len(text) > 1)):
        return read_digits(text)
    return read_amount(text)


def read_code(digits: str) -> str:
    """Read digits that are a name: `7` seven, `52` fifty two, `747` seven forty seven, `101` one oh one."""
    if digits[0] == "0" or len(digits) > 4:
        return read_digits(digits)
    if len(digits) < 3 or digits.endswith("00"):
        return read_cardinal(digits)
    first, rest = digits[:-2], digits[-2:]
    return f"{read_cardinal(first)} {'oh ' if rest[0] == '0' else ''}{read_cardinal(rest)}"


def read_money(match: re.Match[str]) -> str:
    """Read what `MONEY` found: `$5.50` is five dollars fifty cents, `$3.2 million` three point two million dollars."""
    one, many, small_one, small_many = CURRENCIES[match["currency"]]
    scale = (match["scale"] or "").lower()
    if scale:
        return f"{read_amount(match['amount'])} {_SCALES.get(scale, scale)} {many}"
    return _coins(match["amount"], one, many, small_one, small_many)


def pluralised(words: str) -> str:
    """Return a number as a decade or a group: `nineteen ninety` becomes nineteen nineties."""
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}{'es' if words.endswith('x') else 's'}"


def _coins(amount: str, one: str, many: str, small_one: str, small_many: str) -> str:
    amount = _with_a_point(amount)
    whole, _, fraction = amount.partition(".")
    if fraction and len(fraction) != 2:
        return f"{read_amount(amount)} {many}"
    parts = []
    if int(whole or 0) or not int(fraction or 0):
        parts.append(f"{read_cardinal(whole)} {one if whole.lstrip('0') == '1' else many}")
    if int(fraction or 0):
        parts.append(f"{read_cardinal(fraction)} {small_one if int(fraction) == 1 else small_many}")
    return " ".join(parts)


def _money(match: re.Match[str]) -> str:
    country = _COUNTRIES[match["country"] or ""]
    one, many, small_one, small_many = _REAL if match["country"] == "R" else CURRENCIES[match["currency"]]
    one, many = country + one, country + many
    if attributive(match):
        many = one
    before_scale, scale = _scale(match)
    gap = "|" if match["gap"] else ""
    if match["last"]:
        first, last = (read_amount(match[name]) for name in ("amount", "last"))
        return f"{gap}{first} to {last}{before_scale}{scale} {many}"
    if scale:
        return f"{gap}{read_amount(match['amount'])}{before_scale}{scale} {many}"
    return gap + _coins(match["amount"], one, many, small_one, small_many)


def _money_after(match: re.Match[str]) -> str:
    unit = match["unit"]
    if unit in CURRENCIES:
        one, many, small_one, small_many = CURRENCIES[unit]
        return _coins(match["amount"], one, many, small_one, small_many) + ("|" if match["gap"] else "")
    one, many = _CODES[unit] if unit in _CODES else _COINS[unit]
    name = one if match["amount"] == "1" or attributive(match) else many
    return f"{read_amount(match['amount'])}{''.join(_scale(match))}{'|' if match['gap'] else ' '}{name}"


def _code_before(match: re.Match[str]) -> str | None:
    one, many = _CODES[match["unit"]]
    amount = re.sub(r"[.,]00$", "", match["amount"])
    # How fast blood clots: INR 2.5.
    if match["unit"] == "INR" and len(amount.partition(".")[0]) == 1 and not match["scale"]:
        return None
    name = one if amount == "1" and not match["scale"] else many
    return f"{'|' if match['gap'] else ''}{read_amount(amount)}{''.join(_scale(match))} {name}"


def _scale(match: re.Match[str]) -> tuple[str, str]:
    """Return what parts an amount from its scale, and the scale: after a space it is a written word of its own."""
    if not match["scale"]:
        return "", ""
    scale = match["scale"].strip(" -.").lower()
    words = " ".join(_SCALES.get(word, word) for word in scale.split())
    return "|" if match["scale"][0].isspace() else " ", words + "|" * scale.count(" ")


def _loss(match: re.Match[str]) -> str:
    """Read `$(5.00)`, as accounts write a loss, and `$-5`."""
    one, many, small_one, small_many = CURRENCIES[match["currency"]]
    amount = match["paid"] or match["owed"]
    if match["scale"]:
        return f"minus {read_amount(amount)}{''.join(_scale(match))} {many}"
    return f"minus {_coins(amount, one, many, small_one, small_many)}"


def _bracketed(match: re.Match[str]) -> str | None:
    """Read `(1,500)` after what is lost or earned, as accounts write a loss."""
    if not _BALANCE.search(match.string, max(0, match.start() - 48), match.start()):
        return None
    if match["currency"]:
        one, many, small_one, small_many = CURRENCIES[match["currency"]]
        return f"minus {_coins(match['owed'], one, many, small_one, small_many)}"
    return f"minus {read_amount(match['owed'])}"


_BALANCE: Final = re.compile(
    r"\b(?:loss(?:es)?|income|profits?|earnings|EBITDA|cash flow|balance)\b"
    r"[^.!?()]{0,24}(?:[:=]|\b(?:was|is|of|at|to))\s$",
    re.IGNORECASE,
)
"""What stands before a sum in brackets that is a loss."""

_BEFORE: Final = rule(
    rf"(?P<country>(?<!\w)(?:US|CA?|AU?|NZ|HK|S|R)(?=\$))?(?P<currency>[{''.join(CURRENCIES)}])(?P<gap>\s?)"
    rf"(?P<amount>{SUM})(?:\s?[-–—]\s?(?P=currency)?(?P<last>{SUM}))?(?:{_SCALE})?",
    _money,
)
_CODE_BEFORE: Final = rule(
    rf"\b(?P<unit>{any_of(_CODES)})\.?(?P<gap>\s?)(?P<amount>{SUM})(?:{_SCALE})?(?!\w)", _code_before
)
MONEY_SIGN_RULES: Final = (
    rule(rf"\((?P<currency>[{''.join(CURRENCIES)}])?(?P<owed>{NUMBER})\)(?!\w)", _bracketed),
    _BEFORE,
    rule(
        rf"(?P<currency>[{''.join(CURRENCIES)}])(?:\((?P<paid>{NUMBER})\)|[-−](?P<owed>{NUMBER}))(?:{_SCALE})?", _loss
    ),
)
"""Rules that begin at a sign."""
MONEY_NAME_RULES: Final = (_BEFORE, _CODE_BEFORE)
"""Rules that begin at a letter."""
MONEY_RULES: Final = (
    rule(
        rf"(?P<amount>{SUM})(?:{_SCALE})?(?P<gap>\s?)(?P<unit>{any_of(_CODES)}|[{''.join(CURRENCIES)}])(?![\w\d])",
        _money_after,
    ),
    rule(rf"(?<![\w.])(?P<amount>{NUMBER})(?P<scale>(?!))?(?P<gap>(?!))?(?P<unit>[¢cp])(?!\w)", _money_after),
)
"""Rules that begin at a digit."""
