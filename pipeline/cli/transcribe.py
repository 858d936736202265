"""`detect.py transcribe AUDIO...`: tell what was said."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import TaskID

from pipeline.cli import options
from pipeline.cli.console import clock, note, results, talk, write_json
from pipeline.cli.inputs import each_recording, expanded, progress_bar
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.batch.transcription import TranscriptionBatch
    from pipeline.core.events import Event
    from pipeline.core.results import Transcript
    from pipeline.core.settings import Settings
    from pipeline.core.values import Segment

__all__ = ["transcribe"]

_filing = functools.partial(typer.Option, rich_help_panel="Files")


@options.takes(
    "output", "overwrite", "emotions", "timeline", "speakers", "track", "channels", "hotwords", "emotion_from", "asr",
    "decoding", "diariser", "model", "text_model", "max_streamed_seconds",
    output="Where the files go, named after the recordings.",
)  # fmt: skip
def transcribe(
    audio: options.AudioInputs,
    formats: options.Formats = "",
    resume: Annotated[
        bool, _filing("--resume", help="Go on where a run was interrupted, and leave out what is done.")
    ] = False,
    json: options.Json = False,
    *,
    settings: Settings,
    origins: dict[str, str],
) -> None:
    """Tell what was said, segment by segment, in recordings of any length."""
    from pipeline.batch.plan import TranscriptFiles
    from pipeline.batch.transcription import TranscriptionBatch
    from pipeline.chain import VoicePipeline
    from pipeline.transcripts.formats import parse_formats

    # A folder that is asked for is meant for files.
    wanted = parse_formats(formats) or (("txt",) if origins["output"] == "flag" else ())
    overwrite = settings.overwrite
    at_the_end = settings.timeline or settings.speakers is not None or settings.channels == "split"
    if (resume or origins["overwrite"] == "flag") and not wanted:
        raise UsageError("--resume and --overwrite are about files.", hint="Name their formats, such as -f txt,srt.")
    pipeline = VoicePipeline(settings)
    recordings = expanded(audio, as_json=json)
    pipeline.check_transcription()
    several = len(recordings) > 1
    print_at_once = not (json or wanted or at_the_end)
    files = TranscriptFiles(settings.output, recordings, wanted, overwrite=overwrite, resume=resume) if wanted else None
    progress = progress_bar()
    task: TaskID | None = None
    current = named = ""

    def print_name() -> None:
        nonlocal named
        if several and named != current:
            results.print(f"[bold green]{escape(current)}[/]")
            named = current

    def watch(event: Event) -> None:
        if event.artefact is None or task is None:
            return
        progress.update(task, completed=event.done)
        if print_at_once and event.artefact.segments:
            print_name()
            _print_segments(event.artefact.segments)

    batch = TranscriptionBatch(pipeline, files, watch)

    def work(source: Any) -> Transcript | None:
        from pipeline.audio import stated_seconds

        nonlocal task, current
        name = current = source if isinstance(source, str) else "-"
        total = stated_seconds(name) if name != "-" else 0.0
        task = progress.add_task(Path(name).name, total=total or None, seconds=True)
        try:
            return batch(source)
        finally:
            progress.remove_task(task)

    def show(recording: str, transcript: Transcript | None) -> None:
        if transcript is None:
            talk.print(f"[dim]{escape(recording)} is done already.[/]")
            return
        for text in transcript.notes:
            note(f"{recording}: {text}" if several and recording not in text else text)
        paths = [str(path) for path in batch.written]
        if json:
            write_json(transcript.to_dict() | ({"files": paths} if paths else {}))
        elif not wanted:
            print_name()
            if at_the_end:
                _print_segments(transcript.segments)
        for path in paths if not json else ():
            results.print(f"[bold green]{escape(path)}[/]")

    try:
        each_recording(recordings, work, show, as_json=json, progress=progress)
    except KeyboardInterrupt:
        Console(stderr=True, highlight=False, soft_wrap=True).print(escape(_farewell(batch, files is not None)))
        raise typer.Exit(130) from None


def _farewell(batch: TranscriptionBatch, files: bool) -> str:
    """Return what to say after Ctrl-C: what is kept, and how to go on."""
    where = f"Interrupted at {clock(batch.reached)}."
    if batch.journal:
        return f"{where} What was heard is kept in {batch.journal.path}: run the same command with --resume."
    if files:
        return f"{where} Run the same command with --resume."
    return f"{where} To be able to go on, write files: -f txt."


def _print_segments(segments: Sequence[Segment]) -> None:
    for segment in segments:
        who = f"[bold]{escape(segment.speaker)}[/] " if segment.speaker else ""
        how = f"[cyan]{segment.emotion.top} {segment.emotion.confidence:.0%}[/] " if segment.emotion else ""
        results.print(f"[dim]{segment.start:8.2f} – {segment.end:.2f}[/]  {who}{how}{escape(segment.text)}")
    sys.stdout.flush()
