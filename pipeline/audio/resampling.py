"""Changes the sample rate of a whole sound or of a stream of blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from pipeline.core.values import Audio, Samples

__all__ = ["SAMPLE_RATE", "resampled", "resampled_blocks"]

SAMPLE_RATE: Final = 16000
"""Hertz: the rate that every recogniser takes."""


def resampled(audio: Audio, sample_rate: int = SAMPLE_RATE) -> Audio:
    """Return the sound at another rate; the same object if it has that rate already.

    Args:
        audio: Any sound.
        sample_rate: Hertz.
    """
    if audio.sample_rate == sample_rate:
        return audio
    blocks = list(resampled_blocks([audio.samples], audio.sample_rate, sample_rate))
    return Audio(np.concatenate(blocks) if blocks else np.zeros(0, np.float32), sample_rate)


def resampled_blocks(blocks: Iterable[Samples], source_rate: int, sample_rate: int) -> Iterator[Samples]:
    """Resample a stream with soxr, block by block, so that no more than a block is held.

    Args:
        blocks: Consecutive samples at `source_rate`: float32, (time,) or (time, channels).
        source_rate: Hertz.
        sample_rate: Hertz.

    Yields:
        Consecutive samples at `sample_rate`, of the same shape.
    """
    if source_rate == sample_rate:
        yield from blocks
        return
    import soxr

    stream = None
    block = np.zeros(0, np.float32)
    for block in blocks:
        stream = stream or soxr.ResampleStream(source_rate, sample_rate, math.prod(block.shape[1:]), dtype="float32")
        yield stream.resample_chunk(block)
    if stream:
        yield stream.resample_chunk(block[:0], last=True)
