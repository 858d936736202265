"""`detect.py AUDIO... [EMOTION] [SPEAKER]`: hear recordings and say them again."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.arguments import engine_voices, manner, split_arguments
from pipeline.cli.console import bar, error_line, note, results, talk, write_json
from pipeline.cli.formats import split_formats
from pipeline.cli.inputs import expanded, progress_bar
from pipeline.cli.verify import print_verification
from pipeline.core.errors import UsageError
from pipeline.core.failures import named

if TYPE_CHECKING:
    from pipeline.batch import Failure
    from pipeline.chain import VoicePipeline
    from pipeline.core.results import Conversion
    from pipeline.core.settings import Settings
    from pipeline.core.values import EmotionScores

__all__ = ["convert", "emotion_table", "print_scores"]

_WORK: Final = {"audio": "reading", "synthesis": "speaking", "verification": "listening again"}
"""Stage to what is shown while it runs."""


@options.takes(
    "output", "overwrite", "emotion", "voice", "strength", "track", "channels", "hotwords", "speakers", "emotion_from",
    "copy_prosody", "keep_timing", "verify", "candidates", "most_words_wrong", "least_probability",
    "least_naturalness", "model", "text_model", "asr", "tts", "judge", "naturalness", "diariser", "decoding", "acting",
)  # fmt: skip
def convert(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="AUDIO... [EMOTION] [SPEAKER]",
            help="Recordings (files, folders, globs, -), then an emotion and a voice.",
            show_default=False,
        ),
    ],
    same_speaker: Annotated[
        bool,
        typer.Option(
            "--same-speaker", help="One person speaks in all recordings: emotions are judged against that voice."
        ),
    ] = False,
    formats: options.SpokenFormats = "",
    json: options.Json = False,
    *,
    settings: Settings,
    origins: dict[str, str],
) -> None:
    """Hear recordings and say them again (the default: the word convert may be left out)."""
    inputs, words = split_arguments(arguments)
    asked = options.asked(settings, origins)
    emotion, voice = manner(words, asked, lambda: engine_voices(settings))
    like = settings.emotion_recording
    if like and emotion and emotion != "auto":
        raise UsageError(f"The emotion cannot be both {emotion} and that of {like}.", hint="Leave one of the two out.")
    sounds, texts = split_formats(formats)
    asked |= {"sound": ",".join(sounds)} if sounds else {}

    from pipeline.audio import Destination
    from pipeline.chain import VoicePipeline

    pipeline = VoicePipeline(settings)
    pipeline.check_conversion(emotion, voice, texts=texts, **asked)
    recordings = expanded(inputs, results="left out", as_json=json)
    if len(recordings) > 1 and Destination.of(settings.output).named:
        raise UsageError(
            f"{settings.output} is one file, but there are {len(recordings)} recordings.",
            hint="Give a folder as --output.",
        )
    speaker = pipeline.profile(recordings) if same_speaker and len(recordings) > 1 else None
    how = {"emotion": emotion, "voice": voice, "speaker": speaker, "standard_input": sys.stdin.buffer, **asked}
    if len(recordings) == 1:
        _convert_one(pipeline, recordings[0], how, texts, as_json=json)
    else:
        _convert_many(pipeline, recordings, how, texts, as_json=json)


def _convert_one(
    pipeline: VoicePipeline, recording: str, how: dict[str, Any], formats: Sequence[str], *, as_json: bool
) -> None:
    from pipeline.batch import Failure, convert_all

    waiting = talk.status("reading") if talk.is_terminal and not talk.quiet else contextlib.nullcontext()
    with waiting as status:
        (outcome,) = convert_all(
            pipeline,
            [recording],
            on_event=lambda event: status.update(_WORK.get(event.stage, "hearing")) if status else None,
            **how,
        )
    if isinstance(outcome, Failure):
        if as_json:
            write_json(outcome.to_dict())
        raise outcome.error
    _write_subtitles(outcome, formats)
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


def _convert_many(
    pipeline: VoicePipeline,
    recordings: Sequence[str],
    how: dict[str, Any],
    formats: Sequence[str],
    *,
    as_json: bool,
) -> None:
    from pipeline.batch import Failure, convert_all

    done: list[Conversion] = []
    failed: list[Failure] = []
    with progress_bar() as progress:
        task = progress.add_task("", total=len(recordings))
        for outcome in convert_all(pipeline, recordings, **how):
            if isinstance(outcome, Failure):
                failed.append(outcome)
                talk.print(error_line(named(outcome.error, outcome.source)))
            else:
                if not done:
                    _tell_engines(outcome)
                done.append(outcome)
                _write_subtitles(outcome, formats)
                if not as_json:
                    _print_line(outcome)
            if as_json:
                write_json(outcome.to_dict())
            progress.update(task, advance=1, description=escape(Path(recordings[len(done) + len(failed) - 1]).name))
    _summarise(done, failed)
    if failed or any(map(_fails, done)):
        raise typer.Exit(1)


def _write_subtitles(conversion: Conversion, formats: Sequence[str]) -> None:
    """Write what the result says beside it; its JSON is there already."""
    from pipeline.transcripts.formats import write_transcript

    path = Path(conversion.output)
    beside = [name for name in formats if name != "json"]
    write_transcript(conversion.spoken, path.parent, path.stem, beside, overwrite=True)


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


def _summarise(done: Sequence[Conversion], failed: Sequence[Failure]) -> None:
    table = Table("emotion", "detected", "spoken", title=f"{len(done)} converted, {len(failed)} failed")
    detected = Counter(conversion.emotion_detected.top for conversion in done)
    spoken = Counter(conversion.emotion_spoken for conversion in done)
    for emotion in sorted(detected | spoken, key=lambda word: (-detected[word], word)):
        table.add_row(escape(emotion), str(detected[emotion] or ""), str(spoken[emotion] or ""))
    talk.print(table)
    heard = sum(conversion.heard.duration for conversion in done)
    worked = sum(conversion.timings["total"] for conversion in done)
    if done:
        talk.print(f"{done[0].output} to {done[-1].output}: {heard:.0f} s of recordings in {worked:.0f} s.")
    for conversion in filter(_fails, done):
        problems = " ".join(conversion.verification.problems) if conversion.verification else ""
        talk.print(f"[red]not as asked for[/] {escape(conversion.output)}: {escape(problems)}")
    for failure in failed:
        talk.print(f"[red]failed[/] {escape(named(failure.error, failure.source).message)}")


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
