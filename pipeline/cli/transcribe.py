"""`detect.py transcribe AUDIO...`: tell what was said."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from pipeline.cli import options
from pipeline.cli.console import clock, results, talk, write_json
from pipeline.cli.inputs import each_recording, expanded, progress_bar
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.batch.journal import Journal
    from pipeline.chain import VoicePipeline
    from pipeline.core.transcripts import Transcript
    from pipeline.core.values import Segment
    from pipeline.transcription.streaming import HeardPhrase

__all__ = ["transcribe"]

_FILES = "Files"

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="Where the files go, named after the recordings.",
        rich_help_panel=_FILES,
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that are there already.", rich_help_panel=_FILES)
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on where a run was interrupted, and leave out what is done.", rich_help_panel=_FILES
    ),
]
Emotions = Annotated[bool, typer.Option("--emotions", help="Tell how each phrase was said.")]
WithTimeline = Annotated[
    bool, typer.Option("--timeline", help="Tell the emotion second by second, and cut phrases where it changes.")
]
Speakers = Annotated[
    str | None,
    typer.Option("--speakers", metavar="N|auto", help="Tell speakers apart: say how many there are, or auto."),
]
Decoding = Annotated[
    str | None,
    typer.Option(
        "--decoding",
        metavar="NAME",
        help="How paddlespeech finds the text: attention_rescoring, attention, ctc_prefix_beam_search"
        " or ctc_greedy_search.",
        rich_help_panel="Engines",
        show_default=False,
    ),
]


def transcribe(
    audio: options.AudioInputs,
    formats: options.Formats = "",
    output: Output = None,
    overwrite: Overwrite = False,
    resume: Resume = False,
    emotions: Emotions = False,
    timeline: WithTimeline = False,
    speakers: Speakers = None,
    hint: options.Hint = None,
    asr: options.Asr = None,
    decoding: Decoding = None,
    model: options.Model = None,
    language: options.Language = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Tell what was said, phrase by phrase, in recordings of any length."""
    settings = options.settings_for(
        config=config, quiet=quiet, verbose=verbose, offline=offline, output=output, hint=hint, asr=asr,
        decoding=decoding, model=model, language=language, device=device, threads=threads,
    )  # fmt: skip

    from pipeline.chain import VoicePipeline
    from pipeline.transcripts.formats import parse_formats

    wanted = parse_formats(formats) or (("txt",) if output else ())
    count = _count(speakers)
    at_the_end = timeline or count is not None
    if (resume or overwrite) and not wanted:
        raise UsageError("--resume and --overwrite are about files.", hint="Name their formats, such as -f txt,srt.")
    recordings = expanded(audio)
    progress = progress_bar()
    work = _Work(
        VoicePipeline(settings),
        _Files(settings.output, recordings, wanted, overwrite=overwrite, resume=resume) if wanted else None,
        progress,
        emotions=emotions,
        timeline=timeline,
        speakers=count,
        print_at_once=not (json or wanted or at_the_end),
    )
    several = len(recordings) > 1

    def show(recording: str, transcript: Transcript | None) -> None:
        if transcript is None:
            talk.print(f"[dim]{escape(recording)} is done already.[/]")
            return
        for note in transcript.notes:
            named = several and recording not in note
            talk.print(f"[yellow]note:[/] {escape(f'{recording}: {note}' if named else note)}")
        paths = [str(path) for path in work.written]
        if json:
            write_json(transcript.to_dict() | ({"files": paths} if paths else {}))
        elif at_the_end and not wanted:
            _print_segments(transcript.segments)
        for path in paths if not json else ():
            results.print(f"[bold green]{escape(path)}[/]")

    try:
        each_recording(recordings, work, show, as_json=json, progress=progress)
    except KeyboardInterrupt:
        Console(stderr=True, highlight=False, soft_wrap=True).print(escape(work.farewell()))
        raise typer.Exit(130) from None


def _count(speakers: str | None) -> int | None:
    """Return how many speakers to tell apart: 0 finds out how many, None leaves them.

    Raises:
        UsageError: It is no number.
    """
    if speakers is None:
        return None
    if speakers.casefold() == "auto":
        return 0
    if not speakers.isdecimal() or int(speakers) == 0:
        raise UsageError(f"--speakers {speakers} is no number of speakers.", hint="Give a number from 1, or auto.")
    return int(speakers)


class _Work:
    """Transcribes the recordings of a command in order, and knows how far it has come.

    Args:
        pipeline: Keeps the engines loaded.
        files: Where results and journals go; None where they are printed.
        progress: Shows how far each recording is.
        emotions: As `VoicePipeline.transcript`.
        timeline: As `VoicePipeline.transcript`.
        speakers: As `VoicePipeline.transcript`.
        print_at_once: Whether to print each phrase as soon as it is understood.
    """

    def __init__(
        self,
        pipeline: VoicePipeline,
        files: _Files | None,
        progress: Progress,
        *,
        emotions: bool,
        timeline: bool,
        speakers: int | None,
        print_at_once: bool,
    ) -> None:
        self._pipeline = pipeline
        self._files = files
        self._progress = progress
        self._emotions = emotions
        self._timeline = timeline
        self._speakers = speakers
        self._print_at_once = print_at_once
        self._reached = 0.0
        self._journal: Journal | None = None
        self.written: list[Path] = []
        """The files of the last recording."""

    def __call__(self, source: Any) -> Transcript | None:
        """Return what was said in a recording; None where its files are there already."""
        from pipeline.audio import stated_seconds
        from pipeline.transcription.streaming import HeardPhrase

        self.written, self._journal, self._reached = [], None, 0.0
        name = source if isinstance(source, str) else "-"
        if self._files and not self._files.next():
            return None
        total = stated_seconds(name) if name != "-" else 0.0
        task = self._progress.add_task(Path(name).name, total=total or None, seconds=True)
        if self._files:
            self._journal = self._files.journal(name, self._engines())

        def on_phrase(phrase: HeardPhrase) -> None:
            if self._journal and (phrase.heard_from, phrase.heard_to) not in kept:
                self._journal.add(phrase.to_dict())
            self._reached = phrase.heard_to
            self._progress.update(task, completed=phrase.heard_to)
            if self._print_at_once:
                _print_segments(phrase.segments)

        done = [HeardPhrase.from_dict(values) for values in self._journal.done] if self._journal else []
        kept = {(phrase.heard_from, phrase.heard_to) for phrase in done}
        try:
            transcript = self._pipeline.transcript(
                source,
                name=name,
                emotions=self._emotions,
                timeline=self._timeline,
                speakers=self._speakers,
                done=done,
                on_phrase=on_phrase,
            )
            if self._files:
                self.written = self._files.write(transcript)
            if self._journal:
                self._journal.finish()
        finally:
            self._progress.remove_task(task)
            if self._journal:
                self._journal.close()
        return transcript

    def farewell(self) -> str:
        """Return what to say after Ctrl-C: what is kept, and how to go on."""
        where = f"Interrupted at {clock(self._reached)}."
        if self._journal:
            return f"{where} What was heard is kept in {self._journal.path}: run the same command with --resume."
        if self._files:
            return f"{where} Run the same command with --resume."
        return f"{where} To be able to go on, write files: -f txt."

    def _engines(self) -> dict[str, Any]:
        """Return what the phrases of a journal depend on besides the recording."""
        settings = self._pipeline.settings
        return {
            "engine": self._pipeline.transcriber.name,
            "language": settings.language,
            "hint": settings.hint,
            "decoding": settings.decoding,
            "model": self._pipeline.recogniser.name if self._emotions else "",
        }


class _Files:
    """The files of the recordings of a command, in order.

    Args:
        folder: Where they go.
        recordings: All recordings.
        formats: Endings of the files of each.
        overwrite: Whether files that are there may be replaced.
        resume: Whether recordings whose files are there are done.

    Raises:
        UsageError: A file is there already, and nothing says what to do with it.
    """

    def __init__(
        self, folder: Path, recordings: Sequence[str], formats: Sequence[str], *, overwrite: bool, resume: bool
    ) -> None:
        from pipeline.transcripts.formats import free_stems

        self._folder = folder
        self._formats = formats
        self._overwrite = overwrite
        self._resume = resume
        stems = free_stems(recordings)
        taken = [path for stem in stems for path in self._paths(stem) if path.exists()]
        if taken and not (overwrite or resume):
            raise UsageError(
                f"{taken[0]} exists already.",
                hint="Give another --output, --overwrite to replace it, or --resume to leave it as it is.",
            )
        self._stems: Iterator[str] = iter(stems)
        self._stem = ""

    def next(self) -> bool:
        """Go to the next recording; tell whether there is anything to do for it."""
        self._stem = next(self._stems)
        done = all(path.exists() for path in self._paths(self._stem))
        return self._overwrite or not done

    def journal(self, recording: str, engines: dict[str, Any]) -> Journal:
        """Open the journal of the recording, beside its files."""
        from pipeline.batch.journal import Journal, fingerprint

        path = self._folder / f"{self._stem}.journal.jsonl"
        work = {"recording": fingerprint(recording) if recording != "-" else "-"} | engines
        return Journal(path, work, resume=self._resume, overwrite=self._overwrite)

    def write(self, transcript: Transcript) -> list[Path]:
        """Write the files of the recording and return their paths."""
        from pipeline.transcripts.formats import write_transcript

        overwrite = self._overwrite or self._resume
        return write_transcript(transcript, self._folder, self._stem, self._formats, overwrite=overwrite)

    def _paths(self, stem: str) -> list[Path]:
        return [self._folder / f"{stem}.{name}" for name in self._formats]


def _print_segments(segments: Sequence[Segment]) -> None:
    for segment in segments:
        who = f"[bold]{escape(segment.speaker)}[/] " if segment.speaker else ""
        how = f"[cyan]{segment.emotion.top} {segment.emotion.confidence:.0%}[/] " if segment.emotion else ""
        results.print(f"[dim]{segment.start:8.2f} – {segment.end:.2f}[/]  {who}{how}{escape(segment.text)}")
    sys.stdout.flush()
