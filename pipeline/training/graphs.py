"""ONNX graphs that are written node by node."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.training.libraries import load_onnx

if TYPE_CHECKING:
    import onnx

__all__ = ["CLAMP", "VARIANCE_FLOOR", "GraphBuilder", "checked_model", "pooling", "standardisation"]

CLAMP: Final = 5.0
"""Standard deviations from the mean beyond which a number counts as no further: rare extremes would rule the answer."""

VARIANCE_FLOOR: Final = 1e-6
"""What is added to a variance before its root is taken."""

Shape = Sequence[int | str]


class GraphBuilder:
    """Nodes and constants of a graph, in the order in which they are added.

    Raises:
        EngineMissing: The package `onnx` is not installed.
    """

    def __init__(self) -> None:
        self._helper = load_onnx().helper
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: Any) -> str:
        """Keep an array, or a tensor of ONNX; return its name."""
        self.constants[name] = value
        return name

    def split(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **settings: Any) -> None:
        """Add a node of several outputs."""
        self.nodes.append(self._helper.make_node(kind, inputs, outputs, **settings))

    def add(self, kind: str, inputs: Sequence[str], output: str, **settings: Any) -> str:
        """Add a node of one output; return the name of that."""
        self.split(kind, inputs, [output], **settings)
        return output


def checked_model(
    name: str,
    nodes: Iterable[onnx.NodeProto],
    constants: Mapping[str, Any],
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    *,
    integers: Collection[str] = (),
    opset: int = 18,
    domains: Mapping[str, int] | None = None,
) -> onnx.ModelProto:
    """Return a model.

    Args:
        name: Name of the graph.
        nodes: Its nodes, each after those that feed it.
        constants: Arrays and tensors by name.
        inputs: Name to shape, float32.
        outputs: Likewise.
        integers: Inputs that are int64.
        opset: Version of ONNX's operators.
        domains: Other sets of operators, and their versions.

    Raises:
        EngineMissing: The package `onnx` is not installed.
    """
    library = load_onnx()
    proto, helper = library.TensorProto, library.helper

    def ports(shapes: Mapping[str, Shape]) -> list[Any]:
        kinds = {name: proto.INT64 if name in integers else proto.FLOAT for name in shapes}
        return [helper.make_tensor_value_info(name, kinds[name], shape) for name, shape in shapes.items()]

    tensors = [
        value if isinstance(value, proto) else library.numpy_helper.from_array(np.asarray(value), name)
        for name, value in constants.items()
    ]
    versions = {"": opset, **(domains or {})}
    model: onnx.ModelProto = helper.make_model(
        helper.make_graph(list(nodes), name, ports(inputs), ports(outputs), tensors),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in versions.items()],
        ir_version=10,
    )
    library.checker.check_model(model)
    return model


def pooling(graph: GraphBuilder, source: str) -> list[str]:
    """Add mean and deviation over time of frames, (batch, frames, size); return the names of both, (batch, size)."""
    time = graph.constant("time", np.array([1]))
    mean = graph.add("ReduceMean", [source, time], "kept", keepdims=1)
    centred = graph.add("Sub", [source, mean], "centred")
    squared = graph.add("Mul", [centred, centred], "squared")
    variance = graph.add("ReduceMean", [squared, time], "variance", keepdims=0)
    little = graph.constant("little", np.float32(VARIANCE_FLOOR))
    spread = graph.add("Sqrt", [graph.add("Add", [variance, little], "positive")], "spread")
    return [graph.add("ReduceMean", [source, time], "average", keepdims=0), spread]


def standardisation(graph: GraphBuilder, source: str) -> str:
    """Add what brings a vector into deviations from the constant `mean`, by `deviation`, and clamps it."""
    low, high = graph.constant("low", np.float32(-CLAMP)), graph.constant("high", np.float32(CLAMP))
    moved = graph.add("Sub", [source, "mean"], "moved")
    scaled = graph.add("Div", [moved, "deviation"], "scaled")
    return graph.add("Clip", [scaled, low, high], "standardised")
