"""What actors do with their voices, measured: the same numbers that `EmotionChange` holds, taken from a recording.

The difference between an actor's emotional and neutral reading of one sentence is a change.
Its median over actors is where fitting begins.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from pipeline.core.values import Samples
from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import EmotionChange, band_centres, mean
from pipeline.synthesis.prosody.durations import find_pauses
from pipeline.synthesis.prosody.f0 import FINAL_SECONDS, SEMITONES, movement
from pipeline.synthesis.world.frames import DECIBEL, PERIOD, VocoderFrames
from pipeline.synthesis.world.timbre import frame_classes

__all__ = ["audible", "clear", "departure", "measured"]

_TREMBLING: Final = (4.0, 8.0)
"""Hertz between which F0 trembles."""
_HEARD: Final = 30.0
"""dB below the loud part of the voice within which sound is heard, and not the room."""
_LOUD: Final = 90
"""Percentile of the level of voiced frames that is the loud part of the voice."""
_CLEAR: Final = 18.0
"""dB below that within which F0 is found without doubt."""
_FLAT: Final = 0.1
"""Semitones that a range is taken for at least: the logarithm of zero is not a number."""
_HIGHEST: Final = 12_000.0
"""Hertz up to which the power of a frame is counted, whatever the rate of the recording."""
_TOP: Final = 0.94
"""Share of the highest frequency of a recording up to which it holds sound: resampling cuts the rest."""


def measured(frames: VocoderFrames) -> EmotionChange:
    """Return the numbers of a change as they stand in a sentence.

    Only differences between two readings mean something:
    `shift` counts from 1 Hz, `tempo` is the logarithm of the seconds of speech, `spectrum` the shape of the spectrum.
    What is not measured is 0: jitter, roughness, breath and formants (which `spectrum` holds).

    Args:
        frames: A sentence as `analyse` takes it apart; at least 0.3 s of it with voice.
    """
    frames = audible(frames)
    voiced = np.flatnonzero(clear(frames))
    times = voiced * PERIOD
    contour = SEMITONES * np.log2(frames.f0[voiced])
    offset = times - times.mean()
    slope = float(contour @ offset / (offset @ offset))
    about = contour - contour.mean() - slope * offset
    low, high = np.percentile(about, [5, 95])
    place = 2 * (times - times[0]) / (times[-1] - times[0]) - 1
    bow = np.square(place).mean() - np.square(place)
    pause = find_pauses(frames.level, frames.voiced, PERIOD)
    level = frames.level
    loud = frames.voiced & (level > np.percentile(level[voiced], _LOUD) - _HEARD)
    return EmotionChange(
        shift=float(np.median(contour)),
        range=(math.log(max(high - low, _FLAT)) + math.log(max(about.std(), _FLAT))) / 2,
        slope=slope,
        final=movement(contour[times > times[-1] - FINAL_SECONDS]),
        arch=float(about @ bow / (bow @ bow)),
        tempo=math.log(np.count_nonzero(~pause) * PERIOD),
        pauses=float(pause.mean()),
        level=float(level[loud].mean()),
        dynamics=math.log(float(level[loud].std())),
        swell=float(np.polyfit(np.flatnonzero(loud) * PERIOD, level[loud], 1)[0]),
        tremor=_trembling(frames),
        spectrum=_shapes(frames),
    )


def departure(emotional: Iterable[EmotionChange], neutral: Iterable[EmotionChange]) -> EmotionChange:
    """Return how emotional readings of a sentence differ from neutral ones of the same speaker.

    A wider contour trembles more on the way; only what is beyond that is a tremor.

    Args:
        emotional: As `measured` gives them; at least one.
        neutral: Likewise.
    """
    acted, plain = mean(list(emotional)), mean(list(neutral))
    difference = acted.minus(plain)
    tremor = math.sqrt(max(0.0, acted.tremor**2 - (plain.tremor * math.exp(difference.range)) ** 2))
    return dataclasses.replace(difference, tremor=tremor)


def audible(frames: VocoderFrames) -> VocoderFrames:
    """Return the sentence without what lies before and after it 30 dB below its voice: breath and the room."""
    level = frames.level
    heard = np.flatnonzero(level > np.percentile(level[frames.voiced], _LOUD) - _HEARD)
    return frames.part(int(heard[0]), int(heard[-1]) + 1)


def clear(frames: VocoderFrames) -> Mask:
    """Return which frames have a voice that is loud enough to be sure of its F0, (frames,)."""
    return frames.voiced & (frames.level > np.percentile(frames.level[frames.voiced], _LOUD) - _CLEAR)


def _trembling(frames: VocoderFrames) -> float:
    """Return the RMS of the contour between 4 and 8 Hz, semitones; where there is no voice the contour is bridged."""
    voiced = np.flatnonzero(clear(frames))
    whole = np.arange(voiced[0], voiced[-1] + 1)
    contour = np.interp(whole, voiced, SEMITONES * np.log2(frames.f0[voiced]))
    contour -= np.polyval(np.polyfit(whole, contour, 1), whole)
    spectrum = np.fft.rfft(contour)
    hertz = np.fft.rfftfreq(len(contour), PERIOD)
    inside = (hertz >= _TREMBLING[0]) & (hertz <= _TREMBLING[1])
    return float(np.sqrt(2 * np.square(np.abs(spectrum[inside])).sum()) / len(contour))


def _shapes(frames: VocoderFrames) -> Samples:
    """Return the mean spectrum of each class of frames in dB, frame power taken away, (3, 40).

    Bands above what the recording holds repeat the highest that it does.
    """
    inside = frames.frequencies <= _HIGHEST
    power = 10 * np.log10(np.exp(frames.envelope[:, inside] / DECIBEL).mean(axis=1, keepdims=True))
    centres = np.minimum(band_centres(), frames.sample_rate / 2 * _TOP)
    edges = np.sqrt(centres[:-1] * centres[1:])
    edges = np.concatenate([[centres[0] ** 2 / edges[0]], edges, [centres[-1] ** 2 / edges[-1]]])
    grid = np.linspace(edges[:-1], edges[1:], 5, axis=1)
    at = np.clip(grid / (frames.frequencies[1]), 0, len(frames.frequencies) - 1)
    banded: Floats = frames.envelope[:, np.round(at).astype(int)].mean(axis=2) - power
    heard = frames.level > np.percentile(frames.level[frames.voiced], _LOUD) - _HEARD
    weights = frame_classes(frames.level, frames.voiced, PERIOD) * heard[:, None]
    shapes: Samples = (weights.T @ banded / np.maximum(weights.sum(axis=0), 1)[:, None]).astype(np.float32)
    return shapes
