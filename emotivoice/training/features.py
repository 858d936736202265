"""What training hears in a recording: two mel spectrograms, pitch and energy."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from emotivoice.configuration import AudioSettings
from emotivoice.control import ENERGY_DEVIATION, ENERGY_MEAN, PITCH_DEVIATION, PITCH_MEAN

__all__ = ["Features", "alignment_mel", "extract_features", "loss_mel", "mel_filters", "trim"]

ALIGNMENT_HIGHEST = 8000.0
"""Hertz, of the mel filters that alignment reads."""


@dataclass(frozen=True)
class Features:
    """Features of one recording."""

    mel: Tensor
    """`(channels, frames)`, logarithmic, for alignment and the decoder's shape; `1 + samples // hop` frames."""
    pitch: Tensor
    """`(frames,)`, normalised; unvoiced frames are interpolated."""
    energy: Tensor
    """`(frames,)`, normalised."""


def extract_features(samples: npt.NDArray[np.float32], settings: AudioSettings) -> Features:
    """Extract everything that the acoustic model is taught.

    Args:
        samples: `(time,)` in [-1, 1] at the model's sample rate, trimmed.
        settings: Frames and bands.
    """
    magnitude = _spectrogram(torch.from_numpy(samples)[None], settings, centred=True)[0]
    energy = torch.linalg.vector_norm(magnitude, dim=0)
    pitch = torch.from_numpy(pitch_contour(samples, settings, magnitude.shape[1]))
    return Features(
        alignment_mel(magnitude, settings),
        (pitch - PITCH_MEAN) / PITCH_DEVIATION,
        (energy - ENERGY_MEAN) / ENERGY_DEVIATION,
    )


def alignment_mel(magnitude: Tensor, settings: AudioSettings) -> Tensor:
    """Return the logarithmic mel spectrogram of a magnitude spectrogram `(bins, frames)`."""
    highest = min(ALIGNMENT_HIGHEST, settings.sample_rate / 2)
    filters = mel_filters(settings.sample_rate, settings.fft_size, settings.channels, 0.0, highest)
    return torch.log(torch.clamp(filters @ magnitude, min=1e-5))


def loss_mel(waves: Tensor, settings: AudioSettings) -> Tensor:
    """Return the logarithmic mel spectrogram that the loss compares, `(batch, channels, frames)` of `(batch, time)`."""
    edge = (settings.fft_size - settings.hop_length) // 2
    padded = functional.pad(waves[:, None], (edge, edge), mode="reflect")[:, 0]
    magnitude = _spectrogram(padded, settings, centred=False, floor=1e-6)
    highest = settings.highest_frequency or settings.sample_rate / 2
    filters = mel_filters(
        settings.sample_rate, settings.fft_size, settings.channels, settings.lowest_frequency, highest
    )
    return torch.log(torch.clamp(filters.to(magnitude) @ magnitude, min=1e-5))


def pitch_contour(samples: npt.NDArray[np.float32], settings: AudioSettings, frames: int) -> npt.NDArray[np.float32]:
    """Return the fundamental frequency in Hertz of every frame, by WORLD's DIO and StoneMask (Morise, 2016).

    Unvoiced frames are interpolated and the ends held; without any voice it is the mean of all speech.
    """
    import pyworld

    wave = samples.astype(np.float64)
    period = settings.hop_length / settings.sample_rate * 1000
    raw, times = pyworld.dio(wave, settings.sample_rate, frame_period=period)
    pitch = pyworld.stonemask(wave, raw, times, settings.sample_rate)
    voiced = np.flatnonzero(pitch)
    if not len(voiced):
        return np.full(frames, PITCH_MEAN, np.float32)
    pitch = np.interp(np.arange(len(pitch)), voiced, pitch[voiced])
    return np.pad(pitch, (0, max(frames - len(pitch), 0)), mode="edge")[:frames].astype(np.float32)


def trim(samples: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.float32]:
    """Cut what is below 0.5 % of the peak from both ends, and put 50 ms of silence there."""
    loud = np.flatnonzero(np.abs(samples) > 0.005 * np.max(np.abs(samples), initial=0.0))
    kept = samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]
    silence = np.zeros(sample_rate // 20, np.float32)
    return np.concatenate([silence, kept, silence]).astype(np.float32)


@functools.lru_cache(maxsize=16)
def mel_filters(sample_rate: int, fft_size: int, bands: int, lowest: float, highest: float) -> Tensor:
    """Return triangular filters `(bands, fft_size / 2 + 1)` of equal area on Slaney's mel scale (Slaney, 1998)."""
    edges = _mel_to_hertz(np.linspace(_hertz_to_mel(lowest), _hertz_to_mel(highest), bands + 2))
    bins = np.linspace(0, sample_rate / 2, fft_size // 2 + 1)
    slopes = (bins[None, :] - edges[:, None]) / np.append(np.diff(edges), np.inf)[:, None]
    rising = slopes[:-2]
    falling = (edges[2:, None] - bins[None, :]) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return torch.from_numpy((triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32))


_LINEAR_STEP = 200 / 3
"""Hertz of a mel below 1000 Hz, by the scale of Slaney's Auditory Toolbox."""

_LOGARITHMIC_STEP = np.log(6.4) / 27
"""Logarithm of the ratio of two mels above: 27 of them from 1000 to 6400 Hz."""


def _hertz_to_mel(hertz: float) -> float:
    return hertz / _LINEAR_STEP if hertz < 1000 else 15 + float(np.log(hertz / 1000)) / _LOGARITHMIC_STEP


def _mel_to_hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < 15, mel * _LINEAR_STEP, 1000 * np.exp(_LOGARITHMIC_STEP * (mel - 15)))


def _spectrogram(waves: Tensor, settings: AudioSettings, centred: bool, floor: float = 0.0) -> Tensor:
    """Return magnitudes `(batch, bins, frames)`."""
    window = torch.hann_window(settings.window_length, device=waves.device)
    spectrum = torch.stft(
        waves.float(),
        settings.fft_size,
        settings.hop_length,
        settings.window_length,
        window,
        center=centred,
        pad_mode="reflect",
        return_complex=True,
    )
    return torch.sqrt(spectrum.real**2 + spectrum.imag**2 + floor)
