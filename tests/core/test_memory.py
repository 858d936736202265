"""Memory of a process that runs for long: it goes back to where it was."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.audio.activity import ACTIVITY
from pipeline.core import memory
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled

PEAK = """
import resource, sys, threading
import numpy as np
from pipeline.core import memory

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

def work(seed):
    # What stays lies between what goes, as results lie between the arrays that they were computed with.
    random = np.random.default_rng(seed)
    for _ in range(6):
        large = [np.ones(int(size)) for size in random.integers(200_000, 600_000, 30)]
        kept.append([bytes(3000) for _ in range(50)])

kept = []
if sys.argv[1] == "little":
    memory.keep_little()
before = held()
threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
memory.give_back()
print(round(held() - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read as Linux tells it")
def test_what_threads_freed_is_given_back() -> None:
    ran = subprocess.run([sys.executable, "-c", PEAK, "little"], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 25, "megabytes more than before"


def test_graphs_keep_no_memory_of_their_largest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for little in (False, True):
        monkeypatch.setattr(memory, "_little", little)
        options = open_graph(bundled(*ACTIVITY)).get_session_options()
        assert options.enable_cpu_mem_arena is not little
