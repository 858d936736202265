"""`detect.py licenses`: whose work is used, and under which terms."""

from __future__ import annotations

from rich.table import Table

from pipeline.cli import options
from pipeline.cli.console import results, write_json

__all__ = ["licenses"]


def licenses(json: options.Json = False) -> None:
    """List the licences of the engines and their weights."""
    from pipeline.recognition import RECOGNISERS
    from pipeline.recognition.judges import JUDGES
    from pipeline.recognition.text import READER
    from pipeline.synthesis import SYNTHESISERS
    from pipeline.transcription import TRANSCRIBERS
    from pipeline.transcription.speakers import DIARISERS

    table = Table("stage", "engine", "licence", "weights")
    registries = (RECOGNISERS, TRANSCRIBERS, SYNTHESISERS, DIARISERS, JUDGES)
    stages = [(registry.stage, registry.specs) for registry in registries]
    for stage, specs in [*stages, ("reading", (READER,))]:
        for spec in specs:
            if json:
                write_json({"stage": stage, "engine": spec.name, "licence": spec.licence, "weights": spec.weights})
            table.add_row(stage, spec.name, spec.licence, spec.weights)
    if not json:
        results.print(table)
        results.print("Resay itself: MIT.")
