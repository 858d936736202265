"""`detect.py verify AUDIO...`: listen to synthetic speech again."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, write_json
from pipeline.cli.inputs import each_recording, expanded

if TYPE_CHECKING:
    from pipeline.core.results import Verification
    from pipeline.core.settings import Settings

__all__ = ["print_verification", "verify"]


@options.takes(
    "asr", "tts", "judge", "naturalness", "model", "most_words_wrong", "least_probability", "least_naturalness"
)
def verify(
    audio: options.AudioInputs,
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="What should be said; that of the JSON beside it by default.")
    ] = "",
    emotion: Annotated[
        str, typer.Option("--emotion", metavar="EMOTION", help="The emotion that should be heard; as --text.")
    ] = "",
    json: options.Json = False,
    *,
    settings: Settings,
) -> None:
    """Tell whether the words and the emotion are in synthetic speech, and whether its sound is as it should be."""
    from pipeline.chain import VoicePipeline
    from pipeline.chain.verification import claim_of
    from pipeline.core.emotions import parse_mood
    from pipeline.core.results import Claim

    pipeline = VoicePipeline(settings)
    recordings = expanded(audio, results="wanted", as_json=json)
    if emotion:
        # A claim that nobody could make is a mistyped one.
        pipeline.engines.check_voice(parse_mood(emotion), settings.voice, language=pipeline.options.spoken_language)
    failed = False

    def work(source: Any) -> Verification:
        claim = claim_of(Path(source)) if isinstance(source, str) else Claim()
        if text:
            claim = dataclasses.replace(claim, text=text, voice="")
        if emotion:
            claim = dataclasses.replace(claim, emotion=emotion, segments=())
        return pipeline.verify(source, claim)

    def show(recording: str, found: Verification) -> None:
        nonlocal failed
        failed = failed or not found.passed
        if json:
            write_json({"file": recording} | found.to_dict())
        else:
            results.print(f"[bold]{escape(recording)}[/]")
            print_verification(found)

    each_recording(recordings, work, show, as_json=json)
    if failed:
        raise typer.Exit(1)


def print_verification(found: Verification) -> None:
    """Print what was found, and what of it is not as it should be."""
    judged = f"judged by {found.judge}"
    if found.probability_of_asked is not None:
        asked = " or ".join(found.counted_as_asked) or found.emotion
        agrees = "as asked for" if found.agrees else f"{found.emotion_heard or 'nothing'} is heard most"
        if found.agrees and found.counted_as_asked:
            agrees += f": the judge hears no difference between {' and '.join(found.counted_as_asked)}"
        heard = f"{asked} at {found.probability_of_asked:.0%}, {agrees} ({judged})"
        if found.emotion == "neutral" and not found.agrees:
            # The judge learned what sets emotions apart from the neutral speech of actors, not what is plain.
            heard = f"plain speech, of which the judge tells little: {heard}"
        results.print(f"  {escape(heard)}")
    else:
        results.print(f"  {escape(found.emotion_heard or 'no emotion')} ({judged})")
    words = "" if found.word_error_rate is None else f"{found.word_error_rate:.1%} of the words wrong: "
    results.print(f"  {words}“{escape(found.text_heard)}”")
    results.print(f"  {escape(_naturalness(found))}")
    level = f"{found.loudness_lufs:.1f} LUFS" if math.isfinite(found.loudness_lufs) else "silent"
    results.print(f"  {level}, {found.speech_rate:.1f} words per second, {found.silence_share:.0%} silence")
    for problem in found.problems:
        results.print(f"  [red]problem:[/] {escape(problem)}")


def _naturalness(found: Verification) -> str:
    """Return what is known of the naturalness, and from whom."""
    if not found.naturalness_judge:
        return "naturalness not judged: pip install '.[naturalness]' brings a judge"
    heard = "not judged, for nothing is heard" if found.naturalness is None else f"{found.naturalness:.1f} of 5"
    return f"naturalness {heard} (judged by {found.naturalness_judge})"
