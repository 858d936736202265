"""The source of the embedded voice: pulses in the phase of Kokoro's own harmonics.

Kokoro's decoder (an iSTFTNet of Kaneko et al. 2022 with the source of Wang, Takaki and Yamagishi 2019, "Neural
source-filter waveform models") sums the cycles of F0 and draws sines in that phase. Its sound is locked to them, so a
decoder of ours that starts from the same phase has the harmonics in place, and needs to learn a filter alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.parts import SAMPLE_RATE, STEP
from pipeline.synthesis.prosody import Floats

__all__ = ["UNVOICED", "phase", "pulses"]

UNVOICED: Final = 10.0
"""Hertz of F0 up to which Kokoro's source is noise."""
_HIGHEST: Final = 11_800.0
"""Hertz of the highest harmonic, just below half the sampling rate."""
_LOWEST: Final = 30.0
"""Hertz of F0 from which the number of harmonics grows no more; no voice is lower."""
_LATE: Final = 0.5
"""Radians by which pulses come late and early by turns in the roughest voice: by a sixth of a period."""
_PEAK: Final = 1e-4
"""Half the sine of the phase below which a sample is at the top of a pulse."""


def phase(f0: Samples) -> NDArray[np.float64]:
    """Return the phase of the first harmonic in radians, (300 x frames,).

    Args:
        f0: Hertz per frame, (frames,).
    """
    cycles = np.cumsum(np.mod(f0.astype(np.float64) / SAMPLE_RATE, 1.0)) * STEP
    places = (np.arange(len(f0) * STEP) + 0.5) / STEP - 0.5
    turned: NDArray[np.float64] = 2 * np.pi * np.interp(places, np.arange(len(f0)), cycles)
    return turned


def pulses(f0: Samples, roughness: Floats | float = 0.0) -> Samples:
    """Return all harmonics of F0 below 11.8 kHz with equal weight and a power of 1; nothing where there is no voice.

    The sum of cos(k x) for k from 1 to K is sin(K x / 2) cos((K + 1) x / 2) / sin(x / 2).
    In a rough voice every other pulse comes late, as in creak.

    Args:
        f0: Hertz per frame, (frames,).
        roughness: 0 to 1, for all or per frame, (frames,).

    Returns:
        (300 x frames,).
    """
    half = phase(f0) / 2
    if np.any(roughness):
        half += _LATE / 2 * np.repeat(np.broadcast_to(roughness, f0.shape), STEP) * np.cos(half)
    f0_of_sample = np.repeat(f0, STEP)
    harmonics = np.floor(_HIGHEST / np.maximum(f0_of_sample, _LOWEST))
    below = np.sin(half)
    at_peak = np.abs(below) < _PEAK
    # Just before a multiple of pi the cosines of all harmonics are 1 again, whatever the sign of the sine.
    total = np.where(
        at_peak, harmonics, np.sin(harmonics * half) * np.cos((harmonics + 1) * half) / np.where(at_peak, 1.0, below)
    )
    sound: Samples = np.where(f0_of_sample > UNVOICED, total * np.sqrt(2 / np.maximum(harmonics, 1)), 0.0).astype(
        np.float32
    )
    return sound
