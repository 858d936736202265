"""The melody: level, range, declination, final movement and trembling of the fundamental frequency."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from pipeline.synthesis.prosody.changes import Manner
from pipeline.synthesis.world.vocoder import PERIOD, Floats, Spoken

__all__ = ["FINAL_SECONDS", "SEMITONES", "intoned", "movement"]

SEMITONES: Final = 12.0
_SLOPE_SECONDS: Final = 2.0
FINAL_SECONDS: Final = 0.3
_RAMP: Final = 0.75
_QUESTION: Final = 4.0
_USUAL_FALL: Final = -2.0
_TREMOR_HERTZ: Final = 5.5
_KNEE: Final = 4.0
_LOWEST: Final = 55.0


def intoned(spoken: Spoken, manner: Manner, *, centre: float, highest: float) -> Spoken:
    """Return the sentence with another melody.

    All is done in semitones about the voice's usual pitch; the range widens about the sentence's straight line.
    The declination was measured on sentences of two seconds, and no sentence is tilted by more than it would be there.
    The final movement was measured from the first to the last quarter of the last 300 ms, which is 0.75 of a ramp;
    where it rises, a voice that falls deeper than the actors did in neutral speech (2 semitones) makes that good first.
    Above the highest pitch but four semitones the melody is compressed, so that no voice squeaks.

    Args:
        spoken: The sentence in the voice that will say it.
        manner: What to change.
        centre: The voice's usual pitch in Hz.
        highest: Hz that the melody comes close to and never passes.
    """
    voiced = np.flatnonzero(spoken.voiced)
    if not len(voiced):
        return spoken
    times = voiced * PERIOD
    melody = SEMITONES * np.log2(spoken.pitch[voiced] / centre)
    offset = times - times.mean()
    line = melody.mean() + offset * (melody @ offset) / max(offset @ offset, PERIOD)
    melody = line + (melody - line) * np.exp(manner.range) + manner.shift

    seconds = times[-1] - times[0]
    melody += manner.slope * offset * min(1.0, _SLOPE_SECONDS / max(seconds, PERIOD))

    ending = times > times[-1] - FINAL_SECONDS
    final = max(manner.final, _QUESTION) if spoken.rises else manner.final
    if final > 0:
        final += min(1.0, final / _QUESTION) * max(0.0, _USUAL_FALL - movement(melody[ending]))
    melody[ending] += final / _RAMP * (1 - (times[-1] - times[ending]) / FINAL_SECONDS)
    melody += manner.arch * (1 / 3 - np.square(2 * (times - times[0]) / max(seconds, PERIOD) - 1))
    melody += manner.tremor * np.sqrt(2) * np.sin(2 * np.pi * _TREMOR_HERTZ * times)
    melody += max(manner.jitter, 0.0) * np.random.default_rng(len(spoken)).standard_normal(len(melody))

    knee = SEMITONES * np.log2(highest / centre) - _KNEE
    melody = np.where(melody > knee, knee + _KNEE * np.tanh((melody - knee) / _KNEE), melody)
    pitch = np.zeros(len(spoken))
    pitch[voiced] = np.maximum(centre * 2 ** (melody / SEMITONES), _LOWEST)
    return dataclasses.replace(spoken, pitch=pitch)


def movement(melody: Floats) -> float:
    """Return the mean of the last quarter minus the mean of the first, in semitones."""
    quarter = max(1, len(melody) // 4)
    return float(melody[-quarter:].mean() - melody[:quarter].mean())
