"""English text as it is spoken: each written word, and the words that are said for it.

One pass over the text: at each place the first rule that applies reads a stretch; what no rule claims is a word that
is said as it is written, punctuation, or a sign that is said by its name.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import pairwise
from typing import Final

from pipeline.frontend.characters import HAN, plain_english, raised
from pipeline.frontend.english.addresses import (
    ADDRESS_NAME_RULES,
    ADDRESS_RULES,
    ADDRESS_SIGN_RULES,
    TELEPHONE_RULES,
    TELEPHONE_SIGN_RULES,
    UNSAID_SCHEME,
    VERSION_NAME_RULES,
    VERSION_RULES,
)
from pipeline.frontend.english.amounts import MONEY_NAME_RULES, MONEY_RULES, MONEY_SIGN_RULES
from pipeline.frontend.english.capitals import CAPITAL_RULES, ROMAN_SIGN_RULE, spelled
from pipeline.frontend.english.counting import COUNTING_RULES, FIGURE_RULES, SHORT_BOOKS
from pipeline.frontend.english.dates import DATE_NAME_RULES, DATE_RULES, NAMES_OF_TIME
from pipeline.frontend.english.formulas import FORMULA_NAME_RULES, FORMULA_SIGN_RULES
from pipeline.frontend.english.identifiers import IDENTIFIER_NAME_RULES, IDENTIFIER_RULES, IDENTIFIER_SIGN_RULES
from pipeline.frontend.english.measures import MEASURE_NAME_RULES, MEASURE_RULES
from pipeline.frontend.english.numerals import read_cardinal
from pipeline.frontend.english.plain import Written, cleaned
from pipeline.frontend.english.ranges import RANGE_RULES
from pipeline.frontend.english.shortenings import SHORTENED, SHORTENING_RULES
from pipeline.frontend.english.signs import NAMES, SIGN_RULES, TERM_RULES, name_of
from pipeline.frontend.english.strengths import PER, STRENGTH_RULES, STRENGTH_SIGN_RULES
from pipeline.frontend.english.units import unit_name
from pipeline.frontend.rules import Rule, any_of, rule
from pipeline.frontend.words import WRITTEN_WORD, WordReading

__all__ = ["normalise_english", "read_words"]

_TAGS: Final = (
    "a abbr b big blockquote br c center cite code div em font h1 h2 h3 h4 h5 h6 hr i img kbd li mark ol p pre q rt"
    " ruby s small span strike strong sub sup table tbody td th thead tr tt u ul v"
)
_TAG: Final = rf"</?(?:{'|'.join(_TAGS.split())})(?:(?:\.|\s*/)[^<>]*)?>"
_ATTRIBUTE: Final = r"\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s<>\"']+)"
_WELL_FORMED: Final = rf"</?[A-Za-z][\w:-]*(?:{_ATTRIBUTE})*\s*/?>"
"""A tag of any name: `a<b and c>d` is none, for its words have no values."""
_EMOTICONS: Final = {
    ":)": "smiling face", ":-)": "smiling face", "(:": "smiling face", ":(": "sad face", ":-(": "sad face",
    ";)": "winking face", ";-)": "winking face", ":D": "grinning face", ":-D": "grinning face", ":P": "playful face",
    ":p": "playful face", ":/": "doubtful face", ":-/": "doubtful face", ":|": "blank face", ":'(": "crying face",
    ":o": "surprised face", ":O": "surprised face", "<3": "heart", "^^": "happy face", "XD": "laughing face",
    "xD": "laughing face", "=)": "smiling face", ":*": "kissing face",
}  # fmt: skip
_EMOTICON: Final = rule(
    rf"(?<!\S)(?:{any_of(_EMOTICONS)})(?![^\s.,!?)])", lambda m: f", {_EMOTICONS[m[0]]},", is_told=True
)
_REGIONAL_A: Final = 0x1F1E6
"""Code point of the first of 26 signs, two of which are the flag of a country."""
_REGIONAL: Final = {_REGIONAL_A + number: ord("A") + number for number in range(26)}
_FLAG: Final = rule(
    "[\U0001f1e6-\U0001f1ff]{2}", lambda m: f", flag of {spelled(m[0].translate(_REGIONAL))},", is_told=True
)
_MARKUP_RULES: Final = (
    rule(rf"{_WELL_FORMED}|{_TAG}|<!--(?:(?!-->).){{0,2000}}-->", " ", re.IGNORECASE),
    rule(r"(?<![^\n])#{1,6}(?=\s[^\W\d])", " "),
    # A key, as in *67.
    rule(r"(?<![\w*])\*(?=\d(?:[\d*]*\d)?#?(?![\w*]))", "star "),
    # Emphasis as people type it: marks that touch a word on one side.
    rule(r"(?<![^\s(\"'“‘*_~`])(?:\*{1,3}|_{1,3}|`{1,3}|~~)(?=[^\W_]|[\"'“‘”\[(*_][^\W_])(?!_\w+_\w)", ""),
    rule(r"(?<=[\w.,!?;:)\]\"'”’*_])(?:\*{1,3}|(?<!_)_{1,3}|`{1,3}|~~)(?![\w*]|(?<=\d\*\*)[-−+]\d)", ""),
    rule(r"([-=_*~#])\1{2,}", " "),
)
_LETTER_RULES: Final = (
    _EMOTICON, *SHORTENING_RULES, *IDENTIFIER_NAME_RULES, *ADDRESS_NAME_RULES, *FORMULA_NAME_RULES, *DATE_NAME_RULES,
    *TERM_RULES, *MONEY_NAME_RULES, *MEASURE_NAME_RULES, *VERSION_NAME_RULES, *CAPITAL_RULES,
)  # fmt: skip
_DIGIT_RULES: Final = (
    *IDENTIFIER_RULES, *STRENGTH_RULES, *ADDRESS_RULES, *DATE_RULES, *TELEPHONE_RULES, *VERSION_RULES, *FIGURE_RULES,
    *MONEY_RULES, *MEASURE_RULES, *COUNTING_RULES,
)  # fmt: skip
_OTHER_RULES: Final = (
    _EMOTICON, _FLAG, *_MARKUP_RULES, *IDENTIFIER_SIGN_RULES, *ADDRESS_SIGN_RULES, PER, *FORMULA_SIGN_RULES,
    *RANGE_RULES, *SIGN_RULES, *TELEPHONE_SIGN_RULES, *STRENGTH_SIGN_RULES, *MONEY_SIGN_RULES, ROMAN_SIGN_RULE,
    *MEASURE_RULES, *COUNTING_RULES,
)  # fmt: skip

_PLAIN: Final = re.compile(r"(?P<core>[A-Z]?[a-z]+(?:['’-][a-z]+)*|I(?:['’][a-z]+)?)[,.;:!?]*")
_LETTERS: Final = r"(?:(?![²³¹⁰-₟¼-¾⅐-↉])[^\W\d_])+"
_WORD: Final = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*['’]?")
_SPECIAL: Final = frozenset(
    {*SHORTENED, *map(str.lower, SHORT_BOOKS), "rs", "kr", "vs", *(name.lower() for name in NAMES_OF_TIME)}
)
"""Words that a rule may begin with, or that may be an abbreviation, in small letters."""
_NUMERAL: Final = frozenset("ivx")
_SIGNS_AFTER_A: Final = re.compile(r"\s[^\w\s\"'“”‘’(\[—–-]")

_HAN: Final = re.compile(f"[{HAN}]")

_BEFORE_UNITS: Final = (*")]}0123456789⁰¹²³⁴⁵⁶⁷⁸⁹½¼¾",)
"""What a word ends with after which letters may be a unit."""
_QUOTES: Final = frozenset("\"'“”‘’«»‹›„‚`´")
_OPENING: Final = frozenset("([{（【")
_CLOSING: Final = frozenset(")]}）】")
_STOPS: Final = frozenset(".,;:!?")
_DASHES: Final = frozenset("-‐‑‒–—―−")
_BULLETS: Final = frozenset("•·▪◦‣●○■□")


def normalise_english(text: str) -> str:
    """Return an English text as words and punctuation, line by line.

    >>> normalise_english("It cost $5.50 in 1999, up 3% at 10:30.")
    'It cost five dollars fifty cents in nineteen ninety nine, up three percent at ten thirty.'
    """
    lines = ([word.said for word in read_words(line) if word.said] for line in text.split("\n"))
    return "\n".join(map(" ".join, lines))


def read_words(text: str, *, han: bool = False) -> list[WordReading]:
    """Read a sentence: return its written words, each with what is said for it.

    Every character is said, is punctuation, or stands in `left_out` or `markup` of its word.

    Args:
        text: One sentence or line; what is read in its context needs the words around it.
        han: Whether Chinese characters are said as they are; otherwise they are left out.

    >>> [(word.written, word.said) for word in read_words("Take 50 µg on 3 May!")]
    [('Take', 'Take'), ('50', 'fifty'), ('µg', 'micrograms'), ('on', 'on'), ('3', 'the third of'), ('May!', 'May!')]
    """
    text = raised(text)
    written = WRITTEN_WORD.findall(text)
    unchanged = [_unchanged(word) for word in written]
    # Most sentences hold nothing but words.
    if None not in unchanged and not _has_numeral(written):
        return [reading for reading in unchanged if reading]
    words, plain = cleaned(text)
    place = 0
    for number, (word, reading) in enumerate(zip(words, unchanged, strict=True)):
        if place > word.start:
            place = _scan(plain, place, words, number, han)
        elif reading and not _in_context(plain, words, number):
            word.pieces.append(reading.said)
        else:
            place = _scan(plain, word.start, words, number, han)
    return _joined(words)


@functools.lru_cache(maxsize=8192)
def _unchanged(word: str) -> WordReading | None:
    """Return the reading of a word that is said as it is written wherever it stands; None if it may be another."""
    found = _PLAIN.fullmatch(word)
    if not found:
        return None
    core = found["core"]
    if core.lower() in _SPECIAL or _NUMERAL.issuperset(core):
        return None
    return WordReading(word, word.replace("’", "'"))


def _has_numeral(written: list[str]) -> bool:
    """Return whether an `I` may be the numeral, as in `World War I`."""
    return any(
        word[0] == "I" and len(word.rstrip(".,;:!?")) == 1 and before[0].isupper() for before, word in pairwise(written)
    )


def _in_context(text: str, words: list[Written], number: int) -> bool:
    """Return whether the words around a plain word may make another of it: the numeral `I`, the letter `a`, a unit."""
    word = words[number]
    if word.written == "a":
        return bool(_SIGNS_AFTER_A.match(text, word.end))
    before = words[number - 1].written if number else ""
    if before.endswith(_BEFORE_UNITS):
        return unit_name(word.written.rstrip(".,;:!?")) is not None
    return before != "" and _has_numeral([before, word.written])


def _scan(text: str, place: int, words: list[Written], number: int, han: bool) -> int:
    """Read the rest of a word; return where the reading ended, which may be inside a later word."""
    word = words[number]
    while place < word.end:
        character = text[place]
        if character.isspace():
            place += 1
            continue
        rules = _LETTER_RULES if character.isalpha() else _DIGIT_RULES if character.isdecimal() else _OTHER_RULES
        found = _first(rules, text, place)
        if found is None:
            place = _fall_back(text, place, word, han)
            continue
        match, said, applied = found
        if not said.isascii():
            said = _ascii(said, word)
        parts = said.split("|")
        last = number
        while last + 1 < len(words) and words[last + 1].start < match.end():
            last += 1
        # What has more parts than written words goes to the last of them.
        parts[last - number :] = [" ".join(parts[last - number :])]
        for offset, part in enumerate(parts):
            words[number + offset].pieces.append(part)
        if applied in _MARKUP_RULES or applied is UNSAID_SCHEME:
            word.markup.append(match[0])
        elif applied.is_told:
            word.named.append((match[0].strip(), " ".join(said.replace("|", " ").strip(" ,").split())))
        place = match.end()
    return place


def _ascii(said: str, word: Written) -> str:
    """Return what a rule says in plain letters, and note what it lacks."""
    said = plain_english(said)
    unread = "".join(character for character in said if not character.isascii())
    if unread:
        word.left_out.append(unread)
    return "".join(character for character in said if character.isascii())


def _first(rules: tuple[Rule, ...], text: str, place: int) -> tuple[re.Match[str], str, Rule] | None:
    for each in rules:
        match = each.match(text, place)
        if match and match.end() > place:
            said = each.read(match)
            if said is not None:
                return match, said, each
    return None


def _fall_back(text: str, place: int, word: Written, han: bool) -> int:
    """Read what no rule claims: a word, punctuation or a sign; return where it ended."""
    if found := _WORD.match(text, place, word.end):
        said = plain_english(found[0])
        # The end of a quotation, and not what `dogs'` and `goin'` lack.
        if said[-1] == "'" and (said[-2].lower() not in "snoh" or text[place - 1 : place] in ("'", "‘")):
            said = said[:-1]
        if said.isascii():
            word.pieces.append(said)
        else:
            _foreign(found[0], word, han)
        return found.end()
    sign = text[place]
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if sign in _STOPS:
        word.pieces.append(f"{sign} ")
    elif sign == "…":
        word.pieces.append(", " if after.isalnum() else ".")
    elif sign in _DASHES:
        if place > word.start and after.isalpha() and before.isalpha() and sign not in "–—―":
            word.pieces.append("-" if after.islower() else " ")
        else:
            word.pieces.append(" " if sign == "-" and (before.isalnum() or after.isalnum()) else ",")
    elif sign in _OPENING or sign in _CLOSING:
        edge = place == word.start if sign in _OPENING else place + 1 == word.end
        word.pieces.append("," if edge else "" if after == "s" and sign in _OPENING else " ")
    elif sign in _BULLETS and not (before.isalnum() and after.isalnum()):
        word.pieces.append(",")
    elif sign not in _QUOTES:
        return _sign(text, place, word)
    return place + 1


def _foreign(letters: str, word: Written, han: bool) -> None:
    """Read letters outside the Latin script: a letter of Greek by its name, Chinese as it is, others not at all."""
    kept = "".join(f" {NAMES[letter]} " if letter in NAMES else letter for letter in letters)
    said = unread = ""
    for letter in kept:
        if plain_english(letter).isascii() or (han and _HAN.match(letter)):
            said += plain_english(letter)
        else:
            unread += letter
    word.pieces.append(said)
    if unread:
        word.left_out.append(unread)


def _sign(text: str, place: int, word: Written) -> int:
    """Say a sign by its name, and how often it is repeated; return where it ended."""
    sign, end = text[place], place + 1
    while end < word.end and (text[end] == sign or unicodedata.category(text[end]) in ("Cf", "Mn", "Me", "Sk")):
        end += 1
    count = text[place:end].count(sign)
    if sign in NAMES:
        word.pieces.append(f" {NAMES[sign]} " * min(count, 2) if sign.isascii() else f" {NAMES[sign]} ")
    elif unicodedata.category(sign) not in ("Cf", "Cc", "Mn", "Me", "Sk"):
        if name := name_of(sign):
            name = f"{read_cardinal(str(count))} times {name}" if count > 1 else name
            word.pieces.append(f", {name}," if unicodedata.category(sign) == "So" else f" {name} ")
            word.named.append((text[place:end] if count > 1 else sign, name))
        else:
            word.left_out.append(sign)
    return end


def _joined(words: list[Written]) -> list[WordReading]:
    """Return the readings; a pause before a word, such as that of a bracket, belongs to the word before."""
    said: list[str] = []
    last = -1
    for word in words:
        text = _together(word.pieces)
        body = text.lstrip(".,;:!? -")
        if text[:1] in _STOPS and body != text and last >= 0 and said[last][-1].isalnum():
            said[last] += text[0]
        said.append(re.sub(r",+(?=[.,;:!?])", "", body))
        last = len(said) - 1 if body else last
    if last >= 0:
        said[last] = said[last].rstrip(",")
        if words[-1].written.rstrip("\"'”’)»").endswith(".") and said[last][-1:].isalnum():
            said[last] += "."
    return [
        WordReading(word.written, text, tuple(word.named), tuple(word.left_out), tuple(word.markup))
        for word, text in zip(words, said, strict=True)
    ]


def _together(pieces: list[str]) -> str:
    """Return what is said for one word."""
    if len(pieces) == 1 and pieces[0][:1].isalpha():
        return pieces[0]
    text = ""
    for piece in pieces:
        text += " " + piece if text and piece and text[-1].isalnum() and piece[0].isalnum() else piece
    return re.sub(r"\s+(?=[.,;:!?])", "", " ".join(text.split()))
