"""`detect.py verify AUDIO...`: listen to synthetic speech again."""

from __future__ import annotations

import json as json_module
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, write_json
from pipeline.cli.inputs import each_recording
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.chain.verification import Verification
    from pipeline.core.values import Segment

__all__ = ["print_verification", "verify"]


def verify(
    audio: options.AudioInputs,
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="What should be said; that of the JSON beside it by default.")
    ] = "",
    emotion: Annotated[
        str, typer.Option("--emotion", metavar="EMOTION", help="The emotion that should be heard; as --text.")
    ] = "",
    asr: options.Asr = None,
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
    """Tell whether the words and the emotion are in synthetic speech, and whether its sound is as it should be."""
    settings = options.settings_for(
        config=config, quiet=quiet, verbose=verbose, offline=offline, asr=asr, model=model, language=language,
        device=device, threads=threads,
    )  # fmt: skip

    from pipeline.chain import VoicePipeline

    pipeline = VoicePipeline(settings)
    failed = False

    def work(source: Any) -> Verification:
        known = _known(Path(source)) if isinstance(source, str) else _Known()
        return pipeline.verify(
            source,
            text=text or known.text,
            emotion=emotion or known.emotion,
            parts=() if emotion else known.parts,
            voice="" if text else known.voice,
            engine=known.engine,
        )

    def show(recording: str, found: Verification) -> None:
        nonlocal failed
        failed = failed or not found.passed
        if json:
            write_json({"file": recording} | found.to_dict())
        else:
            results.print(f"[bold]{escape(recording)}[/]")
            print_verification(found.to_dict())

    each_recording(audio, work, show, as_json=json)
    if failed:
        raise typer.Exit(1)


def print_verification(values: dict[str, Any]) -> None:
    """Print what was found, and what of it is not as it should be."""
    judged = f"judged by {values['judge']}"
    if values["probability_of_asked"] is not None:
        agrees = "agrees" if values["agrees"] else f"{values['emotion_heard'] or 'nothing'} is heard most"
        results.print(f"  {escape(values['emotion'])} at {values['probability_of_asked']:.0%}, {agrees} ({judged})")
    else:
        results.print(f"  {escape(values['emotion_heard'] or 'no emotion')} ({judged})")
    wrong = values["word_error_rate"]
    words = "" if wrong is None else f"{wrong:.1%} of the words wrong: "
    results.print(f"  {words}“{escape(values['text_heard'])}”")
    level = values["loudness_lufs"]
    results.print(
        f"  {'silent' if level is None else f'{level:.1f} LUFS'}, {values['speech_rate']:.1f} words per second,"
        f" {values['silence_share']:.0%} silence"
    )
    for problem in values["problems"]:
        results.print(f"  [red]problem:[/] {escape(problem)}")


@dataclass(frozen=True)
class _Known:
    """What a result says of itself."""

    text: str = ""
    emotion: str = ""
    parts: tuple[Segment, ...] = ()
    voice: str = ""
    engine: str = ""


def _one(voices: str) -> str:
    """Return the voice that spoke; empty where several did."""
    return "" if "," in voices else voices


def _known(path: Path) -> _Known:
    """Return what should be in a result: from the JSON beside it, else from what the file says of itself.

    Raises:
        UsageError: The JSON cannot be read.
    """
    from pipeline.audio import read_information
    from pipeline.core.errors import UnreadableAudio
    from pipeline.core.values import Segment

    beside = path.with_suffix(".json")
    if beside.is_file() and beside != path:
        try:
            values = json_module.loads(beside.read_text(encoding="utf-8"))
            parts = tuple(map(Segment.from_dict, values.get("output_segments", ())))
            return _Known(
                text=values["text"],
                emotion=values.get("emotion_spoken") or values.get("emotion", ""),
                parts=parts,
                voice=_one(values.get("voice", "")),
                engine=values.get("engine") or values.get("engines", {}).get("synthesis", ""),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{beside} does not say what should be in {path}.", hint="Give --text and --emotion."
            ) from error
    try:
        information = read_information(path)
    except UnreadableAudio:
        return _Known()
    return _Known(information.title, information.emotion) if information else _Known()
