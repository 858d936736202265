"""`detect.py speak TEXT [EMOTION] [SPEAKER]`: say a text, or a file of subtitles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import note, results, talk, write_json
from pipeline.cli.formats import split_formats
from pipeline.cli.verify import print_verification
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.chain import VoicePipeline
    from pipeline.core.results import Rendition
    from pipeline.core.settings import Settings

__all__ = ["speak"]


@options.takes(
    "keep_timing", "verify", "candidates", "most_words_wrong", "least_probability", "strength", "tts", "asr", "judge",
    "acting",
    language="Language of the text, as an ISO 639-1 code such as en.",
)  # fmt: skip
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
    json: options.Json = False,
    *,
    settings: Settings,
) -> None:
    """Say a text in an emotion and a voice, or subtitles in the emotions and by the speakers that they name."""
    sounds, texts = split_formats(formats)
    settings = settings.changed(sound=",".join(sounds) or None)

    from pipeline.audio import parse_sounds, sound_format, write_speech
    from pipeline.chain import VoicePipeline
    from pipeline.core.numbering import write_numbered
    from pipeline.transcripts.formats import write_transcript

    if output is not None:
        sound_format(output)
    said = _said(VoicePipeline(settings), text, emotion, voice, subtitles)
    speech = said.speech
    if output is None:
        output = write_numbered(
            settings.output,
            lambda path: write_speech(path, speech),
            lambda path: said.to_dict(str(path)),
            formats=parse_sounds(settings.sound),
        )
    else:
        for path in dict.fromkeys([output, *(output.with_suffix(f".{name}") for name in sounds)]):
            write_speech(path, speech)
    beside = [name for name in texts if name != "json"]
    transcript = said.transcript(str(output), settings.spoken_language)
    write_transcript(transcript, output.parent, output.stem, beside, overwrite=True)
    talk.print(f"[dim]synthesis: {escape(speech.engine)}[/]")
    if said.overflow:
        note(f"Up to {said.overflow:.1f} s late: {said.overflowing} of {len(said.segments)} segments begin late.")
    for remark in speech.notes:
        note(remark)
    if json:
        write_json(said.to_dict(str(output)))
    else:
        results.print(
            f"[bold green]{escape(str(output))}[/]  {speech.audio.duration:.1f} s,"
            f" [bold]{escape(speech.emotion)}[/], {escape(speech.voice)}"
        )
        if said.verification:
            print_verification(said.verification)
    if said.verification and not said.verification.passed:
        raise typer.Exit(1)


def _said(pipeline: VoicePipeline, text: str, emotion: str, voice: str, subtitles: Path | None) -> Rendition:
    """Say the text or the subtitles.

    Raises:
        UsageError: There is nothing to say, or both.
    """
    if subtitles is None:
        if not text:
            raise UsageError("There is nothing to say.", hint="Give a TEXT, or --srt FILE.")
        return pipeline.speak(sys.stdin.read() if text == "-" else text, emotion, voice)
    # Without a TEXT the words after the verb are the emotion and the voice.
    if voice:
        raise UsageError("--srt says its own text.", hint="Give --srt FILE [EMOTION] [SPEAKER].")
    from pipeline.core.voices import VOICE_PRESETS, canonical_voice
    from pipeline.transcripts.subtitle_reading import read_subtitles

    emotion, voice = text, emotion
    if not voice and canonical_voice(emotion) in VOICE_PRESETS:
        emotion, voice = "", emotion
    return pipeline.speak(read_subtitles(subtitles), emotion, voice)
