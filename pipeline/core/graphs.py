"""Trained networks: every ONNX graph that the program runs is opened here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import WeightsMissing

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["open_graph"]

_ERRORS_ONLY = 3
"""ONNX Runtime warns of inputs with a default, which are meant."""


def open_graph(graph: Path | bytes, *, threads: int = 1) -> InferenceSession:
    """Return a session that runs a graph on the processor.

    Args:
        graph: The file, or what it holds.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: There is no such file.
    """
    from onnxruntime import InferenceSession, SessionOptions

    if isinstance(graph, Path) and not graph.is_file():
        raise WeightsMissing(f"{graph} is missing.")
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return InferenceSession(
        str(graph) if isinstance(graph, Path) else graph, options, providers=["CPUExecutionProvider"]
    )
