"""Segments of speech that several tests write and read."""

from __future__ import annotations

from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import EmotionScores

LONG = (
    "Whoever comes to the river in spring will see how far the water has risen, and how the old mill stands in it up "
    "to its windows. Nobody lives there any more, of course; only the swallows come back every year and build."
)


def scores(emotion: str, confidence: float = 0.9) -> EmotionScores:
    rest = (1 - confidence) / (len(EMOTIONS) - 1)
    probabilities = tuple(confidence if label == emotion else rest for label in EMOTIONS)
    return EmotionScores(EMOTIONS, probabilities, model="judge", unsure_below=0.5)
