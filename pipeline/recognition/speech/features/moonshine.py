"""What the layers of Moonshine's encoder say about a clip.

Moonshine tiny (Jeffries et al., 2024, arXiv:2410.15608; MIT licence) recognises English words.
Its hidden states also carry how the words were said, and the middle layers most of all.
The weights come inside the package `moonshine_voice`, as an ORT flatbuffer that gives only the last layer;
`encoder_graph` writes the same nodes and the same 8-bit weights as an ONNX graph that gives all of them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import WeightsMissing
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.recognition.speech.features.ort_format import nodes_and_weights

if TYPE_CHECKING:
    import onnx

__all__ = [
    "LAYERS",
    "LAYER_SIZE",
    "MIN_SAMPLES",
    "SAMPLE_RATE",
    "STATES",
    "MoonshineLayers",
    "encoder_file",
    "encoder_graph",
]

SAMPLE_RATE: Final = 16000
"""Hertz."""

LAYER_SIZE: Final = 288
"""Numbers per frame and layer."""

FRAME: Final = 384
"""Samples from one frame to the next: 41.7 frames a second."""

MIN_SAMPLES: Final = 2000
"""The shortest clip that the three strided convolutions can take, with a little to spare: 0.125 s."""

STATES: Final = ("/Transpose_output_0", *(f"/layers.{layer}/Add_1_output_0" for layer in range(5)))
"""Values of the graph: all hidden states but those of the last layer."""

_LAST_NORM: Final = "SkipLayerNormalization"
LAYERS: Final = ("stem", "0", "1", "2", "3", "4", "5", "output")
"""The hidden states, in the order in which they are joined."""


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
    """Convert the encoder to an ONNX graph that gives the hidden state of every layer.

    Args:
        path: The encoder in ORT format; by default the one that the package holds.

    Returns:
        A model with the input `waveform`, float32 (1, samples) at 16 kHz,
        and the output `layers`, float32 (1, frames, 8 * 288): the layers of `LAYERS` side by side.

    Raises:
        EngineMissing: The package `onnx` is not installed.
        WeightsMissing: There is no encoder.
    """
    nodes, weights = nodes_and_weights((path or encoder_file()).read_bytes())
    from onnx import TensorProto, checker, helper, numpy_helper

    for node in nodes:
        if node.op_type == _LAST_NORM:  # Its fourth output is the sum before the norm: layer 5.
            node.output.extend([""] * (3 - len(node.output)) + ["layer_5"])
    mask = [
        helper.make_node("Shape", ["waveform"], ["waveform_shape"]),
        helper.make_node(
            "ConstantOfShape", ["waveform_shape"], ["attention_mask"], value=numpy_helper.from_array(np.array([1]))
        ),
        helper.make_node("Identity", ["waveform"], ["input_values"]),
    ]
    join = helper.make_node("Concat", [*STATES, "layer_5", "last_hidden_state"], ["layers"], axis=2)
    width = len(LAYERS) * LAYER_SIZE
    model = helper.make_model(
        helper.make_graph(
            [*mask, *nodes, join],
            "moonshine_tiny_encoder",
            [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [1, "samples"])],
            [helper.make_tensor_value_info("layers", TensorProto.FLOAT, [1, "frames", width])],
            weights,
        ),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )
    checker.check_model(model)
    return model


class MoonshineLayers:
    """The hidden states of all layers, as features of a clip.

    Args:
        threads: Threads of ONNX Runtime; 0 leaves the choice to it.

    Raises:
        EngineMissing: A package is missing.
        WeightsMissing: There is no encoder on this machine.
    """

    name = "moonshine-layers"
    size = len(LAYERS) * LAYER_SIZE
    precision: Final = np.float16
    conditioned: Final = True

    def __init__(self, threads: int = 1) -> None:
        self._session = open_graph(self.graph().SerializeToString(), threads=threads)

    @staticmethod
    def graph() -> onnx.ModelProto:
        """Return the graph that is run, from `waveform` to `layers`."""
        return encoder_graph()

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (frames, size), one frame per 24 ms, of a conditioned clip at 16 kHz."""
        layers: NDArray[np.float32] = self._session.run(None, {"waveform": samples[np.newaxis]})[0][0]
        return layers
