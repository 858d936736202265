"""Batches as the command shows them: progress, failures, what to say at the end and after Ctrl-C, reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from pipeline.cli.console import note, print_error, talk, tell, write_json
from pipeline.cli.inputs import progress_bar
from pipeline.core.errors import ResayError, UsageError
from pipeline.core.failures import named
from pipeline.core.options import BatchOptions

if TYPE_CHECKING:
    from pipeline.batch.batch import Batch
    from pipeline.batch.items import Outcome, Recording
    from pipeline.batch.reports import Summary
    from pipeline.core.settings import Settings

__all__ = ["Watched", "batch_options", "check_reports", "work_through"]


def batch_options(settings: Settings) -> BatchOptions:
    """Return who does the work, and how long one recording may take."""
    return BatchOptions(workers=settings.workers, time_limit=settings.time_limit)


def check_reports(reports: Iterable[Path], progress: str, *, overwrite: bool) -> None:
    """Refuse reports that cannot be written, and progress in a form that nobody knows.

    Raises:
        UsageError: There is no such form, or a file exists already.
        OutputError: A file cannot be written.
    """
    from pipeline.batch.reports import check_report

    if progress not in ("", "json"):
        raise UsageError(
            f"--progress {progress} is not known.", hint="Give --progress json, or leave it out for a bar."
        )
    for report in reports:
        check_report(report, overwrite=overwrite)


class Watched:
    """How far a batch is: a bar for people, lines of JSON for programs, on standard error.

    Args:
        total: Recordings; None while nobody knows.
        as_json: Whether it is told in JSON.
    """

    def __init__(self, total: int | None, *, as_json: bool) -> None:
        self.as_json = as_json
        """Whether it is told in JSON."""
        self._total = total
        self._done = self._failed = self._resumed = 0
        self._started = time.monotonic()
        self._bar: Progress | None = None if as_json else progress_bar()
        self._task: TaskID | None = None
        self._current: dict[str, TaskID] = {}

    def __enter__(self) -> Watched:
        if self._bar:
            self._bar.__enter__()
            self._task = self._bar.add_task("", total=self._total, visible=self._total != 1)
        self._tell("begin")
        return self

    def __exit__(self, *reason: Any) -> None:
        if self._bar:
            self._bar.__exit__(*reason)
        self._tell("end")

    @property
    def counts(self) -> tuple[int, int]:
        """How many recordings are done, and of how many results an earlier run made."""
        return self._done, self._resumed

    def reached(self, recording: str, seconds: float, total: float) -> None:
        """Tell how far the analysis of a recording is, in seconds."""
        if self._bar is None:
            self._tell("reached", file=recording, reached=round(seconds, 3), length=round(total, 3) or None)
            return
        if recording not in self._current:
            name = escape(Path(recording).name)
            self._current[recording] = self._bar.add_task(name, total=total or None, seconds=True)
        self._bar.update(self._current[recording], completed=seconds)

    def ended(self, outcome: Outcome) -> None:
        """Tell what became of a recording."""
        self._done += outcome.error is None
        self._failed += outcome.error is not None
        self._resumed += outcome.resumed
        if self._bar and self._task is not None:
            if (task := self._current.pop(outcome.source, None)) is not None:
                self._bar.remove_task(task)
            self._bar.update(self._task, advance=1, description=escape(Path(outcome.source).name))
        more = {"error": outcome.error.to_dict()} if outcome.error else {"outputs": list(outcome.files)}
        self._tell("recording", file=outcome.source, seconds=round(outcome.seconds, 3), **more)

    def _tell(self, event: str, **more: Any) -> None:
        if not self.as_json:
            return
        spent = time.monotonic() - self._started
        fresh = self._done + self._failed - self._resumed
        left = self._total - self._done - self._failed if self._total is not None else None
        remaining = round(spent / fresh * left, 1) if fresh and left is not None else None
        counts = {"done": self._done, "failed": self._failed, "done_before": self._resumed, "total": self._total}
        times = {"spent": round(spent, 3), "remaining": remaining}
        tell({"progress": event, **more, **counts, **times})


def work_through(
    batch: Batch,
    recordings: Iterable[Recording | None],
    show: Callable[[Outcome], None],
    watched: Watched,
    *,
    as_json: bool,
    alone: bool = False,
    to_keep: str = "",
    reports: Iterable[Path] = (),
) -> Summary:
    """Work through a batch, show each result, report failures and go on.

    Args:
        batch: Closed at the end.
        recordings: What it works on.
        show: Prints a result.
        watched: Tells the progress.
        as_json: Print a failure as a JSON object on standard output too.
        alone: Whether there is one recording, whose failure is that of the command.
        to_keep: How a batch without files could have had some, to go on from.
        reports: Files that get a summary.

    Raises:
        ResayError: The only recording failed.
        typer.Exit: After Ctrl-C, with exit code 130.
    """
    from pipeline.batch.reports import Summary, write_report

    summary, began = Summary(), time.monotonic()
    if batch.journal and batch.journal.damaged:
        note(f"{batch.journal.path} was damaged. What it no longer tells is done again.")
    try:
        with batch, watched:
            for outcome in batch.run(recordings):
                watched.ended(outcome)
                summary.add(outcome)
                if outcome.resumed and watched.counts[1] == 1 and not alone:
                    talk.print("[dim]Going on where an earlier run has ended; --restart would begin anew.[/]")
                if not outcome.error:
                    show(outcome)
                    continue
                if as_json:
                    write_json({"file": outcome.source, "error": outcome.error.to_dict()})
                if alone:
                    raise outcome.error
                print_error(named(outcome.error, outcome.source))
    except ResayError:
        if batch.journal and batch.done:
            note(f"{_done(batch.done)} Run the same command again to go on when that is mended.")
        raise
    except KeyboardInterrupt:
        how = "Run the same command again to go on." if batch.journal else to_keep
        told = " ".join(filter(None, ("Interrupted.", "" if alone else _done(batch.done), how)))
        if watched.as_json:
            tell({"interrupted": told})
            raise typer.Exit(130) from None
        Console(stderr=True, highlight=False, soft_wrap=True).print(escape(told))
        raise typer.Exit(130) from None
    finally:
        summary.elapsed = time.monotonic() - began
        for report in reports:
            if summary.rows:
                write_report(summary, report)
    return summary


def _done(count: int) -> str:
    return f"{count} {'recording is' if count == 1 else 'recordings are'} done."
