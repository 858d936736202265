"""What the corpora call the emotions: the one table of labels.

No label of a text means calm: what is calm in a voice is neutral in words, so no text model ever answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.core.emotions import EMOTIONS, parse_mood
from pipeline.core.errors import UnknownName

__all__ = ["LABELS", "emotion_of"]

_EKMAN: Final = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "fearful",
    "joy": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprised",
}

_WORDS: Final = {"pleasant surprise": "surprised", "pleasant surprised": "surprised"}
"""What corpora of one's own may call an emotion, beside all words of `pipeline.core.emotions`."""

LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "ravdess": {f"{number:02d}": emotion for number, emotion in enumerate(EMOTIONS, start=1)},
        "tess": {
            "angry": "angry",
            "disgust": "disgusted",
            "fear": "fearful",
            "happy": "happy",
            "neutral": "neutral",
            "ps": "surprised",  # Pleasant surprise.
            "sad": "sad",
        },
        "crema-d": {
            "ANG": "angry",
            "DIS": "disgusted",
            "FEA": "fearful",
            "HAP": "happy",
            "NEU": "neutral",
            "SAD": "sad",
        },
        "savee": {
            "a": "angry",
            "d": "disgusted",
            "f": "fearful",
            "h": "happy",
            "n": "neutral",
            "sa": "sad",
            "su": "surprised",
        },
        "emo-db": {
            "W": "angry",  # Wut
            "L": "",  # Langeweile, boredom
            "E": "disgusted",  # Ekel
            "A": "fearful",  # Angst
            "F": "happy",  # Freude
            "T": "sad",  # Trauer
            "N": "neutral",
        },
        # The four classes in which most papers report; happy and excited are one of them.
        "iemocap": {
            "ang": "angry",
            "exc": "happy",
            "hap": "happy",
            "neu": "neutral",
            "sad": "sad",
            "dis": "",
            "fea": "",
            "fru": "",
            "oth": "",
            "sur": "",
            "xxx": "",  # The annotators did not agree.
        },
        # Ekman's six, to which the corpus's authors map their 27.
        "goemotions": _EKMAN,
        "meld": _EKMAN,
    }
)
"""For each corpus, from its own label to one of the eight emotions; empty for what has no place among them."""


def emotion_of(corpus: str, label: str) -> str:
    """Return the emotion that a corpus means by a label; empty for what has no place among the eight.

    Args:
        corpus: A key of `LABELS`; any other is a corpus of one's own, whose labels are words for emotions.
        label: The corpus's own label; a word may have spaces, hyphens or underscores.

    >>> emotion_of("tess", "ps")
    'surprised'
    >>> emotion_of("goemotions", "joy")
    'happy'
    >>> emotion_of("folders", "Pleasant_Surprise")
    'surprised'
    >>> emotion_of("csv", "hungry")
    ''
    """
    if corpus in LABELS:
        return LABELS[corpus].get(label.strip(), "")
    words = " ".join(label.replace("_", " ").replace("-", " ").casefold().split())
    try:
        mood = parse_mood(_WORDS.get(words, words))
    except UnknownName:
        return ""
    return mood.word if mood.is_known else ""
