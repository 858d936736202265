"""Dimensions: an emotion as a point of valence, arousal and dominance, beside its name.

The points are those that people gave the words in Russell and Mehrabian, "Evidence for a three-factor theory of
emotions", Journal of Research in Personality 11, 273-294 (1977). Probabilities of emotions become the mean of the
points, weighted by them. That is another way to say the same answer, in which doubt between two emotions is a point
between theirs; it is no measurement of its own, and says nothing of a feeling that the emotions do not name.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

__all__ = ["DIMENSIONS", "POINTS", "dimensions_of"]

DIMENSIONS: Final = ("valence", "arousal", "dominance")
"""Unpleasant to pleasant, quiet to excited, led to leading: each from -1 to 1."""

POINTS: Final = MappingProxyType(
    {
        "neutral": (0.0, 0.0, 0.0),
        "calm": (0.68, -0.46, 0.06),
        "happy": (0.81, 0.51, 0.46),
        "sad": (-0.63, -0.27, -0.33),
        "angry": (-0.51, 0.59, 0.25),
        "fearful": (-0.64, 0.60, -0.43),
        "disgusted": (-0.60, 0.35, 0.11),
        "surprised": (0.40, 0.67, -0.13),
    }
)
"""Emotion to its point in `DIMENSIONS`: the paper's means, for calm those of "relaxed"; neutral is the middle."""


def dimensions_of(labels: Sequence[str], probabilities: Sequence[float]) -> dict[str, float]:
    """Return valence, arousal and dominance of an answer, each in [-1, 1]; nothing if a label has no point.

    Args:
        labels: Emotions.
        probabilities: That of each; they sum to 1.

    >>> dimensions_of(["happy", "sad"], [0.5, 0.5])["valence"]
    0.09
    """
    if not all(label in POINTS for label in labels):
        return {}
    return {
        name: round(sum(share * POINTS[label][axis] for label, share in zip(labels, probabilities, strict=True)), 6)
        for axis, name in enumerate(DIMENSIONS)
    }
