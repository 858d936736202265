"""The settings of a training: a YAML file that names a model and its features."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.core.errors import SettingsError, UnknownName
from pipeline.recognition.speech.models import MODELS, find_model

__all__ = ["load_config", "validated"]


def load_config(config: Path, **changes: Any) -> BaseModel:
    """Read the settings of a training from YAML; a file that names no model is one of `cnn1d`.

    Args:
        config: The file.
        changes: Settings that stand above those of the file; None changes nothing.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    try:
        values = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"The settings file {config} cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {config} cannot be read: it holds no names and values.")
    return validated(values | {name: value for name, value in changes.items() if value is not None}, config)


def validated(values: dict[str, Any], source: Path) -> BaseModel:
    """Return settings of the model that they name.

    Args:
        values: Names and values, as YAML or JSON gave them.
        source: Where they come from, for the message.

    Raises:
        SettingsError: There is no such model, a key is unknown, or a value impossible.
    """
    try:
        kind = find_model(str(values.get("model", "cnn1d"))).settings_class()
    except UnknownName as error:
        hint = f"Choose one of {', '.join(spec.name for spec in MODELS)}."
        raise SettingsError(f"The setting 'model' (from {source}) is impossible: {error.message}", hint) from error
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = list(kind.model_fields)
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(known)}."
            raise SettingsError(f"There is no setting '{name}' (from {source}).", hint=hint) from error
        raise SettingsError(f"The setting '{name}' (from {source}) is impossible: {first['msg']}.") from error
