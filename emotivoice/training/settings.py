"""What a training run is told, in the section `training` of its configuration."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from pipeline.core.errors import SettingsError
from pipeline.core.messages import in_words, reason, refusal
from pipeline.core.spelling import did_you_mean
from pipeline.core.yaml_files import read_yaml

__all__ = ["TrainingSettings"]


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of one run; paths are relative to the configuration's folder."""

    data: Path
    """Folder of recordings with a list; see `emotivoice.training.data`."""
    output: Path
    """Folder of checkpoints, in the official layout, so that it can be spoken with at once."""
    start: Path | None = None
    """Folder of weights to go on from, as fine-tuning does; None: from scratch."""
    steps: int = 100_000
    """Steps of the generator, those before a resumption included."""
    batch: int = 16
    """Recordings of a step, per process."""
    learning_rate: float = 2e-4
    """2e-4 from scratch; the official fine-tuning has 1.25e-5."""
    betas: tuple[float, float] = (0.5, 0.9)
    """Memory of Adam; discriminators want a short one, without them a longer one learns faster."""
    decay: float = 0.999875
    """Factor on the learning rate after every epoch."""
    adversarial_from: int = 0
    """Step at which the discriminators join; before it the generator learns from spectra alone, many times faster."""
    frame_weight: float = 0.0
    """Weight of the error of the acoustic model's frames as mel spectra.

    0 leaves them free, as in the official model; 1 lets a model from scratch begin to speak much sooner.
    """
    spectral_weight: float = 0.0
    """Weight of the error of the waveform's spectra at several resolutions.

    0 as in the official training; while no discriminator judges, it teaches the vocoder sooner what is understood.
    """
    discriminator_width: float = 1.0
    """Factor on the channels of the discriminators, down to 1/8."""
    train_style: bool = False
    """Whether the style encoder learns as well; from scratch it must."""
    ignore_content: bool = False
    """Whether the content vector is kept from the acoustic model, as is wise where texts are few."""
    only_speakers: bool = False
    """Whether nothing but the table of speakers learns, so that old voices stay as they are."""
    validation: int = 3
    """Recordings kept for validation, the last of the list."""
    validate_every: int = 1000
    """Steps."""
    checkpoint_every: int = 5000
    """Steps."""
    keep_checkpoints: int = 3
    """Older ones are removed."""
    workers: int = 0
    """Processes that prepare recordings."""
    device: str = "auto"
    """`cpu`, `cuda`, or `auto`."""
    half: bool = False
    """Whether networks compute in bfloat16; alignment and losses never do."""
    seed: int = 0
    longest_seconds: float = 15.0
    """Longer recordings are left out."""

    @classmethod
    def read(cls, path: Path) -> TrainingSettings:
        """Read the section `training` of a configuration.

        Raises:
            SettingsError: A setting is unknown, missing or impossible.
        """
        try:
            values = read_yaml(path)
        except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
            raise SettingsError(f"'{path}' cannot be read: {reason(error)}.") from error
        section = values.get("training") if isinstance(values, dict) else None
        if not isinstance(section, dict):
            raise SettingsError(f"'{path}' has no section 'training'.", hint="It needs at least data and output.")
        return cls.from_dict(section, path.parent)

    @classmethod
    def from_dict(cls, values: dict[str, Any], base: Path) -> TrainingSettings:
        """Check settings given as a mapping.

        Raises:
            SettingsError: A setting is unknown, missing or impossible.
        """
        known = {item.name: item for item in fields(cls)}
        for name in values:
            if name not in known:
                raise SettingsError(f"There is no setting 'training.{name}'.", did_you_mean(name, known).strip())
        for name in ("data", "output"):
            if name not in values:
                raise SettingsError(f"The setting 'training.{name}' is missing.")
        paths = {name: base / values[name] for name in ("data", "output", "start") if values.get(name)}
        try:
            settings = TypeAdapter(cls).validate_python({**values, **paths})
        except ValidationError as error:
            first = error.errors()[0]
            given, wrong = in_words(first["input"]), first["loc"][0]
            raise SettingsError(f"The setting 'training.{wrong}' cannot be '{given}': {refusal(first)}.") from error
        if not all(0 <= beta < 1 for beta in settings.betas):
            raise SettingsError("training.betas are two numbers from 0 to below 1.")
        if settings.batch < 1 or settings.steps < 1 or settings.learning_rate <= 0:
            raise SettingsError("training.batch, training.steps and training.learning_rate have to be positive.")
        if not 1 / 8 <= settings.discriminator_width <= 1:
            raise SettingsError("training.discriminator_width can be from 0.125 to 1.")
        return settings
