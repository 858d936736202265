"""`detect.py recognize AUDIO...`: tell how something was said, when, and by what in the sound."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.batches import Watched, batch_options, check_reports, work_through
from pipeline.cli.console import bar, clock, note, results, talk, write_json
from pipeline.cli.convert import emotion_table, print_scores
from pipeline.cli.inputs import each_recording, gathered
from pipeline.core.errors import UsageError
from pipeline.core.files import names_a_file, require_writable

if TYPE_CHECKING:
    from pipeline.batch.items import Outcome
    from pipeline.chain import VoicePipeline
    from pipeline.core.explanation import Explanation
    from pipeline.core.results import FusedScores, Recognition
    from pipeline.core.settings import Settings
    from pipeline.core.timeline import Timeline
    from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["recognize"]

_looking = functools.partial(typer.Option, rich_help_panel="Looking closer")
_speaking = functools.partial(typer.Option, rich_help_panel="One speaker")
_reading = functools.partial(typer.Option, rich_help_panel="The words too")


@options.takes(
    "overwrite", "timeline", "each_alone", "model", "text_model", "asr", "track", "channels", "hotwords",
    "max_streamed_seconds", "workers", "time_limit",
)  # fmt: skip
def recognize(
    audio: options.AudioOrManifest = None,
    explain: Annotated[
        bool, _looking("--explain", help="Tell which seconds and which frequencies moved the answer.")
    ] = False,
    plot: Annotated[bool, _looking("--plot", help="Draw a picture of each recording.")] = False,
    output: Annotated[
        Path | None,
        _looking(
            "--output",
            "-o",
            metavar="FILE",
            help="The picture, or a folder for it; a folder for several. Otherwise output/NAME.png.",
        ),
    ] = None,
    with_text: Annotated[bool, _reading("--with-text", help="Tell also what emotion the words are in.")] = False,
    fusion: Annotated[bool, _reading("--fusion", help="Tell what voice and words say together, beside each.")] = False,
    text: Annotated[str, _reading("--text", metavar="TEXT", help="The words, if they are known.")] = "",
    same_speaker: Annotated[
        bool, _speaking("--same-speaker", help="One person speaks in all recordings: learn the voice first.")
    ] = False,
    profile: Annotated[Path | None, _speaking("--profile", metavar="FILE", help="The speaker as saved before.")] = None,
    save_profile: Annotated[
        Path | None, _speaking("--save-profile", metavar="FILE", help="Keep what --same-speaker learned.")
    ] = None,
    manifest: options.Manifest = None,
    watch: options.Watch = False,
    restart: options.Restart = False,
    report: options.Reports = None,
    progress: options.Progress = "",
    json: options.Json = False,
    *,
    settings: Settings,
) -> None:
    """Tell how something was said: the probability of each emotion."""
    if save_profile and not same_speaker:
        raise UsageError("--save-profile has nothing to save.", hint="Add --same-speaker.")
    if output and not plot:
        raise UsageError("--output is the name of a picture.", hint="Add --plot.")
    reports = report or []
    if plot and (settings.workers or settings.time_limit or reports or progress or manifest or watch):
        raise UsageError("Pictures are drawn by this process, one after the other.", hint="Leave --plot out.")
    check_reports(reports, progress, overwrite=settings.overwrite)

    from pipeline.batch.storage import readable
    from pipeline.chain import VoicePipeline

    pipeline = VoicePipeline(settings)
    recordings, rows = gathered(audio, manifest, watch=watch, as_json=json)
    if watch and same_speaker:
        raise UsageError("Nobody knows the recordings that will arrive.", hint="Give --profile, or leave --watch out.")
    words = with_text or fusion or bool(text)
    if text and (watch or len(recordings) > 1):
        raise UsageError("--text is what one recording says.", hint="Leave it out, and each is transcribed.")
    pipeline.check_recognition(words=words, text=text)
    pictures = None
    if plot:
        pictures = _Pictures(output, settings, several=len(recordings) > 1)
    if save_profile:
        require_writable(
            [save_profile], overwrite=settings.overwrite or save_profile == profile, option="--save-profile"
        )
    speaker = _speaker(pipeline, recordings, same_speaker, profile)
    if speaker and save_profile:
        speaker.save(save_profile)
        talk.print(f"[dim]{escape(str(save_profile))}: a profile from {speaker.clips} recordings[/]")

    def look(source: Any) -> tuple[Recognition, Path | None]:
        name = source if isinstance(source, str) else "-"
        source = pipeline.read(readable(source, max_bytes=settings.max_bytes))
        found = pipeline.recognise(source, words=words, text=text, explain=explain, name=name, speaker=speaker)
        return found, pictures.draw(name, pipeline, source, speaker, found.explanation) if pictures else None

    def show(recording: str, looked: tuple[Recognition, Path | None]) -> None:
        found, picture = looked
        if json:
            write_json(found.to_dict() | ({"plot": str(picture)} if picture else {}))
            return
        print_scores(recording, found.scores)
        for text in found.notes:
            note(f"{recording}: {text}" if len(recordings) != 1 and recording not in text else text)
        if found.fused:
            _show_words(found.fused, together=fusion)
        if found.timeline:
            _show_timeline(found.timeline)
        if found.explanation:
            _show_explanation(found.explanation)
        if picture:
            results.print(f"[bold green]{escape(str(picture))}[/]")

    if pictures:
        each_recording(recordings, look, show, as_json=json)
        return

    from pipeline.batch.batch import Batch
    from pipeline.batch.items import Recording
    from pipeline.batch.manifest import with_profiles
    from pipeline.batch.speakers import is_judged_alone
    from pipeline.batch.watching import arriving
    from pipeline.core.results import Recognition

    def show_outcome(outcome: Outcome) -> None:
        if isinstance(outcome.result, Recognition):
            show(outcome.source, (outcome.result, None))

    several = watch or len(recordings) > 1
    asked = {"words": words, "text": text, "explain": explain, "speaker": speaker}
    alone = is_judged_alone(asked | {"timeline": settings.timeline, "each_alone": settings.each_alone})
    # Those that arrive do not wait for others, and a manifest may say whose voice it is.
    known = watch or any(row.speaker for row in rows)
    together = several and not alone and not known and pipeline.knows_speakers
    batch = Batch(
        pipeline,
        "recognise",
        asked | {"speaker_embedding": together},
        # Without a file of its own a result is only printed, and there is nothing to go on from.
        output=reports[0].parent if reports and several else None,
        restart=restart,
        how=batch_options(settings),
        once=watch,
        standard_input=sys.stdin.buffer,
    )
    watched = Watched(None if watch else len(rows or recordings), as_json=progress == "json")
    every: Iterable[Recording | None] = with_profiles(pipeline, rows) if rows else map(Recording, recordings)
    if watch:
        every = (Recording(path) if path else None for path in arriving(audio or ()))
    summary = work_through(
        batch,
        every,
        show_outcome,
        watched,
        as_json=json,
        alone=not several,
        to_keep="To be able to go on, write a report: --report emotions.json.",
        reports=reports,
    )
    if summary.failed:
        talk.print(f"{summary.failed} of {len(summary.rows)} recordings failed.")
        raise typer.Exit(1)


def _speaker(
    pipeline: VoicePipeline, recordings: list[str], same_speaker: bool, profile: Path | None
) -> SpeakerProfile | None:
    """Return what is known of the speaker: what was saved, what the recordings tell, or both."""
    from pipeline.batch.storage import readable
    from pipeline.recognition.speech.speaker import SpeakerProfile

    known = SpeakerProfile.load(profile) if profile else None
    if not same_speaker:
        return known
    if "-" in recordings:
        raise UsageError("Standard input can be read only once.", hint="Give files with --same-speaker.")
    heard = pipeline.profile(readable(each, max_bytes=pipeline.options.max_bytes) for each in recordings)
    return known.joined(heard) if known else heard


class _Pictures:
    """Draws pictures, each into a file of its own."""

    def __init__(self, output: Path | None, settings: Settings, *, several: bool) -> None:
        from pipeline.transcripts.plots import check_plotting

        check_plotting()
        ending = output.suffix.casefold() if output and names_a_file(output) else ""
        if ending not in ("", ".png"):
            raise UsageError(f"{output} cannot be written: pictures are png.", hint="End it in .png.")
        if several and ending == ".png":
            raise UsageError(f"{output} is one file, but there are several recordings.", hint="Give a folder.")
        self._file = output if ending == ".png" else None
        self._folder = output or settings.output
        require_writable([self._file or self._folder / ".png"], overwrite=settings.overwrite)
        self._taken: set[Path] = set()

    def draw(
        self,
        recording: str,
        pipeline: VoicePipeline,
        audio: Any,
        speaker: SpeakerProfile | None,
        explanation: Explanation | None,
    ) -> Path:
        """Draw a recording and return the picture's path."""
        from pipeline.transcripts.plots import draw

        path = self._file or self._free(Path(recording).stem if recording != "-" else "standard-input")
        timeline, speech = pipeline.overview(audio, speaker=speaker)
        draw(path, audio, timeline, speech, explanation, title=Path(recording).name)
        return path

    def _free(self, stem: str) -> Path:
        """Return a name that no other picture has: one that nobody chose replaces nothing."""
        path, number = self._folder / f"{stem}.png", 2
        while path in self._taken or path.exists():
            path, number = self._folder / f"{stem}-{number}.png", number + 1
        self._taken.add(path)
        return path


def _show_words(found: FusedScores, *, together: bool) -> None:
    results.print(f"\n  the words: “{escape(found.transcript)}”")
    if found.text:
        results.print(emotion_table(found.text))
        for text in (*found.text.warnings, *found.text.notes):
            note(text)
    else:
        note("no words were understood that the text model can read")
    if together:
        results.print(f"\n  together ({' and '.join(found.used)}): [bold]{found.scores.top}[/]")
        results.print(emotion_table(found.scores))
    if found.contradiction:
        results.print(f"  [bold yellow]{escape(found.contradiction)}[/]")


def _show_timeline(timeline: Timeline) -> None:
    table = Table.grid(padding=(0, 2))
    for stretch in timeline.stretches():
        probability = stretch.probabilities[stretch.emotion]
        times = f"{clock(stretch.start)} to {clock(stretch.end)}"
        table.add_row("", times, stretch.emotion, f"{probability:4.0%}", f"[cyan]{bar(probability)}[/]")
    results.print(table)


def _show_explanation(explanation: Explanation) -> None:
    parts = {f"{part.start:.1f} to {part.end:.1f} s": part.influence for part in explanation.seconds}
    bands = {f"{band.low:.0f} to {band.high:.0f} Hz": band.influence for band in explanation.frequencies}
    largest = max(map(abs, (*parts.values(), *bands.values())))
    for what, influences in (("seconds", parts), ("frequencies", bands)):
        results.print(f"  what spoke most for {explanation.emotion}, and against it: {what}")
        table = Table.grid(padding=(0, 2))
        for name, influence in sorted(influences.items(), key=lambda pair: -abs(pair[1]))[:5]:
            colour = "cyan" if influence >= 0 else "red"
            shown = bar(abs(influence) / largest) if largest else ""
            table.add_row("", name, f"{100 * influence:+5.1f} points", f"[{colour}]{shown}[/]")
        results.print(table)
