"""`detect.py emotions`: the emotions and the words for them."""

from __future__ import annotations

from pipeline.cli import options
from pipeline.cli.console import print_rows, results
from pipeline.core.emotions import EMOTIONS, words_for

__all__ = ["emotions"]


def emotions(json: options.Json = False) -> None:
    """List the emotions and the words that mean them."""
    others = {emotion: [word for word in words_for(emotion) if word != emotion] for emotion in EMOTIONS}
    rows = ({"emotion": emotion, "words": words} for emotion, words in others.items())
    print_rows(("emotion", "also understood"), rows, as_json=json)
    if not json:
        results.print("auto is the detected emotion. Any other word is a mood, placed among these if it is known.")
