"""`detect.py speak TEXT [EMOTION] [SPEAKER]`: say a text, or a file of subtitles."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, talk, write_json
from pipeline.cli.formats import split_formats
from pipeline.cli.verify import print_verification
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.chain import VoicePipeline
    from pipeline.chain.rendering import Variant

__all__ = ["speak"]


def speak(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What to say, or - for standard input.", show_default=False)
    ] = "",
    emotion: Annotated[str, typer.Argument(metavar="EMOTION", help="An emotion or a mood.", show_default=False)] = "",
    voice: Annotated[str, typer.Argument(metavar="SPEAKER", help="A voice.", show_default=False)] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The wav, flac, mp3 or opus to write; the next free output/N.wav by default.",
        ),
    ] = None,
    subtitles: Annotated[
        Path | None,
        typer.Option(
            "--srt",
            metavar="FILE",
            help="Say subtitles (SRT or VTT) instead of TEXT, each line by its speaker in its emotion.",
        ),
    ] = None,
    formats: options.SpokenFormats = "",
    keep_timing: options.KeepTiming = None,
    verify: options.Verify = None,
    candidates: options.Candidates = None,
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
    """Say a text in an emotion and a voice, or subtitles in the emotions and by the speakers that they name."""
    sounds, texts = split_formats(formats) if formats else ((), ())
    settings = options.settings_for(
        config=config, quiet=quiet, verbose=verbose, offline=offline, strength=strength, tts=tts, language=language,
        device=device, threads=threads, keep_timing=keep_timing, verify=verify, candidates=candidates,
        sound=",".join(sounds) or None,
    )  # fmt: skip

    from pipeline.audio import parse_sounds, sound_format, write_speech
    from pipeline.chain import VoicePipeline
    from pipeline.core.numbering import write_numbered
    from pipeline.core.values import SCHEMA

    if output is not None:
        sound_format(output)
    said = _said(VoicePipeline(settings), text, emotion, voice, subtitles)
    speech = said.rendition.speech

    def describe(path: Path) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "file": str(path),
            **speech.to_dict(),
            "strength": said.strength,
            "output_segments": [segment.to_dict() for segment in said.rendition.segments],
            "output_overflow": said.rendition.overflow,
            "verification": said.verification.to_dict() if said.verification else None,
        }

    if output is None:
        output = write_numbered(
            settings.output, lambda path: write_speech(path, speech), describe, formats=parse_sounds(settings.sound)
        )
    else:
        for path in dict.fromkeys([output, *(output.with_suffix(f".{name}") for name in sounds)]):
            write_speech(path, speech)
    _write_texts(output, said, texts, settings.spoken_language)
    talk.print(f"[dim]synthesis: {escape(speech.engine)}[/]")
    if said.rendition.overflow:
        talk.print(f"[yellow]note:[/] {said.rendition.overflow:.1f} s late where it fits its times least.")
    for note in speech.notes:
        talk.print(f"[yellow]note:[/] {escape(note)}")
    if json:
        write_json(describe(output))
    else:
        results.print(
            f"[bold green]{escape(str(output))}[/]  {speech.audio.duration:.1f} s,"
            f" [bold]{escape(speech.emotion)}[/], {escape(speech.voice)}"
        )
        if said.verification:
            print_verification(said.verification.to_dict())
    if said.verification and not said.verification.passed:
        raise typer.Exit(1)


def _said(pipeline: VoicePipeline, text: str, emotion: str, voice: str, subtitles: Path | None) -> Variant:
    """Say the text or the subtitles.

    Raises:
        UsageError: There is nothing to say, or both.
    """
    if subtitles is None:
        if not text:
            raise UsageError("There is nothing to say.", hint="Give a TEXT, or --srt FILE.")
        return pipeline.say(sys.stdin.read() if text == "-" else text, emotion or "neutral", voice)
    # Without a TEXT the words after the verb are the emotion and the voice.
    if voice:
        raise UsageError("--srt says its own text.", hint="Give --srt FILE [EMOTION] [SPEAKER].")
    from pipeline.core.voices import TONES, canonical_voice
    from pipeline.transcripts.subtitle_reading import read_subtitles

    emotion, voice = text, emotion
    if not voice and canonical_voice(emotion) in TONES:
        emotion, voice = "", emotion
    return pipeline.say_lines(read_subtitles(subtitles), emotion or "auto", voice)


def _write_texts(output: Path, said: Variant, formats: Sequence[str], language: str) -> None:
    """Write what is said beside the sound, with its times in it."""
    from pipeline.core.transcripts import Transcript
    from pipeline.transcripts.formats import write_transcript

    speech = said.rendition.speech
    transcript = Transcript(
        str(output), speech.audio.duration, language, speech.engine, said.rendition.segments, speech.notes
    )
    beside = [name for name in formats if name != "json"]
    write_transcript(transcript, output.parent, output.stem, beside, overwrite=True)
