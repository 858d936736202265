"""Speaker embeddings: an x-vector network on ONNX Runtime turns a voice into a vector.

Recordings of one person give vectors of similar direction, whatever is said
(Snyder et al., "X-Vectors: Robust DNN Embeddings for Speaker Recognition", 2018; here over the learned filters of
Ravanelli and Bengio, "Speaker Recognition from Raw Waveform with SincNet", 2018).
The weights are those of pyannote/embedding (MIT), trained on VoxCeleb; `python -m pipeline.training.encoder` writes
them into `checkpoints/encoder/x_vector.onnx`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Samples

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["SHORTEST", "SIZE", "X_VECTOR", "embedding", "x_vector"]

X_VECTOR: Final = ("checkpoints", "encoder", "x_vector.onnx")
"""Path of the network in the project."""

SIZE: Final = 512
"""Numbers in a vector."""

SHORTEST: Final = 0.5
"""Seconds that the network needs; a shorter sound is padded with silence."""

_LEAST: Final = 1e-9
"""Norm by which a vector is divided at least: avoids division by zero."""


def embedding(samples: Samples) -> NDArray[np.float32]:
    """Return the direction of a voice; the level of the sound does not matter.

    Args:
        samples: float32 (time,) at 16 kHz, of one speaker; at least two seconds tell speakers apart.

    Returns:
        float32 (512,), of length 1; the product of two is the cosine similarity of their voices.

    Raises:
        WeightsMissing: This installation lacks the network.
    """
    vector = x_vector(samples)
    return vector / max(float(np.linalg.norm(vector)), _LEAST)


def x_vector(samples: Samples) -> NDArray[np.float32]:
    """Return the vector of a voice as the network gives it, float32 (512,), not normalised.

    Args:
        samples: float32 (time,) at 16 kHz, of one speaker.

    Raises:
        WeightsMissing: This installation lacks the network.
    """
    vector: NDArray[np.float32] = _session().run(None, {"waveform": samples[np.newaxis]})[0][0, 0]
    return vector


@functools.cache
def _session() -> InferenceSession:
    """Open the network once per process; several threads may run it."""
    return open_graph(bundled(*X_VECTOR), in_floats=True)
