"""Text as it was typed: remains of web pages, full-width forms and joined signs become what they stand for."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

__all__ = ["plain_chinese"]

_TAG: Final = re.compile(
    r"</?(?:a|b|big|br|code|del|div|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|pre|q|rp|rt|ruby|s|small|span|strong|sub|sup"
    r"|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""Tags of HTML by name: what else stands between `<` and `>` may be a comparison."""
_ENTITY: Final = re.compile(r"&(?:[a-z]\w{1,30}|#\d{1,7}|#x[\da-f]{1,6});", re.IGNORECASE)

_PAUSES: Final = "！（），：；？"
_CHARACTERS: Final = (
    {number: number - 0xFEE0 for number in range(0xFF01, 0xFF5F) if chr(number) not in _PAUSES}
    | str.maketrans({"㎡": "m²", "㎥": "m³", "㎢": "km²", "㎜": "mm", "㎝": "cm", "㎞": "km", "㎏": "kg", "㎎": "mg"})
    | str.maketrans({"㏄": "cc", "㎖": "ml", "㎐": "Hz", "№": "No."})
    | {0xB5: "μ", 0x2126: "Ω", 0xA0: " ", 0x3000: " ", 0x2009: " ", 0x202F: " ", 0x2212: "-", 0x2011: "-"}
    | dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFE0E, 0xFE0F, 0x20E3, 0xAD])
)
"""Code point to what stands for it. Full-width signs are 0xFEE0 above those of ASCII; their pauses stay Chinese."""


def plain_chinese(text: str) -> str:
    """Return a text without the remains of HTML and with one character for each letter, digit and sign.

    >>> plain_chinese("<b>１２㎡</b>&nbsp;&lt;&nbsp;20m²")
    '12m² < 20m²'
    """
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), _TAG.sub("", text)).translate(_CHARACTERS)
    return "".join(_digit(character) for character in text)


def _digit(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return character
