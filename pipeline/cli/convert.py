"""`detect.py AUDIO... [EMOTION] [SPEAKER]`: hear recordings and say them again."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.arguments import engine_voices, is_recording, manner, split_arguments
from pipeline.cli.batches import Watched, batch_options, check_reports, work_through
from pipeline.cli.console import bar, note, results, talk, write_json
from pipeline.cli.formats import split_formats
from pipeline.cli.inputs import expanded, outside, require_sources
from pipeline.cli.verify import print_verification
from pipeline.core.errors import EngineMissing, OutputError, UnknownName, UsageError
from pipeline.core.failures import explained, named
from pipeline.core.files import is_uri

if TYPE_CHECKING:
    from pipeline.batch.items import Outcome
    from pipeline.batch.reports import Summary
    from pipeline.chain import VoicePipeline
    from pipeline.core.results import Conversion
    from pipeline.core.settings import Settings
    from pipeline.core.values import EmotionScores

__all__ = ["convert", "emotion_table", "print_scores"]

_WORK: Final = {"audio": "reading", "synthesis": "speaking", "verification": "listening again"}
"""Stage to what is shown while it runs."""


@options.takes(
    "output", "overwrite", "emotion", "voice", "strength", "track", "channels", "hotwords", "speakers", "emotion_from",
    "each_alone", "copy_prosody", "keep_timing", "verify", "candidates", "most_words_wrong", "least_probability",
    "least_naturalness", "model", "text_model", "asr", "tts", "judge", "naturalness", "diariser", "decoding", "script",
    "acting", "workers", "time_limit",
)  # fmt: skip
def convert(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="AUDIO... [EMOTION] [SPEAKER]",
            help="Recordings (files, folders, globs, -), then an emotion and a voice.",
            show_default=False,
        ),
    ] = None,
    same_speaker: Annotated[
        bool,
        typer.Option(
            "--same-speaker", help="One person speaks in all recordings: emotions are judged against that voice."
        ),
    ] = False,
    formats: options.SpokenFormats = "",
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
    """Hear recordings and say them again (the default: the word convert may be left out)."""
    inputs, words = _inputs(arguments or [], manifest, watch=watch)
    asked = options.asked(settings, origins)
    emotion, voice = manner(words, asked, lambda: engine_voices(settings))
    like = settings.emotion_recording
    if like and emotion and emotion != "auto":
        raise UsageError(f"The emotion cannot be both {emotion} and that of {like}.", hint="Leave one of the two out.")
    sounds, texts = split_formats(formats)
    asked |= {"sound": ",".join(sounds)} if sounds else {}
    reports = report or []
    check_reports(reports, progress, overwrite=settings.overwrite)

    from pipeline.audio import Destination
    from pipeline.batch.manifest import read_manifest, with_profiles
    from pipeline.batch.storage import check_output, readable
    from pipeline.batch.watching import arriving, check_watching
    from pipeline.chain import VoicePipeline

    pipeline = VoicePipeline(settings)
    stored = is_uri(settings.output)
    asked |= {"output": check_output(settings.output)} if stored else {}
    pipeline.check_conversion(emotion, voice, texts=texts, **asked)
    if watch:
        check_watching(inputs)
    rows = read_manifest(manifest) if manifest else []
    kinds = {tuple(sorted(row.options.items())): number for number, row in reversed([*enumerate(rows, 1)])}
    for how_spoken, number in kinds.items():
        with _of_row(manifest, number):
            pipeline.check_conversion(**{"emotion": emotion, "voice": voice, **asked, **dict(how_spoken)})
    inputs = [row.source for row in rows] or inputs
    recordings = [] if watch else expanded(inputs, results="wanted" if rows else "left out", as_json=json)
    recordings = outside(recordings, settings.output) if stored and not rows else recordings
    # In object storage the journal is what numbers results, and a folder is a batch however little it holds.
    by_name = recordings[:1] == inputs[:1] or Destination.of(settings.output).named
    alone = len(recordings) == 1 and by_name and not rows and not stored
    if alone and settings.workers.startswith("ray"):
        raise UsageError("One recording is not worth Ray.", hint="Leave --workers out.")
    if not alone and Destination.of(settings.output).named:
        several = "a folder is watched" if watch else f"there are {len(recordings)} recordings"
        raise UsageError(f"{settings.output} is one file, but {several}.", hint="Give a folder as --output.")
    heard = (readable(recording, max_bytes=settings.max_bytes) for recording in recordings)
    speaker = pipeline.profile(heard) if same_speaker and len(recordings) > 1 else None
    how = {"emotion": emotion, "voice": voice, "speaker": speaker, **asked}
    if alone and not (settings.workers or settings.time_limit or reports or progress):
        _convert_one(pipeline, recordings[0], how, texts, as_json=json)
        return

    from pipeline.batch.batch import Batch
    from pipeline.batch.items import Recording

    batch = Batch(
        pipeline,
        "convert",
        {name: value for name, value in how.items() if name != "output"}
        | ({"output": settings.output} if alone else {}),
        # One recording is no batch: each run gives it a number of its own.
        output=None if alone else settings.output,
        formats=texts,
        restart=restart,
        how=batch_options(settings),
        once=watch,
        standard_input=sys.stdin.buffer,
    )
    engines_told = False
    failing: list[Conversion] = []
    outputs: list[str] = []

    def show(outcome: Outcome) -> None:
        nonlocal engines_told
        conversion = outcome.result
        if not isinstance(conversion, Conversion):
            return
        if not engines_told:
            _tell_engines(conversion)
            engines_told = True
        outputs.append(conversion.output)
        if _fails(conversion):
            failing.append(conversion)
        if json:
            write_json(conversion.to_dict())
        elif alone:
            _print_conversion(conversion)
        else:
            _print_line(conversion)

    from pipeline.core.results import Conversion

    watched = Watched(None if watch else len(recordings), as_json=progress == "json")
    every: Iterable[Recording | None] = with_profiles(pipeline, rows) if rows else map(Recording, recordings)
    if watch:
        every = (Recording(path) if path else None for path in arriving(inputs))
    summary = work_through(batch, every, show, watched, as_json=json, alone=alone, reports=reports)
    if not alone:
        _summarise(summary, outputs, failing)
    if summary.failed or failing:
        raise typer.Exit(1)


def _inputs(arguments: list[str], manifest: Path | None, *, watch: bool) -> tuple[list[str], list[str]]:
    """Tell recordings from the words after them; with a manifest there are words alone.

    Raises:
        UsageError: There are no recordings, or they are named in two ways.
    """
    typed = [word for word in arguments if is_recording(word)] if manifest else arguments
    require_sources(typed, manifest, watch=watch, hint="Give AUDIO... [EMOTION] [SPEAKER].")
    return ([], arguments) if manifest else split_arguments(arguments)


@contextlib.contextmanager
def _of_row(manifest: Path | None, number: int) -> Iterator[None]:
    """Let an error of a block name the row of the manifest that it is about."""
    try:
        yield
    except (UsageError, UnknownName) as error:
        raise named(error, f"{manifest}, row {number}") from error


def _convert_one(
    pipeline: VoicePipeline, recording: str, how: dict[str, Any], formats: Sequence[str], *, as_json: bool
) -> None:
    from pipeline.batch.storage import readable
    from pipeline.transcripts.formats import write_transcript

    waiting = talk.status("reading") if talk.is_terminal and not talk.quiet else contextlib.nullcontext()
    try:
        with waiting as status:
            outcome = pipeline.convert(
                sys.stdin.buffer if recording == "-" else readable(recording, max_bytes=pipeline.options.max_bytes),
                name=recording,
                on_event=lambda event: status.update(_WORK.get(event.stage, "hearing")) if status else None,
                **how,
            )
    except Exception as caught:
        error = explained(caught, recording)
        if as_json and not isinstance(error, (UsageError, EngineMissing, OutputError)):
            write_json({"file": recording, "error": error.to_dict()})
        raise error from caught
    path = Path(outcome.output)
    texts = [name for name in formats if name != "json"]
    write_transcript(outcome.spoken, path.parent, path.stem, texts, overwrite=True)
    _tell_engines(outcome)
    if as_json:
        write_json(outcome.to_dict())
    else:
        _print_conversion(outcome)
    if _fails(outcome):
        raise typer.Exit(1)


def _print_conversion(outcome: Conversion) -> None:
    results.print(f"[bold]{escape(outcome.source)}[/]  {outcome.heard.duration:.1f} s\n")
    results.print(emotion_table(outcome.emotion_detected))
    results.print(f"\n  “{escape(outcome.text)}”\n" if outcome.text else "")
    results.print(
        f"[bold green]{escape(outcome.output)}[/]  {outcome.spoken.duration:.1f} s,"
        f" [bold]{escape(outcome.emotion_spoken)}[/], {escape(outcome.voice)}"
    )
    if outcome.verification:
        print_verification(outcome.verification)
    for text in outcome.notes:
        note(text)


def _fails(conversion: Conversion) -> bool:
    """Whether the result was listened to and is not as it should be."""
    return conversion.verification is not None and not conversion.verification.passed


def _print_line(conversion: Conversion) -> None:
    scores = conversion.emotion_detected
    results.print(
        f"{escape(conversion.output)}  {escape(conversion.source)}"
        f"  {scores.top} {scores.confidence:.0%} → {escape(conversion.emotion_spoken)}"
        f"  “{escape(conversion.text)}”"
    )


def _tell_engines(conversion: Conversion) -> None:
    engines = " · ".join(f"{stage}: {engine}" for stage, engine in conversion.engines.items())
    talk.print(f"[dim]{escape(engines)}[/]")


def _summarise(summary: Summary, outputs: Sequence[str], failing: Sequence[Conversion]) -> None:
    before = f", {summary.done_before} of them before" if summary.done_before else ""
    table = Table("emotion", "detected", "spoken", title=f"{summary.done} converted{before}, {summary.failed} failed")
    detected, spoken = summary.emotions(), summary.emotions("emotion_spoken")
    for emotion in sorted({*detected, *spoken}, key=lambda word: (-detected.get(word, 0), word)):
        table.add_row(escape(emotion), str(detected.get(emotion, "")), str(spoken.get(emotion, "")))
    talk.print(table if summary.done else escape(str(table.title)))
    if outputs:
        in_order = sorted(outputs, key=lambda path: int(Path(path).stem))
        speed = f": {summary.heard:.0f} s of recordings in {summary.elapsed:.0f} s" if summary.heard else ""
        talk.print(escape(f"{' to '.join(dict.fromkeys((in_order[0], in_order[-1])))}{speed}."))
    for conversion in failing:
        problems = " ".join(conversion.verification.problems) if conversion.verification else ""
        talk.print(f"[red]not as asked for[/] {escape(conversion.output)}: {escape(problems)}")


def emotion_table(scores: EmotionScores) -> Table:
    """Return the probabilities of the emotions, the most likely first, with bars."""
    table = Table.grid(padding=(0, 2))
    for rank, (emotion, probability) in enumerate(scores.ranked()):
        style = "bold" if rank == 0 else ""
        table.add_row("", f"[{style or 'default'}]{emotion}[/]", f"{probability:6.1%}", f"[cyan]{bar(probability)}[/]")
    if scores.unsure:
        bound = f"[dim]under {scores.unsure_below:.0%}[/]" if scores.unsure_below < 1 else ""
        table.add_row("", "[yellow]unsure[/]", "", bound)
    return table


def print_scores(name: str, scores: EmotionScores) -> None:
    """Print what was recognised in a recording, and the warnings about it."""
    results.print(f"[bold]{escape(name)}[/]  {scores.top} {scores.confidence:.0%}")
    results.print(emotion_table(scores))
    for warning in scores.warnings:
        note(warning)
