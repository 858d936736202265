"""Parts of an engine that are loaded side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["preload"]

Part = TypeVar("Part")


def preload(load: Callable[[], Part]) -> Callable[[], Part]:
    """Begin to load a part in a thread of its own, and return a function that waits for it and gives it.

    Args:
        load: What it raises is raised to whoever asks for the part.
    """
    thread = ThreadPoolExecutor(1)
    loading = thread.submit(load)
    thread.shutdown(wait=False)
    return loading.result
