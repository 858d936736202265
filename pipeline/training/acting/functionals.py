"""A sentence as one vector: statistics of pitch, spectrum, level and rhythm, taken from the parameters of WORLD.

Functionals over low-level descriptors are how acoustic emotion research describes an utterance (Schuller et al. 2009,
"The INTERSPEECH 2009 emotion challenge"). Taken from parameters, they cost no synthesis, and speech of actors and of
the embedded voice are described by one vocoder.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.synthesis.prosody.changes import bands
from pipeline.synthesis.prosody.durations import pauses
from pipeline.synthesis.prosody.f0 import FINAL_SECONDS, SEMITONES, movement
from pipeline.synthesis.world.vocoder import PERIOD, Floats, Mask, Spoken
from pipeline.training.acting.measuring import audible, clear

__all__ = ["functionals"]

_CEPSTRUM: Final = 14
_HEARD: Final = 30.0
_HIGHEST: Final = 7500.0
_DECIBEL: Final = np.log(10) / 10
_PERCENTILES: Final = (5, 20, 50, 80, 95)
_SPREADS: Final = (10, 90)
_PARTS: Final = 5
_STEP: Final = 4


def functionals(spoken: Spoken) -> NDArray[np.float64]:
    """Return the statistics of a sentence, float64 (197,); the level of the whole is not in them.

    Args:
        spoken: A sentence with at least 0.3 s of voice; at 16 kHz or more.
    """
    spoken = audible(spoken)
    level = spoken.level - np.percentile(spoken.level[spoken.voiced], 90)
    heard = level > -_HEARD
    cepstrum = _mel_cepstrum(spoken)
    parts = [
        _melody(spoken),
        _level(level, spoken.voiced & heard),
        *(_spectrum(cepstrum, mask) for mask in (spoken.voiced & heard, ~spoken.voiced & heard)),
        _rhythm(spoken, level),
    ]
    return np.concatenate(parts)


def _melody(spoken: Spoken) -> Floats:
    voiced = np.flatnonzero(clear(spoken))
    times = voiced * PERIOD
    melody = SEMITONES * np.log2(spoken.pitch[voiced])
    line = np.polyfit(times - times.mean(), melody, 1)
    about = melody - np.polyval(line, times - times.mean())
    low, middle, high = np.percentile(melody, _PERCENTILES)[[0, 2, 4]]
    joined = np.diff(voiced, n=1) == 1
    steps = np.diff(melody)[joined]
    return np.array([
        melody.mean(), melody.std(), *np.percentile(melody, _PERCENTILES), high - low,
        (high - middle) / (high - low + 1), line[0], about.std(), np.abs(about).mean(),
        movement(melody[times > times[-1] - FINAL_SECONDS]),
        *(part.mean() for part in np.array_split(about, _PARTS)),
        *(part.mean() for part in np.array_split(melody, _PARTS)),
        steps.std(), np.abs(steps).mean(), steps[steps > 0].mean() if (steps > 0).any() else 0.0,
        steps[steps < 0].mean() if (steps < 0).any() else 0.0, float((steps > 0).mean()),
    ])  # fmt: skip


def _level(level: Floats, voiced: Mask) -> Floats:
    times = np.flatnonzero(voiced) * PERIOD
    loud = level[voiced]
    moving = level[_STEP:] - level[:-_STEP]
    clipped = np.maximum(level, -_HEARD)
    return np.array([
        loud.mean(), loud.std(), *np.percentile(loud, _PERCENTILES), np.polyfit(times, loud, 1)[0],
        *(part.mean() for part in np.array_split(loud, _PARTS)), *np.percentile(clipped, _PERCENTILES),
        clipped.mean(), clipped.std(), moving.std(), np.percentile(moving, 95), np.percentile(moving, 5),
    ])  # fmt: skip


def _spectrum(cepstrum: Floats, mask: Mask) -> Floats:
    """Return mean, deviation, spread and movement of each coefficient over the frames of a mask."""
    if np.count_nonzero(mask) < _STEP:
        return np.zeros(_CEPSTRUM * 5)
    frames = cepstrum[mask]
    moving = (cepstrum[_STEP:] - cepstrum[:-_STEP])[mask[_STEP:]]
    return np.concatenate(
        [frames.mean(axis=0), frames.std(axis=0), *np.percentile(frames, _SPREADS, axis=0), moving.std(axis=0)]
    )


def _rhythm(spoken: Spoken, level: Floats) -> Floats:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], spoken.voiced, [0]])))
    runs = np.diff(edges)[::2] * PERIOD
    smooth = np.convolve(np.maximum(level, -_HEARD), np.hanning(17) / np.hanning(17).sum(), "same")
    peaks = (smooth[1:-1] > smooth[:-2]) & (smooth[1:-1] >= smooth[2:]) & (smooth[1:-1] > -15)
    pause = float(pauses(spoken).mean())
    return np.array([
        np.log(spoken.duration * (1 - pause)), pause, spoken.voiced.mean(), runs.mean(), runs.std(),
        peaks.sum() / spoken.duration,
    ])  # fmt: skip


def _mel_cepstrum(spoken: Spoken) -> Floats:
    """Return the cosine transform of the spectrum in mel bands, level left out, (frames, 14)."""
    power = np.exp(spoken.envelope * _DECIBEL)
    banded = np.log(power @ _triangles(spoken.envelope.shape[1], spoken.sample_rate) + 1e-14) / _DECIBEL
    count = banded.shape[1]
    order = np.arange(1, _CEPSTRUM + 1)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(count) + 0.5) / count) * np.sqrt(2 / count)
    cepstrum: Floats = banded @ cosines.T
    return cepstrum


@cache
def _triangles(bins: int, sample_rate: int) -> Floats:
    """Return the weights of the mel bands up to 7.5 kHz, (bins, bands)."""
    centres = bands()[bands() < _HIGHEST].astype(float)
    edges = np.concatenate([[centres[0] / 2], centres, [_HIGHEST]])
    hertz = np.linspace(0, sample_rate / 2, bins)
    rising = (hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.clip(np.minimum(rising, falling), 0, None)
    shares: Floats = weights / np.maximum(weights.sum(axis=0), 1e-9)
    return shares
