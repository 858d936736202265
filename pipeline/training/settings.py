"""Files of settings for models, and what is said of a wrong one."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.core.errors import SettingsError

__all__ = ["checked", "read_values"]

Settings = TypeVar("Settings", bound=BaseModel)


def read_values(config: Path) -> dict[str, Any]:
    """Return the names and values of a YAML file; none of an empty one.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        values = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"The settings file {config} cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {config} cannot be read: it holds no names and values.")
    return values


def checked(kind: type[Settings], values: dict[str, Any], source: Path) -> Settings:
    """Return settings of a kind.

    Args:
        kind: Class of the settings.
        values: Names and values, as YAML or JSON gave them.
        source: Where they come from, for the message.

    Raises:
        SettingsError: A key is unknown, or a value impossible; the message names the nearest known key.
    """
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
