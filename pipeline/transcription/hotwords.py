"""Hotwords: the search prefers names and words that the user expects.

Hypotheses get a bonus for every letter of an expected word, which is taken back if the word turns out to be
another one: shallow fusion with a tree of phrases (Zhao et al., "Shallow-Fusion End-to-End Contextual
Biasing", Interspeech 2019), here on letters, so that it does not matter how the network cuts a word into tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BONUS", "Hotwords"]

BONUS: Final = 0.4
"""Nats per letter; more helps names that occur, but does harm if two hundred expected names do not occur.

Words wrong of 50 clips of LibriSpeech test-other and 32 of LJSpeech: 7.65 % without hotwords. With the rare words of
the book 7.04, 6.60 and 6.30 % at 0.2, 0.4 and 0.6 (38 of 203 rare words are missed without, 31, 26 and 17 with them);
with as many rare words of other books 7.65, 7.65 and 7.78 %; with 200 rare words that do not occur 7.59 and 7.53 % at
0.2 and 0.4 (`benchmarks/hotwords.py`). On 20 of these clips such 200 words cost 0.6 points at 0.8.
"""

_SPACE: Final = "\u2581"
_SEPARATORS: Final = re.compile(r"[,;\n]")

State = tuple[float, str]
"""Bonus of the complete words, and the text of the word that may be a hotword, with the space before it."""


class Hotwords:
    """The bonus of each possible next token, as `search.beam_search` takes it for `prefer`.

    Args:
        hotwords: Names and words, separated by commas; case does not matter.
        vocabulary: The piece of text of each token in UTF-8, with `▁` for a space.
        end: The token that ends a text.
        bonus: Nats for each letter of an expected word.
    """

    def __init__(self, hotwords: str, vocabulary: Sequence[bytes], *, end: int, bonus: float = BONUS) -> None:
        phrases = (" ".join(phrase.split()).casefold() for phrase in _SEPARATORS.split(hotwords))
        self._phrases = sorted({_SPACE + phrase.replace(" ", _SPACE) for phrase in phrases if phrase})
        self._bonus = bonus
        self._pieces = [piece.decode(errors="replace").casefold() for piece in vocabulary]
        self._longest = max(map(len, self._pieces), default=0)
        self._tokens: dict[str, list[int]] = {}
        for token, piece in enumerate(self._pieces):
            self._tokens.setdefault(piece, []).append(token)
        ends_word = [token == end or not piece[:1].isalnum() for token, piece in enumerate(self._pieces)]
        self._ends_word = np.array(ends_word, np.float32)
        self._begun = np.zeros(len(self._pieces), np.float32)
        for piece, tokens in self._tokens.items():
            if piece and self._begins(piece):
                self._begun[tokens] = self._worth(piece)
        self._state = lru_cache(maxsize=4096)(self._uncached_state)

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def __call__(self, tokens: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the bonus of a text for each possible next token.

        Args:
            tokens: The text so far.

        Returns:
            float32, shape (vocabulary,), in nats, at least 0.
        """
        settled, word = self._state(tokens)
        following = list(self._that_begin_with(word)) if word else []
        complete = self._worth(word) if word in following else 0.0
        totals = settled + complete * self._ends_word + self._begun
        for phrase in following:
            for end in range(len(word) + 1, min(len(phrase), len(word) + self._longest) + 1):
                totals[self._tokens.get(phrase[len(word) : end], [])] = settled + self._worth(phrase[:end])
        return totals

    def _that_begin_with(self, text: str) -> Iterator[str]:
        """Yield the hotwords that begin with a text; they lie side by side."""
        for index in range(bisect_left(self._phrases, text), len(self._phrases)):
            if not self._phrases[index].startswith(text):
                return
            yield self._phrases[index]

    def _begins(self, text: str) -> bool:
        """Return whether a hotword begins with a text."""
        return next(self._that_begin_with(text), None) is not None

    def _uncached_state(self, tokens: tuple[int, ...]) -> State:
        if not tokens:
            return 0.0, ""
        settled, word = self._state(tokens[:-1])
        text = word + self._pieces[tokens[-1]]
        while not self._begins(text):
            whole = [phrase for phrase in self._phrases if text.startswith(phrase) and not text[len(phrase)].isalnum()]
            after = max(map(len, whole), default=0)
            settled += self._worth(text[:after])
            following = text.find(_SPACE, after or 1)
            if following < 0:
                return settled, ""
            text = text[following:]
        return settled, text

    def _worth(self, text: str) -> float:
        """Return the bonus of the beginning of a hotword, given with the space before it."""
        return self._bonus * max(0, len(text) - 1)
