"""Sessions of ONNX Runtime: every ONNX graph of the program is opened here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import WeightsMissing
from pipeline.core.failures import out_of_memory
from pipeline.core.memory import is_given_back
from pipeline.core.stopping import go_on
from pipeline.core.temporary import temporary_folder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

__all__ = ["open_graph", "optimised"]

_MEANINGS = {
    "InvalidProtobuf": "it is cut short, or no graph",
    "InvalidGraph": "its parts do not fit together",
    "NoModel": "there is no graph in it",
    "NotImplemented": "it needs what this ONNX Runtime lacks",
}
"""Name of an error of ONNX Runtime to a clause; its own text has numbers and names of C++."""

_FATAL_ONLY = 4
"""Log severity of ONNX Runtime; it would warn about inputs with defaults, which are intended, and print errors that
it raises besides."""


def open_graph(
    graph: Path | bytes,
    *,
    threads: int = 1,
    keeps_memory: bool = True,
    in_floats: bool = False,
) -> InferenceSession:
    """Return a session that runs a graph on the processor.

    Args:
        graph: The file, or its content.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.
        keeps_memory: Whether the session keeps the memory of its largest run for the next one. This is faster if
            lengths differ, and takes as much again for each thread that runs it at the same time. Processes that
            give memory back never do: see `core.memory`.
        in_floats: Whether weights behind `DequantizeLinear` are multiplied as floats, which gives the same answers on
            every processor. They stay in 8 bits in memory; converting them takes less than a tenth of each run.

    Raises:
        WeightsMissing: There is no such file, or it is damaged.
    """
    if isinstance(graph, Path) and not graph.is_file():
        raise WeightsMissing(f"{graph} is missing.")
    options = _options(threads)
    options.enable_cpu_mem_arena = keeps_memory and not is_given_back()
    if in_floats:
        from onnxruntime import ExecutionOrder, GraphOptimizationLevel

        # In this order weights become floats only when they are needed, which takes a third of the memory.
        options.execution_order = ExecutionOrder.PRIORITY_BASED
        # Higher levels would turn them into products in 8 bits again, and take longer than they save.
        options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_BASIC
    return _session(str(graph) if isinstance(graph, Path) else graph, options)


def optimised(graph: bytes) -> bytes:
    """Return a graph optimised as far as that suits every machine, so that it opens quickly."""
    from onnxruntime import GraphOptimizationLevel

    options = _options(1)
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    with temporary_folder() as folder:
        path = folder / "optimised.onnx"
        options.optimized_model_filepath = str(path)
        _session(graph, options)
        return path.read_bytes()


def _why(error: Exception) -> str:
    """Return what ONNX Runtime means by an error, as a clause."""
    kind = type(error).__name__
    return _MEANINGS.get(kind, "ONNX Runtime cannot use it")


def _options(threads: int) -> SessionOptions:
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    # Threads that spin while they wait would take the processor from the other stages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


@cache
def _stoppable() -> type[InferenceSession]:
    """Return the class of sessions that ask before each run whether the work should go on."""
    from onnxruntime import InferenceSession

    class StoppableSession(InferenceSession):  # type: ignore[misc]
        def run(self, *given: Any, **options: Any) -> Any:
            go_on()
            return super().run(*given, **options)

    return StoppableSession


def _session(graph: str | bytes, options: SessionOptions) -> InferenceSession:
    kind = _stoppable()
    try:
        return kind(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises many kinds, which have no root of their own.
        if out_of_memory(error):
            raise
        name = graph if isinstance(graph, str) else "The graph"
        raise WeightsMissing(
            f"{name} is damaged: {_why(error)}.", hint="Put a whole copy of it there: install or train it again."
        ) from error
