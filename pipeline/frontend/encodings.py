"""Text files as they come: in UTF-8, UTF-16, UTF-32, or an older encoding, mostly Windows-1252."""

from __future__ import annotations

import codecs
import re
from typing import Final

__all__ = ["NotText", "decoded"]

_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""First bytes of a file to its encoding; UTF-32 before UTF-16, whose mark it begins with."""
_SAMPLE: Final = 65_536
"""Bytes that an old encoding is told by."""
_FOREIGN: Final = 0.3
"""Share of letters beyond ASCII from which a text is hardly of a language that Windows-1252 was made for."""
_ZEROS: Final = 0.5
"""Share of zeros among every second byte from which a text without a mark is UTF-16 in Latin letters."""
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Control characters that no text holds."""
_ODD: Final = re.compile(r"[^\W\d_](?![’‘´`·-])[\x80-\x9f¡-¿×÷†‡‰‹›€™•…„‚ˆ˜](?=[^\W\d_])")
"""A sign within a word: what the letters of another encoding look like in Windows-1252."""


class NotText(ValueError):
    """The bytes are no text."""


def decoded(content: bytes) -> tuple[str, str]:
    """Return a text, and the encoding that it was taken to have, if that is no Unicode; else an empty name.

    A few damaged characters of UTF-8 do not make it another encoding; each becomes the replacement character.

    Raises:
        NotText: The bytes are no text, such as those of a recording.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace").lstrip("\ufeff"), ""
    for order, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if zeros and zeros.count(0) > _ZEROS * len(zeros) and content.count(0) == zeros.count(0):
            return content.decode(order, "replace"), ""
    text = content.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if not damaged or 4 * damaged < sum(not character.isascii() for character in text):
        return text, ""
    if _NO_TEXT.search(text):
        raise NotText("it is no text")
    western = content.decode("cp1252", "replace")
    letters = [letter for letter in western[:_SAMPLE] if letter.isalpha()]
    foreign = sum(not letter.isascii() for letter in letters)
    if foreign > _FOREIGN * len(letters) or _ODD.search(western, 0, _SAMPLE):
        import charset_normalizer

        found = charset_normalizer.from_bytes(content[:_SAMPLE]).best()
        if found and "utf" not in found.encoding:
            return content.decode(found.encoding, "replace"), found.encoding
    return western, "windows-1252"
