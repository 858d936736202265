"""Cuts the official graph of Kokoro into its three parts: done once, where the weights are pulled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.core.errors import DownloadFailed
from pipeline.core.onnx_sessions import open_graph
from pipeline.synthesis.kokoro.parts import (
    ALIGNED_PROSODY,
    ALIGNED_TEXT,
    DECODER,
    DURATIONS,
    ENCODER,
    ENERGY,
    F0,
    PREDICTOR,
    PROSODY,
    TEXT,
    Parts,
    whole_frames,
)
from pipeline.synthesis.kokoro.symbols import token_ids

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["GRAPH", "difference", "prepare", "split"]

GRAPH: Final = "kokoro-v1.0.int8.onnx"
"""The official graph in the folder of the weights."""

_PARTS: Final = {
    ENCODER: (("tokens", "style"), (DURATIONS, PROSODY, TEXT)),
    PREDICTOR: ((ALIGNED_PROSODY, "style"), (F0, ENERGY)),
    DECODER: ((ALIGNED_TEXT, F0, ENERGY, "style"), ("audio",)),
}
"""Each part with its inputs and outputs."""
_RANK: Final = {"tokens": 2, "style": 2, DURATIONS: 2, PROSODY: 3, TEXT: 3, ALIGNED_PROSODY: 3, ALIGNED_TEXT: 3,
                F0: 2, ENERGY: 2, "audio": 1}  # fmt: skip
"""Dimensions of each input and output."""
_CLOSE: Final = 1e-5
"""Amplitude by which the parts may depart from the whole: they compute the same numbers."""
_SAMPLE: Final = "ðɪs ɪz hˌW ɪt sˈWndz."
"""Symbols that both say to be compared."""


def prepare(folder: Path) -> None:
    """Cut the graph in a folder of weights, and check that the parts do what the whole does.

    Args:
        folder: Holds the graph and `voices`; gets the parts.

    Raises:
        DownloadFailed: The graph is not one that can be cut, or the parts say something else.
    """
    split(folder / GRAPH, folder)
    style = np.fromfile(next(iter(sorted((folder / "voices").glob("*.bin")))), np.float32)[: 2 * 128][None]
    far = difference(folder, style)
    if not far <= _CLOSE:
        raise DownloadFailed(
            f"{GRAPH} was cut, but its parts depart from it by {far:.1g}.",
            hint="Install another version of onnxruntime, and pull again.",
        )


def split(graph: Path, folder: Path) -> None:
    """Cut a graph at the tensors that `parts` names; each part is written beside the others.

    Args:
        graph: In the layout of Kokoro-82M v1.0 as kokoro-onnx exports it.
        folder: Where the parts go.

    Raises:
        DownloadFailed: It has another layout.
    """
    import onnx

    try:
        whole = onnx.load(graph)
    except Exception as error:  # protobuf's errors have no root of their own
        raise DownloadFailed(f"{graph.name} is not an ONNX graph: {error}.") from error
    for name, (inputs, outputs) in _PARTS.items():
        onnx.save(_part(whole, graph.name, inputs, outputs), folder / name)


def difference(folder: Path, style: Any) -> float:
    """Return the greatest difference between the sound of the whole graph and that of its parts.

    Args:
        folder: Holds both.
        style: Of any voice, float32 (1, 256).
    """
    tokens = token_ids(_SAMPLE)
    whole = open_graph(folder / GRAPH)
    (expected,) = whole.run(["audio"], {"tokens": tokens, "style": style, "speed": np.ones(1, np.float32)})
    parts = Parts(folder)
    encoded = parts.encode(tokens, style)
    frames = whole_frames(encoded.durations)
    samples = parts.sound(encoded, frames, *parts.contours(encoded, frames, style), style)
    return float(np.abs(samples - expected.ravel()).max()) if samples.size == expected.size else np.inf


def _part(whole: ModelProto, name: str, inputs: Sequence[str], outputs: Sequence[str]) -> ModelProto:
    """Return the part of a graph between some tensors."""
    from onnx import TensorProto, helper

    maker = {output: node for node in whole.graph.node for output in node.output}
    weights = {tensor.name: tensor for tensor in whole.graph.initializer}
    needed: set[str] = set()
    wanted = [*outputs]
    while wanted:
        tensor = wanted.pop()
        if not tensor or tensor in inputs or tensor in needed:
            continue
        needed.add(tensor)
        if tensor in maker:
            wanted += maker[tensor].input
        elif tensor not in weights:
            raise DownloadFailed(f"{name} has another layout than Kokoro-82M v1.0: {tensor} comes from nowhere.")
    nodes = [node for node in whole.graph.node if needed & {*node.output}]

    def described(tensor: str) -> Any:
        kind = TensorProto.INT64 if tensor == "tokens" else TensorProto.FLOAT
        return helper.make_tensor_value_info(tensor, kind, [None] * _RANK[tensor])

    graph = helper.make_graph(
        nodes,
        "kokoro",
        [described(tensor) for tensor in inputs],
        [described(tensor) for tensor in outputs],
        [weights[tensor] for tensor in weights if tensor in needed],
    )
    return helper.make_model(graph, opset_imports=whole.opset_import, ir_version=whole.ir_version)
