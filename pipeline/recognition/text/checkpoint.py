"""A trained text model on disk: a tokenizer, an ONNX graph, and a card that says what it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import WeightsMissing

__all__ = ["CARD", "MODALITY", "MODEL", "TextCard", "is_text_checkpoint", "read_text_card"]

CARD: Final = "card.json"
MODEL: Final = "model.onnx"
MODALITY: Final = "text"
SCHEMA: Final = 1
"""Version of the layout of the card."""


@dataclass(frozen=True)
class TextCard:
    """All that is known about a checkpoint."""

    name: str
    """Name of the model."""
    labels: tuple[str, ...]
    """Emotions, in the order of the answers."""
    languages: tuple[str, ...]
    """ISO 639-1 codes; empty where any language goes."""
    settings: dict[str, Any]
    """The training settings."""
    data: dict[str, Any]
    """Corpora, number of texts, citation."""
    seed: int
    """Seed of the shipped training."""
    scores: dict[str, Any]
    """`TextScores` on texts that were not trained on; empty where none were measured."""
    temperature: float
    """What logits are divided by before the softmax."""
    thresholds: dict[str, float]
    """Emotion to the probability from which on it is among several, each in [0, 1]."""
    calibrated: bool
    """Whether temperature and thresholds were fitted on texts that were not trained on."""
    unsure_below: float
    """Confidence under which an answer counts as unsure."""
    licences: dict[str, str]
    """Part to licence, and what follows for the weights."""
    sha256: str
    """Of the ONNX file."""
    created: str
    """ISO 8601 date."""
    fusion: dict[str, float] | None = None
    """How it goes together with speech, as `pipeline.recognition.fusion` fitted it."""
    spoken: dict[str, float] | None = None
    """`temperature` and `unsure_below` of the head for spoken texts, where the model has one."""
    modality: str = MODALITY
    schema: int = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return asdict(self)


def read_text_card(folder: Path) -> TextCard:
    """Read the card of a checkpoint.

    Raises:
        WeightsMissing: There is no checkpoint of text, or one that this version cannot read.
    """
    path = folder / CARD
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.get("modality") != MODALITY:
            raise ValueError("it is not of a text model")
        if values["schema"] > SCHEMA:
            raise ValueError(f"schema {values['schema']} is newer than {SCHEMA}")
        card = TextCard(**values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsMissing(
            f"{folder} holds no checkpoint of text that can be read: {error}.",
            hint="Give the folder of one, as detect.py train writes it.",
        ) from error
    return replace(card, labels=tuple(card.labels), languages=tuple(card.languages))


def is_text_checkpoint(folder: Path) -> bool:
    """Return whether a folder holds a checkpoint of text, readable or not."""
    try:
        values = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(values, dict) and values.get("modality") == MODALITY
