"""Samples that are no sound, and sound that is shifted as a whole: mended before anybody listens."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UnreadableAudio
from pipeline.core.values import Samples

__all__ = ["damage_note", "repaired", "without_offset"]

_HIGHEST: Final = 1e9
"""Magnitude from which a sample is as invalid as NaN; set by hand, far beyond any sound."""

_BEYOND: Final = 4.0
"""Magnitude (12 dB beyond full scale) from which a sample may be damage; set by hand."""

_OUTSTANDING: Final = 20.0
"""Factor by which such a sample exceeds 99 of 100 others; the peaks of speech exceed them by less than 4."""

_NEAR: Final = 16
"""Samples on either side of damage, few of which are damage as well: sound that sets in stays loud; set by hand."""

_FEW: Final = 4
"""Samples of that neighbourhood that may be damage."""

_MOST: Final = 0.1
"""Share of damaged samples from which nothing is left that could be judged; set by hand."""

_SHIFTED: Final = 0.25
"""Offset relative to the deviation of the samples from which it is taken away. That of speech is below 0.01."""

_LEAST: Final = 1000
"""Samples in which an offset can be told from a slow wave; set by hand."""


def repaired(block: Samples) -> tuple[Samples, int]:
    """Return sound in which damaged samples are filled in from those beside them, and how many these were.

    Damaged are NaN, infinity, and single samples far beyond full scale and all others.

    Args:
        block: float32, shape (frames, channels).
    """
    with np.errstate(invalid="ignore"):
        magnitude = np.abs(block)
        highest = float(magnitude.max()) if magnitude.size else 0.0
        if highest < _BEYOND:
            return block, 0
        damaged = ~(magnitude < _HIGHEST)
    for channel in range(block.shape[1]):
        damaged[:, channel] |= _spikes(magnitude[:, channel], damaged[:, channel])
    count = int(np.count_nonzero(damaged))
    if not count:
        return block, 0
    block = block.copy()
    places = np.arange(len(block))
    for channel in np.flatnonzero(damaged.any(axis=0)).tolist():
        bad = damaged[:, channel]
        good = ~bad
        block[bad, channel] = np.interp(places[bad], places[good], block[good, channel]) if good.any() else 0.0
    return block, count


def _spikes(magnitude: Samples, damaged: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which samples stand out alone, (frames,)."""
    sound = magnitude[~damaged]
    if not len(sound):
        return np.zeros(len(magnitude), np.bool_)
    high = ~damaged & (magnitude > max(_BEYOND, _OUTSTANDING * float(np.quantile(sound, 0.99))))
    around = np.convolve(high, np.ones(2 * _NEAR + 1), "same")
    return high & (around <= _FEW)


def damage_note(name: str, count: int, total: int) -> str:
    """Return the sentence that tells of damaged samples.

    Args:
        name: The recording.
        count: Damaged samples.
        total: All samples.

    Raises:
        UnreadableAudio: There are too many to be filled in.
    """
    if count > _MOST * total:
        raise UnreadableAudio(
            f"{name} is damaged: {count / total:.0%} of its samples are no sound.", hint="Export or record it again."
        )
    samples = "1 sample that is" if count == 1 else f"{count:,} samples that are"
    return f"{name} holds {samples} no sound, such as NaN: what is heard there was filled in from those beside it."


def without_offset(samples: Samples) -> Samples:
    """Return sound around zero, in place: a microphone with a constant offset hides speech from the detector.

    Args:
        samples: float32, shape (time,).
    """
    if len(samples) >= _LEAST:
        offset = float(samples.mean(dtype=np.float64))
        # No copy of an hour is made for it.
        variance = float(np.vdot(samples, samples)) / len(samples) - offset**2
        if offset**2 > _SHIFTED**2 * max(0.0, variance):
            samples -= np.float32(offset)
    return samples
