"""The x-vector network as an ONNX graph of a quarter of its size.

Five layers over frames (a time-delay network: Snyder et al., "X-Vectors", 2018), mean and deviation over time, and one
layer over these. The weights are kept in 8 bits, one scale for each number that comes out.
The package moonshine-voice carries the network within its library, which is not loaded: its bytes are read out of the
file, and are taken only if their digest is the known one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speaker_embeddings import SHORTEST, SIZE
from pipeline.core.errors import WeightsMissing
from pipeline.training.encoder.ort_format import nodes_and_weights
from pipeline.training.graphs import GraphBuilder, checked_model
from pipeline.training.libraries import load_onnx

if TYPE_CHECKING:
    import onnx

__all__ = ["x_vector_graph", "x_vector_network"]

Numbers = NDArray[np.float64]

_FILTERS: Final = ("/sincnet", "Unsqueeze_85", "Conv_86")
"""How the names of the nodes begin that go from the waveform to the frames; they stay as they are."""

_FRAMES: Final = "/sincnet/LeakyRelu_2_output_0"
"""(1, 60, frames)."""

_LAYERS: Final = ((0, 1), (3, 2), (6, 3), (9, 1), (12, 1))
"""Number of each layer over frames in the names of its weights, and frames between those that it sees."""

_SLOPE: Final = 0.01
"""Of the leaky units below zero: PyTorch's default, with which the network was trained."""

_EPSILON: Final = 1e-5
"""Added to a variance before its root is taken: PyTorch's default, with which the network was trained."""

_LIBRARIES: Final = ("libmoonshine.so", "libmoonshine.dylib", "moonshine.dll")
"""The package's library on Linux, macOS and Windows."""

_MAGIC: Final = b"ORTM"
"""How a network in ORT format begins, after `_MAGIC_OFFSET` bytes."""

_MAGIC_OFFSET: Final = 4
"""Bytes."""

_LENGTH: Final = 17_639_176
"""Bytes of the network in version 0.0.62 of the package."""

_DIGEST: Final = "0ec8d36d8e19b4a7035f1b71d35e651d9cb8e8cf2e456c559da3d22105c8050d"
"""SHA-256 of the network in version 0.0.62 of the package."""


def x_vector_graph() -> onnx.ModelProto:
    """Return a graph from `waveform`, float32 (1, samples) at 16 kHz, to `x_vector`, float32 (1, 1, 512).

    Sound of less than half a second is followed by silence.

    Raises:
        EngineMissing: The package `onnx` is not installed.
        WeightsMissing: The installed moonshine-voice does not hold the network.
    """
    nodes, stored = nodes_and_weights(x_vector_network())
    onnx, graph = load_onnx(), GraphBuilder()
    add, constant = graph.add, graph.constant
    kept = [node for node in nodes if node.name.startswith(_FILTERS)]
    named = {weight.name: weight for weight in stored}
    graph.constants |= {name: named[name] for node in kept for name in node.input if name in named}
    kept[0].input[0] = "long_enough"

    def number(name: str) -> Numbers:
        return np.asarray(onnx.numpy_helper.to_array(named[name]), np.float64)

    def product(source: str, matrix: Numbers, bias: Numbers, name: str) -> str:
        """Multiply by a matrix, (in, out), whose 8 bits, (out, in) for the sake of speed, become floats in each run."""
        scale = np.abs(matrix).max(axis=0) / 127
        small = constant(f"{name}_8_bits", np.ascontiguousarray(np.round(matrix / scale).astype(np.int8).T))
        scales = constant(f"{name}_scale", scale.astype(np.float32))
        whole = add("DequantizeLinear", [small, scales], f"{name}_matrix", axis=0)
        found = add("FusedMatMul", [source, whole], f"{name}_product", domain="com.microsoft", transB=1)
        return add("Add", [found, constant(f"{name}_bias", bias.astype(np.float32))], f"{name}_sum")

    time = constant("time", np.array([1], np.int64))
    samples = add("Shape", ["waveform"], "samples", start=1, end=2)
    gap = add("Sub", [constant("shortest", np.array([round(SHORTEST * SAMPLE_RATE)])), samples], "gap")
    missing = add("Max", [gap, constant("none", np.array([0]))], "missing")
    add("Pad", ["waveform", add("Concat", ["none", "none", "none", missing], "silence", axis=0)], "long_enough")
    graph.nodes += kept
    frames = add("Transpose", [_FRAMES], "frames", perm=[0, 2, 1])
    shift = np.zeros(1)
    for place, distance in _LAYERS:
        kernel, name = number(f"tdnns.{place}.weight"), f"layer_{place}"  # (out, in, frames)
        bias = number(f"tdnns.{place}.bias") + (kernel * shift[:, None]).sum(axis=(1, 2))
        seen = kernel.shape[2]
        if seen > 1:
            ends = [distance * (step - seen + 1) or np.iinfo(np.int64).max for step in range(seen)]
            parts = [
                add(
                    "Slice",
                    [
                        frames,
                        constant(f"{name}_start_{step}", np.array([distance * step])),
                        constant(f"{name}_end_{step}", np.array([end])),
                        time,
                    ],
                    f"{name}_part_{step}",
                )
                for step, end in enumerate(ends)
            ]
            frames = add("Concat", parts, f"{name}_seen", axis=2)
        matrix = kernel.transpose(2, 1, 0).reshape(-1, len(kernel))
        found = add("LeakyRelu", [product(frames, matrix, bias, name)], f"{name}_found", alpha=_SLOPE)
        gain, offset, mean, variance = (
            number(f"tdnns.{place + 2}.{part}") for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + _EPSILON)
        # What is added is part of the next layer's bias; the scales differ too much to be part of its small weights.
        frames = add("Mul", [found, constant(f"{name}_gain", scale.astype(np.float32))], name)
        shift = offset - mean * scale
    matrix = number("embedding.weight")  # (512, means and deviations)
    bias = number("embedding.bias") + np.split(matrix, 2, axis=1)[0] @ shift
    add("ReduceMean", [frames, time], "mean", keepdims=1)
    add("Sub", [frames, "mean"], "away")
    add("ReduceSumSquare", ["away", time], "squares", keepdims=1)
    add("Shape", [frames], "count", start=1, end=2)
    add("Cast", ["count"], "frame_count", to=onnx.TensorProto.FLOAT)
    add("Sub", ["frame_count", constant("one", np.ones(1, np.float32))], "freedom")
    add("Div", ["squares", "freedom"], "variance")
    add("Sqrt", ["variance"], "deviation")
    add("Concat", ["mean", "deviation"], "both", axis=2)
    add("Identity", [product("both", matrix.T, bias, "pooled")], "x_vector")
    return checked_model(
        "x_vector",
        graph.nodes,
        graph.constants,
        {"waveform": (1, "samples")},
        {"x_vector": (1, 1, SIZE)},
        domains={"com.microsoft": 1},
    )


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
