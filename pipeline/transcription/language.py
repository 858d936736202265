"""Whether what an English recogniser understood was English speech: it hears English words in everything.

How sure the network is of its words tells, and whether their sounds could be found in the recording at all.
A logistic function of both was fitted to read and acted English against Mandarin and synthetic music.
The note is wrong on 2 of 302 English clips; it misses none of 30 Mandarin clips and 1 of the 30 pieces of music in
which a word was heard (with slope and bias fitted in five folds by speaker: 2, 1 and 2;
`benchmarks/language_warning.py`). The features and the threshold were chosen on these recordings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pipeline.core.values import Segment

__all__ = ["DOUBTFUL", "UNALIGNED", "language_note", "likelihood_of_english", "pooled"]

DOUBTFUL: Final = 0.25
"""Likelihood under which a recording is warned of."""

UNALIGNED: Final = 0.3
"""Nats that the confidence counts less where the words could not be found in the sound; set by hand."""

_SLOPE: Final = 4.6
_BIAS: Final = 3.0
_LEAST: Final = 1e-4


def likelihood_of_english(confidence: float, *, aligned: bool) -> float:
    """Return how likely it is that a phrase was English speech, in [0, 1].

    Args:
        confidence: Geometric mean of the probabilities of the words, in [0, 1].
        aligned: Whether the words could be found in the sound.
    """
    score = math.log(max(confidence, _LEAST)) - (0.0 if aligned else UNALIGNED)
    return 1 / (1 + math.exp(-(_SLOPE * score + _BIAS)))


def pooled(segments: Sequence[Segment]) -> float | None:
    """Return how likely it is that a recording is in the language of its transcript; None where nothing tells.

    It is the mean of the log-odds of the segments, each weighing as long as it is.
    """
    judged = [
        (segment.end - segment.start, min(max(segment.language_confidence, _LEAST), 1 - _LEAST))
        for segment in segments
        if segment.language_confidence is not None
    ]
    total = sum(seconds for seconds, _ in judged)
    if not total:
        return None
    evidence = sum(seconds * math.log(sure / (1 - sure)) for seconds, sure in judged) / total
    return 1 / (1 + math.exp(-evidence))


def language_note(segments: Sequence[Segment]) -> str:
    """Return a sentence that warns where the words are unlikely to be what was spoken; empty where there is no doubt.

    Args:
        segments: Those of one recording.
    """
    likelihood = pooled(segments)
    if likelihood is None or likelihood >= DOUBTFUL:
        return ""
    return "This is unlikely to be speech in the language of the transcript: do not rely on the words."
