"""What the decoder of ours is told of each frame, and the short-time spectrum that it answers in."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.parts import STEP
from pipeline.synthesis.kokoro.source import UNVOICED

__all__ = ["BINS", "FRAME_NUMBERS", "HOP", "INNER", "TEXT", "TIMBRE", "WINDOW", "frame_numbers"]

TEXT: Final = 512
"""Features of a symbol, from Kokoro's text encoder."""
TIMBRE: Final = 128
"""Numbers of a voice's style that are about its sound; the others are about its prosody."""
INNER: Final = 512
"""Features of a frame inside Kokoro's own decoder."""
FRAME_NUMBERS: Final = 6
"""What else is told of a frame: log F0, voicing, energy, place in the symbol, log duration, nearness of the voice."""
WINDOW: Final = 600
"""Samples of a window of the short-time spectrum: 25 ms."""
HOP: Final = 150
"""Samples from window to window: 6.25 ms, two of them in a frame."""
BINS: Final = WINDOW // 2 + 1
"""Bins of the spectrum, 40 Hz apart."""

_USUAL_F0: Final = 180.0
"""Hertz that the logarithm of F0 counts from."""
_USUAL_DURATION: Final = 10.0
"""Frames that the logarithm of a duration counts from: an eighth of a second."""
_USUAL_ENERGY: Final = 4.0
"""Of Kokoro's energies, in its own unit."""
_NEAR: Final = 60.0
"""Hertz below which F0 tells how near the voice is, and not how high: it glides to and from almost zero."""

if HOP * 2 != STEP:
    raise AssertionError("two windows in each frame")


def frame_numbers(durations: NDArray[np.int64], f0: Samples, energy: Samples) -> Samples:
    """Return what the decoder is told of each frame besides the text and the voice, float32 (frames, 6).

    Args:
        durations: Frames of each symbol, (symbols,).
        f0: Hertz, (frames,); low values are on their way to or from no voice.
        energy: In Kokoro's own unit, (frames,).
    """
    place = np.concatenate([(np.arange(length) + 0.5) / length for length in durations])
    voiced = f0 > UNVOICED
    return np.stack(
        [
            np.where(voiced, np.log(np.maximum(f0, UNVOICED) / _USUAL_F0), 0.0),
            voiced,
            energy / _USUAL_ENERGY,
            place,
            np.repeat(np.log(durations / _USUAL_DURATION), durations),
            np.minimum(f0, _NEAR) / _NEAR,
        ],
        axis=1,
        dtype=np.float32,
        casting="unsafe",
    )
