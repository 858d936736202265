"""Prompts: English words for emotions and ways of speaking become the Chinese words that the model was trained on.

Users report that English prompts work worse, or not at all; the labels of the training data are these Chinese words.
"""

from __future__ import annotations

import re
from typing import Final

from emotivoice.tables import read_rows

__all__ = ["EMOTION_PROMPTS", "NEUTRAL_PROMPT", "trained_prompt"]

NEUTRAL_PROMPT: Final = "普通"
"""The prompt from which `emotion_strength` measures."""

_TABLE: Final = tuple(read_rows("prompts"))
EMOTION_PROMPTS: Final = {row["emotion"]: row["prompt"] for row in _TABLE}
"""Emotions, each with the words for pitch, energy and speed with which people show it (Juslin and Laukka, 2003)."""

_WAYS: Final = {
    "音调很高": ("high pitch", "high-pitched", "high"),
    "音调很低": ("low pitch", "low-pitched", "low", "deep"),
    "音量很高": ("high energy", "loudly", "loud"),
    "音量很低": ("low energy", "quietly", "quiet", "softly", "soft"),
    "语速很快": ("fast", "quickly", "quick"),
    "语速很慢": ("slowly", "slow"),
}

_WORDS: Final[dict[str, str]] = {
    **{word: row["prompt"] for row in _TABLE for word in (row["emotion"], *row["synonyms"].split())},
    **{word: label for label, words in _WAYS.items() for word in words},
}
_KNOWN: Final = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(_WORDS, key=len, reverse=True)))
_FILLING: Final = frozenset({"and", "very", "voice", "speaking", "tone", "a", "with", "in", "of"})


def trained_prompt(prompt: str) -> str:
    """Return a prompt in the words of the training data, where all of it is known; else the prompt itself.

    A way of speaking that is asked for goes before the one that comes with the emotion.

    >>> trained_prompt("Happy")
    '开心 音调很高 语速很快'
    >>> trained_prompt("happy, slow")
    '开心 音调很高 语速很慢'
    >>> trained_prompt("like a tired pirate")
    'like a tired pirate'
    """
    folded = prompt.casefold()
    rest = _KNOWN.sub(" ", folded)
    if set(re.findall(r"\w+", rest)) - _FILLING or not _KNOWN.search(folded):
        return prompt.strip() or NEUTRAL_PROMPT
    chosen: dict[str, str] = {}
    # Emotions first, so that ways of speaking asked for override theirs.
    for word in sorted(_KNOWN.findall(folded), key=lambda word: word in _WAY_WORDS):
        for label in _WORDS[word].split():
            chosen[label[:2]] = label
    return " ".join(sorted(chosen.values(), key=lambda label: _ORDER.get(label[:2], 0)))


_WAY_WORDS: Final = frozenset(word for words in _WAYS.values() for word in words)
_ORDER: Final = {"音调": 1, "音量": 2, "语速": 3}
"""Place of pitch, loudness and speed in the prompts of the training data, after the emotion."""
