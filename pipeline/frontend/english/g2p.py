"""Grapheme to phoneme: how English words are pronounced, by the user's dictionary, the lexicon and a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pipeline.frontend.english.g2p_network import PHONEMES, g2p_network
from pipeline.frontend.english.lexicon import look_up, spell

__all__ = ["ARPABET", "EnglishPronouncer"]

ARPABET: Final = frozenset(phoneme for phoneme in PHONEMES if phoneme[0] != "<" and phoneme != "UW")
"""Every phoneme, vowels with their stress 0, 1 or 2."""

_SPELLED: Final = {"AI", "ID", "IP", "OS", "PR", "US"}
"""Acronyms that look like words of the lexicon."""

_SIBILANTS: Final = {"S", "Z", "SH", "ZH", "CH", "JH"}
_VOICELESS: Final = {"P", "T", "K", "F", "TH"}
_UNSAYABLE: Final = re.compile(r"(?!.*(.)\1\1)[^aeiouy]{2,}")
"""An unknown word without a vowel, such as tbh, is spelled; one that draws a letter out, such as shhh, is a sound."""
_HUMP: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z']+|[A-Z]+")


class EnglishPronouncer:
    """Pronounces English words.

    Args:
        dictionary: Pronunciations that go before all others:
            word in lower case, and its phonemes joined by spaces.
    """

    def __init__(self, dictionary: Mapping[str, str] | None = None) -> None:
        self._dictionary = dict(dictionary or {})

    def pronounce(self, word: str) -> list[str]:
        """Return the phonemes of one word.

        Args:
            word: ASCII letters and apostrophes; capitals tell acronyms (`GPU`) and joined words (`EmotiVoice`) apart.

        Returns:
            ARPAbet with stress; empty if the word has no letters.

        >>> EnglishPronouncer().pronounce("don't")
        ['D', 'OW1', 'N', 'T']
        >>> " ".join(EnglishPronouncer().pronounce("GPU"))
        'JH IY1 P IY1 Y UW1'
        """
        word = re.sub(r"[^A-Za-z']", "", word)
        if not word.strip("'"):
            return []
        if word in _SPELLED and word.lower() not in self._dictionary:
            return self.spell(word)
        lower = word.lower()
        known = self._look_up(lower) or self._look_up(lower.strip("'"))
        if known:
            return known
        word, lower = word.strip("'"), lower.strip("'")
        if lower.endswith("'s"):
            return self._with_s(self.pronounce(word[:-2]))
        if self._is_acronym(word):
            return self.spell(word)
        if len(word) > 2 and word.endswith("s") and self._is_acronym(word[:-1]):
            return self._with_s(self.spell(word[:-1]))
        humps = _HUMP.findall(word)
        if len(humps) > 1:
            return [phoneme for hump in humps for phoneme in self.pronounce(hump)]
        lower = lower.replace("'", "")
        if _UNSAYABLE.fullmatch(lower):
            return self.spell(lower)
        return self._compound(lower) or g2p_network().pronounce(lower) or self.spell(lower)

    def spell(self, letters: str) -> list[str]:
        """Return the phonemes of letters read one by one."""
        return spell("".join(letter for letter in letters.lower() if letter.isalpha())).split()

    def _look_up(self, word: str) -> list[str]:
        phonemes = self._dictionary.get(word) or (look_up(word) or ("",))[0]
        return phonemes.split()

    def _compound(self, word: str) -> list[str]:
        """Pronounce a word made of two known words of four letters or more, such as chatroom."""
        for cut in range(len(word) - 4, 3, -1):
            first, second = self._look_up(word[:cut]), self._look_up(word[cut:])
            if first and second:
                return first + [phoneme.replace("1", "2") for phoneme in second]
        return []

    @staticmethod
    def _is_acronym(word: str) -> bool:
        """Tell whether an unknown word is spelled out: capitals only, short or without vowels."""
        return word.isupper() and (len(word) <= 4 or not set(word) & set("AEIOUY"))

    @staticmethod
    def _with_s(phonemes: list[str]) -> list[str]:
        """Add the ending of a plural or genitive."""
        if not phonemes:
            return ["S"]
        last = phonemes[-1]
        return [*phonemes, *(["IH0", "Z"] if last in _SIBILANTS else ["S"] if last in _VOICELESS else ["Z"])]
