"""What a writer may put into a text: pauses and pronunciations.

`<break time="0.5s"/>` is a pause, `{HH AH0 L OW1}` or `{chong2 qing4}` a pronunciation,
and so is `<phoneme ph="chong2 qing4">重庆</phoneme>`. Other tags are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Break", "Part", "Pronunciation", "Words", "parse_markup", "strip_markup"]

LONGEST_BREAK: Final = 10.0
"""Seconds; a longer pause is cut to it."""


@dataclass(frozen=True)
class Words:
    """Text to be pronounced."""

    text: str


@dataclass(frozen=True)
class Break:
    """A pause."""

    seconds: float


@dataclass(frozen=True)
class Pronunciation:
    """Sounds as they were given."""

    sounds: tuple[str, ...]
    """ARPAbet with stress, pinyin with tones, or tokens of the model."""
    instead_of: str
    """The text that is spoken if the sounds are unknown."""


Part = Words | Break | Pronunciation

_MARKUP: Final = re.compile(
    r"""<break\b[^<>]*?time\s*=\s*["'](?P<amount>\d{1,6}(?:\.\d{0,6})?)\s*(?P<unit>m?s)["'][^<>]*>"""
    r"""|<phoneme\b[^<>]*?ph\s*=\s*["'](?P<sounds>[^"'<>]*)["'][^<>]*>(?P<word>[^<>]*)</phoneme\s*>"""
    r"""|\{(?P<braced>[^{}]*)\}"""
    r"""|</?[A-Za-z][^<>]*>""",
    re.IGNORECASE | re.ASCII,
)


def parse_markup(text: str) -> list[Part]:
    """Cut a text into words, pauses and pronunciations.

    >>> parse_markup('Wait <break time="500ms"/> here')
    [Words(text='Wait '), Break(seconds=0.5), Words(text=' here')]
    """
    parts: list[Part] = []
    end = 0
    for match in _MARKUP.finditer(text):
        if match.start() > end:
            parts.append(Words(text[end : match.start()]))
        end = match.end()
        if match["amount"]:
            seconds = float(match["amount"]) / (1000 if match["unit"].lower() == "ms" else 1)
            parts.append(Break(min(seconds, LONGEST_BREAK)))
        elif match["braced"] is not None or match["sounds"] is not None:
            sounds = match["braced"] if match["sounds"] is None else match["sounds"]
            parts.append(Pronunciation(tuple(sounds.split()), sounds if match["word"] is None else match["word"]))
    if end < len(text):
        parts.append(Words(text[end:]))
    return parts


def strip_markup(text: str) -> str:
    """Return the words of a text alone, as the content encoder should read them."""
    words = (
        part.text if isinstance(part, Words) else part.instead_of if isinstance(part, Pronunciation) else " "
        for part in parse_markup(text)
    )
    return " ".join("".join(words).split())
