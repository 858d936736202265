"""Characters: which are Chinese, and which letters stand for those that English lacks."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["HAN", "RAISED", "plain_english", "raised"]

HAN: Final = "㐀-鿿"
"""The common Chinese characters, as a range for a character class of a regular expression."""

RAISED: Final = r"<sup>[-−+]?(?:\d+|[nx])</sup>|<sub>\d+</sub>"
"""Pattern of small figures as HTML writes them."""
_RAISED: Final = re.compile(RAISED)
_HIGH: Final = str.maketrans("0123456789+-−nx", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿˣ")
_LOW: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

_LETTERS: Final = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "th"}
)

_VOICED: Final = "\u3099\u309a"
"""The marks that make another letter of a Japanese one."""


def raised(text: str) -> str:
    """Return a text with `<sup>-2</sup>` and `<sub>2</sub>` as characters."""
    return _RAISED.sub(lambda m: m[0][5:-6].translate(_HIGH if m[0][3] == "p" else _LOW), text)


def plain_english(text: str) -> str:
    """Return a text without accents, and with the letters and apostrophes of English.

    >>> plain_english("Zoë’s")
    "Zoe's"
    """
    if text.isascii() and "`" not in text:
        return text
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    text = "".join(character for character in text if character in _VOICED or not unicodedata.combining(character))
    return unicodedata.normalize("NFC", text)
