"""Checkpoints: a trained model on disk is an ONNX graph, a card that describes it, and for text a tokenizer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pipeline.core.errors import WeightsMissing
from pipeline.core.messages import reason

__all__ = ["CARD", "EMOTION_MEANS", "MODEL", "SPEAKER", "STATISTICS", "Card", "Modality", "modality_of", "read_card"]

CARD: Final = "card.json"
MODEL: Final = "model.onnx"
SCHEMA: Final = 1
"""Version of the format of the card."""

SPEAKER: Final = "speaker"
"""Input, float32 (1, size), zero by default: the speaker's offset, which is subtracted from the statistics."""

STATISTICS: Final = "statistics"
"""Output, float32 (1, size): statistics of the encoder's layers over the clip, before anything is subtracted."""

EMOTION_MEANS: Final = "emotion_means"
"""Output, float32 (labels, size): mean statistics of each emotion over the training speakers, whatever the clip."""

Modality = Literal["speech", "text"]

_OWN: Final[dict[Modality, tuple[str, ...]]] = {
    "speech": ("features", "known_gain"),
    "text": ("languages", "thresholds", "fusion", "spoken", "modality"),
}
"""Fields that are written only for one modality."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known about a checkpoint."""

    name: str
    """Name of the model."""
    labels: tuple[str, ...]
    """Emotions, in the order of the outputs."""
    features: str = ""
    """Speech: name of the features."""
    languages: tuple[str, ...] = ()
    """Text: ISO 639-1 codes of the languages; empty for any language."""
    settings: dict[str, Any]
    """The training settings."""
    data: dict[str, Any]
    """Corpora, number of clips or texts, citation."""
    seed: int
    """Seed of the shipped training."""
    scores: dict[str, Any]
    """`Scores` on data that the model was not trained on; empty if none were measured."""
    temperature: float
    """Divisor of the logits before the softmax."""
    known_gain: float = 0.0
    """Speech: how much surer answers are of a speaker who is known, as `speaker.sharpness` takes it."""
    thresholds: dict[str, float] = field(default_factory=dict)
    """Text: the multi-label probability from which on each emotion counts as present, in [0, 1]."""
    calibrated: bool
    """Whether temperature and thresholds were fitted on data that the model was not trained on."""
    unsure_below: float
    """Confidence below which an answer is marked `unsure`, in [0, 1]."""
    licences: dict[str, str]
    """Licence of each part, and of the weights that follow from them."""
    sha256: str = ""
    """SHA-256 of the ONNX file."""
    created: str
    """ISO 8601 date."""
    fusion: dict[str, float] | None = None
    """Text: weights of the fusion with speech, as `pipeline.recognition.fusion` fitted them."""
    spoken: dict[str, float] | None = None
    """Text: `temperature` and `unsure_below` of the head for spoken texts, if the model has one."""
    modality: Modality = "speech"
    schema: int = SCHEMA

    @property
    def speeds(self) -> tuple[float, ...]:
        """Speech: speeds at which the model gets a phrase; the logits are averaged."""
        return tuple(self.settings.get("speeds", ())) or (1.0,)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the card's modality, ready for JSON."""
        foreign = {name for modality, names in _OWN.items() if modality != self.modality for name in names}
        return {name: value for name, value in asdict(self).items() if name not in foreign}


def read_card(folder: Path, modality: Modality = "speech") -> Card:
    """Read the card of a checkpoint.

    Args:
        folder: Folder of the checkpoint.
        modality: Whether the model must be one of speech or of text.

    Raises:
        WeightsMissing: There is no checkpoint, one of another modality, or one that this version cannot read.
    """
    try:
        values = _read(folder)
        if values.get("modality", "speech") != modality:
            raise ValueError(f"it is not of a {modality} model")
        if values["schema"] > SCHEMA:
            raise ValueError(f"schema {values['schema']} is newer than {SCHEMA}")
        if not isinstance(values["settings"], dict):
            raise ValueError("its settings are no names and values")
        return Card(**values | {name: tuple(values[name]) for name in ("labels", "languages") if name in values})
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise WeightsMissing(
            f"{folder} holds no checkpoint of {modality} that can be read ({CARD}): {reason(error)}.",
            hint="Give the folder of one, as detect.py train writes it.",
        ) from error


def modality_of(folder: Path) -> str:
    """Return the modality of the checkpoint in a folder, readable or not; empty if there is none."""
    try:
        return str(_read(folder).get("modality", "speech"))
    except (OSError, ValueError, RecursionError):
        return ""


def _read(folder: Path) -> dict[str, Any]:
    values = json.loads((folder / CARD).read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError(f"{CARD} holds no names and values")
    return values
