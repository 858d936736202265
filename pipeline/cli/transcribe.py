"""`detect.py transcribe AUDIO...`: tell what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, talk, write_json
from pipeline.cli.inputs import each_recording

if TYPE_CHECKING:
    from pipeline.core.values import Segment

__all__ = ["transcribe"]


def transcribe(
    audio: options.AudioInputs,
    asr: options.Asr = None,
    language: options.Language = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Tell what was said, phrase by phrase."""
    settings = options.settings_for(
        config=config, quiet=quiet, verbose=verbose, offline=offline, asr=asr, language=language, device=device,
        threads=threads,
    )  # fmt: skip

    from pipeline.chain import VoicePipeline

    pipeline = VoicePipeline(settings)

    def show(recording: str, segments: tuple[Segment, ...]) -> None:
        if json:
            write_json(
                {
                    "file": recording,
                    "text": " ".join(segment.text for segment in segments),
                    "language": settings.language,
                    "segments": [segment.to_dict() for segment in segments],
                    "engine": pipeline.transcriber.name,
                }
            )
            return
        if not segments:
            talk.print(f"[yellow]note:[/] nothing was heard in {escape(recording)}")
        for segment in segments:
            results.print(f"[dim]{segment.start:8.2f} – {segment.end:.2f}[/]  {escape(segment.text)}")

    each_recording(audio, pipeline.transcribe, show, as_json=json)
