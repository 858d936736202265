"""The decoder of ours: from features of the text, F0, energy and a voice's timbre to sound, in Kokoro's manner.

A small network predicts, for each window of 25 ms, a filter on the source's pulses and one on white noise; everything
else is a Fourier transform. `detect.py train --config configs/decoder.yaml` makes the network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.features import BINS, HOP, WINDOW, frame_numbers
from pipeline.synthesis.kokoro.source import pulses

__all__ = ["SmallDecoder"]

_SEED: Final = 0
"""Of the noise: the same sentence sounds the same each time."""
_LEAST: Final = -14.0
"""Logarithm of the least gain of a filter: silence."""
_MOST: Final = 4.0
"""Logarithm of the greatest gain of a filter."""
_WINDOW: Final = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
"""Of Hann, periodic, (600,)."""


class SmallDecoder:
    """Makes sound of 24 kHz.

    Args:
        graph: The network.
        threads: Computing threads.

    Raises:
        WeightsMissing: There is no such file.
    """

    def __init__(self, graph: Path | bytes, *, threads: int = 1) -> None:
        self._network = open_graph(graph, threads=threads)

    def render(
        self, text: Samples, durations: NDArray[np.int64], f0: Samples, energy: Samples, timbre: Samples
    ) -> Samples:
        """Return sound, (300 x frames,).

        Args:
            text: Features of each symbol, (symbols, 512).
            durations: Frames of 12.5 ms of each symbol, (symbols,); at least 1.
            f0: Hertz, (frames,).
            energy: In Kokoro's own unit, (frames,).
            timbre: (128,).
        """
        (filters,) = self._network.run(
            None,
            {
                "text": np.repeat(text, durations, axis=0)[None],
                "frame": frame_numbers(durations, f0, energy)[None],
                "timbre": timbre[None],
            },
        )
        gain, phase, breath = np.moveaxis(filters[0], 1, 0)
        source = _spectrum(pulses(f0))
        noise = _spectrum(np.random.default_rng(_SEED).standard_normal(len(f0) * 2 * HOP, np.float32))
        voice = source * np.exp(np.clip(gain, _LEAST, _MOST) + 1j * phase)
        return _sound(voice + noise * np.exp(np.clip(breath, _LEAST, _MOST)))


def _spectrum(sound: Samples) -> NDArray[np.complex64]:
    """Return the short-time spectrum, (windows, 301); the first window is centred on the first sample."""
    padded = np.pad(sound, WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(sound) // HOP]
    found: NDArray[np.complex64] = np.fft.rfft(windows * _WINDOW, axis=1).astype(np.complex64)
    return found


def _sound(spectrum: NDArray[np.complex64]) -> Samples:
    """Return the sound of a short-time spectrum, (150 x windows,)."""
    if spectrum.shape[1] != BINS:
        raise AssertionError("a window has 301 bins")
    waves = np.fft.irfft(spectrum, WINDOW, axis=1).astype(np.float32) * _WINDOW
    total = np.zeros((len(waves) + WINDOW // HOP - 1, HOP), np.float32)
    weight = np.zeros_like(total)
    for part in range(WINDOW // HOP):
        piece = slice(part * HOP, (part + 1) * HOP)
        total[part : part + len(waves)] += waves[:, piece]
        weight[part : part + len(waves)] += _WINDOW[piece] ** 2
    sound: Samples = (total / np.maximum(weight, 1e-3)).ravel()[WINDOW // 2 :][: len(waves) * HOP]
    return sound
