"""Sizes of the model, read from the official `config.yaml` and BERT's `config.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.core.errors import SettingsError, WeightsMissing
from pipeline.core.messages import reason, refusal
from pipeline.core.yaml_files import parse_yaml

__all__ = [
    "AudioSettings",
    "BertSizes",
    "Configuration",
    "PredictorSizes",
    "TransformerSizes",
    "VocoderSizes",
    "read_configuration",
]

Sizes = TypeVar("Sizes")


@dataclass(frozen=True)
class AudioSettings:
    """The waveform and its frames."""

    sample_rate: int = Field(alias="sr")
    """Hertz."""
    fft_size: int = Field(alias="n_fft")
    """Samples."""
    hop_length: int = Field(alias="hop_length")
    """Samples from one frame to the next."""
    window_length: int = Field(alias="win_length")
    """Samples."""
    lowest_frequency: float = Field(alias="fmin")
    """Hertz, of the mel filters of the loss."""
    highest_frequency: float | None = Field(alias="fmax")
    """Hertz, of the mel filters of the loss; None: half the sample rate."""
    channels: int = Field(alias="n_mels")
    """Channels between acoustic model and vocoder, and mel bands of the losses."""
    segment_frames: int = Field(32, alias="segment_size")
    """Frames that the vocoder sees in one training step."""


@dataclass(frozen=True)
class TransformerSizes:
    """Encoder or decoder."""

    layers: int = Field(alias="n_layers")
    heads: int = Field(alias="n_heads")
    width: int = Field(alias="n_hidden")
    kernel: int = Field(alias="kernel_size_conv_mod")
    dropout: float = Field(alias="p_dropout")

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared by {self.heads} heads")


@dataclass(frozen=True)
class PredictorSizes:
    """A predictor of durations, pitch or energy."""

    layers: int = Field(alias="n_layers")
    width: int = Field(alias="n_hidden")
    kernel: int = Field(alias="kernel_size")
    dropout: float = Field(alias="p_dropout")


@dataclass(frozen=True)
class VocoderSizes:
    """HiFi-GAN."""

    channels: int = Field(alias="initial_channel")
    width: int = Field(alias="upsample_initial_channel")
    rates: tuple[int, ...] = Field(alias="upsample_rates")
    kernels: tuple[int, ...] = Field(alias="upsample_kernel_sizes")
    block_kernels: tuple[int, ...] = Field(alias="resblock_kernel_sizes")
    block_dilations: tuple[tuple[int, ...], ...] = Field(alias="resblock_dilation_sizes")
    block: Literal["1"] = Field("1", alias="resblock")
    """Kind of the residual blocks; the official code has a second, which no model uses."""


@dataclass(frozen=True)
class Configuration:
    """Everything in `config.yaml` that the model uses; its dead keys are not read."""

    audio: AudioSettings
    encoder: TransformerSizes
    decoder: TransformerSizes
    duration: PredictorSizes
    pitch: PredictorSizes
    energy: PredictorSizes
    vocoder: VocoderSizes
    embedding_kernel: int = Field(alias="variance_embed_kernel_size")
    """Kernel of the convolutions that add pitch and energy to the tokens."""
    style_width: int = Field(alias="bert_embedding")
    """Width of the style and content vectors."""

    def __post_init__(self) -> None:
        if self.encoder.width != self.decoder.width:
            raise ValueError("encoder and decoder differ in width")
        if self.vocoder.channels != self.audio.channels:
            raise ValueError(f"initial_channel {self.vocoder.channels} is not n_mels {self.audio.channels}")
        if (hop := math.prod(self.vocoder.rates)) != self.audio.hop_length:
            raise ValueError(f"upsample_rates make {hop} samples of a frame, not {self.audio.hop_length}")

    @classmethod
    def read(cls, path: Path) -> Configuration:
        """Read a `config.yaml`.

        Raises:
            WeightsMissing: There is no such file.
            SettingsError: A key is missing or has an impossible value.
        """
        return cls.from_dict(_read(path, parse_yaml), str(path))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], source: str = "the configuration") -> Configuration:
        """Read the official layout, given as a mapping.

        Raises:
            SettingsError: A key is missing or has an impossible value.
        """
        model = values.get("model")
        if not isinstance(model, Mapping):
            raise SettingsError(f"{source} lacks the section model.")

        def part(prefix: str) -> dict[str, Any]:
            return {name.removeprefix(prefix): value for name, value in model.items() if name.startswith(prefix)}

        variance = part("variance_")
        parts = {
            "audio": {"fmax": None, **values, "fmin": values.get("fmin") or 0.0},
            "encoder": part("encoder_"),
            "decoder": part("decoder_"),
            "pitch": variance,
            "duration": variance | part("duration_"),
            # The official code gives the energy predictor these numbers whatever the file says.
            "energy": variance | {"n_layers": 2, "kernel_size": 3, "p_dropout": 0.5},
            "vocoder": {**model, "resblock": str(model.get("resblock"))},
        }
        return _checked(cls, {**model, **parts}, source)


@dataclass(frozen=True)
class BertSizes:
    """BERT, as its `config.json` gives it; `model_type` is not asked for, since the official file has none."""

    vocabulary: int = Field(alias="vocab_size")
    width: int = Field(alias="hidden_size")
    layers: int = Field(alias="num_hidden_layers")
    heads: int = Field(alias="num_attention_heads")
    inner_width: int = Field(alias="intermediate_size")
    positions: int = Field(alias="max_position_embeddings")
    token_types: int = Field(2, alias="type_vocab_size")
    epsilon: float = Field(1e-12, alias="layer_norm_eps")
    activation: Literal["gelu"] = Field("gelu", alias="hidden_act")
    """Only the exact GELU is known."""

    @classmethod
    def read(cls, path: Path) -> BertSizes:
        """Read a `config.json`.

        Raises:
            WeightsMissing: There is no such file.
            SettingsError: A key is missing, or the activation is not the exact GELU.
        """
        return _checked(cls, _read(path, json.loads), str(path))


def read_configuration(name: str) -> str:
    """Return the text of a configuration that comes with the package, `official` or `small`."""
    return (resources.files(__package__) / "configurations" / f"{name}.yaml").read_text(encoding="utf-8")


def _read(path: Path, parse: Callable[[str], Any]) -> Mapping[str, Any]:
    """Return the names and values of a file."""
    if not path.exists():
        raise WeightsMissing(f"There is no configuration '{path}'.")
    try:
        values = parse(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise SettingsError(f"'{path}' cannot be read: {reason(error)}.") from error
    if not isinstance(values, Mapping):
        raise SettingsError(f"'{path}' holds no settings.")
    return values


def _checked(kind: type[Sizes], values: Mapping[str, Any], source: str) -> Sizes:
    """Return sizes of a class; an error names the first key that is missing or impossible."""
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise SettingsError(f"{source} lacks the key {key}.") from error
        raise SettingsError(f"{source} holds an impossible value{key and f' of {key}'}: {refusal(first)}.") from error
