"""Conditioning: how a recording becomes the input of a model, in training and in serving alike.

The level depends on the emotion that an actor plays, but also on the microphone, the room and the distance.
A model that gets the level calls every loud recording happy or angry, so the level is removed first.
Silence is removed as well: how long a recorder ran before somebody spoke says nothing about the voice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.audio.activity import SpeechActivity, detect_speech
from pipeline.audio.loudness import normalised
from pipeline.audio.resampling import resampled
from pipeline.core.values import Audio, Samples
from pipeline.recognition.speech.features.moonshine import MIN_SAMPLES, SAMPLE_RATE

__all__ = ["LONGEST", "Phrase", "at_speed", "phrases", "speed_changed", "whole"]

LONGEST: Final = 6.0
"""Seconds of the longest phrase that a model gets at once; the clips of acted corpora last one to five."""

_PAUSE: Final = 1.0
"""Seconds of silence that end a phrase; set by hand."""

_PADDING: Final = 0.1
"""Seconds of sound kept around speech, so that soft beginnings and ends are not cut off; set by hand."""

_WHISPER: Final = 0.2
"""Probability at which speech begins if none is found at the usual threshold: finds whispers and sobs; set by hand."""


@dataclass(frozen=True, eq=False)
class Phrase:
    """A stretch of speech as the input of a model."""

    samples: Samples
    """float32 (time,) at 16 kHz, at least 0.125 s: no silence at the ends, active speech at -23 dBFS, no DC offset."""
    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording."""
    speech: float
    """Seconds of speech in it."""
    likelihood: float = 1.0
    """How likely it is that this is speech at all, in [0, 1]."""

    @property
    def weight(self) -> float:
        """How much it counts beside the other phrases of a recording."""
        return self.speech * self.likelihood


def phrases(audio: Audio, activity: SpeechActivity | None = None) -> Iterator[Phrase]:
    """Yield the phrases of a recording one at a time, so that memory does not grow with its length.

    A phrase ends at a pause of a second; one longer than `LONGEST` is split evenly.
    The same recording at another gain gives the same phrases.

    Args:
        audio: Mono, any rate, any length.
        activity: How likely somebody speaks at each moment of the sound; detected by default.

    Yields:
        The phrases in order of time; none if nobody speaks.
    """
    audio = resampled(audio, SAMPLE_RATE)
    activity = activity or detect_speech(audio)
    for start, end, speech in _stretches(_spans(activity)):
        cut = audio.slice(start, end).samples
        if not len(cut):
            continue
        yield Phrase(_long_enough(_levelled(cut)), start, end, speech, activity.slice(start, end).likelihood)


def whole(audio: Audio, *, levelled: bool = True) -> Phrase:
    """Return a recording as one phrase, its silence included.

    Args:
        audio: Mono, any rate.
        levelled: Whether level and DC offset are removed.
            The usual recipe of this field keeps them; it is here only for comparison.
    """
    samples = resampled(audio, SAMPLE_RATE).samples
    seconds = len(samples) / SAMPLE_RATE
    return Phrase(_long_enough(_levelled(samples) if levelled else samples), 0.0, seconds, seconds)


def at_speed(samples: Samples, speed: float) -> Samples:
    """Return a phrase played at a speed, which also moves pitch and formants; at speed 1 the phrase itself.

    Args:
        samples: float32 (time,) at 16 kHz.
        speed: A factor; above 1 is faster.
    """
    return _long_enough(speed_changed(samples, speed)) if speed != 1.0 else samples


def speed_changed(samples: Samples, factor: float) -> Samples:
    """Return the clip played faster (factor above 1) or slower, which also moves pitch and formants."""
    import soxr

    return np.asarray(soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE), np.float32)


def _levelled(samples: Samples) -> Samples:
    """Return sound without DC offset, its active speech at -23 dBFS."""
    centred = samples - np.mean(samples, dtype=np.float64).astype(np.float32)
    return normalised(Audio(centred, SAMPLE_RATE)).samples


def _long_enough(samples: Samples) -> Samples:
    """Return sound, padded with silence to the shortest length that the features need."""
    padding = max(0, MIN_SAMPLES - len(samples))
    return np.ascontiguousarray(np.pad(samples, (0, padding)) if padding else samples, np.float32)


def _spans(activity: SpeechActivity) -> tuple[tuple[float, float], ...]:
    """Return the spans of speech; if there are none, look again for whispers and sobs."""
    return activity.spans(padding=_PADDING) or activity.spans(threshold=_WHISPER, padding=_PADDING)


def _stretches(spans: tuple[tuple[float, float], ...]) -> Iterator[tuple[float, float, float]]:
    """Join spans that are close to each other and split long ones: (start, end, seconds of speech)."""
    start, end, speech = 0.0, -math.inf, 0.0
    for first, last in (*spans, (math.inf, math.inf)):
        if speech and (first - end > _PAUSE or last - start > LONGEST):
            parts = math.ceil((end - start) / LONGEST)
            length = (end - start) / parts
            for part in range(parts):
                yield start + part * length, start + (part + 1) * length, speech / parts
            speech = 0.0
        if not speech:
            start = first
        end, speech = last, speech + last - first
