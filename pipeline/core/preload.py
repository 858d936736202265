"""Loads parts of an engine in parallel."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["preload"]

Part = TypeVar("Part")


def preload(load: Callable[[], Part]) -> Callable[[], Part]:
    """Start loading a part in a thread of its own, and return a function that waits for it and returns it.

    Args:
        load: Loads the part; the returned function raises its errors.
    """
    thread = ThreadPoolExecutor(1)
    loading = thread.submit(load)
    thread.shutdown(wait=False)
    return loading.result
