"""Batches of clips or texts of like length, so that little is padding and the order stays random."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = ["batches_of_like_length", "parts_of"]


def batches_of_like_length(
    lengths: Sequence[int], size: int, bucket: int, random: Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of the examples of each batch of an epoch.

    Args:
        lengths: Of all examples.
        size: Examples of a batch.
        bucket: Batches whose examples are sorted by length together.
        random: Source of all chance.
    """
    batches: list[NDArray[np.int64]] = []
    for drawn in parts_of(random.permutation(len(lengths)), size * bucket):
        batches.extend(parts_of(np.array(sorted(drawn.tolist(), key=lambda index: lengths[index])), size))
    for number in random.permutation(len(batches)):
        yield batches[number]


def parts_of(values: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Yield so many values at a time, fewer in the end."""
    for first in range(0, len(values), size):
        yield values[first : first + size]
