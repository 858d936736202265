"""Workers: who works on the recordings of a batch. This process does, or others, on this machine or on many."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pipeline.batch.items import Job, Outcome, WorkItem
from pipeline.core.errors import EngineMissing, OutputError, ResayError, UsageError
from pipeline.core.failures import explained
from pipeline.core.options import BatchOptions

if TYPE_CHECKING:
    from pipeline.batch.work import Tell
    from pipeline.chain import VoicePipeline

__all__ = [
    "Here",
    "Workers",
    "cores",
    "ends_the_batch",
    "environment",
    "failed",
    "load_engines",
    "resident",
    "workers_for",
]


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
        UsageError: Engines that were given to the pipeline cannot go to other processes, or no cluster answers.
        EngineMissing: Ray is not installed.
    """
    # What takes too long can only be stopped from outside.
    wanted = options.workers or ("1" if options.time_limit else "")
    if not wanted:
        return Here(pipeline, standard_input)
    if pipeline.engines.given:
        raise UsageError(
            "An engine of one's own works in this process alone.", hint="Leave workers and time_limit out."
        )
    if wanted.startswith("ray"):
        from pipeline.batch.ray import OnRay

        return OnRay(pipeline.settings, job, wanted, time_limit=options.time_limit)
    from pipeline.batch.processes import Processes

    count = cores() if wanted == "auto" else int(wanted)
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
        from pipeline.batch.copies import work_on
        from pipeline.batch.work import tidy

        for item in items:
            if not isinstance(item, WorkItem):
                if item is not None:
                    yield item
                continue
            started = time.perf_counter()
            try:
                outcome = work_on(self._pipeline, item, tell, standard_input=self._standard_input)
            except Exception as error:
                if ends_the_batch(error):
                    raise
                tidy(item)
                outcome = failed(item, error, time.perf_counter() - started)
            yield outcome


def load_engines(pipeline: VoicePipeline, job: Job) -> None:
    """Load the engines that a job surely needs, so that no time limit counts it; errors are left to the recordings."""
    needed = {"convert": ("recogniser", "transcriber", "synthesiser"), "transcribe": ("transcriber",)}
    for engine in needed.get(job, ("recogniser",)):
        with suppress(ResayError):
            getattr(pipeline, engine)


def failed(item: WorkItem, error: Exception, seconds: float) -> Outcome:
    """Return the outcome of an item whose work raised an error, in a form that can go to another process."""
    # Without the traceback, which holds the recording.
    told = explained(error, item.name).with_traceback(None)
    told.__cause__ = told.__context__ = None
    return Outcome(item.index, item.name, error=told, seconds=seconds)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resident() -> int:
    """Return the bytes that this process has in memory; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


@contextmanager
def environment(variables: dict[str, str], *, replace: bool = False) -> Iterator[None]:
    """Set environment variables for what a block starts.

    Args:
        variables: Name to value.
        replace: Whether those that somebody has set are replaced; they come back after the block.
    """
    before = {name: os.environ.get(name) for name in variables if replace or name not in os.environ}
    os.environ.update({name: variables[name] for name in before})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
