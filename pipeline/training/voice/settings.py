"""The settings of a training of the embedded voice: `configs/voice.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.errors import SettingsError

__all__ = ["VoiceSettings", "read_settings"]


class VoiceSettings(BaseModel):
    """How much the teacher reads, how large the student is, and how it learns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentences: int = Field(3600, ge=10)
    """Sentences that the teacher reads."""
    held_out: int = Field(60, ge=1)
    """How many of them the figures are taken from, and nothing is learned from."""
    seed: int = 0
    """Of the choice of sentences, the weights and the batches."""
    encoder_channels: int = Field(128, ge=8)
    """Width of the layers that see phones."""
    encoder_layers: int = Field(4, ge=1)
    """How many of them."""
    decoder_channels: int = Field(160, ge=8)
    """Width of the layers that see frames."""
    decoder_layers: int = Field(6, ge=1)
    """How many of them."""
    dropout: float = Field(0.05, ge=0, lt=1)
    """Share of activations that are dropped while learning."""
    epochs: int = Field(10, ge=1)
    """Times that every sentence is learned from."""
    batch_size: int = Field(8, ge=1)
    """Sentences of a step."""
    learning_rate: float = Field(0.0015, gt=0)
    """At the start; it falls to zero in a straight line."""
    weight_decay: float = Field(0.01, ge=0)
    """Of AdamW."""


def read_settings(path: Path) -> VoiceSettings:
    """Read the settings from YAML.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from error
    try:
        return VoiceSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "file"
        raise SettingsError(
            f"The setting '{name}' (from {path}) is impossible: {first['msg']}.",
            hint=f"Known are {', '.join(VoiceSettings.model_fields)}.",
        ) from error
