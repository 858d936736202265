"""Recordings as the command's arguments name them, each handled alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import typer
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from pipeline.cli.console import clock, error_line, talk, write_json
from pipeline.core.errors import EngineMissing, ResayError, UsageError

__all__ = ["each_recording", "expanded", "progress_bar"]

Result = TypeVar("Result")


def expanded(arguments: Sequence[str]) -> list[str]:
    """Return the recordings that files, folders, globs and `-` stand for."""
    from pipeline.batch.plan import find_recordings

    return find_recordings(arguments)


def progress_bar(*columns: ProgressColumn) -> Progress:
    """Return a progress bar on standard error, silent if that is not a terminal.

    Args:
        columns: What is told between the bar and the time that remains; by default how much is done.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *(columns or (_Count(),)),
        TimeRemainingColumn(),
        console=talk,
        transient=True,
        # Results that go to a file must not be drawn above the bar instead.
        redirect_stdout=sys.stdout.isatty(),
        disable=talk.quiet or not talk.is_terminal,
    )


class _Count(ProgressColumn):
    """How much is done of how much: a number, or a time for a task with the field `seconds`."""

    def render(self, task: Task) -> Text:
        shown = clock if task.fields.get("seconds") else round
        return Text(f"{shown(task.completed)} / {'?' if task.total is None else shown(task.total)}")


def each_recording(
    recordings: Sequence[str],
    work: Callable[[Any], Result],
    show: Callable[[str, Result], None],
    *,
    as_json: bool,
    progress: Progress | None = None,
) -> None:
    """Do one thing to every recording, show each result, report failures and go on.

    Args:
        recordings: Paths or `-`, as `expanded` returns them.
        work: Takes a path or open standard input, returns the result.
        show: Prints a recording's result.
        as_json: Print a failure as a JSON object on standard output too.
        progress: A bar that `work` shows its own progress on too.

    Raises:
        ResayError: The only recording failed.
        typer.Exit: One of several recordings failed: exit code 1.
    """
    failed = 0
    with progress or progress_bar() as progress:
        task = progress.add_task("", total=len(recordings), visible=len(recordings) > 1)
        for recording in recordings:
            progress.update(task, description=recording)
            try:
                show(recording, work(sys.stdin.buffer if recording == "-" else recording))
            except (UsageError, EngineMissing):
                raise
            except ResayError as error:
                if as_json:
                    write_json({"file": recording, "error": error.to_dict()})
                if len(recordings) == 1:
                    raise
                failed += 1
                talk.print(f"{error_line(error)}")
            progress.advance(task)
    if failed:
        talk.print(f"{failed} of {len(recordings)} recordings failed.")
        raise typer.Exit(1)
