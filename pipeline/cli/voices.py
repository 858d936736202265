"""`detect.py voices`: the voices of an engine."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from pipeline.cli import options
from pipeline.cli.console import print_rows, talk

if TYPE_CHECKING:
    from pipeline.core.settings import Settings
    from pipeline.core.voices import Voice

__all__ = ["voices"]


@options.takes("tts")
def voices(json: options.Json = False, *, settings: Settings) -> None:
    """List the voices of the synthesis engine; most engines tell them without being loaded or even ready."""
    from pipeline.chain import VoicePipeline
    from pipeline.synthesis import SYNTHESISERS

    name = settings.tts
    listed: tuple[Voice, ...] = ()
    if name.casefold() != "auto":
        spec = SYNTHESISERS.find(name)
        name, listed = spec.label, spec.listed_voices()
    if not listed:
        synthesiser = VoicePipeline(settings).synthesiser
        name, listed = synthesiser.name, synthesiser.voices()
    talk.print(f"[dim]synthesis: {name}[/]")
    print_rows(("voice", "sex", "made of"), map(dataclasses.asdict, listed), as_json=json)
