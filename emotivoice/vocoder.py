"""The vocoder: HiFi-GAN (Kong et al., 2020), in one piece or in a stream."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from emotivoice.configuration import VocoderSizes

__all__ = ["Vocoder"]

SLOPE = 0.1
"""Of the leaky rectifiers, as in HiFi-GAN."""

LAST_SLOPE = 0.01
"""The default slope of PyTorch, which the official code leaves before the last convolution."""


TILE = 2**19
"""Numbers that a processor keeps close to itself: longer sequences go through the residual blocks in tiles."""


class ResidualBlock(nn.Module):
    """Three pairs of convolutions around residuals, the first of each pair dilated."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            nn.Conv1d(width, width, kernel, dilation=dilation, padding=dilation * (kernel - 1) // 2)
            for dilation in dilations
        )
        self.convs2 = nn.ModuleList(nn.Conv1d(width, width, kernel, padding=kernel // 2) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """Take and return `(batch, width, time)` or `(batch, width, 1, time)`."""
        for first, second in zip(self.convs1, self.convs2, strict=True):
            # In place if the gradient does not mind: half the time goes into memory, not into arithmetic.
            inner = functional.leaky_relu(_convolve(first, functional.leaky_relu(x, SLOPE)), SLOPE, inplace=True)
            x = _convolve(second, inner).add_(x)
        return x


class Vocoder(nn.Module):
    """Frames to waveform.

    Args:
        sizes: Channels, rates, kernels.
        normalised: Keep the weight norm, as training needs it; else the weights are plain, and so faster.
    """

    def __init__(self, sizes: VocoderSizes, normalised: bool = False) -> None:
        super().__init__()
        self.sizes = sizes
        self.conv_pre = nn.Conv1d(sizes.channels, sizes.width, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width = sizes.width
        for rate, kernel in zip(sizes.rates, sizes.kernels, strict=True):
            self.ups.append(nn.ConvTranspose1d(width, width // 2, kernel, rate, padding=(kernel - rate) // 2))
            width //= 2
            for block_kernel, dilations in zip(sizes.block_kernels, sizes.block_dilations, strict=True):
                self.resblocks.append(ResidualBlock(width, block_kernel, dilations))
        self.conv_post = nn.Conv1d(width, 1, 7, padding=3)
        if normalised:
            for module in list(self.modules()):
                if isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
                    weight_norm(module)

    def forward(self, mel: Tensor) -> Tensor:
        """Return the waveform `(batch, 1, samples)` of frames `(batch, frames, channels)`."""
        x = self.conv_pre(mel.transpose(1, 2).to(_precision(self.conv_pre)))
        for stage, up in enumerate(self.ups):
            x = self._tiled(stage, up(functional.leaky_relu(x, SLOPE)))
        return torch.tanh(self.conv_post(functional.leaky_relu(x.to(_precision(self.conv_post)), LAST_SLOPE)))

    def to_half(self) -> Vocoder:
        """Compute in bfloat16 from now on, all but the last convolution, whose rounding would be heard as hiss."""
        for part in self.children():
            if part is not self.conv_post:
                part.bfloat16()
        return self

    @property
    def reach(self) -> int:
        """Frames on either side that a sample can depend on."""
        reach, rate = 3.0, 1
        for up, kernel in zip(self.sizes.rates, self.sizes.kernels, strict=True):
            reach += math.ceil(kernel / up) / rate
            rate *= up
            reach += self._block_reach / rate
        return math.ceil(reach + 3 / rate)

    @property
    def _block_reach(self) -> int:
        """Samples on either side that a residual block can depend on, at its own rate."""
        return max(
            sum(dilation * (kernel - 1) // 2 + kernel // 2 for dilation in dilations)
            for kernel, dilations in zip(self.sizes.block_kernels, self.sizes.block_dilations, strict=True)
        )

    def _tiled(self, stage: int, x: Tensor) -> Tensor:
        """Run the residual blocks of a stage; on a processor tile by tile, which gives the same as at once."""
        if x.device.type != "cpu":
            return self._blocks(stage, x)
        # With the channels of a moment side by side in memory, narrow layers are convolved up to five times faster.
        x = x[:, :, None].contiguous(memory_format=torch.channels_last)
        time = x.shape[3]
        tile = TILE // x.shape[1]
        if torch.is_grad_enabled() or time < 2 * tile:
            return self._blocks(stage, x)[:, :, 0]
        whole = torch.empty_like(x)
        for start in range(0, time, tile):
            left, end = max(start - self._block_reach, 0), min(start + tile, time)
            part = self._blocks(stage, x[..., left : end + self._block_reach])
            whole[..., start:end] = part[..., start - left : end - left]
        return whole[:, :, 0]

    def _blocks(self, stage: int, x: Tensor) -> Tensor:
        """Return the mean of the residual blocks of a stage."""
        count = len(self.sizes.block_kernels)
        total = self.resblocks[stage * count](x)
        for block in range(1, count):
            total = total.add_(self.resblocks[stage * count + block](x))
        return total / count

    def stream(self, mel: Tensor, chunk_frames: int = 64, first_frames: int = 16) -> Iterator[Tensor]:
        """Make the waveform chunk by chunk; joined, the chunks equal the whole.

        Every chunk is computed with `reach` frames more on both sides, which are then cut off.

        Args:
            mel: `(1, frames, channels)`.
            chunk_frames: Frames of a chunk.
            first_frames: Frames of the first chunk, small so that sound begins soon.

        Yields:
            `(samples,)`.
        """
        hop = math.prod(self.sizes.rates)
        start, size, frames = 0, first_frames, mel.shape[1]
        while start < frames:
            end = min(start + size, frames)
            left, right = max(start - self.reach, 0), min(end + self.reach, frames)
            wave = self(mel[:, left:right])[0, 0]
            yield wave[(start - left) * hop : (end - left) * hop]
            start, size = end, chunk_frames


def _convolve(layer: nn.Module, x: Tensor) -> Tensor:
    """Apply a convolution over time to `(batch, channels, time)` or `(batch, channels, 1, time)`."""
    if x.dim() == 3 or not isinstance(layer, nn.Conv1d):
        return layer(x)
    return functional.conv2d(
        x, layer.weight[:, :, None], layer.bias, padding=(0, int(layer.padding[0])), dilation=(1, layer.dilation[0])
    )


def _precision(module: nn.Module) -> torch.dtype:
    return next(module.parameters()).dtype
