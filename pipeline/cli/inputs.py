"""Recordings as the command's arguments name them, each handled alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import typer
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from pipeline.cli.console import clock, note, print_error, talk, write_json
from pipeline.core.errors import EngineMissing, OutputLost, ResayError, UsageError
from pipeline.core.failures import explained, named
from pipeline.core.files import is_uri

if TYPE_CHECKING:
    from pipeline.batch.items import Recording

__all__ = ["each_recording", "expanded", "gathered", "outside", "progress_bar", "require_sources"]

Result = TypeVar("Result")

_BESIDE: Final = frozenset(".json .txt .srt .vtt .tsv .csv .html .png .md .jsonl .yaml .log".split())
"""Endings of files that stand beside recordings and results."""

_SLOW: Final = 1.0
"""Seconds of looking through folders after which the person is told; set by hand."""

Results = Literal["read", "left out", "wanted"]


def expanded(arguments: Sequence[str], *, results: Results = "read", as_json: bool = False) -> list[str]:
    """Return the recordings that files, folders, globs and `-` stand for, each of which is there.

    Results of Resay itself that turn up among other recordings are left out, with a note.

    Args:
        arguments: What was typed.
        results: What becomes of results if there is nothing else: they are read, or they are left out as well.
            `wanted` leaves none out.
        as_json: Print an error as a JSON object on standard output too.

    Raises:
        UnreadableAudio: A file or folder is not there, or a folder holds no recordings.
        UsageError: Standard input is named twice, a folder is a whole disk, or only results are there and they are
            not read.
    """
    from pipeline.batch.plan import STANDARD_INPUT, find_recordings

    if not all(map(str.strip, arguments)):
        raise UsageError("The name of a recording is empty.", hint="Look at what should stand in its place.")
    if disk := next((each for each in arguments if os.path.isdir(each) and _is_whole_disk(each)), ""):
        raise UsageError(f"{disk} is a whole disk.", hint="Give a folder in it.")
    folders = ", ".join(filter(os.path.isdir, arguments))
    slow = Timer(_SLOW, note, [f"Looking for recordings in {folders}. Ctrl-C ends it."])
    slow.daemon = True
    if folders:
        slow.start()
    try:
        recordings = _without_texts(find_recordings(arguments))
    finally:
        slow.cancel()
    if recordings.count(STANDARD_INPUT) > 1:
        raise UsageError("Standard input can be read only once.", hint="Give - once.")
    _require(recordings, as_json=as_json)
    return recordings if results == "wanted" else _without_results(recordings, read_alone=results == "read")


def gathered(
    audio: Sequence[str] | None, manifest: Path | None, *, watch: bool, as_json: bool
) -> tuple[list[str], list[Recording]]:
    """Return the recordings of a batch, and the rows of its manifest; neither where a folder is watched.

    Args:
        audio: What was typed.
        manifest: The table that names the recordings instead.
        watch: Whether folders are watched.
        as_json: As `expanded`.

    Raises:
        UsageError: There are no recordings, or they are named in two ways.
        UnreadableAudio: As `expanded`.
        EngineMissing: A package is not installed.
    """
    from pipeline.batch.manifest import read_manifest
    from pipeline.batch.watching import check_watching

    require_sources(audio or (), manifest, watch=watch, hint="Give AUDIO...")
    if watch:
        check_watching(audio or ())
        return [], []
    # How a recording is to be spoken is of no interest here.
    rows = [replace(row, options={}) for row in read_manifest(manifest)] if manifest else []
    named = [row.source for row in rows]
    return expanded(named or audio or (), results="wanted" if rows else "read", as_json=as_json), rows


def require_sources(typed: Sequence[str], manifest: Path | None, *, watch: bool, hint: str) -> None:
    """Refuse a batch whose recordings nobody names, or that are named in two ways.

    Args:
        typed: The recordings among what was typed.
        manifest: The table that names them instead.
        watch: Whether folders are watched.
        hint: What to give where nothing is named.

    Raises:
        UsageError: There are no recordings, or they are named in two ways.
    """
    if manifest and watch:
        raise UsageError("A manifest names recordings that are there.", hint="Leave --watch or --manifest out.")
    if manifest and typed:
        raise UsageError(f"The manifest names the recordings, and so does {typed[0]}.", hint="Leave one of them out.")
    if not (typed or manifest):
        raise UsageError("There is no recording.", hint=hint)


def outside(recordings: list[str], output: Path) -> list[str]:
    """Return the recordings that do not lie where the results of the batch go, in object storage.

    Nobody looks into stored files to see which are results.

    Raises:
        UsageError: There are no others.
    """
    from pipeline.batch.storage import uri_of

    results = f"{uri_of(output).rstrip('/')}/"
    others = [each for each in recordings if not (is_uri(each) and each.startswith(results))]
    if recordings and not others:
        raise UsageError(f"The recordings lie where their results would go: {results}.", hint="Give another --output.")
    if len(others) < len(recordings):
        note(f"Left out, as results of Resay: what lies in {results}.")
    return others


def _is_whole_disk(folder: str) -> bool:
    path = Path(folder).resolve()
    return path == Path(path.anchor)


def _without_texts(recordings: list[str]) -> list[str]:
    """Return the recordings without what stands beside results, if there is anything else: `output/*` names both."""
    texts = [each for each in recordings if os.path.splitext(each)[1].casefold() in _BESIDE]
    if not texts or len(texts) == len(recordings):
        return recordings
    shown = texts[0] if len(texts) == 1 else f"{texts[0]} and {len(texts) - 1} more"
    note(f"Left out, as no recordings: {shown}.")
    return [each for each in recordings if each not in set(texts)]


def _require(recordings: Sequence[str], *, as_json: bool) -> None:
    """Refuse the first recording that is not there: nothing is begun with a mistyped name."""
    from pipeline.audio import require_recording
    from pipeline.batch.plan import STANDARD_INPUT

    for recording in recordings:
        if recording == STANDARD_INPUT or is_uri(recording) or os.path.isfile(recording):
            continue
        try:
            require_recording(recording)
        except ResayError as error:
            if as_json:
                write_json({"file": recording, "error": error.to_dict()})
            raise


def _without_results(recordings: list[str], *, read_alone: bool) -> list[str]:
    """Return the recordings that are no results of Resay; tell what was left out, and what was not."""
    from pipeline.audio import is_result

    ours = [recording for recording in recordings if is_result(Path(recording))]
    if not ours:
        return recordings
    shown = ours[0] if len(ours) == 1 else f"{ours[0]} and {len(ours) - 1} more"
    if len(recordings) == 1:
        note(f"{shown} is a result of Resay: what is heard in it is synthetic.")
        return recordings
    if len(ours) < len(recordings):
        note(f"Left out, as results of Resay: {shown}. Name one alone to use it.")
        return [recording for recording in recordings if recording not in set(ours)]
    if read_alone:
        note(f"These are results of Resay: {shown}. What is heard in them is synthetic.")
        return recordings
    raise UsageError(f"There are only results of Resay: {shown}.", hint="Name one alone to convert it.")


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
            except (UsageError, EngineMissing, OutputLost, typer.Exit):
                raise
            except Exception as caught:
                error = explained(caught, recording)
                if as_json:
                    write_json({"file": recording, "error": error.to_dict()})
                if len(recordings) == 1:
                    raise error from caught
                failed += 1
                print_error(named(error, recording))
            progress.advance(task)
    if failed:
        talk.print(f"{failed} of {len(recordings)} recordings failed.")
        raise typer.Exit(1)
