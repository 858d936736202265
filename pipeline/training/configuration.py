"""The YAML files that say what is trained and how, and what is said of a wrong one.

A file says with `kind: decoder`, `kind: acting` or `kind: judge` what it makes; any other is of a recogniser, which
says its `modality`: speech by default, text, or both for what is only evaluated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.core.catalogue import Catalogue
from pipeline.core.errors import SettingsError, UnknownName
from pipeline.core.messages import in_words, reason, refusal
from pipeline.core.spelling import did_you_mean
from pipeline.core.yaml_files import read_yaml
from pipeline.training.model_specs import ModelSpec
from pipeline.training.runs import settings_in
from pipeline.training.speech.models import MODELS
from pipeline.training.text.models import TEXT_MODELS

__all__ = ["KINDS", "kind_of", "load_config", "load_settings", "read_settings"]

KINDS: Final = ("speech", "text", "both", "decoder", "acting", "judge")
"""What a file can be of."""

_KIND: Final = "kind"
_DEFAULT_MODELS: Final = {"speech": "cnn1d", "text": "bert"}
"""The model of a file that names none."""

Settings = TypeVar("Settings", bound=BaseModel)


def kind_of(config: Path) -> str:
    """Return what a file is of, one of `KINDS`.

    Raises:
        SettingsError: The file cannot be read, or is of something else.
    """
    values = _read(config)
    kind = str(values.get(_KIND, values.get("modality", "speech")))
    if kind not in KINDS:
        raise SettingsError(
            f"Nothing of the kind '{kind}' can be trained (from {config}).", f"Choose one of {', '.join(KINDS)}."
        )
    return kind


def load_settings(kind: type[Settings], config: Path) -> Settings:
    """Read settings of a class from YAML.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    return _checked(kind, _settings_in(config), config)


def load_config(config: Path, **changes: Any) -> Any:
    """Read the settings of a model of speech or text from YAML.

    Args:
        config: The file.
        changes: Settings that stand above those of the file; None changes nothing.

    Raises:
        SettingsError: The file cannot be read, there is no such model, a key is unknown, or a value impossible.
    """
    return _of_model(
        _settings_in(config) | {name: value for name, value in changes.items() if value is not None}, config
    )


def _settings_in(config: Path) -> dict[str, Any]:
    """Return what a file sets, without its kind."""
    return {name: value for name, value in _read(config).items() if name != _KIND}


def read_settings(run: Path) -> Any:
    """Return the settings of a run's model.

    Raises:
        SettingsError: The folder holds no run, or one that this version does not know.
    """
    return _of_model(settings_in(run), run)


def _read(config: Path) -> dict[str, Any]:
    """Return the names and values of a file; none of an empty one."""
    try:
        values = read_yaml(config) or {}
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        hint = "Give --config a YAML file, such as configs/cnn1d.yaml of Resay." if not config.exists() else ""
        raise SettingsError(f"The settings file {config} cannot be read: {reason(error)}.", hint) from error
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {config} cannot be read: it holds no names and values.")
    return values


def _of_model(values: dict[str, Any], source: Path) -> BaseModel:
    """Return settings of the model that they name."""
    modality = "text" if values.get("modality") == "text" else "speech"
    models: Catalogue[ModelSpec[Any]] = TEXT_MODELS if modality == "text" else MODELS
    if values.get("modality") == "speech":
        values = {name: value for name, value in values.items() if name != "modality"}
    try:
        kind = models.find(str(values.get("model", _DEFAULT_MODELS[modality]))).settings_class()
    except UnknownName as error:
        raise SettingsError(
            f"The setting 'model' (from {source}) is impossible: {error.message}", error.hint
        ) from error
    return _checked(kind, values, source)


def _checked(kind: type[Settings], values: dict[str, Any], source: Path) -> Settings:
    """Return settings of a class; an error names the nearest known key."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = list(kind.model_fields)
        if first["type"] == "extra_forbidden":
            hint = did_you_mean(name, known, likeness=0.5).strip() or f"Known are {', '.join(known)}."
            raise SettingsError(f"There is no setting '{name}' (from {source}).", hint=hint) from error
        if first["type"] == "missing":
            raise SettingsError(f"The setting '{name}' (from {source}) is missing.") from error
        given = in_words(first["input"])
        raise SettingsError(f"The setting '{name}' (from {source}) cannot be '{given}': {refusal(first)}.") from error
