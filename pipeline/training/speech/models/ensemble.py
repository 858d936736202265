"""Ensemble: the mean of the calibrated probabilities of models that were trained before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.options import Options

if TYPE_CHECKING:
    import onnx

__all__ = ["EnsembleSettings", "averaged", "merged"]


class EnsembleSettings(Options):
    """Settings of an ensemble."""

    model: Literal["ensemble"] = "ensemble"
    members: tuple[Path, ...] = Field(min_length=2)
    """Folders of the runs that trained the members; scored and trained on the same clips, folds and seeds."""


def averaged(probabilities: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return the logarithm of the mean of probabilities of one shape: logits whose softmax is that mean."""
    logits: NDArray[np.float64] = np.log(np.maximum(np.mean(probabilities, axis=0), 1e-9))
    return logits


def merged(models: Sequence[onnx.ModelProto], temperature: float) -> onnx.ModelProto:
    """Return one graph of several, from all of their inputs to `logits` and `probabilities`.

    Args:
        models: Graphs with the output `probabilities`; inputs of the same name are one.
        temperature: What the logarithm of the mean is divided by before the softmax.
    """
    from onnx import checker, compose, helper, numpy_helper

    parts = []
    for number, model in enumerate(models):
        part = compose.add_prefix(model, f"member_{number}/", rename_inputs=False, rename_outputs=False)
        for node in part.graph.node:
            for index, name in enumerate(node.output):
                if name in ("logits", "probabilities"):
                    node.output[index] = f"member_{number}/{name}"
            for index, name in enumerate(node.input):
                if name in ("logits", "probabilities"):
                    node.input[index] = f"member_{number}/{name}"
        parts.append(part)
    inputs = {entry.name: entry for part in parts for entry in part.graph.input}
    domains = {entry.domain: entry.version for part in parts for entry in part.opset_import}
    node = helper.make_node
    together = [f"member_{number}/probabilities" for number in range(len(parts))]
    nodes = [
        *(entry for part in parts for entry in part.graph.node),
        node("Mean", together, ["mean"]),
        node("Log", ["mean"], ["logits"]),
        node("Div", ["logits", "temperature"], ["scaled"]),
        node("Softmax", ["scaled"], ["probabilities"], axis=-1),
    ]
    constants = [entry for part in parts for entry in part.graph.initializer]
    constants.append(numpy_helper.from_array(np.float32(temperature), "temperature"))
    merged: onnx.ModelProto = helper.make_model(
        helper.make_graph(nodes, "ensemble", list(inputs.values()), list(parts[0].graph.output), constants),
        functions=[entry for part in parts for entry in part.functions],
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in domains.items()],
        ir_version=max(part.ir_version for part in parts),
    )
    checker.check_model(merged)
    return merged
