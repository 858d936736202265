"""What the corpora of text call the emotions: the one table of labels.

No text class means calm: what is calm in a voice is neutral in words, so no text model ever answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import UnknownName

__all__ = ["TEXT_LABELS", "text_emotion_of"]

_EKMAN: Final = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "fearful",
    "joy": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprised",
}

TEXT_LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        # Ekman's six, to which the corpus's authors map their 27.
        "goemotions": _EKMAN,
        "meld": _EKMAN,
    }
)
"""For each corpus, from its own label to one of the eight emotions."""


def text_emotion_of(corpus: str, label: str) -> str:
    """Return the emotion that a corpus means by a label; empty for what has no place among the eight.

    Args:
        corpus: A key of `TEXT_LABELS`; any other means the words of `pipeline.core.emotions`.
        label: The corpus's own label.

    >>> text_emotion_of("goemotions", "joy")
    'happy'
    >>> text_emotion_of("csv", "Furious")
    'angry'
    >>> text_emotion_of("csv", "hungry")
    ''
    """
    if corpus in TEXT_LABELS:
        return TEXT_LABELS[corpus].get(label.strip().casefold(), "")
    try:
        mood = parse_mood(label)
    except UnknownName:
        return ""
    return mood.word if mood.is_known else ""
