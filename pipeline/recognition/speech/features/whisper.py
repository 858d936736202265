"""Features from two recognisers of words and an x-vector: what Moonshine hears, and what Whisper hears.

Moonshine learned from clean English, Whisper from all kinds of recordings; emotion that Whisper's lower layers carry
holds better for other microphones, rooms and languages.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.speech_encoder import WHISPER_LAYER_SIZE, WHISPER_LAYERS, whisper_encoder
from pipeline.core.values import Samples
from pipeline.recognition.speech.features.moonshine import MoonshineXVector

__all__ = ["MoonshineWhisper"]


class MoonshineWhisper(MoonshineXVector):
    """What `MoonshineXVector` gives, then the lower hidden states of Whisper: 6 * 288 + 512 + 3 * 384 per frame.

    Whisper's frames, one per 20 ms, are read where they are nearest to Moonshine's, one per 24 ms.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.

    Raises:
        WeightsMissing: This installation lacks a network.
    """

    name = "moonshine-whisper"
    size = MoonshineXVector.size + len(WHISPER_LAYERS) * WHISPER_LAYER_SIZE

    def __init__(self, threads: int = 1) -> None:
        super().__init__(threads)
        self._whisper = whisper_encoder(threads)

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (frames, size), one frame per 24 ms, of a conditioned clip at 16 kHz."""
        states = super().__call__(samples)
        heard = self._whisper(samples, WHISPER_LAYERS)
        places = (np.arange(len(states)) + 0.5) * len(heard[0]) / len(states)
        nearest = np.minimum(places, len(heard[0]) - 1).astype(int)
        return np.concatenate([states, *(layer[nearest] for layer in heard)], axis=1)
