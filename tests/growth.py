"""Whether work grows in step with what it is given, whatever machine it is done on."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_TIMES = 4
"""How much longer the long input is."""

_STEEPEST = 10.0
"""Times the cost that four times the input may have: 4 is in step with it, 16 is its square."""

_NOISE = 0.005
"""Seconds of a processor that do not count: what other work does to a clock."""

_TRIES = 4
"""How often each is measured: the least of them is what the work itself costs."""


def grows_in_step(work: Callable[[str], object], piece: str, count: int) -> bool:
    """Return whether `work` on `4 * count` pieces of text costs about four times what it costs on `count`."""
    work(piece * count)
    short = min(_seconds(work, piece * count) for _ in range(_TRIES))
    return any(_seconds(work, piece * count * _TIMES) < _STEEPEST * short + _NOISE for _ in range(_TRIES))


def _seconds(work: Callable[[str], object], text: str) -> float:
    """Return the seconds of this thread's processor; what other tests left in memory is not searched meanwhile."""
    gc.collect(0)
    gc.disable()
    try:
        began = time.thread_time()
        work(text)
        return time.thread_time() - began
    finally:
        gc.enable()
