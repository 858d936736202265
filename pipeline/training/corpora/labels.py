"""What the corpora call the emotions: the one table of labels.

No label of a text means calm: what is calm in a voice is neutral in words, so no text model ever answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import UnknownName
from pipeline.training.corpora.catalogue import CORPORA, TEXT_CORPORA

__all__ = ["LABELS", "emotion_of"]

_WORDS: Final = {"pleasant surprise": "surprised", "pleasant surprised": "surprised"}
"""What corpora of one's own may call an emotion, beside all words of `pipeline.core.emotions`."""

LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {corpus.name: corpus.labels for corpora in (CORPORA, TEXT_CORPORA) for corpus in corpora if corpus.labels}
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
