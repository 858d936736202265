"""Settings: flag over environment over a file of one's own over `configs/default.yaml`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.errors import SettingsError
from pipeline.core.paths import HOME_VARIABLE, bundled

__all__ = ["ENVIRONMENT_PREFIX", "Settings", "load_settings"]

ENVIRONMENT_PREFIX: Final = "RESAY_"


class Settings(BaseModel):
    """Everything that a person can set once for all commands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = "auto"
    """Emotion model."""
    asr: str = "auto"
    """Transcription engine."""
    tts: str = "auto"
    """Synthesis engine."""
    decoding: str = ""
    """How the transcription engine finds the text, where it knows several ways; empty for its own."""
    language: str = Field("en", pattern=r"^(auto|[A-Za-z]{2,3}(-[A-Za-z0-9]+)*)$")
    """Language of the recordings, as an ISO 639-1 code; `auto` for an engine that finds it out."""
    hint: str = ""
    """Names and words to expect in the recordings, separated by commas."""
    emotion: str = Field("auto", min_length=1)
    """Emotion or mood of the result; `auto` is the detected one."""
    emotion_from: Literal["speech", "text", "both"] = "speech"
    """What tells the detected emotion: the voice, its words, or both together."""
    voice: str = Field("youngwoman", min_length=1)
    """Voice of the result."""
    strength: float = Field(1.0, ge=0, le=2)
    """How strongly an emotion is acted: 0 is neutral, 1 as measured on actors, 2 twice that."""
    acting: float = Field(0.5, ge=0, le=1)
    """Share of the learnt acting that is put on the sound of an engine which acts by prompts; 0 leaves it as it is."""
    emotion_recording: str = ""
    """Another recording whose emotion `auto` takes, and how strongly; empty for the emotion of the recording itself."""
    copy_prosody: bool = False
    """Whether the result keeps the melody, loudness and tempo of the recording, word by word."""
    keep_timing: bool = False
    """Whether every phrase of the result is fitted to the time that it has in the recording."""
    sound: str = "wav"
    """Formats of the results, separated by commas: wav, flac, mp3, opus; the first is that of the numbered result."""
    verify: bool = False
    """Whether results are listened to again."""
    candidates: int = Field(1, ge=1, le=8)
    """How many variants of a result are made, the best being kept; more than one implies `verify`."""
    most_words_wrong: float = Field(0.3, ge=0)
    """Share of words heard wrongly above which a result fails its verification."""
    least_probability: float = Field(0.0, ge=0, le=1)
    """Probability of the asked emotion under which a result fails its verification; 0 fails none for its emotion."""
    output: Path = Path("output")
    """Folder of the numbered results."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where engines compute that can choose."""
    threads: int = Field(0, ge=0, le=256)
    """Computing threads of an engine; 0 lets the engine choose."""
    max_bytes: int = Field(2 * 1024**3, gt=0)
    """Bytes; a larger recording is refused."""
    max_seconds: float = Field(7200, gt=0)
    """Seconds; a longer recording is refused."""
    max_streamed_seconds: float = Field(86400, gt=0)
    """Seconds; as `max_seconds`, for what holds only a part of a recording at a time."""

    @property
    def spoken_language(self) -> str:
        """Language of the result; empty, for the engine's own, where that of the recordings is to be found out."""
        return "" if self.language == "auto" else self.language


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Settings, dict[str, str]]:
    """Return the settings and where each value comes from.

    Args:
        flags: Values given on the command line; None stands for "not given".
        config: A YAML file of the user's own.
        environment: Environment variables; those of the process by default.

    Returns:
        The settings, and for each field its origin:
        `flag`, `environment`, the path of the file, or `default`.

    Raises:
        SettingsError: A key is unknown, a value impossible, or the file unreadable.
    """
    environment = os.environ if environment is None else environment
    defaults = bundled("configs", "default.yaml")
    layers: list[tuple[str, Mapping[str, Any]]] = [("default", _read_yaml(defaults))]
    if config is not None:
        layers.append((str(config), _read_yaml(config)))
    layers.append(
        (
            "environment",
            {
                name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
                for name, value in environment.items()
                if name.startswith(ENVIRONMENT_PREFIX) and name != HOME_VARIABLE
            },
        )
    )
    layers.append(("flag", {name: value for name, value in (flags or {}).items() if value is not None}))
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    try:
        return Settings.model_validate(values), origins
    except ValidationError as error:
        raise _explained(error, origins) from error


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"The settings file {path} is not YAML: {str(error).splitlines()[0]}.") from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise SettingsError(f"The settings file {path} must hold lines of 'name: value'.")
    return values


def _explained(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    origin = origins.get(name, "default")
    shown = f"{ENVIRONMENT_PREFIX}{name.upper()}" if origin == "environment" else f"'{name}'"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, list(Settings.model_fields), n=1, cutoff=0.5)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(Settings.model_fields)}."
        return SettingsError(f"There is no setting {shown} (from {origin}).", hint=hint)
    return SettingsError(f"The setting {shown} (from {origin}) cannot be '{first['input']}': {first['msg']}.")
