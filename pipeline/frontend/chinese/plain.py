"""Text as it was typed: remains of web pages, full-width forms and joined signs become what they stand for."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from pipeline.frontend.characters import RAISED, raised

__all__ = ["PlainText", "plain_chinese"]

_TAG: Final = (
    r"</?(?:a|b|big|br|code|del|div|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|pre|q|rp|rt|ruby|s|small|span|strong|sub|sup"
    r"|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*)?/?>"
)
"""Tags of HTML by name: what else stands between `<` and `>` may be a comparison."""
_ENTITY: Final = r"&(?:[a-z]\w{1,30}|#\d{1,7}|#x[\da-f]{1,6});"
_USUAL: Final = "[㐀-鿿A-Za-z0-9 ，。！？、；：]+"
_GROUP: Final = "(?:(?<=(?<!\\d)\\d)|(?<=(?<!\\d)\\d\\d)|(?<=\\d\\d\\d))[\u00a0\u2009\u202f'’](?=\\d{3}(?!\\d))"
"""What stands between two groups of digits."""
_TYPED: Final = re.compile(
    f"(?P<usual>{_USUAL})|(?P<group>{_GROUP})|{RAISED}|{_TAG}|{_ENTITY}|.", re.IGNORECASE | re.DOTALL
)

_PAUSES: Final = "！（），：；？"
_CHARACTERS: Final = (
    {number: number - 0xFEE0 for number in range(0xFF01, 0xFF5F) if chr(number) not in _PAUSES}
    | {
        number: usual
        for number in (*range(0x32C0, 0x32CC), *range(0x3358, 0x3400))
        if re.fullmatch("[A-Za-zμΩ]+|\\d+[月日点]", usual := unicodedata.normalize("NFKC", chr(number)))
    }
    | str.maketrans({"㎡": "m²", "㎥": "m³", "㎢": "km²", "㎟": "mm²", "㎠": "cm²", "㎧": "m/s", "№": "No."})
    | {0x2044: "/", 0xFFE0: "¢", 0xFFE1: "£", 0xFFE6: "₩"}
    | {0xB5: "μ", 0x2126: "Ω", 0xA0: " ", 0x3000: " ", 0x2009: " ", 0x202F: " ", 0x2011: "-", 0xFE63: "-", 0xFE62: "+"}
    | dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xFE0E, 0xFE0F, 0x20E3, 0xAD])
)
"""Code point to what stands for it. Full-width signs are 0xFEE0 above those of ASCII; their pauses stay Chinese."""


@dataclass(frozen=True)
class PlainText:
    """A text as the rules read it, tied to the text that a person wrote."""

    source: str
    """What was written."""
    text: str
    """The same without the remains of HTML, and with one character for each letter, digit and sign."""
    origins: tuple[int, ...]
    """For each character of `text`, and for its end, where its source begins."""

    def written(self, start: int, end: int) -> str:
        """Return what was written for a part of the text."""
        return self.source[self.origins[start] : self.origins[end]]


def plain_chinese(source: str) -> PlainText:
    """Return a text without the remains of HTML and without full-width forms.

    >>> plain_chinese("<b>１２㎡</b>&nbsp;&lt;&nbsp;20m²").text
    '12m² < 20m²'
    """
    text: list[str] = []
    origins: list[int] = []
    begun = 0
    for match in _TYPED.finditer(source):
        if match["usual"]:
            text.append(match[0])
            origins += [begun, *range(match.start() + 1, match.end())]
            begun = match.end()
            continue
        plain = "," if match["group"] else _plain(raised(match[0]))
        text.append(plain)
        # What is left out goes with the character after it, so that the parts make up the source.
        origins += [begun, *[match.start()] * (len(plain) - 1)] if plain else []
        begun = match.end() if plain else begun
    return PlainText(source, "".join(text), (*origins, len(source)))


def _plain(typed: str) -> str:
    """Return what stands for a tag, an entity or a character."""
    if len(typed) > 1:
        typed = "" if typed[0] == "<" else html.unescape(typed)
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in typed.translate(_CHARACTERS)
    )
