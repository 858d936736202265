"""The discriminators of HiFi-GAN (Kong et al., 2020), under the names of the official checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import spectral_norm
from torch.nn.utils.parametrizations import weight_norm

__all__ = ["Discriminators"]

SLOPE = 0.1
"""Of the leaky rectifiers, as in HiFi-GAN."""

PERIODS = (2, 3, 5, 7, 11)
"""Samples between those that a discriminator sees beside each other, as in HiFi-GAN: primes, so that few coincide."""

Judgement = tuple[list[Tensor], list[list[Tensor]]]
"""Scores of every discriminator, and the feature maps of each."""


class PeriodDiscriminator(nn.Module):
    """Looks at every so-manieth sample."""

    def __init__(self, period: int, width: float) -> None:
        super().__init__()
        self.period = period
        channels = [1, *(round(count * width) for count in (32, 128, 512, 1024, 1024))]
        self.convs = nn.ModuleList(
            weight_norm(nn.Conv2d(before, after, (5, 1), (3 if layer < 4 else 1, 1), padding=(2, 0)))
            for layer, (before, after) in enumerate(pairwise(channels))
        )
        self.conv_post = weight_norm(nn.Conv2d(channels[-1], 1, (3, 1), padding=(1, 0)))

    def forward(self, waves: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Judge `(batch, 1, samples)`."""
        missing = -waves.shape[2] % self.period
        x = functional.pad(waves, (0, missing), mode="reflect") if missing else waves
        return _judge(x.view(x.shape[0], 1, -1, self.period), self.convs, self.conv_post)


class ScaleDiscriminator(nn.Module):
    """Looks at all samples."""

    def __init__(self, width: float, spectral: bool) -> None:
        super().__init__()
        norm = spectral_norm if spectral else weight_norm
        channels = [1, *(round(count * width) for count in (128, 128, 256, 512, 1024, 1024, 1024))]
        shapes = ((15, 1, 1), (41, 2, 4), (41, 2, 16), (41, 4, 16), (41, 4, 16), (41, 1, 16), (5, 1, 1))
        self.convs = nn.ModuleList(
            norm(nn.Conv1d(before, after, kernel, stride, groups=groups, padding=kernel // 2))
            for (before, after), (kernel, stride, groups) in zip(pairwise(channels), shapes, strict=True)
        )
        self.conv_post = norm(nn.Conv1d(channels[-1], 1, 3, padding=1))

    def forward(self, waves: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Judge `(batch, 1, samples)`."""
        return _judge(waves, self.convs, self.conv_post)


class MultiPeriod(nn.Module):
    """Five period discriminators."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(PeriodDiscriminator(period, width) for period in PERIODS)

    def forward(self, waves: Tensor) -> Judgement:
        """Judge `(batch, 1, samples)`."""
        return _together(judge(waves) for judge in self.discriminators)


class MultiScale(nn.Module):
    """Three scale discriminators, each at half the rate of the one before."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(ScaleDiscriminator(width, spectral=scale == 0) for scale in range(3))

    def forward(self, waves: Tensor) -> Judgement:
        """Judge `(batch, 1, samples)`."""
        halved = [waves]
        while len(halved) < len(self.discriminators):
            halved.append(functional.avg_pool1d(halved[-1], 4, 2, padding=2))
        return _together(map(nn.Module.__call__, self.discriminators, halved))


class Discriminators(nn.Module):
    """All eight.

    Args:
        width: Factor on the channels, 1 for the official ones.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.msd = MultiScale(width)
        self.mpd = MultiPeriod(width)

    def forward(self, waves: Tensor) -> Judgement:
        """Judge `(batch, 1, samples)`."""
        period, scale = self.mpd(waves), self.msd(waves)
        return period[0] + scale[0], period[1] + scale[1]


def _together(judgements: Iterable[tuple[Tensor, list[Tensor]]]) -> Judgement:
    scores, maps = zip(*judgements, strict=True)
    return list(scores), list(maps)


def _judge(x: Tensor, convolutions: nn.ModuleList, last: nn.Module) -> tuple[Tensor, list[Tensor]]:
    features = []
    for convolution in convolutions:
        x = functional.leaky_relu(convolution(x), SLOPE)
        features.append(x)
    x = last(x)
    features.append(x)
    return torch.flatten(x, 1), features
