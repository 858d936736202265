"""Curves: pitch and loudness of a sound through time, for pictures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.core.stopping import go_on
from pipeline.core.values import Audio, Plain
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.world.analysis import estimate_f0
from pipeline.synthesis.world.frames import PERIOD

__all__ = ["Curves", "curves"]

_MOST: Final = 1500
"""Points of a curve at most: more could not be told apart; set by hand."""

_FINEST: Final = 0.01
"""Seconds from point to point at least: two periods of a voice are hardly shorter."""

_SOFTEST: Final = -60.0
"""dBFS below which everything is silence."""


@dataclass(frozen=True)
class Curves(Plain):
    """Pitch and loudness of a sound."""

    duration: float
    """Seconds of the sound."""
    step: float
    """Seconds from one point to the next."""
    pitch: tuple[float | None, ...]
    """Fundamental frequency in Hz; None where there is no voice."""
    loudness: tuple[float, ...]
    """Level in dBFS (RMS), -60 at least."""


def curves(parts: Iterable[Audio]) -> Curves:
    """Return the curves of a sound of one voice, which comes in parts of one sample rate; each is measured alone."""
    f0: list[Floats] = []
    power: list[Floats] = []
    seconds = 0.0
    for part in parts:
        go_on()
        size = round(PERIOD * part.sample_rate)
        whole = len(part.samples) // size
        if whole:
            frames = part.samples[: whole * size].reshape(whole, size).astype(np.float64)
            power.append(np.mean(np.square(frames), axis=1))
            f0.append(estimate_f0(part)[:whole])
        seconds += part.duration
    if not f0:
        return Curves(seconds, _FINEST, (), ())
    voice, levels = np.concatenate(f0), np.concatenate(power)
    group = max(round(_FINEST / PERIOD), math.ceil(len(voice) / _MOST))
    count = len(voice) // group
    voices = voice[: count * group].reshape(count, group)
    voiced = (voices > 0).sum(axis=1)
    pitch = np.where(2 * voiced >= group, voices.sum(axis=1) / np.maximum(voiced, 1), 0.0)
    loudness = 10 * np.log10(levels[: count * group].reshape(count, group).mean(axis=1) + 1e-12)
    return Curves(
        round(seconds, 3),
        group * PERIOD,
        tuple(round(float(value), 1) if value else None for value in pitch),
        tuple(round(max(_SOFTEST, float(value)), 1) for value in loudness),
    )
