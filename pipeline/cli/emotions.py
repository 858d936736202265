"""`detect.py emotions`: the emotions and the words for them."""

from __future__ import annotations

from rich.table import Table

from pipeline.cli import options
from pipeline.cli.console import results, write_json
from pipeline.core.emotions import EMOTIONS, words_for

__all__ = ["emotions"]


def emotions(json: options.Json = False) -> None:
    """List the emotions and the words that mean them."""
    table = Table("emotion", "also understood")
    for emotion in EMOTIONS:
        others = [word for word in words_for(emotion) if word != emotion]
        if json:
            write_json({"emotion": emotion, "words": others})
        table.add_row(emotion, ", ".join(others))
    if not json:
        results.print(table)
        results.print("auto is the detected emotion. Any other word is a mood, placed among these where it is known.")
