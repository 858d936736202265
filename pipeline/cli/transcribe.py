"""`detect.py transcribe AUDIO...`: tell what was said."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.batches import Watched, batch_options, check_reports, work_through
from pipeline.cli.console import note, results, talk, write_json
from pipeline.cli.inputs import gathered, outside
from pipeline.core.errors import UsageError
from pipeline.core.files import is_uri, names_a_file, require_writable

if TYPE_CHECKING:
    from pipeline.batch.items import Outcome, WorkItem
    from pipeline.chain.analysis import AnalysedSegment
    from pipeline.core.settings import Settings
    from pipeline.core.values import Segment

__all__ = ["transcribe"]

_filing = functools.partial(typer.Option, rich_help_panel="Files")


@options.takes(
    "output", "overwrite", "emotions", "timeline", "speakers", "track", "channels", "hotwords", "emotion_from",
    "each_alone", "asr", "decoding", "script", "diariser", "model", "text_model", "max_streamed_seconds", "workers",
    "time_limit",
    output="Where the files go, named after the recordings.",
)  # fmt: skip
def transcribe(
    audio: options.AudioOrManifest = None,
    formats: options.Formats = "",
    resume: Annotated[
        bool, _filing("--resume", help="Leave out recordings whose files are there, whoever wrote them.")
    ] = False,
    manifest: options.Manifest = None,
    watch: options.Watch = False,
    restart: options.Restart = False,
    report: options.Reports = None,
    progress: options.Progress = "",
    json: options.Json = False,
    *,
    settings: Settings,
    origins: dict[str, str],
) -> None:
    """Tell what was said, segment by segment, in recordings of any length."""
    from pipeline.batch.batch import Batch
    from pipeline.batch.items import Recording
    from pipeline.batch.journal import JOURNAL
    from pipeline.batch.manifest import with_profiles
    from pipeline.batch.plan import free_stems
    from pipeline.batch.storage import check_output
    from pipeline.batch.watching import arriving
    from pipeline.chain import VoicePipeline
    from pipeline.transcripts.formats import parse_formats

    # A folder that is asked for is meant for files.
    wanted = parse_formats(formats) or (("txt",) if origins["output"] == "flag" else ())
    if (resume or origins["overwrite"] == "flag") and not wanted:
        raise UsageError("--resume and --overwrite are about files.", hint="Name their formats, such as -f txt,srt.")
    reports = report or []
    check_reports(reports, progress, overwrite=settings.overwrite)
    pipeline = VoicePipeline(settings)
    recordings, rows = gathered(audio, manifest, watch=watch, as_json=json)
    pipeline.check_transcription()
    several = watch or len(recordings) > 1
    at_the_end = bool(
        settings.timeline
        or settings.speakers is not None
        or settings.channels == "split"
        or settings.workers
        or settings.time_limit
    )
    print_at_once = not (json or wanted or at_the_end)
    stored = bool(wanted) and is_uri(settings.output)
    if stored:
        check_output(settings.output)
        recordings = recordings if rows else outside(recordings, settings.output)
    named_files = [row.source for row in rows] or recordings
    stems = list(free_stems(named_files))
    if wanted and not stored:
        if names_a_file(settings.output):
            raise UsageError(
                f"{settings.output} is the name of a file, but the files are named after the recordings.",
                hint="Give a folder as --output, and the formats as -f srt,vtt.",
            )
        require_writable((settings.output / f"{stem}.{name}" for stem in stems for name in wanted), overwrite=True)
        if not (settings.overwrite or resume or (settings.output / JOURNAL).exists()):
            # Nobody remembers a batch here: whatever is there is not ours.
            require_writable((settings.output / f"{stem}.{name}" for stem in stems for name in wanted), overwrite=False)
    every = [replace(row, stem=stem) for row, stem in zip(rows or map(Recording, named_files), stems, strict=True)]
    watched = Watched(None if watch else len(every), as_json=progress == "json")
    named = ""

    def print_name(recording: str) -> None:
        nonlocal named
        if several and named != recording:
            results.print(f"[bold green]{escape(recording)}[/]")
            named = recording

    lengths: dict[str, float] = {}

    def follow(item: WorkItem, heard: AnalysedSegment) -> None:
        from pipeline.audio import stated_seconds

        if item.name not in lengths:
            lengths.clear()
            is_file = item.name != "-" and not is_uri(item.name)
            lengths[item.name] = (stated_seconds(item.name) or 0.0) if is_file else 0.0
        watched.reached(item.name, heard.heard_to, lengths[item.name])
        if print_at_once and heard.segments:
            print_name(item.name)
            _print_segments(heard.segments)

    def show(outcome: Outcome) -> None:
        recording, transcript = outcome.source, outcome.result
        if not isinstance(transcript, Transcript):
            talk.print(f"[dim]{escape(recording)} is done already.[/]")
            if not json:
                _print_paths(outcome.files, recording if several else "")
            return
        for text in transcript.notes:
            note(f"{recording}: {text}" if several and recording not in text else text)
        if json:
            write_json(transcript.to_dict() | ({"files": list(outcome.files)} if wanted else {}))
            return
        if not wanted:
            print_name(recording)
            if at_the_end:
                _print_segments(transcript.segments)
        _print_paths(outcome.files, recording if several else "")

    from pipeline.core.results import Transcript

    batch = Batch(
        pipeline,
        "transcribe",
        {},
        output=settings.output if wanted else None,
        formats=wanted,
        restart=restart or settings.overwrite,
        resume=resume,
        how=batch_options(settings),
        standard_input=sys.stdin.buffer,
        once=watch,
        on_piece=follow,
    )
    if not (settings.overwrite or resume or watch):
        with batch.closed_after_errors():
            batch.require_free(every)
    coming: Iterable[Recording | None] = every
    if watch:
        coming = (Recording(path, stem=next(free_stems([path]))) if path else None for path in arriving(audio or ()))
    elif settings.emotions or settings.timeline:
        coming = with_profiles(pipeline, every)
    summary = work_through(
        batch,
        coming,
        show,
        watched,
        as_json=json,
        alone=not several,
        to_keep="To be able to go on, write files: -f txt.",
        reports=reports,
    )
    if summary.failed:
        talk.print(f"{summary.failed} of {len(summary.rows)} recordings failed.")
        raise typer.Exit(1)


def _print_paths(paths: Sequence[str], recording: str = "") -> None:
    """Print the files of a recording, and its name beside them unless it is empty."""
    of = f"  [dim]{escape(recording)}[/]" if recording else ""
    for path in paths:
        results.print(f"[bold green]{escape(path)}[/]{of}")


def _print_segments(segments: Sequence[Segment]) -> None:
    for segment in segments:
        who = f"[bold]{escape(segment.speaker)}[/] " if segment.speaker else ""
        how = f"[cyan]{segment.emotion.top} {segment.emotion.confidence:.0%}[/] " if segment.emotion else ""
        results.print(f"[dim]{segment.start:8.2f} – {segment.end:.2f}[/]  {who}{how}{escape(segment.text)}")
    sys.stdout.flush()
