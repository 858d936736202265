"""The log-mel spectrum in plain NumPy, so that models on it run without further packages."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.core.values import Samples
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE

__all__ = ["BANDS", "FLOOR", "HOP", "LogMel", "filters"]

BANDS: Final = 64
"""Bands from 0 to 8000 Hz."""

HOP: Final = 160
"""Samples from one frame to the next: 100 frames a second."""

FLOOR: Final = -80.0
"""Decibels; quieter values are raised to this."""

_WINDOW: Final = 400
"""Samples per frame: 25 ms, as usual for speech."""

_POINTS: Final = 1024
"""Points of the Fourier transform: more than a frame has, so that the narrow low bands do not stay empty."""


class LogMel:
    """The log-mel spectrum.

    Args:
        threads: Not used: NumPy computes with one.
    """

    name: Final = "log-mel"
    size: Final = BANDS
    precision: Final = np.float16
    conditioned: Final = True

    def __init__(self, threads: int = 1) -> None:
        self._window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (frames, 64) of a clip at 16 kHz: power in dB; a sine of full scale has about 0."""
        frames = sliding_window_view(samples, _WINDOW)[::HOP] * self._window
        power = np.square(np.abs(np.fft.rfft(frames, _POINTS)) / (self._window.sum() / 2))
        decibels: NDArray[np.float32] = 10 * np.log10(np.maximum(power @ filters().T, 10 ** (FLOOR / 10)))
        return decibels.astype(np.float32)


@cache
def filters() -> NDArray[np.float64]:
    """Return the triangular filters, (64, 513), evenly spaced in mel and of height 1.

    Mel is 2595 log10(1 + f / 700), after O'Shaughnessy, Speech Communication, 1987.
    """
    highest = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, highest, BANDS + 2) / 2595) - 1)
    frequencies = np.arange(_POINTS // 2 + 1) * (SAMPLE_RATE / _POINTS)
    low, middle, high = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    shape: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
    return shape
