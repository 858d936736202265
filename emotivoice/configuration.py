"""Sizes of the model, read from the official `config.yaml` and BERT's `config.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pipeline.core.errors import SettingsError, WeightsMissing

__all__ = [
    "AudioSettings",
    "BertSizes",
    "Configuration",
    "PredictorSizes",
    "TransformerSizes",
    "VocoderSizes",
    "read_configuration",
]


@dataclass(frozen=True)
class AudioSettings:
    """The waveform and its frames."""

    sample_rate: int
    """Hertz."""
    fft_size: int
    """Samples."""
    hop_length: int
    """Samples from one frame to the next."""
    window_length: int
    """Samples."""
    lowest_frequency: float
    """Hertz, of the mel filters of the loss."""
    highest_frequency: float | None
    """Hertz, of the mel filters of the loss; None: half the sample rate."""
    channels: int
    """Channels between acoustic model and vocoder, and mel bands of the losses."""
    segment_frames: int
    """Frames that the vocoder sees in one training step."""


@dataclass(frozen=True)
class TransformerSizes:
    """Encoder or decoder."""

    layers: int
    heads: int
    width: int
    kernel: int
    dropout: float


@dataclass(frozen=True)
class PredictorSizes:
    """A predictor of durations, pitch or energy."""

    layers: int
    width: int
    kernel: int
    dropout: float


@dataclass(frozen=True)
class VocoderSizes:
    """HiFi-GAN."""

    channels: int
    width: int
    rates: tuple[int, ...]
    kernels: tuple[int, ...]
    block_kernels: tuple[int, ...]
    block_dilations: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Configuration:
    """Everything in `config.yaml` that the model uses; its dead keys are not read."""

    audio: AudioSettings
    encoder: TransformerSizes
    decoder: TransformerSizes
    duration: PredictorSizes
    pitch: PredictorSizes
    energy: PredictorSizes
    embedding_kernel: int
    """Kernel of the convolutions that add pitch and energy to the tokens."""
    style_width: int
    """Width of the style and content vectors."""
    vocoder: VocoderSizes

    @classmethod
    def read(cls, path: Path) -> Configuration:
        """Read a `config.yaml`.

        Raises:
            WeightsMissing: There is no such file.
            SettingsError: A key is missing or has an impossible value.
        """
        import yaml

        if not path.exists():
            raise WeightsMissing(f"There is no configuration '{path}'.")
        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SettingsError(f"'{path}' is not YAML: {error}.") from error
        if not isinstance(values, Mapping):
            raise SettingsError(f"'{path}' holds no settings.")
        return cls.from_dict(values, str(path))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], source: str = "the configuration") -> Configuration:
        """Read the official layout, given as a mapping.

        Raises:
            SettingsError: A key is missing or has an impossible value.
        """
        try:
            return cls._from_dict(values)
        except KeyError as error:
            raise SettingsError(f"{source} lacks the key {error}.") from error
        except (TypeError, ValueError) as error:
            raise SettingsError(f"{source} holds an impossible value: {error}.") from error

    @classmethod
    def _from_dict(cls, values: Mapping[str, Any]) -> Configuration:
        model = values["model"]
        if str(model["resblock"]) != "1":
            raise ValueError(f"resblock {model['resblock']} is not supported, only 1")
        width, kernel, dropout = model["variance_n_hidden"], model["variance_kernel_size"], model["variance_p_dropout"]
        configuration = cls(
            audio=AudioSettings(
                values["sr"],
                values["n_fft"],
                values["hop_length"],
                values["win_length"],
                values.get("fmin") or 0.0,
                values.get("fmax"),
                values["n_mels"],
                values.get("segment_size", 32),
            ),
            encoder=_transformer(model, "encoder"),
            decoder=_transformer(model, "decoder"),
            duration=PredictorSizes(
                model["duration_n_layers"], width, model["duration_kernel_size"], model["duration_p_dropout"]
            ),
            pitch=PredictorSizes(model["variance_n_layers"], width, kernel, dropout),
            # The official code gives the energy predictor these numbers whatever the file says.
            energy=PredictorSizes(2, width, 3, 0.5),
            embedding_kernel=model["variance_embed_kernel_size"],
            style_width=model["bert_embedding"],
            vocoder=VocoderSizes(
                model["initial_channel"],
                model["upsample_initial_channel"],
                tuple(model["upsample_rates"]),
                tuple(model["upsample_kernel_sizes"]),
                tuple(model["resblock_kernel_sizes"]),
                tuple(map(tuple, model["resblock_dilation_sizes"])),
            ),
        )
        configuration._check()
        return configuration

    def _check(self) -> None:
        for sizes in (self.encoder, self.decoder):
            if sizes.width % sizes.heads:
                raise ValueError(f"width {sizes.width} cannot be shared by {sizes.heads} heads")
        if self.encoder.width != self.decoder.width:
            raise ValueError("encoder and decoder differ in width")
        if self.vocoder.channels != self.audio.channels:
            raise ValueError(f"initial_channel {self.vocoder.channels} is not n_mels {self.audio.channels}")
        hop = 1
        for rate in self.vocoder.rates:
            hop *= rate
        if hop != self.audio.hop_length:
            raise ValueError(f"upsample_rates make {hop} samples of a frame, not {self.audio.hop_length}")


def _transformer(model: Mapping[str, Any], side: str) -> TransformerSizes:
    return TransformerSizes(
        model[f"{side}_n_layers"],
        model[f"{side}_n_heads"],
        model[f"{side}_n_hidden"],
        model[f"{side}_kernel_size_conv_mod"],
        model[f"{side}_p_dropout"],
    )


@dataclass(frozen=True)
class BertSizes:
    """BERT, as its `config.json` gives it; `model_type` is not asked for, since the official file has none."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    inner_width: int
    positions: int
    token_types: int
    epsilon: float

    @classmethod
    def read(cls, path: Path) -> BertSizes:
        """Read a `config.json`.

        Raises:
            WeightsMissing: There is no such file.
            SettingsError: A key is missing, or the activation is not the exact GELU.
        """
        if not path.exists():
            raise WeightsMissing(f"There is no configuration '{path}'.")
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values.get("hidden_act", "gelu") != "gelu":
                raise SettingsError(f"'{path}' asks for the activation {values['hidden_act']}; only gelu is known.")
            return cls(
                values["vocab_size"],
                values["hidden_size"],
                values["num_hidden_layers"],
                values["num_attention_heads"],
                values["intermediate_size"],
                values["max_position_embeddings"],
                values.get("type_vocab_size", 2),
                values.get("layer_norm_eps", 1e-12),
            )
        except KeyError as error:
            raise SettingsError(f"'{path}' lacks the key {error}.") from error
        except (ValueError, AttributeError) as error:
            raise SettingsError(f"'{path}' is not a configuration of BERT: {error}.") from error


def read_configuration(name: str) -> str:
    """Return the text of a configuration that comes with the package, `official` or `small`."""
    return (resources.files(__package__) / "configurations" / f"{name}.yaml").read_text(encoding="utf-8")
