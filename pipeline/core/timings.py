"""How long each part of a work takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Timings"]


class Timings(dict[str, float]):
    """Seconds by stage; several threads may take the time of different stages."""

    def __init__(self) -> None:
        super().__init__()
        self._started = time.perf_counter()

    @contextmanager
    def clock(self, stage: str) -> Iterator[None]:
        """Take the time of a block; a stage that comes again adds to what it took before."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self[stage] = self.get(stage, 0.0) + time.perf_counter() - started

    @property
    def total(self) -> float:
        """Seconds since these times began."""
        return time.perf_counter() - self._started
