"""Workers: who works on the recordings of a batch. This process does, or others that each keep the engines loaded.

A worker gets one recording at a time, and loads its engines once. One that dies or exceeds the time limit is replaced,
and the recording that it had is reported. After many recordings, or with much memory, it makes room for a new one.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from pipeline.batch.items import Job, Outcome, WorkItem
from pipeline.core.errors import EngineFailed, EngineMissing, OutputError, ResayError, UsageError
from pipeline.core.failures import explained
from pipeline.core.options import BatchOptions

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from pipeline.batch.work import Tell
    from pipeline.chain import VoicePipeline
    from pipeline.core.settings import Settings

__all__ = ["Here", "Processes", "Workers", "ends_the_batch", "how_many", "workers_for"]

logger = logging.getLogger(__name__)

_MOST_RECORDINGS: Final = 500
"""Recordings after which a worker is replaced, so that what a library leaks stays bounded; a start takes a second."""

_MOST_MEMORY: Final = 3 * 1024**3
"""Bytes in memory from which a worker is replaced after its recording; an hour of sound takes a third of them."""

_PATIENCE: Final = 0.1
"""Seconds until somebody looks again whether there is another recording, or time is up."""

_FAREWELL: Final = 5.0
"""Seconds for a worker that has nothing to do to end by itself."""

_THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables by which numerical libraries learn how many threads to use."""


class Workers(Protocol):
    """Works on items, wherever that is."""

    def run(self, items: Iterable[WorkItem | Outcome | None], tell: Tell) -> Iterator[Outcome]:
        """Work on items and yield what became of each, in any order.

        Args:
            items: Taken only when somebody is free to work on them. An outcome among them needs no work and is
                yielded as it is; None means that there is nothing at the moment, and the next may be asked for.
            tell: Gets each piece of a recording as soon as it is finished.

        Raises:
            UsageError: What is asked for is wrong, so every other recording would fail as well.
            EngineMissing: An engine is not ready, as `UsageError`.
            OutputError: No result can be written, as `UsageError`.
        """
        ...


def ends_the_batch(error: BaseException) -> bool:
    """Return whether every other recording would fail as well."""
    return isinstance(error, (UsageError, EngineMissing, OutputError))


def how_many(workers: str) -> int:
    """Return the number of processes that an option stands for; 0 for none but this one.

    Args:
        workers: A number, or auto for one a core; empty for this process.
    """
    if workers == "auto":
        return _cores()
    return int(workers or 0)


def workers_for(
    pipeline: VoicePipeline, job: Job, options: BatchOptions, *, standard_input: BinaryIO | None = None
) -> Workers:
    """Return the workers that options ask for.

    Args:
        pipeline: Its settings say which engines a worker loads.
        job: What the workers do.
        options: How many, and how long one recording may take.
        standard_input: The stream that `-` stands for.

    Raises:
        UsageError: Engines that were given to the pipeline cannot go to other processes.
    """
    count = how_many(options.workers)
    if not count and options.time_limit:
        count = 1  # What takes too long can only be stopped from outside.
    if not count:
        return Here(pipeline, standard_input)
    if pipeline.engines.given:
        raise UsageError(
            "An engine of one's own works in this process alone.", hint="Leave workers and time_limit out."
        )
    return Processes(pipeline.settings, job, count, time_limit=options.time_limit)


class Here:
    """Works in this process, one recording after the other.

    Args:
        pipeline: Does the work.
        standard_input: The stream that `-` stands for.
    """

    def __init__(self, pipeline: VoicePipeline, standard_input: BinaryIO | None = None) -> None:
        self._pipeline = pipeline
        self._standard_input = standard_input

    def run(self, items: Iterable[WorkItem | Outcome | None], tell: Tell) -> Iterator[Outcome]:
        """Work on items, as `Workers.run`."""
        from pipeline.batch.work import perform, tidy

        for item in items:
            if not isinstance(item, WorkItem):
                if item is not None:
                    yield item
                continue
            started = time.perf_counter()
            try:
                outcome = perform(self._pipeline, item, tell, standard_input=self._standard_input)
            except Exception as error:
                if ends_the_batch(error):
                    raise
                tidy(item)
                outcome = _failed(item, error, time.perf_counter() - started)
            yield outcome


class Processes:
    """Works in processes on this machine.

    Args:
        settings: Which engines each process loads.
        job: What they do.
        count: How many there are at most; each gets its share of the cores.
        time_limit: Seconds that one recording may take; 0 for any time.
    """

    def __init__(self, settings: Settings, job: Job, count: int, *, time_limit: float = 0.0) -> None:
        self._threads = settings.threads or max(1, _cores() // count)
        self._settings = settings.model_copy(update={"threads": self._threads})
        self._job = job
        self._count = count
        self._time_limit = time_limit
        self._workers: list[_Worker] = []

    def run(self, items: Iterable[WorkItem | Outcome | None], tell: Tell) -> Iterator[Outcome]:
        """Work on items, as `Workers.run`."""
        coming = iter(items)
        waiting: deque[WorkItem] = deque()
        there_is_more = True
        try:
            while True:
                while there_is_more and self._busy + len(waiting) < self._count:
                    try:
                        item = next(coming)
                    except StopIteration:
                        there_is_more = False
                        break
                    if item is None:
                        break
                    if isinstance(item, WorkItem):
                        waiting.append(item)
                    else:
                        yield item
                self._engage(waiting)
                if not (waiting or there_is_more or self._busy):
                    return
                yield from self._answers(tell)
        finally:
            self._end()

    @property
    def _busy(self) -> int:
        """Number of workers that have a recording."""
        return sum(worker.item is not None for worker in self._workers)

    def _engage(self, waiting: deque[WorkItem]) -> None:
        """Give recordings to workers that are free, and start as many as there are recordings for, if there may be."""
        for worker in self._workers:
            if waiting and worker.is_ready and worker.item is None:
                worker.give(waiting.popleft())
        while len(self._workers) < min(self._count, self._busy + len(waiting)):
            self._workers.append(_Worker.started(self._settings, self._job, self._threads))

    def _answers(self, tell: Tell) -> Iterator[Outcome]:
        """Yield what workers have to say, after waiting for it a little."""
        if not self._workers:
            time.sleep(_PATIENCE)
            return
        ready = connection.wait([worker.pipe for worker in self._workers], _PATIENCE)
        for worker in [each for each in self._workers if each.pipe in ready]:
            try:
                word, value = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._died(worker)
                continue
            if word == "ready":
                worker.is_ready = True
            elif word == "piece" and worker.item:
                tell(worker.item, value)
            elif word == "ends":
                raise value
            elif word == "done":
                outcome, is_worn = value
                worker.item = None
                if is_worn:
                    self._dismiss(worker)
                yield outcome
        if self._time_limit:
            for worker in [each for each in self._workers if each.seconds > self._time_limit]:
                yield self._stopped(worker)

    def _died(self, worker: _Worker) -> Iterator[Outcome]:
        """Replace a worker that is gone, and report what it had."""
        from pipeline.batch.work import tidy

        self._workers.remove(worker)
        worker.process.join()
        code = worker.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if worker.item is None:
            if worker.is_ready:
                return  # Somebody ended it while it was idle.
            raise EngineFailed(
                f"A worker process ended before it could begin ({how}).",
                hint='A script that uses workers needs the line: if __name__ == "__main__":',
            )
        tidy(worker.item)
        error = EngineFailed(
            f"{worker.item.name}: The process that worked on it ended ({how}).",
            hint="It may need more memory than there is, or the file may be damaged.",
        )
        yield _failed(worker.item, error, worker.seconds)

    def _stopped(self, worker: _Worker) -> Outcome:
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
        return _failed(item, error, seconds)

    def _dismiss(self, worker: _Worker) -> None:
        """Let a worker end; the next recording gets a new one."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(_FAREWELL)
        worker.kill()

    def _end(self) -> None:
        """End all workers: idle ones by themselves, others at once."""
        from pipeline.batch.work import tidy

        for worker in self._workers:
            if worker.item:
                worker.kill()
                tidy(worker.item)
            else:
                worker.pipe.close()
        for worker in self._workers:
            worker.process.join(_FAREWELL)
            worker.kill()
        self._workers.clear()


@dataclass(eq=False)
class _Worker:
    """One process, seen from outside."""

    process: SpawnProcess
    pipe: Connection[Any, Any]
    is_ready: bool = False
    """Whether it has loaded its engines."""
    item: WorkItem | None = None
    """What it works on."""
    since: float = field(default=0.0)
    """When it began to, on the clock of `time.monotonic`."""

    @classmethod
    def started(cls, settings: Settings, job: Job, threads: int) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, settings, job), name="resay worker", daemon=True)
        with _environment(dict.fromkeys(_THREAD_VARIABLES, str(threads))):
            process.start()
        theirs.close()
        return cls(process, ours)

    @property
    def seconds(self) -> float:
        """Seconds that it has worked on its item; 0 without one."""
        return time.monotonic() - self.since if self.item else 0.0

    def give(self, item: WorkItem) -> None:
        self.item, self.since = item, time.monotonic()
        with suppress(OSError):  # That it is gone is noticed where it should answer.
            self.pipe.send(item)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection[Any, Any], settings: Settings, job: Job) -> None:
    """Work on what comes through a pipe until it is closed: the life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the batch ends its workers itself.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()

    from pipeline.batch.work import perform
    from pipeline.chain import VoicePipeline

    try:
        pipeline = VoicePipeline(settings)
    except ResayError as error:
        pipe.send(("ends", error))
        return
    _load(pipeline, job)
    pipe.send(("ready", None))
    done = 0
    while True:
        try:
            item: WorkItem = pipe.recv()
        except (EOFError, OSError):
            return
        started = time.perf_counter()
        try:
            outcome = perform(pipeline, item, lambda _, piece: pipe.send(("piece", piece)))
        except Exception as error:
            if ends_the_batch(error):
                pipe.send(("ends", error))
                return
            logger.info("%s failed", item.name, exc_info=error)
            outcome = _failed(item, error, time.perf_counter() - started)
        done += 1
        pipe.send(("done", (outcome, done >= _MOST_RECORDINGS or _resident() > _MOST_MEMORY)))


def _load(pipeline: VoicePipeline, job: Job) -> None:
    """Load the engines that a job surely needs, so that no time limit counts it; errors are left to the recordings."""
    needed = {"convert": ("recogniser", "transcriber", "synthesiser"), "transcribe": ("transcriber",)}
    for engine in needed.get(job, ("recogniser",)):
        with suppress(ResayError):
            getattr(pipeline, engine)


def _end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, so that nobody else writes into its output."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _failed(item: WorkItem, error: Exception, seconds: float) -> Outcome:
    # Without the traceback, which holds the recording and cannot go to another process.
    told = explained(error, item.name).with_traceback(None)
    told.__cause__ = told.__context__ = None
    return Outcome(item.index, item.name, error=told, seconds=seconds)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _resident() -> int:
    """Return the bytes that this process has in memory; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for what a block starts; those that somebody has set stay."""
    added = [name for name in variables if name not in os.environ]
    os.environ.update({name: variables[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
