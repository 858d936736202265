"""Estimates whether the input of an English transcriber was English speech: it finds English words in everything.

The estimate uses the confidence of the words, and whether they could be aligned with the sound at all.
A logistic function of both was fitted to read and acted English against Mandarin and synthetic music.
The note is wrong on 2 of 302 English clips; it misses none of 30 Mandarin clips and 1 of the 30 pieces of music in
which a word was found (with slope and bias fitted in five folds by speaker: 2, 1 and 2;
`benchmarks/language_warning.py`). The features and the threshold were chosen on these recordings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pipeline.core.values import Segment

__all__ = ["DOUBTFUL", "UNALIGNED", "language_note", "likelihood_of_english", "pooled"]

DOUBTFUL: Final = 0.25
"""Likelihood below which the person is warned."""

UNALIGNED: Final = 0.3
"""Nats taken off the confidence if the words could not be aligned with the sound; set by hand."""

_SLOPE: Final = 4.6
"""Slope of the logistic function per nat of confidence; fitted by `benchmarks/language_warning.py`."""

_BIAS: Final = 3.0
"""Bias of the logistic function; fitted by `benchmarks/language_warning.py`."""

_LEAST: Final = 1e-4
"""Smallest probability in a logarithm, so that no single value decides; set by hand."""


def likelihood_of_english(confidence: float, *, aligned: bool) -> float:
    """Return how likely it is that a segment was English speech, in [0, 1].

    Args:
        confidence: Geometric mean of the probabilities of the words, in [0, 1].
        aligned: Whether the words could be aligned with the sound.
    """
    score = math.log(max(confidence, _LEAST)) - (0.0 if aligned else UNALIGNED)
    return 1 / (1 + math.exp(-(_SLOPE * score + _BIAS)))


def pooled(segments: Sequence[Segment]) -> float | None:
    """Return how likely it is that a recording is in the language of its transcript; None if no segment tells.

    It is the mean of the log-odds of the segments, weighted by their length.
    """
    judged = [
        (segment.end - segment.start, min(max(segment.language_confidence, _LEAST), 1 - _LEAST))
        for segment in segments
        if segment.language_confidence is not None
    ]
    total = sum(seconds for seconds, _ in judged)
    if not total:
        return None
    log_odds = sum(seconds * math.log(likely / (1 - likely)) for seconds, likely in judged) / total
    return 1 / (1 + math.exp(-log_odds))


def language_note(segments: Sequence[Segment]) -> str:
    """Return a sentence that warns if the words are unlikely to be what was spoken; empty otherwise.

    Args:
        segments: The segments of one recording.
    """
    likelihood = pooled(segments)
    if likelihood is None or likelihood >= DOUBTFUL:
        return ""
    return "This is unlikely to be speech in the language of the transcript: do not rely on the words."
