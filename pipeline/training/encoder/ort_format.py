"""A graph in ONNX Runtime's own format, read as nodes and weights of ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.training.libraries import load_onnx

if TYPE_CHECKING:
    import onnx

__all__ = ["nodes_and_weights"]


def nodes_and_weights(stored: bytes) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Return the nodes of a graph, each after those that feed it, and its weights.

    Args:
        stored: What a file in ORT format holds.

    Raises:
        EngineMissing: The package `onnx` is not installed.
    """
    load_onnx()
    from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import InferenceSession

    graph = InferenceSession.GetRootAs(bytearray(stored), 0).Model().Graph()
    nodes = [_node(graph.Nodes(index)) for index in range(graph.NodesLength())]
    weights = [_tensor(graph.Initializers(index)) for index in range(graph.InitializersLength())]
    return _in_order(nodes), weights


def _in_order(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """Sort nodes so that each comes after those that feed it, as ONNX demands and the ORT format does not."""
    maker = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    ordered: list[onnx.NodeProto] = []
    done: set[int] = set()
    for root in range(len(nodes)):
        waiting = [root]
        while waiting:
            index = waiting[-1]
            needs = {maker[name] for name in nodes[index].input if name in maker} - done
            if needs:
                waiting.extend(needs)
                continue
            waiting.pop()
            if index not in done:
                done.add(index)
                ordered.append(nodes[index])
    return ordered


def _node(stored: Any) -> onnx.NodeProto:
    from onnx import helper

    return helper.make_node(
        stored.OpType().decode(),
        [stored.Inputs(index).decode() for index in range(stored.InputsLength())],
        [stored.Outputs(index).decode() for index in range(stored.OutputsLength())],
        name=stored.Name().decode(),
        domain=stored.Domain().decode(),
        **dict(_attribute(stored.Attributes(index)) for index in range(stored.AttributesLength())),
    )


def _attribute(stored: Any) -> tuple[str, Any]:
    from onnx import AttributeProto

    name, kind = stored.Name().decode(), AttributeProto.AttributeType.Name(stored.Type())
    if kind == "TENSOR":
        return name, _tensor(stored.T())
    if kind in ("FLOAT", "INT", "STRING"):
        return name, getattr(stored, kind[0])()
    if kind in ("FLOATS", "INTS", "STRINGS"):
        field = kind.capitalize()
        return name, [getattr(stored, field)(index) for index in range(getattr(stored, f"{field}Length")())]
    raise ValueError(f"The attribute {name} has the kind {kind}, which no node of these graphs should have.")


def _tensor(stored: Any) -> onnx.TensorProto:
    from onnx import TensorProto

    return TensorProto(
        name=(stored.Name() or b"").decode(),
        data_type=stored.DataType(),
        dims=[stored.Dims(index) for index in range(stored.DimsLength())],
        raw_data=stored.RawDataAsNumpy().tobytes(),
    )
