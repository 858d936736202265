"""`detect.py speak TEXT [EMOTION] [SPEAKER]`: say a text, or a file of subtitles."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.arguments import engine_voices, is_emotion, is_voice, manner, require_text, with_degrees
from pipeline.cli.console import note, results, talk, write_json
from pipeline.cli.formats import split_formats
from pipeline.cli.verify import print_verification
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.core.settings import Settings

__all__ = ["speak"]


@options.takes(
    "output", "overwrite", "emotion", "voice", "keep_timing", "verify", "candidates", "most_words_wrong",
    "least_probability", "least_naturalness", "strength", "tts", "asr", "judge", "naturalness", "acting",
    "max_streamed_seconds",
    language="Language of the text, as an ISO 639-1 code such as en.",
    output="The wav, flac, mp3 or opus to write, or the folder of the next free N.wav.",
)  # fmt: skip
def speak(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT [EMOTION] [SPEAKER]",
            help="What to say, or - for standard input, then an emotion and a voice.",
            show_default=False,
        ),
    ] = None,
    subtitles: Annotated[
        Path | None,
        typer.Option(
            "--srt",
            metavar="FILE",
            help="Say subtitles (SRT, VTT, ASS, TTML …) instead of TEXT, each line by its speaker in its emotion.",
        ),
    ] = None,
    formats: options.SpokenFormats = "",
    json: options.Json = False,
    *,
    settings: Settings,
    origins: dict[str, str],
) -> None:
    """Say a text in an emotion and a voice, or subtitles in the emotions and by the speakers that they name."""
    sounds, texts = split_formats(formats)
    asked = options.asked(settings, origins)
    text, rest = _text_and_words(words or [], subtitles)
    emotion, voice = manner(rest, asked, lambda: engine_voices(settings))

    from pipeline.audio import Destination
    from pipeline.chain import VoicePipeline
    from pipeline.transcripts.formats import write_transcript
    from pipeline.transcripts.subtitle_reading import read_subtitles

    sound = ",".join(sounds) or settings.sound
    destination = Destination.of(settings.output, sound, asked=bool(sounds), overwrite=settings.overwrite)
    beside = [name for name in texts if name != "json"]
    destination.check(beside)
    pipeline = VoicePipeline(settings)
    told: tuple[str, ...] = ()
    if subtitles:
        written = read_subtitles(subtitles, language=pipeline.options.spoken_language)
        told = written.notes
        # Before the work: it may take hours, and gigabytes.
        for remark in told:
            note(remark)
        said = pipeline.speak(written.segments, emotion, voice, **asked).noted(*written.notes)
    else:
        said = pipeline.speak(_standard_input() if text == "-" else text, emotion, voice, **asked)
    speech = said.speech
    output = destination.write(speech, lambda path: said.to_dict(str(path)))
    transcript = said.transcript(str(output), pipeline.options.spoken_language)
    write_transcript(transcript, output.parent, output.stem, beside, overwrite=True)
    talk.print(f"[dim]synthesis: {escape(speech.engine)}[/]")
    if said.overflow:
        note(f"Up to {said.overflow:.1f} s late: {said.overflowing} of {len(said.segments)} segments begin late.")
    for remark in speech.notes:
        if remark not in told:
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


def _text_and_words(words: Sequence[str], subtitles: Path | None) -> tuple[str, list[str]]:
    """Return the text, empty for subtitles, and the words for emotion and voice after it.

    Raises:
        UsageError: There is nothing to say, the text is the name of a file, or it has no quotation marks.
    """
    if subtitles is not None:
        if len(words) > 2:
            raise UsageError("--srt says its own text.", hint="Give --srt FILE [EMOTION] [SPEAKER].")
        return "", list(words)
    if not words or not words[0].strip():
        raise UsageError("There is nothing to say.", hint="Give a TEXT, or --srt FILE.")
    text, rest = words[0], with_degrees(words[1:])
    if text != "-" and os.path.isfile(text):
        from pipeline.transcripts.subtitle_files import SUBTITLE_ENDINGS

        kind = Path(text).suffix.casefold()
        if kind.removeprefix(".") in SUBTITLE_ENDINGS:
            proposal = shlex.join(["speak", "--srt", text, *rest])
        elif kind in (".txt", ".md", "") and not _is_binary(Path(text)):
            proposal = f"{shlex.join(['speak', '-', *rest])} < {shlex.quote(text)}"
        else:
            proposal = shlex.join([text if kind else f"./{text}", *rest])
        raise UsageError(f"{text} is a file, and no text to say.", hint=f"Did you mean: detect.py {proposal}")
    if text != "-":
        require_text(text)
    manners = len(rest)
    while manners and (is_emotion(rest[manners - 1]) or is_voice(rest[manners - 1])):
        manners -= 1
    if len(rest) > 2 and manners:
        quoted = [" ".join([text, *rest[:manners]]), *rest[manners:]]
        raise UsageError(
            "The text has no quotation marks around it.", hint=f"Did you mean: detect.py speak {shlex.join(quoted)}"
        )
    return text, rest


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\0" in file.read(1024)
    except OSError:
        return False


def _standard_input() -> str:
    from pipeline.frontend.encodings import NotText, decoded

    try:
        written = decoded(sys.stdin.buffer.read())
    except NotText as error:
        raise UsageError(f"Standard input cannot be said: {error}.") from error
    for text in written.notes("Standard input"):
        note(text)
    return written.text
