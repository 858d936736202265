"""Puts the blocks of a stream where their time stamps say: gaps become silence, what is there already is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from pipeline.core.values import Samples

__all__ = ["TimedBlock", "placed"]

TimedBlock = tuple[float | None, Samples]
"""Seconds from the start of the recording, None if they are unknown, and frames: float32, shape (frames, channels)."""

_JITTER: Final = 0.02
"""Seconds; a smaller gap is how exactly stamps are written, not silence. Set by hand."""

_OVERLAP: Final = 0.05
"""Seconds; only a larger overlap is cut off. More than a gap, so that stamps that waver do not cost sound."""

_RESTART: Final = 1.0
"""Seconds; a larger jump back is a clock that begins anew, as where files were joined. Set by hand."""

_LEAP: Final = 10.0
"""Seconds; a larger jump forward, in a container whose clock may leap, is such a leap: the threshold of FFmpeg."""


def placed(
    blocks: Iterable[TimedBlock],
    sample_rate: int,
    *,
    resolution: float = 0.0,
    leaps: bool = False,
    allow: Callable[[float, float], None] = lambda gap, until: None,
) -> Iterator[Samples]:
    """Yield the sound of blocks without gaps, with silence where nothing is; memory does not grow with a gap.

    Args:
        blocks: In the order of the file.
        sample_rate: Hertz.
        resolution: Seconds to which stamps are rounded.
        leaps: Whether the clock of the container may leap forward.
        allow: Is told the seconds of a gap, and where it ends, before silence is made; may raise.
    """
    position, shift = 0, 0.0
    for time, block in blocks:
        if time is None:
            gap = 0
        else:
            gap = round((time + shift) * sample_rate) - position
        if position == 0 and abs(gap) <= 2 * resolution * sample_rate:
            gap = 0
        seconds = gap / sample_rate
        if position and (seconds < -_RESTART or (leaps and seconds > _LEAP)):
            shift -= seconds
        elif seconds > _JITTER or (position == 0 and gap > 0):
            allow(seconds, (position + gap) / sample_rate)
            for silent in range(0, gap, sample_rate):
                yield np.zeros((min(sample_rate, gap - silent), block.shape[1]), np.float32)
            position += gap
        elif seconds < -_OVERLAP or (position == 0 and gap < 0):
            block = block[-gap:]
        if len(block):
            yield block
            position += len(block)
