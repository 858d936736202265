"""`detect.py licenses`: whose work is used, and under which terms."""

from __future__ import annotations

from rich.table import Table

from pipeline.cli import options
from pipeline.cli.console import results, write_json

__all__ = ["licenses"]


def licenses(json: options.Json = False) -> None:
    """List the licences of the engines and their weights."""
    from pipeline.recognition import RECOGNISERS
    from pipeline.synthesis import SYNTHESISERS
    from pipeline.transcription import TRANSCRIBERS

    table = Table("stage", "engine", "licence", "weights")
    for registry in (RECOGNISERS, TRANSCRIBERS, SYNTHESISERS):
        for spec in registry.specs:
            if json:
                write_json(
                    {"stage": registry.stage, "engine": spec.name, "licence": spec.licence, "weights": spec.weights}
                )
            table.add_row(registry.stage, spec.name, spec.licence, spec.weights)
    if not json:
        results.print(table)
        results.print("Resay itself: MIT.")
