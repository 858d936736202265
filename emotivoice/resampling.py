"""Playing a sound faster, in a stream: the transformation that raises formants."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["Resampler"]

HALF_WIDTH = 24
"""Zero crossings of the windowed sinc on either side."""

Samples = npt.NDArray[np.float32]


class Resampler:
    """Plays a stream of samples `numerator / denominator` times as fast.

    Joined, the chunks equal the whole resampled at once.

    Args:
        numerator: Over `denominator` the factor on all frequencies, at least 1.
        denominator: See `numerator`.
    """

    def __init__(self, numerator: int, denominator: int) -> None:
        self._numerator, self._denominator = numerator, denominator
        self._kernels = _kernels(numerator, denominator)
        self._reach = self._kernels.shape[1] // 2
        self._buffer = np.zeros(self._reach, np.float32)
        """Input from `_start` on, with silence before the first sample."""
        self._start = -self._reach
        self._made = 0

    def push(self, samples: Samples, last: bool = False) -> Samples:
        """Take samples `(time,)` and return those that can be made by now.

        Args:
            samples: The next of the stream.
            last: Whether nothing follows.
        """
        if self._numerator == self._denominator:
            return samples
        self._buffer = np.concatenate([self._buffer, samples])
        received = self._start + len(self._buffer)
        if last:
            end = math.ceil(received * self._denominator / self._numerator)
            self._buffer = np.concatenate([self._buffer, np.zeros(self._reach + 1, np.float32)])
        else:
            end = max((received - self._reach - 1) * self._denominator // self._numerator, self._made)
        numbers = np.arange(self._made, end)
        position, phase = np.divmod(numbers * self._numerator, self._denominator)
        first = position - self._reach + 1 - self._start
        windows = self._buffer[first[:, None] + np.arange(self._kernels.shape[1])]
        made = np.einsum("ij,ij->i", windows, self._kernels[phase])
        self._made = end
        unused = end * self._numerator // self._denominator - self._reach - self._start
        if unused > 0:
            self._buffer, self._start = self._buffer[unused:], self._start + unused
        return np.asarray(made, np.float32)


def _kernels(numerator: int, denominator: int) -> Samples:
    """Return a low-pass kernel for every fraction of a sample, `(denominator, taps)`."""
    cutoff = denominator / numerator
    reach = math.ceil(HALF_WIDTH / cutoff)
    taps = np.arange(-reach + 1, reach + 1)
    offsets = taps[None, :] - np.arange(denominator)[:, None] / denominator
    window = np.cos(np.clip(offsets / reach, -1, 1) * np.pi / 2) ** 2
    kernels = cutoff * np.sinc(offsets * cutoff) * window
    return (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)
