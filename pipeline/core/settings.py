"""Settings: flags override the environment, which overrides the user's file, which overrides `configs/default.yaml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from pipeline.core.errors import SettingsError
from pipeline.core.failures import DEBUG_VARIABLE
from pipeline.core.messages import reason
from pipeline.core.options import (
    AlertOptions,
    BatchOptions,
    CallOptions,
    EngineSettings,
    ServerOptions,
    explain,
    option_name,
)
from pipeline.core.paths import HOME_VARIABLE, bundled
from pipeline.core.yaml_files import read_yaml

__all__ = ["ENVIRONMENT_PREFIX", "Settings", "load_settings"]

ENVIRONMENT_PREFIX: Final = "RESAY_"
"""Beginning of the environment variables that hold settings."""


class Settings(EngineSettings, CallOptions, BatchOptions, ServerOptions, AlertOptions):
    """Everything that a person can set once for all commands."""


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    config: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Settings, dict[str, str]]:
    """Return the settings and where each value comes from.

    Args:
        flags: Values given on the command line; None stands for "not given".
        config: The user's YAML file.
        environment: Environment variables; those of the process by default.

    Returns:
        The settings, and for each field its origin:
        `flag`, `environment`, the path of the file, or `default`.

    Raises:
        SettingsError: A key is unknown, a value is impossible, or the file is unreadable.
    """
    environment = os.environ if environment is None else environment
    layers: list[tuple[str, Mapping[str, Any]]] = [("default", _read_yaml(bundled("configs", "default.yaml")))]
    if config is not None:
        layers.append((str(config), _read_yaml(Path(config))))
    own = {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and name not in (HOME_VARIABLE, DEBUG_VARIABLE)
    }
    layers.append(("environment", own))
    layers.append(("flag", {name: value for name, value in (flags or {}).items() if value is not None}))
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        named: dict[str, Any] = {}
        written: dict[str, str] = {}
        for name, value in layer.items():
            option = option_name(name, Settings.model_fields)
            if option in named:
                raise SettingsError(
                    f"'{written[option]}' and '{name}' (from {origin}) are the same setting.",
                    hint="Leave one of them out.",
                )
            named[option], written[option] = value, name
        values |= named
        origins |= dict.fromkeys(named, origin)
    try:
        return Settings.model_validate(values), origins
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        origin = origins.get(name, "default")
        shown = {
            "flag": f"--{name.replace('_', '-')}",
            "environment": f"The setting {ENVIRONMENT_PREFIX}{name.upper()} (from environment)",
        }
        message, hint = explain(error, Settings, shown=shown.get(origin, f"The setting '{name}' (from {origin})"))
        raise SettingsError(message, hint=hint) from error


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = read_yaml(path)
    # A date that does not exist is a ValueError.
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {reason(error)}.") from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise SettingsError(f"The settings file {path} must hold lines of 'name: value'.")
    return values
