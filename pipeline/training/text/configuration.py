"""The settings of a training on text: a YAML file with `modality: text` that names a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import SettingsError, UnknownName
from pipeline.training.settings import checked, read_values
from pipeline.training.text.models import TEXT_MODELS
from pipeline.training.text.models.settings import TextSettings

__all__ = ["load_text_config", "modality_of", "validated_text"]


def modality_of(config: Path) -> str:
    """Return what settings are of: `speech`, `text` or `both`; what says nothing, or cannot be read, is of speech."""
    try:
        values = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return "speech"
    return str(values.get("modality", "speech")) if isinstance(values, dict) else "speech"


def load_text_config(config: Path) -> TextSettings:
    """Read the settings of a training from YAML.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    values = read_values(config)
    return validated_text(values, config)


def validated_text(values: dict[str, Any], source: Path) -> TextSettings:
    """Return settings of the text model that they name.

    Args:
        values: Names and values, as YAML or JSON gave them.
        source: Where they come from, for the message.

    Raises:
        SettingsError: There is no such model, a key is unknown, or a value impossible.
    """
    try:
        kind = TEXT_MODELS.find(str(values.get("model", "bert"))).settings_class()
    except UnknownName as error:
        hint = f"Choose one of {', '.join(spec.name for spec in TEXT_MODELS)}."
        raise SettingsError(f"The setting 'model' (from {source}) is impossible: {error.message}", hint) from error
    return checked(kind, values, source)
