"""A sentence as one vector: statistics of F0, spectrum, level and rhythm, taken from the parameters of WORLD.

Functionals over low-level descriptors are how acoustic emotion research describes an utterance (Schuller et al. 2009,
"The INTERSPEECH 2009 emotion challenge"). Taken from parameters, they cost no synthesis, and speech of actors and of
the embedded voice are described by one vocoder.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import band_centres
from pipeline.synthesis.prosody.durations import find_pauses
from pipeline.synthesis.prosody.f0 import FINAL_SECONDS, SEMITONES, movement
from pipeline.synthesis.world.frames import DECIBEL, PERIOD, VocoderFrames
from pipeline.training.acting.measuring import audible, clear

__all__ = ["functionals"]

_CEPSTRUM: Final = 14
"""Coefficients of the mel-cepstrum: the shape of the spectrum without its harmonics."""
_HEARD: Final = 30.0
"""dB below the loud part of the voice within which sound is heard, and not the room."""
_HIGHEST: Final = 7500.0
"""Hertz up to which the spectrum is described: recordings of 16 kHz hold no more."""
_PERCENTILES: Final = (5, 20, 50, 80, 95)
"""Percentiles of F0 and level: their middle, edges and skew."""
_SPREADS: Final = (10, 90)
"""Percentiles of each coefficient."""
_PARTS: Final = 5
"""Parts of a sentence whose means tell how it goes on."""
_STEP: Final = 4
"""Frames (20 ms) over which movement is measured."""
_RHYTHM_FRAMES: Final = 17
"""Frames (85 ms) that the level is smoothed over: shorter than a syllable."""
_PEAK: Final = 15.0
"""dB below the loud part of the voice within which a peak of the level is a syllable."""


def functionals(frames: VocoderFrames) -> NDArray[np.float64]:
    """Return the statistics of a sentence, float64 (197,); the level of the whole is not in them.

    Args:
        frames: A sentence with at least 0.3 s of voice; at 16 kHz or more.
    """
    frames = audible(frames)
    level = frames.level - np.percentile(frames.level[frames.voiced], 90)
    heard = level > -_HEARD
    cepstrum = _mel_cepstrum(frames)
    parts = [
        _contour(frames),
        _level(level, frames.voiced & heard),
        *(_spectrum(cepstrum, mask) for mask in (frames.voiced & heard, ~frames.voiced & heard)),
        _rhythm(frames, level),
    ]
    return np.concatenate(parts)


def _contour(frames: VocoderFrames) -> Floats:
    voiced = np.flatnonzero(clear(frames))
    times = voiced * PERIOD
    contour = SEMITONES * np.log2(frames.f0[voiced])
    line = np.polyfit(times - times.mean(), contour, 1)
    about = contour - np.polyval(line, times - times.mean())
    low, middle, high = np.percentile(contour, _PERCENTILES)[[0, 2, 4]]
    joined = np.diff(voiced, n=1) == 1
    steps = np.diff(contour)[joined]
    return np.array([
        contour.mean(), contour.std(), *np.percentile(contour, _PERCENTILES), high - low,
        (high - middle) / (high - low + 1), line[0], about.std(), np.abs(about).mean(),
        movement(contour[times > times[-1] - FINAL_SECONDS]),
        *(part.mean() for part in np.array_split(about, _PARTS)),
        *(part.mean() for part in np.array_split(contour, _PARTS)),
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
    rows = cepstrum[mask]
    moving = (cepstrum[_STEP:] - cepstrum[:-_STEP])[mask[_STEP:]]
    return np.concatenate(
        [rows.mean(axis=0), rows.std(axis=0), *np.percentile(rows, _SPREADS, axis=0), moving.std(axis=0)]
    )


def _rhythm(frames: VocoderFrames, level: Floats) -> Floats:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.voiced, [0]])))
    runs = np.diff(edges)[::2] * PERIOD
    smooth = np.convolve(
        np.maximum(level, -_HEARD), np.hanning(_RHYTHM_FRAMES) / np.hanning(_RHYTHM_FRAMES).sum(), "same"
    )
    peaks = (smooth[1:-1] > smooth[:-2]) & (smooth[1:-1] >= smooth[2:]) & (smooth[1:-1] > -_PEAK)
    pause = float(find_pauses(frames.level, frames.voiced, PERIOD).mean())
    return np.array([
        np.log(frames.duration * (1 - pause)), pause, frames.voiced.mean(), runs.mean(), runs.std(),
        peaks.sum() / frames.duration,
    ])  # fmt: skip


def _mel_cepstrum(frames: VocoderFrames) -> Floats:
    """Return the cosine transform of the spectrum in mel bands, level left out, (frames, 14)."""
    power = np.exp(frames.envelope / DECIBEL)
    banded = np.log(power @ _triangles(frames.envelope.shape[1], frames.sample_rate) + 1e-14) * DECIBEL
    count = banded.shape[1]
    order = np.arange(1, _CEPSTRUM + 1)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(count) + 0.5) / count) * np.sqrt(2 / count)
    cepstrum: Floats = banded @ cosines.T
    return cepstrum


@cache
def _triangles(bins: int, sample_rate: int) -> Floats:
    """Return the weights of the mel bands up to 7.5 kHz, (bins, bands)."""
    centres = band_centres()[band_centres() < _HIGHEST].astype(float)
    edges = np.concatenate([[centres[0] / 2], centres, [_HIGHEST]])
    hertz = np.linspace(0, sample_rate / 2, bins)
    rising = (hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.clip(np.minimum(rising, falling), 0, None)
    shares: Floats = weights / np.maximum(weights.sum(axis=0), 1e-9)
    return shares
