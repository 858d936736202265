"""Writing a checkpoint: its graph, what stands beside it, a card for machines and a card for people."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pipeline.recognition.checkpoint import CARD, MODEL, Card
from pipeline.training.markdown import confusion_rows, table
from pipeline.training.runs import write_files, write_json
from pipeline.training.scores import by_emotion, measures

if TYPE_CHECKING:
    import onnx

__all__ = [
    "ENCODER_LICENCE",
    "MODEL_CARD",
    "WHISPER_LICENCE",
    "licence_lines",
    "model_card",
    "score_lines",
    "today",
    "write_card",
    "write_checkpoint",
]

ENCODER_LICENCE: Final = "Moonshine tiny, Copyright Useful Sensors and Moonshine AI, MIT"
"""Whose work the speech encoder is, and its licence."""

WHISPER_LICENCE: Final = "Whisper tiny.en, Copyright OpenAI, MIT"
"""Whose work the second encoder of emotion recognition is, and its licence."""

MODEL_CARD: Final = "MODEL_CARD.md"
"""File of a checkpoint's folder that people read."""


def model_card(template: str, **gaps: Any) -> str:
    """Return a card for people, in Markdown.

    Args:
        template: Name of a file in `cards`, without suffix.
        gaps: What its gaps are filled with, as by `str.format`; lines are joined.
    """
    text = Path(__file__).with_name("cards").joinpath(f"{template}.md").read_text(encoding="utf-8")
    return text.format(**{name: "\n".join(gap) if isinstance(gap, list) else gap for name, gap in gaps.items()})


def today() -> str:
    """Return the date of a card, ISO 8601, UTC."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def write_checkpoint(
    folder: Path,
    model: onnx.ModelProto,
    card: Card,
    described: Callable[[Card, int], str],
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Card:
    """Write a checkpoint; return the card with the graph's digest.

    Args:
        folder: Where it goes.
        model: The graph.
        card: What is known of it.
        described: Returns the card for people, in Markdown, from the card and the bytes of the graph.
        beside: Other files, by name.

    Raises:
        OutputError: The folder cannot be written.
    """
    content = model.SerializeToString()
    card = replace(card, sha256=hashlib.sha256(content).hexdigest())
    write_files(folder, {MODEL: content, **beside})
    write_card(folder, card, described)
    return card


def write_card(folder: Path, card: Card, described: Callable[[Card, int], str]) -> None:
    """Write both cards beside a graph.

    Raises:
        OutputError: The folder cannot be written.
    """
    size = (folder / MODEL).stat().st_size
    write_json(folder / CARD, card.to_dict())
    write_files(folder, {MODEL_CARD: described(card, size).encode()})


def score_lines(scores: dict[str, Any], labels: Sequence[str]) -> list[str]:
    """Return the Markdown of scores: measures, emotion by emotion, and the table of answers."""
    return [
        *table(("measure", "value"), measures(scores)),
        "",
        *table(*by_emotion(scores)),
        "",
        "Rows are the true emotions, columns the answers (first seed):",
        "",
        *table(*confusion_rows(labels, scores["confusion"])),
        "",
    ]


def licence_lines(card: Card) -> list[str]:
    """Return the Markdown of a card's licences."""
    return ["## Licences", *(f"* {part}: {licence}" for part, licence in card.licences.items())]
