"""The transformer of encoder and decoder: pre-norm blocks of self-attention and convolutions (FastSpeech, 2019).

Attributes bear the names of the official checkpoint.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from emotivoice.configuration import TransformerSizes

__all__ = ["ConvolutionalFeedForward", "PositionalEncoding", "SelfAttention", "Transformer"]

EPSILON = 1e-12
"""Of every layer norm in the acoustic model."""


class PositionalEncoding(nn.Module):
    """Adds sines and cosines, scaled by one trained number.

    Args:
        width: Channels.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor(1.0))
        self._table = torch.empty(0)

    def forward(self, x: Tensor) -> Tensor:
        """Take and return `(batch, time, width)`."""
        time, width = x.shape[1:]
        if time > self._table.shape[0] or self._table.device != x.device:
            self._table = self._make_table(max(2 * time, 512), width).to(x.device)
        return x + self.alpha * self._table[:time]

    @staticmethod
    def _make_table(length: int, width: int) -> Tensor:
        position = torch.arange(length, dtype=torch.float32)[:, None]
        frequency = torch.exp(torch.arange(0, width, 2, dtype=torch.float32) * -(math.log(10000.0) / width))
        table = torch.zeros(length, width)
        table[:, 0::2] = torch.sin(position * frequency)
        table[:, 1::2] = torch.cos(position * frequency)[:, : width // 2]
        return table


class SelfAttention(nn.Module):
    """Scaled dot-product attention of a sequence to itself, with absolute positions only.

    Args:
        width: Channels.
        heads: Heads that share them.
        dropout: Of the attention weights.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.linear_q = nn.Linear(width, width)
        self.linear_k = nn.Linear(width, width)
        self.linear_v = nn.Linear(width, width)
        self.linear_out = nn.Linear(width, width)

    def forward(self, x: Tensor, padding: Tensor | None = None) -> Tensor:
        """Attend.

        Args:
            x: `(batch, time, width)`.
            padding: `(batch, time)`, True where nobody may look.
        """
        batch, time, width = x.shape
        query, key, value = (
            linear(x).view(batch, time, self.heads, -1).transpose(1, 2)
            for linear in (self.linear_q, self.linear_k, self.linear_v)
        )
        seen = None if padding is None else ~padding[:, None, None, :]
        dropout = self.dropout if self.training else 0.0
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen, dropout_p=dropout)
        return self.linear_out(attended.transpose(1, 2).reshape(batch, time, width))


class ConvolutionalFeedForward(nn.Module):
    """Two convolutions over time with an exact GELU between them.

    Args:
        width: Channels outside.
        inner_width: Channels inside.
        kernel: Of both convolutions, odd.
        dropout: After the GELU.
    """

    def __init__(self, width: int, inner_width: int, kernel: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.w_1 = nn.Conv1d(width, inner_width, kernel, padding=kernel // 2)
        self.w_2 = nn.Conv1d(inner_width, width, kernel, padding=kernel // 2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, outside: Tensor | None = None) -> Tensor:
        """Take and return `(batch, time, width)`.

        Args:
            x: The sequence.
            outside: `(batch, time)`, True where the convolutions must see zeros, as beyond the end of a sequence alone.
        """
        x = x.transpose(1, 2)
        x = self.dropout(functional.gelu(self.w_1(_zero(x, outside))))
        return self.w_2(_zero(x, outside)).transpose(1, 2)


class Block(nn.Module):
    """One block: attention, then convolutions, each behind its norm and around a residual."""

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__()
        self.self_attn = SelfAttention(sizes.width, sizes.heads, sizes.dropout)
        self.feed_forward = ConvolutionalFeedForward(sizes.width, 4 * sizes.width, sizes.kernel, sizes.dropout)
        self.norm1 = nn.LayerNorm(sizes.width, eps=EPSILON)
        self.norm2 = nn.LayerNorm(sizes.width, eps=EPSILON)
        self.dropout = nn.Dropout(sizes.dropout)

    def forward(self, x: Tensor, padding: Tensor | None, outside: Tensor | None) -> Tensor:
        """Take and return `(batch, time, width)`."""
        x = x + self.dropout(self.self_attn(self.norm1(x), padding))
        return x + self.dropout(self.feed_forward(self.norm2(x), outside))


class Transformer(nn.Module):
    """Positions, blocks, and a last norm.

    Args:
        sizes: Layers, heads, channels.
    """

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__()
        self.embed = nn.Sequential(PositionalEncoding(sizes.width), nn.Dropout(sizes.dropout))
        self.encoders = nn.ModuleList(Block(sizes) for _ in range(sizes.layers))
        self.after_norm = nn.LayerNorm(sizes.width, eps=EPSILON)

    def forward(self, x: Tensor, padding: Tensor | None = None, leaky: bool = False) -> Tensor:
        """Take and return `(batch, time, width)`.

        Args:
            x: The sequences.
            padding: `(batch, time)`, True beyond the end of a sequence.
            leaky: Let the convolutions see what stands in the padding, as the official code does;
                a sequence then differs from itself run alone.
        """
        x = self.embed(x)
        outside = None if leaky else padding
        for block in self.encoders:
            x = block(x, padding, outside)
        return self.after_norm(x)


def _zero(x: Tensor, outside: Tensor | None) -> Tensor:
    """Zero `(batch, channels, time)` where a mask `(batch, time)` is True."""
    return x if outside is None else x.masked_fill(outside[:, None, :], 0.0)
