"""Amounts: numbers, fractions, shares, money and measures, alone and from one to another."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pipeline.frontend.chinese.numerals import read_code, read_decimal, read_digits, read_integer
from pipeline.frontend.chinese.rules import NUMBER, TO, rule
from pipeline.frontend.rules import any_of
from pipeline.frontend.tables import read_table

__all__ = ["ARITHMETIC", "QUANTITIES", "read_number", "read_signed"]

_UNITS: Final = read_table(__package__, "units")
"""Unit to its name. Case matters: mW is not MW."""
_POWERS: Final = {"²": "平方", "³": "立方", "2": "平方", "3": "立方"}
_CURRENCIES: Final = read_table(__package__, "currencies")
"""Sign or code of a currency to its name."""
_SHARES: Final = {"%": "百分之", "‰": "千分之", "‱": "万分之"}
_SIGNS: Final = {"-": "负", "–": "负", "−": "负", "+": "正", "±": "正负", "": ""}
_COUNTED: Final = re.compile(
    r"\s*(?:[个位只本张件条天次周块家名岁倍点时人种层台辆瓶杯箱双对颗把座首道间份遍回场页篇句元里米升吨秒克滴字大万亿千毛枚朵棵根头匹碗桶袋包套组串桩所艘架支幅片盘节株]"
    r"|小时|分钟|公[里斤分顷]|[厘毫分]米|平方|立方|英[里尺寸]|斤|年(?!级)|季度|星期|世纪|刻钟)"
)
"""What is counted: 2 before it is 两."""


_LETTERS: Final = "A-Za-zμΩ°℃℉"
_UNIT: Final = (
    # Most of what follows a number is no letter: that is found out before hundreds of units are tried.
    rf"(?:(?=[{_LETTERS}¢])(?:{any_of(_UNITS)})(?:[²³]|(?<=m)[23](?![\d.]))?(?:[·⋅][{_LETTERS}]{{1,4}}[²³]?(?![⁻-]))*"
    rf"(?:[ ·⋅](?:[{_LETTERS}]{{1,4}}⁻[¹²³]|(?:[smLhgK]|mol|kg|cm)[-−][123](?![\w.])))*"
    rf"(?:/[{_LETTERS}]{{1,5}}[²³]?K?){{0,2}})(?![A-Za-z0-9²³])"
)
_LETTER_GRADE: Final = r"(?!A(?:级|景|股|游戏|大作|类|轮))"
"""5A景区 is no electric current."""
_CURRENCY: Final = any_of(_CURRENCIES)
_SCALE: Final = r"[十百千万亿]*"
_LETTER_SCALES: Final = {"k": "千", "K": "千", "M": "百万", "B": "十亿"}
"""Letters after an amount of money."""
_VULGAR: Final = "".join(
    character
    for character in map(chr, (0xBC, 0xBD, 0xBE, *range(0x2150, 0x215F)))
    if "⁄" in unicodedata.normalize("NFKC", character)
)


def read_number(text: str, following: str = "") -> str:
    """Read a number without a sign.

    Args:
        text: ASCII digits, perhaps with commas and a point; a zero in front makes it a code.
        following: The text after it, which tells whether 2 is 两.
    """
    if text == "2" and _COUNTED.match(following) and not following.startswith("两"):
        return "两"
    text = text.replace(",", "")
    if len(text) > 1 and text[0] == "0" and text.isdigit():
        return read_digits(text)
    if len(text) > 16 and text.isdigit():
        return read_code(text)
    return read_decimal(text)


def read_signed(text: str, following: str = "") -> str:
    """Read a number that may have a sign."""
    sign = text[0] if text[0] in "-–−+±" else ""
    return _SIGNS[sign] + read_number(text[len(sign) :].lstrip(), following)


_PLACE_BEFORE: Final = re.compile(
    r"(?:电话|号码|编号|门牌|地址|[楼栋幢座房室号型区排图表题例课页第版机])[:：是为]?$|[A-Za-z]$"
)
_PLACE_AFTER: Final = re.compile(r"[楼栋幢座房室号户型单区排]|[A-Za-z]")
"""What stands beside numbers of places and things: 3-2室, 图3-2."""


def _half(name: str, *, sign: str) -> str:
    """Return the pattern of one quantity, its groups named after one end of a range."""
    return (
        rf"(?P<{name}_sign>{sign})(?:(?P<{name}_currency>{_CURRENCY})\s?)?(?P<{name}_inner>[-−]?)(?P<{name}>{NUMBER})"
        rf"(?:(?P<{name}_share>\s?[%‰‱])|(?P<{name}_unit>\s?{_LETTER_GRADE}{_UNIT}))?"
    )


_FIRST_SIGN: Final = rf"(?:(?<![0-9A-Za-z)\]）²³{_VULGAR}])(?<!\d[点时号月日年个])[-−+±–]\s?)?"
_QUANTITY: Final = (
    rf"{_half('low', sign=_FIRST_SIGN)}(?:(?P<to>{TO}){_half('high', sign='[-−+]?')})?"
    rf"(?P<scale>{_SCALE})(?P<letter>(?<=\d)[kKMB](?![A-Za-z0-9]))?(?P<yuan>元|块钱?)?"
    rf"(?:\s?(?P<code>{any_of(filter(str.isalpha, _CURRENCIES))})(?![A-Za-z]))?"
)


def _quantity(match: re.Match[str]) -> str:
    rest = f"{match['scale']}{match['yuan'] or ''}{match.string[match.end() :]}"
    share = match["high_share"] or match["low_share"]
    currency = match["low_currency"] or match["high_currency"] or match["code"]
    unit = match["high_unit"] or match["low_unit"]
    name = _CURRENCIES[currency] if currency else unit_name(unit.strip()) if unit else ""
    prefix = _SHARES[share.strip()] if share else ""
    following = f"个{name}" if name else rest
    spoken = _end(match, "low", prefix, following)
    if match["high"] is not None:
        first_unit = unit_name(match["low_unit"].strip()) if match["low_unit"] else ""
        joint = _joint(match, counts=bool(share or name))
        spoken += f"{first_unit}{joint}{_end(match, 'high', prefix, following)}"
    letter = match["letter"] or ""
    letter = _LETTER_SCALES.get(letter, "") if currency else letter
    return f"{spoken}{match['scale']}{letter}{name or match['yuan'] or ''}"


def _end(match: re.Match[str], name: str, share: str, following: str) -> str:
    sign = (match[f"{name}_sign"] or "").strip() or match[f"{name}_inner"] or ""
    return _SIGNS[sign] + share + read_number(match[name], following)


def _joint(match: re.Match[str], *, counts: bool) -> str:
    """Return what joins the ends of a range: 到, unless they go down and count nothing: 5-3 is a score."""
    if match["to"].strip() in "到至":
        return match["to"].strip()
    low, high = (float(match[end].replace(",", "")) for end in ("low", "high"))
    rising = low < high or match["low_sign"] or match["low_inner"]
    counts = counts or bool(match["scale"] or match["yuan"] or _COUNTED.match(match.string[match.end() :]))
    if rising or counts:
        return "到"
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    # Numbers of a building and a telephone go down as well.
    return "杠" if high == 0 or _PLACE_BEFORE.search(before[-4:]) or _PLACE_AFTER.match(after) else "比"


def unit_name(unit: str) -> str:
    """Return how a unit is said: m² is 平方米, mg/L is 毫克每升; letters that are none stay.

    Args:
        unit: A unit of the table, perhaps with a power, perhaps over or beside another one.
    """
    if unit in _UNITS:
        return _UNITS[unit]
    if unit == "d":  # Days, which are a unit below a bar alone.
        return "天"
    above, _, below = unit.partition("/")
    first, *under = re.split("[ ·⋅]", above)
    if under and not below:
        return unit_name(first) + "".join(_beside(each) for each in under)
    if below:
        if below != "K" and below.endswith("K"):
            return f"{unit_name(above)}每{unit_name(below[:-1])}{unit_name('K')}"
        power = "二次方" if below == "s²" else ""
        return f"{unit_name(above)}每{power}{unit_name(below.removesuffix('²') if power else below)}"
    if unit[-1] in _POWERS:
        return f"{_POWERS[unit[-1]]}{_UNITS.get(unit[:-1], unit[:-1])}"
    return {"K": "开尔文"}.get(unit, unit)


def _beside(unit: str) -> str:
    """Return how a unit is said after another one; with a negative power it divides it: s⁻² is 每二次方秒."""
    found = re.fullmatch(r"(.+?)[⁻−-]([¹²³123])", unit)
    if found is None:
        return unit_name(unit)
    name, power = found[1], unicodedata.normalize("NFKC", found[2])
    if power == "1":
        return f"每{unit_name(name)}"
    return f"每{'二三'[int(power) - 2]}次方秒" if name == "s" else f"每{_POWERS[power]}{unit_name(name)}"


def _bare_unit(match: re.Match[str]) -> str:
    return unit_name(match[0])


def _fraction(match: re.Match[str]) -> str:
    top, bottom = re.split(r"\s?[/⁄]\s?", unicodedata.normalize("NFKC", match["part"]))
    sign = _SIGNS[(match["sign"] or "").strip()]
    whole = f"{read_integer(match['whole'])}又" if match["whole"] else ""
    unit = unit_name(match["unit"].strip()) if match["unit"] else ""
    return f"{sign}{whole}{read_integer(bottom)}分之{read_integer(top or '1')}{unit}"


def _pressure(match: re.Match[str]) -> str:
    unit = unit_name(match[3].strip()) if match[3] else ""
    return f"{read_integer(match[1])}比{read_integer(match[2])}{unit}"


def _pressure_named(match: re.Match[str]) -> str:
    return match[0][: match.start(1) - match.start()] + _pressure(match)


def _inches(match: re.Match[str]) -> str:
    return f"{read_number(match[1])}英寸"


def _ordinal(match: re.Match[str]) -> str:
    numbers = re.sub(r"\s*[-–—~～]\s*", "到", match[1])
    return "第" + re.sub(r"\d+", lambda number: read_integer(number[0]), numbers)


_OPERATORS: Final = (
    {"+": "加"} | dict.fromkeys("-−", "减") | dict.fromkeys("×*xX", "乘以") | dict.fromkeys("÷/", "除以")
)


def _expression(match: re.Match[str]) -> str:
    first, *rest = re.split(r"\s*([-−+×*÷/xX])\s*", match[0].strip().lstrip("-−"))
    spoken = "负" if match[0].strip()[0] in "-−" else ""
    spoken += read_number(first)
    for operator, number in zip(rest[::2], rest[1::2], strict=True):
        spoken += _OPERATORS[operator] + read_number(number)
    return spoken


def _charge(match: re.Match[str]) -> str:
    count = unicodedata.normalize("NFKC", match[0][:-1])
    return (read_integer(count) if count else "") + ("正" if match[0][-1] == "⁺" else "负")


_TERM: Final = rf"\s*[-−+×*÷/xX]\s*{NUMBER}"
ARITHMETIC: Final = (
    rule(rf"(?<![\w.])[-−]?{NUMBER}(?:{_TERM}){{1,12}}(?=\s*[=≈≠<>≤≥])", _expression),
    rule(rf"(?<=[=≈])\s*[-−]?{NUMBER}(?:{_TERM}){{1,12}}(?![\w.%])", _expression),
    rule(rf"(?<![\w.])(?!0[xX])({NUMBER})\s?[×*xX]\s?(?=\d)", lambda m: f"{read_number(m[1])}乘以"),
    rule(
        rf"(?<![\w.])({NUMBER})[eE]([-+]?\d+)(?![\w.])",
        lambda m: f"{read_number(m[1])}乘以十的{read_signed(m[2].removeprefix('+'))}次方",
    ),
    rule(rf"(?<![A-Za-z])[a-z](?:\s*[-−]\s*)(?={NUMBER})", lambda m: f"{m[0][0]}减"),
    rule(r"(?<![\w)）])⁻(?=\d)", "负"),
    rule(r"(?<![A-Za-z])[TN][-−](?=[1-9](?![\d.]))", lambda m: f"{m[0][0]}减"),
    rule(r"(?<=[\w)）])\*\*([-−]?\d+)", lambda m: _power(m[1])),
    rule(r"(?<![\w)）])[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?=[A-Z])", lambda m: read_integer(unicodedata.normalize("NFKC", m[0]))),
    rule(r"(?<=[A-Za-z₀-₉])[²³⁴]?[⁺⁻](?![⁰¹²³⁴-⁹])", _charge),
    rule(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: _power(unicodedata.normalize("NFKC", m[0]))),
    rule(r"(?<=[\w)）])\^[({]?([-−]?\d+)[)}]?", lambda m: _power(m[1])),
    rule(r"[₀₁₂₃₄₅₆₇₈₉]+", lambda m: read_digits(unicodedata.normalize("NFKC", m[0]))),
)
"""Sums, powers and the small digits of formulas."""


def _power(exponent: str) -> str:
    named = {"2": "的平方", "3": "的立方"}.get(exponent)
    return named or f"的{read_signed(exponent.replace('−', '-'))}次方"


def _comma(match: re.Match[str]) -> str:
    """Read a number whose comma parts its decimals, as the unit after it tells."""
    unit = unit_name(match["unit"].strip()) if match["unit"] else ""
    return f"{read_decimal(match['amount'].replace(',', '.'))}{unit}"


QUANTITIES: Final = (
    rule(
        rf"(?<![\w.,])(?P<amount>\d+,\d{{1,2}})(?!\d|[.,]\d)(?:(?P<unit>\s?{_UNIT})|(?=[毫微千公厘分]?[克升米]|欧元))",
        _comma,
    ),
    rule(r"第\s*(\d{1,3}(?:[,，]\d{3})+)(?!\d)", lambda m: f"第{read_integer(re.sub('[,，]', '', m[1]))}"),
    rule(r"第\s*(\d+(?:\.\d+)+)", lambda m: "第" + "点".join(read_integer(part) for part in m[1].split("."))),
    rule(rf"第\s*(\d+(?:(?:、|{TO})\d+)*)", _ordinal),
    rule(r"(?<![\w.])(\d+)(?:st|nd|rd|th)(?![A-Za-z])", lambda m: f"第{read_integer(m[1])}"),
    rule(r"No\.?\s?(\d+)(?![\d.])", lambda m: f"第{read_integer(m[1])}"),
    rule(r"(?<![\d.])(\d{2,3})/(\d{2,3})(\s?mmHg)(?![A-Za-z])", _pressure),
    rule(r"(?<=压)[是为约:： ]{0,3}(\d{2,3})/(\d{2,3})(?![\d/])(\s?mmHg)?", _pressure_named),
    rule(r"§\s?(\d+)(?![\d.])", lambda m: f"第{read_integer(m[1])}节"),
    rule(rf"(?P<sign>{_FIRST_SIGN})(?:(?P<whole>\d+)\s?)?(?P<part>[{_VULGAR}])(?P<unit>\s?{_UNIT})?", _fraction),
    rule(
        rf"(?P<sign>{_FIRST_SIGN})(?<![\w/.])(?:(?P<whole>\d+) )?(?P<part>\d{{1,4}}(?:/| / )[1-9]\d{{0,4}})(?![\d/.])"
        rf"(?P<unit>\s?{_UNIT})?",
        _fraction,
    ),
    rule(r"(?<![\w.])(\d{1,3}(?:\.\d+)?)\s?(?:″|''|\"(?=[㐀-鿿\s]))", _inches),
    rule(r"(?<=\d)米(\d{1,2})(?![\d.米厘分])", lambda m: f"米{read_digits(m[1])}"),
    rule(r"(?<=[点时])0\d(?=分)", lambda m: read_digits(m[0])),
    rule(r"(?<=\d[点时号月日])\s?[-–—~～]\s?(?=\d)", "到"),
    rule(r"(?<!\d)0([1-9])(?=月)|(?<=月)0([1-9])(?=[日号])", lambda m: read_integer(m[0])),
    rule(r"(?<![\w.])(\d+)w(?=[个张人粉块元多份])", lambda m: f"{read_integer(m[1])}万"),
    rule(
        rf"(?:(?<=[金资薪入款价额丝])|(?<=奖励|播放|阅读|点赞|存了|花了|赚了))({NUMBER})[wW](?![A-Za-z0-9])",
        lambda m: f"{read_number(m[1])}万",
    ),
    rule(r"(?<![\w.])\.\d+", lambda m: f"零{read_decimal('0' + m[0])[1:]}"),
    rule(r"(?<=[\w)）])\s*−\s*(?=[\w(（])", "减"),
    rule(r"(?<=\d[kKwWMG])[-–—~～](?=\d)", "到"),
    rule(rf"(?<=[{_VULGAR}])\s?[-–—~～]\s?(?=[\d{_VULGAR}])|(?<=\d/\d)[-–—~～](?=\d+/\d)", "到"),
    rule(r"(?<=\d[个人天元块年月日号次时岁米])[-–—~～](?=\d)|(?<=[%℃°])[-–—~～](?=\d)", "到"),
    rule(
        rf"(?P<currency>{any_of(sign for sign in _CURRENCIES if not sign.isalpha())})"
        rf"\((?P<amount>{NUMBER})\)(?P<scale>{_SCALE})",
        lambda m: f"负{read_number(m['amount'])}{m['scale']}{_CURRENCIES[m['currency']]}",
    ),
    rule(
        r"(?<![\w.])(\d{1,2})['’′]\s?[x×]\s?(\d{1,2})['’′]",
        lambda m: "乘".join(f"{read_number(side)}英尺" for side in m.groups()),
    ),
    rule(_QUANTITY, _quantity),
    rule(rf"(?<=[\d%][)）])\s?(?:{_UNIT})|(?<=\d\+)\s?(?:{_UNIT})", lambda m: unit_name(m[0].strip())),
    rule(r"(?:(?<=\d[mμ]g)|(?<=\dg))/(?=\d+(?:\.\d+)?\s?[mμ]?[Ll](?![A-Za-z]))", "每"),
    rule(rf"(?<=\d)/(?:{_UNIT})", lambda m: f"每{unit_name(m[0][1:])}"),
    rule(rf"(?<=[元块角人次个件天月年滴片粒])/(?:{_UNIT})", lambda m: f"每{unit_name(m[0][1:])}"),
    rule(r"(?<=\d[滴片粒])/(?=[天日次分小])", "每"),
    # A dose of a body and a time: 2mg/(kg·d).
    rule(
        r"(?<=g)/[(（](?P<body>kg)[·⋅*.](?P<time>d|h|min)[)）]",
        lambda m: f"每{unit_name(m['body'])}每{unit_name(m['time'])}",
    ),
    rule(r"(?<=\d[gmLlth])/(?=[人次天日年月个件份])", "每"),
    rule(r"(?<=kg|mg|km|mL|ml|Wh)/(?=[人次天日年月个件份])", "每"),
    rule(
        r"(?<=[元块角人次个件张片粒滴本支只])/(?=[个人次件天月年日周斤吨米升份张小分秒平公千克包盒瓶箱袋桶盘页])", "每"
    ),
    rule(rf"(?<![\w])(?=[A-Za-z]+[²³/])(?:{_UNIT})", _bare_unit),
)
"""From ordinals to plain numbers."""
