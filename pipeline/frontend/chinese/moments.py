"""Dates, years, times of day, and the scores that look like them."""

from __future__ import annotations

import calendar
import re
from typing import Final

from pipeline.frontend.chinese.numerals import read_code, read_decimal, read_digits, read_integer
from pipeline.frontend.chinese.rules import TO, rule

__all__ = ["MOMENTS", "impossible_moments"]

_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_DAY: Final = r"(?:[12]\d|3[01]|0?[1-9])"
_TWO_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_TWO_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_CLOCK: Final = r"(?:[01]?\d|2[0-4])[:：][0-5]\d"
_COUNT: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
"""A whole number, perhaps with commas between thousands."""
_FREE: Final = "放假|休假|休息|调休|补班|上班|开学|开工|复工|报到|截止|到期|生效|起"
"""What happens on a day, after a date such as 10-1."""
_SCORED: Final = (
    r"获胜|战胜|击败|险胜|大胜|完胜|取胜|胜|赢|告捷|逆转|绝杀|力克|负于|输|不敌|惜败|落败|告负|战平|打平|握手言和|领先|落后"
    r"|的?(?:大?比分|总?成绩|优势|比例|比率|比值|屏幕|画面)"
)
_EVENTS: Final = r"事件|恐怖|大?地震|运动|黄金周|国庆|大促|(?:劳动|妇女|购物|狂欢|植树|儿童|青年|护士|建军|教师)节"
_BIBLE_BOOKS: Final = (
    "福音 创世记 创世纪 出埃及记 利未记 民数记 申命记 诗篇 箴言 传道书 以赛亚书 耶利米书 启示录"
    " 使徒行传 罗马书 前书 后书 雅各书"
    " 希伯来书"
).split()
"""Books before a chapter and a verse."""
_AFTER_BOOKS: Final = "|".join(f"(?<={book})" for book in _BIBLE_BOOKS)
_MOMENT: Final = re.compile(
    r"(?<![\d.])(?:(?P<year>\d{4})\s?年\s?)?(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?[日号]"
    r"|(?<![\d/-])(?P<year2>\d{4})(?P<mark>[-/])(?P<month2>\d{1,2})(?P=mark)(?P<day2>\d{1,2})(?![\d/-])"
    r"|(?<=[在于午晚])(?P<hour2>\d{1,2})[:：][0-5]\d(?![\d:：])"
    r"|(?<![\d.])(?P<hour>\d{1,2})\s?[点时]\s?(?P<minute>\d{1,2})\s?分(?!之)"
)
"""What looks like a date or a time of day."""
_LEAP_YEAR: Final = 2000
"""Stands for a year that is not told: February may have 29 days."""
_LAST_HOUR: Final = 24
_FIRST_YEAR: Final = 1000
_LAST_YEAR: Final = 2199
"""Years that are read digit by digit; four digits outside of them, or whole thousands, count years."""


def impossible_moments(text: str) -> list[tuple[int, int]]:
    """Return where each date or time begins and ends that does not exist, such as 2月30日 or 14点75分.

    >>> impossible_moments("2月29日，2月30日")
    [(6, 11)]
    """
    return [match.span() for match in _MOMENT.finditer(text) if not _exists(match)]


def _exists(match: re.Match[str]) -> bool:
    if match["hour"]:
        return int(match["hour"]) <= _LAST_HOUR and int(match["minute"]) < 60
    if match["hour2"]:
        return int(match["hour2"]) <= _LAST_HOUR
    year, month, day = (int(match[name] or match[f"{name}2"] or _LEAP_YEAR) for name in ("year", "month", "day"))
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or _LEAP_YEAR, month)[1]


def _date(match: re.Match[str]) -> str:
    year, month, day = re.findall(r"\d+", match[0])[:3]
    if int(day) > calendar.monthrange(int(year), int(month))[1]:
        # No such day: sign by sign.
        return "杠".join(map(read_digits, (year, month, day)))
    return f"{read_digits(year)}年{read_integer(month)}月{read_integer(day)}日"


def _american_date(match: re.Match[str]) -> str:
    return f"{read_digits(match[3])}年{read_integer(match[1])}月{read_integer(match[2])}日"


def _day(match: re.Match[str]) -> str:
    month, day = (group for group in match.groups() if group)
    return f"{read_integer(month)}月{read_integer(day)}日"


def read_year(digits: str) -> str:
    """Read the four digits before 年: 1990年 is a date, 5000年 is a time."""
    number = int(digits)
    is_date = _FIRST_YEAR < number <= _LAST_YEAR and (number % 1000 or number == 2000)
    return read_digits(digits) if is_date else read_integer(digits)


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = match["hour"], match["minute"], match["second"]
    half = (match["half"] or "").strip().lower()[:1]
    prefix = "" if not half else "上午" if half == "a" else "下午"
    spoken = "两" if int(hour) == 2 else read_integer(hour)
    spoken = f"{prefix}{spoken}点"
    if minute == "00" and not second:
        return f"{spoken}整"
    return f"{spoken}{_two_digits(minute)}分{_two_digits(second) + '秒' if second else ''}"


def _two_digits(digits: str) -> str:
    return read_digits(digits) if digits[0] == "0" and digits != "00" else read_integer(digits)


def _score(match: re.Match[str]) -> str:
    spoken = re.sub(r"\s*[:：∶-]\s*", "比", match["score"].replace(",", ""))
    return match["before"] + re.sub(r"\d+(?:\.\d+)?", lambda number: read_decimal(number[0]), spoken)


def _ratio(match: re.Match[str]) -> str:
    return "比".join(read_integer(number) for number in re.findall(r"\d+", match[0].replace(",", "")))


def _event(match: re.Match[str]) -> str:
    return "".join(read_integer(part) if part == "10" else read_digits(part) for part in re.findall(r"\d+", match[0]))


def _event_code(match: re.Match[str]) -> str:
    return read_code(match[0])


def _season(match: re.Match[str]) -> str:
    return "到".join(read_digits(year) for year in match.groups() if year)


def _angle(match: re.Match[str]) -> str:
    degrees, minutes, seconds = match["degrees"], match["minutes"], match["seconds"]
    spoken = f"{read_integer(degrees)}度" if degrees else ""
    return f"{spoken}{_two_digits(minutes)}分{_two_digits(seconds) + '秒' if seconds else ''}"


def _verse(match: re.Match[str]) -> str:
    chapter, verse, last = (read_integer(part) if part else "" for part in match.groups())
    return f"{chapter}章{verse}{'到' + last if last else ''}节"


MOMENTS: Final = (
    # Somebody's height.
    rule(
        r"(?:(?<=身高)|(?<=[高约]))([3-7])\s?['’′]\s?(1[01]|\d)\s?[\"”″]",
        lambda m: f"{read_integer(m[1])}英尺{read_integer(m[2])}英寸",
    ),
    rule(rf"(?:{_AFTER_BOOKS})\s?(\d{{1,3}})[:：](\d{{1,3}})(?:[-–—~～](\d{{1,3}}))?", _verse),
    rule(
        rf"(?<!\d)((?:19|20)\d\d)({_TWO_MONTH})({_TWO_DAY})(?![\d.%]|\s?[元个人件万亿])",
        lambda m: f"{read_digits(m[1])}年{read_integer(m[2])}月{read_integer(m[3])}日",
    ),
    rule(
        r"(?<![\d.])(?:911|315|618|1111|1212|818|512|921|731|918)(?=事件|晚会|恐怖|地震|部队|大促|购物|打假)",
        _event_code,
    ),
    rule(
        r"(?P<before>(?:比分|战成|战平|打成|总分|比例|比率|比值)[是为定格在至了成:：，、\s]{0,4})"
        rf"(?P<score>{_COUNT}\s*[:：∶-]\s*{_COUNT}(?:\.\d+)?)",
        _score,
    ),
    rule(rf"(?P<before>)(?<!\d)(?P<score>\d{{1,3}}\s*[:：∶-]\s*\d{{1,3}})(?=\s*(?:{_SCORED}))", _score),
    rule(
        rf"(?<![\d.])\d{{4}}(?:-{_MONTH}-|/{_MONTH}/|\.{_MONTH}\.|·{_MONTH}·){_DAY}(?!\d)(?:T(?=\d\d:))?",
        _date,
    ),
    rule(r"(?<!\d)(0?[1-9]|1[0-2])/(1[3-9]|2\d|3[01])/(\d{4})(?!\d)", _american_date),
    rule(
        r"(?<![\d-])((?:19|20)\d\d)[-/](0[1-9]|1[0-2])(?![\d年/-])",
        lambda m: f"{read_digits(m[1])}年{read_integer(m[2])}月",
    ),
    rule(
        r"(?<![\d/-])(0[1-9]|1[0-2])[-/]((?:19|20)\d\d)(?![\d年/-])",
        lambda m: f"{read_digits(m[2])}年{read_integer(m[1])}月",
    ),
    rule(
        rf"(?<![\d/.-])(0[1-9])[-/]({_DAY})(?![\d/.-])|(?<![\d/.-])(1[0-2])[-/](0[1-9])(?![\d/.-])",
        lambda m: f"{read_integer(m[1] or m[3])}月{read_integer(m[2] or m[4])}日",
    ),
    # 10-1放假, 10-1到10-7放假, 国庆10.1-10.7.
    rule(
        rf"(?=\d{{1,2}}[-./]\d)(?:(?<![\d/.-])({_MONTH})[-./]({_DAY})(?=(?:{TO}{_MONTH}[-./]{_DAY})?(?:{_FREE}))"
        rf"|(?:(?<=国庆)|(?<=五一)|(?<=春节)|(?<=假期))({_MONTH})[-./]({_DAY})(?={TO}{_MONTH}[-./]{_DAY}(?!\d))"
        rf"|(?<=\d[-./]\d[-–—~～到至])({_MONTH})[-./]({_DAY})(?=(?:{_FREE})))",
        _day,
    ),
    rule(rf"(?<=\d[./]\d)[-–—~～](?={_MONTH}[./]{_DAY}(?:{_FREE}))", "到"),
    rule(r"(?<=[QH]\d)['’](\d\d)(?!\d)", lambda m: f"{read_digits(m[1])}年"),
    rule(rf"(?<!\d)(\d{{4}}){TO}(?=\d{{4}}\s*年)", lambda m: f"{read_digits(m[1])}到"),
    rule(r"(?<![\d.])(\d{4})\s*(?=年(?!级))", lambda m: read_year(m[1])),
    rule(
        r"(?<![\d.第])(?:0\d|[89][1-9](?=年(?![前后来间历之以]))|\d\d(?=年(?:\d{1,2}月|出生|生人|毕业|入学|奥运|世界杯|[春夏秋冬初底末版款])))(?=年)",
        lambda m: read_digits(m[0]),
    ),
    rule(r"(?<![\d.])(?:[056789][05]|10)(?=后(?![来面天期续]))", lambda m: read_digits(m[0])),
    rule(r"(?<![\d.])(?:1\.1|5\.1|10\.1)(?=[小长]?假期?(?!期?约))", _event),
    rule(
        r"(?:(?<=用时)|(?<=耗时)|(?<=历时)|(?<=时长)|(?<=时长[为是:：]))(\d{1,2})[:：]([0-5]\d)[:：]([0-5]\d)(?![\d:：])",
        lambda m: f"{read_integer(m[1])}小时{_two_digits(m[2])}分{_two_digits(m[3])}秒",
    ),
    rule(rf"(?<![\d.])\d{{1,2}}[./-]\d{{1,2}}(?={_EVENTS})|(?<!\d)\d{{1,2}}[·・•]\d{{1,2}}(?!\d)", _event),
    rule(r"(?<!\d)((?:19|20)\d\d)(?:[-–—~～/](\d{4}|\d\d))?(?=学年|财年|年度|赛季)", _season),
    rule(r"(?<![\d/])24/7(?![\d/])", "七天二十四小时"),
    rule(
        rf"(?<![\d:：])(?=(?:{_CLOCK}))(?P<hour>\d{{1,2}})[:：](?P<minute>\d\d)(?:[:：](?P<second>[0-5]\d)(?:\.\d+)?)?(?![\d:：]|,\d{{3}})"
        r"(?:\s?(?P<half>[aApP]\.?[mM]\b\.?))?",
        _clock,
    ),
    rule(rf"(?<=[:：]\d\d){TO}(?={_CLOCK})", "到"),
    rule(rf"(?=[\d,]{{1,15}}[:：∶])(?<![\d:：,.]){_COUNT}(?:[:：∶]{_COUNT})+(?![\d:：])", _ratio),
    rule(
        r"(?:(?P<degrees>\d{1,3})°\s?|(?<![\d.]))(?P<minutes>\d{1,2})\s?[′'’]\s?(?:(?P<seconds>\d{1,2})\s?(?:[″\"”]|''|’’))",
        _angle,
    ),
    rule(r"(?P<degrees>\d{1,3})°\s?(?P<minutes>\d{1,2})\s?[′'’](?P<seconds>)", _angle),
    rule(
        r"(?<=[一二三四五六日天末])\s*[-–—~～]\s*(?=(?:周|星期|礼拜)[一二三四五六日天末])",
        "到",
    ),
)
"""From scores, which look like times, to spans of weekdays."""
