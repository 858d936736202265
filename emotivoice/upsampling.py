"""From tokens to frames: Gaussian upsampling (Donahue et al., 2021)."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["GaussianUpsampling", "fill_empty", "frame_lengths"]

SHARPNESS = 0.1
"""Of the Gaussians: weight is exp of minus this times the squared distance in frames."""


def frame_lengths(durations: Tensor) -> Tensor:
    """Return the frames of each item `(batch,)` from durations `(batch, tokens)` that may be fractions."""
    return durations.sum(dim=1).long()


def fill_empty(durations: Tensor, padding: Tensor | None = None) -> Tensor:
    """Give every token of an item whose durations are all zero one frame.

    Args:
        durations: `(batch, tokens)` in frames.
        padding: `(batch, tokens)`, True beyond the end of an item; it stays zero.
    """
    empty = (durations.sum(dim=1, keepdim=True) == 0).expand_as(durations)
    if padding is not None:
        empty = empty & ~padding
    return durations.masked_fill(empty, 1)


class GaussianUpsampling(torch.nn.Module):
    """Spreads tokens over frames, each around the middle of its own time."""

    def forward(self, tokens: Tensor, durations: Tensor, padding: Tensor | None = None) -> Tensor:
        """Upsample.

        An item whose durations are all zero gives every token one frame.

        Args:
            tokens: `(batch, tokens, width)`.
            durations: `(batch, tokens)` in frames; fractions are allowed.
            padding: `(batch, tokens)`, True beyond the end of an item.

        Returns:
            `(batch, frames, width)`, as long as the longest item;
            beyond the end of a shorter item stands what its last tokens would be.
        """
        durations = fill_empty(durations, padding).float()
        frames = max(int(frame_lengths(durations).max()), 1)
        time = torch.arange(frames, device=tokens.device, dtype=torch.float32)
        centres = durations.cumsum(dim=1) - durations / 2
        energy = -SHARPNESS * (time[None, :, None] - centres[:, None, :]) ** 2
        if padding is not None:
            energy = energy.masked_fill(padding[:, None, :], -torch.inf)
        return torch.softmax(energy, dim=2).to(tokens.dtype) @ tokens
