"""Workers that are processes on this machine."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from pipeline.batch.items import Job, Outcome, WorkItem
from pipeline.batch.pool import MOST_MEMORY, MOST_RECORDINGS, PATIENCE, Pool, Worker
from pipeline.batch.workers import cores, ends_the_batch, environment, failed, load_engines, resident
from pipeline.core.errors import ResayError, UsageError
from pipeline.core.temporary import TemporaryFolder

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from pipeline.batch.work import Tell
    from pipeline.core.settings import Settings

__all__ = ["Processes"]

logger = logging.getLogger(__name__)

_FAREWELL: Final = 5.0
"""Seconds for a worker that has nothing to do to end by itself."""

_THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables by which numerical libraries learn how many threads to use."""


class Processes(Pool["_Process"]):
    """Works in processes on this machine.

    Args:
        settings: Which engines each process loads.
        job: What they do.
        count: How many there are at most; each gets its share of the cores.
        time_limit: Seconds that one recording may take; 0 for any time.
    """

    def __init__(self, settings: Settings, job: Job, count: int, *, time_limit: float = 0.0) -> None:
        super().__init__(time_limit)
        self._threads = settings.threads or max(1, cores() // count)
        self._settings = settings.model_copy(update={"threads": self._threads})
        self._job = job
        self._count = count
        self._folder: TemporaryFolder | None = None

    def _most(self) -> int:
        return self._count

    def _started(self) -> _Process:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._settings, self._job), name="resay worker", daemon=True
        )
        # Who is killed leaves temporary files, so that they get a folder of their own.
        self._folder = self._folder or TemporaryFolder()
        variables = dict.fromkeys(_THREAD_VARIABLES, str(self._threads))
        with environment(variables), environment({"TMPDIR": str(self._folder.path)}, replace=True):
            process.start()
        theirs.close()
        return _Process(process, ours)

    def _end(self) -> None:
        super()._end()
        if self._folder:
            self._folder.close()
            self._folder = None

    def _answers(self, tell: Tell) -> Iterator[Outcome]:
        ready = connection.wait([worker.pipe for worker in self._workers], PATIENCE)
        for worker in [each for each in self._workers if each.pipe in ready]:
            try:
                word, value = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._gone(worker, worker.end())
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
                    self._replace(worker)
                yield outcome


class _Process(Worker):
    """One process, seen from outside, and the pipe to it."""

    def __init__(self, process: SpawnProcess, pipe: Connection[Any, Any]) -> None:
        super().__init__()
        self.pipe = pipe
        self._process = process

    def end(self) -> str:
        """Return how it ended, which it did by itself."""
        self._process.join()
        code = self._process.exitcode or 0
        self.was_killed = code < 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def dismiss(self) -> None:
        self.pipe.close()

    def kill(self) -> None:
        if self.item is None:
            self._process.join(_FAREWELL)
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def _send(self, item: WorkItem) -> None:
        if private := next((uri for uri in (item.source, item.output) if uri.startswith("memory:")), ""):
            raise UsageError(f"{private} is in the memory of one process.", hint="Leave --workers out.")
        with suppress(OSError):
            self.pipe.send(item)


def _serve(pipe: Connection[Any, Any], settings: Settings, job: Job) -> None:
    """Work on what comes through a pipe until it is closed: the life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the batch ends its workers itself.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()

    with suppress(EOFError, ConnectionError):  # The batch is over.
        _work(pipe, settings, job)


def _work(pipe: Connection[Any, Any], settings: Settings, job: Job) -> None:
    from pipeline.batch.copies import work_on
    from pipeline.chain import VoicePipeline

    try:
        pipeline = VoicePipeline(settings)
    except ResayError as error:
        pipe.send(("ends", error))
        return
    load_engines(pipeline, job)
    pipe.send(("ready", None))
    done = 0
    while True:
        item: WorkItem = pipe.recv()
        started = time.perf_counter()
        try:
            outcome = work_on(pipeline, item, lambda _, piece: pipe.send(("piece", piece)))
        except Exception as error:
            if ends_the_batch(error):
                pipe.send(("ends", error))
                return
            logger.info("%s failed", item.name, exc_info=error)
            outcome = failed(item, error, time.perf_counter() - started)
        done += 1
        pipe.send(("done", (outcome, done >= MOST_RECORDINGS or resident() > MOST_MEMORY)))


def _end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, so that nobody else writes into its output."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
