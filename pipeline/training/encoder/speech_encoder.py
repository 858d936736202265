"""Moonshine's encoder as an ONNX graph that computes with floats and gives every layer.

The package `moonshine-voice` holds it as an ORT flatbuffer that multiplies matrices in 8 bits and gives the last layer.
Products in 8 bits also round what goes through the network, layer after layer, and a last digit decides which way:
noise of a millionth of the sound moves what the encoder says by 3 %, and so does another processor.
With the same weights made floats again it moves by two millionths.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.audio.speech_encoder import LAYER_SIZE, LAYERS
from pipeline.core.errors import WeightsMissing
from pipeline.training.encoder.ort_format import nodes_and_weights
from pipeline.training.graphs import GraphBuilder, checked_model
from pipeline.training.libraries import load_onnx

if TYPE_CHECKING:
    import onnx

__all__ = ["encoder_file", "encoder_graph", "in_8_bits", "in_floats"]

_STATES: Final = ("/Transpose_output_0", *(f"/layers.{layer}/Add_1_output_0" for layer in range(5)))
"""Values of the package's graph: the frames before any layer, and after each layer but the last."""

_LAST_NORM: Final = "SkipLayerNormalization"
"""The operation after the last layer; its fourth output is the sum before the norm: what the last layer gives."""

_ROUNDING: Final = "DynamicQuantizeLinear"
"""The operation that rounds what enters a product to 8 bits."""

_PRODUCTS: Final = {"DynamicQuantizeMatMul": (1, 2, 3, 4), "MatMulIntegerToFloat": (1, 3, 5, 6)}
"""Products in 8 bits: which of their inputs are the weights, the scale and zero point of those, and what is added."""

_KERNEL: Final = ".weight_add_tensor"
"""How the names of the kernels of convolutions end."""


def encoder_file() -> Path:
    """Return the path of the encoder inside the package `moonshine_voice`, without importing the package.

    Raises:
        WeightsMissing: The package is absent, or is a version that holds no weights.
    """
    spec = importlib.util.find_spec("moonshine_voice")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "assets", "tiny-en", "encoder_model.ort")
        if path.exists():
            return path
    raise WeightsMissing(
        "The encoder of Moonshine tiny is not on this machine.", hint="Run pip install moonshine-voice==0.0.62."
    )


def encoder_graph(path: Path | None = None) -> onnx.ModelProto:
    """Convert the encoder to an ONNX graph that computes with floats and gives every layer.

    Args:
        path: The encoder in ORT format; by default the one that the package holds.

    Returns:
        A model with the input `waveform`, float32 (1, samples) at 16 kHz,
        and an output of each name in `LAYERS`, float32 (1, frames, 288).

    Raises:
        EngineMissing: The package `onnx` is not installed.
        WeightsMissing: There is no encoder.
    """
    nodes, weights = nodes_and_weights((path or encoder_file()).read_bytes())
    for node in nodes:
        if node.op_type == _LAST_NORM:
            node.output[:] = [LAYERS[-1], *([""] * 2), LAYERS[-2]]
    graph = GraphBuilder()
    # All of the sound is heard: what the package's graph takes as a mask is ones.
    shape, ones = graph.add("Shape", ["waveform"], "waveform_shape"), load_onnx().numpy_helper.from_array(np.array([1]))
    graph.add("ConstantOfShape", [shape], "attention_mask", value=ones)
    graph.add("Identity", ["waveform"], "input_values")
    graph.nodes += in_floats(nodes)
    for state, name in zip(_STATES, LAYERS, strict=False):
        graph.add("Identity", [state], name)
    return checked_model(
        "moonshine_tiny_encoder",
        graph.nodes,
        {weight.name: weight for weight in weights},
        {"waveform": (1, "samples")},
        dict.fromkeys(LAYERS, (1, "frames", LAYER_SIZE)),
        domains={"com.microsoft": 1},
    )


def in_8_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with the kernels of its convolutions in 8 bits, from which they were made floats.

    A kernel was made by one step for each of its 8 bits less an offset; so it is again, to the last digit.

    Raises:
        WeightsMissing: A kernel was not made so: it is another network.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    for weight in [entry for entry in graph.initializer if entry.name.endswith(_KERNEL)]:
        values = numpy_helper.to_array(weight)
        sizes = np.abs(values.astype(np.float64))
        levels = np.round(values / sizes[sizes > 0].min())
        step = np.float32(np.vdot(levels, values) / np.vdot(levels, levels))
        lowest = np.iinfo(np.int8).min
        offset = np.float32(lowest - levels.min()) * step
        small = (levels - levels.min() + lowest).astype(np.int8)
        if not np.array_equal(small.astype(np.float32) * step - offset, values):
            raise WeightsMissing(
                f"{weight.name} is not that of Moonshine tiny.", hint="Run pip install moonshine-voice==0.0.62."
            )
        parts = {f"{weight.name}_8_bits": small, f"{weight.name}_step": step, f"{weight.name}_offset": offset}
        quantised, scale, less = parts
        graph.node.insert(0, helper.make_node("DequantizeLinear", [quantised, scale], [f"{weight.name}_steps"]))
        graph.node.insert(1, helper.make_node("Sub", [f"{weight.name}_steps", less], [weight.name]))
        graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in parts.items())
        graph.initializer.remove(weight)
    return model


def in_floats(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    """Yield the operations with products of floats in place of those in 8 bits; the weights stay in 8 bits."""
    from onnx import helper

    unrounded: dict[str, str] = {}
    for node in nodes:
        if node.op_type == _ROUNDING:
            unrounded[node.output[0]] = node.input[0]
        elif node.op_type in _PRODUCTS:
            *quantised, added = (
                node.input[place] if place < len(node.input) else "" for place in _PRODUCTS[node.op_type]
            )
            part = node.name.strip("/").removesuffix("/MatMul_quant").replace("/", ".")
            product = f"{part}.product" if added else node.output[0]
            yield helper.make_node("DequantizeLinear", quantised, [f"{part}.weight"])
            yield helper.make_node("MatMul", [unrounded.get(node.input[0], node.input[0]), f"{part}.weight"], [product])
            if added:
                yield helper.make_node("Add", [product, added], node.output)
        else:
            yield node
