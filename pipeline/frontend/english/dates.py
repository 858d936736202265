"""Dates and times of day."""

from __future__ import annotations

import calendar
import re
from typing import Final

from pipeline.frontend.english.amounts import read_code
from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.english.neighbours import word_before
from pipeline.frontend.english.numerals import read_cardinal, read_digits, read_ordinal, read_year
from pipeline.frontend.rules import any_of, rule

__all__ = ["DATE_NAME_RULES", "DATE_RULES", "MONTHS", "NAMES_OF_TIME"]

MONTHS: Final = tuple("January February March April May June July August September October November December".split())
_SHORT_MONTHS: Final = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_WEEKDAYS: Final = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Weds": "Wednesday", "Thu": "Thursday",
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_BEFORE_DAYS: Final = frozenset("on by until till from to next last every each this since".split())
_ZONES: Final = "EST|EDT|ET|CST|CDT|CT|MST|MDT|MT|PST|PDT|PT|GMT|UTC|CET|CEST|BST|IST|JST|AEST"

_MONTH: Final = rf"(?P<month>{'|'.join((*MONTHS, *(month.upper() for month in MONTHS)))}|(?:{_SHORT_MONTHS})\b)\.?"
_DAY: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_LAST_DAY: Final = r"(?:\s?[-–—]\s?(?P<last>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?)?"
_YEAR: Final = r"(?:(?P<comma>,?)\s(?P<year>1\d{3}|20\d\d)(?![\d:]|[,.]\d))?"
_CLOCK: Final = r"(?P<hour>[01]?\d|2[0-4])[:](?P<minute>[0-5]\d)"
_SHORT_HALF: Final = r"(?P<gap>)(?P<half>[ap])(?!\w)"
_HALF: Final = r"(?P<gap>\s?)(?P<half>[AaPp])\.?[Mm](?:\b\.?(?=\W|$))"

NAMES_OF_TIME: Final = frozenset({*MONTHS, *_SHORT_MONTHS.split("|"), *_WEEKDAYS})
"""Words that dates begin with."""


def _month(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name.rstrip(".")[:3].capitalize()))


def _year(match: re.Match[str]) -> str:
    return f"{match['comma']}|{read_year(match['year'])}" if match["year"] else ""


def _month_first(match: re.Match[str]) -> str:
    day = read_ordinal(match["day"])
    last = f" to {read_ordinal(match['last'])}" if match["last"] else ""
    return f"{_month(match['month'])}|{_spread(day + last, match['days'])}{_year(match)}"


def _day_first(match: re.Match[str]) -> str:
    the = "" if word_before(match).lower() == "the" else "the "
    day = f"{the}{read_ordinal(match['day'])}"
    if match["last"]:
        day += f" to the {read_ordinal(match['last'])}"
    return f"{_spread(f'{day} of', match['days'])}|{_month(match['month'])}{_year(match)}"


def _spread(words: str, written: str) -> str:
    """Return a range of days as so many written words as it has: `10 – 12` are three."""
    return words.replace(" to ", (" to ", "|to ", "|to|")[len(written.split()) - 1], 1)


def _month_alone(match: re.Match[str]) -> str:
    return _month(match["month"])


def _numeric(match: re.Match[str]) -> str | None:
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if first <= 12 and match["mark"] != "." else (second, first)
    if not _is_date(month, day, match["year"]):
        return None
    return f"{MONTHS[month - 1]} {read_ordinal(str(day))}, {_any_year(match['year'])}"


def _dashed(match: re.Match[str]) -> str | None:
    """Read `5-3-2024`, which may be meant otherwise."""
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if first <= 12 else (second, first)
    if not _is_date(month, day, match["year"]):
        return None
    return f"{MONTHS[month - 1]} {read_ordinal(str(day))}, {_any_year(match['year'])}"


def _any_year(digits: str) -> str:
    if len(digits) == 2:
        return f"{'oh ' if digits[0] == '0' else ''}{read_cardinal(digits)}"
    return read_year(digits) if digits[0] in "12" else read_cardinal(digits)


def _is_date(month: int, day: int, year: str) -> bool:
    """Return whether a month has such a day; two digits of a year may be those of a leap year."""
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= calendar.monthrange(int(year) if len(year) == 4 else 2000, month)[1]


def _no_date(match: re.Match[str]) -> str:
    """Read what looks like a date and is none mark by mark."""
    marks = {"-": "dash", "/": "slash", ".": "dot"}
    parts = re.findall(r"\d+|[-/.]", match[0])
    return " ".join(marks.get(part) or (read_year(part) if len(part) == 4 else read_code(part)) for part in parts)


def _iso(match: re.Match[str]) -> str | None:
    if not _is_date(int(match["month"]), int(match["day"]), match["year"]):
        return None
    date = f"{MONTHS[int(match['month']) - 1]} {read_ordinal(match['day'])}, {_any_year(match['year'])}"
    if not match["clock"]:
        return date
    minute, second = match["minute"], match["second"]
    clock = f"{read_cardinal(match['hour'])} {'oh ' if minute[0] == '0' else ''}{read_cardinal(minute)}"
    clock += f" and {read_cardinal(second)} seconds" if second and second != "00" else ""
    return f"{date} at {clock}{' U T C' if match['zone'] else ''}"


def _weekday(match: re.Match[str]) -> str | None:
    # At the end of a sentence it may be the name of a person.
    ends = match.end() == len(match.string) and match[0].endswith(".")
    if ends and word_before(match).lower() not in _BEFORE_DAYS:
        return None
    return _WEEKDAYS[match["name"]] + (match["comma"] or "")


def _weekdays(match: re.Match[str]) -> str:
    """Read `Mon/Wed/Fri` and `Tu/Th`."""
    names = _WEEKDAYS | {"Tu": "Tuesday", "Th": "Thursday"}
    return ", ".join(names[day] for day in match[0].rstrip(".").split("/"))


_SLASHED: Final = any_of((*_WEEKDAYS, "Tu", "Th"))
_RATIO: Final = re.compile(
    r"\b(?:ratio|scale|odds|dilut\w+|mix\w*|proportions?|gear\w*)(?::|\s(?:of|in|to|is|was|ratio|from|about))*\s?$"
)
"""What stands before a ratio that looks like a time."""


def _time(match: re.Match[str]) -> str | None:
    if _RATIO.search(match.string, max(0, match.start() - 32), match.start()):
        return None
    hour, minute = match["hour"], match["minute"]
    half = _half(match)
    if minute == "00":
        if half:
            return f"{read_cardinal(hour)}{half}"
        return f"{read_cardinal(hour)} " + ("hundred" if int(hour) > 12 else "o'clock")
    return f"{read_cardinal(hour)} {'oh ' if minute[0] == '0' else ''}{read_cardinal(minute)}{half}"


def _with_seconds(match: re.Match[str]) -> str:
    hour, minute, second = (int(match[name]) for name in ("hour", "minute", "second"))
    if hour == 0 and not match["half"]:
        # No time of day, or one that nobody says otherwise.
        hours = f"zero hours {read_cardinal(str(minute))} minute{'' if minute == 1 else 's'}"
        return f"{hours} {read_cardinal(str(second))} second{'' if second == 1 else 's'}"
    minutes = "oh oh" if minute == 0 else f"{'oh ' if minute < 10 else ''}{read_cardinal(str(minute))}"
    words = f"{read_cardinal(str(hour))} {minutes}"
    return f"{words} and {read_cardinal(str(second))} second{'' if second == 1 else 's'}{_half(match)}"


def _half(match: re.Match[str]) -> str:
    """Return the half of the day, if it is written, with what parts it from the hour."""
    if not match["half"]:
        return ""
    return f"{'|' if match['gap'] else ' '}{'ay' if match['half'] in 'Aa' else 'P'} M"


def _hour(match: re.Match[str]) -> str:
    return f"{read_cardinal(match['hour'])}{_half(match)}"


def _lap(match: re.Match[str]) -> str:
    """Read `1:23.45`, the minutes and seconds of a race."""
    first, *others = match["clock"].split(":")
    words = [read_cardinal(first), *(f"{'oh ' if part[0] == '0' else ''}{read_cardinal(part)}" for part in others)]
    return f"{' '.join(words)} point {read_digits(match['part'])}"


def _no_clock(match: re.Match[str]) -> str:
    return " colon ".join("zero zero" if part == "00" else read_code(part) for part in match[0].split(":"))


def _no_time(match: re.Match[str]) -> str | None:
    """Read what looks like a time and is none; None for a ratio, such as `60:40`."""
    first, second = match["first"], match["second"]
    no_minute = int(first) <= 24 and int(second) >= 60 and int(first) + int(second) != 100
    no_minute = no_minute and not _RATIO.search(match.string, max(0, match.start() - 32), match.start())
    if second[0] == "0" or no_minute or word_before(match).lower() in _BEFORE_TIMES:
        return f"{read_cardinal(first)} colon {read_code(second) if second != '00' else 'zero zero'}"
    is_clock = int(second) < 60 and int(first) + int(second) != 100
    is_ratio = _RATIO.search(match.string, max(0, match.start() - 32), match.start())
    return f"{read_cardinal(first)} {read_cardinal(second)}" if is_clock and not is_ratio else None


def _military(match: re.Match[str]) -> str:
    hour, minute = match["hour"], match["minute"]
    words = f"zero {read_cardinal(hour)}" if hour[0] == "0" else read_cardinal(hour)
    return f"{words} {'hundred' if minute == '00' else read_cardinal(minute)}|hours"


_BEFORE_TIMES: Final = frozenset("at by until till from since before after around".split())

DATE_RULES: Final = (
    rule(
        r"(?<![\w/-])(?P<year>(?:1\d|20)\d\d)/(?P<month>0?[1-9]|1[0-2])/(?P<day>0?[1-9]|[12]\d|3[01])(?![\w/])"
        r"(?P<clock>(?!))?",
        _iso,
    ),
    rule(
        r"(?<![\w-])(?P<year>\d{4})-(?P<month>0?[1-9]|1[0-2])-(?P<day>0?[1-9]|[12]\d|3[01])(?![\d-])"
        r"(?:T(?P<clock>(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)(?P<zone>Z\b)?)?",
        _iso,
    ),
    rule(
        r"(?<![\w./-])(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?P=mark)(?P<year>1\d{3}|20\d\d|(?<=/)\d\d)(?![\w/]|\.\d)",
        _numeric,
    ),
    rule(
        r"(?<![\w./-])(?P<first>\d{1,2})-(?P<second>\d{1,2})-(?P<year>19\d\d|20\d\d)(?![\w/-]|\.\d)",
        _dashed,
        is_told=True,
    ),
    rule(
        r"(?<![\w./-])(?:\d{1,2}-\d{1,2}-(?:19|20)\d\d|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}([/.])\d{1,2}\1\d{4})(?![\w/-]|\.\d)",
        _no_date,
        is_told=True,
    ),
    rule(rf"(?<![\w:.]){_CLOCK}:(?P<second>[0-5]\d)(?!\d|[:.]\d)(?:{_HALF})?", _with_seconds),
    rule(rf"(?<![\w:.]){_CLOCK}{_SHORT_HALF}", _time),
    rule(rf"(?<![\w:.]){_CLOCK}(?!\d|:|[.,]\d| 000\b)(?:{_HALF})?", _time),
    rule(r"(?<![\w:.])(?P<clock>\d{1,2}(?::[0-5]\d){1,2})\.(?P<part>\d{1,3})(?![\w:]|\.\d)", _lap),
    rule(r"(?<![\w:.])\d{1,2}:\d\d:\d\d(?![\w:]|\.\d)", _no_clock, is_told=True),
    rule(r"(?<![\w:.])(?P<first>\d{2}):(?P<second>\d{2})(?![\d:]|[.,]\d| 000\b)", _no_time, is_told=True),
    rule(rf"(?<![\w:.])(?P<hour>1[0-2]|0?[1-9])\.(?P<minute>[0-5]\d){_HALF}", _time),
    rule(rf"(?<![\w:.,])(?P<hour>1[0-2]|0?[1-9]){_HALF}", _hour),
    # As in French and Spanish: 14h30.
    rule(r"(?<![\w:.,])(?P<hour>1\d|2[0-3]|0?[1-9])h(?P<minute>[0-5]\d)(?!\w)(?P<half>(?!))?", _time),
    rule(r"(?<![\w:.,])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s(?:hours|hrs)\b", _military),
    rule(rf"(?<![\w.,/:$£€])(?P<days>{_DAY}{_LAST_DAY})\s{_MONTH}{_YEAR}(?![\w])", _day_first),
)
"""Rules that begin at a digit."""

DATE_NAME_RULES: Final = (
    rule(rf"\b{_MONTH}\s(?P<days>{_DAY}{_LAST_DAY})(?![\w:/%°]|[.,]\d|\s?[-–]\s?\d){_YEAR}", _month_first),
    rule(
        rf"\b(?P<month>{_SHORT_MONTHS})(?:\.|(?=\s?[-–]\s?(?:{_SHORT_MONTHS}|{'|'.join(MONTHS)})\b)|(?=\s['’]?\d))",
        _month_alone,
    ),
    rule(rf"(?<=[-–])(?P<month>{_SHORT_MONTHS})\b\.?", _month_alone),
    rule(
        rf"\b(?P<name>{any_of(_WEEKDAYS)})\b"
        rf"(?:(?P<dot>\.)?(?P<comma>,)?(?=\s(?:\d|{'|'.join(MONTHS)}|{_SHORT_MONTHS}))"
        rf"|(?=\.?\s?[-–]\s?(?:{'|'.join(_WEEKDAYS)})\b)|(?<!Sun)(?<!Sat)\.)",
        _weekday,
    ),
    rule(rf"(?<=[-–])(?P<name>{any_of(_WEEKDAYS)})\b\.?", lambda m: _WEEKDAYS[m["name"]]),
    rule(r"(?<![\w/])M/W/F(?![\w/])", "Monday, Wednesday, Friday"),
    rule(rf"\b(?:{_SLASHED})(?:/(?:{_SLASHED}))+(?![\w/])\.?", _weekdays),
    rule(rf"(?:(?<=[Mm]\s)|(?<=[Mm]\.\s)|(?<=\d\s))(?:{_ZONES})\b", lambda m: spelled(m[0])),
    rule(r"(?:(?<=\d\s)|(?<=\d))(?:B\.?C\.?E?\.?|C\.?E\.?|A\.?D\.?)(?!\w)|\bA\.?D\.?(?=\s\d)", lambda m: spelled(m[0])),
)
"""Rules that begin at a letter."""
