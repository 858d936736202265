"""`detect.py recognize AUDIO...`: tell how something was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, talk, write_json
from pipeline.cli.convert import emotion_table
from pipeline.cli.inputs import each_recording

if TYPE_CHECKING:
    from pipeline.core.values import EmotionScores

__all__ = ["recognize"]


def recognize(
    audio: options.AudioInputs,
    model: options.Model = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Tell how something was said: the probability of each emotion."""
    settings = options.settings_for(
        config=config, quiet=quiet, verbose=verbose, offline=offline, model=model, device=device, threads=threads
    )

    from pipeline.chain import VoicePipeline

    pipeline = VoicePipeline(settings)

    def show(recording: str, scores: EmotionScores) -> None:
        if json:
            write_json({"file": recording} | scores.to_dict())
            return
        results.print(f"[bold]{escape(recording)}[/]  {scores.top} {scores.confidence:.0%}")
        results.print(emotion_table(scores))
        for warning in scores.warnings:
            talk.print(f"[yellow]note:[/] {escape(warning)}")

    each_recording(audio, pipeline.recognise, show, as_json=json)
