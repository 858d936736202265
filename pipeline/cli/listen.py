"""`detect.py listen`: what is said now, and how, in the terminal."""

from __future__ import annotations

import contextlib
import functools
import math
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from pipeline.cli import options
from pipeline.cli.console import bar, clock, note, print_rows, results, talk, write_json
from pipeline.core.errors import UsageError
from pipeline.core.files import names_a_file, require_writable

if TYPE_CHECKING:
    from pipeline.chain import VoicePipeline
    from pipeline.core.settings import Settings
    from pipeline.core.values import Samples, Segment
    from pipeline.transcription.live import LiveSegment

__all__ = ["listen"]

_sound = functools.partial(typer.Option, rich_help_panel="Sound")

_QUIETEST: Final = -60.0
"""Level in dBFS at which the meter shows nothing; set by hand, about that of a quiet room."""

_METER: Final = 16
"""Characters of the meter."""

_WORDS: Final = 200
"""Characters of the words so far that are shown: more than a line has."""

_REFRESHED: Final = 10
"""Pictures of the display per second."""


@options.takes(
    "output", "overwrite", "hotwords", "emotion_from", "track", "channels", "asr", "decoding", "model", "text_model",
    "max_streamed_seconds",
    output="Where the files go: a folder, or one file such as talk.srt.",
)  # fmt: skip
def listen(
    chosen: Annotated[
        str,
        _sound("--microphone", metavar="N|NAME", help="Which microphone; the system's by default.", show_default=False),
    ] = "",
    devices: Annotated[bool, _sound("--devices", help="List microphones, and end.")] = False,
    file: Annotated[
        str, _sound("--file", metavar="AUDIO", help="Play a recording as if it were spoken now.", show_default=False)
    ] = "",
    fast: Annotated[bool, _sound("--fast", help="With --file: as fast as it can be heard.")] = False,
    formats: options.Formats = "",
    json: options.Json = False,
    *,
    settings: Settings,
    origins: dict[str, str],
) -> None:
    """Listen to the microphone: show level, words and emotions while somebody speaks, until Ctrl-C."""
    from pipeline.audio import SAMPLE_RATE, microphone

    if devices:
        rows = (
            {"number": str(each.number), "name": each.name, "rate": f"{each.rate:g}", "default": "●" * each.is_default}
            for each in microphone.devices()
        )
        print_rows(("number", "name", "samples per second", "default"), rows, as_json=json)
        return
    if fast and not file:
        raise UsageError("--fast is about a recording.", hint="Add --file recording.wav.")
    if file and chosen:
        raise UsageError("There are two sources: a recording and a microphone.", hint="Leave one of the two out.")
    if settings.channels == "split":
        raise UsageError("What is heard now is one sound.", hint="Take one channel with --channels 1.")
    files = _Files(settings, formats, is_asked=origins["output"] == "flag", recording=file)

    from pipeline.chain import VoicePipeline
    from pipeline.chain.live_sound import gathered, played

    pipeline = VoicePipeline(settings)
    pipeline.check_transcription(emotions=True)
    notes: list[str] = []
    blocks: Iterable[Samples]
    if file:
        from pipeline.audio import require_recording

        require_recording(file)
        name, blocks = file, played(file, pipeline.options, fast=fast, notes=notes)
    else:
        device = microphone.require_device(chosen)
        name, blocks = device.name, microphone.hear(device)
    shown = _Shown(name, as_json=json)
    live = pipeline.live(emotions=True, on_problem=lambda error: note(str(error)))
    seconds = 0.0

    def take(found: Iterable[LiveSegment]) -> None:
        """Show what is new, and keep what is finished."""
        for each in found:
            shown.tell(each)
            if each.final and each.segment.text:
                files.segments.append(each.segment)
                files.write(name, seconds, pipeline)

    with _until_interrupted() as stop, shown:
        sound = blocks if fast else gathered(blocks, stop, shown.hear)
        for samples in sound:
            seconds += len(samples) / SAMPLE_RATE
            take(live.feed(samples))
            if stop.is_set() and fast:
                break
        take(live.close())
    for text in notes:
        note(text)
    if not files.segments:
        note("No words were heard.")
    files.write(name, seconds, pipeline)
    for path in files.paths:
        results.print(f"[bold green]{escape(str(path))}[/]")


class _Files:
    """The files of what is heard: written anew after each segment, so that nothing is lost.

    Args:
        settings: Where they go.
        formats: As they were asked for.
        is_asked: Whether somebody said where they go.
        recording: The recording that is played, whose name they get; empty for a microphone.

    Raises:
        UsageError: A file is there already, or the formats contradict the name.
        UnknownName: There is no such format.
    """

    def __init__(self, settings: Settings, formats: str, *, is_asked: bool, recording: str) -> None:
        from pipeline.transcripts.formats import parse_formats

        self.segments: list[Segment] = []
        self._language = settings.language
        self._folder = settings.output
        self._stem = Path(recording).stem if recording else time.strftime("heard-%Y-%m-%d-%H%M%S")
        wanted = formats
        if is_asked and names_a_file(settings.output):
            self._folder, self._stem = settings.output.parent, settings.output.stem
            wanted = ",".join(filter(None, (settings.output.suffix, formats)))
        elif is_asked and not formats:
            wanted = "json,srt,vtt"
        self._formats = parse_formats(wanted)
        self.paths = [self._folder / f"{self._stem}.{name}" for name in self._formats]
        require_writable(self.paths, overwrite=settings.overwrite)

    def write(self, source: str, seconds: float, pipeline: VoicePipeline) -> None:
        """Write all that was heard so far.

        Args:
            source: The microphone or the recording.
            seconds: How long it was heard.
            pipeline: Its engines hear.

        Raises:
            OutputError: A file cannot be written.
        """
        if not self._formats:
            return
        from pipeline.core.results import Transcript
        from pipeline.core.transcripts import language_of
        from pipeline.transcripts.formats import write_transcript

        segments = tuple(self.segments)
        language = language_of(segments, self._language)
        transcript = Transcript(source, seconds, language, pipeline.transcriber.name, segments)
        write_transcript(transcript, self._folder, self._stem, self._formats, overwrite=True)


class _Shown:
    """What is shown: finished segments, and on a terminal the level and the words so far below them.

    Args:
        name: Of the microphone or the recording.
        as_json: Whether segments are printed as JSON.
    """

    def __init__(self, name: str, *, as_json: bool) -> None:
        self._name = name
        self._as_json = as_json
        self._level = _QUIETEST
        self._words = ""
        self._began = time.monotonic()
        self._display = Live(
            get_renderable=self._picture,
            console=talk,
            transient=True,
            refresh_per_second=_REFRESHED,
            redirect_stdout=sys.stdout.isatty(),
        )

    def __enter__(self) -> _Shown:
        talk.print(f"[dim]Listening to {escape(self._name)}. Ctrl-C ends it.[/]")
        if talk.is_terminal and not talk.quiet:
            self._display.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._display.stop()

    def hear(self, samples: Samples) -> None:
        """Show how loud sound is."""
        power = float((samples**2).mean()) if len(samples) else 0.0
        self._level = max(_QUIETEST, 10 * math.log10(power) if power else _QUIETEST)

    def tell(self, found: LiveSegment) -> None:
        """Show what is known of a segment."""
        self._words = "" if found.final else found.segment.text
        if not found.final or not found.segment.text:
            return
        segment = found.segment
        if self._as_json:
            write_json(found.to_dict())
            return
        emotion = segment.emotion
        how = ""
        if emotion:
            how = f"[cyan]{emotion.top} {emotion.confidence:.0%}[/]{' (unsure)' if emotion.unsure else ''} "
        results.print(f"[dim]{segment.start:8.2f} – {segment.end:.2f}[/]  {how}{escape(segment.text)}")
        sys.stdout.flush()

    def _picture(self) -> Text:
        level = bar(1 - self._level / _QUIETEST, _METER)
        spent = clock(time.monotonic() - self._began)
        return Text(
            f"{spent} {level:{_METER}} {self._words[-_WORDS:] or 'listening'}", overflow="ellipsis", no_wrap=True
        )


@contextlib.contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """Provide what the first Ctrl-C sets, so that what was said is heard to the end; the second one ends at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        if stop.is_set() and callable(before):
            before(number, frame)
        stop.set()

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
