"""Features from the layers of Moonshine's encoder, alone or together with an x-vector of the voice.

An x-vector is made to tell speakers apart, but emotion changes it too, and in another way than it changes the layers
of a network that recognises words. It is appended to the layers in every frame.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speaker_embeddings import SIZE, x_vector
from pipeline.audio.speech_encoder import LAYER_SIZE, LAYERS, MIN_SAMPLES, speech_encoder
from pipeline.core.values import Samples

__all__ = ["LAYERS", "LAYER_SIZE", "MIN_SAMPLES", "SAMPLE_RATE", "MoonshineLayers", "MoonshineXVector"]

_LOWER: Final = LAYERS[:6]
"""The layers that go with an x-vector: the last layers carry the words, and emotion least of all."""


class MoonshineLayers:
    """The hidden states of all layers, as features of a clip.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.

    Raises:
        WeightsMissing: This installation lacks the encoder.
    """

    name = "moonshine-layers"
    size = len(LAYERS) * LAYER_SIZE
    precision: Final = np.float16
    conditioned: Final = True

    def __init__(self, threads: int = 1) -> None:
        self._encoder = speech_encoder(threads)

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (frames, size), one frame per 24 ms, of a conditioned clip at 16 kHz."""
        return np.concatenate(self._encoder(samples, LAYERS), axis=1)


class MoonshineXVector(MoonshineLayers):
    """The hidden states of the lower layers with the x-vector, as features of a clip: 6 * 288 + 512 per frame."""

    name = "moonshine-x-vector"
    size = len(_LOWER) * LAYER_SIZE + SIZE

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (frames, size), one frame per 24 ms, of a conditioned clip at 16 kHz."""
        states = self._encoder(samples, _LOWER)
        voice = np.broadcast_to(x_vector(samples), (len(states[0]), SIZE))
        return np.concatenate([*states, voice], axis=1)
