"""Memory of a process that runs for long. Whether it goes back is measured in `benchmarks/load.py`."""

from __future__ import annotations

import pytest

from pipeline.audio.activity import ACTIVITY
from pipeline.core import memory
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled


def test_graphs_keep_no_memory_of_their_largest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for little in (False, True):
        monkeypatch.setattr(memory, "_little", little)
        options = open_graph(bundled(*ACTIVITY)).get_session_options()
        assert options.enable_cpu_mem_arena is not little
