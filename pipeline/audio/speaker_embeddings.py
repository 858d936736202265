"""What a voice is like, as a vector: an x-vector network on ONNX Runtime.

Voices of one person give vectors in one direction, whatever is said
(Snyder et al., "X-Vectors: Robust DNN Embeddings for Speaker Recognition", 2018; here over the learnt filters of
Ravanelli and Bengio, "Speaker Recognition from Raw Waveform with SincNet", 2018).
The weights are those of pyannote/embedding (MIT), trained on VoxCeleb.
The package moonshine-voice carries them within its library, which is not loaded: the bytes of the network are read
out of the file, and are taken only if their digest is the known one.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import mmap
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import WeightsMissing
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples

__all__ = ["SHORTEST", "SIZE", "embedding", "x_vector_network"]

SIZE: Final = 512
"""Numbers in a vector."""

SHORTEST: Final = 0.5
"""Seconds that the network needs."""

_LIBRARIES: Final = ("libmoonshine.so", "libmoonshine.dylib", "moonshine.dll")
_MAGIC: Final = b"ORTM"
_MAGIC_OFFSET: Final = 4
_LENGTH: Final = 17_639_176
_DIGEST: Final = "0ec8d36d8e19b4a7035f1b71d35e651d9cb8e8cf2e456c559da3d22105c8050d"


def embedding(samples: Samples) -> NDArray[np.float32]:
    """Return the direction of a voice; the level of the sound does not matter.

    Args:
        samples: float32 (time,) at 16 kHz, of one speaker, at least `SHORTEST`;
            two seconds and more tell speakers apart.

    Returns:
        float32 (512,), of length 1; the product of two is the cosine similarity of their voices.

    Raises:
        WeightsMissing: The installed moonshine-voice does not hold the network.
    """
    vector: NDArray[np.float32] = _session().run(None, {"waveform": samples[np.newaxis]})[0][0]
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


@functools.cache
def _session() -> Any:
    """Load the network, once in a process; several threads may run it."""
    return open_graph(x_vector_network())


def x_vector_network() -> bytes:
    """Return the network in ORT format: from `waveform`, float32 (1, samples) at 16 kHz, to `embeddings` (1, 512).

    Raises:
        WeightsMissing: The installed moonshine-voice does not hold it.
    """
    package = importlib.util.find_spec("moonshine_voice")
    folders = (package.submodule_search_locations or []) if package else []
    for path in (Path(folder, name) for folder in folders for name in _LIBRARIES):
        if path.is_file() and path.stat().st_size:
            network = _extracted(path)
            if hashlib.sha256(network).hexdigest() == _DIGEST:
                return network
    raise WeightsMissing(
        "The installed moonshine-voice does not hold the network that tells voices apart.",
        hint="Run pip install 'moonshine-voice==0.0.62'.",
    )


def _extracted(library: Path) -> bytes:
    """Return as many bytes as the network has, from where the first model of ONNX Runtime begins in a file."""
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = max(0, content.find(_MAGIC) - _MAGIC_OFFSET)
        return content[start : start + _LENGTH]
