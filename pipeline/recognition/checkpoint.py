"""A trained model on disk: an ONNX graph, a tokenizer where it reads text, and a card that says what it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pipeline.core.errors import WeightsMissing

__all__ = ["CARD", "EMOTION_MEANS", "MODEL", "SPEAKER", "STATISTICS", "Card", "Modality", "modality_of", "read_card"]

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

Modality = Literal["speech", "text"]

_OWN: Final[dict[Modality, tuple[str, ...]]] = {
    "speech": ("features",),
    "text": ("languages", "thresholds", "fusion", "spoken", "modality"),
}
"""Fields that only the cards of one modality have on disk."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """All that is known about a checkpoint."""

    name: str
    """Name of the model."""
    labels: tuple[str, ...]
    """Emotions, in the order of the answers."""
    features: str = ""
    """Of speech: name of the features."""
    languages: tuple[str, ...] = ()
    """Of text: ISO 639-1 codes; empty where any language goes."""
    settings: dict[str, Any]
    """The training settings."""
    data: dict[str, Any]
    """Corpora, number of clips or texts, citation."""
    seed: int
    """Seed of the shipped training."""
    scores: dict[str, Any]
    """`Scores` on what was not trained on; empty where none were measured."""
    temperature: float
    """What logits are divided by before the softmax."""
    thresholds: dict[str, float] = field(default_factory=dict)
    """Of text: emotion to the probability from which on it is among several, each in [0, 1]."""
    calibrated: bool
    """Whether temperature and thresholds were fitted on what was not trained on."""
    unsure_below: float
    """Confidence under which an answer counts as unsure."""
    licences: dict[str, str]
    """Part to licence, and what follows for the weights."""
    sha256: str = ""
    """Of the ONNX file."""
    created: str
    """ISO 8601 date."""
    fusion: dict[str, float] | None = None
    """Of text: how it goes together with speech, as `pipeline.recognition.fusion` fitted it."""
    spoken: dict[str, float] | None = None
    """Of text: `temperature` and `unsure_below` of the head for spoken texts, where the model has one."""
    modality: Modality = "speech"
    schema: int = SCHEMA

    @property
    def speeds(self) -> tuple[float, ...]:
        """Speeds at which a model of speech hears a phrase; the logits are averaged."""
        return tuple(self.settings.get("speeds", ())) or (1.0,)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the card's modality, ready for JSON."""
        foreign = {name for modality, names in _OWN.items() if modality != self.modality for name in names}
        return {name: value for name, value in asdict(self).items() if name not in foreign}


def read_card(folder: Path, modality: Modality = "speech") -> Card:
    """Read the card of a checkpoint.

    Args:
        folder: Folder of the checkpoint.
        modality: What the model must hear or read.

    Raises:
        WeightsMissing: There is no checkpoint, one of another modality, or one that this version cannot read.
    """
    try:
        values = _read(folder)
        if values.get("modality", "speech") != modality:
            raise ValueError(f"it is not of a {modality} model")
        if values["schema"] > SCHEMA:
            raise ValueError(f"schema {values['schema']} is newer than {SCHEMA}")
        return Card(**values | {name: tuple(values[name]) for name in ("labels", "languages") if name in values})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsMissing(
            f"{folder} holds no checkpoint of {modality} that can be read: {error}.",
            hint="Give the folder of one, as detect.py train writes it.",
        ) from error


def modality_of(folder: Path) -> str:
    """Return what a folder holds a checkpoint of, readable or not; empty where there is none."""
    try:
        return str(_read(folder).get("modality", "speech"))
    except (OSError, ValueError):
        return ""


def _read(folder: Path) -> dict[str, Any]:
    values = json.loads((folder / CARD).read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError(f"{CARD} holds no names and values")
    return values
