"""The student: from text, melody and voice to a filter on the source, and a filter on noise.

A stack of ConvNeXt layers (Liu et al. 2022, "A ConvNet for the 2020s") at the rate of the frames and one inverse
short-time Fourier transform at the end, as in Vocos (Siuzdak 2023): nothing is computed at the rate of the samples but
the transform. Other than in Vocos the harmonics are in the source, so the network predicts slowly varying filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from pipeline.synthesis.kokoro.features import BINS, FRAME_NUMBERS, HOP, INNER, TEXT, TIMBRE, WINDOW

if TYPE_CHECKING:
    from pipeline.training.decoder.settings import DecoderSettings

__all__ = ["Student", "filtered", "spectrum"]

_TAPS: Final = 7
"""Frames that a layer sees: 44 ms to each side."""
_FILTERS: Final = 3
"""Numbers of a bin: logarithm of the gain and phase on the source, logarithm of the gain on the noise."""
_VOICE_AT_FIRST: Final = -4.0
"""Logarithm of the source's gain before anything is learned: as loud as speech."""
_NOISE_AT_FIRST: Final = -6.0
"""Logarithm of the noise's gain before anything is learned."""
_SMALL: Final = 0.01
"""Deviation of the last layer's weights at first."""
_LEAST: Final = -14.0
"""Logarithm of the least gain: silence."""
_MOST: Final = 4.0
"""Logarithm of the greatest gain."""


class Student(nn.Module):
    """Predicts the filters of two windows for each frame.

    Args:
        settings: Sizes.
    """

    def __init__(self, settings: DecoderSettings) -> None:
        super().__init__()
        width = settings.channels
        self.text = nn.Linear(TEXT, width)
        self.frame = nn.Linear(FRAME_NUMBERS, width)
        self.timbre = nn.Linear(TIMBRE, width)
        self.first = nn.LayerNorm(width)
        self.layers = nn.ModuleList(_Layer(width, settings.hidden, 1 / settings.layers) for _ in range(settings.layers))
        self.last = nn.LayerNorm(width)
        self.inner = nn.Linear(width, INNER)
        self.filters = nn.Linear(width, 2 * _FILTERS * BINS)
        nn.init.normal_(self.filters.weight, std=_SMALL)
        bias = torch.zeros(2, _FILTERS, BINS)
        bias[:, 0], bias[:, 2] = _VOICE_AT_FIRST, _NOISE_AT_FIRST
        self.filters.bias = nn.Parameter(bias.flatten())

    def forward(self, text: Tensor, frame: Tensor, timbre: Tensor) -> Tensor:
        """Return the filters, (batch, 2 x frames, 3, 301).

        Args:
            text: (batch, frames, 512).
            frame: (batch, frames, 6).
            timbre: (batch, 128).
        """
        return self.both(text, frame, timbre)[0]

    def both(self, text: Tensor, frame: Tensor, timbre: Tensor) -> tuple[Tensor, Tensor]:
        """Return the filters, and a guess at what the teacher knows halfway, (batch, frames, 512)."""
        hidden = self.first(self.text(text) + self.frame(frame) + self.timbre(timbre)[:, None])
        halfway = hidden
        for number, layer in enumerate(self.layers):
            hidden = layer(hidden)
            if number == len(self.layers) // 2:
                halfway = hidden
        filters = self.filters(self.last(hidden))
        return filters.view(filters.shape[0], -1, _FILTERS, BINS), self.inner(halfway)


class _Layer(nn.Module):
    def __init__(self, width: int, hidden: int, scale: float) -> None:
        super().__init__()
        self.along = nn.Conv1d(width, width, _TAPS, padding=_TAPS // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, hidden)
        self.narrow = nn.Linear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, frames: Tensor) -> Tensor:
        along = self.along(frames.transpose(1, 2)).transpose(1, 2)
        changed: Tensor = self.narrow(nn.functional.gelu(self.widen(self.norm(along))))
        return frames + self.scale * changed


def spectrum(sound: Tensor, window: Tensor) -> Tensor:
    """Return the short-time spectrum, complex (batch, 301, windows); the first window is centred on the first sample.

    Args:
        sound: (batch, 150 x windows).
        window: (600,).
    """
    return torch.stft(sound, WINDOW, HOP, window=window, return_complex=True, pad_mode="constant")[:, :, :-1]


def filtered(filters: Tensor, source: Tensor, noise: Tensor, window: Tensor) -> Tensor:
    """Return the sound, (batch, samples).

    Args:
        filters: From the student, (batch, windows, 3, 301).
        source: Spectrum of the pulses, complex (batch, 301, windows).
        noise: White, (batch, samples).
        window: (600,).
    """
    gain, phase, breath = filters.transpose(1, 3).unbind(2)
    voice = source * torch.polar(gain.clamp(_LEAST, _MOST).exp(), phase)
    whole = voice + spectrum(noise, window) * breath.clamp(_LEAST, _MOST).exp()
    whole = torch.cat([whole, whole[:, :, -1:]], dim=2)
    return torch.istft(whole, WINDOW, HOP, window=window, length=noise.shape[1])
