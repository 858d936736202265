"""Plausibility: whether words were said at all, or heard into a hum, a siren or music.

A transcriber writes something about every sound: "You", "Thank you.", "Thanks for watching!". Two things tell such
words from speech: how sure the speech detector is, and how sure the decoder is of its text. A logistic function of both
was fitted to 48 kinds of sound without speech and to four corpora of speech, clean and in noise;
`benchmarks/non_speech.py` fits it and prints both errors on kinds and corpora that were left out.
It is of Moonshine's scores; engines with scores of another kind go by the detector alone (`SpeechSegment.is_speech`).
"""

from __future__ import annotations

from typing import Final

from pipeline.audio.speech_segments import SpeechSegment

__all__ = ["plausible"]

_ACTIVITY: Final = 12.2
"""Weight of the strength of the speech activity; fitted by `benchmarks/non_speech.py`."""

_SCORE: Final = 3.5
"""Weight of the score of the text, in nats a token; fitted by `benchmarks/non_speech.py`."""

_BIAS: Final = -7.4
"""Bias of the logistic function; fitted by `benchmarks/non_speech.py`."""

_CONFIDENT: Final = -0.2
"""Score above which several words count whatever the detector says: it scores screams low. In three acted screams that
it misses the scores were -0.13, -0.13 and -0.47; without speech none of several words was above -0.34."""

_SEVERAL: Final = 3
"""Words that are several; "You" is heard in noise at any score."""


def plausible(segment: SpeechSegment, score: float, words: int) -> bool:
    """Return whether the words of a segment are likelier to have been said than not.

    Args:
        segment: What was heard.
        score: Mean log probability of a token of its text.
        words: Words of the text.
    """
    evidence = _ACTIVITY * segment.speech.strength + _SCORE * score + _BIAS
    return evidence > 0 or (score > _CONFIDENT and words >= _SEVERAL)
