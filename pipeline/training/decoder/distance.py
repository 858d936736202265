"""How far a sound is from another, as far as the ear can tell; and a score that does not smooth noise away.

Distances are of magnitudes of several short-time spectra, so that neither time nor frequency is blurred (Yamamoto,
Song and Kim 2020, "Parallel WaveGAN"). The score is the energy distance of Gneiting and Raftery (2007, "Strictly proper
scoring rules, prediction, and estimation"), as Gritsenko et al. (2020, "A spectral energy distance for parallel speech
synthesis") use it: two sounds from the same filters with different noise should be as far from each other as each is
from the teacher's.
"""

from __future__ import annotations

import random
from typing import Final

import numpy as np
import torch
from torch import Tensor

from pipeline.synthesis.kokoro.features import HOP, WINDOW
from pipeline.synthesis.kokoro.parts import SAMPLE_RATE

__all__ = ["Ear"]

_LONG: Final = (1024, 1024, 2048)
"""Samples of the long windows, one of which is drawn for each step."""
_SHORT: Final = (512, 512, 256, 128)
"""Samples of the short windows, one of which is drawn for each step."""
_MEL: Final = 1024
"""Samples of the window that mel bands are taken from."""
_BANDS: Final = 80
"""Mel bands from 20 Hz to 12 kHz."""
_QUIET: Final = 2e-4
"""Magnitude below which differences are not heard (-74 dB)."""
_LOUD_WEIGHT: Final = 4.0
"""Weight of the roots of magnitudes beside their logarithms: errors in what is loud are heard most."""
_MEL_WEIGHT: Final = 2.0
"""Weight of the mel bands beside single bins."""
_LOW: Final = 3000.0
"""Hertz above which a bin counts for less and less: formants are below."""
_SMALL: Final = 1e-6
_COMPRESSION: Final = 0.35
"""Half the power that magnitudes are compressed by where phases are compared."""
_PHASED: Final = 80
"""Bins (0 to 3.2 kHz) in which phases are compared: above, the teacher's own are random."""
_LAST_PHASED: Final = 0.2
"""Weight of the highest of them; the lowest has 1."""


class Ear:
    """Compares sounds at 24 kHz."""

    def __init__(self) -> None:
        sizes = {*_LONG, *_SHORT, _MEL}
        windows = {size: torch.hann_window(size) for size in sizes}
        self._windows = {size: window / window.pow(2).sum().sqrt() for size, window in windows.items()}
        self._weights = {size: _weights(size) for size in sizes}
        self._mel = _mel_bands()
        self._phase_window = torch.hann_window(WINDOW) / (WINDOW / 4) ** 0.5
        self._phase_weight = torch.linspace(1.0, _LAST_PHASED, _PHASED)[None, :, None]

    def drawn(self, chance: random.Random) -> tuple[int, int]:
        """Return two sizes of windows to compare with."""
        return chance.choice(_LONG), chance.choice(_SHORT)

    def heard(self, sound: Tensor, sizes: tuple[int, ...]) -> list[Tensor]:
        """Return what is compared, for `apart`.

        Args:
            sound: (batch, samples).
            sizes: Samples of the windows.
        """
        found = []
        for size in sizes:
            parts = torch.stft(sound, size, size // 4, window=self._windows[size], return_complex=True)
            magnitude = (torch.view_as_real(parts).pow(2).sum(-1) + _SMALL**1.5).sqrt()
            weight = self._weights[size]
            found += [(magnitude + _QUIET).log() * weight, magnitude.clamp_min(_SMALL).sqrt() * weight * _LOUD_WEIGHT]
            if size == _MEL:
                found.append((torch.matmul(self._mel, magnitude) + _QUIET).log() * _MEL_WEIGHT)
        return found

    def apart(self, first: list[Tensor], second: list[Tensor]) -> Tensor:
        """Return the distance between two sounds."""
        return torch.stack([(a - b).abs().mean() for a, b in zip(first, second, strict=True)]).sum()

    def out_of_phase(self, sound: Tensor, teacher: Tensor, voiced: Tensor) -> Tensor:
        """Return how far the waves of two sounds lie apart below 3.2 kHz where there is a voice.

        Args:
            sound: (batch, samples).
            teacher: (batch, samples).
            voiced: 1 or 0 for each window, (batch, windows).
        """
        weight = self._phase_weight * voiced[:, None]
        difference = self._compressed(sound) - self._compressed(teacher)
        return (torch.view_as_real(difference).abs().sum(-1) * weight).sum() / (weight.sum() + 1)

    def _compressed(self, sound: Tensor) -> Tensor:
        parts = torch.stft(sound, WINDOW, HOP, window=self._phase_window, return_complex=True)[:, :_PHASED, :-1]
        return parts * (parts.real**2 + parts.imag**2 + _SMALL).pow(-_COMPRESSION)


def _weights(size: int) -> Tensor:
    """Return the weight of each bin, (bins, 1), with a mean of 1."""
    weight = 1 / (1 + torch.linspace(0, SAMPLE_RATE / 2, size // 2 + 1) / _LOW)
    return (weight / weight.mean())[:, None]


def _mel_bands() -> Tensor:
    """Return triangles of equal area, (80, 513)."""
    frequencies = np.linspace(0, SAMPLE_RATE / 2, _MEL // 2 + 1)
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (20, SAMPLE_RATE / 2))
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    rising = (frequencies - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - frequencies) / np.diff(edges)[1:, None]
    bands = np.maximum(0, np.minimum(rising, falling))
    return torch.from_numpy((bands / np.maximum(bands.sum(axis=1, keepdims=True), 1e-3)).astype(np.float32))
