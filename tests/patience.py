"""Waiting for what happens in other threads and processes, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which something that has not happened is taken to be broken; a busy machine needs a few of them."""


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; fail if it does not within `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)
