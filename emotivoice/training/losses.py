"""What training minimises."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["adversarial_loss", "discriminator_loss", "duration_loss", "feature_loss", "spectral_loss", "token_loss"]

Maps = list[list[Tensor]]

RESOLUTIONS = (256, 512, 1024, 2048)
"""Samples of the windows of the spectral loss."""

LEAST_POWER = 1e-6
"""Of a spectrum, whose logarithm and root would have no gradient at zero."""


def duration_loss(predictions: Tensor, durations: Tensor, padding: Tensor) -> Tensor:
    """Return the mean absolute error of log durations, `log(d + 1)`, over the tokens."""
    return token_loss(predictions, torch.log(durations + 1), padding)


def token_loss(predictions: Tensor, targets: Tensor, padding: Tensor) -> Tensor:
    """Return the mean absolute error over the tokens that are not padding."""
    return (predictions - targets).abs().masked_select(~padding).mean()


def discriminator_loss(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Return the least-squares loss of the discriminators (LSGAN, Mao et al., 2017)."""
    return torch.stack([((1 - r) ** 2).mean() + (f**2).mean() for r, f in zip(real, fake, strict=True)]).sum()


def adversarial_loss(fake: list[Tensor]) -> Tensor:
    """Return the least-squares loss of the generator."""
    return torch.stack([((1 - f) ** 2).mean() for f in fake]).sum()


def feature_loss(real: Maps, fake: Maps) -> Tensor:
    """Return twice the distance of the discriminators' feature maps (HiFi-GAN, Kong et al., 2020)."""
    distances = [
        functional.l1_loss(f, r.detach())
        for rs, fs in zip(real, fake, strict=True)
        for r, f in zip(rs, fs, strict=True)
    ]
    return 2 * torch.stack(distances).sum()


def spectral_loss(fake: Tensor, real: Tensor) -> Tensor:
    """Return how far the spectra of waveforms `(batch, samples)` are apart at several resolutions.

    Of each resolution, the sum of spectral convergence and of the distance of logarithms (Yamamoto et al., 2020).
    Short windows hear when something happens, long ones hear the harmonics.
    """
    losses = []
    for size in RESOLUTIONS:
        ours, theirs = _magnitudes(fake, size), _magnitudes(real, size)
        convergence = torch.linalg.vector_norm(theirs - ours) / torch.linalg.vector_norm(theirs)
        losses.append(convergence + functional.l1_loss(ours.log(), theirs.log()))
    return torch.stack(losses).mean()


def _magnitudes(waves: Tensor, size: int) -> Tensor:
    """Return magnitudes `(batch, bins, frames)`; windows overlap by three quarters."""
    window = torch.hann_window(size, device=waves.device)
    spectrum = torch.stft(waves, size, size // 4, window=window, return_complex=True)
    return torch.sqrt(spectrum.real**2 + spectrum.imag**2 + LEAST_POWER)
