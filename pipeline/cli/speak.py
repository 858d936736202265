"""`detect.py speak TEXT [EMOTION] [SPEAKER]`: say a text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, talk, write_json

__all__ = ["speak"]


def speak(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say, or - for standard input.")],
    emotion: Annotated[str, typer.Argument(metavar="EMOTION", help="An emotion or a mood.")] = "neutral",
    voice: Annotated[str, typer.Argument(metavar="SPEAKER", help="A voice.", show_default=False)] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The wav to write; the next free output/N.wav by default."),
    ] = None,
    strength: options.Strength = None,
    tts: options.Tts = None,
    language: options.Language = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Say a text in an emotion and a voice."""
    settings = options.settings_for(
        config=config, quiet=quiet, verbose=verbose, offline=offline, strength=strength, tts=tts, language=language,
        device=device, threads=threads,
    )  # fmt: skip

    from pipeline.audio import write_speech
    from pipeline.chain import VoicePipeline
    from pipeline.core.values import SCHEMA
    from pipeline.reports.numbering import write_numbered

    said = sys.stdin.read() if text == "-" else text
    speech = VoicePipeline(settings).speak(said, emotion, voice)

    def describe(path: Path) -> dict[str, Any]:
        return {"schema": SCHEMA, "file": str(path)} | speech.to_dict()

    if output is None:
        output = write_numbered(settings.output, lambda path: write_speech(path, speech), describe)
    else:
        write_speech(output, speech)
    talk.print(f"[dim]synthesis: {escape(speech.engine)}[/]")
    for note in speech.notes:
        talk.print(f"[yellow]note:[/] {escape(note)}")
    if json:
        write_json(describe(output))
    else:
        results.print(
            f"[bold green]{escape(str(output))}[/]  {speech.audio.duration:.1f} s,"
            f" [bold]{escape(speech.emotion)}[/], {escape(speech.voice)}"
        )
