"""The conditioned sound itself, for models that fine-tune an encoder."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Samples

__all__ = ["Waveform"]


class Waveform:
    """The samples, each a frame of one number.

    Stored as float16, their rounding error is 66 dB below the speech.

    Args:
        threads: Not used: there is nothing to compute.
    """

    name: Final = "waveform"
    size: Final = 1
    precision: Final = np.float16
    conditioned: Final = True

    def __init__(self, threads: int = 1) -> None:
        pass

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (time, 1) of a clip at 16 kHz."""
        return np.array(samples, np.float32)[:, np.newaxis]
