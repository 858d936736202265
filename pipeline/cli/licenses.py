"""`detect.py licenses`: whose work is used, and under which terms."""

from __future__ import annotations

from typing import Final

from pipeline.cli import options
from pipeline.cli.console import print_rows, results

__all__ = ["licenses"]

_ACTIVITY: Final = ("activity", "silero", "MIT (Silero Team)", "checkpoints/activity, part of this project")
"""What tells all engines where somebody speaks."""


def licenses(json: options.Json = False) -> None:
    """List the licences of the engines and their weights."""
    from pipeline.chain.engines import STAGES

    specs = [(stage.registry.stage, spec) for stage in STAGES for spec in stage.registry.specs]
    rows = [*((stage, spec.name, spec.licence, spec.weights) for stage, spec in specs), _ACTIVITY]
    headings = ("stage", "engine", "licence", "weights")
    print_rows(headings, (dict(zip(headings, row, strict=True)) for row in rows), as_json=json)
    if not json:
        results.print("Resay itself: MIT.")
