"""Mandarin as Kokoro reads it: pinyin by our own front end, written in the IPA with arrows for the tones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.core.errors import EngineMissing
from pipeline.core.messages import reason
from pipeline.frontend.characters import HAN
from pipeline.frontend.chinese.phrases import pronounce_phrase
from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.reading import read_tokens
from pipeline.synthesis.kokoro.english import sentence_end, word_symbols
from pipeline.synthesis.kokoro.symbols import PAUSES, Script
from pipeline.synthesis.sentences import Sentence

__all__ = ["MandarinReader", "syllable_symbols"]

_INITIALS: Final = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "y": "",
}  # fmt: skip
_FINALS: Final = {
    "a": ("a", ""), "ai": ("ai", ""), "an": ("a", "n"), "ang": ("a", "ŋ"), "ao": ("au", ""),
    "e": ("ɤ", ""), "ei": ("ei", ""), "em": ("ə", "m"), "en": ("ə", "n"), "eng": ("ə", "ŋ"), "er": ("ɚ", ""),
    "i": ("i", ""), "ia": ("ja", ""), "ian": ("jɛ", "n"), "iang": ("ja", "ŋ"), "iao": ("jau", ""), "ie": ("je", ""),
    "ii": ("ɨ", ""), "iii": ("ɨ", ""), "in": ("i", "n"), "ing": ("i", "ŋ"), "iong": ("jʊ", "ŋ"), "iou": ("jou", ""),
    "o": ("wo", ""), "ong": ("ʊ", "ŋ"), "ou": ("ou", ""),
    "u": ("u", ""), "ua": ("wa", ""), "uai": ("wai", ""), "uan": ("wa", "n"), "uang": ("wa", "ŋ"), "uei": ("wei", ""),
    "uen": ("wə", "n"), "ueng": ("wə", "ŋ"), "uo": ("wo", ""), "uong": ("wə", "ŋ"),
    "v": ("y", ""), "van": ("ɥɛ", "n"), "ve": ("ɥe", ""), "vn": ("y", "n"),
}  # fmt: skip
"""Final to its nucleus, with the glide before it, and to what follows the tone."""
_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_SAID: Final = frozenset(_INITIALS) | {final + tone for final in _FINALS for tone in _TONES}
"""Everything that a syllable may be made of."""
_PIECE: Final = re.compile(rf"[{HAN}]+|[A-Za-z][A-Za-z' ]*|[,.;:!?]")


class MandarinReader:
    """Turns Mandarin sentences, English words among them, into Kokoro's symbols."""

    def __init__(self) -> None:
        self._pronouncer = EnglishPronouncer()

    def read(self, sentence: Sentence) -> Script:
        """Return what Kokoro reads for a sentence; no symbols if nothing in it has a reading.

        Raises:
            EngineMissing: The packages that read Chinese are not installed.
        """
        symbols = ""
        owner: list[int] = []
        for said, token in self._units(sentence):
            if token < 0:
                # A comma takes the place of the space before it; neither stands first or twice.
                kept = len(symbols.rstrip(" ") if said.strip() else symbols)
                symbols, owner = symbols[:kept], owner[:kept]
                if not symbols or symbols[-1] in PAUSES:
                    continue
            symbols += said
            owner += [token] * len(said)
        symbols = symbols.rstrip(" ,")
        if not symbols:
            return Script("", ())
        return Script(symbols + sentence_end(sentence), (*owner[: len(symbols)], -1))

    def _units(self, sentence: Sentence) -> Iterator[tuple[str, int]]:
        """Yield the symbols of each syllable or English word, and its token; a pause has the token -1."""
        text, token_of = "", []
        for place, token in enumerate(sentence.tokens):
            said = f"{token.said} " if token.said[-1:].isascii() else token.said
            text += said
            token_of += [place] * len(said)
        for piece in _PIECE.finditer(text):
            here = token_of[piece.start() : piece.end()]
            if not piece[0][0].isalpha():
                yield ", ", -1
            elif piece[0][0].isascii():
                yield " ", -1
                places = sorted(set(here))
                parts = [
                    "".join(letter for letter, at in zip(piece[0], here, strict=True) if at == each) for each in places
                ]
                for word in read_tokens(parts, self._pronouncer):
                    yield word_symbols(word), places[word.token]
                    yield " ", -1
            else:
                yield from _phrase_units(piece[0], here)


def _phrase_units(text: str, token_of: Sequence[int]) -> Iterator[tuple[str, int]]:
    try:
        words = pronounce_phrase(text, _SAID)
    except ImportError as error:
        raise EngineMissing(f"Chinese cannot be read: {reason(error)}.", hint="Run pip install '.[kokoro]'.") from error
    syllables = sum(map(len, words))
    place = 0
    for word in words:
        for syllable in word:
            # A character without a reading makes the others share its place.
            yield syllable_symbols(syllable), token_of[place * len(text) // syllables]
            place += 1
        yield " ", -1


def syllable_symbols(parts: list[str]) -> str:
    """Return the symbols of a syllable.

    >>> syllable_symbols(["zh", "ong1"]), syllable_symbols(["van2"])
    ('ꭧʊ→ŋ', 'ɥɛ↗n')
    """
    *initial, final = parts
    nucleus, coda = _FINALS[final[:-1]]
    return "".join(_INITIALS[each] for each in initial) + nucleus + _TONES[final[-1]] + coda
