"""What reads a fine-tuned encoder. Importing this module imports torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

__all__ = ["EmotionHead", "FineTunedNetwork", "Kept", "joined", "pooled"]

_CLAMP = 5.0
"""Standard deviations from the mean beyond which a number counts as no further: rare extremes would rule the answer."""


@dataclass(frozen=True, eq=False)
class Kept:
    """What a network finds in some clips before anything that training changes."""

    frames: Tensor
    """(batch, time, size), padded with zeros."""
    own: Tensor | None
    """Which frames are no padding, (batch, time); None where all are."""
    statistics: Tensor
    """What is known of each clip already, (batch, numbers); maybe no numbers."""


def joined(clips: Sequence[Kept]) -> Kept:
    """Return clips, each of which was found alone, as one batch."""
    frames = [clip.frames[0] for clip in clips]
    own = [torch.ones(len(clip), dtype=torch.bool, device=clip.device) for clip in frames]
    return Kept(
        pad_sequence(frames, batch_first=True),
        pad_sequence(own, batch_first=True),
        torch.cat([clip.statistics for clip in clips]),
    )


class EmotionHead(nn.Module):
    """A small network over statistics, and a linear discriminant of some of them that votes beside it.

    Statistics are standardised and clamped at five deviations,
    which keeps a clip unlike the training data, such as a noisy one, from driving the network mad.

    Args:
        size: How many statistics there are.
        hidden_size: Width of the hidden layer.
        labels: Number of emotions.
        dropout: Share of statistics and of hidden numbers that training leaves out.
        discriminated: How many statistics, the first ones, the discriminant hears.
    """

    mean: Tensor
    deviation: Tensor
    discriminant: Tensor
    discriminant_bias: Tensor

    def __init__(self, size: int, hidden_size: int, labels: int, dropout: float, discriminated: int) -> None:
        super().__init__()
        self.discriminated = discriminated
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))
        self.register_buffer("discriminant", torch.zeros(discriminated, labels))
        self.register_buffer("discriminant_bias", torch.zeros(labels))
        self.network = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(size, hidden_size),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_size, labels),
        )

    def adapt(self, vectors: Tensor) -> None:
        """Take mean and deviation from examples, (examples, size)."""
        self.mean.copy_(vectors.mean(0))
        self.deviation.copy_(vectors.std(0, correction=0) + 1e-4)

    def standardised(self, vectors: Tensor) -> Tensor:
        """Return (batch, size) in deviations from the mean, clamped; fewer statistics than all are the first ones."""
        size = vectors.shape[1]
        return ((vectors - self.mean[:size]) / self.deviation[:size]).clamp(-_CLAMP, _CLAMP)

    def forward(self, standardised: Tensor) -> Tensor:
        """Return the logits of the network alone, (batch, labels)."""
        logits: Tensor = self.network(standardised)
        return logits

    def voted(self, standardised: Tensor) -> Tensor:
        """Return the logits of network and discriminant together, (batch, labels)."""
        logits: Tensor = self(standardised)
        if self.discriminated:
            logits = logits + standardised[:, : self.discriminated] @ self.discriminant + self.discriminant_bias
        return logits


class FineTunedNetwork(nn.Module, ABC):
    """An encoder and its head, from sound to logits."""

    encoder: nn.Module
    head: EmotionHead

    @abstractmethod
    def kept(self, waveform: Tensor) -> Kept:
        """Return what training does not change of clips of one length, (batch, samples) at 16 kHz."""

    @abstractmethod
    def vectors(self, kept: Kept) -> Tensor:
        """Return the statistics that the head reads, (batch, numbers), those of `kept` first."""

    @abstractmethod
    def trained_layers(self) -> list[list[nn.Parameter]]:
        """Return what is trained of the encoder, layer by layer, the highest first."""

    def readers(self) -> list[nn.Parameter]:
        """Return what is trained and not of the encoder."""
        return [parameter for name, parameter in self.named_parameters() if not name.startswith("encoder.")]

    def judged(self, kept: Kept) -> Tensor:
        """Return the logits, (batch, labels), of network and discriminant."""
        return self.head.voted(self.head.standardised(self.vectors(kept)))

    def forward(self, waveform: Tensor) -> Tensor:
        """Return the logits, (batch, labels), of clips of one length, (batch, samples) at 16 kHz."""
        return self.judged(self.kept(waveform))


def pooled(frames: Tensor, own: Tensor | None = None) -> Tensor:
    """Return mean, standard deviation, maximum and minimum over time.

    Args:
        frames: (batch, time, size).
        own: Which frames are no padding, (batch, time); all where it is None.

    Returns:
        (batch, 4 * size), float32.
    """
    frames = frames.float()
    if own is None:
        mean, variance = frames.mean(1), frames.var(1, correction=0)
        highest, lowest = frames.amax(1), frames.amin(1)
    else:
        mask, counts = own[:, :, None], own.sum(1, keepdim=True)
        mean = (frames * mask).sum(1) / counts
        variance = ((frames - mean[:, None]) * mask).square().sum(1) / counts
        highest, lowest = frames.masked_fill(~mask, -1e9).amax(1), frames.masked_fill(~mask, 1e9).amin(1)
    return torch.cat([mean, (variance + 1e-6).sqrt(), highest, lowest], dim=1)
