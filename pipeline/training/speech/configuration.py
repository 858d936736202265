"""The settings of a training: a YAML file that names a model and its features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline.core.errors import SettingsError, UnknownName
from pipeline.training.runs import settings_in
from pipeline.training.settings import checked, read_values
from pipeline.training.speech.models import MODELS

__all__ = ["load_config", "read_settings", "validated"]


def load_config(config: Path, **changes: Any) -> BaseModel:
    """Read the settings of a training from YAML; a file that names no model is one of `cnn1d`.

    Args:
        config: The file.
        changes: Settings that stand above those of the file; None changes nothing.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    values = read_values(config)
    return validated(values | {name: value for name, value in changes.items() if value is not None}, config)


def read_settings(run: Path) -> Any:
    """Return the settings of a run's model.

    Raises:
        SettingsError: The folder holds no run, or one that this version does not know.
    """
    return validated(settings_in(run), run)


def validated(values: dict[str, Any], source: Path) -> BaseModel:
    """Return settings of the model that they name.

    Args:
        values: Names and values, as YAML or JSON gave them.
        source: Where they come from, for the message.

    Raises:
        SettingsError: There is no such model, a key is unknown, or a value impossible.
    """
    try:
        kind = MODELS.find(str(values.get("model", "cnn1d"))).settings_class()
    except UnknownName as error:
        hint = f"Choose one of {', '.join(spec.name for spec in MODELS)}."
        raise SettingsError(f"The setting 'model' (from {source}) is impossible: {error.message}", hint) from error
    return checked(kind, values, source)
