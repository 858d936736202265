"""A pool of workers outside this process: each gets one recording at a time, and is replaced when it is gone.

What the workers are, processes or actors of a cluster, is for the classes that derive from this one.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from pipeline.batch.items import Outcome, WorkItem
from pipeline.batch.workers import failed
from pipeline.core.errors import EngineFailed

if TYPE_CHECKING:
    from pipeline.batch.work import Tell

__all__ = ["MOST_MEMORY", "MOST_RECORDINGS", "PATIENCE", "Pool", "Worker"]

MOST_RECORDINGS: Final = 500
"""Recordings after which a worker is replaced, so that what a library leaks stays bounded; a start takes a second."""

MOST_MEMORY: Final = 3 * 1024**3
"""Bytes in memory from which a worker is replaced after its recording; an hour of sound takes a third of them."""

_FALSE_STARTS: Final = 3
"""Workers that may be killed one after the other while they load; the system may have had no memory for a moment."""

PATIENCE: Final = 0.1
"""Seconds until somebody looks again whether there is another recording, or time is up."""


class Worker(ABC):
    """One worker, seen from this process."""

    def __init__(self) -> None:
        self.is_ready = False
        """Whether it has loaded its engines."""
        self.was_killed = False
        """Whether a signal ended it."""
        self.item: WorkItem | None = None
        """What it works on."""
        self._since = 0.0

    @property
    def seconds(self) -> float:
        """Seconds that it has worked on its item; 0 without one."""
        return time.monotonic() - self._since if self.item else 0.0

    def give(self, item: WorkItem) -> None:
        """Let it work on an item."""
        self.item, self._since = item, time.monotonic()
        self._send(item)

    @abstractmethod
    def dismiss(self) -> None:
        """Let it end when it likes: it has nothing to do."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once, and wait until it has ended."""

    @abstractmethod
    def _send(self, item: WorkItem) -> None:
        """Hand an item over; that the worker is gone is noticed where it should answer."""


AnyWorker = TypeVar("AnyWorker", bound=Worker)


class Pool(ABC, Generic[AnyWorker]):
    """Works in other processes.

    Args:
        time_limit: Seconds that one recording may take; 0 for any time.
    """

    def __init__(self, time_limit: float = 0.0) -> None:
        self._time_limit = time_limit
        self._workers: list[AnyWorker] = []
        self._waiting: deque[WorkItem] = deque()
        self._false_starts = 0

    def run(self, items: Iterable[WorkItem | Outcome | None], tell: Tell) -> Iterator[Outcome]:
        """Work on items, as `Workers.run`."""
        coming = iter(items)
        there_is_more = True
        try:
            while True:
                while there_is_more and self._busy + len(self._waiting) < self._most():
                    try:
                        item = next(coming)
                    except StopIteration:
                        there_is_more = False
                        break
                    if item is None:
                        break
                    if isinstance(item, WorkItem):
                        self._waiting.append(item)
                    else:
                        yield item
                self._engage()
                if not (self._waiting or there_is_more or self._busy):
                    return
                if self._workers:
                    yield from self._answers(tell)
                else:
                    time.sleep(PATIENCE)
                if self._time_limit:
                    for worker in [each for each in self._workers if each.seconds > self._time_limit]:
                        yield self._stopped(worker)
        finally:
            self._end()

    @abstractmethod
    def _most(self) -> int:
        """Return how many workers there may be."""

    @abstractmethod
    def _started(self) -> AnyWorker:
        """Return a new worker."""

    @abstractmethod
    def _answers(self, tell: Tell) -> Iterator[Outcome]:
        """Yield what workers have to say, after waiting for it a little."""

    def _gone(self, worker: AnyWorker, how: str) -> Iterator[Outcome]:
        """Forget a worker that is gone; report what it had.

        Args:
            worker: It has ended.
            how: What is known of its end.

        Raises:
            EngineFailed: It ended before it could begin, so that others would as well.
        """
        from pipeline.batch.work import tidy

        self._workers.remove(worker)
        if worker.item is None:
            if worker.is_ready:
                return  # Somebody ended it while it was idle.
            self._false_starts += 1
            if worker.was_killed and self._false_starts < _FALSE_STARTS:
                return
            hint = 'A script that uses workers needs the line: if __name__ == "__main__":'
            if worker.was_killed:
                hint = "It may need more memory than there is: give fewer --workers."
            raise EngineFailed(f"A worker ended before it could begin ({how}).", hint=hint)
        self._false_starts = 0
        tidy(worker.item)
        error = EngineFailed(
            f"{worker.item.name}: The process that worked on it ended ({how}).",
            hint="It may need more memory than there is, or the file may be damaged.",
        )
        yield failed(worker.item, error, worker.seconds)

    def _replace(self, worker: AnyWorker) -> None:
        """Let a worker end; the next recording gets a new one."""
        self._workers.remove(worker)
        worker.dismiss()
        worker.kill()

    @property
    def _busy(self) -> int:
        """Number of workers that have a recording."""
        return sum(worker.item is not None for worker in self._workers)

    def _engage(self) -> None:
        """Give recordings to workers that are free, and start as many as there are recordings for, if there may be."""
        for worker in self._workers:
            if self._waiting and worker.is_ready and worker.item is None:
                worker.give(self._waiting.popleft())
        while len(self._workers) < min(self._most(), self._busy + len(self._waiting)):
            self._workers.append(self._started())

    def _stopped(self, worker: AnyWorker) -> Outcome:
        """End a worker that exceeded the time limit, and report what it had."""
        from pipeline.batch.work import tidy

        assert worker.item is not None  # noqa: S101 - only one that works can take too long
        item, seconds = worker.item, worker.seconds
        self._workers.remove(worker)
        worker.kill()
        tidy(item)
        error = EngineFailed(
            f"{item.name} took longer than {self._time_limit:g} s.", hint="Raise --time-limit, or give a shorter one."
        )
        return failed(item, error, seconds)

    def _end(self) -> None:
        """End all workers: idle ones by themselves, others at once."""
        from pipeline.batch.work import tidy

        for worker in self._workers:
            if worker.item:
                worker.kill()
                tidy(worker.item)
            else:
                worker.dismiss()
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        self._waiting.clear()
