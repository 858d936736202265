"""What the lower layers of Moonshine's encoder say about a clip, and whose voice it seems to be.

An x-vector is made to tell persons apart; what a person feels changes it too, otherwise than it changes the layers of a
network that listens for words. It stands beside the layers in every frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.audio.speaker_embeddings import SIZE
from pipeline.recognition.speech.features.moonshine import LAYER_SIZE, STATES, MoonshineLayers, encoder_graph
from pipeline.recognition.speech.features.x_vector import x_vector_graph

if TYPE_CHECKING:
    import onnx

__all__ = ["MoonshineXVector", "voice_graph"]

_WIDTH: Final = len(STATES) * LAYER_SIZE + SIZE

_LARGE: Final = 1 << 16
"""Numbers from which a weight is kept in half precision."""


def voice_graph() -> onnx.ModelProto:
    """Return a graph from sound to the layers of the encoder, all but the last, with the x-vector in every frame.

    Returns:
        A model with the input `waveform`, float32 (1, samples) at 16 kHz,
        and the output `layers`, float32 (1, frames, 6 * 288 + 512): stem, layers 0 to 4, x-vector.

    Raises:
        EngineMissing: The package `onnx` is not installed.
        WeightsMissing: The installed moonshine-voice does not hold the networks.
    """
    encoder = encoder_graph()
    from onnx import TensorProto, checker, compose, helper

    voice = compose.add_prefix(x_vector_graph(), "voice/", rename_inputs=False)
    graph = encoder.graph
    graph.node.remove(next(node for node in graph.node if "layers" in node.output))
    graph.node.extend(voice.graph.node)
    graph.node.extend(
        [
            helper.make_node("Shape", [STATES[0]], ["frame_count"], start=1, end=2),
            helper.make_node("Concat", ["voice/one_row", "frame_count", "voice/one_row"], ["rows"], axis=0),
            helper.make_node("Expand", ["voice/x_vector", "rows"], ["voices"]),
            helper.make_node("Concat", [*STATES, "voices"], ["layers"], axis=2),
        ]
    )
    graph.initializer.extend(voice.graph.initializer)
    graph.initializer.append(helper.make_tensor("voice/one_row", TensorProto.INT64, [1], [1]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("layers", TensorProto.FLOAT, [1, "frames", _WIDTH]))
    graph.name = "moonshine_tiny_and_x_vector"
    _pruned(graph)
    _halved(graph)
    checker.check_model(encoder)
    return encoder


class MoonshineXVector(MoonshineLayers):
    """The hidden states of all layers but the last with the x-vector, as features of a clip: 6 * 288 + 512 a frame.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.

    Raises:
        EngineMissing: A package is missing.
        WeightsMissing: The networks are not on this machine.
    """

    name = "moonshine-x-vector"
    size = _WIDTH

    @staticmethod
    def graph() -> onnx.ModelProto:
        """Return the graph that is run, from `waveform` to `layers`."""
        return voice_graph()


def _pruned(graph: onnx.GraphProto) -> None:
    """Take out what leads to none of a graph's outputs."""
    needed = {entry.name for entry in graph.output}
    for node in reversed(list(graph.node)):
        if needed & set(node.output):
            needed |= set(node.input)
        else:
            graph.node.remove(node)
    for weight in [entry for entry in graph.initializer if entry.name not in needed]:
        graph.initializer.remove(weight)


def _halved(graph: onnx.GraphProto) -> None:
    """Keep large weights in half precision; they are made whole again once, when the graph is opened."""
    from onnx import TensorProto, helper, numpy_helper

    for weight in list(graph.initializer):
        if weight.data_type == TensorProto.FLOAT and np.prod(weight.dims) > _LARGE:
            small = numpy_helper.to_array(weight).astype(np.float16)
            graph.node.insert(0, helper.make_node("Cast", [f"{weight.name}_half"], [weight.name], to=TensorProto.FLOAT))
            graph.initializer.remove(weight)
            graph.initializer.append(numpy_helper.from_array(small, f"{weight.name}_half"))
