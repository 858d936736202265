"""Estimates whether speech was in the language that it was transcribed in, and which one it was.

An engine of one language finds words of it in everything: Moonshine and the English sizes of Whisper hear English in
Mandarin. How sure they are of their words tells. A logistic function of that was fitted for each to read and acted
English against other languages (`benchmarks/language_warning.py`).
Of Moonshine the note is wrong on 2 of 302 English clips; it misses none of 30 Mandarin clips and 1 of the 30 pieces of
music in which a word was found (with slope and bias fitted in five folds by speaker: 2, 1 and 2). The features and the
threshold were chosen on these recordings.

An engine of many languages knows how likely each is, and is unsure of a word or two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from pipeline.core.transcripts import language_of
from pipeline.core.values import Segment

__all__ = [
    "DOUBTFUL",
    "MOONSHINE",
    "UNALIGNED",
    "WHISPER",
    "Curve",
    "language_note",
    "likelihood_of_english",
    "likelihood_of_language",
    "nearly_likeliest",
    "pooled",
]


class Curve(NamedTuple):
    """A logistic function of the confidence of the words of an engine."""

    slope: float
    """Per nat of confidence."""
    bias: float


MOONSHINE: Final = Curve(4.6, 3.0)
"""Of Moonshine; fitted by `benchmarks/language_warning.py`."""

WHISPER: Final = Curve(5.0, 3.1)
"""Of the English sizes of Whisper; fitted to tiny.en on 66 English segments, 30 Mandarin and 72 Polish ones: 2 false
notes, 24 and 69 right ones (slope and bias fitted in five folds by speaker: 1, 23 and 64)."""

DOUBTFUL: Final = 0.25
"""Likelihood below which the person is warned."""

UNALIGNED: Final = 0.3
"""Nats taken off the confidence if the words could not be aligned with the sound; set by hand."""

_AS_ASKED: Final = 2.5
"""Odds for the language that was asked for, before anything is heard, against any other: whoever names a language
mostly knows it. With it the note comes where another language is 7.5 times as likely. With Whisper base, asked for
English, that is so for none of 370 English segments (2 without it), 30 of 30 Mandarin and 69 of 72 Polish ones; for 1
of 170 English phrases cut to 0.5 to 3 s (5 without), 51 of 56 Mandarin and 21 of 25 Polish ones. Any factor from 4 to
15 gives the same within 3. Chosen on these."""

_NEAR: Final = math.exp(-2)
"""Likelihood of a language beside that of the likeliest one from which both are heard."""

_MOST: Final = 3
"""Languages in which one segment is heard; 6 % of these English segments are heard in more than one."""

_LEAST: Final = 1e-4
"""Smallest probability in a logarithm, so that no single value decides; set by hand."""


def likelihood_of_english(confidence: float, *, aligned: bool = True, curve: Curve = MOONSHINE) -> float:
    """Return how likely it is that a segment was English speech, in [0, 1].

    Args:
        confidence: Geometric mean of the probabilities of the words, in [0, 1].
        aligned: Whether the words could be aligned with the sound.
        curve: Of the engine that heard it.
    """
    score = math.log(max(confidence, _LEAST)) - (0.0 if aligned else UNALIGNED)
    return 1 / (1 + math.exp(-(curve.slope * score + curve.bias)))


def likelihood_of_language(likely: Mapping[str, float], language: str) -> float:
    """Return how likely it is that a segment was in the language that was asked for, in [0, 1].

    Args:
        likely: Probability of each language, as an engine hears it in the sound alone.
        language: One of them.
    """
    mine = _AS_ASKED * likely[language]
    other = max((likelihood for code, likelihood in likely.items() if code != language), default=0.0)
    return mine / (mine + other) if mine + other else 0.0


def nearly_likeliest(likely: Mapping[str, float]) -> list[str]:
    """Return the languages that a segment may be in, the likeliest first.

    >>> nearly_likeliest({"en": 0.2, "ar": 0.3, "zh": 0.01})
    ['ar', 'en']
    """
    ranked = sorted(likely, key=lambda code: -likely[code])
    return [code for code in ranked[:_MOST] if likely[code] >= _NEAR * likely[ranked[0]]]


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

    It names the cure, and the language that was heard instead if the engine can tell.

    Args:
        segments: The segments of one recording.
    """
    likelihood = pooled(segments)
    if likelihood is None or likelihood >= DOUBTFUL:
        return ""
    instead = language_of([replace(segment, language=segment.language_heard) for segment in segments], "")
    warning = "This is unlikely to be speech in the language of the transcript: do not rely on the words."
    if not instead:
        return f"{warning} If it is another language, say --language and its code, or auto to find it out."
    return f"{warning} It sounds like '{instead}': say --language {instead}, or auto to find it out."
