"""What actors do with their voices, measured: the same numbers that `Manner` changes, taken from a recording.

The difference between an actor's emotional and neutral reading of one sentence is a manner of speaking.
Its mean over actors is where the rules begin.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from pipeline.core.values import Samples
from pipeline.synthesis.prosody.changes import Manner, bands, mean
from pipeline.synthesis.prosody.durations import pauses
from pipeline.synthesis.prosody.f0 import FINAL_SECONDS, SEMITONES, movement
from pipeline.synthesis.world.timbre import frame_classes
from pipeline.synthesis.world.vocoder import PERIOD, Floats, Mask, Spoken

__all__ = ["audible", "clear", "departure", "measured"]

_TREMBLING: Final = (4.0, 8.0)
_HEARD: Final = 30.0
_CLEAR: Final = 18.0
_FLAT: Final = 0.1
_HIGHEST: Final = 12_000.0
_TOP: Final = 0.94


def measured(spoken: Spoken) -> Manner:
    """Return the numbers of a manner as they stand in a sentence.

    Only differences between two readings mean something:
    `shift` counts from 1 Hz, `tempo` is the logarithm of the seconds of speech, `timbre` the shape of the spectrum.
    What is not measured is 0: jitter, roughness, breath and formants (which `timbre` holds).

    Args:
        spoken: A sentence as `analyse` takes it apart; at least 0.3 s of it with voice.
    """
    spoken = audible(spoken)
    voiced = np.flatnonzero(clear(spoken))
    times = voiced * PERIOD
    melody = SEMITONES * np.log2(spoken.pitch[voiced])
    offset = times - times.mean()
    slope = float(melody @ offset / (offset @ offset))
    about = melody - melody.mean() - slope * offset
    low, high = np.percentile(about, [5, 95])
    place = 2 * (times - times[0]) / (times[-1] - times[0]) - 1
    bow = np.square(place).mean() - np.square(place)
    pause = pauses(spoken)
    level = spoken.level
    loud = spoken.voiced & (level > np.percentile(level[voiced], 90) - _HEARD)
    return Manner(
        shift=float(np.median(melody)),
        range=(math.log(max(high - low, _FLAT)) + math.log(max(about.std(), _FLAT))) / 2,
        slope=slope,
        final=movement(melody[times > times[-1] - FINAL_SECONDS]),
        arch=float(about @ bow / (bow @ bow)),
        tempo=math.log(np.count_nonzero(~pause) * PERIOD),
        pauses=float(pause.mean()),
        level=float(level[loud].mean()),
        dynamics=math.log(float(level[loud].std())),
        swell=float(np.polyfit(np.flatnonzero(loud) * PERIOD, level[loud], 1)[0]),
        tremor=_trembling(spoken),
        timbre=_shapes(spoken),
    )


def departure(emotional: Iterable[Manner], neutral: Iterable[Manner]) -> Manner:
    """Return how emotional readings of a sentence differ from neutral ones of the same speaker.

    A wider melody trembles more on the way; only what is beyond that is a tremor.

    Args:
        emotional: As `measured` gives them; at least one.
        neutral: Likewise.
    """
    acted, plain = mean(list(emotional)), mean(list(neutral))
    difference = acted.minus(plain)
    tremor = math.sqrt(max(0.0, acted.tremor**2 - (plain.tremor * math.exp(difference.range)) ** 2))
    return dataclasses.replace(difference, tremor=tremor)


def audible(spoken: Spoken) -> Spoken:
    """Return the sentence without what lies before and after it 30 dB below its voice: breath and the room."""
    level = spoken.level
    heard = np.flatnonzero(level > np.percentile(level[spoken.voiced], 90) - _HEARD)
    return spoken.part(int(heard[0]), int(heard[-1]) + 1)


def clear(spoken: Spoken) -> Mask:
    """Return which frames have a voice that is loud enough to be sure of its pitch, (frames,)."""
    return spoken.voiced & (spoken.level > np.percentile(spoken.level[spoken.voiced], 90) - _CLEAR)


def _trembling(spoken: Spoken) -> float:
    """Return the RMS of the melody between 4 and 8 Hz, semitones; where there is no voice the melody is bridged."""
    voiced = np.flatnonzero(clear(spoken))
    whole = np.arange(voiced[0], voiced[-1] + 1)
    melody = np.interp(whole, voiced, SEMITONES * np.log2(spoken.pitch[voiced]))
    melody -= np.polyval(np.polyfit(whole, melody, 1), whole)
    spectrum = np.fft.rfft(melody)
    hertz = np.fft.rfftfreq(len(melody), PERIOD)
    inside = (hertz >= _TREMBLING[0]) & (hertz <= _TREMBLING[1])
    return float(np.sqrt(2 * np.square(np.abs(spectrum[inside])).sum()) / len(melody))


def _shapes(spoken: Spoken) -> Samples:
    """Return the mean spectrum of each class of frames in dB, frame power taken away, (3, 40).

    Bands above what the recording holds repeat the highest that it does.
    """
    inside = spoken.frequencies <= _HIGHEST
    power = 10 * np.log10(np.exp(spoken.envelope[:, inside] * (np.log(10) / 10)).mean(axis=1, keepdims=True))
    centres = np.minimum(bands(), spoken.sample_rate / 2 * _TOP)
    edges = np.sqrt(centres[:-1] * centres[1:])
    edges = np.concatenate([[centres[0] ** 2 / edges[0]], edges, [centres[-1] ** 2 / edges[-1]]])
    grid = np.linspace(edges[:-1], edges[1:], 5, axis=1)
    at = np.clip(grid / (spoken.frequencies[1]), 0, len(spoken.frequencies) - 1)
    banded: Floats = spoken.envelope[:, np.round(at).astype(int)].mean(axis=2) - power
    weights = frame_classes(spoken) * (spoken.level > np.percentile(spoken.level[spoken.voiced], 90) - _HEARD)[:, None]
    shapes: Samples = (weights.T @ banded / np.maximum(weights.sum(axis=0), 1)[:, None]).astype(np.float32)
    return shapes
