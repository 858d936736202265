"""A text before it is read: without what nobody sees, and with usual characters for entities, wide and raised ones."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from pipeline.frontend.english.counting import VULGAR
from pipeline.frontend.words import WRITTEN_WORD

__all__ = ["Written", "cleaned"]

_DEGREES: Final = re.compile(r"º(?=[CF]\b)")
"""The raised o of ordinals where it stands for the sign of degrees."""
_USUAL_MARKS: Final = str.maketrans("。、‐‑‒˗⁃∕", ".,-----/")
_LETTERLIKE: Final = ("<wide>", "<font>", "<small>")
"""Kinds of characters that stand for usual ones: full-width, mathematical."""
_UNIT_IN_A_SQUARE: Final = re.compile(r"[A-Za-zμΩ\d∕]+")
"""What characters such as `㎎` stand for."""
_NUMBER: Final = r"[-−–+]?[$€£¥]?[-−–]?[\d½¼¾](?:[\d.,½¼¾/]*[\d½¼¾])?"
_MARKED_UP: Final = re.compile(
    rf"(?P<opens><(?P<tag>b|i|u|em|strong|mark|span|big|small|font)>|(?P<mark>\*\*?|__?|`))(?P<number>{_NUMBER})"
    r"(?P<closes>(?(tag)</(?P=tag)>|(?P=mark)))(?![\w*])"
)
"""Mark-up around nothing but a number, which may have a unit behind it."""
_QUOTED: Final = re.compile(rf'(?<!\S)(?:"(?={_NUMBER}")|“(?={_NUMBER}”))({_NUMBER})["”](?!\S)')
_STRUCK: Final = re.compile("(?<=\\d)[\u0300-\u036f]+")
"""Marks above, below and through a digit."""


@dataclass(slots=True)
class Written:
    """A written word while it is read."""

    written: str
    start: int
    """Where its plain form begins in the plain text."""
    end: int
    pieces: list[str] = field(default_factory=list)
    """What is said for it."""
    named: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)


def cleaned(text: str) -> tuple[list[Written], str]:
    """Return the words of a text, and the plain text: only usual characters, and one space between two words."""
    words: list[Written] = []
    plain = ""
    for match in WRITTEN_WORD.finditer(text):
        if words:
            gap = match.string[match.start() - 1]
            plain += gap if gap in "\u00a0\u2009\u202f" else " "
        word = Written(match[0], len(plain), 0)
        clean = _plain_word(word)
        word.end = len(plain) + len(clean)
        words.append(word)
        plain += clean
    return words, plain


def _plain_word(word: Written) -> str:
    """Return the plain form of a word; what is taken away is noted in the word."""
    clean = word.written
    if "&" in clean:
        # Brackets that are written as entities are no mark-up.
        clean = html.unescape(clean.replace("&lt;", "˂").replace("&gt;", "˃"))
    if not clean.isascii():
        clean = _DEGREES.sub("°", "".join(map(_usual, clean)))
        word.left_out += _STRUCK.findall(clean)
        clean = _STRUCK.sub("", clean)
    if any(mark in clean for mark in "<*_`"):
        for found in _MARKED_UP.finditer(clean):
            word.markup += [found["opens"], found["closes"]]
        clean = _MARKED_UP.sub(lambda m: m["number"], clean)
    elif '"' in clean or "“" in clean:
        clean = _QUOTED.sub(lambda m: m[1], clean)
    return clean


@functools.lru_cache(maxsize=1024)
def _usual(character: str) -> str:
    """Return a character as the rules know it: digits of all scripts, full-width and mathematical letters."""
    if character.isascii() or character in VULGAR:
        return character
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category == "Cf":  # Nobody sees it: a space without width, a soft hyphen, the direction of writing.
        return ""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    # Numbers in a circle or in brackets, and with a point: a word each.
    if category == "No" and kind not in ("<super>", "<sub>", "<fraction>"):
        number = unicodedata.numeric(character)
        return f" {int(number)} " if number.is_integer() else character
    usual = unicodedata.normalize("NFKC", character).translate(_USUAL_MARKS)
    if kind == "<square>" and _UNIT_IN_A_SQUARE.fullmatch(usual):
        return usual
    if kind in _LETTERLIKE or character in "ﬀﬁﬂﬃﬄﬅﬆ":
        return usual
    return character.translate(_USUAL_MARKS)
