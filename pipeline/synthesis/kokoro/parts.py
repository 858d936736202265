"""The parts of Kokoro's graph: from symbols to durations, to F0 and energy, and what makes sound of them.

The first two hold all that is linguistic and take a twentieth of the time. A prosody is changed between them and the
decoder, of which there are two: Kokoro's own (`istftnet`) and a small one that learned from it (`source_filter`).
With its own decoder they are the official graph, number for number: what it does between its parts, repeating each
token for as many frames as it lasts, is done here and there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.synthesis.prosody import Mask
from pipeline.synthesis.prosody.changes import TimbreChange

__all__ = [
    "ALIGNED_PROSODY",
    "ALIGNED_TEXT",
    "DECODER",
    "DURATIONS",
    "ENCODER",
    "ENERGY",
    "F0",
    "FRAME",
    "PREDICTOR",
    "PROSODY",
    "SAMPLE_RATE",
    "STEP",
    "STEPS",
    "TEXT",
    "Decoder",
    "Encoded",
    "Frames",
    "Intended",
    "Parts",
    "whole_frames",
]

ENCODER: Final = "encoder.onnx"
"""Symbols to durations and features."""
PREDICTOR: Final = "predictor.onnx"
"""Features in time to F0 and energy."""
DECODER: Final = "decoder.onnx"
"""Features in time, F0 and energy to sound."""

# Names of tensors of the official graph at which it is cut.
DURATIONS: Final = "/encoder/predictor/ReduceSum_output_0"
"""Frames that each token lasts, before they are rounded, (1, tokens)."""
PROSODY: Final = "/encoder/predictor/text_encoder/Concat_4_output_0"
"""What F0 and energy follow, (1, tokens, features)."""
TEXT: Final = "/encoder/text_encoder/Transpose_2_output_0"
"""What the sound follows, (1, features, tokens)."""
ALIGNED_PROSODY: Final = "/encoder/MatMul_output_0"
"""`PROSODY` in time, (1, features, frames)."""
ALIGNED_TEXT: Final = "/encoder/MatMul_1_output_0"
"""`TEXT` in time, (1, features, frames)."""
F0: Final = "/encoder/Squeeze_output_0"
"""Fundamental frequency in Hz, (1, 2 x frames); below 10 Hz there is no voice."""
ENERGY: Final = "/encoder/Squeeze_1_output_0"
"""Natural logarithm of the energy, (1, 2 x frames)."""

SAMPLE_RATE: Final = 24_000
"""Hertz of the sound."""
FRAME: Final = 600
"""Samples (25 ms) of a frame of features."""
STEPS: Final = 2
"""Values of F0 and energy in a frame of features."""
STEP: Final = FRAME // STEPS
"""Samples (12.5 ms) of each."""

Frames = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Encoded:
    """A sentence before it has F0."""

    durations: Samples
    """Frames that each token lasts, before they are rounded, (tokens,)."""
    prosody: Samples
    """What F0 and energy follow, (tokens, features)."""
    text: Samples
    """What the sound follows, (features, tokens)."""


@dataclass(frozen=True, eq=False)
class Intended:
    """A sentence as it shall sound: what a decoder is told."""

    text: Samples
    """What the sound follows, (features, tokens)."""
    frames: Frames
    """Frames of 25 ms that each token lasts, (tokens,)."""
    f0: Samples
    """Hertz, (2 x frames,); low, not zero, where there is no voice."""
    energy: Samples
    """Natural logarithm, (2 x frames,)."""
    style: Samples
    """Of the voice, (1, 256)."""
    voiced: Mask
    """Which values of F0 are of a voice, (2 x frames,)."""


class Decoder(Protocol):
    """Makes sound of a sentence."""

    def sound(self, intended: Intended, timbre: TimbreChange, sample_rate: int) -> Samples:
        """Return the sound, (600 x frames,).

        Args:
            intended: The sentence.
            timbre: What to change in the sound of the voice.
            sample_rate: Hertz at which it will be played: above 24 kHz it is heard higher and faster, and the change
                of timbre is meant for what is heard.
        """
        ...


class Parts:
    """From symbols to durations, F0 and energy.

    Args:
        folder: Where both parts lie.

    Raises:
        WeightsMissing: One of them is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._encoder = open_graph(folder / ENCODER)
        self._predictor = open_graph(folder / PREDICTOR)

    def encode(self, tokens: NDArray[np.int64], style: Samples) -> Encoded:
        """Return how long each token lasts, and its features.

        Args:
            tokens: Numbers of symbols, (1, tokens).
            style: (1, 256).
        """
        durations, prosody, text = self._encoder.run([DURATIONS, PROSODY, TEXT], {"tokens": tokens, "style": style})
        return Encoded(durations[0], prosody[0], text[0])

    def contours(self, encoded: Encoded, frames: Frames, style: Samples) -> tuple[Samples, Samples]:
        """Return F0 in Hz and energy, each (2 x frames,).

        Args:
            encoded: The sentence.
            frames: How many frames each token lasts, (tokens,).
            style: (1, 256).
        """
        aligned = np.ascontiguousarray(np.repeat(encoded.prosody, frames, axis=0).T[None])
        f0, energy = self._predictor.run([F0, ENERGY], {ALIGNED_PROSODY: aligned, "style": style})
        return f0[0], energy[0]


def whole_frames(durations: Samples, ratio: float = 1.0) -> Frames:
    """Return durations as whole frames, each at least 1, rounded one by one as the official graph does.

    Args:
        durations: Frames before rounding, (tokens,).
        ratio: By how much each lasts longer.
    """
    frames: Frames = np.maximum(np.round(durations * np.float32(ratio)), 1).astype(np.int64)
    return frames
