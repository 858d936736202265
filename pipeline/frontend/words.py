"""Words as they are written, and what is said for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.frontend.characters import HAN, plain_english

__all__ = ["WRITTEN_WORD", "WordReading", "written_words"]

WRITTEN_WORD: Final = re.compile(rf"[{HAN}](?:(?![-−–+±]?[$€£¥￥]\d|[-−–+±]\d)[^\w\s])*|[^\s{HAN}]+")
"""A word with the punctuation that touches it: what stands between spaces, or a single Chinese character."""

_SPOKEN: Final = re.compile(
    rf"[a-z]+(?:'[a-z]+)*|[{HAN}]|[^\s\w.,;:!?…'\"“”‘’«»()\[\]—–。，、；：？！（）《》「」『』-]|\d", re.IGNORECASE
)
_LETTER_A: Final = re.compile(r"\bay\b")
"""How a voice is given the letter A, so that it does not say the article."""


@dataclass(frozen=True, slots=True)
class WordReading:
    """A written word and how it is read."""

    written: str
    """The word with the punctuation that touches it."""
    said: str
    """What is said for it: words in ASCII letters, or Chinese characters, and plain punctuation; may be empty."""
    named: tuple[tuple[str, str], ...] = ()
    """Signs that have no usual reading, each with the name that is said."""
    left_out: tuple[str, ...] = ()
    """What has no reading: letters of other scripts, and signs without a name."""
    markup: tuple[str, ...] = ()
    """Mark-up and the `https://` of an address, which are not said."""

    @property
    def read_as(self) -> str | None:
        """The words that are said, if they are not those that are written: `fifty` for `50`.

        Case, accents and punctuation make no difference; a letter on its own is a capital.
        """
        said = [_LETTER_A.sub("A", word) for word in _SPOKEN.findall(self.said)]
        written = _SPOKEN.findall(plain_english(self.written))
        if [word.lower() for word in said] == [word.lower() for word in written]:
            return None
        glue = "" if all(len(word) == 1 and not word.isascii() for word in said) else " "
        return glue.join(said)

    @property
    def is_remarkable(self) -> bool:
        """Whether a person should be told that something was named or not said."""
        return bool(self.named or self.left_out or self.markup)


def written_words(text: str) -> list[str]:
    """Return the words of a text as they are written, each with the punctuation that touches it.

    Words are what stands between spaces; every Chinese character is a word of its own.

    >>> written_words("Kids, 你好。")
    ['Kids,', '你', '好。']
    """
    return WRITTEN_WORD.findall(text)
