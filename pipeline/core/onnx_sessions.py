"""Trained networks: every ONNX graph that the program runs is opened here."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import WeightsMissing

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

__all__ = ["open_graph", "optimised"]

_ERRORS_ONLY = 3
"""ONNX Runtime warns of inputs with a default, which are meant."""


def open_graph(
    graph: Path | bytes,
    *,
    threads: int = 1,
    keeps_memory: bool = True,
    in_floats: bool = False,
) -> InferenceSession:
    """Return a session that runs a graph on the processor.

    Args:
        graph: The file, or what it holds.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.
        keeps_memory: Whether the session keeps the memory of its largest run for the next: that is faster where
            lengths differ, and takes as much again for each thread that runs it at the same time.
        in_floats: Whether weights behind `DequantizeLinear` are multiplied as floats, which says the same on every
            processor; they stay in 8 bits in memory, and become floats in each run, for less than a tenth of its time.

    Raises:
        WeightsMissing: There is no such file.
    """
    if isinstance(graph, Path) and not graph.is_file():
        raise WeightsMissing(f"{graph} is missing.")
    options = _options(threads)
    options.enable_cpu_mem_arena = keeps_memory
    if in_floats:
        from onnxruntime import ExecutionOrder, GraphOptimizationLevel

        # In this order weights become floats when they are needed, not all at the start: a third of the memory.
        options.execution_order = ExecutionOrder.PRIORITY_BASED
        # What goes beyond would make products in 8 bits of them again, and takes longer than it saves.
        options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_BASIC
    return _session(str(graph) if isinstance(graph, Path) else graph, options)


def optimised(graph: bytes) -> bytes:
    """Return a graph with its parts joined as far as no machine needs them otherwise, which is soon opened."""
    from onnxruntime import GraphOptimizationLevel

    options = _options(1)
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "optimised.onnx"
        options.optimized_model_filepath = str(path)
        _session(graph, options)
        return path.read_bytes()


def _options(threads: int) -> SessionOptions:
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Threads that spin while they wait take the processor from the other stages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _session(graph: str | bytes, options: SessionOptions) -> InferenceSession:
    from onnxruntime import InferenceSession

    return InferenceSession(graph, options, providers=["CPUExecutionProvider"])
