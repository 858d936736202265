"""Characters: which are Chinese, and which letters stand for those that English lacks."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["HAN", "plain_english"]

HAN: Final = "㐀-鿿"
"""The common Chinese characters, as a range for a character class of a regular expression."""

_LETTERS: Final = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "th"}
)

_VOICED: Final = "\u3099\u309a"
"""The marks that make another letter of a Japanese one."""


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
