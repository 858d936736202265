"""Events: the one way in which a call tells what goes on while it works."""

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
    """What is being done: audio, recognition, transcription, words, synthesis, verification, or the loading of one."""
    done: float = 0.0
    """How far the stage is, in the unit of `total`: seconds of the recording for an analysis."""
    total: float | None = None
    """How far the stage goes; None if that is not known."""
    seconds: float | None = None
    """Seconds that the stage took; None until it ends."""
    artefact: Any = None
    """What the stage has just made, such as a transcribed segment; None if there is nothing to show."""


Listener = Callable[[Event], None]
"""Gets every event of a call, from whichever thread works."""


class Events:
    """Tells a listener what goes on, and keeps how long each stage took; several threads may use it.

    Args:
        listener: Gets every event; None if nobody listens.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._started = time.perf_counter()
        self._lock = Lock()
        self.timings: dict[str, float] = {}
        """Seconds by stage; a stage that comes again adds to what it took before."""

    def tell(self, stage: str, *, done: float = 0.0, total: float | None = None, artefact: Any = None) -> None:
        """Tell how far a stage is, and what it has made."""
        self._emit(Event(stage, done, total, artefact=artefact))

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Tell that a stage begins and ends, and take its time."""
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
