"""Events: how a call reports its progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

__all__ = ["Event", "Events", "Listener"]


@dataclass(frozen=True)
class Event:
    """Something that happened in a call."""

    stage: str
    """audio, analysis, recognition, transcription, words, synthesis or verification, or the loading of one."""
    done: float = 0.0
    """Progress of the stage: seconds of the recording for an analysis."""
    seconds: float | None = None
    """Seconds that the stage took; None until it ends."""
    artefact: Any = None
    """What the stage has just produced, such as a transcribed segment; None if there is nothing to show."""


Listener = Callable[[Event], None]
"""Gets every event of a call, from any thread."""


class Events:
    """Passes events to a listener, and keeps how long each stage took; several threads may use it.

    Args:
        listener: Gets every event; None if nobody listens.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._started = time.perf_counter()
        self._lock = Lock()
        self.timings: dict[str, float] = {}
        """Seconds per stage; a repeated stage adds up."""

    def tell(self, stage: str, *, done: float = 0.0, artefact: Any = None) -> None:
        """Report how far a stage is, and what it has produced."""
        self._emit(Event(stage, done, artefact=artefact))

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Report the beginning and the end of a stage, and measure its time."""
        started = time.perf_counter()
        self._emit(Event(stage))
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            with self._lock:
                self.timings[stage] = self.timings.get(stage, 0.0) + seconds
            self._emit(Event(stage, seconds=seconds))

    @property
    def total(self) -> float:
        """Seconds since these events began."""
        return time.perf_counter() - self._started

    def _emit(self, event: Event) -> None:
        if self._listener:
            self._listener(event)
