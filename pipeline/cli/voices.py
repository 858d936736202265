"""`detect.py voices`: the voices of an engine."""

from __future__ import annotations

import dataclasses

from rich.table import Table

from pipeline.cli import options
from pipeline.cli.console import results, talk, write_json

__all__ = ["voices"]


def voices(
    tts: options.Tts = None,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """List the voices of the synthesis engine."""
    settings = options.settings_for(config=config, quiet=quiet, verbose=verbose, tts=tts)

    from pipeline.chain import VoicePipeline

    synthesiser = VoicePipeline(settings).synthesiser
    talk.print(f"[dim]synthesis: {synthesiser.name}[/]")
    table = Table("voice", "sex", "made of")
    for voice in synthesiser.voices():
        if json:
            write_json(dataclasses.asdict(voice))
        table.add_row(voice.name, voice.sex, voice.description)
    if not json:
        results.print(table)
