"""A trained model on disk: one ONNX file from sound to probabilities, and a card that says what it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import WeightsMissing

__all__ = ["CARD", "EMOTION_MEANS", "MODEL", "SPEAKER", "STATISTICS", "Card", "read_card"]

CARD: Final = "card.json"
MODEL: Final = "model.onnx"
SCHEMA: Final = 1
"""Version of the layout of the card."""

SPEAKER: Final = "speaker"
"""Input, float32 (1, size), zero by default: subtracted from the statistics."""

STATISTICS: Final = "statistics"
"""Output, float32 (1, size): statistics of the encoder's layers over the clip, before anything is subtracted."""

EMOTION_MEANS: Final = "emotion_means"
"""Output, float32 (labels, size): mean statistics of each emotion over the training speakers, whatever the clip."""


@dataclass(frozen=True)
class Card:
    """All that is known about a checkpoint."""

    name: str
    """Name of the model."""
    labels: tuple[str, ...]
    """Emotions, in the order of the probabilities."""
    features: str
    """Name of the features."""
    settings: dict[str, Any]
    """The training settings."""
    data: dict[str, Any]
    """Corpora, clips, speakers, citation."""
    seed: int
    """Seed of the shipped training, which used all speakers."""
    scores: dict[str, Any]
    """`Scores` on unheard speakers; empty where none were measured."""
    temperature: float
    """The graph divides its logits by it."""
    calibrated: bool
    """Whether the temperature was fitted on unheard speakers."""
    unsure_below: float
    """Confidence under which an answer counts as unsure."""
    licences: dict[str, str]
    """Part to licence, and what follows for the weights."""
    sha256: str
    """Of the ONNX file."""
    created: str
    """ISO 8601 date."""
    schema: int = SCHEMA

    @property
    def speeds(self) -> tuple[float, ...]:
        """Speeds at which the model hears a phrase; the logits are averaged."""
        return tuple(self.settings.get("speeds", ())) or (1.0,)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return asdict(self)


def read_card(folder: Path) -> Card:
    """Read the card of a checkpoint.

    Raises:
        WeightsMissing: There is no checkpoint, or one that this version cannot read.
    """
    path = folder / CARD
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["schema"] > SCHEMA:
            raise ValueError(f"schema {values['schema']} is newer than {SCHEMA}")
        card = Card(**values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsMissing(f"{folder} holds no checkpoint that can be read: {error}.") from error
    return Card(**values | {"labels": tuple(card.labels)})
