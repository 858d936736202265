"""Work: what is computed for requests, a bounded number at once, with progress, a time limit and cancelling."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, Final

from pipeline.core.errors import ResayError
from pipeline.core.events import Event
from pipeline.core.failures import explained
from pipeline.core.stopping import stoppable
from pipeline.web.errors import Busy, NotFound, WorkCancelled, WorkTooLong

__all__ = ["Job", "Work"]

_KEPT_SECONDS: Final = 600.0
"""Seconds for which the result of a job can be fetched; set by hand."""

_MOST_KEPT: Final = 64
"""Finished jobs that are kept; the oldest goes first. Set by hand: their sound lies in memory."""

_SHORTEST_RETRY: Final = 2
"""Least seconds after which to try again, if nothing is known of how long work takes; set by hand."""

_HEARTBEAT: Final = 15.0
"""Seconds after which silent progress sends a sign of life, so that no proxy closes the connection."""


class Job:
    """One piece of work.

    Args:
        kind: What is done: `transcribe`, `recognize`, `convert` or `speak`.
        name: Name of the recording, for people.
        seconds: How long it may take.
    """

    def __init__(self, kind: str, name: str, seconds: float) -> None:
        self.id = secrets.token_urlsafe(12)
        """What only the one who asked knows."""
        self.kind = kind
        self.name = name
        self.created = time.time()
        self.status = "waiting"
        """`waiting`, `running`, `done`, `failed` or `cancelled`."""
        self.events: list[dict[str, Any]] = []
        """What was told so far, in order."""
        self.result: Any = None
        """What came out of it, once it is done."""
        self.error: ResayError | None = None
        """Why it failed or was cancelled."""
        self.ended = 0.0
        """When it ended, in seconds of `time.monotonic`; 0 before."""
        self._seconds = seconds
        self._deadline = float("inf")
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._wakers: set[Callable[[], object]] = set()
        self.future: Future[None] | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.status not in ("waiting", "running")

    def to_dict(self) -> dict[str, Any]:
        """Return what a person may know while it goes on."""
        values: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "status": self.status,
            "created": round(self.created, 3),
            "events": f"/v1/jobs/{self.id}/events",
        }
        if self.status == "done":
            values["result"] = f"/v1/jobs/{self.id}/result"
        return values | ({"error": self.error.to_dict()} if self.error else {})

    def cancel(self) -> None:
        """Ask the work to stop: at once if it waits, else when it next asks whether to go on (`core.stopping`)."""
        self._cancelled.set()
        if self.future and self.future.cancel():
            self._end("cancelled", WorkCancelled("The work was cancelled."))

    def heard(self, event: Event) -> None:
        """Take an event of the chain, from any thread.

        Raises:
            WorkCancelled: Somebody cancelled the work.
            WorkTooLong: Its time is over.
        """
        self.check()
        told: dict[str, Any] = {"stage": event.stage}
        if event.done:
            told["done"] = round(event.done, 3)
        if event.seconds is not None:
            told["seconds"] = round(event.seconds, 3)
        if event.artefact is not None and hasattr(event.artefact, "to_dict"):
            told["artefact"] = event.artefact.to_dict()
        self.tell("progress", **told)

    def check(self) -> None:
        """Stop work that nobody wants any more.

        Raises:
            WorkCancelled: Somebody cancelled the work.
            WorkTooLong: Its time is over.
        """
        if self._cancelled.is_set():
            raise WorkCancelled("The work was cancelled.")
        if time.monotonic() > self._deadline:
            raise WorkTooLong(
                f"The work took longer than {self._seconds:g} s and was stopped.",
                hint="Give a shorter recording, or raise --max-work-seconds.",
            )

    def tell(self, event: str, **values: Any) -> None:
        """Tell everybody who follows."""
        with self._lock:
            self.events.append({"event": event} | values)
            wakers = list(self._wakers)
        for wake in wakers:
            with suppress(RuntimeError):  # The loop of a follower may be closed.
                wake()

    async def follow(self, start: int = 0) -> AsyncIterator[tuple[int, dict[str, Any]] | None]:
        """Yield what is told from an event on, with its number, until the work ends; None is a sign of life.

        Args:
            start: Number of the first event; those before are known.
        """
        changed, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        with self._lock:
            self._wakers.add(wake)
        try:
            number = max(0, start)
            while True:
                changed.clear()
                finished = self.is_finished
                while number < len(self.events):
                    yield number, self.events[number]
                    number += 1
                if finished:
                    return
                try:
                    await asyncio.wait_for(changed.wait(), _HEARTBEAT)
                except TimeoutError:
                    yield None
        finally:
            with self._lock:
                self._wakers.discard(wake)

    def run(self, function: Callable[[Job], Any]) -> None:
        """Do the work, in the thread that calls."""
        self._deadline = time.monotonic() + self._seconds
        self.status = "running"
        try:
            self.check()
            with stoppable(self.check):
                result = function(self)
            self.check()
        except WorkCancelled as error:
            self._end("cancelled", error)
        except Exception as error:
            self._end("failed", explained(error, self.name))
        else:
            self.result = result
            self._end("done")

    def _end(self, status: str, error: ResayError | None = None) -> None:
        self.error, self.ended = error, time.monotonic()
        self.status = status
        self.tell(status, **({"error": error.to_dict()} if error else {}))


class Work:
    """Does jobs side by side, in threads; as many more may wait.

    Args:
        at_once: Jobs that are done side by side.
        waiting: Jobs that may wait.
        seconds: How long one may take.
    """

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="resay-work")
        self._jobs: dict[str, Job] = {}
        self._computing: set[Future[None]] = set()
        """Work whose threads are not free yet, whatever became of its jobs."""
        self._lock = threading.Lock()
        self._usual = 0.0
        self.ended = 0
        """Jobs that have come to an end since the start."""

    @property
    def unfinished(self) -> int:
        """Jobs that wait or are done."""
        with self._lock:
            return sum(not job.is_finished for job in self._jobs.values())

    @property
    def retry_after(self) -> int:
        """Seconds after which a job may be taken again, as the last ones suggest."""
        return max(_SHORTEST_RETRY, round(self._usual))

    def require_room(self, asking: int = 0) -> None:
        """Refuse work if too much waits.

        Args:
            asking: Requests for work that are still arriving.

        Raises:
            Busy: Too much waits.
        """
        if self.unfinished + asking >= self.at_once + self.waiting:
            raise Busy("The server is busy.", self.retry_after)

    def start(self, kind: str, name: str, function: Callable[[Job], Any]) -> Job:
        """Put a job in the queue.

        Args:
            kind: As `Job`.
            name: As `Job`.
            function: Does it in a thread; gets the job, to tell its progress.

        Raises:
            Busy: Too much waits already.
        """
        self.require_room()
        job = Job(kind, name, self._seconds)
        with self._lock:
            self._jobs[job.id] = job
            self._sweep()

        def run() -> None:
            started = time.monotonic()
            job.run(function)
            self._usual = 0.7 * self._usual + 0.3 * (time.monotonic() - started)
            self.ended += 1

        job.future = self._threads.submit(run)
        self._computing.add(job.future)
        job.future.add_done_callback(self._computing.discard)
        return job

    async def done(self, job: Job, is_wanted: Callable[[], Awaitable[bool]], *, keep: bool = False) -> Any:
        """Wait for a job, and return its result; a job that nobody wants any more is cancelled.

        Args:
            job: Of `start`.
            is_wanted: Whether somebody still waits.
            keep: Whether the result can be fetched later, too.

        Raises:
            ResayError: The job failed, was cancelled or took too long.
        """
        until = time.monotonic() + self._seconds
        started = False
        async for _ in _ticks(job):
            if not started and job.status == "running":
                started, until = True, time.monotonic() + self._seconds
            if not await is_wanted():
                job.cancel()
            if started and time.monotonic() > until + 1:
                job.cancel()
                raise WorkTooLong(f"The work took longer than {self._seconds:g} s.", hint="Give a shorter recording.")
        if job.error or not keep:
            self.forget(job.id)
        if job.error:
            raise job.error
        return job.result

    def find(self, identifier: str) -> Job:
        """Return a job that was started and whose result is kept.

        Raises:
            NotFound: There is none.
        """
        with self._lock:
            self._sweep()
            job = self._jobs.get(identifier)
        if job is None:
            kept = f"{_KEPT_SECONDS / 60:.0f} minutes, and of the last {_MOST_KEPT} jobs"
            raise NotFound("There is no such job.", hint=f"A result is kept for {kept}.")
        return job

    def forget(self, identifier: str) -> None:
        """Let go of a job and its result."""
        with self._lock:
            self._jobs.pop(identifier, None)

    def close(self) -> None:
        """Cancel everything."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def wait(self, seconds: float) -> bool:
        """Return whether every thread has come to an end of its work within so many seconds."""
        return not wait(tuple(self._computing), timeout=seconds).not_done

    def _sweep(self) -> None:
        """Let go of results that nobody fetched."""
        now = time.monotonic()
        finished = [job for job in self._jobs.values() if job.is_finished]
        for number, job in enumerate(reversed(finished)):
            if now - job.ended > _KEPT_SECONDS or number >= _MOST_KEPT:
                del self._jobs[job.id]


async def _ticks(job: Job) -> AsyncIterator[None]:
    """Yield now and then until a job has ended."""
    if job.future is None:
        return
    ended = asyncio.wrap_future(job.future)
    while not ended.done():
        await asyncio.wait([ended], timeout=0.5)
        yield
